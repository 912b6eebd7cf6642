/* Pay plans that ship: every row of each can be read, its formulas hold together, and broken ones
 * are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "pay_item.h"

#include <cmocka.h>

static struct ctx cx;
static Payroll__PayPlanList plans;

static int list(void **state)
{
	Renhe__Empty none = RENHE__EMPTY__INIT;

	(void)state;
	cx.arena = arena_new();
	plans = (Payroll__PayPlanList)PAYROLL__PAY_PLAN_LIST__INIT;
	return payroll_list_pay_plans(&cx, &none, &plans) ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	arena_free(cx.arena);
	return 0;
}

/* The plan's items, each in one span since the day. */
static void items_of(const Payroll__PayPlan *plan, struct pay_items *out)
{
	static char since[] = "2026-01-01";

	*out = (struct pay_items){arena_alloc(cx.arena, plan->n_items * sizeof(*out->item)),
				  plan->n_items};
	for (size_t i = 0; i < plan->n_items; i++) {
		plan->items[i]->valid_from = since;
		out->item[i] = (struct pay_item_spans){&plan->items[i], 1};
	}
}

static unsigned place(const struct pay_set *s, const char *code)
{
	for (unsigned k = 0; k < s->n; k++)
		if (!strcmp(s->item[s->order[k]]->code, code))
			return k;
	fail_msg("no %s", code);
	return 0;
}

static void each_plan_holds_together(void **state)
{
	struct pay_items items;
	struct pay_set s;

	(void)state;
	assert_int_equal(plans.n_items, 3);
	for (size_t i = 0; i < plans.n_items; i++) {
		items_of(plans.items[i], &items);
		assert_true(pay_set_begin(&s, cx.arena, &items, "2026-01-01"));
		assert_int_equal(s.n, plans.items[i]->n_items);
		assert_true(pay_set_check(&s));
		assert_int_equal(place(&s, "gross"), s.n - 1); /* it needs all of them */
		assert_true(pay_set_begin(&s, cx.arena, &items, "2025-12-31"));
		assert_int_equal(s.n, 0);
	}
}

static void without_an_item_it_does_not(void **state)
{
	struct pay_items items;
	struct pay_set s;

	(void)state;
	for (size_t i = 0; i < plans.n_items; i++) {
		items_of(plans.items[i], &items);
		items.item[0].span[0]->retired = true;
		assert_true(pay_set_begin(&s, cx.arena, &items, "2026-01-01"));
		assert_false(pay_set_check(&s));
	}
}

static void a_circle_is_told(void **state)
{
	static char formula[] = "item.gross";
	struct pay_items items;
	struct pay_set s;

	(void)state;
	items_of(plans.items[0], &items);
	items.item[0].span[0]->formula = formula;
	assert_true(pay_set_begin(&s, cx.arena, &items, "2026-01-01"));
	assert_false(pay_set_check(&s));
	assert_int_equal(s.n_circle, 2);
	assert_string_equal(pay_circle_text(&s), "hours_wage → gross → hours_wage");
}

static void rounding(void **state)
{
	static const struct {
		int64_t num, den;
		Payroll__PayItemRounding how;
		int64_t want;
	} CASES[] = {
		{5, 2, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN, 3},
		{-5, 2, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN, -3},
		{29, 10, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_DOWN, 2},
		{-21, 10, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_DOWN, -3},
		{21, 10, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_UP, 3},
		{-29, 10, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_UP, -2},
		{2, 1, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN_UP, 2},
		{145, 10, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_JIAO, 10},
		{15, 1, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_JIAO, 20},
		{149, 1, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_YUAN, 100},
		{150, 1, PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_YUAN, 200},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct ratio r = pay_rounded(ratio_of(CASES[i].num, CASES[i].den), CASES[i].how);

		assert_int_equal(r.den, 1);
		assert_int_equal(r.num, CASES[i].want);
	}
	assert_int_equal(
		pay_rounded(ratio_of(1, 3), PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_EXACT)
			.den,
		3);
	assert_false(ratio_good(pay_rounded(ratio_mul(ratio_int(INT64_MAX), ratio_int(4)),
					    PAYROLL__PAY_ITEM_ROUNDING__PAY_ITEM_ROUNDING_FEN)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_plan_holds_together, list, drop),
		cmocka_unit_test_setup_teardown(without_an_item_it_does_not, list, drop),
		cmocka_unit_test_setup_teardown(a_circle_is_told, list, drop),
		cmocka_unit_test(rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
