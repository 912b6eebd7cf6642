/* Units: the dated tree. Same shape as employments, smaller: fact, slices, snapshot. */
#include "archive.h"
#include "dated.h"
#include "page.h"
#include "people.h"
#include "request.h"
#include "row_list.h"
#include "search.h"
#include "snapshot.h"
#include "value.h"
#include "archive_texts.h"

static const struct message_rule *const RULE = &RULE_ARCHIVE_ORG_UNIT;

static bool read_unit(struct ctx *cx, char *id, Archive__OrgUnit *out)
{
	Archive__GetOrgUnitRequest get = ARCHIVE__GET_ORG_UNIT_REQUEST__INIT;

	get.id = id;
	get.effective_on = archive_effective_on(cx, NULL, NULL);
	return db_one(cx, &Q_ORG_UNIT_GET, &get, out);
}

/* ---- rules ---- */

static bool must_find(struct ctx *cx, const struct query *q, const Archive__OrgUnit *fact,
		      bool expected, const struct fault_def *fault, const char *field)
{
	Archive__OrgUnit row = ARCHIVE__ORG_UNIT__INIT;
	bool found;

	if (!db_opt(cx, q, fact, &row, &found))
		return false;
	return found == expected || fail(cx, fault, field);
}

static bool check_parent(struct ctx *cx, const Archive__OrgUnit *fact)
{
	return !fact->parent_id || (must_find(cx, &Q_ORG_UNIT_PARENT_KNOWN, fact, true,
					      &FAULT_ORG_UNIT_UNKNOWN, "parent_id") &&
				    must_find(cx, &Q_ORG_UNIT_BELOW_ITSELF, fact, false,
					      &FAULT_ORG_UNIT_CYCLE, "parent_id"));
}

static bool check_unit(struct ctx *cx, const Archive__OrgUnit *fact)
{
	return check_parent(cx, fact) &&
	       (!fact->head_person_id || must_find(cx, &Q_ORG_UNIT_HEAD_KNOWN, fact, true,
						   &FAULT_HEAD_UNKNOWN, "head_person_id")) &&
	       (!fact->legal_entity_id ||
		must_find(cx, &Q_ORG_UNIT_ENTITY_KNOWN, fact, true, &FAULT_LEGAL_ENTITY_UNKNOWN,
			  "legal_entity_id"));
}

/* ---- writing ---- */

static bool write_slices(struct ctx *cx, const Archive__OrgUnit *head,
			 ProtobufCMessage *const *slices, size_t n)
{
	if (!db_exec(cx, &Q_ORG_UNIT_SLICES_CLOSE, head, NULL))
		return false;
	for (size_t i = 0; i < n; i++) {
		Archive__OrgUnit *slice = (Archive__OrgUnit *)slices[i];

		slice->id = head->id;
		slice->has_version = true;
		slice->version = head->version;
		slice->update_time = head->update_time;
		if (!db_exec(cx, &Q_ORG_UNIT_SLICE_INSERT, slice, NULL))
			return false;
	}
	return true;
}

/* Which dated fields the fact names, for the event. */
static void changed_names(struct ctx *cx, const Archive__OrgUnit *fact, Archive__OrgUnitChanged *ev)
{
	ev->changed_fields =
		arena_alloc(cx->arena, RULE->pb->n_fields * sizeof(*ev->changed_fields));
	for (unsigned i = 0; i < RULE->pb->n_fields; i++)
		if (RULE->fields[i].dated && msg_has(&RULE->fields[i], &fact->base))
			ev->changed_fields[ev->n_changed_fields++] =
				arena_strdup(cx->arena, RULE->fields[i].name);
	for (size_t i = 0; i < fact->n_cleared_fields; i++)
		ev->changed_fields[ev->n_changed_fields++] = fact->cleared_fields[i];
}

static bool publish(struct ctx *cx, const Archive__OrgUnit *head, const Archive__OrgUnit *fact,
		    ProtobufCMessage *const *slices, size_t n)
{
	Archive__OrgUnitChanged ev = ARCHIVE__ORG_UNIT_CHANGED__INIT;
	Archive__OrgUnitSnapshot *snapshot;
	bool applied;

	ev.org_unit_id = head->id;
	ev.effective_date = fact->effective_date;
	changed_names(cx, fact, &ev);
	return emit_archive_org_unit_changed(cx, &ev) &&
	       snapshot_unit(cx, head, slices, n, &snapshot) &&
	       emit_archive_org_unit_snapshot(cx, snapshot) &&
	       people_apply_unit(cx, snapshot, &applied);
}

/* head: id, code, kind, version and update_time after the change. */
static bool record(struct ctx *cx, const Archive__OrgUnit *head, Archive__OrgUnit *fact)
{
	struct msg_list facts;
	ProtobufCMessage **slices;
	size_t n;

	fact->id = head->id;
	fact->has_version = true;
	fact->version = head->version;
	fact->update_time = head->update_time;
	if (!db_exec(cx, &Q_ORG_UNIT_FACT_INSERT, fact, NULL) ||
	    !db_many(cx, &Q_ORG_UNIT_FACTS, head, &facts))
		return false;
	slices = dated_fold(cx->arena, RULE, facts.items, facts.n, &n);
	return write_slices(cx, head, slices, n) && search_put_unit(cx, head, slices, n) &&
	       publish(cx, head, fact, slices, n);
}

