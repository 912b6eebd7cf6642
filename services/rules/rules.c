#include "rules.h"
#include <string.h>

static bool refuse(struct rules *r, enum rule_fault_kind kind, enum law_scheme s, const char *item)
{
	if (r->fault.kind == RULE_FINE)
		r->fault = (struct rule_fault){kind, s, item};
	return false;
}

bool rule_input(struct rules *r, const char *item)
{
	return refuse(r, RULE_INPUT, LAW_SCHEMES, item);
}

bool rule_overflow(struct rules *r, const char *item)
{
	return refuse(r, RULE_OVERFLOW, LAW_SCHEMES, item);
}

const char *rule_place(const struct rules *r, enum law_scheme s)
{
	return law_scheme_local(s) ? r->place : LAW_NATIONAL;
}

void rule_used(const struct rules *r, const struct law_row *row)
{
	struct rule_trace *t = r->trace;

	if (!t || !row)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i] == row)
			return;
	if (t->n < RULE_TRACED)
		t->rows[t->n++] = row;
}

const struct law_row *rule_row_any(const struct rules *r, enum law_scheme s, const char *item)
{
	const struct law_row *row = law_find(r->law, s, rule_place(r, s), item, r->day);

	rule_used(r, row);
	return row;
}

const struct law_row *rule_row(struct rules *r, enum law_scheme s, const char *item)
{
	const struct law_row *row = rule_row_any(r, s, item);

	if (!row)
		refuse(r, RULE_NO_LAW, s, item);
	return row;
}

/* -1 where s is no number. */
static int number(const char *s)
{
	int v = 0;

	if (!*s || strlen(s) > 6)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = v * 10 + (*s - '0');
	}
	return v;
}

const struct law_row *rule_step(struct rules *r, enum law_scheme s, const char *prefix, int reached)
{
	const struct law_row *rows[64], *best = NULL;
	size_t n = law_table(r->law, s, rule_place(r, s), r->day, rows, 64), skip = strlen(prefix);
	int highest = -1;

	for (size_t i = 0; i < n; i++) {
		int from = strncmp(rows[i]->item, prefix, skip) == 0 ? number(rows[i]->item + skip) : -1;

		if (from > highest && from <= reached) {
			highest = from;
			best = rows[i];
		}
	}
	if (!best)
		refuse(r, RULE_NO_LAW, s, prefix);
	rule_used(r, best);
	return best;
}

bool rule_round(struct rules *r, struct ratio v, int64_t unit, const char *item, int64_t *out)
{
	return ratio_round(v, unit, out) || rule_overflow(r, item);
}
