/* Facts of law as dated data (law packs): nothing that a notice can change is compiled in. A pack is a text
 * of lines
 *
 *	scheme  place  item  from  until  value…  mark  source
 *
 * with one tab between the fields. from is the first day, until the first day without the row ("-": open).
 * Values are decimal text in the units of the scheme. mark is S (seen in the named source) or K (from
 * knowledge: unverified, refused in production until somebody has confirmed it). Lines of # are comments. */
#ifndef RENHE_LAW_H
#define RENHE_LAW_H
#include <stddef.h>
#include "civil.h"

enum law_scheme {
	LAW_TAX_ANNUAL,   /* bands of the year: up to yuan, rate %, quick deduction yuan */
	LAW_TAX_MONTHLY,  /* bands of the month */
	LAW_TAX_LABOUR,   /* withholding table 2: up to yuan, rate %, quick deduction yuan */
	LAW_TAX_BASIC,    /* basic deduction: yuan a month, yuan a year */
	LAW_TAX_SPECIAL,  /* special additional deduction, item its kind: yuan a month */
	LAW_TAX_FEE,      /* fees: yuan taken off small ones, up to yuan, % taken off others, % author's share */
	LAW_TAX_FLAT,     /* %, of what has no bands */
	LAW_TAX_BONUS,    /* bonus taxed apart: months that its band is picked by, quick deductions */
	LAW_TAX_SEVERANCE,/* free of tax: months of the local average */
	LAW_SCHEMES
};
/* A value that has no bound, as the last band's. */
#define LAW_OPEN INT64_MAX
#define LAW_VALUES 4
struct law_row {
	enum law_scheme scheme;
	const char *place, *item; /* "CN"; number of a band, or a code */
	civil_day from, until;
	int64_t values[LAW_VALUES]; /* fen, e5 or plain, as the scheme says */
	bool verified;
	const char *source;
	int line;
};
struct law {
	struct law_row *rows; /* by scheme, place, item, from */
	size_t n;
};
struct law_error {
	int line;
	const char *what; /* FIELDS, SCHEME, DATE, VALUE, MARK, SOURCE, OVERLAP, ROOM */
};
/* Reads a pack in place: text is cut into the rows' strings and must outlive them. rows: room for `most`. */
bool law_read(char *text, struct law_row *rows, size_t most, struct law *out, struct law_error *error);
/* The row that covers the day, or NULL: there is never an older one instead. */
const struct law_row *law_find(const struct law *l, enum law_scheme s, const char *place, const char *item, civil_day day);
/* All rows of a table that cover the day, in order of their items; how many. */
size_t law_table(const struct law *l, enum law_scheme s, const char *place, civil_day day, const struct law_row **out,
		 size_t most);
const char *law_scheme_name(enum law_scheme s);
#endif
