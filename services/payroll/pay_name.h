/* The names that formulas of pay items may use, and their types. Whoever runs formulas gives their
 * values by slot; what is not given is missing. */
#ifndef RENHE_PAYROLL_PAY_NAME_H
#define RENHE_PAYROLL_PAY_NAME_H
#include "formula.h"
#include "payroll.h"

struct pay_name {
	const char *name;
	Payroll__PayItemType type; /* 0: a rate, as unit says */
	struct formula_unit rate;
	const char *unit; /* as formulas write it */
	const struct text_def *text;
};
extern const struct pay_name PAY_NAMES[];
extern const uint16_t N_PAY_NAMES;
/* The slot, or -1. */
int pay_name_find(const char *name, size_t n);
struct formula_type pay_name_type(uint16_t slot);

struct formula_type pay_type(Payroll__PayItemType type);
#endif
