#include "solve_run.h"
#include "solve_lanes.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Rounds: a short one, so that there is a roster soon; a long one, planned for most of the time;
 * then warm ones from the best until the time is over, in turn mild and hotter. */
static const double HOT = 100, WARM[] = {10, 20, 32}, COLD = 0.4, MILD = 60, HARSH = 300;
enum { MOVES_A_SECOND = 2500000, SHORT_MOVES = 400000, WARM_LEAST = 1000000, FIRST_PART = 8 };

struct lane_state {
	struct roster_state *state;
	struct roster_best best;
	int64_t moves;
};

struct run {
	const struct roster_model *m;
	const struct roster_limits *limits;
	struct roster_best *best;
	struct lane_state lane[ROSTER_LANES];
	struct roster_round round;
	int number;
	int64_t planned; /* moves that the limits allow, by a careful guess */
	int64_t first;	 /* moves of the first round */
	int64_t done;	 /* moves of lane 0 */
	double started, cpu_started;
};

static double clock_read(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool time_over(void *arg)
{
	const struct run *r = arg;
	const struct roster_limits *l = r->limits;

	return (l->seconds > 0 && clock_read(CLOCK_MONOTONIC) - r->started >= l->seconds) ||
	       (l->cpu_seconds > 0 &&
		clock_read(CLOCK_PROCESS_CPUTIME_ID) - r->cpu_started >= l->cpu_seconds);
}

static bool run_over(struct run *r)
{
	return time_over(r) || (r->limits->moves && r->done >= r->limits->moves) ||
	       (r->best->cost.hard == 0 && r->best->cost.soft == 0);
}

static int64_t planned_moves(const struct roster_limits *l)
{
	double seconds = l->seconds;

	if (l->cpu_seconds > 0 && (seconds <= 0 || l->cpu_seconds / l->threads < seconds))
		seconds = l->cpu_seconds / l->threads;
	return l->moves ? l->moves * 2 / 5 : (int64_t)(seconds * MOVES_A_SECOND);
}

/* The first round is to end within the clock: a roster from one that is cut while hot is poor. */
static int64_t first_moves(const struct roster_limits *l, int64_t planned)
{
	return !l->moves && planned / FIRST_PART < SHORT_MOVES ? planned / FIRST_PART + 1
							       : SHORT_MOVES;
}

/* A number of its own for each seed, round and lane; the search spreads it. */
static uint64_t seed_of(uint64_t seed, int round, int lane)
{
	return (seed << 24) + ((uint64_t)(unsigned)round << 8) + (uint64_t)(unsigned)lane;
}

static size_t plan_size(const struct run *r)
{
	return (size_t)(r->m->people * r->m->days);
}

static bool lanes_open(struct run *r)
{
	for (int i = 0; i < r->limits->threads; i++) {
		struct lane_state *lane = &r->lane[i];
		lane->state = roster_state_new(r->m);
		lane->best.plan = malloc(plan_size(r));
		if (!lane->state || !lane->best.plan)
			return false;
	}
	return true;
}

static void lanes_close(struct run *r)
{
	for (int i = 0; i < r->limits->threads; i++) {
		roster_state_free(r->lane[i].state);
		free(r->lane[i].best.plan);
	}
}

static void lane_round(void *arg, int number)
{
	struct run *r = arg;
	struct lane_state *lane = &r->lane[number];
	struct roster_round round = r->round;

	round.seed = seed_of(r->limits->seed, r->number, number);
	roster_state_set(lane->state, r->best->plan);
	lane->best.cost = r->best->cost;
	memcpy(lane->best.plan, r->best->plan, plan_size(r));
	lane->moves = roster_search(lane->state, &round, &lane->best);
}

/* What the next round does. */
static void round_plan(struct run *r)
{
	int n = r->number;
	int64_t left = r->limits->moves ? r->limits->moves - r->done : INT64_MAX;
	bool cold_start = !r->limits->warm;

	r->round = (struct roster_round){
		.hot = n < 2 && cold_start ? HOT : WARM[n % 3],
		.cold = COLD,
		.mild = n < 2 && cold_start ? MILD : HARSH / 2,
		.harsh = HARSH,
		.stop = time_over,
		.arg = r,
	};
	if (n == 0)
		r->round.moves = r->first;
	else if (n == 1 && cold_start)
		r->round.moves = r->planned - r->first;
	else
		r->round.moves = r->planned / 10 > WARM_LEAST ? r->planned / 10 : WARM_LEAST;
	if (n && r->round.moves < SHORT_MOVES)
		r->round.moves = SHORT_MOVES;
	if (r->round.moves > left)
		r->round.moves = left;
}

static void lanes_merge(struct run *r)
{
	r->done += r->lane[0].moves;
	for (int i = 0; i < r->limits->threads; i++)
		if (roster_cost_better(r->lane[i].best.cost, r->best->cost)) {
			r->best->cost = r->lane[i].best.cost;
			memcpy(r->best->plan, r->lane[i].best.plan, plan_size(r));
		}
}

bool roster_run(const struct roster_model *m, const struct roster_limits *limits,
		struct roster_best *best, void (*progress)(const struct roster_progress *p))
{
	struct run r = {.m = m, .limits = limits, .best = best, .planned = planned_moves(limits)};
	bool fine;

	r.first = first_moves(limits, r.planned);
	r.started = clock_read(CLOCK_MONOTONIC);
	r.cpu_started = clock_read(CLOCK_PROCESS_CPUTIME_ID);
	best->cost = roster_plan_cost(m, best->plan);
	fine = lanes_open(&r);
	for (r.number = 0; fine && !run_over(&r); r.number++) {
		round_plan(&r);
		roster_lanes(limits->threads, lane_round, &r);
		lanes_merge(&r);
		progress(&(struct roster_progress){
			r.number, clock_read(CLOCK_MONOTONIC) - r.started, r.done, best->cost});
	}
	lanes_close(&r);
	return fine;
}
