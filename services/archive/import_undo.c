/* Takes an import back by compensating facts, the last row first: a hire is annulled, a transfer
 * withdrawn. Whether anything was changed since is asked before it begins, so that nothing is
 * undone then; a change that comes in between stops it where it is, and asking again goes on from
 * there. */
#include "import_job.h"
#include "db.h"
#include "hire.h"
#include "row_list.h"

static bool undo_change(struct ctx *cx, const Archive__ImportRow *row, struct change *c)
{
	Archive__Employee *fact;

	if (row->fact_kind != ARCHIVE__FACT_KIND__FACT_KIND_TRANSFERRED)
		return employee_annul(cx, row->employee_id, row->before_version, c);
	fact = (Archive__Employee *)msg_new(cx->arena, &RULE_ARCHIVE_EMPLOYEE);
	fact->has_fact_sequence = true;
	fact->fact_sequence = row->before_version + 1;
	fact->effective_date = row->effective_date;
	return employee_untransfer(cx, row->employee_id, fact, c);
}

/* What the row said of declared fields goes with the employment that never was; a transfer says
 * nothing of them. */
static bool drop_declared(struct ctx *cx, const Archive__ImportRow *row)
{
	return row->fact_kind == ARCHIVE__FACT_KIND__FACT_KIND_TRANSFERRED ||
	       db_exec(cx, &Q_IMPORT_CUSTOM_DROP, row, NULL);
}

static bool undo_row(struct ctx *cx, Archive__ImportRow *row)
{
	struct change c;

	if (!undo_change(cx, row, &c))
		return false;
	if (c.before->version != row->after_version)
		return fail(cx, &FAULT_IMPORT_CHANGED_SINCE, NULL);
	row->has_current_version = true;
	row->current_version = c.after->version;
	return drop_declared(cx, row) && db_exec(cx, &Q_IMPORT_ROW_UNDONE, row, NULL) &&
	       db_exec(cx, &Q_IMPORT_ROW_FOLLOW, row, NULL);
}

/* The rows of one transaction; *n = 0 when all is undone. */
static bool undo_chunk(struct ctx *cx, const Archive__ImportRecord *r, size_t *n)
{
	struct msg_list rows;

	if (!db_many(cx, &Q_IMPORT_UNDO_ROWS, r, &rows))
		return false;
	*n = rows.n;
	for (size_t i = 0; i < rows.n; i++)
		if (!undo_row(cx, (Archive__ImportRow *)rows.items[i]))
			return false;
	return true;
}

static bool checkpoint(struct ctx *cx, const Archive__ImportRecord *r)
{
	Archive__ImportRecord *now =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	return db_one(cx, &Q_IMPORT_COUNTS, r, now) && job_checkpoint(cx, now->done, now->total);
}

bool archive_undo_import(struct ctx *cx, const struct job *job)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(job->arena, &RULE_ARCHIVE_IMPORT_RECORD);
	size_t n;

	r->id = arena_strndup(job->arena, job->input.p, job->input.n);
	r->has_state = true;
	r->state = ARCHIVE__IMPORT_STATE__IMPORT_STATE_UNDONE;
	job_gather(cx);
	do {
		if (!undo_chunk(cx, r, &n) || !checkpoint(cx, r))
			return false;
	} while (n);
	return db_exec(cx, &Q_IMPORT_STATE, r, NULL) && job_end(cx, true, NULL);
}
