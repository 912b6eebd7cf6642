/* Spreadsheets as they come from customers' desks, and as they come from people who mean no good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "charset.h"
#include "sheet_internal.h"
#include "sheet_frame.h"
#include "xlsx_build.h"

/* ---- xlsx: one worksheet ---- */

#define T(text) "<is><t>" text "</t></is>"
#define C(r, text) "<c r=\"" r "\" t=\"inlineStr\">" T(text) "</c>"

static void cells(void **state)
{
	static const struct {
		const char *xml, *want;
	} row[] = {
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"), "花名册!1:工号"},
		{ROWS_OF("<row r=\"1\">" C("A1", "张三") C("C1", "李四") "</row>"), "花名册!1:张三||李四"},
		/* without places, as some writers have it */
		{ROWS_OF("<row><c t=\"inlineStr\">" T("a") "</c><c><v>5</v></c></row><row><c><v>6</v></c></row>"),
		 "花名册!1:a|5{n}\n花名册!2:6{n}"},
		/* rows and cells without text */
		{ROWS_OF("<row r=\"3\"><c r=\"A3\"/></row><row r=\"7\"><c r=\"B7\"><v>1</v></c><c r=\"F7\" s=\"0\"/></row>"),
		 "花名册!7:|1{n}"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"str\"><f>B1&amp;\"x\"</f><v>合计</v></c></row>"), "花名册!1:合计{f}"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\"><f>1+1</f><v>2</v></c></row>"), "花名册!1:2{nf}"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"e\"><f>NA()</f><v>#N/A</v></c></row>"), "花名册!1:#N/A{fe}"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"b\"><v>1</v></c><c r=\"B1\" t=\"b\"><v>0</v></c></row>"),
		 "花名册!1:TRUE|FALSE"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"d\"><v>2026-11-22T00:00:00</v></c></row>"), "花名册!1:2026-11-22{d}"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><r><t>王</t></r><r><t xml:space=\"preserve\"> 明 </t></r>"
			 "<rPh sb=\"0\" eb=\"1\"><t>wáng</t></rPh></is></c></row>"), "花名册!1:王 明 "},
		{ROWS_OF("<row r=\"1\">" C("A1", "a_x000D_&#10;b _x005F_x0041_ _x00e9_ _xD800_ _x12_") "</row>"),
		 "花名册!1:a\r\nb _x0041_ é \xEF\xBF\xBD _x12_"},
		{ROWS_OF("<row r=\"1\">" C("A1", "&lt;b&gt; &amp;amp; \xF0\xA0\x80\x80") "</row>"),
		 "花名册!1:<b> &amp; \xF0\xA0\x80\x80"},
		{"\xEF\xBB\xBF" ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"), "花名册!1:1{n}"},
		/* a prefix for the main namespace, as Strict and some libraries write */
		{"<x:worksheet xmlns:x=\"u\"><x:sheetData><x:row r=\"2\"><x:c r=\"A2\"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>",
		 "花名册!2:7{n}"},
		/* a comment and a processing instruction are nothing */
		{ROWS_OF("<!-- c --><?p i?><row r=\"1\"><c r=\"A1\"><v>1<!-- x -->2</v></c></row>"), "花名册!1:12{n}"},
		{SHEET("<sheetData/>"), ""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct package p = {{{"xl/worksheets/sheet1.xml", row[i].xml}}};

		assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), row[i].want);
	}
}

