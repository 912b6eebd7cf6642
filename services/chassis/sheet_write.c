/* Spreadsheets out. libxlsxwriter puts its parts into files without a name while it works; they
 * stand in memory (tmpfs), as what is in them may not lie on a disk unsealed. */
#include "sheet.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include "csv_file.h"

#define TEMPORARY_FOLDER "/dev/shm"
#define COLUMN_WIDTH 16
#define FAULT_COLOUR 0xFFC7CE

struct sheet_writer {
	struct arena *arena;
	struct buf csv;
	/* xlsx */
	lxw_workbook *book; /* NULL for csv */
	lxw_worksheet *sheet;
	lxw_format *text, *header, *fault;
	lxw_row_t row;
	int fd;
	bool broken;
};

static lxw_format *text_format(lxw_workbook *book)
{
	lxw_format *f = workbook_add_format(book);

	format_set_num_format(f, "@"); /* what is typed over it stays text too */
	return f;
}

static void add_formats(struct sheet_writer *w)
{
	w->text = text_format(w->book);
	w->header = text_format(w->book);
	format_set_bold(w->header);
	w->fault = text_format(w->book);
	format_set_bg_color(w->fault, FAULT_COLOUR);
}

/* A file in memory that the library opens by its place among our open files. */
static void xlsx_begin(struct sheet_writer *w, const char *sheet_name)
{
	static char folder[] = TEMPORARY_FOLDER;
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder};
	char path[64];

	w->fd = memfd_create("sheet", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->fd);
	w->book = workbook_new_opt(path, &options);
	if (w->fd < 0 || !w->book)
		abort();
	w->sheet = workbook_add_worksheet(w->book, sheet_name);
	w->broken = !w->sheet;
	if (w->sheet)
		add_formats(w);
}

struct sheet_writer *sheet_writer_new(struct arena *a, const char *format, const char *sheet_name)
{
	struct sheet_writer *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->fd = -1;
	if (!strcmp(format, "xlsx")) {
		xlsx_begin(w, sheet_name);
	} else {
		buf_init(&w->csv, a);
		buf_puts(&w->csv, "\xef\xbb\xbf");
	}
	return w;
}

/* ---- csv ---- */

/* Full-width signs count too: some editions take them for their narrow ones. */
static bool like_formula(const char *s)
{
	static const char *const WIDE[] = {"＝", "＋", "－", "＠"};

	if (*s && strchr("=+-@\t\r\n", *s))
		return true;
	for (size_t i = 0; i < sizeof(WIDE) / sizeof(WIDE[0]); i++)
		if (!strncmp(s, WIDE[i], strlen(WIDE[i])))
			return true;
	return false;
}

static void csv_row(struct sheet_writer *w, const char *const *cells, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *cell = cells[i] ? cells[i] : "";

		if (i)
			buf_puts(&w->csv, ",");
		csv_put_cell(&w->csv,
			     like_formula(cell) ? arena_printf(w->arena, "'%s", cell) : cell);
	}
	buf_puts(&w->csv, "\r\n");
}

/* ---- xlsx ---- */

/* Text that looks like the format's own "_x0041_" would be read as its character: its first
 * underscore is written as one. */
static const char *xlsx_text(struct arena *a, const char *s)
{
	struct buf b;

	if (!strstr(s, "_x"))
		return s;
	buf_init(&b, a);
	for (const char *p = s; *p; p++)
		if (p[0] == '_' && p[1] == 'x' && strspn(p + 2, "0123456789abcdefABCDEF") >= 4 &&
		    p[6] == '_')
			buf_puts(&b, "_x005F_");
		else
			buf_add(&b, p, 1);
	return b.p;
}

static void xlsx_row(struct sheet_writer *w, const char *const *cells, const bool *marks,
		     unsigned n, lxw_format *format)
{
	for (unsigned i = 0; i < n && !w->broken; i++) {
		lxw_format *f = marks && marks[i] ? w->fault : format;

		if (cells[i] && cells[i][0])
			w->broken = worksheet_write_string(w->sheet, w->row, (lxw_col_t)i,
							   xlsx_text(w->arena, cells[i]),
							   f) != LXW_NO_ERROR;
		else if (marks && marks[i])
			w->broken = worksheet_write_blank(w->sheet, w->row, (lxw_col_t)i, f) !=
				    LXW_NO_ERROR;
	}
	w->row++;
}

void sheet_write_header(struct sheet_writer *w, const char *const *titles, unsigned n)
{
	if (!w->book) {
		csv_row(w, titles, n);
		return;
	}
	if (w->broken || !n)
		return;
	worksheet_set_column(w->sheet, 0, (lxw_col_t)(n - 1), COLUMN_WIDTH, w->text);
	worksheet_freeze_panes(w->sheet, 1, 0);
	xlsx_row(w, titles, NULL, n, w->header);
}

void sheet_write_row(struct sheet_writer *w, const char *const *cells, const bool *marks,
		     unsigned n)
{
	if (w->book)
		xlsx_row(w, cells, marks, n, w->text);
	else
		csv_row(w, cells, n);
}

static struct str read_all(struct arena *a, int fd)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return (struct str){NULL, 0};
	bytes = arena_alloc(a, (size_t)st.st_size);
	for (off_t at = 0; at < st.st_size;) {
		ssize_t n = pread(fd, bytes + at, (size_t)(st.st_size - at), at);

		if (n <= 0)
			return (struct str){NULL, 0};
		at += n;
	}
	return (struct str){bytes, (size_t)st.st_size};
}

static struct str xlsx_end(struct sheet_writer *w)
{
	bool good = workbook_close(w->book) == LXW_NO_ERROR && !w->broken;
	struct str file = good ? read_all(w->arena, w->fd) : (struct str){NULL, 0};

	close(w->fd);
	return file;
}

struct str sheet_writer_end(struct sheet_writer *w)
{
	return w->book ? xlsx_end(w) : (struct str){w->csv.p, w->csv.n};
}
