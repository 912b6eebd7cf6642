/* Values of fields that the tenant declared, of employees (employee_custom). Not dated: they hold
 * at once, and what is asked as_of an earlier instant has none. */
#ifndef RENHE_CUSTOM_H
#define RENHE_CUSTOM_H
#include "archive.h"
#include "typed_map.h"

/* One write of a request: opened before rights are judged, since the class of a key is the
 * tenant's. */
struct custom {
	struct typed_fields fields;
	const Archive__Employee *in;
	bool empties; /* all are to be removed */
};

/* Reads and holds the declarations where the request needs them. */
bool custom_open(struct ctx *cx, const Archive__Employee *in, bool is_new, struct custom *c);
/* Adds the faults of the values; the rules of the employment raise them with their own. */
void custom_judge(struct ctx *cx, const struct custom *c, bool is_new);
/* Writes what the request says of an employment, and its line of the audit: names, and old and new
 * value of those that bear no class. */
bool custom_write(struct ctx *cx, const struct custom *c, const Archive__Employee *of);
/* All that the tenant declared, retired ones too. */
bool custom_fields(struct ctx *cx, struct typed_fields *out);
/* The same, held until the commit: none changes under the values that are written. */
bool custom_hold(struct ctx *cx, struct typed_fields *out);
/* One word of the audit's line: the name, and old and new value where the field bears no class. */
void custom_note(struct buf *line, const Renhe__CustomField *f, const char *old, const char *new);
/* A value as its row has it: a class seals; what bears none may be found by. */
void custom_take(const Renhe__CustomField *f, const Renhe__TypedValue *v, const char *text,
		 Archive__EmployeeCustomRow *row);
/* Fills custom_fields of what the queries read. */
bool custom_read(struct ctx *cx, Archive__Employee **items, size_t n);
/* The same of one, with what stands under retired fields: what is held of a person. */
bool custom_read_all(struct ctx *cx, Archive__Employee *e);
/* Reads list->custom into custom_ids, custom_plain, custom_low and custom_high; all faults at once. */
bool custom_filter(struct ctx *cx, Archive__ListEmployeesRequest *list);
/* Puts the condition that fewest meet first. few: so few that a list had better begin with them. */
bool custom_fewest(struct ctx *cx, Archive__ListEmployeesRequest *list, bool *few);

/* ---- employments that are made in this transaction: custom_new.c ---- */
/* Their values, judged already, those of many in one statement and without asking what was there. */
struct custom_batch {
	const struct typed_fields *fields;
	Archive__EmployeeCustomBatch *rows;
	size_t room;
};
/* For that many values at most. */
void custom_begin(struct ctx *cx, const struct typed_fields *f, size_t room, struct custom_batch *b);
/* What `in` says, of the employment `of`, and its line of the audit. */
bool custom_add(struct ctx *cx, struct custom_batch *b, const Archive__Employee *in,
		const Archive__Employee *of);
bool custom_put(struct ctx *cx, const struct custom_batch *b);
#endif
