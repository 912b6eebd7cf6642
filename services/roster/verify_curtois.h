/* Shift scheduling 1..24 (Curtois and Qu, 2014): one shift a day or none, days from 0, a Monday. */
#ifndef RENHE_ROSTER_VERIFY_CURTOIS_H
#define RENHE_ROSTER_VERIFY_CURTOIS_H
#include "verify_source.h"

#define CURTOIS_DAYS_MOST 1000
#define CURTOIS_SHIFTS_MOST 100
#define CURTOIS_PEOPLE_MOST 1000
#define CURTOIS_OFF (-1)

struct curtois_shift {
	struct str name;
	int minutes, line;
	struct str not_next_names; /* parted by | */
	bool *not_next;		   /* by shift */
};
struct curtois_person {
	struct str name;
	int *most; /* by shift */
	int max_minutes, min_minutes, max_run, min_run, min_off, max_weekends;
	bool *off;	  /* by day */
	const int *shift; /* by day, or CURTOIS_OFF; NULL until the roster names them */
};
struct curtois_request {
	int person, day, shift, weight;
	bool on;
};
struct curtois_cover {
	int day, shift, wanted, under, over; /* penalties of each missing and each surplus person */
};
struct curtois {
	int days, n_shifts, n_people, n_requests, n_covers;
	struct curtois_shift *shifts;
	struct curtois_person *people;
	struct curtois_request *requests;
	struct curtois_cover *covers;
};

bool curtois_read(struct verify_source *s, struct curtois *c);
bool curtois_read_roster(struct verify *v, const char *file, struct curtois *c);
void curtois_judge(struct verify *v, const struct curtois *c);
#endif
