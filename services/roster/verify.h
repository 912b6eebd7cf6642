/* What a roster costs, or which hard rules it breaks: the verdict on rosters of the public
 * benchmark families. It shares no code with the solver, reads both files anew and counts from
 * scratch: what both get wrong they got wrong twice. Source of the rules: the families' papers
 * (Curtois and Qu 2014; Ceschia et al. 2015).
 *
 * A family reads its files and fills one verdict. Rosters of the product are judged by the law of
 * working time in services/lawful. */
#ifndef RENHE_ROSTER_VERIFY_H
#define RENHE_ROSTER_VERIFY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "text.h"

#define VERIFY_PARTS_MOST 8

struct verify_breach {
	const char *who, *when; /* employee and day as their files name them; "-": of nobody, of the
				   whole horizon */
	struct text rule;
	struct verify_breach *next;
};
struct verify_part {
	const struct text_def *name;
	int64_t penalty;
};
struct verify {
	struct arena *arena;
	struct verify_part parts[VERIFY_PARTS_MOST]; /* also those that cost nothing */
	size_t n_parts, n_breaches;
	struct verify_breach *breaches, **end; /* in the order found */
	/* What could not be read; file NULL: nothing. */
	struct verify_refusal {
		const char *file;
		int line; /* 0: the file as a whole */
		struct text what;
	} refusal;
};

void verify_begin(struct verify *v, struct arena *a);
/* Counts every hard rule broken and every penalty of the rosters in `paths`: an instance and the
 * roster's file or folder. The instance is one file, or for INRC-II its name
 * (folder/n005w4_0_1-2-3-3), or its scenario, history and week files one by one. False with the
 * refusal, where something cannot be read or is not of its form. */
bool verify_files(struct verify *v, const char *const *paths, size_t n);
int64_t verify_penalty(const struct verify *v);

/* ---- for the families ---- */
bool verify_refuse(struct verify *v, const char *file, int line, struct text what); /* false */
void verify_break(struct verify *v, const char *who, const char *when, struct text rule);
void verify_charge(struct verify *v, const struct text_def *part, int64_t penalty);

struct verify_source;
/* Instance opened already; then the roster's file. */
bool verify_curtois(struct verify_source *instance, const char *roster);
bool verify_retail(struct verify_source *instance, const char *roster);
/* Files that name themselves in their first line, a folder of solutions among them. */
bool verify_inrc(struct verify *v, const char *const *paths, size_t n);
#endif
