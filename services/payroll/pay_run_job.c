/* The calculation of a run, chunk by chunk: each chunk is one transaction with its slips, its postings and how far it came, so
 * that a process that is killed goes on behind the last one. */
#include "pay_run.h"
#include <inttypes.h>
#include "db.h"
#include "log.h"
#include "row.h"

#define CHUNK 200

struct running {
	const struct job *job;
	Payroll__PayRun *run;	  /* in the job's memory, over chunks */
	Payroll__PayGroup *group;
	int64_t people;
	bool more;
};

char *pay_run_input(struct arena *a, const Payroll__PayRun *run)
{
	return arena_printf(a, "%s %" PRId64, run->id, run->calculation);
}

/* ---- postings of a chunk ---- */

struct postings {
	struct ctx *cx;
	const Payroll__PayRun *run;
	Payroll__PayPosting **item;
	size_t n, room;
};

static bool same_unit(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static Payroll__PayPosting *posting(struct postings *p, Payroll__PostingAccount account, char *unit)
{
	Payroll__PayPosting *one;

	for (size_t i = 0; i < p->n; i++)
		if (p->item[i]->account == account && same_unit(p->item[i]->org_unit_id, unit))
			return p->item[i];
	one = (Payroll__PayPosting *)msg_new(p->cx->arena, &RULE_PAYROLL_PAY_POSTING);
	one->pay_run_id = p->run->id;
	one->has_account = one->has_amount_fen = true;
	one->account = account;
	one->org_unit_id = unit;
	p->item[p->n++] = one;
	return one;
}

/* Debit above zero: what it costs, and what the person owes; credit: whom it is owed to. The sum is zero. */
static bool post(struct postings *p, char *unit, const Payroll__PayslipCalculation *a)
{
	const struct {
		Payroll__PostingAccount account;
		int64_t fen;
	} LINES[] = {
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_WAGE_COST, a->gross_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_EMPLOYER_COST, a->employer_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_RECEIVABLE, a->receivable_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_NET_PAYABLE, -a->net_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_TAX_PAYABLE, -a->tax_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_CONTRIBUTION_PAYABLE, -a->own_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_CONTRIBUTION_PAYABLE, -a->employer_fen},
		{PAYROLL__POSTING_ACCOUNT__POSTING_ACCOUNT_DEDUCTION_PAYABLE, -a->deducted_fen},
	};

	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		Payroll__PayPosting *one = posting(p, LINES[i].account, unit);

		if (__builtin_add_overflow(one->amount_fen, LINES[i].fen, &one->amount_fen))
			return false;
	}
	return true;
}

static bool add(struct running *r, const Payroll__PayslipCalculation *a)
{
	Payroll__PayRun *t = r->run;
	struct {
		int64_t *sum, fen;
	} SUMS[] = {
		{&t->gross_fen, a->gross_fen}, {&t->own_fen, a->own_fen}, {&t->tax_fen, a->tax_fen}, {&t->deducted_fen, a->deducted_fen},
		{&t->net_fen, a->net_fen}, {&t->receivable_fen, a->receivable_fen}, {&t->employer_fen, a->employer_fen}, {&t->top_up_fen, a->top_up_fen},
	};

	for (size_t i = 0; i < sizeof(SUMS) / sizeof(SUMS[0]); i++)
		if (__builtin_add_overflow(*SUMS[i].sum, SUMS[i].fen, SUMS[i].sum))
			return false;
	return true;
}

/* ---- one chunk ---- */

struct gathered {
	struct msg_list members, terms, before, facts;
	Payroll__PayRunScan *scan;
};

/* A trial takes no fact away from the run that is paid. */
static bool gather_facts(struct ctx *cx, const struct running *r, struct gathered *g)
{
	if (r->run->kind == PAYROLL__PAY_RUN_KIND__PAY_RUN_KIND_TRIAL)
		return db_many(cx, &Q_PERIOD_FACT_SEEN, g->scan, &g->facts);
	return db_exec(cx, &Q_PERIOD_FACT_TAKE, g->scan, NULL) && db_many(cx, &Q_PERIOD_FACT_TAKEN, g->scan, &g->facts);
}