bool archive_create_org_unit(struct ctx *cx, const Archive__OrgUnit *in, Archive__OrgUnit *out)
{
	Archive__OrgUnit *fact = (Archive__OrgUnit *)msg_copy(cx->arena, &in->base);
	Archive__OrgUnit *head = (Archive__OrgUnit *)msg_copy(cx->arena, &in->base);

	fact->id = head->id = arena_alloc(cx->arena, UUID_LEN + 1);
	uuid7(head->id);
	if (!fact->effective_date)
		fact->effective_date =
			arena_strdup(cx->arena, "2000-01-01"); /* as long as anyone asks */
	if (!db_exec(cx, &Q_ORG_TREE_LOCK, NULL, NULL) || !check_unit(cx, fact) ||
	    !db_one(cx, &Q_ORG_UNIT_INSERT, head, head))
		return false;
	return record(cx, head, fact) && read_unit(cx, head->id, out);
}

static bool update_fact(struct ctx *cx, const Archive__OrgUnit *in, Archive__OrgUnit **out)
{
	const char *const *cleared = request_cleared(cx);
	Archive__OrgUnit *fact = (Archive__OrgUnit *)msg_copy(cx->arena, &in->base);
	size_t n = 0;

	while (cleared[n])
		n++;
	msg_set_list(RULE, &fact->base, "cleared_fields", cleared, n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(cleared[i], "name") || !rule_field(RULE, cleared[i])->dated)
			fault_add(cx, arena_printf(cx->arena, "/%s", cleared[i]), "REQUIRED",
				  TEXT_FIELD_KEPT);
	if (!in->effective_date)
		return fail(cx, &FAULT_EFFECTIVE_DATE_REQUIRED, "effective_date");
	*out = fact;
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

static bool identity_kept(struct ctx *cx, const Archive__OrgUnit *in, const Archive__OrgUnit *now)
{
	if (in->code && strcmp(in->code, now->code) != 0)
		fault_add(cx, "/code", "FIXED", TEXT_CODE_FIXED);
	if (in->has_kind && in->kind != now->kind)
		fault_add(cx, "/kind", "FIXED", TEXT_KIND_FIXED);
	return fault_none(cx, &FAULT_VALIDATION_FAILED);
}

bool archive_update_org_unit(struct ctx *cx, const Archive__OrgUnit *in, Archive__OrgUnit *out)
{
	Archive__OrgUnit *now = (Archive__OrgUnit *)msg_new(cx->arena, RULE), *fact;

	if (!db_exec(cx, &Q_ORG_TREE_LOCK, NULL, NULL) || !db_one(cx, &Q_ORG_UNIT_LOCK, in, now) ||
	    !version_check(cx, now->version) || !identity_kept(cx, in, now) ||
	    !update_fact(cx, in, &fact) || !check_unit(cx, fact) ||
	    !db_one(cx, &Q_ORG_UNIT_STAMP, now, now))
		return false;
	return record(cx, now, fact) && read_unit(cx, now->id, out);
}

/* ---- reading ---- */

bool archive_get_org_unit(struct ctx *cx, const Archive__GetOrgUnitRequest *in,
			  Archive__OrgUnit *out)
{
	Archive__GetOrgUnitRequest get = *in;

	get.effective_on = archive_effective_on(cx, in->effective_on, in->as_of);
	cx->about_past = in->as_of != NULL;
	return db_one(cx, in->as_of ? &Q_ORG_UNIT_GET_AS_OF : &Q_ORG_UNIT_GET, &get, out);
}

static bool list_units(struct ctx *cx, const Archive__ListOrgUnitsRequest *in, char *kind,
		       Archive__ListOrgUnitsResponse *out)
{
	static const char *const by[] = {"code", "id", NULL};
	const struct message_rule *rule = &RULE_ARCHIVE_LIST_ORG_UNITS_REQUEST;
	Archive__ListOrgUnitsRequest list = *in;
	struct msg_list rows;

	list.kind = kind;
	list.effective_on = archive_effective_on(cx, in->effective_on, NULL);
	if (!page_begin(cx, rule, &list.base) || !db_many(cx, &Q_ORG_UNIT_LIST, &list, &rows))
		return false;
	out->items = (Archive__OrgUnit **)rows.items;
	return page_end(cx, rule, &list.base, RULE, rows.items, rows.n, by, &out->n_items,
			&out->next_page_token);
}

bool archive_list_org_units(struct ctx *cx, const Archive__ListOrgUnitsRequest *in,
			    Archive__ListOrgUnitsResponse *out)
{
	return list_units(cx, in, NULL, out);
}

bool archive_list_stores(struct ctx *cx, const Archive__ListOrgUnitsRequest *in,
			 Archive__ListOrgUnitsResponse *out)
{
	return list_units(cx, in, arena_strdup(cx->arena, "STORE"), out);
}
