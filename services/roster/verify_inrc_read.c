#include "verify_inrc.h"

#include <stdio.h>

#include "roster_verify_texts.h"

#define WORDS_MOST (INRC_SKILLS_MOST + INRC_SHIFTS_MOST + 8)

static bool expect_words(struct verify_source *s, struct str *out, size_t n)
{
	struct str line;

	return source_expect(s, &line) && source_fields(s, line, ' ', out, n);
}

static bool expect_exactly(struct verify_source *s, const char *text)
{
	struct str line;

	return source_expect(s, &line) &&
	       (str_eq(line, text) || source_refuse(s, TEXT_FILE_MISSING(text)));
}

/* "WEEKS = 4" */
static bool expect_count(struct verify_source *s, const char *name, int least, int most, int *out)
{
	struct str w[3];

	if (!expect_words(s, w, 3))
		return false;
	if (!str_eq(w[0], name) || !str_eq(w[1], "="))
		return source_refuse(s, TEXT_FILE_MISSING(name));
	return source_number(s, w[2], least, most, out);
}

/* "(15,22)" */
static bool take_range(const struct verify_source *s, struct str text, struct inrc_range *out)
{
	struct str f[2];

	if (text.n < 5 || text.p[0] != '(' || text.p[text.n - 1] != ')')
		return source_refuse(s, TEXT_FILE_RANGE(source_print(s->v, text)));
	return source_fields(s, (struct str){text.p + 1, text.n - 2}, ',', f, 2) &&
	       source_number(s, f[0], 0, SOURCE_NUMBER_MOST, &out->least) &&
	       source_number(s, f[1], out->least, SOURCE_NUMBER_MOST, &out->most);
}

/* A name that is new among the n things read already. */
static bool new_name(const struct verify_source *s, const void *things, size_t size, int n,
		     struct str name)
{
	if (name_index(things, size, n, name) >= 0)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, name)));
	return source_name(s, name);
}

static bool known_shift(const struct verify_source *s, const struct inrc *c, struct str name,
			int *out)
{
	return source_known(s, c->shifts, sizeof(*c->shifts), c->n_shifts, name, out);
}

static bool known_nurse(const struct verify_source *s, const struct inrc *c, struct str name,
			int *out)
{
	return source_known(s, c->nurses, sizeof(*c->nurses), c->n_nurses, name, out);
}

static bool known_skill(const struct verify_source *s, const struct inrc *c, struct str name,
			int *out)
{
	return source_known(s, c->skills, sizeof(*c->skills), c->n_skills, name, out);
}

bool inrc_weekday(const struct verify_source *s, struct str text, int *out)
{
	static const struct inrc_skill DAYS[] = {{STR("Mon")}, {STR("Tue")}, {STR("Wed")},
						 {STR("Thu")}, {STR("Fri")}, {STR("Sat")},
						 {STR("Sun")}};

	return source_known(s, DAYS, sizeof(DAYS[0]), 7, text, out);
}

/* ---- the scenario ---- */

static bool read_skills(struct verify_source *s, struct inrc *c)
{
	int n;

	if (!expect_count(s, "SKILLS", 1, INRC_SKILLS_MOST, &n))
		return false;
	for (; c->n_skills < n; c->n_skills++) {
		struct str *name = &c->skills[c->n_skills].name;
		if (!expect_words(s, name, 1) ||
		    !new_name(s, c->skills, sizeof(*c->skills), c->n_skills, *name))
			return false;
	}
	return true;
}

static bool read_shifts(struct verify_source *s, struct inrc *c)
{
	struct str w[2];
	int n;

	if (!expect_count(s, "SHIFT_TYPES", 1, INRC_SHIFTS_MOST, &n))
		return false;
	for (; c->n_shifts < n; c->n_shifts++) {
		struct inrc_shift *one = &c->shifts[c->n_shifts];
		if (!expect_words(s, w, 2) ||
		    !new_name(s, c->shifts, sizeof(*one), c->n_shifts, w[0]) ||
		    !take_range(s, w[1], &one->run))
			return false;
		one->name = w[0];
	}
	return true;
}

