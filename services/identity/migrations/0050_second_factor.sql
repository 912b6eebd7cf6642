-- A tenant says whether privileged roles need a second factor (decision 13); a new one does.
alter table tenant add column second_factor_required boolean not null default true;
-- Whether the session was opened, or stepped up, by a second factor.
alter table session add column second_factor boolean not null default false;

create table totp (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	subject_id uuid not null, -- whose key seals the secret
	secret bytea not null,
	confirmed_time timestamptz,
	last_step bigint not null default 0, -- of the last code that was taken: none is good twice
	create_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, account_id)
);
create table recovery_code (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	code_hash text not null,
	used_time timestamptz,
	primary key (tenant_id, account_id, code_hash)
);
-- Between the password and the tokens: five minutes, five tries, one device.
create table challenge (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	account_id uuid not null,
	generation bigint not null,
	device text not null,
	tries bigint not null default 0,
	expire_time timestamptz not null default clock_timestamp() + interval '5 minutes',
	used_time timestamptz,
	primary key (tenant_id, id)
);
create index challenge_account on challenge (tenant_id, account_id);

do $$
declare t text;
begin
	foreach t in array array['totp', 'recovery_code', 'challenge'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, update, delete on %I to ${app}', t);
	end loop;
end $$;
