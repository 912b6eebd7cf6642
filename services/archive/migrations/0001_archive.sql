-- Persons, employments, organisation. A fact is what was recorded and when it holds; a slice is what
-- is believed of a span of days, with the span of instants in which it was believed. recorded_to and
-- valid_to are null while open; all spans are half-open.
create table legal_entity (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null default gen_random_uuid(),
	code text not null,
	name text not null,
	credit_code text,
	city_code text,
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id),
	constraint legal_entity_code unique (tenant_id, code)
);
create table post (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null default gen_random_uuid(),
	code text not null,
	name text not null,
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id),
	constraint post_code unique (tenant_id, code)
);
create table org_unit (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	code text not null,
	kind text not null,
	version bigint not null,
	create_time timestamptz not null,
	update_time timestamptz not null,
	primary key (tenant_id, id),
	constraint org_unit_code unique (tenant_id, code)
);
create table org_unit_fact (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	org_unit_id uuid not null,
	fact_sequence bigint not null,
	effective_date date not null,
	recorded_time timestamptz not null,
	account_id text not null default current_setting('renhe.account_id', true),
	cleared_fields text[],
	name text,
	parent_id uuid,
	head_person_id uuid,
	legal_entity_id uuid,
	time_zone text,
	site_address text,
	closed boolean,
	primary key (tenant_id, org_unit_id, fact_sequence)
);
create table org_unit_slice (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	org_unit_id uuid not null,
	version bigint not null,
	valid_from date not null,
	valid_to date,
	recorded_from timestamptz not null,
	recorded_to timestamptz,
	name text,
	parent_id uuid,
	head_person_id uuid,
	legal_entity_id uuid,
	time_zone text,
	site_address text,
	closed boolean,
	primary key (tenant_id, org_unit_id, version, valid_from)
);
create index org_unit_slice_now on org_unit_slice (tenant_id, org_unit_id, valid_from) where recorded_to is null;

-- The human inside the tenant: the head row is locked by every change to the person or to any of
-- the employments, so that one person's history has one order.
create table person (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	person_id uuid not null,
	version bigint not null,
	create_time timestamptz not null,
	update_time timestamptz not null,
	primary key (tenant_id, person_id)
);
-- One row per accepted change to the person's file. Sealed columns are under the person's key.
create table person_revision (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	person_id uuid not null,
	version bigint not null,
	recorded_from timestamptz not null,
	recorded_to timestamptz,
	account_id text not null default current_setting('renhe.account_id', true),
	name text not null,
	sex text,
	birth_date date,
	id_type text,
	id_number bytea,
	id_number_index bytea,
	mobile bytea,
	mobile_index bytea,
	email bytea,
	nationality text,
	address bytea,
	emergency_contact bytea,
	primary key (tenant_id, person_id, version)
);
create unique index person_revision_now on person_revision (tenant_id, person_id) where recorded_to is null;
create unique index person_id_number on person_revision (tenant_id, id_number_index) where recorded_to is null and id_number_index is not null;
create index person_mobile on person_revision (tenant_id, mobile_index) where recorded_to is null;

create table employee (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	person_id uuid not null,
	employee_number text not null,
	annulled boolean not null default false,
	create_time timestamptz not null,
	primary key (tenant_id, id)
);
create unique index employee_number_taken on employee (tenant_id, employee_number) where not annulled;
create index employee_person on employee (tenant_id, person_id);
create table employee_fact (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	employee_id uuid not null,
	person_id uuid not null,
	fact_sequence bigint not null,
	fact_kind text not null,
	effective_date date not null,
	recorded_time timestamptz not null,
	annulled_time timestamptz,
	-- false while an effective date lies ahead and the second event is due (decision 5)
	announced boolean not null,
	account_id text not null default current_setting('renhe.account_id', true),
	cleared_fields text[],
	end_reason text,
	org_unit_id uuid,
	post_id uuid,
	employment_type text,
	probation_end_date date,
	work_place text,
	job_grade text,
	primary key (tenant_id, employee_id, fact_sequence)
);
create index employee_fact_due on employee_fact (tenant_id, person_id, effective_date) where not announced and annulled_time is null;
create table employee_slice (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	slice_id uuid not null default gen_random_uuid(),
	employee_id uuid not null,
	person_id uuid not null,
	valid_from date not null,
	valid_to date,
	recorded_from timestamptz not null,
	recorded_to timestamptz,
	employee_number text not null,
	hire_date date not null,
	end_date date,
	end_reason text,
	annulled boolean not null default false,
	org_unit_id uuid,
	post_id uuid,
	employment_type text,
	probation_end_date date,
	work_place text,
	job_grade text,
	primary key (tenant_id, slice_id)
);
create unique index employee_slice_now on employee_slice (tenant_id, employee_id, valid_from) where recorded_to is null;
create index employee_slice_past on employee_slice (tenant_id, employee_id, recorded_from);
create index employee_slice_unit on employee_slice (tenant_id, org_unit_id) where recorded_to is null;

do $$
declare t text;
begin
	foreach t in array array['legal_entity', 'post', 'org_unit', 'org_unit_fact', 'org_unit_slice', 'person',
				 'person_revision', 'employee', 'employee_fact', 'employee_slice'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		-- Nothing is ever deleted: the past stands.
		execute format('grant select, insert, update on %I to ${app}', t);
	end loop;
	foreach t in array array['person', 'person_revision', 'employee', 'employee_fact', 'employee_slice'] loop
		call people_scope_policy(t);
	end loop;
end $$;
