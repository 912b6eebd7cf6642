/* rules_probe: one question a line on stdin, one answer a line on stdout, for tests/gen/test_rules.py.
 *   RULE DAY PLACE NUMBER...      DAY as YYYY-MM-DD: which rows hold
 * Answer: the figures, or the kind of fault and its item. */
#include <stdio.h>
#include <string.h>
#include "contract.h"
#include "income_tax.h"
#include "insurance.h"
#include "leave.h"
#include "rules_law.h"
#include "severance.h"
#include "wage.h"

#define ARGS 12

struct question {
	struct rules *r;
	long long a[ARGS];
	int n;
};

static bool say(long long v)
{
	printf("%lld\n", v);
	return true;
}

static bool say_tax(bool good, const struct tax *t)
{
	return good && say(t->tax_fen);
}

static bool year(struct question *q)
{
	struct tax t;

	return say_tax(tax_of_year(q->r, q->a[0], &t), &t);
}

static bool bonus(struct question *q)
{
	struct tax t;

	return say_tax(tax_bonus(q->r, q->a[0], &t), &t);
}

static bool fee(struct question *q)
{
	struct tax t;

	return say_tax(tax_fee(q->r, (enum fee)q->a[0], q->a[1], &t), &t);
}

static bool foreign(struct question *q)
{
	struct tax t;

	return say_tax(tax_non_resident_wage(q->r, q->a[0], &t), &t);
}

static bool foreign_bonus(struct question *q)
{
	struct tax t;

	return say_tax(tax_non_resident_bonus(q->r, q->a[0], &t), &t);
}

/* mode, first month, then income, contributions and special of each month; the tax of the last. */
static bool withhold(struct question *q)
{
	struct tax_year y = {.mode = (enum basic_mode)q->a[0], .first_month = (int)q->a[1]};
	struct tax_withheld w = {0};

	for (int i = 2; i + 2 < q->n; i += 3) {
		struct tax_month m = {.income_fen = q->a[i], .contributions_fen = q->a[i + 1], .special_fen = q->a[i + 2]};
		if (!tax_withhold(q->r, &y, y.first_month + (i - 2) / 3, &m, &w))
			return false;
	}
	return say(w.tax_fen);
}

static bool severance_tax(struct question *q)
{
	struct tax_severance s;

	return tax_severance(q->r, q->a[0], q->a[1], &s) && say(s.tax.tax_fen);
}

static bool overtime(struct question *q)
{
	int64_t v;

	return wage_overtime(q->r, q->a[0], (enum overtime)q->a[1], q->a[2], &v) && say(v);
}

/* method, wage, days since 1970 of the month's first, of hire and of the end */
static bool part(struct question *q)
{
	struct part_month m;

	return wage_part_month(q->r, (enum proration)q->a[0], q->a[1], (civil_day)q->a[2], (civil_day)q->a[3], (civil_day)q->a[4],
			       &m) &&
	       printf("%d %lld\n", m.paid_days, (long long)m.pay_fen) > 0;
}

static bool sick(struct question *q)
{
	int64_t v;

	return wage_sick(q->r, q->a[0], (int)q->a[1], q->a[2], q->a[3], &v) && say(v);
}

static bool insurance(struct question *q)
{
	struct contribution c;

	return insurance_contribution(q->r, (enum insurance)q->a[0], q->a[1], &c) &&
	       printf("%lld %lld %lld\n", (long long)c.base_fen, (long long)c.worker_fen, (long long)c.employer_fen) > 0;
}

static bool fund(struct question *q)
{
	struct fund_terms t = {q->a[0], q->a[1], q->a[2], false, false};
	struct contribution c;

	return insurance_fund(q->r, &t, &c) && say(c.worker_fen);
}

static bool severance(struct question *q)
{
	struct service_time s = {(int)q->a[4], (int)q->a[5]};
	struct severance v;

	return severance_pay(q->r, (enum severance_ground)q->a[0], q->a[1], q->a[2], q->a[3], s, &v) && say(v.pay_fen);
}

static bool leaving(struct question *q)
{
	int days;

	return annual_leaving(q->r, (civil_day)q->a[0], (int)q->a[1], q->a[2], &days) && say(days);
}

static bool joining(struct question *q)
{
	int days;

	return annual_joining(q->r, (civil_day)q->a[0], (int)q->a[1], &days) && say(days);
}

static bool retirement(struct question *q)
{
	struct retirement out;

	return contract_retirement(q->r, (enum retirement_group)q->a[0], (int)q->a[1], (int)q->a[2], &out) &&
	       printf("%d %d\n", out.year, out.month) > 0;
}

static bool day_type(struct question *q)
{
	return say(calendar_day(q->r, (civil_day)q->a[0], NULL));
}

static const struct {
	const char *name;
	bool (*ask)(struct question *q);
} RULES[] = {
	{"year", year}, {"bonus", bonus}, {"fee", fee}, {"foreign", foreign}, {"foreign-bonus", foreign_bonus},
	{"withhold", withhold}, {"severance-tax", severance_tax}, {"overtime", overtime}, {"part", part}, {"sick", sick},
	{"insurance", insurance}, {"fund", fund}, {"severance", severance}, {"leaving", leaving}, {"joining", joining},
	{"retirement", retirement}, {"day", day_type},
};

static bool answer(struct question *q, const char *rule)
{
	for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++)
		if (strcmp(RULES[i].name, rule) == 0)
			return RULES[i].ask(q);
	fprintf(stderr, "no rule %s\n", rule);
	exit(64);
}

int main(void)
{
	static const char *const FAULTS[] = {"FINE", "NO_LAW", "OVERFLOW", "INPUT"};
	struct law law = shipped_law();
	char line[600], rule[40], date[16], place[16];

	while (fgets(line, sizeof(line), stdin)) {
		struct rules r = {.law = &law, .place = place};
		struct question q = {.r = &r};
		int at = 0, more;

		if (sscanf(line, "%39s %15s %15s%n", rule, date, place, &at) != 3 || !civil_read(date, &r.day))
			return 64;
		while (q.n < ARGS && sscanf(line + at, "%lld%n", &q.a[q.n], &more) == 1) {
			q.n++;
			at += more;
		}
		if (!answer(&q, rule))
			printf("%s %s\n", FAULTS[r.fault.kind], r.fault.item);
	}
	return 0;
}
