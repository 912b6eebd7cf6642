/* The verifier of rosters: published solutions cost what their publishers say; of small instances made by hand
 * each hard rule is broken once, and beside it met exactly at its limit; and files that are not of their form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "str.h"
#include "verify.h"

enum family { CURTOIS, RETAIL, INRC };
static const char *const FILES[][2] = {
	[CURTOIS] = {"curtois.txt", "curtois.roster"},
	[RETAIL] = {"retail.txt", "retail.solution"},
	[INRC] = {"inrc/t002w2_0_0-1", "inrc/t002w2/roster.txt"},
};
static const char *const COPIED[] = {"curtois.txt", "curtois.roster", "retail.txt", "retail.solution",
				     "inrc/t002w2/Sc-t002w2.txt", "inrc/t002w2/H0-t002w2-0.txt",
				     "inrc/t002w2/WD-t002w2-0.txt", "inrc/t002w2/WD-t002w2-1.txt", "inrc/t002w2/roster.txt"};
#define COUNT(list) (sizeof(list) / sizeof(list[0]))

static struct arena *arena;
static char folder[] = "/tmp/renhe-verify.XXXXXX";

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(system(arena_printf(arena, "mkdir -p %s/inrc/t002w2", folder)), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(system(arena_printf(arena, "rm -r %s", folder)), 0);
	arena_free(arena);
	return 0;
}

static struct str read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(arena, 1 << 16);

	if (!f)
		fail_msg("%s is missing", path);
	size_t n = fread(text, 1, (1 << 16) - 1, f);
	fclose(f);
	return (struct str){text, n};
}

/* All files as they are, one of them with `from` (its first place) made `to`. */
static void lay_out(const char *file, const char *from, const char *to)
{
	for (size_t i = 0; i < COUNT(COPIED); i++) {
		struct str text = read_whole(arena_printf(arena, RENHE_SOURCE_DIR "/tests/data/roster/%s", COPIED[i]));
		FILE *f = fopen(arena_printf(arena, "%s/%s", folder, COPIED[i]), "we");

		assert_non_null(f);
		if (file && strcmp(file, COPIED[i]) == 0) {
			const char *at = strstr(text.p, from);
			if (!at)
				fail_msg("%s has no \"%s\"", file, from);
			fprintf(f, "%.*s%s%s", (int)(at - text.p), text.p, to, at + strlen(from));
		} else {
			fwrite(text.p, 1, text.n, f);
		}
		fclose(f);
	}
}

/* "legal 108", "RULE who when" for each rule broken, or "file:line KEY". */
static const char *verdict(const char *const *paths, size_t n)
{
	struct verify v;
	struct buf b;

	buf_init(&b, arena);
	verify_begin(&v, arena);
	if (!verify_files(&v, paths, n))
		return arena_printf(arena, "%s:%d %s", strrchr(v.refusal.file, '/') + 1, v.refusal.line,
				    v.refusal.what.def->key);
	if (!v.n_breaches)
		return arena_printf(arena, "legal %lld", (long long)verify_penalty(&v));
	for (const struct verify_breach *each = v.breaches; each; each = each->next)
		buf_printf(&b, "%s%s %s %s", b.n ? "; " : "", each->rule.def->key, each->who, each->when);
	return b.p;
}

static const char *verdict_of(enum family family)
{
	const char *paths[] = {arena_printf(arena, "%s/%s", folder, FILES[family][0]),
			       arena_printf(arena, "%s/%s", folder, FILES[family][1])};

	return verdict(paths, 2);
}

struct change {
	enum family family;
	const char *file, *from, *to, *expected;
};