static bool gather(struct ctx *cx, struct running *r, struct gathered *g)
{
	Payroll__PayRunScan *s = g->scan = (Payroll__PayRunScan *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN_SCAN);
	struct msg_list *members = &g->members;

	msg_assign(&r->run->base, &s->base);
	s->legal_entity_id = r->group->legal_entity_id;
	s->has_page_limit = true;
	s->page_limit = CHUNK;
	if (!db_many(cx, &Q_PAY_RUN_MEMBERS, s, members) || !members->n)
		return !cx->fault.def;
	s->employee_ids = arena_alloc(cx->arena, members->n * sizeof(char *));
	s->person_ids = arena_alloc(cx->arena, members->n * sizeof(char *));
	for (size_t i = 0; i < members->n; i++) {
		const Payroll__PayRunMember *m = (const Payroll__PayRunMember *)members->items[i];

		s->employee_ids[s->n_employee_ids++] = m->employee_id;
		s->person_ids[s->n_person_ids++] = m->person_id;
	}
	return db_many(cx, &Q_PAY_RUN_TERMS, s, &g->terms) && db_many(cx, &Q_PAY_RUN_BEFORE, s, &g->before) && gather_facts(cx, r, g);
}

static bool make_one(struct ctx *cx, struct running *r, const struct pay_facts *f, Payroll__Payslip *slip, struct postings *p)
{
	Payroll__PayslipCalculation *answer;

	if (!pay_slip_make(cx, f, slip, &answer))
		return false;
	if (!answer) {
		r->run->held++;
		return true;
	}
	r->run->calculated++;
	/* Sums of 100,000 people at the most that one may earn stay within 64 bits; what does not is a defect. */
	return (add(r, answer) && post(p, slip->org_unit_id, answer)) || fail(cx, &FAULT_INTERNAL, NULL);
}

/* What those who are held out have waits for a run that pays them. */
static bool give_back(struct ctx *cx, struct gathered *g, ProtobufCMessage **slips)
{
	size_t n = 0;

	for (size_t i = 0; i < g->members.n; i++)
		if (((Payroll__Payslip *)slips[i])->state == PAYROLL__PAYSLIP_STATE__PAYSLIP_STATE_HELD)
			g->scan->employee_ids[n++] = ((Payroll__Payslip *)slips[i])->employee_id;
	g->scan->n_employee_ids = n;
	return !n || db_exec(cx, &Q_PERIOD_FACT_GIVE_BACK, g->scan, NULL);
}

static bool store(struct ctx *cx, struct running *r, struct gathered *g, ProtobufCMessage **slips, const struct postings *p)
{
	size_t failed, n = g->members.n;

	return give_back(cx, g, slips) && db_exec_all(cx, &Q_PAYSLIP_INSERT, slips, n, &failed) &&
	       (!p->n || db_exec_all(cx, &Q_PAY_POSTING_ADD, (ProtobufCMessage *const *)p->item, p->n, &failed)) &&
	       db_exec(cx, &Q_PAY_RUN_PROGRESS, r->run, NULL);
}

static bool chunk(struct ctx *cx, struct running *r)
{
	struct gathered g = {0};
	struct pay_facts f = {.run = r->run, .group = r->group, .terms = &g.terms, .before = &g.before, .facts = &g.facts};
	struct postings p = {.cx = cx, .run = r->run};
	ProtobufCMessage **slips;

	if (!gather(cx, r, &g))
		return false;
	r->more = g.members.n == CHUNK;
	if (!g.members.n)
		return true;
	p.item = arena_alloc(cx->arena, g.members.n * 8 * sizeof(*p.item));
	slips = arena_alloc(cx->arena, g.members.n * sizeof(ProtobufCMessage *));
	for (size_t i = 0; i < g.members.n; i++) {
		f.member = (const Payroll__PayRunMember *)g.members.items[i];
		slips[i] = msg_new(cx->arena, &RULE_PAYROLL_PAYSLIP);
		if (!make_one(cx, r, &f, (Payroll__Payslip *)slips[i], &p))
			return false;
	}
	r->run->done_employee_id = arena_strdup(r->job->arena, f.member->employee_id);
	r->people += (int64_t)g.members.n;
	return store(cx, r, &g, slips, &p);
}

