-- The audit as a log that can be proved (decision 24): an act writes its row and a note that the row
-- waits; one sealer per tenant gives each its place, a leaf of a hash tree, and signs heads of the tree.
-- See audit_log.h for what is hashed and signed.
create table audit_unsealed (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,                -- of the audit row
	primary key (tenant_id, id)
);
create table audit_leaf (
	tenant_id uuid not null default renhe_tenant(),
	seq bigint not null check (seq >= 0),
	audit_id uuid not null,
	leaf_hash bytea not null,
	seal_time timestamptz not null,  -- real clock
	primary key (tenant_id, seq),
	unique (tenant_id, audit_id)
);
-- What the sealer goes on with: how many leaves there are, the roots of whole subtrees, the last head.
create table audit_log (
	tenant_id uuid not null default renhe_tenant(),
	size bigint not null,
	peaks bytea not null default '',
	head_size bigint not null default 0,
	head_time timestamptz not null default '-infinity',
	primary key (tenant_id)
);
create table audit_head (
	tenant_id uuid not null default renhe_tenant(),
	size bigint not null,
	root bytea not null,
	former_size bigint not null,     -- of the head before
	head_time timestamptz not null,
	public_key bytea not null,
	signature bytea not null,
	primary key (tenant_id, size)
);
do $$
declare t text;
begin
	foreach t in array array['audit_unsealed', 'audit_leaf', 'audit_log', 'audit_head'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I to ${app} using (tenant_id = renhe_tenant()) '
			       'with check (tenant_id = renhe_tenant())', t);
	end loop;
	-- Whose turn it is, of all tenants.
	foreach t in array array['audit_unsealed', 'audit_log'] loop
		execute format('create policy relay on %I for select to ${relay} using (true)', t);
	end loop;
end $$;
grant select, insert, delete on audit_unsealed to ${app};
grant select, insert on audit_leaf, audit_head to ${app};
grant select, insert, update on audit_log to ${app};
grant select on audit_unsealed, audit_log to ${relay};
-- Rows of before wait for their places too. Row security is forced on the owner as on all.
alter table audit no force row level security;
alter table audit_unsealed no force row level security;
insert into audit_unsealed (tenant_id, id) select tenant_id, id from audit;
alter table audit force row level security;
alter table audit_unsealed force row level security;
