/* The figures of a day: rows of law, and in their place the conventions that a document sets. */
#include <string.h>

#include "lawful_judge.h"
#include "lawful_texts.h"

static const struct item {
	const char *name;
	enum law_scheme scheme;
	int value;    /* which of the row's */
	int64_t unit; /* of one: an hour's seconds, or 1; hundredths are kept */
	bool convention;
} ITEMS[LIMITS] = {
	[LIMIT_DAY] = {"DAY", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_WEEK] = {"WEEK", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_OVERTIME_USUAL] = {"OVERTIME_USUAL", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_OVERTIME_DAY] = {"WEEKDAY", LAW_OVERTIME_MOST, 0, HOUR_S, false},
	[LIMIT_OVERTIME_MONTH] = {"WEEKDAY", LAW_OVERTIME_MOST, 1, HOUR_S, false},
	[LIMIT_WEEKLY_REST] = {"WEEKLY_REST", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_REST_BETWEEN] = {"REST_BETWEEN", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_HOLIDAY_RUN] = {"HOLIDAY_RUN", LAW_WORK_LIMIT, 0, 1, true},
	[LIMIT_HIRE_AGE] = {"HIRE_AGE", LAW_WORK_LIMIT, 0, 1, false},
	[LIMIT_ADULT_AGE] = {"ADULT_AGE", LAW_WORK_LIMIT, 0, 1, false},
	[LIMIT_NIGHT_FROM] = {"NIGHT_FROM", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_NIGHT_UNTIL] = {"NIGHT_UNTIL", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_MINOR_NIGHT] = {"MINOR_NIGHT", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_MINOR_OVERTIME] = {"MINOR_OVERTIME", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_PREGNANT_WEEKS] = {"PREGNANT_WEEKS", LAW_WORK_LIMIT, 0, 1, false},
	[LIMIT_PREGNANCY_WEEKS] = {"PREGNANCY_WEEKS", LAW_WORK_LIMIT, 0, 1, false},
	[LIMIT_PREGNANT_REST] = {"PREGNANT_REST", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_NURSING_MONTHS] = {"NURSING_MONTHS", LAW_WORK_LIMIT, 0, 1, false},
	[LIMIT_NURSING_BREAK] = {"NURSING_BREAK", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_PART_TIME_DAY] = {"PART_TIME_DAY", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_PART_TIME_WEEK] = {"PART_TIME_WEEK", LAW_WORK_LIMIT, 0, HOUR_S, false},
	[LIMIT_TRAVEL] = {"TRAVEL", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_BREAK_AFTER] = {"BREAK_AFTER", LAW_WORK_LIMIT, 0, HOUR_S, true},
	[LIMIT_BREAK_LEAST] = {"BREAK_LEAST", LAW_WORK_LIMIT, 0, HOUR_S, true},
	/* Working days of eight hours (rules.md 3.3); kept as hundredths of hours. */
	[LIMIT_YEAR_HOURS] = {"DAYS", LAW_CAPACITY, 0, 8 * HOUR_S, false},
	[LIMIT_QUARTER_HOURS] = {"DAYS", LAW_CAPACITY, 1, 8 * HOUR_S, false},
	[LIMIT_MONTH_HOURS] = {"DAYS", LAW_CAPACITY, 2, 8 * HOUR_S, false},
};

/* ---- what a document sets ---- */

/* Digits with at most two behind the point, as hundredths. */
static bool hundredths(const char *s, int64_t *out)
{
	int64_t v = 0;
	int behind = -1;

	for (const char *p = s; *p; p++) {
		if (*p == '.' && behind < 0 && p > s && p[1]) {
			behind = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || (behind >= 0 && ++behind > 2) || v > 100000)
			return false;
		v = v * 10 + (*p - '0');
	}
	for (int i = behind > 0 ? behind : 0; i < 2; i++)
		v *= 10;
	*out = v;
	return *s && v <= 100000;
}

static int item_of(const char *name)
{
	int i = 0;

	while (i < LIMITS && !(ITEMS[i].convention && strcmp(ITEMS[i].name, name) == 0))
		i++;
	return i;
}

static void read_setting(struct judge *j, const struct fact_setting *s)
{
	const char *pointer = arena_printf(j->v->arena, "/settings/%s", s->name);
	int i = item_of(s->name);
	int64_t v;

	if (i == LIMITS)
		fact_refuse(j->v, pointer, TEXT_FACT_SETTING);
	else if (!hundredths(s->value, &v))
		fact_refuse(j->v, pointer, TEXT_FACT_SETTING_VALUE);
	else
		j->settings[i] = v * ITEMS[i].unit / 100;
}

