-- What every service's database has: events out and in, idempotency, long and due work, audit, keys.
-- ${app} is the role of requests, consumers and jobs; ${relay} the one that relays events and finds
-- due work of all tenants. Both own nothing and may do what is granted here.

-- Settings of the transaction (db_begin). A missing setting is null or false: no rows.
create function renhe_tenant() returns uuid language sql stable parallel safe
	return nullif(current_setting('renhe.tenant_id', true), '')::uuid;
create function renhe_account() returns uuid language sql stable parallel safe
	return nullif(current_setting('renhe.account_id', true), '')::uuid;
create function renhe_person() returns uuid language sql stable parallel safe
	return nullif(current_setting('renhe.person_id', true), '')::uuid;
create function renhe_today() returns date language sql stable parallel safe
	return nullif(current_setting('renhe.today', true), '')::date;
create function renhe_has_scope(s text) returns boolean language sql stable parallel safe
	return coalesce(s = any(string_to_array(current_setting('renhe.scopes', true), ',')), false);
-- The business clock as it runs, not as of the start of the transaction (decision 35).
create function renhe_now() returns timestamptz language sql volatile
	return clock_timestamp() + make_interval(secs => coalesce(nullif(current_setting('renhe.clock_shift', true), '')::int, 0));

-- ---- events out ----
create table outbox (
	tenant_id uuid not null default renhe_tenant(),
	id bigserial not null,
	topic text not null,
	lane smallint not null,          -- event_lane
	shard smallint not null,         -- of the key: one shard is one holder, one order
	key text not null,               -- whole Kafka key
	ce_id uuid not null,
	ce_type text not null,
	ce_source text not null,
	ce_subject text not null,
	ce_time timestamptz not null default clock_timestamp(),
	ce_sequence bigint,              -- null: unsequenced
	ce_actor text,
	ce_cause text,
	ce_traceparent text,
	payload bytea,                   -- null: tombstone
	primary key (tenant_id, id)
);
create index outbox_order on outbox (lane, id);
-- Rows live for milliseconds: dead ones must go before they make the relay's scan long.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
			autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);

create table aggregate_sequence (
	tenant_id uuid not null default renhe_tenant(),
	aggregate_type text not null,
	aggregate_id text not null,
	last bigint not null,
	primary key (tenant_id, aggregate_type, aggregate_id)
);

-- ---- events in ----
create table inbox (
	tenant_id uuid not null default renhe_tenant(),
	consumer text not null,
	event_id uuid not null,
	seen_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, consumer, event_id)
);
create index inbox_seen on inbox (seen_time);

create table inbox_sequence (
	tenant_id uuid not null default renhe_tenant(),
	source text not null,
	aggregate_type text not null,
	aggregate_id text not null,
	last bigint not null,
	parked boolean not null default false,
	primary key (tenant_id, source, aggregate_type, aggregate_id)
);

-- What failed for good, with its origin; what follows it in its aggregate waits in parked_event.
create table dead_letter (
	tenant_id uuid not null default renhe_tenant(),
	id bigserial not null,
	consumer text not null,
	topic text not null,
	partition int not null,
	record_offset bigint not null,
	key text,
	aggregate_type text,
	ce_id uuid,
	ce_type text,
	ce_source text,
	ce_subject text,
	ce_time timestamptz,
	ce_sequence bigint,
	ce_actor text,
	ce_cause text,
	ce_traceparent text,
	payload bytea,
	reason text not null,            -- a code, never a value
	attempts int not null default 1,
	create_time timestamptz not null default clock_timestamp(),
	last_try_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, id),
	constraint dead_letter_record unique (tenant_id, consumer, topic, partition, record_offset)
);
create table parked_event (
	tenant_id uuid not null default renhe_tenant(),
	id bigserial not null,
	consumer text not null,
	topic text not null,
	partition int not null,
	record_offset bigint not null,
	key text,
	aggregate_type text not null,
	ce_id uuid not null,
	ce_type text not null,
	ce_source text not null,
	ce_subject text not null,
	ce_time timestamptz,
	ce_sequence bigint,
	ce_actor text,
	ce_cause text,
	ce_traceparent text,
	payload bytea,
	reason text not null,
	attempts int not null default 0,
	create_time timestamptz not null default clock_timestamp(),
	last_try_time timestamptz,
	primary key (tenant_id, id),
	constraint parked_event_record unique (tenant_id, consumer, topic, partition, record_offset)
);
create index parked_event_aggregate on parked_event
	(tenant_id, consumer, ce_source, aggregate_type, ce_subject, ce_sequence);

