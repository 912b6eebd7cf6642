/* INRC-II (Second International Nurse Rostering Competition; Ceschia et al. 2015) for the solver:
 * scenario, history and weeks as text, in this order. Weeks become known one at a time; a week is
 * searched with the ones behind it in view, which are taken to ask for what the weeks known so far
 * asked. */
#ifndef RENHE_ROSTER_SOLVE_INRC_H
#define RENHE_ROSTER_SOLVE_INRC_H
#include "solve_model.h"
#include "solve_text.h"
#include <stdio.h>

enum {
	INRC_WEEKS = 52,
	INRC_SHIFTS = 20,
	INRC_SKILLS = 20,
	INRC_CONTRACTS = 50,
	INRC_NURSES = 500,
	INRC_WEEK = 7,
};

struct roster_range {
	int least, most;
};
struct roster_inrc_shift {
	char name[ROSTER_NAME];
	struct roster_range run;
	uint64_t not_after; /* kinds that may not follow, as bits; shift i is kind i + 1 */
};
struct roster_inrc_contract {
	char name[ROSTER_NAME];
	struct roster_range total, work, off;
	int most_weekends, whole_weekends;
};
/* What a nurse brings into a week: totals, and the runs that are open; kind 0: was off. */
struct roster_inrc_past {
	int total, weekends, kind, kind_run, work_run, off_run;
};
struct roster_inrc_nurse {
	char name[ROSTER_NAME];
	int contract;
	unsigned skills; /* as bits */
	bool given;	 /* by the history */
	struct roster_inrc_past start;
	uint32_t unwanted[INRC_WEEKS * INRC_WEEK]; /* per day: bit 0 any shift, bits of kinds */
	uint8_t act[INRC_WEEKS * INRC_WEEK];	   /* per day, once searched */
};
struct roster_inrc {
	char name[ROSTER_NAME];
	int weeks, skills, shifts, contracts, nurses;
	int first, known; /* weeks known are first..known-1 */
	uint64_t asked;	  /* activities of which the week being read has a demand, as bits */
	char skill[INRC_SKILLS][ROSTER_NAME];
	struct roster_inrc_shift shift[INRC_SHIFTS];
	struct roster_inrc_contract contract[INRC_CONTRACTS];
	struct roster_inrc_nurse nurse[INRC_NURSES];
	/* Per day and activity: the least is hard, the most is the optimum, which is soft. */
	struct roster_range demand[INRC_WEEKS * INRC_WEEK][ROSTER_ACTS];
};

/* All of zero bytes before; false with the fault in `t`. */
bool roster_inrc_scenario(struct roster_text *t, struct roster_inrc *s);
bool roster_inrc_history(struct roster_text *t, struct roster_inrc *s);
bool roster_inrc_week(struct roster_text *t, struct roster_inrc *s);

/* The model of weeks from..until-1, what was searched before `from` being its past; NULL when
 * memory is short. Totals and weekends count only where it reaches the last week. */
struct roster_model *roster_inrc_model(const struct roster_inrc *s, int from, int until);
/* Week `week` of a plan of days from its Monday is what is kept. */
void roster_inrc_keep(struct roster_inrc *s, int week, const struct roster_model *m,
		      const uint8_t *plan);
/* Weeks from..until-1 of what is kept as a plan of the model of these weeks. */
void roster_inrc_plan(const struct roster_inrc *s, int from, const struct roster_model *m,
		      uint8_t *plan);
/* A SOLUTION of the week, as the competition wants it. */
void roster_inrc_write(const struct roster_inrc *s, int week, FILE *out);
#endif
