/* The facts of a document, as its form names them. Instants are UTC, days are civil, all stretches
 * half-open; lists are in the document's order, but shifts are by person and time once read. */
#ifndef RENHE_LAWFUL_FACT_H
#define RENHE_LAWFUL_FACT_H
#include "lawful.h"
#include "work_day.h"

#define FACT_LIST(type)                                                                            \
	struct {                                                                                   \
		type *list;                                                                        \
		size_t n;                                                                          \
	}

struct fact_days {
	civil_day from, until;
	bool flag; /* of agreed overtime: for special reasons, up to the most of a day */
};
struct fact_stretch {
	instant_s from_s, until_s;
	bool flag; /* of leave: paid */
};
struct fact_site {
	const char *id, *zone_name;
	struct zone *zone;
};
struct fact_travel {
	const char *from, *to; /* both ways */
	int64_t minutes;
};
struct fact_post {
	const char *id;
	FACT_LIST(const char *) skills;
	FACT_LIST(const char *) certificates;
	bool hazardous;
};
struct fact_certificate {
	const char *kind;
	civil_day from, until;
};
struct fact_pregnancy {
	civil_day due, ended; /* DAY_NEVER: goes on */
};
struct fact_birth {
	civil_day day;
	int64_t infants;
};
enum fact_system { SYSTEM_STANDARD, SYSTEM_COMPREHENSIVE, SYSTEM_IRREGULAR, SYSTEM_PART_TIME };
enum fact_cycle { CYCLE_WEEK, CYCLE_MONTH, CYCLE_QUARTER, CYCLE_YEAR };
enum fact_pattern { FACT_ROSTER, FACT_OFFICE };
enum fact_break { BREAK_MEAL, BREAK_REST, BREAK_NURSING };

struct fact_pause {
	instant_s from_s, until_s;
	bool paid;
	int64_t kind; /* enum fact_break */
};
struct fact_shift {
	const char *id, *person_id, *site_id, *post_id;
	instant_s from_s, until_s;
	FACT_LIST(struct fact_pause) breaks;
	/* resolved: */
	const struct fact_site *site;
	const struct fact_post *post; /* NULL: none asked */
	civil_day day;		      /* the work date: on which it begins at its site */
	struct spans worked;	      /* without unpaid breaks */
};
struct fact_person {
	const char *id, *home_id;
	civil_day born, hired, left;
	int64_t system, cycle, pattern; /* enums above */
	civil_day approved_from, approved_until;
	int64_t cycle_before_minutes, overtime_before_minutes;
	FACT_LIST(struct fact_days) overtime;
	FACT_LIST(const char *) sites;
	FACT_LIST(const char *) skills;
	FACT_LIST(struct fact_certificate) certificates;
	FACT_LIST(struct fact_stretch) available;
	FACT_LIST(struct fact_stretch) unavailable;
	FACT_LIST(struct fact_stretch) leave;
	FACT_LIST(struct fact_pregnancy) pregnancies;
	FACT_LIST(struct fact_birth) births;
	/* resolved: */
	const struct fact_site *home;
	struct fact_shift *shifts; /* by their start */
	size_t n_shifts;
};
struct fact_setting {
	const char *name, *value;
};
struct fact_roster {
	const char *form, *zone, *place;
	civil_day from, until; /* what is judged; what lies around it is known and counts along */
	FACT_LIST(struct fact_setting) settings;
	FACT_LIST(struct fact_setting) levels;
	FACT_LIST(struct fact_site) sites;
	FACT_LIST(struct fact_travel) travel;
	FACT_LIST(struct fact_post) posts;
	FACT_LIST(struct fact_person) people;
	FACT_LIST(struct fact_shift) shifts;
};

/* How far from the horizon a shift may lie. */
#define DAYS_AROUND 400

/* The document by its form, all faults at once; then what names what. */
bool fact_read(struct lawful *v, struct str document, struct fact_roster *out);
bool fact_resolve(struct lawful *v, struct fact_roster *r);
/* False, with the fault kept. */
bool fact_refuse(struct lawful *v, const char *pointer, struct text what);
#endif
