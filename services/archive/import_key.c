/* Which line of the file says a number first. */
#include "import.h"
#include <ctype.h>
#include <stdlib.h>
#include "value.h"

#define KEY_MOST 1000 /* bytes; what is longer is refused as too long, whoever has it too */

static const char *cell_of(struct arena *a, const struct import_plan *p, const struct sheet_row *r,
			   const char *field)
{
	int i = import_column_of(p, field);

	if (i < 0 || (unsigned)i >= r->n || strlen(r->cells[i].text) > KEY_MOST)
		return "";
	return import_trim(a, r->cells[i].text);
}

static const char *document(struct arena *a, const char *text)
{
	const char *normal = text;
	char *upper;

	if (!value_check(a, FORMAT_ID_DOCUMENT, text, &normal))
		return normal;
	upper = arena_strdup(a, text);
	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return upper;
}

const char *import_key_value(struct arena *a, const struct import_plan *p,
			     const struct sheet_row *cells, const char *field)
{
	const char *text = cell_of(a, p, cells, field);
	char date[11] = "";

	if (!*text)
		return NULL;
	if (!strcmp(field, "id_number"))
		return document(a, text);
	if (p->kind == ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS) {
		import_date(a, cell_of(a, p, cells, "effective_date"), date);
		return arena_printf(a, "%s %s", text, date);
	}
	return text;
}

static int by_value(const void *x, const void *y)
{
	const struct import_key *a = x, *b = y;
	int way = strcmp(a->value, b->value);

	return way ? way : a->line - b->line;
}

struct import_keys import_keys(struct arena *a, const struct import_plan *p, const struct sheet *s,
			       const char *field)
{
	struct import_keys k = {arena_alloc(a, (s->n + 1) * sizeof(*k.items)), 0};

	for (size_t i = p->first; i < s->n; i++) {
		const char *v = import_key_value(a, p, &s->rows[i], field);

		if (v)
			k.items[k.n++] = (struct import_key){v, s->rows[i].line};
	}
	qsort(k.items, k.n, sizeof(*k.items), by_value);
	return k;
}

int import_key_line(const struct import_keys *k, const char *value)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(k->items[mid].value, value) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < k->n && !strcmp(k->items[low].value, value) ? k->items[low].line : 0;
}
