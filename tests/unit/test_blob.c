/* The blob store against PostgreSQL and each place of its bytes, a folder and a bucket: what is put comes
 * back, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "blob_at.h"
#include "blob.h"
#include "fault.h"
#include "seal.h"
#include "service.h"
#include "renhe.gen.h"

#define TENANT "01900000-0000-7000-8000-00000000000a"
#define OTHER "01900000-0000-7000-8000-00000000000b"
#define PERSON "01900000-0000-7000-8000-0000000000ff"
#define PIECE ((size_t)64 << 10)

static void begin(struct ctx *cx, const char *tenant)
{
	pg_ctx(cx, "t_app", tenant);
	assert_true(db_begin(cx));
}

/* Bytes that differ by place. */
static struct str sample(struct ctx *cx, size_t n)
{
	char *p = arena_alloc(cx->arena, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 31 + i / 251);
	return (struct str){p, n};
}

static void put(size_t n, const char *person, const char *expire_time, struct blob *out)
{
	struct ctx cx;

	begin(&cx, TENANT);
	assert_true(blob_put(&cx, sample(&cx, n), "text/csv", "张三.csv", person, expire_time, out));
	assert_true(db_commit(&cx));
	pg_ctx_free(&cx);
}

/* NULL where it came as put, else the code. */
static const char *get(const char *tenant, const char *id, size_t n)
{
	struct ctx cx;
	struct blob about;
	struct str bytes;
	const char *code = NULL;

	begin(&cx, tenant);
	if (!blob_get(&cx, id, &about, &bytes)) {
		code = cx.fault.def->code;
	} else {
		assert_int_equal(bytes.n, n);
		assert_memory_equal(bytes.p, sample(&cx, n).p, n);
		assert_string_equal(about.id, id);
		assert_string_equal(about.media_type, "text/csv");
		assert_string_equal(about.file_name, "张三.csv");
		assert_int_equal(about.bytes, n);
		assert_int_equal(strlen(about.sha256), 64);
	}
	pg_ctx_free(&cx);
	return code;
}

static void drop(const char *id)
{
	struct ctx cx;

	begin(&cx, TENANT);
	assert_true(blob_drop(&cx, id));
	assert_true(db_commit(&cx));
	pg_ctx_free(&cx);
}

/* The business clock `ahead_s` later; files count as written an hour earlier where `aged`. */
static void sweep(int64_t ahead_s)
{
	struct ctx cx;

	pg_ctx(&cx, "t_app", TENANT);
	cx.now_us += ahead_s * 1000000;
	assert_true(db_begin(&cx) && blob_sweep(&cx, TENANT) && db_commit(&cx));
	pg_ctx_free(&cx);
}

static void sizes_come_back(void **state)
{
	static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 5 * PIECE + 77};
	struct blob b;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		put(sizes[i], i % 2 ? PERSON : NULL, NULL, &b);
		assert_null(get(TENANT, b.id, sizes[i]));
	}
}

