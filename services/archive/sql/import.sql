-- An import and its job as one row: the job says whether it runs and how far it is.
-- list: import_fields = kind, asked_kind, dry_run, file_name, sheet, mapping, format, encoding, rows, created, refused, fault_count, done_line, cancel_asked, job_id

-- name: import_insert :exec in=ImportRecord
insert into employee_import (id, asked_kind, dry_run, file_name, sheet, mapping, job_id)
values (:id, :asked_kind, coalesce(:dry_run, false), :file_name, :sheet, :mapping, :job_id);

-- name: import_file_insert :exec in=ImportRecord
insert into employee_import_file (import_id, file_id) values (:id, :file_id);

-- Those from before the blob store.
-- name: import_files_end :exec in=ImportRecord
delete from employee_import_file f using employee_import i
where i.id = f.import_id and f.content is not null and i.create_time <= people_now() - make_interval(days => (:kept_days::bigint)::int);

-- name: import_file_get :opt in=ImportRecord out=ImportRecord
select import_id as id, content::text as content, file_id from employee_import_file where import_id = :id;

-- name: import_get :one in=ImportRecord out=ImportRecord none=IMPORT_NOT_FOUND
select i.id, {i.import_fields}, i.account_id, i.columns, i.version, i.create_time, greatest(i.update_time, j.update_time) as update_time,
       j.done, j.total, j.error,
       case when i.state = 'PENDING' and j.state = 'RUNNING' then j.state when i.state = 'PENDING' and j.state = 'FAILED' then 'STOPPED'
	    when i.state = 'UNDOING' and j.state = 'FAILED' then 'SUCCEEDED' else i.state end as state
from employee_import i left join job j on j.id = i.job_id
where i.id = :id;

-- name: import_lock :one in=ImportRecord out=ImportRecord none=IMPORT_NOT_FOUND
select id, state, {import_fields}, columns, version from employee_import where id = :id for update;

-- What the file turned out to be; said again when a killed job begins anew, with the same words.
-- name: import_begin :exec in=ImportRecord
update employee_import set kind = :kind, format = :format, encoding = :encoding, sheet = :sheet, columns = :columns,
       version = version + 1, update_time = people_now()
where id = :id;

-- name: import_progress :exec in=ImportRecord
update employee_import set rows = :rows, created = :created, refused = :refused, fault_count = :fault_count, done_line = :done_line,
       version = version + 1, update_time = people_now()
where id = :id;

-- name: import_state :exec in=ImportRecord
update employee_import set state = :state, version = version + 1, update_time = people_now() where id = :id;

-- name: import_again :exec in=ImportRecord
update employee_import set state = 'PENDING', dry_run = false, job_id = :job_id, rows = 0, created = 0, refused = 0, fault_count = 0,
       done_line = 0, version = version + 1, update_time = people_now()
where id = :id;

-- Behind what is settled.
-- name: import_resume :exec in=ImportRecord
update employee_import set state = 'PENDING', job_id = :job_id, version = version + 1, update_time = people_now() where id = :id;

-- name: import_cancel :exec in=ImportRecord
update employee_import set cancel_asked = true, version = version + 1, update_time = people_now() where id = :id;

-- name: import_faults_clear :exec in=ImportRecord
delete from employee_import_fault where import_id = :id;

-- name: import_fault_insert :exec in=ImportFaultRow
insert into employee_import_fault (import_id, fault_number, line, column_index, column_name, code, related_line, hint)
values (:import_id, :fault_number, :line, :column_index, :column_name, :code, :related_line, :hint);

-- name: import_faults :many in=ImportRecord out=ImportFaultRow
select import_id, fault_number, line, column_index, column_name, code, related_line, hint
from employee_import_fault where import_id = :id order by line, fault_number limit 10000;

-- name: import_row_insert :exec in=ImportRow
insert into employee_import_row (import_id, line, employee_id, person_id, before_version, after_version)
values (:import_id, :line, :employee_id, :person_id, :before_version, :after_version);

-- ---- undoing ----

-- name: import_undo :exec in=ImportRecord
update employee_import set state = 'UNDOING', job_id = :job_id, version = version + 1, update_time = people_now() where id = :id;

-- Rows of people who were changed since: by anything but rows of this import, one behind the other.
-- name: import_changed :many in=ImportRecord out=ImportRow
select r.person_id, min(r.line) as line
from employee_import_row r join person p on p.person_id = r.person_id
where r.import_id = :id and not r.undone
group by r.person_id, p.version
having p.version <> max(r.after_version) or sum(r.after_version - r.before_version) <> max(r.after_version) - min(r.before_version)
order by 2 limit 100;

-- The last row of each person, so that each goes back step by step.
-- name: import_undo_rows :many in=ImportRecord out=ImportRow
select distinct on (r.person_id) r.import_id, r.line, r.employee_id, r.person_id, r.before_version, r.after_version, f.fact_kind, f.effective_date
from employee_import_row r
join employee_fact f on f.employee_id = r.employee_id and f.fact_sequence = r.before_version + 1
where r.import_id = :id and not r.undone order by r.person_id, r.after_version desc limit 100;

-- name: import_row_undone :exec in=ImportRow
update employee_import_row set undone = true where import_id = :import_id and line = :line;

-- Declared fields of an employment that never was.
-- name: import_custom_drop :exec in=ImportRow
delete from employee_custom where employee_id = :employee_id;

-- What was loaded before it is the person's last change again, and may be undone next.
-- name: import_row_follow :exec in=ImportRow
update employee_import_row set after_version = :current_version
where person_id = :person_id and not undone and after_version = :before_version;

-- name: import_counts :one in=ImportRecord out=ImportRecord
select count(*) filter (where undone) as done, count(*) as total from employee_import_row where import_id = :id;

-- ---- what a chunk of rows asks ----

-- Units by code and by name, with the days on which they are open.
-- name: import_units :many out=ImportPlace
select org_unit_id as id, code, name, valid_from, valid_to, closed from people_unit;

-- name: import_posts :many out=ImportPlace
select id, code, name from post;

-- name: import_numbers_taken :many in=ImportLookup out=ImportLookup
select employee_number as value, id as employee_id, person_id from employee
where employee_number = any (:numbers::text[]) and not annulled order by 1;

-- The list is made before the table is asked: decode is not leakproof, and in a comparison with the column row security
-- would let it run only behind all rows of the tenant.
-- name: import_documents_taken :many in=ImportLookup out=ImportLookup
select '\x' || encode(id_number_index, 'hex') as value, person_id from person_revision
where id_number_index = any ((select array_agg(decode(substr(x, 3), 'hex')) from unnest(:indexes::text[]) x)::bytea[])
	and recorded_to is null order by 1;

-- name: import_persons_known :many in=ImportLookup out=ImportLookup
select person_id::text as value, person_id from person where person_id = any (:ids::uuid[]) order by 1;

-- name: import_employments :many in=ImportLookup out=ImportLookup
select e.employee_number as value, e.id as employee_id, e.person_id, s.hire_date, s.end_date
from employee e
join lateral (select hire_date, end_date from employee_slice x where x.employee_id = e.id and x.recorded_to is null limit 1) s on true
where e.employee_number = any (:numbers::text[]) and not e.annulled order by 1;

-- name: import_transfers_known :many in=ImportLookup out=ImportLookup
select e.employee_number as value, f.employee_id, f.effective_date, f.org_unit_id
from employee e join employee_fact f on f.employee_id = e.id
where e.employee_number = any (:numbers::text[]) and not e.annulled and f.fact_kind = 'TRANSFERRED' and f.annulled_time is null
order by 1;
