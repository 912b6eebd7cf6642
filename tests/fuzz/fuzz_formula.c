/* Formulas as a company writes them: whatever the text, reading and checking end with faults whose places lie in it, and
 * what is taken runs to an end and can be said. */
#include "formula_given.h"
#include "fuzz.h"

static void put(void *arg, const char *piece, size_t n)
{
	size_t *all = arg;

	(void)piece;
	*all += n;
}

static void check_places(const struct formula_faults *faults, size_t size)
{
	size_t end = size > FORMULA_TEXT_MOST ? FORMULA_TEXT_MOST : size;

	demand(faults->n > 0 && faults->n <= FORMULA_FAULTS_MOST);
	for (unsigned i = 0; i < faults->n; i++)
		demand((size_t)faults->fault[i].at + faults->fault[i].length <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct formula_type WANTED[] = {{FORMULA_NUMBER, {1, 0, 0, 0}}, {FORMULA_NUMBER, {0, 0, 0, 0}}, {.kind = FORMULA_BOOL}};
	static struct formula_value values[GIVEN_SLOTS];
	static const struct formula_value *const SEGMENTS[] = {values, values};
	static const struct formula_band BANDS[] = {{{0, 1}, {1, 10}}};
	static const struct formula_table TABLE = {1, BANDS};
	const struct formula_input in = {values, SEGMENTS, 2, &TABLE};
	static struct formula f;
	struct formula_faults faults;
	size_t said = 0;

	if (size == 0)
		return 0;
	for (uint16_t i = 0; i < GIVEN_SLOTS; i++)
		values[i] = (struct formula_value){i % 7 != 5, ratio_of(i - 3, i % 4 + 1)};
	const char *text = (const char *)data + 1;
	if (!formula_read(&f, text, size - 1, &faults) || !formula_check(&f, &GIVEN, WANTED[data[0] % 3], &faults)) {
		check_places(&faults, size - 1);
		return 0;
	}
	if (formula_run(&f, &in).end == FORMULA_DONE)
		formula_say(&f, &in, put, &said);
	return 0;
}
