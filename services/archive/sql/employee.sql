-- A field of the person or of the employment is named once, here.
-- list: person_fields = name, sex, birth_date, id_type, id_number, mobile, email, nationality, address, emergency_contact
-- list: dated_fields = org_unit_id, post_id, employment_type, probation_end_date, work_place, job_grade

-- name: employee_get :one in=GetEmployeeRequest out=Employee keys=person_id none=EMPLOYEE_NOT_FOUND
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	    when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state,
       :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version,
       people_scope(e.person_id, (select people_team_units()), (select people_store_units())) as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from employee e
join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join person_revision r on r.person_id = e.person_id and r.recorded_to is null
where e.id = :id;

-- name: employee_get_as_of :one in=GetEmployeeRequest out=Employee keys=person_id none=EMPLOYEE_NOT_FOUND
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	    when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state,
       :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version,
       people_scope(e.person_id, (select people_team_units()), (select people_store_units())) as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from employee e
join lateral (select * from employee_slice x where x.employee_id = e.id
	and x.recorded_from <= :as_of and (x.recorded_to is null or x.recorded_to > :as_of)
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join person_revision r on r.person_id = e.person_id and r.recorded_from <= :as_of and (r.recorded_to is null or r.recorded_to > :as_of)
where e.id = :id;

-- name: employee_list :many in=ListEmployeesRequest out=Employee keys=person_id
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       v.state, :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version, 0 as search_rank,
       people_scope(e.person_id, (select people_team_units()), (select people_store_units())) as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from employee e
join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join lateral (select case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	    when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state) v on true
join lateral (select * from person_revision x where x.person_id = e.person_id and x.recorded_to is null limit 1) r on true -- in the order of numbers, a page's worth
where (:after_number::text is null or (e.employee_number, e.id) > (:after_number::text, :after_id::uuid))
  and (:org_unit_id::uuid is null or s.org_unit_id = :org_unit_id::uuid)
  -- the same by the index first, so that nobody else's slices are read
  and (:org_unit_id::uuid is null or e.id in (select u.employee_id from employee_slice u where u.org_unit_id = :org_unit_id::uuid and u.recorded_to is null))
  and (:employee_number::text is null or e.employee_number = :employee_number::text)
  and v.state = any (coalesce(:state::text[], '{PENDING,ACTIVE,ENDED}')) -- what was taken back only where it is asked for
  -- the condition of fewest by its index first, then all of them; bounds by a select, since coalesce is not leakproof
  and (:custom_ids::uuid[] is null or e.id in (select c.employee_id from employee_custom c
       where (:custom_plain::text[])[1] <> '' and c.field_id = (:custom_ids::uuid[])[1] and c.plain = (:custom_plain::text[])[1]
       union all
       select c.employee_id from employee_custom c
       where (:custom_plain::text[])[1] = '' and c.field_id = (:custom_ids::uuid[])[1]
	 and c.num >= (select coalesce(nullif((:custom_low::text[])[1], '')::bigint, '-9223372036854775808'))
	 and c.num <= (select coalesce(nullif((:custom_high::text[])[1], '')::bigint, '9223372036854775807'))))
  and (:custom_ids::uuid[] is null or employee_custom_fits(e.id, :custom_ids::uuid[], :custom_plain::text[], :custom_low::text[], :custom_high::text[]))
order by e.employee_number, e.id
limit :page_limit;

-- The same where few people meet the first condition on a declared field: it begins with them, and reads of nobody else.
-- name: employee_list_few :many in=ListEmployeesRequest out=Employee
with candidate as materialized (
       select c.employee_id from employee_custom c
       where (:custom_plain::text[])[1] <> '' and c.field_id = (:custom_ids::uuid[])[1] and c.plain = (:custom_plain::text[])[1]
       union all
       select c.employee_id from employee_custom c
       where (:custom_plain::text[])[1] = '' and c.field_id = (:custom_ids::uuid[])[1]
	 and c.num >= (select coalesce(nullif((:custom_low::text[])[1], '')::bigint, '-9223372036854775808'))
	 and c.num <= (select coalesce(nullif((:custom_high::text[])[1], '')::bigint, '9223372036854775807'))
), found as materialized (
	select e.id, e.employee_number, v.state
	from candidate c
	join lateral (select * from employee x where x.id = c.employee_id limit 1) e on true -- one by one, never all
	join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
		and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
	join lateral (select case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
		when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state) v on true
	where (:after_number::text is null or (e.employee_number, e.id) > (:after_number::text, :after_id::uuid))
	  and (:org_unit_id::uuid is null or s.org_unit_id = :org_unit_id::uuid)
	  and (:employee_number::text is null or e.employee_number = :employee_number::text)
	  and v.state = any (coalesce(:state::text[], '{PENDING,ACTIVE,ENDED}')) -- what was taken back only where it is asked for
	  and (cardinality(:custom_ids::uuid[]) = 1
	       or employee_custom_fits(e.id, :custom_ids::uuid[], :custom_plain::text[], :custom_low::text[], :custom_high::text[]))
	order by e.employee_number, e.id
	limit :page_limit
)
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       f.state, :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version, 0 as search_rank,
       people_scope(e.person_id, (select people_team_units()), (select people_store_units())) as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from found f
join lateral (select * from employee x where x.id = f.id limit 1) e on true
join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join lateral (select * from person_revision x where x.person_id = e.person_id and x.recorded_to is null limit 1) r on true
order by f.employee_number, e.id;

-- name: employee_mine :many in=MyEmployeeRequest out=Employee keys=person_id
select e.id, e.person_id, s.employee_number, {r.person_fields}, {s.dated_fields}, s.hire_date, s.end_date, s.end_reason,
       case when s.annulled then 'ANNULLED' when :effective_on::date < s.hire_date then 'PENDING'
	    when s.end_date <= :effective_on::date then 'ENDED' else 'ACTIVE' end as state,
       :effective_on::date as effective_on, e.create_time, r.recorded_from as update_time, r.version, 1 as scope_match,
       exists (select from employee_field d where d.state = 'ACTIVE') as customised
from employee e
join lateral (select * from employee_slice x where x.employee_id = e.id and x.recorded_to is null
	and (x.valid_to is null or x.valid_to > :effective_on::date) order by x.valid_from limit 1) s on true
join person_revision r on r.person_id = e.person_id and r.recorded_to is null
where e.person_id = people_me() order by s.hire_date, e.id;

-- name: employee_reveal :one in=RevealEmployeeRequest out=RevealedEmployee keys=person_id none=EMPLOYEE_NOT_FOUND
select e.id, e.person_id, r.id_type, r.id_number, r.birth_date, r.mobile
from employee e join person_revision r on r.person_id = e.person_id and r.recorded_to is null
where e.id = :id;

-- The oldest of them ends the wait; one account's looks wait for each other, so that none slips by.
-- name: reveals_count :one in=RevealCount out=RevealCount
select count(*), greatest(1, extract(epoch from min(act_time) + interval '24 hours' - clock_timestamp()))::bigint as retry_after_s
from audit, (select pg_advisory_xact_lock(hashtextextended('reveal ' || :@account_id::text, 0))) l
where act_time > clock_timestamp() - interval '24 hours' and act = 'employee.reveal' and account_id = :@account_id::text;

-- Locks the person: every change to the file goes through here or through person_lock.
-- name: employee_lock :one in=EmployeeKey out=EmployeeKey none=EMPLOYEE_NOT_FOUND
select e.id, e.person_id, p.version from employee e join person p on p.person_id = e.person_id
where e.id = :id and p.erase_time is null for update of p;

-- name: person_lock :one in=Employee out=EmployeeKey none=PERSON_NOT_FOUND
select p.person_id, p.version from person p where p.person_id = :person_id and p.erase_time is null for update;

-- Stamped after the lock, never equal to an earlier change of the person (decision 35).
-- name: person_stamp :one in=EmployeeKey out=EmployeeKey
update person set version = version + 1, update_time = greatest(people_now(), update_time + interval '1 microsecond')
where person_id = :person_id returning person_id, version, update_time as at_time;

-- Of a person whom this transaction made.
-- name: person_stamp_next :exec in=EmployeeKey
update person set version = :version, update_time = :at_time where person_id = :person_id;

-- name: persons_insert :many in=EmployeeKey out=EmployeeKey
insert into person (person_id, version, create_time, update_time)
select i, 1, n.t, n.t from unnest(:ids::uuid[]) as i, (select people_now() as t offset 0) n
returning person_id, version, update_time as at_time;

-- name: person_insert :one in=EmployeeKey out=EmployeeKey
insert into person (person_id, version, create_time, update_time)
select :person_id, 1, t, t from (select people_now() as t) n
returning person_id, version, update_time as at_time;

-- name: person_revision_close :exec in=Employee
update person_revision set recorded_to = :update_time where person_id = :person_id and recorded_to is null;

-- name: person_revision_insert :exec in=Employee person_id_number=ID_NUMBER_TAKEN
insert into person_revision (person_id, version, recorded_from, {person_fields}, id_number_index, mobile_index)
values (:person_id, :version, :update_time, {:person_fields}, :id_number_index, :mobile_index);

-- Whose employments never were holds no number: it may be recorded anew, as it should have been.
-- name: person_release :exec in=Employee
update person_revision set id_number_index = null, mobile_index = null
where person_id = :person_id and recorded_to is null
and not exists (select from employee e where e.person_id = :person_id and not e.annulled);

-- The person as it was before a change.
-- name: person_at_version :one in=Employee out=Employee
select person_id, {person_fields} from person_revision where person_id = :person_id and version = :version;

-- name: employee_insert :exec in=Employee employee_number_taken=EMPLOYEE_NUMBER_TAKEN
insert into employee (id, person_id, employee_number, create_time) values (:id, :person_id, :employee_number, :update_time);

-- Who has a number already; for the report of an import.
-- name: employee_by_number :opt in=Employee out=EmployeeKey
select id from employee where employee_number = :employee_number and not annulled;

-- name: person_by_id_number :opt in=Employee out=EmployeeKey
select person_id from person_revision where id_number_index = :id_number_index and recorded_to is null
and (:person_id::uuid is null or person_id <> :person_id::uuid);

-- name: employee_renumber :exec in=Employee employee_number_taken=EMPLOYEE_NUMBER_TAKEN
update employee set employee_number = :employee_number where id = :id;

-- name: employee_annul :exec in=EmployeeKey
update employee set annulled = true where id = :id;

-- name: employee_facts :many in=EmployeeKey out=Employee
select fact_sequence, fact_kind, effective_date, cleared_fields, end_reason, {dated_fields}
from employee_fact where employee_id = :id and annulled_time is null order by effective_date, fact_sequence;

-- name: employee_fact_insert :exec in=Employee
insert into employee_fact (employee_id, person_id, fact_sequence, fact_kind, effective_date, recorded_time, announced, cleared_fields, end_reason, {dated_fields})
values (:id, :person_id, :version, :fact_kind, :effective_date, :update_time, :effective_date::date <= :@today::date, :cleared_fields, :end_reason, {:dated_fields});

-- name: employee_ends_annul :exec in=Employee
update employee_fact set annulled_time = :update_time where employee_id = :id and fact_kind = 'ENDED' and annulled_time is null;

-- name: employee_facts_annul :exec in=Employee
update employee_fact set annulled_time = :update_time where employee_id = :id and annulled_time is null;

-- name: employee_fact_annul :exec in=Employee
update employee_fact set annulled_time = :update_time
where employee_id = :id and fact_sequence = :fact_sequence and annulled_time is null;

-- name: employee_slices :many in=EmployeeKey out=Employee
select slice_id, valid_from, valid_to, employee_number, hire_date, end_date, end_reason,
       case when annulled then 'ANNULLED' else null end as state, {dated_fields}
from employee_slice where employee_id = :id and recorded_to is null order by valid_from;

-- name: employee_slice_close :exec in=Employee
update employee_slice set recorded_to = :update_time where employee_id = :id and valid_from = :valid_from and recorded_to is null;

-- name: employee_slice_insert :exec in=Employee
insert into employee_slice (employee_id, person_id, valid_from, valid_to, recorded_from, employee_number, hire_date, end_date, end_reason, annulled, {dated_fields})
values (:id, :person_id, :valid_from, :valid_to, :update_time, :employee_number, :hire_date, :end_date, :end_reason, coalesce(:state::text, '') = 'ANNULLED', {:dated_fields});

-- The person's other employments, for the snapshot and against overlaps.
-- name: person_employees :many in=EmployeeKey out=EmployeeKey
select id, person_id from employee where person_id = :person_id order by create_time, id;

-- name: unit_on_day :opt in=Employee out=EmployeeKey
select org_unit_id as id from people_unit where org_unit_id = :org_unit_id and not closed
and valid_from <= :effective_date::date and (valid_to is null or valid_to > :effective_date::date);

-- name: post_exists :opt in=Employee out=EmployeeKey
select id from post where id = :post_id;

-- Facts that take effect today or before and were recorded ahead.
-- name: person_facts_due :many in=EmployeeKey out=DueFact
update employee_fact set announced = true
where person_id = :person_id and not announced and annulled_time is null and effective_date <= :@today::date
returning employee_id, person_id, fact_sequence, fact_kind, effective_date;

-- name: person_fact_next :opt in=EmployeeKey out=DueFact
select effective_date from employee_fact where person_id = :person_id and not announced and annulled_time is null
order by effective_date limit 1;

-- name: aggregate_sequence_of :opt in=EmployeeKey out=EmployeeKey
select last as sequence from aggregate_sequence where aggregate_type = 'person' and aggregate_id = (:person_id::uuid)::text;

-- name: person_known :one in=Employee out=Employee none=PERSON_NOT_FOUND
select person_id, {person_fields} from person_revision where person_id = :person_id and recorded_to is null;
