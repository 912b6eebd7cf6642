/* What holds of every process that serves or sees private data. */
#ifndef RENHE_PROCESS_H
#define RENHE_PROCESS_H
/* No core file, to no place and no program, and no tracing by others of the same user: memory holds
 * keys and clear values. Builds with sanitizers stay traceable, for their leak checker. */
void process_keep_memory(void);
/* From now on the kernel ends the process where it starts a program, traces another one, mounts or loads
 * anything (seccomp), and no rights come by a file. No program of the suite does; whoever takes one over might.
 * Builds with sanitizers may: their reports are made by another program. */
void process_run_nothing(void);
/* As many descriptors as the system allows: 10,000 connections need more than the usual 1,024. */
void process_open_files(void);
#endif
