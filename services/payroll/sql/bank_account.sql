-- Bank accounts of persons.
-- list: bank_account_given = effective_date, account_number, holder_name, bank_code, bank_name

-- name: bank_account_insert :exec in=BankAccount
insert into bank_account (id, employee_id, person_id, {bank_account_given})
values (:id, :employee_id, :person_id, {:bank_account_given});

-- Of each person what holds on the day, as it was known at as_of.
-- name: bank_account_list :many in=ListBankAccountsRequest out=BankAccount keys=person_id
select b.id, b.employee_id, b.person_id, e.employee_number, b.recorded_time, {b.bank_account_given},
	people_scope(b.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from people_person p
join lateral (select * from bank_account x where x.person_id = p.person_id
	and x.effective_date <= coalesce(:effective_on::date, :@today::date)
	and (:as_of::timestamptz is null or x.recorded_time <= :as_of::timestamptz)
	order by x.effective_date desc, x.recorded_time desc, x.id desc limit 1) b on true
left join people_employment e on e.employee_id = b.employee_id
where (:employee_id::uuid is null or p.person_id = (select o.person_id from people_employment o where o.employee_id = :employee_id::uuid))
  and (:after_person_id::uuid is null or p.person_id > :after_person_id::uuid)
order by p.person_id limit :page_limit;

-- name: bank_account_history :many in=GetBankAccountHistoryRequest out=BankAccount keys=person_id
select b.id, b.employee_id, b.person_id, e.employee_number, b.recorded_time, {b.bank_account_given},
	people_scope(b.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from people_employment o join bank_account b on b.person_id = o.person_id left join people_employment e on e.employee_id = b.employee_id
where o.employee_id = :employee_id order by b.effective_date, b.recorded_time, b.id;

-- name: bank_account_reveal :one in=RevealBankAccountRequest out=BankAccount keys=person_id none=BANK_ACCOUNT_NOT_FOUND
select b.id, b.employee_id, b.person_id, e.employee_number, b.recorded_time, {b.bank_account_given},
	people_scope(b.person_id, (select people_team_units()), (select people_store_units())) as scope_match
from bank_account b left join people_employment e on e.employee_id = b.employee_id where b.id = :id;

-- The oldest of them ends the wait; one account's looks wait for each other, so that none slips by.
-- name: bank_reveals_count :one in=BankRevealCount out=BankRevealCount
select count(*), greatest(1, extract(epoch from min(act_time) + interval '24 hours' - clock_timestamp()))::bigint as retry_after_s
from audit, (select pg_advisory_xact_lock(hashtextextended('reveal ' || :@account_id::text, 0))) l
where act_time > clock_timestamp() - interval '24 hours' and act = 'bank_account.reveal' and account_id = :@account_id::text;
