/* Messages to JSON: what a view lets out, BLNS, and round trips. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "sample_json.h"

/* ---- encode ---- */

static struct view chosen;
static unsigned asked;

static struct view view(struct ctx *c, const ProtobufCMessage *row)
{
	(void)c;
	(void)row;
	asked++;
	return chosen;
}

/* The second row is the caller's own. */
static struct view view_by_row(struct ctx *c, const ProtobufCMessage *row)
{
	(void)c;
	asked++;
	return strcmp(((const struct sample *)row)->name, "own") == 0 ? VIEW_ALL : (struct view){0, 0};
}

static const char FULL[] = "{\"name\":\"张三\",\"birth_date\":\"1990-03-07\",\"id_number\":\"" GOOD_ID "\","
			   "\"mobile\":\"13800138000\",\"amount_fen\":5,\"place\":{\"city\":\"北京\","
			   "\"phone\":\"13900139000\"}}";

static void encodes_by_view(void **state)
{
	static const struct {
		struct view view;
		const char *out;
	} row[] = {
		{{~0u, 0}, FULL},
		{{0, 0}, "{\"name\":\"张三\",\"place\":{\"city\":\"北京\"},\"restricted_fields\":[\"birth_date\","
			 "\"id_number\",\"mobile\",\"amount_fen\",\"place.phone\"]}"},
		{{1u << CLASS_CONTACT, 1u << CLASS_IDENTITY},
		 "{\"name\":\"张三\",\"birth_date\":\"****-**-**\",\"id_number\":\"110101********8670\","
		 "\"mobile\":\"13800138000\",\"place\":{\"city\":\"北京\",\"phone\":\"13900139000\"},"
		 "\"restricted_fields\":[\"amount_fen\"]}"},
		{{1u << CLASS_IDENTITY, ~0u}, /* clear wins; a number has no mask */
		 "{\"name\":\"张三\",\"birth_date\":\"1990-03-07\",\"id_number\":\"" GOOD_ID "\","
		 "\"mobile\":\"138****8000\",\"place\":{\"city\":\"北京\",\"phone\":\"139****9000\"},"
		 "\"restricted_fields\":[\"amount_fen\"]}"},
	};
	struct sample *s = decode(FULL, false, NULL);

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < COUNT(row); i++) {
		chosen = row[i].view;
		assert_string_equal(json_encode(&cx, &sample_rule, &s->base, view).p, row[i].out);
	}
	assert_string_equal(json_encode(&cx, &sample_rule, &s->base, NULL).p, FULL);
}

/* Whether a hidden value is there must not show. */
static void restricted_tells_nothing(void **state)
{
	struct sample *with = decode("{\"name\":\"x\",\"mobile\":\"13800138000\"}", false, NULL);
	struct sample *without = decode("{\"name\":\"x\"}", false, NULL);

	(void)state;
	chosen = (struct view){0, 0};
	assert_string_equal(json_encode(&cx, &sample_rule, &with->base, view).p,
			    json_encode(&cx, &sample_rule, &without->base, view).p);
}

static void encodes_lists(void **state)
{
	struct sample_list *l = (struct sample_list *)msg_new(cx.arena, &sample_list_rule);
	struct sample *rows[2] = {decode("{\"name\":\"other\",\"amount_fen\":1}", false, NULL),
				  decode("{\"name\":\"own\",\"amount_fen\":2}", false, NULL)};

	(void)state;
	asked = 0;
	assert_string_equal(json_encode(&cx, &sample_list_rule, &l->base, view_by_row).p, "{\"items\":[]}");
	assert_int_equal(asked, 0);
	l->n_items = 2;
	l->items = rows;
	l->next_page_token = (char[]){"t"};
	assert_string_equal(json_encode(&cx, &sample_list_rule, &l->base, view_by_row).p,
			    "{\"items\":[{\"name\":\"other\",\"restricted_fields\":[\"birth_date\",\"id_number\","
			    "\"mobile\",\"amount_fen\"]},{\"name\":\"own\",\"amount_fen\":2}],\"next_page_token\":\"t\"}");
	assert_int_equal(asked, 2);
}

