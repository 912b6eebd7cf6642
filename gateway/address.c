#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static bool read_unix(struct address *a, const char *path)
{
	struct sockaddr_un *u = (struct sockaddr_un *)&a->at;

	if (*path != '/' || strlen(path) >= sizeof(u->sun_path))
		return false;
	u->sun_family = AF_UNIX;
	memcpy(u->sun_path, path, strlen(path) + 1);
	a->size = sizeof(*u);
	return true;
}

static bool read_port(const char *text, int *port)
{
	size_t n = strspn(text, "0123456789");

	if (n < 1 || n > 5 || text[n])
		return false;
	*port = (int)strtol(text, NULL, 10);
	return *port >= 1 && *port <= 65535;
}

static bool read_v4(struct address *a)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&a->at;

	if (inet_pton(AF_INET, a->host, &in->sin_addr) != 1)
		return false;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)a->port);
	a->size = sizeof(*in);
	return true;
}

static bool read_v6(struct address *a)
{
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)&a->at;
	size_t n = strlen(a->host);

	if (n < 4 || a->host[n - 1] != ']')
		return false;
	a->host[n - 1] = '\0';
	if (inet_pton(AF_INET6, a->host + 1, &in->sin6_addr) != 1)
		return false;
	in->sin6_family = AF_INET6;
	in->sin6_port = htons((uint16_t)a->port);
	a->size = sizeof(*in);
	return true;
}

static bool name_ok(const char *host)
{
	size_t n = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

	return n > 0 && host[n] == '\0' && host[0] != '-' && host[0] != '.';
}

bool address_read(struct address *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;

	memset(a, 0, sizeof(*a));
	if (strncmp(text, "unix:", 5) == 0)
		return read_unix(a, text + 5);
	if (n == 0 || n >= sizeof(a->host) || !read_port(colon + 1, &a->port))
		return false;
	memcpy(a->host, text, n);
	if (a->host[0] == '[')
		return read_v6(a);
	return read_v4(a) || name_ok(a->host);
}

void address_network(const char *peer, char out[ADDRESS_MAX])
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, peer, &v6) != 1) {
		snprintf(out, ADDRESS_MAX, "%s", peer);
		return;
	}
	memset(&v6.s6_addr[8], 0, 8);
	inet_ntop(AF_INET6, &v6, out, ADDRESS_MAX);
}
