-- What a request that waits for another person shows of itself; its values stay in the sealed payload.
alter table pending_request drop constraint pending_request_state;
update pending_request set state = 'REJECTED' where state = 'DROPPED';
alter table pending_request
	add constraint pending_request_state
		check (state in ('PENDING', 'APPLIED', 'REJECTED', 'WITHDRAWN', 'EXPIRED')),
	add column fields text[] not null default '{}',   -- names that it touches
	add column cleared text[] not null default '{}',  -- names that a PATCH clears
	add column if_match bigint not null default 0,
	add column resource text not null default '',
	add column resource_id text not null default '',
	add column expire_time timestamptz not null default renhe_now(), -- business clock
	add column reason text,
	add column fault_code text;
create index pending_request_resource on pending_request (tenant_id, resource_id);
-- Whoever doesn't see the whole tenant sees what he asked for himself.
create policy scope on pending_request as restrictive to ${app} using (
	renhe_has_scope('tenant') or account_id = renhe_account()::text
	or (person_id <> '' and person_id = renhe_person()::text)) with check (true);
