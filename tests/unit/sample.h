/* Two messages made by hand, with every type and rule that the reflection knows, for the tests of
 * the chassis: they need no service. Call sample_setup() first. */
#ifndef RENHE_SAMPLE_H
#define RENHE_SAMPLE_H
#include <stdlib.h>
#include <string.h>
#undef fail /* of cmocka, as its fail_msg; ours raises faults */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
#include "json.h"
#include "row.h"

enum { CLASS_CONTACT = 1, CLASS_IDENTITY = 2, CLASS_PAY = 3 };

/* ---- enums ---- */

#define ENUM(id, short_, values_)                                                                  \
	static const ProtobufCIntRange id##_range[] = {{0, 0}, {0, 3}};                            \
	static const ProtobufCEnumDescriptor id = {                                                \
		.magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC, .name = "sample." short_,              \
		.short_name = short_, .c_name = short_, .package_name = "sample", .n_values = 3,   \
		.values = values_, .n_value_ranges = 1, .value_ranges = id##_range}

static const ProtobufCEnumValue sex_values[] = {
	{"SEX_UNSPECIFIED", "", 0}, {"SEX_MALE", "", 1}, {"SEX_FEMALE", "", 2}};
static const ProtobufCEnumValue id_type_values[] = {
	{"ID_TYPE_UNSPECIFIED", "", 0}, {"ID_TYPE_PASSPORT", "", 1}, {"RESIDENT", "", 2}};
ENUM(sex_enum, "Sex", sex_values);
ENUM(id_type_enum, "IdType", id_type_values);

/* ---- messages ---- */

struct place {
	ProtobufCMessage base;
	char *city, *hire_date, *phone;
	protobuf_c_boolean has_rank;
	int32_t rank;
};
struct sample {
	ProtobufCMessage base;
	char *id, *name;
	protobuf_c_boolean has_sex;
	int sex;
	char *birth_date, *id_number, *mobile;
	protobuf_c_boolean has_head_count;
	int32_t head_count;
	protobuf_c_boolean has_amount_fen;
	int64_t amount_fen;
	protobuf_c_boolean has_active;
	protobuf_c_boolean active;
	protobuf_c_boolean has_photo;
	ProtobufCBinaryData photo;
	size_t n_tags;
	char **tags;
	size_t n_kinds;
	int *kinds;
	size_t n_numbers;
	int64_t *numbers;
	struct place *place;
	size_t n_places;
	struct place **places;
	char *note, *create_time, *hidden;
	protobuf_c_boolean has_serial;
	uint64_t serial;
	char *day_gte;
	protobuf_c_boolean has_tally;
	uint32_t tally;
	size_t n_restricted_fields;
	char **restricted_fields;
	size_t n_flags;
	protobuf_c_boolean *flags;
	size_t n_blobs;
	ProtobufCBinaryData *blobs;
};
struct sample_list {
	ProtobufCMessage base;
	size_t n_items;
	struct sample **items;
	char *next_page_token;
};

#define FIELD(s, no, field, label_, type_, quantifier, of)                                          \
	{.name = #field, .id = no, .label = PROTOBUF_C_LABEL_##label_, .type = PROTOBUF_C_TYPE_##type_, \
	 .quantifier_offset = quantifier, .offset = offsetof(struct s, field), .descriptor = of}
#define TEXT(s, no, field) FIELD(s, no, field, OPTIONAL, STRING, 0, NULL)
#define ONE(s, no, field, type, of) FIELD(s, no, field, OPTIONAL, type, offsetof(struct s, has_##field), of)
#define MANY(s, no, field, type, of) FIELD(s, no, field, REPEATED, type, offsetof(struct s, n_##field), of)

static ProtobufCMessageDescriptor place_pb, sample_pb, sample_list_pb;
static struct message_rule place_rule, sample_rule, sample_list_rule;

static const ProtobufCFieldDescriptor place_fields[] = {
	TEXT(place, 1, city), TEXT(place, 2, hire_date), TEXT(place, 3, phone),
	ONE(place, 4, rank, INT32, NULL),
};
static struct field_rule place_rules[] = {
	{.required = true, .max_len = 20},
	{.format = FORMAT_DATE},
	{.field_class = CLASS_CONTACT, .mask = MASK_MOBILE},
	{.has_min = true, .min = -5, .has_max = true, .max = 5},
};
static const ProtobufCFieldDescriptor sample_fields[] = {
	TEXT(sample, 1, id),
	TEXT(sample, 2, name),
	ONE(sample, 3, sex, ENUM, &sex_enum),
	TEXT(sample, 4, birth_date),
	TEXT(sample, 5, id_number),
	TEXT(sample, 6, mobile),
	ONE(sample, 7, head_count, INT32, NULL),
	ONE(sample, 8, amount_fen, INT64, NULL),
	ONE(sample, 9, active, BOOL, NULL),
	ONE(sample, 10, photo, BYTES, NULL),
	MANY(sample, 11, tags, STRING, NULL),
	MANY(sample, 12, kinds, ENUM, &id_type_enum),
	MANY(sample, 13, numbers, INT64, NULL),
	FIELD(sample, 14, place, OPTIONAL, MESSAGE, 0, &place_pb),
	MANY(sample, 15, places, MESSAGE, &place_pb),
	TEXT(sample, 16, note),
	TEXT(sample, 17, create_time),
	TEXT(sample, 18, hidden),
	ONE(sample, 19, serial, UINT64, NULL),
	TEXT(sample, 20, day_gte),
	ONE(sample, 21, tally, UINT32, NULL),
	MANY(sample, 22, restricted_fields, STRING, NULL),
	MANY(sample, 23, flags, BOOL, NULL),
	MANY(sample, 24, blobs, BYTES, NULL),
};
static struct field_rule sample_rules[] = {
	{.output_only = true, .format = FORMAT_UUID},
	{.required = true, .min_len = 1, .max_len = 60, .mask = MASK_NAME},
	{.field_class = 0},
	{.format = FORMAT_DATE, .field_class = CLASS_IDENTITY, .mask = MASK_DATE},
	{.format = FORMAT_ID_DOCUMENT, .field_class = CLASS_IDENTITY, .mask = MASK_ID_NUMBER},
	{.format = FORMAT_MOBILE, .max_len = 24, .field_class = CLASS_CONTACT, .mask = MASK_MOBILE},
	{.has_min = true, .min = 0, .has_max = true, .max = 1000},
	{.field_class = CLASS_PAY},
	{.field_class = 0},
	{.min_len = 1, .max_len = 16},
	{.max_items = 3, .max_len = 5},
	{.max_items = 4},
	{.field_class = 0},
	{.sub = &place_rule},
	{.sub = &place_rule},
	{.multiline = true, .min_len = 2},
	{.output_only = true, .format = FORMAT_TIME},
	{.internal = true},
	{.field_class = 0},
	{.format = FORMAT_DATE},
	{.field_class = 0},
	{.output_only = true},
	{.field_class = 0},
	{.max_len = 8},
};
static const ProtobufCFieldDescriptor sample_list_fields[] = {
	MANY(sample_list, 1, items, MESSAGE, &sample_pb),
	TEXT(sample_list, 2, next_page_token),
};
static struct field_rule sample_list_rules[] = {{.sub = &sample_rule}, {.max_len = 1000}};

static void place_init(ProtobufCMessage *m)
{
	*(struct place *)m = (struct place){.base = PROTOBUF_C_MESSAGE_INIT(&place_pb)};
}
static void sample_init(ProtobufCMessage *m)
{
	*(struct sample *)m = (struct sample){.base = PROTOBUF_C_MESSAGE_INIT(&sample_pb)};
}
static void sample_list_init(ProtobufCMessage *m)
{
	*(struct sample_list *)m = (struct sample_list){.base = PROTOBUF_C_MESSAGE_INIT(&sample_list_pb)};
}

static const ProtobufCFieldDescriptor *sorting;
static int by_name(const void *a, const void *b)
{
	return strcmp(sorting[*(const unsigned *)a].name, sorting[*(const unsigned *)b].name);
}

static void sample_message(ProtobufCMessageDescriptor *pb, struct message_rule *rule, const char *name,
			   const char *resource, const ProtobufCFieldDescriptor *fields, unsigned n,
			   struct field_rule *rules, size_t size, ProtobufCMessageInit init, unsigned *order)
{
	for (unsigned i = 0; i < n; i++) {
		order[i] = i;
		rules[i].name = fields[i].name;
		rules[i].pb = &fields[i];
	}
	sorting = fields;
	qsort(order, n, sizeof *order, by_name);
	*pb = (ProtobufCMessageDescriptor){
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .name = name, .short_name = name,
		.c_name = name, .package_name = "sample", .sizeof_message = size, .n_fields = n,
		.fields = fields, .fields_sorted_by_name = order, .message_init = init};
	*rule = (struct message_rule){pb, name, resource, rules};
}

#define COUNT(a) (sizeof(a) / sizeof *(a))
static void sample_setup(void)
{
	static unsigned orders[3][32];

	sample_message(&place_pb, &place_rule, "sample.Place", NULL, place_fields, COUNT(place_fields),
		       place_rules, sizeof(struct place), place_init, orders[0]);
	sample_message(&sample_pb, &sample_rule, "sample.Sample", "sample", sample_fields,
		       COUNT(sample_fields), sample_rules, sizeof(struct sample), sample_init, orders[1]);
	sample_message(&sample_list_pb, &sample_list_rule, "sample.SampleList", NULL, sample_list_fields,
		       COUNT(sample_list_fields), sample_list_rules, sizeof(struct sample_list),
		       sample_list_init, orders[2]);
}

/* A context good for JSON and faults. */
__attribute__((unused)) static void sample_ctx(struct ctx *cx, struct arena *a)
{
	memset(cx, 0, sizeof *cx);
	cx->arena = a;
	cx->lang = "en";
	cx->request_id = "01900000-0000-7000-8000-000000000001";
	cx->trace_id = "0af7651916cd43dd8448eb211c80319c";
	memcpy(cx->today, "2026-11-22", 11);
}
#endif
