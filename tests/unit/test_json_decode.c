/* JSON, path and query into messages: the rules of the contract, one row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "sample_json.h"

struct decode_row {
	const char *body;
	int status;        /* 0 = taken */
	const char *items; /* "pointer CODE; pointer CODE", in order */
};

static void check_decode(const struct decode_row *row, size_t n, bool is_patch)
{
	for (size_t i = 0; i < n; i++) {
		const char *const *cleared;
		decode(row[i].body, is_patch, &cleared);
		int status = cx.fault.def ? cx.fault.def->status : 0;
		if (status != row[i].status || strcmp(items_text(), row[i].items ? row[i].items : "") != 0)
			fail_msg("%s\n gave %d %s", row[i].body, status, items_text());
		for (unsigned j = 0; j < cx.fault.n_items; j++)
			assert_true(cx.fault.items[j].zh && cx.fault.items[j].en &&
				    !strstr(cx.fault.items[j].en, "{"));
	}
}

static void decode_accepts(void **state)
{
	static const struct decode_row row[] = {
		{"{\"name\":\"张三\"}", 0, NULL},
		{"{\"name\":\" x \"}", 0, NULL},
		{"{\"name\":\"x\",\"sex\":\"FEMALE\",\"kinds\":[\"PASSPORT\",\"RESIDENT\"]}", 0, NULL},
		{"{\"name\":\"x\",\"head_count\":0}", 0, NULL},
		{"{\"name\":\"x\",\"head_count\":1000}", 0, NULL},
		{"{\"name\":\"x\",\"head_count\":-0}", 0, NULL},
		{"{\"name\":\"x\",\"amount_fen\":9007199254740991,\"serial\":9007199254740991,\"tally\":4294967295}", 0, NULL},
		{"{\"name\":\"x\",\"amount_fen\":-9007199254740991}", 0, NULL},
		{"{\"name\":\"x\",\"note\":\"a\\n\\tb\"}", 0, NULL},
		{"{\"name\":\"x\",\"photo\":\"AA==\",\"blobs\":[\"\",\"AAA=\",\"AAAA\"]}", 0, NULL},
		{"{\"name\":\"x\",\"tags\":[],\"places\":[{\"city\":\"y\",\"rank\":-5}]}", 0, NULL},
		{"{\"name\":\"x\",\"place\":{\"city\":\"y\",\"hire_date\":\"2024-02-29\"}}", 0, NULL},
		{"{\"name\":\"x\",\"mobile\":\"+86 138-0013-8000\",\"id_number\":\"" GOOD_ID "\"}", 0, NULL},
		{"{\"name\":\"𠮷野家\",\"active\":false}", 0, NULL},
	};

	(void)state;
	check_decode(row, COUNT(row), false);
}

