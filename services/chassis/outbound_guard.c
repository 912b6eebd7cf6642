/* Whither a request may go. Sources: IANA's registries of special-purpose addresses (RFC 6890), OWASP
 * API7:2023; addresses at which clouds tell machines their secrets. */
#include "outbound_internal.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include "config.h"

/* ---- addresses ---- */

struct prefix {
	uint8_t bytes[16];
	unsigned bits;
};
static const struct prefix NOT_PUBLIC_4[] = {
	{{0}, 8},		/* this network; Linux takes 0.0.0.0 as itself */
	{{10}, 8},
	{{100, 64}, 10},	/* carriers; 100.100.100.200 tells secrets */
	{{127}, 8},
	{{168, 63, 129, 16}, 32},	/* a cloud's own, though public by its number */
	{{169, 254}, 16},	/* link-local; 169.254.169.254 tells secrets */
	{{172, 16}, 12},
	{{192, 0, 0}, 24},
	{{192, 0, 2}, 24},
	{{192, 88, 99}, 24},
	{{192, 168}, 16},
	{{198, 18}, 15},
	{{198, 51, 100}, 24},
	{{203, 0, 113}, 24},
	{{224}, 4},		/* groups */
	{{240}, 4},		/* and broadcast */
};
/* Of version 6 only 2000::/3 is given out: loopback, mapped and NAT64 forms of version 4 (::ffff/96,
 * 64:ff9b::/96), fc00::/7, fe80::/10 and ff00::/8 lie beside it. These lie within. */
static const struct prefix PUBLIC_6 = {{0x20}, 3};
static const struct prefix NOT_PUBLIC_6[] = {
	{{0x20, 0x01, 0x00}, 23},	/* protocols, Teredo among them, which holds a version 4 */
	{{0x20, 0x01, 0x0d, 0xb8}, 32},
	{{0x20, 0x02}, 16},		/* 6to4 holds a version 4 */
	{{0x3f, 0xff}, 20},
};

static bool within(const uint8_t *address, const struct prefix *p)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	return memcmp(address, p->bytes, whole) == 0 &&
	       (rest == 0 || (address[whole] ^ p->bytes[whole]) >> (8 - rest) == 0);
}

static bool within_any(const uint8_t *address, const struct prefix *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (within(address, &of[i]))
			return true;
	return false;
}

bool guard_public(const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		return !within_any((const uint8_t *)&v4.sin_addr, NOT_PUBLIC_4,
				   sizeof(NOT_PUBLIC_4) / sizeof(NOT_PUBLIC_4[0]));
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&v6, sa, sizeof(v6));
	return within(v6.sin6_addr.s6_addr, &PUBLIC_6) &&
	       !within_any(v6.sin6_addr.s6_addr, NOT_PUBLIC_6,
			   sizeof(NOT_PUBLIC_6) / sizeof(NOT_PUBLIC_6[0]));
}

/* ---- lists of settings ---- */

/* Whether `word` stands between commas of the list. */
static bool listed(const char *list, const char *word)
{
	for (size_t n; *list; list += n + (list[n] == ',')) {
		struct str one = {list, n = strcspn(list, ",")};
		if (str_ieq(one, word))
			return true;
	}
	return false;
}

static bool is_port(const char *s, size_t n)
{
	return n >= 1 && n <= 5 && strspn(s, "0123456789") >= n && strtol(s, NULL, 10) >= 1 &&
	       strtol(s, NULL, 10) <= 65535;
}

static bool is_host_port(const char *s, size_t n)
{
	const char *colon = memrchr(s, ':', n);

	return colon && colon > s && is_port(colon + 1, (size_t)(s + n - colon - 1));
}

static bool all_are(const char *list, bool (*is)(const char *s, size_t n))
{
	for (size_t n; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (!is(list, n) || (list[n] && !list[n + 1]))
			return false;
	}
	return true;
}

const char *guard_setting_fault(void)
{
	if (!all_are(config_str("RENHE_OUTBOUND_INNER"), is_host_port))
		return "RENHE_OUTBOUND_INNER: host:port, with commas between";
	if (!all_are(config_str("RENHE_OUTBOUND_PORTS"), is_port))
		return "RENHE_OUTBOUND_PORTS: numbers of ports, with commas between";
	return NULL;
}

/* ---- targets ---- */

static const char *part_of(struct arena *a, CURLU *u, CURLUPart what, unsigned flags)
{
	char *part = NULL;
	const char *copy;

	if (curl_url_get(u, what, &part, flags) != CURLUE_OK)
		return NULL;
	copy = arena_strdup(a, part);
	curl_free(part);
	return copy;
}

/* Lower case; NULL where it holds more than names and addresses do. */
static const char *plain_host(struct arena *a, const char *host)
{
	char *lower = arena_strdup(a, host ? host : "");

	for (char *p = lower; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	size_t good = strspn(lower, "abcdefghijklmnopqrstuvwxyz0123456789-._[]:");
	return *lower && good == strlen(lower) && good <= 255 ? lower : NULL;
}

static const char *judge(struct arena *a, struct target *t)
{
	const char *scheme = part_of(a, t->url, CURLUPART_SCHEME, 0);
	const char *host = plain_host(a, part_of(a, t->url, CURLUPART_HOST, 0));
	const char *port = part_of(a, t->url, CURLUPART_PORT, CURLU_DEFAULT_PORT);

	if (!scheme || (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		return "scheme";
	if (!host || !port || part_of(a, t->url, CURLUPART_ZONEID, 0))
		return "host";
	t->host = arena_printf(a, "%s:%s", host, port);
	t->inner = listed(config_str("RENHE_OUTBOUND_INNER"), t->host);
	if (!t->inner && !strpbrk(host, ".[")) /* a name of the search list's domains */
		return "host";
	if (strcmp(scheme, "http") == 0 && !t->inner)
		return "scheme";
	if (part_of(a, t->url, CURLUPART_USER, 0) || part_of(a, t->url, CURLUPART_PASSWORD, 0))
		return "user";
	if (part_of(a, t->url, CURLUPART_FRAGMENT, 0))
		return "fragment";
	return t->inner || listed(config_str("RENHE_OUTBOUND_PORTS"), port) ? NULL : "port";
}

bool guard_target(struct arena *a, const char *url, struct target *out, const char **why)
{
	struct target t = {.url = curl_url()};

	if (!t.url)
		abort();
	*why = "syntax";
	if (curl_url_set(t.url, CURLUPART_URL, url,
			 CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		*why = judge(a, &t);
	if (*why) {
		curl_url_cleanup(t.url);
		return false;
	}
	*out = t;
	return true;
}

/* ---- headers ---- */

bool guard_header(const char *line)
{
	static const char *const OURS[] = {"host", "content-length", "transfer-encoding",
					   "connection", "expect", "te", "upgrade", NULL};
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_");

	if (!name || line[name] != ':' || line[name + 1] != ' ' || !line[name + 2])
		return false;
	for (const char *const *o = OURS; *o; o++)
		if (str_ieq((struct str){line, name}, *o))
			return false;
	for (const char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return true;
}
