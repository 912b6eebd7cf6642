/* Hire (入职), one at a time or out of a file. */
#ifndef RENHE_HIRE_H
#define RENHE_HIRE_H
#include "employee_change.h"
/* Runs the rules and writes everything; c->after holds the ids. `in` is not changed. */
bool hire(struct ctx *cx, const Archive__Employee *in, struct change *c);
#endif
