#include "solve_inrc.h"
#include <string.h>

enum { NUMBER_MOST = 1000000 };

/* The next line that isn't empty, as words; at least `n` of them. */
static bool words(struct roster_text *t, int n)
{
	do {
		if (!roster_text_next(t))
			return roster_text_fault(t, &TEXT_DEF_SOLVE_MISSING, "");
	} while (!t->row[0]);
	return roster_text_words(t) &&
	       (t->fields >= n || roster_text_fault(t, &TEXT_DEF_SOLVE_FIELDS, t->row));
}

static bool words_are(struct roster_text *t, int n)
{
	return words(t, n) &&
	       (t->fields == n || roster_text_fault(t, &TEXT_DEF_SOLVE_FIELDS, t->row));
}

static bool word_is(struct roster_text *t, int field, const char *word)
{
	return !strcmp(t->field[field], word) ||
	       roster_text_fault(t, &TEXT_DEF_SOLVE_MISSING, word);
}

static bool heading(struct roster_text *t, const char *word)
{
	return words_are(t, 1) && word_is(t, 0, word);
}

/* "WEEKS = 4" */
static bool count(struct roster_text *t, const char *word, int least, int most, int *out)
{
	return words_are(t, 3) && word_is(t, 0, word) && word_is(t, 1, "=") &&
	       roster_text_number(t, t->field[2], least, most, out);
}

static bool at_end(struct roster_text *t)
{
	while (roster_text_next(t))
		if (t->row[0])
			return roster_text_fault(t, &TEXT_DEF_SOLVE_NO_SECTION, t->row);
	return !t->fault[0];
}

/* The index of a name among `n` things that begin with theirs, `size` bytes each, or -1. */
static int index_of(const void *things, size_t size, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp((const char *)things + (size_t)i * size, name))
			return i;
	return -1;
}

static bool new_name(struct roster_text *t, void *things, size_t size, int n, int field)
{
	if (index_of(things, size, n, t->field[field]) >= 0)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_TWICE, t->field[field]);
	return roster_text_id(t, t->field[field], (char *)things + (size_t)n * size, ROSTER_NAME);
}

static bool known(struct roster_text *t, int index, int field, const struct text_def *fault,
		  int *out)
{
	*out = index;
	return index >= 0 || roster_text_fault(t, fault, t->field[field]);
}

static bool known_shift(struct roster_text *t, const struct roster_inrc *s, int field, int *out)
{
	return known(t, index_of(s->shift, sizeof(s->shift[0]), s->shifts, t->field[field]), field,
		     &TEXT_DEF_SOLVE_NO_SHIFT, out);
}

static bool known_skill(struct roster_text *t, const struct roster_inrc *s, int field, int *out)
{
	return known(t, index_of(s->skill, sizeof(s->skill[0]), s->skills, t->field[field]), field,
		     &TEXT_DEF_SOLVE_NO_SKILL, out);
}

static bool known_nurse(struct roster_text *t, const struct roster_inrc *s, int field, int *out)
{
	return known(t, index_of(s->nurse, sizeof(s->nurse[0]), s->nurses, t->field[field]), field,
		     &TEXT_DEF_SOLVE_NO_PERSON, out);
}

