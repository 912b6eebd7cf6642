/* roster-verify INSTANCE… FILE… */
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "roster_verify_texts.h"
#include "verify.h"

enum exit_code { EXIT_LEGAL, EXIT_ILLEGAL, EXIT_UNREADABLE };

/* Lines of fields between tabs, in both languages, for people and programs alike. */
static void put_penalty(const struct verify *v)
{
	int64_t sum = verify_penalty(v);

	printf("legal\t%lld\t%s\t%s\n", (long long)sum, text_zh(v->arena, TEXT_LEGAL(sum)),
	       text_en(v->arena, TEXT_LEGAL(sum)));
	for (size_t i = 0; i < v->n_parts; i++)
		printf("part\t%s\t%lld\t%s\t%s\n", v->parts[i].name->key,
		       (long long)v->parts[i].penalty, v->parts[i].name->zh, v->parts[i].name->en);
}

static void put_breaches(const struct verify *v)
{
	int64_t n = (int64_t)v->n_breaches;

	printf("illegal\t%lld\t%s\t%s\n", (long long)n, text_zh(v->arena, TEXT_ILLEGAL(n)),
	       text_en(v->arena, TEXT_ILLEGAL(n)));
	for (const struct verify_breach *b = v->breaches; b; b = b->next)
		printf("broken\t%s\t%s\t%s\t%s\t%s\n", b->rule.def->key, b->who, b->when,
		       text_zh(v->arena, b->rule), text_en(v->arena, b->rule));
}

static void put_refusal(const struct verify *v)
{
	const struct verify_refusal *r = &v->refusal;

	fprintf(stderr, "%s:%d: %s: %s / %s\n", r->file, r->line, r->what.def->key,
		text_zh(v->arena, r->what), text_en(v->arena, r->what));
}

static enum exit_code run(struct verify *v, const char *const *paths, size_t n)
{
	if (!verify_files(v, paths, n)) {
		put_refusal(v);
		return EXIT_UNREADABLE;
	}
	if (v->n_breaches == 0)
		put_penalty(v);
	else
		put_breaches(v);
	return v->n_breaches ? EXIT_ILLEGAL : EXIT_LEGAL;
}

static void put_help(FILE *out)
{
	fprintf(out, "roster-verify INSTANCE... FILE...\n\n%s\n\n%s\n", TEXT_DEF_HELP_VERIFY.zh,
		TEXT_DEF_HELP_VERIFY.en);
}

int main(int argc, char **argv)
{
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
	struct verify v;

	if (argc < 3) {
		put_help(help ? stdout : stderr);
		return help ? EXIT_LEGAL : EXIT_UNREADABLE;
	}
	verify_begin(&v, arena_new());
	enum exit_code code = run(&v, (const char *const *)argv + 1, (size_t)argc - 1);

	if (fflush(stdout) != 0)
		code = EXIT_UNREADABLE;
	arena_free(v.arena);
	return (int)code;
}
