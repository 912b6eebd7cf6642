/* A run beside the one before: who earns something else, the largest difference first, line by line. */
#include "job.h"
#include "json.h"
#include "pay_run.h"
#include "row.h"

#define USUAL 50
#define PAGE 500 /* as the query says */

struct comparing {
	struct ctx *cx;		     /* what is shown lives in its memory */
	Payroll__ListPayChangesRequest *ask;
	Payroll__PayChanges *out;
	size_t most;
	bool more;
};

static bool read_summary(struct ctx *cx, const char *text, Payroll__PayslipSummary **out)
{
	ProtobufCMessage *m = NULL;

	*out = NULL;
	if (text && !json_decode_stored(cx, &RULE_PAYROLL_PAYSLIP_SUMMARY, str_of(text), &m))
		return false;
	*out = (Payroll__PayslipSummary *)m;
	return true;
}

/* ---- one person ---- */

static Payroll__PayLineChange *line_of(struct ctx *cx, Payroll__PayChange *c, const Payroll__PayslipAmount *a)
{
	for (size_t i = 0; i < c->n_lines; i++)
		if (c->lines[i]->group == a->group && !strcmp(c->lines[i]->code, a->code))
			return c->lines[i];
	c->lines[c->n_lines] = (Payroll__PayLineChange *)msg_new(cx->arena, &RULE_PAYROLL_PAY_LINE_CHANGE);
	c->lines[c->n_lines]->has_group = true;
	c->lines[c->n_lines]->group = a->group;
	c->lines[c->n_lines]->code = a->code;
	return c->lines[c->n_lines++];
}

/* Several of one code are one, as two commissions. */
static void add_lines(struct ctx *cx, Payroll__PayChange *c, const Payroll__PayslipSummary *before, const Payroll__PayslipSummary *now)
{
	for (size_t i = 0; now && i < now->n_lines; i++) {
		Payroll__PayLineChange *l = line_of(cx, c, now->lines[i]);

		l->has_amount_fen = true;
		l->amount_fen += now->lines[i]->amount_fen;
	}
	for (size_t i = 0; before && i < before->n_lines; i++) {
		Payroll__PayLineChange *l = line_of(cx, c, before->lines[i]);

		l->has_before_fen = true;
		l->before_fen += before->lines[i]->amount_fen;
	}
}

static void leave_out_the_same(Payroll__PayChange *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_lines; i++)
		if (c->lines[i]->has_amount_fen != c->lines[i]->has_before_fen || c->lines[i]->amount_fen != c->lines[i]->before_fen)
			c->lines[n++] = c->lines[i];
	c->n_lines = n;
}

static int64_t net_of(const Payroll__PayslipSummary *s)
{
	return s ? s->net_fen - s->receivable_fen : 0;
}

static Payroll__PayChange *change_of(struct ctx *cx, const Payroll__PayslipPair *p, const Payroll__PayslipSummary *before,
				     const Payroll__PayslipSummary *now)
{
	Payroll__PayChange *c = (Payroll__PayChange *)msg_new(cx->arena, &RULE_PAYROLL_PAY_CHANGE);

	c->lines = arena_alloc(cx->arena, ((before ? before->n_lines : 0) + (now ? now->n_lines : 0) + 1) * sizeof(*c->lines));
	add_lines(cx, c, before, now);
	leave_out_the_same(c);
	c->has_kind = c->has_change_fen = true;
	c->kind = !before ? PAYROLL__PAY_CHANGE_KIND__PAY_CHANGE_KIND_NEW :
		  !now	  ? PAYROLL__PAY_CHANGE_KIND__PAY_CHANGE_KIND_GONE :
			    PAYROLL__PAY_CHANGE_KIND__PAY_CHANGE_KIND_CHANGED;
	c->employee_id = p->employee_id;
	c->employee_number = p->employee_number;
	c->name = p->name;
	c->has_scope_match = p->has_scope_match;
	c->scope_match = p->scope_match;
	c->has_before_fen = before != NULL;
	c->before_fen = net_of(before);
	c->has_net_fen = now != NULL;
	c->net_fen = net_of(now);
	c->change_fen = c->net_fen - c->before_fen;
	return c;
}

