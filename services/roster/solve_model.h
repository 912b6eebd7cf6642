/* What a roster is searched for in: people × days × activities (a shift, or a shift in a skill).
 * Every family of instances is written into this one model; the search knows nothing else. Days
 * count from 0; day 0 is a Monday. All figures are integers: penalties of the soft rules, and units
 * in which hard rules are broken. */
#ifndef RENHE_ROSTER_SOLVE_MODEL_H
#define RENHE_ROSTER_SOLVE_MODEL_H
#include <stdbool.h>
#include <stdint.h>

enum {
	ROSTER_DAYS = 400,
	ROSTER_PEOPLE = 1000,
	ROSTER_ACTS = 64, /* with 0, the day off */
	ROSTER_NAME = 40, /* bytes of an identifier, its end included */
	ROSTER_OFF = 0,
};

/* Soft penalty and units of broken hard rules. */
struct roster_cost {
	int64_t soft;
	int64_t hard;
};

/* What one unit beyond a rule costs: a penalty, or one broken unit of a hard rule. */
struct roster_price {
	int soft;
	bool hard;
};

/* Bounds of runs of like days: work, days off, one kind of shift. `before` days of the run lie
 * before day 0. A run that ends with the horizon is never too short. */
struct roster_run {
	int min, max;
	int before;
	bool open_start;	   /* nor is one that starts with it */
	struct roster_price price; /* a day missing or too many */
};

/* An upper bound of cover and what each head below `low` and above `high` costs; `floor` is the
 * hard minimum. */
struct roster_cover {
	int floor, low, high;
	int under, over;
};

struct roster_act {
	char name[ROSTER_NAME];
	int kind;    /* what runs and successions see: 0 is off */
	int minutes; /* what totals count */
};

struct roster_person {
	char name[ROSTER_NAME];
	uint64_t *may;	       /* per day: activities allowed, as bits; off is always */
	int *want;	       /* per day × activity: penalty of it on that day */
	int most[ROSTER_ACTS]; /* of an activity in the horizon */
	int least_total, most_total;
	struct roster_price total_price; /* for each `total_unit` begun */
	int weekends_before;
	int most_weekends;
	struct roster_price weekend_price;
	int half_weekend; /* penalty of a weekend of which one day is worked */
	int kind_before;  /* worked the day before day 0 */
	struct roster_run work, off, kind[ROSTER_ACTS];
};

struct roster_model {
	int days, people, acts; /* acts with off */
	int total_unit;
	bool kind_runs;			 /* whether runs of one kind are bounded */
	uint64_t not_after[ROSTER_ACTS]; /* per kind: kinds that may not be worked the next day, as
					    bits */
	struct roster_act act[ROSTER_ACTS];
	struct roster_person *person;
	struct roster_cover *cover; /* day × activity */
};

/* A roster: people × days, an activity in each. */
struct roster_plan {
	uint8_t *act;
};

/* An empty model with its tables, or NULL when memory is short: every activity allowed to
 * everybody, nothing wanted, nothing bounded. */
struct roster_model *roster_model_new(int days, int people, int acts);
void roster_model_free(struct roster_model *m);
static inline struct roster_cover *roster_cover_at(const struct roster_model *m, int day, int act)
{
	return &m->cover[day * m->acts + act];
}

/* What `heads` on the day in the activity cost. */
struct roster_cost roster_cover_cost(const struct roster_cover *c, int heads);
/* What a run of `days` inside the horizon costs; where it touches the horizon's start or end. */
struct roster_cost roster_run_cost(const struct roster_run *r, int days, bool start, bool end);
/* What a whole roster costs, counted from nothing: the measure that the search's own sums must
 * meet. */
struct roster_cost roster_plan_cost(const struct roster_model *m, const uint8_t *plan);

enum roster_rule {
	ROSTER_DAY,
	ROSTER_SUCCESSION,
	ROSTER_WORK_RUN,
	ROSTER_OFF_RUN,
	ROSTER_WEEKENDS,
	ROSTER_TOTAL,
	ROSTER_MOST,
	ROSTER_COVER,
};
/* A hard rule that is broken by so many units; day -1 where it has none. `who` is the person, or
 * the activity that lacks people. */
struct roster_breach {
	enum roster_rule rule;
	const char *who;
	int day;
	int64_t units;
};
/* Tells every breach of the roster. */
void roster_plan_breaches(const struct roster_model *m, const uint8_t *plan,
			  void (*tell)(void *arg, const struct roster_breach *b), void *arg);
#endif
