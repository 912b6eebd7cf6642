#include "verify_curtois.h"

#include "roster_verify_texts.h"

static void *room(struct verify_source *s, int n, size_t size)
{
	return arena_alloc(s->v->arena, (size_t)(n ? n : 1) * size);
}

/* ---- the instance ---- */

static bool take_horizon(struct verify_source *s, void *into, struct str line)
{
	struct curtois *c = into;

	if (c->days)
		return source_refuse(s, TEXT_FILE_TWICE("SECTION_HORIZON"));
	return source_number(s, line, 1, CURTOIS_DAYS_MOST, &c->days);
}

static bool take_shift(struct verify_source *s, void *into, struct str line)
{
	struct curtois *c = into;
	struct str f[3];
	struct curtois_shift one = {.line = s->line};

	if (!source_fields(s, line, ',', f, 3) || !source_name(s, f[0]) ||
	    !source_number(s, f[1], 1, 1440, &one.minutes))
		return false;
	one.name = f[0];
	one.not_next_names = f[2];
	if (str_eq(one.name, "-") || name_index(c->shifts, sizeof(one), c->n_shifts, one.name) >= 0)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, one.name)));
	if (c->n_shifts == CURTOIS_SHIFTS_MOST)
		return source_refuse(s, TEXT_FILE_TOO_MANY(CURTOIS_SHIFTS_MOST));
	c->shifts[c->n_shifts++] = one;
	return true;
}

/* Shifts may name later ones, so names are looked up when all are there. */
static bool close_shifts(struct verify_source *s, void *into)
{
	struct curtois *c = into;
	struct str names[CURTOIS_SHIFTS_MOST];

	for (int i = 0; i < c->n_shifts; i++) {
		struct curtois_shift *one = &c->shifts[i];
		struct verify_source at = *s;
		size_t n = one->not_next_names.n ? source_split(one->not_next_names, '|', names,
								CURTOIS_SHIFTS_MOST)
						 : 0;

		at.line = one->line;
		one->not_next = room(s, c->n_shifts, sizeof(bool));
		if (n > CURTOIS_SHIFTS_MOST)
			return source_refuse(&at, TEXT_FILE_TOO_MANY(CURTOIS_SHIFTS_MOST));
		for (size_t j = 0; j < n; j++) {
			int next;
			if (!source_known(&at, c->shifts, sizeof(*one), c->n_shifts, names[j],
					  &next))
				return false;
			one->not_next[next] = true;
		}
	}
	return true;
}

/* "E=14|L=0": every shift once. */
static bool take_limits(struct verify_source *s, const struct curtois *c, struct str text,
			int *most)
{
	struct str parts[CURTOIS_SHIFTS_MOST], pair[2];

	for (int i = 0; i < c->n_shifts; i++)
		most[i] = -1;
	if (!source_fields(s, text, '|', parts, (size_t)c->n_shifts))
		return false;
	for (int i = 0; i < c->n_shifts; i++) {
		int shift;
		if (!source_fields(s, parts[i], '=', pair, 2) ||
		    !source_known(s, c->shifts, sizeof(*c->shifts), c->n_shifts, pair[0], &shift))
			return false;
		if (most[shift] >= 0)
			return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, pair[0])));
		if (!source_number(s, pair[1], 0, SOURCE_NUMBER_MOST, &most[shift]))
			return false;
	}
	return true;
}

static bool take_person(struct verify_source *s, void *into, struct str line)
{
	struct curtois *c = into;
	struct str f[8];
	struct curtois_person one = {.most = room(s, c->n_shifts, sizeof(int)),
				     .off = room(s, c->days, sizeof(bool))};
	int *const numbers[] = {&one.max_minutes, &one.min_minutes, &one.max_run,
				&one.min_run,	  &one.min_off,	    &one.max_weekends};

	if (!source_fields(s, line, ',', f, 8) || !source_name(s, f[0]) ||
	    !take_limits(s, c, f[1], one.most))
		return false;
	for (size_t i = 0; i < 6; i++)
		if (!source_number(s, f[i + 2], 0, SOURCE_NUMBER_MOST, numbers[i]))
			return false;
	one.name = f[0];
	if (name_index(c->people, sizeof(one), c->n_people, one.name) >= 0)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, one.name)));
	if (c->n_people == CURTOIS_PEOPLE_MOST)
		return source_refuse(s, TEXT_FILE_TOO_MANY(CURTOIS_PEOPLE_MOST));
	c->people[c->n_people++] = one;
	return true;
}

static bool known_person(struct verify_source *s, const struct curtois *c, struct str name,
			 int *out)
{
	return source_known(s, c->people, sizeof(*c->people), c->n_people, name, out);
}

static bool known_shift(struct verify_source *s, const struct curtois *c, struct str name, int *out)
{
	return source_known(s, c->shifts, sizeof(*c->shifts), c->n_shifts, name, out);
}

