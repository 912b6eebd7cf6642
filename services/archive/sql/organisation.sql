-- list: unit_dated = name, parent_id, head_person_id, legal_entity_id, time_zone, site_address, closed

-- name: org_unit_get :one in=GetOrgUnitRequest out=OrgUnit none=ORG_UNIT_NOT_FOUND
select u.id, u.code, u.kind, {s.unit_dated}, :effective_on::date as effective_on, u.create_time, u.update_time, u.version
from org_unit u
join lateral (select * from org_unit_slice x where x.org_unit_id = u.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
where u.id = :id;

-- name: org_unit_get_as_of :one in=GetOrgUnitRequest out=OrgUnit none=ORG_UNIT_NOT_FOUND
select u.id, u.code, u.kind, {s.unit_dated}, :effective_on::date as effective_on, u.create_time, s.recorded_from as update_time, s.version
from org_unit u
join lateral (select * from org_unit_slice x where x.org_unit_id = u.id
	and x.recorded_from <= :as_of and (x.recorded_to is null or x.recorded_to > :as_of)
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
where u.id = :id;

-- name: org_unit_list :many in=ListOrgUnitsRequest out=OrgUnit
select u.id, u.code, u.kind, {s.unit_dated}, :effective_on::date as effective_on, u.create_time, u.update_time, u.version
from org_unit u
join lateral (select * from org_unit_slice x where x.org_unit_id = u.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
where (:after_code::text is null or (u.code, u.id) > (:after_code::text, :after_id::uuid))
  and (:kind::text is null or u.kind = :kind::text)
  and (:code::text is null or u.code = :code::text)
  and (:parent_id::uuid is null or s.parent_id = :parent_id::uuid)
order by u.code, u.id limit :page_limit;

-- name: org_unit_lock :one in=OrgUnit out=OrgUnit none=ORG_UNIT_NOT_FOUND
select id, code, kind, version from org_unit where id = :id for update;

-- name: org_unit_stamp :one in=OrgUnit out=OrgUnit
update org_unit set version = version + 1, update_time = greatest(renhe_now(), update_time + interval '1 microsecond')
where id = :id returning id, version, update_time;

-- name: org_unit_insert :one in=OrgUnit out=OrgUnit org_unit_code=ORG_UNIT_CODE_TAKEN
insert into org_unit (id, code, kind, version, create_time, update_time)
select :id, :code, :kind, 1, t, t from (select renhe_now() as t) n
returning id, version, update_time;

-- name: org_unit_facts :many in=OrgUnit out=OrgUnit
select fact_sequence, effective_date, cleared_fields, {unit_dated} from org_unit_fact
where org_unit_id = :id order by effective_date, fact_sequence;

-- name: org_unit_fact_insert :exec in=OrgUnit
insert into org_unit_fact (org_unit_id, fact_sequence, effective_date, recorded_time, cleared_fields, {unit_dated})
values (:id, :version, :effective_date, :update_time, :cleared_fields, {:unit_dated});

-- name: org_unit_slices_close :exec in=OrgUnit
update org_unit_slice set recorded_to = :update_time where org_unit_id = :id and recorded_to is null;

-- name: org_unit_slice_insert :exec in=OrgUnit
insert into org_unit_slice (org_unit_id, version, valid_from, valid_to, recorded_from, {unit_dated})
values (:id, :version, :valid_from, :valid_to, :update_time, {:unit_dated});

-- name: org_unit_parent_known :opt in=OrgUnit out=OrgUnit
select org_unit_id as id from people_unit where org_unit_id = :parent_id and not closed
and valid_from <= :effective_date::date and (valid_to is null or valid_to > :effective_date::date);

-- Is the unit itself above its new parent, in any span from the effective day on?
-- name: org_unit_below_itself :opt in=OrgUnit out=OrgUnit
with recursive up as (
	select :parent_id::uuid as id
	union
	select p.parent_id from people_unit p join up on p.org_unit_id = up.id
	where p.parent_id is not null and (p.valid_to is null or p.valid_to > :effective_date::date)
)
select id from up where id = :id::uuid;

-- One writer of the tree at a time, so that two moves can't close a ring between them.
-- name: org_tree_lock :exec
select pg_advisory_xact_lock(hashtextextended(current_setting('renhe.tenant_id') || ':org-tree', 0));

-- name: org_unit_head_known :opt in=OrgUnit out=OrgUnit
select person_id as head_person_id from people_person where person_id = :head_person_id;

-- name: org_unit_entity_known :opt in=OrgUnit out=OrgUnit
select id from legal_entity where id = :legal_entity_id;

-- name: unit_sequence_of :opt in=OrgUnit out=EmployeeKey
select last as sequence from aggregate_sequence where aggregate_type = 'org_unit' and aggregate_id = (:id::uuid)::text;

-- name: post_insert :one in=Post out=Post post_code=POST_CODE_TAKEN
insert into post (code, name) values (:code, :name) returning id, code, name, create_time, update_time, version;

-- name: post_get :one in=GetPostRequest out=Post none=POST_NOT_FOUND
select id, code, name, create_time, update_time, version from post where id = :id;

-- name: post_list :many in=ListPostsRequest out=Post
select id, code, name, create_time, update_time, version from post
where (:after_code::text is null or (code, id) > (:after_code::text, :after_id::uuid)) and (:code::text is null or code = :code::text)
order by code, id limit :page_limit;

-- name: legal_entity_insert :one in=LegalEntity out=LegalEntity legal_entity_code=LEGAL_ENTITY_CODE_TAKEN
insert into legal_entity (code, name, credit_code, city_code) values (:code, :name, :credit_code, :city_code)
returning id, code, name, credit_code, city_code, create_time, update_time, version;

-- name: legal_entity_get :one in=GetLegalEntityRequest out=LegalEntity none=LEGAL_ENTITY_NOT_FOUND
select id, code, name, credit_code, city_code, create_time, update_time, version from legal_entity where id = :id;

-- name: legal_entity_list :many in=ListLegalEntitiesRequest out=LegalEntity
select id, code, name, credit_code, city_code, create_time, update_time, version from legal_entity
where (:after_code::text is null or (code, id) > (:after_code::text, :after_id::uuid)) and (:code::text is null or code = :code::text)
order by code, id limit :page_limit;

-- name: org_unit_by_code :opt in=OrgUnit out=OrgUnit
select id from org_unit where code = :code;

-- name: post_by_code :opt in=OrgUnit out=OrgUnit
select id from post where code = :code;