/* ---- the largest ones ---- */

static int64_t size_of(const Payroll__PayChange *c)
{
	return c->change_fen < 0 ? -c->change_fen : c->change_fen;
}

/* Kept in order; the smallest one falls out. */
static void show(struct comparing *k, const Payroll__PayChange *c)
{
	Payroll__PayChanges *out = k->out;
	size_t at = out->n_items;

	while (at && size_of(out->items[at - 1]) < size_of(c))
		at--;
	if (at == k->most)
		return;
	if (out->n_items < k->most)
		out->n_items++;
	memmove(&out->items[at + 1], &out->items[at], (out->n_items - at - 1) * sizeof(*out->items));
	out->items[at] = (Payroll__PayChange *)msg_copy(k->cx->arena, &c->base);
}

static void count(struct comparing *k, const Payroll__PayChange *c)
{
	if (c->kind == PAYROLL__PAY_CHANGE_KIND__PAY_CHANGE_KIND_NEW)
		k->out->added++;
	else if (c->kind == PAYROLL__PAY_CHANGE_KIND__PAY_CHANGE_KIND_GONE)
		k->out->gone++;
	else if (c->n_lines)
		k->out->changed++;
	else
		k->out->same++;
}

static bool compare(struct ctx *cx, struct comparing *k, const Payroll__PayslipPair *p)
{
	Payroll__PayslipSummary *before, *now;
	Payroll__PayChange *c;

	if (!read_summary(cx, p->before_summary, &before) || !read_summary(cx, p->summary, &now))
		return false;
	c = change_of(cx, p, before, now);
	count(k, c);
	if (c->n_lines)
		show(k, c);
	return true;
}

/* With memory of its own: a run of many people is many pages. */
static bool page(struct ctx *cx, void *arg)
{
	struct comparing *k = arg;
	struct msg_list rows;

	if (!db_many(cx, &Q_PAY_RUN_COMPARED, k->ask, &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		if (!compare(cx, k, (const Payroll__PayslipPair *)rows.items[i]))
			return false;
	k->more = rows.n == PAGE;
	if (rows.n)
		k->ask->after_employee_id = arena_strdup(k->cx->arena, ((Payroll__PayslipPair *)rows.items[rows.n - 1])->employee_id);
	return true;
}

/* ---- the route ---- */

static bool find_before(struct ctx *cx, char *run_id, Payroll__PayRun *before, bool *found)
{
	Payroll__GetPayRunRequest of = PAYROLL__GET_PAY_RUN_REQUEST__INIT;
	Payroll__PayRun *run = (Payroll__PayRun *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN);

	of.id = run_id;
	return db_one(cx, &Q_PAY_RUN_GET, &of, run) && db_opt(cx, &Q_PAY_RUN_PREVIOUS, run, before, found);
}

bool payroll_list_pay_changes(struct ctx *cx, const Payroll__ListPayChangesRequest *in, Payroll__PayChanges *out)
{
	Payroll__ListPayChangesRequest *ask = (Payroll__ListPayChangesRequest *)msg_copy(cx->arena, &in->base);
	Payroll__PayRun *before = (Payroll__PayRun *)msg_new(cx->arena, &RULE_PAYROLL_PAY_RUN);
	struct comparing k = {.cx = cx, .ask = ask, .out = out, .most = in->has_most ? (size_t)in->most : USUAL, .more = true};
	bool found;

	if (!find_before(cx, in->id, before, &found))
		return false;
	out->before_run_id = ask->before_id = found ? before->id : NULL;
	out->items = arena_alloc(cx->arena, (k.most + 1) * sizeof(*out->items));
	out->has_same = out->has_changed = out->has_added = out->has_gone = true;
	while (k.more)
		if (!job_part(cx, page, &k))
			return false;
	return true;
}
