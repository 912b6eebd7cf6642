/* Pay runs: opened, calculated by a job, approved by another person, closed; their slips and postings. */
#include "pay_run.h"
#include "audit.h"
#include "civil.h"
#include "json.h"
#include "page.h"
#include "request.h"
#include "row.h"
#include "value.h"

static char *new_id(struct ctx *cx)
{
	char *id = arena_alloc(cx->arena, UUID_LEN + 1);

	uuid7(id);
	return id;
}

static bool noted(struct ctx *cx, const char *act, const Payroll__PayRun *run)
{
	return audit_put(cx, act, "pay_run", run->id, run->month, "ok");
}

static bool begin_job(struct ctx *cx, const Payroll__PayRun *run)
{
	request_wake_runner(cx);
	return job_add(cx, PAY_RUN_JOB, run->job_id, str_of(pay_run_input(cx->arena, run)));
}

/* ---- opening ---- */

static void pay_date_of(struct ctx *cx, const Payroll__PayGroup *g, civil_day month, Payroll__PayRun *run)
{
	civil_day first = g->pay_next_month ? civil_add_months(month, 1) : month;

	run->pay_date = arena_alloc(cx->arena, 11);
	date_format(first + g->pay_day - 1, run->pay_date);
}

static bool open_run(struct ctx *cx, const Payroll__PayRun *in, Payroll__PayRun *run)
{
	Payroll__GetPayGroupRequest of = PAYROLL__GET_PAY_GROUP_REQUEST__INIT;
	Payroll__PayGroup *g = (Payroll__PayGroup *)msg_new(cx->arena, &RULE_PAYROLL_PAY_GROUP);
	civil_day month;

	of.id = in->pay_group_id;
	if (!civil_read(in->month, &month) || civil_split(month).day != 1 || civil_split(month).year < 2000 || civil_split(month).year > 2199)
		fault_add(cx, "/month", "OUT_OF_RANGE", TEXT_SLIP_MONTH_FIRST);
	if (!fault_none(cx, &FAULT_VALIDATION_FAILED) || !db_one(cx, &Q_PAY_GROUP_GET, &of, g))
		return false;
	msg_assign(&in->base, &run->base);
	run->id = new_id(cx);
	run->job_id = new_id(cx);
	run->kind = in->has_kind ? in->kind : PAYROLL__PAY_RUN_KIND__PAY_RUN_KIND_REGULAR;
	run->sequence = in->has_sequence ? in->sequence : 1;
	run->has_kind = run->has_sequence = true;
	pay_date_of(cx, g, month, run);
	return true;
}

bool payroll_create_pay_run(struct ctx *cx, const Payroll__PayRun *in, Payroll__PayRun *out)
{
	Payroll__PayRun *run = (Payroll__PayRun *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN);

	return open_run(cx, in, run) && db_one(cx, &Q_PAY_RUN_INSERT, run, out) && begin_job(cx, out) && noted(cx, "pay_run.create", out);
}

/* ---- reading ---- */

/* Where the job of a run that is being calculated has failed, it says why. */
static bool tell_error(struct ctx *cx, Payroll__PayRun *run)
{
	struct job job;
	struct json_doc *d;
	const char *code, *title;
	bool found;

	if (run->state != PAYROLL__PAY_RUN_STATE__PAY_RUN_STATE_CALCULATING)
		return true;
	if (!job_get(cx, PAY_RUN_JOB, run->job_id, &job, &found))
		return false;
	d = found && !strcmp(job.state, "FAILED") && job.error ? json_parse(cx->arena, str_of(job.error)) : NULL;
	if (!d)
		return true;
	code = json_get_str(d, "code");
	title = json_get_str(d, "title");
	run->error_code = code ? arena_strdup(cx->arena, code) : NULL;
	run->error_detail = title ? arena_strdup(cx->arena, title) : NULL;
	json_done(d);
	return true;
}

bool payroll_get_pay_run(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun *out)
{
	return db_one(cx, &Q_PAY_RUN_GET, in, out) && tell_error(cx, out);
}

bool payroll_list_pay_runs(struct ctx *cx, const Payroll__ListPayRunsRequest *in, Payroll__ListPayRunsResponse *out)
{
	static const char *const BY_ID[] = {"id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_PAY_RUNS_REQUEST;
	Payroll__ListPayRunsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PAY_RUN_LIST, &list, &rows))
		return false;
	out->items = (Payroll__PayRun **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PAY_RUN, rows.items, rows.n, BY_ID, &out->n_items, &out->next_page_token);
}

/* ---- from one state to the next ---- */

static bool allows(const struct ctx *cx, Payroll__PayRunState state)
{
	const char *name = enum_name(&payroll__pay_run_state__descriptor, (int)state);

	for (const char *const *s = cx->route->states; *s; s++)
		if (!strcmp(*s, name))
			return true;
	return false;
}

static bool lock_for(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun **out)
{
	*out = (Payroll__PayRun *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN);
	return db_one(cx, &Q_PAY_RUN_LOCK, in, *out) && (allows(cx, (*out)->state) || fail(cx, &FAULT_PAY_RUN_STATE_CONFLICT, NULL));
}

/* While it is being calculated only where its job has given up. */
static bool may_begin_again(struct ctx *cx, Payroll__PayRun *run)
{
	if (run->state != PAYROLL__PAY_RUN_STATE__PAY_RUN_STATE_CALCULATING)
		return true;
	return tell_error(cx, run) && (run->error_code || fail(cx, &FAULT_PAY_RUN_STATE_CONFLICT, NULL));
}

