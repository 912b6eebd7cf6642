/* Fields of employees that a tenant declares (decision 28). */
#include "archive.h"
#include "audit.h"
#include "request.h"
#include "row_list.h"
#include "search.h"
#include "archive_texts.h"

#define MAX_ACTIVE 50
#define MAX_FIELDS 200 /* retired ones too */

/* ---- choices: a message to people, columns to SQL ---- */

static void choices_from_row(struct ctx *cx, Renhe__CustomField *f)
{
	f->choices = arena_alloc(cx->arena, (f->n_choice_codes + 1) * sizeof(*f->choices));
	for (size_t i = 0; i < f->n_choice_codes; i++) {
		Renhe__CustomChoice *c =
			(Renhe__CustomChoice *)msg_new(cx->arena, &RULE_RENHE_CUSTOM_CHOICE);

		c->code = f->choice_codes[i];
		c->name_zh = f->choice_zh[i];
		c->name_en = *f->choice_en[i] ? f->choice_en[i] : NULL;
		f->choices[f->n_choices++] = c;
	}
}

static void present(struct ctx *cx, Renhe__CustomField *f)
{
	choices_from_row(cx, f);
	f->has_search_ready = f->searchable;
}

static void choices_to_row(struct ctx *cx, Renhe__CustomField *f)
{
	size_t n = f->n_choices;

	f->choice_codes = arena_alloc(cx->arena, (n + 1) * sizeof(char *));
	f->choice_zh = arena_alloc(cx->arena, (n + 1) * sizeof(char *));
	f->choice_en = arena_alloc(cx->arena, (n + 1) * sizeof(char *));
	for (size_t i = 0; i < n; i++) {
		f->choice_codes[i] = f->choices[i]->code;
		f->choice_zh[i] = f->choices[i]->name_zh;
		f->choice_en[i] = f->choices[i]->name_en ? f->choices[i]->name_en
							 : arena_strdup(cx->arena, "");
	}
	f->n_choice_codes = f->n_choice_zh = f->n_choice_en = n;
}

/* ---- rules ---- */

