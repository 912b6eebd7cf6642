/* A roster under search, with the sums that make a change cheap to weigh: what a block of days in
 * one person's line costs is counted only where it can differ. */
#ifndef RENHE_ROSTER_SOLVE_STATE_H
#define RENHE_ROSTER_SOLVE_STATE_H
#include "solve_model.h"

struct roster_sums {
	int total, weekends; /* of the line */
	int count[ROSTER_ACTS];
};

struct roster_state {
	const struct roster_model *m;
	uint8_t *plan;
	int *heads;		  /* day × activity */
	struct roster_sums *sums; /* per person */
	struct roster_cost cost;
	uint8_t kept[ROSTER_DAYS]; /* while a block is weighed */
};

/* A block of days of one line and what shall stand in it. */
struct roster_block {
	int person, from, days;
	uint8_t act[ROSTER_DAYS];
};

/* NULL when memory is short. All are off at first. */
struct roster_state *roster_state_new(const struct roster_model *m);
void roster_state_free(struct roster_state *s);
/* Takes the plan and counts all sums anew. */
void roster_state_set(struct roster_state *s, const uint8_t *plan);
/* Whether every activity of the block is allowed to the person. */
bool roster_block_allowed(const struct roster_state *s, const struct roster_block *b);
/* What the line's own rules would cost more, and what cover would. The state is as before after it.
 */
struct roster_cost roster_block_line(struct roster_state *s, const struct roster_block *b);
struct roster_cost roster_block_cover(const struct roster_state *s, const struct roster_block *b);
/* Writes the block; the caller says by how much the cost changes. */
void roster_block_write(struct roster_state *s, const struct roster_block *b,
			struct roster_cost delta);
#endif
