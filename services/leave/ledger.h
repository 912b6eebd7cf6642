/* The ledger of leave (休假台账): entries that are only added, and the balance, which is their sum and nothing else. What is
 * granted lies in lots, each with the days on which it may be taken; a leave takes of the lot that ends first, so that
 * carried days go before this year's. What is taken back is the mirror of what was taken, lot by lot, once. Amounts are
 * seconds of leave; a day has as many as the policy says (28,800 of 8 hours), half a day half of them. */
#ifndef RENHE_LEAVE_LEDGER_H
#define RENHE_LEAVE_LEDGER_H
#include <stdbool.h>
#include "civil.h"

enum leave_kind {
	LEAVE_GRANT,  /* opens a lot: entitlement, days worked on rest days, carried ones */
	LEAVE_TAKE,   /* of a lot, by a leave */
	LEAVE_RETURN, /* mirrors one TAKE: the leave was withdrawn or shortened */
	LEAVE_EXPIRE, /* closes a lot: what was left of it on its last day */
	LEAVE_PAID,   /* the same, paid instead */
};
struct leave_entry {
	enum leave_kind kind;
	int64_t amount;	     /* > 0 of GRANT and RETURN, < 0 of the others */
	unsigned lot;	     /* index of its GRANT; of a GRANT its own */
	unsigned mirrors;    /* of a RETURN: index of the TAKE */
	int64_t source;	     /* the one fact behind it: leave request, entitlement, overtime */
	civil_day on;	     /* the day of leave; of the others the day that it holds from */
	civil_day from, end; /* of a GRANT: may be taken on these days, half-open */
};
struct leave_ledger {
	struct leave_entry *entry; /* the caller's room */
	unsigned n, room;
};
enum leave_fault {
	LEAVE_DONE,
	LEAVE_FULL,	    /* no room for the entries; nothing was added */
	LEAVE_AMOUNT,	    /* not above 0, or beyond counting */
	LEAVE_DAYS,	    /* a lot that never could be taken */
	LEAVE_INSUFFICIENT, /* less is left on that day */
	LEAVE_UNKNOWN,	    /* nothing (left) of that source to return */
	LEAVE_TWICE,	    /* the source has granted, or takes on that day, already */
};

/* Sum of a lot, and of all lots that may be taken on the day. */
int64_t leave_lot(const struct leave_ledger *l, unsigned lot);
int64_t leave_balance(const struct leave_ledger *l, civil_day on);

enum leave_fault leave_grant(struct leave_ledger *l, int64_t source, int64_t amount, civil_day from, civil_day end);
/* Of one day of leave: all of it or nothing; one entry for each lot that is touched. below: how far under 0 the policy lets the balance go, as
 * an advance on the lot that ends last. */
enum leave_fault leave_take(struct leave_ledger *l, int64_t source, int64_t amount, civil_day on, int64_t below);
/* Everything that the source took on days from `from` on, into the lots it came from, also where these have ended since:
 * leave_close then sees to them again. */
enum leave_fault leave_return(struct leave_ledger *l, int64_t source, civil_day from, civil_day on);
/* Closes each lot that ended on or before the day and has something left. paid: how. */
enum leave_fault leave_close(struct leave_ledger *l, civil_day on, bool paid);
#endif
