/* What every rule is asked with, and what it says where it has no answer. Rules are pure: facts and law in,
 * figures out, no clock, no store. */
#ifndef RENHE_RULES_H
#define RENHE_RULES_H
#include "law.h"
#include "ratio.h"

enum rule_fault_kind {
	RULE_FINE,
	RULE_NO_LAW,   /* no row of the scheme covers the day: the person is held out, named by place and day */
	RULE_OVERFLOW, /* beyond what 64 bits of fen hold */
	RULE_INPUT,    /* a fact is outside of its range; `item` names it */
};
/* Which rows an answer stands on, for whoever explains it; each once, in the order of their first use. */
#define RULE_TRACED 40
struct rule_trace {
	const struct law_row *rows[RULE_TRACED];
	size_t n;
};
struct rules {
	const struct law *law;
	const char *place; /* GB/T 2260 code of the city; what is the same everywhere doesn't ask */
	civil_day day; /* which rows hold */
	struct rule_fault {
		enum rule_fault_kind kind;
		enum law_scheme scheme;
		const char *item;
	} fault; /* the first */
	struct rule_trace *trace; /* or NULL */
};
/* Both false, with the fault kept. */
bool rule_input(struct rules *r, const char *item);
bool rule_overflow(struct rules *r, const char *item);
/* Notes the row in the trace, where there is one. */
void rule_used(const struct rules *r, const struct law_row *row);
/* The place that a scheme's rows are looked up under. */
const char *rule_place(const struct rules *r, enum law_scheme s);
/* The row, or NULL with RULE_NO_LAW. */
const struct law_row *rule_row(struct rules *r, enum law_scheme s, const char *item);
/* The same where its absence is no fault. */
const struct law_row *rule_row_any(const struct rules *r, enum law_scheme s, const char *item);
/* Of the rows whose items are numbers behind the prefix, the one with the greatest that is not above
 * `reached`; NULL with RULE_NO_LAW. */
const struct law_row *rule_step(struct rules *r, enum law_scheme s, const char *prefix, int reached);
/* Rounds to whole units (fen: 1, yuan: 100) once, or false with RULE_OVERFLOW. */
bool rule_round(struct rules *r, struct ratio v, int64_t unit, const char *item, int64_t *out);
/* Parts of 100,000 as a fraction. */
static inline struct ratio rule_share(int64_t e5)
{
	return ratio_of(e5, 100000);
}
#endif
