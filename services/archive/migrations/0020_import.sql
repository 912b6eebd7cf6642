-- Imports of people. Rows and faults say where in the file and what, never what stood there: names of
-- columns and files are sealed with the file under the import's own key.
create table employee_import (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	state text not null default 'PENDING',
	kind text,
	asked_kind text,
	dry_run boolean not null,
	file_name bytea,
	sheet bytea,
	mapping bytea,
	columns bytea,
	format text,
	encoding text,
	rows bigint not null default 0,
	created bigint not null default 0,
	refused bigint not null default 0,
	fault_count bigint not null default 0,
	done_line bigint not null default 0, -- rows up to this line are settled, by a commit
	cancel_asked boolean not null default false,
	job_id uuid not null,
	account_id text not null default current_setting('renhe.account_id', true),
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id)
);
create table employee_import_file (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	import_id uuid not null,
	content bytea not null,
	primary key (tenant_id, import_id)
);
create table employee_import_fault (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	import_id uuid not null,
	fault_number bigint not null,
	line bigint not null,
	column_index bigint,
	column_name text, -- of a column that the file lacks
	code text not null,
	related_line bigint,
	hint text,
	primary key (tenant_id, import_id, fault_number)
);
-- What was loaded. The versions are the person's around the row, for undoing it.
create table employee_import_row (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	import_id uuid not null,
	line bigint not null,
	employee_id uuid not null,
	person_id uuid not null,
	before_version bigint not null,
	after_version bigint not null,
	undone boolean not null default false,
	primary key (tenant_id, import_id, line)
);
create index employee_import_row_person on employee_import_row (tenant_id, person_id);

do $$
declare t text;
begin
	foreach t in array array['employee_import', 'employee_import_file', 'employee_import_fault', 'employee_import_row'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, update on %I to ${app}', t);
	end loop;
end $$;
-- A run after a dry run tells its faults anew.
grant delete on employee_import_fault, employee_import_file to ${app};
