#include "auth_key.h"

#include <string.h>

#include "value.h"

#define TIME_MAX (1LL << 40)

static bool says(const struct json_doc *d, const char *name, const char *value)
{
	const char *s = json_get_str(d, name);

	return s && strcmp(s, value) == 0;
}

static bool take_id(const struct json_doc *d, struct arena *a, const char *name, const char **out)
{
	const char *s = json_get_str(d, name);

	if (!s || !uuid_valid(s))
		return false;
	*out = arena_strdup(a, s);
	return true;
}

static bool take_person(const struct json_doc *d, struct arena *a, const char **out)
{
	*out = "";
	return !json_has(d, "person_id") || take_id(d, a, "person_id", out);
}

static bool take_time(const struct json_doc *d, const char *name, int64_t *out)
{
	return json_get_int(d, name, out) && *out >= 0 && *out <= TIME_MAX;
}

static bool take_generation(const struct json_doc *d, const char *name, int64_t *out)
{
	return json_get_int(d, name, out) && *out >= 0; /* never above JSON_MAX_INT */
}

/* The bit of a role name; 0 where there is no such role. Number 0 is no role. */
static uint32_t role_bit(const char *name, const char *const *role_names)
{
	for (unsigned i = 1; name && i < 32 && role_names[0] && role_names[i]; i++)
		if (strcmp(name, role_names[i]) == 0)
			return 1u << i;
	return 0;
}

/* Refuses an unknown role, one given twice, and none at all. */
static bool take_roles(const struct json_doc *d, const char *const *role_names, uint32_t *out)
{
	unsigned n = json_count(d, "roles");

	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t bit = role_bit(json_item_str(d, "roles", i), role_names);
		if (bit == 0 || *out & bit)
			return false;
		*out |= bit;
	}
	return n > 0;
}

static bool take_whom(const struct json_doc *d, struct arena *a, const char *const *role_names,
		      struct token_claims *c)
{
	return says(d, "iss", TOKEN_ISSUER) && says(d, "aud", TOKEN_AUDIENCE) &&
	       says(d, "use", "access") && take_id(d, a, "sub", &c->account_id) &&
	       take_id(d, a, "tid", &c->tenant_id) && take_id(d, a, "sid", &c->session_id) &&
	       take_person(d, a, &c->person_id) && take_roles(d, role_names, &c->roles) &&
	       take_generation(d, "gen", &c->account_generation) &&
	       take_generation(d, "sgen", &c->session_generation);
}

/* How the session was authenticated (RFC 8176); absent: by the password alone. */
static bool names_otp(const struct json_doc *d)
{
	for (unsigned i = 0, n = json_count(d, "amr"); i < n; i++) {
		const char *method = json_item_str(d, "amr", i);

		if (method && strcmp(method, "otp") == 0)
			return true;
	}
	return false;
}

static bool take_times(const struct json_doc *d, struct token_claims *c)
{
	return take_time(d, "exp", &c->exp) && take_time(d, "iat", &c->iat) &&
	       take_time(d, "auth_time", &c->auth_time) &&
	       (!json_has(d, "nbf") || take_time(d, "nbf", &c->nbf));
}

/* Longer lives than the longest one that is issued are refused, whoever signed them. */
static enum auth_result judge_times(const struct token_claims *c, int64_t now_s)
{
	int64_t latest = now_s + CLOCK_SKEW_S;

	if (c->iat > latest || c->auth_time > latest || c->nbf > latest || c->exp <= c->iat ||
	    c->exp - c->iat > ACCESS_TOKEN_LIFE_S)
		return AUTH_BAD_CLAIMS;
	return now_s > c->exp + CLOCK_SKEW_S ? AUTH_EXPIRED : AUTH_OK;
}

static enum auth_result read_claims(const struct jws *j, struct arena *a,
				    const char *const *role_names, struct token_claims *c)
{
	if (!says(j->header, "typ", "JWT"))
		return AUTH_BAD_CLAIMS;
	const struct json_doc *d = json_parse(a, j->payload);
	if (!d)
		return AUTH_MALFORMED;
	if (!take_whom(d, a, role_names, c) || !take_times(d, c))
		return AUTH_BAD_CLAIMS;
	c->second_factor = names_otp(d);
	c->scope = json_get_str(d, "scope") ? arena_strdup(a, json_get_str(d, "scope")) : "";
	return AUTH_OK;
}

enum auth_result token_verify(struct keyring *k, struct arena *a, struct str token, int64_t now_s,
			      const char *const *role_names, struct token_claims *out)
{
	uint8_t hash[TOKEN_HASH_BYTES];
	struct token_claims c = {0};
	enum auth_result r = AUTH_OK;
	struct jws jws;

	token_hash(token, hash);
	bool known = seen_find(k, a, hash, now_s, role_names, &c);
	if (!known && (r = jws_open(k, a, token, now_s, &jws)) == AUTH_OK)
		r = read_claims(&jws, a, role_names, &c);
	if (r == AUTH_OK)
		r = judge_times(&c, now_s);
	if (r != AUTH_OK)
		return r;
	if (!known)
		seen_put(hash, &jws, role_names, &c);
	*out = c;
	return r;
}

const char *auth_result_name(enum auth_result r)
{
	static const char *const NAMES[] = {
		[AUTH_OK] = "OK",
		[AUTH_NO_TOKEN] = "NO_TOKEN",
		[AUTH_MALFORMED] = "MALFORMED",
		[AUTH_BAD_ALGORITHM] = "BAD_ALGORITHM",
		[AUTH_UNKNOWN_KEY] = "UNKNOWN_KEY",
		[AUTH_BAD_SIGNATURE] = "BAD_SIGNATURE",
		[AUTH_EXPIRED] = "EXPIRED",
		[AUTH_BAD_CLAIMS] = "BAD_CLAIMS",
	};

	return NAMES[r];
}