static void check(const struct change *rows, size_t n)
{
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		lay_out(rows[i].file, rows[i].from, rows[i].to);
		const char *got = verdict_of(rows[i].family);
		if (strcmp(got, rows[i].expected) == 0)
			continue;
		print_error("%s: \"%s\" for \"%s\": %s, not %s\n", rows[i].file, rows[i].to, rows[i].from, got,
			    rows[i].expected);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

#define CI "curtois.txt"
#define CR "curtois.roster"
#define RI "retail.txt"
#define RR "retail.solution"
#define SC "inrc/t002w2/Sc-t002w2.txt"
#define HI "inrc/t002w2/H0-t002w2-0.txt"
#define WD "inrc/t002w2/WD-t002w2-0.txt"
#define IR "inrc/t002w2/roster.txt"

#define SHIFT_ON(day) "<Shift><Day>" day "</Day><Start>06:00:00</Start><Task><ID>1</ID><Length>360</Length></Task></Shift>"

static void as_they_are(void **state)
{
	(void)state;
	lay_out(NULL, NULL, NULL);
	assert_string_equal(verdict_of(CURTOIS), "legal 108");
	assert_string_equal(verdict_of(RETAIL), "legal 204");
	assert_string_equal(verdict_of(INRC), "legal 310");
}

static void rules_broken_once(void **state)
{
	static const struct change ROWS[] = {
		{CURTOIS, CR, "E\tE\tL\tL", "E\tL\tE\tL", "RULE_SUCCESSION A 9"},
		{CURTOIS, CR, "C\tL", "C\tE", "RULE_TYPE_MOST C -"},
		{CURTOIS, CI, "L=14,4800,", "L=14,3839,", "RULE_MINUTES_MOST A -"},
		{CURTOIS, CI, "4800,2400", "4800,3841", "RULE_MINUTES_LEAST A -"},
		{CURTOIS, CI, "B,E=14|L=14,4800,2400,5", "B,E=14|L=14,4800,2400,4", "RULE_RUN_MOST B 2"},
		{CURTOIS, CI, "B,E=14|L=14,4800,2400,5,2", "B,E=14|L=14,4800,2400,5,4", "RULE_RUN_LEAST B 9"},
		{CURTOIS, CI, "B,E=14|L=14,4800,2400,5,2,2", "B,E=14|L=14,4800,2400,5,2,3", "RULE_OFF_LEAST B 7"},
		{CURTOIS, CI, "B,E=14|L=14,4800,2400,5,2,2,1", "B,E=14|L=14,4800,2400,5,2,2,0", "RULE_WEEKENDS_MOST B -"},
		{CURTOIS, CI, "\nA,4\n", "\nA,4,8\n", "RULE_DAY_OFF A 8"},
		{RETAIL, RR, "10:00:00", "10:15:00", "RULE_START 2 3"},
		{RETAIL, RR, "20:00:00", "19:45:00", "RULE_START 2 6"},
		{RETAIL, RR, "<Length>300", "<Length>555", "RULE_SHIFT_LENGTH 2 5"},
		{RETAIL, RR, "<Length>300", "<Length>285", "RULE_SHIFT_LENGTH 2 5"},
		{RETAIL, RR, "<Length>300", "<Length>307", "RULE_SHIFT_LENGTH 2 5; RULE_STRETCH 2 5"},
		{RETAIL, RR, "<ID>2</ID><Length>60</Length></Task>\n            <Task><ID>1</ID><Length>120",
		 "<ID>2</ID><Length>45</Length></Task>\n            <Task><ID>1</ID><Length>135", "RULE_STRETCH 2 6"},
		{RETAIL, RR, "18:00:00", "08:00:00", "RULE_REST 2 5"},
		{RETAIL, RR, "<Day>6</Day>\n            <Start>20", "<Day>7</Day>\n            <Start>06", "RULE_HORIZON 2 7"},
		{RETAIL, RR, "06:00:00</Start>\n            <Task><ID>", "00:00:00</Start>\n            <Task><ID>", "RULE_HORIZON 2 0"},
		{RETAIL, RR, "<Day>0</Day>\n            <Start>06:00:00</Start>\n            <Task><ID>",
		 "<Day>3</Day>\n            <Start>20:00:00</Start>\n            <Task><ID>",
		 "RULE_ONE_A_DAY 2 3; RULE_REST 2 3; RULE_REST 2 4"},
		{RETAIL, RR, "<Employee ID=\"2\">",
		 "<Employee ID=\"2\">" SHIFT_ON("1") SHIFT_ON("2"), "RULE_RUN_MOST 2 0"},
		{RETAIL, RI, "1,600,1080", "1,600,945", "RULE_MINUTES_MOST 1 -"},
		{RETAIL, RI, "1,600,1080", "1,975,1080", "RULE_MINUTES_LEAST 1 -"},
		{RETAIL, RI, "06:15-06:30,1,0,0", "06:15-06:30,1,2,2", "RULE_TASK_COVER - 0 06:15"},
		{INRC, IR, "Fri Early Head", "Tue Early Head", "RULE_SUCCESSION Ann 0 Tue"},
		{INRC, HI, "Bea 0 0 None 0 0 1", "Bea 0 0 Night 2 2 0", "RULE_SUCCESSION Bea 0 Mon"},
		{INRC, IR, "Bea Wed", "Bea Tue", "RULE_ONE_A_DAY Bea 0 Tue"},
		{INRC, IR, "Bea Wed Early Nurse", "Bea Wed Early Head", "RULE_SKILL Bea 0 Wed"},
		{INRC, WD, "(1,1)", "(2,2)", "RULE_COVER - 0 Tue"},
	};

	(void)state;
	check(ROWS, COUNT(ROWS));
}

/* The same places, one step nearer. Penalties were counted by hand. */
static void rules_met_at_their_limit(void **state)
{
	static const struct change ROWS[] = {
		{CURTOIS, CI, "L,480,E", "L,480,", "legal 108"},
		{CURTOIS, CI, "C,E=0|L=14", "C,E=0|L=10", "legal 108"},
		{CURTOIS, CI, "L=14,4800,", "L=14,3840,", "legal 108"},
		{CURTOIS, CI, "4800,2400", "4800,3840", "legal 108"},
		{CURTOIS, CI, "A,E=14|L=14,4800,2400,5", "A,E=14|L=14,4800,2400,4", "legal 108"},
		{CURTOIS, CI, "B,E=14|L=14,4800,2400,5,2", "B,E=14|L=14,4800,2400,5,3", "legal 108"},
		{CURTOIS, CI, "C,E=0|L=14,4800,2400,5,2", "C,E=0|L=14,4800,2400,5,4", "legal 108"}, /* edges may be short */
		{CURTOIS, CI, "A,E=14|L=14,4800,2400,5,2,2", "A,E=14|L=14,4800,2400,5,2,3", "legal 108"},
		{CURTOIS, CI, "A,E=14|L=14,4800,2400,5,2,2,1", "A,E=14|L=14,4800,2400,5,2,2,0", "legal 108"},
		{CURTOIS, CI, "\nA,4\n", "\nA,4,5\n", "legal 108"},
		{CURTOIS, CI, "A,0,E,3", "A,0,L,3", "legal 111"},
		{CURTOIS, CI, "A,2,L,1", "A,2,E,1", "legal 109"},
		{CURTOIS, CI, "4,L,0,100,1", "4,L,1,100,1", "legal 107"},
		{RETAIL, RR, "20:00:00", "20:15:00", "legal 204"},
		{RETAIL, RR, "06:15:00", "06:00:00", "legal 204"}, /* fourteen hours after the first shift */
		{RETAIL, RR, "14:00:00", "06:00:00", "legal 204"},
		{RETAIL, RR, "<Employee ID=\"2\">", "<Employee ID=\"2\">" SHIFT_ON("2"), "legal 228"}, /* five days */
		{RETAIL, RR, "<Length>120", "<Length>360", "legal 219"},
		{RETAIL, RR, "<Length>300", "<Length>315", "legal 205"},
		{RETAIL, RR, "<Day>6</Day>\n            <Start>20:00:00", "<Day>7</Day>\n            <Start>00:00:00", "legal 203"},
		{RETAIL, RI, "1,600,1080", "1,600,960", "legal 204"},
		{RETAIL, RI, "1,600,1080", "1,960,1080", "legal 204"},
		{RETAIL, RI, "06:15-06:30,1,0,0", "06:15-06:30,1,1,1", "legal 203"},
		{INRC, IR, "Ann Mon Night", "Ann Mon Early", "RULE_SUCCESSION Ann 0 Mon"},
		/* Night, open in the history, ends at once: a day is missing of its three. */
		{INRC, IR, "ASSIGNMENTS = 6\nAnn Mon Night Nurse", "ASSIGNMENTS = 5", "legal 325"},
		/* Ann's run of six days becomes one of four. */
		{INRC, HI, "Ann 0 0 Night 2 5 0", "Ann 0 0 Night 2 3 0", "legal 280"},
		/* Totals and weekends of the history count. */
		{INRC, HI, "Ann 0 0", "Ann 3 1", "legal 360"},
		{INRC, WD, "(1,1)", "(1,2)", "legal 340"},
		{INRC, WD, "Bea Night Mon", "Bea Early Mon", "legal 320"},
		{INRC, SC, "Part (2,6) (2,4) (2,9) 2 0", "Part (4,6) (2,4) (2,9) 2 0", "legal 330"},
		{INRC, IR, "Bea Wed Early Nurse\n", "Bea Wed Early Nurse\n\nCost: 310\n", "legal 310"},
	};

	(void)state;
	check(ROWS, COUNT(ROWS));
}

static void what_cannot_be_read(void **state)
{
	static const struct change ROWS[] = {
		{CURTOIS, CI, "\n14\n", "\nx\n", "curtois.txt:3 FILE_NUMBER"},
		{CURTOIS, CI, "\n14\n", "\n14\n14\n", "curtois.txt:4 FILE_TWICE"},
		{CURTOIS, CI, "L,480,E", "L,480,X", "curtois.txt:7 FILE_UNKNOWN"},
		{CURTOIS, CI, "L,480,E", "E,480,", "curtois.txt:7 FILE_TWICE"},
		{CURTOIS, CI, "E,480,", "E,99999999999,", "curtois.txt:6 FILE_NUMBER"},
		{CURTOIS, CI, "E=0|L=14", "E=0", "curtois.txt:12 FILE_FIELDS"},
		{CURTOIS, CI, "E=0|L=14", "E=0|E=14", "curtois.txt:12 FILE_TWICE"},
		{CURTOIS, CI, "\nC,2\n", "\nC,14\n", "curtois.txt:16 FILE_NUMBER"},
		{CURTOIS, CI, "SECTION_DAYS_OFF", "SECTION_HOLIDAYS", "curtois.txt:14 FILE_SECTION_UNKNOWN"},
		{CURTOIS, CI, "SECTION_SHIFT_OFF_REQUESTS", "SECTION_SHIFT_ON_REQUESTS", "curtois.txt:22 FILE_SECTION_ORDER"},
		{CURTOIS, CI, "SECTION_COVER", "# none\n\n# SECTION_COVER", "curtois.txt:29 FILE_SECTION_UNKNOWN"},
		{CURTOIS, CI, "SECTION_SHIFTS", "SECTION_SHIFT", "curtois.txt:0 FILE_NO_FAMILY"},
		{CURTOIS, CR, "B\t-", "X\t-", "curtois.roster:2 FILE_UNKNOWN"},
		{CURTOIS, CR, "B\t-", "A\t-", "curtois.roster:2 FILE_TWICE"},
		{CURTOIS, CR, "B\t-", "B\tD", "curtois.roster:2 FILE_UNKNOWN"},
		{CURTOIS, CR, "B\t-", "B\t-\t-", "curtois.roster:2 FILE_FIELDS"},
		{CURTOIS, CR, "B\t-\t-\tE\tE\tE\tE\tE\t-\t-\tL\tL\tL\t-\t-\n", "", "curtois.roster:0 FILE_NO_ROW"},
		{RETAIL, RI, "06:15-06:30", "06:15-06:45", "retail.txt:14 FILE_CLOCK"},
		{RETAIL, RI, "06:15-06:30", "06:00-06:15", "retail.txt:14 FILE_TWICE"},
		{RETAIL, RI, "1,06:00-06:15", "1,05:45-06:00", "retail.txt:13 FILE_OUTSIDE"},
		{RETAIL, RI, "8,05:45-06:00", "8,06:00-06:15", "retail.txt:17 FILE_OUTSIDE"},
		{RETAIL, RI, "2,360,2520", "1,360,2520", "retail.txt:10 FILE_TWICE"},
		{RETAIL, RR, "ID=\"2\"", "ID=\"3\"", "retail.solution:19 FILE_UNKNOWN"},
		{RETAIL, RR, "ID=\"2\"", "ID=\"1\"", "retail.solution:19 FILE_TWICE"},
		{RETAIL, RR, "WorkLength=\"420\"", "WorkLength=\"405\"", "retail.solution:10 FILE_WORK_LENGTH"},
		{RETAIL, RR, "<ID>2</ID>", "<ID>3</ID>", "retail.solution:10 FILE_NUMBER"},
		{RETAIL, RR, "<Day>1</Day>", "", "retail.solution:16 FILE_MISSING"},
		{RETAIL, RR, "<Day>1</Day>", "<Day>1</Day><Day>1</Day>", "retail.solution:13 FILE_TWICE"},
		{RETAIL, RR, "06:15:00", "6:15", "retail.solution:14 FILE_CLOCK"},
		{RETAIL, RR, "<Author></Author>", "<Author>&amp;</Author>", "retail.solution:4 FILE_XML"},
		{RETAIL, RR, "</Solution>", "</Solution>x", "retail.solution:50 FILE_XML"},
		{RETAIL, RR, "</Solution>", "", "retail.solution:50 FILE_XML"},
		{INRC, SC, "SKILLS = 2", "SKILLS = 3", "Sc-t002w2.txt:9 FILE_FIELDS"},
		{INRC, SC, "Early (2,3)", "Early (3,2)", "Sc-t002w2.txt:10 FILE_NUMBER"},
		{INRC, SC, "Bea Part 1 Nurse", "Bea Half 1 Nurse", "Sc-t002w2.txt:23 FILE_UNKNOWN"},
		{INRC, HI, "0 t002w2", "0 n005w4", "H0-t002w2-0.txt:2 FILE_OTHER_SET"},
		{INRC, HI, "Bea 0 0 None 0 0 1", "Ann 0 0 None 0 0 1", "H0-t002w2-0.txt:6 FILE_TWICE"},
		{INRC, HI, "None 0 0 1", "None 0 2 1", "H0-t002w2-0.txt:6 FILE_NUMBER"},
		{INRC, WD, "(1,1)", "(1)", "WD-t002w2-0.txt:6 FILE_RANGE"},
		{INRC, WD, "Ann Any Fri", "Ann Any Fry", "WD-t002w2-0.txt:11 FILE_UNKNOWN"},
		{INRC, IR, "ASSIGNMENTS = 6", "ASSIGNMENTS = 7", "roster.txt:12 FILE_FIELDS"},
		{INRC, IR, "1 t002w2", "0 t002w2", "roster.txt:13 FILE_TWICE"},
		{INRC, IR, "SOLUTION\n1 t002w2", "SOLUTION\n2 t002w2", "roster.txt:13 FILE_NUMBER"},
	};

	(void)state;
	check(ROWS, COUNT(ROWS));
}

/* One byte of a file another, anywhere: there is a verdict or a refusal, and (under the sanitizers) nothing read
 * beyond its end. */
static void spoiled_files(void **state)
{
	const char *given = getenv("RENHE_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL), changed[2] = {0};

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 1000; i++) {
		static const enum family OF[] = {CURTOIS, CURTOIS, RETAIL, RETAIL, INRC, INRC, INRC, INRC, INRC};
		size_t which = (size_t)rand_r(&seed) % COUNT(COPIED);

		arena_reset(arena);
		lay_out(NULL, NULL, NULL);
		const char *path = arena_printf(arena, "%s/%s", folder, COPIED[which]);
		FILE *f = fopen(path, "r+e");
		assert_non_null(f);
		fseek(f, 0, SEEK_END);
		fseek(f, (long)rand_r(&seed) % ftell(f), SEEK_SET);
		fputc("\n\t ,-0<9x(\xe4"[(size_t)rand_r(&seed) % 11], f);
		fclose(f);
		changed[strncmp(verdict_of(OF[which]), "legal", 5) == 0]++;
	}
	assert_true(changed[0] > 50 && changed[1] > 50); /* some 880 and 120 */
}

static void forms_of_an_instance(void **state)
{
	const char *set = arena_printf(arena, "%s/inrc/t002w2", folder);
	const char *parts[] = {arena_printf(arena, "%s/Sc-t002w2.txt", set), arena_printf(arena, "%s/H0-t002w2-0.txt", set),
			       arena_printf(arena, "%s/WD-t002w2-0.txt", set), arena_printf(arena, "%s/WD-t002w2-1.txt", set),
			       arena_printf(arena, "%s/roster.txt", set)};
	const char *inside[] = {arena_printf(arena, "%s/t002w2_0_0-1.txt", set), parts[4]};
	const char *short_of[] = {arena_printf(arena, "%s/inrc/t002w2_0_0", folder), parts[4]};
	const char *absent[] = {arena_printf(arena, "%s/inrc/t002w2_0_0-7", folder), parts[4]};
	const char *nobody[] = {parts[0], parts[2], parts[3], parts[4]};

	(void)state;
	lay_out(NULL, NULL, NULL);
	assert_string_equal(verdict(parts, 5), "legal 310");
	assert_string_equal(verdict(inside, 2), "legal 310");
	assert_string_equal(verdict(short_of, 2), "roster.txt:0 FILE_WEEKS");
	assert_string_equal(verdict(absent, 2), "WD-t002w2-7.txt:0 FILE_CANNOT_READ");
	assert_string_equal(verdict(nobody, 4), "roster.txt:0 FILE_NO_HISTORY");
	assert_string_equal(verdict(parts, 4), "WD-t002w2-1.txt:0 FILE_WEEK_UNSOLVED");
}

/* ---- published solutions ---- */

static const char *shared(const char *path)
{
	const char *root = getenv("RENHE_SHARED");

	return arena_printf(arena, "%s/data/shift-scheduling/%s", root ? root : RENHE_SOURCE_DIR "/../shared", path);
}

static void published_solutions(void **state)
{
	static const struct {
		const char *instance, *roster, *expected;
	} ROWS[] = {
		{"retail-matsp/1_7_10_1.txt", "retail-matsp/test_solution_1a.solution", "legal 383"},
		{"inrc2/n005w4/n005w4_0_1-2-3-3.txt", "inrc2/n005w4/Solution_H_0-WD_1-2-3-3", "legal 1695"},
		{"inrc2/n005w4_1_5-3-1-0", "inrc2/n005w4/Solution_H_1-WD_5-3-1-0", "legal 2010"},
		{"inrc2/n005w4_2_6-7-8-9", "inrc2/n005w4/Solution_H_2-WD_6-7-8-9", "legal 1720"},
		{"inrc2/n012w8_0_3-5-0-2-0-4-5-2", "inrc2/n012w8/Solution_H_0-WD_3-5-0-2-0-4-5-2", "legal 3295"},
		{"inrc2/n012w8_1_7-7-0-8-9-3-2-6", "inrc2/n012w8/Solution_H_1-WD_7-7-0-8-9-3-2-6", "legal 3805"},
		{"inrc2/n012w8_2_4-5-6-7-2-1-2-1", "inrc2/n012w8/Solution_H_2-WD_4-5-6-7-2-1-2-1", "legal 3745"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		const char *paths[] = {shared(ROWS[i].instance), shared(ROWS[i].roster)};
		assert_string_equal(verdict(paths, 2), ROWS[i].expected);
	}
}

/* The seven parts that the organisers' own validator printed. */
static void parts_of_the_report(void **state)
{
	static const struct {
		const char *key;
		int64_t penalty;
	} PARTS[] = {{"PART_TOTAL", 320}, {"PART_RUNS", 465}, {"PART_OFF_RUNS", 330}, {"PART_REQUESTS", 70},
		     {"PART_WEEKENDS", 210}, {"PART_HALF_WEEKENDS", 60}, {"PART_OPTIMAL", 240}};
	const char *paths[] = {shared("inrc2/n005w4_0_1-2-3-3"), shared("inrc2/n005w4/Solution_H_0-WD_1-2-3-3")};
	struct verify v;
	size_t found = 0;

	(void)state;
	verify_begin(&v, arena);
	assert_true(verify_files(&v, paths, 2));
	assert_int_equal(v.n_parts, COUNT(PARTS));
	for (size_t i = 0; i < COUNT(PARTS); i++)
		for (size_t j = 0; j < v.n_parts; j++)
			if (strcmp(PARTS[i].key, v.parts[j].name->key) == 0) {
				assert_int_equal(v.parts[j].penalty, PARTS[i].penalty);
				found++;
			}
	assert_int_equal(found, COUNT(PARTS));
}

/* ---- the command ---- */

/* Standard output and error of the program; its exit status behind them. */
static const char *command(const char *args)
{
	FILE *f = popen(arena_printf(arena, "cd %s && " ROSTER_VERIFY " %s 2>&1", folder, args), "r");
	char *text = arena_alloc(arena, 1 << 14);

	assert_non_null(f);
	size_t n = fread(text, 1, (1 << 14) - 1, f);
	int status = pclose(f);
	return arena_printf(arena, "%.*sexit %d", (int)n, text, WEXITSTATUS(status));
}

static void says_it(void **state)
{
	(void)state;
	lay_out(CI, "\nA,4\n", "\nA,4,8\n");
	assert_string_equal(command(CI " " CR),
			    "illegal\t1\t违反硬性规则 1 处\thard rules broken in 1 places\n"
			    "broken\tRULE_DAY_OFF\tA\t8\t这天必须休息\ta fixed day off\nexit 1");
	lay_out(CR, "B\t-", "B\tD");
	assert_string_equal(command(CI " " CR),
			    CR ":2: FILE_UNKNOWN: 不认识“D” / \"D\" is not known here\nexit 2");
	assert_string_equal(command(RI " " RR),
			    "legal\t204\t合法，罚分 204\tlegal, penalty 204\n"
			    "part\tPART_OVER_SQUARED\t204\t超员（平方）\tabove the maximum, squared\nexit 0");
	assert_non_null(strstr(command(CI), "exit 2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_they_are),
		cmocka_unit_test(rules_broken_once),
		cmocka_unit_test(rules_met_at_their_limit),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(spoiled_files),
		cmocka_unit_test(forms_of_an_instance),
		cmocka_unit_test(published_solutions),
		cmocka_unit_test(parts_of_the_report),
		cmocka_unit_test(says_it),
	};

	return cmocka_run_group_tests_name("roster verifier", tests, setup, teardown);
}
