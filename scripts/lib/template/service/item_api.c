#include "page.h"
#include "request.h"
#include "row.h"
#include "template.h"

static bool changed(struct ctx *cx, const Template__Item *now)
{
	Template__ItemChanged ev = TEMPLATE__ITEM_CHANGED__INIT;

	ev.item_id = now->id;
	ev.person_id = now->person_id;
	ev.has_version = true;
	ev.version = now->version;
	return emit_template_item_changed(cx, &ev);
}

bool template_create_item(struct ctx *cx, const Template__Item *in, Template__Item *out)
{
	return db_one(cx, &Q_ITEM_INSERT, in, out) && changed(cx, out);
}

bool template_get_item(struct ctx *cx, const Template__GetItemRequest *in, Template__Item *out)
{
	return db_one(cx, &Q_ITEM_GET, in, out);
}

bool template_list_items(struct ctx *cx, const Template__ListItemsRequest *in,
			 Template__ListItemsResponse *out)
{
	static const char *const by[] = {"id", NULL};
	const struct message_rule *rule = &RULE_TEMPLATE_LIST_ITEMS_REQUEST;
	Template__ListItemsRequest list = *in;
	struct msg_list rows;

	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_ITEM_LIST, &list, &rows))
		return false;
	out->items = (Template__Item **)rows.items;
	return page_end(cx, rule, &list.base, &RULE_TEMPLATE_ITEM, rows.items, rows.n, by,
			&out->n_items, &out->next_page_token);
}

bool template_update_item(struct ctx *cx, const Template__UpdateItemRequest *in, Template__Item *out)
{
	Template__Item *now = (Template__Item *)msg_new(cx->arena, &RULE_TEMPLATE_ITEM);

	return db_one(cx, &Q_ITEM_LOCK, in, now) && version_check(cx, now->version) &&
	       db_one(cx, &Q_ITEM_UPDATE, in, out) && changed(cx, out);
}