static bool take_days_off(struct verify_source *s, void *into, struct str line)
{
	struct curtois *c = into;
	struct str f[CURTOIS_DAYS_MOST + 1];
	size_t n = source_split(line, ',', f, CURTOIS_DAYS_MOST + 1);
	int person, day;

	if (n < 2 || n > CURTOIS_DAYS_MOST + 1)
		return source_refuse(s, TEXT_FILE_FIELDS(2));
	if (!known_person(s, c, f[0], &person))
		return false;
	for (size_t i = 1; i < n; i++) {
		if (!source_number(s, f[i], 0, c->days - 1, &day))
			return false;
		c->people[person].off[day] = true;
	}
	return true;
}

static bool take_request(struct verify_source *s, struct curtois *c, struct str line, bool on)
{
	struct curtois_request one = {.on = on};
	struct str f[4];

	if (!source_fields(s, line, ',', f, 4) || !known_person(s, c, f[0], &one.person) ||
	    !source_number(s, f[1], 0, c->days - 1, &one.day) ||
	    !known_shift(s, c, f[2], &one.shift) ||
	    !source_number(s, f[3], 0, SOURCE_NUMBER_MOST, &one.weight))
		return false;
	c->requests[c->n_requests++] = one;
	return true;
}

static bool take_on(struct verify_source *s, void *into, struct str line)
{
	return take_request(s, into, line, true);
}

static bool take_off(struct verify_source *s, void *into, struct str line)
{
	return take_request(s, into, line, false);
}

static bool take_cover(struct verify_source *s, void *into, struct str line)
{
	struct curtois *c = into;
	struct curtois_cover one;
	struct str f[5];

	if (!source_fields(s, line, ',', f, 5) ||
	    !source_number(s, f[0], 0, c->days - 1, &one.day) ||
	    !known_shift(s, c, f[1], &one.shift) ||
	    !source_number(s, f[2], 0, SOURCE_NUMBER_MOST, &one.wanted) ||
	    !source_number(s, f[3], 0, SOURCE_NUMBER_MOST, &one.under) ||
	    !source_number(s, f[4], 0, SOURCE_NUMBER_MOST, &one.over))
		return false;
	c->covers[c->n_covers++] = one;
	return true;
}

bool curtois_read(struct verify_source *s, struct curtois *c)
{
	static const struct section SECTIONS[] = {
		{"SECTION_HORIZON", true, take_horizon, NULL},
		{"SECTION_SHIFTS", true, take_shift, close_shifts},
		{"SECTION_STAFF", true, take_person, NULL},
		{"SECTION_DAYS_OFF", false, take_days_off, NULL},
		{"SECTION_SHIFT_ON_REQUESTS", false, take_on, NULL},
		{"SECTION_SHIFT_OFF_REQUESTS", false, take_off, NULL},
		{"SECTION_COVER", true, take_cover, NULL},
		{.name = NULL},
	};

	*c = (struct curtois){0};
	c->shifts = room(s, CURTOIS_SHIFTS_MOST, sizeof(*c->shifts));
	c->people = room(s, CURTOIS_PEOPLE_MOST, sizeof(*c->people));
	c->requests = room(s, s->lines, sizeof(*c->requests));
	c->covers = room(s, s->lines, sizeof(*c->covers));
	return section_read(s, SECTIONS, c);
}

/* ---- the roster: a line for each employee, a field for each day ---- */

static bool take_days(struct verify_source *s, const struct curtois *c, const struct str *f,
		      int *shift)
{
	for (int d = 0; d < c->days; d++) {
		if (str_eq(f[d], "-"))
			shift[d] = CURTOIS_OFF;
		else if (!known_shift(s, c, f[d], &shift[d]))
			return false;
	}
	return true;
}

static bool take_row(struct verify_source *s, struct curtois *c, struct str line)
{
	struct str f[CURTOIS_DAYS_MOST + 1];
	int person, *shift = room(s, c->days, sizeof(int));

	if (!source_fields(s, line, '\t', f, (size_t)c->days + 1) ||
	    !known_person(s, c, f[0], &person))
		return false;
	if (c->people[person].shift)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, f[0])));
	c->people[person].shift = shift;
	return take_days(s, c, f + 1, shift);
}

bool curtois_read_roster(struct verify *v, const char *file, struct curtois *c)
{
	struct verify_source s;
	struct str line;

	if (!source_open(v, file, &s))
		return false;
	while (source_line(&s, &line))
		if (line.n && !take_row(&s, c, line))
			return false;
	for (int i = 0; i < c->n_people; i++)
		if (!c->people[i].shift)
			return verify_refuse(v, file, 0,
					     TEXT_FILE_NO_ROW(source_print(v, c->people[i].name)));
	return true;
}

bool verify_curtois(struct verify_source *instance, const char *roster)
{
	struct curtois c;

	if (!curtois_read(instance, &c) || !curtois_read_roster(instance->v, roster, &c))
		return false;
	curtois_judge(instance->v, &c);
	return true;
}
