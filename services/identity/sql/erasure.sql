-- Of an erased person's account everything goes but its id, which events and the audit name.
-- name: account_erase :exec in=AccountRow
update account set erased = true, password_hash = null, version = version + 1, update_time = renhe_now() where id = :id;

-- Buckets are kind|name|more.
-- name: account_attempts_erase :exec in=AccountRow
delete from attempt where split_part(bucket, '|', 2) in (select name from sign_in_name where account_id = :id);

-- name: account_parts_erase :exec in=AccountRow
with a as (delete from activation where account_id = :id), s as (delete from session where account_id = :id),
	d as (delete from known_device where account_id = :id), g as (delete from role_grant where account_id = :id),
	t as (delete from totp where account_id = :id), r as (delete from recovery_code where account_id = :id),
	c as (delete from challenge where account_id = :id)
delete from sign_in_name where account_id = :id;

-- Snapshots that could not be taken in hold a name.
-- name: person_letters_erase :exec in=AccountRow
with p as (delete from parked_event where ce_subject = (:person_id::uuid)::text)
delete from dead_letter where ce_subject = (:person_id::uuid)::text;
