#include "verify_retail.h"

#include "roster_verify_texts.h"

static bool take_horizon(struct verify_source *s, void *into, struct str line)
{
	struct retail *r = into;

	if (r->days)
		return source_refuse(s, TEXT_FILE_TWICE("SECTION_HORIZON"));
	return source_number(s, line, 1, RETAIL_DAYS_MOST, &r->days);
}

static bool take_tasks(struct verify_source *s, void *into, struct str line)
{
	struct retail *r = into;
	size_t cells = (size_t)retail_steps(r) * RETAIL_TASKS_MOST;

	if (r->tasks)
		return source_refuse(s, TEXT_FILE_TWICE("SECTION_TASKS"));
	r->least = arena_alloc(s->v->arena, cells * sizeof(int));
	r->most = arena_alloc(s->v->arena, cells * sizeof(int));
	r->given = arena_alloc(s->v->arena, cells * sizeof(bool));
	return source_number(s, line, 1, RETAIL_TASKS_MOST, &r->tasks);
}

static bool take_person(struct verify_source *s, void *into, struct str line)
{
	struct retail *r = into;
	struct retail_person one = {0};
	struct str f[3];

	if (!source_fields(s, line, ',', f, 3) || !source_name(s, f[0]) ||
	    !source_number(s, f[1], 0, SOURCE_NUMBER_MOST, &one.min_minutes) ||
	    !source_number(s, f[2], 0, SOURCE_NUMBER_MOST, &one.max_minutes))
		return false;
	one.name = f[0];
	if (name_index(r->people, sizeof(one), r->n_people, one.name) >= 0)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, one.name)));
	if (r->n_people == RETAIL_PEOPLE_MOST)
		return source_refuse(s, TEXT_FILE_TOO_MANY(RETAIL_PEOPLE_MOST));
	r->people[r->n_people++] = one;
	return true;
}

bool retail_clock(const struct verify_source *s, struct str text, int *out)
{
	struct str f[2];
	int hour, minute;

	if (source_split(text, ':', f, 2) != 2 || f[0].n != 2 || f[1].n != 2)
		return source_refuse(s, TEXT_FILE_CLOCK(source_print(s->v, text)));
	if (!source_number(s, f[0], 0, 23, &hour) || !source_number(s, f[1], 0, 59, &minute))
		return false;
	*out = hour * 60 + minute;
	return true;
}

/* "06:00-06:15" of a day from 1: the quarter hour since the opening. */
static bool take_step(struct verify_source *s, const struct retail *r, int day, struct str text,
		      int *out)
{
	struct str f[2];
	int from, until, step;

	if (!source_fields(s, text, '-', f, 2) || !retail_clock(s, f[0], &from) ||
	    !retail_clock(s, f[1], &until))
		return false;
	if (from % RETAIL_STEP_MIN || until != (from + RETAIL_STEP_MIN) % (24 * 60))
		return source_refuse(s, TEXT_FILE_CLOCK(source_print(s->v, text)));
	step = ((day - 1) * 24 * 60 + from - RETAIL_OPENS_MIN) / RETAIL_STEP_MIN;
	if ((day == 1 && from < RETAIL_OPENS_MIN) || step >= retail_steps(r))
		return source_refuse(s, TEXT_FILE_OUTSIDE(source_print(s->v, text)));
	*out = step;
	return true;
}

static bool take_cover(struct verify_source *s, void *into, struct str line)
{
	struct retail *r = into;
	int day, task, step, least, most;
	struct str f[5];

	if (!source_fields(s, line, ',', f, 5) || !source_number(s, f[0], 1, r->days + 1, &day) ||
	    !take_step(s, r, day, f[1], &step) || !source_number(s, f[2], 1, r->tasks, &task) ||
	    !source_number(s, f[3], 0, SOURCE_NUMBER_MOST, &least) ||
	    !source_number(s, f[4], 0, SOURCE_NUMBER_MOST, &most))
		return false;
	int cell = step * r->tasks + task - 1;

	if (r->given[cell])
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, f[1])));
	r->given[cell] = true;
	r->least[cell] = least;
	r->most[cell] = most;
	return true;
}

bool retail_read(struct verify_source *s, struct retail *r)
{
	static const struct section SECTIONS[] = {
		{"SECTION_HORIZON", true, take_horizon, NULL},
		{"SECTION_TASKS", true, take_tasks, NULL},
		{"SECTION_STAFF", true, take_person, NULL},
		{"SECTION_COVER", true, take_cover, NULL},
		{.name = NULL},
	};

	*r = (struct retail){0};
	r->people = arena_alloc(s->v->arena, RETAIL_PEOPLE_MOST * sizeof(*r->people));
	return section_read(s, SECTIONS, r);
}

bool verify_retail(struct verify_source *instance, const char *roster)
{
	struct retail r;

	if (!retail_read(instance, &r) || !retail_read_roster(instance->v, roster, &r))
		return false;
	retail_judge(instance->v, &r);
	return true;
}
