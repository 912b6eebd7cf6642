/* Formulas of pay items: what they come to, what is refused and where, the order of items, what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "formula_given.h"

#include <cmocka.h>

#define NUMBER {FORMULA_NUMBER, {0, 0, 0, 0}}
#define MONEY {FORMULA_NUMBER, {1, 0, 0, 0}}
#define DAYS {FORMULA_NUMBER, {0, 0, 1, 0}}
#define TIME {FORMULA_NUMBER, {0, 1, 0, 0}}
#define TRUTH {.kind = FORMULA_BOOL}
#define DATE {.kind = FORMULA_DATE}

/* m_a 8000.00 yuan, m_b 100.00, m_c -3.00; t_a 90 min, t_b 8 h; d_a 2, d_b 21.75; c_a 120; n_a 3, n_b 1/3, n_c 0;
 * p_a 1.20 yuan a piece; b_a true, b_b false; dt_a 2025-12-31, dt_b 2026-02-28; m_none and n_none missing. */
static struct formula_value values[GIVEN_SLOTS], one[GIVEN_SLOTS], two[GIVEN_SLOTS];
static const struct formula_value *const SEGMENTS[] = {one, two};
static struct formula_band bands[3];
static struct formula_table table = {3, bands};
static struct formula_input input = {values, SEGMENTS, 2, &table};
static struct formula f;
static struct formula_faults faults;

static void give(struct formula_value *to, const char *name, int64_t num, int64_t den)
{
	struct formula_type type;
	uint16_t slot;

	assert_true(given_find(NULL, name, strlen(name), &type, &slot));
	to[slot] = (struct formula_value){true, ratio_of(num, den)};
}

