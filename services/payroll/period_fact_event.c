/* From events of scheduling and performance to facts of a period, by the same functions that answer requests. */
#include "fault.h"
#include "json.h"
#include "payroll.h"
#include "period_fact.h"
#include "row.h"

typedef Payroll__PeriodFact fact;
typedef Payroll__RecordPeriodFactsRequest request;

#define OF_SCHEDULING(k) SCHEDULING__PERIOD_LINE_KIND__PERIOD_LINE_KIND_##k
#define OF_PAYROLL(k) PAYROLL__PERIOD_FACT_KIND__PERIOD_FACT_KIND_##k

static const Payroll__PeriodFactKind KINDS[] = {
	[OF_SCHEDULING(OVERTIME_WEEKDAY)] = OF_PAYROLL(OVERTIME_WEEKDAY),
	[OF_SCHEDULING(OVERTIME_REST)] = OF_PAYROLL(OVERTIME_REST),
	[OF_SCHEDULING(OVERTIME_HOLIDAY)] = OF_PAYROLL(OVERTIME_HOLIDAY),
	[OF_SCHEDULING(ABSENCE)] = OF_PAYROLL(ABSENCE),
	[OF_SCHEDULING(SICKNESS)] = OF_PAYROLL(SICKNESS),
};

/* ---- recording ---- */

static char *source_of(struct ctx *cx, const char *system, const char *id)
{
	return arena_printf(cx->arena, "%s/%s", system, id);
}

static request *request_for(struct ctx *cx, size_t most)
{
	request *r = (request *)msg_new(cx->arena, &RULE_PAYROLL_RECORD_PERIOD_FACTS_REQUEST);

	r->items = arena_alloc(cx->arena, (most + 1) * sizeof(*r->items));
	return r;
}

static fact *add(struct ctx *cx, request *r, char *source, char *employee_id, char *month, Payroll__PeriodFactKind kind)
{
	fact *f = (fact *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT);

	f->source = source;
	f->employee_id = employee_id;
	f->month = month;
	f->has_kind = true;
	f->kind = kind;
	r->items[r->n_items++] = f;
	return f;
}

/* The key, by which events of a person keep their order, must be that of the employment's person. */
static bool of_person(struct ctx *cx, const Payroll__RecordPeriodFactsResponse *out, const char *person_id)
{
	for (size_t i = 0; i < out->n_items; i++)
		if (strcmp(out->items[i]->person_id, person_id) != 0)
			return fail(cx, &FAULT_PERIOD_FACT_REFUSED, "person_id");
	return true;
}

static bool record(struct ctx *cx, const request *r, const char *person_id)
{
	Payroll__RecordPeriodFactsResponse *out =
		(Payroll__RecordPeriodFactsResponse *)msg_new(cx->arena, &RULE_PAYROLL_RECORD_PERIOD_FACTS_RESPONSE);

	return json_validate(cx, &RULE_PAYROLL_RECORD_PERIOD_FACTS_REQUEST, &r->base) && payroll_record_period_facts(cx, r, out) &&
	       of_person(cx, out, person_id);
}

bool period_fact_on_settled(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Scheduling__PeriodSettled *in = (const Scheduling__PeriodSettled *)msg;
	request *r;

	(void)ev;
	if (!in || !in->n_lines)
		return true; /* a month without anything to tell */
	if (!json_validate(cx, &RULE_SCHEDULING_PERIOD_SETTLED, msg))
		return false;
	r = request_for(cx, in->n_lines);
	for (size_t i = 0; i < in->n_lines; i++) {
		const Scheduling__PeriodLine *l = in->lines[i];

		msg_assign(&l->base, &add(cx, r, source_of(cx, "scheduling", l->line_id), in->employee_id, in->month, KINDS[l->kind])->base);
		r->items[i]->kind = KINDS[l->kind]; /* the two enums are no one's promise to be the same numbers */
	}
	return record(cx, r, in->person_id);
}

bool period_fact_on_rating(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Performance__RatingPublished *in = (const Performance__RatingPublished *)msg;
	request *r;
	fact *f;

	(void)ev;
	if (!in)
		return true;
	if (!json_validate(cx, &RULE_PERFORMANCE_RATING_PUBLISHED, msg))
		return false;
	r = request_for(cx, 1);
	f = add(cx, r, source_of(cx, "performance", in->rating_id), in->employee_id, in->month, OF_PAYROLL(RATING));
	f->code = in->grade;
	f->has_coefficient_e4 = true;
	f->coefficient_e4 = in->coefficient_e4;
	return record(cx, r, in->person_id);
}

/* ---- withdrawing ---- */

static bool withdraw_one(struct ctx *cx, const fact *f, const char *person_id)
{
	Payroll__WithdrawPeriodFactRequest ask = PAYROLL__WITHDRAW_PERIOD_FACT_REQUEST__INIT;

	if (strcmp(f->person_id, person_id) != 0)
		return fail(cx, &FAULT_PERIOD_FACT_NOT_FOUND, NULL);
	ask.id = f->id;
	return f->withdrawn_time || payroll_withdraw_period_fact(cx, &ask, (fact *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT));
}

/* One that is not there was never told: events of a settlement have one order. */
static bool withdraw(struct ctx *cx, const char *system, char *const *ids, size_t n, const char *person_id)
{
	Payroll__PeriodFactLookup *l = (Payroll__PeriodFactLookup *)msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT_LOOKUP);
	struct msg_list stored;

	l->sources = arena_alloc(cx->arena, (n + 1) * sizeof(char *));
	for (; l->n_sources < n; l->n_sources++)
		l->sources[l->n_sources] = source_of(cx, system, ids[l->n_sources]);
	if (!db_many(cx, &Q_PERIOD_FACT_KNOWN, l, &stored))
		return false;
	if (stored.n < n)
		return fail(cx, &FAULT_PERIOD_FACT_NOT_FOUND, NULL);
	for (size_t i = 0; i < stored.n; i++)
		if (!withdraw_one(cx, (const fact *)stored.items[i], person_id))
			return false;
	return true;
}

bool period_fact_on_lines_withdrawn(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Scheduling__PeriodLinesWithdrawn *in = (const Scheduling__PeriodLinesWithdrawn *)msg;

	(void)ev;
	return !in || (json_validate(cx, &RULE_SCHEDULING_PERIOD_LINES_WITHDRAWN, msg) &&
		       withdraw(cx, "scheduling", in->line_ids, in->n_line_ids, in->person_id));
}

bool period_fact_on_rating_withdrawn(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	const Performance__RatingWithdrawn *in = (const Performance__RatingWithdrawn *)msg;

	(void)ev;
	return !in || (json_validate(cx, &RULE_PERFORMANCE_RATING_WITHDRAWN, msg) &&
		       withdraw(cx, "performance", &in->rating_id, 1, in->person_id));
}
