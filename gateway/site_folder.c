#include "site_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "log.h"
#include "seal.h"

#define ETAG_HEX 32

struct site_folder {
	struct arena *arena; /* paths and bodies */
	struct site_file *files;
	size_t n, room, bytes;
	char *err;
	size_t err_size;
};

static bool failed(struct site_folder *f, const char *path, const char *what)
{
	snprintf(f->err, f->err_size, "%s: %s", path, what);
	return false;
}

static bool name_ok(const char *name)
{
	if (*name == '.' || *name == '\0')
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f || *name == '\\')
			return false;
	return true;
}

static bool skip(const char *path, const char *why)
{
	log_line(LOG_WARN, "static_file_left_out", "path", path, "why", why, NULL);
	return true;
}

/* ---- one file ---- */

static bool fill(int fd, char *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static struct site_file *place(struct site_folder *f)
{
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 64;
		f->files = realloc(f->files, f->room * sizeof(*f->files));
		if (!f->files)
			abort();
	}
	return &f->files[f->n++];
}

static void set_etag(struct site_file *file)
{
	char hex[65];

	sha256_hex(file->body.p, file->body.n, hex);
	snprintf(file->etag, sizeof(file->etag), "\"%.*s\"", ETAG_HEX, hex);
}

static bool add_file(struct site_folder *f, int fd, const char *path, size_t size)
{
	if (f->n == SITE_FILES_MOST)
		return failed(f, path, "more files than the gateway keeps");
	if (size > SITE_BYTES_MOST - f->bytes)
		return failed(f, path, "more bytes than the gateway keeps");
	char *body = arena_alloc(f->arena, size + 1);
	if (!fill(fd, body, size))
		return failed(f, path, "cannot be read");
	struct site_file *file = place(f);
	*file = (struct site_file){.path = path, .body = {body, size}};
	set_etag(file);
	f->bytes += size;
	return true;
}

/* ---- folders ---- */

static bool add_folder(struct site_folder *f, int fd, const char *path, unsigned depth);

static bool add_open(struct site_folder *f, int fd, const char *path, unsigned depth)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return failed(f, path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_folder(f, fd, path, depth + 1);
	if (!S_ISREG(st.st_mode))
		return skip(path, "neither a file nor a folder");
	return add_file(f, fd, path, (size_t)st.st_size);
}

/* Opened by its name in the open folder and never through a link: what it is can't change between
 * the look and the reading. */
static bool add_entry(struct site_folder *f, int folder, const char *parent, const char *name,
		      unsigned depth)
{
	const char *path = arena_printf(f->arena, "%s/%s", parent, name);

	if (!name_ok(name))
		return skip(path, "name");
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? skip(path, "link or socket")
							: failed(f, path, strerror(errno));
	bool good = add_open(f, fd, path, depth);
	close(fd);
	return good;
}

static bool add_folder(struct site_folder *f, int fd, const char *path, unsigned depth)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* closedir closes it */
	DIR *d = own >= 0 ? fdopendir(own) : NULL;
	bool good = true;
	struct dirent *e;

	if (!d) {
		if (own >= 0)
			close(own);
		return failed(f, path, strerror(errno));
	}
	if (depth > SITE_DEPTH_MOST)
		good = failed(f, path, "too deep");
	while (good && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			good = add_entry(f, fd, path, e->d_name, depth);
	closedir(d);
	return good;
}

/* ---- all ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct site_file *)a)->path, ((const struct site_file *)b)->path);
}

static bool read_all(struct site_folder *f, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 ? add_folder(f, fd, "", 0) : failed(f, folder, strerror(errno));

	if (fd >= 0)
		close(fd);
	if (good && f->n)
		qsort(f->files, f->n, sizeof(*f->files), by_path);
	return good;
}

struct site_folder *site_folder_read(const char *folder, char *err, size_t err_size)
{
	struct site_folder *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->arena = arena_new();
	f->err = err;
	f->err_size = err_size;
	if (read_all(f, folder))
		return f;
	site_folder_free(f);
	return NULL;
}

void site_folder_free(struct site_folder *f)
{
	if (!f)
		return;
	arena_free(f->arena);
	free(f->files);
	free(f);
}

const struct site_file *site_folder_find(const struct site_folder *f, const char *path)
{
	struct site_file wanted = {.path = path};

	return f->n ? bsearch(&wanted, f->files, f->n, sizeof(*f->files), by_path) : NULL;
}

size_t site_folder_count(const struct site_folder *f)
{
	return f->n;
}
