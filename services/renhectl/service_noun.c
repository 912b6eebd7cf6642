/* What waits or failed in one service: outbox, dead letters, parked events, projections. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "renhectl.h"

/* ---- lists ---- */

static enum exit_code show(const struct call *c, const char *operation, const char *id)
{
	char *table;
	enum exit_code code = program_operate(c, operation, id, &table);

	if (code != EXIT_DONE)
		return code;
	struct list l = program_list(c->arena, table);
	put_list(c, &l);
	return EXIT_DONE;
}

static enum exit_code outbox_status(const struct call *c)
{
	return show(c, "outbox", NULL);
}

static enum exit_code letters_list(const struct call *c)
{
	return show(c, "dead-letters", NULL);
}

static enum exit_code letters_show(const struct call *c)
{
	return show(c, "dead-letter", c->args[1]);
}

static enum exit_code parked_list(const struct call *c)
{
	return show(c, "parked", NULL);
}

static enum exit_code projections_status(const struct call *c)
{
	return show(c, "partitions", NULL);
}

static enum exit_code projections_sequences(const struct call *c)
{
	return show(c, "aggregates", NULL);
}

/* The program itself says what went wrong. */
static enum exit_code show_projection(const struct call *c, const char *operation)
{
	char *table;
	enum exit_code code = program_ask(c, operation, c->args[1], &table);

	if (code != EXIT_DONE)
		return code;
	struct list l = program_list(c->arena, table);
	put_list(c, &l);
	return EXIT_DONE;
}

static enum exit_code projections_hash(const struct call *c)
{
	return show_projection(c, "projection-hash");
}

static enum exit_code projections_rebuild(const struct call *c)
{
	return show_projection(c, c->dry_run ? "projection-compare" : "projection-rebuild");
}

/* ---- dead letters that are settled ---- */

static enum exit_code settle(const struct call *c, const char *operation, const char *done)
{
	const struct cell cells[] = {{"service", c->args[0]}, {"#id", c->args[1]}, {"state", done}};
	char *table;

	if (c->dry_run)
		return letters_show(c);
	enum exit_code code = program_operate(c, operation, c->args[1], &table);
	if (code == EXIT_DONE)
		put_record(c, cells, sizeof(cells) / sizeof(cells[0]));
	return code;
}

static enum exit_code letters_retry(const struct call *c)
{
	return settle(c, "retry", "HANDLED");
}

static enum exit_code letters_drop(const struct call *c)
{
	return settle(c, "drop", "DROPPED");
}

const struct verb OUTBOX_VERBS[] = {
	{"status", "SERVICE", &TEXT_DEF_HELP_OUTBOX_STATUS, 1, outbox_status, READS},
	{.name = NULL},
};
const struct verb DEAD_LETTER_VERBS[] = {
	{"list", "SERVICE", &TEXT_DEF_HELP_DEAD_LETTERS_LIST, 1, letters_list, READS},
	{"show", "SERVICE ID", &TEXT_DEF_HELP_DEAD_LETTERS_SHOW, 2, letters_show, READS},
	{"retry", "SERVICE ID", &TEXT_DEF_HELP_DEAD_LETTERS_RETRY, 2, letters_retry, WRITES},
	{"drop", "SERVICE ID", &TEXT_DEF_HELP_DEAD_LETTERS_DROP, 2, letters_drop,
	 WRITES | DANGEROUS},
	{.name = NULL},
};
const struct verb PARKED_VERBS[] = {
	{"list", "SERVICE", &TEXT_DEF_HELP_PARKED_EVENTS_LIST, 1, parked_list, READS},
	{.name = NULL},
};
const struct verb PROJECTION_VERBS[] = {
	{"status", "SERVICE", &TEXT_DEF_HELP_PROJECTIONS_STATUS, 1, projections_status, READS},
	{"sequences", "SERVICE", &TEXT_DEF_HELP_PROJECTIONS_SEQUENCES, 1, projections_sequences, READS},
	{"hash", "SERVICE NAME", &TEXT_DEF_HELP_PROJECTIONS_HASH, 2, projections_hash, READS},
	{"rebuild", "SERVICE NAME", &TEXT_DEF_HELP_PROJECTIONS_REBUILD, 2, projections_rebuild, WRITES},
	{.name = NULL},
};
