/* Facts of a period as other services tell them (proto/renhe/scheduling, proto/renhe/performance). Each line becomes what a
 * POST period-facts:record would make of it, under a source of its own: "scheduling/<line id>", "performance/<rating id>". Sent again it is
 * there once. What can't be taken is a fault, and so a dead letter with its reason: nothing of that event is kept then. */
#ifndef RENHE_PERIOD_FACT_H
#define RENHE_PERIOD_FACT_H
#include "events.h"
#include "performance.gen.h"
#include "scheduling.gen.h"

bool period_fact_on_settled(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
bool period_fact_on_lines_withdrawn(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
bool period_fact_on_rating(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
bool period_fact_on_rating_withdrawn(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg);
#endif
