/* Records as a broker gives them: headers, then a message of any kind of the contract. The first two bytes
 * choose the kind; the rest up to the first 0xFF is headers, "name\0value\0" each, what is behind it the
 * value. What must hold: what is taken is within the bounds, and packed again it is taken again. */
#include <string.h>
#include "arena.h"
#include "contract.gen.h"
#include "event.h"
#include "fuzz.h"
#include "value.h"

static void headers(struct event *ev, struct arena *a, const char *p, size_t n)
{
	while (n) {
		const char *name_end = memchr(p, 0, n), *end;
		if (!name_end)
			return;
		size_t left = n - (size_t)(name_end + 1 - p);
		end = memchr(name_end + 1, 0, left);
		size_t value_n = end ? (size_t)(end - name_end - 1) : left;
		event_header(ev, a, p, name_end + 1, value_n);
		if (!end)
			return;
		n = left - value_n - 1;
		p = end + 1;
	}
}

static void check_texts(const struct event *ev)
{
	const char *const texts[] = {ev->id, ev->type, ev->source, ev->subject, ev->tenant_id, ev->time, ev->actor, ev->cause};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		demand(texts[i] && utf8_valid(texts[i], strlen(texts[i])));
	demand(ev->sequence >= 0 || ev->defect);
}

static void value(struct arena *a, const struct message_rule *rule, struct str v)
{
	const char *defect = NULL;
	ProtobufCMessage *m = event_unpack(a, rule, v, &defect);

	demand((m == NULL) == (defect != NULL));
	if (!m)
		return;
	demand(event_scan(rule->pb, v) == NULL);
	uint8_t *packed = arena_alloc(a, protobuf_c_message_get_packed_size(m) + 1);
	size_t n = protobuf_c_message_pack(m, packed);
	if (n <= EVENT_MAX_BYTES)
		demand(event_unpack(a, rule, (struct str){(const char *)packed, n}, &defect) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event ev;

	if (size < 2)
		return 0;
	struct arena *a = arena_new();
	const uint8_t *p = data + 2, *end = memchr(p, 0xFF, size - 2);
	size_t n_head = end ? (size_t)(end - p) : 0;
	event_init(&ev);
	headers(&ev, a, (const char *)p, n_head);
	event_check(&ev);
	check_texts(&ev);
	const uint8_t *v = end ? end + 1 : p;
	value(a, CONTRACT_MESSAGES[(data[0] * 256u + data[1]) % CONTRACT_MESSAGES_COUNT],
	      (struct str){(const char *)v, (size_t)(data + size - v)});
	arena_free(a);
	return 0;
}
