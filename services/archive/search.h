/* The one box of the list of employees: what is written down of names, numbers and places so that a
 * word of the box finds them, and what the words of a box are. A gram is found by every word that
 * it begins with, so a text that is to be found from its middle stands there with each of its ends.
 */
#ifndef RENHE_ARCHIVE_SEARCH_H
#define RENHE_ARCHIVE_SEARCH_H
#include "archive.h"
#include "typed_map.h"

/* How well a word fits; less is better, and the words of a box are summed up. */
enum search_grade {
	SEARCH_EXACT_NUMBER = 1, /* employee number or phone */
	SEARCH_EXACT_NAME,
	SEARCH_BEGINS, /* name or number begin with it */
	SEARCH_INSIDE, /* the name holds it */
	SEARCH_PINYIN,
	SEARCH_INITIALS, /* or some syllables in full and others by their first letter */
	SEARCH_LATER,	 /* pinyin or initials from a later character on */
	SEARCH_PLACE,	 /* unit, store or post */
	SEARCH_CUSTOM,	 /* a field that the tenant declared */
};

/* ---- pure ---- */

/* Of a name: the grams, each once, with the grade of a word that is the whole gram and of one that
 * it begins with. */
void search_name(struct arena *a, const char *name, Archive__SearchGrams *out);
/* Of a unit or post: its code and its name from every character on. */
void search_place(struct arena *a, const char *code, const char *name, Archive__SearchGrams *out);
/* Of a value of a declared field, as its row has it: the text, or the names of the choice, from every
 * character on. */
void search_value(struct arena *a, const Renhe__CustomField *f, const char *text,
		  Archive__SearchGrams *out);
#define SEARCH_WORDS_MOST 8
/* Fills words, and where one is a mobile number (or the whole box is) mobile and mobile_word. Of
 * more words than the most, the others are counted only. */
void search_words(struct arena *a, const char *box, Archive__SearchEmployees *out);

/* ---- in the transaction of a change ---- */

/* Writes the grams of all employments of the person anew. */
bool search_put_person(struct ctx *cx, const Archive__Employee *e);
/* The same of one who has none yet. */
bool search_add_person(struct ctx *cx, const Archive__Employee *e);
/* Of a unit: by its slices of today's belief, in the order of their days. */
bool search_put_unit(struct ctx *cx, const Archive__OrgUnit *u, ProtobufCMessage *const *slices,
		     size_t n);
bool search_put_post(struct ctx *cx, const Archive__Post *p);
/* Timer: writes the grams of what was there before the tables were. */
bool search_fill(struct ctx *cx, const char *aggregate_id);

/* ---- declared fields: search_custom.c ---- */

/* Whether values may be found by it: TEXT of SEARCH_VALUE_MOST characters at most, CHOICE; INTERNAL. */
#define SEARCH_VALUE_MOST 200
bool search_may_find_by(const Renhe__CustomField *f);
/* Behind the writing of a value, in its transaction. */
bool search_put_value(struct ctx *cx, const Renhe__CustomField *f,
		      const Archive__EmployeeCustomRow *row);
/* The same of values of employments that are new. */
bool search_put_new_values(struct ctx *cx, const struct typed_fields *f,
			   const Archive__EmployeeCustomBatch *values);
/* Before a declaration is written: says in `now` whether the box can go on finding by it, or has to
 * wait for values that are too many for one request. *walk: search_field_walk must follow. */
bool search_field_judge(struct ctx *cx, const Renhe__CustomField *was, Renhe__CustomField *now,
			bool *walk);
/* Writes down all values of a declaration that was written, at once or by a timer. */
bool search_field_walk(struct ctx *cx, const Renhe__CustomField *f);
/* Timer: the next values of a field. */
bool search_field_step(struct ctx *cx, const char *field_id);

/* ---- the list ---- */

/* The page of a list with a box. */
bool search_employees(struct ctx *cx, const Archive__ListEmployeesRequest *list,
		      struct msg_list *rows);
#endif