static void nobody_else_reads_the_files(void **state)
{
	struct blob b;
	struct stat st;

	(void)state;
	put(10, NULL, NULL, &b);
	assert_int_equal(stat(folder_path(TENANT, b.id), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Neither the file nor the row says what is in it. */
static void nothing_stands_in_clear(void **state)
{
	struct ctx cx;
	struct blob b;
	size_t n;
	const char *bytes;

	(void)state;
	begin(&cx, TENANT);
	assert_true(blob_put(&cx, STR("SECRETSECRETSECRET"), "text/plain", "SECRETNAME", NULL, NULL, &b));
	assert_true(db_commit(&cx));
	pg_ctx_free(&cx);
	bytes = store.take(TENANT, b.id, &n);
	assert_int_equal(n, 18 + SEAL_EXTRA);
	assert_null(memmem(bytes, n, "SECRET", 6));
	assert_string_equal(pg_see("select count(*) from blob b where b::text like '%SECRET%' "
				   "or encode(b.file_name, 'escape') like '%SECRET%'"), "0");
}

static void another_tenant_gets_nothing(void **state)
{
	struct blob b;
	size_t n;
	char *bytes;

	(void)state;
	put(100, NULL, NULL, &b);
	assert_string_equal(get(OTHER, b.id, 100), "BLOB_GONE");
	/* not even with the file and the row in its own place */
	bytes = store.take(TENANT, b.id, &n);
	store.put(OTHER, b.id, bytes, n);
	pg_script("t", "super", "insert into blob (tenant_id, id, person_id, media_type, file_name, bytes, sha256) select '" OTHER
				"', id, person_id, media_type, file_name, bytes, sha256 from blob where bytes = 100;"
				"insert into subject_key select '" OTHER "', subject_id, key_id, wrapped from subject_key "
				"where subject_id in (select id from blob where bytes = 100)");
	assert_string_equal(get(OTHER, b.id, 100), "BLOB_GONE");
	assert_null(get(TENANT, b.id, 100));
	pg_script("t", "super", "delete from blob where bytes = 100");
}

static void damage_is_seen(void **state)
{
	struct blob b, twin;
	size_t n, whole = 3 * PIECE + 10, sealed = PIECE + SEAL_EXTRA;
	static char copy[1 << 20];

	(void)state;
	put(whole, NULL, NULL, &b);
	put(whole, NULL, NULL, &twin);
	char *file = store.take(TENANT, b.id, &n);
	memcpy(copy, file, n);
	for (size_t at = 0; at < n; at += n / 9) { /* head, nonce, text and tag of several pieces */
		copy[at] = (char)(copy[at] ^ 1);
		store.put(TENANT, b.id, copy, n);
		assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
		copy[at] = (char)(copy[at] ^ 1);
	}
	static char swapped[1 << 20];
	memcpy(swapped, copy + sealed, sealed);
	memcpy(swapped + sealed, copy, sealed);
	memcpy(swapped + 2 * sealed, copy + 2 * sealed, n - 2 * sealed);
	store.put(TENANT, b.id, swapped, n);
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	for (size_t cut = 0; cut < n; cut += sealed) {
		store.put(TENANT, b.id, copy, cut);
		assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	}
	file = store.take(TENANT, twin.id, &n);
	store.put(TENANT, b.id, file, n); /* another blob's bytes */
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	store.drop(TENANT, b.id);
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	store.put(TENANT, b.id, copy, n);
	assert_null(get(TENANT, b.id, whole));
	assert_string_equal(get(TENANT, "../../etc/passwd", 0), "BLOB_GONE");
	assert_string_equal(get(TENANT, OTHER, 0), "BLOB_GONE");
}

static void what_is_rolled_back_is_swept(void **state)
{
	struct ctx cx;
	struct blob lost, kept;
	unsigned before = store.count(TENANT);

	(void)state;
	put(10, NULL, NULL, &kept);
	begin(&cx, TENANT);
	assert_true(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &lost));
	db_rollback(&cx);
	pg_ctx_free(&cx);
	assert_int_equal(store.count(TENANT), before + 2);
	assert_string_equal(get(TENANT, lost.id, 1), "BLOB_GONE");
	sweep(0); /* too young: its transaction may yet commit */
	assert_int_equal(store.count(TENANT), before + 2);
	store.age(TENANT, lost.id);
	store.age(TENANT, kept.id);
	sweep(0);
	assert_int_equal(store.count(TENANT), before + 1);
	assert_null(get(TENANT, kept.id, 10));
	assert_string_equal(pg_see("select count(*) from timer where kind = '" BLOB_TIMER "'"), "1");
}

static void dropped_and_expired(void **state)
{
	struct ctx cx;
	struct blob a, b, later;
	char soon[28], far[28];
	size_t n;

	(void)state;
	pg_ctx(&cx, "t_app", TENANT);
	time_format(cx.now_us + 3600 * INT64_C(1000000), soon);
	time_format(cx.now_us + 7200 * INT64_C(1000000), far);
	pg_ctx_free(&cx);
	put(20, NULL, soon, &a);
	put(30, NULL, NULL, &b);
	put(40, NULL, far, &later);
	drop(b.id);
	assert_string_equal(get(TENANT, b.id, 30), "BLOB_GONE");
	assert_null(get(TENANT, a.id, 20));
	sweep(3601);
	assert_string_equal(get(TENANT, a.id, 20), "BLOB_GONE");
	assert_null(get(TENANT, later.id, 40));
	/* keys are gone with the rows: the files say nothing any more */
	assert_string_equal(pg_see(arena_printf(cx.arena = arena_new(),
						"select count(*) from subject_key where wrapped is not null and subject_id in ('%s', '%s')",
						a.id, b.id)), "0");
	arena_free(cx.arena);
	store.age(TENANT, a.id);
	store.age(TENANT, b.id);
	sweep(0);
	assert_null(store.take(TENANT, a.id, &n));
	assert_null(store.take(TENANT, b.id, &n));
	assert_non_null(store.take(TENANT, later.id, &n));
}

static void what_has_expired_is_gone_before_the_sweep(void **state)
{
	struct blob b;

	(void)state;
	put(50, NULL, "2020-01-01T00:00:00Z", &b);
	assert_string_equal(get(TENANT, b.id, 50), "BLOB_GONE");
}

static void erasure_takes_a_persons_blobs(void **state)
{
	static const char person[] = "01900000-0000-7000-8000-0000000000ee";
	struct ctx cx;
	struct blob b, c;

	(void)state;
	put(60, person, NULL, &b);
	put(61, person, NULL, &c);
	begin(&cx, TENANT);
	assert_true(seal_destroy(&cx, person) && db_commit(&cx));
	pg_ctx_free(&cx);
	assert_string_equal(get(TENANT, b.id, 60), "BLOB_GONE");
	begin(&cx, TENANT);
	struct blob d;
	assert_false(blob_put(&cx, STR("x"), "text/csv", "x", person, NULL, &d));
	assert_string_equal(cx.fault.def->code, "CONFLICT");
	pg_ctx_free(&cx);
	begin(&cx, TENANT);
	assert_true(blob_drop_person(&cx, person) && db_commit(&cx));
	pg_ctx_free(&cx);
	assert_string_equal(pg_see("select count(*) from blob where person_id = '01900000-0000-7000-8000-0000000000ee'"), "0");
}

static void no_room(void **state)
{
	struct ctx cx;
	struct blob b;

	(void)state;
	at_setting("RENHE_BLOB_FOLDER", "/proc/none/blob");
	begin(&cx, TENANT);
	assert_false(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &b));
	assert_string_equal(cx.fault.def->code, "STORAGE_UNAVAILABLE");
	pg_ctx_free(&cx);
	at_setting("RENHE_BLOB_FOLDER", at_root);
}

/* ---- of the bucket only ---- */

static const char *put_code(void)
{
	struct ctx cx;
	struct blob b;
	const char *code = "";

	begin(&cx, TENANT);
	if (!blob_put(&cx, sample(&cx, 3 * PIECE), "text/csv", "x", NULL, NULL, &b)) {
		code = cx.fault.def->code;
		assert_true(cx.fault.retry_after_s > 0);
	} else {
		assert_true(db_commit(&cx));
	}
	pg_ctx_free(&cx);
	return code;
}

static const char *rows(void)
{
	return pg_see("select count(*) from blob");
}

/* Whatever the store does, a request gets its code, nothing stands in the database, and nothing is half
 * read. */
static void a_bad_day_of_the_store(void **state)
{
	static const struct {
		const char *mode, *put, *get;
	} ROWS[] = {
		{"error", "BLOB_STORE_UNAVAILABLE", "BLOB_STORE_UNAVAILABLE"},
		{"slow-down", "BLOB_STORE_UNAVAILABLE", "BLOB_STORE_UNAVAILABLE"},
		{"denied", "BLOB_STORE_UNAVAILABLE", "BLOB_STORE_UNAVAILABLE"},
		{"slow", "BLOB_STORE_UNAVAILABLE", "BLOB_STORE_UNAVAILABLE"},
		{"good", "", NULL},
	};
	struct blob b;
	char before[20], mode[40];

	(void)state;
	put(5 * PIECE, NULL, NULL, &b);
	at_setting("RENHE_BLOB_S3_DEADLINE_MS", "400");
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const char *got;

		snprintf(before, sizeof(before), "%s", rows());
		clock_sleep_ms(250); /* the breaker's longest here */
		snprintf(mode, sizeof(mode), "mode/%s", ROWS[i].mode);
		order_plain(mode);
		assert_string_equal(put_code(), ROWS[i].put);
		if (*ROWS[i].put)
			assert_string_equal(rows(), before);
		clock_sleep_ms(250);
		got = get(TENANT, b.id, 5 * PIECE);
		assert_string_equal(got ? got : "", ROWS[i].get ? ROWS[i].get : "");
	}
	at_setting("RENHE_BLOB_S3_DEADLINE_MS", "20000");
}

