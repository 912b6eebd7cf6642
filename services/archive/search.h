/* The one box of the list of employees: what is written down of names, numbers and places so that a
 * word of the box finds them, and what the words of a box are. A gram is found by every word that
 * it begins with, so a text that is to be found from its middle stands there with each of its ends.
 */
#ifndef RENHE_ARCHIVE_SEARCH_H
#define RENHE_ARCHIVE_SEARCH_H
#include "archive.h"

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
};

/* ---- pure ---- */

/* Of a name: the grams, each once, with the grade of a word that is the whole gram and of one that
 * it begins with. */
void search_name(struct arena *a, const char *name, Archive__SearchGrams *out);
/* Of a unit or post: its code and its name from every character on. */
void search_place(struct arena *a, const char *code, const char *name, Archive__SearchGrams *out);
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

/* ---- the list ---- */

/* The page of a list with a box. */
bool search_employees(struct ctx *cx, const Archive__ListEmployeesRequest *list,
		      struct msg_list *rows);
#endif
