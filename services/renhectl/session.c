#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "json.h"

#define FILE_MOST 16384

/* NULL where there is neither a state folder nor a home. */
static const char *folder(struct arena *a)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && state[0] == '/')
		return arena_printf(a, "%s/renhe", state);
	return home && home[0] == '/' ? arena_printf(a, "%s/.local/state/renhe", home) : NULL;
}

static const char *file_path(struct arena *a)
{
	const char *in = folder(a);

	return arena_printf(a, "%s/session.json", in ? in : "");
}

static bool make_folder(struct arena *a)
{
	const char *in = folder(a);
	char *path = in ? arena_strdup(a, in) : NULL;

	if (!path)
		return false;
	for (char *p = path + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(path, 0700);
			*p = '/';
		}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool is_own(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static bool parse(struct arena *a, struct str text, struct session *out)
{
	struct json_doc *d = json_parse(a, text);
	const char *refresh;

	if (!d || !json_get_str(d, "url") || !json_get_str(d, "access_token"))
		return false;
	refresh = json_get_str(d, "refresh_token");
	*out = (struct session){arena_strdup(a, json_get_str(d, "url")), arena_strdup(a, json_get_str(d, "access_token")),
				refresh ? arena_strdup(a, refresh) : NULL};
	json_done(d);
	return true;
}

bool session_read(struct arena *a, struct session *out)
{
	char *text = arena_alloc(a, FILE_MOST + 1);
	int fd = open(file_path(a), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0) {
		complain(EXIT_NOT_ALLOWED, "%s", say(&TEXT_DEF_NOT_SIGNED_IN));
		return false;
	}
	bool own = is_own(fd);
	n = own ? read(fd, text, FILE_MOST) : -1;
	close(fd);
	if (!own)
		complain(EXIT_NOT_ALLOWED, "%s: %s", file_path(a), say(&TEXT_DEF_SESSION_NOT_OWN));
	else if (n <= 0 || !parse(a, (struct str){text, (size_t)n}, out))
		complain(EXIT_NOT_ALLOWED, "%s", say(&TEXT_DEF_NOT_SIGNED_IN));
	else
		return true;
	return false;
}

static void put_member(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, b->n > 1 ? "," : "");
	json_quote(b, name, strlen(name));
	buf_puts(b, ":");
	json_quote(b, value, strlen(value));
}

static bool write_draft(int fd, struct str text)
{
	bool good = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;

	return close(fd) == 0 && good;
}

bool session_write(struct arena *a, const struct session *s)
{
	char *draft = arena_printf(a, "%s.XXXXXX", file_path(a));
	struct buf b;
	int fd;

	buf_init(&b, a);
	buf_puts(&b, "{");
	put_member(&b, "url", s->url);
	put_member(&b, "access_token", s->access);
	if (s->refresh)
		put_member(&b, "refresh_token", s->refresh);
	buf_puts(&b, "}\n");
	fd = make_folder(a) ? mkostemp(draft, O_CLOEXEC) : -1; /* 0600 */
	if (fd >= 0 && write_draft(fd, (struct str){b.p, b.n}) && rename(draft, file_path(a)) == 0)
		return true;
	complain(EXIT_FAILED, "%s: %s", file_path(a), strerror(errno));
	if (fd >= 0)
		unlink(draft);
	return false;
}

bool session_forget(struct arena *a)
{
	return unlink(file_path(a)) == 0 || errno == ENOENT;
}

int session_lock(struct arena *a)
{
	const char *path = arena_printf(a, "%s.lock", file_path(a));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
