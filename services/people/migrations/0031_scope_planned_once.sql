-- The scope functions, as before word for word, in plpgsql: a connection plans them once. In sql they
-- were planned anew in each statement, which was most of reading one employee.
create or replace function people_team_units() returns uuid[] language plpgsql stable as $$
begin
	if not people_has_scope('team') then
		return '{}';
	end if;
	return (with recursive tree as (
		select u.org_unit_id from people_unit u
		where u.head_person_id = people_me()
		  and u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
		union
		select u.org_unit_id from people_unit u join tree t on u.parent_id = t.org_unit_id
		where u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
	)
	select coalesce(array_agg(org_unit_id), '{}') from tree);
end $$;
create or replace function people_store_units() returns uuid[] language plpgsql stable as $$
begin
	if not people_has_scope('store') then
		return '{}';
	end if;
	return (with named as (
		select store_id from people_grant
		where account_id = people_account() and role = 'STORE_MANAGER' and store_id is not null
	), own as (
		select a.org_unit_id from people_assignment a
		where a.person_id = people_me() and not exists (select 1 from named)
		  and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())
	)
	select coalesce(array_agg(store_id), '{}') from (select store_id from named union select org_unit_id from own) u);
end $$;
create or replace function people_scope(person uuid, team uuid[], store uuid[]) returns int language plpgsql stable as $$
begin
	return case when person = people_me() then 1 else 0 end
	     + case when team <> '{}' and exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(team)
			and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then 2 else 0 end
	     + case when store <> '{}' and exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(store)
			and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then 4 else 0 end
	     + case when people_has_scope('tenant') then 8 else 0 end;
end $$;
