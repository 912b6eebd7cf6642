/* The solver of rosters: its running sums equal a count from nothing on seeded moves, small
 * instances meet enumeration, the same seed gives the same roster, public instances reach what is
 * known, and broken files are refused with their line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "solve_curtois.h"
#include "solve_run.h"

#define PUBLIC_SET "/../shared/data/shift-scheduling/curtois24/"

static const char SMALL[] =
	"# five days of three people, made by hand\n"
	"SECTION_HORIZON\n5\n\nSECTION_SHIFTS\nE,480,\nL,600,E\n\nSECTION_STAFF\n"
	"A,E=5|L=2,2400,960,3,1,1,9\nB,E=5|L=0,1920,480,3,2,1,9\nC,E=1|L=5,3000,0,4,1,2,0\n\n"
	"SECTION_DAYS_OFF\nA,2\n\nSECTION_SHIFT_ON_REQUESTS\nB,1,E,3\n\n"
	"SECTION_SHIFT_OFF_REQUESTS\nC,0,L,2\nA,3,E,4\n\nSECTION_COVER\n"
	"0,E,1,100,1\n0,L,1,100,1\n1,E,2,100,1\n1,L,1,90,2\n2,E,1,100,1\n3,L,2,100,1\n4,E,1,100,1\n"
	"4,L,1,100,1\n";

static struct roster_text text;

static struct roster_model *model_of(const char *bytes)
{
	struct roster_model *m = roster_text_of(&text, "small.txt", bytes, strlen(bytes))
					 ? roster_curtois_read(&text)
					 : NULL;

	roster_text_close(&text);
	return m;
}

/* NULL where the public instances are not there. */
static struct roster_model *public_model(const char *name)
{
	char path[512];
	struct roster_model *m = NULL;

	snprintf(path, sizeof(path), "%s" PUBLIC_SET "%s", RENHE_SOURCE_DIR, name);
	if (roster_text_open(&text, path))
		m = roster_curtois_read(&text);
	roster_text_close(&text);
	return m;
}

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void no_word(const struct roster_progress *p)
{
	(void)p;
}

/* ---- sums ---- */

/* Rules of every kind at small bounds, some before day 0, hard and soft. */
static struct roster_model *model_drawn(uint64_t *seed)
{
	int days = 1 + (int)(draw(seed) % 20), people = 1 + (int)(draw(seed) % 4);
	struct roster_model *m = roster_model_new(days, people, 2 + (int)(draw(seed) % 4));

	m->total_unit = 1 + (int)(draw(seed) % 3);
	m->kind_runs = draw(seed) & 1;
	for (int k = 1; k < m->acts; k++) {
		m->act[k].kind = 1 + k / 2; /* two activities share a kind */
		m->act[k].minutes = 1 + (int)(draw(seed) % 4);
		m->not_after[m->act[k].kind] = draw(seed) & draw(seed) & 0xfe;
	}
	for (int i = 0; i < days * m->acts; i++)
		m->cover[i] = (struct roster_cover){(int)(draw(seed) % 2), (int)(draw(seed) % 3), 2,
						    30, 7};
	for (int e = 0; e < people; e++) {
		struct roster_person *p = &m->person[e];
		struct roster_run *run[] = {&p->work, &p->off, &p->kind[1], &p->kind[2]};
		for (size_t i = 0; i < sizeof(run) / sizeof(run[0]); i++)
			*run[i] = (struct roster_run){.min = (int)(draw(seed) % 4),
						      .max = 2 + (int)(draw(seed) % 4),
						      .open_start = draw(seed) & 1,
						      .price = {15, draw(seed) & 1}};
		p->kind_before = (int)(draw(seed) % 3);
		p->kind[p->kind_before].before = p->kind_before ? 1 + (int)(draw(seed) % 5) : 0;
		*(p->kind_before ? &p->work.before : &p->off.before) = 1 + (int)(draw(seed) % 6);
		p->least_total = (int)(draw(seed) % 9);
		p->most_total = p->least_total + (int)(draw(seed) % 9);
		p->total_price = (struct roster_price){20, draw(seed) & 1};
		p->weekend_price = (struct roster_price){30, draw(seed) & 1};
		p->most_weekends = (int)(draw(seed) % 3);
		p->weekends_before = (int)(draw(seed) % 2);
		p->half_weekend = (int)(draw(seed) % 2) * 30;
		p->most[1] = (int)(draw(seed) % 4);
		for (int i = 0; i < days * m->acts; i++)
			p->want[i] = (int)(draw(seed) % 3);
	}
	return m;
}

