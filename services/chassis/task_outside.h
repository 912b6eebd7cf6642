/* Threads for what would hold up an event loop. Of task*.c. */
#ifndef RENHE_TASK_OUTSIDE_H
#define RENHE_TASK_OUTSIDE_H

/* Embedded by its owner. done is called on a thread of ours, when fn has returned. */
struct outside_work {
	void (*fn)(void *arg);
	void *arg;
	void (*done)(struct outside_work *w);
	struct outside_work *next;
};
void outside_start(struct outside_work *w);
#endif
