-- What the blob store holds (blob.h). The bytes lie in the service's folder, sealed; the name of the
-- file may tell of a person and is sealed too. Expired rows and files without a row are swept.
create table blob (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	person_id uuid,                  -- whose key seals it; null: a key of its own
	media_type text not null,
	file_name bytea not null,
	bytes bigint not null constraint blob_bytes check (bytes >= 0),
	sha256 text not null,            -- of the clear bytes
	create_time timestamptz not null default clock_timestamp(),
	expire_time timestamptz,         -- business clock; null: stays
	primary key (tenant_id, id)
);
create index blob_expiry on blob (tenant_id, expire_time) where expire_time is not null;
create index blob_person on blob (tenant_id, person_id) where person_id is not null;

alter table blob enable row level security;
alter table blob force row level security;
create policy tenant on blob to ${app} using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant());
grant select, insert, delete on blob to ${app};
