#include "law.h"
#include <string.h>

enum unit { NONE, YUAN, EDGE, PERCENT, TIME, COUNT };
/* Scale to the integer that is kept: fen, parts of 100,000, hundredths of days or hours, plain; and the most
 * of it, so that a product of two still is a number. An edge may be open. */
static const struct {
	int places;
	int64_t most;
} UNITS[] = {
	[YUAN] = {2, 1000000000000}, [EDGE] = {2, 1000000000000}, [PERCENT] = {3, 1000000}, [TIME] = {2, 1000000}, [COUNT] = {0, 1000000},
};

static const struct scheme {
	const char *name;
	enum unit units[LAW_VALUES];
	bool local;
} SCHEMES[LAW_SCHEMES] = {
	[LAW_TAX_ANNUAL] = {"tax.annual", {EDGE, PERCENT, YUAN}},
	[LAW_TAX_MONTHLY] = {"tax.monthly", {EDGE, PERCENT, YUAN}},
	[LAW_TAX_LABOUR] = {"tax.labour", {EDGE, PERCENT, YUAN}},
	[LAW_TAX_BASIC] = {"tax.basic", {YUAN, YUAN}},
	[LAW_TAX_SPECIAL] = {"tax.special", {YUAN}},
	[LAW_TAX_FEE] = {"tax.fee", {YUAN, YUAN, PERCENT, PERCENT}},
	[LAW_TAX_FLAT] = {"tax.flat", {PERCENT}},
	[LAW_TAX_BONUS] = {"tax.bonus", {COUNT, COUNT}},
	[LAW_TAX_SEVERANCE] = {"tax.severance", {COUNT}},
	[LAW_CALENDAR_YEAR] = {"calendar.year", {COUNT}},
	[LAW_CALENDAR_DAY] = {"calendar.day", {NONE}},
	[LAW_CALENDAR_FIXED] = {"calendar.fixed", {NONE}},
	[LAW_WAGE_MONTH] = {"wage.month", {TIME, TIME}},
	[LAW_CAPACITY] = {"wage.capacity", {TIME, TIME, TIME}},
	[LAW_OVERTIME] = {"wage.overtime", {PERCENT, COUNT}},
	[LAW_OVERTIME_MOST] = {"wage.overtime_most", {TIME, TIME}},
	[LAW_SICK] = {"wage.sick", {PERCENT}, true},
	[LAW_SICK_LEAST] = {"wage.sick_least", {PERCENT}},
	[LAW_MINIMUM_WAGE] = {"wage.minimum", {YUAN, YUAN, COUNT}, true},
	[LAW_LOSS] = {"wage.loss", {PERCENT}},
	[LAW_SEVERANCE] = {"contract.severance", {COUNT, COUNT}},
	[LAW_PROBATION] = {"contract.probation", {COUNT}, false},
	[LAW_PROBATION_WAGE] = {"contract.probation_wage", {PERCENT}, false},
	[LAW_UNWRITTEN] = {"contract.unwritten", {COUNT, COUNT}, false},
	[LAW_OPEN_ENDED] = {"contract.open_ended", {COUNT, COUNT}, false},
	[LAW_NON_COMPETE] = {"contract.non_compete", {PERCENT}, false},
	[LAW_RETIREMENT] = {"retirement", {COUNT, COUNT, COUNT, COUNT}, false},
	[LAW_ANNUAL_LEAVE] = {"leave.annual", {COUNT, COUNT}, false},
	[LAW_ANNUAL_YEAR] = {"leave.annual_year", {COUNT, COUNT, PERCENT}, false},
	[LAW_MEDICAL] = {"leave.medical", {COUNT, COUNT}, false},
	[LAW_MATERNITY] = {"leave.maternity", {COUNT, COUNT, COUNT}, false},
	[LAW_MISCARRIAGE] = {"leave.miscarriage", {COUNT}, false},
	[LAW_MATERNITY_PLACE] = {"leave.maternity_place", {COUNT, COUNT}, true},
	[LAW_BASE] = {"insurance.base", {YUAN, YUAN}, true},
	[LAW_RATE] = {"insurance.rate", {PERCENT, PERCENT}, true},
	[LAW_FIXED] = {"insurance.fixed", {YUAN}, true},
	[LAW_WORK_LIMIT] = {"work.limit", {TIME}},
	[LAW_FUND] = {"insurance.fund", {PERCENT, PERCENT, PERCENT, COUNT}, true},
};

