/* Retail (multi-activity, multi-day; Curtois): tasks by quarter hours. The clock runs from 06:00 of
 * day 0 to 06:00 of the day after the last; days of a roster are calendar days from 0, those of the
 * cover are counted from 1. */
#ifndef RENHE_ROSTER_VERIFY_RETAIL_H
#define RENHE_ROSTER_VERIFY_RETAIL_H
#include "verify_source.h"

#define RETAIL_DAYS_MOST 100
#define RETAIL_TASKS_MOST 50
#define RETAIL_PEOPLE_MOST 1000
#define RETAIL_STEP_MIN 15
#define RETAIL_OPENS_MIN (6 * 60) /* minutes of day 0 */
#define RETAIL_STEPS_A_DAY 96

struct retail_stretch {
	int task, minutes;
	struct retail_stretch *next;
};
struct retail_shift {
	int start_min; /* since 00:00 of day 0 */
	int minutes;
	struct retail_stretch *stretches;
};
struct retail_person {
	struct str name;
	int min_minutes, max_minutes, n_shifts;
	struct retail_shift *shifts; /* by start */
	bool named;		     /* by the roster; who isn't works nothing */
};
struct retail {
	int days, tasks, n_people;
	struct retail_person *people;
	/* By quarter hour since the opening and task; a pair that the file leaves out wants nobody.
	 */
	int *least, *most;
	bool *given;
};

static inline int retail_steps(const struct retail *r)
{
	return r->days * RETAIL_STEPS_A_DAY;
}
bool retail_read(struct verify_source *s, struct retail *r);
bool retail_read_roster(struct verify *v, const char *file, struct retail *r);
void retail_judge(struct verify *v, const struct retail *r);
/* HH:MM within a day, as minutes. */
bool retail_clock(const struct verify_source *s, struct str text, int *out);
#endif
