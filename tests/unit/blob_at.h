/* The places where a blob's bytes may lie, as a test reaches behind the store's back: the folder, and a
 * bucket of the simulator (tests/lib/s3.py), which takes no wrong signature. */
#ifndef RENHE_TEST_BLOB_AT_H
#define RENHE_TEST_BLOB_AT_H
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pg.h"
#include "arena.h"
#include "config.h"
#include "outbound.h"
#include "simulator.h"
#include "value.h"

#define AT_MOST (1 << 20)

static struct store {
	const char *name;
	char *(*take)(const char *tenant, const char *id, size_t *n); /* static memory; NULL where it isn't there */
	void (*put)(const char *tenant, const char *id, const char *bytes, size_t n);
	void (*drop)(const char *tenant, const char *id);
	void (*age)(const char *tenant, const char *id); /* as if written long ago */
	unsigned (*count)(const char *tenant);
} store;

static char at_root[] = "/tmp/renhe-blob-XXXXXX", at_bytes[AT_MOST];
static struct simulator at_sim;

/* ---- the folder ---- */

static const char *folder_path(const char *tenant, const char *id)
{
	static char out[200];

	snprintf(out, sizeof(out), "%s/%s/%s", at_root, tenant, id);
	return out;
}

static char *folder_take(const char *tenant, const char *id, size_t *n)
{
	FILE *f = fopen(folder_path(tenant, id), "rb");

	if (!f)
		return NULL;
	*n = fread(at_bytes, 1, sizeof(at_bytes), f);
	fclose(f);
	return at_bytes;
}

static void folder_put(const char *tenant, const char *id, const char *bytes, size_t n)
{
	FILE *f;

	mkdir(folder_path(tenant, ""), 0700);
	f = fopen(folder_path(tenant, id), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void folder_drop(const char *tenant, const char *id)
{
	assert_int_equal(unlink(folder_path(tenant, id)), 0);
}

static void folder_age(const char *tenant, const char *id)
{
	const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};

	assert_int_equal(utimensat(AT_FDCWD, folder_path(tenant, id), old, 0), 0);
}

static unsigned folder_count(const char *tenant)
{
	unsigned n = 0;
	DIR *d = opendir(folder_path(tenant, "."));

	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		n += uuid_valid(e->d_name);
	if (d)
		closedir(d);
	return n;
}

static const struct store AT_FOLDER = {"folder", folder_take, folder_put, folder_drop, folder_age, folder_count};

/* ---- the bucket ---- */

/* An order to the simulator; NULL where it can't be followed. What it says, in static memory. */
static char *order(const char *text, struct str body, size_t *n)
{
	struct ctx cx = {.arena = arena_new(), .lang = "en", .request_id = ""};
	struct outbound_request rq = {.method = "POST", .most_bytes = AT_MOST, .deadline_ms = 5000, .body = &body, .n_body = 1,
				      .url = arena_printf(cx.arena, "http://127.0.0.1:%d/_sim/%s", simulator_port(&at_sim, "control"), text)};
	struct outbound_answer a;
	char *said = NULL;

	if (outbound_send(&cx, &rq, &a) && a.status == 200) {
		memcpy(at_bytes, a.body.p, a.body.n);
		at_bytes[a.body.n < AT_MOST ? a.body.n : AT_MOST - 1] = '\0';
		*n = a.body.n;
		said = at_bytes;
	}
	arena_free(cx.arena);
	return said;
}

static char *order_blob(const char *what, const char *tenant, const char *id, struct str body, size_t *n)
{
	char text[200];

	snprintf(text, sizeof(text), "%s/t/%s/%s", what, tenant, id);
	return order(text, body, n);
}

static void order_plain(const char *text)
{
	size_t n;

	assert_non_null(order(text, STR(""), &n));
}

static char *bucket_take(const char *tenant, const char *id, size_t *n)
{
	return order_blob("bytes", tenant, id, STR(""), n);
}

static void bucket_put(const char *tenant, const char *id, const char *bytes, size_t n)
{
	assert_non_null(order_blob("put", tenant, id, (struct str){bytes, n}, &n));
}

static void bucket_drop(const char *tenant, const char *id)
{
	size_t n;

	assert_non_null(order_blob("drop", tenant, id, STR(""), &n));
}

static void bucket_age(const char *tenant, const char *id)
{
	size_t n;

	assert_non_null(order_blob("age", tenant, id, STR(""), &n));
}

static unsigned bucket_count(const char *tenant)
{
	unsigned found = 0;
	char folder[60];
	size_t n;

	snprintf(folder, sizeof(folder), "t/%s/", tenant);
	for (const char *p = order("keys", STR(""), &n); p && (p = strstr(p, folder)) != NULL; p++)
		found++;
	return found;
}

static const struct store AT_BUCKET = {"bucket", bucket_take, bucket_put, bucket_drop, bucket_age, bucket_count};

/* ---- settings ---- */

static void at_setting(const char *name, const char *value)
{
	setenv(name, value, 1);
	pg_must(config_load("t"), name);
}

static int at_start(void)
{
	static const char *const GIVEN[] = {"RENHE_PG_DATABASE", "RENHE_PG_USER", "RENHE_PG_RELAY_USER",
					     "RENHE_ROOT_KEY", "RENHE_KEY_ANCHOR", "RENHE_INTERNAL_TOKEN"};
	char err[200];

	if (!mkdtemp(at_root))
		return -1;
	for (size_t i = 0; i < sizeof(GIVEN) / sizeof(GIVEN[0]); i++)
		setenv(GIVEN[i], "unused", 1);
	setenv("RENHE_BLOB_FOLDER", at_root, 1);
	if (!config_load("t") || !outbound_start(err, sizeof(err)))
		return -1;
	store = AT_FOLDER;
	return 0;
}

/* From now on blobs lie in the simulator's bucket. */
static int at_bucket(void)
{
	char text[100];

	if (!simulator_start(&at_sim, "s3.py", "control"))
		return -1;
	snprintf(text, sizeof(text), "127.0.0.1:%d,127.0.0.1:%d", simulator_port(&at_sim, "s3"), simulator_port(&at_sim, "control"));
	setenv("RENHE_OUTBOUND_INNER", text, 1);
	setenv("RENHE_OUTBOUND_COOL_MS", "10", 1);
	snprintf(text, sizeof(text), "http://127.0.0.1:%d/people-files", simulator_port(&at_sim, "s3"));
	setenv("RENHE_BLOB_S3_URL", text, 1);
	setenv("RENHE_BLOB_S3_REGION", "cn-north-1", 1);
	setenv("RENHE_BLOB_S3_ACCESS_KEY", "AKIDRENHETESTS", 1);
	at_setting("RENHE_BLOB_S3_SECRET_KEY", "s3cr3t/of+the=tests");
	store = AT_BUCKET;
	return 0;
}

static int at_end(void)
{
	char command[100];

	if (at_sim.life)
		simulator_stop(&at_sim);
	snprintf(command, sizeof(command), "rm -rf %s", at_root);
	return system(command);
}
#endif
