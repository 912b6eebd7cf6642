/* Opening a transliterator takes 50 to 140 ms and 2 MB, so it is done once, when first asked for.
 */
#include "pinyin.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include "chassis_texts.h"
#include "value.h"

#define TONES_OFF "; NFD; [\\u0300\\u0301\\u0304\\u030C] Remove; NFC" /* not the two dots of ü */

static UTransliterator *simplified, *general, *surname;
static const UNormalizer2 *folding;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The rules are part of ICU's data: without them the program cannot do its work. */
static UTransliterator *transliterator(const char *id)
{
	UErrorCode e = U_ZERO_ERROR;
	UTransliterator *t;
	UChar name[120];

	u_uastrcpy(name, id);
	t = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
	if (U_FAILURE(e))
		abort();
	return t;
}

static void open_all(void)
{
	UErrorCode e = U_ZERO_ERROR;

	simplified = transliterator("Traditional-Simplified");
	general = transliterator("Han-Latin" TONES_OFF);
	surname = transliterator("Han-Latin/Names" TONES_OFF);
	folding = unorm2_getNFKCCasefoldInstance(&e);
	if (U_FAILURE(e))
		abort();
}

/* ---- UTF-16, as ICU has it ---- */

struct wide {
	UChar *p;
	int32_t n, cap;
};

/* Room for what transliteration adds: six letters and a blank for a character. */
static struct wide wide_of(struct arena *a, const char *s)
{
	int32_t bytes = (int32_t)strlen(s);
	struct wide w = {.cap = 8 * bytes + 64};
	UErrorCode e = U_ZERO_ERROR;

	w.p = arena_alloc(a, (size_t)w.cap * sizeof(UChar));
	u_strFromUTF8(w.p, w.cap, &w.n, s, bytes, &e);
	if (U_FAILURE(e))
		abort();
	return w;
}

static char *narrow(struct arena *a, const struct wide *w)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t size = 3 * w->n + 1;
	char *s = arena_alloc(a, (size_t)size);

	u_strToUTF8(s, size, NULL, w->p, w->n, &e);
	if (U_FAILURE(e))
		abort();
	return s;
}

static void change(UTransliterator *t, struct wide *w)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t limit = w->n;

	utrans_transUChars(t, w->p, &w->n, w->cap, 0, &limit, &e);
	if (U_FAILURE(e))
		abort();
}

char *text_fold(struct arena *a, const char *s)
{
	struct wide w = wide_of(a, s), folded = {.cap = w.cap};
	UErrorCode e = U_ZERO_ERROR;

	pthread_once(&once, open_all);
	folded.p = arena_alloc(a, (size_t)folded.cap * sizeof(UChar));
	folded.n = unorm2_normalize(folding, w.p, w.n, folded.p, folded.cap, &e);
	if (e ==
	    U_BUFFER_OVERFLOW_ERROR) /* U+FDFA becomes 18 characters: such texts are left alone */
		folded = w;
	else if (U_FAILURE(e))
		abort();
	change(simplified, &folded);
	return narrow(a, &folded);
}

/* ---- readings ---- */

static void add_reading(struct readings *r, const char *text)
{
	for (unsigned i = 0; i < r->n; i++)
		if (!strcmp(r->of[i], text))
			return;
	if (r->n < READINGS_MOST)
		r->of[r->n++] = text;
}

static const char *replaced(struct arena *a, const char *s, const char *part, char by)
{
	const char *at = strstr(s, part);

	return arena_printf(a, "%.*s%c%s", (int)(at - s), s, by, at + strlen(part));
}

/* One syllable as it is written without its tone; people type ü as v, and many as u. */
static void add_syllable(struct arena *a, struct readings *r, const char *syllable)
{
	const char *two_dots = "\xc3\xbc";

	if (strstr(syllable, two_dots)) {
		add_reading(r, replaced(a, syllable, two_dots, 'v'));
		syllable = replaced(a, syllable, two_dots, 'u');
	}
	if (*syllable && strspn(syllable, "abcdefghijklmnopqrstuvwxyz") == strlen(syllable))
		add_reading(r, syllable);
}

/* The syllables of some characters; false where they are not one each. */
static bool syllables(struct arena *a, UTransliterator *t, const char *characters, char **out,
		      size_t n)
{
	struct wide w = wide_of(a, characters);
	char *rest, *one;
	size_t found = 0;

	change(t, &w);
	rest = narrow(a, &w);
	while ((one = strsep(&rest, " ")))
		if (*one && found++ < n)
			out[found - 1] = one;
	return found == n;
}

static void read_character(struct arena *a, const char *character, const char *as_surname,
			   struct readings *r)
{
	char *one;

	if (as_surname)
		add_syllable(a, r, as_surname);
	for (size_t i = 0; i < N_OTHER_READINGS; i++)
		if (!strcmp(OTHER_READINGS[i].character, character))
			add_reading(r, OTHER_READINGS[i].reading);
	if (syllables(a, general, character, &one, 1))
		add_syllable(a, r, one);
}

/* The Han characters of s, each a text of its own. */
static char **han_characters(struct arena *a, const char *s, size_t *n)
{
	const char *end = s + strlen(s), *from = s;
	char **out = arena_alloc(a, (strlen(s) + 1) * sizeof(*out));
	UErrorCode e = U_ZERO_ERROR;
	int32_t point;

	*n = 0;
	for (const char *p = s; p < end; from = p) {
		point = utf8_next(&p, end);
		if (point >= 0 && uscript_getScript(point, &e) == USCRIPT_HAN)
			out[(*n)++] = arena_strndup(a, from, (size_t)(p - from));
	}
	return out;
}

struct readings *pinyin_readings(struct arena *a, const char *s, size_t *n)
{
	size_t n_han, first;
	char **han = han_characters(a, s, &n_han), *names[2] = {NULL, NULL};
	struct readings *out = arena_alloc(a, (n_han + 1) * sizeof(*out));

	pthread_once(&once, open_all);
	first = n_han < 2 ? n_han : 2;
	if (first &&
	    !syllables(a, surname, arena_printf(a, "%s%s", han[0], first > 1 ? han[1] : ""), names,
		       first))
		names[0] = names[1] = NULL;
	*n = 0;
	for (size_t i = 0; i < n_han; i++) {
		read_character(a, han[i], i < first ? names[i] : NULL, &out[*n]);
		*n += out[*n].n > 0;
	}
	return out;
}
