/* Facts folded into slices: rows by hand, and random facts against an oracle that asks every fact for
 * every day. The message is the employee of the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#undef fail /* of cmocka, as its fail_msg; ours raises faults */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
#include "archive.gen.h"
#include "dated.h"

static const struct message_rule *const RULE = &RULE_ARCHIVE_EMPLOYEE;
/* Strings are told by their first letter in rows: place, grade, probation end. */
static const char *const FIELDS[] = {"work_place", "job_grade", "probation_end_date"};
enum { N_FIELDS = 3, MAX_FACTS = 12, MAX_SLICES = 6, DAYS = 28 };

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- facts as rows have them ---- */

/* Values in the order of FIELDS: NULL says nothing of the field, "" clears it. */
struct fact_row {
	const char *day;
	int64_t sequence;
	const char *value[N_FIELDS];
};
struct slice_row {
	const char *from, *to;
	const char *value[N_FIELDS];
};

static ProtobufCMessage *fact_of(const struct fact_row *row)
{
	ProtobufCMessage *m = msg_new(arena, RULE);
	const char **cleared = arena_alloc(arena, N_FIELDS * sizeof(*cleared));
	size_t n = 0;

	msg_set_str(RULE, m, "effective_date", row->day);
	((Archive__Employee *)m)->has_fact_sequence = true;
	((Archive__Employee *)m)->fact_sequence = row->sequence;
	for (int f = 0; f < N_FIELDS; f++) {
		if (row->value[f] && *row->value[f])
			msg_set_str(RULE, m, FIELDS[f], row->value[f]);
		else if (row->value[f])
			cleared[n++] = FIELDS[f];
	}
	msg_set_list(RULE, m, "cleared_fields", cleared, n);
	return m;
}

static ProtobufCMessage **fold(const struct fact_row *rows, size_t n_rows, size_t *n)
{
	ProtobufCMessage **facts = arena_alloc(arena, (n_rows + 1) * sizeof(*facts));

	for (size_t i = 0; i < n_rows; i++)
		facts[i] = fact_of(&rows[i]);
	return dated_fold(arena, RULE, facts, n_rows, n);
}

static bool same(const char *x, const char *y)
{
	return (!x && !y) || (x && y && !strcmp(x, y));
}

static void is_slice(const char *name, size_t i, const ProtobufCMessage *got, const struct slice_row *want)
{
	bool ok = same(msg_str(RULE, got, "valid_from"), want->from) && same(msg_str(RULE, got, "valid_to"), want->to);

	for (int f = 0; f < N_FIELDS; f++)
		ok = ok && same(msg_str(RULE, got, FIELDS[f]), want->value[f]);
	if (!ok)
		fail_msg("%s: slice %zu is %s to %s", name, i, msg_str(RULE, got, "valid_from"),
			 msg_str(RULE, got, "valid_to") ? msg_str(RULE, got, "valid_to") : "open");
}

/* ---- rows ---- */

struct fold_row {
	const char *name;
	struct fact_row facts[MAX_FACTS];   /* day NULL ends them */
	struct slice_row slices[MAX_SLICES]; /* from NULL ends them */
};

