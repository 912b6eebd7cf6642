/* Hire (入职), transfer, end and annul, one at a time or out of a file. */
#ifndef RENHE_HIRE_H
#define RENHE_HIRE_H
#include "employee_change.h"
/* Runs the rules and writes everything; c->after holds the ids. `in` is not changed. */
bool hire(struct ctx *cx, const Archive__Employee *in, struct change *c);
/* For callers that have looked up unit and post of that day themselves. */
bool hire_to_known_place(struct ctx *cx, const Archive__Employee *in, struct change *c);

/* The same of a person who was made with that stamp in this transaction, one of many
 * (import_new.c). */
bool hire_newcomer(struct ctx *cx, const Archive__Employee *in, const Archive__EmployeeKey *stamp,
		   struct change *c);
/* And the end of the same, behind it. */
bool employee_end_newcomer(struct ctx *cx, const Archive__EndEmployeeRequest *in, struct change *c);

/* The other commands, without their answers; employee_api.c. */
bool employee_transfer(struct ctx *cx, const Archive__TransferEmployeeRequest *in,
		       struct change *c);
bool employee_end(struct ctx *cx, const Archive__EndEmployeeRequest *in, struct change *c);
/* person_version: the person's own fields become again those of that version; 0 leaves them. */
bool employee_annul(struct ctx *cx, const char *id, int64_t person_version, struct change *c);
/* Takes a transfer back, as if it had not been recorded: the fact of that number and day. */
bool employee_untransfer(struct ctx *cx, const char *id, const Archive__Employee *fact,
			 struct change *c);
#endif
