/* Faults as RFC 9457 problem+json, zh-CN and en. */
#ifndef RENHE_FAULT_H
#define RENHE_FAULT_H
#include "ctx.h"

/* Body of the problem for cx->fault; NUL-terminated JSON in the arena. Never contains values of
 * the input, only pointers and codes. 5xx details never name the cause; the log does. Aborts where
 * no fault was raised. */
struct str fault_render(struct ctx *cx);
/* Forgets the fault, for consumers that go on. */
void fault_clear(struct ctx *cx);
/* Looks up a code in the schema; NULL where unknown. */
const struct fault_def *fault_by_code(const struct schema *s, const char *code);
#endif