/* The bytes arrive and the connection ends: the second try finds them there, and makes them again. */
static void an_answer_that_was_lost(void **state)
{
	unsigned before = store.count(TENANT);
	struct blob b;

	(void)state;
	order_plain("mode/drop");
	assert_string_equal(put_code(), "BLOB_STORE_UNAVAILABLE"); /* every time */
	order_plain("mode/good");
	clock_sleep_ms(250);
	assert_int_equal(store.count(TENANT), before + 1); /* an orphan: swept in its time */
	put(100, NULL, NULL, &b);
	assert_null(get(TENANT, b.id, 100));
}

/* A key that is wrong in a letter, and a region: the store's word is in the log, the caller gets 503. */
static void a_wrong_key(void **state)
{
	static const struct {
		const char *name, *wrong, *right;
	} ROWS[] = {{"RENHE_BLOB_S3_SECRET_KEY", "s3cr3t/of+the=test", "s3cr3t/of+the=tests"},
		    {"RENHE_BLOB_S3_ACCESS_KEY", "AKIDRENHETEST", "AKIDRENHETESTS"},
		    {"RENHE_BLOB_S3_REGION", "us-east-1", "cn-north-1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		at_setting(ROWS[i].name, ROWS[i].wrong);
		assert_string_equal(put_code(), "BLOB_STORE_UNAVAILABLE");
		at_setting(ROWS[i].name, ROWS[i].right);
		assert_string_equal(put_code(), "");
	}
}

static void settings_that_cannot_be_meant(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} ROWS[] = {
		{"RENHE_BLOB_S3_URL", "https://s3.cn-north-1.amazonaws.com.cn/bucket", NULL},
		{"RENHE_BLOB_S3_URL", "https://bucket.oss-cn-hangzhou.aliyuncs.com", NULL},
		{"RENHE_BLOB_S3_URL", "https://s3.example.com/bucket/", "RENHE_BLOB_S3_URL: ends in a slash"},
		{"RENHE_BLOB_S3_URL", "https://s3.example.com/bucket?x=y", "RENHE_BLOB_S3_URL: ends in a slash, or holds a query"},
		{"RENHE_BLOB_S3_URL", "http://s3.example.com/bucket", "RENHE_BLOB_S3_URL: scheme"},
		{"RENHE_BLOB_S3_URL", "s3://bucket", "RENHE_BLOB_S3_URL: scheme"},
		{"RENHE_BLOB_S3_URL", "https://minio:9000/bucket", "RENHE_BLOB_S3_URL: host"},
		{"RENHE_BLOB_S3_URL", "https://s3.example.com:9000/bucket", "RENHE_BLOB_S3_URL: port"},
		{"RENHE_BLOB_S3_URL", "https://key:word@s3.example.com/bucket", "RENHE_BLOB_S3_URL: user"},
		{"RENHE_BLOB_S3_URL", "bucket", "RENHE_BLOB_S3_URL: syntax"},
		{"RENHE_BLOB_S3_REGION", "", "RENHE_BLOB_S3_REGION must be given"},
		{"RENHE_BLOB_S3_ACCESS_KEY", "", "RENHE_BLOB_S3_ACCESS_KEY must be given"},
		{"RENHE_BLOB_S3_SECRET_KEY", "", "RENHE_BLOB_S3_SECRET_KEY must be given"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const char *before = arena_strdup(a, config_str(ROWS[i].name)), *wrong;

		at_setting(ROWS[i].name, ROWS[i].value);
		wrong = blob_settings_fault(a);
		if (!wrong != !ROWS[i].says || (wrong && !strstr(wrong, ROWS[i].says)))
			fail_msg("%s: %s", ROWS[i].value, wrong ? wrong : "");
		assert_true(!wrong || !strstr(wrong, "word")); /* no secret of the URL is told */
		at_setting(ROWS[i].name, before);
	}
	assert_null(blob_settings_fault(a));
	arena_free(a);
}

static void the_check_of_an_operator(void **state)
{
	struct ctx cx = {.svc = &pg_service, .arena = arena_new(), .lang = "en", .request_id = ""};

	(void)state;
	assert_true(blob_check(&cx));
	assert_int_equal(store.count("00000000-0000-0000-0000-000000000000"), 0);
	order_plain("mode/denied");
	assert_false(blob_check(&cx));
	order_plain("mode/good");
	arena_free(cx.arena);
}

/* What was put before a bucket was named stays readable, and is swept where it lies. */
static void the_folder_of_before(void **state)
{
	char url[200];
	struct blob b, lost;
	struct ctx cx;

	(void)state;
	snprintf(url, sizeof(url), "%s", config_str("RENHE_BLOB_S3_URL"));
	at_setting("RENHE_BLOB_S3_URL", "");
	put(PIECE + 5, NULL, NULL, &b);
	begin(&cx, TENANT);
	assert_true(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &lost));
	db_rollback(&cx);
	pg_ctx_free(&cx);
	at_setting("RENHE_BLOB_S3_URL", url);
	assert_null(get(TENANT, b.id, PIECE + 5));
	folder_age(TENANT, lost.id);
	folder_age(TENANT, b.id);
	sweep(0);
	assert_null(get(TENANT, b.id, PIECE + 5));
	assert_int_equal(access(folder_path(TENANT, lost.id), F_OK), -1);
}

