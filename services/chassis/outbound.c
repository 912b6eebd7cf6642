/* One request by libcurl. Each thread keeps one handle, and with it its connections. */
#include "outbound_internal.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "clock.h"
#include "config.h"
#include "db_internal.h"
#include "log.h"
#include "seal.h"
#include "renhe.gen.h"

#define TRIES_MOST 3
/* Before the second try, twice as long before the third; and as much again by chance. */
#define WAIT_MS 50
#define HEADERS_MOST ((size_t)32 << 10)
#define BODY_FIRST ((size_t)4 << 10)

/* One try. */
struct attempt {
	struct ctx *cx;
	const struct outbound_request *rq;
	const struct target *to;
	CURL *curl;
	struct curl_slist *lines;
	size_t piece, at; /* of the body: what is sent next */
	struct buf headers;
	struct str body;
	size_t room;
	bool refused;
};

/* ---- the handle of a thread ---- */

static pthread_key_t handle_key;
static pthread_once_t handle_once = PTHREAD_ONCE_INIT;

static void must(bool good)
{
	if (!good)
		abort();
}

static void free_handle(void *curl)
{
	curl_easy_cleanup(curl);
}

static void start_once(void)
{
	must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	must(pthread_key_create(&handle_key, free_handle) == 0);
}

/* Options of the call before are gone, its connections stay. */
static CURL *handle(void)
{
	CURL *curl;

	pthread_once(&handle_once, start_once);
	curl = pthread_getspecific(handle_key);
	if (!curl) {
		must((curl = curl_easy_init()) != NULL);
		must(pthread_setspecific(handle_key, curl) == 0);
	}
	curl_easy_reset(curl);
	return curl;
}

bool outbound_start(char *err, size_t err_size)
{
	const char *ca = config_str("RENHE_OUTBOUND_CA_FILE"), *wrong = guard_setting_fault();

	/* libcurl would write the secrets of its connections there. */
	unsetenv("SSLKEYLOGFILE");
	pthread_once(&handle_once, start_once);
	if (!wrong && *ca && access(ca, R_OK) != 0)
		wrong = "RENHE_OUTBOUND_CA_FILE: cannot be read";
	if (wrong)
		snprintf(err, err_size, "%s", wrong);
	return !wrong;
}

const char *outbound_url_fault(struct arena *a, const char *url)
{
	struct target to;
	const char *why;

	if (!guard_target(a, url, &to, &why))
		return why;
	curl_url_cleanup(to.url);
	return NULL;
}

/* ---- what libcurl asks while it works ---- */

/* The address itself is judged, whatever name led to it. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct attempt *t = arg;

	if (purpose != CURLSOCKTYPE_IPCXN || (!t->to->inner && !guard_public(&to->addr))) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;
	size_t room = size * n, done = 0;

	while (done < room && t->piece < t->rq->n_body) {
		struct str p = t->rq->body[t->piece];
		size_t part = p.n - t->at < room - done ? p.n - t->at : room - done;

		memcpy(to + done, p.p + t->at, part);
		done += part;
		t->at += part;
		if (t->at == p.n) {
			t->piece++;
			t->at = 0;
		}
	}
	return done;
}

/* From the start only: a connection that was kept had gone meanwhile. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct attempt *t = arg;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	t->piece = t->at = 0;
	return CURL_SEEKFUNC_OK;
}

/* Lines of an interim answer are forgotten with the next status line. */
static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;

	if (n >= 5 && memcmp(line, "HTTP/", 5) == 0)
		t->headers.n = 0;
	if (t->headers.n + size * n > HEADERS_MOST)
		return 0;
	buf_add(&t->headers, line, size * n);
	return size * n;
}

static void grow(struct attempt *t, size_t need)
{
	curl_off_t announced = -1;
	size_t room = t->room ? t->room * 2 : BODY_FIRST;
	char *p;

	curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced > 0 && (size_t)announced <= t->rq->most_bytes)
		room = (size_t)announced;
	room = room < need ? need : room > t->rq->most_bytes ? t->rq->most_bytes : room;
	p = arena_alloc(t->cx->arena, room + 1);
	if (t->body.n)
		memcpy(p, t->body.p, t->body.n);
	t->body.p = p;
	t->room = room;
}

static size_t on_write(char *bytes, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;

	n *= size;
	if (n > t->rq->most_bytes - t->body.n)
		return 0;
	if (t->body.n + n > t->room)
		grow(t, t->body.n + n);
	memcpy((char *)t->body.p + t->body.n, bytes, n);
	t->body.n += n;
	return n;
}

/* ---- one try ---- */

static bool repeatable(const struct outbound_request *rq)
{
	static const char *const SAFE[] = {"GET", "HEAD", "PUT", "DELETE"};

	for (size_t i = 0; i < sizeof(SAFE) / sizeof(SAFE[0]); i++)
		if (strcmp(rq->method, SAFE[i]) == 0)
			return true;
	return false;
}

