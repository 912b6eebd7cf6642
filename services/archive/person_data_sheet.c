/* One person's data for people: a row for each value, by the titles of the contract. */
#include "person_data.h"
#include "renhe.gen.h"
#include "row_list.h"
#include "sheet.h"
#include "typed_map.h"
#include "archive_texts.h"

#define COLUMNS 3

struct page {
	struct arena *arena;
	struct sheet_writer *writer;
	const char *section;
};

static const char *both(struct arena *a, const char *zh, const char *en)
{
	return arena_printf(a, "%s %s", zh, en);
}

static const char *both_of(struct arena *a, struct text t)
{
	return both(a, text_zh(a, t), text_en(a, t));
}

static const char *title_of(struct arena *a, const struct field_rule *f)
{
	return f->title_zh ? both(a, f->title_zh, f->title_en) : f->name;
}

static const char *label_of(struct arena *a, const struct field_rule *f, const ProtobufCMessage *m)
{
	int number = *(const int *)((const char *)m + f->pb->offset);
	const struct enum_label *l = enum_label(f->pb->descriptor, number);

	return l ? both(a, l->zh, l->en) : row_param(a, f, m);
}

static const char *texts_of(struct arena *a, const struct field_rule *f, const ProtobufCMessage *m)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < msg_count(f, m); i++)
		buf_printf(&b, "%s%s", i ? ", " : "", msg_text(f, m, i));
	return b.p;
}

static const char *value_of(struct arena *a, const struct field_rule *f, const ProtobufCMessage *m)
{
	bool repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED;

	if (repeated && f->pb->type == PROTOBUF_C_TYPE_STRING)
		return texts_of(a, f, m);
	if (!repeated && f->pb->type == PROTOBUF_C_TYPE_ENUM)
		return label_of(a, f, m);
	return row_param(a, f, m);
}

static void write_value(struct page *p, const struct field_rule *f, const ProtobufCMessage *m)
{
	const char *cells[COLUMNS] = {p->section, title_of(p->arena, f), value_of(p->arena, f, m)};

	sheet_write_row(p->writer, cells, NULL, COLUMNS);
}

static void write_map(struct page *p, const struct field_rule *f, const ProtobufCMessage *m)
{
	for (size_t i = 0; i < msg_count(f, m); i++) {
		const Renhe__TypedValue *v = (const Renhe__TypedValue *)msg_item(f, m, i);
		const char *cells[COLUMNS] = {p->section, v->key, typed_text(p->arena, v)};

		if (cells[COLUMNS - 1])
			sheet_write_row(p->writer, cells, NULL, COLUMNS);
	}
}

/* What the message holds itself; then, where asked to, each item of its lists as a section. */
static void write_fields(struct page *p, const struct message_rule *rule, const ProtobufCMessage *m)
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (f->internal || !msg_has(f, m))
			continue;
		if (!f->sub)
			write_value(p, f, m);
		else if (f->typed_map)
			write_map(p, f, m);
		else if (f->pb->label != PROTOBUF_C_LABEL_REPEATED)
			write_fields(p, f->sub,
				     *(ProtobufCMessage *const *)((const char *)m + f->pb->offset));
	}
}

static void write_lists(struct page *p, const struct message_rule *rule, const ProtobufCMessage *m)
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		for (size_t j = 0; f->sub && j < msg_count(f, m); j++) {
			p->section = arena_printf(p->arena, "%s %zu", title_of(p->arena, f), j + 1);
			write_fields(p, f->sub, msg_item(f, m, j));
		}
	}
}

struct str person_data_sheet(struct ctx *cx, const Archive__PersonData *d)
{
	struct arena *a = cx->arena;
	const char *header[COLUMNS] = {both_of(a, TEXT_COLUMN_SECTION), both_of(a, TEXT_COLUMN_ITEM),
				       both_of(a, TEXT_COLUMN_VALUE)};
	struct page p = {a, sheet_writer_new(a, "xlsx", text_say(cx, TEXT_PERSON_DATA_SHEET)), ""};

	sheet_write_header(p.writer, header, COLUMNS);
	write_fields(&p, &RULE_ARCHIVE_PERSON_DATA, &d->base);
	write_lists(&p, &RULE_ARCHIVE_PERSON_DATA, &d->base);
	return sheet_writer_end(p.writer);
}