static void cells_refused(void **state)
{
	static const struct {
		const char *xml, *code;
	} row[] = {
		{"<!DOCTYPE worksheet><worksheet/>", "SHEET_SYNTAX"},
		{"<!DOCTYPE w [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
		 "<w><sheetData><row><c t=\"inlineStr\"><is><t>&e;</t></is></c></row></sheetData></w>", "SHEET_SYNTAX"},
		{"<!DOCTYPE w [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;&a;\">]><w>&b;</w>", "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\">" C("A1", "&undeclared;") "</row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>-1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99999999999999999999999</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"2147483648\"><c><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1048577\"><c><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"0\"><c><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"2\"/><row r=\"2\"/>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"3\"/><row r=\"2\"/>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"ZZZ1\"><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1x\"><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"1A\"><v>1</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<c r=\"A1\"><v>1</v></c>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>0x10</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>nan</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>1e999</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>1 2</v></c></row>"), "SHEET_SYNTAX"},
		{ROWS_OF("<row r=\"1\"><c r=\"AZ1\"><v>1</v></c></row>"), "SHEET_TOO_LARGE"},
		{ROWS_OF("<row r=\"1\">" C("A1", "\xC4\xE3") "</row>"), "SHEET_SYNTAX"},
		{"<worksheet><sheetData><row r=\"1\">", "SHEET_SYNTAX"},
		{"", "SHEET_SYNTAX"},
		{SHEET("<mergeCells><mergeCell ref=\"A1\"/></mergeCells>"), "SHEET_SYNTAX"},
		{SHEET("<mergeCells><mergeCell ref=\"B2:A1\"/></mergeCells>"), "SHEET_SYNTAX"},
		{SHEET("<mergeCells><mergeCell ref=\"A1:XFE1\"/></mergeCells>"), "SHEET_SYNTAX"},
		{SHEET("<mergeCells><mergeCell/></mergeCells>"), "SHEET_SYNTAX"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct package p = {{{"xl/worksheets/sheet1.xml", row[i].xml}}};

		assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), row[i].code);
	}
}

#define ROW(r, cells) "<row r=\"" r "\">" cells "</row>"

static void merged_ranges(void **state)
{
	static const struct {
		const char *xml, *want;
	} row[] = {
		{SHEET("<sheetData>" ROW("1", C("A1", "部门") C("B1", "姓名")) ROW("2", C("A2", "总部") C("B2", "甲"))
		       ROW("3", C("B3", "乙")) ROW("5", C("A5", "藏") C("B5", "丙"))
		       "</sheetData><mergeCells><mergeCell ref=\"A2:A5\"/></mergeCells>"),
		 "花名册!1:部门|姓名\n花名册!2:总部{h}|甲\n花名册!3:{m}|乙\n花名册!5:{m}|丙"},
		/* beyond the last cell of a row */
		{SHEET("<sheetData>" ROW("1", C("A1", "题")) ROW("2", C("A2", "甲") C("B2", "店")) ROW("3", C("A3", "乙"))
		       "</sheetData><mergeCells><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"B2:B3\"/></mergeCells>"),
		 "花名册!1:题{h}|{m}|{m}\n花名册!2:甲|店{h}\n花名册!3:乙|{m}"},
		/* the whole sheet, as an attacker has it: only what is there is marked, up to the limit */
		{SHEET("<sheetData>" ROW("9", C("A9", "x") "<c r=\"AX9\"><v>1</v></c>")
		       "</sheetData><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>"),
		 "花名册!9:{m}" "|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}"
		 "|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{m}|{nm}"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct package p = {{{"xl/worksheets/sheet1.xml", row[i].xml}}};

		assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), row[i].want);
	}
}

/* ---- numbers and days ---- */