#define SET(option, ...) must(curl_easy_setopt(t->curl, (option), __VA_ARGS__) == CURLE_OK)

static void set_bounds(struct attempt *t, long left_ms)
{
	long connect_ms = (long)config_int("RENHE_OUTBOUND_CONNECT_MS");

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is not waited for */
	SET(CURLOPT_TIMEOUT_MS, left_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms < left_ms ? connect_ms : left_ms);
	SET(CURLOPT_MAXCONNECTS, 8L);
}

/* Each of these is libcurl's default too, or the environment's: said here, so that neither decides.
 */
static void set_trust(struct attempt *t)
{
	const char *ca = config_str("RENHE_OUTBOUND_CA_FILE");

	SET(CURLOPT_PROTOCOLS_STR, t->to->inner ? "http,https" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*ca)
		SET(CURLOPT_CAINFO, ca);
	if (*ca)
		SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
}

/* libcurl itself sends a request once more where a kept connection ends without an answer, although
 * the other side may have done the work: a POST therefore gets a new one. */
static void set_body(struct attempt *t)
{
	curl_off_t n = 0;

	for (size_t i = 0; i < t->rq->n_body; i++)
		n += (curl_off_t)t->rq->body[i].n;
	SET(CURLOPT_FRESH_CONNECT, repeatable(t->rq) ? 0L : 1L);
	if (strcmp(t->rq->method, "HEAD") == 0)
		SET(CURLOPT_NOBODY, 1L);
	if (t->rq->body || !repeatable(t->rq)) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, n);
		SET(CURLOPT_READFUNCTION, on_read);
		SET(CURLOPT_READDATA, t);
		SET(CURLOPT_SEEKFUNCTION, on_seek);
		SET(CURLOPT_SEEKDATA, t);
	}
	SET(CURLOPT_CUSTOMREQUEST, t->rq->method);
}

/* libcurl 7.88 signs "Expect" where it is taken out, too, and no store then agrees: what is signed
 * waits for a "100 Continue" where it is long. */
static void set_headers(struct attempt *t)
{
	for (const char *const *h = t->rq->headers; h && *h; h++)
		must((t->lines = curl_slist_append(t->lines, *h)) != NULL);
	if (!t->rq->sign)
		must((t->lines = curl_slist_append(t->lines, "Expect:")) != NULL);
	SET(CURLOPT_HTTPHEADER, t->lines);
	SET(CURLOPT_USERAGENT, "renhe");
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_write);
	SET(CURLOPT_WRITEDATA, t);
}

static void set_signature(struct attempt *t)
{
	const struct outbound_signature *s = t->rq->sign;

	if (!s)
		return;
	SET(CURLOPT_AWS_SIGV4, arena_printf(t->cx->arena, "aws:amz:%s:s3", s->region));
	SET(CURLOPT_USERNAME, s->access_key);
	SET(CURLOPT_PASSWORD, s->secret_key);
}

static enum outcome judge(const struct attempt *t, CURLcode rc, long status)
{
	if (t->refused && rc != CURLE_OK)
		return OUTCOME_REFUSED;
	switch (rc) {
	case CURLE_OK:
		return status >= 500 ? OUTCOME_FAILED : OUTCOME_ANSWERED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return OUTCOME_UNREACHABLE;
	default:
		return OUTCOME_BAD;
	}
}

static void log_try(const struct attempt *t, enum outcome o, CURLcode rc, long status, int64_t us)
{
	char number[2][24];

	snprintf(number[0], sizeof(number[0]), "%ld", status);
	snprintf(number[1], sizeof(number[1]), "%lld", (long long)us / 1000);
	log_line(o == OUTCOME_ANSWERED ? LOG_INFO : LOG_WARN, "outbound", "host", t->to->host,
		 "method", t->rq->method, "outcome", outcome_name(o), "reason",
		 rc == CURLE_OK ? "" : curl_easy_strerror(rc), "#status", number[0], "#ms",
		 number[1], "request_id", t->cx->request_id ? t->cx->request_id : "", NULL);
}

static enum outcome perform(struct attempt *t, long left_ms, int *status)
{
	int64_t start_us = clock_monotonic_us();
	enum outcome o;
	long code = 0;
	CURLcode rc;

	t->curl = handle();
	buf_init(&t->headers, t->cx->arena);
	SET(CURLOPT_CURLU, t->to->url);
	SET(CURLOPT_PATH_AS_IS, 1L);
	set_bounds(t, left_ms);
	set_trust(t);
	set_body(t);
	set_headers(t);
	set_signature(t);
	rc = curl_easy_perform(t->curl);
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
	o = judge(t, rc, code);
	log_try(t, o, rc, code, clock_monotonic_us() - start_us);
	curl_easy_reset(t->curl); /* it holds pointers into our stack, and the secret */
	curl_slist_free_all(t->lines);
	*status = (int)code;
	return o;
}

/* ---- all tries ---- */

