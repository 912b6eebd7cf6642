/* Dated records: from facts to slices. A fact sets some fields from a day on; a field's value on a
 * day is what the fact with the latest effective day up to it says, the later recorded one among
 * equals. So a fact recorded late rules until the next fact on the same field, whenever that was
 * recorded. Pure; spans of days are half-open. */
#ifndef RENHE_DATED_H
#define RENHE_DATED_H
#include "row.h"
#include "row_list.h"

/* facts: messages of one rule with effective_date, fact_sequence, cleared_fields and dated fields;
 * in any order. Gives new messages of the same rule with valid_from, valid_to (absent = open) and
 * the dated fields; neighbours that are equal are one. n slices. */
ProtobufCMessage **dated_fold(struct arena *a, const struct message_rule *rule,
			      ProtobufCMessage *const *facts, size_t n_facts, size_t *n);
/* Equal in every field named by `same`. */
bool dated_equal(struct arena *a, const struct message_rule *rule, const ProtobufCMessage *x,
		 const ProtobufCMessage *y, bool (*same)(const struct field_rule *f));
bool dated_is_dated(const struct field_rule *f);
#endif