static bool known_day(struct roster_text *t, int field, int *out)
{
	static const char DAYS[INRC_WEEK][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	return known(t, index_of(DAYS, sizeof(DAYS[0]), INRC_WEEK, t->field[field]), field,
		     &TEXT_DEF_SOLVE_NO_DAY, out);
}

/* "(15,22)" */
static bool range(struct roster_text *t, int field, struct roster_range *out)
{
	char *text = t->field[field], *comma = strchr(text, ','), *end = strchr(text, ')');

	if (text[0] != '(' || !comma || !end || end < comma || end[1])
		return roster_text_fault(t, &TEXT_DEF_SOLVE_RANGE, text);
	*comma = *end = 0;
	return roster_text_number(t, text + 1, 0, NUMBER_MOST, &out->least) &&
	       roster_text_number(t, comma + 1, out->least, NUMBER_MOST, &out->most);
}

/* ---- scenario ---- */

static bool read_skill(struct roster_text *t, struct roster_inrc *s)
{
	if (!words_are(t, 1) || !new_name(t, s->skill, sizeof(s->skill[0]), s->skills, 0))
		return false;
	s->skills++;
	return true;
}

static bool read_shift(struct roster_text *t, struct roster_inrc *s)
{
	if (!words_are(t, 2) || !new_name(t, s->shift, sizeof(s->shift[0]), s->shifts, 0) ||
	    !range(t, 1, &s->shift[s->shifts].run))
		return false;
	s->shifts++;
	return true;
}

/* "Late 1 Early": a line for each shift. */
static bool read_succession(struct roster_text *t, struct roster_inrc *s)
{
	int shift, n, other;

	if (!words(t, 2) || !known_shift(t, s, 0, &shift) ||
	    !roster_text_number(t, t->field[1], t->fields - 2, t->fields - 2, &n))
		return false;
	for (int i = 0; i < n; i++) {
		if (!known_shift(t, s, 2 + i, &other))
			return false;
		s->shift[shift].not_after |= 1ULL << (other + 1);
	}
	return true;
}

/* "FullTime (15,22) (3,5) (2,3) 2 1" */
static bool read_contract(struct roster_text *t, struct roster_inrc *s)
{
	struct roster_inrc_contract *c = &s->contract[s->contracts];

	if (!words_are(t, 6) || !new_name(t, s->contract, sizeof(*c), s->contracts, 0) ||
	    !range(t, 1, &c->total) || !range(t, 2, &c->work) || !range(t, 3, &c->off) ||
	    !roster_text_number(t, t->field[4], 0, NUMBER_MOST, &c->most_weekends) ||
	    !roster_text_number(t, t->field[5], 0, 1, &c->whole_weekends))
		return false;
	s->contracts++;
	return true;
}

/* "Patrick FullTime 2 HeadNurse Nurse" */
static bool read_nurse(struct roster_text *t, struct roster_inrc *s)
{
	struct roster_inrc_nurse *one = &s->nurse[s->nurses];
	int n, skill;

	if (!words(t, 3) || !new_name(t, s->nurse, sizeof(*one), s->nurses, 0) ||
	    !known(t, index_of(s->contract, sizeof(s->contract[0]), s->contracts, t->field[1]), 1,
		   &TEXT_DEF_SOLVE_NO_CONTRACT, &one->contract) ||
	    !roster_text_number(t, t->field[2], t->fields - 3, t->fields - 3, &n))
		return false;
	for (int i = 0; i < n; i++) {
		if (!known_skill(t, s, 3 + i, &skill))
			return false;
		one->skills |= 1U << skill;
	}
	s->nurses++;
	return true;
}

typedef bool line_reader(struct roster_text *t, struct roster_inrc *s);

static bool lines(struct roster_text *t, struct roster_inrc *s, int n, line_reader *line)
{
	for (int i = 0; i < n; i++)
		if (!line(t, s))
			return false;
	return true;
}

static bool counted(struct roster_text *t, struct roster_inrc *s, const char *word, int most,
		    line_reader *line)
{
	int n;

	return count(t, word, 1, most, &n) && lines(t, s, n, line);
}

bool roster_inrc_scenario(struct roster_text *t, struct roster_inrc *s)
{
	if (!words_are(t, 3) || !word_is(t, 0, "SCENARIO") || !word_is(t, 1, "=") ||
	    !roster_text_id(t, t->field[2], s->name, sizeof(s->name)) ||
	    !count(t, "WEEKS", 1, INRC_WEEKS, &s->weeks) ||
	    !counted(t, s, "SKILLS", INRC_SKILLS, read_skill) ||
	    !counted(t, s, "SHIFT_TYPES", INRC_SHIFTS, read_shift))
		return false;
	if (s->shifts * s->skills >= ROSTER_ACTS)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_MANY, "SHIFT_TYPES");
	return heading(t, "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS") &&
	       lines(t, s, s->shifts, read_succession) &&
	       counted(t, s, "CONTRACTS", INRC_CONTRACTS, read_contract) &&
	       counted(t, s, "NURSES", INRC_NURSES, read_nurse) && at_end(t);
}

