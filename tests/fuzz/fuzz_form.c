/* Form bodies and Basic credentials. What must hold: what is taken is within the bound asked for, known,
 * and valid UTF-8; a refusal is a fault that renders. */
#include <string.h>
#include "form.h"
#include "fuzz.h"
#include "sample.h"
#include "value.h"

#define MOST 8

static void form(struct ctx *cx, struct str body)
{
	struct json_param pairs[MOST];
	unsigned n = 0;

	cx->content_type = "application/x-www-form-urlencoded";
	if (!form_read(cx, &sample_rule, body, pairs, MOST, &n)) {
		demand(cx->fault.def && oauth_fault_render(cx).n && oauth_fault_status(cx) >= 400);
		return;
	}
	demand(n <= MOST);
	for (unsigned i = 0; i < n; i++)
		demand(rule_field(&sample_rule, pairs[i].name) && *pairs[i].value && utf8_valid(pairs[i].value, strlen(pairs[i].value)));
}

static void basic(struct ctx *cx, struct str text)
{
	const char *user, *password;

	if (basic_read(cx->arena, arena_strndup(cx->arena, text.p, text.n), &user, &password))
		demand(utf8_valid(user, strlen(user)) && utf8_valid(password, strlen(password)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx cx;

	if (size == 0)
		return 0;
	if (!sample_rule.pb)
		sample_setup();
	sample_ctx(&cx, arena_new());
	struct str text = {(const char *)data + 1, size - 1};
	if (data[0] & 1)
		form(&cx, text);
	else
		basic(&cx, text);
	arena_free(cx.arena);
	return 0;
}
