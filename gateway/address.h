/* Addresses of settings: "host:port", "[v6]:port", "unix:/path". No I/O, no look-up of names. */
#ifndef RENHE_GATEWAY_ADDRESS_H
#define RENHE_GATEWAY_ADDRESS_H
#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_MAX 256

struct address {
	struct sockaddr_storage at;
	int size;               /* of at; 0: host and port are given by name */
	char host[ADDRESS_MAX];
	int port;
};
bool address_read(struct address *a, const char *text);
/* The network of a caller, as one subscriber has it: of IPv6 the /64, else the address itself. */
void address_network(const char *peer, char out[ADDRESS_MAX]);
#endif
