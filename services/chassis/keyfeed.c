#include "keyfeed.h"
#include <stdio.h>
#include "config.h"
#include "log.h"
#include "row.h"

#define KEY_TOPIC "renhe.identity.key.v1"

static void key_file(char *out, size_t size)
{
	snprintf(out, size, "%s/keys.json", config_str("RENHE_STATE_DIR"));
}

void keyfeed_load(struct service *svc)
{
	char file[512];

	key_file(file, sizeof(file));
	if (!keyring_load(svc->keys, file, config_str("RENHE_KEY_ANCHOR")))
		log_line(LOG_INFO, "no key file yet", "file", file, NULL);
}

/* By name, so that the chassis needs no header of identity's messages. */
static const struct message_rule *key_rule(const struct schema *s)
{
	for (unsigned i = 0; i < s->n_events; i++)
		if (!strcmp(s->events[i]->topic->name, KEY_TOPIC))
			return s->events[i]->value;
	return NULL;
}

static void on_key(void *arg, const struct event *ev)
{
	struct service *svc = arg;
	const struct message_rule *r = key_rule(svc->schema);
	struct arena *a = arena_new();
	ProtobufCMessage *m;
	char file[512];

	if (r && ev->value.n &&
	    (m = protobuf_c_message_unpack(r->pb, arena_allocator(a), ev->value.n,
					   (const uint8_t *)ev->value.p)) &&
	    msg_str(r, m, "kid") && msg_str(r, m, "alg") && msg_str(r, m, "public_pem") &&
	    msg_str(r, m, "signature") &&
	    keyring_add_signed(svc->keys, msg_str(r, m, "kid"), msg_str(r, m, "alg"),
			       msg_str(r, m, "public_pem"), msg_int(r, m, "not_after", 0),
			       msg_str(r, m, "signature"), config_str("RENHE_KEY_ANCHOR"))) {
		key_file(file, sizeof(file));
		keyring_save(svc->keys, file);
	} else
		log_line(LOG_WARN, "signing key refused", NULL);
	arena_free(a);
}

void keyfeed_start(struct service *svc, const struct kafka_settings *k)
{
	static const char *const topics[] = {KEY_TOPIC, NULL};

	svc->key_reader = reader_start(k, topics, -1, on_key, svc);
}

void keyfeed_stop(struct service *svc)
{
	if (svc->key_reader)
		reader_stop(svc->key_reader);
}
