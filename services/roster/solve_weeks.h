/* INRC-II as a row of weeks, each read and searched before the next is opened. */
#ifndef RENHE_ROSTER_SOLVE_WEEKS_H
#define RENHE_ROSTER_SOLVE_WEEKS_H
#include "solve_inrc.h"
#include "solve_run.h"

enum { ROSTER_PATH = 1024 };

struct roster_weeks {
	int files; /* scenario, history, weeks */
	char file[2 + INRC_WEEKS][ROSTER_PATH];
	struct roster_inrc set;
};

/* Whether it is a scenario's file or an instance's name: folder/n005w4_0_1-2-3-3 is scenario
 * n005w4, history 0, weeks 1, 2, 3, 3, whose files stand there or in folder/n005w4. */
bool roster_weeks_are(const char *first);
/* Reads scenario and history; `files` is a name, or scenario, history and weeks. All of zero bytes
 * before. */
bool roster_weeks_open(struct roster_weeks *w, struct roster_text *t, char **files, int n);
/* Searches each week within its share of the limits, up to three shares more where hard rules stay
 * broken. False with the fault in `t`. */
bool roster_weeks_search(struct roster_weeks *w, struct roster_text *t,
			 const struct roster_limits *limits,
			 void (*progress)(const struct roster_progress *p));
/* The weeks searched as one: the model, NULL when memory is short, and the plan. */
struct roster_model *roster_weeks_model(const struct roster_weeks *w);
void roster_weeks_plan(const struct roster_weeks *w, const struct roster_model *m, uint8_t *plan);
void roster_weeks_write(const struct roster_weeks *w, FILE *out);
#endif
