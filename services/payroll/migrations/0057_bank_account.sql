-- Bank accounts of persons: insert-only, number and holder sealed under the person's key.
create table bank_account (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null default gen_random_uuid(),
	employee_id uuid not null,
	person_id uuid not null,
	effective_date date not null,
	recorded_time timestamptz not null default renhe_now(),
	account_id text not null default current_setting('renhe.account_id', true),
	account_number bytea not null,
	holder_name bytea not null,
	bank_code text,
	bank_name text,
	primary key (tenant_id, id)
);
create index bank_account_of on bank_account (tenant_id, person_id, effective_date, recorded_time, id);
call payroll_by_tenant(array['bank_account']);
call people_scope_policy('bank_account');
grant select, insert on bank_account to ${app};
-- A rotation of keys seals them anew.
grant update (account_number, holder_name) on bank_account to ${app};
