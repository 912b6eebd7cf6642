-- The tenant directory is no tenant's own: names and codes only (decision 20).
create table tenant (
	id uuid primary key default gen_random_uuid(),
	code text not null,
	name text not null,
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now()
);
create unique index tenant_code on tenant (code);
-- Signing keys are the installation's; the private half is sealed.
create table signing_key (
	kid text primary key,
	alg text not null,
	public_pem text not null,
	private_pem bytea not null,
	subject_id uuid not null,
	not_after bigint not null,
	signature text not null,
	create_time timestamptz not null default clock_timestamp()
);
grant select, insert, update on tenant, signing_key to ${app};

create table account (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	person_id uuid,
	plain boolean not null default false,
	locked boolean not null default false,
	is_open boolean not null default false,
	generation bigint not null default 1,
	password_hash text,
	snapshot_version bigint not null default 0,
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	update_time timestamptz not null default people_now(),
	primary key (tenant_id, id)
);
create unique index account_person on account (tenant_id, person_id) where person_id is not null;
-- Days on which an employment makes the account open, half-open (decision 12).
create table account_span (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	employee_id uuid not null,
	from_date date not null,
	to_date date,
	primary key (tenant_id, account_id, employee_id)
);
create table sign_in_name (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	name text not null, -- lower case
	account_id uuid not null,
	display text not null,
	primary key (tenant_id, name)
);
create index sign_in_name_account on sign_in_name (tenant_id, account_id);
create table activation (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	code_hash text not null,
	expire_time timestamptz not null,
	used_time timestamptz,
	primary key (tenant_id, account_id)
);
create table session (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	account_id uuid not null,
	generation bigint not null default 1,
	counter bigint not null default 1,
	auth_time bigint not null,
	device_id text,
	create_time timestamptz not null default clock_timestamp(),
	rotate_time timestamptz not null default clock_timestamp(),
	end_time timestamptz,
	primary key (tenant_id, id)
);
create index session_account on session (tenant_id, account_id) where end_time is null;
-- Guesses within a window of 15 minutes (decision 15). Real time: the business clock moves in demos.
create table attempt (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	bucket text not null,
	window_start timestamptz not null default clock_timestamp(),
	count bigint not null default 0,
	primary key (tenant_id, bucket)
);
create table known_device (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	device_id text not null,
	last_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, account_id, device_id)
);
create table role_grant (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null default gen_random_uuid(),
	account_id uuid not null,
	role text not null,
	store_ids uuid[],
	version bigint not null default 1,
	create_time timestamptz not null default people_now(),
	primary key (tenant_id, id),
	constraint role_grant_once unique (tenant_id, account_id, role)
);
-- What the gateway asks for when the topic is silent: no personal data, so readable across tenants.
create table revocation (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	kind text not null,
	subject_id uuid not null,
	least_generation bigint not null,
	revoke_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, kind, subject_id)
);

do $$
declare t text;
begin
	foreach t in array array['account', 'account_span', 'sign_in_name', 'activation', 'session', 'attempt', 'known_device',
				 'role_grant', 'revocation'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, update, delete on %I to ${app}', t);
	end loop;
	create policy everyone on revocation for select using (true);
end $$;
