-- Facts of periods, and which run has them.
-- list: period_fact_given = source, employee_id, person_id, month, kind, hours_s, days_e2, service_years, beyond_six_months, code, amount_fen, cut,
--   tax_free, normal, claim_kind, protected_fen, monthly_average_fen, coefficient_e4, note

-- One sender of a tenant at a time: who sends again while the first request still runs must find what it kept, and no conflict.
-- name: period_fact_turn :exec
select pg_advisory_xact_lock(hashtextextended(current_setting('renhe.tenant_id') || ':period-fact', 0));

-- name: period_fact_known :many in=PeriodFactLookup out=PeriodFact keys=person_id
select f.id, {f.period_fact_given}, f.recorded_time, f.withdrawn_time from period_fact f where f.source = any (:sources::text[]);

-- name: period_fact_insert :exec in=PeriodFact period_fact_source=PERIOD_FACT_TAKEN
insert into period_fact (id, {period_fact_given}) values (:id, {:period_fact_given});

-- name: period_fact_list :many in=ListPeriodFactsRequest out=PeriodFact keys=person_id
select f.id, {f.period_fact_given}, f.recorded_time, f.withdrawn_time, u.pay_run_id, e.employee_number,
	people_scope(f.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from period_fact f left join period_fact_use u on u.fact_id = f.id left join people_employment e on e.employee_id = f.employee_id
where (:employee_id::uuid is null or f.employee_id = :employee_id::uuid) and (:month::date is null or f.month = :month::date)
  and (:kind::text is null or f.kind = :kind)
  and (not coalesce(:open::boolean, false) or (u.fact_id is null and f.withdrawn_time is null))
  and (:after_id::uuid is null or f.id > :after_id::uuid)
order by f.id limit :page_limit;

-- No key update: a run that takes the fact meanwhile does not wait for it, holding its own row.
-- name: period_fact_lock :one in=WithdrawPeriodFactRequest out=PeriodFact keys=person_id none=PERIOD_FACT_NOT_FOUND
select f.id, {f.period_fact_given}, f.recorded_time, f.withdrawn_time,
	people_scope(f.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from period_fact f where f.id = :id for no key update of f;

-- The run that has it is not approved meanwhile.
-- name: period_fact_hold_run :exec in=WithdrawPeriodFactRequest
select from pay_run r where r.id in (select u.pay_run_id from period_fact_use u where u.fact_id = :id) for share;

-- name: period_fact_kept :opt in=WithdrawPeriodFactRequest out=PeriodFact
select u.pay_run_id from period_fact_use u join pay_run r on r.id = u.pay_run_id where u.fact_id = :id and r.state in ('APPROVED', 'CLOSED');

-- name: period_fact_withdraw :one in=WithdrawPeriodFactRequest out=PeriodFact
update period_fact set withdrawn_time = coalesce(withdrawn_time, renhe_now()) where id = :id returning withdrawn_time;

-- ---- of a run ----

-- Of the month, and amounts and claims that came too late for theirs. Another run's stay its own. A rating stays open: no line comes of it yet.
-- name: period_fact_take :exec in=PayRunScan
insert into period_fact_use (fact_id, pay_run_id, employee_id)
select f.id, :id::uuid, f.employee_id from period_fact f
where f.employee_id = any (:employee_ids::uuid[]) and f.recorded_time <= :known_time::timestamptz
  and (f.withdrawn_time is null or f.withdrawn_time > :known_time::timestamptz)
  and f.kind <> 'RATING' and (f.month = :month::date or (f.month < :month::date and f.kind in ('AMOUNT', 'CLAIM', 'BONUS', 'SEVERANCE')))
on conflict (tenant_id, fact_id) do nothing;

-- name: period_fact_taken :many in=PayRunScan out=PeriodFact keys=person_id
select f.id, {f.period_fact_given} from period_fact_use u join period_fact f on f.id = u.fact_id
where u.pay_run_id = :id and u.employee_id = any (:employee_ids::uuid[]) order by f.employee_id, f.recorded_time, f.id;

-- A trial looks and takes nothing.
-- name: period_fact_seen :many in=PayRunScan out=PeriodFact keys=person_id
select f.id, {f.period_fact_given} from period_fact f
where f.employee_id = any (:employee_ids::uuid[]) and f.recorded_time <= :known_time::timestamptz
  and (f.withdrawn_time is null or f.withdrawn_time > :known_time::timestamptz)
  and f.kind <> 'RATING' and (f.month = :month::date or (f.month < :month::date and f.kind in ('AMOUNT', 'CLAIM', 'BONUS', 'SEVERANCE')))
  and not exists (select from period_fact_use u where u.fact_id = f.id)
order by f.employee_id, f.recorded_time, f.id;

-- Withdrawn after the run was calculated with it.
-- name: period_fact_gone :opt in=PayRun out=PeriodFact
select f.id from period_fact_use u join period_fact f on f.id = u.fact_id
where u.pay_run_id = :id and f.withdrawn_time is not null order by f.id limit 1;

-- Who is held out is not paid by them.
-- name: period_fact_give_back :exec in=PayRunScan
delete from period_fact_use where pay_run_id = :id and employee_id = any (:employee_ids::uuid[]);

-- name: period_fact_give_back_all :exec in=PayRun
delete from period_fact_use where pay_run_id = :id;
