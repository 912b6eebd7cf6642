#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "str.h"

#define PREFIX "RENHE_"
#define FILE_SUFFIX "_FILE"
#define VALUE_MAX 65536
#define NAME_MAX_LEN 64

#define TEXT(n, v, by, h)                                                                          \
	{                                                                                          \
		.name = (n), .value = (v), .used_by = (by), .help = (h)                            \
	}
#define SECRET(n, v, by, h)                                                                        \
	{                                                                                          \
		.name = (n), .value = (v), .used_by = (by), .help = (h), .secret = true            \
	}
#define CHOICE(n, v, by, c, h)                                                                     \
	{                                                                                          \
		.name = (n), .value = (v), .used_by = (by), .help = (h), .choices = (c)            \
	}
#define INTEGER(n, v, lo, hi, by, h)                                                               \
	{                                                                                          \
		.name = (n), .value = (v), .used_by = (by), .help = (h), .integer = true,          \
		.min = (lo), .max = (hi)                                                           \
	}

#define SERVED "gateway service"

const struct setting SETTINGS[] = {
	CHOICE("RENHE_ENV", "dev", "all", "dev|demo|production",
	       "Kind of installation; production refuses known secrets and the movable clock."),
	CHOICE("RENHE_LOG_LEVEL", "info", "all", "debug|info|warn|error",
	       "Least level of the log lines on stderr."),
	TEXT("RENHE_LISTEN", "127.0.0.1:8080", SERVED,
	     "Address of the API: host:port or unix:/path."),
	TEXT("RENHE_MANAGEMENT_LISTEN", "127.0.0.1:9080", SERVED,
	     "Address of /livez /readyz /metrics /version: host:port or unix:/path."),
	CHOICE("RENHE_ENGINE", "coroutines", "service", "coroutines|threads",
	       "What a request runs on: a coroutine of the one event loop, or a thread of its own."),
	INTEGER("RENHE_WORKERS", "8", 1, 64, "service",
		"Requests at work at once; each has one database connection."),
	INTEGER("RENHE_QUEUE_LIMIT", "256", 1, 100000, SERVED,
		"Requests that wait for a worker before 503 is answered."),
	INTEGER("RENHE_REQUEST_DEADLINE_MS", "10000", 100, 600000, SERVED,
		"Milliseconds until a request ends with 504."),
	INTEGER("RENHE_BODY_LIMIT_BYTES", "1048576", 1024, 104857600, SERVED,
		"Bytes of a body where the route says nothing else."),
	INTEGER("RENHE_MAX_CONNECTIONS", "12000", 1, 100000, SERVED,
		"Open connections above which accepting pauses."),
	INTEGER("RENHE_HEAD_TIMEOUT_S", "10", 1, 600, SERVED, "Seconds for the head of a request."),
	INTEGER("RENHE_BODY_TIMEOUT_S", "30", 1, 3600, SERVED,
		"Seconds for the body of a request."),
	INTEGER("RENHE_IDLE_TIMEOUT_S", "60", 1, 3600, SERVED,
		"Seconds an idle connection is kept open."),
	INTEGER("RENHE_WRITE_STALL_S", "30", 1, 3600, SERVED,
		"Seconds a reader may stall before it is cut off."),
	TEXT("RENHE_PG_HOST", "/var/run/postgresql", "service",
	     "PostgreSQL: folder of the Unix socket, or an address."),
	INTEGER("RENHE_PG_PORT", "5432", 1, 65535, "service", "PostgreSQL: port."),
	TEXT("RENHE_PG_DATABASE", NULL, "service", "PostgreSQL: database of this service."),
	TEXT("RENHE_PG_USER", NULL, "service", "PostgreSQL: role of requests, consumers and jobs."),
	SECRET("RENHE_PG_PASSWORD", "", "service",
	       "PostgreSQL: password of that role; empty where the server asks for none."),
	TEXT("RENHE_PG_RELAY_USER", NULL, "service",
	     "PostgreSQL: role that relays events and claims jobs."),
	SECRET("RENHE_PG_RELAY_PASSWORD", "", "service", "PostgreSQL: password of that role."),
	TEXT("RENHE_PG_OWNER_USER", "", "service",
	     "PostgreSQL: role that migrates; empty where --migrate is run elsewhere."),
	SECRET("RENHE_PG_OWNER_PASSWORD", "", "service", "PostgreSQL: password of that role."),
	INTEGER("RENHE_STATEMENT_TIMEOUT_MS", "5000", 10, 600000, "service",
		"Milliseconds of one SQL statement."),
	TEXT("RENHE_KAFKA_BROKERS", "127.0.0.1:9092", SERVED,
	     "Kafka: host:port, with commas between."),
	SECRET("RENHE_KAFKA_PASSWORD", "", SERVED,
	       "Kafka: SASL/PLAIN password of the principal named as the program; empty = no "
	       "SASL."),
	TEXT("RENHE_KAFKA_CA_FILE", "", SERVED,
	     "Kafka: PEM file of the authority; empty = no TLS, for loopback only."),
	TEXT("RENHE_KAFKA_INSTANCE", "1", SERVED,
	     "Kafka: static member name; different for each process of one service."),
	TEXT("RENHE_KEY_ANCHOR", NULL, SERVED,
	     "Public Ed25519 anchor of the signing keys, base64url; renhectl secret new-anchor."),
	SECRET("RENHE_KEY_ANCHOR_SECRET", NULL, "identity",
	       "Secret half of the anchor, base64url."),
	INTEGER("RENHE_AUDIT_HEAD_S", "600", 1, 86400, "service",
		"Seconds after which the audit of a tenant that has grown gets a signed head."),
	TEXT("RENHE_AUDIT_FORMER_KEYS", "", "service",
	     "Public keys of earlier heads of the audit, hex, with commas between; renhectl audit heads."),
	INTEGER("RENHE_SESSION_IDLE_S", "1800", 60, 31536000, "identity",
		"Seconds without a refresh after which a session has ended."),
	INTEGER("RENHE_SESSION_LIFE_S", "2592000", 600, 31536000, "identity",
		"Seconds after which a session ends, however busy."),
	INTEGER("RENHE_SESSION_PRIVILEGED_LIFE_S", "43200", 600, 31536000, "identity",
		"The same where the account has a role of HR, payroll, audit or administration."),
	SECRET("RENHE_ROOT_KEY", NULL, "service",
	       "Key that wraps all keys, 64 hex digits; renhectl secret new-root-key."),
	SECRET("RENHE_ROOT_KEY_SECOND", "", "service",
	       "Root key that is read too, while RENHE_ROOT_KEY changes: first the one to come, "
	       "then the one of before."),
	TEXT("RENHE_CONSUMER_KEYS", "", "service",
	     "Public keys of the consumers of sealed topics, a line NAME KEY each; renhectl secret new-consumer-key."),
	SECRET("RENHE_CONSUMER_SECRET", "", "service",
	       "Secret half of this service's own pair, for what is sealed to it; empty = it opens nothing."),
	SECRET("RENHE_INTERNAL_TOKEN", NULL, SERVED,
	       "Token of the routes between programs of this installation."),
	TEXT("RENHE_STATE_DIR", "/var/lib/renhe", SERVED,
	     "Folder of what survives a restart: known keys, revocations."),
	TEXT("RENHE_BLOB_FOLDER", "", "service",
	     "Folder of sealed files, one per service; empty = blob in RENHE_STATE_DIR."),
	TEXT("RENHE_BLOB_S3_URL", "", "service",
	     "Bucket of an S3-compatible store that takes them instead: https://host/bucket; empty = "
	     "the folder."),
	TEXT("RENHE_BLOB_S3_REGION", "us-east-1", "service",
	     "Region that requests to that store are signed for."),
	TEXT("RENHE_BLOB_S3_ACCESS_KEY", "", "service", "Name of the key that signs them."),
	SECRET("RENHE_BLOB_S3_SECRET_KEY", "", "service", "The key itself."),
	INTEGER("RENHE_BLOB_S3_DEADLINE_MS", "20000", 100, 45000, "service",
		"Milliseconds that one call to that store may take, all tries together."),
	TEXT("RENHE_OUTBOUND_INNER", "", "service renhectl",
	     "Hosts outside that may lie at private addresses and be spoken to in clear: host:port, "
	     "with commas between."),
	TEXT("RENHE_OUTBOUND_PORTS", "443", "service renhectl",
	     "Ports of all other hosts outside, with commas between."),
	TEXT("RENHE_OUTBOUND_CA_FILE", "", "service renhectl",
	     "PEM file of the authorities that vouch for hosts outside; empty = the system's."),
	INTEGER("RENHE_OUTBOUND_CONNECT_MS", "3000", 10, 60000, "service renhectl",
		"Milliseconds until a host outside must have taken the connection."),
	INTEGER("RENHE_OUTBOUND_COOL_MS", "5000", 10, 600000, "service renhectl",
		"Milliseconds that a host outside is left alone after failing; up to 16 times as "
		"long while it goes on."),
	TEXT("RENHE_URL", "http://127.0.0.1:8080", "renhectl",
	     "The gateway that renhectl signs in to; in clear on this machine only."),
	TEXT("RENHE_CLOCK_FILE", "", "all",
	     "File with the shift of the business clock in seconds; refused in production."),
	TEXT("RENHE_TIME_ZONE", "Asia/Shanghai", "service",
	     "IANA zone of business dates where no site says another."),
	INTEGER("RENHE_IMPORT_FILE_DAYS", "30", 1, 3650, "archive",
		"Days for which an import's file is kept; its report stays."),
	INTEGER("RENHE_REVEALS_PER_DAY", "500", 1, 100000, "archive payroll",
		"Looks at clear numbers of documents, and of bank accounts, that one account has in 24 hours each."),
	TEXT("RENHE_UPSTREAM_IDENTITY", "127.0.0.1:8081", "gateway",
	     "Address of identity: host:port or unix:/path."),
	TEXT("RENHE_UPSTREAM_ARCHIVE", "127.0.0.1:8082", "gateway",
	     "Address of archive: host:port or unix:/path."),
	INTEGER("RENHE_UPSTREAM_CONNECTIONS", "16", 1, 1000, "gateway",
		"Calls at once to one instance of a service, twice its workers: the rest waits here, by turns."),
	TEXT("RENHE_UPSTREAM_PAYROLL", "127.0.0.1:8102", "gateway",
	     "Address of payroll: host:port or unix:/path."),
	INTEGER("RENHE_UPSTREAM_DEADLINE_MS", "15000", 100, 600000, "gateway",
		"Milliseconds the gateway waits for a service."),
	TEXT("RENHE_GATEWAY_TLS_CERT_FILE", "", "gateway",
	     "PEM file of the certificate and its chain; read again on SIGHUP; empty = no TLS."),
	TEXT("RENHE_GATEWAY_TLS_KEY_FILE", "", "gateway",
	     "PEM file of its private key, which others may not read."),
	TEXT("RENHE_GATEWAY_REDIRECT_LISTEN", "", "gateway",
	     "Address in clear that sends callers to the one under TLS: host:port; empty = none."),
	TEXT("RENHE_GATEWAY_STATIC_FOLDER", "", "gateway",
	     "Folder of the web app, read at the start and on SIGHUP; empty = none."),
	INTEGER("RENHE_READS_PER_MINUTE", "12000", 0, 100000000, "gateway",
		"Reads of one account a minute at each gateway; 0 = no limit, as below."),
	INTEGER("RENHE_WRITES_PER_MINUTE", "6000", 0, 100000000, "gateway",
		"Writes of one account a minute."),
	INTEGER("RENHE_HEAVY_PER_MINUTE", "300", 0, 100000000, "gateway",
		"Files in and out, and works that are answered with 202, of one account a minute."),
	INTEGER("RENHE_TENANT_PER_MINUTE", "60000", 0, 100000000, "gateway",
		"Requests with tokens of one tenant a minute."),
	INTEGER("RENHE_SIGN_INS_PER_MINUTE", "1200", 0, 100000000, "gateway",
		"Sign-ins, refreshes and other public writes of one address a minute."),
	INTEGER("RENHE_OPEN_PER_MINUTE", "30000", 0, 100000000, "gateway",
		"Public reads, unknown paths and refused tokens of one address a minute."),
	{.name = NULL},
};

