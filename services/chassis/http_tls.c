#include "http_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Forward secret and authenticated ones only; the three of TLS 1.3 are OpenSSL's own choice. */
#define SUITES                                                                                     \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256:P-384"
#define SECURITY_LEVEL 2 /* 112 bits: RSA of 2048, SHA-224 */
#define TICKET_LIFE_S 3600
#define TICKET_KEYS_MS (8 * 3600 * 1000LL)
#define TICKET_KEY_BYTES 80 /* name, HMAC, AES: as SSL_CTX_set_tlsext_ticket_keys has it */
#define RECORDS_AT_ONCE 16  /* of one answer before others have their turn */

struct tls_server {
	SSL_CTX *rules;
	char *cert_file, *key_file;
	int64_t ticket_keys_ms;
};

static const unsigned char ALPN[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/* ---- rules ---- */

/* RFC 7301 3.2: with no protocol in common the handshake ends. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n,
			   const unsigned char *in, unsigned in_n, void *arg)
{
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, n, ALPN, sizeof(ALPN), in, in_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *c)
{
	static const unsigned char NAME[] = "renhe";

	SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
				       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				    SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_security_level(c, SECURITY_LEVEL);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(c, TICKET_LIFE_S);
	SSL_CTX_set_alpn_select_cb(c, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(c, SUITES) == 1 &&
	       SSL_CTX_set1_groups_list(c, GROUPS) == 1 && SSL_CTX_set_num_tickets(c, 1) == 1 &&
	       SSL_CTX_set_session_id_context(c, NAME, sizeof(NAME) - 1) == 1;
}

static bool failed(char *err, size_t size, const char *file, const char *why)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(err, size, "%s: %s", file, why ? why : reason ? reason : "cannot be read");
	ERR_clear_error();
	return false;
}

static bool kept_secret(const char *key_file)
{
	struct stat st;

	return stat(key_file, &st) == 0 && (st.st_mode & S_IRWXO) == 0;
}

static bool read_files(SSL_CTX *c, const struct tls_server *t, char *err, size_t size)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(c, t->cert_file) != 1)
		return failed(err, size, t->cert_file, NULL);
	if (!kept_secret(t->key_file))
		return failed(err, size, t->key_file, "cannot be read, or others may read it too");
	if (SSL_CTX_use_PrivateKey_file(c, t->key_file, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(c) != 1)
		return failed(err, size, t->key_file, NULL);
	return true;
}

bool tls_server_reload(struct tls_server *t, char *err, size_t err_size)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());

	if (!c || !set_rules(c))
		abort();
	if (!read_files(c, t, err, err_size)) {
		SSL_CTX_free(c);
		return false;
	}
	SSL_CTX_free(t->rules); /* open connections hold it too */
	t->rules = c;
	return true;
}

static char *copy(const char *s)
{
	char *own = strdup(s);

	if (!own)
		abort();
	return own;
}

struct tls_server *tls_server_new(const char *cert_file, const char *key_file, char *err,
				  size_t err_size)
{
	struct tls_server *t = calloc(1, sizeof(*t));

	if (!t || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		abort();
	t->cert_file = copy(cert_file);
	t->key_file = copy(key_file);
	if (tls_server_reload(t, err, err_size))
		return t;
	tls_server_free(t);
	return NULL;
}

void tls_server_free(struct tls_server *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->rules);
	free(t->cert_file);
	free(t->key_file);
	free(t);
}

int64_t tls_server_end(const struct tls_server *t)
{
	struct tm end = {0};

	if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(t->rules)), &end) != 1)
		return 0;
	return timegm(&end);
}

/* What was sealed under former keys is then refused, and a whole handshake follows. */
void tls_server_tick(struct tls_server *t, int64_t now_ms)
{
	unsigned char keys[TICKET_KEY_BYTES];

	if (t->ticket_keys_ms && now_ms - t->ticket_keys_ms < TICKET_KEYS_MS)
		return;
	t->ticket_keys_ms = now_ms;
	if (RAND_bytes(keys, sizeof(keys)) != 1 ||
	    SSL_CTX_set_tlsext_ticket_keys(t->rules, keys, sizeof(keys)) != 1)
		abort();
	explicit_bzero(keys, sizeof(keys));
}

/* ---- one connection: struct tls_stream is OpenSSL's SSL ---- */

static SSL *ssl_of(const struct tls_stream *s)
{
	return (SSL *)(uintptr_t)s;
}

struct tls_stream *tls_open(struct tls_server *t, int fd)
{
	SSL *ssl = SSL_new(t->rules);

	if (!ssl || SSL_set_fd(ssl, fd) != 1)
		abort();
	SSL_set_accept_state(ssl);
	return (struct tls_stream *)ssl;
}

void tls_close(struct tls_stream *s)
{
	SSL_free(ssl_of(s));
	ERR_clear_error();
}

enum tls_step tls_shake(struct tls_stream *s)
{
	ERR_clear_error();
	int done = SSL_do_handshake(ssl_of(s));

	if (done == 1)
		return TLS_DONE;
	switch (SSL_get_error(ssl_of(s), done)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	default:
		return TLS_FAILED;
	}
}

/* -1 with the errno that read and write would have set. */
static ssize_t halted(SSL *ssl, int result)
{
	int e = SSL_get_error(ssl, result);

	errno = e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
	return e == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t tls_read(struct tls_stream *s, void *p, size_t n)
{
	size_t got = 0;

	ERR_clear_error();
	int result = SSL_read_ex(ssl_of(s), p, n, &got);
	return result == 1 ? (ssize_t)got : halted(ssl_of(s), result);
}

static ssize_t write_some(SSL *ssl, const struct iovec *v)
{
	size_t put = 0;

	if (v->iov_len == 0)
		return 0;
	ERR_clear_error();
	int result = SSL_write_ex(ssl, v->iov_base, v->iov_len, &put);
	if (result == 1)
		return (ssize_t)put;
	/* Without renegotiation a write never waits for a read; were it to, nobody would wake it.
	 */
	if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_WRITE)
		errno = EIO;
	else
		errno = EAGAIN;
	return -1;
}

ssize_t tls_write(struct tls_stream *s, const struct iovec *v, int n)
{
	ssize_t total = 0;
	int records = 0;

	for (int i = 0; i < n; i++) {
		struct iovec left = v[i];
		while (left.iov_len && records++ < RECORDS_AT_ONCE) {
			ssize_t put = write_some(ssl_of(s), &left);
			if (put < 0)
				return total ? total : -1;
			left.iov_base = (char *)left.iov_base + put;
			left.iov_len -= (size_t)put;
			total += put;
		}
		if (left.iov_len)
			break;
	}
	return total;
}

bool tls_pending(const struct tls_stream *s)
{
	return SSL_pending(ssl_of(s)) > 0;
}

void tls_end(struct tls_stream *s)
{
	ERR_clear_error();
	SSL_shutdown(ssl_of(s));
	ERR_clear_error();
}
