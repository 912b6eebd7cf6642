-- Pay runs: their states, their chunks, their slips.
-- list: pay_run_fields = id, pay_group_id, month, kind, sequence, pay_date, state, known_time, calculated, held, gross_fen, own_fen, tax_fen,
--   deducted_fen, net_fen, receivable_fen, employer_fen, top_up_fen, digest, maker_account_id, approver_account_id, approve_time, close_time,
--   create_time, update_time, version
-- list: pay_run_sums = calculated, held, gross_fen, own_fen, tax_fen, deducted_fen, net_fen, receivable_fen, employer_fen, top_up_fen

-- name: pay_run_insert :one in=PayRun out=PayRun pay_run_once=PAY_RUN_EXISTS
insert into pay_run (id, pay_group_id, month, kind, sequence, pay_date, state, known_time, job_id, maker_account_id, maker_person_id)
values (:id, :pay_group_id, :month, :kind, :sequence, :pay_date, 'CALCULATING', renhe_now(), :job_id, :@account_id, :@person_id)
returning {pay_run_fields}, job_id, calculation;

-- name: pay_run_get :one in=GetPayRunRequest out=PayRun none=PAY_RUN_NOT_FOUND
select {pay_run_fields}, job_id from pay_run where id = :id;

-- name: pay_run_list :many in=ListPayRunsRequest out=PayRun
select {pay_run_fields} from pay_run
where (:pay_group_id::uuid is null or pay_group_id = :pay_group_id::uuid) and (:month::date is null or month = :month::date)
  and (:after_id::uuid is null or id < :after_id::uuid)
order by id desc limit :page_limit;

-- name: pay_run_lock :one in=GetPayRunRequest out=PayRun none=PAY_RUN_NOT_FOUND
select {pay_run_fields}, maker_person_id, done_employee_id, calculation, job_id from pay_run where id = :id for update;

-- name: pay_run_again :one in=PayRun out=PayRun
update pay_run set state = 'CALCULATING', known_time = renhe_now(), calculation = calculation + 1, done_employee_id = null, digest = null, job_id = :job_id,
	maker_account_id = :@account_id, maker_person_id = :@person_id, version = version + 1, update_time = renhe_now()
where id = :id returning {pay_run_fields}, job_id, calculation;

-- name: pay_run_approve :one in=PayRun out=PayRun
update pay_run set state = 'APPROVED', approver_account_id = :@account_id, approve_time = renhe_now(), version = version + 1, update_time = renhe_now()
where id = :id returning {pay_run_fields};

-- name: pay_run_close :one in=PayRun out=PayRun
update pay_run set state = 'CLOSED', close_time = renhe_now(), version = version + 1, update_time = renhe_now()
where id = :id returning {pay_run_fields};

-- name: pay_run_cancel :one in=PayRun out=PayRun
update pay_run set state = 'CANCELLED', version = version + 1, update_time = renhe_now() where id = :id returning {pay_run_fields};

-- ---- chunks ----

-- name: pay_run_slips_clear :exec in=PayRun
delete from payslip where pay_run_id = :id;

-- name: pay_run_postings_clear :exec in=PayRun
delete from pay_posting where pay_run_id = :id;

-- name: pay_run_progress :exec in=PayRun
update pay_run set done_employee_id = :done_employee_id, ({pay_run_sums}) = row ({:pay_run_sums}) where id = :id;

-- Employed in the month, and paid by this group on its last day there.
-- name: pay_run_members :many in=PayRunScan out=PayRunMember
select e.employee_id, e.person_id, e.hire_date, e.end_date, (
	select a.org_unit_id from people_assignment a where a.employee_id = e.employee_id
	and a.valid_from < :month::date + interval '1 month' order by a.valid_from desc limit 1) as org_unit_id
from people_employment e
join lateral (select x.pay_group_id from pay_term x where x.employee_id = e.employee_id and x.recorded_time <= :known_time::timestamptz
	and x.effective_date < least((:month::date + interval '1 month')::date, coalesce(e.end_date, 'infinity'::date))
	order by x.effective_date desc, x.recorded_time desc, x.id desc limit 1) t on t.pay_group_id = :pay_group_id::uuid
where not e.annulled and e.hire_date < :month::date + interval '1 month' and (e.end_date is null or e.end_date > :month::date)
  and (:done_employee_id::uuid is null or e.employee_id > :done_employee_id::uuid)
order by e.employee_id limit :page_limit;

-- What holds when the month begins, and what begins to hold in it.
-- name: pay_run_terms :many in=PayRunScan out=PayTerm keys=person_id
select t.id, t.employee_id, t.person_id, t.effective_date, t.pay_group_id, t.monthly_fen, t.insurance_place, t.schemes, t.declared_base_fen,
	t.fund_declared_fen, t.injury_rate_e5, t.fund_rate_e5, t.fund_supplement_e5, t.fund_account, t.residence, t.tax_mode, t.special_fen, t.other_fen
from unnest(:employee_ids::uuid[]) as e (id) join lateral (
	(select * from pay_term x where x.employee_id = e.id and x.recorded_time <= :known_time::timestamptz and x.effective_date <= :month::date
	 order by x.effective_date desc, x.recorded_time desc, x.id desc limit 1)
	union all
	(select distinct on (x.effective_date) x.* from pay_term x where x.employee_id = e.id and x.recorded_time <= :known_time::timestamptz
	 and x.effective_date > :month::date and x.effective_date < :month::date + interval '1 month'
	 order by x.effective_date, x.recorded_time desc, x.id desc)) t on true
order by t.employee_id, t.effective_date;

