/* Snapshots for the compacted topics: all that other services keep of a person or a unit. */
#ifndef RENHE_SNAPSHOT_H
#define RENHE_SNAPSHOT_H
#include "archive.h"

/* Of the person of `e`, with version and name as in e, and every employment's whole timeline. */
bool snapshot_person(struct ctx *cx, const Archive__Employee *e, Archive__PersonSnapshot **out);
/* The same of one made in this transaction, whose one employment has these slices. */
Archive__PersonSnapshot *snapshot_newcomer(struct ctx *cx, const Archive__Employee *e,
					   const struct msg_list *slices, int64_t sequence);
/* What of a snapshot an account must hear ahead of those in line before it. */
bool snapshot_emit_ending(struct ctx *cx, const Archive__PersonSnapshot *s);
bool snapshot_unit(struct ctx *cx, const Archive__OrgUnit *u, ProtobufCMessage *const *slices,
		   size_t n, Archive__OrgUnitSnapshot **out);
#endif