#define N_SETTINGS (sizeof(SETTINGS) / sizeof(SETTINGS[0]) - 1)

extern char **environ;

/* Given values, in the order of the table; NULL = the default holds. Written by config_load only,
 * before other threads run. */
static char *given[N_SETTINGS];

static size_t index_of(const char *name, size_t length)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (strlen(SETTINGS[i].name) == length &&
		    strncmp(SETTINGS[i].name, name, length) == 0)
			return i;
	return N_SETTINGS;
}

static bool has_suffix(const char *name, size_t length)
{
	size_t n = sizeof(FILE_SUFFIX) - 1;

	return length > n && strncmp(name + length - n, FILE_SUFFIX, n) == 0;
}

/* Index of the setting that a variable gives, with *by_file for NAME_FILE. The name itself counts
 * first, because RENHE_CLOCK_FILE is a setting of its own. */
static size_t setting_of(const char *variable, size_t length, bool *by_file)
{
	size_t i = index_of(variable, length);

	*by_file = i == N_SETTINGS && has_suffix(variable, length);
	return *by_file ? index_of(variable, length - (sizeof(FILE_SUFFIX) - 1)) : i;
}

static void say_unknown(const char *program, const char *variable)
{
	unsigned least = UINT_MAX;
	char best[NAME_MAX_LEN + sizeof(FILE_SUFFIX)] = "", form[sizeof(best)];

	for (size_t i = 0; i < 2 * N_SETTINGS; i++) {
		snprintf(form, sizeof(form), "%s%s", SETTINGS[i / 2].name,
			 i % 2 ? FILE_SUFFIX : "");
		unsigned d = str_distance(variable, form, NAME_MAX_LEN);
		if (d < least) {
			least = d;
			memcpy(best, form, sizeof(best));
		}
	}
	fprintf(stderr, "%s: unknown setting %s; the nearest is %s\n", program, variable, best);
}

