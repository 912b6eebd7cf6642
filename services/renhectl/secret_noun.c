/* Secrets that are made at set-up. They go to stdout only; umask 077 and a file are the caller's.
 */
#include "renhectl.h"

#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "seal.h"
#include "seal_box.h"

static enum exit_code new_root_key(const struct call *c)
{
	unsigned char key[32];
	char hex[65];

	random_bytes(key, sizeof(key));
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	/* bare, because the setting's file holds nothing else */
	if (c->format == FORMAT_AUTO)
		puts(hex);
	else
		put_record(c, &(struct cell){"root_key", hex}, 1);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hex, sizeof(hex));
	return EXIT_DONE;
}

static enum exit_code new_anchor(const struct call *c)
{
	char public[64], secret[128];

	if (!anchor_generate(public, secret))
		return complain(EXIT_FAILED, "no key pair could be made");
	const struct cell cells[] = {{"public", public}, {"secret", secret}};
	put_record(c, cells, 2);
	explicit_bzero(secret, sizeof(secret));
	return EXIT_DONE;
}

static enum exit_code new_consumer_key(const struct call *c)
{
	char public[64], secret[64];

	seal_box_pair(public, secret);
	const struct cell cells[] = {{"public", public}, {"secret", secret}};
	put_record(c, cells, 2);
	explicit_bzero(secret, sizeof(secret));
	return EXIT_DONE;
}

const struct verb SECRET_VERBS[] = {
	{"new-root-key", "", "64 hex digits for RENHE_ROOT_KEY_FILE, bare unless -o is given", 0,
	 false, new_root_key},
	{"new-anchor", "",
	 "an Ed25519 pair: RENHE_KEY_ANCHOR and, for identity, RENHE_KEY_ANCHOR_SECRET", 0, false,
	 new_anchor},
	{"new-consumer-key", "",
	 "an X25519 pair: a line of RENHE_CONSUMER_KEYS and, for that consumer, RENHE_CONSUMER_SECRET",
	 0, false, new_consumer_key},
	{.name = NULL},
};
