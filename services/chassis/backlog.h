/* What waits in a service, of all tenants: as metrics, and as lists for operators. For a ctx of the
 * relay's role, outside of a transaction. Never a payload, a key or a value of a person. */
#ifndef RENHE_BACKLOG_H
#define RENHE_BACKLOG_H
#include "db.h"

#define LOCK_SPACE "1919250024" /* of the relay's advisory locks, "renh"; the second number is the shard */

/* Sets renhe_outbox_depth and renhe_outbox_oldest_ms by lane, renhe_dead_letters,
 * renhe_parked_events, renhe_timers_overdue (due for 10 s of the business clock) and renhe_jobs by
 * state. false: the database refused. */
bool backlog_measure(struct ctx *cx);

/* A list: names of its columns, parted by tabs, of numbers with a '#' before; and the statement. */
struct backlog_list {
	const char *columns, *sql;
	int n_params;
};
extern const struct backlog_list BACKLOG_OUTBOX;       /* a row per lane */
extern const struct backlog_list BACKLOG_DEAD_LETTERS; /* the oldest first */
extern const struct backlog_list BACKLOG_DEAD_LETTER;  /* one, by its id */
extern const struct backlog_list BACKLOG_PARKED;       /* a row per aggregate that is held up */
extern const struct backlog_list BACKLOG_AGGREGATES;   /* sequences, by source and kind */
extern const struct backlog_list BACKLOG_PARTITIONS;   /* topic, partition, parked, dead */
#endif
