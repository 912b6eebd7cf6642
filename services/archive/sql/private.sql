-- Persons in the order of their ids, for their private records to be written anew.

-- Locked, so that no record overtakes that of a change.
-- name: private_persons_lock :many in=EmployeeKey out=EmployeeKey
select person_id from person where erase_time is null and (:person_id::uuid is null or person_id > :person_id::uuid)
order by person_id limit 200 for update;

-- Whose hires were all annulled has none.
-- name: private_persons :many in=EmployeeKey out=Employee
select r.person_id, r.version, {r.person_fields} from person_revision r
where r.person_id = any (:ids::uuid[]) and r.recorded_to is null
and exists (select from employee e where e.person_id = r.person_id and not e.annulled);
