/* Which column says what: the titles of the contract, and what else people call them. */
#include "import.h"
#include "archive_texts.h"

/* What a column may say that is no field by itself. */
static const struct {
	enum import_use use;
	const char *name, *sets;
	const struct text_def *title;
} OTHERS[] = {
	{IMPORT_UNIT_CODE, "org_unit_code", "org_unit_id", &TEXT_DEF_COLUMN_ORG_UNIT_CODE},
	{IMPORT_UNIT_NAME, "org_unit", "org_unit_id", &TEXT_DEF_COLUMN_ORG_UNIT},
	{IMPORT_POST_CODE, "post_code", "post_id", &TEXT_DEF_COLUMN_POST_CODE},
	{IMPORT_POST_NAME, "post", "post_id", &TEXT_DEF_COLUMN_POST},
	{IMPORT_LAST_DAY, "last_work_day", "end_date", &TEXT_DEF_COLUMN_LAST_WORK_DAY},
};
#define N_OTHERS (sizeof(OTHERS) / sizeof(OTHERS[0]))

/* name, title_zh, title_en and what else people write of `field`, as keys. */
static const char *const *keys_of(struct arena *a, const char *const own[3], const char *field)
{
	size_t n = 0, most = 4;
	const char **keys;

	for (size_t i = 0; i < N_IMPORT_SPELLINGS; i++)
		most += !strcmp(IMPORT_SPELLINGS[i].field, field);
	keys = arena_alloc(a, most * sizeof(*keys));
	for (size_t i = 0; i < 3; i++)
		if (own[i])
			keys[n++] = import_header_key(a, own[i]);
	for (size_t i = 0; i < N_IMPORT_SPELLINGS; i++)
		if (!strcmp(IMPORT_SPELLINGS[i].field, field))
			keys[n++] = import_header_key(a, IMPORT_SPELLINGS[i].spelling);
	return keys;
}

static bool is_place(const char *name)
{
	return !strcmp(name, "org_unit_id") || !strcmp(name, "post_id");
}

static bool is_loadable(Archive__ImportKind kind, const struct field_rule *f)
{
	if (is_place(f->name) || f->typed_map)
		return false;
	if (kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
		return !strcmp(f->name, "employee_number") ||
		       (strcmp(f->name, "id") != 0 &&
			rule_field(&RULE_ARCHIVE_TRANSFER_EMPLOYEE_REQUEST, f->name));
	if (!strcmp(f->name, "end_date") || !strcmp(f->name, "end_reason"))
		return true;
	return !f->output_only && !f->internal && strcmp(f->name, "effective_date") != 0;
}

static struct import_field value_field(struct arena *a, const struct field_rule *f)
{
	const char *const own[3] = {f->name, f->title_zh, f->title_en};

	return (struct import_field){.use = IMPORT_VALUE,
				     .name = f->name,
				     .rule = f,
				     .sets = f->name,
				     .keys = keys_of(a, own, f->name),
				     .title = f->title_zh ? f->title_zh : f->name,
				     .field_class = f->field_class};
}

static void add_others(struct arena *a, Archive__ImportKind kind, struct import_fields *out)
{
	bool moves = kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS;

	for (size_t i = 0; i < N_OTHERS; i++) {
		const char *const own[3] = {OTHERS[i].name, OTHERS[i].title->zh, NULL};

		if (moves && OTHERS[i].use == IMPORT_LAST_DAY)
			continue;
		out->items[out->n++] = (struct import_field){
			.use = OTHERS[i].use,
			.name = OTHERS[i].name,
			.rule = rule_field(&RULE_ARCHIVE_EMPLOYEE, OTHERS[i].sets),
			.sets = OTHERS[i].sets,
			.keys = keys_of(a, own, own[0]),
			.title = OTHERS[i].title->zh};
	}
}

/* Declarations are of a transaction; what is kept of them here lasts as long as `a`. */
static struct import_field custom_field(struct arena *a, const Renhe__CustomField *f)
{
	const char *const own[3] = {f->key, f->name_zh, f->name_en};

	return (struct import_field){.use = IMPORT_CUSTOM,
				     .name = arena_printf(a, IMPORT_CUSTOM_MAP ".%s", f->key),
				     .rule = rule_field(&RULE_ARCHIVE_EMPLOYEE, IMPORT_CUSTOM_MAP),
				     .sets = arena_printf(a, IMPORT_CUSTOM_MAP "/%s", f->key),
				     .keys = keys_of(a, own, ""),
				     .title = arena_strdup(a, f->name_zh),
				     .key = arena_strdup(a, f->key),
				     .field_class = (uint8_t)typed_class(f)};
}

/* Behind all that every file may hold, which goes before them where they are called the same. */
static void add_declared(struct arena *a, Archive__ImportKind kind,
			 const struct typed_fields *declared, struct import_fields *out)
{
	if (kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS)
		return;
	for (size_t i = 0; i < declared->n; i++)
		if (typed_field(declared, declared->items[i]->key))
			out->items[out->n++] = custom_field(a, declared->items[i]);
}

struct import_fields import_fields(struct arena *a, Archive__ImportKind kind,
				   const struct typed_fields *declared)
{
	const struct message_rule *rule = &RULE_ARCHIVE_EMPLOYEE;
	size_t most = rule->pb->n_fields + N_OTHERS + declared->n;
	struct import_fields out = {arena_alloc(a, most * sizeof(struct import_field)), 0};

	for (unsigned i = 0; i < rule->pb->n_fields; i++)
		if (is_loadable(kind, &rule->fields[i]))
			out.items[out.n++] = value_field(a, &rule->fields[i]);
	add_others(a, kind, &out);
	add_declared(a, kind, declared, &out);
	return out;
}

static bool among(const char *key, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, key))
			return true;
	return false;
}

static const struct import_field *find_from(const struct import_fields *f, size_t first,
					    const char *key)
{
	for (size_t i = first; *key && i < f->n; i++)
		if (among(key, f->items[i].keys))
			return &f->items[i];
	return NULL;
}

const struct import_field *import_field_by_header(struct arena *a, const struct import_fields *f,
						  const char *header)
{
	return find_from(f, 0, import_header_key(a, header));
}

const struct import_field *import_field_behind(struct arena *a, const struct import_fields *f,
					       const struct import_field *first, const char *header)
{
	return find_from(f, (size_t)(first - f->items) + 1, import_header_key(a, header));
}

/* Nobody needs to be told of them. */
bool import_is_own(struct arena *a, const char *header)
{
	const struct text_def *own = &TEXT_DEF_COLUMN_ERRORS;

	return among(import_header_key(a, header), (const char *const[]){own->zh, own->en, NULL});
}

const char *import_field_near(struct arena *a, const struct import_fields *f, const char *header)
{
	const char *key = import_header_key(a, header);

	if (import_is_own(a, header))
		return NULL;
	for (size_t i = 0; *key && i < f->n; i++)
		if (str_nearest(key, f->items[i].keys))
			return f->items[i].title;
	return NULL;
}
