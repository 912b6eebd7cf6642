#include "solve_weeks.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { AGAIN = 3 };

/* ---- names ---- */

/* Parts of folder/n005w4_0_1-2-3-3. */
struct named {
	const char *path, *set, *history, *weeks;
};

static bool name_split(struct named *n, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t digits;

	n->path = path;
	n->set = slash ? slash + 1 : path;
	n->history = strchr(n->set, '_');
	n->weeks = n->history ? strchr(n->history + 1, '_') : NULL;
	if (!n->weeks || strchr(n->weeks + 1, '_'))
		return false;
	n->history++;
	n->weeks++;
	digits = strspn(n->weeks, "0123456789-");
	return digits && (!n->weeks[digits] || !strcmp(n->weeks + digits, ".txt"));
}

static bool begins_with(const char *path, const char *word)
{
	FILE *file = fopen(path, "rb");
	char start[16] = "";

	if (!file)
		return false;
	size_t n = fread(start, 1, strlen(word), file);
	fclose(file);
	return n == strlen(word) && !memcmp(start, word, n);
}

bool roster_weeks_are(const char *first)
{
	struct named n;

	return begins_with(first, "SCENARIO") || name_split(&n, first);
}

/* "folder/", or "folder/n005w4/" where the scenario isn't in the first. */
static bool folder_find(const struct named *n, char *out, size_t size)
{
	int folder = (int)(n->set - n->path), set = (int)(n->history - 1 - n->set);
	char scenario[ROSTER_PATH];
	struct stat st;

	snprintf(scenario, sizeof(scenario), "%.*sSc-%.*s.txt", folder, n->path, set, n->set);
	if (stat(scenario, &st) == 0)
		return snprintf(out, size, "%.*s", folder, n->path) < (int)size;
	return snprintf(out, size, "%.*s%.*s/", folder, n->path, set, n->set) < (int)size;
}

/* "folder/WD-n005w4-1.txt" as the next file; the number may be empty. */
static bool part_add(struct roster_weeks *w, const char *folder, const char *kind,
		     const struct named *n, const char *number, int digits)
{
	int wrote =
		snprintf(w->file[w->files], ROSTER_PATH, "%s%s-%.*s%s%.*s.txt", folder, kind,
			 (int)(n->history - 1 - n->set), n->set, digits ? "-" : "", digits, number);

	w->files++;
	return wrote < ROSTER_PATH;
}

static bool files_by_name(struct roster_weeks *w, const struct named *n)
{
	char folder[ROSTER_PATH];
	bool fine = folder_find(n, folder, sizeof(folder)) && part_add(w, folder, "Sc", n, "", 0) &&
		    part_add(w, folder, "H0", n, n->history, (int)(n->weeks - 1 - n->history));

	for (const char *at = n->weeks; fine && *at >= '0' && *at <= '9';) {
		int digits = (int)strspn(at, "0123456789");
		fine = w->files < INRC_WEEKS + 2 && part_add(w, folder, "WD", n, at, digits);
		at += digits + (at[digits] == '-');
	}
	return fine && w->files > 2;
}

static bool files_given(struct roster_weeks *w, char **files, int n)
{
	if (n < 3 || n > INRC_WEEKS + 2)
		return false;
	for (int i = 0; i < n; i++)
		if (snprintf(w->file[i], ROSTER_PATH, "%s", files[i]) >= ROSTER_PATH)
			return false;
	w->files = n;
	return true;
}

/* ---- weeks ---- */

typedef bool file_reader(struct roster_text *t, struct roster_inrc *s);

static bool file_read(struct roster_weeks *w, struct roster_text *t, int file, file_reader *read)
{
	bool fine = roster_text_open(t, w->file[file]) && read(t, &w->set);

	roster_text_close(t);
	return fine;
}

bool roster_weeks_open(struct roster_weeks *w, struct roster_text *t, char **files, int n)
{
	struct named name;

	t->name = files[0];
	if (n == 1 ? !name_split(&name, files[0]) || !files_by_name(w, &name)
		   : !files_given(w, files, n))
		return roster_text_fault(t, &TEXT_DEF_SOLVE_UNREADABLE, files[0]);
	return file_read(w, t, 0, roster_inrc_scenario) && file_read(w, t, 1, roster_inrc_history);
}

/* Searches weeks week..until-1 and keeps the first. */
static bool span_search(struct roster_inrc *s, int week, int until,
			const struct roster_limits *limits,
			void (*progress)(const struct roster_progress *p))
{
	struct roster_model *m = roster_inrc_model(s, week, until);
	struct roster_best best = {.plan = m ? calloc((size_t)(m->people * m->days), 1) : NULL};
	bool fine = best.plan && roster_run(m, limits, &best, progress);

	if (fine)
		roster_inrc_keep(s, week, m, best.plan);
	free(best.plan);
	roster_model_free(m);
	return fine;
}

/* Whether the week that is kept breaks hard rules; so does one for which memory is short. */
static bool week_broken(const struct roster_inrc *s, int week)
{
	struct roster_model *m = roster_inrc_model(s, week, week + 1);
	uint8_t *plan = m ? calloc((size_t)(m->people * m->days), 1) : NULL;
	bool broken = true;

	if (plan) {
		roster_inrc_plan(s, week, m, plan);
		broken = roster_plan_cost(m, plan).hard != 0;
	}
	free(plan);
	roster_model_free(m);
	return broken;
}

/* With the later weeks in view; where that leaves hard rules broken, the week alone, each time with
 * a share of its own. */
static bool week_search(struct roster_inrc *s, int week, const struct roster_limits *limits,
			void (*progress)(const struct roster_progress *p))
{
	struct roster_limits again = *limits;

	if (!span_search(s, week, s->weeks, limits, progress))
		return false;
	for (int i = 0; i < AGAIN && week_broken(s, week); i++) {
		again.seed++;
		if (!span_search(s, week, week + 1, &again, progress))
			return false;
	}
	return true;
}

bool roster_weeks_search(struct roster_weeks *w, struct roster_text *t,
			 const struct roster_limits *limits,
			 void (*progress)(const struct roster_progress *p))
{
	struct roster_limits share = *limits;
	int weeks = w->files - 2;

	share.seconds /= weeks;
	share.cpu_seconds /= weeks;
	share.moves = (share.moves + weeks - 1) / weeks;
	for (int i = 0; i < weeks; i++) {
		if (!file_read(w, t, 2 + i, roster_inrc_week))
			return false;
		if (!week_search(&w->set, w->set.known - 1, &share, progress))
			return roster_text_fault(t, &TEXT_DEF_SOLVE_MEMORY, "");
	}
	return true;
}

struct roster_model *roster_weeks_model(const struct roster_weeks *w)
{
	return roster_inrc_model(&w->set, w->set.first, w->set.known);
}

void roster_weeks_plan(const struct roster_weeks *w, const struct roster_model *m, uint8_t *plan)
{
	roster_inrc_plan(&w->set, w->set.first, m, plan);
}

void roster_weeks_write(const struct roster_weeks *w, FILE *out)
{
	for (int week = w->set.first; week < w->set.known; week++)
		roster_inrc_write(&w->set, week, out);
}
