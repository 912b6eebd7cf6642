/* The decision: permission x roles of the caller -> scopes, field classes, denial. */
#ifndef RENHE_POLICY_H
#define RENHE_POLICY_H
#include "clock.h"
#include "json.h"
#include "service.h"

#define STEP_UP_AGE_S 300 /* api.md 26: what needs fresh authentication */

/* Grants cx->scopes, or raises the denial of the most permissive role, or STEP_UP_REQUIRED. */
bool policy_check(struct ctx *cx, const struct permission *p);
/* Scopes of the caller under a permission, 0 = none. */
uint8_t policy_scopes(const struct ctx *cx, const struct permission *p);
/* Scopes in which the caller, under the route's permission, is shown fields of a class in clear: a
 * person found by such a field must be matched by one of them. */
uint8_t policy_scopes_clear(const struct ctx *cx, uint8_t field_class);
/* Whether a refusal hides the thing (404) or names the refusal (403). */
bool policy_hides(const struct ctx *cx, const struct permission *p);
/* What the caller may do to a row by fields of some classes (bits), in rising order: nothing; ask for
 * it; ask for it, and decide when another one asks; do it. */
enum policy_verdict { POLICY_DENIES, POLICY_PENDS, POLICY_DECIDES, POLICY_ALLOWS };
/* By the cells of `p` that reach the row: scope (see policy_view), condition, classes. Where the caller
 * has SELF cells under `p`, they alone speak for his own record. row NULL: nothing is there yet. */
enum policy_verdict policy_judge(const struct ctx *cx, const struct permission *p,
				 const struct message_rule *rule, const ProtobufCMessage *row,
				 uint32_t classes);
/* The same for the request of the ctx, once its record is known and before anything is written:
 * ACCESS_DENIED, or cx->pends is set and the request goes on as a trial. A job can't ask: denied. */
bool policy_change(struct ctx *cx, const struct permission *p, const struct message_rule *rule,
		   const ProtobufCMessage *row);
/* Classes of one row: from cells whose scope matches it. The row says so by the internal field
 * `scope_match` (bits 1 << (Scope-1), filled by SQL); without that field every granted cell counts.
 */
struct view policy_view(struct ctx *cx, const ProtobufCMessage *row);
#endif