static void sums_equal_a_count_from_nothing(void **state)
{
	uint64_t seed = 20261123;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 400; round++) {
		struct roster_model *m = model_drawn(&seed);
		struct roster_state *s = roster_state_new(m);
		for (int i = 0; i < 100; i++) {
			struct roster_block b = {.person =
							 (int)(draw(&seed) % (unsigned)m->people)};
			b.from = (int)(draw(&seed) % (unsigned)m->days);
			b.days = 1 + (int)(draw(&seed) % (unsigned)(m->days - b.from));
			for (int d = 0; d < b.days; d++)
				b.act[d] = (uint8_t)(draw(&seed) % (unsigned)m->acts);
			struct roster_cost line = roster_block_line(s, &b),
					   cover = roster_block_cover(s, &b);
			roster_block_write(s, &b,
					   (struct roster_cost){line.soft + cover.soft,
								line.hard + cover.hard});
			struct roster_cost whole = roster_plan_cost(m, s->plan);
			if (whole.soft != s->cost.soft || whole.hard != s->cost.hard)
				fail_msg("model %d, move %d: %lld/%lld, not %lld/%lld", round, i,
					 (long long)s->cost.soft, (long long)s->cost.hard,
					 (long long)whole.soft, (long long)whole.hard);
		}
		roster_state_free(s);
		roster_model_free(m);
	}
}

/* ---- searching ---- */

/* The best of all lines of all people, by trying each. */
static struct roster_cost enumerate(const struct roster_model *m)
{
	struct roster_cost best = {INT64_MAX, INT64_MAX};
	uint8_t plan[64] = {0};
	int cells = m->people * m->days, i = 0;

	assert_in_range(cells, 1, 15);
	while (i < cells) {
		struct roster_cost c = roster_plan_cost(m, plan);
		if (roster_cost_better(c, best))
			best = c;
		for (i = 0; i < cells && ++plan[i] == m->acts; i++)
			plan[i] = 0;
	}
	return best;
}

static struct roster_cost solve(const struct roster_model *m, const struct roster_limits *limits,
				uint8_t *plan)
{
	struct roster_best best = {.plan = plan};

	assert_true(roster_run(m, limits, &best, no_word));
	struct roster_cost whole = roster_plan_cost(m, plan);
	assert_int_equal(whole.soft, best.cost.soft);
	assert_int_equal(whole.hard, best.cost.hard);
	return best.cost;
}

static void small_instances_meet_enumeration(void **state)
{
	uint64_t seed = 7, kept;
	int feasible = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int n = 0; n < 12;) {
		kept = seed;
		struct roster_model *m = model_drawn(&seed);
		int cells = m->people * m->days;
		if (cells <= 12 && m->acts <= 3) {
			uint8_t plan[64] = {0};
			struct roster_cost best = enumerate(m);
			struct roster_cost got = solve(
				m, &(struct roster_limits){.moves = 200000, .threads = 1}, plan);
			feasible += best.hard == 0;
			if (got.hard != best.hard || (best.hard == 0 && got.soft != best.soft))
				fail_msg("model of %llu: %lld/%lld, not %lld/%lld",
					 (unsigned long long)kept, (long long)got.soft,
					 (long long)got.hard, (long long)best.soft,
					 (long long)best.hard);
			n++;
		}
		roster_model_free(m);
	}
	assert_true(feasible > 0);
}

