/* xlsx files out of their XML, for tests: what no program writes must be readable or refused too. */
#ifndef RENHE_XLSX_BUILD_H
#define RENHE_XLSX_BUILD_H
#include <stdlib.h>
#include <zip.h>
#include "str.h"

#define CONTENT_TYPES                                                                              \
	"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
#define RELATION(id, type, target)                                                                 \
	"<Relationship Id=\"" id "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/" \
	"relationships/" type "\" Target=\"" target "\"/>"
#define RELATIONS(list)                                                                            \
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"   \
	list "</Relationships>"
#define BOOK(inner)                                                                                \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><workbook "                                     \
	"xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "                     \
	"xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">" inner   \
	"</workbook>"
#define ONE_SHEET BOOK("<sheets><sheet name=\"花名册\" sheetId=\"1\" r:id=\"rId1\"/></sheets>")
#define SHEET(inner)                                                                               \
	"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">" inner    \
	"</worksheet>"
#define ROWS_OF(inner) SHEET("<sheetData>" inner "</sheetData>")

struct part {
	const char *name, *text;
};
#define PARTS_MOST 12
struct package {
	struct part parts[PARTS_MOST];
};

static inline void zip_demand(bool good)
{
	if (!good)
		abort();
}

/* n parts as a zip archive in the arena. */
static inline struct str zip_build(struct arena *a, const struct part *parts, size_t n)
{
	zip_error_t error;
	zip_source_t *to = zip_source_buffer_create(NULL, 0, 0, &error), *from;
	zip_t *zip = zip_open_from_source(to, ZIP_TRUNCATE, &error);
	zip_stat_t about;
	struct str file;
	char *bytes;

	zip_demand(zip != NULL);
	zip_source_keep(to);
	for (size_t i = 0; i < n; i++) {
		from = zip_source_buffer(zip, parts[i].text, strlen(parts[i].text), 0);
		zip_demand(zip_file_add(zip, parts[i].name, from, ZIP_FL_ENC_UTF_8) >= 0);
	}
	zip_demand(zip_close(zip) == 0 && zip_source_stat(to, &about) == 0);
	bytes = arena_alloc(a, about.size);
	zip_demand(zip_source_open(to) == 0 &&
		   zip_source_read(to, bytes, about.size) == (zip_int64_t)about.size);
	file = (struct str){bytes, about.size};
	zip_source_close(to);
	zip_source_free(to);
	return file;
}

/* The parts every workbook has, but for those that `p` names itself. */
static inline struct str xlsx_build(struct arena *a, const struct package *p)
{
	static const struct part USUAL[] = {
		{"[Content_Types].xml", CONTENT_TYPES},
		{"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml"))},
		{"xl/workbook.xml", ONE_SHEET},
		{"xl/_rels/workbook.xml.rels",
		 RELATIONS(RELATION("rId1", "worksheet", "worksheets/sheet1.xml") RELATION(
			 "rId2", "sharedStrings", "sharedStrings.xml")
				   RELATION("rId3", "styles", "styles.xml"))},
		{"xl/sharedStrings.xml", "<sst><si><t>工号</t></si></sst>"},
		{"xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId=\"0\"/></cellXfs></styleSheet>"},
	};
	struct part all[PARTS_MOST + 6];
	size_t n = 0;

	for (size_t i = 0; i < PARTS_MOST && p->parts[i].name; i++)
		all[n++] = p->parts[i];
	for (size_t i = 0, own = n; i < 6; i++) {
		bool named = false;

		for (size_t k = 0; k < own; k++)
			named |= !strcmp(all[k].name, USUAL[i].name);
		if (!named)
			all[n++] = USUAL[i];
	}
	return zip_build(a, all, n);
}
#endif
