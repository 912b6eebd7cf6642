/* Names for tests of formulas: the letters before the first '_' say the type, and each name of a word list has a slot. */
#ifndef RENHE_FORMULA_GIVEN_H
#define RENHE_FORMULA_GIVEN_H
#include <string.h>

#include "formula.h"

static const struct {
	const char *prefix;
	struct formula_type type;
} GIVEN_TYPES[] = {
	{"m_", {FORMULA_NUMBER, {1, 0, 0, 0}}},	 {"t_", {FORMULA_NUMBER, {0, 1, 0, 0}}},
	{"d_", {FORMULA_NUMBER, {0, 0, 1, 0}}},	 {"c_", {FORMULA_NUMBER, {0, 0, 0, 1}}},
	{"n_", {FORMULA_NUMBER, {0, 0, 0, 0}}},	 {"p_", {FORMULA_NUMBER, {1, 0, 0, -1}}},
	{"b_", {.kind = FORMULA_BOOL}},		 {"dt_", {.kind = FORMULA_DATE}},
	{"seg.m_", {FORMULA_NUMBER, {1, 0, 0, 0}}}, {"seg.d_", {FORMULA_NUMBER, {0, 0, 1, 0}}},
};
static const char *const GIVEN_NAMES[] = {"m_a", "m_b", "m_c", "t_a", "t_b", "d_a", "d_b", "c_a", "n_a", "n_b", "n_c", "p_a", "b_a",
					  "b_b", "dt_a", "dt_b", "m_none", "n_none", "seg.m_wage", "seg.d_days"};
#define GIVEN_SLOTS (sizeof(GIVEN_NAMES) / sizeof(GIVEN_NAMES[0]))

static bool given_find(const void *arg, const char *name, size_t n, struct formula_type *type, uint16_t *slot)
{
	(void)arg;
	for (uint16_t i = 0; i < GIVEN_SLOTS; i++) {
		if (strlen(GIVEN_NAMES[i]) != n || memcmp(GIVEN_NAMES[i], name, n) != 0)
			continue;
		*slot = i;
		for (size_t k = 0; k < sizeof(GIVEN_TYPES) / sizeof(GIVEN_TYPES[0]); k++)
			if (strncmp(name, GIVEN_TYPES[k].prefix, strlen(GIVEN_TYPES[k].prefix)) == 0) {
				*type = GIVEN_TYPES[k].type;
				return true;
			}
	}
	return false;
}

/* One table: money by money. */
static bool given_table(const void *arg, const char *name, size_t n, struct formula_type *key, struct formula_type *type, uint16_t *slot)
{
	(void)arg;
	*key = FORMULA_MONEY;
	*type = FORMULA_PLAIN;
	*slot = 0;
	return n == 5 && memcmp(name, "scale", 5) == 0;
}
static const struct formula_names GIVEN = {given_find, given_table, NULL};
#endif
