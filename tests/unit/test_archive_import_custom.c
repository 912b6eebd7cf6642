/* Cells and columns of fields that a tenant declared; without a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail
#include "import_job.h"

#define TELL(...) (print_error(__VA_ARGS__), assert_true(false))
#define TYPE(name) RENHE__CUSTOM_FIELD_TYPE__CUSTOM_FIELD_TYPE_##name
#define CLASS(name) RENHE__CUSTOM_FIELD_CLASS__CUSTOM_FIELD_CLASS_##name
#define STATE(name) RENHE__CUSTOM_FIELD_STATE__CUSTOM_FIELD_STATE_##name
#define EMPLOYEES ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES
#define TRANSFERS ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS

static struct arena *a;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* ---- what is declared ---- */

enum { SIZE, SCORE, DAY, LOCKER, ALLERGY, MOBILE, TWIN, OLD, N_DECLARED };

static struct typed_fields declared(void)
{
	static const struct {
		const char *key, *zh, *en;
		Renhe__CustomFieldType type;
		Renhe__CustomFieldClass class;
		Renhe__CustomFieldState state;
	} ROWS[N_DECLARED] = {
		[SIZE] = {"shirt_size", "工服尺码", "shirt size", TYPE(CHOICE), CLASS(INTERNAL),
			  STATE(ACTIVE)},
		[SCORE] = {"score", "得分", NULL, TYPE(INTEGER), CLASS(INTERNAL), STATE(ACTIVE)},
		[DAY] = {"licence_day", "发证日期", NULL, TYPE(DATE), CLASS(INTERNAL),
			 STATE(ACTIVE)},
		[LOCKER] = {"has_locker", "有无储物柜", NULL, TYPE(BOOLEAN), CLASS(INTERNAL),
			    STATE(ACTIVE)},
		[ALLERGY] = {"allergy", "过敏史", NULL, TYPE(TEXT), CLASS(HEALTH), STATE(ACTIVE)},
		[MOBILE] = {"second_mobile", "手机", NULL, TYPE(TEXT), CLASS(CONTACT),
			    STATE(ACTIVE)},
		[TWIN] = {"uniform", "工服尺码", NULL, TYPE(TEXT), CLASS(INTERNAL), STATE(ACTIVE)},
		[OLD] = {"old_one", "旧字段", NULL, TYPE(TEXT), CLASS(INTERNAL), STATE(RETIRED)},
	};
	static char *codes[] = {"M", "L"}, *zh[] = {"中", "大（Ｌ）"}, *en[] = {"", "large"};
	struct typed_fields f = {arena_alloc(a, N_DECLARED * sizeof(*f.items)), N_DECLARED};

	for (size_t i = 0; i < N_DECLARED; i++) {
		Renhe__CustomField *d = f.items[i] = arena_alloc(a, sizeof(*d));

		renhe__custom_field__init(d);
		d->key = (char *)(uintptr_t)ROWS[i].key;
		d->name_zh = (char *)(uintptr_t)ROWS[i].zh;
		d->name_en = (char *)(uintptr_t)ROWS[i].en;
		d->type = ROWS[i].type;
		d->field_class = ROWS[i].class;
		d->state = ROWS[i].state;
	}
	f.items[SIZE]->n_choice_codes = f.items[SIZE]->n_choice_zh = f.items[SIZE]->n_choice_en = 2;
	f.items[SIZE]->choice_codes = codes;
	f.items[SIZE]->choice_zh = zh;
	f.items[SIZE]->choice_en = en;
	return f;
}

/* ---- cells ---- */

