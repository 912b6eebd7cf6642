-- A new key for a tenant, or for each of its persons, made and brought to everything that was sealed
-- before: in chunks, each a transaction of its own, behind a watermark.
create table key_rotation (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	level text not null
		constraint key_rotation_level check (level in ('TENANT', 'PERSON')),
	phase text not null default 'MAKE'
		constraint key_rotation_phase check (phase in ('MAKE', 'SETTLE', 'SEAL', 'DONE')),
	phase_time timestamptz not null default clock_timestamp(),
	watermark uuid,                  -- subjects up to here are done in this phase
	keys_made bigint not null default 0,
	values_sealed bigint not null default 0,
	create_time timestamptz not null default clock_timestamp(),
	end_time timestamptz,
	primary key (tenant_id, id)
);
create unique index key_rotation_open on key_rotation (tenant_id) where phase <> 'DONE';
alter table key_rotation enable row level security;
alter table key_rotation force row level security;
create policy tenant on key_rotation to ${app} using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant());
grant select, insert, update on key_rotation to ${app};
grant update on idempotency to ${app};

-- Wrapping anew under another root key is the installation's work, before any tenant is served.
create policy relay on tenant_key to ${relay} using (true);
grant select, update on tenant_key to ${relay};
