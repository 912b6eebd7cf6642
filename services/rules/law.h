/* Facts of law as dated data (law packs): nothing that a notice can change is compiled in. A pack is a text
 * of lines
 *
 *	scheme  place  item  from  until  value…  mark  source
 *
 * with one tab between the fields. from is the first day, until the first day without the row ("-": open).
 * Values are decimal text in the units of the scheme, and within what the arithmetic of the rules can bear. mark is S (seen in the named source) or K (from
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
	LAW_CALENDAR_YEAR,/* NOTICE: the year's holidays are known */
	LAW_CALENDAR_DAY, /* STATUTORY, BREAK, WORK */
	LAW_CALENDAR_FIXED,/* MM-DD: statutory in every year */
	LAW_WAGE_MONTH,   /* paid days and hours of a month */
	LAW_CAPACITY,     /* working days of a year, quarter, month */
	LAW_OVERTIME,     /* % of the hour; 1: time off may stand in */
	LAW_OVERTIME_MOST,/* hours of a day, of a month */
	LAW_SICK,         /* % by years of service */
	LAW_SICK_LEAST,   /* % of the minimum wage */
	LAW_MINIMUM_WAGE, /* yuan a month, an hour; 1: compared after own contributions */
	LAW_LOSS,         /* most % of the month's wage */
	LAW_SEVERANCE,    /* times the average, years then counted at most */
	LAW_PROBATION,    /* most months, by months of the term */
	LAW_PROBATION_WAGE,/* least % of the contract wage */
	LAW_UNWRITTEN,    /* months without a contract, most months doubled */
	LAW_OPEN_ENDED,   /* fixed terms, years */
	LAW_NON_COMPETE,  /* % of the average */
	LAW_RETIREMENT,   /* first birth month moved as YYYYMM, age, months to a month of delay, most */
	LAW_ANNUAL_LEAVE, /* days, months sick that lose it */
	LAW_ANNUAL_YEAR,  /* days of the year, unpaid days that lose it, % on top of days not given */
	LAW_MEDICAL,      /* months, months within which */
	LAW_MATERNITY,    /* days, more where difficult, more by infant */
	LAW_MISCARRIAGE,  /* days */
	LAW_MATERNITY_PLACE,/* days more, more where difficult */
	LAW_BASE,         /* floor and ceiling, yuan */
	LAW_RATE,         /* employer %, worker % */
	LAW_FIXED,        /* worker's yuan a month beside the rate */
	LAW_FUND,         /* least and most rate %, most of the supplementary %, rounding in fen */
	LAW_WORK_LIMIT,   /* hours, days, weeks, months or years of a roster's rule */
	LAW_SCHEMES
};
/* A value that has no bound, as the last band's. */
#define LAW_OPEN INT64_MAX
#define LAW_VALUES 4
struct law_row {
	enum law_scheme scheme;
	const char *place, *item; /* "CN"; number of a band, or a code */
	civil_day from, until;
	int64_t values[LAW_VALUES]; /* fen, e5, hundredths of days or hours, or plain, as the scheme says */
	bool verified;
	bool overridden; /* given with the question, in place of the pack's */
	const char *source;
	int line;
};
struct law {
	struct law_row *rows; /* by scheme, place, item, from */
	size_t n;
	size_t first[LAW_SCHEMES + 1]; /* where the rows of a scheme begin */
};
struct law_error {
	int line;
	const char *what; /* FIELDS, SCHEME, DATE, VALUE, MARK, SOURCE, OVERLAP, ROOM */
};
/* Reads a pack in place: text is cut into the rows' strings and must outlive them. rows: room for `most`.
 * *out may hold other packs in the same rows already: they are joined, and may not overlap. Begin with
 * {rows, 0}; where false *out may not be used. */
bool law_read(char *text, size_t most, struct law *out, struct law_error *error);
/* The row that covers the day, or NULL: there is never an older one instead. */
const struct law_row *law_find(const struct law *l, enum law_scheme s, const char *place, const char *item, civil_day day);
/* All rows of a table that cover the day, in order of their items; how many. */
size_t law_table(const struct law *l, enum law_scheme s, const char *place, civil_day day, const struct law_row **out,
		 size_t most);
/* The rows of `base`, and those of `given` in place of the ones of the same scheme, place and item, whatever
 * their days. out->rows: room for both. */
void law_override(const struct law *base, const struct law *given, struct law *out);
/* A law of the one row that rows[0] is. */
void law_of_row(struct law *l);
const char *law_scheme_name(enum law_scheme s);
/* LAW_SCHEMES where there is none of the name. */
enum law_scheme law_scheme_of(const char *name);
/* How many values its rows have. */
int law_scheme_values(enum law_scheme s);
/* The i-th value in the units of the scheme, as a pack would say it. */
#define LAW_VALUE_TEXT 32
void law_value_text(const struct law_row *r, int i, char out[LAW_VALUE_TEXT]);
/* Whether its rows differ by city; those of other schemes stand under LAW_NATIONAL. */
bool law_scheme_local(enum law_scheme s);
#define LAW_NATIONAL "CN"
#endif
