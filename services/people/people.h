/* Projection of people, org tree, assignments and store grants (decision 8): written from
 * snapshots, by archive in the transaction of the change, by others from the topics. Applying the
 * same or an older snapshot again changes nothing, so order and repetition do no harm. */
#ifndef RENHE_PEOPLE_H
#define RENHE_PEOPLE_H
#include "ctx.h"
#include "events.h"
#include "archive.gen.h"
#include "identity.gen.h"

/* *applied false where a newer version is there already. */
bool people_apply_person(struct ctx *cx, const Archive__PersonSnapshot *in, bool *applied);
bool people_apply_unit(struct ctx *cx, const Archive__OrgUnitSnapshot *in, bool *applied);
/* Of one whom nobody can have told of before: asks nothing. */
bool people_add_person(struct ctx *cx, const Archive__PersonSnapshot *in);
bool people_apply_grants(struct ctx *cx, const Identity__GrantSnapshot *in, bool *applied);

/* Forgets the name of an erased person. */
bool people_forget_person(struct ctx *cx, const Archive__PersonErased *in);

/* What identity holds of people and units, and archive of grants, as their topics alone make it. */
extern const struct projection_def PEOPLE_PROJECTION, PEOPLE_GRANTS_PROJECTION;
/* The same as consumers. */
bool people_on_person(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
bool people_on_unit(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
bool people_on_grants(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
#endif
