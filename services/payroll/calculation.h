/* What all calculators share: the law and the day of the question, the derivation of the answer, and the rules'
 * refusals as faults of the request. */
#ifndef RENHE_CALCULATION_H
#define RENHE_CALCULATION_H
#include "payroll.h"

struct calculation {
	struct ctx *cx;
	struct rules rules;
	struct rule_trace trace;
	Payroll__Step **steps;
	size_t n_steps, room;
};

/* Day and place of the question, and its own rows in place of the packs'. basis may be NULL: today's law. False
 * with every row named that can't be taken. */
bool calculation_begin(struct calculation *c, struct ctx *cx, const Payroll__Basis *basis);
/* Gives `done` back; where it is false the rule's refusal becomes an item of the answer's faults, at the member
 * below `at` ("" or as "/months/3") that the rule has named. The calculation may go on with what else is asked. */
bool calculation_done(struct calculation *c, bool done, const char *at);
/* The same for what a calculator itself refuses. Gives false. */
bool calculation_wrong(struct calculation *c, const char *pointer, const char *code, struct text detail);
/* Raises what was refused, all at once, or hands out the derivation. */
bool calculation_end(struct calculation *c, Payroll__Derivation **out);

/* ---- the derivation ---- */
/* A line that says something. */
void step_say(struct calculation *c, struct text what);
/* A line with its amount and how it came about (format as printf's). */
void step_add(struct calculation *c, struct text what, int64_t fen, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "12345.60", "3.5%", "1.5" of hundredths; below zero with a minus sign. */
const char *yuan(struct calculation *c, int64_t fen);
const char *percent(struct calculation *c, int64_t e5);
const char *hours(struct calculation *c, int64_t seconds);
const char *hundredths(struct calculation *c, int64_t e2);
/* "a − b − c" of what is not zero, but the first in any case. */
const char *difference(struct calculation *c, const int64_t *fen, size_t n);
const char *sum(struct calculation *c, const int64_t *fen, size_t n);
/* "a − b = c", or c alone where there is nothing to work out. */
const char *equals(struct calculation *c, const char *terms, int64_t fen);
/* Sets an optional number of an answer. */
#define ANSWER(out, field, value) ((out)->has_##field = true, (out)->field = (value))
/* A date of the request; of another century than pay is about it is refused, at the pointer. */
bool calculation_day(struct calculation *c, const char *text, const char *pointer, civil_day *out);
char *day_text(struct calculation *c, civil_day d);
/* One value of a row in place of the pack's, for this question: the rest of the row stays. A row that isn't there
 * is left to the rule to miss. */
void calculation_value(struct calculation *c, enum law_scheme s, const char *item, int value, int64_t v);
/* An array of n messages of the type, for a repeated field of an answer. */
void *messages_new(struct calculation *c, const struct message_rule *rule, size_t n);
#endif
