/* Documents of the verifier of rosters. What must hold: a document is judged or refused with a
 * fault, never both; a certificate has no breach that refuses; the same bytes have the same verdict
 * and digests. */
#include <string.h>
#include "fuzz.h"
#include "law_pack.h"
#include "lawful.h"

static struct law_row rows[LAW_PACK_ROWS];
static struct law law = {.rows = rows};

static void read_law(void)
{
	struct law_error error;

	for (const struct law_pack *p = LAW_PACKS; p->name; p++)
		demand(law_read(p->text, LAW_PACK_ROWS, &law, &error));
}

static struct lawful judged(struct arena *a, struct str text)
{
	struct lawful v = {.arena = a, .law = &law, .zone_folder = "/usr/share/zoneinfo"};
	bool lawful = lawful_judge(&v, text);
	size_t refused = 0;

	demand((v.n_faults > 0) == (v.roster[0] == '\0'));
	demand(!lawful || (v.n_faults == 0 && v.n_refused == 0));
	for (const struct lawful_breach *b = v.breaches; b; b = b->next) {
		refused += b->level == LAWFUL_REFUSE;
		demand(b->figure >= 0 && b->limit >= 0);
		demand(*text_zh(a, lawful_words(a, b)) && *text_en(a, lawful_words(a, b)));
	}
	demand(refused == v.n_refused);
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = {(const char *)data, size};
	struct lawful first, second;

	if (law.n == 0)
		read_law();
	first = judged(a, text);
	second = judged(a, text);
	demand(first.n_faults == second.n_faults && first.n_refused == second.n_refused);
	demand(memcmp(first.rules, second.rules, sizeof(first.rules)) == 0);
	arena_free(a);
	return 0;
}
