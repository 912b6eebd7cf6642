-- Locked: no change of the file and no hold comes between the look and the act.
-- name: person_standing :one in=PersonStanding out=PersonStanding none=PERSON_NOT_FOUND
select p.person_id as id, p.erase_time is not null as erased,
       exists (select 1 from employee_slice s where s.person_id = p.person_id and s.recorded_to is null and not s.annulled
		and (s.end_date is null or s.end_date > :@today::date)) as employed,
       exists (select 1 from legal_hold h where h.person_id = p.person_id and h.release_time is null
		and h.end_date > :@today::date) as held,
       (select (max(s.end_date) + make_interval(years => :years::int))::date from employee_slice s
	where s.person_id = p.person_id and s.recorded_to is null and not s.annulled
	having max(s.end_date) + make_interval(years => :years::int) > :@today::date) as retained_until
from person p where p.person_id = :id for update;

-- name: person_there :one in=ListLegalHoldsRequest out=PersonStanding none=PERSON_NOT_FOUND
select person_id as id from person where person_id = :id;

-- name: person_erase :one in=EmployeeKey out=EmployeeKey
update person set version = version + 1, update_time = greatest(renhe_now(), update_time + interval '1 microsecond'),
	erase_time = renhe_now()
where person_id = :person_id returning person_id, version, update_time as at_time;

-- Whatever the list holds; a name there must be.
-- name: person_revisions_forget :exec in=EmployeeKey
update person_revision r set ({person_fields}) = (select {x.person_fields}
	from jsonb_populate_record(null::person_revision, jsonb_build_object('name', '已删除')) x),
	id_number_index = null, mobile_index = null
where r.person_id = :person_id;

-- Files that the person came with; what is left of such an import are its lines.
-- name: import_files_forget :many in=EmployeeKey out=ImportRecord
delete from employee_import_file where import_id in (select import_id from employee_import_row where person_id = :person_id)
returning import_id as id, file_id;

-- name: erasure_insert :exec in=PersonErased
insert into erasure (id, person_id) values (:erasure_id, :person_id);

-- name: erasure_get :one in=GetErasureRequest out=Erasure none=ERASURE_NOT_FOUND
select id, person_id, create_time from erasure where id = :id;

-- name: erasure_answers :many in=GetErasureRequest out=ErasureAnswer
select service, answer_time from erasure_answer where erasure_id = :id order by service;

-- name: erasure_answer_put :exec in=PersonStanding
insert into erasure_answer (erasure_id, service)
select e.id, :service from erasure e where e.id = :erasure_id on conflict do nothing;

-- name: legal_hold_insert :one in=HoldPersonRequest out=LegalHold
insert into legal_hold (person_id, reason, end_date) values (:id, :reason, :end_date)
returning id, person_id, reason, end_date, create_time;

-- name: legal_holds_release :exec in=ReleasePersonRequest
update legal_hold set release_time = renhe_now() where person_id = :id and release_time is null;

-- name: legal_hold_list :many in=ListLegalHoldsRequest out=LegalHold
select id, person_id, reason, end_date, create_time, release_time from legal_hold
where person_id = :id order by create_time, id;
