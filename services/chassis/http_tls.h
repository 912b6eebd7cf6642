/* TLS under the HTTP front: this file's source owns OpenSSL's TLS. Of the http_*.c files only.
 *
 * TLS 1.2 with ephemeral keys and AEAD suites, and 1.3; ALPN is http/1.1 where the caller names any
 * protocol; no renegotiation, no compression, no early data. Tickets are good for an hour, under
 * keys that live in memory and for eight hours.
 *
 * A process with a tls_server ignores SIGPIPE, for OpenSSL writes without MSG_NOSIGNAL. */
#ifndef RENHE_HTTP_TLS_H
#define RENHE_HTTP_TLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct tls_server; /* certificate, key and rules */
struct tls_stream; /* one connection */

/* PEM files, the chain with the server's own first. NULL: err says why; a key that others than its
 * owner and group may read is refused. */
struct tls_server *tls_server_new(const char *cert_file, const char *key_file, char *err,
				  size_t err_size);
void tls_server_free(struct tls_server *t);
/* Reads both files again, for connections from now on. false: what stood goes on. */
bool tls_server_reload(struct tls_server *t, char *err, size_t err_size);
/* Unix seconds at which the certificate ends. */
int64_t tls_server_end(const struct tls_server *t);
/* Now and then, for keys of tickets to be made anew. */
void tls_server_tick(struct tls_server *t, int64_t now_ms);

struct tls_stream *tls_open(struct tls_server *t, int fd);
void tls_close(struct tls_stream *s); /* NULL is let pass; the descriptor stays open */

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };
enum tls_step tls_shake(struct tls_stream *s);
/* As read and writev: -1 with errno EAGAIN to wait; 0 of tls_read: the other side has ended, and
 * has said so. An end that isn't said is an error, since anyone on the way could make it. */
ssize_t tls_read(struct tls_stream *s, void *p, size_t n);
ssize_t tls_write(struct tls_stream *s, const struct iovec *v, int n);
/* Bytes are here that the descriptor will not tell of. */
bool tls_pending(const struct tls_stream *s);
/* Says the end; what the other side still sends isn't read. */
void tls_end(struct tls_stream *s);
#endif
