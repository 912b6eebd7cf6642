/* Rules of files of people: spellings, the header, cells; without a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail
#include "import.h"

#define TELL(...) (print_error(__VA_ARGS__), assert_true(false))

static struct arena *a;
static const struct typed_fields NONE;

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

static void days_as_people_write_them(void **state)
{
	static const struct {
		const char *text, *day; /* NULL: no day */
	} ROWS[] = {
		{"2024-03-01", "2024-03-01"},
		{"2024/3/1", "2024-03-01"},
		{"2024.3.1", "2024-03-01"},
		{"2024年3月1日", "2024-03-01"},
		{"2024年3月1", "2024-03-01"},
		{" 20240301 ", "2024-03-01"},
		{"２０２４／３／１", "2024-03-01"},
		{"2024-03-01 00:00:00", "2024-03-01"},
		{"2024-03-01T00:00", "2024-03-01"},
		{"2024-02-29", "2024-02-29"},
		{"2023-02-29", NULL},
		{"2024-13-01", NULL},
		{"24/3/1", NULL},
		{"3/1/2024", NULL},
		{"2024-3", NULL},
		{"2024年", NULL},
		{"202403011", NULL},
		{"45352", NULL},
		{"", NULL},
		{"2024-03-01 08:30", NULL},
		{"2024-03-01x", NULL},
		{"99999999", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		char day[11] = "";
		bool good = import_date(a, ROWS[i].text, day);

		if (good != (ROWS[i].day != NULL) || (good && strcmp(day, ROWS[i].day) != 0))
			TELL("%s: %s\n", ROWS[i].text, good ? day : "no day");
	}
}

static void texts(void **state)
{
	(void)state;
	assert_string_equal(import_trim(a, "　 王 小明\t "), "王 小明");
	assert_string_equal(import_trim(a, " \t"), "");
	assert_string_equal(import_fold(a, "Ｓ００１－ａ　（店）"), "S001-a (店)");
	assert_true(import_is_wide("１"));
	assert_false(import_is_wide("门店1"));
	assert_true(import_is_scientific("4.40308E+17"));
	assert_true(import_is_scientific("4e+17"));
	assert_false(import_is_scientific("E10001"));
	assert_false(import_is_scientific("44030819900101E"));
	assert_int_equal(import_code("CHECK"), IMPORT_CODE(CHECK));
	assert_int_equal(import_code("NO_SUCH_CODE"), IMPORT_CODE(INVALID));
	assert_int_equal(import_code("UNSPECIFIED"), IMPORT_CODE(INVALID));
}

static void headers(void **state)
{
	static const struct {
		const char *header, *field; /* NULL: unknown */
	} ROWS[] = {
		{"工号", "employee_number"},
		{"*员工编号：", "employee_number"},
		{"Employee No.", "employee_number"},
		{"身份证号（18位）", "id_number"},
		{"ID_NUMBER", "id_number"},
		{"手 机", "mobile"},
		{"入职时间", "hire_date"},
		{"离职日期", "end_date"},
		{"最后工作日", "last_work_day"},
		{"门店", "org_unit"},
		{"门店编码", "org_unit_code"},
		{"职位", "post"},
		{"（姓名）", "name"},
		{"血型", NULL},
		{"", NULL},
		{"state", NULL},
		{"version", NULL},
		{"生效日期", NULL},
	};
	struct import_fields f =
		import_fields(a, ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES, &NONE);

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		const struct import_field *found = import_field_by_header(a, &f, ROWS[i].header);

		if (!found != !ROWS[i].field || (found && strcmp(found->name, ROWS[i].field) != 0))
			TELL("%s: %s\n", ROWS[i].header, found ? found->name : "unknown");
	}
	assert_string_equal(import_field_near(a, &f, "入职日其"), "入职日期");
	assert_null(import_field_near(a, &f, "错误"));
	assert_null(import_field_near(a, &f, "血型"));
}

