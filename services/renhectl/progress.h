/* How far long work is: a bar on a terminal, a plain line now and then elsewhere. */
#ifndef RENHECTL_PROGRESS_H
#define RENHECTL_PROGRESS_H
#include <stdint.h>

struct progress {
	int64_t start_ms, told_ms; /* zeroed at first */
	int64_t first;             /* what was done when it was first looked at */
	int width;                 /* of what stands on the line */
};
/* total 0: nobody knows yet. */
void progress_tell(struct progress *p, const char *what, int64_t done, int64_t total);
/* Ends the line. */
void progress_end(struct progress *p);
#endif