static void the_same_seed_gives_the_same_roster(void **state)
{
	struct roster_model *m = model_of(SMALL);
	uint8_t one[15] = {0}, two[15] = {0};

	(void)state;
	assert_non_null(m);
	for (int threads = 1; threads <= 3; threads++) {
		struct roster_limits limits = {.moves = 300000, .seed = 5, .threads = threads};
		memset(one, 0, sizeof(one));
		memset(two, 0, sizeof(two));
		struct roster_cost a = solve(m, &limits, one), b = solve(m, &limits, two);
		assert_int_equal(a.hard, 0);
		assert_int_equal(a.soft, b.soft);
		assert_memory_equal(one, two, sizeof(one));
	}
	roster_model_free(m);
}

static void public_instances_reach_what_is_known(void **state)
{
	static const struct {
		const char *name;
		int64_t best, goal, moves;
	} ROWS[] = {{"Instance1.txt", 607, 607, 2000000}, {"Instance2.txt", 828, 836, 6000000}};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct roster_model *m = public_model(ROWS[i].name);
		if (!m)
			skip();
		uint8_t *plan = calloc((size_t)(m->people * m->days), 1);
		struct roster_cost got = solve(
			m, &(struct roster_limits){.moves = ROWS[i].moves, .seed = 1, .threads = 1},
			plan);
		print_message("%s: %lld\n", ROWS[i].name, (long long)got.soft);
		assert_int_equal(got.hard, 0);
		assert_in_range(got.soft, ROWS[i].best, ROWS[i].goal);
		free(plan);
		roster_model_free(m);
	}
}

/* ---- files ---- */

/* The text with one part replaced by another; the caller frees it. */
static char *replaced(const char *old, const char *new)
{
	const char *at = strstr(SMALL, old);
	size_t size = sizeof(SMALL) + strlen(new);
	char *out = malloc(size);

	assert_non_null(at);
	assert_non_null(out);
	snprintf(out, size, "%.*s%s%s", (int)(at - SMALL), SMALL, new, at + strlen(old));
	return out;
}

static const struct file_row {
	const char *old, *new, *fault; /* fault NULL: it is read */
} FILES[] = {
	{"5\n", "5\r\n", NULL},
	{"# five", "#\t\n# five", NULL},
	{"A,2\n", "A,2,4\nA,0\n", NULL},
	{"L,600,E", "L,600,E|L", NULL},
	{"E,480,\n", "E,480,L\n", NULL},
	{"E=5|L=2", "E=5", NULL},
	{"C,0,L,2", "C,0,L,0", NULL},
	{"SECTION_DAYS_OFF\nA,2\n\n", "", NULL},
	{"0,E,1,100,1\n", "0,E,0,100,1\n", NULL},
	{"2400,960", "2400,0", NULL},
	{"A,E=5", "\xe5\xbc\xa0,E=5", "small.txt:15: "}, /* whom the days off then don't know */
	{"SECTION_HORIZON\n5", "SECTION_HORIZON\n0", "small.txt:3: "},
	{"SECTION_HORIZON\n5", "SECTION_HORIZON\n401", "small.txt:3: "},
	{"SECTION_HORIZON\n5", "SECTION_HORIZON\n5\n6", "small.txt:4: "},
	{"SECTION_SHIFTS", "SECTION_SHIFT", "small.txt:5: "},
	{"E,480,\n", "E,480\n", "small.txt:6: "},
	{"E,480,\n", "E,48O,\n", "small.txt:6: "},
	{"L,600,E", "E,600,E", "small.txt:7: "},
	{"L,600,E", "L,600,X", "small.txt:7: "},
	{"E=5|L=2", "E=5|X=2", "small.txt:10: "},
	{"E=5|L=2", "E=5|L", "small.txt:10: "},
	{"B,E=5", "A,E=5", "small.txt:11: "},
	{"A,2\n", "A,5\n", "small.txt:15: "},
	{"B,1,E,3", "B,1,E,-3", "small.txt:18: "},
	{"A,3,E,4", "A,3,E", "small.txt:22: "},
	{"0,L,1,100,1", "0,E,1,100,1", "small.txt:26: "},
	{"4,L,1,100,1\n", "4,L,1,99999999999999999999,1\n", "small.txt:32: "},
	{"SECTION_COVER\n", "\n", "small.txt:25: "},
};

