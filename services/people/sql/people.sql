-- Written from snapshots; read by scope filters and by the services.
-- name: people_person_put :exec in=archive.PersonSnapshot
insert into people_person (person_id, version, name, included_sequence)
values (:person_id, :version, :name, coalesce(:included_sequence::bigint, 0))
on conflict (tenant_id, person_id) do update
set version = excluded.version, name = excluded.name, included_sequence = excluded.included_sequence
where people_person.version < excluded.version;

-- The name goes, and does not come back by an older snapshot that is still on its way: the one without
-- a name has this version.
-- name: people_person_forget :exec in=archive.PersonErased
insert into people_person (person_id, version, name) values (:person_id, :version::bigint - 1, null)
on conflict (tenant_id, person_id) do update
set name = null, version = greatest(people_person.version, excluded.version);

-- name: people_employments_clear :exec in=archive.PersonSnapshot
delete from people_employment where person_id = :person_id;

-- name: people_assignments_clear :exec in=archive.PersonSnapshot
delete from people_assignment where person_id = :person_id;

-- name: people_employment_put :exec in=people.Employment
insert into people_employment (employee_id, person_id, employee_number, hire_date, end_date, annulled)
values (:employee_id, :person_id, :employee_number, :hire_date, :end_date, coalesce(:annulled, false));

-- name: people_assignment_put :exec in=people.Assignment
insert into people_assignment (employee_id, person_id, valid_from, valid_to, org_unit_id)
values (:employee_id, :person_id, :valid_from, :valid_to, :org_unit_id);

-- name: people_unit_version :opt in=archive.OrgUnitSnapshot out=archive.OrgUnitSnapshot
select max(version) as version from people_unit where org_unit_id = :org_unit_id having max(version) is not null;

-- name: people_unit_clear :exec in=archive.OrgUnitSnapshot
delete from people_unit where org_unit_id = :org_unit_id;

-- name: people_unit_put :exec in=people.Unit
insert into people_unit (org_unit_id, valid_from, valid_to, version, code, kind, name, parent_id, head_person_id, time_zone, closed)
values (:org_unit_id, :valid_from, :valid_to, :version, :code, :kind, :name, :parent_id, :head_person_id, :time_zone, coalesce(:closed, false));

-- name: people_grants_clear :exec in=identity.GrantSnapshot
delete from people_grant where account_id = :account_id;

-- name: people_grant_put :exec in=people.Grant
insert into people_grant (account_id, role, store_id) values (:account_id, :role, :store_id);

-- name: people_grant_version_put :exec in=identity.GrantSnapshot
insert into people_grant_version (account_id, version) values (:account_id, :version)
on conflict (tenant_id, account_id) do update set version = excluded.version
where people_grant_version.version < excluded.version;
