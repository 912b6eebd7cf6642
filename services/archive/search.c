/* Pure: what is written down of a text, and what the words of a box are. */
#include "search.h"
#include <stdlib.h>
#include "pinyin.h"
#include "row_list.h"
#include "value.h"

/* ---- grams ---- */

struct gram {
	const char *text;
	enum search_grade whole, part;
};
struct gram_list {
	struct arena *arena;
	struct gram *items;
	size_t n, cap;
};

#define GRAM_MOST                                                                                  \
	600 /* bytes: an entry of a b-tree must be below 2,704, and one ligature may unfold to 33  \
	     */

static const char *cut(struct arena *a, const char *text)
{
	const char *p = text, *end = text + strlen(text), *keep = text;

	while (p < end && utf8_next(&p, end) >= 0 && p - text <= GRAM_MOST)
		keep = p;
	return *keep ? arena_strndup(a, text, (size_t)(keep - text)) : text;
}

static void add(struct gram_list *l, const char *text, enum search_grade whole,
		enum search_grade part)
{
	struct gram *more;

	if (!*text)
		return;
	if (l->n == l->cap) {
		more = arena_alloc(l->arena, (2 * l->cap + 16) * sizeof(*more));
		if (l->n)
			memcpy(more, l->items, l->n * sizeof(*more));
		l->items = more;
		l->cap = 2 * l->cap + 16;
	}
	l->items[l->n++] = (struct gram){cut(l->arena, text), whole, part};
}

/* Without what people write between the parts of a name, or leave out: blanks, dots, apostrophes.
 */
static char *folded_name(struct arena *a, const char *name)
{
	static const char *const between[] = {" ", "·", "•", "・", "‧", "'", "’", "`"};
	char *s = text_fold(a, name), *to = s;

	for (const char *p = s; *p;) {
		size_t skip = 0;

		for (size_t i = 0; i < sizeof(between) / sizeof(*between) && !skip; i++)
			if (!strncmp(p, between[i], strlen(between[i])))
				skip = strlen(between[i]);
		p += skip;
		if (!skip)
			*to++ = *p++;
	}
	*to = '\0';
	return s;
}

/* From each character on. */
static void add_ends(struct gram_list *l, const char *s, enum search_grade first_whole,
		     enum search_grade first_part, enum search_grade later)
{
	const char *p = s, *end = s + strlen(s);

	if (!*s)
		return;
	add(l, s, first_whole, first_part);
	while (utf8_next(&p, end) >= 0 && p < end)
		add(l, p, later, later);
}

/* ---- readings of a name ---- */

#define MIXED_MOST 4 /* syllables: longer names are found by pinyin or by initials, not mixed */
#define SEQUENCES_MOST 12 /* of heteronyms: what goes beyond is read one way */

struct sequence {
	const char **syllables;
	size_t n;
};

/* Bit i of `full`: the i-th syllable in full, else its first letter; the last bit for all behind it. */
static const char *spelled(struct arena *a, const struct sequence *s, size_t from, unsigned full)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = from; i < s->n; i++) {
		unsigned bit = i - from < 31 ? (unsigned)(i - from) : 31;

		buf_add(&b, s->syllables[i], full >> bit & 1 ? strlen(s->syllables[i]) : 1);
	}
	return b.n ? b.p : "";
}

/* The last syllable is in full always: a word may stop anywhere inside it. */
static void add_mixed(struct gram_list *l, const struct sequence *s, size_t from)
{
	unsigned last = 1u << (s->n - from - 1), all = 2 * last - 1;

	for (unsigned full = last; full <= all; full++) {
		enum search_grade g = from	    ? SEARCH_LATER
				      : full == all ? SEARCH_PINYIN
						    : SEARCH_INITIALS;

		add(l, spelled(l->arena, s, from, full), g, g);
	}
}

static void add_long(struct gram_list *l, const struct sequence *s, size_t from)
{
	enum search_grade full = from ? SEARCH_LATER : SEARCH_PINYIN;
	enum search_grade initials = from ? SEARCH_LATER : SEARCH_INITIALS;

	add(l, spelled(l->arena, s, from, ~0u), full, full);
	add(l, spelled(l->arena, s, from, 0), initials, initials);
}

static void add_sequence(struct gram_list *l, const struct sequence *s)
{
	for (size_t from = 0; from < s->n; from++) {
		if (s->n - from <= MIXED_MOST)
			add_mixed(l, s, from);
		else
			add_long(l, s, from);
	}
}

/* The k-th of all sequences, counted with the first character's reading moving fastest. Characters
 * for which there is no room any more have their first reading. */
static void add_readings(struct gram_list *l, const char *name)
{
	size_t n, sequences = 1;
	struct readings *r = pinyin_readings(l->arena, name, &n);
	struct sequence s = {arena_alloc(l->arena, (n + 1) * sizeof(*s.syllables)), n};

	for (size_t i = 0; i < n; i++) {
		if (sequences * r[i].n > SEQUENCES_MOST)
			r[i].n = 1;
		sequences *= r[i].n;
	}
	for (size_t k = 0; k < sequences && n; k++) {
		for (size_t i = 0, rest = k; i < n; rest /= r[i].n, i++)
			s.syllables[i] = r[i].of[rest % r[i].n];
		add_sequence(l, &s);
	}
}

