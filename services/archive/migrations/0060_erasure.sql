-- Erasure of persons and what keeps them from it. Both say ids and days only.
alter table person add column erase_time timestamptz;
create table legal_hold (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null default gen_random_uuid(),
	person_id uuid not null,
	reason text not null,
	end_date date not null,          -- first day without it
	account_id text not null default current_setting('renhe.account_id', true),
	create_time timestamptz not null default people_now(),
	release_time timestamptz,
	primary key (tenant_id, id)
);
create index legal_hold_person on legal_hold (tenant_id, person_id);
create table erasure (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	person_id uuid not null,
	account_id text not null default current_setting('renhe.account_id', true),
	create_time timestamptz not null default people_now(),
	primary key (tenant_id, id),
	constraint erasure_person unique (tenant_id, person_id)
);
create table erasure_answer (
	tenant_id uuid not null default renhe_tenant(),
	erasure_id uuid not null,
	service text not null,
	answer_time timestamptz not null default people_now(),
	primary key (tenant_id, erasure_id, service)
);
do $$
declare t text;
begin
	foreach t in array array['legal_hold', 'erasure', 'erasure_answer'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant())', t);
		execute format('grant select, insert, update on %I to ${app}', t);
	end loop;
	foreach t in array array['legal_hold', 'erasure'] loop
		call people_scope_policy(t);
	end loop;
end $$;