static void decode_refuses_form(void **state)
{
	static const struct decode_row row[] = {
		{"{\"name\":", 400, " JSON_SYNTAX"},
		{"{\"name\":\"x\",\"head_count\":01}", 400, " JSON_SYNTAX"},
		{"{\"name\":\"\\ud800\"}", 400, " JSON_SURROGATE"},
		{"{\"name\":\"\\u0000\"}", 400, " JSON_NUL"},
		{"{\"name\":\"\xFF\"}", 400, " JSON_UTF8"},
		{"{\"place\":{\"city\":\"a\",\"city\":\"b\"}}", 400, "/place/city JSON_DUPLICATE_MEMBER"},
		{"{\"name\":\"x\",\"head_count\":1111111111111111111111111111111111111111111111111111111111111111}", 400,
		 " JSON_NUMBER"},
		/* mass assignment: nothing that the contract doesn't let in comes in */
		{"{\"name\":\"x\",\"id\":\"01900000-0000-7000-8000-000000000001\"}", 400, "/id READ_ONLY"},
		{"{\"name\":\"x\",\"create_time\":null}", 400, "/create_time READ_ONLY"},
		{"{\"name\":\"x\",\"restricted_fields\":[]}", 400, "/restricted_fields READ_ONLY"},
		{"{\"name\":\"x\",\"hidden\":\"y\"}", 400, "/hidden UNKNOWN_FIELD"},
		{"{\"name\":\"x\",\"Name\":\"y\"}", 400, "/Name UNKNOWN_FIELD"},
		{"{\"name\":\"x\",\"tenant_id\":\"y\",\"__proto__\":{},\"base\":1}", 400,
		 "/tenant_id UNKNOWN_FIELD; /__proto__ UNKNOWN_FIELD; /base UNKNOWN_FIELD"},
		{"{\"name\":\"x\",\"day.gte\":\"2026-01-01\"}", 400, "/day.gte UNKNOWN_FIELD"},
		{"{\"name\":\"x\",\"a/b~c\":1,\"\":2}", 400, "/a~1b~0c UNKNOWN_FIELD; / UNKNOWN_FIELD"},
		{"{\"name\":\"x\",\"place\":{\"city\":\"y\",\"nation\":1}}", 400, "/place/nation UNKNOWN_FIELD"},
		/* both kinds at once are 400 with all items */
		{"{\"sexe\":1,\"head_count\":-1}", 400, "/sexe UNKNOWN_FIELD; /head_count TOO_SMALL; /name REQUIRED"},
	};

	(void)state;
	check_decode(row, COUNT(row), false);
}