/* ---- each gram once, with its best grades ---- */

static int by_text(const void *x, const void *y)
{
	return strcmp(((const struct gram *)x)->text, ((const struct gram *)y)->text);
}

static void merge_equal(struct gram_list *l)
{
	size_t n = 0;

	qsort(l->items, l->n, sizeof(*l->items), by_text);
	for (size_t i = 0; i < l->n; i++) {
		struct gram *last = n ? &l->items[n - 1] : NULL, *g = &l->items[i];

		if (!last || strcmp(last->text, g->text) != 0) {
			l->items[n++] = *g;
			continue;
		}
		last->whole = g->whole < last->whole ? g->whole : last->whole;
		last->part = g->part < last->part ? g->part : last->part;
	}
	l->n = n;
}

static void give(struct gram_list *l, Archive__SearchGrams *out)
{
	if (l->n)
		merge_equal(l);
	out->n_grams = out->n_whole = out->n_part = l->n;
	out->grams = arena_alloc(l->arena, (l->n + 1) * sizeof(*out->grams));
	out->whole = arena_alloc(l->arena, (l->n + 1) * sizeof(*out->whole));
	out->part = arena_alloc(l->arena, (l->n + 1) * sizeof(*out->part));
	for (size_t i = 0; i < l->n; i++) {
		out->grams[i] = arena_strdup(l->arena, l->items[i].text);
		out->whole[i] = (int32_t)l->items[i].whole;
		out->part[i] = (int32_t)l->items[i].part;
	}
}

void search_name(struct arena *a, const char *name, Archive__SearchGrams *out)
{
	struct gram_list l = {.arena = a};

	add_ends(&l, folded_name(a, name), SEARCH_EXACT_NAME, SEARCH_BEGINS, SEARCH_INSIDE);
	add_readings(&l, name);
	give(&l, out);
}

void search_place(struct arena *a, const char *code, const char *name, Archive__SearchGrams *out)
{
	struct gram_list l = {.arena = a};

	add(&l, text_fold(a, code), SEARCH_PLACE, SEARCH_PLACE);
	add_ends(&l, folded_name(a, name), SEARCH_PLACE, SEARCH_PLACE, SEARCH_PLACE);
	give(&l, out);
}

void search_value(struct arena *a, const Renhe__CustomField *f, const char *text,
		  Archive__SearchGrams *out)
{
	struct gram_list l = {.arena = a};
	bool is_choice = f->type == RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_CHOICE;

	if (!is_choice)
		add_ends(&l, folded_name(a, text), SEARCH_CUSTOM, SEARCH_CUSTOM, SEARCH_CUSTOM);
	for (size_t i = 0; is_choice && i < f->n_choice_codes; i++) {
		const char *const names[] = {f->choice_zh[i], f->choice_en[i]};

		for (size_t j = 0; j < 2 && !strcmp(f->choice_codes[i], text); j++)
			add_ends(&l, folded_name(a, names[j]), SEARCH_CUSTOM, SEARCH_CUSTOM,
				 SEARCH_CUSTOM);
	}
	give(&l, out);
}

/* ---- words ---- */

static bool known(const Archive__SearchEmployees *out, const char *word)
{
	for (size_t i = 0; i < out->n_words && i < SEARCH_WORDS_MOST; i++)
		if (!strcmp(out->words[i], word))
			return true;
	return false;
}

/* A phone that fits is the mobile of the search, the first one if there are more. */
static void add_word(struct arena *a, const char *text, Archive__SearchEmployees *out)
{
	char *word = folded_name(a, text);
	const char *mobile;

	if (!*word)
		word = arena_strdup(a, text); /* nothing but dots: a word that fits nobody */
	if (known(out, word))
		return;
	if (out->n_words < SEARCH_WORDS_MOST)
		out->words[out->n_words] = word;
	out->n_words++;
	if (out->mobile || out->n_words > SEARCH_WORDS_MOST ||
	    value_check(a, FORMAT_MOBILE, word, &mobile))
		return;
	out->mobile = arena_strdup(a, mobile);
	out->has_mobile_word = true;
	out->mobile_word = (int32_t)out->n_words;
}

void search_words(struct arena *a, const char *box, Archive__SearchEmployees *out)
{
	char *rest = text_fold(a, box), *word;
	const char *mobile;

	out->words = arena_alloc(a, SEARCH_WORDS_MOST * sizeof(*out->words));
	out->n_words = 0;
	if (!value_check(a, FORMAT_MOBILE, rest, &mobile)) {
		add_word(a, mobile, out);
		return;
	}
	while ((word = strsep(&rest, " \t")))
		if (*word)
			add_word(a, word, out);
}