static void cut_newline(char *text, size_t n)
{
	if (n && text[n - 1] == '\n')
		text[--n] = '\0';
	if (n && text[n - 1] == '\r')
		text[n - 1] = '\0';
}

/* The content without one trailing newline; NULL where it can't be read, is too large or holds NUL.
 */
static char *read_value(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, VALUE_MAX + 1);

	if (!text)
		abort();
	size_t n = f ? fread(text, 1, VALUE_MAX + 1, f) : 0;
	bool good = f && !ferror(f) && n <= VALUE_MAX && memchr(text, '\0', n) == NULL;
	if (f)
		fclose(f);
	if (!good) {
		free(text);
		return NULL;
	}
	cut_newline(text, n);
	return text;
}

static char *copy_value(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

/* A secret that everyone on the machine can read is none; no start with it (C09). */
static bool kept_secret(const char *program, const struct setting *s, const char *path)
{
	struct stat st;

	if (!s->secret || stat(path, &st) != 0 || (st.st_mode & S_IRWXO) == 0)
		return true;
	fprintf(stderr, "%s: %s" FILE_SUFFIX ": %s is readable by others; chmod o= it\n", program,
		s->name, path);
	return false;
}

/* Settings of scripts/up, which stand in the shell of whoever runs a second suite: the operator's command knows that they are not
 * its own. A service is started with a clean environment and takes none that it doesn't know. */
static bool of_scripts(const char *program, const char *variable)
{
	return !strcmp(program, "renhectl") && (!strcmp(variable, "RENHE_RUN_DIR") || !strcmp(variable, "RENHE_PORT_BASE"));
}

static bool take(const char *program, const char *variable, const char *text)
{
	bool by_file;
	size_t i = setting_of(variable, strlen(variable), &by_file);

	if (i == N_SETTINGS && of_scripts(program, variable))
		return true;
	if (i == N_SETTINGS) {
		say_unknown(program, variable);
		return false;
	}
	if (given[i]) {
		fprintf(stderr, "%s: %s is given twice, also as %s" FILE_SUFFIX "\n", program,
			SETTINGS[i].name, SETTINGS[i].name);
		return false;
	}
	if (by_file && !kept_secret(program, &SETTINGS[i], text))
		return false;
	given[i] = by_file ? read_value(text) : copy_value(text);
	if (!given[i])
		fprintf(stderr, "%s: %s: cannot read a value from the file\n", program, variable);
	return given[i] != NULL;
}

static bool take_entry(const char *program, const char *entry)
{
	char name[256];
	const char *equals = strchr(entry, '=');
	size_t n = equals ? (size_t)(equals - entry) : 0;

	if (n == 0 || strncmp(entry, PREFIX, sizeof(PREFIX) - 1) != 0)
		return true;
	snprintf(name, sizeof(name), "%.*s", n < sizeof(name) ? (int)n : (int)sizeof(name) - 1,
		 entry);
	return take(program, name, equals + 1);
}

static bool uses(const char *program, const struct setting *s)
{
	bool has_database = strcmp(program, "gateway") != 0 && strcmp(program, "renhectl") != 0;
	const char *p = s->used_by;

	for (size_t n; *p; p += n + (p[n] == ' ')) {
		struct str word = {p, n = strcspn(p, " ")};
		if (str_eq(word, "all") || str_eq(word, program) ||
		    (has_database && str_eq(word, "service")))
			return true;
	}
	return false;
}

static bool parse_integer(const char *text, int64_t *out)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	char *end;

	if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return false;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	*out = v;
	return errno == 0 && *end == '\0';
}

