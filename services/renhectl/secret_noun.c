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
	{"new-root-key", "", &TEXT_DEF_HELP_SECRET_ROOT_KEY, 0, new_root_key, READS},
	{"new-anchor", "", &TEXT_DEF_HELP_SECRET_ANCHOR, 0, new_anchor, READS},
	{"new-consumer-key", "", &TEXT_DEF_HELP_SECRET_CONSUMER_KEY, 0, new_consumer_key, READS},
	{.name = NULL},
};
