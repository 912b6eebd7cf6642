/* Conditions on declared fields in lists: "shirt_size=L", "score.gte=80". Only values without a
 * class can be compared: the others are sealed. */
#include "custom.h"
#include <stdlib.h>
#include "archive_texts.h"
#include "db.h"
#include "fault.h"
#include "value.h"

#define FEW 2000 /* people: a list begins with them; as employee_custom_counts counts */

enum op { OP_EQUAL, OP_LEAST, OP_MOST };

struct condition {
	char *key;
	const char *text;
	enum op op;
	const Renhe__CustomField *field;
	struct typed_place place;
};

static struct typed_place place_of(const struct ctx *cx, size_t index)
{
	bool is_parameter = cx->route && cx->route->method == METHOD_GET;

	return (struct typed_place){"custom", index, is_parameter};
}

static void fault_at(struct ctx *cx, const struct condition *c, const char *code, struct text text)
{
	fault_add(cx, typed_pointer(cx->arena, &c->place), code, text);
}

/* "key=text", "key.gte=text", "key.lte=text". */
static bool split(struct ctx *cx, const char *s, struct condition *c)
{
	static const char *const ENDS[] = {[OP_LEAST] = ".gte", [OP_MOST] = ".lte"};
	const char *equals = strchr(s, '=');
	size_t n = equals ? (size_t)(equals - s) : 0;

	if (!n) {
		fault_at(cx, c, "FORMAT", TEXT_CONDITION_FORM);
		return false;
	}
	c->key = arena_strndup(cx->arena, s, n);
	c->text = equals + 1;
	for (enum op op = OP_LEAST; op <= OP_MOST; op++)
		if (n > 4 && !strcmp(c->key + n - 4, ENDS[op])) {
			c->key[n - 4] = '\0';
			c->op = op;
		}
	return true;
}

static bool has_order(const Renhe__CustomField *f)
{
	return f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_INTEGER ||
	       f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_DATE;
}

/* As a request would give it; a word that is no truth value stays without one. */
static Renhe__TypedValue *value_of(struct ctx *cx, const struct condition *c)
{
	Renhe__TypedValue *v;

	if (!c->field) {
		v = (Renhe__TypedValue *)msg_new(cx->arena, &RULE_RENHE_TYPED_VALUE);
		v->key = c->key;
		return v;
	}
	v = typed_value(cx->arena, c->field, c->text);
	if (v->has_flag && strcmp(c->text, "true") != 0 && strcmp(c->text, "false") != 0)
		v->has_flag = false;
	return v;
}

static void judge(struct ctx *cx, const struct typed_fields *f, const struct condition *c)
{
	Renhe__TypedValue *v = value_of(cx, c);

	if (c->field && typed_class(c->field)) {
		fault_at(cx, c, "NOT_FILTERABLE", TEXT_CONDITION_SEALED(c->key));
		return;
	}
	if (c->field && c->op != OP_EQUAL && !has_order(c->field)) {
		fault_at(cx, c, "NO_RANGE", TEXT_CONDITION_NO_RANGE(c->key));
		return;
	}
	typed_judge_one(cx, f, &c->place, v);
}

/* Days as a number, as the query compares them. */
static char *bound(struct ctx *cx, const struct condition *c)
{
	int64_t days;

	if (c->field->type != RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_DATE)
		return arena_strdup(cx->arena, typed_text(cx->arena, value_of(cx, c)));
	date_parse(c->text, &days);
	return arena_printf(cx->arena, "%lld", (long long)days);
}

static char *nothing(void)
{
	static char none[1];

	return none;
}

/* Of two bounds of one field the narrower; sign 1: the higher. */
static char *narrower(char *a, char *b, int sign)
{
	if (!*a || !*b)
		return *a ? a : b;
	return (strtoll(a, NULL, 10) > strtoll(b, NULL, 10)) == (sign > 0) ? a : b;
}

/* A range of the same field is one condition, so that its index sees both ends; n where there is
 * none. */
static size_t range_of(const Archive__ListEmployeesRequest *list, const char *id)
{
	size_t i = 0;

	while (i < list->n_custom_ids &&
	       (*list->custom_plain[i] || strcmp(list->custom_ids[i], id) != 0))
		i++;
	return i;
}

static void put(struct ctx *cx, const struct condition *c, Archive__ListEmployeesRequest *list)
{
	bool is_range = c->op != OP_EQUAL;
	size_t n = list->n_custom_ids, at = is_range ? range_of(list, c->field->id) : n;
	char *low = c->op == OP_LEAST ? bound(cx, c) : nothing();
	char *high = c->op == OP_MOST ? bound(cx, c) : nothing();

	if (at < n) {
		list->custom_low[at] = narrower(list->custom_low[at], low, 1);
		list->custom_high[at] = narrower(list->custom_high[at], high, -1);
		return;
	}
	list->custom_ids[at] = c->field->id;
	list->custom_plain[at] =
		is_range ? nothing()
			 : arena_strdup(cx->arena, typed_text(cx->arena, value_of(cx, c)));
	list->custom_low[at] = low;
	list->custom_high[at] = high;
	list->n_custom_ids = n + 1;
	list->n_custom_plain = list->n_custom_low = list->n_custom_high = list->n_custom_ids;
}

static void swap(char **list, size_t i, size_t j)
{
	char *kept = list[i];

	list[i] = list[j];
	list[j] = kept;
}

bool custom_fewest(struct ctx *cx, Archive__ListEmployeesRequest *list, bool *few)
{
	char **const lists[] = {list->custom_ids, list->custom_plain, list->custom_low,
				list->custom_high};
	const Archive__EmployeeCustomRow *const *counts;
	struct msg_list rows;
	size_t best = 0;

	*few = false;
	if (!list->n_custom_ids)
		return true;
	if (!db_many(cx, &Q_EMPLOYEE_CUSTOM_COUNTS, list, &rows))
		return false;
	counts = (const Archive__EmployeeCustomRow *const *)rows.items;
	for (size_t i = 1; i < rows.n; i++)
		if (counts[i]->int_value < counts[best]->int_value)
			best = i;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		swap(lists[i], 0, best);
	*few = counts[best]->int_value <= FEW;
	return true;
}

static void make_room(struct ctx *cx, Archive__ListEmployeesRequest *list)
{
	char ***const arrays[] = {&list->custom_ids, &list->custom_plain, &list->custom_low,
				  &list->custom_high};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		*arrays[i] = arena_alloc(cx->arena, list->n_custom * sizeof(char *));
}

bool custom_filter(struct ctx *cx, Archive__ListEmployeesRequest *list)
{
	struct condition c[8];
	struct typed_fields f;
	size_t n = 0;

	if (!list->n_custom)
		return true;
	if (!custom_fields(cx, &f))
		return false;
	for (size_t i = 0; i < list->n_custom && n < 8; i++) {
		c[n] = (struct condition){.place = place_of(cx, i)};
		if (!split(cx, list->custom[i], &c[n]))
			continue;
		c[n].field = typed_field(&f, c[n].key);
		judge(cx, &f, &c[n++]);
	}
	if (!fault_none(cx, &FAULT_VALIDATION_FAILED))
		return false;
	make_room(cx, list);
	for (size_t i = 0; i < n; i++)
		put(cx, &c[i], list);
	return true;
}
