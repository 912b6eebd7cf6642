/* The 24 shift-scheduling instances of Curtois and Qu (2014) as text: read into the model, rosters
 * written and read. */
#ifndef RENHE_ROSTER_SOLVE_CURTOIS_H
#define RENHE_ROSTER_SOLVE_CURTOIS_H
#include "solve_model.h"
#include "solve_text.h"
#include <stdio.h>

/* The model, or NULL with the fault in `t`. */
struct roster_model *roster_curtois_read(struct roster_text *t);
/* A line for each person: the id, then a field for each day behind a tab, a hyphen for a day off.
 */
void roster_curtois_write(const struct roster_model *m, const uint8_t *plan, FILE *out);
/* The same form; people and days must be those of the model, in any order of people. */
bool roster_curtois_plan(struct roster_text *t, const struct roster_model *m, uint8_t *plan);
#endif
