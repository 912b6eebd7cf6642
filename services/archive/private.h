/* What leaves archive of a person's private data, on the sealed topics that the contract names
 * (decision 7): every event of such a topic is filled from the person's file by the names of its
 * fields, so a new one needs no code here. */
#ifndef RENHE_PRIVATE_H
#define RENHE_PRIVATE_H
#include "archive.h"

/* With a change of the person's file: events whose fields are others than before. `before` NULL: all
 * of them. One whose private fields are all gone becomes a tombstone. */
bool private_emit(struct ctx *cx, const Archive__Employee *before, const Archive__Employee *after);
/* Tombstones of all: erased, or never employed. */
bool private_forget(struct ctx *cx, const char *person_id);
#endif
