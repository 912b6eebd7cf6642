/* Simulated annealing over rosters. A round is a fixed number of moves from a given roster at
 * falling temperature; broken hard rules have a price that rises while it runs, and only rosters
 * without any are kept. The same model, roster, seed and round give the same result. */
#ifndef RENHE_ROSTER_SOLVE_SEARCH_H
#define RENHE_ROSTER_SOLVE_SEARCH_H
#include "solve_state.h"

struct roster_round {
	uint64_t seed;
	int64_t moves;
	double hot, cold;	 /* temperatures in units of penalty, at the start and at the end */
	double mild, harsh;	 /* price of one broken unit, at the start and at the end */
	bool (*stop)(void *arg); /* asked now and then; NULL: never */
	void *arg;
};

/* The best seen: one with fewer broken hard units is better, then one of less penalty. */
struct roster_best {
	uint8_t *plan;
	struct roster_cost cost;
};

bool roster_cost_better(struct roster_cost a, struct roster_cost b);
/* Runs a round from where the state stands; `best` (set by the caller, at least to the state's own
 * plan) is replaced where something better is seen. Returns the moves made. */
int64_t roster_search(struct roster_state *s, const struct roster_round *round,
		      struct roster_best *best);
#endif
