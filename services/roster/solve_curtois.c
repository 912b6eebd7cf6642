#include "solve_curtois.h"
#include <stdlib.h>
#include <string.h>

enum { MINUTES_MOST = 1 << 24, WEIGHT_MOST = 1000000 };

enum section {
	HORIZON,
	SHIFTS,
	STAFF,
	DAYS_OFF,
	SHIFT_ON,
	SHIFT_OFF,
	COVER,
	SECTIONS,
	NONE = SECTIONS
};

static const char *const SECTION[SECTIONS] = {
	"SECTION_HORIZON",
	"SECTION_SHIFTS",
	"SECTION_STAFF",
	"SECTION_DAYS_OFF",
	"SECTION_SHIFT_ON_REQUESTS",
	"SECTION_SHIFT_OFF_REQUESTS",
	"SECTION_COVER",
};

/* The file is gone through twice: sizes first, then the rows into the model. */
struct reader {
	struct roster_text *t;
	struct roster_model *m;	 /* NULL the first time */
	int days, shifts, staff; /* counted the first time; rows read so far the second */
	unsigned seen;		 /* sections, as bits */
};

static int act_of(const struct roster_model *m, const char *name)
{
	for (int k = 1; k < m->acts; k++)
		if (!strcmp(m->act[k].name, name))
			return k;
	return 0;
}

static int person_of(const struct roster_model *m, const char *name)
{
	for (int e = 0; e < m->people; e++)
		if (!strcmp(m->person[e].name, name))
			return e;
	return -1;
}

static bool fields_are(struct reader *r, int n)
{
	return r->t->fields == n ? true
				 : roster_text_fault(r->t, &TEXT_DEF_SOLVE_FIELDS, r->t->row);
}

static bool read_act(struct reader *r, const char *name, int *act)
{
	*act = act_of(r->m, name);
	return *act ? true : roster_text_fault(r->t, &TEXT_DEF_SOLVE_NO_SHIFT, name);
}

static bool read_person(struct reader *r, const char *name, struct roster_person **p)
{
	int e = person_of(r->m, name);

	if (e < 0)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_NO_PERSON, name);
	*p = &r->m->person[e];
	return true;
}

static bool read_day(struct reader *r, const char *text, int *day)
{
	return roster_text_number(r->t, text, 0, r->days - 1, day);
}

static bool row_horizon(struct reader *r)
{
	if (!r->m && r->days)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_TWICE, r->t->row);
	return fields_are(r, 1) &&
	       roster_text_number(r->t, r->t->field[0], 1, ROSTER_DAYS, &r->days);
}

/* Successors may be named before their own row: looked up in the second pass over the names. */
static bool row_shift(struct reader *r)
{
	if (!fields_are(r, 3))
		return false;
	if (++r->shifts >= ROSTER_ACTS)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_MANY, r->t->row);
	if (!r->m)
		return true;

	struct roster_act *act = &r->m->act[r->shifts];
	if (act_of(r->m, r->t->field[0]))
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_TWICE, r->t->field[0]);
	act->kind = r->shifts;
	return roster_text_id(r->t, r->t->field[0], act->name, sizeof(act->name)) &&
	       roster_text_number(r->t, r->t->field[1], 1, 1440, &act->minutes);
}

static bool read_bans(struct reader *r, uint64_t *not_after, char *list)
{
	for (char *name = list, *next; name && *name; name = next) {
		int other;
		next = strchr(name, '|');
		if (next)
			*next++ = 0;
		if (!read_act(r, name, &other))
			return false;
		*not_after |= 1ULL << other;
	}
	return true;
}

static bool row_bans(struct reader *r)
{
	return fields_are(r, 3) &&
	       read_bans(r, &r->m->not_after[act_of(r->m, r->t->field[0])], r->t->field[2]);
}

static bool read_limits(struct reader *r, struct roster_person *p, char *list)
{
	for (char *item = list, *next; item && *item; item = next) {
		char *equals = strchr(item, '=');
		int act;
		next = strchr(item, '|');
		if (next)
			*next++ = 0;
		if (!equals || (next && equals > next))
			return roster_text_fault(r->t, &TEXT_DEF_SOLVE_LIMIT, item);
		*equals = 0;
		if (!read_act(r, item, &act) ||
		    !roster_text_number(r->t, equals + 1, 0, MINUTES_MOST, &p->most[act]))
			return false;
		for (int d = 0; !p->most[act] && d < r->days; d++)
			p->may[d] &= ~(1ULL << act);
	}
	return true;
}

