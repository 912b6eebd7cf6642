/* JSON of requests. The first byte chooses PATCH or not. What must hold: nothing is read or written out of bounds; what
 * the scan refuses is refused by all; what is taken goes out as JSON that the scan takes, and, with
 * the fields that may be sent, comes in again as the same. */
#include "sample.h"
#include "fault.h"
#include "fuzz.h"

static bool decode(struct ctx *cx, struct str text, bool is_patch, ProtobufCMessage **m)
{
	fault_clear(cx);
	return json_decode(cx, &sample_rule, text, is_patch, NULL, 0, NULL, 0, m, NULL);
}

static void check_taken(struct ctx *cx, const ProtobufCMessage *m, bool is_patch)
{
	struct str out = json_encode(cx, &sample_rule, m, NULL);
	ProtobufCMessage *again;

	demand(json_scan(cx->arena, out, NULL, NULL) == NULL);
	demand(decode(cx, out, is_patch, &again));
	struct str twice = json_encode(cx, &sample_rule, again, NULL);
	demand(out.n == twice.n && memcmp(out.p, twice.p, out.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ProtobufCMessage *m;
	struct ctx cx;

	if (size == 0)
		return 0;
	if (!sample_rule.pb)
		sample_setup();
	sample_ctx(&cx, arena_new());
	struct str text = {(const char *)data + 1, size - 1};
	bool well_formed = json_scan(cx.arena, text, NULL, NULL) == NULL;
	demand(well_formed || !json_parse(cx.arena, text));
	bool taken = decode(&cx, text, data[0] & 1, &m);
	if (taken && text.n)
		demand(well_formed);
	if (taken)
		check_taken(&cx, m, data[0] & 1);
	else
		demand(json_scan(cx.arena, fault_render(&cx), NULL, NULL) == NULL);
	arena_free(cx.arena);
	return 0;
}
