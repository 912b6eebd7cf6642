-- Rows of a person are seen by whom the scope of the caller says (people_scope_policy).
create table item (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null default gen_random_uuid(),
	person_id uuid not null,
	name text not null,
	version bigint not null default 1,
	create_time timestamptz not null default renhe_now(),
	update_time timestamptz not null default renhe_now(),
	primary key (tenant_id, id)
);
create index item_person on item (tenant_id, person_id);

do $$
declare t text;
begin
	foreach t in array array['item'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, update on %I to ${app}', t);
		call people_scope_policy(t);
	end loop;
end $$;
