-- Pay groups, and pay terms of employments: insert-only, amounts sealed under the person's key.
create table pay_group (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null default gen_random_uuid(),
	code text not null,
	name text not null,
	legal_entity_id uuid not null,
	place text not null,
	pay_day integer not null check (pay_day between 1 and 28),
	pay_next_month boolean not null,
	method text not null,
	version bigint not null default 1,
	create_time timestamptz not null default renhe_now(),
	update_time timestamptz not null default renhe_now(),
	primary key (tenant_id, id),
	constraint pay_group_code unique (tenant_id, code)
);
create table pay_term (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null default gen_random_uuid(),
	employee_id uuid not null,
	person_id uuid not null,
	effective_date date not null,
	recorded_time timestamptz not null default renhe_now(),
	account_id text not null default current_setting('renhe.account_id', true),
	pay_group_id uuid not null,
	monthly_fen bytea not null,
	insurance_place text,
	schemes text[],
	declared_base_fen bytea,
	fund_declared_fen bytea,
	injury_rate_e5 integer,
	fund_rate_e5 integer,
	fund_supplement_e5 integer,
	fund_account text,
	residence text,
	tax_mode text,
	special_fen bytea,
	other_fen bytea,
	primary key (tenant_id, id),
	constraint pay_term_of_group foreign key (tenant_id, pay_group_id) references pay_group
);
create index pay_term_of on pay_term (tenant_id, employee_id, effective_date, recorded_time, id);
create index pay_term_person on pay_term (tenant_id, person_id);
call payroll_by_tenant(array['pay_group', 'pay_term']);
call people_scope_policy('pay_term');
grant select, insert, update on pay_group to ${app};
grant select, insert on pay_term to ${app};
-- A rotation of keys seals amounts anew.
grant update (monthly_fen, declared_base_fen, fund_declared_fen, special_fen, other_fen) on pay_term to ${app};