static bool is_choice(const char *choices, const char *value)
{
	for (size_t n; *choices; choices += n + (choices[n] == '|')) {
		struct str word = {choices, n = strcspn(choices, "|")};
		if (str_eq(word, value))
			return true;
	}
	return false;
}

static bool fits(const char *program, const struct setting *s, const char *value)
{
	int64_t v;

	if (s->integer && (!parse_integer(value, &v) || v < s->min || v > s->max)) {
		fprintf(stderr, "%s: %s must be an integer from %lld to %lld\n", program, s->name,
			(long long)s->min, (long long)s->max);
		return false;
	}
	if (s->choices && !is_choice(s->choices, value)) {
		fprintf(stderr, "%s: %s must be one of %s\n", program, s->name, s->choices);
		return false;
	}
	return true;
}

static bool complete(const char *program, size_t i)
{
	const struct setting *s = &SETTINGS[i];
	const char *value = given[i] ? given[i] : s->value;

	if (uses(program, s) && (!value || (!s->value && value[0] == '\0'))) {
		fprintf(stderr, "%s: %s must be given (or %s" FILE_SUFFIX "): %s\n", program,
			s->name, s->name, s->help);
		return false;
	}
	return !value || fits(program, s, value);
}

static bool one_character_only(const char *v)
{
	return v[0] != '\0' && strspn(v, (const char[]){v[0], '\0'}) == strlen(v);
}

