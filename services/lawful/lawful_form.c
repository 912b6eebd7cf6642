#include "lawful_form.h"

#include "json_tree.h"
#include "lawful_texts.h"
#include "value.h"

struct place {
	struct lawful *v;
	const struct place *up;
	const char *name; /* NULL: an item */
	size_t index;
};

static void point(struct buf *b, const struct place *p)
{
	if (!p->up)
		return;
	point(b, p->up);
	if (p->name)
		json_pointer_add(b, p->name, strlen(p->name));
	else
		buf_printf(b, "/%zu", p->index);
}

static bool wrong(const struct place *p, struct text what)
{
	struct buf b;

	buf_init(&b, p->v->arena);
	point(&b, p);
	return fact_refuse(p->v, b.n ? b.p : "", what);
}

/* Of every list of facts; structs of FACT_LIST begin alike. */
struct any_list {
	void *list;
	size_t n;
};

static size_t count(const struct json_doc *d)
{
	size_t n = 0;

	for (const struct json_doc *c = json_first(d); c; c = json_next(c))
		n++;
	return n;
}

static void list_begin(struct lawful *v, const struct json_doc *d, size_t size, struct any_list *l)
{
	l->n = count(d);
	l->list = arena_alloc(v->arena, (l->n + 1) * size);
}

/* ---- values ---- */

static bool take_text(const struct place *p, const struct json_doc *d, void *out)
{
	const char *s = json_text(d);

	if (!*s || strlen(s) > 120)
		return wrong(p, TEXT_FORM_LENGTH);
	memcpy(out, &s, sizeof(s));
	return true;
}

static bool take_day(const struct place *p, const struct json_doc *d, void *out)
{
	return civil_read(json_text(d), out) || wrong(p, TEXT_FORM_DAY);
}

#define TIME_LEAST 0
#define TIME_MOST 32503680000 /* year 3000 */

static bool take_time(const struct place *p, const struct json_doc *d, void *out)
{
	int64_t us;

	if (!time_parse(json_text(d), &us) || us % 1000000)
		return wrong(p, TEXT_FORM_TIME);
	if (us / 1000000 < TIME_LEAST || us / 1000000 > TIME_MOST)
		return wrong(p, TEXT_FORM_TIME);
	*(instant_s *)out = us / 1000000;
	return true;
}

static bool take_truth(const struct place *p, const struct json_doc *d, void *out)
{
	(void)p;
	*(bool *)out = json_is_true(d);
	return true;
}

static bool take_count(const struct place *p, const struct json_doc *d, void *out)
{
	int64_t n;

	if (!json_number_int(json_text(d), &n) || n < 0 || n > FORM_COUNT_MOST)
		return wrong(p, TEXT_FORM_COUNT);
	*(int64_t *)out = n;
	return true;
}

static bool take_choice(const struct place *p, const struct form_member *m,
			const struct json_doc *d, void *out)
{
	for (int64_t i = 0; m->choices[i]; i++)
		if (strcmp(m->choices[i], json_text(d)) == 0) {
			*(int64_t *)out = i;
			return true;
		}
	return wrong(p, TEXT_FORM_CHOICE);
}

/* ---- lists and objects ---- */

static bool take_object(const struct place *p, const struct form *f, const struct json_doc *d,
			void *out);

static void take_texts(const struct place *p, const struct json_doc *d, void *out)
{
	struct any_list *l = out;
	const char **item;
	size_t i = 0;

	list_begin(p->v, d, sizeof(*item), l);
	item = l->list;
	for (const struct json_doc *c = json_first(d); c; c = json_next(c), i++) {
		struct place at = {p->v, p, NULL, i};

		item[i] = "";
		if (json_kind(c) != JSON_STRING)
			wrong(&at, TEXT_FORM_TYPE);
		else
			take_text(&at, c, &item[i]);
	}
}