static void numbers(void **state)
{
	static const struct {
		const char *raw;
		bool is_date, from_1904;
		const char *text;
		unsigned marks;
	} row[] = {
		{"5", false, false, "5", SHEET_NUMBER},
		{"-0", false, false, "0", SHEET_NUMBER},
		{"13800138000", false, false, "13800138000", SHEET_NUMBER},
		{"1.3800138E10", false, false, "13800138000", SHEET_NUMBER},
		{"0.1", false, false, "0.1", SHEET_NUMBER},
		{"0.30000000000000004", false, false, "0.3", SHEET_NUMBER},
		{"1.5E-5", false, false, "0.000015", SHEET_NUMBER},
		{"-1.25e-7", false, false, "-0.000000125", SHEET_NUMBER},
		{"123456789012345", false, false, "123456789012345", SHEET_NUMBER},
		{"000000000000000000012", false, false, "12", SHEET_NUMBER},
		/* an ID number that was typed as a number */
		{"4.4030819900101002E+17", false, false, "440308199001010000", SHEET_NUMBER | SHEET_PRECISION},
		{"4.40308E+17", false, false, "440308000000000000", SHEET_NUMBER | SHEET_PRECISION},
		{"440308199001010025", false, false, "440308199001010025", SHEET_NUMBER | SHEET_PRECISION},
		{"6222021234567890", false, false, "6222021234567890", SHEET_NUMBER | SHEET_PRECISION},
		{"1E+30", false, false, "1e+30", SHEET_NUMBER | SHEET_PRECISION},
		{"1", true, false, "1900-01-01", SHEET_DATE},
		{"59", true, false, "1900-02-28", SHEET_DATE},
		{"60", true, false, "60", SHEET_NUMBER}, /* the leap day that never was */
		{"61", true, false, "1900-03-01", SHEET_DATE},
		{"46348", true, false, "2026-11-22", SHEET_DATE},
		{"46348.999988", true, false, "2026-11-22", SHEET_DATE},
		{"2958465", true, false, "9999-12-31", SHEET_DATE},
		{"2958466", true, false, "2958466", SHEET_NUMBER},
		{"0", true, false, "0", SHEET_NUMBER},
		{"-1", true, false, "-1", SHEET_NUMBER},
		{"0", true, true, "1904-01-01", SHEET_DATE},
		{"44886", true, true, "2026-11-22", SHEET_DATE},
		{"19900101", true, false, "19900101", SHEET_NUMBER}, /* typed as digits, shown as ##### */
	};
	static const char *const none[] = {"", "x", "1x", "0x1F", "inf", "nan", "1e400", " 1", "1,000", "--1", "+", "."};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		unsigned marks = 0;
		const char *text = sheet_number(arena, row[i].raw, row[i].is_date ? SHEET_SHOWS_DAY : 0, row[i].from_1904, &marks);

		assert_non_null(text);
		assert_string_equal(text, row[i].text);
		assert_int_equal(marks, row[i].marks);
	}
	for (size_t i = 0; i < ROWS(none); i++) {
		unsigned marks = 0;

		assert_null(sheet_number(arena, none[i], 0, false, &marks));
	}
}

static void date_formats(void **state)
{
	static const char *const dates[] = {"yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d;@", "D-MMM-YY",
					    "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "yyyy\\-mm", "m/d/yy h:mm"};
	static const char *const others[] = {"General", "0.00", "@", "h:mm:ss", "[h]:mm", "\"day\"0", "0\\d", "[Red]0",
					     "#,##0;[Red]-#,##0 \"d\"", "", "mm:ss.0", "0_d", "0*y", "[yyyy]", "\"open"};
	static const long ids[] = {14, 17, 22, 27, 31, 36, 50, 57, 58}, not_ids[] = {-1, 0, 1, 13, 18, 21, 32, 45, 49, 55, 59, 164};

	(void)state;
	for (size_t i = 0; i < ROWS(dates); i++)
		assert_true(sheet_format_is_date(dates[i]));
	for (size_t i = 0; i < ROWS(others); i++)
		assert_false(sheet_format_is_date(others[i]));
	for (size_t i = 0; i < ROWS(ids); i++)
		assert_true(sheet_format_id_is_date(ids[i]));
	for (size_t i = 0; i < ROWS(not_ids); i++)
		assert_false(sheet_format_id_is_date(not_ids[i]));
}

static void styles_choose_dates(void **state)
{
	struct package p = {{
		{"xl/styles.xml",
		 "<styleSheet><numFmts><numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"
		 "<numFmt numFmtId=\"14\" formatCode=\"0.00\"/></numFmts>"
		 "<cellStyleXfs><xf numFmtId=\"176\"/><xf numFmtId=\"176\"/></cellStyleXfs>"
		 "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"176\"/><xf numFmtId=\"14\"/><xf numFmtId=\"31\"/></cellXfs></styleSheet>"},
		{"xl/worksheets/sheet1.xml",
		 ROWS_OF("<row r=\"1\"><c r=\"A1\" s=\"0\"><v>46348</v></c><c r=\"B1\" s=\"1\"><v>46348</v></c><c r=\"C1\" s=\"2\"><v>46348</v></c>"
			 "<c r=\"D1\" s=\"3\"><v>46348</v></c><c r=\"E1\" s=\"99\"><v>46348</v></c><c r=\"F1\" s=\"x\"><v>46348</v></c></row>")},
	}};

	(void)state;
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS),
			    "花名册!1:46348{n}|2026-11-22{d}|46348{n}|2026-11-22{d}|46348{n}|46348{n}");
	p.parts[2] = (struct part){"xl/workbook.xml",
				   BOOK("<workbookPr date1904=\"1\"/><sheets><sheet name=\"s\" r:id=\"rId1\"/></sheets>")};
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS),
			    "s!1:46348{n}|2030-11-23{d}|46348{n}|2030-11-23{d}|46348{n}|46348{n}");
}