/* "Night 2 Early Late" */
static bool read_succession(struct verify_source *s, struct inrc *c)
{
	struct str line, w[WORDS_MOST];
	int shift, n, next;

	if (!source_expect(s, &line))
		return false;
	size_t words = source_split(line, ' ', w, WORDS_MOST);

	if (words < 2 || words > WORDS_MOST)
		return source_refuse(s, TEXT_FILE_FIELDS(2));
	if (!known_shift(s, c, w[0], &shift) || !source_number(s, w[1], 0, c->n_shifts, &n))
		return false;
	if (words != (size_t)n + 2)
		return source_refuse(s, TEXT_FILE_FIELDS(n + 2));
	for (int i = 0; i < n; i++) {
		if (!known_shift(s, c, w[i + 2], &next))
			return false;
		c->shifts[shift].not_next[next] = true;
	}
	return true;
}

static bool read_successions(struct verify_source *s, struct inrc *c)
{
	if (!expect_exactly(s, "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS"))
		return false;
	for (int i = 0; i < c->n_shifts; i++)
		if (!read_succession(s, c))
			return false;
	return true;
}

/* "FullTime (15,22) (3,5) (2,3) 2 1" */
static bool read_contracts(struct verify_source *s, struct inrc *c)
{
	struct str w[6];
	int n, whole;

	if (!expect_count(s, "CONTRACTS", 1, INRC_CONTRACTS_MOST, &n))
		return false;
	for (; c->n_contracts < n; c->n_contracts++) {
		struct inrc_contract *one = &c->contracts[c->n_contracts];
		if (!expect_words(s, w, 6) ||
		    !new_name(s, c->contracts, sizeof(*one), c->n_contracts, w[0]) ||
		    !take_range(s, w[1], &one->total) || !take_range(s, w[2], &one->work) ||
		    !take_range(s, w[3], &one->off) ||
		    !source_number(s, w[4], 0, SOURCE_NUMBER_MOST, &one->max_weekends) ||
		    !source_number(s, w[5], 0, 1, &whole))
			return false;
		one->name = w[0];
		one->whole_weekends = whole;
	}
	return true;
}

/* "Patrick FullTime 2 HeadNurse Nurse" */
static bool read_nurse(struct verify_source *s, const struct inrc *c, struct inrc_nurse *one)
{
	struct str line, w[WORDS_MOST];
	int n, skill;

	if (!source_expect(s, &line))
		return false;
	size_t words = source_split(line, ' ', w, WORDS_MOST);

	if (words < 3 || words > WORDS_MOST)
		return source_refuse(s, TEXT_FILE_FIELDS(3));
	if (!new_name(s, c->nurses, sizeof(*one), c->n_nurses, w[0]) ||
	    !source_known(s, c->contracts, sizeof(*c->contracts), c->n_contracts, w[1],
			  &one->contract) ||
	    !source_number(s, w[2], 1, c->n_skills, &n))
		return false;
	if (words != (size_t)n + 3)
		return source_refuse(s, TEXT_FILE_FIELDS(n + 3));
	for (int i = 0; i < n; i++) {
		if (!known_skill(s, c, w[i + 3], &skill))
			return false;
		one->skills[skill] = true;
	}
	one->name = w[0];
	return true;
}

static bool read_nurses(struct verify_source *s, struct inrc *c)
{
	int n;

	if (!expect_count(s, "NURSES", 1, INRC_NURSES_MOST, &n))
		return false;
	c->nurses = arena_alloc(s->v->arena, (size_t)n * sizeof(*c->nurses));
	for (; c->n_nurses < n; c->n_nurses++)
		if (!read_nurse(s, c, &c->nurses[c->n_nurses]))
			return false;
	return true;
}

static bool at_end(struct verify_source *s)
{
	struct str line;

	while (source_line(s, &line))
		if (line.n)
			return source_refuse(s, TEXT_FILE_UNKNOWN(source_print(s->v, line)));
	return true;
}