/* A message with classes that is no resource: closed by default, the view is asked. */
static void classes_outside_of_resources(void **state)
{
	struct place *p = (struct place *)msg_new(cx.arena, &place_rule);

	(void)state;
	p->city = (char[]){"x"};
	p->phone = (char[]){"13900139000"};
	chosen = (struct view){0, 0};
	assert_string_equal(json_encode(&cx, &place_rule, &p->base, view).p, "{\"city\":\"x\"}");
	chosen = VIEW_ALL;
	assert_string_equal(json_encode(&cx, &place_rule, &p->base, view).p,
			    "{\"city\":\"x\",\"phone\":\"13900139000\"}");
}

static void encodes_every_type(void **state)
{
	struct sample *s = (struct sample *)msg_new(cx.arena, &sample_rule);
	static int kinds[] = {1, 0, 2};
	char *named[] = {(char[]){"note"}};

	(void)state;
	assert_string_equal(json_encode(&cx, &sample_rule, &s->base, NULL).p, "{}");
	s->has_sex = s->has_active = s->has_photo = s->has_serial = s->has_tally = true; /* sex 0: no value */
	s->serial = 9007199254740991;
	s->tally = 4294967295;
	s->photo = (ProtobufCBinaryData){4, (uint8_t[]){0, 255, 62, 63}};
	s->n_kinds = 3;
	s->kinds = kinds;
	s->hidden = (char[]){"never"};
	s->id = (char[]){"i"};
	s->n_restricted_fields = 1;
	s->restricted_fields = named;
	chosen = (struct view){~(1u << CLASS_PAY), 0};
	assert_string_equal(json_encode(&cx, &sample_rule, &s->base, view).p,
			    "{\"id\":\"i\",\"active\":false,\"photo\":\"AP8+Pw==\",\"kinds\":[\"PASSPORT\",\"RESIDENT\"],"
			    "\"serial\":9007199254740991,\"tally\":4294967295,\"restricted_fields\":[\"note\",\"amount_fen\"]}");
}

