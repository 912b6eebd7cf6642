#include "dated.h"
#include <stdlib.h>

bool dated_is_dated(const struct field_rule *f)
{
	return f->dated;
}

bool dated_equal(struct arena *a, const struct message_rule *rule, const ProtobufCMessage *x,
		 const ProtobufCMessage *y, bool (*same)(const struct field_rule *f))
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];
		const char *p, *q;

		if (!same(f))
			continue;
		p = row_param(a, f, x);
		q = row_param(a, f, y);
		if ((!p != !q) || (p && strcmp(p, q) != 0))
			return false;
	}
	return true;
}

struct dated_order {
	const char *day;
	int64_t sequence;
	ProtobufCMessage *fact;
};

static int by_day(const void *x, const void *y)
{
	const struct dated_order *a = x, *b = y;
	int days = strcmp(a->day, b->day); /* YYYY-MM-DD sorts as text */

	return days ? days : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static struct dated_order *in_order(struct arena *a, const struct message_rule *rule,
				    ProtobufCMessage *const *facts, size_t n)
{
	struct dated_order *o = arena_alloc(a, (n + 1) * sizeof(*o));

	for (size_t i = 0; i < n; i++)
		o[i] = (struct dated_order){msg_str(rule, facts[i], "effective_date"),
					    msg_int(rule, facts[i], "fact_sequence", 0), facts[i]};
	qsort(o, n, sizeof(*o), by_day);
	return o;
}

static bool clears(struct arena *a, const struct message_rule *rule, const ProtobufCMessage *fact,
		   const char *name)
{
	const struct field_rule *f = rule_field(rule, "cleared_fields");

	(void)a;
	for (size_t i = 0; f && i < msg_count(f, fact); i++)
		if (!strcmp(msg_text(f, fact, i), name))
			return true;
	return false;
}

static void apply(struct arena *a, const struct message_rule *rule, const ProtobufCMessage *fact,
		  ProtobufCMessage *state)
{
	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const struct field_rule *f = &rule->fields[i];

		if (!f->dated)
			continue;
		if (msg_has(f, fact))
			msg_copy_field(a, f, fact, state);
		else if (clears(a, rule, fact, f->name))
			msg_clear(f, state);
	}
}

/* Ends the last slice at `day`; drops it where nothing changed that day. */
static void close_last(const struct message_rule *rule, ProtobufCMessage **slices, size_t n,
		       const char *day)
{
	if (n)
		msg_set_str(rule, slices[n - 1], "valid_to", day);
}

ProtobufCMessage **dated_fold(struct arena *a, const struct message_rule *rule,
			      ProtobufCMessage *const *facts, size_t n_facts, size_t *n)
{
	ProtobufCMessage **slices = arena_alloc(a, (n_facts + 1) * sizeof(*slices));
	struct dated_order *o = in_order(a, rule, facts, n_facts);
	ProtobufCMessage *state = msg_new(a, rule);

	*n = 0;
	for (size_t i = 0; i < n_facts; i++) {
		ProtobufCMessage *slice;

		apply(a, rule, o[i].fact, state);
		if (i + 1 < n_facts && !strcmp(o[i + 1].day, o[i].day))
			continue;
		if (*n && dated_equal(a, rule, slices[*n - 1], state, dated_is_dated))
			continue;
		slice = msg_copy(a, state);
		close_last(rule, slices, *n, o[i].day);
		msg_set_str(rule, slice, "valid_from", o[i].day);
		slices[(*n)++] = slice;
	}
	return slices;
}