static void read_level(struct judge *j, const struct fact_setting *s)
{
	const char *pointer = arena_printf(j->v->arena, "/levels/%s", s->name);
	enum rule_code rule = rule_of(s->name);
	bool refuse = strcmp(s->value, "REFUSE") == 0, warn = strcmp(s->value, "WARN") == 0;

	if (rule == RULES)
		fact_refuse(j->v, pointer, TEXT_FORM_UNKNOWN);
	else if (!refuse && !(warn && (LAWFUL_RULES[rule].convention ||
				       LAWFUL_RULES[rule].level == LAWFUL_WARN)))
		fact_refuse(j->v, pointer, TEXT_FACT_LEVEL);
	else
		j->levels[rule] = refuse ? LAWFUL_REFUSE : LAWFUL_WARN;
}

static void read_settings(struct judge *j)
{
	for (int i = 0; i < LIMITS; i++)
		j->settings[i] = -1;
	for (int i = 0; i < RULES; i++)
		j->levels[i] = LAWFUL_RULES[i].level;
	for (size_t i = 0; i < j->r->settings.n; i++)
		read_setting(j, &j->r->settings.list[i]);
	for (size_t i = 0; i < j->r->levels.n; i++)
		read_level(j, &j->r->levels.list[i]);
}

/* ---- figures by day ---- */

/* Before the Holiday Regulation of 2024 no run of days was too long; all else must have a row. */
static bool no_row(const struct judge *j, civil_day day, int i, struct limits *out)
{
	out->of[i] = j->settings[i] >= 0 ? j->settings[i] : INT64_MAX;
	out->until = day + 1; /* the next may have one */
	return i == LIMIT_HOLIDAY_RUN;
}

static bool take(struct judge *j, civil_day day, int i, struct limits *out)
{
	const struct item *it = &ITEMS[i];
	const struct law_row *row = law_find(j->v->law, it->scheme, LAW_NATIONAL, it->name, day);

	if (!row)
		return no_row(j, day, i, out);
	out->of[i] = j->settings[i] >= 0 ? j->settings[i] : row->values[it->value] * it->unit / 100;
	out->until = row->until < out->until ? row->until : out->until;
	buf_printf(&j->used, "%s %d %d %d %lld %s\n", it->name, it->value, (int)row->from,
		   (int)row->until, (long long)out->of[i], row->source);
	return true;
}

static const struct limits *limits_of(struct judge *j, civil_day day)
{
	struct limits *l = arena_alloc(j->v->arena, sizeof(*l));

	l->until = DAY_NEVER;
	for (int i = 0; i < LIMITS; i++)
		if (!take(j, day, i, l)) {
			fact_refuse(j->v, "/from", TEXT_FACT_NO_LAW);
			return NULL;
		}
	return l;
}

static void find_range(struct judge *j)
{
	j->first_day = j->r->from;
	j->last_day = j->r->until;
	for (size_t i = 0; i < j->r->shifts.n; i++) {
		civil_day d = j->r->shifts.list[i].day;

		j->first_day = d < j->first_day ? d : j->first_day;
		j->last_day = d > j->last_day ? d : j->last_day;
	}
}

static void note_levels(struct judge *j)
{
	for (int i = 0; i < RULES; i++)
		buf_printf(&j->used, "%s %s %d\n", LAWFUL_RULES[i].words->key,
			   LAWFUL_RULES[i].article->key, (int)j->levels[i]);
}

bool limits_begin(struct judge *j)
{
	size_t n;

	read_settings(j);
	find_range(j);
	note_levels(j);
	n = (size_t)(j->last_day - j->first_day) + 1;
	j->days = arena_alloc(j->v->arena, n * sizeof(*j->days));
	for (size_t i = 0; i < n; i++) {
		civil_day day = j->first_day + (civil_day)i;

		j->days[i] = i && day < j->days[i - 1]->until ? j->days[i - 1] : limits_of(j, day);
		if (!j->days[i])
			return false;
	}
	return j->v->n_faults == 0;
}

const struct limits *limits_on(const struct judge *j, civil_day day)
{
	if (day < j->first_day)
		day = j->first_day;
	return j->days[(day > j->last_day ? j->last_day : day) - j->first_day];
}
