#include "slip_internal.h"

void slip_problem(struct making *m, enum slip_problem_kind kind, const char *item, unsigned index)
{
	struct slip *s = m->out;

	if (s->n_problems < SLIP_PROBLEMS_MOST)
		s->problem[s->n_problems] = (struct slip_problem){.kind = kind, .item = item, .index = index,
								  .scheme = m->rules.fault.scheme, .place = m->rules.place,
								  .day = m->rules.day};
	s->n_problems++;
}

void slip_at(struct making *m, const char *place, civil_day day)
{
	m->rules = (struct rules){.law = m->f->law, .place = place, .day = day, .trace = &m->out->trace};
}

bool slip_done(struct making *m, bool done, const char *item, unsigned index)
{
	static const enum slip_problem_kind KINDS[] = {[RULE_FINE] = SLIP_RANGE, [RULE_NO_LAW] = SLIP_NO_LAW,
						       [RULE_OVERFLOW] = SLIP_TOO_MUCH, [RULE_INPUT] = SLIP_RANGE};

	if (done)
		return true;
	slip_problem(m, KINDS[m->rules.fault.kind], item, index);
	m->rules.fault.kind = RULE_FINE;
	return false;
}

void slip_line_of(struct making *m, const struct slip_line *line)
{
	struct slip *s = m->out;
	size_t from = m->traced;

	m->traced = s->trace.n;
	if (s->n == SLIP_LINES_MOST) {
		slip_problem(m, SLIP_TOO_MUCH, "lines", 0);
		return;
	}
	s->line[s->n] = *line;
	s->line[s->n].law_from = from;
	s->line[s->n++].law_n = s->trace.n - from;
}

void slip_line(struct making *m, enum slip_group group, const char *code, int64_t fen, const char *source)
{
	if (fen)
		slip_line_of(m, &(struct slip_line){.group = group, .code = code, .fen = fen, .source = source});
	else
		m->traced = m->out->trace.n;
}

int64_t slip_sum(struct making *m, int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	slip_problem(m, SLIP_TOO_MUCH, "sum", 0);
	return 0;
}

int64_t slip_last_wage(const struct making *m)
{
	return m->f->n_wages ? m->f->wage[m->f->n_wages - 1].fen : 0;
}

bool payslip(const struct slip_facts *f, struct slip *out)
{
	struct making m = {.f = f, .out = out};

	*out = (struct slip){.year = f->tax.year};
	slip_at(&m, f->place, f->first_of_month);
	if (!slip_earn(&m))
		return false;
	slip_contribute(&m);
	slip_tax(&m);
	slip_take(&m);
	out->taxable_fen = m.taxable_fen;
	out->normal_fen = m.normal_fen;
	return out->n_problems == 0;
}
