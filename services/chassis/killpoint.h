/* Places where a test may end the process, as kill -9 would. Builds without RENHE_KILLPOINTS, such as the
 * release, hold nothing of it.
 *
 * A kill is ordered by the file "killpoint" in RENHE_STATE_DIR, "name:n": the n-th pass from then on
 * removes the file and ends the process, once; "name:n:ms" holds the thread that passes for so long instead.
 * At the start of a process, KILLPOINT=name:n does the same. */
#ifndef RENHE_KILLPOINT_H
#define RENHE_KILLPOINT_H
#ifdef RENHE_KILLPOINTS
void killpoint(const char *name);
#else
#define killpoint(name) ((void)0)
#endif
#endif
