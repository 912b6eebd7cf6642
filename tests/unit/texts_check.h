/* What holds of every entry of a catalogue once it is said: all of its arguments stand in it, in
 * both languages, and nothing of the placeholders is left. */
#ifndef RENHE_TEXTS_CHECK_H
#define RENHE_TEXTS_CHECK_H
#include <string.h>
#undef fail /* of cmocka, as its fail_msg; ours raises faults */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
#include "ctx.h"
#include "text.h"

static const struct text_def OTHER_TEXT = {"OTHER", "另文", "other text", "", {NULL}};

static struct text texts_sample(const struct text_def *d)
{
	struct text t = {.def = d};

	for (unsigned i = 0; d->kinds[i]; i++) {
		if (d->kinds[i] == 'i')
			t.args[i].i = 910027 + i;
		else if (d->kinds[i] == 't')
			t.args[i].t = &OTHER_TEXT;
		else
			t.args[i].s = "%s{a}%n";
	}
	return t;
}

static const char *texts_expected(struct arena *a, const struct text_def *d, unsigned i,
				  bool english)
{
	if (d->kinds[i] == 'i')
		return arena_printf(a, "%u", 910027 + i);
	return d->kinds[i] == 't' ? english ? "other text" : "另文" : "%s{a}%n";
}

static void texts_check_one(struct arena *a, const struct text_def *d, bool english)
{
	struct ctx cx = {.arena = a, .lang = english ? "en" : "zh-CN"};
	const char *said = text_say(&cx, texts_sample(d));

	if (!*said)
		fail_msg("%s says nothing", d->key);
	for (unsigned i = 0; d->kinds[i]; i++) {
		if (!strstr(said, texts_expected(a, d, i, english)))
			fail_msg("%s: %s is not in \"%s\"", d->key, d->names[i], said);
		if (strstr(said, arena_printf(a, "{%s}", d->names[i])))
			fail_msg("%s: {%s} is left in \"%s\"", d->key, d->names[i], said);
	}
}

static void texts_check(const struct text_def *const *list)
{
	struct arena *a = arena_new();

	assert_non_null(*list);
	for (; *list; list++) {
		texts_check_one(a, *list, false);
		texts_check_one(a, *list, true);
	}
	arena_free(a);
}
#endif