/* ---- history ---- */

/* "Patrick 0 0 Night 1 4 0" */
static bool read_past(struct roster_text *t, struct roster_inrc *s)
{
	struct roster_inrc_past p;
	int nurse, shift = -1;
	char **f = t->field;

	if (!words_are(t, 7) || !known_nurse(t, s, 0, &nurse) ||
	    !roster_text_number(t, f[1], 0, NUMBER_MOST, &p.total) ||
	    !roster_text_number(t, f[2], 0, NUMBER_MOST, &p.weekends) ||
	    !(!strcmp(f[3], "None") || known_shift(t, s, 3, &shift)) ||
	    !roster_text_number(t, f[4], shift >= 0, shift >= 0 ? NUMBER_MOST : 0, &p.kind_run) ||
	    !roster_text_number(t, f[5], p.kind_run, shift >= 0 ? NUMBER_MOST : 0, &p.work_run) ||
	    !roster_text_number(t, f[6], 0, shift >= 0 ? 0 : NUMBER_MOST, &p.off_run))
		return false;
	if (s->nurse[nurse].given)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_TWICE, f[0]);
	p.kind = shift + 1;
	s->nurse[nurse].start = p;
	s->nurse[nurse].given = true;
	return true;
}

bool roster_inrc_history(struct roster_text *t, struct roster_inrc *s)
{
	if (!heading(t, "HISTORY") || !words_are(t, 2) ||
	    !roster_text_number(t, t->field[0], 0, s->weeks - 1, &s->first) ||
	    !word_is(t, 1, s->name) || !heading(t, "NURSE_HISTORY"))
		return false;
	s->known = s->first;
	return lines(t, s, s->nurses, read_past) && at_end(t);
}

/* ---- weeks ---- */

/* "Early Nurse (1,1) (1,1) .." for seven days */
static bool read_demand(struct roster_text *t, struct roster_inrc *s)
{
	int shift, skill, act;

	if (!words_are(t, 2 + INRC_WEEK) || !known_shift(t, s, 0, &shift) ||
	    !known_skill(t, s, 1, &skill))
		return false;
	act = 1 + shift * s->skills + skill;
	if (s->asked >> act & 1)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_TWICE, t->field[0]);
	s->asked |= 1ULL << act;
	for (int d = 0; d < INRC_WEEK; d++)
		if (!range(t, 2 + d, &s->demand[s->known * INRC_WEEK + d][act]))
			return false;
	return true;
}

/* "Andrea Any Tue" */
static bool read_request(struct roster_text *t, struct roster_inrc *s)
{
	int nurse, shift = -1, day;

	if (!words_are(t, 3) || !known_nurse(t, s, 0, &nurse) ||
	    !(!strcmp(t->field[1], "Any") || known_shift(t, s, 1, &shift)) ||
	    !known_day(t, 2, &day))
		return false;
	uint32_t *unwanted = &s->nurse[nurse].unwanted[s->known * INRC_WEEK + day];
	if (*unwanted >> (shift + 1) & 1)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_TWICE, t->field[0]);
	*unwanted |= 1U << (shift + 1);
	return true;
}

bool roster_inrc_week(struct roster_text *t, struct roster_inrc *s)
{
	int n;

	s->asked = 0;
	if (s->known == s->weeks)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_MANY, "WEEK_DATA");
	if (!heading(t, "WEEK_DATA") || !words_are(t, 1) || !word_is(t, 0, s->name) ||
	    !heading(t, "REQUIREMENTS") || !lines(t, s, s->shifts * s->skills, read_demand) ||
	    !count(t, "SHIFT_OFF_REQUESTS", 0, INRC_WEEK * s->nurses * (s->shifts + 1), &n) ||
	    !lines(t, s, n, read_request) || !at_end(t))
		return false;
	s->known++;
	return true;
}