static void broken_files_are_refused(void **state)
{
	int read = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		const struct file_row *row = &FILES[i];
		char *bytes = replaced(row->old, row->new);
		struct roster_model *m = model_of(bytes);
		if (!m != !!row->fault ||
		    (row->fault && strncmp(text.fault, row->fault, strlen(row->fault)) != 0))
			fail_msg("row %zu: %s", i, m ? "read" : text.fault);
		read += m != NULL;
		refused += !m;
		roster_model_free(m);
		free(bytes);
	}
	assert_int_equal(read, 10);
	assert_int_equal(refused, 18);
}

/* Bytes changed, cut and doubled: a model or a fault, and no crash. */
static void any_bytes_are_read_or_refused(void **state)
{
	uint64_t seed = 99;
	int refused = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < 20000; i++) {
		char bytes[sizeof(SMALL)];
		size_t n = sizeof(SMALL) - 1;
		memcpy(bytes, SMALL, n);
		for (uint64_t k = draw(&seed) % 4 + 1; k; k--)
			bytes[draw(&seed) % n] =
				draw(&seed) & 1 ? SMALL[draw(&seed) % n] : (char)draw(&seed);
		n -= draw(&seed) % 8 ? 0 : draw(&seed) % n;
		struct roster_model *m =
			roster_text_of(&text, "fuzz", bytes, n) ? roster_curtois_read(&text) : NULL;
		roster_text_close(&text);
		assert_true(m ? !text.fault[0] : text.fault[0] != 0);
		refused += !m;
		roster_model_free(m);
	}
	assert_in_range(refused, 1000, 20000);
}

static void rosters_are_read_back(void **state)
{
	static const struct {
		const char *text, *fault;
	} ROWS[] = {
		{"A\tE\tE\t-\tL\t-\nC\t-\t-\t-\t-\t-\nB\tE\tE\t-\tE\tE\n", NULL},
		{"A\tE\tE\t-\tL\t-\r\n\nB\tE\tE\t-\tE\tE\nC\tL\tL\tL\tL\tL", NULL},
		{"A\tE\tE\t-\tL\nB\tE\tE\t-\tE\tE\nC\t-\t-\t-\t-\t-\n", "plan:1: "},
		{"A\tE\tE\t-\tX\t-\nB\tE\tE\t-\tE\tE\nC\t-\t-\t-\t-\t-\n", "plan:1: "},
		{"A\tE\tE\t-\tL\t-\nA\tE\tE\t-\tE\tE\nC\t-\t-\t-\t-\t-\n", "plan:2: "},
		{"A\tE\tE\t-\tL\t-\nB\tE\tE\t-\tE\tE\n", "plan:2: "},
	};
	struct roster_model *m = model_of(SMALL);
	uint8_t plan[15];

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_true(roster_text_of(&text, "plan", ROWS[i].text, strlen(ROWS[i].text)));
		bool fine = roster_curtois_plan(&text, m, plan);
		roster_text_close(&text);
		if (fine == !!ROWS[i].fault ||
		    (!fine && strncmp(text.fault, ROWS[i].fault, strlen(ROWS[i].fault)) != 0))
			fail_msg("row %zu: %s", i, fine ? "read" : text.fault);
	}
	roster_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_equal_a_count_from_nothing),
		cmocka_unit_test(small_instances_meet_enumeration),
		cmocka_unit_test(the_same_seed_gives_the_same_roster),
		cmocka_unit_test(public_instances_reach_what_is_known),
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(any_bytes_are_read_or_refused),
		cmocka_unit_test(rosters_are_read_back),
	};
	return cmocka_run_group_tests_name("roster solver", tests, NULL, NULL);
}
