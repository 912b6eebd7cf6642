/* Events without a broker and a database: headers, the scan of values, rows of the outbox as
 * records, grouping by tenant. The rest is proved by tests/events/run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#undef fail
#include "archive.gen.h"
#include "consumer_batch.h"
#include "contract.gen.h"
#include "event.h"
#include "kafka.h"
#include "relay_row.h"
#include "service.h"

static const struct schema SCHEMA = {.service = "archive", .events = CONTRACT_EVENTS,
				     .n_events = CONTRACT_EVENTS_COUNT, .topics = TOPICS, .n_topics = TOPICS_COUNT};

#define ID "0190c2f0-7a6b-7c3d-8e4f-5a6b7c8d9e0f"
#define TENANT_A "11111111-1111-4111-8111-111111111111"
#define TENANT_B "22222222-2222-4222-8222-222222222222"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- headers ---- */

struct header {
	const char *name, *value;
	size_t n; /* 0: strlen */
};
static const struct header GOOD[] = {
	{"ce_specversion", "1.0", 0}, {"ce_id", ID, 0}, {"ce_type", "renhe.archive.employee.hired.v1", 0},
	{"ce_source", "/renhe/archive", 0}, {"ce_subject", "p1", 0}, {"ce_tenant", TENANT_A, 0}, {"ce_sequence", "7", 0},
};
#define N_GOOD (sizeof(GOOD) / sizeof(GOOD[0]))

static struct event take(const struct header *h, size_t n, const struct header *more)
{
	struct event ev;

	event_init(&ev);
	for (size_t i = 0; i < n; i++)
		event_header(&ev, arena, h[i].name, h[i].value, h[i].n ? h[i].n : strlen(h[i].value));
	if (more)
		event_header(&ev, arena, more->name, more->value, more->n ? more->n : strlen(more->value));
	event_check(&ev);
	return ev;
}

static void headers_are_taken(void **state)
{
	struct event ev = take(GOOD, N_GOOD, NULL);

	(void)state;
	assert_null(ev.defect);
	assert_string_equal(ev.id, ID);
	assert_string_equal(ev.tenant_id, TENANT_A);
	assert_int_equal(ev.sequence, 7);
	assert_string_equal(ev.actor, ""); /* absent */
	assert_null(take(GOOD, N_GOOD, &(struct header){"x-unknown", "\xff", 1}).defect);
	assert_null(take(GOOD, N_GOOD - 1, NULL).defect); /* unsequenced */
}

