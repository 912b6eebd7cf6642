/* The health check of a container, by the program's own binary: `archive --health`. */
#ifndef RENHE_PROBE_H
#define RENHE_PROBE_H

#define PROBE_LIMIT_MS 1000 /* per step: connect, send, answer */

/* Asks the running process of this program for /readyz at RENHE_MANAGEMENT_LISTEN: 0 where it is
 * ready; EX_UNAVAILABLE and a line on stderr where it is not, or says nothing within the limit, as
 * a stopped one does. After config_load. */
int probe_health(const char *program);

#endif