static bool row_person(struct reader *r)
{
	char **f = r->t->field;

	if (!fields_are(r, 8))
		return false;
	if (++r->staff > ROSTER_PEOPLE)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_MANY, r->t->row);
	if (!r->m)
		return true;

	struct roster_person *p = &r->m->person[r->staff - 1];
	if (person_of(r->m, f[0]) >= 0)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_TWICE, f[0]);
	p->total_price = p->weekend_price = p->work.price = p->off.price =
		(struct roster_price){0, true};
	return roster_text_id(r->t, f[0], p->name, sizeof(p->name)) && read_limits(r, p, f[1]) &&
	       roster_text_number(r->t, f[2], 0, MINUTES_MOST, &p->most_total) &&
	       roster_text_number(r->t, f[3], 0, MINUTES_MOST, &p->least_total) &&
	       roster_text_number(r->t, f[4], 0, ROSTER_DAYS, &p->work.max) &&
	       roster_text_number(r->t, f[5], 0, ROSTER_DAYS, &p->work.min) &&
	       roster_text_number(r->t, f[6], 0, ROSTER_DAYS, &p->off.min) &&
	       roster_text_number(r->t, f[7], 0, ROSTER_DAYS, &p->most_weekends);
}

static bool row_days_off(struct reader *r)
{
	struct roster_person *p = NULL;
	int day;

	if (r->t->fields < 2)
		return fields_are(r, 2);
	if (!read_person(r, r->t->field[0], &p))
		return false;
	for (int i = 1; i < r->t->fields; i++) {
		if (!read_day(r, r->t->field[i], &day))
			return false;
		p->may[day] = 1;
	}
	return true;
}

static bool read_wish(struct reader *r, struct roster_person **p, int *day, int *act, int *weight)
{
	char **f = r->t->field;

	return fields_are(r, 4) && read_person(r, f[0], p) && read_day(r, f[1], day) &&
	       read_act(r, f[2], act) && roster_text_number(r->t, f[3], 0, WEIGHT_MOST, weight);
}

static bool row_shift_on(struct reader *r)
{
	struct roster_person *p = NULL;
	int day, act, weight;

	if (!read_wish(r, &p, &day, &act, &weight))
		return false;
	for (int k = 0; k < r->m->acts; k++)
		if (k != act)
			p->want[day * r->m->acts + k] += weight;
	return true;
}

static bool row_shift_off(struct reader *r)
{
	struct roster_person *p = NULL;
	int day, act, weight;

	if (!read_wish(r, &p, &day, &act, &weight))
		return false;
	p->want[day * r->m->acts + act] += weight;
	return true;
}

static bool row_cover(struct reader *r)
{
	char **f = r->t->field;
	int day, act, heads, under, over;

	if (!fields_are(r, 5) || !read_day(r, f[0], &day) || !read_act(r, f[1], &act) ||
	    !roster_text_number(r->t, f[2], 0, ROSTER_PEOPLE, &heads) ||
	    !roster_text_number(r->t, f[3], 0, WEIGHT_MOST, &under) ||
	    !roster_text_number(r->t, f[4], 0, WEIGHT_MOST, &over))
		return false;

	struct roster_cover *c = roster_cover_at(r->m, day, act);
	if (c->under || c->over)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_TWICE, r->t->row);
	*c = (struct roster_cover){.low = heads, .high = heads, .under = under, .over = over};
	return true;
}

typedef bool row_reader(struct reader *r);

static bool section_begins(struct reader *r, enum section *section)
{
	for (int s = 0; s < SECTIONS; s++)
		if (!strcmp(r->t->row, SECTION[s])) {
			*section = (enum section)s;
			if (r->seen >> s & 1)
				return roster_text_fault(r->t, &TEXT_DEF_SOLVE_TWICE, SECTION[s]);
			r->seen |= 1U << s;
			return true;
		}
	return roster_text_fault(r->t, &TEXT_DEF_SOLVE_NO_SECTION, r->t->row);
}

/* One pass over the file; rows of sections without a reader are passed over. */
static bool pass(struct reader *r, row_reader *const rows[SECTIONS])
{
	enum section section = NONE;

	r->t->at = 0;
	r->t->line = 0;
	r->shifts = r->staff = 0;
	r->seen = 0;
	while (roster_text_next(r->t)) {
		bool fine = true;
		if (r->t->row[0] == '#')
			continue;
		if (!r->t->row[0])
			section = NONE;
		else if (section == NONE)
			fine = section_begins(r, &section);
		else if (rows[section])
			fine = roster_text_split(r->t, ',') && rows[section](r);
		if (!fine)
			return false;
	}
	return !r->t->fault[0];
}

