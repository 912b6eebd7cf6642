/* Bytes of a connection, in clear or under TLS. */
#include "http_internal.h"

#include <sys/socket.h>
#include <unistd.h>

ssize_t stream_read(struct http_conn *c, void *p, size_t n)
{
	ssize_t got = c->tls ? tls_read(c->tls, p, n) : read(c->fd, p, n);

	/* What a record holds beyond the room we had is no news for the descriptor. */
	if (got > 0 && c->tls && tls_pending(c->tls))
		event_active(&c->read_ev, EV_READ, 1);
	return got;
}

ssize_t stream_write(struct http_conn *c, struct iovec *v, int n)
{
	struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)n};

	return c->tls ? tls_write(c->tls, v, n) : sendmsg(c->fd, &m, MSG_NOSIGNAL);
}

void stream_resume(struct http_conn *c)
{
	event_add(&c->read_ev, NULL);
	if (c->tls && tls_pending(c->tls))
		event_active(&c->read_ev, EV_READ, 1);
}

bool stream_end(struct http_conn *c)
{
	if (c->tls)
		tls_end(c->tls);
	return shutdown(c->fd, SHUT_WR) == 0;
}