static void decode_refuses_content(void **state)
{
	static const struct decode_row row[] = {
		{"{}", 422, "/name REQUIRED"},
		{"", 422, "/name REQUIRED"},
		{"[]", 422, " TYPE; /name REQUIRED"},
		{"\"x\"", 422, " TYPE; /name REQUIRED"},
		{"{\"name\":\"\"}", 422, "/name REQUIRED"},
		{"{\"name\":\" \\u3000\\u200b\"}", 422, "/name REQUIRED"},
		{"{\"name\":null}", 422, "/name NULL_NOT_ALLOWED"},
		{"{\"name\":1}", 422, "/name TYPE"},
		{"{\"name\":[\"x\"]}", 422, "/name TYPE"},
		{"{\"name\":\"a\\nb\"}", 422, "/name CONTROL_CHARACTER"},
		{"{\"name\":\"a\\u007fb\"}", 422, "/name CONTROL_CHARACTER"},
		{"{\"name\":\"a\\u0085b\"}", 422, "/name CONTROL_CHARACTER"},
		{"{\"name\":\"a\\uffffb\"}", 422, "/name CONTROL_CHARACTER"},
		{"{\"name\":\"x\",\"note\":\"a\\rb\"}", 422, "/note CONTROL_CHARACTER"},
		{"{\"name\":\"x\",\"note\":\"a\"}", 422, "/note TOO_SHORT"},
		{"{\"name\":\"x\",\"note\":\"     \"}", 422, "/note TOO_SHORT"},
		{"{\"name\":\"x\",\"tags\":[\"12345\",\"123456\",\"张三李四王\"]}", 422, "/tags/1 TOO_LONG"},
		{"{\"name\":\"x\",\"tags\":[\"1\",\"2\",\"3\",\"4\"]}", 422, "/tags TOO_MANY"},
		{"{\"name\":\"x\",\"tags\":[\"1\",null]}", 422, "/tags/1 NULL_NOT_ALLOWED"},
		{"{\"name\":\"x\",\"tags\":null}", 422, "/tags NULL_NOT_ALLOWED"},
		{"{\"name\":\"x\",\"tags\":\"1\"}", 422, "/tags TYPE"},
		{"{\"name\":\"x\",\"tags\":{}}", 422, "/tags TYPE"},
		{"{\"name\":\"x\",\"sex\":\"SEX_MALE\"}", 422, "/sex FORMAT"},
		{"{\"name\":\"x\",\"sex\":\"male\"}", 422, "/sex FORMAT"},
		{"{\"name\":\"x\",\"sex\":\"UNSPECIFIED\"}", 422, "/sex FORMAT"},
		{"{\"name\":\"x\",\"sex\":1}", 422, "/sex TYPE"},
		{"{\"name\":\"x\",\"head_count\":\"1\"}", 422, "/head_count TYPE"},
		{"{\"name\":\"x\",\"head_count\":1.0}", 422, "/head_count TYPE"},
		{"{\"name\":\"x\",\"head_count\":1e2}", 422, "/head_count TYPE"},
		{"{\"name\":\"x\",\"head_count\":1E0}", 422, "/head_count TYPE"},
		{"{\"name\":\"x\",\"head_count\":true}", 422, "/head_count TYPE"},
		{"{\"name\":\"x\",\"head_count\":-1}", 422, "/head_count TOO_SMALL"},
		{"{\"name\":\"x\",\"head_count\":1001}", 422, "/head_count TOO_LARGE"},
		{"{\"name\":\"x\",\"amount_fen\":9007199254740992}", 422, "/amount_fen TOO_LARGE"},
		{"{\"name\":\"x\",\"amount_fen\":9007199254740993}", 422, "/amount_fen TOO_LARGE"},
		{"{\"name\":\"x\",\"amount_fen\":-9007199254740992}", 422, "/amount_fen TOO_SMALL"},
		{"{\"name\":\"x\",\"amount_fen\":99999999999999999999999}", 422, "/amount_fen TOO_LARGE"},
		{"{\"name\":\"x\",\"amount_fen\":18446744073709551617}", 422, "/amount_fen TOO_LARGE"},
		{"{\"name\":\"x\",\"serial\":-1}", 422, "/serial TOO_SMALL"},
		{"{\"name\":\"x\",\"serial\":9007199254740992}", 422, "/serial TOO_LARGE"},
		{"{\"name\":\"x\",\"tally\":4294967296}", 422, "/tally TOO_LARGE"},
		{"{\"name\":\"x\",\"tally\":-1}", 422, "/tally TOO_SMALL"},
		{"{\"name\":\"x\",\"active\":\"true\"}", 422, "/active TYPE"},
		{"{\"name\":\"x\",\"active\":1}", 422, "/active TYPE"},
		{"{\"name\":\"x\",\"photo\":\"\"}", 422, "/photo TOO_SHORT"},
		{"{\"name\":\"x\",\"photo\":\"AA\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"AB==\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"AAB=\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"A===\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"AA==AA==\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"AA_-\"}", 422, "/photo FORMAT"},
		{"{\"name\":\"x\",\"photo\":\"AAAAAAAAAAAAAAAAAAAAAAAA\"}", 422, "/photo TOO_LONG"},
		{"{\"name\":\"x\",\"birth_date\":\"2023-02-29\"}", 422, "/birth_date DATE"},
		{"{\"name\":\"x\",\"birth_date\":\"yesterday\"}", 422, "/birth_date FORMAT"},
		{"{\"name\":\"x\",\"mobile\":\"12800138000\"}", 422, "/mobile FORMAT"},
		{"{\"name\":\"x\",\"id_number\":\"11010119900307867X\"}", 422, "/id_number CHECK"},
		{"{\"name\":\"x\",\"id_number\":\"440308199902301512\"}", 422, "/id_number DATE"},
		{"{\"name\":\"x\",\"id_number\":\"1\"}", 422, "/id_number LENGTH"},
		{"{\"name\":\"x\",\"id_number\":\"1101051949123100AX\"}", 422, "/id_number CHARSET"},
		{"{\"name\":\"x\",\"id_number\":\"160105194912310020\"}", 422, "/id_number REGION"},
		{"{\"name\":\"x\",\"place\":{}}", 422, "/place/city REQUIRED"},
		{"{\"name\":\"x\",\"place\":null}", 422, "/place NULL_NOT_ALLOWED"},
		{"{\"name\":\"x\",\"place\":[]}", 422, "/place TYPE"},
		{"{\"name\":\"x\",\"place\":{\"city\":\"y\",\"hire_date\":\"x\",\"rank\":6}}", 422,
		 "/place/hire_date FORMAT; /place/rank TOO_LARGE"},
		{"{\"name\":\"x\",\"places\":[{\"city\":\"y\"},{\"rank\":-6},3]}", 422,
		 "/places/1/rank TOO_SMALL; /places/1/city REQUIRED; /places/2 TYPE"},
	};

	(void)state;
	check_decode(row, COUNT(row), false);
}

