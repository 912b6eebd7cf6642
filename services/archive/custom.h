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
/* Fills custom_fields of what the queries read. */
bool custom_read(struct ctx *cx, Archive__Employee **items, size_t n);
/* The same of one, with what stands under retired fields: what is held of a person. */
bool custom_read_all(struct ctx *cx, Archive__Employee *e);
/* Reads list->custom into custom_ids, custom_plain, custom_low and custom_high; all faults at once. */
bool custom_filter(struct ctx *cx, Archive__ListEmployeesRequest *list);
#endif
