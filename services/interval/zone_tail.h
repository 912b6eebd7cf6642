/* The yearly rule behind the last change of a zone, as in "EST5EDT,M3.2.0,M11.1.0" (POSIX TZ with
 * the extension of RFC 9636: hours of turns may be -167..167). */
#ifndef RENHE_ZONE_TAIL_H
#define RENHE_ZONE_TAIL_H
#include "zone.h"

/* "" is a zone without one. */
bool zone_tail_read(const char *text, size_t n, struct zone_tail *out);
int32_t zone_tail_offset(const struct zone_tail *t, instant_s at);
#endif