static void decode_keeps_values(void **state)
{
	struct sample *s = decode("{\"name\":\" 张\\u3000三 \",\"mobile\":\"+86 138-0013-8000\","
				  "\"id_number\":\"11010519491231002x\",\"photo\":\"AP8=\",\"numbers\":[1,-2],"
				  "\"amount_fen\":9007199254740991,\"kinds\":[\"RESIDENT\"],\"flags\":[true,false]}",
				  false, NULL);

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->name, " 张\xE3\x80\x80三 ");
	assert_string_equal(s->mobile, "13800138000");
	assert_string_equal(s->id_number, "11010519491231002X");
	assert_int_equal(s->photo.len, 2);
	assert_memory_equal(s->photo.data, "\0\xFF", 2);
	assert_int_equal(s->n_numbers, 2);
	assert_int_equal(s->numbers[1], -2);
	assert_true(s->amount_fen == 9007199254740991);
	assert_int_equal(s->kinds[0], 2);
	assert_int_equal(s->flags[0], 1);
	assert_int_equal(s->flags[1], 0);
	assert_false(s->has_head_count);
}

/* A birth to come is found by the business date of the ctx. */
static void decode_knows_today(void **state)
{
	(void)state;
	assert_non_null(decode("{\"name\":\"x\",\"id_number\":\"" GOOD_ID "\"}", false, NULL));
	memcpy(cx.today, "1990-03-06", 11);
	assert_null(decode("{\"name\":\"x\",\"id_number\":\"" GOOD_ID "\"}", false, NULL));
	assert_string_equal(items_text(), "/id_number DATE");
}

static void hints_name_the_nearest(void **state)
{
	(void)state;
	decode("{\"name\":\"x\",\"head_cuont\":1,\"hiddn\":2,\"idd\":3}", false, NULL);
	assert_string_equal(cx.fault.items[0].en, "is not known; did you mean head_count?");
	assert_non_null(strstr(cx.fault.items[0].zh, "head_count"));
	assert_string_equal(cx.fault.items[1].en, "is not known"); /* internal names are not given away */
	assert_null(strstr(cx.fault.items[2].en, "id?"));
	decode("{\"name\":\"x\",\"sex\":\"F\"}", false, NULL);
	assert_string_equal(cx.fault.items[0].en, "must be one of MALE, FEMALE");
}

static void faults_are_bounded(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, cx.arena);
	buf_puts(&b, "{\"name\":\"x\"");
	for (int i = 0; i < 50000; i++)
		buf_printf(&b, ",\"headcount%d\":1", i);
	buf_puts(&b, "}");
	size_t before = arena_used(cx.arena);
	assert_null(decode(b.p, false, NULL));
	assert_int_equal(cx.fault.n_items, FAULT_MAX_ITEMS);
	assert_true(arena_used(cx.arena) - before < 22 * b.n);
	/* a name of any length is not handed back */
	char *name = arena_alloc(cx.arena, 5001);
	memset(name, 'x', 5000);
	assert_null(decode(arena_printf(cx.arena, "{\"name\":\"x\",\"place\":{\"city\":\"y\",\"%s\":1}}", name), false, NULL));
	assert_string_equal(items_text(), "/place UNKNOWN_FIELD");
	assert_null(decode(arena_printf(cx.arena, "{\"%s\":1,\"%s\":1}", name, name), false, NULL));
	assert_string_equal(items_text(), " JSON_DUPLICATE_MEMBER");
}