/* ---- the whole ---- */

static bool read_run(struct ctx *cx, struct running *r, bool *stale)
{
	Payroll__GetPayRunRequest of = PAYROLL__GET_PAY_RUN_REQUEST__INIT;
	Payroll__GetPayGroupRequest group = PAYROLL__GET_PAY_GROUP_REQUEST__INIT;
	Payroll__PayRun *run = (Payroll__PayRun *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN);
	Payroll__PayGroup *g = (Payroll__PayGroup *)msg_new(cx->arena, &RULE_PAYROLL_PAY_GROUP);
	const char *input = arena_strndup(cx->arena, r->job->input.p, r->job->input.n);

	of.id = arena_strndup(cx->arena, input, strcspn(input, " "));
	if (!db_one(cx, &Q_PAY_RUN_LOCK, &of, run))
		return false;
	*stale = strcmp(input, pay_run_input(cx->arena, run)) != 0 || run->state != PAYROLL__PAY_RUN_STATE__PAY_RUN_STATE_CALCULATING;
	group.id = run->pay_group_id;
	if (*stale || !db_one(cx, &Q_PAY_GROUP_GET, &group, g))
		return !cx->fault.def;
	r->run = (Payroll__PayRun *)msg_copy(r->job->arena, &run->base);
	r->group = (Payroll__PayGroup *)msg_copy(r->job->arena, &g->base);
	return true;
}

static bool clear(struct ctx *cx, struct running *r)
{
	Payroll__PayRun *t = r->run;

	t->calculated = t->held = 0;
	t->gross_fen = t->own_fen = t->tax_fen = t->deducted_fen = t->net_fen = t->receivable_fen = t->employer_fen = t->top_up_fen = 0;
	return db_exec(cx, &Q_PAY_RUN_SLIPS_CLEAR, t, NULL) && db_exec(cx, &Q_PAY_RUN_POSTINGS_CLEAR, t, NULL) &&
	       db_exec(cx, &Q_PERIOD_FACT_GIVE_BACK_ALL, t, NULL) &&
	       db_exec(cx, &Q_PAY_RUN_PROGRESS, t, NULL);
}

/* What was counted must be there, and the ledger balanced: else nobody gets to see the run. */
static bool finish(struct ctx *cx, struct running *r)
{
	Payroll__PayRunTotal *t = (Payroll__PayRunTotal *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN_TOTAL);

	if (!db_one(cx, &Q_PAY_RUN_TOTAL, r->run, t))
		return false;
	if (t->slips != r->run->calculated + r->run->held || t->fen != 0) {
		log_line(LOG_ERROR, "pay_run_unbalanced", "pay_run_id", r->run->id, NULL);
		return fail(cx, &FAULT_INTERNAL, NULL);
	}
	r->run->digest = t->digest;
	return db_exec(cx, &Q_PAY_RUN_CALCULATED, r->run, NULL) && job_end(cx, true, NULL);
}

/* Another calculation may have begun since the last chunk: this one ends then. */
static bool go_on(struct ctx *cx, struct running *r, bool *stale)
{
	r->run = NULL;
	return read_run(cx, r, stale);
}

bool pay_run_calculate(struct ctx *cx, const struct job *job)
{
	struct running r = {.job = job, .more = true};
	bool stale;

	if (!read_run(cx, &r, &stale))
		return false;
	if (!stale && !r.run->done_employee_id && !clear(cx, &r))
		return false;
	while (!stale && r.more) {
		if (!chunk(cx, &r))
			return false;
		if (r.more && (!job_checkpoint(cx, r.people, r.people + CHUNK) || !go_on(cx, &r, &stale)))
			return false;
	}
	return stale ? job_end(cx, true, NULL) : finish(cx, &r);
}
