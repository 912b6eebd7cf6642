-- Projection of people, org tree, assignments and store grants, the same in every service. Archive,
-- who owns the facts, writes it in the transaction of the change; others from the snapshot topics.
create table people_person (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	person_id uuid not null,
	version bigint not null,
	name text,
	included_sequence bigint not null default 0,
	primary key (tenant_id, person_id)
);
create table people_employment (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	employee_id uuid not null,
	person_id uuid not null,
	employee_number text not null,
	hire_date date not null,
	end_date date,
	annulled boolean not null default false,
	primary key (tenant_id, employee_id)
);
create index people_employment_person on people_employment (tenant_id, person_id);
-- Half-open days; valid_to null = open. Only while the employment is effective.
create table people_assignment (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	employee_id uuid not null,
	valid_from date not null,
	valid_to date,
	person_id uuid not null,
	org_unit_id uuid not null,
	primary key (tenant_id, employee_id, valid_from)
);
create index people_assignment_unit on people_assignment (tenant_id, org_unit_id, person_id);
create index people_assignment_person on people_assignment (tenant_id, person_id);
create table people_unit (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	org_unit_id uuid not null,
	valid_from date not null,
	valid_to date,
	version bigint not null,
	code text not null,
	kind text not null,
	name text,
	parent_id uuid,
	head_person_id uuid,
	time_zone text,
	closed boolean not null default false,
	primary key (tenant_id, org_unit_id, valid_from)
);
create index people_unit_parent on people_unit (tenant_id, parent_id);
create index people_unit_head on people_unit (tenant_id, head_person_id);
-- Stores named in grants; store_id null = the own stores of the person.
create table people_grant (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	role text not null,
	store_id uuid
);
create index people_grant_account on people_grant (tenant_id, account_id);
create table people_grant_version (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	account_id uuid not null,
	version bigint not null,
	primary key (tenant_id, account_id)
);

do $$
declare t text;
begin
	foreach t in array array['people_person', 'people_employment', 'people_assignment', 'people_unit',
				 'people_grant', 'people_grant_version'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, update, delete on %I to ${app}', t);
	end loop;
end $$;

-- Settings of the transaction (db_begin). A missing setting is null or false: no rows.
create function people_me() returns uuid language sql stable
	return nullif(current_setting('renhe.person_id', true), '')::uuid;
create function people_account() returns uuid language sql stable
	return nullif(current_setting('renhe.account_id', true), '')::uuid;
create function people_today() returns date language sql stable
	return nullif(current_setting('renhe.today', true), '')::date;
create function people_has_scope(s text) returns boolean language sql stable
	return coalesce(s = any(string_to_array(current_setting('renhe.scopes', true), ',')), false);
-- The business clock: real time and the shift of renhe.clock_shift whole seconds.
create function people_now() returns timestamptz language sql volatile
	return clock_timestamp() + make_interval(secs => coalesce(nullif(current_setting('renhe.clock_shift', true), '')::int, 0));

-- Units below those whose dated head is the caller, today (decision 3: "team").
create function people_team_units() returns uuid[] language sql stable as $$
	with recursive tree as (
		select u.org_unit_id from people_unit u
		where people_has_scope('team') and u.head_person_id = people_me()
		  and u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
		union
		select u.org_unit_id from people_unit u join tree t on u.parent_id = t.org_unit_id
		where u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
	)
	select coalesce(array_agg(org_unit_id), '{}') from tree
$$;
-- Stores named in the grant, else those of the primary assignments today (decision 3: "own store").
create function people_store_units() returns uuid[] language sql stable as $$
	with named as (
		select store_id from people_grant
		where people_has_scope('store') and account_id = people_account() and role = 'STORE_MANAGER' and store_id is not null
	), own as (
		select a.org_unit_id from people_assignment a
		where people_has_scope('store') and a.person_id = people_me() and not exists (select 1 from named)
		  and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())
	)
	select coalesce(array_agg(store_id), '{}') from (select store_id from named union select org_unit_id from own) u
$$;
-- Which scopes of the caller reach a person: bits 1 self, 2 team, 4 store, 8 tenant.
create function people_scope(person uuid, team uuid[], store uuid[]) returns int language sql stable as $$
	select case when person = people_me() then 1 else 0 end
	     + case when team <> '{}' and exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(team)
			and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then 2 else 0 end
	     + case when store <> '{}' and exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(store)
			and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then 4 else 0 end
	     + case when people_has_scope('tenant') then 8 else 0 end
$$;
-- Puts the scope policy on a table with a person_id: judged by today's assignments, never by the
-- unit that an old row holds (decisions 4, 20). The sub-selects are run once per statement.
create procedure people_scope_policy(t text) language plpgsql as $$
begin
	execute format($p$create policy scope on %I as restrictive using (
		(select people_has_scope('tenant'))
		or person_id = (select people_me())
		or person_id in (select a.person_id from people_assignment a
			where a.org_unit_id = any ((select people_team_units() || people_store_units())::uuid[])
			  and a.valid_from <= (select people_today()) and (a.valid_to is null or a.valid_to > (select people_today())))
		) with check (true)$p$, t);
end $$;