static void patch_faults(void **state)
{
	static const struct decode_row row[] = {
		{"{}", 0, NULL},
		{"{\"place\":{\"rank\":1}}", 0, NULL}, /* a merge: the city stays */
		{"{\"name\":null}", 422, "/name NULL_NOT_ALLOWED"},
		{"{\"name\":\"\"}", 422, "/name REQUIRED"},
		{"{\"place\":{\"city\":null}}", 422, "/place/city NULL_NOT_ALLOWED"},
		{"{\"places\":[{\"rank\":1}]}", 422, "/places/0/city REQUIRED"},
		{"{\"places\":[{\"city\":\"x\",\"rank\":null}]}", 422, "/places/0/rank NULL_NOT_ALLOWED"},
		{"{\"tags\":[null]}", 422, "/tags/0 NULL_NOT_ALLOWED"},
		{"{\"id\":null}", 400, "/id READ_ONLY"},
		{"{\"nam\":null}", 400, "/nam UNKNOWN_FIELD"},
	};

	(void)state;
	check_decode(row, COUNT(row), true);
}

static void patch_names_what_is_cleared(void **state)
{
	const char *const *cleared = NULL;
	struct sample *s = decode("{\"sex\":null,\"tags\":[],\"place\":{\"rank\":null,\"phone\":\"1\"},"
				  "\"places\":null,\"note\":\"ab\"}", true, &cleared);
	static const char *const expected[] = {"sex", "tags", "place.rank", "places"};

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_string_equal(cleared[i], expected[i]);
	assert_null(cleared[COUNT(expected)]);
	assert_false(s->has_sex);
	assert_string_equal(s->place->phone, "1");
	assert_non_null(decode("{\"tags\":[\"a\"]}", true, &cleared));
	assert_null(cleared[0]);
	assert_non_null(decode("{\"name\":\"x\",\"tags\":[]}", false, &cleared));
	assert_null(cleared[0]);
}

/* ---- parameters ---- */

static struct sample *decode_query(const struct json_param *path, unsigned n_path, const struct json_param *query,
				   unsigned n_query, const char *body)
{
	ProtobufCMessage *m = NULL;

	clear_fault();
	json_decode(&cx, &sample_rule, str_of(body), false, path, n_path, query, n_query, &m, NULL);
	return (struct sample *)m;
}

static const struct route GET_ROUTE = {.method = METHOD_GET}, POST_ROUTE = {.method = METHOD_POST},
			  RAW_ROUTE = {.method = METHOD_POST, .body = BODY_RAW};

static void query_fills_fields(void **state)
{
	static const struct json_param path[] = {{"id", "01900000-0000-7000-8000-000000000001"}};
	static const struct json_param query[] = {
		{"name", "张三,李四"}, {"kinds", "PASSPORT,RESIDENT"}, {"numbers", "7"},	 {"head_count", "50"},
		{"active", "true"},    {"day.gte", "2026-11-01"},      {"sex", "MALE"},
	};

	(void)state;
	cx.route = &GET_ROUTE;
	struct sample *s = decode_query(path, 1, query, COUNT(query), "");
	assert_non_null(s);
	assert_string_equal(s->id, path[0].value); /* output_only, but the path's own */
	assert_string_equal(s->name, "张三,李四");
	assert_int_equal(s->n_kinds, 2);
	assert_int_equal(s->kinds[1], 2);
	assert_true(s->numbers[0] == 7 && s->n_numbers == 1);
	assert_int_equal(s->head_count, 50);
	assert_int_equal(s->active, 1);
	assert_string_equal(s->day_gte, "2026-11-01");
	cx.route = &RAW_ROUTE;
	assert_non_null(decode_query(path, 1, query, COUNT(query), ""));
}

