#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "value.h"

/* Bodies up to here go into one block with the head, so that one write sends both. */
#define JOINED 16384

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} list[] = {
		{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"},
		{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
		{308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"},
		{410, "Gone"}, {411, "Length Required"}, {412, "Precondition Failed"},
		{413, "Content Too Large"}, {414, "URI Too Long"},
		{415, "Unsupported Media Type"}, {417, "Expectation Failed"},
		{422, "Unprocessable Content"}, {428, "Precondition Required"},
		{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}, {504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (list[i].status == status)
			return list[i].text;
	return "Status";
}

/* "Date: ...\r\n" of this second; each thread keeps its own. Not strftime, which has a locale. */
static const char *date_line(void)
{
	static const char day[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	static _Thread_local time_t of;
	static _Thread_local char line[48];
	time_t now = time(NULL);
	struct tm t;

	if (now != of && gmtime_r(&now, &t)) {
		snprintf(line, sizeof(line), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
			 day[t.tm_wday], t.tm_mday, month[t.tm_mon], t.tm_year + 1900, t.tm_hour,
			 t.tm_min, t.tm_sec);
		of = now;
	}
	return line;
}

static void put(char **at, const char *text)
{
	size_t n = strlen(text);

	memcpy(*at, text, n);
	*at += n;
}

static void put_number(char **at, uint64_t v)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		*(*at)++ = digits[--n];
}

static bool bodiless(int status)
{
	return status == 204 || status == 304;
}

static bool type_ok(const char *type)
{
	for (; type && *type; type++)
		if (*type < 0x20 || *type > 0x7e)
			return false;
	return true;
}

static bool answer_ok(const struct http_answer *a)
{
	return a->status >= 200 && a->status <= 599 && type_ok(a->content_type) &&
	       (!a->headers || wire_lines_ok(a->headers));
}

static size_t head_bound(const struct http_answer *a)
{
	return 320 + (a->headers ? strlen(a->headers) : 0) +
	       (a->content_type ? strlen(a->content_type) : 0);
}

static void head_write(char **at, const struct http_request *r, const struct http_answer *a,
		       size_t length, bool close)
{
	put(at, "HTTP/1.1 ");
	put_number(at, (uint64_t)a->status);
	put(at, " ");
	put(at, reason(a->status));
	put(at, "\r\n");
	put(at, date_line());
	if (!bodiless(a->status)) {
		put(at, "Content-Length: ");
		put_number(at, length);
		put(at, "\r\n");
	}
	if (a->content_type && !bodiless(a->status)) {
		put(at, "Content-Type: ");
		put(at, a->content_type);
		put(at, "\r\n");
	}
	if (a->headers)
		put(at, a->headers);
	if (r->conn->s->tls) /* RFC 6797 */
		put(at, "Strict-Transport-Security: max-age=31536000\r\n");
	if (close)
		put(at, "Connection: close\r\n");
	else if (r->head.minor == 0)
		put(at, "Connection: keep-alive\r\n");
	put(at, "\r\n");
}

static const char *keep_body(struct request *r, const struct http_answer *a, size_t n)
{
	if (a->body_stays || n == 0)
		return a->body.p;
	r->out_heap = malloc(n);
	if (!r->out_heap)
		abort();
	memcpy(r->out_heap, a->body.p, n);
	return r->out_heap;
}

static void prepare(struct request *r, const struct http_answer *a, bool close, bool send_body)
{
	size_t n = a->content_type && !bodiless(a->status) ? a->body.n : 0;
	size_t sent = send_body ? n : 0;
	bool join = sent <= JOINED;
	char *head = arena_alloc(r->pub.arena, head_bound(a) + (join ? sent : 0)), *at = head;

	head_write(&at, &r->pub, a, n, close);
	if (join && sent) {
		memcpy(at, a->body.p, sent);
		at += sent;
	}
	r->out[0] = (struct iovec){head, (size_t)(at - head)};
	r->out[1] = (struct iovec){0};
	if (!join) {
		const char *body = keep_body(r, a, sent);
		memcpy(&r->out[1].iov_base, &body, sizeof(body)); /* iovec takes no const */
		r->out[1].iov_len = sent;
	}
	r->close = close;
}

void answer_prepare(struct request *r, const struct http_answer *a, bool draining)
{
	static const char text[] = "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\","
				   "\"status\":500,\"code\":\"INTERNAL\"}";
	static const struct http_answer broken = {
		.status = 500,
		.content_type = "application/problem+json",
		.body = {text, sizeof(text) - 1},
		.close = true,
	};

	if (!answer_ok(a))
		a = &broken;
	prepare(r, a, a->close || draining || !r->pub.head.keep_alive,
		!str_eq(r->pub.head.method, "HEAD"));
}

static const char *refusal_code(int status)
{
	switch (status) {
	case 405: return "METHOD_NOT_ALLOWED";
	case 408: return "REQUEST_TIMEOUT";
	case 413: return "BODY_TOO_LARGE";
	case 414: return "TARGET_TOO_LONG";
	case 417: return "EXPECTATION_FAILED";
	case 431: return "HEAD_TOO_LARGE";
	case 501: return "METHOD_UNKNOWN";
	case 505: return "VERSION_NOT_SUPPORTED";
	default: return "BAD_REQUEST_FRAMING";
	}
}

/* A time-ordered id is as good as a random one: there is no caller's trace yet to go on with. */
static void trace_of(const char *uuid, char out[33])
{
	for (; *uuid; uuid++)
		if (*uuid != '-')
			*out++ = *uuid;
	*out = '\0';
}

void answer_refusal(struct request *r, bool direct, struct http_refusal *refusal)
{
	int status = refusal->status;
	char id[37];

	uuid7(id);
	trace_of(id, refusal->trace_id);
	refusal->code = refusal_code(status);
	char *text = arena_printf(r->pub.arena,
				  "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\","
				  "\"instance\":\"urn:uuid:%s\",\"code\":\"%s\",\"trace_id\":\"%s\"}",
				  reason(status), status, reason(status), id, refusal->code,
				  refusal->trace_id);
	struct http_answer a = {
		.status = status,
		.content_type = direct ? "application/problem+json" : NULL,
		.body = str_of(text),
		.headers = status == 405 ? "Allow: GET, HEAD, POST, PATCH, PUT, DELETE\r\n" : NULL,
	};
	bool head = r->n >= 5 && memcmp(r->in, "HEAD ", 5) == 0; /* its answer has no body */

	r->pub.head.minor = 1;
	prepare(r, &a, true, !head);
}
