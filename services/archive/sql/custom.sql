-- Fields that a tenant declares, and their values.
-- list: field_columns = id, key, name_zh, name_en, type, field_class, required, max_len, sort_order, state,
-- choice_codes, choice_zh, choice_en, searchable, search_ready, create_time, update_time, version

-- name: employee_field_list :many out=renhe.CustomField
select {field_columns} from employee_field order by sort_order, key;

-- Held by whoever writes values, so that no declaration changes under them.
-- name: employee_field_hold :many out=renhe.CustomField
select {field_columns} from employee_field order by sort_order, key for share;

-- name: employee_field_get :one in=renhe.IdRequest out=renhe.CustomField none=EMPLOYEE_FIELD_NOT_FOUND
select {field_columns} from employee_field where id = :id;

-- One writer of declarations at a time, for the limit.
-- name: employee_field_turn :exec
select pg_advisory_xact_lock(hashtextextended(current_setting('renhe.tenant_id') || ':employee-field', 0));

-- name: employee_field_lock :one in=renhe.IdRequest out=renhe.CustomField none=EMPLOYEE_FIELD_NOT_FOUND
select {d.field_columns}, d.search_after, exists (select from employee_custom c where c.field_id = d.id) as in_use
from employee_field d where d.id = :id for update;

-- name: employee_field_insert :one in=renhe.CustomField out=renhe.CustomField employee_field_key=EMPLOYEE_FIELD_KEY_TAKEN
insert into employee_field (key, name_zh, name_en, type, field_class, required, max_len, sort_order, state,
	choice_codes, choice_zh, choice_en, searchable)
values (:key, :name_zh, :name_en, :type, :field_class, :required, :max_len, coalesce(:sort_order::int, 0), :state,
	:choice_codes, :choice_zh, :choice_en, :searchable)
returning {field_columns};

-- name: employee_field_update :one in=renhe.CustomField out=renhe.CustomField
update employee_field set name_zh = :name_zh, name_en = :name_en, type = :type, field_class = :field_class,
	required = :required, max_len = :max_len, sort_order = coalesce(:sort_order::int, 0), state = :state,
	choice_codes = :choice_codes, choice_zh = :choice_zh, choice_en = :choice_en, searchable = :searchable,
	search_ready = coalesce(:search_ready::boolean, search_ready), search_after = :search_after, version = version + 1,
	update_time = greatest(people_now(), update_time + interval '1 microsecond')
where id = :id returning {field_columns};

-- name: employee_field_delete :exec in=renhe.IdRequest employee_custom_field=EMPLOYEE_FIELD_IN_USE
delete from employee_field where id = :id;

-- How many values a field has, counted no further than to tell few from many.
-- name: employee_custom_few :one in=renhe.CustomField out=EmployeeCustomRow
select count(*) as int_value from (select from employee_custom where field_id = :id limit 2001) v;

-- A field whose values are being written down for search; held as by a change of the declaration.
-- name: search_field_lock :opt in=renhe.IdRequest out=renhe.CustomField
select {field_columns}, search_after from employee_field where id = :id and not search_ready for update;

-- name: search_field_walked :exec in=renhe.CustomField
update employee_field set search_ready = :search_ready, search_after = :search_after where id = :id;

-- The next values of a field, kept from an erasure meanwhile.
-- name: search_field_values :many in=EmployeeCustomRow out=EmployeeCustomRow
select employee_id, person_id, field_id, plain from employee_custom
where field_id = :field_id and (:employee_id::uuid is null or employee_id > :employee_id::uuid)
order by employee_id limit 500 for update;

-- name: search_values_clear :exec in=EmployeeCustomRow
delete from custom_gram where employee_id = any (:ids::uuid[]) and field_id = :field_id;

-- name: search_values_put :exec in=CustomGrams
insert into custom_gram (employee_id, person_id, field_id, gram)
select * from unnest(:employee_ids::uuid[], :person_ids::uuid[], :field_ids::uuid[], :grams::text[]);

-- name: employee_custom_list :many in=EmployeeCustomRow out=EmployeeCustomRow
select employee_id, person_id, field_id, plain, sealed from employee_custom where employee_id = any (:ids::uuid[])
order by employee_id, field_id;

-- How many meet each condition of a list, counted no further than to tell few from many.
-- name: employee_custom_counts :many in=ListEmployeesRequest out=EmployeeCustomRow
select case when k.plain <> '' then
	(select count(*) from (select from employee_custom c where c.field_id = k.field_id and c.plain = k.plain limit 2001) x)
else
	(select count(*) from (select from employee_custom c where c.field_id = k.field_id and c.num >= b.low and c.num <= b.high limit 2001) x) end as int_value
from unnest(:custom_ids::uuid[], :custom_plain::text[], :custom_low::text[], :custom_high::text[])
	with ordinality as k (field_id, plain, low, high, i)
cross join lateral (select coalesce(nullif(k.low, '')::bigint, '-9223372036854775808') as low,
	coalesce(nullif(k.high, '')::bigint, '9223372036854775807') as high offset 0) b -- apart: coalesce is not leakproof
order by k.i;

-- name: employee_custom_put :exec in=EmployeeCustomRow
insert into employee_custom (employee_id, person_id, field_id, plain, sealed, int_value, date_value)
values (:employee_id, :person_id, :field_id, :plain, :sealed, :int_value, :date_value)
on conflict (tenant_id, employee_id, field_id) do update
set plain = excluded.plain, sealed = excluded.sealed, int_value = excluded.int_value, date_value = excluded.date_value;

-- Of employments that are new: nothing can be there.
-- name: employee_custom_put_new :exec in=EmployeeCustomBatch
insert into employee_custom (employee_id, person_id, field_id, plain, sealed, int_value, date_value)
select employee_id, person_id, field_id, nullif(plain, ''), decode(nullif(substr(sealed, 3), ''), 'hex'),
	nullif(int_value, '')::bigint, nullif(date_value, '')::date
from unnest(:employee_ids::uuid[], :person_ids::uuid[], :field_ids::uuid[], :plains::text[], :seals::text[], :int_values::text[],
	:date_values::text[]) as v (employee_id, person_id, field_id, plain, sealed, int_value, date_value);

-- name: employee_custom_drop :exec in=EmployeeCustomRow
delete from employee_custom where employee_id = :employee_id and field_id = :field_id;

-- name: employee_custom_forget :exec in=EmployeeKey
delete from employee_custom where person_id = :person_id;
