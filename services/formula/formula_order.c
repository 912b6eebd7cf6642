/* Which item is worked out before which. */
#include "formula_internal.h"

enum { FRESH, OPEN, DONE };

struct ordering {
	const struct formula *const *items;
	int (*item_of)(const void *arg, uint16_t slot);
	const void *arg;
	uint8_t *state;
	unsigned *order, n_done;
	unsigned *way, n_way; /* from the first item that was opened to the one at hand */
};

static int needed(const struct ordering *o, const struct formula_node *n)
{
	return n->op == OP_NAME ? o->item_of(o->arg, n->slot) : -1;
}

/* false: the way has come back to an open item, the last of the way. */
static bool visit(struct ordering *o, unsigned item)
{
	const struct formula *f = o->items[item];

	o->way[o->n_way++] = item;
	if (o->state[item] == OPEN)
		return false;
	o->state[item] = OPEN;
	for (unsigned i = 0; i < f->n; i++) {
		int next = needed(o, &f->node[i]);
		if (next >= 0 && o->state[next] != DONE && !visit(o, (unsigned)next))
			return false;
	}
	o->state[item] = DONE;
	o->order[o->n_done++] = item;
	o->n_way--;
	return true;
}

/* The way is a tail and then the circle, whose first item stands at its end again. */
static unsigned circle(const struct ordering *o, unsigned *out)
{
	unsigned last = o->way[o->n_way - 1], from = 0;

	while (o->way[from] != last)
		from++;
	for (unsigned i = from; i + 1 < o->n_way; i++)
		out[i - from] = o->way[i];
	return o->n_way - 1 - from;
}

bool formula_order(const struct formula *const *items, unsigned n,
		   int (*item_of)(const void *arg, uint16_t slot), const void *arg, unsigned *order,
		   unsigned *n_circle)
{
	uint8_t state[FORMULA_ITEMS_MOST] = {FRESH};
	unsigned done[FORMULA_ITEMS_MOST], way[FORMULA_ITEMS_MOST + 1];
	struct ordering o = {items, item_of, arg, state, done, 0, way, 0};

	*n_circle = 0;
	for (unsigned i = 0; i < n; i++)
		if (state[i] == FRESH && !visit(&o, i)) {
			*n_circle = circle(&o, order);
			return false;
		}
	for (unsigned i = 0; i < n; i++)
		order[i] = done[i];
	return true;
}