const char *law_scheme_name(enum law_scheme s)
{
	return SCHEMES[s].name;
}

bool law_scheme_local(enum law_scheme s)
{
	return SCHEMES[s].local;
}

enum law_scheme law_scheme_of(const char *name)
{
	int s = 0;

	while (s < LAW_SCHEMES && strcmp(SCHEMES[s].name, name) != 0)
		s++;
	return (enum law_scheme)s;
}

static int units_of(const struct scheme *s)
{
	int n = 0;

	while (n < LAW_VALUES && s->units[n] != NONE)
		n++;
	return n;
}

/* ---- fields ---- */

#define FIELDS (7 + LAW_VALUES)

/* Cuts the line at its tabs; how many fields, FIELDS + 1 where there are more. */
static int split(char *line, char *fields[FIELDS])
{
	int n = 0;

	for (char *p = line; p; n++) {
		char *tab = strchr(p, '\t');

		if (n == FIELDS)
			return FIELDS + 1;
		fields[n] = p;
		if (tab)
			*tab++ = '\0';
		p = tab;
	}
	return n;
}

int law_scheme_values(enum law_scheme s)
{
	return units_of(&SCHEMES[s]);
}

/* Digits with at most `places` behind the point, no sign: what a notice prints. */
static bool decimal(const char *s, int places, int64_t *out)
{
	int64_t v = 0;
	int behind = -1;

	for (const char *p = s; *p; p++) {
		if (*p == '.' && behind < 0 && p > s && p[1]) {
			behind = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || (behind >= 0 && ++behind > places) || v > INT64_MAX / 1000000)
			return false;
		v = v * 10 + (*p - '0');
	}
	for (int i = behind > 0 ? behind : 0; i < places; i++)
		v *= 10;
	*out = v;
	return *s != '\0';
}

static bool value(const char *s, enum unit u, int64_t *out)
{
	if (u == EDGE && strcmp(s, "-") == 0) {
		*out = LAW_OPEN;
		return true;
	}
	return decimal(s, UNITS[u].places, out) && *out <= UNITS[u].most;
}

void law_value_text(const struct law_row *r, int i, char out[LAW_VALUE_TEXT])
{
	char digits[LAW_VALUE_TEXT];
	int places = UNITS[SCHEMES[r->scheme].units[i]].places, n = 0, m = 0, least;
	int64_t v = r->values[i];

	if (v == LAW_OPEN) {
		memcpy(out, "-", 2);
		return;
	}
	for (; places > 0 && v % 10 == 0; places--)
		v /= 10;
	least = places ? places + 2 : 1; /* a figure before the point */
	for (; v > 0 || n < least; v /= 10) {
		digits[n++] = (char)('0' + v % 10);
		if (n == places)
			digits[n++] = '.';
	}
	while (n > 0)
		out[m++] = digits[--n];
	out[m] = '\0';
}

static bool dates(char *const *f, struct law_row *r)
{
	r->until = DAY_NEVER;
	if (!civil_read(f[0], &r->from))
		return false;
	return strcmp(f[1], "-") == 0 || (civil_read(f[1], &r->until) && r->until > r->from);
}

static bool scheme_named(const char *name, struct law_row *r)
{
	r->scheme = law_scheme_of(name);
	return r->scheme != LAW_SCHEMES;
}

/* NULL, or what is wrong with the line. */
static const char *row_read(char *line, struct law_row *r)
{
	char *f[FIELDS];
	int n = split(line, f), values;

	if (n < 7)
		return "FIELDS";
	if (!scheme_named(f[0], r))
		return "SCHEME";
	values = units_of(&SCHEMES[r->scheme]);
	if (n != 7 + values || !*f[1] || !*f[2])
		return "FIELDS";
	r->place = f[1];
	r->item = f[2];
	if (!dates(f + 3, r))
		return "DATE";
	for (int i = 0; i < values; i++)
		if (!value(f[5 + i], SCHEMES[r->scheme].units[i], &r->values[i]))
			return "VALUE";
	if (strcmp(f[5 + values], "S") != 0 && strcmp(f[5 + values], "K") != 0)
		return "MARK";
	r->verified = *f[5 + values] == 'S';
	r->source = f[6 + values];
	return *r->source ? NULL : "SOURCE";
}

