-- Pay runs and their slips. What is approved or closed never changes: a trigger holds that below the code.
create table pay_run (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	pay_group_id uuid not null,
	month date not null check (extract(day from month) = 1),
	kind text not null,
	sequence integer not null,
	pay_date date not null,
	state text not null,
	known_time timestamptz not null,
	calculation bigint not null default 1,
	job_id uuid not null,
	done_employee_id uuid,
	calculated integer not null default 0,
	held integer not null default 0,
	gross_fen bigint not null default 0,
	own_fen bigint not null default 0,
	tax_fen bigint not null default 0,
	deducted_fen bigint not null default 0,
	net_fen bigint not null default 0,
	receivable_fen bigint not null default 0,
	employer_fen bigint not null default 0,
	top_up_fen bigint not null default 0,
	digest text,
	maker_account_id uuid not null,
	maker_person_id uuid,
	approver_account_id uuid,
	approve_time timestamptz,
	close_time timestamptz,
	version bigint not null default 1,
	create_time timestamptz not null default renhe_now(),
	update_time timestamptz not null default renhe_now(),
	primary key (tenant_id, id),
	constraint pay_run_of_group foreign key (tenant_id, pay_group_id) references pay_group
);
create unique index pay_run_once on pay_run (tenant_id, pay_group_id, month, kind, sequence) where state <> 'CANCELLED';
create table payslip (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	pay_run_id uuid not null,
	employee_id uuid not null,
	person_id uuid not null,
	org_unit_id uuid,
	state text not null,
	reason_text text,
	digest text,
	content bytea,
	primary key (tenant_id, id),
	constraint payslip_once unique (tenant_id, pay_run_id, employee_id),
	constraint payslip_of_run foreign key (tenant_id, pay_run_id) references pay_run
);
create index payslip_person on payslip (tenant_id, person_id);
create table pay_posting (
	tenant_id uuid not null default renhe_tenant(),
	pay_run_id uuid not null,
	account text not null,
	org_unit_id uuid not null, -- zeros: in no unit
	amount_fen bigint not null,
	primary key (tenant_id, pay_run_id, account, org_unit_id),
	constraint pay_posting_of_run foreign key (tenant_id, pay_run_id) references pay_run
);
-- A later run begins with the sums of the year that an earlier one has closed.
create function pay_run_open() returns trigger language plpgsql as $$
declare run uuid := case when tg_op = 'DELETE' then old.pay_run_id else new.pay_run_id end;
begin
	if run is not null and not exists (select from pay_run r where r.id = run and r.state = 'CALCULATING') then
		raise exception 'slips and postings of run % are not being calculated', run using errcode = 'insufficient_privilege';
	end if;
	return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger payslip_open before insert or delete on payslip for each row execute function pay_run_open();
create trigger pay_posting_open before insert or update or delete on pay_posting for each row execute function pay_run_open();
create function pay_run_final() returns trigger language plpgsql as $$
begin
	raise exception 'run % is %', old.id, old.state using errcode = 'insufficient_privilege';
end $$;
create trigger pay_run_final before update on pay_run for each row when (old.state in ('CLOSED', 'CANCELLED')) execute function pay_run_final();
call payroll_by_tenant(array['pay_run', 'payslip', 'pay_posting']);
call people_scope_policy('payslip');
grant select, insert, update on pay_run to ${app};
grant select, insert, delete on payslip to ${app};
grant update (content) on payslip to ${app}; -- a rotation of keys seals it anew
grant select, insert, update, delete on pay_posting to ${app};