static void take_pairs(const struct place *p, const struct json_doc *d, void *out)
{
	struct any_list *l = out;
	struct fact_setting *pair;
	size_t i = 0;

	list_begin(p->v, d, sizeof(*pair), l);
	pair = l->list;
	for (const struct json_doc *c = json_first(d); c; c = json_next(c), i++) {
		struct place at = {p->v, p, json_name(c), 0};
		bool fits = json_kind(c) == JSON_STRING || json_kind(c) == JSON_NUMBER;

		pair[i] = (struct fact_setting){json_name(c), fits ? json_text(c) : ""};
		if (!fits)
			wrong(&at, TEXT_FORM_TYPE);
	}
}

static void take_objects(const struct place *p, const struct form *f, const struct json_doc *d,
			 void *out)
{
	struct any_list *l = out;
	size_t i = 0;

	list_begin(p->v, d, f->size, l);
	for (const struct json_doc *c = json_first(d); c; c = json_next(c), i++) {
		struct place at = {p->v, p, NULL, i};

		take_object(&at, f, c, (char *)l->list + i * f->size);
	}
}

static const enum json_kind WANTED[] = {
	[FORM_TEXT] = JSON_STRING, [FORM_DAY] = JSON_STRING,   [FORM_TIME] = JSON_STRING,
	[FORM_TRUTH] = JSON_BOOL,  [FORM_COUNT] = JSON_NUMBER, [FORM_CHOICE] = JSON_STRING,
	[FORM_TEXTS] = JSON_ARRAY, [FORM_PAIRS] = JSON_OBJECT, [FORM_OBJECTS] = JSON_ARRAY,
};

static void take_value(const struct place *p, const struct form_member *m, const struct json_doc *d,
		       void *out)
{
	static bool (*const PLAIN[])(const struct place *, const struct json_doc *, void *) = {
		[FORM_TEXT] = take_text,   [FORM_DAY] = take_day,     [FORM_TIME] = take_time,
		[FORM_TRUTH] = take_truth, [FORM_COUNT] = take_count,
	};

	if (json_kind(d) != WANTED[m->kind])
		wrong(p, TEXT_FORM_TYPE);
	else if (m->kind == FORM_CHOICE)
		take_choice(p, m, d, out);
	else if (m->kind == FORM_TEXTS)
		take_texts(p, d, out);
	else if (m->kind == FORM_PAIRS)
		take_pairs(p, d, out);
	else if (m->kind == FORM_OBJECTS)
		take_objects(p, m->inner, d, out);
	else
		PLAIN[m->kind](p, d, out);
}

static const struct form_member *member(const struct form *f, const char *name)
{
	const struct form_member *m = f->members;

	while (m->name && strcmp(m->name, name) != 0)
		m++;
	return m->name ? m : NULL;
}

static void demand_required(const struct place *p, const struct form *f, const struct json_doc *d)
{
	for (const struct form_member *m = f->members; m->name; m++) {
		const struct json_doc *c = json_first(d);
		struct place at = {p->v, p, m->name, 0};

		while (m->required && c && strcmp(json_name(c), m->name) != 0)
			c = json_next(c);
		if (m->required && !c)
			wrong(&at, TEXT_FORM_REQUIRED);
	}
}

static bool take_object(const struct place *p, const struct form *f, const struct json_doc *d,
			void *out)
{
	if (json_kind(d) != JSON_OBJECT)
		return wrong(p, TEXT_FORM_TYPE);
	if (f->start)
		memcpy(out, f->start, f->size);
	for (const struct json_doc *c = json_first(d); c; c = json_next(c)) {
		struct place at = {p->v, p, json_name(c), 0};
		const struct form_member *m = member(f, json_name(c));

		if (!m)
			wrong(&at, TEXT_FORM_UNKNOWN);
		else if (json_kind(c) != JSON_NULL || m->required)
			take_value(&at, m, c, (char *)out + m->at);
	}
	demand_required(p, f, d);
	return true;
}

bool form_read(struct lawful *v, struct str text, const struct form *f, void *out)
{
	const char *code, *pointer = NULL;
	size_t offset = 0;
	const struct json_doc *d = json_read(v->arena, text, &code, &offset, &pointer);
	struct place root = {v, NULL, NULL, 0};

	if (!d)
		return fact_refuse(v, pointer ? pointer : "",
				   TEXT_FORM_JSON(code, (int64_t)offset));
	take_object(&root, f, d, out);
	return v->n_faults == 0;
}
