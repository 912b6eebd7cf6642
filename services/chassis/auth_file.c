#include "auth_key.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES (1 << 20)

static bool write_all(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);
		if (n <= 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return fsync(fd) == 0;
}

/* Beside the file, then renamed: a reader and a crash see the old keys or the new ones. */
static bool replace_file(struct arena *a, const char *file, struct str text)
{
	char *draft = arena_printf(a, "%s.XXXXXX", file);
	int fd = mkostemp(draft, O_CLOEXEC);

	if (fd < 0)
		return false;
	bool good = fchmod(fd, 0644) == 0 && write_all(fd, text);
	good = close(fd) == 0 && good;
	if (good && rename(draft, file) == 0)
		return true;
	unlink(draft);
	return false;
}

bool keyring_save(struct keyring *k, const char *file)
{
	struct arena *a = arena_new();
	bool good = replace_file(a, file, keyring_records(k, a));

	arena_free(a);
	return good;
}

static bool add_record(struct keyring *k, const struct json_doc *d, const char *anchor_public)
{
	const char *kid = json_get_str(d, "kid"), *alg = json_get_str(d, "alg");
	const char *pem = json_get_str(d, "public_pem"), *signature = json_get_str(d, "signature");
	int64_t not_after;

	return kid && alg && pem && signature && json_get_int(d, "not_after", &not_after) &&
	       keyring_add_signed(k, kid, alg, pem, not_after, signature, anchor_public);
}

/* A record that does not verify is left out; the others still serve. */
static bool add_all(struct keyring *k, struct arena *a, struct str text, const char *anchor_public)
{
	struct json_doc *d = json_parse(a, text);
	bool good = d && json_has(d, "keys");
	unsigned n = good ? json_count(d, "keys") : 0;

	for (unsigned i = 0; i < n; i++) {
		const struct json_doc *record = json_item(d, "keys", i);
		good = record && add_record(k, record, anchor_public) && good;
	}
	if (d)
		json_done(d);
	return good;
}

bool keyring_load(struct keyring *k, const char *file, const char *anchor_public)
{
	FILE *f = fopen(file, "re");

	if (!f)
		return false;
	struct arena *a = arena_new();
	char *text = arena_alloc(a, FILE_MAX_BYTES + 1);
	size_t n = fread(text, 1, FILE_MAX_BYTES + 1, f);
	bool good = !ferror(f) && n <= FILE_MAX_BYTES &&
		    add_all(k, a, (struct str){text, n}, anchor_public);
	fclose(f);
	arena_free(a);
	return good;
}
