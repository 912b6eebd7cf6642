#include "calculation.h"
#include "override.h"
#include "row.h"
#include "value.h"

bool calculation_begin(struct calculation *c, struct ctx *cx, const Payroll__Basis *basis)
{
	const char *day = basis && basis->date ? basis->date : cx->today;

	*c = (struct calculation){.cx = cx};
	c->rules = (struct rules){.law = &payroll_law, .place = basis && basis->place ? basis->place : "", .trace = &c->trace};
	if (!calculation_day(c, day, "/basis/date", &c->rules.day))
		return fault_none(cx, &FAULT_CALCULATION_REFUSED);
	if (basis && basis->n_law)
		override_law(c, basis);
	return fault_none(cx, &FAULT_CALCULATION_REFUSED);
}

#define YEAR_FIRST 1900
#define YEAR_LAST 2199

bool calculation_day(struct calculation *c, const char *text, const char *pointer, civil_day *out)
{
	if (civil_read(text, out) && *out <= civil_of(YEAR_LAST, 12, 31) && *out >= civil_of(YEAR_FIRST, 1, 1))
		return true;
	return calculation_wrong(c, pointer, "OUT_OF_RANGE", TEXT_OUT_OF_RANGE);
}

void calculation_value(struct calculation *c, enum law_scheme s, const char *item, int value, int64_t v)
{
	const struct law_row *row = law_find(c->rules.law, s, rule_place(&c->rules, s), item, c->rules.day);
	struct law_row one;
	struct law given = {.rows = &one}, *out = arena_alloc(c->cx->arena, sizeof(*out));

	if (!row)
		return;
	one = *row;
	one.values[value] = v;
	one.verified = false;
	law_of_row(&given);
	*out = (struct law){.rows = arena_alloc(c->cx->arena, (c->rules.law->n + 1) * sizeof(struct law_row))};
	law_override(c->rules.law, &given, out);
	c->rules.law = out;
}

/* ---- refusals ---- */

bool calculation_wrong(struct calculation *c, const char *pointer, const char *code, struct text detail)
{
	fault_add(c->cx, pointer, code, detail);
	return false;
}

/* The member of the request that the rule means: its name is that of the fact, with the unit behind. */
static const char *member_of(const struct message_rule *rule, const char *item)
{
	size_t n = strlen(item);

	for (unsigned i = 0; i < rule->pb->n_fields; i++) {
		const char *name = rule->fields[i].name;

		if (strncmp(name, item, n) == 0 && (name[n] == '\0' || name[n] == '_'))
			return name;
	}
	return NULL;
}

/* What stands at "/months/3" is described by the message of "months"; the request itself at "". */
static const struct message_rule *rule_at(const struct message_rule *rule, const char *at)
{
	const char *name = *at == '/' ? at + 1 : at;
	size_t n = strcspn(name, "/");

	for (unsigned i = 0; n && i < rule->pb->n_fields; i++)
		if (strncmp(rule->fields[i].name, name, n) == 0 && rule->fields[i].name[n] == '\0' && rule->fields[i].sub)
			return rule->fields[i].sub;
	return rule;
}

static const char *pointer_to(struct calculation *c, const char *at, const char *item)
{
	const char *member = item ? member_of(rule_at(c->cx->route->in, at), item) : NULL;

	return member ? arena_printf(c->cx->arena, "%s/%s", at, member) : at;
}

static void no_law(struct calculation *c, const struct rule_fault *f)
{
	const char *scheme = law_scheme_name(f->scheme);
	char day[11];

	if (law_scheme_local(f->scheme) && !*c->rules.place) {
		calculation_wrong(c, "/basis/place", "REQUIRED", TEXT_PLACE_MISSING);
		return;
	}
	date_format(c->rules.day, day);
	calculation_wrong(c, law_scheme_local(f->scheme) ? "/basis/place" : "/basis/date", "LAW_NOT_COVERED",
			  TEXT_LAW_NOT_COVERED(rule_place(&c->rules, f->scheme), day, arena_printf(c->cx->arena, "%s %s", scheme, f->item)));
}

bool calculation_done(struct calculation *c, bool done, const char *at)
{
	struct rule_fault f = c->rules.fault;

	c->rules.fault = (struct rule_fault){0};
	if (done)
		return true;
	if (f.kind == RULE_NO_LAW)
		no_law(c, &f);
	else if (f.kind == RULE_INPUT)
		calculation_wrong(c, pointer_to(c, at, f.item), "OUT_OF_RANGE", TEXT_OUT_OF_RANGE);
	else
		calculation_wrong(c, pointer_to(c, at, f.item), "TOO_LARGE", TEXT_BEYOND_COUNTING);
	return false;
}

/* ---- the answer ---- */

void *messages_new(struct calculation *c, const struct message_rule *rule, size_t n)
{
	ProtobufCMessage **out = arena_alloc(c->cx->arena, (n + 1) * sizeof(*out));

	for (size_t i = 0; i < n; i++)
		out[i] = msg_new(c->cx->arena, rule);
	return out;
}

char *day_text(struct calculation *c, civil_day d)
{
	char *out = arena_alloc(c->cx->arena, 11);

	date_format(d, out);
	return out;
}

static char **values_text(struct calculation *c, const struct law_row *r, size_t *n)
{
	char **out;

	*n = (size_t)law_scheme_values(r->scheme);
	out = arena_alloc(c->cx->arena, (*n + 1) * sizeof(*out));
	for (size_t i = 0; i < *n; i++) {
		out[i] = arena_alloc(c->cx->arena, LAW_VALUE_TEXT);
		law_value_text(r, (int)i, out[i]);
	}
	return out;
}

static Payroll__LawRow *row_text(struct calculation *c, const struct law_row *r)
{
	Payroll__LawRow *out = (Payroll__LawRow *)msg_new(c->cx->arena, &RULE_PAYROLL_LAW_ROW);

	out->scheme = arena_strdup(c->cx->arena, law_scheme_name(r->scheme));
	out->place = arena_strdup(c->cx->arena, r->place);
	out->item = arena_strdup(c->cx->arena, r->item);
	out->values = values_text(c, r, &out->n_values);
	out->has_verified = out->has_overridden = true;
	out->verified = r->verified;
	out->overridden = r->overridden;
	if (r->overridden)
		return out;
	out->from_date = day_text(c, r->from);
	if (r->until != DAY_NEVER)
		out->until_date = day_text(c, r->until);
	out->source = arena_strdup(c->cx->arena, r->source);
	return out;
}

static void rows_text(struct calculation *c, Payroll__Derivation *out)
{
	out->law = arena_alloc(c->cx->arena, (c->trace.n + 1) * sizeof(*out->law));
	out->has_verified = out->verified = true;
	for (; out->n_law < c->trace.n; out->n_law++) {
		const struct law_row *r = c->trace.rows[out->n_law];

		out->law[out->n_law] = row_text(c, r);
		out->verified = out->verified && r->verified;
	}
}

bool calculation_end(struct calculation *c, Payroll__Derivation **out)
{
	Payroll__Derivation *d = (Payroll__Derivation *)msg_new(c->cx->arena, &RULE_PAYROLL_DERIVATION);

	if (!fault_none(c->cx, &FAULT_CALCULATION_REFUSED))
		return false;
	d->date = day_text(c, c->rules.day);
	if (*c->rules.place)
		d->place = arena_strdup(c->cx->arena, c->rules.place);
	d->steps = c->steps;
	d->n_steps = c->n_steps;
	rows_text(c, d);
	*out = d;
	return true;
}
