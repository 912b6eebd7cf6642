-- name: search_person_clear :exec in=SearchGrams
delete from employee_gram where id = any (array (select e.id from employee e where e.person_id = :person_id));

-- Of all employments of the person, each with its own number.
-- name: search_person_put :exec in=SearchGrams
insert into employee_gram (id, person_id, gram, whole, part)
select x.id, :person_id::uuid, x.gram, min(x.whole), min(x.part)
from (select e.id, g.gram, g.whole, g.part from employee e, unnest(:grams::text[], :whole::int[], :part::int[]) as g (gram, whole, part)
      where e.person_id = :person_id::uuid
      union all
      select e.id, lower(e.employee_number), 1, 3 from employee e where e.person_id = :person_id::uuid) x
group by x.id, x.gram;

-- name: search_place_clear :exec in=SearchGrams
delete from place_gram where id = :id;

-- name: search_place_put :exec in=SearchGrams
insert into place_gram (id, valid_from, valid_to, gram)
select :id, coalesce(:valid_from::date, '-infinity'), :valid_to::date, g.gram from unnest(:grams::text[]) as g (gram);

-- Locked, so that no change of name comes between; one that came before makes a duplicate, and the
-- timer is tried again.
-- name: search_fill_persons :many in=SearchGrams out=SearchGrams
select p.person_id, r.name from person p join person_revision r on r.person_id = p.person_id and r.recorded_to is null
where exists (select 1 from employee e where e.person_id = p.person_id
	and not exists (select 1 from employee_gram g where g.id = e.id))
limit 500 for update of p;

-- name: search_fill_places :many out=SearchGrams
select * from (
	select u.id, u.code, s.name, s.valid_from, s.valid_to from org_unit u
	join org_unit_slice s on s.org_unit_id = u.id and s.recorded_to is null
	where not exists (select 1 from place_gram g where g.id = u.id)
	union all
	select p.id, p.code, p.name, null, null from post p where not exists (select 1 from place_gram g where g.id = p.id)) x
order by x.id, x.valid_from;

-- For the search behind it in the transaction: a plan made anew costs more than most searches.
-- name: search_plan_once :exec
set local plan_cache_mode = force_generic_plan;

-- The page of a list by the words of its box. Candidates come from the word that fits the fewest
-- (counted only where there is a choice, and no further than to tell few from many); then each is held
-- against the other words. Places hold of the slice on the day, so a transfer counts from its day on.
-- name: employee_search :many in=SearchEmployees out=Employee keys=person_id
with word as materialized (
	select t.i, t.w, t.w_end, coalesce(p.ids, '{}') as places
	from (select x.w collate "C" as w, (x.w || chr(1114111)) collate "C" as w_end, x.i
	      from unnest(:words::text[]) with ordinality as x (w, i) offset 0) t
	left join lateral (select array_agg(distinct g.id) as ids from place_gram g
		where g.gram >= t.w and g.gram < t.w_end
		  and g.valid_from <= :effective_on::date and (g.valid_to is null or g.valid_to > :effective_on::date)) p on true
), phone as materialized (
	select e.id from person_revision r join employee e on e.person_id = r.person_id
	where r.mobile_index = :mobile_index and r.recorded_to is null
	  and people_scope(r.person_id, (select people_team_units()), (select people_store_units())) & :contact_scopes::int <> 0
), searched as materialized (
	select coalesce(array_agg(f.id), '{}') as fields from employee_field f where f.searchable and f.search_ready and f.state = 'ACTIVE'
), driver as materialized (
	select w.* from word w
	order by case when cardinality(:words::text[]) > 1 then
		(select count(*) from (select 1 from employee_gram g where g.gram >= w.w and g.gram < w.w_end limit 2000) x)
		+ (select count(*) from (select 1 from custom_gram g where g.gram >= w.w and g.gram < w.w_end limit 2000) x)
		+ (select count(*) from (select 1 from employee_slice s where s.org_unit_id = any (w.places) and s.recorded_to is null limit 2000) x)
		+ (select count(*) from (select 1 from employee_slice s where s.post_id = any (w.places) and s.recorded_to is null limit 2000) x) end
	limit 1
), candidate as materialized (
	select x.id, min(x.grade) as grade from (
		select g.id, case when g.gram = d.w then g.whole else g.part end as grade
		from driver d join employee_gram g on g.gram >= d.w and g.gram < d.w_end
		union all
		select v.employee_id, 9 from driver d, lateral (select g.employee_id, g.field_id from custom_gram g
			where g.gram >= d.w and g.gram < d.w_end offset 0) v -- by the range, whatever the planner knows of the table
		where v.field_id = any ((select fields from searched)::uuid[])
		union all
		select s.employee_id, null from driver d join employee_slice s on s.org_unit_id = any (d.places) where s.recorded_to is null
		union all
		select s.employee_id, null from driver d join employee_slice s on s.post_id = any (d.places) where s.recorded_to is null
		union all
		select p.id, 1 from driver d join phone p on d.i = :mobile_word::int) x
	group by x.id
), found as materialized (
	select c.id, s.employee_number, k.rank
	from candidate c cross join driver d
	join lateral (select * from employee_slice x where x.employee_id = c.id and x.recorded_to is null
		and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
	join lateral (select count(m.grade) as words, sum(m.grade)::int as rank from (
		select least(case when w.i = d.i then c.grade else least((
				select min(case when g.gram = w.w then g.whole else g.part end) from employee_gram g
				where g.id = c.id and g.gram >= w.w and g.gram < w.w_end), (
				select 9 from custom_gram g where g.employee_id = c.id and g.gram >= w.w and g.gram < w.w_end
				and g.field_id = any ((select fields from searched)::uuid[]) limit 1)) end,
			case when s.org_unit_id = any (w.places) or s.post_id = any (w.places) then 8 end,
			case when w.i = :mobile_word::int and exists (select 1 from phone p where p.id = c.id) then 1 end) as grade
		from word w offset 0) m) k on k.words = cardinality(:words::text[])
	where (:org_unit_id::uuid is null or s.org_unit_id = :org_unit_id::uuid)
	  and (:employee_number::text is null or s.employee_number = :employee_number::text)
	  and case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	       when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end = any (coalesce(:state::text[], '{PENDING,ACTIVE,ENDED}'))
	  and (:custom_ids::uuid[] is null or employee_custom_fits(c.id, :custom_ids::uuid[], :custom_plain::text[], :custom_low::text[], :custom_high::text[]))
	  and (:after_rank::text is null or (k.rank, s.employee_number, c.id) > (:after_rank::text::int, :after_number::text, :after_id::uuid))
	order by k.rank, s.employee_number, c.id
	limit :page_limit
)
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	    when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state,
       :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version, f.rank as search_rank,
       people_scope(e.person_id, (select people_team_units()), (select people_store_units())) as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from found f
join lateral (select * from employee x where x.id = f.id limit 1) e on true -- one by one, never all
join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join lateral (select * from person_revision x where x.person_id = e.person_id and x.recorded_to is null limit 1) r on true
order by f.rank, s.employee_number, e.id;
