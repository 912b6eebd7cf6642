-- Everything that is held of one person, for the person.

-- Whom the caller's scope reaches. Erasure waits until the file is there, and takes it along.
-- name: person_data_subject :one in=CreatePersonDataExportRequest out=PersonData none=PERSON_NOT_FOUND
select person_id from person where person_id = :person_id and erase_time is null for share;

-- name: person_data_revisions :many in=PersonData out=Employee
select person_id, version, recorded_from, recorded_to, nullif(account_id, '') as account_id, {person_fields}
from person_revision where person_id = :person_id order by version;

-- name: person_data_facts :many in=PersonData out=Employee
select employee_id as id, person_id, fact_kind, effective_date, recorded_time as recorded_from, annulled_time as recorded_to,
       nullif(account_id, '') as account_id, cleared_fields, end_reason, {dated_fields}
from employee_fact where person_id = :person_id order by recorded_time, employee_id, fact_sequence;

-- What is believed of each span of days, and what was before it was known better.
-- name: person_data_slices :many in=PersonData out=Employee
select employee_id as id, person_id, valid_from, valid_to, recorded_from, recorded_to, employee_number, hire_date, end_date, end_reason,
       case when annulled then 'ANNULLED' else null end as state, {dated_fields}
from employee_slice where person_id = :person_id order by employee_id, recorded_from, valid_from;

-- name: person_data_acts :many in=PersonData out=PersonAct
select act_time, nullif(account_id, '') as account_id, act, result from audit
where (resource = 'person' and resource_id = (:person_id::uuid)::text)
   or (resource = 'employee' and resource_id in (select id::text from employee where person_id = :person_id::uuid))
order by act_time;

-- name: person_data_requests :many in=PersonData out=PersonRequest
select id, route as action, state, create_time, decide_time, nullif(account_id, '') as account_id, fields from pending_request
where resource_id = (:person_id::uuid)::text
   or resource_id in (select id::text from employee where person_id = :person_id::uuid)
order by create_time;

-- name: person_data_files :many in=PersonData out=PersonFile
select id, media_type, bytes, create_time, expire_time from blob where person_id = :person_id order by create_time;

-- name: person_data_holds :many in=PersonData out=LegalHold
select id, person_id, end_date, create_time, release_time from legal_hold where person_id = :person_id order by create_time;
