/* Typed maps (decision 28): fields that a tenant declared, as entries of a message. In JSON one
 * object, { "shirt_size": "L", "score": 85 }; on the wire and in C repeated renhe.TypedValue. What
 * a value must be is data of the tenant, so it is judged against the declarations and not by the
 * contract. */
#ifndef RENHE_TYPED_MAP_H
#define RENHE_TYPED_MAP_H
#include "ctx.h"
#include "renhe.gen.h"

/* What a tenant declared, as rows gave it; states and all. */
struct typed_fields {
	Renhe__CustomField **items;
	size_t n;
};
/* The active declaration of a key; NULL where there is none. */
const Renhe__CustomField *typed_field(const struct typed_fields *f, const char *key);
/* renhe.FieldClass of its values; PLAIN for INTERNAL. */
int typed_class(const Renhe__CustomField *f);
/* Puts the class of its declaration into each entry, for the policy. Unknown keys are left alone.
 */
void typed_classify(const struct typed_fields *f, Renhe__TypedValue **entries, size_t n);
/* Every fault of the entries at once, added at /<map>/<key>; raises nothing. */
void typed_judge(struct ctx *cx, const struct typed_fields *f, const char *map,
		 Renhe__TypedValue **entries, size_t n);
/* Of one value that stands in no map: item `index` of a list in the body, or of a parameter. */
struct typed_place {
	const char *list;
	size_t index;
	bool is_parameter;
};
/* /<list>/<index>, or ?<list>/<index>. */
const char *typed_pointer(struct arena *a, const struct typed_place *place);
/* The same faults, at that pointer. */
void typed_judge_one(struct ctx *cx, const struct typed_fields *f, const struct typed_place *place,
		     const Renhe__TypedValue *v);
/* The same of a record that is new: what is required must be there. */
void typed_require(struct ctx *cx, const struct typed_fields *f, const char *map,
		   Renhe__TypedValue **entries, size_t n);
/* A value as text, by its type: digits, true or false, YYYY-MM-DD, code of the choice. */
const char *typed_text(struct arena *a, const Renhe__TypedValue *v);
/* The other way round. text NULL: an entry without a value, whose name is told where its class
 * isn't shown. */
Renhe__TypedValue *typed_value(struct arena *a, const Renhe__CustomField *f, const char *text);
#endif
