/* One import: rows are read, looked up and checked a chunk at a time, the good ones loaded and the
 * faults of the others stored, all in one transaction that also says how far it is. A killed import
 * goes on behind the last chunk that was committed. */
#include "import_job.h"
#include "db.h"
#include "employee.h"
#include "fault.h"
#include "hire.h"
#include "row_list.h"

#define MOST_TRIES 3

/* ---- one row ---- */

static void find_double(const struct import_run *run, const struct import_row *row,
			const char *field, const struct import_keys *keys,
			struct import_report *report)
{
	const char *value = import_key_value(report->arena, &run->plan, row->cells, field);
	int first = value ? import_key_line(keys, value) : 0;

	if (first && first < row->cells->line)
		import_tell(report,
			    (struct import_fault){.line = row->cells->line,
						  .column = import_column_of(&run->plan, field),
						  .code = IMPORT_CODE(DUPLICATE_IN_FILE),
						  .related_line = first});
}

static bool load_rehire(struct ctx *cx, const Archive__Employee *e, struct change *c)
{
	Archive__Employee *hired = (Archive__Employee *)msg_copy(cx->arena, &e->base);

	hired->end_date = NULL;
	hired->has_end_reason = false;
	return hire_to_known_place(cx, hired, c);
}

static bool load_end(struct ctx *cx, const struct import_row *row, struct change *c)
{
	Archive__EndEmployeeRequest *end = (Archive__EndEmployeeRequest *)msg_new(
		cx->arena, &RULE_ARCHIVE_END_EMPLOYEE_REQUEST);

	end->id = c->after->id;
	end->effective_date = row->e->end_date;
	end->has_reason = true;
	end->reason = row->e->end_reason;
	return row->stamp ? employee_end_newcomer(cx, end, c) : employee_end(cx, end, c);
}

static bool load_hire(struct ctx *cx, const struct import_row *row, struct change *c,
		      int64_t *before)
{
	bool good =
		row->stamp ? hire_newcomer(cx, row->e, row->stamp, c) : load_rehire(cx, row->e, c);

	if (!good)
		return false;
	*before = c->after->version - 1;
	return !row->e->end_date || load_end(cx, row, c);
}

static bool load_transfer(struct ctx *cx, const struct import_row *row, struct change *c,
			  int64_t *before)
{
	Archive__TransferEmployeeRequest *t = (Archive__TransferEmployeeRequest *)msg_new(
		cx->arena, &RULE_ARCHIVE_TRANSFER_EMPLOYEE_REQUEST);

	msg_assign(&row->e->base, &t->base);
	t->id = arena_strdup(cx->arena, row->employee_id);
	if (!employee_transfer(cx, t, c))
		return false;
	*before = c->after->version - 1;
	return true;
}

static bool load_row(struct ctx *cx, struct import_run *run, const struct import_row *row,
		     struct custom_batch *custom)
{
	int64_t before = 0;
	struct change c;
	bool good = row->employee_id ? load_transfer(cx, row, &c, &before)
				     : load_hire(cx, row, &c, &before);

	return good && custom_add(cx, custom, row->e, c.after) &&
	       import_store_row(cx, run->record->id, row->cells->line, c.after, before);
}

/* ---- one chunk ---- */

/* Held to the commit of the chunk. Where the field of a column is gone meanwhile, what the rest of
 * the file says has no place: the import stops, to be run on or undone. */
static bool hold_declared(struct ctx *cx, struct import_run *run)
{
	if (!custom_hold(cx, &run->plan.declared))
		return false;
	for (unsigned i = 0; i < run->plan.n; i++) {
		const char *key = run->plan.columns[i].field.key;

		if (key && !typed_field(&run->plan.declared, key))
			return fail(cx, &FAULT_IMPORT_FIELDS_CHANGED, NULL);
	}
	return true;
}

static void read_chunk(struct ctx *cx, struct import_run *run, size_t from, struct import_chunk *c)
{
	*c = (struct import_chunk){.report = {.arena = cx->arena}};
	for (; c->n < IMPORT_CHUNK && from + c->n < run->sheet.n; c->n++)
		import_row_read(cx->arena, &run->plan, &run->sheet.rows[from + c->n], &c->report,
				&c->rows[c->n]);
}

static bool check_chunk(struct ctx *cx, struct import_run *run, struct import_chunk *c)
{
	if (!import_find_places(cx, &run->plan, c))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		import_row_check(cx, &run->plan, &c->rows[i], &c->report);
		find_double(run, &c->rows[i], "employee_number", &run->numbers, &c->report);
		find_double(run, &c->rows[i], "id_number", &run->documents, &c->report);
	}
	return import_find_known(cx, &run->plan, c);
}

static void begin_custom(struct ctx *cx, const struct import_run *run, struct import_chunk *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->rows[i].e->n_custom_fields;
	custom_begin(cx, &run->plan.declared, n, &c->custom);
}

static bool load_chunk(struct ctx *cx, struct import_run *run, size_t from,
		       Archive__ImportRecord *r)
{
	struct import_chunk *c = arena_alloc(cx->arena, sizeof(*c));

	if (!hold_declared(cx, run))
		return false;
	read_chunk(cx, run, from, c);
	if (!check_chunk(cx, run, c) || (!r->dry_run && !import_make_persons(cx, c)))
		return false;
	begin_custom(cx, run, c);
	for (size_t i = 0; i < c->n; i++) {
		bool bad = import_is_bad(&c->report, c->rows[i].cells->line);

		*(bad ? &r->refused : &r->created) += 1;
		if (!bad && !r->dry_run && !load_row(cx, run, &c->rows[i], &c->custom))
			return false;
		r->done_line = c->rows[i].cells->line;
	}
	r->rows += (int64_t)c->n;
	return custom_put(cx, &c->custom) && import_store_faults(cx, r, &c->report) &&
	       db_exec(cx, &Q_IMPORT_PROGRESS, r, NULL) && db_flush(cx);
}

