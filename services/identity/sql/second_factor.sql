-- name: totp_get :opt in=TotpRow out=TotpRow
select account_id, subject_id, secret, confirmed_time is not null as confirmed, last_step, misses from totp where account_id = :account_id;

-- name: totp_put :exec in=TotpRow
insert into totp (account_id, subject_id, secret) values (:account_id, :subject_id, :secret)
on conflict (tenant_id, account_id) do update set subject_id = excluded.subject_id, secret = excluded.secret, last_step = 0,
	create_time = clock_timestamp() where totp.confirmed_time is null;

-- Of two that come with one code at once, the second finds no row.
-- name: totp_take_step :opt in=TotpRow out=TotpRow
update totp set last_step = :last_step, misses = 0, confirmed_time = coalesce(confirmed_time, clock_timestamp())
where account_id = :account_id and last_step < :last_step and (confirmed_time is not null) = :confirmed
returning account_id;

-- name: totp_miss :opt in=TotpRow out=TotpRow
update totp set misses = misses + 1 where account_id = :account_id and confirmed_time is not null returning account_id, misses;

-- Whoever shows a recovery code holds the account.
-- name: totp_forgive :exec in=TotpRow
update totp set misses = 0 where account_id = :account_id;

-- name: totp_delete :opt in=TotpRow out=TotpRow
delete from totp where account_id = :account_id returning account_id, confirmed_time is not null as confirmed;

-- name: recovery_clear :exec in=RecoveryRow
delete from recovery_code where account_id = :account_id;

-- name: recovery_put :exec in=RecoveryRow
insert into recovery_code (account_id, code_hash) values (:account_id, :code_hash);

-- name: recovery_use :opt in=RecoveryRow out=RecoveryRow
update recovery_code set used_time = clock_timestamp()
where account_id = :account_id and code_hash = :code_hash and used_time is null returning account_id;

-- name: challenge_put :one in=ChallengeRow out=ChallengeRow
insert into challenge (id, account_id, generation, device) values (:id, :account_id, :generation, :device)
returning id, account_id, expire_time;

-- name: challenge_trim :exec in=ChallengeRow
delete from challenge where account_id = :account_id and expire_time < clock_timestamp();

-- name: challenge_lock :opt in=ChallengeRow out=ChallengeRow
select id, account_id, generation, device, tries, used_time is not null or expire_time < clock_timestamp() as ended
from challenge where id = :id for update;

-- name: challenge_try :exec in=ChallengeRow
update challenge set tries = tries + 1 where id = :id;

-- name: challenge_use :exec in=ChallengeRow
update challenge set used_time = clock_timestamp() where id = :id;

-- name: challenges_clear :exec in=ChallengeRow
delete from challenge where account_id = :account_id;
