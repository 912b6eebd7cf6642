/* What names what: sites, posts and people of shifts; stretches that are none; zones. */
#include <stdlib.h>

#include "lawful_fact.h"
#include "lawful_texts.h"

#define HOUR_S 3600
#define SHIFT_MOST_S (48 * HOUR_S)

static const char *at(struct lawful *v, const char *list, size_t i, const char *member)
{
	return arena_printf(v->arena, "/%s/%zu%s", list, i, member);
}

/* ---- ids: structs whose first member is their const char *id, found by a sorted index ---- */

struct entry {
	const char *id;
	size_t at;
};
struct index {
	struct entry *entries;
	size_t n;
};

static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->id, y->id);

	return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int id_is(const void *key, const void *e)
{
	return strcmp(key, ((const struct entry *)e)->id);
}

static struct index index_of(struct lawful *v, const char *list, const void *things, size_t size,
			     size_t n)
{
	struct index x = {arena_alloc(v->arena, (n + 1) * sizeof(struct entry)), n};

	for (size_t i = 0; i < n; i++) {
		memcpy(&x.entries[i].id, (const char *)things + i * size, sizeof(const char *));
		x.entries[i].at = i;
	}
	qsort(x.entries, n, sizeof(*x.entries), by_id);
	for (size_t i = 1; i < n; i++)
		if (strcmp(x.entries[i - 1].id, x.entries[i].id) == 0)
			fact_refuse(v, at(v, list, x.entries[i].at, "/id"), TEXT_FACT_TWICE);
	return x;
}

/* The place in its list, or -1 with a fault. */
static int64_t find(struct lawful *v, const struct index *x, const char *id, const char *pointer)
{
	const struct entry *e = bsearch(id, x->entries, x->n, sizeof(*e), id_is);

	if (!e)
		fact_refuse(v, pointer, TEXT_FACT_UNKNOWN);
	return e ? (int64_t)e->at : -1;
}

struct names {
	struct index sites, posts, people;
};

/* ---- sites ---- */

static struct zone *zone_of(struct lawful *v, struct fact_roster *r, size_t i)
{
	const char *name = r->sites.list[i].zone_name;
	struct zone *z;

	for (size_t k = 0; k < i; k++)
		if (r->sites.list[k].zone && strcmp(r->sites.list[k].zone_name, name) == 0)
			return r->sites.list[k].zone;
	z = arena_alloc(v->arena, sizeof(*z));
	if (zone_load(v->zone_folder, name, z))
		return z;
	fact_refuse(v, at(v, "sites", i, "/zone"), TEXT_FACT_ZONE);
	return NULL;
}

static void resolve_sites(struct lawful *v, struct fact_roster *r, const struct names *names)
{
	for (size_t i = 0; i < r->sites.n; i++) {
		struct fact_site *s = &r->sites.list[i];

		if (!s->zone_name)
			s->zone_name = r->zone;
		s->zone = zone_of(v, r, i);
	}
	for (size_t i = 0; i < r->travel.n; i++) {
		find(v, &names->sites, r->travel.list[i].from, at(v, "travel", i, "/from"));
		find(v, &names->sites, r->travel.list[i].to, at(v, "travel", i, "/to"));
	}
}

/* ---- people ---- */

static void check_days(struct lawful *v, size_t i, const char *member, civil_day from,
		       civil_day until)
{
	if (from >= until)
		fact_refuse(v, at(v, "people", i, member), TEXT_FACT_EMPTY);
}

static void check_stretches(struct lawful *v, size_t i, const char *member,
			    const struct fact_stretch *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (list[k].from_s >= list[k].until_s)
			fact_refuse(v, at(v, "people", i, member), TEXT_FACT_EMPTY);
}

static void check_person(struct lawful *v, size_t i, const struct fact_person *p)
{
	bool special = p->system == SYSTEM_COMPREHENSIVE || p->system == SYSTEM_IRREGULAR;

	check_stretches(v, i, "/available", p->available.list, p->available.n);
	check_stretches(v, i, "/unavailable", p->unavailable.list, p->unavailable.n);
	check_stretches(v, i, "/leave", p->leave.list, p->leave.n);
	for (size_t k = 0; k < p->overtime.n; k++)
		check_days(v, i, "/overtime", p->overtime.list[k].from, p->overtime.list[k].until);
	for (size_t k = 0; k < p->certificates.n; k++)
		check_days(v, i, "/certificates", p->certificates.list[k].from,
			   p->certificates.list[k].until);
	if (p->hired >= p->left)
		fact_refuse(v, at(v, "people", i, "/left"), TEXT_FACT_EMPTY);
	if (!special && p->approved_from != DAY_NEVER)
		fact_refuse(v, at(v, "people", i, "/approved_from"), TEXT_FACT_NO_APPROVAL);
}

