#include "text.h"

#include <string.h>

#include "ctx.h"

struct text text_pair(const char *zh, const char *en)
{
	return (struct text){NULL, {{.s = zh}, {.s = en}}};
}

/* ---- filling in ---- */

static size_t bounded(const char *s)
{
	size_t n = strnlen(s, TEXT_ARG_BYTES + 1);

	if (n <= TEXT_ARG_BYTES)
		return n;
	for (n = TEXT_ARG_BYTES; n && ((unsigned char)s[n] & 0xC0) == 0x80; n--)
		;
	return n;
}

static void add_arg(struct buf *b, char kind, union text_arg arg, bool english)
{
	const char *s = kind == 't' ? english ? arg.t->en : arg.t->zh : arg.s;

	if (kind == 'i')
		buf_printf(b, "%lld", (long long)arg.i);
	else if (s)
		buf_add(b, s, bounded(s));
}

/* The argument that a placeholder names; the generator saw to it that there is one. */
static unsigned arg_of(const struct text_def *d, const char *name, size_t n)
{
	unsigned i = 0;

	while (d->kinds[i] && (strncmp(d->names[i], name, n) != 0 || d->names[i][n]))
		i++;
	return i;
}

static char *fill(struct arena *a, const struct text *t, bool english)
{
	const char *p = english ? t->def->en : t->def->zh, *hole;
	struct buf b;

	buf_init(&b, a);
	for (; (hole = strchr(p, '{')); p = strchr(hole, '}') + 1) {
		unsigned i = arg_of(t->def, hole + 1, strcspn(hole + 1, "}"));

		buf_add(&b, p, (size_t)(hole - p));
		if (t->def->kinds[i])
			add_arg(&b, t->def->kinds[i], t->args[i], english);
	}
	buf_puts(&b, p);
	return b.p;
}

static char *in_language(struct arena *a, const struct text *t, bool english)
{
	const char *pair = t->args[english ? 1 : 0].s;

	if (t->def)
		return fill(a, t, english);
	return pair ? arena_strdup(a, pair) : NULL;
}

char *text_zh(struct arena *a, struct text t)
{
	return in_language(a, &t, false);
}

char *text_en(struct arena *a, struct text t)
{
	return in_language(a, &t, true);
}

/* ---- saying ---- */

static bool is_english(const struct ctx *cx)
{
	return cx->lang && strncmp(cx->lang, "en", 2) == 0;
}

const char *text_choose(const struct ctx *cx, const char *zh, const char *en)
{
	const char *first = is_english(cx) ? en : zh, *second = is_english(cx) ? zh : en;

	return first ? first : second ? second : "";
}

const char *text_say(const struct ctx *cx, struct text t)
{
	if (t.def)
		return fill(cx->arena, &t, is_english(cx));
	return text_choose(cx, t.args[0].s, t.args[1].s);
}
