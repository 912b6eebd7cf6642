/* Texts for people, of the catalogues in texts/ of each room, zh-CN and en. The generator makes of
 * the entry TOO_LONG the macro TEXT_TOO_LONG(limit), whose arguments have the number and the types
 * that the entry says, and TEXT_DEF_TOO_LONG for tables. */
#ifndef RENHE_TEXT_H
#define RENHE_TEXT_H
#include <stdbool.h>
#include <stdint.h>
#include "arena.h"

#define TEXT_ARGS_MOST 3
#define TEXT_ARG_BYTES 4000 /* of one argument; longer ones are cut between two code points */

struct ctx;

struct text_def {
	const char *key, *zh, *en; /* with {name} where an argument stands */
	const char *kinds;	   /* of the arguments: s, i, t as in union text_arg */
	const char *names[TEXT_ARGS_MOST];
};
union text_arg {
	const char *s; /* never a format */
	int64_t i;
	const struct text_def *t; /* without arguments */
};
struct text {
	const struct text_def *def; /* NULL: a pair, see text_pair */
	union text_arg args[TEXT_ARGS_MOST];
};

/* What is no entry of a catalogue but has both languages: titles and labels of the contract. */
struct text text_pair(const char *zh, const char *en);
/* In one language, in the arena. A pair may have NULL there, which is given back. */
char *text_zh(struct arena *a, struct text t);
char *text_en(struct arena *a, struct text t);
/* In the language of who reads: English where it was asked for, else Chinese. */
const char *text_say(const struct ctx *cx, struct text t);
/* The one of two that the reader reads; the other where that is NULL, "" where both are. */
const char *text_choose(const struct ctx *cx, const char *zh, const char *en);
#endif
