/* The owner of threads in this folder: lanes run side by side and all have ended when it returns.
 */
#ifndef RENHE_ROSTER_SOLVE_LANES_H
#define RENHE_ROSTER_SOLVE_LANES_H
#include <stdbool.h>

enum { ROSTER_LANES = 64 };

/* Calls work(arg, lane) for lanes 0..n-1, the first in the caller's own thread. A lane whose thread
 * cannot be started runs behind the others, so that the outcome is the same. */
void roster_lanes(int n, void (*work)(void *arg, int lane), void *arg);
#endif
