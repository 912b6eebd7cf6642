/* Fills a suite's archive with made-up employees, by the named queries and the sealing of the
 * service itself, many to a round trip. No events leave: other services hear nothing of them.
 *
 *   fill_people TENANT_ID COUNT <places    with archive's environment; lines "unit ID" and "post
 * ID" */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "archive.h"
#include "config.h"
#include "fault.h"
#include "log.h"
#include "people.gen.h"
#include "people_sql.h"
#include "row_list.h"
#include "seal.h"
#include "search.h"
#include "value.h"

enum { BATCH = 2000, MOST_PLACES = 1000 };
#define HIRED "2025-03-01"
#define AT "2025-03-01T00:00:00.000000Z"

static const char SURNAMES[] = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖"
			       "田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈";
static const char GIVEN[] = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉红梅建国文辉力志宏"
			    "欣怡子涵雨泽浩然诗晨宇轩思琪梓萱";

struct places {
	char *ids[MOST_PLACES];
	size_t n;
};
static struct places units, posts;
static struct service svc;

struct batch {
	uint64_t first;
	size_t n;
	ProtobufCMessage **employees, **grams, **persons, **employments, **assignments;
};

/* splitmix64: the same people in every run. */
static uint64_t random_of(uint64_t i, uint64_t what)
{
	uint64_t z = (i * 8 + what + 1) * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* The k-th character of a list of three bytes each. */
static const char *character(const char *list, size_t size, uint64_t k)
{
	return list + 3 * (k % ((size - 1) / 3));
}

static char *name_of(struct arena *a, uint64_t i)
{
	/* Squared: the first surnames are the frequent ones. */
	uint64_t r = random_of(i, 0) % 10000,
		 surname = r * r / 10000 * ((sizeof(SURNAMES) - 1) / 3) / 10000;
	bool two = random_of(i, 1) % 3 != 0;

	return arena_printf(a, "%.3s%.3s%.*s", character(SURNAMES, sizeof(SURNAMES), surname),
			    character(GIVEN, sizeof(GIVEN), random_of(i, 2)), two ? 3 : 0,
			    character(GIVEN, sizeof(GIVEN), random_of(i, 3)));
}

static char *id_number_of(struct arena *a, uint64_t i)
{
	static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	char day[11], *body;
	int sum = 0;

	date_format((int64_t)(i % 13000) - 700, day);
	body = arena_printf(a, "130102%.4s%.2s%.2s%03" PRIu64, day, day + 5, day + 8, i / 13000);
	for (int k = 0; k < 17; k++)
		sum += weights[k] * (body[k] - '0');
	return arena_printf(a, "%s%c", body, "10X98765432"[sum % 11]);
}

/* Two of five are of the first post, as in a shop. */
static char *post_of(uint64_t i)
{
	uint64_t r = random_of(i, 4);

	return r % 5 < 2 ? posts.ids[0] : posts.ids[r / 5 % posts.n];
}

static char *new_id(struct arena *a)
{
	char *id = arena_alloc(a, 37);

	uuid7(id);
	return id;
}

static Archive__Employee *employee_of(struct arena *a, uint64_t i)
{
	Archive__Employee *e = (Archive__Employee *)msg_new(a, &RULE_ARCHIVE_EMPLOYEE);

	e->id = new_id(a);
	e->person_id = new_id(a);
	e->employee_number = arena_printf(a, "B%07" PRIu64, i);
	e->name = name_of(a, i);
	e->id_number = id_number_of(a, i);
	e->has_id_type = e->has_sex = e->has_employment_type = e->has_version = e->has_fact_kind =
		true;
	e->id_type = ARCHIVE__ID_TYPE__ID_TYPE_RESIDENT_ID;
	e->sex = (e->id_number[16] - '0') % 2 ? ARCHIVE__SEX__SEX_MALE : ARCHIVE__SEX__SEX_FEMALE;
	e->birth_date = arena_printf(a, "%.4s-%.2s-%.2s", e->id_number + 6, e->id_number + 10,
				     e->id_number + 12);
	e->mobile = arena_printf(a, "13%09" PRIu64, i * 7919 % 1000000000);
	e->hire_date = e->effective_date = e->valid_from = HIRED;
	e->org_unit_id = units.ids[random_of(i, 5) % units.n];
	e->post_id = post_of(i);
	e->employment_type = ARCHIVE__EMPLOYMENT_TYPE__EMPLOYMENT_TYPE_FULL_TIME;
	e->version = 1;
	e->update_time = AT;
	e->fact_kind = ARCHIVE__FACT_KIND__FACT_KIND_HIRED;
	return e;
}

static ProtobufCMessage *taken(struct arena *a, const struct message_rule *rule,
			       const Archive__Employee *e)
{
	ProtobufCMessage *m = msg_new(a, rule);

	msg_assign(&e->base, m);
	return m;
}

static void add(struct arena *a, struct batch *b, size_t at)
{
	Archive__Employee *e = employee_of(a, b->first + at);
	People__Employment *employment = (People__Employment *)taken(a, &RULE_PEOPLE_EMPLOYMENT, e);
	People__Assignment *assignment = (People__Assignment *)taken(a, &RULE_PEOPLE_ASSIGNMENT, e);
	Archive__SearchGrams *grams =
		(Archive__SearchGrams *)msg_new(a, &RULE_ARCHIVE_SEARCH_GRAMS);

	employment->employee_id = assignment->employee_id = e->id;
	grams->person_id = e->person_id;
	search_name(a, e->name, grams);
	b->employees[at] = &e->base;
	b->grams[at] = &grams->base;
	b->persons[at] = taken(a, &RULE_ARCHIVE_PERSON_SNAPSHOT, e);
	b->employments[at] = &employment->base;
	b->assignments[at] = &assignment->base;
}

static bool put_heads(struct ctx *cx, const struct batch *b)
{
	static const char SQL[] = "insert into person (person_id, version, create_time, "
				  "update_time) values ($1, 1, $2, $2)";
	struct db_stmt *stmts = arena_alloc(cx->arena, b->n * sizeof(*stmts));

	for (size_t i = 0; i < b->n; i++) {
		const char **params = arena_alloc(cx->arena, 2 * sizeof(*params));

		params[0] = ((Archive__Employee *)b->employees[i])->person_id;
		params[1] = AT;
		stmts[i] = (struct db_stmt){SQL, params, 2};
	}
	return db_sql_batch(cx, stmts, b->n, NULL);
}

static bool put_batch(struct ctx *cx, void *arg)
{
	struct batch *b = arg;
	ProtobufCMessage ***lists[] = {&b->employees, &b->grams, &b->persons, &b->employments,
				       &b->assignments};
	const struct {
		const struct query *query;
		ProtobufCMessage ***rows;
	} all[] = {
		{&Q_PERSON_REVISION_INSERT, &b->employees},
		{&Q_EMPLOYEE_INSERT, &b->employees},
		{&Q_EMPLOYEE_FACT_INSERT, &b->employees},
		{&Q_EMPLOYEE_SLICE_INSERT, &b->employees},
		{&Q_SEARCH_PERSON_PUT, &b->grams},
		{&Q_PEOPLE_PERSON_PUT, &b->persons},
		{&Q_PEOPLE_EMPLOYMENT_PUT, &b->employments},
		{&Q_PEOPLE_ASSIGNMENT_PUT, &b->assignments},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		*lists[i] = arena_alloc(cx->arena, b->n * sizeof(ProtobufCMessage *));
	for (size_t i = 0; i < b->n; i++)
		add(cx->arena, b, i);
	if (!put_heads(cx, b))
		return false;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!db_exec_all(cx, all[i].query, *all[i].rows, b->n, NULL))
			return false;
	return true;
}

static bool read_places(void)
{
	char kind[8], id[64];

	while (scanf("%7s %63s", kind, id) == 2) {
		struct places *p = !strcmp(kind, "unit") ? &units : &posts;

		if (p->n < MOST_PLACES)
			p->ids[p->n++] = strdup(id);
	}
	return units.n && posts.n;
}

int main(int argc, char **argv)
{
	char err[200];
	uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (!count || !read_places() || !config_load("archive"))
		return 64;
	log_init("fill_people", LOG_INFO);
	if (!seal_init(config_str("RENHE_ROOT_KEY"), err, sizeof(err)))
		return 78;
	rule_check(&SCHEMA_ARCHIVE);
	svc = (struct service){.def = &ARCHIVE, .schema = &SCHEMA_ARCHIVE};
	for (uint64_t first = 0; first < count; first += BATCH) {
		struct batch b = {.first = first,
				  .n = count - first < BATCH ? count - first : BATCH};

		if (!service_task(&svc, argv[1], put_batch, &b))
			return 1;
	}
	return 0;
}
