-- The same answer, step by step. As one expression it was planned anew for every row asked about: with the caller's
-- own (mostly empty) lists in it, it always looked cheaper than the plan that is kept.
create or replace function people_scope(person uuid, team uuid[], store uuid[]) returns int language plpgsql stable as $$
declare bits int := 0;
begin
	if person = people_me() then
		bits := 1;
	end if;
	if team <> '{}' then
		if exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(team)
			   and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then
			bits := bits + 2;
		end if;
	end if;
	if store <> '{}' then
		if exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(store)
			   and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then
			bits := bits + 4;
		end if;
	end if;
	if people_has_scope('tenant') then
		bits := bits + 8;
	end if;
	return bits;
end $$;