/* A backslash makes a comma part of an item, and itself where one follows it. */
static void commas_in_items(void **state)
{
	static const struct {
		const char *text;
		const char *items[3];
	} row[] = {
		{"a,b", {"a", "b"}},	       {"a\\,b,c", {"a,b", "c"}}, {"\\,", {","}},
		{"\\,,\\,", {",", ","}},	       {"a\\\\,b", {"a\\", "b"}}, {"\\\\\\,", {"\\,"}},
		{"a\\b,\\", {"a\\b", "\\"}}, {"\\\\", {"\\"}},
	};
	static const struct json_param path[] = {{"id", "01900000-0000-7000-8000-000000000001"}};

	(void)state;
	cx.route = &GET_ROUTE;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct json_param query[] = {{"name", "x"}, {"tags", row[i].text}};
		struct sample *s = decode_query(path, 1, query, 2, "");
		size_t n = 0;

		if (!s)
			fail_msg("%s was refused", row[i].text);
		for (; n < COUNT(row[i].items) && row[i].items[n]; n++)
			assert_true(n < s->n_tags && !strcmp(s->tags[n], row[i].items[n]));
		assert_int_equal(s->n_tags, n);
	}
}

static void query_faults(void **state)
{
	static const struct {
		struct json_param p;
		int status;
		const char *items;
	} row[] = {
		{{"head_cuont", "1"}, 400, "?head_cuont UNKNOWN_PARAMETER"},
		{{"hidden", "1"}, 400, "?hidden UNKNOWN_PARAMETER"},
		{{"create_time", "1"}, 400, "?create_time UNKNOWN_PARAMETER"},
		{{"place", "1"}, 400, "?place UNKNOWN_PARAMETER"},
		{{"day_gte", "2026-11-01"}, 400, "?day_gte UNKNOWN_PARAMETER"},
		{{"day.lte", "2026-11-01"}, 400, "?day.lte UNKNOWN_PARAMETER"},
		{{"head.count", "1"}, 400, "?head.count UNKNOWN_PARAMETER"},
		{{"id", "01900000-0000-7000-8000-000000000002"}, 400, "?id UNKNOWN_PARAMETER"},
		{{"name", "y"}, 400, "?name DUPLICATE_PARAMETER"},
		{{"", ""}, 400, "? UNKNOWN_PARAMETER"},
		{{"head_count", "1001"}, 422, "?head_count TOO_LARGE"},
		{{"head_count", "1.0"}, 422, "?head_count TYPE"},
		{{"head_count", "+1"}, 422, "?head_count TYPE"},
		{{"head_count", "007"}, 422, "?head_count TYPE"},
		{{"head_count", ""}, 422, "?head_count TYPE"},
		{{"head_count", "-"}, 422, "?head_count TYPE"},
		{{"active", "TRUE"}, 422, "?active TYPE"},
		{{"kinds", "PASSPORT,VISA"}, 422, "?kinds FORMAT"},
		{{"kinds", "PASSPORT,,RESIDENT"}, 422, "?kinds FORMAT"},
		{{"kinds", ",PASSPORT"}, 422, "?kinds FORMAT"},
		{{"kinds", "PASSPORT,"}, 422, "?kinds FORMAT"},
		{{"kinds", ""}, 422, "?kinds FORMAT"},
		{{"tags", "1,2,3,4"}, 422, "?tags TOO_MANY"},
		{{"tags", "\\,,2,3,4"}, 422, "?tags TOO_MANY"},
		{{"tags", "1\\,,"}, 422, "?tags FORMAT"},
		{{"kinds", "PASSPORT\\,RESIDENT"}, 422, "?kinds FORMAT"},
		{{"tags", "1,2,333333"}, 422, "?tags TOO_LONG"},
		{{"day.gte", "2026-11-31"}, 422, "?day.gte DATE"},
		{{"mobile", "1"}, 422, "?mobile FORMAT"},
	};
	static const struct json_param path[] = {{"id", "01900000-0000-7000-8000-000000000001"}};

	(void)state;
	cx.route = &GET_ROUTE;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct json_param query[] = {{"name", "x"}, row[i].p};
		assert_null(decode_query(path, 1, query, 2, ""));
		if (cx.fault.def->status != row[i].status || strcmp(items_text(), row[i].items) != 0)
			fail_msg("%s=%s gave %d %s", row[i].p.name, row[i].p.value, cx.fault.def->status, items_text());
	}
	const struct json_param bad_path[] = {{"id", "7"}};
	assert_null(decode_query(bad_path, 1, NULL, 0, ""));
	assert_string_equal(items_text(), "?id FORMAT; ?name REQUIRED");
	const struct json_param typo[] = {{"name", "x"}, {"day.gt", "1"}};
	assert_null(decode_query(path, 1, typo, 2, ""));
	assert_string_equal(cx.fault.items[0].en, "is not known; did you mean day.gte?");
}