static const struct fold_row FOLDS[] = {
	{"nothing recorded", {{0}}, {{0}}},
	{"one fact is open", {{"2026-01-01", 1, {"A"}}}, {{"2026-01-01", NULL, {"A"}}}},
	{"a later day ends the earlier",
	 {{"2026-01-01", 1, {"A"}}, {"2026-03-01", 2, {"B"}}},
	 {{"2026-01-01", "2026-03-01", {"A"}}, {"2026-03-01", NULL, {"B"}}}},
	{"a late fact rules until the next on its field",
	 {{"2026-01-01", 1, {"A"}}, {"2026-03-01", 2, {"B"}}, {"2026-02-01", 3, {"C"}}},
	 {{"2026-01-01", "2026-02-01", {"A"}}, {"2026-02-01", "2026-03-01", {"C"}}, {"2026-03-01", NULL, {"B"}}}},
	{"a late fact passes through facts on other fields",
	 {{"2026-01-01", 1, {"A", "P1"}}, {"2026-03-01", 2, {NULL, "P2"}}, {"2026-02-01", 3, {"C"}}},
	 {{"2026-01-01", "2026-02-01", {"A", "P1"}},
	  {"2026-02-01", "2026-03-01", {"C", "P1"}},
	  {"2026-03-01", NULL, {"C", "P2"}}}},
	{"of one day the later recorded",
	 {{"2026-01-01", 2, {"B"}}, {"2026-01-01", 1, {"A"}}},
	 {{"2026-01-01", NULL, {"B"}}}},
	{"of one day each field by itself",
	 {{"2026-01-01", 1, {"A", "P1"}}, {"2026-01-01", 2, {"B"}}},
	 {{"2026-01-01", NULL, {"B", "P1"}}}},
	{"sequences compare as numbers",
	 {{"2026-01-01", 10, {"B"}}, {"2026-01-01", 9, {"A"}}},
	 {{"2026-01-01", NULL, {"B"}}}},
	{"cleared and set again",
	 {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {""}}, {"2026-03-01", 3, {"A"}}},
	 {{"2026-01-01", "2026-02-01", {"A"}}, {"2026-02-01", "2026-03-01", {0}}, {"2026-03-01", NULL, {"A"}}}},
	{"set after cleared on one day",
	 {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {""}}, {"2026-02-01", 3, {"B"}}},
	 {{"2026-01-01", "2026-02-01", {"A"}}, {"2026-02-01", NULL, {"B"}}}},
	{"cleared after set on one day",
	 {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {"B"}}, {"2026-02-01", 3, {""}}},
	 {{"2026-01-01", "2026-02-01", {"A"}}, {"2026-02-01", NULL, {0}}}},
	{"equal neighbours are one",
	 {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {"A"}}, {"2026-03-01", 3, {"B"}}},
	 {{"2026-01-01", "2026-03-01", {"A"}}, {"2026-03-01", NULL, {"B"}}}},
	{"a late equal fact keeps its field",
	 {{"2026-01-01", 1, {"A"}}, {"2026-03-01", 2, {"A"}}, {"2026-02-01", 3, {"B"}}},
	 {{"2026-01-01", "2026-02-01", {"A"}}, {"2026-02-01", "2026-03-01", {"B"}}, {"2026-03-01", NULL, {"A"}}}},
	{"a fact that says nothing adds nothing",
	 {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {0}}},
	 {{"2026-01-01", NULL, {"A"}}}},
	{"days sort across years",
	 {{"2027-01-01", 1, {"B"}}, {"2026-12-31", 2, {"A"}}},
	 {{"2026-12-31", "2027-01-01", {"A"}}, {"2027-01-01", NULL, {"B"}}}},
};

static void rows_fold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(FOLDS) / sizeof(*FOLDS); i++) {
		const struct fold_row *row = &FOLDS[i];
		size_t n_facts = 0, n_slices = 0, n;
		ProtobufCMessage **slices;

		while (row->facts[n_facts].day)
			n_facts++;
		while (row->slices[n_slices].from)
			n_slices++;
		slices = fold(row->facts, n_facts, &n);
		if (n != n_slices)
			fail_msg("%s: %zu slices, not %zu", row->name, n, n_slices);
		for (size_t k = 0; k < n; k++)
			is_slice(row->name, k, slices[k], &row->slices[k]);
	}
}

/* ---- random facts ---- */

static const char *day_text(int day)
{
	return arena_printf(arena, "2026-02-%02d", day + 1);
}

/* What the promise in dated.h says, word by word. */
static const char *oracle(const struct fact_row *facts, size_t n, int field, const char *day)
{
	const struct fact_row *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct fact_row *f = &facts[i];
		int later;

		if (!f->value[field] || strcmp(f->day, day) > 0)
			continue;
		later = best ? strcmp(f->day, best->day) : 1;
		if (later > 0 || (later == 0 && f->sequence > best->sequence))
			best = f;
	}
	return best && *best->value[field] ? best->value[field] : NULL;
}

static size_t draw(struct fact_row *facts, unsigned *seed)
{
	static const char *const values[] = {NULL, NULL, "", "A", "B", "C"};
	static const char *const days[] = {NULL, NULL, "", "2026-05-01", "2026-06-01", "2026-07-01"};
	size_t n = (size_t)rand_r(seed) % (MAX_FACTS + 1);

	for (size_t i = 0; i < n; i++) {
		facts[i] = (struct fact_row){day_text(rand_r(seed) % DAYS), (int64_t)i + 1, {0}};
		for (int f = 0; f < N_FIELDS; f++)
			facts[i].value[f] = (f == 2 ? days : values)[rand_r(seed) % 6];
	}
	return n;
}

static void shuffle(struct fact_row *facts, size_t n, unsigned *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)rand_r(seed) % i;
		struct fact_row kept = facts[i - 1];

		facts[i - 1] = facts[k];
		facts[k] = kept;
	}
}

