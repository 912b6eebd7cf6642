/* Page tokens. The first byte chooses: the token as a stranger sends it, or a payload that is sealed here,
 * so that what is behind the MAC is reached. What must hold: a token that was not sealed here is refused;
 * one that was gives its payload back byte for byte, and under no other purpose. */
#include <string.h>
#include "fuzz.h"
#include "page.h"
#include "sample.h"
#include "seal.h"
#include "service.h"
#include "renhe.gen.h"
#include "contract.gen.h"

#define DIGEST 64

static const struct message_rule *list_rule;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char err[200];

	(void)argc;
	(void)argv;
	sample_setup();
	demand(seal_init("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", err, sizeof(err)));
	for (unsigned i = 0; i < CONTRACT_MESSAGES_COUNT; i++)
		if (!strcmp(CONTRACT_MESSAGES[i]->full_name, "renhe.archive.ListEmployeesRequest"))
			list_rule = CONTRACT_MESSAGES[i];
	demand(list_rule != NULL);
	return 0;
}

/* Whether it was taken. */
static bool sent(struct ctx *cx, const char *token)
{
	static const struct route ROUTE = {.name = "fuzz"};
	ProtobufCMessage *in = msg_new(cx->arena, list_rule);

	cx->route = &ROUTE;
	msg_set_str(list_rule, in, "page_token", token);
	if (page_begin(cx, list_rule, in))
		return true;
	demand(cx->fault.def == &FAULT_PAGE_TOKEN_INVALID);
	return false;
}

static void as_sent(struct ctx *cx, const char *token)
{
	demand(!sent(cx, token));
}

static bool begins_with_digest(struct str s)
{
	for (size_t i = 0; i < DIGEST; i++)
		if (i >= s.n || !memchr("0123456789abcdef", s.p[i], 16))
			return false;
	return s.n > DIGEST && s.p[DIGEST] == '\n';
}

static void sealed(struct ctx *cx, struct str payload)
{
	char *token = token_seal(cx->arena, "page", payload);
	struct str back;

	demand(token_open(cx->arena, "page", token, &back) && back.n == payload.n && !memcmp(back.p, payload.p, back.n));
	demand(!token_open(cx->arena, "challenge", token, &back));
	/* Bound to another route and filter, unless what compares told the fuzzer the digest of ours, which it then seals here. */
	if (sent(cx, token))
		demand(begins_with_digest(payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx cx;

	if (size == 0)
		return 0;
	sample_ctx(&cx, arena_new());
	struct str text = {(const char *)data + 1, size - 1};
	if (data[0] & 1)
		sealed(&cx, text);
	else if (!memchr(text.p, 0, text.n) && text.n)
		as_sent(&cx, arena_strndup(cx.arena, text.p, text.n));
	arena_free(cx.arena);
	return 0;
}
