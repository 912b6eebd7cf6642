#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

/* ---- raising ---- */

static const char *pointer_of(struct ctx *cx, const char *field)
{
	return *field == '/' || *field == '?' || *field == '\0' ? field
								: arena_printf(cx->arena, "/%s", field);
}

bool fail(struct ctx *cx, const struct fault_def *def, const char *field)
{
	if (cx->fault.def)
		return false;
	if (field)
		fault_add(cx, pointer_of(cx, field), def->code, text_pair(def->zh, def->en));
	cx->fault.def = def;
	return false;
}

bool fail_detail(struct ctx *cx, const struct fault_def *def, const char *field, struct text detail)
{
	struct fault_state *f = &cx->fault;

	if (f->def)
		return false;
	if (field)
		fault_add(cx, pointer_of(cx, field), def->code, detail);
	f->def = def;
	f->detail_zh = text_zh(cx->arena, detail);
	f->detail_en = text_en(cx->arena, detail);
	return false;
}

void fault_add(struct ctx *cx, const char *pointer, const char *code, struct text detail)
{
	struct fault_state *f = &cx->fault;

	if (f->def || f->n_items == FAULT_MAX_ITEMS)
		return;
	f->items[f->n_items++] = (struct fault_item){
		.pointer = arena_strdup(cx->arena, pointer),
		.code = arena_strdup(cx->arena, code),
		.zh = text_zh(cx->arena, detail),
		.en = text_en(cx->arena, detail),
	};
}

bool fault_none(struct ctx *cx, const struct fault_def *def)
{
	if (cx->fault.def)
		return false;
	return cx->fault.n_items == 0 || fail(cx, def, NULL);
}

void fault_clear(struct ctx *cx)
{
	cx->fault.def = NULL;
	cx->fault.detail_zh = cx->fault.detail_en = NULL;
	cx->fault.retry_after_s = 0;
	cx->fault.method = NULL;
	cx->fault.n_items = 0;
}

const struct fault_def *fault_by_code(const struct schema *s, const char *code)
{
	for (unsigned i = 0; i < s->n_faults; i++)
		if (strcmp(s->faults[i]->code, code) == 0)
			return s->faults[i];
	return NULL;
}

/* ---- telling ---- */

static void member(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
	json_quote(b, value, strlen(value));
}

/* JSON_MALFORMED -> /problems/json-malformed */
static const char *type_of(struct ctx *cx, const char *code)
{
	char *type = arena_printf(cx->arena, "/problems/%s", code);

	for (char *p = type + strlen("/problems/"); *p; p++)
		*p = *p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return type;
}

static void add_items(struct ctx *cx, struct buf *b)
{
	if (cx->fault.n_items == 0)
		return;
	buf_puts(b, ",\"errors\":[");
	for (unsigned i = 0; i < cx->fault.n_items; i++) {
		const struct fault_item *it = &cx->fault.items[i];
		struct buf one;

		buf_init(&one, cx->arena);
		buf_puts(&one, "{");
		member(&one, "pointer", it->pointer);
		member(&one, "code", it->code);
		member(&one, "detail", text_choose(cx, it->zh, it->en));
		buf_puts(&one, "}");
		buf_puts(b, i ? "," : "");
		buf_add(b, one.p, one.n);
	}
	buf_puts(b, "]");
}

struct str fault_render(struct ctx *cx)
{
	const struct fault_def *def = cx->fault.def;
	struct buf b;

	if (!def)
		abort();
	const char *title = text_choose(cx, def->zh, def->en);
	bool ours = def->status >= 500;
	const char *detail = ours ? "" : text_choose(cx, cx->fault.detail_zh, cx->fault.detail_en);
	buf_init(&b, cx->arena);
	buf_puts(&b, "{");
	member(&b, "type", type_of(cx, def->code));
	member(&b, "title", title);
	buf_printf(&b, ",\"status\":%d", def->status);
	member(&b, "detail", *detail ? detail : title);
	if (cx->request_id && *cx->request_id)
		member(&b, "instance", arena_printf(cx->arena, "urn:uuid:%s", cx->request_id));
	member(&b, "code", def->code);
	if (cx->trace_id && *cx->trace_id)
		member(&b, "trace_id", cx->trace_id);
	if (cx->fault.method)
		buf_printf(&b, ",\"methods\":[\"%s\"]", cx->fault.method);
	if (!ours)
		add_items(cx, &b);
	buf_puts(&b, "}");
	return (struct str){b.p, b.n};
}