/* More blobs than a page of the list holds, of two tenants: each that is nobody's is found. */
static void long_lists(void **state)
{
	struct ctx cx;
	struct blob lost[7], other;
	unsigned before, others;

	(void)state;
	order_plain("page/2");
	before = store.count(TENANT);
	others = store.count(OTHER);
	begin(&cx, OTHER);
	assert_true(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &other));
	db_rollback(&cx);
	pg_ctx_free(&cx);
	store.age(OTHER, other.id);
	for (size_t i = 0; i < 7; i++) {
		begin(&cx, TENANT);
		assert_true(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &lost[i]));
		db_rollback(&cx);
		pg_ctx_free(&cx);
		store.age(TENANT, lost[i].id);
	}
	assert_int_equal(store.count(TENANT), before + 7);
	sweep(0);
	assert_int_equal(store.count(TENANT), before);
	assert_int_equal(store.count(OTHER), others + 1);
	order_plain("page/1000");
}

static int setup(void **state)
{
	(void)state;
	if (at_start() != 0)
		return -1;
	pg_start(NULL);
	return 0;
}

static int setup_bucket(void **state)
{
	(void)state;
	pg_script("t", "super", "truncate blob, timer, subject_key");
	return at_bucket();
}

static int teardown(void **state)
{
	(void)state;
	return at_end();
}

