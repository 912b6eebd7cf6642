/* The audit as a log that can be proved. Of audit*.c.
 *
 * Each row of the audit is a leaf of a hash tree (merkle.h), one tree per tenant and service. The
 * entry that is hashed is a run of netstrings ("5:hello,", "-," for null), in this order:
 *   "renhe audit entry 1", service, tenant_id, seq, seal_time, then of the row: id, act_time,
 *   account_id, person_id, session_id, act, resource, resource_id, reason, result, request_id, route,
 *   peer
 * with instants as microseconds since 1970 and numbers in decimal. A row that was gone before it was
 * sealed has nothing behind seal_time but its id.
 *
 * A head is the text "renhe audit head 1\nSERVICE\nTENANT\nSIZE\nROOT\nFORMER_SIZE\nHEAD_TIME\n"
 * (root in lower-case hex, head_time in microseconds), signed by Ed25519 under a key that comes of the
 * root key (sign_text, purpose AUDIT_SIGNS). Whoever keeps a head elsewhere can later show that nothing
 * before it was changed, taken out or put in. Personal data stand in the audit as ids alone, so an
 * erasure leaves the tree as it is. */
#ifndef RENHE_AUDIT_LOG_H
#define RENHE_AUDIT_LOG_H
#include "db.h"
#include "merkle.h"

#define AUDIT_SIGNS "audit heads"
/* Of a row "a" of audit, in the order of the entry; instants in microseconds. */
/* As text; of a time that no act can have (infinity) too, so that a planted row is found and stops nobody. */
#define AUDIT_US(column) "trunc(extract(epoch from " column ") * 1000000)::text"
#define AUDIT_COLUMNS                                                                              \
	"a.id, " AUDIT_US("a.act_time") ", a.account_id, a.person_id, a.session_id, a.act, a.resource, " \
	"a.resource_id, a.reason, a.result, a.request_id, a.route, a.peer"
#define AUDIT_N_COLUMNS 13

/* row: AUDIT_N_COLUMNS texts; row[0] alone where the audit has no such row any more (row[1] NULL). */
struct merkle_hash audit_leaf_of(struct ctx *cx, const char *seq, const char *seal_us, char *const *row);

struct audit_head {
	const char *service, *tenant_id, *size, *root, *former_size, *time_us;
};
struct str audit_head_text(struct arena *a, const struct audit_head *h);

/* Seals what waits of the tenant of cx, up to a chunk, in the open transaction. now: signs a head
 * whatever the age of the last one. *more: there is more to seal. */
bool audit_seal(struct ctx *cx, bool now, bool *more);
/* Lower-case hex of a hash, in the arena; and back. */
const char *audit_hex(struct arena *a, const void *p, size_t n);
bool audit_unhex(const char *text, void *out, size_t n);
#endif
