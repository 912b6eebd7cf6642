/* Requests that wait for another person's decision (decision 9). Where the policy's cell says so, a
 * request is run as a trial, so that every fault is told at once, rolled back, and kept: the typed
 * message by name and bytes, sealed under a key of its own, which goes with the decision. The maker
 * is never the checker: neither the same account nor the same person. */
#ifndef RENHE_PENDING_H
#define RENHE_PENDING_H
#include "ctx.h"
#include "renhe.gen.h"

#define PENDING_TIMER                                                                              \
	"pending_request_due" /* of a service that has pending cells: pending_expire */
#define PENDING_DAYS 30

/* One row; while it waits also the request itself. */
struct pending {
	Renhe__PendingRequest *row;
	const struct route *route; /* NULL where this build no longer has it */
	ProtobufCMessage *in;	   /* NULL once it is decided */
	const char *const *cleared;
	int64_t if_match;
	const char *payload;
};

/* ---- pending_store.c ---- */
/* Keeps the request of the ctx; emits process_requested; due in PENDING_DAYS. */
bool pending_put(struct ctx *cx, const ProtobufCMessage *in, Renhe__PendingRequest **out);
/* RESOURCE_NOT_FOUND where the caller has no such request. lock: until the end of the transaction.
 */
bool pending_load(struct ctx *cx, const char *id, bool lock, struct pending *out);
/* The end of it: state, who and why; its payload becomes unreadable; emits process_decided. */
bool pending_close(struct ctx *cx, struct pending *p, Renhe__RequestState state,
		   const char *reason);
/* Why it could not take effect; NULL clears it. */
bool pending_note(struct ctx *cx, const char *id, const char *fault_code);
/* Newest first. */
bool pending_list(struct ctx *cx, const Renhe__ListPendingRequestsRequest *in,
		  Renhe__ListPendingRequestsResponse *out);

/* ---- pending_view.c ---- */
/* Titles, and the names of what it touches. */
void pending_name(struct ctx *cx, Renhe__PendingRequest *row);
/* Old and new values as the caller may see them: `old` is the record as it stands, or NULL. Each
 * entry of a typed map is a change of its own, "custom_fields.key", by the class that it bears; one
 * without a class is shown to nobody. */
void pending_show(struct ctx *cx, struct pending *p, const struct message_rule *old_rule,
		  const ProtobufCMessage *old);

/* ---- pending_decide.c ---- */
/* Runs the request as of now: rules, rights of the decider, If-Match. Where it can't take effect
 * nothing of it is done, the cause stands on the request, and REQUEST_NOT_APPLICABLE names it. */
bool pending_approve(struct ctx *cx, const char *id, Renhe__PendingRequest *out);
bool pending_reject(struct ctx *cx, const Renhe__RejectRequest *in, Renhe__PendingRequest *out);
bool pending_withdraw(struct ctx *cx, const char *id, Renhe__PendingRequest *out);
/* Timer. */
bool pending_expire(struct ctx *cx, const char *id);
/* What waits about a thing that is being erased ends at once and can't be read any more; but for
 * requests of the route that is running, of which one may be what erases it. */
bool pending_forget(struct ctx *cx, const char *resource_id);
#endif