static bool is_key(const char *key)
{
	return key[0] >= 'a' && key[0] <= 'z' &&
	       !key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

static void check_choices(struct ctx *cx, const Renhe__CustomField *f)
{
	bool is_choice = f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE;

	if (is_choice && !f->n_choices)
		fault_add(cx, "/choices", "REQUIRED", TEXT_CHOICES_MISSING);
	if (!is_choice && f->n_choices)
		fault_add(cx, "/choices", "MISMATCH", TEXT_CHOICES_OF_CHOICE);
	for (size_t i = 0; i < f->n_choices; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(f->choices[i]->code, f->choices[j]->code))
				fault_add(cx, arena_printf(cx->arena, "/choices/%zu/code", i),
					  "DUPLICATE", TEXT_CHOICE_TWICE);
}

static bool check(struct ctx *cx, const Renhe__CustomField *f)
{
	if (!is_key(f->key))
		fault_add(cx, "/key", "FORMAT", TEXT_FIELD_KEY);
	if (f->has_max_len && f->type != RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_TEXT)
		fault_add(cx, "/max_len", "MISMATCH", TEXT_MAX_LEN_OF_TEXT);
	if (f->searchable && !search_may_find_by(f))
		fault_add(cx, "/searchable", "MISMATCH", TEXT_SEARCHABLE(SEARCH_VALUE_MOST));
	check_choices(cx, f);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static void defaults(Renhe__CustomField *f)
{
	if (!f->has_state)
		f->state = RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE;
	if (!f->has_field_class)
		f->field_class = RENHE__CUSTOM_FIELD_CLASS__CUSTOM_FIELD_CLASS_CONTACT;
	f->has_state = f->has_field_class = true;
}

static bool room_for(struct ctx *cx, const Renhe__CustomField *f, size_t most)
{
	bool wants = f->state == RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE;
	struct msg_list rows;
	size_t active = 0;

	if (!db_exec(cx, &Q_EMPLOYEE_FIELD_TURN, NULL, NULL) ||
	    !db_many(cx, &Q_EMPLOYEE_FIELD_LIST, NULL, &rows))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		active += ((Renhe__CustomField *)rows.items[i])->state ==
			  RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_ACTIVE;
	if (rows.n < most && (!wants || active < MAX_ACTIVE))
		return true;
	return fail(cx, &FAULT_EMPLOYEE_FIELDS_FULL, NULL);
}

/* ---- reading ---- */

bool archive_get_employee_field(struct ctx *cx, const Renhe__IdRequest *in, Renhe__CustomField *out)
{
	if (!db_one(cx, &Q_EMPLOYEE_FIELD_GET, in, out))
		return false;
	present(cx, out);
	return true;
}

bool archive_list_employee_fields(struct ctx *cx, const Renhe__Empty *in,
				  Renhe__CustomFieldList *out)
{
	struct msg_list rows;

	(void)in;
	if (!db_many(cx, &Q_EMPLOYEE_FIELD_LIST, NULL, &rows))
		return false;
	out->items = (Renhe__CustomField **)rows.items;
	out->n_items = rows.n;
	for (size_t i = 0; i < rows.n; i++)
		present(cx, out->items[i]);
	return true;
}

/* ---- writing ---- */

static bool done(struct ctx *cx, const char *act, Renhe__CustomField *out)
{
	present(cx, out);
	return audit_put(cx, act, "employee_field", out->id, out->key, "ok");
}

bool archive_create_employee_field(struct ctx *cx, const Renhe__CustomField *in,
				   Renhe__CustomField *out)
{
	Renhe__CustomField *f = (Renhe__CustomField *)msg_copy(cx->arena, &in->base);

	defaults(f);
	choices_to_row(cx, f);
	return check(cx, f) && room_for(cx, f, MAX_FIELDS) &&
	       db_one(cx, &Q_EMPLOYEE_FIELD_INSERT, f, out) &&
	       done(cx, "employee_field.create", out);
}

/* What the request says over what is there. */
static void overlay(struct ctx *cx, const Renhe__CustomField *in, Renhe__CustomField *f)
{
	static const char *const kept[] = {"state", "field_class", "sort_order", NULL};

	msg_merge(&in->base, &f->base);
	for (const char *const *c = request_cleared(cx); *c; c++) {
		const struct field_rule *rule = rule_field(&RULE_RENHE_CUSTOM_FIELD, *c);

		for (size_t i = 0; kept[i]; i++)
			if (!strcmp(kept[i], *c))
				fault_add(cx, arena_printf(cx->arena, "/%s", *c), "REQUIRED",
					  TEXT_FIELD_KEPT);
		if (rule)
			msg_clear(rule, &f->base);
	}
}

static bool keeps_code(const Renhe__CustomField *f, const char *code)
{
	for (size_t i = 0; i < f->n_choices; i++)
		if (!strcmp(f->choices[i]->code, code))
			return true;
	return false;
}

/* Values that are there must still be what their field says. */
static bool fits_values(const Renhe__CustomField *was, const Renhe__CustomField *f)
{
	bool shorter = f->has_max_len && (!was->has_max_len || f->max_len < was->max_len);

	for (size_t i = 0; i < was->n_choice_codes; i++)
		if (!keeps_code(f, was->choice_codes[i]))
			return false;
	return was->type == f->type && was->field_class == f->field_class && !shorter &&
	       was->has_max_len == f->has_max_len;
}

static bool check_change(struct ctx *cx, const Renhe__CustomField *was, const Renhe__CustomField *f)
{
	if (strcmp(was->key, f->key) != 0)
		fault_add(cx, "/key", "FIXED", TEXT_CODE_FIXED);
	if (!check(cx, f))
		return false;
	if (was->in_use && !fits_values(was, f))
		return fail(cx, &FAULT_EMPLOYEE_FIELD_IN_USE, NULL);
	return was->state == f->state || room_for(cx, f, MAX_FIELDS + 1);
}

static bool lock(struct ctx *cx, char *id, Renhe__CustomField *out)
{
	Renhe__IdRequest asked = RENHE__ID_REQUEST__INIT;

	asked.id = id;
	return db_one(cx, &Q_EMPLOYEE_FIELD_LOCK, &asked, out) && version_check(cx, out->version);
}

bool archive_update_employee_field(struct ctx *cx, const Renhe__CustomField *in,
				   Renhe__CustomField *out)
{
	Renhe__CustomField *was =
		(Renhe__CustomField *)msg_new(cx->arena, &RULE_RENHE_CUSTOM_FIELD);
	Renhe__CustomField *f;
	bool walk;

	if (!lock(cx, in->id, was))
		return false;
	choices_from_row(cx, was);
	f = (Renhe__CustomField *)msg_copy(cx->arena, &was->base);
	overlay(cx, in, f);
	choices_to_row(cx, f);
	return check_change(cx, was, f) && search_field_judge(cx, was, f, &walk) &&
	       db_one(cx, &Q_EMPLOYEE_FIELD_UPDATE, f, out) &&
	       (!walk || search_field_walk(cx, out)) &&
	       done(cx, "employee_field.update", out);
}

bool archive_delete_employee_field(struct ctx *cx, const Renhe__IdRequest *in, Renhe__Empty *out)
{
	Renhe__CustomField *was =
		(Renhe__CustomField *)msg_new(cx->arena, &RULE_RENHE_CUSTOM_FIELD);

	(void)out;
	return lock(cx, in->id, was) && db_exec(cx, &Q_EMPLOYEE_FIELD_DELETE, in, NULL) &&
	       audit_put(cx, "employee_field.delete", "employee_field", in->id, was->key, "ok");
}