static void zeros_stay_where_they_are_shown(void **state)
{
	struct package p = {{
		{"xl/styles.xml", "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"00000\"/><numFmt numFmtId=\"171\" formatCode=\"000;-000\"/>"
				  "<numFmt numFmtId=\"172\" formatCode=\"00.00\"/><numFmt numFmtId=\"173\" formatCode=\"0000000000000000000000\"/></numFmts>"
				  "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/><xf numFmtId=\"172\"/><xf numFmtId=\"173\"/>"
				  "</cellXfs></styleSheet>"},
		{"xl/worksheets/sheet1.xml",
		 ROWS_OF("<row r=\"1\"><c s=\"1\"><v>123</v></c><c s=\"1\"><v>123456</v></c><c s=\"1\"><v>0</v></c><c s=\"1\"><v>1.5</v></c>"
			 "<c s=\"2\"><v>7</v></c><c s=\"2\"><v>-7</v></c><c s=\"3\"><v>7</v></c><c s=\"4\"><v>7</v></c><c s=\"0\"><v>7</v></c></row>")},
	}};

	(void)state;
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS),
			    "花名册!1:00123{n}|123456{n}|00000{n}|1.5{n}|007{n}|-7{n}|7{n}|7{n}|7{n}");
}

/* ---- xlsx: the workbook ---- */

#define A1(v) ROWS_OF("<row r=\"1\"><c r=\"A1\"><v>" v "</v></c></row>")

static void sheets_that_people_see(void **state)
{
	const struct package p = {{
		{"xl/workbook.xml",
		 BOOK("<sheets><sheet name=\"一\" r:id=\"rId1\"/><sheet name=\"藏\" state=\"hidden\" r:id=\"rId2\"/>"
		      "<sheet name=\"深\" state=\"veryHidden\" r:id=\"rId3\"/><sheet name=\"空\" r:id=\"rId4\"/>"
		      "<sheet name=\"图\" r:id=\"rId5\"/><sheet name=\"末\" r:id=\"rId6\" state=\"visible\"/></sheets>")},
		{"xl/_rels/workbook.xml.rels",
		 RELATIONS(RELATION("rId1", "worksheet", "/xl/a.xml") RELATION("rId2", "worksheet", "b.xml")
			   RELATION("rId3", "worksheet", "b.xml") RELATION("rId4", "worksheet", "c.xml")
			   RELATION("rId5", "chartsheet", "d.xml") RELATION("rId6", "worksheet", "E.XML")
			   "<Relationship Id=\"rId1\" Type=\"u/worksheet\" Target=\"http://x/y\" TargetMode=\"External\"/>")},
		{"xl/a.xml", A1("1")}, {"xl/b.xml", A1("2")}, {"xl/c.xml", SHEET("<sheetData/>")},
		{"xl/d.xml", A1("4")}, {"xl/e.xml", A1("6")},
	}};

	(void)state;
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), "一!1:1{n}\n末!1:6{n}");
}

