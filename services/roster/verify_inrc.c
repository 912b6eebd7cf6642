#include "verify_inrc.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "roster_verify_texts.h"

/* ---- which file is what: by its first line ---- */

static bool take_file(struct verify_source *s, struct inrc *c)
{
	static const struct {
		const char *begins;
		bool (*read)(struct verify_source *s, struct inrc *c);
	} FORMS[] = {{"HISTORY", inrc_read_history},
		     {"WEEK_DATA", inrc_read_week},
		     {"SOLUTION", inrc_read_roster}};
	struct verify_source peek = *s;
	struct str line;

	if (!source_expect(&peek, &line))
		return false;
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
		if (str_eq(line, FORMS[i].begins))
			return FORMS[i].read(s, c);
	return source_refuse(&peek, TEXT_FILE_UNKNOWN(source_print(s->v, line)));
}

static bool take_path(struct verify *v, const char *path, struct inrc *c)
{
	struct verify_source s;

	return source_open(v, path, &s) && take_file(&s, c);
}

/* ---- a folder of solutions: a file for each week ---- */

static int is_solution(const struct dirent *entry)
{
	return strncmp(entry->d_name, "Sol-", 4) == 0;
}

static bool take_folder(struct verify *v, const char *path, struct inrc *c)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_solution, alphasort);
	bool fine = n > 0 || verify_refuse(v, path, 0, TEXT_FILE_NO_SOLUTIONS);

	for (int i = 0; i < n; i++) {
		fine = fine &&
		       take_path(v, arena_printf(v->arena, "%s/%s", path, entries[i]->d_name), c);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return fine;
}

static bool take_any(struct verify *v, const char *path, struct inrc *c)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return take_folder(v, path, c);
	return take_path(v, path, c);
}

/* ---- an instance by its name: folder/n005w4_0_1-2-3-3, its files there or in folder/n005w4 ----
 */

struct named {
	struct str folder, set;
	const char *history, *weeks; /* numbers; weeks "1-2-3-3", maybe with .txt behind */
};

static struct named name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
		   *history = strchr(name, '_');

	return (struct named){{slash ? path : ".", slash ? (size_t)(slash - path) : 1},
			      {name, (size_t)(history - name)},
			      history + 1,
			      strchr(history + 1, '_') + 1};
}

static const char *folder_of(struct verify *v, const struct named *n)
{
	const char *at = arena_printf(v->arena, "%.*s/Sc-%.*s.txt", (int)n->folder.n, n->folder.p,
				      (int)n->set.n, n->set.p);
	struct stat st;

	if (stat(at, &st) == 0)
		return source_print(v, n->folder);
	return arena_printf(v->arena, "%.*s/%.*s", (int)n->folder.n, n->folder.p, (int)n->set.n,
			    n->set.p);
}

static bool open_part(struct verify *v, const struct named *n, const char *kind, struct str number,
		      struct verify_source *s)
{
	return source_open(v,
			   arena_printf(v->arena, "%s/%s-%.*s%s%.*s.txt", folder_of(v, n), kind,
					(int)n->set.n, n->set.p, number.n ? "-" : "", (int)number.n,
					number.p),
			   s);
}

static bool read_named(struct verify *v, const char *path, struct inrc *c)
{
	struct named n = name_of(path);
	struct str history = {n.history, (size_t)(n.weeks - 1 - n.history)},
		   weeks = {n.weeks, strspn(n.weeks, "0123456789-")};
	struct str numbers[INRC_WEEKS_MOST];
	size_t n_weeks = source_split(weeks, '-', numbers, INRC_WEEKS_MOST);
	struct verify_source s;

	if (n_weeks > INRC_WEEKS_MOST)
		return verify_refuse(v, path, 0, TEXT_FILE_TOO_MANY(INRC_WEEKS_MOST));
	if (!open_part(v, &n, "Sc", STR(""), &s) || !inrc_read_scenario(&s, c) ||
	    !open_part(v, &n, "H0", history, &s) || !inrc_read_history(&s, c))
		return false;
	for (size_t i = 0; i < n_weeks; i++)
		if (!open_part(v, &n, "WD", numbers[i], &s) || !inrc_read_week(&s, c))
			return false;
	return true;
}

/* ---- all of it ---- */

static bool is_whole(struct verify *v, const char *path, const struct inrc *c)
{
	for (int i = 0; i < c->n_nurses; i++)
		if (!c->nurses[i].past.given)
			return verify_refuse(
				v, path, 0,
				TEXT_FILE_NO_HISTORY(source_print(v, c->nurses[i].name)));
	if (c->weeks_given != c->weeks)
		return verify_refuse(v, path, 0, TEXT_FILE_WEEKS(c->weeks_given, c->weeks));
	for (int w = 0; w < c->weeks; w++)
		if (!c->week_solved[w])
			return verify_refuse(v, path, 0, TEXT_FILE_WEEK_UNSOLVED(w));
	return true;
}

bool verify_inrc(struct verify *v, const char *const *paths, size_t n)
{
	struct inrc *c = arena_alloc(v->arena, sizeof(*c));
	struct verify_source s;
	struct stat st;
	bool scenario = stat(paths[0], &st) == 0 && source_open(v, paths[0], &s) && s.rest.n >= 8 &&
			memcmp(s.rest.p, "SCENARIO", 8) == 0;

	if (v->refusal.file || !(scenario ? inrc_read_scenario(&s, c) : read_named(v, paths[0], c)))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!take_any(v, paths[i], c))
			return false;
	if (!is_whole(v, paths[n - 1], c))
		return false;
	inrc_judge(v, c);
	return true;
}
