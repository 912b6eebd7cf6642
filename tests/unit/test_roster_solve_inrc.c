/* INRC-II for the solver: files are read, or refused with their line; a model of the weeks costs
 * what was counted by hand; a week is searched without the later ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "solve_weeks.h"

enum { SCENARIO, HISTORY, WEEK, LATER, FILES };

static char bytes[FILES][4096];
static struct roster_text text;
static struct roster_inrc set;

static int files_load(void **state)
{
	static const char *const NAMES[FILES] = {"Sc-t002w2", "H0-t002w2-0", "WD-t002w2-0",
						 "WD-t002w2-1"};
	char path[512];

	(void)state;
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/tests/data/roster/inrc/t002w2/%s.txt",
			 RENHE_SOURCE_DIR, NAMES[i]);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		bytes[i][fread(bytes[i], 1, sizeof(bytes[i]) - 1, file)] = 0;
		fclose(file);
	}
	return 0;
}

static bool file_take(int file, const char *from, size_t n)
{
	static bool (*const READ[FILES])(struct roster_text * t, struct roster_inrc * s) = {
		roster_inrc_scenario, roster_inrc_history, roster_inrc_week, roster_inrc_week};
	bool fine = roster_text_of(&text, "f", from, n) && READ[file](&text, &set);

	roster_text_close(&text);
	assert_int_equal(fine, !text.fault[0]);
	return fine;
}

static void files_take(int until)
{
	memset(&set, 0, sizeof(set));
	for (int i = 0; i < until; i++)
		if (!file_take(i, bytes[i], strlen(bytes[i])))
			fail_msg("%s", text.fault);
}

static const struct {
	int file;
	const char *old, *new, *fault;
} REFUSALS[] = {
	{SCENARIO, "SCENARIO =", "SCENARIOS =", "f:1: "},
	{SCENARIO, "WEEKS = 2", "WEEKS = 53", "f:3: "},
	{SCENARIO, "\nNurse\n", "\nHead\n", "f:7: "},
	{SCENARIO, "Early (2,3)", "Early (3,2)", "f:10: "},
	{SCENARIO, "Early (2,3)", "Early (2,3", "f:10: "},
	{SCENARIO, "Night 1 Early", "Night 2 Early", "f:15: "},
	{SCENARIO, "Night 1 Early", "Night 1 Noon", "f:15: "},
	{SCENARIO, "1 1\n", "1 2\n", "f:18: "},
	{SCENARIO, "Bea Part", "Bea Half", "f:23: "},
	{SCENARIO, "1 Nurse", "1 Cook", "f:23: "},
	{SCENARIO, "Bea Part 1 Nurse", "Bea Part 1 Nurse\nCy Part 1 Nurse", "f:24: "},
	{HISTORY, "0 t002w2", "2 t002w2", "f:2: "},
	{HISTORY, "0 t002w2", "0 t003w2", "f:2: "},
	{HISTORY, "Bea", "Ann", "f:6: "},
	{HISTORY, "None 0 0 1", "None 1 1 0", "f:6: "},
	{HISTORY, "Night 2 5 0", "Night 2 1 0", "f:5: "},
	{HISTORY, "Bea 0 0 None 0 0 1", "", "f:6: "},
	{WEEK, "(1,1)", "(2,1)", "f:6: "},
	{WEEK, "Early Nurse", "Early Head", "f:6: "},
	{WEEK, "= 2", "= 3", "f:12: "},
	{WEEK, "Bea Night Mon", "Ann Any Fri", "f:12: "},
	{WEEK, "Bea Night Mon", "Bea Night Mo", "f:12: "},
	{WEEK, "Bea Night Mon", "Dan Night Mon", "f:12: "},
};

static void broken_files_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
		int file = REFUSALS[i].file;
		const char *old = strstr(bytes[file], REFUSALS[i].old);
		char changed[8192];

		assert_non_null(old);
		snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(old - bytes[file]),
			 bytes[file], REFUSALS[i].new, old + strlen(REFUSALS[i].old));
		files_take(file);
		if (file_take(file, changed, strlen(changed)) ||
		    strncmp(text.fault, REFUSALS[i].fault, strlen(REFUSALS[i].fault)) != 0)
			fail_msg("row %zu: %s", i, text.fault[0] ? text.fault : "read");
	}
	files_take(FILES);
	assert_false(file_take(LATER, bytes[LATER], strlen(bytes[LATER]))); /* a third of two */
}

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Bytes changed and cut: read or refused, and what is read makes a model. */
static void any_bytes_are_read_or_refused(void **state)
{
	uint64_t seed = 2015;
	int refused = 0, read = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < 6000; i++) {
		int file = i % LATER;
		char changed[4096];
		size_t n = strlen(bytes[file]);

		memcpy(changed, bytes[file], n);
		for (uint64_t k = draw(&seed) % 3 + 1; k; k--)
			changed[draw(&seed) % n] =
				draw(&seed) & 1 ? bytes[file][draw(&seed) % n] : (char)draw(&seed);
		n -= draw(&seed) % 8 ? 0 : draw(&seed) % n;
		files_take(file);
		if (!file_take(file, changed, n)) {
			refused++;
			continue;
		}
		read++;
		if (set.known > set.first) {
			struct roster_model *m = roster_inrc_model(&set, set.first, set.weeks);
			assert_non_null(m);
			roster_model_free(m);
		}
	}
	assert_in_range(refused, 1000, 6000);
	assert_in_range(read, 100, 6000);
}

