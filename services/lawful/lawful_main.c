/* roster-lawful FILE... */
#include <stdio.h>
#include <string.h>

#include "law_pack.h"
#include "lawful.h"
#include "lawful_texts.h"

enum exit_code { EXIT_LAWFUL, EXIT_REFUSED, EXIT_UNREADABLE };
#define FILE_MOST ((size_t)256 << 20)
#define ZONES "/usr/share/zoneinfo"

static void put_both(struct arena *a, struct text t)
{
	printf("\t%s\t%s\n", text_zh(a, t), text_en(a, t));
}

/* ---- lines of fields between tabs ---- */

static void put_day(civil_day day)
{
	struct civil c = civil_split(day);

	printf("\t%04d-%02d-%02d", c.year, c.month, c.day);
}

static void put_breach(struct arena *a, const struct lawful_breach *b)
{
	bool figures = b->rule->unit != LAWFUL_NOTHING;

	printf("%s\t%s\t%s\t%s", b->level == LAWFUL_REFUSE ? "broken" : "warned",
	       b->rule->words->key, b->person, b->shift);
	put_day(b->day);
	printf("\t%s\t%s", figures ? lawful_figure(a, b->rule->unit, b->figure) : "-",
	       figures ? lawful_figure(a, b->rule->unit, b->limit) : "-");
	printf("\t%s\t%s\t%s", b->rule->article->key, b->rule->article->zh, b->rule->article->en);
	put_both(a, lawful_words(a, b));
}

static enum exit_code put_verdict(const struct lawful *v, bool lawful)
{
	printf("%s\t%zu\t%s\t%s", lawful ? "certified" : "refused",
	       lawful ? v->n_warned : v->n_refused, v->roster, v->rules);
	put_both(v->arena, lawful ? TEXT_CERTIFIED((int64_t)v->n_people, (int64_t)v->n_shifts)
				  : TEXT_REFUSED((int64_t)v->n_refused));
	for (const struct lawful_breach *b = v->breaches; b; b = b->next)
		put_breach(v->arena, b);
	return lawful ? EXIT_LAWFUL : EXIT_REFUSED;
}

static enum exit_code put_fault(struct arena *a, const char *pointer, struct text what)
{
	printf("unreadable\t%s\t%s", what.def->key, pointer);
	put_both(a, what);
	return EXIT_UNREADABLE;
}

static enum exit_code put_faults(const struct lawful *v)
{
	for (const struct lawful_fault *f = v->faults; f; f = f->next)
		put_fault(v->arena, f->pointer, f->what);
	return EXIT_UNREADABLE;
}

/* ---- files ---- */

/* False: it can't be read; with n of FILE_MOST + 1, it is larger than that. */
static bool read_file(struct arena *a, FILE *in, struct buf *out)
{
	char *piece = arena_alloc(a, 1 << 16);
	size_t n;

	buf_init(out, a);
	while ((n = fread(piece, 1, 1 << 16, in)) > 0 && out->n <= FILE_MOST)
		buf_add(out, piece, n);
	return !ferror(in);
}

static enum exit_code judge_file(struct arena *a, const struct law *law, const char *path)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct lawful v = {.arena = a, .law = law, .zone_folder = ZONES};
	struct buf text;
	bool read = in && read_file(a, in, &text), lawful;

	if (in && in != stdin)
		fclose(in);
	if (!read)
		return put_fault(a, "", TEXT_FILE_UNREADABLE);
	if (text.n > FILE_MOST)
		return put_fault(a, "", TEXT_FILE_LARGE);
	lawful = lawful_judge(&v, (struct str){text.p, text.n});
	return v.n_faults ? put_faults(&v) : put_verdict(&v, lawful);
}

static bool read_law(struct law *law)
{
	struct law_error error;

	for (const struct law_pack *p = LAW_PACKS; p->name; p++)
		if (!law_read(p->text, LAW_PACK_ROWS, law, &error)) {
			fprintf(stderr, "%s:%d: %s\n", p->name, error.line, error.what);
			return false;
		}
	return true;
}

/* Each file on its own; the worst of them is the exit status. */
static enum exit_code judge_files(const struct law *law, const char *const *paths, int n)
{
	struct arena *a = arena_new();
	enum exit_code worst = EXIT_LAWFUL;

	for (int i = 0; i < n; i++) {
		if (n > 1)
			printf("roster\t%s\n", paths[i]);
		enum exit_code code = judge_file(a, law, paths[i]);

		worst = code > worst ? code : worst;
		arena_reset(a);
	}
	arena_free(a);
	return fflush(stdout) == 0 ? worst : EXIT_UNREADABLE;
}

int main(int argc, char **argv)
{
	static struct law_row rows[LAW_PACK_ROWS];
	struct law law = {.rows = rows};
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

	if (argc < 2 || help) {
		fprintf(help ? stdout : stderr, "roster-lawful FILE...\n\n%s\n\n%s\n",
			TEXT_DEF_HELP_LAWFUL.zh, TEXT_DEF_HELP_LAWFUL.en);
		return help ? EXIT_LAWFUL : EXIT_UNREADABLE;
	}
	if (!read_law(&law))
		return EXIT_UNREADABLE;
	return (int)judge_files(&law, (const char *const *)argv + 1, argc - 1);
}