-- The last slip of each person at the legal entity in the year of the pay date: its tax year goes on.
-- name: pay_run_before :many in=PayRunScan out=Payslip keys=person_id
select s.id, s.person_id, s.summary from unnest(:person_ids::uuid[]) as p (id) join lateral (
	select x.id, x.person_id, x.summary from payslip x join pay_run r on r.id = x.pay_run_id join pay_group g on g.id = r.pay_group_id
	where x.person_id = p.id and x.state = 'CALCULATED' and r.state = 'CLOSED' and g.legal_entity_id = :legal_entity_id::uuid
	  and r.pay_date <= :pay_date::date and r.pay_date >= date_trunc('year', :pay_date::date) and r.id <> :id::uuid
	order by r.pay_date desc, r.close_time desc limit 1) s on true;

-- name: payslip_insert :exec in=Payslip
insert into payslip (id, pay_run_id, employee_id, person_id, org_unit_id, state, reason_text, digest, content, summary)
values (:id, :pay_run_id, :employee_id, :person_id, :org_unit_id, :state, :reason_text, :digest, :content, :summary);

-- name: pay_posting_add :exec in=PayPosting
insert into pay_posting (pay_run_id, account, org_unit_id, amount_fen)
values (:pay_run_id, :account, coalesce(:org_unit_id::uuid, '00000000-0000-0000-0000-000000000000'), :amount_fen)
on conflict (tenant_id, pay_run_id, account, org_unit_id) do update set amount_fen = pay_posting.amount_fen + excluded.amount_fen;

-- What must agree before the run is shown: as many slips as were counted, and postings that sum to zero.
-- name: pay_run_total :one in=PayRun out=PayRunTotal
select (select count(*) from payslip where pay_run_id = :id)::int as slips,
	coalesce((select sum(amount_fen) from pay_posting where pay_run_id = :id), 0)::bigint as fen,
	encode(sha256(convert_to(coalesce((select string_agg(coalesce(digest, state), ',' order by employee_id) from payslip where pay_run_id = :id), ''), 'UTF8')), 'hex') as digest;

-- name: pay_run_calculated :exec in=PayRun
update pay_run set state = 'CALCULATED', digest = :digest, version = version + 1, update_time = renhe_now() where id = :id;

-- ---- reading ----

-- name: pay_posting_list :many in=GetPayRunRequest out=PayPosting
select pay_run_id, account, nullif(org_unit_id, '00000000-0000-0000-0000-000000000000') as org_unit_id, amount_fen from pay_posting
where pay_run_id = :id order by account, org_unit_id;

-- name: pay_run_previous :opt in=PayRun out=PayRun
select id from pay_run where pay_group_id = :pay_group_id and month < :month and kind = 'REGULAR' and state = 'CLOSED'
order by month desc, close_time desc limit 1;

-- name: pay_run_compared :many in=ListPayChangesRequest out=PayslipPair keys=person_id
select coalesce(s.employee_id, b.employee_id) as employee_id, coalesce(s.person_id, b.person_id) as person_id, e.employee_number, p.name,
	s.summary, b.summary as before_summary,
	people_scope(coalesce(s.person_id, b.person_id), (select people_team_units()), (select people_store_units())) as scope_match
from (select * from payslip where pay_run_id = :id and state = 'CALCULATED') s
full join (select * from payslip where pay_run_id = :before_id::uuid and state = 'CALCULATED') b on b.employee_id = s.employee_id
left join people_employment e on e.employee_id = coalesce(s.employee_id, b.employee_id)
left join people_person p on p.person_id = coalesce(s.person_id, b.person_id)
where (:after_employee_id::uuid is null or coalesce(s.employee_id, b.employee_id) > :after_employee_id::uuid)
order by 1 limit 500;

-- name: payslip_list :many in=ListPayslipsRequest out=Payslip keys=person_id
select s.id, s.pay_run_id, r.month, r.pay_date, s.employee_id, s.person_id, e.employee_number, p.name, s.state, s.digest, s.reason_text, s.content,
	people_scope(s.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from payslip s join pay_run r on r.id = s.pay_run_id left join people_employment e on e.employee_id = s.employee_id
left join people_person p on p.person_id = s.person_id
where s.pay_run_id = :id and (:state::text is null or s.state = :state::text)
  and (r.state = 'CLOSED' or people_has_scope('tenant'))
  and (:after_employee_id::uuid is null or s.employee_id > :after_employee_id::uuid)
order by s.employee_id limit :page_limit;

-- One's own from the close on.
-- name: payslip_get :one in=GetPayslipRequest out=Payslip keys=person_id none=PAYSLIP_NOT_FOUND
select s.id, s.pay_run_id, r.month, r.pay_date, s.employee_id, s.person_id, e.employee_number, p.name, s.state, s.digest, s.reason_text, s.content,
	people_scope(s.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from payslip s join pay_run r on r.id = s.pay_run_id left join people_employment e on e.employee_id = s.employee_id
left join people_person p on p.person_id = s.person_id
where s.id = :id and (r.state = 'CLOSED' or people_has_scope('tenant'));

-- name: payslip_mine :many in=ListMyPayslipsRequest out=Payslip keys=person_id
select s.id, s.pay_run_id, r.month, r.pay_date, s.employee_id, s.person_id, e.employee_number, p.name, s.state, s.digest, s.content, 1 as scope_match
from payslip s join pay_run r on r.id = s.pay_run_id left join people_employment e on e.employee_id = s.employee_id
left join people_person p on p.person_id = s.person_id
where s.person_id = people_me() and r.state = 'CLOSED' and r.kind <> 'TRIAL' and s.state = 'CALCULATED'
  and (:after_month::date is null or (r.month, s.id) < (:after_month::date, :after_id::uuid))
order by r.month desc, s.id desc limit :page_limit;
