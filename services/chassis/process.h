/* What holds of every process that sees private data. */
#ifndef RENHE_PROCESS_H
#define RENHE_PROCESS_H
/* No core file, to no place and no program, and no tracing by others of the same user: memory holds
 * keys and clear values. Builds with sanitizers stay traceable, for their leak checker. */
void process_keep_memory(void);
#endif
