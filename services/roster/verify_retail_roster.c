/* The form of the published solutions: Solution > Employee ID > Shift > Day, Start, Task WorkLength
 * > ID, Length. */
#include "verify_retail.h"

#include <stdlib.h>

#include "roster_verify_texts.h"
#include "verify_xml.h"

struct reading {
	struct xml x;
	struct retail *r;
	struct retail_person *person;
	struct retail_shift *shift;
	struct retail_stretch **end;
	struct retail_stretch *stretch;
	bool has[2]; /* what an element must have once */
	int day, clock_min;
};

/* Everything inside of the element just opened, one by one. */
static bool each_inside(struct reading *rd, bool (*take)(struct reading *rd, struct str name))
{
	struct str outer = rd->x.name;

	for (;;) {
		if (!xml_next(&rd->x))
			return false;
		if (rd->x.kind == XML_CLOSE && rd->x.name.n == outer.n &&
		    memcmp(rd->x.name.p, outer.p, outer.n) == 0)
			return true;
		if (rd->x.kind != XML_OPEN)
			return source_refuse(&rd->x.source, TEXT_FILE_XML);
		if (!take(rd, rd->x.name))
			return false;
	}
}

static bool refuse_element(struct reading *rd, struct str name)
{
	return source_refuse(&rd->x.source, TEXT_FILE_UNKNOWN(source_print(rd->x.source.v, name)));
}

static bool once(struct reading *rd, int which, const char *name)
{
	if (rd->has[which])
		return source_refuse(&rd->x.source, TEXT_FILE_TWICE(name));
	return rd->has[which] = true;
}

static bool both(struct reading *rd, const char *first, const char *second)
{
	for (int i = 0; i < 2; i++)
		if (!rd->has[i])
			return source_refuse(&rd->x.source, TEXT_FILE_MISSING(i ? second : first));
	return true;
}

static bool take_task_part(struct reading *rd, struct str name)
{
	struct verify_source *s = &rd->x.source;
	struct str text;

	if (str_eq(name, "ID"))
		return once(rd, 0, "ID") && xml_plain(&rd->x, &text) &&
		       source_number(s, text, 1, rd->r->tasks, &rd->stretch->task);
	if (str_eq(name, "Length"))
		return once(rd, 1, "Length") && xml_plain(&rd->x, &text) &&
		       source_number(s, text, 1, SOURCE_NUMBER_MOST, &rd->stretch->minutes);
	return refuse_element(rd, name);
}

static bool take_task(struct reading *rd)
{
	struct str text;
	int work = -1;
	bool outer[2] = {rd->has[0], rd->has[1]};

	if (xml_take_attribute(&rd->x, "WorkLength", &text) &&
	    !source_number(&rd->x.source, text, 1, SOURCE_NUMBER_MOST, &work))
		return false;
	rd->stretch = arena_alloc(rd->x.source.v->arena, sizeof(*rd->stretch));
	rd->has[0] = rd->has[1] = false;
	if (!each_inside(rd, take_task_part) || !both(rd, "ID", "Length"))
		return false;
	if (work >= 0 && work != rd->stretch->minutes)
		return source_refuse(&rd->x.source,
				     TEXT_FILE_WORK_LENGTH(work, rd->stretch->minutes));
	rd->has[0] = outer[0];
	rd->has[1] = outer[1];
	rd->stretch->task--;
	rd->shift->minutes += rd->stretch->minutes;
	*rd->end = rd->stretch;
	rd->end = &rd->stretch->next;
	return rd->shift->minutes <= SOURCE_NUMBER_MOST ||
	       source_refuse(&rd->x.source, TEXT_FILE_TOO_MANY(SOURCE_NUMBER_MOST));
}

/* HH:MM:00 */
static bool take_start(struct reading *rd, struct str text)
{
	struct str head = {text.p, text.n >= 3 ? text.n - 3 : 0};

	if (text.n != 8 || memcmp(text.p + 5, ":00", 3) != 0)
		return source_refuse(&rd->x.source,
				     TEXT_FILE_CLOCK(source_print(rd->x.source.v, text)));
	return retail_clock(&rd->x.source, head, &rd->clock_min);
}

static bool take_shift_part(struct reading *rd, struct str name)
{
	struct str text;

	if (str_eq(name, "Day"))
		return once(rd, 0, "Day") && xml_plain(&rd->x, &text) &&
		       source_number(&rd->x.source, text, 0, rd->r->days, &rd->day);
	if (str_eq(name, "Start"))
		return once(rd, 1, "Start") && xml_plain(&rd->x, &text) && take_start(rd, text);
	return str_eq(name, "Task") ? take_task(rd) : refuse_element(rd, name);
}

static bool take_shift(struct reading *rd, struct str name)
{
	struct retail_person *p = rd->person;

	if (!str_eq(name, "Shift"))
		return refuse_element(rd, name);
	if (p->n_shifts == 2 * RETAIL_DAYS_MOST)
		return source_refuse(&rd->x.source, TEXT_FILE_TOO_MANY(2 * RETAIL_DAYS_MOST));
	rd->shift = &p->shifts[p->n_shifts++];
	rd->end = &rd->shift->stretches;
	rd->has[0] = rd->has[1] = false;
	if (!each_inside(rd, take_shift_part) || !both(rd, "Day", "Start"))
		return false;
	if (!rd->shift->stretches)
		return source_refuse(&rd->x.source, TEXT_FILE_MISSING("Task"));
	rd->shift->start_min = rd->day * 24 * 60 + rd->clock_min;
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct retail_shift *x = a, *y = b;

	return (x->start_min > y->start_min) - (x->start_min < y->start_min);
}

static bool take_employee(struct reading *rd)
{
	struct verify_source *s = &rd->x.source;
	struct str id;
	int i;

	if (!xml_take_attribute(&rd->x, "ID", &id))
		return source_refuse(s, TEXT_FILE_MISSING("ID"));
	if (!source_known(s, rd->r->people, sizeof(*rd->person), rd->r->n_people, id, &i))
		return false;
	rd->person = &rd->r->people[i];
	if (rd->person->named)
		return source_refuse(s, TEXT_FILE_TWICE(source_print(s->v, id)));
	rd->person->named = true;
	rd->person->shifts = arena_alloc(s->v->arena, 2 * RETAIL_DAYS_MOST * sizeof(*rd->shift));
	if (!each_inside(rd, take_shift))
		return false;
	qsort(rd->person->shifts, (size_t)rd->person->n_shifts, sizeof(*rd->shift), by_start);
	return true;
}

static bool take_part(struct reading *rd, struct str name)
{
	static const char *const NOTES[] = {"ProblemFile", "Penalty", "TimeStamp", "Author",
					    "Reference",   "Machine", "SolveTime"};
	struct str text;

	if (str_eq(name, "Employee"))
		return take_employee(rd);
	for (size_t i = 0; i < sizeof(NOTES) / sizeof(NOTES[0]); i++)
		if (str_eq(name, NOTES[i]))
			return xml_plain(&rd->x, &text);
	return refuse_element(rd, name);
}

bool retail_read_roster(struct verify *v, const char *file, struct retail *r)
{
	struct reading rd = {.r = r};

	if (!xml_open(v, file, &rd.x) || !xml_next(&rd.x))
		return false;
	if (rd.x.kind != XML_OPEN || !str_eq(rd.x.name, "Solution"))
		return source_refuse(&rd.x.source, TEXT_FILE_MISSING("Solution"));
	if (!each_inside(&rd, take_part) || !xml_next(&rd.x))
		return false;
	return rd.x.kind == XML_END || source_refuse(&rd.x.source, TEXT_FILE_XML);
}
