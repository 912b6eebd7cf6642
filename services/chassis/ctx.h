/* The context of one task: a request, a batch of events, a timer or a job.
 * One task = one connection = one transaction = one arena = one log line.
 */
#ifndef RENHE_CTX_H
#define RENHE_CTX_H
#include <stdbool.h>
#include <stdint.h>
#include "arena.h"
#include "schema.h"
#include "str.h"
#include "text.h"

#define UUID_LEN 36

struct db;
struct service;

/* Who acts. From a verified token; for events, timers and jobs the service itself. */
struct principal {
	const char *tenant_id;   /* UUID text */
	const char *account_id;  /* "" for the service itself */
	const char *person_id;   /* "" where the account has no person */
	const char *session_id;
	uint32_t roles;          /* bits: 1 << renhe.Role */
	int64_t auth_time;       /* unix seconds of the last full authentication */
	const char *scope;       /* of machine clients: the permissions that they have; NULL or "" of all others */
	bool second_factor;      /* the session knows one; then only that steps it up */
};

/* One entry of problem+json `errors`. */
struct fault_item {
	const char *pointer;     /* RFC 6901 into the body, or "?name" of a query parameter, "" = whole */
	const char *code;
	const char *zh, *en;     /* detail */
};
#define FAULT_MAX_ITEMS 100
struct fault_state {
	const struct fault_def *def; /* NULL = no fault */
	const char *detail_zh, *detail_en;
	int retry_after_s;       /* 0 = no header */
	const char *method;      /* how to authenticate again, or NULL */
	struct fault_item items[FAULT_MAX_ITEMS];
	unsigned n_items;
};

struct ctx {
	struct service *svc;
	struct arena *arena;
	struct db *db;               /* with an open transaction while a handler runs */
	struct principal who;
	struct fault_state fault;
	const struct route *route;   /* NULL outside requests */
	const char *request_id;      /* UUIDv7 text */
	const char *trace_id;        /* 32 hex */
	const char *traceparent;     /* to pass on */
	const char *cause_id;        /* ce_id of the event that caused this, or NULL */
	const char *lang;            /* "zh-CN" or "en" */
	const char *peer;            /* address of the caller, "" unknown */
	const char *device_id;       /* from the device cookie or header; "" unknown */
	uint8_t scopes;              /* granted by the route's permission: bits of renhe.Scope */
	bool validate_only;
	bool as_system;              /* timers, events, jobs: sees the whole tenant */
	int64_t now_us;              /* business clock, unix microseconds */
	char today[11];              /* business date, YYYY-MM-DD, in the zone RENHE_TIME_ZONE */
	int64_t deadline_ms;         /* monotonic */
	int64_t if_match;            /* version asked for by If-Match; 0 none; -1 = "*" */
	const char *idempotency_key; /* or NULL */
	struct str raw_body;         /* of routes with body RAW */
	const char *content_type;
	const char *authorization;   /* of routes with auth CLIENT; "" where there is none */
	struct str file_body;        /* answer of routes with answer FILE */
	const char *file_type, *file_name;
	const char *set_headers;     /* extra answer header lines "Name: value\r\n", or NULL */
	int status_override;         /* 0, or another success status, e.g. 202 */
	const ProtobufCMessage *in;  /* the request as decoded; NULL outside requests */
	bool pends;                  /* policy_change: a trial; the request is kept for another person */
	bool deciding;               /* another one's request is run for the caller */
	const char *const *cleared;  /* names of fields that a PATCH cleared; NULL-ended */
	bool about_past;             /* an as_of read: no etag, no allowed_actions (decision 35) */
	bool commit_on_fault;        /* what the handler wrote stays although it refuses: counts, audit */
	bool wake_runner;            /* a job or timer was set: wake the runner after the commit */
	unsigned sql_count, events_out;
	void *keys;                  /* seal.c: data keys of this task */
};

/* ---- faults (fault.c). All return false, so that `return fail(...)` reads well. ---- */
/* The first fault stands; a later one is ignored. `field` may be NULL. */
bool fail(struct ctx *cx, const struct fault_def *def, const char *field);
/* The same with a detail for people. */
bool fail_detail(struct ctx *cx, const struct fault_def *def, const char *field,
		 struct text detail);
/* Adds one item to a list of faults of the input; fail_items() then raises them all at once. */
void fault_add(struct ctx *cx, const char *pointer, const char *code, struct text detail);
/* False and `def` raised where fault_add was called; true where all is well. */
bool fault_none(struct ctx *cx, const struct fault_def *def);

#endif