/* ---- the pack ---- */

/* Numbers of bands by size, codes by name. */
static int item_order(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	bool numbers = strspn(a, "0123456789") == n && strspn(b, "0123456789") == m;

	if (numbers && n != m)
		return n < m ? -1 : 1;
	return strcmp(a, b);
}

static int row_order(const struct law_row *a, const struct law_row *b)
{
	int c = (int)a->scheme - (int)b->scheme;

	c = c ? c : strcmp(a->place, b->place);
	c = c ? c : item_order(a->item, b->item);
	return c ? c : (a->from > b->from) - (a->from < b->from);
}

static void row_insert(struct law *l, const struct law_row *r)
{
	size_t at = l->n++;

	for (; at > 0 && row_order(r, &l->rows[at - 1]) < 0; at--)
		l->rows[at] = l->rows[at - 1];
	l->rows[at] = *r;
}

static bool same_item(const struct law_row *a, const struct law_row *b)
{
	return a->scheme == b->scheme && strcmp(a->place, b->place) == 0 && strcmp(a->item, b->item) == 0;
}

static bool overlap(const struct law *l, struct law_error *error)
{
	for (size_t i = 1; i < l->n; i++)
		if (same_item(&l->rows[i - 1], &l->rows[i]) && l->rows[i].from < l->rows[i - 1].until) {
			*error = (struct law_error){l->rows[i].line, "OVERLAP"};
			return true;
		}
	return false;
}

/* One line; NULL, or what is wrong with it. */
static const char *line_read(char *p, int line, size_t most, struct law *l)
{
	struct law_row r = {.line = line};
	const char *wrong;

	if (!*p || *p == '#')
		return NULL;
	if (l->n == most)
		return "ROOM";
	wrong = row_read(p, &r);
	if (!wrong)
		row_insert(l, &r);
	return wrong;
}

static void find_firsts(struct law *l)
{
	size_t at = 0;

	for (int s = 0; s <= LAW_SCHEMES; s++) {
		while (at < l->n && (int)l->rows[at].scheme < s)
			at++;
		l->first[s] = at;
	}
}

bool law_read(char *text, size_t most, struct law *out, struct law_error *error)
{
	int line = 0;

	for (char *p = text, *next; p && *p; p = next) {
		const char *wrong;

		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		wrong = line_read(p, ++line, most, out);
		if (wrong) {
			*error = (struct law_error){line, wrong};
			return false;
		}
	}
	find_firsts(out);
	return !overlap(out, error);
}

static bool replaced(const struct law *given, const struct law_row *r)
{
	for (size_t i = given->first[r->scheme]; i < given->first[r->scheme + 1]; i++)
		if (same_item(&given->rows[i], r))
			return true;
	return false;
}

void law_override(const struct law *base, const struct law *given, struct law *out)
{
	out->n = 0;
	for (size_t i = 0; i < base->n; i++)
		if (!replaced(given, &base->rows[i]))
			out->rows[out->n++] = base->rows[i];
	for (size_t i = 0; i < given->n; i++) {
		struct law_row r = given->rows[i];

		r.overridden = true;
		row_insert(out, &r);
	}
	find_firsts(out);
}

void law_of_row(struct law *l)
{
	l->n = 1;
	find_firsts(l);
}

static bool covers(const struct law_row *r, const char *place, civil_day day)
{
	return r->from <= day && day < r->until && strcmp(r->place, place) == 0;
}

const struct law_row *law_find(const struct law *l, enum law_scheme s, const char *place, const char *item, civil_day day)
{
	for (size_t i = l->first[s]; i < l->first[s + 1]; i++)
		if (covers(&l->rows[i], place, day) && strcmp(l->rows[i].item, item) == 0)
			return &l->rows[i];
	return NULL;
}

size_t law_table(const struct law *l, enum law_scheme s, const char *place, civil_day day, const struct law_row **out, size_t most)
{
	size_t n = 0;

	for (size_t i = l->first[s]; i < l->first[s + 1] && n < most; i++)
		if (covers(&l->rows[i], place, day))
			out[n++] = &l->rows[i];
	return n;
}
