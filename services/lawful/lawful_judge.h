/* Between lawful_*.c: what a roster is judged with, and the work of one person by days. */
#ifndef RENHE_LAWFUL_JUDGE_H
#define RENHE_LAWFUL_JUDGE_H
#include "lawful_fact.h"
#include "lawful_rule.h"

#define HOUR_S 3600
#define DAY_S 86400

enum limit_item {
	LIMIT_DAY,
	LIMIT_WEEK,
	LIMIT_OVERTIME_USUAL,
	LIMIT_OVERTIME_DAY,
	LIMIT_OVERTIME_MONTH,
	LIMIT_WEEKLY_REST,
	LIMIT_REST_BETWEEN,
	LIMIT_HOLIDAY_RUN,
	LIMIT_HIRE_AGE,
	LIMIT_ADULT_AGE,
	LIMIT_NIGHT_FROM,
	LIMIT_NIGHT_UNTIL,
	LIMIT_MINOR_NIGHT,
	LIMIT_MINOR_OVERTIME,
	LIMIT_PREGNANT_WEEKS,
	LIMIT_PREGNANCY_WEEKS,
	LIMIT_PREGNANT_REST,
	LIMIT_NURSING_MONTHS,
	LIMIT_NURSING_BREAK,
	LIMIT_PART_TIME_DAY,
	LIMIT_PART_TIME_WEEK,
	LIMIT_TRAVEL,
	LIMIT_BREAK_AFTER,
	LIMIT_BREAK_LEAST,
	LIMIT_YEAR_HOURS,
	LIMIT_QUARTER_HOURS,
	LIMIT_MONTH_HOURS,
	LIMITS
};
/* Seconds; or days, weeks, months, years. */
struct limits {
	civil_day until; /* the first day that may have others */
	int64_t of[LIMITS];
};
struct judge {
	struct lawful *v;
	const struct fact_roster *r;
	struct rules rules;	    /* of the calendar */
	const struct limits **days; /* of each day from first_day */
	civil_day first_day, last_day;
	int64_t settings[LIMITS]; /* -1: as the law says */
	enum lawful_level levels[RULES];
	struct buf used; /* rules and rows applied, for the digest */
};
/* Settings and levels of the document, and the figures of all its days; false with faults. */
bool limits_begin(struct judge *j);
/* Of a day around the horizon; beyond, of the nearest that there is. */
const struct limits *limits_on(const struct judge *j, civil_day day);

/* What a person works on one work date, in seconds without unpaid breaks. */
struct day_work {
	civil_day day;
	const struct fact_shift *shifts; /* of the person, in order */
	size_t n_shifts;
	int64_t total, ordinary, rest, statutory; /* by type of day */
	int64_t day_over;			  /* ordinary beyond the hours of a day */
	int64_t week_over;			  /* what came when the week was full */
};
struct person_work {
	const struct fact_person *p;
	struct day_work *days;
	size_t n;
};

/* Keeps a breach of a day in the horizon; of others nothing. */
void judge_day(struct judge *j, enum rule_code rule, const struct fact_shift *s, int64_t figure,
	       int64_t limit);
/* Of two shifts, either in the horizon; it is said of the later. */
void judge_pair(struct judge *j, enum rule_code rule, const struct fact_shift *of[2],
		int64_t figure, int64_t limit);
/* Of [from, until), which need but meet the horizon. */
void judge_span(struct judge *j, enum rule_code rule, const char *person, civil_day from,
		civil_day until, int64_t figure, int64_t limit);
bool judge_agreed(const struct fact_person *p, civil_day day, bool special);
civil_day week_of(civil_day day);  /* its Monday */
civil_day month_of(civil_day day); /* its first */
/* Seconds of worked time of a shift within a stretch; within it at night. */
int64_t judge_within(const struct fact_shift *s, struct span in);
int64_t judge_night(const struct judge *j, const struct fact_shift *s, struct span in);
/* [from, until) of days by the clock of the shift's site. */
struct span judge_days(const struct fact_shift *s, civil_day from, civil_day until);

void judge_hours(struct judge *j, const struct person_work *w); /* day, week, month, cycle */
void judge_cycle(struct judge *j, const struct person_work *w);
void judge_rest(struct judge *j, const struct person_work *w);	    /* rests, runs, breaks */
void judge_protected(struct judge *j, const struct person_work *w); /* age, pregnancy, nursing */
void judge_fit(struct judge *j, const struct person_work *w);	/* who may work there and then */
void judge_place(struct judge *j, const struct person_work *w); /* twice, travel */
#endif
