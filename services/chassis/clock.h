/* The business clock: what "today" and "now" mean, from one place for all services: the file
 * RENHE_CLOCK_FILE, which holds the shift in seconds against the real clock and which
 * `renhectl clock` moves forward (refused in production). Token times and the audit use the real
 * clock. */
#ifndef RENHE_CLOCK_H
#define RENHE_CLOCK_H
#include <stdint.h>
int64_t clock_real_us(void);      /* unix microseconds */
int64_t clock_business_us(void);
int64_t clock_shift_s(void);        /* business minus real, whole seconds */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
void clock_sleep_ms(int ms);
#endif
