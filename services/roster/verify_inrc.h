/* INRC-II (Second International Nurse Rostering Competition; Ceschia et al. 2015): a scenario, a
 * history, and weeks from Monday, each with its demand, its requests and its part of the roster. */
#ifndef RENHE_ROSTER_VERIFY_INRC_H
#define RENHE_ROSTER_VERIFY_INRC_H
#include "verify_source.h"

#define INRC_WEEKS_MOST 52
#define INRC_SHIFTS_MOST 20
#define INRC_SKILLS_MOST 20
#define INRC_CONTRACTS_MOST 50
#define INRC_NURSES_MOST 500
#define INRC_NONE (-1)

struct inrc_range {
	int least, most;
};
struct inrc_skill {
	struct str name;
};
struct inrc_shift {
	struct str name;
	struct inrc_range run;
	bool not_next[INRC_SHIFTS_MOST];
};
struct inrc_contract {
	struct str name;
	struct inrc_range total, work, off; /* assignments of the horizon; days in a row */
	int max_weekends;
	bool whole_weekends;
};
struct inrc_nurse {
	struct str name;
	int contract;
	bool skills[INRC_SKILLS_MOST];
	/* Before the first Monday: totals, and the runs that are open. */
	struct {
		bool given;
		int total, weekends, shift, shift_run, work_run, off_run;
	} past;
	int *shift; /* by day, or INRC_NONE */
};
struct inrc_request {
	int nurse, day, shift; /* shift INRC_NONE: any */
};
struct inrc {
	struct str name;
	int weeks, n_skills, n_shifts, n_contracts, n_nurses, n_requests;
	struct inrc_skill skills[INRC_SKILLS_MOST];
	struct inrc_shift shifts[INRC_SHIFTS_MOST];
	struct inrc_contract contracts[INRC_CONTRACTS_MOST];
	struct inrc_nurse *nurses;
	/* By day, shift and skill: inrc_cell. least hard, most the optimum, which is soft. */
	struct inrc_range *demand;
	int *have;
	struct inrc_request *requests; /* room for one of each nurse, day and shift, and any */
	int weeks_given;
	bool *week_solved;
};

static inline int inrc_days(const struct inrc *c)
{
	return c->weeks * 7;
}
static inline size_t inrc_cell(const struct inrc *c, int day, int shift, int skill)
{
	return ((size_t)day * (size_t)c->n_shifts + (size_t)shift) * (size_t)c->n_skills +
	       (size_t)skill;
}
bool inrc_read_scenario(struct verify_source *s, struct inrc *c);
bool inrc_read_history(struct verify_source *s, struct inrc *c);
/* Weeks in their order. */
bool inrc_read_week(struct verify_source *s, struct inrc *c);
/* One week of the roster or several, in any order. Two shifts of a nurse on one day, and a skill
 * that the nurse lacks, are broken rules, told at once; all else that doesn't fit is refused. */
bool inrc_read_roster(struct verify_source *s, struct inrc *c);
void inrc_judge(struct verify *v, const struct inrc *c);
/* "Mon" .. "Sun" as 0 .. 6. */
bool inrc_weekday(const struct verify_source *s, struct str text, int *out);
/* "0 Mon" */
const char *inrc_day_name(struct verify *v, int day);
#endif
