/* Strict reading of a JSON text into structs, by tables of members: what is missing, unknown, of
 * another type or beyond its bounds is a fault with its pointer, all of them at once. */
#ifndef RENHE_LAWFUL_FORM_H
#define RENHE_LAWFUL_FORM_H
#include "lawful_fact.h"

enum form_kind {
	FORM_TEXT,    /* const char *: 1..120 bytes */
	FORM_DAY,     /* civil_day; null: DAY_NEVER, where the member may be left out */
	FORM_TIME,    /* instant_s: RFC 3339, whole seconds */
	FORM_TRUTH,   /* bool */
	FORM_COUNT,   /* int64_t, 0..FORM_COUNT_MOST */
	FORM_CHOICE,  /* int64_t: index in choices */
	FORM_TEXTS,   /* list of const char * */
	FORM_PAIRS,   /* list of struct fact_setting: an object of numbers or texts */
	FORM_OBJECTS, /* list of structs of the inner form */
};
#define FORM_COUNT_MOST 1000000
/* Where it is left out, what the form's start has stays. */
struct form_member {
	const char *name;
	enum form_kind kind;
	size_t at;
	bool required;
	const struct form *inner;
	const char *const *choices;
};
struct form {
	size_t size;
	const void *start;		   /* what an object is before it is read; NULL: zeros */
	const struct form_member *members; /* the last has no name */
};
bool form_read(struct lawful *v, struct str text, const struct form *f, void *out);
#endif
