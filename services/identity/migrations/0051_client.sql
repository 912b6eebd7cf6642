-- Programs of a company that act for no person: OAuth 2.0 client credentials.
create table client (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null default gen_random_uuid(),
	name text not null,
	scopes text[] not null,
	secret_hash text not null, -- of 256 random bits, so that a plain hash is enough
	generation bigint not null default 1,
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id)
);
create unique index client_name on client (tenant_id, lower(name));
alter table client enable row level security;
alter table client force row level security;
create policy tenant on client using (tenant_id = nullif(current_setting('renhe.tenant_id', true), '')::uuid)
	with check (tenant_id = nullif(current_setting('renhe.tenant_id', true), '')::uuid);
grant select, insert, update, delete on client to ${app};
