/* Addresses of settings that name a TCP port. */
#ifndef RENHE_HTTP_ADDRESS_H
#define RENHE_HTTP_ADDRESS_H
#include <stdbool.h>

/* "host:port" or "[v6]:port" into its parts; *port points into the address. */
bool http_address_split(const char *address, char host[256], const char **port);

#endif
