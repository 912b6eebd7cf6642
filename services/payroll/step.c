/* The lines of a derivation. Figures stand as people write them: 12345.60, 3.5%, −20.00. */
#include "calculation.h"
#include <inttypes.h>
#include "row.h"

static Payroll__Step *step_new(struct calculation *c, struct text what)
{
	Payroll__Step *s = (Payroll__Step *)msg_new(c->cx->arena, &RULE_PAYROLL_STEP), **more;

	if (c->n_steps == c->room) {
		c->room = c->room ? c->room * 2 : 16;
		more = arena_alloc(c->cx->arena, c->room * sizeof(Payroll__Step *));
		if (c->n_steps)
			memcpy(more, c->steps, c->n_steps * sizeof(Payroll__Step *));
		c->steps = more;
	}
	s->zh = text_zh(c->cx->arena, what);
	s->en = text_en(c->cx->arena, what);
	c->steps[c->n_steps++] = s;
	return s;
}

void step_say(struct calculation *c, struct text what)
{
	step_new(c, what);
}

void step_add(struct calculation *c, struct text what, int64_t fen, const char *format, ...)
{
	Payroll__Step *s = step_new(c, what);
	va_list ap;

	s->has_amount_fen = true;
	s->amount_fen = fen;
	va_start(ap, format);
	s->formula = arena_vprintf(c->cx->arena, format, ap);
	va_end(ap);
}

/* ---- figures ---- */

/* places: figures behind the point; those at the end that are zero are left out where `shortest`. */
static const char *decimal(struct calculation *c, int64_t v, int places, bool shortest)
{
	uint64_t whole = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, unit = 1;
	const char *sign = v < 0 ? "−" : "";

	while (shortest && places > 0 && whole % 10 == 0) {
		whole /= 10;
		places--;
	}
	for (int i = 0; i < places; i++)
		unit *= 10;
	if (places == 0)
		return arena_printf(c->cx->arena, "%s%" PRIu64, sign, whole);
	return arena_printf(c->cx->arena, "%s%" PRIu64 ".%0*" PRIu64, sign, whole / unit, places, whole % unit);
}

const char *yuan(struct calculation *c, int64_t fen)
{
	return decimal(c, fen, 2, false);
}

const char *percent(struct calculation *c, int64_t e5)
{
	return arena_printf(c->cx->arena, "%s%%", decimal(c, e5, 3, true));
}

const char *hundredths(struct calculation *c, int64_t e2)
{
	return decimal(c, e2, 2, true);
}

/* To the second as far as needed: 1.5, 0.25, 0.0003. */
const char *hours(struct calculation *c, int64_t seconds)
{
	if (seconds % 36 == 0)
		return hundredths(c, seconds / 36);
	return arena_printf(c->cx->arena, "%" PRId64 "/3600", seconds);
}

static const char *joined(struct calculation *c, const int64_t *fen, size_t n, const char *sign)
{
	struct buf b;

	buf_init(&b, c->cx->arena);
	buf_puts(&b, yuan(c, fen[0]));
	for (size_t i = 1; i < n; i++)
		if (fen[i])
			buf_printf(&b, " %s %s", sign, yuan(c, fen[i]));
	return b.p;
}

const char *difference(struct calculation *c, const int64_t *fen, size_t n)
{
	return joined(c, fen, n, "−");
}

const char *equals(struct calculation *c, const char *terms, int64_t fen)
{
	return strchr(terms, ' ') ? arena_printf(c->cx->arena, "%s = %s", terms, yuan(c, fen)) : yuan(c, fen);
}

const char *sum(struct calculation *c, const int64_t *fen, size_t n)
{
	return joined(c, fen, n, "+");
}
