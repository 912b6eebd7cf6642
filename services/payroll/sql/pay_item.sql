-- Pay items and their facts.
-- list: pay_item_dated = name_zh, name_en, kind, tax, bases, type, formula, rounding, sequence, retired

-- One writer of a tenant's items at a time: two changes together could close a circle that neither makes alone.
-- name: pay_item_turn :exec
select pg_advisory_xact_lock(hashtextextended(current_setting('renhe.tenant_id') || ':pay-item', 0));

-- name: pay_item_lock :one in=PayItem out=PayItem none=PAY_ITEM_NOT_FOUND
select id, code, version from pay_item where id = :id for update;

-- name: pay_item_insert :one in=PayItem out=PayItem pay_item_code=PAY_ITEM_CODE_TAKEN
insert into pay_item (id, code, create_time, update_time) select :id, :code, t, t from (select renhe_now() as t) n
returning id, version, update_time;

-- name: pay_item_stamp :one in=PayItem out=PayItem
update pay_item set version = version + 1, update_time = greatest(renhe_now(), update_time + interval '1 microsecond')
where id = :id returning id, version, update_time;

-- name: pay_item_fact_insert :exec in=PayItem
insert into pay_item_fact (pay_item_id, fact_sequence, effective_date, recorded_time, cleared_fields, {pay_item_dated})
values (:id, :version, :effective_date, :update_time, :cleared_fields, {:pay_item_dated});

-- All that was known at as_of (now where absent) of one item or of all, those of an item together.
-- name: pay_item_facts :many in=GetPayItemRequest out=PayItem
select i.id, i.code, i.create_time, max(f.recorded_time) over item as update_time, max(f.fact_sequence) over item as version,
	f.fact_sequence, f.effective_date, f.cleared_fields, {f.pay_item_dated}
from pay_item i join pay_item_fact f on f.pay_item_id = i.id
where (:id::uuid is null or i.id = :id::uuid) and (:as_of::timestamptz is null or f.recorded_time <= :as_of::timestamptz)
window item as (partition by i.id)
order by i.code, f.fact_sequence;
