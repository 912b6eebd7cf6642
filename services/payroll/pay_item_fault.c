/* What is wrong with formulas, as people and programs are told. */
#include "pay_item.h"

static const struct {
	const char *code;
	const struct text_def *text;
} FAULTS[] = {
	[FORMULA_CHARACTER] = {"FORMULA_CHARACTER", &TEXT_DEF_FORMULA_CHARACTER},
	[FORMULA_DIGITS] = {"FORMULA_DIGITS", &TEXT_DEF_FORMULA_DIGITS},
	[FORMULA_UNEXPECTED] = {"FORMULA_UNEXPECTED", &TEXT_DEF_FORMULA_UNEXPECTED},
	[FORMULA_UNFINISHED] = {"FORMULA_UNFINISHED", &TEXT_DEF_FORMULA_UNFINISHED},
	[FORMULA_TOO_LONG] = {"FORMULA_TOO_LONG", &TEXT_DEF_FORMULA_TOO_LONG},
	[FORMULA_TOO_DEEP] = {"FORMULA_TOO_DEEP", &TEXT_DEF_FORMULA_TOO_DEEP},
	[FORMULA_NO_NAME] = {"FORMULA_NO_NAME", &TEXT_DEF_FORMULA_NO_NAME},
	[FORMULA_NO_FUNCTION] = {"FORMULA_NO_FUNCTION", &TEXT_DEF_FORMULA_NO_FUNCTION},
	[FORMULA_ARGUMENTS] = {"FORMULA_ARGUMENTS", &TEXT_DEF_FORMULA_ARGUMENTS},
	[FORMULA_KINDS] = {"FORMULA_KINDS", &TEXT_DEF_FORMULA_KINDS},
	[FORMULA_UNITS] = {"FORMULA_UNITS", &TEXT_DEF_FORMULA_UNITS},
	[FORMULA_RESULT] = {"FORMULA_RESULT", &TEXT_DEF_FORMULA_RESULT},
	[FORMULA_SEGMENT] = {"FORMULA_SEGMENT", &TEXT_DEF_FORMULA_SEGMENT},
};

const char *pay_fault_code(enum formula_code code)
{
	return FAULTS[code].code;
}

/* Bytes to characters, from 1, as a person counts them. */
static int64_t place_of(const char *text, unsigned at)
{
	int64_t n = 1;

	for (unsigned i = 0; i < at && text[i]; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

struct text pay_fault_text(const struct formula_fault *f, const char *text)
{
	return (struct text){FAULTS[f->code].text, {{.i = place_of(text, f->at)}}};
}

const char *pay_circle_text(const struct pay_set *s)
{
	const char *path = s->item[s->order[0]]->code;

	for (unsigned i = 1; i <= s->n_circle; i++)
		path = arena_printf(s->arena, "%s → %s", path,
				    s->item[s->order[i % s->n_circle]]->code);
	return path;
}

static void tell_own(struct ctx *cx, const struct formula_faults *faults, const char *text)
{
	for (unsigned i = 0; i < faults->n; i++)
		fault_add(cx, "/formula", pay_fault_code(faults->fault[i].code),
			  pay_fault_text(&faults->fault[i], text));
}

void pay_set_tell(struct ctx *cx, const struct pay_set *s, const char *id, const char *day,
		  bool *others)
{
	*others = true;
	for (unsigned i = 0; i < s->n; i++) {
		const Payroll__PayItem *p = s->item[i];

		if (!s->faults[i].n)
			continue;
		if (strcmp(p->id, id) != 0) {
			fault_add(cx, "", "NEEDED_BY", TEXT_PAY_ITEM_BREAKS(day, p->code));
			continue;
		}
		*others = false;
		tell_own(cx, &s->faults[i], p->formula);
	}
	if (s->n_circle) {
		*others = false;
		fault_add(cx, "/formula", "FORMULA_CIRCLE",
			  TEXT_FORMULA_CIRCLE(pay_circle_text(s)));
	}
}