/* ---- what a roster costs ---- */

/* Ann's line and Bea's in letters: E, N as Nurse, e, n as Head, - off. */
static struct roster_cost cost_of(int from, int until, const char *ann, const char *bea)
{
	struct roster_model *m = roster_inrc_model(&set, from, until);
	uint8_t plan[2 * 14] = {0};
	static const char LETTERS[] = "-eEnN";

	assert_int_equal(m->days, (int)strlen(ann));
	for (int d = 0; d < m->days; d++) {
		plan[d] = (uint8_t)(strchr(LETTERS, ann[d]) - LETTERS);
		plan[m->days + d] = (uint8_t)(strchr(LETTERS, bea[d]) - LETTERS);
	}
	struct roster_cost cost = roster_plan_cost(m, plan);
	roster_model_free(m);
	return cost;
}

/* Counted by hand from the files and the weights of the rules. */
static void a_roster_costs_what_was_counted(void **state)
{
	static const struct {
		const char *ann, *bea;
		int soft, hard;
	} ROWS[] = {
		/* All off: Tuesday lacks its nurse. Optimal cover 1 + 1 + 2: 120. Ann's nights
		 * ended at 2 of 3: 15; 14 days off, 11 beyond 3: 330; 5 assignments missing: 100.
		 * Bea: 15 days off, 6 beyond 9: 180; 2 assignments: 40. */
		{"--------------", "--------------", 120 + 15 + 330 + 100 + 180 + 40, 1},
		/* Ann's Early on Monday behind a Night: one broken; her run of work was 5 and has
		 * one more than 4: two days inside, 60; her shift run 2; days off 12: 9 more, 270;
		 * 3 assignments missing: 60. Optimal cover 2 of Sunday: 60. Bea as before. */
		{"EE------------", "--------------", 60 + 15 + 60 + 270 + 60 + 180 + 40, 1},
	};

	(void)state;
	files_take(FILES);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct roster_cost c = cost_of(0, 2, ROWS[i].ann, ROWS[i].bea);
		assert_int_equal(c.soft, ROWS[i].soft);
		assert_int_equal(c.hard, ROWS[i].hard);
	}
	/* The first week alone, which is not the last: no totals. */
	struct roster_cost c = cost_of(0, 1, "-------", "-------");
	assert_int_equal(c.soft, 60 + 15 + 120);
	assert_int_equal(c.hard, 1);
}

/* A skill that she lacks may not be drawn, and what one week leaves is what the next begins with.
 */
static void a_week_goes_on_from_the_one_before(void **state)
{
	uint8_t plan[14] = {1, 2, 0, 0, 0, 4, 4, 2, 0, 0, 0, 0, 0, 0};

	(void)state;
	files_take(FILES);
	struct roster_model *m = roster_inrc_model(&set, 0, 1);
	assert_int_equal(m->person[0].may[0], 0x1f);
	assert_int_equal(m->person[1].may[0], 0x15);
	assert_int_equal(m->person[0].want[4 * m->acts + 1], 10);
	assert_int_equal(m->person[1].want[3], 10);
	assert_int_equal(m->person[1].want[1], 0);
	roster_inrc_keep(&set, 0, m, plan);
	roster_model_free(m);
	m = roster_inrc_model(&set, 1, 2);
	assert_int_equal(m->person[0].kind_before, 2);
	assert_int_equal(m->person[0].kind[2].before, 2);
	assert_int_equal(m->person[0].kind[1].before, 0);
	assert_int_equal(m->person[0].work.before, 2);
	assert_int_equal(m->person[0].off.before, 0);
	assert_int_equal(m->person[0].weekends_before, 1);
	assert_int_equal(m->person[0].least_total, 1);
	assert_int_equal(m->person[0].most_total, 4);
	assert_int_equal(m->person[1].off.before, 6);
	assert_int_equal(m->person[1].weekends_before, 0);
	roster_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(any_bytes_are_read_or_refused),
		cmocka_unit_test(a_roster_costs_what_was_counted),
		cmocka_unit_test(a_week_goes_on_from_the_one_before),
	};
	return cmocka_run_group_tests_name("roster solver: INRC-II", tests, files_load, NULL);
}
