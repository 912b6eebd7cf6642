/* A whole search within a limit of time: rounds of fixed work, each with as many lanes as threads,
 * the best of the lanes kept in lane order. What round n finds depends on model, seed, lanes and
 * planned moves alone; the clock only says where the row of rounds is cut. */
#ifndef RENHE_ROSTER_SOLVE_RUN_H
#define RENHE_ROSTER_SOLVE_RUN_H
#include "solve_search.h"

struct roster_limits {
	double seconds, cpu_seconds; /* wall clock; CPU of the process; 0: no limit */
	int64_t moves; /* of a lane in all: a limit that is the same on every machine; 0: none */
	uint64_t seed;
	int threads;
	bool warm; /* `best` holds a plan to start from, not to be thrown away by heat */
};

struct roster_progress {
	int round;
	double seconds;
	int64_t moves;
	struct roster_cost best;
};

/* Searches from the plan of `best` and leaves the best there. `progress` is told after each round.
 * False when memory or threads are short. */
bool roster_run(const struct roster_model *m, const struct roster_limits *limits,
		struct roster_best *best, void (*progress)(const struct roster_progress *p));
#endif
