/* Posts and legal entities: plain registers. */
#include "archive.h"
#include "page.h"
#include "search.h"

static const char *const BY_CODE[] = {"code", "id", NULL};

bool archive_create_post(struct ctx *cx, const Archive__Post *in, Archive__Post *out)
{
	return db_one(cx, &Q_POST_INSERT, in, out) && search_put_post(cx, out);
}

bool archive_get_post(struct ctx *cx, const Archive__GetPostRequest *in, Archive__Post *out)
{
	return db_one(cx, &Q_POST_GET, in, out);
}

bool archive_list_posts(struct ctx *cx, const Archive__ListPostsRequest *in,
			Archive__ListPostsResponse *out)
{
	const struct message_rule *rule = &RULE_ARCHIVE_LIST_POSTS_REQUEST;
	Archive__ListPostsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_POST_LIST, &list, &rows))
		return false;
	out->items = (Archive__Post **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_ARCHIVE_POST, rows.items, rows.n, BY_CODE,
			&out->n_items, &out->next_page_token);
}

bool archive_create_legal_entity(struct ctx *cx, const Archive__LegalEntity *in,
				 Archive__LegalEntity *out)
{
	return db_one(cx, &Q_LEGAL_ENTITY_INSERT, in, out);
}

bool archive_get_legal_entity(struct ctx *cx, const Archive__GetLegalEntityRequest *in,
			      Archive__LegalEntity *out)
{
	return db_one(cx, &Q_LEGAL_ENTITY_GET, in, out);
}

bool archive_list_legal_entities(struct ctx *cx, const Archive__ListLegalEntitiesRequest *in,
				 Archive__ListLegalEntitiesResponse *out)
{
	const struct message_rule *rule = &RULE_ARCHIVE_LIST_LEGAL_ENTITIES_REQUEST;
	Archive__ListLegalEntitiesRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_LEGAL_ENTITY_LIST, &list, &rows))
		return false;
	out->items = (Archive__LegalEntity **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_ARCHIVE_LEGAL_ENTITY, rows.items, rows.n,
			BY_CODE, &out->n_items, &out->next_page_token);
}
