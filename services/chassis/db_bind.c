/* Parameters of named queries: what a name means, and its text. */
#include "db_internal.h"
#include <stdlib.h>
#include <string.h>
#include "row.h"
#include "seal.h"
#include "value.h"

#define INDEX_SUFFIX "_index"
#define MOST_PATH (sizeof(((struct binding *)0)->path) / sizeof(struct field_rule *))

/* ---- what a name means ---- */

static bool is_context(const char *name)
{
	static const char *const NAMES[] = {"@today",      "@now",       "@tenant_id", "@account_id",
					    "@person_id", "@request_id"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (strcmp(NAMES[i], name) == 0)
			return true;
	return false;
}

static const struct field_rule *field_of(const struct message_rule *m, const char *name, size_t n)
{
	for (unsigned i = 0; i < m->pb->n_fields; i++)
		if (strlen(m->fields[i].name) == n && memcmp(m->fields[i].name, name, n) == 0)
			return &m->fields[i];
	return NULL;
}

static bool is_message(const struct field_rule *f)
{
	return f->pb->type == PROTOBUF_C_TYPE_MESSAGE;
}

static const char *find_seal(const struct message_rule *m, const struct message_rule *above, struct binding *b)
{
	const char *name = b->field->seal_subject;

	b->kind = BIND_SEALED;
	b->subject = name ? rule_field(m, name) : NULL;
	if (!b->subject && above && name) {
		b->subject = rule_field(above, name);
		b->subject_above = true;
	}
	if (!b->subject || b->subject->pb->type != PROTOBUF_C_TYPE_STRING)
		return "sealed field without its subject";
	return NULL;
}

static const char *find_index(const struct message_rule *m, const char *name, struct binding *b)
{
	size_t n = strlen(name), cut = sizeof(INDEX_SUFFIX) - 1;

	if (n <= cut || strcmp(name + n - cut, INDEX_SUFFIX) != 0)
		return "no such field";
	b->field = field_of(m, name, n - cut);
	if (!b->field)
		return "no such field";
	b->kind = BIND_INDEX;
	return b->field->blind_index && b->field->seal ? NULL : "the field has no blind index";
}

static const char *find_field(const struct message_rule *m, const struct message_rule *above, const char *name,
			      struct binding *b)
{
	b->field = field_of(m, name, strlen(name));
	if (!b->field)
		return find_index(m, name, b);
	if (is_message(b->field))
		return "a message is no parameter";
	b->kind = BIND_FIELD;
	return b->field->seal ? find_seal(m, above, b) : NULL;
}

const char *binding_find(const struct query *q, const char *param, struct binding *out)
{
	const struct message_rule *m = q->in, *above = NULL;
	const char *dot;

	memset(out, 0, sizeof(*out));
	if (*param == '@') {
		out->kind = BIND_CONTEXT;
		out->context = param;
		return is_context(param) ? NULL : "no such value of the context";
	}
	if (!m)
		return "the query takes no message";
	for (; (dot = strchr(param, '.')); param = dot + 1) {
		const struct field_rule *f = field_of(m, param, (size_t)(dot - param));
		if (!f || !is_message(f) || !f->sub || f->pb->label == PROTOBUF_C_LABEL_REPEATED)
			return "no such message on the way";
		if (out->n_path == MOST_PATH)
			return "nested too deep";
		out->path[out->n_path++] = f;
		above = m;
		m = f->sub;
	}
	return find_field(m, above, param, out);
}

/* ---- its text ---- */

static const char *text_or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static const char *context_text(struct ctx *cx, const char *name)
{
	char *now;

	switch (name[1]) {
	case 'p':
		return text_or_null(cx->who.person_id);
	case 'a':
		return text_or_null(cx->who.account_id);
	case 'r':
		return text_or_null(cx->request_id);
	case 'n':
		now = arena_alloc(cx->arena, 28);
		time_format(cx->now_us, now);
		return now;
	default:
		return name[2] == 'e' ? text_or_null(cx->who.tenant_id) : text_or_null(cx->today);
	}
}

static const ProtobufCMessage *sub_message(const ProtobufCMessage *m, const struct field_rule *f)
{
	return *(ProtobufCMessage *const *)((const char *)m + f->pb->offset);
}

/* The message that holds the field, or NULL where one on the way is absent. */
static const ProtobufCMessage *holder(const struct binding *b, const ProtobufCMessage *in, const ProtobufCMessage **above)
{
	*above = NULL;
	for (unsigned i = 0; i < b->n_path && in; i++) {
		*above = in;
		in = sub_message(in, b->path[i]);
	}
	return in;
}

static const char *subject_of(const struct binding *b, const ProtobufCMessage *m, const ProtobufCMessage *above)
{
	const ProtobufCMessage *at = b->subject_above ? above : m;

	return *(char *const *)((const char *)at + b->subject->pb->offset);
}

static bool sealed_text(struct ctx *cx, const struct query *q, const struct binding *b, const char *clear,
			const char *subject, const char **out)
{
	if (!subject || !*subject)
		return db_defect(cx, "sealed value without its subject", q->name, b->field->name);
	return seal_value(cx, b->field->seal, subject, clear, out);
}

static bool field_text(struct ctx *cx, const struct query *q, const struct binding *b, const ProtobufCMessage *in,
		       const char **out)
{
	const ProtobufCMessage *above, *m = holder(b, in, &above);
	const char *clear = m ? row_param(cx->arena, b->field, m) : NULL;

	*out = clear;
	if (!clear || b->kind == BIND_FIELD)
		return true;
	if (b->kind == BIND_INDEX)
		return seal_index(cx, b->field->seal, clear, out);
	return sealed_text(cx, q, b, clear, subject_of(b, m, above), out);
}

static void check_input(const struct query *q, const ProtobufCMessage *in)
{
	if (q->in && (!in || in->descriptor != q->in->pb))
		abort(); /* another message than the query names */
}

bool binding_values(struct ctx *cx, const struct query *q, const ProtobufCMessage *in, const char ***out)
{
	const char **texts = arena_alloc(cx->arena, (q->n_params + 1) * sizeof(*texts));
	struct binding b;

	check_input(q, in);
	for (unsigned i = 0; i < q->n_params; i++) {
		const char *wrong = binding_find(q, q->params[i], &b);
		if (wrong)
			return db_defect(cx, wrong, q->name, q->params[i]);
		if (b.kind == BIND_CONTEXT)
			texts[i] = context_text(cx, b.context);
		else if (!field_text(cx, q, &b, in, &texts[i]))
			return false;
	}
	*out = texts;
	return true;
}

bool binding_prefetch(struct ctx *cx, const struct query *q, ProtobufCMessage *const *in, size_t n)
{
	const char **subjects = arena_alloc(cx->arena, (n + 1) * sizeof(*subjects));
	const ProtobufCMessage *above, *m;
	struct binding b = {.kind = BIND_NONE};
	size_t found = 0;

	for (unsigned i = 0; i < q->n_params; i++)
		if (!binding_find(q, q->params[i], &b) && b.kind == BIND_SEALED)
			break;
	if (b.kind != BIND_SEALED)
		return true;
	for (size_t i = 0; i < n; i++) {
		check_input(q, in[i]);
		m = holder(&b, in[i], &above);
		const char *s = m ? subject_of(&b, m, above) : NULL;
		if (s && *s)
			subjects[found++] = s;
	}
	return found == 0 || seal_prefetch(cx, subjects, found, true);
}