static void books_refused(void **state)
{
	static const struct {
		struct part part;
		const char *code;
	} row[] = {
		{{"_rels/.rels", RELATIONS("")}, "SHEET_FORMAT"},
		{{"_rels/.rels", RELATIONS(RELATION("r", "officeDocument", "word/document.xml"))}, "SHEET_FORMAT"},
		{{"_rels/.rels", RELATIONS(RELATION("r", "officeDocument", "xl/workbook.bin"))}, "SHEET_FORMAT"},
		{{"_rels/.rels", RELATIONS(RELATION("r", "officeDocument", "../workbook.xml"))}, "SHEET_SYNTAX"},
		{{"_rels/.rels", "<a><b></a>"}, "SHEET_SYNTAX"},
		{{"xl/workbook.xml", "<!DOCTYPE a><workbook/>"}, "SHEET_SYNTAX"},
		{{"../../etc/cron.d/x", "x"}, "SHEET_SYNTAX"},
		{{"xl/..", "x"}, "SHEET_SYNTAX"},
		{{"/etc/x", "x"}, "SHEET_SYNTAX"},
		{{"C:x", "x"}, "SHEET_SYNTAX"},
		{{"..\\x", "x"}, "SHEET_SYNTAX"},
		{{"xl/..x/.../x..", "x"}, "花名册!1:1{n}"},
		{{"xl/styles.xml", "<!DOCTYPE a><styleSheet/>"}, "SHEET_SYNTAX"},
		{{"xl/sharedStrings.xml", "<!DOCTYPE a [<!ENTITY e SYSTEM \"http://127.0.0.1/\">]><sst>&e;</sst>"}, "SHEET_SYNTAX"},
		{{"xl/_rels/workbook.xml.rels",
		  RELATIONS(RELATION("rId1", "worksheet", "gone.xml"))}, "SHEET_SYNTAX"},
		{{"xl/_rels/workbook.xml.rels",
		  RELATIONS(RELATION("rId1", "worksheet", "worksheets/sheet1.xml")
			    "<Relationship Id=\"m\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" Target=\"vbaProject.bin\"/>")},
		 "SHEET_MACRO"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++) {
		struct package p = {{row[i].part, {"xl/worksheets/sheet1.xml", A1("1")}}};

		assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), row[i].code);
	}
}

static void shared_strings(void **state)
{
	const struct package p = {{
		{"xl/sharedStrings.xml", "<sst><si><t>甲</t></si><si><r><t>张</t></r><r><rPr><b/></rPr><t>三</t></r></si>"
					 "<si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></si><si/></sst>"},
		{"xl/worksheets/sheet1.xml",
		 ROWS_OF("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c>"
			 "<c r=\"D1\" t=\"s\"><v>3</v></c></row>")},
	}};

	(void)state;
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), "花名册!1:甲|张三|東京");
}

/* ---- too much ---- */

static char *repeat(const char *what, size_t times)
{
	struct buf b;

	buf_init(&b, arena);
	for (size_t i = 0; i < times; i++)
		buf_puts(&b, what);
	return b.p;
}

static void limits_hold(void **state)
{
	const struct sheet_limits three_rows = {3, 50, (size_t)8 << 20};
	struct package p = {{{"xl/worksheets/sheet1.xml", ROWS_OF("<row><c><v>1</v></c></row><row><c><v>2</v></c></row><row/>"
								     "<row><c><v>3</v></c></row>")}}};

	(void)state;
	assert_string_equal(reading(xlsx_build(arena, &p), &three_rows), "花名册!1:1{n}\n花名册!2:2{n}\n花名册!4:3{n}");
	p.parts[0].text = ROWS_OF("<row><c><v>1</v></c></row><row><c><v>2</v></c></row><row><c><v>3</v></c></row><row><c><v>4</v></c></row>");
	assert_string_equal(reading(xlsx_build(arena, &p), &three_rows), "SHEET_TOO_LARGE");
	/* a megabyte of blanks packs into a kilobyte */
	p.parts[0].text = arena_printf(arena, "<worksheet>%s</worksheet>", repeat("          ", 1000000));
	struct str bomb = xlsx_build(arena, &p);
	assert_true(bomb.n < 30000);
	assert_string_equal(reading(bomb, &USUAL_LIMITS), "SHEET_TOO_LARGE");
	p.parts[0].text = arena_printf(arena, ROWS_OF("<row><c t=\"inlineStr\"><is><t>%s</t></is></c></row>"), repeat("字", 50000));
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), "SHEET_TOO_LARGE");
	p.parts[0].text = arena_printf(arena, SHEET("<mergeCells>%s</mergeCells><sheetData><row><c><v>1</v></c></row></sheetData>"),
				       repeat("<mergeCell ref=\"A1:XFD9\"/>", 50000));
	assert_string_equal(reading(xlsx_build(arena, &p), &USUAL_LIMITS), "SHEET_TOO_LARGE");
	assert_string_equal(reading(str_of("a,b\n1,2\n3,4\n5,6\n"), &three_rows), "SHEET_TOO_LARGE");
	assert_string_equal(reading(str_of(repeat("a,", 60)), &three_rows), "SHEET_TOO_LARGE");
}

