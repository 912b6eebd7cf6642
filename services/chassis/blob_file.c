#include "blob_place.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "clock.h"
#include "config.h"
#include "log.h"
#include "value.h"
#include "renhe.gen.h"

static const char *root_of(struct ctx *cx)
{
	const char *folder = config_str("RENHE_BLOB_FOLDER");

	return *folder ? folder : arena_printf(cx->arena, "%s/blob", config_str("RENHE_STATE_DIR"));
}

static const char *folder_of(struct ctx *cx)
{
	return arena_printf(cx->arena, "%s/%s", root_of(cx), cx->who.tenant_id);
}

static const char *path_of(struct ctx *cx, const char *id)
{
	return arena_printf(cx->arena, "%s/%s", folder_of(cx), id);
}

static bool storage_fault(struct ctx *cx, const char *what)
{
	log_line(LOG_ERROR, "blob store", "what", what, "reason", strerror(errno), "request_id",
		 cx->request_id, NULL);
	return fail(cx, &FAULT_STORAGE_UNAVAILABLE, NULL);
}

/* A name is on the disk when its folder is. */
static bool flush_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

static bool make_folder(const char *path, const char *parent)
{
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST;
	return flush_folder(parent);
}

static bool make_folders(struct ctx *cx)
{
	const char *root = root_of(cx), *slash = strrchr(root, '/');
	const char *parent =
		slash > root ? arena_strndup(cx->arena, root, (size_t)(slash - root)) : "/";

	return make_folder(root, parent) && make_folder(folder_of(cx), root);
}

static bool write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = (struct str){s.p + n, s.n - (size_t)n};
	}
	return true;
}

static bool file_write(struct ctx *cx, const char *id, const struct str *pieces, size_t n)
{
	const char *path = path_of(cx, id);
	bool good = true;
	int fd;

	if (!make_folders(cx))
		return storage_fault(cx, "folder");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return storage_fault(cx, "open");
	for (size_t i = 0; i < n && good; i++)
		good = write_all(fd, pieces[i]);
	good = good && fsync(fd) == 0;
	good = close(fd) == 0 && good && flush_folder(folder_of(cx));
	if (good)
		return true;
	storage_fault(cx, "write");
	unlink(path);
	return false;
}

static struct str read_all(struct ctx *cx, int fd)
{
	struct stat st;
	size_t got = 0;
	char *p;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return (struct str){NULL, 0};
	p = arena_alloc(cx->arena, (size_t)st.st_size + 1);
	while (got < (size_t)st.st_size) {
		ssize_t n = read(fd, p + got, (size_t)st.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (struct str){NULL, 0};
		got += (size_t)n;
	}
	return (struct str){p, got};
}

static bool file_read(struct ctx *cx, const char *id, size_t bytes, struct str *out)
{
	int fd = open(path_of(cx, id), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	(void)bytes;
	*out = fd < 0 ? (struct str){NULL, 0} : read_all(cx, fd);
	if (fd >= 0)
		close(fd);
	return true;
}

static void file_remove(struct ctx *cx, const char *id)
{
	if (unlink(path_of(cx, id)) != 0 && errno != ENOENT)
		log_line(LOG_ERROR, "blob store", "what", "remove", "reason", strerror(errno),
			 NULL);
}

static bool is_old(DIR *d, const char *name, int64_t before_s)
{
	struct stat st;

	return fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mtime <= before_s;
}

void blob_files_add(struct ctx *cx, struct blob_files *f, const char *id, bool old)
{
	f->n++;
	if (!old)
		return;
	if ((f->n_old & (f->n_old - 1)) == 0) { /* 0, 1, 2, 4 …: full */
		const char **of = arena_alloc(cx->arena, (f->n_old * 2 + 1) * sizeof(*of));

		if (f->n_old)
			memcpy(of, f->old, f->n_old * sizeof(*of));
		f->old = of;
	}
	f->old[f->n_old++] = arena_strdup(cx->arena, id);
}

static bool file_list(struct ctx *cx, int64_t age_s, struct blob_files *out)
{
	DIR *d = opendir(folder_of(cx));
	int64_t before_s = clock_real_us() / 1000000 - age_s;

	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		if (uuid_valid(e->d_name))
			blob_files_add(cx, out, e->d_name, is_old(d, e->d_name, before_s));
	if (d)
		closedir(d);
	return true;
}

const struct blob_place BLOB_FOLDER = {file_write, file_read, file_remove, file_list};