/* Two spellings of one field would make the meaning of a file depend on their order. */
static void no_spelling_has_two_meanings(void **state)
{
	(void)state;
	for (int kind = 1; kind <= 2; kind++) {
		struct import_fields f = import_fields(a, (Archive__ImportKind)kind, &NONE);

		for (size_t i = 0; i < f.n; i++)
			for (const char *const *k = f.items[i].keys; *k; k++) {
				const struct import_field *found =
					import_field_by_header(a, &f, *k);

				if (found != &f.items[i])
					TELL("%s: %s and %s\n", *k, f.items[i].name,
					     found ? found->name : "-");
			}
	}
}

#define CELLS 8
static struct sheet sheet_of(const char *const (*rows)[CELLS], size_t n)
{
	struct sheet s = {.format = "csv", .name = "", .n = n};

	s.rows = arena_alloc(a, (n + 1) * sizeof(*s.rows));
	for (size_t i = 0; i < n; i++) {
		struct sheet_row *r = &s.rows[i];

		r->line = (int)i + 1;
		r->cells = arena_alloc(a, CELLS * sizeof(*r->cells));
		for (; r->n < CELLS && rows[i][r->n]; r->n++)
			r->cells[r->n].text = rows[i][r->n];
	}
	return s;
}

static void kinds_and_places_of_the_header(void **state)
{
	static const char *const hires[][CELLS] = {{"花名册"},
						   {"工号", "姓名", "入职日期", "部门", "用工形式"},
						   {"E1", "王", "2024-01-01", "S1", "全日制"}};
	static const char *const moves[][CELLS] = {{"工号", "姓名", "生效日期", "新部门"},
						   {"E1", "王", "2024-01-01", "S1"}};
	struct sheet s = sheet_of(hires, 3);
	struct import_wish wish = {0};
	struct import_report report = {.arena = a};
	struct import_plan plan;

	(void)state;
	assert_true(import_plan(a, &s, &wish, &report, &plan));
	assert_int_equal(plan.kind, ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES);
	assert_int_equal(plan.header_line, 2);
	assert_int_equal(plan.first, 2);
	s = sheet_of(moves, 2);
	assert_true(import_plan(a, &s, &wish, &report, &plan));
	assert_int_equal(plan.kind, ARCHIVE__IMPORT_KIND__IMPORT_KIND_TRANSFERS);
	assert_int_equal(report.n, 0);
	wish.kind = ARCHIVE__IMPORT_KIND__IMPORT_KIND_EMPLOYEES;
	assert_false(import_plan(a, &s, &wish, &report, &plan));
	assert_int_equal(report.items[0].code, IMPORT_CODE(COLUMN_MISSING));
	wish = (struct import_wish){.mapping = "姓名=work_place"};
	report.n = 0;
	assert_true(import_plan(a, &s, &wish, &report, &plan));
	assert_int_equal(import_column_of(&plan, "work_place"), 1);
	wish.mapping = "姓名=no_such_field\n没有=name";
	assert_false(import_plan(a, &s, &wish, &report, &plan));
	assert_int_equal(report.n, 2);
}

static void the_line_that_stands_first(void **state)
{
	static const char *const rows[][CELLS] = {
		{"工号", "姓名", "身份证号", "入职日期", "部门", "用工形式"},
		{"E2", "a", "11010519491231002x"},
		{"E1", "b", "x"},
		{"E2", "c", "11010519491231002X"}};
	struct sheet s = sheet_of(rows, 4);
	struct import_wish wish = {0};
	struct import_report report = {.arena = a};
	struct import_plan plan;
	struct import_keys k;

	(void)state;
	assert_true(import_plan(a, &s, &wish, &report, &plan));
	k = import_keys(a, &plan, &s, "employee_number");
	assert_int_equal(import_key_line(&k, "E2"), 2);
	assert_int_equal(import_key_line(&k, "E1"), 3);
	assert_int_equal(import_key_line(&k, "E3"), 0);
	k = import_keys(a, &plan, &s, "id_number");
	assert_int_equal(import_key_line(&k, import_key_value(a, &plan, &s.rows[3], "id_number")),
			 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(days_as_people_write_them, setup, teardown),
		cmocka_unit_test_setup_teardown(texts, setup, teardown),
		cmocka_unit_test_setup_teardown(headers, setup, teardown),
		cmocka_unit_test_setup_teardown(no_spelling_has_two_meanings, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_and_places_of_the_header, setup, teardown),
		cmocka_unit_test_setup_teardown(the_line_that_stands_first, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