static void cells_by_type(void **state)
{
	static const struct {
		int field;
		const char *text, *value; /* NULL: none */
		Archive__ImportFaultCode code;
		unsigned marks;
	} ROWS[] = {
		{SCORE, "85", "85", 0, 0},
		{SCORE, " ８５ ", "85", 0, 0},
		{SCORE, "-3", "-3", 0, 0},
		{SCORE, "－３", "-3", 0, 0},
		{SCORE, "+7", "7", 0, 0},
		{SCORE, "'-7", "-7", 0, 0},
		{SCORE, "''7", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "007", "7", 0, 0},
		{SCORE, "0", "0", 0, 0},
		{SCORE, "-0", "0", 0, 0},
		{SCORE, "85.0", "85", 0, 0},
		{SCORE, "9007199254740991", "9007199254740991", 0, 0},
		{SCORE, "9007199254740992", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "99999999999999999999", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "85.5", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "85.", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, ".0", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "-", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "- 3", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "八十五", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "85分", NULL, IMPORT_CODE(INTEGER), 0},
		{SCORE, "8.5E+1", NULL, IMPORT_CODE(PRECISION_LOST), 0},
		{SCORE, "123", NULL, IMPORT_CODE(PRECISION_LOST), SHEET_PRECISION},
		{SCORE, "=1+1", NULL, IMPORT_CODE(FORMULA), 0},
		{SCORE, "1", NULL, IMPORT_CODE(CELL_ERROR), SHEET_ERROR},
		{SCORE, "　", NULL, 0, 0},
		{DAY, "2024年2月29日", "2024-02-29", 0, 0},
		{DAY, "２０２４／２／２９", "2024-02-29", 0, 0},
		{DAY, "2023-02-29", NULL, IMPORT_CODE(DATE), 0},
		{DAY, "明天", NULL, IMPORT_CODE(DATE), 0},
		{SIZE, "M", "M", 0, 0},
		{SIZE, "ｌ", "L", 0, 0},
		{SIZE, "中", "M", 0, 0},
		{SIZE, "大（Ｌ）", "L", 0, 0},
		{SIZE, "LARGE", "L", 0, 0},
		{SIZE, "中 (M)", "M", 0, 0},
		{SIZE, "中 (L)", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{SIZE, ")", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{SIZE, "", NULL, 0, 0},
		{SIZE, "特大", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{SIZE, "大", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{LOCKER, "是", "true", 0, 0},
		{LOCKER, "有", "true", 0, 0},
		{LOCKER, "Ｙ", "true", 0, 0},
		{LOCKER, "Yes", "true", 0, 0},
		{LOCKER, "TRUE", "true", 0, 0},
		{LOCKER, "１", "true", 0, 0},
		{LOCKER, "否", "false", 0, 0},
		{LOCKER, "无", "false", 0, 0},
		{LOCKER, "0", "false", 0, 0},
		{LOCKER, "no", "false", 0, 0},
		{LOCKER, "也许", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{LOCKER, "2", NULL, IMPORT_CODE(CHOICE_UNKNOWN), 0},
		{ALLERGY, " 花粉（春） ", "花粉（春）", 0, 0},
		{ALLERGY, "4.40308E+17", NULL, IMPORT_CODE(PRECISION_LOST), 0},
		{ALLERGY, "1234567890123456789", NULL, IMPORT_CODE(PRECISION_LOST),
		 SHEET_PRECISION},
		{ALLERGY, "花粉", NULL, IMPORT_CODE(MERGED_CELL), SHEET_MERGED},
	};
	struct typed_fields f = declared();

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		const struct sheet_cell cell = {.text = ROWS[i].text, .marks = ROWS[i].marks};
		struct import_report report = {.arena = a};
		Renhe__TypedValue *room[1] = {NULL};
		Archive__Employee e = ARCHIVE__EMPLOYEE__INIT;
		const char *got;

		e.custom_fields = room;
		import_custom_cell(a, f.items[ROWS[i].field], &cell,
				   (struct import_fault){.line = 2, .column = 7}, &report, &e);
		got = e.n_custom_fields ? typed_text(a, room[0]) : NULL;
		if (!got != !ROWS[i].value || (got && strcmp(got, ROWS[i].value) != 0))
			TELL("%s: %s\n", ROWS[i].text, got ? got : "no value");
		if (report.n != (ROWS[i].code != 0) ||
		    (report.n && (report.items[0].code != ROWS[i].code ||
				  report.items[0].line != 2 || report.items[0].column != 7)))
			TELL("%s: %zu faults, code %d\n", ROWS[i].text, report.n,
			     report.n ? (int)report.items[0].code : 0);
	}
}

static void a_wrong_choice_tells_the_right_ones(void **state)
{
	const struct sheet_cell cell = {.text = "特大"};
	struct import_report report = {.arena = a};
	struct typed_fields f = declared();
	Archive__Employee e = ARCHIVE__EMPLOYEE__INIT;

	(void)state;
	import_custom_cell(a, f.items[SIZE], &cell, (struct import_fault){.line = 2}, &report, &e);
	assert_string_equal(report.items[0].hint, "中 (M), 大（Ｌ） (L)");
	import_custom_cell(a, f.items[LOCKER], &cell, (struct import_fault){.line = 3}, &report,
			   &e);
	assert_string_equal(report.items[1].hint, "是, 否");
	assert_int_equal(e.n_custom_fields, 0);
}

/* ---- columns ---- */

static void headers(void **state)
{
	static const struct {
		const char *header, *field, *behind; /* NULL: none */
	} ROWS[] = {
		{"得分", "custom_fields.score", NULL},
		{"得分（分）", "custom_fields.score", NULL},
		{"SCORE", "custom_fields.score", NULL},
		{"has locker", "custom_fields.has_locker", NULL},
		{"Shirt-Size", "custom_fields.shirt_size", NULL},
		{"工服尺码", "custom_fields.shirt_size", "custom_fields.uniform"},
		{"手机", "mobile", "custom_fields.second_mobile"},
		{"second_mobile", "custom_fields.second_mobile", NULL},
		{"姓名", "name", NULL},
		{"旧字段", NULL, NULL},
		{"old_one", NULL, NULL},
		{"血型", NULL, NULL},
	};
	struct typed_fields d = declared();
	struct import_fields f = import_fields(a, EMPLOYEES, &d),
			     moves = import_fields(a, TRANSFERS, &d);

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		const char *h = ROWS[i].header;
		const struct import_field *x = import_field_by_header(a, &f, h);
		const struct import_field *y = x ? import_field_behind(a, &f, x, h) : NULL;

		if (!x != !ROWS[i].field || (x && strcmp(x->name, ROWS[i].field) != 0))
			TELL("%s: %s\n", h, x ? x->name : "unknown");
		if (!y != !ROWS[i].behind || (y && strcmp(y->name, ROWS[i].behind) != 0))
			TELL("%s: behind it %s\n", h, y ? y->name : "nothing");
	}
	assert_string_equal(import_field_near(a, &f, "发证日其"), "发证日期");
	assert_null(import_field_by_header(a, &moves, "得分"));
}

#define N_HEADERS 9
#define BARE "工号", "姓名", "入职日期", "部门", "用工形式"

static bool plan_of(const char *const headers[N_HEADERS], const struct import_wish *wish,
		    struct import_report *report, struct import_plan *plan)
{
	struct sheet_row *rows = arena_alloc(a, 2 * sizeof(*rows));
	struct sheet s = {.format = "csv", .name = "", .rows = rows, .n = 2};

	for (int r = 0; r < 2; r++) {
		rows[r].line = r + 1;
		rows[r].cells = arena_alloc(a, N_HEADERS * sizeof(*rows[r].cells));
		for (; rows[r].n < N_HEADERS && headers[rows[r].n]; rows[r].n++)
			rows[r].cells[rows[r].n].text = r ? "x" : headers[rows[r].n];
	}
	*report = (struct import_report){.arena = a};
	return import_plan(a, &s, wish, report, plan);
}

static void what_a_header_may_say(void **state)
{
	static const struct {
		const char *headers[N_HEADERS], *mapping;
		int column; /* of the fault */
		Archive__ImportFaultCode code;
	} ROWS[] = {
		{{BARE, "得分", "发证日期"}, NULL, 0, 0},
		{{BARE, "得分", "score"}, NULL, 6, IMPORT_CODE(COLUMN_DOUBLE)},
		{{BARE, "手机", "second_mobile"}, NULL, 0, 0},
		{{BARE, "手机", "电话"}, NULL, 6, IMPORT_CODE(COLUMN_DOUBLE)},
		{{BARE, "手机", "电话"}, "手机=custom_fields.second_mobile", 0, 0},
		{{BARE, "工服尺码"}, NULL, 5, IMPORT_CODE(COLUMN_AMBIGUOUS)},
		{{BARE, "工服尺码"}, "工服尺码=custom_fields.uniform", 0, 0},
		{{BARE, "工服尺码"}, "工服尺码=", 0, 0},
		{{BARE, "衣服"}, "衣服=custom_fields.shirt_size", 0, 0},
		{{BARE, "衣服"}, "衣服=custom_fields.old_one", 5, IMPORT_CODE(MAPPING_UNKNOWN)},
		{{BARE, "衣服"}, "衣服=custom_fields", 5, IMPORT_CODE(MAPPING_UNKNOWN)},
		{{BARE, "过敏史"}, NULL, 5, IMPORT_CODE(COLUMN_FORBIDDEN)},
		{{BARE, "得分"}, "得分=custom_fields.allergy", 5, IMPORT_CODE(COLUMN_FORBIDDEN)},
		{{BARE, "旧字段"}, NULL, 0, 0},
	};
	const struct import_wish base = {.declared = declared(), .forbidden = 1u << CLASS(HEALTH)};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		struct import_wish wish = base;
		struct import_report report;
		struct import_plan plan;
		bool fit;

		wish.mapping = ROWS[i].mapping;
		fit = plan_of(ROWS[i].headers, &wish, &report, &plan);
		if (fit != !ROWS[i].code || report.n != !fit ||
		    (report.n && (report.items[0].code != ROWS[i].code ||
				  report.items[0].column != ROWS[i].column)))
			TELL("row %zu: %zu faults, code %d at %d\n", i, report.n,
			     report.n ? (int)report.items[0].code : 0,
			     report.n ? report.items[0].column : 0);
	}
}

static void what_is_required_must_be_a_column(void **state)
{
	static const char *const without[N_HEADERS] = {BARE},
				 *const with[N_HEADERS] = {BARE, "score"},
				 *const moved[N_HEADERS] = {"工号", "生效日期", "部门"};
	struct import_wish wish = {.declared = declared()};
	struct import_report report;
	struct import_plan plan;

	(void)state;
	wish.declared.items[SCORE]->required = wish.declared.items[OLD]->required = true;
	assert_false(plan_of(without, &wish, &report, &plan));
	assert_int_equal(report.n, 1);
	assert_int_equal(report.items[0].code, IMPORT_CODE(COLUMN_MISSING));
	assert_string_equal(report.items[0].column_name, "得分");
	assert_true(plan_of(with, &wish, &report, &plan));
	assert_int_equal(import_column_of(&plan, "custom_fields/score"), 5);
	assert_int_equal(import_column_of(&plan, "custom_fields/shirt_size"), -1);
	assert_true(plan_of(moved, &wish, &report, &plan));
	assert_int_equal(plan.kind, TRANSFERS);
}

/* ---- classes ---- */

static void classes_that_the_caller_may_not_write(void **state)
{
	static const struct {
		struct policy_cell cell;
		uint32_t allowed; /* bits */
	} ROWS[] = {
		{{.role = RENHE__ROLE__HR, .scope = 8}, UINT32_MAX},
		{{.role = RENHE__ROLE__HR, .scope = 8, .change = 1u | 1u << CLASS(CONTACT)},
		 1u | 1u << CLASS(CONTACT)},
		{{.role = RENHE__ROLE__HR, .scope = 8, .change = 1u << CLASS(HEALTH)},
		 1u << CLASS(HEALTH)},
		{{.role = RENHE__ROLE__HR, .scope = 8, .pending = true}, 0},
		{{.role = RENHE__ROLE__HR, .scope = 1}, 0},
		{{.role = RENHE__ROLE__PAYROLL, .scope = 8}, 0},
	};
	struct ctx cx = {.arena = a, .who = {.roles = 1u << RENHE__ROLE__HR}};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		const struct permission p = {.name = "P", .cells = &ROWS[i].cell, .n_cells = 1};
		uint32_t got = import_forbidden(&cx, &p), want = ~ROWS[i].allowed & ~1u;

		if (got != want)
			TELL("row %zu: %x, not %x\n", i, (unsigned)got, (unsigned)want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cells_by_type, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_choice_tells_the_right_ones, setup,
						teardown),
		cmocka_unit_test_setup_teardown(headers, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_header_may_say, setup, teardown),
		cmocka_unit_test_setup_teardown(classes_that_the_caller_may_not_write, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_required_must_be_a_column, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
