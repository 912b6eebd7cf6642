/* The few elements that matter of what an S3-compatible store answers. */
#include "blob_place.h"
#include "sheet_internal.h"

#define OBJECTS_MOST 1000 /* of a page, as it was asked */

static void keep_text(struct sheet_xml *x, const char *name, const char **attributes)
{
	(void)name;
	(void)attributes;
	x->text.n = 0;
	x->keep = true;
}

static void take_element(struct sheet_xml *x, const char *name)
{
	struct s3_answer *a = x->of;
	struct s3_object *last = a->n ? &a->objects[a->n - 1] : NULL;
	const char *text = arena_strndup(x->budget->arena, x->text.n ? x->text.p : "", x->text.n);

	if (!strcmp(name, "Key") && a->n < OBJECTS_MOST)
		a->objects[a->n++] = (struct s3_object){text, NULL};
	else if (!strcmp(name, "LastModified") && last)
		last->time = text;
	else if (!strcmp(name, "NextContinuationToken"))
		a->token = text;
	else if (!strcmp(name, "Code"))
		a->code = text;
	x->text.n = 0;
}

bool s3_answer_read(struct ctx *cx, struct str body, struct s3_answer *out)
{
	struct sheet_budget budget = {.arena = cx->arena};
	struct sheet_xml x = {
		.budget = &budget, .of = out, .start = keep_text, .end = take_element};
	struct xml_feed *feed;

	*out = (struct s3_answer){
		.objects = arena_alloc(cx->arena, OBJECTS_MOST * sizeof(*out->objects))};
	feed = xml_feed_new(&x);
	xml_feed_more(feed, body.p, body.n, true);
	xml_feed_end(feed);
	return !budget.code;
}