static void make_room(struct verify *v, struct inrc *c)
{
	size_t cells = inrc_cell(c, inrc_days(c), 0, 0), days = (size_t)inrc_days(c);

	c->demand = arena_alloc(v->arena, cells * sizeof(*c->demand));
	c->have = arena_alloc(v->arena, cells * sizeof(*c->have));
	c->week_solved = arena_alloc(v->arena, (size_t)c->weeks * sizeof(bool));
	c->requests = arena_alloc(v->arena, days * (size_t)c->n_nurses * (size_t)(c->n_shifts + 1) *
						    sizeof(*c->requests));
	for (int i = 0; i < c->n_nurses; i++) {
		c->nurses[i].shift = arena_alloc(v->arena, days * sizeof(int));
		for (size_t d = 0; d < days; d++)
			c->nurses[i].shift[d] = INRC_NONE;
	}
}

bool inrc_read_scenario(struct verify_source *s, struct inrc *c)
{
	struct str w[3];

	if (!expect_words(s, w, 3) || !source_name(s, w[2]))
		return false;
	if (!str_eq(w[0], "SCENARIO") || !str_eq(w[1], "="))
		return source_refuse(s, TEXT_FILE_MISSING("SCENARIO"));
	c->name = w[2];
	if (!expect_count(s, "WEEKS", 1, INRC_WEEKS_MOST, &c->weeks) || !read_skills(s, c) ||
	    !read_shifts(s, c) || !read_successions(s, c) || !read_contracts(s, c) ||
	    !read_nurses(s, c) || !at_end(s))
		return false;
	make_room(s->v, c);
	return true;
}

/* ---- the history ---- */

static bool same_set(struct verify_source *s, const struct inrc *c, struct str name)
{
	if (name.n != c->name.n || memcmp(name.p, c->name.p, name.n) != 0)
		return source_refuse(s, TEXT_FILE_OTHER_SET(source_print(s->v, name),
							    source_print(s->v, c->name)));
	return true;
}

/* "Patrick 0 0 Night 1 4 0": assignments, weekends, last shift and its run, days worked, days off
 * in a row. */
static bool read_past(struct verify_source *s, struct inrc *c)
{
	struct str w[7];
	int i, shift = INRC_NONE;

	if (!expect_words(s, w, 7) || !known_nurse(s, c, w[0], &i))
		return false;
	struct inrc_nurse *one = &c->nurses[i];

	if (one->past.given)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, w[0])));
	if (!source_number(s, w[1], 0, SOURCE_NUMBER_MOST, &one->past.total) ||
	    !source_number(s, w[2], 0, SOURCE_NUMBER_MOST, &one->past.weekends) ||
	    !(str_eq(w[3], "None") || known_shift(s, c, w[3], &shift)))
		return false;
	bool worked = shift != INRC_NONE;

	one->past.given = true;
	one->past.shift = shift;
	return source_number(s, w[4], worked, worked ? SOURCE_NUMBER_MOST : 0,
			     &one->past.shift_run) &&
	       source_number(s, w[5], worked, worked ? SOURCE_NUMBER_MOST : 0,
			     &one->past.work_run) &&
	       source_number(s, w[6], 0, worked ? 0 : SOURCE_NUMBER_MOST, &one->past.off_run);
}

bool inrc_read_history(struct verify_source *s, struct inrc *c)
{
	struct str w[2];
	int week;

	if (!expect_exactly(s, "HISTORY") || !expect_words(s, w, 2) ||
	    !source_number(s, w[0], 0, 0, &week) || !same_set(s, c, w[1]) ||
	    !expect_exactly(s, "NURSE_HISTORY"))
		return false;
	for (int i = 0; i < c->n_nurses; i++)
		if (!read_past(s, c))
			return false;
	return at_end(s);
}

/* ---- a week ---- */

/* "Early Nurse (1,1) (1,1) (0,1) (1,1) (0,1) (1,1) (1,1)" */
static bool take_demand(struct verify_source *s, struct inrc *c, struct str line)
{
	struct str w[9];
	int shift, skill;

	if (!source_fields(s, line, ' ', w, 9) || !known_shift(s, c, w[0], &shift) ||
	    !known_skill(s, c, w[1], &skill))
		return false;
	for (int d = 0; d < 7; d++)
		if (!take_range(s, w[d + 2],
				&c->demand[inrc_cell(c, c->weeks_given * 7 + d, shift, skill)]))
			return false;
	return true;
}