bool payroll_calculate_pay_run(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun *out)
{
	Payroll__PayRun *run;

	if (!lock_for(cx, in, &run) || !may_begin_again(cx, run))
		return false;
	run->job_id = new_id(cx);
	return db_one(cx, &Q_PAY_RUN_AGAIN, run, out) && begin_job(cx, out) && noted(cx, "pay_run.calculate", out);
}

/* Neither the same account nor the same person. */
static bool another_person(struct ctx *cx, const Payroll__PayRun *run)
{
	bool same = !strcmp(run->maker_account_id, cx->who.account_id) ||
		    (run->maker_person_id && cx->who.person_id && *cx->who.person_id && !strcmp(run->maker_person_id, cx->who.person_id));

	return !same || fail(cx, &FAULT_PAY_RUN_OF_ONE_PERSON, NULL);
}

/* What was withdrawn since would be paid all the same. The run is locked, and so no fact of it is withdrawn meanwhile. */
static bool facts_stand(struct ctx *cx, const Payroll__PayRun *run)
{
	bool gone;

	if (!db_opt(cx, &Q_PERIOD_FACT_GONE, run, msg_new(cx->arena, &RULE_PAYROLL_PERIOD_FACT), &gone))
		return false;
	return !gone || fail(cx, &FAULT_PAY_RUN_FACTS_WITHDRAWN, NULL);
}

bool payroll_approve_pay_run(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun *out)
{
	Payroll__PayRun *run;

	if (!lock_for(cx, in, &run) || !another_person(cx, run))
		return false;
	if (run->kind == PAYROLL__PAY_RUN_KIND__PAY_RUN_KIND_TRIAL)
		return fail(cx, &FAULT_PAY_RUN_STATE_CONFLICT, NULL);
	if (!run->calculated)
		return fail(cx, &FAULT_PAY_RUN_NOTHING_TO_PAY, NULL);
	return facts_stand(cx, run) && db_one(cx, &Q_PAY_RUN_APPROVE, run, out) && noted(cx, "pay_run.approve", out);
}

bool payroll_close_pay_run(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun *out)
{
	Payroll__PayRun *run;

	return lock_for(cx, in, &run) && db_one(cx, &Q_PAY_RUN_CLOSE, run, out) && noted(cx, "pay_run.close", out);
}

bool payroll_cancel_pay_run(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayRun *out)
{
	Payroll__PayRun *run;

	return lock_for(cx, in, &run) && db_one(cx, &Q_PAY_RUN_CANCEL, run, out) && db_exec(cx, &Q_PERIOD_FACT_GIVE_BACK_ALL, run, NULL) &&
	       noted(cx, "pay_run.cancel", out);
}

/* ---- slips and postings ---- */

static bool open_all(struct ctx *cx, const struct msg_list *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (!pay_slip_open(cx, (Payroll__Payslip *)rows->items[i]))
			return false;
	return true;
}

static bool run_is_there(struct ctx *cx, char *id)
{
	Payroll__GetPayRunRequest of = PAYROLL__GET_PAY_RUN_REQUEST__INIT;

	of.id = id;
	return db_one(cx, &Q_PAY_RUN_GET, &of, msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN));
}

bool payroll_list_payslips(struct ctx *cx, const Payroll__ListPayslipsRequest *in, Payroll__ListPayslipsResponse *out)
{
	static const char *const BY_EMPLOYEE[] = {"employee_id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_PAYSLIPS_REQUEST;
	Payroll__ListPayslipsRequest list = *in;
	struct msg_list rows;

	if (!run_is_there(cx, in->id) || !page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PAYSLIP_LIST, &list, &rows) || !open_all(cx, &rows))
		return false;
	out->items = (Payroll__Payslip **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PAYSLIP, rows.items, rows.n, BY_EMPLOYEE, &out->n_items, &out->next_page_token);
}

bool payroll_list_pay_postings(struct ctx *cx, const Payroll__GetPayRunRequest *in, Payroll__PayPostingList *out)
{
	struct msg_list rows;

	if (!run_is_there(cx, in->id) || !db_many(cx, &Q_PAY_POSTING_LIST, in, &rows))
		return false;
	out->items = (Payroll__PayPosting **)rows.items;
	out->n_items = rows.n;
	return true;
}

bool payroll_get_payslip(struct ctx *cx, const Payroll__GetPayslipRequest *in, Payroll__Payslip *out)
{
	return db_one(cx, &Q_PAYSLIP_GET, in, out) && pay_slip_open(cx, out);
}

bool payroll_list_my_payslips(struct ctx *cx, const Payroll__ListMyPayslipsRequest *in, Payroll__ListMyPayslipsResponse *out)
{
	static const char *const BY_MONTH[] = {"month", "id", NULL};
	const struct message_rule *rule = &RULE_PAYROLL_LIST_MY_PAYSLIPS_REQUEST;
	Payroll__ListMyPayslipsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_PAYSLIP_MINE, &list, &rows) || !open_all(cx, &rows))
		return false;
	out->items = (Payroll__Payslip **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_PAYROLL_PAYSLIP, rows.items, rows.n, BY_MONTH, &out->n_items, &out->next_page_token);
}
