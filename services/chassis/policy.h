/* The decision: permission x roles of the caller -> scopes, field classes, denial. */
#ifndef RENHE_POLICY_H
#define RENHE_POLICY_H
#include "json.h"
/* Grants cx->scopes, or raises the denial of the most permissive role. */
bool policy_check(struct ctx *cx, const struct permission *p);
/* Classes of one row: from cells whose scope matches it. The row says so by the internal field
 * `scope_match` (bits 1 << (Scope-1), filled by SQL); without that field every granted cell counts. */
struct view policy_view(struct ctx *cx, const ProtobufCMessage *row);
#endif
