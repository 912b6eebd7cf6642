/* Law packs. What must hold: a pack that is taken has rows in order with dates that rise, which law_find
 * finds on their first day; a refusal names its line. */
#include <string.h>
#include "fuzz.h"
#include "law.h"

#define MOST 200

static void check(const struct law *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct law_row *r = &l->rows[i];

		demand(r->from < r->until && r->source && *r->source && r->scheme < LAW_SCHEMES);
		demand(law_find(l, r->scheme, r->place, r->item, r->from) == r);
	}
	demand(l->first[LAW_SCHEMES] == l->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct law_row rows[MOST];
	char *text = strndup((const char *)data, size);
	struct law l = {.rows = rows};
	struct law_error error = {0};

	demand(text != NULL);
	if (law_read(text, MOST, &l, &error))
		check(&l);
	else
		demand(error.what && error.line > 0);
	free(text);
	return 0;
}