/* What the contract doesn't know: abort() where it is being built, left out where it runs. */
static void check_defect(void (*spoil)(struct sample *s))
{
	struct sample *s = decode("{\"name\":\"x\"}", false, NULL);
	int status;

	spoil(s);
#ifdef NDEBUG
	assert_string_equal(json_encode(&cx, &sample_rule, &s->base, NULL).p, "{\"name\":\"x\"}");
	(void)status;
#else
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		json_encode(&cx, &sample_rule, &s->base, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
}

static void spoil_enum(struct sample *s)
{
	s->has_sex = true;
	s->sex = 3;
}
static void spoil_int(struct sample *s)
{
	s->has_amount_fen = true;
	s->amount_fen = JSON_MAX_INT + 1;
}
static void spoil_unsigned(struct sample *s)
{
	s->has_serial = true;
	s->serial = UINT64_MAX;
}

static void defects_never_go_out(void **state)
{
	(void)state;
	check_defect(spoil_enum);
	check_defect(spoil_int);
	check_defect(spoil_unsigned);
}

/* ---- naughty strings ---- */

/* Each goes out, comes back the same, and enters the contract unchanged or not at all. */
static void naughty_strings(void **state)
{
	struct str text = shared_file("data/security/text/blns.json");
	struct buf b;
	unsigned taken = 0, refused = 0;

	(void)state;
	buf_init(&b, cx.arena);
	buf_printf(&b, "{\"all\":%.*s}", (int)text.n, text.p);
	struct json_doc *all = json_parse(cx.arena, (struct str){b.p, b.n});
	assert_non_null(all);
	for (unsigned i = 0; i < json_count(all, "all"); i++) {
		const char *s = json_item_str(all, "all", i);
		buf_init(&b, cx.arena);
		buf_puts(&b, "{\"name\":\"x\",\"note\":");
		json_quote(&b, s, strlen(s));
		buf_puts(&b, "}");
		assert_null(scan(b.p, b.n, NULL, NULL));
		struct json_doc *back = json_parse(cx.arena, (struct str){b.p, b.n});
		assert_string_equal(json_get_str(back, "note"), s);
		struct sample *m = decode(b.p, false, NULL);
		if (!m) {
			refused++;
			assert_int_equal(cx.fault.n_items, 1);
			assert_string_equal(cx.fault.items[0].pointer, "/note");
			continue;
		}
		taken++;
		assert_string_equal(m->note, s);
		assert_string_equal(json_encode(&cx, &sample_rule, &m->base, NULL).p, b.p);
	}
	assert_true(taken > 450);
	assert_true(refused > 5);
}

/* ---- round trip ---- */

static unsigned pick(unsigned n)
{
	return (unsigned)rand() % n;
}

static void random_text(struct buf *b, unsigned least, unsigned most)
{
	static const char *const piece[] = {"a", "Z", "0", " ", "\"", "\\", "/", "张", "é", "𠮷", "~", "<", "\xE2\x80\xA8", "{", "%s"};
	struct buf t;

	buf_init(&t, cx.arena);
	buf_puts(&t, "x");
	for (unsigned n = least + pick(most - least); n > 1; n--)
		buf_puts(&t, piece[pick(COUNT(piece))]);
	json_quote(b, t.p, t.n);
}

static long long random_int(void)
{
	static const long long edge[] = {0, 1, -1, JSON_MAX_INT, -JSON_MAX_INT, 4294967296, -2147483649};
	long long any = ((long long)rand() << 31 ^ rand()) % JSON_MAX_INT;

	return pick(3) ? any : edge[pick(COUNT(edge))];
}

static void random_place(struct buf *b)
{
	buf_puts(b, "{\"city\":");
	random_text(b, 1, 10);
	if (pick(2))
		buf_printf(b, ",\"hire_date\":\"%04u-%02u-%02u\"", 1 + pick(9999), 1 + pick(12), 1 + pick(28));
	if (pick(2))
		buf_printf(b, ",\"rank\":%d", (int)pick(11) - 5);
	buf_puts(b, "}");
}

/* Members in the order of the fields and in the form that the writer has. */
static void random_sample(struct buf *b)
{
	buf_puts(b, "{\"name\":");
	random_text(b, 1, 50);
	if (pick(2))
		buf_printf(b, ",\"sex\":\"%s\"", pick(2) ? "MALE" : "FEMALE");
	if (pick(2))
		buf_printf(b, ",\"head_count\":%u", pick(1001));
	if (pick(2))
		buf_printf(b, ",\"amount_fen\":%lld", random_int());
	if (pick(2))
		buf_printf(b, ",\"active\":%s", pick(2) ? "true" : "false");
	if (pick(2))
		buf_printf(b, ",\"photo\":\"%s\"", pick(2) ? "AAEC" : pick(2) ? "/w==" : "++8=");
	if (pick(2)) {
		buf_puts(b, ",\"numbers\":[");
		for (unsigned i = 0, n = 1 + pick(5); i < n; i++)
			buf_printf(b, "%s%lld", i ? "," : "", random_int());
		buf_puts(b, "]");
	}
	if (pick(2)) {
		buf_puts(b, ",\"place\":");
		random_place(b);
	}
	if (pick(2)) {
		buf_puts(b, ",\"places\":[");
		for (unsigned i = 0, n = 1 + pick(4); i < n; i++) {
			buf_puts(b, i ? "," : "");
			random_place(b);
		}
		buf_puts(b, "]");
	}
	if (pick(2)) {
		buf_puts(b, ",\"note\":");
		random_text(b, 2, 300);
	}
	buf_puts(b, "}");
}

static void round_trip(void **state)
{
	const char *given = getenv("RENHE_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)getpid() ^ (unsigned)time(NULL);

	(void)state;
	printf("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 3000; i++) {
		struct buf b;
		arena_reset(cx.arena);
		buf_init(&b, cx.arena);
		random_sample(&b);
		struct sample *s = decode(b.p, false, NULL);
		if (!s)
			fail_msg("%s: %s", b.p, items_text());
		assert_string_equal(json_encode(&cx, &sample_rule, &s->base, NULL).p, b.p);
		assert_true(json_validate(&cx, &sample_rule, &s->base));
		ProtobufCMessage *copy = msg_copy(cx.arena, &s->base);
		assert_string_equal(json_encode(&cx, &sample_rule, copy, NULL).p, b.p);
		/* cut anywhere, it is no JSON; one byte changed, it is refused or still well-formed */
		size_t cut = pick((unsigned)b.n);
		assert_non_null(scan(b.p, cut, NULL, NULL));
		b.p[cut] = (char)pick(256);
		clear_fault();
		ProtobufCMessage *m;
		bool ok = json_decode(&cx, &sample_rule, (struct str){b.p, b.n}, pick(2), NULL, 0, NULL, 0, &m, NULL);
		if (scan(b.p, b.n, NULL, NULL))
			assert_false(ok);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(encodes_by_view), T(restricted_tells_nothing), T(encodes_lists),
		T(classes_outside_of_resources), T(encodes_every_type), T(defects_never_go_out), T(naughty_strings),
		T(round_trip),
	};
	sample_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