static int fill(void **state)
{
	static const struct {
		const char *name;
		int64_t num, den;
	} GIVES[] = {{"m_a", 800000, 1}, {"m_b", 10000, 1}, {"m_c", -300, 1}, {"t_a", 5400, 1}, {"t_b", 28800, 1}, {"d_a", 2, 1},
		     {"d_b", 2175, 100}, {"c_a", 120, 1},   {"n_a", 3, 1},    {"n_b", 1, 3},	{"n_c", 0, 1},	   {"p_a", 120, 1},
		     {"b_a", 1, 1},	 {"b_b", 0, 1},	    {"dt_a", 20453, 1}, {"dt_b", 20512, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(GIVES) / sizeof(GIVES[0]); i++)
		give(values, GIVES[i].name, GIVES[i].num, GIVES[i].den);
	give(one, "seg.m_wage", 500000, 1);
	give(one, "seg.d_days", 10, 1);
	give(two, "seg.m_wage", 600000, 1);
	give(two, "seg.d_days", 5, 1);
	bands[0] = (struct formula_band){ratio_int(0), ratio_of(3, 100)};
	bands[1] = (struct formula_band){ratio_int(10000), ratio_of(1, 10)};
	bands[2] = (struct formula_band){ratio_int(20000), ratio_of(1, 5)};
	return 0;
}

static bool saved(const char *text, struct formula_type want)
{
	return formula_read(&f, text, strlen(text), &faults) && formula_check(&f, &GIVEN, want, &faults);
}

/* ---- what they come to ---- */

static void they_come_to(void **state)
{
	static const struct {
		const char *text;
		struct formula_type type;
		int64_t num, den;
	} CASES[] = {
		{"1 + 2 * 3 - 4", NUMBER, 3, 1},
		{"10 - 3 - 2", NUMBER, 5, 1},
		{"12 / 3 / 2", NUMBER, 2, 1},
		{"2 * (3 + 4)", NUMBER, 14, 1},
		{"-n_a + 1", NUMBER, -2, 1},
		{"- - 3", NUMBER, 3, 1},
		{"1.5 + 10%", NUMBER, 16, 10},
		{"50 yuan", MONEY, 5000, 1},
		{"0.05 yuan", MONEY, 5, 1},
		{"5 fen", MONEY, 5, 1},
		{"8 hours + 30 minutes + 1 second", TIME, 30601, 1},
		{"1 day", DAYS, 1, 1},
		/* a third has no end in decimals, and is whole again three times */
		{"n_b * 3", NUMBER, 1, 1},
		/* rules.md 11.1: ten hours at a rate are added exactly and rounded once */
		{"round(10 * (m_b * 100 / 21.75 / 8 * 1.5), 1 fen)", MONEY, 86207, 1},
		{"round(m_a / d_b * d_a, 1 fen)", MONEY, 73563, 1},
		{"m_a / d_b * d_a", MONEY, 800000 * 200, 2175},
		{"p_a * c_a", MONEY, 14400, 1},
		{"t_a / t_b", NUMBER, 3, 16},
		{"m_b / 1 hour * t_a", MONEY, 15000, 1},
		/* rounding: a half away from zero, up to more and down to less, by any step */
		{"round(0.125 yuan, 1 fen)", MONEY, 13, 1},
		{"round(-0.125 yuan, 1 fen)", MONEY, -13, 1},
		{"round_down(t_a, 1 hour)", TIME, 3600, 1},
		{"round_up(t_a, 1 hour)", TIME, 7200, 1},
		{"round_up(-t_a, 1 hour)", TIME, -3600, 1},
		{"round_down(-t_a, 1 hour)", TIME, -7200, 1},
		{"round_down(d_b, 0.5 days)", DAYS, 43, 2},
		{"min(m_a, m_b, m_c)", MONEY, -300, 1},
		{"max(1, 3, 2)", NUMBER, 3, 1},
		{"clamp(m_a, 0 yuan, 5000 yuan)", MONEY, 500000, 1},
		{"clamp(m_c, 0 yuan, 5000 yuan)", MONEY, 0, 1},
		{"abs(m_c)", MONEY, 300, 1},
		{"if t_a > 1 hour then 50 yuan else 0 yuan", MONEY, 5000, 1},
		{"if b_b then 1 else if b_a then 2 else 3", NUMBER, 2, 1},
		{"2 * (if b_a then 5 else 6) + 1", NUMBER, 11, 1},
		{"1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3 and 1 = 1 and 1 != 2", TRUTH, 1, 1},
		{"b_b or not b_b and b_a", TRUTH, 1, 1},
		{"b_a = true", TRUTH, 1, 1},
		/* what is missing is not 0, but may be asked for; what isn't reached isn't missed */
		{"or_else(m_none, 7 yuan)", MONEY, 700, 1},
		{"or_else(m_b, 7 yuan)", MONEY, 10000, 1},
		{"or_else(m_a + m_none, 7 yuan)", MONEY, 700, 1},
		{"if known(m_none) then m_none else m_b", MONEY, 10000, 1},
		{"if b_a then m_b else m_none", MONEY, 10000, 1},
		{"b_a or n_none = 1", TRUTH, 1, 1},
		{"b_b and n_none = 1", TRUTH, 0, 1},
		/* each segment exactly, then rounded once */
		{"round(sum(seg.m_wage / 21.75 days * seg.d_days), 1 fen)", MONEY, 367816, 1},
		{"sum(1)", NUMBER, 2, 1},
		{"band(scale, 99.99 yuan)", NUMBER, 3, 100},
		{"band(scale, m_b)", NUMBER, 1, 10},
		{"m_b * band(scale, 1000000 yuan)", MONEY, 2000, 1},
		{"dt_b - dt_a", DAYS, 59, 1},
		{"dt_a + 1 day", DATE, 20454, 1},
		{"dt_a < dt_b and 2025-12-31 = dt_a", TRUTH, 1, 1},
		{"days_between(dt_a, dt_b)", DAYS, 59, 1},
		/* the last of a shorter month is a whole month later, the day before isn't */
		{"whole_months(dt_a, dt_b)", NUMBER, 2, 1},
		{"whole_months(dt_a, 2026-02-27)", NUMBER, 1, 1},
		{"whole_years(2020-02-29, 2026-02-28)", NUMBER, 6, 1},
		{"whole_years(2020-03-01, 2026-02-28)", NUMBER, 5, 1},
		{"whole_years(2026-02-28, 2025-12-31)", NUMBER, -1, 1},
		{"year(dt_a) * 10000 + month(dt_a) * 100 + day(dt_a)", NUMBER, 20251231, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct ratio want = ratio_of(CASES[i].num, CASES[i].den);

		if (!saved(CASES[i].text, CASES[i].type))
			fail_msg("%s: fault %d at %d", CASES[i].text, faults.fault[0].code, faults.fault[0].at);
		struct formula_result r = formula_run(&f, &input);
		if (r.end != FORMULA_DONE || ratio_compare(r.number, want) != 0)
			fail_msg("%s: end %d, %lld/%lld", CASES[i].text, r.end, (long long)r.number.num, (long long)r.number.den);
	}
}

/* The place is that of what went wrong, not of the whole. */
static void they_stop(void **state)
{
	static const struct {
		const char *text;
		struct formula_type type;
		enum formula_end end;
		const char *place;
	} CASES[] = {
		{"m_b + m_none", MONEY, FORMULA_MISSING, "m_none"},
		{"or_else(m_none, m_none)", MONEY, FORMULA_MISSING, "m_none"},
		{"1 + 3 / n_c", NUMBER, FORMULA_DIVIDED, "3 / n_c"},
		{"or_else(3 / n_c, 1)", NUMBER, FORMULA_DIVIDED, "3 / n_c"},
		{"round(m_a, 0 yuan)", MONEY, FORMULA_DIVIDED, "round(m_a, 0 yuan)"},
		{"band(scale, m_c)", NUMBER, FORMULA_NO_BAND, "band(scale, m_c)"},
		{"n_none = 1 or b_a", TRUTH, FORMULA_MISSING, "n_none"},
		{"999999999999999 * 999999999999999 * 999999999999999 * 999999999999999", NUMBER, FORMULA_OVERFLOW,
		 "999999999999999 * 999999999999999 * 999999999999999"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_true(saved(CASES[i].text, CASES[i].type));
		struct formula_result r = formula_run(&f, &input);
		if (r.end != CASES[i].end || r.length != strlen(CASES[i].place) ||
		    memcmp(CASES[i].text + r.at, CASES[i].place, r.length) != 0)
			fail_msg("%s: end %d at %.*s", CASES[i].text, r.end, r.length, CASES[i].text + r.at);
	}
}

/* ---- what is refused ---- */

static void they_are_refused(void **state)
{
	static const struct {
		const char *text;
		struct formula_type type;
		enum formula_code code;
		const char *place;
	} CASES[] = {
		{"1 ? 2", NUMBER, FORMULA_CHARACTER, "?"},
		{"1 + \xe5\x85\x83", NUMBER, FORMULA_CHARACTER, "\xe5\x85\x83"},
		{"1; 2", NUMBER, FORMULA_CHARACTER, ";"},
		{"1234567890123456", NUMBER, FORMULA_DIGITS, "1234567890123456"},
		{"2026-02-30", DATE, FORMULA_DIGITS, "2026-02-30"},
		{"1 2", NUMBER, FORMULA_UNEXPECTED, "2"},
		{"1 + * 2", NUMBER, FORMULA_UNEXPECTED, "*"},
		{"(1 + 2", NUMBER, FORMULA_UNFINISHED, ""},
		{"1 +", NUMBER, FORMULA_UNFINISHED, ""},
		{"", NUMBER, FORMULA_UNFINISHED, ""},
		{"if b_a then 1", NUMBER, FORMULA_UNFINISHED, ""},
		{"if then 1 else 2", NUMBER, FORMULA_UNEXPECTED, "then"},
		{"1 < 2 < 3", TRUTH, FORMULA_UNEXPECTED, "<"},
		{"salary", NUMBER, FORMULA_NO_NAME, "salary"},
		{"os.system(1)", NUMBER, FORMULA_NO_FUNCTION, "os.system"},
		{"min(1)", NUMBER, FORMULA_ARGUMENTS, "min"},
		{"round(1)", NUMBER, FORMULA_ARGUMENTS, "round"},
		{"abs(1, 2)", NUMBER, FORMULA_ARGUMENTS, "abs"},
		{"known(1 + 1)", TRUTH, FORMULA_ARGUMENTS, "known(1 + 1)"},
		{"m_a + t_a", MONEY, FORMULA_UNITS, "m_a + t_a"},
		{"m_a > 5", TRUTH, FORMULA_UNITS, "m_a > 5"},
		{"max(m_a, 0)", MONEY, FORMULA_UNITS, "max(m_a, 0)"},
		{"m_a * m_a * m_a * m_a", NUMBER, FORMULA_UNITS, "m_a * m_a * m_a * m_a"},
		{"dt_a + 1 hour", DATE, FORMULA_UNITS, "dt_a + 1 hour"},
		{"1 + true", NUMBER, FORMULA_KINDS, "1 + true"},
		{"if 1 then 2 else 3", NUMBER, FORMULA_KINDS, "1"},
		{"if b_a then 1 else true", NUMBER, FORMULA_KINDS, "if b_a then 1 else true"},
		{"b_a < b_b", TRUTH, FORMULA_KINDS, "b_a < b_b"},
		{"year(5)", NUMBER, FORMULA_KINDS, "5"},
		{"m_a", DAYS, FORMULA_RESULT, "m_a"},
		{"m_a > m_b", MONEY, FORMULA_RESULT, "m_a > m_b"},
		{"seg.m_wage", MONEY, FORMULA_SEGMENT, "seg.m_wage"},
		{"sum(sum(1))", NUMBER, FORMULA_SEGMENT, "sum(1)"},
		{"band(scales, m_a)", NUMBER, FORMULA_NO_NAME, "scales"},
		{"band(scale, t_a)", NUMBER, FORMULA_UNITS, "t_a"},
		{"((((((((((((((((((((((1))))))))))))))))))))))", NUMBER, FORMULA_TOO_DEEP, "("},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		if (saved(CASES[i].text, CASES[i].type))
			fail_msg("%s was taken", CASES[i].text);
		const struct formula_fault *w = &faults.fault[0];
		if (faults.n != 1 || w->code != CASES[i].code || w->length != strlen(CASES[i].place) ||
		    memcmp(CASES[i].text + w->at, CASES[i].place, w->length) != 0)
			fail_msg("%s: %u faults, the first %d at '%.*s'", CASES[i].text, faults.n, w->code, w->length, CASES[i].text + w->at);
	}
}

static void all_faults_at_once(void **state)
{
	(void)state;
	assert_false(saved("x.one + (if m_a > 1 then y.two else m_b + t_a)", (struct formula_type)MONEY));
	assert_int_equal(faults.n, 4);
	assert_int_equal(faults.fault[0].code, FORMULA_NO_NAME);
	assert_int_equal(faults.fault[1].code, FORMULA_UNITS);
	assert_int_equal(faults.fault[2].code, FORMULA_NO_NAME);
	assert_int_equal(faults.fault[3].code, FORMULA_UNITS);
}

/* 1+1+1 of so many. */
static void ones(char *text, unsigned n)
{
	for (unsigned i = 0; i + 1 < n; i++)
		memcpy(text + 2 * i, "1+", 2);
	memcpy(text + 2 * n - 2, "1", 2);
}

static void too_much_is_refused(void **state)
{
	static char text[FORMULA_TEXT_MOST + 2];

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	text[0] = '1';
	assert_false(saved(text, FORMULA_PLAIN));
	assert_int_equal(faults.fault[0].code, FORMULA_TOO_LONG);
	text[FORMULA_TEXT_MOST] = '\0';
	assert_true(saved(text, FORMULA_PLAIN));
	ones(text, 101); /* with their signs 201 nodes */
	assert_false(saved(text, FORMULA_PLAIN));
	assert_int_equal(faults.fault[0].code, FORMULA_TOO_LONG);
	ones(text, 100);
	assert_true(saved(text, FORMULA_PLAIN));
	assert_int_equal(ratio_compare(formula_run(&f, &input).number, ratio_int(100)), 0);
}

/* ---- order ---- */

static int item_of(const void *arg, uint16_t slot)
{
	(void)arg;
	return slot < 4 ? slot : -1; /* m_a, m_b, m_c, t_a stand for items 0 to 3 */
}

static bool ordered(const char *const text[4], unsigned order[4], unsigned *circle)
{
	static struct formula four[4];
	const struct formula *items[4] = {&four[0], &four[1], &four[2], &four[3]};

	for (int i = 0; i < 4; i++) {
		assert_true(formula_read(&four[i], text[i], strlen(text[i]), &faults));
		formula_check(&four[i], &GIVEN, FORMULA_MONEY, &faults); /* t_a is of another type, and no matter here */
	}
	return formula_order(items, 4, item_of, NULL, order, circle);
}

static void the_needed_come_first(void **state)
{
	unsigned order[4], circle;

	(void)state;
	assert_true(ordered((const char *const[]){"m_c + 1 yuan", "1 yuan", "m_b + m_b", "2 yuan"}, order, &circle));
	assert_memory_equal(order, ((unsigned[]){1, 2, 0, 3}), sizeof(order));
	assert_true(ordered((const char *const[]){"1 yuan", "2 yuan", "3 yuan", "4 yuan"}, order, &circle));
	assert_memory_equal(order, ((unsigned[]){0, 1, 2, 3}), sizeof(order));
}

static void circles_are_shown(void **state)
{
	unsigned order[4], circle;

	(void)state;
	assert_false(ordered((const char *const[]){"m_b", "if b_a then m_c else 1 yuan", "m_b + 1 yuan", "1 yuan"}, order, &circle));
	assert_int_equal(circle, 2);
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 2);
	assert_false(ordered((const char *const[]){"m_a", "1 yuan", "1 yuan", "1 yuan"}, order, &circle));
	assert_int_equal(circle, 1);
	assert_int_equal(order[0], 0);
}

/* ---- what is said ---- */

struct said {
	char text[600];
	size_t n;
};

static void put(void *arg, const char *piece, size_t n)
{
	struct said *s = arg;

	assert_true(s->n + n < sizeof(s->text));
	memcpy(s->text + s->n, piece, n);
	s->n += n;
	s->text[s->n] = '\0';
}

static void said_as_people_write(void **state)
{
	static const struct {
		const char *text;
		struct formula_type type;
		const char *said;
	} CASES[] = {
		{"round(m_a / d_b * d_a, 1 fen)", MONEY, "round(8000.00 ÷ 21.75 d × 2 d, 0.01) = 735.63"},
		{"m_a - (m_b - m_c)", MONEY, "8000.00 − (100.00 − -3.00) = 7897.00"},
		{"(m_a + m_b) * 10%", MONEY, "(8000.00 + 100.00) × 0.1 = 810.00"},
		{"m_a / (2 / 4)", MONEY, "8000.00 ÷ (2 ÷ 4) = 16000.00"},
		{"if t_a > 1 hour then m_b * 2 else 0 yuan", MONEY, "100.00 × 2 = 200.00"},
		{"m_b + or_else(m_none, 0 yuan)", MONEY, "100.00 + 0.00 = 100.00"},
		{"p_a * c_a", MONEY, "1.20 × 120 = 144.00"},
		{"sum(seg.m_wage)", MONEY, "(5000.00 + 6000.00) = 11000.00"},
		{"m_b * band(scale, m_b)", MONEY, "100.00 × 0.1 = 10.00"},
		{"m_b / 1 hour", {FORMULA_NUMBER, {1, -1, 0, 0}}, "100.00 ÷ 1 h = 100.00/h"},
		{"n_a * n_b / 3", NUMBER, "3 × 1/3 ÷ 3 = 1/3"},
		{"t_a", TIME, "1.5 h = 1.5 h"},
		{"-m_b", MONEY, "−100.00 = -100.00"},
		{"b_a and b_b", TRUTH, "false = false"},
		{"dt_a + 1 day", DATE, "2026-01-01 = 2026-01-01"},
		{"max(m_a, m_b)", MONEY, "max(8000.00, 100.00) = 8000.00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct said s = {.n = 0};

		assert_true(saved(CASES[i].text, CASES[i].type));
		assert_int_equal(formula_run(&f, &input).end, FORMULA_DONE);
		formula_say(&f, &input, put, &s);
		if (strcmp(s.text, CASES[i].said) != 0)
			fail_msg("%s: %s", CASES[i].text, s.text);
	}
}

static void they_are_said_in_other_words(void **state)
{
	static const struct formula_sayings WORDS = {"小时", "天", "是", "否"};
	static const struct {
		const char *text;
		struct formula_type type;
		const char *said;
	} CASES[] = {
		{"m_a / d_b * d_a", MONEY, "8000.00 ÷ 21.75 天 × 2 天 = "},
		{"t_a + 1 hour", TIME, "1.5 小时 + 1 小时 = 2.5 小时"},
		{"b_a and b_b", TRUTH, "否 = 否"},
		{"b_a", TRUTH, "是 = 是"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct said s = {.n = 0};

		assert_true(saved(CASES[i].text, CASES[i].type));
		formula_say_in(&f, &input, &WORDS, put, &s);
		if (strncmp(s.text, CASES[i].said, strlen(CASES[i].said)) != 0)
			fail_msg("%s: %s", CASES[i].text, s.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_said_in_other_words),
		cmocka_unit_test(they_come_to),
		cmocka_unit_test(they_stop),
		cmocka_unit_test(they_are_refused),
		cmocka_unit_test(all_faults_at_once),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(the_needed_come_first),
		cmocka_unit_test(circles_are_shown),
		cmocka_unit_test(said_as_people_write),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
