/* Merged ranges: what they cover is marked, so that a reader knows an empty cell from a covered
 * one. */
#include "sheet_internal.h"

static size_t first_at(const struct sheet *s, int line)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->rows[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void widen(struct sheet_budget *b, struct sheet_row *row, unsigned n)
{
	struct sheet_cell *cells = arena_alloc(b->arena, n * sizeof(*cells));

	memcpy(cells, row->cells, row->n * sizeof(*cells));
	for (unsigned i = row->n; i < n; i++)
		cells[i].text = "";
	row->cells = cells;
	row->n = n;
}

static void mark_row(struct sheet_budget *b, struct sheet_row *row, const struct sheet_range *r,
		     unsigned end)
{
	if (row->n < end)
		widen(b, row, end);
	for (unsigned i = r->first_column; i < end; i++) {
		bool head = i == r->first_column && row->line == r->first_line;

		row->cells[i].marks |= head ? SHEET_MERGE_HEAD : SHEET_MERGED;
		if (!head)
			row->cells[i].text = "";
	}
}

/* Ranges of one sheet don't overlap, so honest work stays in proportion to the cells. */
bool sheet_merge(struct sheet_budget *b, struct sheet *s, const struct sheet_range *r, size_t *work)
{
	unsigned columns = (unsigned)b->limits->columns;
	unsigned end = r->last_column < columns ? r->last_column + 1 : columns;

	if (r->first_column >= end)
		return true;
	for (size_t i = first_at(s, r->first_line); i < s->n && s->rows[i].line <= r->last_line;
	     i++) {
		size_t cost = end - r->first_column;

		if (*work < cost)
			return sheet_fault(b, "SHEET_TOO_LARGE");
		*work -= cost;
		mark_row(b, &s->rows[i], r, end);
	}
	return sheet_afford(b);
}
