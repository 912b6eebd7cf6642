-- Pay groups, and pay terms.
-- list: pay_group_fields = id, code, name, legal_entity_id, place, pay_day, pay_next_month, method, version, create_time, update_time
-- list: pay_term_given = effective_date, pay_group_id, monthly_fen, insurance_place, schemes, declared_base_fen, fund_declared_fen,
--   injury_rate_e5, fund_rate_e5, fund_supplement_e5, fund_account, residence, tax_mode, special_fen, other_fen

-- name: pay_group_insert :one in=PayGroup out=PayGroup pay_group_code=PAY_GROUP_CODE_TAKEN
insert into pay_group (code, name, legal_entity_id, place, pay_day, pay_next_month, method)
values (:code, :name, :legal_entity_id, :place, :pay_day, coalesce(:pay_next_month::boolean, false), coalesce(:method::text, 'A'))
returning {pay_group_fields};

-- name: pay_group_get :one in=GetPayGroupRequest out=PayGroup none=PAY_GROUP_NOT_FOUND
select {pay_group_fields} from pay_group where id = :id;

-- name: pay_group_list :many in=ListPayGroupsRequest out=PayGroup
select {pay_group_fields} from pay_group
where (:after_code::text is null or (code, id) > (:after_code::text, :after_id::uuid))
order by code, id limit :page_limit;

-- name: pay_group_known :many in=PayTermLookup out=PayGroup
select id from pay_group where id = any (:pay_group_ids::uuid[]);

-- name: pay_term_employees :many in=PayTermLookup out=PayTerm
select e.employee_id, e.person_id, e.employee_number, e.hire_date as effective_date from people_employment e
where e.employee_id = any (:employee_ids::uuid[]) and not e.annulled;

-- name: pay_term_insert :exec in=PayTerm
insert into pay_term (id, employee_id, person_id, {pay_term_given})
values (:id, :employee_id, :person_id, {:pay_term_given});

-- Of each employment what holds on the day, as it was known at as_of.
-- name: pay_term_list :many in=ListPayTermsRequest out=PayTerm keys=person_id
select t.id, t.employee_id, t.person_id, e.employee_number, t.recorded_time, {t.pay_term_given},
	people_scope(t.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from people_employment e
join lateral (select * from pay_term x where x.employee_id = e.employee_id
	and x.effective_date <= coalesce(:effective_on::date, :@today::date)
	and (:as_of::timestamptz is null or x.recorded_time <= :as_of::timestamptz)
	order by x.effective_date desc, x.recorded_time desc, x.id desc limit 1) t on true
where (:employee_id::uuid is null or e.employee_id = :employee_id::uuid)
  and (:pay_group_id::uuid is null or t.pay_group_id = :pay_group_id::uuid)
  and (:after_employee_id::uuid is null or e.employee_id > :after_employee_id::uuid)
order by e.employee_id limit :page_limit;

-- name: pay_term_history :many in=GetPayTermHistoryRequest out=PayTerm keys=person_id
select t.id, t.employee_id, t.person_id, e.employee_number, t.recorded_time, {t.pay_term_given},
	people_scope(t.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from pay_term t join people_employment e on e.employee_id = t.employee_id
where t.employee_id = :employee_id order by t.effective_date, t.recorded_time, t.id;