/* Somebody else took a number between the look and the write: the next look sees it. */
static bool is_race(const struct ctx *cx)
{
	return cx->fault.def->status == 409 || cx->fault.def->status == 422;
}

static bool load_chunk_surely(struct ctx *cx, struct import_run *run, size_t from)
{
	for (int tries = 1;; tries++) {
		Archive__ImportRecord r = *run->record;

		if (load_chunk(cx, run, from, &r)) {
			*run->record = r;
			return true;
		}
		if (!is_race(cx) || tries == MOST_TRIES || !job_redo(cx))
			return false;
	}
}

/* ---- the whole ---- */

/* The row as it is now, kept over checkpoints. */
static bool read_record(struct ctx *cx, struct import_run *run)
{
	Archive__ImportRecord *r =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	r->id = arena_strndup(cx->arena, run->job->input.p, run->job->input.n);
	if (!db_one(cx, &Q_IMPORT_LOCK, r, r))
		return false;
	run->record = (Archive__ImportRecord *)msg_copy(run->job->arena, &r->base);
	return true;
}

static bool finish(struct ctx *cx, struct import_run *run, Archive__ImportState state)
{
	run->record->has_state = true;
	run->record->state = state;
	return db_exec(cx, &Q_IMPORT_STATE, run->record, NULL) && job_end(cx, true, NULL);
}

static Archive__ImportState end_state(const Archive__ImportRecord *r)
{
	if (r->dry_run)
		return ARCHIVE__IMPORT_STATE__IMPORT_STATE_CHECKED;
	return r->created ? ARCHIVE__IMPORT_STATE__IMPORT_STATE_SUCCEEDED
			  : ARCHIVE__IMPORT_STATE__IMPORT_STATE_FAILED;
}

/* What the file turned out to be, and the faults of its header; once. */
static bool begin(struct ctx *cx, struct import_run *run, const struct import_report *report)
{
	Archive__ImportRecord *r = run->record;
	bool good;

	if (r->done_line)
		return true;
	r->has_kind = run->plan.kind != 0;
	r->kind = run->plan.kind;
	r->format = arena_strdup(run->job->arena, run->sheet.format ? run->sheet.format : "");
	r->encoding =
		run->sheet.encoding ? arena_strdup(run->job->arena, run->sheet.encoding) : NULL;
	if (!r->sheet && run->sheet.name && *run->sheet.name)
		r->sheet = arena_strdup(run->job->arena, run->sheet.name);
	r->columns = import_columns_json(cx, &run->plan);
	r->has_done_line = true;
	r->done_line = run->plan.header_line;
	good = import_store_faults(cx, r, report) && db_exec(cx, &Q_IMPORT_BEGIN, r, NULL) &&
	       db_exec(cx, &Q_IMPORT_PROGRESS, r, NULL);
	r->columns = NULL; /* the checkpoint takes it */
	return good;
}

static size_t next_row(const struct import_run *run)
{
	size_t i = run->plan.first;

	while (i < run->sheet.n && run->sheet.rows[i].line <= run->record->done_line)
		i++;
	return i;
}

static bool is_cancelled(struct ctx *cx, const struct import_run *run, bool *out)
{
	Archive__ImportRecord *now =
		(Archive__ImportRecord *)msg_new(cx->arena, &RULE_ARCHIVE_IMPORT_RECORD);

	if (!db_one(cx, &Q_IMPORT_LOCK, run->record, now))
		return false;
	*out = now->cancel_asked;
	return true;
}

static bool load_rows(struct ctx *cx, struct import_run *run)
{
	size_t first = run->plan.first, total = run->sheet.n - first;
	bool cancelled = false;

	for (size_t i = next_row(run); i < run->sheet.n; i += IMPORT_CHUNK) {
		size_t done = i + IMPORT_CHUNK < run->sheet.n ? i + IMPORT_CHUNK - first : total;

		if (!job_checkpoint(cx, (int64_t)(i - first), (int64_t)total) ||
		    !is_cancelled(cx, run, &cancelled))
			return false;
		if (cancelled)
			return finish(cx, run, ARCHIVE__IMPORT_STATE__IMPORT_STATE_CANCELLED);
		if (!load_chunk_surely(cx, run, i))
			return false;
		if (done == total && !job_checkpoint(cx, (int64_t)done, (int64_t)total))
			return false;
	}
	return finish(cx, run, end_state(run->record));
}

bool archive_run_import(struct ctx *cx, const struct job *job)
{
	struct import_run run = {.job = job};
	struct import_report report = {.arena = job->arena};
	struct import_wish wish;
	struct str bytes;
	bool fit;

	job_gather(cx);
	if (!read_record(cx, &run) || !import_wish(cx, run.record, &wish) ||
	    !import_file_get(cx, run.record->id, &bytes))
		return false;
	fit = import_open(job->arena, bytes, &wish, &run, &report);
	if (!import_compare(cx, &run, &report, &fit) || !begin(cx, &run, &report))
		return false;
	return fit ? load_rows(cx, &run)
		   : finish(cx, &run, ARCHIVE__IMPORT_STATE__IMPORT_STATE_FAILED);
}