static bool may_pass(enum outcome o, int status)
{
	return o == OUTCOME_UNREACHABLE ||
	       (o == OUTCOME_FAILED && (status == 500 || (status >= 502 && status <= 504)));
}

/* A try through the breaker of the host. */
static enum outcome try_once(struct attempt *t, const struct pass *p, int64_t end_ms,
			     struct outbound_answer *out)
{
	int64_t start_us = clock_monotonic_us(), left_ms = end_ms - start_us / 1000;
	enum outcome o = perform(t, left_ms > 0 ? (long)left_ms : 1, &out->status);

	host_end(p, o, clock_monotonic_us() - start_us);
	out->headers = (struct str){t->headers.p, t->headers.n};
	out->body = t->body.p ? t->body : STR("");
	return o;
}

/* False where there is neither time nor budget for another one. */
static bool wait_for_next(const struct pass *p, unsigned tries, int64_t end_ms)
{
	uint32_t dice;
	int wait_ms = WAIT_MS << (tries - 1);

	random_bytes(&dice, sizeof(dice));
	wait_ms += (int)(dice % (uint32_t)wait_ms);
	if (clock_monotonic_ms() + 2 * wait_ms >= end_ms || !host_afford(p))
		return false;
	clock_sleep_ms(wait_ms);
	return true;
}

static enum outcome try_all(struct ctx *cx, const struct outbound_request *rq,
			    const struct target *to, int64_t end_ms, struct outbound_answer *out)
{
	enum outcome o = OUTCOME_LEFT_ALONE;
	struct pass p;

	for (unsigned tries = 1;; tries++) {
		struct attempt t = {.cx = cx, .rq = rq, .to = to};

		if (!host_ask(to->host, &p))
			return tries == 1 ? OUTCOME_LEFT_ALONE : o;
		o = try_once(&t, &p, end_ms, out);
		if (!may_pass(o, out->status) || !repeatable(rq) || tries == TRIES_MOST ||
		    !wait_for_next(&p, tries, end_ms))
			return o;
	}
}

static bool fault_of(struct ctx *cx, enum outcome o)
{
	switch (o) {
	case OUTCOME_ANSWERED:
	case OUTCOME_FAILED:
		return true;
	case OUTCOME_REFUSED:
		return fail(cx, &FAULT_OUTBOUND_REFUSED, NULL);
	case OUTCOME_TIMEOUT:
		return fail(cx, &FAULT_OUTBOUND_TIMEOUT, NULL);
	case OUTCOME_BAD:
		return fail(cx, &FAULT_OUTBOUND_BAD_ANSWER, NULL);
	default:
		return fail(cx, &FAULT_OUTBOUND_UNAVAILABLE, NULL);
	}
}

static bool refuse(struct ctx *cx, const char *why)
{
	log_line(LOG_WARN, "outbound refused", "reason", why, "request_id",
		 cx->request_id ? cx->request_id : "", NULL);
	return fail(cx, &FAULT_OUTBOUND_REFUSED, NULL);
}

static bool headers_good(const struct outbound_request *rq)
{
	for (const char *const *h = rq->headers; h && *h; h++)
		if (!guard_header(*h))
			return false;
	return true;
}

static int64_t end_of(const struct ctx *cx, const struct outbound_request *rq)
{
	int64_t end_ms = clock_monotonic_ms() + rq->deadline_ms;

	return cx->deadline_ms && cx->deadline_ms < end_ms ? cx->deadline_ms : end_ms;
}

bool outbound_send(struct ctx *cx, const struct outbound_request *rq, struct outbound_answer *out)
{
	struct outbound_answer answer = {0};
	struct target to;
	const char *why;
	enum outcome o;

	if (cx->db && cx->db->state != DB_IDLE && cx->db->state != DB_ASKED &&
	    !rq->inside_transaction)
		abort();
	if (!headers_good(rq))
		return refuse(cx, "header");
	if (!guard_target(cx->arena, rq->url, &to, &why))
		return refuse(cx, why);
	o = try_all(cx, rq, &to, end_of(cx, rq), &answer);
	curl_url_cleanup(to.url);
	if (!fault_of(cx, o))
		return false;
	*out = answer;
	return true;
}

const char *outbound_header(struct ctx *cx, const struct outbound_answer *a, const char *name)
{
	const char *end = a->headers.p + a->headers.n, *next;

	for (const char *line = a->headers.p; line < end; line = next) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const char *colon = memchr(line, ':', (size_t)(end - line));

		next = stop ? stop + 1 : end;
		if (!colon || colon >= next ||
		    !str_ieq((struct str){line, (size_t)(colon - line)}, name))
			continue;
		for (colon++; colon < next && (*colon == ' ' || *colon == '\t'); colon++)
			;
		for (stop = next; stop > colon && strchr(" \t\r\n", stop[-1]); stop--)
			;
		return arena_strndup(cx->arena, colon, (size_t)(stop - colon));
	}
	return NULL;
}
