#include "form.h"
#include <ctype.h>
#include "auth.h"
#include "row.h"
#include "wire.h"
#include "renhe.gen.h"

static bool is_form(const char *content_type)
{
	static const char TYPE[] = "application/x-www-form-urlencoded";
	size_t n = sizeof(TYPE) - 1;

	return !strncasecmp(content_type, TYPE, n) &&
	       (!content_type[n] || content_type[n] == ';' || content_type[n] == ' ');
}

static bool take_pair(struct ctx *cx, const struct message_rule *rule, struct str one,
		      struct json_param *out, bool *known)
{
	const char *eq = memchr(one.p, '=', one.n);
	struct str name = {one.p, eq ? (size_t)(eq - one.p) : one.n};
	struct str value = {eq ? eq + 1 : one.p, eq ? one.n - name.n - 1 : 0};

	if (!wire_decode_query(cx->arena, name, &out->name) ||
	    !wire_decode_query(cx->arena, value, &out->value))
		return false;
	/* RFC 6749 3.2: a parameter without a value is one that was not sent. */
	*known = *out->value && rule_field(rule, out->name);
	return true;
}

bool form_read(struct ctx *cx, const struct message_rule *rule, struct str body,
	       struct json_param *out, unsigned most, unsigned *n)
{
	struct str rest = body;
	bool known;

	if (!is_form(cx->content_type))
		return fail(cx, &FAULT_UNSUPPORTED_MEDIA_TYPE, NULL);
	while (rest.n) {
		const char *amp = memchr(rest.p, '&', rest.n);
		struct str one = {rest.p, amp ? (size_t)(amp - rest.p) : rest.n};

		rest = amp ? (struct str){amp + 1, rest.n - one.n - 1} : (struct str){NULL, 0};
		if (!one.n)
			continue;
		if (*n == most || !take_pair(cx, rule, one, &out[*n], &known))
			return fail(cx, &FAULT_BAD_REQUEST, NULL);
		*n += known;
	}
	return true;
}

bool basic_read(struct arena *a, const char *authorization, const char **user,
		const char **password)
{
	struct str pair;
	const char *colon;

	if (strncasecmp(authorization, "Basic ", 6) != 0 ||
	    !base64_decode(a, str_of(authorization + 6), &pair))
		return false;
	colon = memchr(pair.p, ':', pair.n);
	if (!colon)
		return false;
	return wire_decode_query(a, (struct str){pair.p, (size_t)(colon - pair.p)}, user) &&
	       wire_decode_query(a, str_of(colon + 1), password);
}

/* ---- refusals ---- */

static const char *error_of(struct ctx *cx)
{
	static const char PREFIX[] = "OAUTH_";
	const struct fault_def *def = cx->fault.def;
	char *name;

	if (def->status >= 500 || def->status == 429)
		return "temporarily_unavailable";
	if (strncmp(def->code, PREFIX, sizeof(PREFIX) - 1) != 0)
		return "invalid_request";
	name = arena_strdup(cx->arena, def->code + sizeof(PREFIX) - 1);
	for (char *p = name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

struct str oauth_fault_render(struct ctx *cx)
{
	const struct fault_def *def = cx->fault.def;
	struct buf b;

	buf_init(&b, cx->arena);
	/* RFC 6749 5.2: the description is ASCII, which our English is. */
	buf_printf(&b, "{\"error\":\"%s\",\"error_description\":", error_of(cx));
	json_quote(&b, def->en, strlen(def->en));
	buf_puts(&b, "}");
	return (struct str){b.p, b.n};
}

int oauth_fault_status(const struct ctx *cx)
{
	int status = cx->fault.def->status;

	return status > 401 && status < 429 ? 400 : status;
}

bool scope_holds(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p; p += strspn(p, " ")) {
		size_t length = strcspn(p, " ");

		if (length == n && !memcmp(p, word, n))
			return true;
		p += length;
	}
	return false;
}