/* The slice that holds on the day; NULL where none does. Two are a defect. */
static const ProtobufCMessage *covering(ProtobufCMessage *const *slices, size_t n, const char *day)
{
	const ProtobufCMessage *found = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *from = msg_str(RULE, slices[i], "valid_from"), *to = msg_str(RULE, slices[i], "valid_to");

		if (strcmp(from, day) > 0 || (to && strcmp(to, day) <= 0))
			continue;
		assert_null(found);
		found = slices[i];
	}
	return found;
}

static void spans_are_whole(ProtobufCMessage *const *slices, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		const char *to = msg_str(RULE, slices[i], "valid_to");

		assert_non_null(to);
		assert_string_equal(to, msg_str(RULE, slices[i + 1], "valid_from"));
		assert_true(strcmp(msg_str(RULE, slices[i], "valid_from"), to) < 0);
		assert_false(dated_equal(arena, RULE, slices[i], slices[i + 1], dated_is_dated));
	}
	if (n)
		assert_null(msg_str(RULE, slices[n - 1], "valid_to"));
}

static void every_day_agrees(const struct fact_row *facts, size_t n_facts, ProtobufCMessage *const *slices, size_t n)
{
	for (int d = 0; d < DAYS; d++) {
		const char *day = day_text(d);
		const ProtobufCMessage *slice = covering(slices, n, day);
		bool begun = false;

		for (size_t i = 0; i < n_facts; i++)
			begun = begun || strcmp(facts[i].day, day) <= 0;
		assert_int_equal(begun, slice != NULL);
		for (int f = 0; slice && f < N_FIELDS; f++)
			if (!same(msg_str(RULE, slice, FIELDS[f]), oracle(facts, n_facts, f, day)))
				fail_msg("%s of %s differs", FIELDS[f], day);
	}
}

static void random_facts_agree(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	size_t most = 0;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 3000; round++) {
		struct fact_row facts[MAX_FACTS];
		size_t n_facts = draw(facts, &seed), n;
		ProtobufCMessage **slices;

		shuffle(facts, n_facts, &seed);
		slices = fold(facts, n_facts, &n);
		spans_are_whole(slices, n);
		every_day_agrees(facts, n_facts, slices, n);
		most = n > most ? n : most;
		arena_reset(arena);
	}
	assert_true(most >= 8); /* the draw was no trifle */
}

/* ---- equality ---- */

static bool is_grade(const struct field_rule *f)
{
	return !strcmp(f->name, "job_grade");
}

static void equality_asks_the_named_fields_only(void **state)
{
	static const struct {
		struct fact_row x, y;
		bool dated, grade;
	} row[] = {
		{{"2026-01-01", 1, {"A", "P"}}, {"2027-01-01", 9, {"A", "P"}}, true, true}, /* days are none */
		{{"2026-01-01", 1, {"A", "P"}}, {"2026-01-01", 1, {"B", "P"}}, false, true},
		{{"2026-01-01", 1, {"A", "P"}}, {"2026-01-01", 1, {"A", "Q"}}, false, false},
		{{"2026-01-01", 1, {"A", "P"}}, {"2026-01-01", 1, {"A"}}, false, false},
		{{"2026-01-01", 1, {"A"}}, {"2026-01-01", 1, {"A", "P"}}, false, false},
		{{"2026-01-01", 1, {0}}, {"2026-01-01", 1, {0}}, true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const ProtobufCMessage *x = fact_of(&row[i].x), *y = fact_of(&row[i].y);

		assert_int_equal(dated_equal(arena, RULE, x, y, dated_is_dated), row[i].dated);
		assert_int_equal(dated_equal(arena, RULE, x, y, is_grade), row[i].grade);
	}
}

static void facts_stay_as_they_are(void **state)
{
	static const struct fact_row rows[] = {{"2026-01-01", 1, {"A"}}, {"2026-02-01", 2, {"B", "P"}}};
	ProtobufCMessage *facts[] = {fact_of(&rows[1]), fact_of(&rows[0])};
	size_t n;

	(void)state;
	dated_fold(arena, RULE, facts, 2, &n);
	assert_string_equal(msg_str(RULE, facts[0], "work_place"), "B"); /* nor is their order changed */
	assert_string_equal(msg_str(RULE, facts[1], "work_place"), "A");
	assert_null(msg_str(RULE, facts[1], "valid_to"));
	assert_null(msg_str(RULE, facts[1], "job_grade"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_fold),
		cmocka_unit_test(random_facts_agree),
		cmocka_unit_test(equality_asks_the_named_fields_only),
		cmocka_unit_test(facts_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
