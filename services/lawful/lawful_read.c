/* The form of a document (README.md), as tables. */
#include "lawful_form.h"
#include "lawful_texts.h"

#define OF(kind, type, name, field) name, FORM_##kind, offsetof(struct type, field)
#define MEMBER(kind, type, name, field)                                                            \
	{                                                                                          \
		OF(kind, type, name, field), false, NULL, NULL                                     \
	}
#define NEEDED(kind, type, name, field)                                                            \
	{                                                                                          \
		OF(kind, type, name, field), true, NULL, NULL                                      \
	}
#define CHOICE(type, field, list)                                                                  \
	{                                                                                          \
		OF(CHOICE, type, #field, field), false, NULL, list                                 \
	}
#define OBJECTS(type, field, form)                                                                 \
	{                                                                                          \
		OF(OBJECTS, type, #field, field), false, &(form), NULL                             \
	}
#define FORM(name, type, begin, ...)                                                               \
	static const struct form name = {sizeof(struct type), begin,                               \
					 (const struct form_member[]){__VA_ARGS__, {0}}}

static const char *const SYSTEMS[] = {"STANDARD", "COMPREHENSIVE", "IRREGULAR", "PART_TIME", NULL};
static const char *const CYCLES[] = {"WEEK", "MONTH", "QUARTER", "YEAR", NULL};
static const char *const PATTERNS[] = {"ROSTER", "OFFICE", NULL};
static const char *const BREAKS[] = {"MEAL", "REST", "NURSING", NULL};

static const struct fact_days AGREED_START = {.until = DAY_NEVER};
static const struct fact_certificate CERTIFICATE_START = {.until = DAY_NEVER};
static const struct fact_pregnancy PREGNANCY_START = {.ended = DAY_NEVER};
static const struct fact_birth BIRTH_START = {.infants = 1};
static const struct fact_person PERSON_START = {.hired = INT32_MIN,
						.left = DAY_NEVER,
						.approved_from = DAY_NEVER,
						.approved_until = DAY_NEVER};
static const struct fact_roster ROSTER_START = {.zone = "Asia/Shanghai", .place = LAW_NATIONAL};

FORM(AGREED, fact_days, &AGREED_START, NEEDED(DAY, fact_days, "from", from),
     MEMBER(DAY, fact_days, "until", until), MEMBER(TRUTH, fact_days, "special", flag));
FORM(STRETCH, fact_stretch, NULL, NEEDED(TIME, fact_stretch, "from", from_s),
     NEEDED(TIME, fact_stretch, "until", until_s));
FORM(LEAVE, fact_stretch, NULL, NEEDED(TIME, fact_stretch, "from", from_s),
     NEEDED(TIME, fact_stretch, "until", until_s), MEMBER(TRUTH, fact_stretch, "paid", flag));
FORM(CERTIFICATE, fact_certificate, &CERTIFICATE_START,
     NEEDED(TEXT, fact_certificate, "kind", kind), NEEDED(DAY, fact_certificate, "from", from),
     MEMBER(DAY, fact_certificate, "until", until));
FORM(PREGNANCY, fact_pregnancy, &PREGNANCY_START, NEEDED(DAY, fact_pregnancy, "due", due),
     MEMBER(DAY, fact_pregnancy, "ended", ended));
FORM(BIRTH, fact_birth, &BIRTH_START, NEEDED(DAY, fact_birth, "day", day),
     MEMBER(COUNT, fact_birth, "infants", infants));
FORM(SITE, fact_site, NULL, NEEDED(TEXT, fact_site, "id", id),
     MEMBER(TEXT, fact_site, "zone", zone_name));
FORM(TRAVEL, fact_travel, NULL, NEEDED(TEXT, fact_travel, "from", from),
     NEEDED(TEXT, fact_travel, "to", to), NEEDED(COUNT, fact_travel, "minutes", minutes));
FORM(POST, fact_post, NULL, NEEDED(TEXT, fact_post, "id", id),
     MEMBER(TEXTS, fact_post, "skills", skills),
     MEMBER(TEXTS, fact_post, "certificates", certificates),
     MEMBER(TRUTH, fact_post, "hazardous", hazardous));
FORM(PAUSE, fact_pause, NULL, NEEDED(TIME, fact_pause, "from", from_s),
     NEEDED(TIME, fact_pause, "until", until_s), MEMBER(TRUTH, fact_pause, "paid", paid),
     CHOICE(fact_pause, kind, BREAKS));
FORM(SHIFT, fact_shift, NULL, NEEDED(TEXT, fact_shift, "id", id),
     NEEDED(TEXT, fact_shift, "person", person_id), NEEDED(TEXT, fact_shift, "site", site_id),
     MEMBER(TEXT, fact_shift, "post", post_id), NEEDED(TIME, fact_shift, "from", from_s),
     NEEDED(TIME, fact_shift, "until", until_s), OBJECTS(fact_shift, breaks, PAUSE));
FORM(PERSON, fact_person, &PERSON_START, NEEDED(TEXT, fact_person, "id", id),
     NEEDED(TEXT, fact_person, "home", home_id), NEEDED(DAY, fact_person, "born", born),
     MEMBER(DAY, fact_person, "hired", hired), MEMBER(DAY, fact_person, "left", left),
     CHOICE(fact_person, system, SYSTEMS), CHOICE(fact_person, cycle, CYCLES),
     CHOICE(fact_person, pattern, PATTERNS),
     MEMBER(DAY, fact_person, "approved_from", approved_from),
     MEMBER(DAY, fact_person, "approved_until", approved_until),
     MEMBER(COUNT, fact_person, "cycle_before_minutes", cycle_before_minutes),
     MEMBER(COUNT, fact_person, "overtime_before_minutes", overtime_before_minutes),
     OBJECTS(fact_person, overtime, AGREED), MEMBER(TEXTS, fact_person, "sites", sites),
     MEMBER(TEXTS, fact_person, "skills", skills), OBJECTS(fact_person, certificates, CERTIFICATE),
     OBJECTS(fact_person, available, STRETCH), OBJECTS(fact_person, unavailable, STRETCH),
     OBJECTS(fact_person, leave, LEAVE), OBJECTS(fact_person, pregnancies, PREGNANCY),
     OBJECTS(fact_person, births, BIRTH));
FORM(ROSTER, fact_roster, &ROSTER_START, NEEDED(TEXT, fact_roster, "form", form),
     NEEDED(DAY, fact_roster, "from", from), NEEDED(DAY, fact_roster, "until", until),
     MEMBER(TEXT, fact_roster, "zone", zone), MEMBER(TEXT, fact_roster, "place", place),
     MEMBER(PAIRS, fact_roster, "settings", settings), MEMBER(PAIRS, fact_roster, "levels", levels),
     OBJECTS(fact_roster, sites, SITE), OBJECTS(fact_roster, travel, TRAVEL),
     OBJECTS(fact_roster, posts, POST), OBJECTS(fact_roster, people, PERSON),
     OBJECTS(fact_roster, shifts, SHIFT));

#define FORM_NAME "renhe.roster.1"
#define DAYS_MOST 400

bool fact_refuse(struct lawful *v, const char *pointer, struct text what)
{
	struct lawful_fault *f;

	if (v->n_faults++ >= LAWFUL_FAULTS_MOST)
		return false;
	f = arena_alloc(v->arena, sizeof(*f));
	*f = (struct lawful_fault){pointer, what, NULL};
	*v->fault_end = f;
	v->fault_end = &f->next;
	return false;
}

bool fact_read(struct lawful *v, struct str document, struct fact_roster *out)
{
	if (!form_read(v, document, &ROSTER, out))
		return false;
	if (strcmp(out->form, FORM_NAME) != 0)
		fact_refuse(v, "/form", TEXT_FACT_FORM);
	if (out->until <= out->from || out->until - out->from > DAYS_MOST)
		fact_refuse(v, "/until", TEXT_FACT_HORIZON);
	return v->n_faults == 0;
}
