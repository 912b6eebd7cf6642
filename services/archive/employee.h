/* Rules of employments: pure functions on messages; no I/O, no clock. */
#ifndef RENHE_EMPLOYEE_H
#define RENHE_EMPLOYEE_H
#include "archive.h"

/* ID document by its type: a resident number must hold its rule (GB 11643-1999) and agree with sex
 * and birth date where those are given; where they are not, they are taken from it. Collects
 * faults. */
bool employee_check_document(struct ctx *cx, Archive__Employee *e);
/* A new resident number says anew what sex and birth date are, unless the request says it too: what
 * was known of them is dropped, for employee_check_document to take from the number. `e` has the
 * fields of the request already. Other documents say neither, and drop nothing. */
void employee_forget_derived(const Archive__Employee *in, Archive__Employee *e);
/* May a fact hold from `date` on, given what is believed of the employment? */
bool employee_check_span(struct ctx *cx, const Archive__Employee *now, const char *date);
/* Fields of the person: neither dated nor of the employment's head nor computed. */
bool employee_is_person_field(const struct field_rule *f);
/* Dated fields present or cleared in a change. */
bool employee_has_dated(const Archive__Employee *change, const char *const *cleared);
/* Attributes that every slice of the employment repeats, and the dated fields. */
bool employee_is_slice_field(const struct field_rule *f);
/* What differs, for events: values of plain fields, of others the name alone. */
size_t employee_changes(struct ctx *cx, const Archive__Employee *before,
			const Archive__Employee *after, bool (*which)(const struct field_rule *f),
			Archive__FieldChange ***out);
/* One page of the list in the caller's scopes (employee_api.c), behind after_* and up to page_limit;
 * effective_on is given. */
bool employee_page(struct ctx *cx, const Archive__ListEmployeesRequest *list, struct msg_list *rows);
#endif