static bool whole(struct reader *r)
{
	for (int s = 0; s < SECTIONS; s++)
		if (!(r->seen >> s & 1) && s != DAYS_OFF && s != SHIFT_ON && s != SHIFT_OFF)
			return roster_text_fault(r->t, &TEXT_DEF_SOLVE_MISSING, SECTION[s]);
	if (!r->days || !r->shifts || !r->staff)
		return roster_text_fault(r->t, &TEXT_DEF_SOLVE_MISSING,
					 SECTION[r->shifts ? STAFF : SHIFTS]);
	return true;
}

/* Totals are broken by the shortest shift. */
static void unit_set(struct roster_model *m)
{
	m->total_unit = m->act[1].minutes;
	for (int k = 2; k < m->acts; k++)
		if (m->act[k].minutes < m->total_unit)
			m->total_unit = m->act[k].minutes;
}

/* Names of shifts, then all that speaks of them, since they may be named before their rows. */
static bool fill(struct reader *r)
{
	row_reader *const names[SECTIONS] = {[SHIFTS] = row_shift};
	row_reader *const bans[SECTIONS] = {[SHIFTS] = row_bans};
	row_reader *const staff[SECTIONS] = {[STAFF] = row_person};
	row_reader *const rest[SECTIONS] = {
		[DAYS_OFF] = row_days_off,
		[SHIFT_ON] = row_shift_on,
		[SHIFT_OFF] = row_shift_off,
		[COVER] = row_cover,
	};

	if (!pass(r, names) || !pass(r, bans) || !pass(r, staff) || !pass(r, rest))
		return false;
	unit_set(r->m);
	return true;
}

struct roster_model *roster_curtois_read(struct roster_text *t)
{
	struct reader r = {.t = t};
	row_reader *const sizes[SECTIONS] = {
		[HORIZON] = row_horizon, [SHIFTS] = row_shift, [STAFF] = row_person};

	if (!pass(&r, sizes) || !whole(&r))
		return NULL;
	r.m = roster_model_new(r.days, r.staff, r.shifts + 1);
	if (!r.m) {
		roster_text_fault(t, &TEXT_DEF_SOLVE_MEMORY, "");
		return NULL;
	}
	if (fill(&r))
		return r.m;
	roster_model_free(r.m);
	return NULL;
}

void roster_curtois_write(const struct roster_model *m, const uint8_t *plan, FILE *out)
{
	for (int e = 0; e < m->people; e++) {
		fputs(m->person[e].name, out);
		for (int d = 0; d < m->days; d++) {
			int act = plan[e * m->days + d];
			fprintf(out, "\t%s", act == ROSTER_OFF ? "-" : m->act[act].name);
		}
		fputc('\n', out);
	}
}

static bool plan_row(struct roster_text *t, const struct roster_model *m, uint8_t *plan, bool *had)
{
	if (!roster_text_split(t, '\t') || t->fields != m->days + 1)
		return roster_text_fault(t, &TEXT_DEF_SOLVE_FIELDS, t->row);

	int e = person_of(m, t->field[0]);
	if (e < 0 || had[e])
		return roster_text_fault(
			t, e < 0 ? &TEXT_DEF_SOLVE_NO_PERSON : &TEXT_DEF_SOLVE_TWICE, t->field[0]);
	had[e] = true;
	for (int d = 0; d < m->days; d++) {
		int act = act_of(m, t->field[d + 1]);
		if (!act && strcmp(t->field[d + 1], "-") != 0)
			return roster_text_fault(t, &TEXT_DEF_SOLVE_NO_SHIFT, t->field[d + 1]);
		plan[e * m->days + d] = (uint8_t)act;
	}
	return true;
}

bool roster_curtois_plan(struct roster_text *t, const struct roster_model *m, uint8_t *plan)
{
	bool had[ROSTER_PEOPLE] = {false};

	while (roster_text_next(t))
		if (t->row[0] && t->row[0] != '#' && !plan_row(t, m, plan, had))
			return false;
	for (int e = 0; e < m->people && !t->fault[0]; e++)
		if (!had[e])
			return roster_text_fault(t, &TEXT_DEF_SOLVE_MISSING, m->person[e].name);
	return !t->fault[0];
}