/* "Andrea Any Tue" */
static bool read_request(struct verify_source *s, struct inrc *c)
{
	struct inrc_request one = {.shift = INRC_NONE};
	struct str w[3];

	if (!expect_words(s, w, 3) || !known_nurse(s, c, w[0], &one.nurse) ||
	    !(str_eq(w[1], "Any") || known_shift(s, c, w[1], &one.shift)) ||
	    !inrc_weekday(s, w[2], &one.day))
		return false;
	one.day += c->weeks_given * 7;
	c->requests[c->n_requests++] = one;
	return true;
}

bool inrc_read_week(struct verify_source *s, struct inrc *c)
{
	int n, lines = c->n_shifts * c->n_skills;
	struct str line;

	if (c->weeks_given == c->weeks)
		return source_refuse(s, TEXT_FILE_WEEKS(c->weeks_given + 1, c->weeks));
	if (!expect_exactly(s, "WEEK_DATA") || !source_expect(s, &line) || !same_set(s, c, line) ||
	    !expect_exactly(s, "REQUIREMENTS"))
		return false;
	for (int i = 0; i < lines; i++)
		if (!source_expect(s, &line) || !take_demand(s, c, line))
			return false;
	if (!expect_count(s, "SHIFT_OFF_REQUESTS", 0, 7 * c->n_nurses * (c->n_shifts + 1), &n))
		return false;
	for (int i = 0; i < n; i++)
		if (!read_request(s, c))
			return false;
	c->weeks_given++;
	return at_end(s);
}

/* ---- the roster ---- */

const char *inrc_day_name(struct verify *v, int day)
{
	static const char *const NAMES[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	return arena_printf(v->arena, "%d %s", day / 7, NAMES[day % 7]);
}

/* "Patrick Mon Night Nurse" */
static bool read_assignment(struct verify_source *s, struct inrc *c, int week)
{
	int i, day, shift, skill;
	struct str w[4];

	if (!expect_words(s, w, 4) || !known_nurse(s, c, w[0], &i) ||
	    !inrc_weekday(s, w[1], &day) || !known_shift(s, c, w[2], &shift) ||
	    !known_skill(s, c, w[3], &skill))
		return false;
	struct inrc_nurse *one = &c->nurses[i];
	const char *who = source_print(s->v, w[0]);

	day += week * 7;
	if (!one->skills[skill])
		verify_break(s->v, who, inrc_day_name(s->v, day),
			     TEXT_RULE_SKILL(source_print(s->v, w[3])));
	if (one->shift[day] != INRC_NONE) {
		verify_break(s->v, who, inrc_day_name(s->v, day), TEXT_RULE_ONE_A_DAY);
		return true;
	}
	one->shift[day] = shift;
	c->have[inrc_cell(c, day, shift, skill)]++;
	return true;
}

static bool read_solution(struct verify_source *s, struct inrc *c)
{
	struct str w[2];
	int week, n;

	if (!expect_words(s, w, 2) || !source_number(s, w[0], 0, c->weeks - 1, &week) ||
	    !same_set(s, c, w[1]))
		return false;
	if (c->week_solved[week])
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, w[0])));
	c->week_solved[week] = true;
	if (!expect_count(s, "ASSIGNMENTS", 0, SOURCE_LINES_MOST, &n))
		return false;
	for (int i = 0; i < n; i++)
		if (!read_assignment(s, c, week))
			return false;
	return true;
}

/* "Cost: 575": what a solver wrote of its own result, which nobody relies on here. */
static bool is_note(struct str line)
{
	static const char *const NAMES[] = {"Viol:", "Cost:", "Time:"};
	struct str w[2];

	if (source_split(line, ' ', w, 2) != 2)
		return false;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (str_eq(w[0], NAMES[i]))
			return true;
	return false;
}

bool inrc_read_roster(struct verify_source *s, struct inrc *c)
{
	struct str line;

	while (source_line(s, &line)) {
		if (!line.n || is_note(line))
			continue;
		if (!str_eq(line, "SOLUTION"))
			return source_refuse(s, TEXT_FILE_UNKNOWN(source_print(s->v, line)));
		if (!read_solution(s, c))
			return false;
	}
	return true;
}
