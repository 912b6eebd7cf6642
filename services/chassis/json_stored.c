#include "json.h"

bool json_decode_stored(struct ctx *cx, const struct message_rule *rule, struct str text,
			ProtobufCMessage **msg)
{
	const struct route *route = cx->route;
	const char *const *cleared;
	bool good;

	cx->route = NULL; /* the text is no body of this request: its method says nothing */
	good = json_decode(cx, rule, text, false, NULL, 0, NULL, 0, msg, &cleared);
	cx->route = route;
	return good;
}