int main(void)
{
#define ANYWHERE                                                                                                         \
	cmocka_unit_test(sizes_come_back), cmocka_unit_test(nothing_stands_in_clear),                                        \
		cmocka_unit_test(another_tenant_gets_nothing), cmocka_unit_test(damage_is_seen),                             \
		cmocka_unit_test(what_is_rolled_back_is_swept), cmocka_unit_test(dropped_and_expired),                       \
		cmocka_unit_test(what_has_expired_is_gone_before_the_sweep),                                                 \
		cmocka_unit_test(erasure_takes_a_persons_blobs)
	const struct CMUnitTest in_the_folder[] = {
		ANYWHERE,
		cmocka_unit_test(nobody_else_reads_the_files),
		cmocka_unit_test(no_room),
	};
	const struct CMUnitTest in_the_bucket[] = {
		ANYWHERE,
		cmocka_unit_test(a_bad_day_of_the_store),
		cmocka_unit_test(an_answer_that_was_lost),
		cmocka_unit_test(a_wrong_key),
		cmocka_unit_test(settings_that_cannot_be_meant),
		cmocka_unit_test(the_check_of_an_operator),
		cmocka_unit_test(the_folder_of_before),
		cmocka_unit_test(long_lists),
	};

	return cmocka_run_group_tests(in_the_folder, setup, NULL) + cmocka_run_group_tests(in_the_bucket, setup_bucket, teardown);
}
