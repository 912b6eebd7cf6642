-- Facts of a period: insert-only, one of each source, taken by one run.
create table period_fact (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	source text not null,
	employee_id uuid not null,
	person_id uuid not null,
	month date not null check (extract(day from month) = 1),
	kind text not null,
	hours_s bigint,
	days_e2 bigint,
	service_years integer,
	beyond_six_months boolean,
	code text,
	amount_fen bytea,
	cut boolean,
	tax_free boolean,
	normal boolean,
	claim_kind text,
	protected_fen bytea,
	note text,
	recorded_time timestamptz not null default renhe_now(),
	account_id text not null default current_setting('renhe.account_id', true),
	withdrawn_time timestamptz,
	primary key (tenant_id, id),
	constraint period_fact_source unique (tenant_id, source)
);
create index period_fact_of on period_fact (tenant_id, employee_id, month);
create index period_fact_person on period_fact (tenant_id, person_id);
-- Which run has it. A run that is cancelled or calculated anew gives it back.
create table period_fact_use (
	tenant_id uuid not null default renhe_tenant(),
	fact_id uuid not null,
	pay_run_id uuid not null,
	employee_id uuid not null,
	primary key (tenant_id, fact_id),
	constraint period_fact_use_of foreign key (tenant_id, fact_id) references period_fact,
	constraint period_fact_use_run foreign key (tenant_id, pay_run_id) references pay_run
);
create index period_fact_use_by_run on period_fact_use (tenant_id, pay_run_id, employee_id);
create function period_fact_use_kept() returns trigger language plpgsql as $$
begin
	if exists (select from pay_run r where r.id = old.pay_run_id and r.state in ('APPROVED', 'CLOSED')) then
		raise exception 'fact % is in a run that was approved', old.fact_id using errcode = 'insufficient_privilege';
	end if;
	return old;
end $$;
create trigger period_fact_use_kept before update or delete on period_fact_use for each row execute function period_fact_use_kept();
call payroll_by_tenant(array['period_fact', 'period_fact_use']);
call people_scope_policy('period_fact');
grant select, insert on period_fact to ${app};
grant update (withdrawn_time, amount_fen, protected_fen) on period_fact to ${app}; -- a rotation of keys seals amounts anew
grant select, insert, delete on period_fact_use to ${app};