/* Secrets that stand in examples, papers and guess lists. */
static bool well_known(const char *v)
{
	static const char *const KNOWN[] = {
		"changeme",
		"change-me",
		"renhe",
		"password",
		"passw0rd",
		"secret",
		"admin",
		"root",
		"test",
		"demo",
		"dev",
		"postgres",
		"kafka",
		"internal",
		"token",
		"default",
		"123456",
		"12345678",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	};

	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++)
		if (str_ieq(str_of(v), KNOWN[i]))
			return true;
	return one_character_only(v);
}

static bool fit_for_production(const char *program)
{
	bool good = true;

	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (!SETTINGS[i].secret || !given[i] || !well_known(given[i]))
			continue;
		fprintf(stderr, "%s: %s holds a well-known secret; refused in production\n",
			program, SETTINGS[i].name);
		good = false;
	}
	if (config_str("RENHE_CLOCK_FILE")[0] != '\0') {
		fprintf(stderr, "%s: RENHE_CLOCK_FILE is refused in production\n", program);
		good = false;
	}
	return good;
}

static void forget_all(void)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (given[i])
			explicit_bzero(given[i], strlen(given[i]));
		free(given[i]);
		given[i] = NULL;
	}
}

/* Goes on after a fault, so that one start shows all of them. */
bool config_load(const char *program)
{
	bool good = true;

	forget_all();
	for (char **e = environ; e && *e; e++)
		good = take_entry(program, *e) && good;
	for (size_t i = 0; i < N_SETTINGS; i++)
		good = complete(program, i) && good;
	if (config_production())
		good = fit_for_production(program) && good;
	return good;
}

const char *config_str(const char *name)
{
	size_t i = index_of(name, strlen(name));

	if (i == N_SETTINGS || (!given[i] && !SETTINGS[i].value)) {
		fprintf(stderr, "config_str: no setting %s here\n", name);
		abort();
	}
	return given[i] ? given[i] : SETTINGS[i].value;
}

int64_t config_int(const char *name)
{
	int64_t v;

	if (!parse_integer(config_str(name), &v)) {
		fprintf(stderr, "config_int: %s is no integer\n", name);
		abort();
	}
	return v;
}

bool config_production(void)
{
	return strcmp(config_str("RENHE_ENV"), "production") == 0;
}

void config_help(const char *program, FILE *out)
{
	fprintf(out, "Settings of %s, by environment; each also as NAME" FILE_SUFFIX ".\n\n",
		program);
	for (const struct setting *s = SETTINGS; s->name; s++) {
		if (!uses(program, s))
			continue;
		fprintf(out, "  %s%s%s%s\n      %s", s->name, s->value ? "=" : "",
			s->value ? s->value : "", s->secret ? "  [secret]" : "", s->help);
		if (s->choices)
			fprintf(out, " (%s)", s->choices);
		if (s->integer)
			fprintf(out, " (%lld to %lld)", (long long)s->min, (long long)s->max);
		fprintf(out, "%s\n", s->value ? "" : " Must be given.");
	}
}

void config_env_example(FILE *out)
{
	fprintf(out, "# Settings of Renhe; written from the table in services/chassis/config.c.\n");
	for (const struct setting *s = SETTINGS; s->name; s++)
		fprintf(out, "\n# %s\n# Used by: %s.%s\n%s%s=%s\n", s->help, s->used_by,
			s->value ? "" : " Must be given.", s->value ? "#" : "", s->name,
			s->value ? s->value : "");
}
