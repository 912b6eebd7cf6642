/* The blob store against PostgreSQL and a folder: what is put comes back, and nothing else does. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "blob.h"
#include "config.h"
#include "fault.h"
#include "pg.h"
#include "seal.h"
#include "value.h"
#include "renhe.gen.h"
#include <cmocka.h>

#define TENANT "01900000-0000-7000-8000-00000000000a"
#define OTHER "01900000-0000-7000-8000-00000000000b"
#define PERSON "01900000-0000-7000-8000-0000000000ff"
#define PIECE ((size_t)64 << 10)

static char root[] = "/tmp/renhe-blob-XXXXXX";

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

static const char *path(const char *tenant, const char *id)
{
	static char out[200];

	snprintf(out, sizeof(out), "%s/%s/%s", root, tenant, id);
	return out;
}

static unsigned files(void)
{
	unsigned n = 0;
	DIR *d = opendir(path(TENANT, "."));

	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		n += uuid_valid(e->d_name);
	if (d)
		closedir(d);
	return n;
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

static void age(const char *id)
{
	const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};

	assert_int_equal(utimensat(AT_FDCWD, path(TENANT, id), old, 0), 0);
}

static char *slurp(const char *file, size_t *n)
{
	static char bytes[1 << 20];
	FILE *f = fopen(file, "rb");

	assert_non_null(f);
	*n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return bytes;
}

static void spit(const char *file, const char *bytes, size_t n)
{
	FILE *f = fopen(file, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void sizes_come_back(void **state)
{
	static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 5 * PIECE + 77};
	struct blob b;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		put(sizes[i], i % 2 ? PERSON : NULL, NULL, &b);
		assert_null(get(TENANT, b.id, sizes[i]));
		assert_int_equal(stat(path(TENANT, b.id), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
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
	bytes = slurp(path(TENANT, b.id), &n);
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
	bytes = slurp(path(TENANT, b.id), &n);
	mkdir(path(OTHER, ""), 0700);
	spit(path(OTHER, b.id), bytes, n);
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
	char *file = slurp(path(TENANT, b.id), &n);
	memcpy(copy, file, n);
	for (size_t at = 0; at < n; at += n / 9) { /* head, nonce, text and tag of several pieces */
		copy[at] = (char)(copy[at] ^ 1);
		spit(path(TENANT, b.id), copy, n);
		assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
		copy[at] = (char)(copy[at] ^ 1);
	}
	static char swapped[1 << 20];
	memcpy(swapped, copy + sealed, sealed);
	memcpy(swapped + sealed, copy, sealed);
	memcpy(swapped + 2 * sealed, copy + 2 * sealed, n - 2 * sealed);
	spit(path(TENANT, b.id), swapped, n);
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	for (size_t cut = 0; cut < n; cut += sealed) {
		spit(path(TENANT, b.id), copy, cut);
		assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	}
	file = slurp(path(TENANT, twin.id), &n);
	spit(path(TENANT, b.id), file, n); /* another blob's bytes */
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	unlink(path(TENANT, b.id));
	assert_string_equal(get(TENANT, b.id, whole), "BLOB_GONE");
	spit(path(TENANT, b.id), copy, n);
	assert_null(get(TENANT, b.id, whole));
	assert_string_equal(get(TENANT, "../../etc/passwd", 0), "BLOB_GONE");
	assert_string_equal(get(TENANT, OTHER, 0), "BLOB_GONE");
}

static void what_is_rolled_back_is_swept(void **state)
{
	struct ctx cx;
	struct blob lost, kept;
	unsigned before = files();

	(void)state;
	put(10, NULL, NULL, &kept);
	begin(&cx, TENANT);
	assert_true(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &lost));
	db_rollback(&cx);
	pg_ctx_free(&cx);
	assert_int_equal(files(), before + 2);
	assert_string_equal(get(TENANT, lost.id, 1), "BLOB_GONE");
	sweep(0); /* too young: its transaction may yet commit */
	assert_int_equal(files(), before + 2);
	age(lost.id);
	age(kept.id);
	sweep(0);
	assert_int_equal(files(), before + 1);
	assert_null(get(TENANT, kept.id, 10));
	assert_string_equal(pg_see("select count(*) from timer where kind = '" BLOB_TIMER "'"), "1");
}

static void dropped_and_expired(void **state)
{
	struct ctx cx;
	struct blob a, b, later;
	char soon[28], far[28];

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
	age(a.id);
	age(b.id);
	sweep(0);
	assert_int_equal(access(path(TENANT, a.id), F_OK), -1);
	assert_int_equal(access(path(TENANT, b.id), F_OK), -1);
	assert_int_equal(access(path(TENANT, later.id), F_OK), 0);
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
	setenv("RENHE_BLOB_FOLDER", "/proc/none/blob", 1);
	config_load("t");
	begin(&cx, TENANT);
	assert_false(blob_put(&cx, STR("x"), "text/csv", "x", NULL, NULL, &b));
	assert_string_equal(cx.fault.def->code, "STORAGE_UNAVAILABLE");
	pg_ctx_free(&cx);
	setenv("RENHE_BLOB_FOLDER", root, 1);
	config_load("t");
}

static int setup(void **state)
{
	static const char *const GIVEN[] = {"RENHE_PG_DATABASE", "RENHE_PG_USER", "RENHE_PG_RELAY_USER",
					     "RENHE_ROOT_KEY", "RENHE_KEY_ANCHOR", "RENHE_INTERNAL_TOKEN"};

	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < sizeof(GIVEN) / sizeof(GIVEN[0]); i++)
		setenv(GIVEN[i], "unused", 1);
	setenv("RENHE_BLOB_FOLDER", root, 1);
	if (!config_load("t"))
		return -1;
	pg_start(NULL);
	return 0;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_come_back),
		cmocka_unit_test(nothing_stands_in_clear),
		cmocka_unit_test(another_tenant_gets_nothing),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(what_is_rolled_back_is_swept),
		cmocka_unit_test(dropped_and_expired),
		cmocka_unit_test(what_has_expired_is_gone_before_the_sweep),
		cmocka_unit_test(erasure_takes_a_persons_blobs),
		cmocka_unit_test(no_room),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