/* A text that many cells share is packed once and read as often as it stands there. */
static void texts_are_counted_as_read(void **state)
{
	const struct sheet_limits most = {20000, 50, (size_t)400 << 20};
	const char *row = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c></row>";
	struct package p = {{{"xl/sharedStrings.xml", arena_printf(arena, "<sst><si><t>%s</t></si></sst>", repeat("x", 120000))},
			     {"xl/worksheets/sheet1.xml", arena_printf(arena, ROWS_OF("%s"), repeat(row, 15000))}}};
	struct str bomb = xlsx_build(arena, &p);

	(void)state;
	assert_true(bomb.n < 200000);
	assert_string_equal(reading(bomb, &most), "SHEET_TOO_LARGE");
	p.parts[1].text = arena_printf(arena, ROWS_OF("%s"), repeat(row, 3)); /* as long, and few */
	assert_true(strlen(reading(xlsx_build(arena, &p), &most)) > 720000);
	assert_string_equal(reading(str_of(repeat("a", 4 * 32767 + 1)), &most), "SHEET_TOO_LARGE");
	assert_true(strlen(reading(str_of(repeat("a", 4 * 32767)), &most)) >= 4 * 32767);
}

/* Every cut and every flipped byte is read or refused, never more. */
static void damaged_files(void **state)
{
	const struct package p = {{{"xl/worksheets/sheet1.xml", ROWS_OF("<row r=\"1\">" C("A1", "张三") "</row>")}}};
	struct str whole = xlsx_build(arena, &p);
	size_t refused = 0;

	(void)state;
	for (size_t n = 4; n < whole.n; n += 7)
		assert_memory_equal(reading((struct str){whole.p, n}, &USUAL_LIMITS), "SHEET_", 6);
	for (size_t i = 4; i < whole.n; i += 3) {
		char *copy = arena_dup(arena, whole.p, whole.n);

		copy[i] = (char)(copy[i] ^ 0x55);
		refused += !strncmp(reading((struct str){copy, whole.n}, &USUAL_LIMITS), "SHEET_", 6);
	}
	assert_true(refused > whole.n / 12);
}

