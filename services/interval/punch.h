/* Punches and the windows that a roster plans: which punch begins or ends which window. An interval
 * problem, not a join of calendar days; the order of arrival, the zone of the server and
 * repetitions change nothing. Pure. */
#ifndef RENHE_PUNCH_H
#define RENHE_PUNCH_H
#include "work_day.h"

enum punch_kind { PUNCH_UNSAID, PUNCH_IN, PUNCH_OUT };
enum punch_fate {
	PUNCH_TAKEN,
	PUNCH_TWICE, /* of a device and sequence known already, or the same again within same_s */
	PUNCH_NO_WINDOW,   /* nothing planned in reach */
	PUNCH_OTHER_SITE,  /* in reach, but of no site of the window */
	PUNCH_NOT_BY_HAND, /* in reach, but the window takes devices only */
	PUNCH_FUTURE,	   /* later by its clock than it was received */
};
struct punch {
	int64_t device, sequence;     /* what makes it one */
	instant_s at_s;		      /* by the device */
	instant_s sent_s, received_s; /* one moment by the clocks of device and server */
	int64_t site;
	enum punch_kind kind;
	bool by_hand;
	/* found: */
	enum punch_fate fate;
	bool drifted;  /* the device's clock is off by more than drift_s: taken as it says, and told
			*/
	size_t window; /* of what was taken */
};
enum window_fault { WINDOW_FINE, WINDOW_EMPTY, WINDOW_OVERLAPS };
struct punch_window {
	struct span span;
	const int64_t *sites; /* of the assignment; n_sites 0: any */
	size_t n_sites;
	bool by_hand; /* may be punched by hand */
	/* found: */
	enum window_fault fault; /* quarantined; the others go on. Of two that overlap, the later */
	bool has_in, has_out;	 /* false: absent, or a missing punch */
	instant_s in_s, out_s;
};
struct punch_policy {
	int64_t before_s, after_s; /* how far a window reaches */
	int64_t same_s, drift_s;
};
/* Sorts both lists (windows by their start, punches by their time) and fills what is found. A punch
 * goes to the window in reach whose fitting edge is nearest (start of an IN, end of an OUT, either
 * of an unsaid one), of equals to the earlier. In is the first that can be one, out the last. */
void punch_match(const struct punch_policy *p, struct punch_window *windows, size_t n_windows,
		 struct punch *punches, size_t n_punches);

/* 0 where there is none, or the punch is missing. */
int64_t punch_late(const struct punch_window *w);
int64_t punch_early(const struct punch_window *w);
/* Presence within the window or within approved overtime (normal), less unpaid breaks. Time before
 * and behind a window is not paid by itself. False: no room. */
bool punch_paid(const struct zone *z, const struct punch_window *w, const struct spans *overtime,
		const struct clock_break *breaks, size_t n_breaks, struct spans *out);
#endif