static void resolve_people(struct lawful *v, struct fact_roster *r, const struct names *names)
{
	for (size_t i = 0; i < r->people.n; i++) {
		struct fact_person *p = &r->people.list[i];
		int64_t home = find(v, &names->sites, p->home_id, at(v, "people", i, "/home"));

		p->home = home < 0 ? NULL : &r->sites.list[home];
		for (size_t k = 0; k < p->sites.n; k++)
			find(v, &names->sites, p->sites.list[k], at(v, "people", i, "/sites"));
		check_person(v, i, p);
	}
}

/* ---- shifts ---- */

static bool breaks_fit(struct lawful *v, size_t i, const struct fact_shift *s)
{
	instant_s last = s->from_s;

	for (size_t k = 0; k < s->breaks.n; k++) {
		const struct fact_pause *b = &s->breaks.list[k];

		if (b->from_s < last || b->until_s <= b->from_s || b->until_s > s->until_s)
			return fact_refuse(v, at(v, "shifts", i, "/breaks"), TEXT_FACT_BREAKS);
		last = b->until_s;
	}
	return true;
}

/* Work is what no unpaid break takes. Breaks are in order and apart. */
static void cut_breaks(struct lawful *v, struct fact_shift *s)
{
	size_t most = s->breaks.n + 1;
	instant_s from = s->from_s;

	s->worked = (struct spans){arena_alloc(v->arena, most * sizeof(struct span)), 0, most};
	for (size_t k = 0; k < s->breaks.n; k++) {
		const struct fact_pause *b = &s->breaks.list[k];

		if (b->paid)
			continue;
		if (b->from_s > from)
			spans_add(&s->worked, (struct span){from, b->from_s});
		from = b->until_s;
	}
	if (s->until_s > from)
		spans_add(&s->worked, (struct span){from, s->until_s});
}

static bool resolve_shift(struct lawful *v, struct fact_roster *r, const struct names *names,
			  size_t i)
{
	struct fact_shift *s = &r->shifts.list[i];
	int64_t site = find(v, &names->sites, s->site_id, at(v, "shifts", i, "/site"));
	int64_t post =
		s->post_id ? find(v, &names->posts, s->post_id, at(v, "shifts", i, "/post")) : -1;

	find(v, &names->people, s->person_id, at(v, "shifts", i, "/person"));
	if (s->until_s <= s->from_s || s->until_s - s->from_s > SHIFT_MOST_S)
		return fact_refuse(v, at(v, "shifts", i, "/until"), TEXT_FACT_SHIFT);
	if (!breaks_fit(v, i, s) || site < 0 || !r->sites.list[site].zone)
		return false;
	s->site = &r->sites.list[site];
	s->post = post < 0 ? NULL : &r->posts.list[post];
	s->day = zone_day(s->site->zone, s->from_s);
	if (s->day < r->from - DAYS_AROUND || s->day >= r->until + DAYS_AROUND)
		return fact_refuse(v, at(v, "shifts", i, "/from"), TEXT_FACT_FAR);
	cut_breaks(v, s);
	return true;
}

static int by_person(const void *a, const void *b)
{
	const struct fact_shift *x = a, *y = b;
	int c = strcmp(x->person_id, y->person_id);

	if (c)
		return c;
	if (x->from_s != y->from_s)
		return x->from_s < y->from_s ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void give_shifts(struct lawful *v, struct fact_roster *r, const struct names *names)
{
	struct fact_person *last = NULL;

	if (r->shifts.n)
		qsort(r->shifts.list, r->shifts.n, sizeof(*r->shifts.list), by_person);
	for (size_t i = 0; i < r->shifts.n; i++) {
		struct fact_shift *s = &r->shifts.list[i];

		if (!last || strcmp(last->id, s->person_id) != 0) {
			last = &r->people.list[find(v, &names->people, s->person_id, "")];
			last->shifts = s;
		}
		last->n_shifts++;
	}
}

bool fact_resolve(struct lawful *v, struct fact_roster *r)
{
	struct names names = {
		index_of(v, "sites", r->sites.list, sizeof(*r->sites.list), r->sites.n),
		index_of(v, "posts", r->posts.list, sizeof(*r->posts.list), r->posts.n),
		index_of(v, "people", r->people.list, sizeof(*r->people.list), r->people.n),
	};

	index_of(v, "shifts", r->shifts.list, sizeof(*r->shifts.list), r->shifts.n);
	resolve_sites(v, r, &names);
	resolve_people(v, r, &names);
	for (size_t i = 0; i < r->shifts.n; i++)
		resolve_shift(v, r, &names, i);
	if (v->n_faults)
		return false;
	give_shifts(v, r, &names);
	return true;
}
