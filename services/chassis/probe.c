#include "probe.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "http_address.h"

static const char ASK[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char GOOD[] = "HTTP/1.1 200 ";

/* Linux bounds connect by the time-out of sending, too. */
static bool bounded(int fd)
{
	struct timeval limit = {PROBE_LIMIT_MS / 1000, PROBE_LIMIT_MS % 1000 * 1000};

	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0;
}

static int reach(int family, const struct sockaddr *at, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bounded(fd) && connect(fd, at, size) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int reach_unix(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	return reach(AF_UNIX, (const struct sockaddr *)&to, sizeof(to));
}

/* An address that means "all of this machine's" is reached by loopback. */
static int reach_tcp(const char *address)
{
	struct addrinfo hint = {.ai_socktype = SOCK_STREAM}, *ai;
	const char *port;
	char host[256];

	if (!http_address_split(address, host, &port) ||
	    getaddrinfo(*host ? host : NULL, port, &hint, &ai) != 0)
		return -1;
	int fd = reach(ai->ai_family, ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(ai);
	return fd;
}

/* Our own front writes the first line of an answer in one piece. */
static bool says_ready(int fd)
{
	char line[sizeof(GOOD)] = "";

	return send(fd, ASK, sizeof(ASK) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(ASK) - 1 &&
	       recv(fd, line, sizeof(GOOD) - 1, MSG_WAITALL) == (ssize_t)sizeof(GOOD) - 1 &&
	       memcmp(line, GOOD, sizeof(GOOD) - 1) == 0;
}

int probe_health(const char *program)
{
	const char *address = config_str("RENHE_MANAGEMENT_LISTEN");
	int fd = strncmp(address, "unix:", 5) == 0 ? reach_unix(address + 5) : reach_tcp(address);
	bool ready = fd >= 0 && says_ready(fd);

	if (fd >= 0)
		close(fd);
	if (!ready)
		fprintf(stderr, "%s: not ready at %s\n", program, address);
	return ready ? 0 : EX_UNAVAILABLE;
}
