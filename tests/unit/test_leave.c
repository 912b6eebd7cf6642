/* Leave: what is earned, beside a count day by day; what is left, beside a heap of tokens of an hour each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "accrual.h"
#include "ledger.h"

#define DAY_S 28800
#define HOUR_S 3600

static uint64_t seed;

static int pick(int from, int to)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return from + (int)(seed % (uint64_t)(to - from + 1));
}

static unsigned cases(void)
{
	const char *n = getenv("RENHE_CASES");

	return n ? (unsigned)strtoul(n, NULL, 10) : 20000;
}

static void new_seed(void)
{
	const char *s = getenv("RENHE_SEED");

	seed = s ? strtoull(s, NULL, 10) : 20261123;
	print_message("seed %llu, %u cases\n", (unsigned long long)seed, cases());
}

static civil_day day(const char *s)
{
	civil_day d;

	if (!*s)
		return DAY_NEVER;
	assert_true(civil_read(s, &d));
	return d;
}

/* ---- earned ---- */

static void law_gives(void **state)
{
	static const struct {
		const char *what, *join, *end;
		int months_before;
		const char *from, *until;
		int64_t taken_e2, due_e2;
	} ROWS[] = {
		{"a whole year of the first tier", "2020-01-01", "", 0, "2025-01-01", "2026-01-01", 0, 500},
		{"a leap year gives no sixth day", "2020-01-01", "", 0, "2024-01-01", "2025-01-01", 0, 500},
		{"nor 16 of 15", "1990-01-01", "", 240, "2024-01-01", "2025-01-01", 0, 1500},
		{"below a year of service: none", "2025-03-01", "", 0, "2025-01-01", "2026-01-01", 0, 0},
		{"twelve months to the day", "2025-03-01", "", 0, "2026-01-01", "2027-01-01", 0, 400}, /* 306 days: 4.19 */
		{"joining on 1 July, 184 days: 2.52", "2026-07-01", "", 24, "2026-01-01", "2027-01-01", 0, 200},
		{"the joining day counts: 73 days are 1.00", "2026-10-20", "", 24, "2026-01-01", "2027-01-01", 0, 100},
		{"a day later 72 days are 0.98", "2026-10-21", "", 24, "2026-01-01", "2027-01-01", 0, 0},
		{"leaving, the last day counts: 146 days, 2.00", "2020-01-01", "2026-05-27", 0, "2026-01-01", "2027-01-01", 0, 200},
		{"1.97 less 0.5 taken: 1 (art. 12)", "2020-01-01", "2026-05-25", 0, "2026-01-01", "2027-01-01", 50, 100},
		{"taken too much is not clawed back", "2020-01-01", "2026-03-01", 0, "2026-01-01", "2027-01-01", 300, 0},
		{"ten years on 1 July: 181 days of 5, 184 of 10: 7.52", "2016-07-01", "", 0, "2026-01-01", "2027-01-01", 0, 700},
		{"twenty years at others before", "2026-01-01", "", 240, "2026-01-01", "2027-01-01", 0, 1500},
		{"joined on the 31st: twelve months on the 28th", "2024-02-29", "", 0, "2025-02-27", "2025-03-01", 0, 0},
		{"left before the year", "2020-01-01", "2025-12-31", 0, "2026-01-01", "2027-01-01", 0, 0},
		{"not there yet", "2027-01-01", "", 50, "2026-01-01", "2027-01-01", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct leave_service s = {day(ROWS[i].join), day(ROWS[i].end), ROWS[i].months_before};
		int64_t due = leave_due_e2(&LEAVE_ANNUAL, &s, day(ROWS[i].from), day(ROWS[i].until), ROWS[i].taken_e2);

		if (due != ROWS[i].due_e2)
			fail_msg("%s: %lld", ROWS[i].what, (long long)due);
	}
}

static void policies_of_companies(void **state)
{
	struct leave_policy halves = LEAVE_ANNUAL, none = {.n = 0, .divisor = 365, .least_e2 = 100};
	struct leave_service s = {day("2026-07-01"), DAY_NEVER, 24};

	(void)state;
	halves.least_e2 = 50;
	assert_int_equal(leave_due_e2(&halves, &s, day("2026-01-01"), day("2027-01-01"), 0), 250);
	assert_int_equal(leave_due_e2(&none, &s, day("2026-01-01"), day("2027-01-01"), 0), 0);
}

/* Whole months from the day of joining, one after the other. */
static int months_of(civil_day join, civil_day d)
{
	int n = 0;

	while (civil_add_months(join, n + 1) <= d)
		n++;
	return n;
}

static int64_t counted(const struct leave_policy *p, const struct leave_service *s, civil_day from, civil_day until)
{
	int64_t sum = 0;

	for (civil_day d = from; d < until; d++) {
		int of = 0, months;

		if (d < s->join || d >= s->end)
			continue;
		months = s->months_before + months_of(s->join, d);
		for (unsigned i = 0; i < p->n; i++)
			if (months >= p->tier[i].months)
				of = p->tier[i].days;
		sum += of;
	}
	return sum;
}

/* Over year ends, months' ends, leap days, tiers in mid-year, any days. */
static void as_counted_day_by_day(void **state)
{
	(void)state;
	new_seed();
	for (unsigned n = 0; n < cases() / 20; n++) {
		civil_day base = civil_of(pick(1996, 2026), pick(1, 12), pick(1, 31) > 28 ? 28 : pick(1, 28)), join = base + pick(0, 5);
		struct leave_service s = {join, pick(0, 2) ? join + pick(0, 9000) : DAY_NEVER, pick(0, 3) ? pick(0, 300) : 0};
		civil_day from = join + pick(-800, 9000), until = from + pick(0, 800);
		int64_t quick = leave_earned(&LEAVE_ANNUAL, &s, from, until);

		if (quick != counted(&LEAVE_ANNUAL, &s, from, until))
			fail_msg("case %u: %lld", n, (long long)quick);
	}
}

/* ---- the ledger ---- */

#define ROOM 400
static struct leave_entry entries[ROOM];

static struct leave_ledger empty(void)
{
	return (struct leave_ledger){entries, 0, ROOM};
}

static void carried_days_go_first(void **state)
{
	struct leave_ledger l = empty();
	civil_day d = day("2026-05-01");

	(void)state;
	assert_int_equal(leave_grant(&l, 1, 5 * DAY_S, day("2026-01-01"), day("2028-01-01")), LEAVE_DONE);
	assert_int_equal(leave_grant(&l, 2, 2 * DAY_S, day("2025-01-01"), day("2027-01-01")), LEAVE_DONE);
	assert_int_equal(leave_balance(&l, d), 7 * DAY_S);
	assert_int_equal(leave_take(&l, 10, DAY_S, d, 0), LEAVE_DONE);
	assert_int_equal(leave_lot(&l, 1), DAY_S);
	assert_int_equal(leave_take(&l, 10, 3 * DAY_S / 2, d + 1, 0), LEAVE_DONE); /* over both lots */
	assert_int_equal(leave_lot(&l, 1), 0);
	assert_int_equal(leave_lot(&l, 0), 9 * DAY_S / 2);
	assert_int_equal(leave_balance(&l, day("2027-06-01")), 9 * DAY_S / 2);
	assert_int_equal(leave_balance(&l, day("2028-01-01")), 0); /* the day after its last */
}

static void what_is_returned_mirrors_what_was_taken(void **state)
{
	struct leave_ledger l = empty();
	civil_day d = day("2026-05-01");

	(void)state;
	leave_grant(&l, 1, DAY_S, day("2026-01-01"), day("2026-07-01"));
	leave_grant(&l, 2, 5 * DAY_S, day("2026-01-01"), day("2027-01-01"));
	assert_int_equal(leave_take(&l, 10, DAY_S / 2, d, 0), LEAVE_DONE);
	assert_int_equal(leave_take(&l, 10, DAY_S, d + 1, 0), LEAVE_DONE);
	assert_int_equal(leave_return(&l, 10, d + 1, d), LEAVE_DONE); /* the second day alone */
	assert_int_equal(leave_lot(&l, 0), DAY_S / 2);
	assert_int_equal(leave_lot(&l, 1), 5 * DAY_S);
	assert_int_equal(leave_return(&l, 10, d + 1, d), LEAVE_UNKNOWN); /* once (U26) */
	assert_int_equal(leave_return(&l, 11, d, d), LEAVE_UNKNOWN);
	assert_int_equal(leave_return(&l, 10, d, d), LEAVE_DONE);
	assert_int_equal(leave_balance(&l, d), 6 * DAY_S);
	assert_int_equal(leave_take(&l, 10, DAY_S, d, 0), LEAVE_DONE); /* asked for anew */
}

static void lots_are_closed(void **state)
{
	struct leave_ledger l = empty();
	civil_day end = day("2026-07-01");

	(void)state;
	leave_grant(&l, 1, 2 * DAY_S, day("2026-01-01"), end);
	leave_take(&l, 10, DAY_S, day("2026-06-30"), 0);
	assert_int_equal(leave_close(&l, end - 1, false), LEAVE_DONE);
	assert_int_equal(l.n, 2); /* its last day is not over */
	assert_int_equal(leave_close(&l, end, false), LEAVE_DONE);
	assert_int_equal(l.entry[2].kind, LEAVE_EXPIRE);
	assert_int_equal(l.entry[2].amount, -DAY_S);
	assert_int_equal(leave_lot(&l, 0), 0);
	leave_close(&l, end + 40, false);
	assert_int_equal(l.n, 3); /* nothing twice */
	assert_int_equal(leave_return(&l, 10, day("2026-06-30"), end + 5), LEAVE_DONE);
	assert_int_equal(leave_lot(&l, 0), DAY_S);
	leave_close(&l, end + 5, true);
	assert_int_equal(l.entry[4].kind, LEAVE_PAID);
	assert_int_equal(leave_lot(&l, 0), 0);
}

static void what_is_refused_leaves_nothing(void **state)
{
	struct leave_ledger l = empty();
	civil_day d = day("2026-05-01");

	(void)state;
	assert_int_equal(leave_grant(&l, 1, 0, d, d + 1), LEAVE_AMOUNT);
	assert_int_equal(leave_grant(&l, 1, -5, d, d + 1), LEAVE_AMOUNT);
	assert_int_equal(leave_grant(&l, 1, INT64_MAX, d, d + 1), LEAVE_AMOUNT);
	assert_int_equal(leave_grant(&l, 1, DAY_S, d, d), LEAVE_DAYS);
	assert_int_equal(leave_take(&l, 10, DAY_S, d, 0), LEAVE_INSUFFICIENT);
	assert_int_equal(leave_take(&l, 10, DAY_S, d, DAY_S), LEAVE_INSUFFICIENT); /* no lot to advance on */
	assert_int_equal(l.n, 0);
	assert_int_equal(leave_grant(&l, 1, DAY_S, d, d + 100), LEAVE_DONE);
	assert_int_equal(leave_grant(&l, 1, DAY_S, d, d + 100), LEAVE_TWICE);
	assert_int_equal(leave_take(&l, 10, 0, d, 0), LEAVE_AMOUNT);
	assert_int_equal(leave_take(&l, 10, DAY_S + 1, d, 0), LEAVE_INSUFFICIENT);
	assert_int_equal(leave_take(&l, 10, DAY_S, d - 1, 0), LEAVE_INSUFFICIENT);
	assert_int_equal(leave_take(&l, 10, DAY_S, d + 100, 0), LEAVE_INSUFFICIENT);
	assert_int_equal(l.n, 1);
	assert_int_equal(leave_take(&l, 10, DAY_S / 2, d, 0), LEAVE_DONE);
	assert_int_equal(leave_take(&l, 10, DAY_S / 2, d, 0), LEAVE_TWICE);
	l.room = l.n;
	assert_int_equal(leave_take(&l, 11, DAY_S / 2, d, 0), LEAVE_FULL);
	assert_int_equal(leave_return(&l, 10, d, d), LEAVE_FULL);
	assert_int_equal(leave_close(&l, d + 200, false), LEAVE_FULL);
	assert_int_equal(l.n, 2);
	assert_int_equal(leave_balance(&l, d), DAY_S / 2);
}

static void an_advance_goes_below(void **state)
{
	struct leave_ledger l = empty();
	civil_day d = day("2026-05-01");

	(void)state;
	leave_grant(&l, 1, DAY_S, d, d + 10);
	leave_grant(&l, 2, DAY_S, d, d + 100);
	assert_int_equal(leave_take(&l, 10, 3 * DAY_S, d, DAY_S), LEAVE_DONE);
	assert_int_equal(leave_lot(&l, 0), 0);
	assert_int_equal(leave_lot(&l, 1), -DAY_S);
	assert_int_equal(leave_take(&l, 11, 1, d, DAY_S), LEAVE_INSUFFICIENT);
}

/* ---- tokens: an hour of leave each, with the last day on which it may be taken ---- */

#define TOKENS 2000
struct token {
	civil_day from, end;
	unsigned lot;
	int64_t source; /* 0 free, -1 gone, else who has it, on day `on` */
	civil_day on;
};
static struct token heap[TOKENS];
static unsigned n_tokens;

static int64_t free_hours(civil_day on)
{
	int64_t n = 0;

	for (unsigned i = 0; i < n_tokens; i++)
		n += heap[i].source == 0 && heap[i].from <= on && on < heap[i].end;
	return n;
}

static struct token *first_token(civil_day on)
{
	struct token *best = NULL;

	for (unsigned i = 0; i < n_tokens; i++) {
		struct token *t = &heap[i];

		if (t->source == 0 && t->from <= on && on < t->end &&
		    (!best || t->end < best->end || (t->end == best->end && t->lot < best->lot)))
			best = t;
	}
	return best;
}

static void both_take(struct leave_ledger *l, int64_t source, int hours, civil_day on)
{
	bool enough = free_hours(on) >= hours, twice = false;

	for (unsigned i = 0; i < n_tokens; i++)
		twice |= heap[i].source == source && heap[i].on == on;
	assert_int_equal(leave_take(l, source, (int64_t)hours * HOUR_S, on, 0),
			 twice ? LEAVE_TWICE : enough ? LEAVE_DONE : LEAVE_INSUFFICIENT);
	for (int i = 0; i < hours && enough && !twice; i++) {
		struct token *t = first_token(on);

		t->source = source;
		t->on = on;
	}
}

static void both_return(struct leave_ledger *l, int64_t source, civil_day from)
{
	bool any = false;

	for (unsigned i = 0; i < n_tokens; i++)
		if (heap[i].source == source && heap[i].on >= from) {
			heap[i].source = 0;
			any = true;
		}
	assert_int_equal(leave_return(l, source, from, from), any ? LEAVE_DONE : LEAVE_UNKNOWN);
}

static void both_close(struct leave_ledger *l, civil_day on)
{
	assert_int_equal(leave_close(l, on, pick(0, 1)), LEAVE_DONE);
	for (unsigned i = 0; i < n_tokens; i++)
		if (heap[i].source == 0 && heap[i].end <= on)
			heap[i].source = -1;
}

static void both_grant(struct leave_ledger *l, int64_t source, int hours, civil_day from, civil_day end)
{
	unsigned lot = l->n;

	assert_int_equal(leave_grant(l, source, (int64_t)hours * HOUR_S, from, end), LEAVE_DONE);
	for (int i = 0; i < hours; i++)
		heap[n_tokens++] = (struct token){.from = from, .end = end, .lot = lot};
}

static void as_tokens_are_moved(void **state)
{
	(void)state;
	new_seed();
	for (unsigned n = 0; n < cases() / 100; n++) {
		struct leave_ledger l = empty();

		n_tokens = 0;
		for (int step = 1; step <= 40; step++) {
			civil_day d = pick(20000, 20100);

			switch (pick(0, 5)) {
			case 0:
				both_grant(&l, step, pick(1, 40), d, d + pick(1, 60));
				break;
			case 1:
				both_close(&l, d);
				break;
			case 2:
				both_return(&l, 1000 + pick(0, 6), d);
				break;
			default:
				both_take(&l, 1000 + pick(0, 6), pick(1, 12), d);
			}
			for (civil_day at = 19990; at < 20170; at += 9)
				assert_int_equal(leave_balance(&l, at), free_hours(at) * HOUR_S);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(law_gives),
		cmocka_unit_test(policies_of_companies),
		cmocka_unit_test(as_counted_day_by_day),
		cmocka_unit_test(carried_days_go_first),
		cmocka_unit_test(what_is_returned_mirrors_what_was_taken),
		cmocka_unit_test(lots_are_closed),
		cmocka_unit_test(what_is_refused_leaves_nothing),
		cmocka_unit_test(an_advance_goes_below),
		cmocka_unit_test(as_tokens_are_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