static void headers_are_refused(void **state)
{
	static const struct {
		struct header more;
		const char *defect;
	} CASES[] = {
		{{"ce_id", "7", 0}, "ce_id"},
		{{"ce_id", ID "x", 0}, "ce_id"},
		{{"ce_id", ID "\0", sizeof(ID)}, "ce_id"},
		{{"ce_type", "a\xff", 0}, "ce_type"},
		{{"ce_type", "a\0b", 3}, "ce_type"},
		{{"ce_subject", "\xc0\x80", 0}, "ce_subject"},
		{{"ce_tenant", "tenant", 0}, "ce_tenant"},
		{{"ce_sequence", "0", 0}, "ce_sequence"},
		{{"ce_sequence", "-1", 0}, "ce_sequence"},
		{{"ce_sequence", "1x", 0}, "ce_sequence"},
		{{"ce_sequence", "99999999999999999999", 0}, "ce_sequence"},
		{{"ce_actor", "\x80", 0}, "ce_actor"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_string_equal(take(GOOD, N_GOOD, &CASES[i].more).defect, CASES[i].defect);
	assert_string_equal(take(GOOD, 1, NULL).defect, "ce_id");
	assert_string_equal(take(GOOD, 2, NULL).defect, "ce_type");
	assert_string_equal(take(GOOD, 3, NULL).defect, "ce_source");
}

/* ---- values ---- */

#define SCAN(d, lit) event_scan(&archive__##d##__descriptor, STR(lit))

static void values_that_are_used(void **state)
{
	(void)state;
	assert_null(SCAN(employee_hired, "\x0a\x02p1\x12\x02" "e1\x30\x01"));
	assert_null(SCAN(employee_hired, "\x0a\x06\xe5\xbc\xa0\xe4\xb8\x89"));   /* 张三 */
	assert_null(SCAN(employee_hired, "\x0a\x00"));                          /* empty text */
	assert_null(SCAN(employee_hired, "\xfa\x3e\x02\xff\x00"));              /* unknown field, any bytes */
	assert_null(SCAN(employee_hired, "\xf8\x3e\x05\xf9\x3e" "12345678\xfd\x3e" "1234"));
	assert_null(SCAN(employee_hired, "\x52\x04\x0a\x02nm"));                /* changes[0].field */
	assert_null(event_scan(&archive__employee_hired__descriptor, (struct str){"", 0}));
}

static void values_that_are_refused(void **state)
{
	static const struct {
		struct str value;
		const char *reason;
	} CASES[] = {
		{{"\x0a", 1}, "MALFORMED"},                   /* no length */
		{{"\x0a\x05p1", 4}, "MALFORMED"},             /* beyond the end */
		{{"\x00\x01", 2}, "MALFORMED"},               /* field 0 */
		{{"\x0b\x0c", 2}, "MALFORMED"},               /* group */
		{{"\x0f\x01", 2}, "MALFORMED"},               /* wire type 7 */
		{{"\xfd\x3e" "12", 4}, "MALFORMED"},          /* half a fixed32 */
		{{"\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, "MALFORMED"}, /* endless varint */
		{{"\x0a\x03p\0q", 5}, "NUL_IN_TEXT"},
		{{"\x0a\x01\0", 3}, "NUL_IN_TEXT"},
		{{"\x0a\x02\xc0\x80", 4}, "BAD_UTF8"},        /* overlong */
		{{"\x0a\x03\xed\xa0\x80", 5}, "BAD_UTF8"},    /* surrogate */
		{{"\x0a\x01\xff", 3}, "BAD_UTF8"},
		{{"\x30\x63", 2}, "UNKNOWN_ENUM"},
		{{"\x32\x01\x63", 3}, "UNKNOWN_ENUM"},        /* packed */
		{{"\x52\x03\x0a\x01\xff", 5}, "BAD_UTF8"},    /* inside a sub-message */
		{{"\x52\x04\x0a\x05xx", 6}, "MALFORMED"},     /* beyond the sub-message */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *reason = event_scan(&archive__employee_hired__descriptor, CASES[i].value);
		assert_string_equal(reason ? reason : "(good)", CASES[i].reason);
	}
}

/* An empty sub-message costs two bytes on the wire and a struct in memory. */
static void values_too_large(void **state)
{
	struct buf b;
	const char *defect;

	(void)state;
	buf_init(&b, arena);
	for (int i = 0; i < EVENT_MAX_MESSAGES - 1; i++)
		buf_add(&b, "\x52\x00", 2);
	assert_null(event_scan(&archive__employee_hired__descriptor, (struct str){b.p, b.n}));
	buf_add(&b, "\x52\x00", 2);
	assert_string_equal(event_scan(&archive__employee_hired__descriptor, (struct str){b.p, b.n}), "TOO_COMPLEX");
	while (b.n <= EVENT_MAX_BYTES)
		buf_add(&b, "\xf8\x3e\x05", 3);
	assert_string_equal(event_scan(&archive__employee_hired__descriptor, (struct str){b.p, b.n}), "TOO_LARGE");
	assert_null(event_unpack(arena, &RULE_ARCHIVE_EMPLOYEE_HIRED, (struct str){b.p, b.n}, &defect));
	assert_string_equal(defect, "TOO_LARGE");
}

/* What protobuf-c takes must have passed, whatever the bytes: run under the sanitizers. */
static void random_values(void **state)
{
	uint64_t x = 88172645463325252u; /* xorshift; printed by its being here */
	char p[64];
	unsigned used = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t n = 1 + x % 40;
		const char *defect;
		for (size_t k = 0; k < n; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			p[k] = (char)(k % 3 == 0 ? "\x0a\x12\x1a\x30\x52\x02"[x % 6] : (int)(x & (k % 2 ? 0x7f : 3)));
		}
		used += event_unpack(arena, &RULE_ARCHIVE_EMPLOYEE_HIRED, (struct str){p, n}, &defect) != NULL;
		if (i % 1000 == 0)
			arena_reset(arena);
	}
	assert_in_range(used, 100, 199000);
}

/* ---- rows ---- */

static void rows_become_records(void **state)
{
	char *row[] = {"12", "renhe.archive.employee.v1", TENANT_A "/p1", "\\x0aff00", ID,
		       "renhe.archive.employee.hired.v1", "/renhe/archive", "p1", TENANT_A, "2026-04-01T00:00:00.000001Z",
		       "3", NULL, NULL, "00-0-0-01"};
	char **rows[] = {row};
	struct db_result r = {rows, 1, 14, 0};
	struct relay_row *out = relay_rows(&SCHEMA, arena, &r);
	const struct kafka_record *rec = &out[0].record;
	unsigned seen = 0;

	(void)state;
	assert_string_equal(out[0].id, "12");
	assert_int_equal(rec->value.n, 3);
	assert_memory_equal(rec->value.p, "\x0a\xff\0", 3);
	for (unsigned i = 0; i < rec->n_headers; i++) {
		assert_non_null(rec->headers[i].value);
		assert_string_not_equal(rec->headers[i].name, "ce_actor"); /* absent ones are left out */
		seen += strcmp(rec->headers[i].name, "ce_aggregate") == 0 && strcmp(rec->headers[i].value, "person") == 0;
		seen += strcmp(rec->headers[i].name, "ce_sequence") == 0 && strcmp(rec->headers[i].value, "3") == 0;
		seen += strcmp(rec->headers[i].name, "content-type") == 0;
		seen += strcmp(rec->headers[i].name, "ce_specversion") == 0 && strcmp(rec->headers[i].value, "1.0") == 0;
	}
	assert_int_equal(seen, 4);
	row[3] = NULL;
	assert_null(relay_rows(&SCHEMA, arena, &r)[0].record.value.p); /* tombstone */
	row[3] = "\\x";
	assert_non_null(relay_rows(&SCHEMA, arena, &r)[0].record.value.p);
}

/* ---- what a record is to a consumer ---- */

static bool never(struct ctx *cx, const struct event *ev, const ProtobufCMessage *msg)
{
	(void)cx, (void)ev, (void)msg;
	return false;
}

static void records_are_judged(void **state)
{
	static const struct consumer_def DEFS[] = {{&EVENT_ARCHIVE_EMPLOYEE_HIRED, never}};
	static const struct service_def DEF = {.name = "identity"};
	struct service svc = {.def = &DEF, .schema = &SCHEMA};
	const struct consumer_batch b = {.svc = &svc, .consumer = "identity", .defs = DEFS, .n_defs = 1};
	struct event ev = take(GOOD, N_GOOD, NULL), bad;
	struct inbox_item it;

	(void)state;
	ev.topic = "renhe.archive.employee.v1";
	ev.key = TENANT_A "/p1";
	ev.value = STR("\x0a\x02p1");
	batch_prepare(&b, arena, &ev, &it);
	assert_null(it.poison);
	assert_ptr_equal(it.def, &DEFS[0]);
	assert_string_equal(it.aggregate_type, "person");
	assert_non_null(it.msg);
	bad = ev, bad.type = "renhe.archive.employee.ended.v1"; /* known, not handled: still counts */
	batch_prepare(&b, arena, &bad, &it);
	assert_true(!it.poison && !it.def && strcmp(it.aggregate_type, "person") == 0);
	bad = ev, bad.type = "renhe.archive.employee.new.v9", bad.aggregate = "person"; /* of a newer writer */
	batch_prepare(&b, arena, &bad, &it);
	assert_true(!it.poison && !it.def && strcmp(it.aggregate_type, "person") == 0);
	bad = ev, bad.topic = "renhe.identity.account.v1";
	batch_prepare(&b, arena, &bad, &it);
	assert_string_equal(it.poison, "WRONG_TOPIC");
	assert_null(it.aggregate_type);
	bad = ev, bad.source = "/renhe/identity";
	batch_prepare(&b, arena, &bad, &it);
	assert_string_equal(it.poison, "WRONG_SOURCE");
	bad = ev, bad.sequence = 0;
	batch_prepare(&b, arena, &bad, &it);
	assert_string_equal(it.poison, "WRONG_SEQUENCE");
	bad = ev, bad.tenant_id = "";
	batch_prepare(&b, arena, &bad, &it);
	assert_string_equal(it.poison, "ce_tenant");
	static const char *const KEYS[] = {"", "p1", TENANT_B "/p1", TENANT_A, TENANT_A "x/p1", "/" TENANT_A "/p1"};
	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) { /* of another tenant than it says, handled or not */
		bad = ev, bad.key = KEYS[i];
		batch_prepare(&b, arena, &bad, &it);
		assert_string_equal(it.poison, "WRONG_TENANT");
		assert_null(it.aggregate_type);
		bad.type = "renhe.archive.employee.new.v9";
		batch_prepare(&b, arena, &bad, &it);
		assert_string_equal(it.poison, "WRONG_TENANT");
	}
	bad = ev, bad.value = STR("\x0a\x01\xff");
	batch_prepare(&b, arena, &bad, &it);
	assert_string_equal(it.poison, "BAD_UTF8");
	assert_string_equal(it.aggregate_type, "person"); /* its aggregate stops behind it */
	bad = ev, bad.value = (struct str){NULL, 0};
	batch_prepare(&b, arena, &bad, &it);
	assert_true(!it.poison && it.def && !it.msg); /* tombstone */
}

static void tenants_stand_together(void **state)
{
	static const char *const TENANTS[] = {TENANT_A, TENANT_B, TENANT_A, "", TENANT_B, TENANT_A, ""};
	enum { N = 7 };
	static const int ORDER[N] = {0, 2, 5, 1, 4, 3, 6};
	struct event evs[N];
	struct inbox_item items[N];

	(void)state;
	for (int i = 0; i < N; i++) {
		event_init(&evs[i]);
		evs[i].tenant_id = TENANTS[i];
		items[i] = (struct inbox_item){.ev = &evs[i]};
	}
	batch_group(arena, items, N);
	for (int i = 0; i < N; i++)
		assert_ptr_equal(items[i].ev, &evs[ORDER[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_taken),	 cmocka_unit_test(headers_are_refused),
		cmocka_unit_test(values_that_are_used),	 cmocka_unit_test(values_that_are_refused),
		cmocka_unit_test(values_too_large),	 cmocka_unit_test(random_values),
		cmocka_unit_test(rows_become_records),	 cmocka_unit_test(records_are_judged),
		cmocka_unit_test(tenants_stand_together),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
