-- Which keys of consumers a tenant's sealed records were last closed with, and how far the writing of all
-- of them anew has come (sealed_fill.c): in chunks behind a watermark.
create table sealed_fill (
	tenant_id uuid primary key default renhe_tenant(),
	keys text not null,              -- name and id of each key; never a key
	watermark uuid,                  -- records up to here are written
	records bigint not null default 0,
	begin_time timestamptz not null default clock_timestamp(),
	end_time timestamptz
);
alter table sealed_fill enable row level security;
alter table sealed_fill force row level security;
create policy tenant on sealed_fill to ${app} using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant());
grant select, insert, update on sealed_fill to ${app};
-- Which tenants are behind is asked before any of them is served.
create policy relay on sealed_fill to ${relay} using (true);
grant select on sealed_fill to ${relay};
