/* The parts of an xlsx file, which is a zip archive: never written anywhere, found by their exact
 * names only, and inflated in pieces that the budget pays for, whatever the directory claims. */
#include "sheet_internal.h"
#include <sys/stat.h>
#include <zip.h>

#define PIECE ((size_t)64 << 10)
#define ENTRIES_MOST 5000

struct sheet_zip {
	zip_t *zip;
	struct sheet_budget *budget;
};

static zip_t *open_bytes(struct str file)
{
	zip_error_t error;
	zip_source_t *source;
	zip_t *zip;

	zip_error_init(&error);
	source = zip_source_buffer_create(file.p, file.n, 0, &error);
	zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	if (source && !zip)
		zip_source_free(source);
	zip_error_fini(&error);
	return zip;
}

/* Up out of a folder, absolute, on a drive: nobody unpacks it here, and no program that writes
 * sheets makes one. */
static bool leads_elsewhere(const char *name)
{
	if (!name || *name == '/' || strpbrk(name, "\\:"))
		return true;
	for (const char *p = name; p; p = strchr(p, '/'), p = p ? p + 1 : NULL)
		if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
			return true;
	return false;
}

static bool is_link(zip_t *zip, zip_uint64_t index)
{
	zip_uint8_t system;
	zip_uint32_t attributes;

	return zip_file_get_external_attributes(zip, index, 0, &system, &attributes) == 0 &&
	       system == ZIP_OPSYS_UNIX && S_ISLNK(attributes >> 16);
}

static const char *defect_of(zip_t *zip)
{
	zip_int64_t n = zip_get_num_entries(zip, 0);

	if (n > ENTRIES_MOST)
		return "SHEET_TOO_LARGE";
	for (zip_uint64_t i = 0; i < (zip_uint64_t)n; i++)
		if (leads_elsewhere(zip_get_name(zip, i, 0)) || is_link(zip, i))
			return "SHEET_SYNTAX";
	return NULL;
}

struct sheet_zip *sheet_zip_open(struct sheet_budget *b, struct str file)
{
	struct sheet_zip *z = arena_alloc(b->arena, sizeof(*z));

	*z = (struct sheet_zip){open_bytes(file), b};
	if (!z->zip) {
		sheet_fault(b, "SHEET_FORMAT");
		return NULL;
	}
	const char *defect = defect_of(z->zip);
	if (!defect)
		return z;
	sheet_fault(b, defect);
	sheet_zip_close(z);
	return NULL;
}

void sheet_zip_close(struct sheet_zip *z)
{
	zip_discard(z->zip);
}

/* Names of parts are equal whatever their case (ECMA-376-2, 6.2.2.3). */
static zip_int64_t find(struct sheet_zip *z, const char *part)
{
	return zip_name_locate(z->zip, part, ZIP_FL_NOCASE);
}

bool sheet_zip_has(struct sheet_zip *z, const char *part)
{
	return find(z, part) >= 0;
}

static bool encrypted(struct sheet_zip *z, zip_uint64_t index)
{
	zip_stat_t about;

	return zip_stat_index(z->zip, index, 0, &about) == 0 &&
	       (about.valid & ZIP_STAT_ENCRYPTION_METHOD) && about.encryption_method != ZIP_EM_NONE;
}

static zip_file_t *open_part(struct sheet_zip *z, const char *part)
{
	zip_int64_t i = find(z, part);
	zip_file_t *file;

	if (i >= 0 && encrypted(z, (zip_uint64_t)i)) {
		sheet_fault(z->budget, "SHEET_ENCRYPTED");
		return NULL;
	}
	file = i < 0 ? NULL : zip_fopen_index(z->zip, (zip_uint64_t)i, 0);
	if (!file)
		sheet_fault(z->budget, "SHEET_SYNTAX");
	return file;
}

static bool pay(struct sheet_budget *b, size_t bytes)
{
	b->inflated += bytes;
	if (b->inflated > b->limits->inflated_bytes)
		return sheet_fault(b, "SHEET_TOO_LARGE");
	return sheet_afford(b);
}

static bool inflate_into(struct sheet_zip *z, zip_file_t *file, struct xml_feed *feed)
{
	char *piece = arena_alloc(z->budget->arena, PIECE);
	zip_int64_t n;

	while ((n = zip_fread(file, piece, PIECE)) > 0)
		if (!pay(z->budget, (size_t)n) || !xml_feed_more(feed, piece, (size_t)n, false))
			return false;
	if (n < 0) /* cut off, or its checksum is wrong */
		return sheet_fault(z->budget, "SHEET_SYNTAX");
	return xml_feed_more(feed, piece, 0, true);
}

bool sheet_zip_read(struct sheet_zip *z, const char *part, struct sheet_xml *x)
{
	zip_file_t *file = open_part(z, part);
	struct xml_feed *feed;
	bool good;

	if (!file)
		return false;
	x->budget = z->budget;
	feed = xml_feed_new(x);
	good = inflate_into(z, file, feed);
	xml_feed_end(feed);
	zip_fclose(file);
	return good;
}
