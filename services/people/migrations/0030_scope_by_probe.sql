-- The scope policy asks for each row whether the person is assigned in the caller's units, by an index.
-- As `in (select ...)` it gathered everybody of the scope first, for each table of a query: with 200
-- stores and 80,000 people that was most of a list's time. `offset 0` keeps it from being turned back.
create or replace procedure people_scope_policy(t text) language plpgsql as $$
begin
	execute format('drop policy if exists scope on %I', t);
	execute format($p$create policy scope on %1$I as restrictive using (
		(select people_has_scope('tenant'))
		or person_id = (select people_me())
		or exists (select 1 from people_assignment a
			where a.person_id = %1$I.person_id
			  and a.org_unit_id = any ((select people_team_units() || people_store_units())::uuid[])
			  and a.valid_from <= (select people_today()) and (a.valid_to is null or a.valid_to > (select people_today()))
			offset 0)
		) with check (true)$p$, t);
end $$;
-- Tables of this database that have the policy already.
do $$
declare t text;
begin
	for t in select tablename from pg_policies where schemaname = current_schema() and policyname = 'scope'
		 and qual like '%people_store_units%' loop
		call people_scope_policy(t);
	end loop;
end $$;