static void other_files(void **state)
{
	static const char ole[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0Workbook";
	static const char locked[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
	static const struct {
		struct str file;
		const char *code;
	} row[] = {
		{{ole, sizeof(ole)}, "SHEET_OLD_XLS"},
		{{locked, sizeof(locked)}, "SHEET_ENCRYPTED"},
		{{"PK\3\4", 4}, "SHEET_FORMAT"},
		{{"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22}, "SHEET_FORMAT"},
		{{"%PDF-1.7\n\0\x80\x81\0\0\0\0", 17}, "SHEET_FORMAT"},
		{{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16}, "SHEET_FORMAT"},
		{{" \n<html><table>", 15}, "SHEET_FORMAT"},
		{{"\xEF\xBB\xBF<?xml version=\"1.0\"?><Workbook/>", 35}, "SHEET_FORMAT"},
		{{"name,number,unit\nE10001,\0,4711\nE10002,c,4711\n", 45}, "SHEET_FORMAT"},
		{{"\xE9\xFF\xFF,\xFF\xFE\xFF\n", 8}, "SHEET_ENCODING"},
		{{"", 0}, ""},
		{{"\xEF\xBB\xBF", 3}, ""},
	};
	const struct part word[] = {{"[Content_Types].xml", CONTENT_TYPES}, {"word/document.xml", "<w/>"}};

	(void)state;
	for (size_t i = 0; i < ROWS(row); i++)
		assert_string_equal(reading(row[i].file, &USUAL_LIMITS), row[i].code);
	assert_string_equal(reading(zip_build(arena, word, 2), &USUAL_LIMITS), "SHEET_FORMAT");
}

/* A password on the archive itself. */
static void locked_parts(void **state)
{
	const struct package p = {{{"xl/worksheets/sheet1.xml", A1("1")}}};
	struct str file = xlsx_build(arena, &p);
	char *copy = arena_dup(arena, file.p, file.n);

	(void)state;
	/* the flag "encrypted" of each local and central header (APPNOTE 4.4.4) */
	for (size_t i = 0; i + 10 < file.n; i++) {
		if (!memcmp(copy + i, "PK\3\4", 4))
			copy[i + 6] = (char)(copy[i + 6] | 1);
		else if (!memcmp(copy + i, "PK\1\2", 4))
			copy[i + 8] = (char)(copy[i + 8] | 1);
	}
	assert_string_equal(reading((struct str){copy, file.n}, &USUAL_LIMITS), "SHEET_ENCRYPTED");
}

/* ---- out, and in again ---- */

static const char *const HEADER[] = {"工号", "姓名", "备注"};
static const char *const LINES[][3] = {
	{"000123", "张三", "=HYPERLINK(\"http://x\")"}, {"440308199001010025", "\xF0\xA0\x80\x80", "+86 138"},
	{"-1", "@SUM(A1)", "\ttab"}, {"＝1", NULL, "a\"b,\nc"}, {"_x0041_", " blanks ", "x\ry"}, {"2026-11-22", "<&>'", "1E5"},
};

static struct str written(const char *format)
{
	static const bool marks[] = {false, true, false};
	struct sheet_writer *w = sheet_writer_new(arena, format, "花名册");

	sheet_write_header(w, HEADER, 3);
	for (size_t i = 0; i < ROWS(LINES); i++)
		sheet_write_row(w, LINES[i], i == 3 ? marks : NULL, 3);
	return sheet_writer_end(w);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	assert_string_equal(reading(written("xlsx"), &USUAL_LIMITS),
			    "花名册!1:工号|姓名|备注\n花名册!2:000123|张三|=HYPERLINK(\"http://x\")\n"
			    "花名册!3:440308199001010025|\xF0\xA0\x80\x80|+86 138\n花名册!4:-1|@SUM(A1)|\ttab\n"
			    "花名册!5:＝1||a\"b,\nc\n花名册!6:_x0041_| blanks |x\ry\n花名册!7:2026-11-22|<&>'|1E5");
	assert_string_equal(reading(written("csv"), &USUAL_LIMITS),
			    "!1:工号|姓名|备注\n!2:000123|张三|'=HYPERLINK(\"http://x\")\n"
			    "!3:440308199001010025|\xF0\xA0\x80\x80|'+86 138\n!4:'-1|'@SUM(A1)|'\ttab\n"
			    "!5:'＝1||a\"b,\nc\n!6:_x0041_| blanks |x\ry\n!7:2026-11-22|<&>'|1E5");
	assert_memory_equal(written("csv").p, "\xEF\xBB\xBF\"工号\",\"姓名\",\"备注\"\r\n\"000123\",", 40);
}

static void writer_says_where_it_failed(void **state)
{
	struct sheet_writer *w = sheet_writer_new(arena, "xlsx", "s");
	const char *long_cell[] = {repeat("x", 32768)};

	(void)state;
	sheet_write_row(w, long_cell, NULL, 1);
	assert_null(sheet_writer_end(w).p);
	w = sheet_writer_new(arena, "xlsx", "a name of more than thirty-one characters");
	sheet_write_header(w, HEADER, 3);
	assert_null(sheet_writer_end(w).p);
	w = sheet_writer_new(arena, "xlsx", "empty");
	assert_string_equal(reading(sheet_writer_end(w), &USUAL_LIMITS), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells),
		cmocka_unit_test(cells_refused),
		cmocka_unit_test(merged_ranges),
		cmocka_unit_test(numbers),
		cmocka_unit_test(date_formats),
		cmocka_unit_test(styles_choose_dates),
		cmocka_unit_test(zeros_stay_where_they_are_shown),
		cmocka_unit_test(sheets_that_people_see),
		cmocka_unit_test(books_refused),
		cmocka_unit_test(shared_strings),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(texts_are_counted_as_read),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(other_files),
		cmocka_unit_test(locked_parts),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(writer_says_where_it_failed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