-- ---- requests ----
-- account_id is '' where the service itself acts.
create table idempotency (
	tenant_id uuid not null default renhe_tenant(),
	account_id text not null,
	key text not null,
	request_hash text not null,
	status int not null,
	body text,
	location text,
	etag text,
	create_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, account_id, key)
);
create index idempotency_age on idempotency (create_time);

create table pending_request (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	route text not null,
	message_name text not null,
	payload bytea not null,
	account_id text not null,        -- the maker
	person_id text not null default '',
	state text not null default 'PENDING'
		constraint pending_request_state check (state in ('PENDING', 'APPLIED', 'DROPPED')),
	create_time timestamptz not null default clock_timestamp(),
	decide_account_id text,
	decide_time timestamptz,
	primary key (tenant_id, id)
);

-- ---- long and due work ----
create table job (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	kind text not null,
	account_id text not null,
	person_id text not null default '',
	session_id text not null default '',
	roles bigint not null default 0,
	lang text not null default 'zh-CN',
	cause text,                      -- request id of the adder
	traceparent text,
	input bytea not null,
	state text not null default 'PENDING'
		constraint job_state check (state in ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
	done bigint not null default 0,
	total bigint not null default 0,
	attempts int not null default 0,
	result text,
	error text,
	create_time timestamptz not null default clock_timestamp(),
	next_try_time timestamptz not null default clock_timestamp(),
	update_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, id)
);
create index job_open on job (next_try_time) where state in ('PENDING', 'RUNNING');

create table timer (
	tenant_id uuid not null default renhe_tenant(),
	kind text not null,
	aggregate_id text not null,
	due_time timestamptz not null,   -- business clock
	attempts int not null default 0,
	next_try_time timestamptz not null default '-infinity', -- real clock
	last_error text,
	primary key (tenant_id, kind, aggregate_id)
);
create index timer_due on timer (due_time);

-- ---- audit: rows are added, never changed ----
create table audit (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	act_time timestamptz not null default clock_timestamp(), -- real clock
	account_id text not null,
	person_id text not null,
	session_id text not null,
	act text not null,
	resource text not null,
	resource_id text not null,
	reason text,
	result text not null,
	request_id text not null,
	route text not null,
	peer text not null,
	primary key (tenant_id, id)
);
create index audit_resource on audit (tenant_id, resource, resource_id, act_time);
create index audit_time on audit (tenant_id, act_time);

-- ---- keys ----
create table tenant_key (
	tenant_id uuid not null default renhe_tenant(),
	key_id int not null,
	wrapped bytea not null,
	create_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, key_id)
);
create table subject_key (
	tenant_id uuid not null default renhe_tenant(),
	subject_id uuid not null,
	key_id int not null,
	wrapped bytea,                   -- null: destroyed
	create_time timestamptz not null default clock_timestamp(),
	primary key (tenant_id, subject_id, key_id)
);

-- ---- row security: the tenant of the setting, for reading and for writing ----
do $$
declare t text;
begin
	foreach t in array array['outbox', 'aggregate_sequence', 'inbox', 'inbox_sequence', 'dead_letter',
				 'parked_event', 'idempotency', 'pending_request', 'job', 'timer', 'audit',
				 'tenant_key', 'subject_key'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I to ${app} using (tenant_id = renhe_tenant()) '
			       'with check (tenant_id = renhe_tenant())', t);
	end loop;
	-- Relay and claims see all tenants (decision 20).
	foreach t in array array['outbox', 'inbox', 'job', 'timer'] loop
		execute format('create policy relay on %I to ${relay} using (true)', t);
	end loop;
end $$;

grant select, insert on outbox to ${app};
grant select, insert, update on aggregate_sequence, inbox_sequence, pending_request, job, subject_key to ${app};
grant select, insert on inbox, idempotency, audit, tenant_key to ${app};
grant select, insert, update, delete on dead_letter, parked_event, timer to ${app};
grant usage on sequence outbox_id_seq, dead_letter_id_seq, parked_event_id_seq to ${app};
grant select, delete on outbox, inbox to ${relay};
grant select, update on job, timer to ${relay};
grant select on schema_migration to ${app}, ${relay};
