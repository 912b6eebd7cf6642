/* When a host that keeps failing is left alone: closed, open, half-open with one probe. Pure: the
 * caller brings the clock, the dice and the lock. Beside it the budget of second tries. */
#ifndef RENHE_BREAKER_H
#define RENHE_BREAKER_H
#include <stdbool.h>
#include <stdint.h>

#define BREAKER_WINDOW_MS 10000 /* failures are counted within it */
#define BREAKER_LEAST 5		/* fewer answers than these say nothing */
#define BREAKER_PERCENT 50	/* of them failed: it opens */
#define BREAKER_DOUBLINGS 4	/* of the cool-down, while its probes fail */

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };
enum breaker_end { BREAKER_GOOD, BREAKER_BAD, BREAKER_NEITHER };

struct breaker { /* all zero: closed, and nothing known */
	enum breaker_state state;
	unsigned epoch;		    /* counts changes of state */
	int64_t since_ms, until_ms; /* of the window; of the cool-down */
	unsigned ended, failed;	    /* within the window */
	unsigned opened;	    /* times without a good probe between */
	unsigned spent;		    /* of the budget of second tries */
};

/* May one go out now? Then *epoch is handed back with its end: what began before a change of state
 * doesn't count after it. A half-open breaker lets one through until that one has ended. */
bool breaker_ask(struct breaker *b, int64_t now_ms, unsigned *epoch);
/* dice: any number; spreads the end of the cool-down over a quarter of it. */
void breaker_end(struct breaker *b, unsigned epoch, enum breaker_end how, int64_t now_ms,
		 int64_t cool_ms, uint32_t dice);
/* A second try is paid for by five firsts that ended well; five are on credit. */
bool breaker_afford(struct breaker *b);
#endif
