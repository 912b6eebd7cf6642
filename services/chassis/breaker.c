#include "breaker.h"

#define TRY_COSTS 5
#define CREDIT 25

static void change(struct breaker *b, enum breaker_state to, int64_t now_ms)
{
	b->state = to;
	b->epoch++;
	b->since_ms = now_ms;
	b->ended = b->failed = 0;
}

static void open_it(struct breaker *b, int64_t now_ms, int64_t cool_ms, uint32_t dice)
{
	int64_t cool = cool_ms << (b->opened < BREAKER_DOUBLINGS ? b->opened : BREAKER_DOUBLINGS);

	b->opened++;
	b->until_ms = now_ms + cool + (cool >= 4 ? dice % (cool / 4) : 0);
	change(b, BREAKER_OPEN, now_ms);
}

bool breaker_ask(struct breaker *b, int64_t now_ms, unsigned *epoch)
{
	bool may =
		b->state == BREAKER_CLOSED || (b->state == BREAKER_OPEN && now_ms >= b->until_ms);

	if (b->state == BREAKER_OPEN && may)
		change(b, BREAKER_HALF_OPEN, now_ms);
	*epoch = b->epoch;
	return may;
}

static void end_probe(struct breaker *b, enum breaker_end how, int64_t now_ms, int64_t cool_ms,
		      uint32_t dice)
{
	if (how == BREAKER_BAD) {
		open_it(b, now_ms, cool_ms, dice);
	} else if (how == BREAKER_NEITHER) { /* the next one is the probe */
		b->until_ms = now_ms;
		change(b, BREAKER_OPEN, now_ms);
	} else {
		b->opened = 0;
		change(b, BREAKER_CLOSED, now_ms);
	}
}

static void count(struct breaker *b, bool bad, int64_t now_ms)
{
	if (now_ms - b->since_ms >= BREAKER_WINDOW_MS) {
		b->since_ms = now_ms;
		b->ended = b->failed = 0;
	}
	b->ended++;
	b->failed += bad;
	if (!bad && b->spent)
		b->spent--;
}

void breaker_end(struct breaker *b, unsigned epoch, enum breaker_end how, int64_t now_ms,
		 int64_t cool_ms, uint32_t dice)
{
	if (epoch != b->epoch)
		return;
	if (b->state == BREAKER_HALF_OPEN) {
		end_probe(b, how, now_ms, cool_ms, dice);
		return;
	}
	if (how == BREAKER_NEITHER)
		return;
	count(b, how == BREAKER_BAD, now_ms);
	if (b->ended >= BREAKER_LEAST && b->failed * 100 >= b->ended * BREAKER_PERCENT)
		open_it(b, now_ms, cool_ms, dice);
}

bool breaker_afford(struct breaker *b)
{
	if (b->spent + TRY_COSTS > CREDIT)
		return false;
	b->spent += TRY_COSTS;
	return true;
}
