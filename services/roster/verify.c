#include "verify.h"

#include <string.h>

#include "roster_verify_texts.h"
#include "verify_source.h"

void verify_begin(struct verify *v, struct arena *a)
{
	*v = (struct verify){.arena = a};
	v->end = &v->breaches;
}

bool verify_refuse(struct verify *v, const char *file, int line, struct text what)
{
	if (!v->refusal.file)
		v->refusal = (struct verify_refusal){file, line, what};
	return false;
}

void verify_break(struct verify *v, const char *who, const char *when, struct text rule)
{
	struct verify_breach *b = arena_alloc(v->arena, sizeof(*b));

	*b = (struct verify_breach){who, when, rule, NULL};
	*v->end = b;
	v->end = &b->next;
	v->n_breaches++;
}

void verify_charge(struct verify *v, const struct text_def *part, int64_t penalty)
{
	size_t i = 0;

	while (i < v->n_parts && v->parts[i].name != part)
		i++;
	if (i == v->n_parts)
		v->parts[v->n_parts++] = (struct verify_part){part, 0};
	v->parts[i].penalty += penalty;
}

int64_t verify_penalty(const struct verify *v)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->n_parts; i++)
		sum += v->parts[i].penalty;
	return sum;
}

/* ---- which family ---- */

/* NAME_H_W-W…: two underscores part the data set from the numbers of its files. */
static bool names_inrc(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *history = strchr(name, '_');
	const char *weeks = history ? strchr(history + 1, '_') : NULL;

	if (!weeks || strspn(history + 1, "0123456789") != (size_t)(weeks - history - 1))
		return false;
	weeks += 1 + strspn(weeks + 1, "0123456789-");
	return !*weeks || strcmp(weeks, ".txt") == 0;
}

bool verify_files(struct verify *v, const char *const *paths, size_t n)
{
	struct verify_source s;

	if (names_inrc(paths[0]))
		return verify_inrc(v, paths, n);
	if (!source_open(v, paths[0], &s))
		return false;
	if (s.rest.n >= 8 && memcmp(s.rest.p, "SCENARIO", 8) == 0)
		return verify_inrc(v, paths, n);
	if (n != 2)
		return verify_refuse(v, paths[0], 0, TEXT_FILE_ONE_ROSTER);
	if (source_has(&s, "SECTION_TASKS"))
		return verify_retail(&s, paths[1]);
	if (source_has(&s, "SECTION_SHIFTS"))
		return verify_curtois(&s, paths[1]);
	return verify_refuse(v, paths[0], 0, TEXT_FILE_NO_FAMILY);
}
