/* JSON lines on stderr, one per event, no personal data, no values of input. */
#ifndef RENHE_LOG_H
#define RENHE_LOG_H
#include <stdint.h>
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_init(const char *service, enum log_level least);
/* Pairs of name and value, NULL-ended: log_line(LOG_INFO, "started", "port", "8081", NULL). Names
 * and values are text; a name that begins with '#' (left out on output) has a numeric text. */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));
#endif
