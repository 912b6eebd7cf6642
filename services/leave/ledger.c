#include "ledger.h"

#define AMOUNT_MOST ((int64_t)1 << 40) /* a million sums of it stay within 64 bits */

int64_t leave_lot(const struct leave_ledger *l, unsigned lot)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < l->n; i++)
		if (l->entry[i].lot == lot)
			sum += l->entry[i].amount;
	return sum;
}

static bool is_open(const struct leave_entry *e, civil_day on)
{
	return e->kind == LEAVE_GRANT && e->from <= on && on < e->end;
}

int64_t leave_balance(const struct leave_ledger *l, civil_day on)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < l->n; i++)
		if (is_open(&l->entry[i], on))
			sum += leave_lot(l, i);
	return sum;
}

static bool is_counted(int64_t amount)
{
	return amount > 0 && amount <= AMOUNT_MOST;
}

static bool is_granted(const struct leave_ledger *l, int64_t source)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->entry[i].kind == LEAVE_GRANT && l->entry[i].source == source)
			return true;
	return false;
}

static bool is_mirrored(const struct leave_ledger *l, unsigned take)
{
	for (unsigned i = take + 1; i < l->n; i++)
		if (l->entry[i].kind == LEAVE_RETURN && l->entry[i].mirrors == take)
			return true;
	return false;
}

static bool is_taken(const struct leave_ledger *l, int64_t source, civil_day on)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->entry[i].kind == LEAVE_TAKE && l->entry[i].source == source && l->entry[i].on == on && !is_mirrored(l, i))
			return true;
	return false;
}

static enum leave_fault add(struct leave_ledger *l, struct leave_entry e)
{
	if (l->n == l->room)
		return LEAVE_FULL;
	l->entry[l->n++] = e;
	return LEAVE_DONE;
}

enum leave_fault leave_grant(struct leave_ledger *l, int64_t source, int64_t amount, civil_day from, civil_day end)
{
	struct leave_entry e = {.kind = LEAVE_GRANT, .amount = amount, .lot = l->n, .source = source, .on = from, .from = from, .end = end};

	if (!is_counted(amount))
		return LEAVE_AMOUNT;
	if (from >= end)
		return LEAVE_DAYS;
	return is_granted(l, source) ? LEAVE_TWICE : add(l, e);
}

/* The open lot that ends first and has something left, of equals the older one; n: there is none. */
static unsigned next_lot(const struct leave_ledger *l, civil_day on)
{
	unsigned best = l->n;

	for (unsigned i = 0; i < l->n; i++)
		if (is_open(&l->entry[i], on) && leave_lot(l, i) > 0 && (best == l->n || l->entry[i].end < l->entry[best].end))
			best = i;
	return best;
}

/* Where an advance stands. */
static unsigned last_lot(const struct leave_ledger *l, civil_day on)
{
	unsigned best = l->n;

	for (unsigned i = 0; i < l->n; i++)
		if (is_open(&l->entry[i], on) && (best == l->n || l->entry[i].end > l->entry[best].end))
			best = i;
	return best;
}

static enum leave_fault take_of(struct leave_ledger *l, unsigned lot, int64_t amount, int64_t source, civil_day on)
{
	return add(l, (struct leave_entry){.kind = LEAVE_TAKE, .amount = -amount, .lot = lot, .source = source, .on = on});
}

static enum leave_fault take_lots(struct leave_ledger *l, int64_t source, int64_t amount, civil_day on)
{
	enum leave_fault f = LEAVE_DONE;

	while (amount > 0 && f == LEAVE_DONE) {
		unsigned lot = next_lot(l, on), advance = last_lot(l, on);
		int64_t left = lot < l->n ? leave_lot(l, lot) : amount;

		if (advance == l->n)
			return LEAVE_INSUFFICIENT;
		f = take_of(l, lot < l->n ? lot : advance, left < amount ? left : amount, source, on);
		amount -= left < amount ? left : amount;
	}
	return f;
}

/* The entries of a step that fails half-way go again. */
static enum leave_fault whole(struct leave_ledger *l, unsigned before, enum leave_fault f)
{
	if (f != LEAVE_DONE)
		l->n = before;
	return f;
}

enum leave_fault leave_take(struct leave_ledger *l, int64_t source, int64_t amount, civil_day on, int64_t below)
{
	if (!is_counted(amount))
		return LEAVE_AMOUNT;
	if (is_taken(l, source, on))
		return LEAVE_TWICE;
	if (leave_balance(l, on) - amount < -below)
		return LEAVE_INSUFFICIENT;
	return whole(l, l->n, take_lots(l, source, amount, on));
}

enum leave_fault leave_return(struct leave_ledger *l, int64_t source, civil_day from, civil_day on)
{
	unsigned before = l->n;
	enum leave_fault f = LEAVE_UNKNOWN;

	for (unsigned i = 0; i < before && (f == LEAVE_DONE || f == LEAVE_UNKNOWN); i++) {
		const struct leave_entry t = l->entry[i];

		if (t.kind == LEAVE_TAKE && t.source == source && t.on >= from && !is_mirrored(l, i))
			f = add(l, (struct leave_entry){.kind = LEAVE_RETURN, .amount = -t.amount, .lot = t.lot, .mirrors = i,
							.source = source, .on = on});
	}
	return whole(l, before, f);
}

enum leave_fault leave_close(struct leave_ledger *l, civil_day on, bool paid)
{
	unsigned before = l->n;
	enum leave_fault f = LEAVE_DONE;

	for (unsigned i = 0; i < before && f == LEAVE_DONE; i++) {
		const struct leave_entry g = l->entry[i];
		int64_t left = g.kind == LEAVE_GRANT && g.end <= on ? leave_lot(l, i) : 0;

		if (left > 0)
			f = add(l, (struct leave_entry){.kind = paid ? LEAVE_PAID : LEAVE_EXPIRE, .amount = -left, .lot = i,
							.source = g.source, .on = g.end});
	}
	return whole(l, before, f);
}