static void body_and_query_have_their_routes(void **state)
{
	static const struct json_param path[] = {{"id", "01900000-0000-7000-8000-000000000001"}},
				       query[] = {{"name", "x"}};

	(void)state;
	cx.route = &POST_ROUTE;
	assert_null(decode_query(path, 1, query, 1, "{\"name\":\"y\"}"));
	assert_string_equal(items_text(), "?name UNKNOWN_PARAMETER");
	assert_null(decode_query(path, 1, NULL, 0, "{\"name\":\"y\",\"id\":\"01900000-0000-7000-8000-000000000002\"}"));
	assert_string_equal(items_text(), "/id READ_ONLY");
	cx.route = &GET_ROUTE;
	assert_null(decode_query(path, 1, query, 1, "{\"sex\":\"MALE\"}"));
	assert_string_equal(items_text(), " UNKNOWN_FIELD");
	assert_non_null(decode_query(path, 1, query, 1, "{}"));
	cx.route = NULL;
	assert_null(decode_query(path, 1, query, 1, "{\"name\":\"y\"}"));
	assert_string_equal(items_text(), "/name READ_ONLY");
}

/* ---- validate ---- */

static void validates_messages(void **state)
{
	struct sample *s = decode("{\"name\":\"x\",\"places\":[{\"city\":\"y\"}],\"tags\":[\"a\"]}", false, NULL);
	char *long_tags[] = {(char[]){"123456"}};

	(void)state;
	s->hidden = s->name;                  /* internal and output_only are fine here */
	s->create_time = (char[]){"2026-11-22T00:00:00Z"};
	assert_true(json_validate(&cx, &sample_rule, &s->base));
	s->create_time = (char[]){"now"};
	s->places[0]->city = NULL;
	s->has_sex = true;
	s->sex = 9;
	s->has_head_count = true;
	s->head_count = 1001;
	s->tags = long_tags;
	s->has_serial = true;
	s->serial = UINT64_MAX;
	s->has_photo = true;
	s->note = (char[]){"\xFF\xFF"};
	s->name = NULL;
	assert_false(json_validate(&cx, &sample_rule, &s->base));
	assert_int_equal(cx.fault.def->status, 422);
	assert_string_equal(items_text(), "/name REQUIRED; /sex FORMAT; /head_count TOO_LARGE; /photo TOO_SHORT; "
					  "/tags/0 TOO_LONG; /places/0/city REQUIRED; /note CONTROL_CHARACTER; "
					  "/create_time FORMAT; /serial TOO_LARGE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(decode_accepts), T(decode_refuses_form), T(decode_refuses_content),
		T(decode_keeps_values), T(decode_knows_today), T(hints_name_the_nearest),
		T(faults_are_bounded), T(patch_faults), T(patch_names_what_is_cleared),
		T(query_fills_fields), T(commas_in_items), T(query_faults), T(body_and_query_have_their_routes),
		T(validates_messages),
	};
	sample_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
