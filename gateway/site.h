/* The web app beside the API: files of a folder by GET and HEAD, with ETag (RFC 9110 13), the .br
 * or .gz that lies beside a file, and index.html for the app's own routes. */
#ifndef RENHE_GATEWAY_SITE_H
#define RENHE_GATEWAY_SITE_H
#include "http.h"
#include "site_folder.h"

/* false: not ours, for the path is the API's or leads to no file. Else *a is set, 200, 304 or, for
 * other methods than GET and HEAD, 405 without body and headers but *allow. */
bool site_answer(const struct site_folder *f, const struct http_request *r, struct http_answer *a,
		 const char **allow);
#endif
