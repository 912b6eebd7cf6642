-- Fields of employees that a tenant declares, and their values (decision 28). A value whose field has a class is
-- sealed under the person's key; others stand as text, and as number or day where they are one, to be found by.
create table employee_field (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null default gen_random_uuid(),
	key text not null,
	name_zh text not null,
	name_en text,
	type text not null,
	field_class text not null,
	required boolean,
	max_len integer,
	sort_order integer not null default 0,
	state text not null,
	choice_codes text[],
	choice_zh text[],
	choice_en text[],
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id),
	constraint employee_field_key unique (tenant_id, key)
);
create table employee_custom (
	tenant_id uuid not null default renhe_tenant(),
	employee_id uuid not null,
	field_id uuid not null,
	person_id uuid not null,
	plain text,
	int_value bigint,
	date_value date,
	sealed bytea,
	primary key (tenant_id, employee_id, field_id),
	constraint employee_custom_field foreign key (tenant_id, field_id) references employee_field
);
create index employee_custom_person on employee_custom (tenant_id, person_id);
create index employee_custom_plain on employee_custom (tenant_id, field_id, plain);
do $$
declare t text;
begin
	foreach t in array array['employee_field', 'employee_custom'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant())', t);
		execute format('grant select, insert, update, delete on %I to ${app}', t);
	end loop;
	call people_scope_policy('employee_custom');
end $$;
