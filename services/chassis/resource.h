/* What every resource carries beside its own fields: etag, allowed_actions, Location. */
#ifndef RENHE_RESOURCE_H
#define RENHE_RESOURCE_H
#include "ctx.h"
/* Fills etag and allowed_actions of the message and of its `items`, where it has these fields. Not
 * under as_of: an answer about the past offers nothing and is not to be matched (decision 35). */
void resource_finish(struct ctx *cx, const struct message_rule *rule, ProtobufCMessage *msg);
/* Value of the ETag header, quoted; NULL where the answer has no version. */
const char *resource_etag(struct ctx *cx, const struct message_rule *rule,
			  const ProtobufCMessage *msg);
/* A template with its {fields} from the answer. */
const char *resource_location(struct ctx *cx, const char *template, const struct message_rule *rule,
			      const ProtobufCMessage *msg);
/* Path of the route that reads one such resource; NULL where there is none. */
const char *resource_path(const struct schema *s, const struct message_rule *rule);
#endif
