-- Everything that is held of one account, for its owner.

-- Whom the caller's scope reaches. One that was erased holds nothing but its id.
-- name: account_data_subject :one in=CreateAccountDataExportRequest out=AccountData none=ACCOUNT_NOT_FOUND
select a.id as account_id, (select p.name from people_person p where p.person_id = a.person_id) as name
from account a where a.id = :account_id and not a.erased and (renhe_has_scope('tenant') or a.id = renhe_account());

-- name: account_data_spans :many in=AccountData out=AccountSpan
select employee_id, from_date, to_date from account_span where account_id = :account_id order by from_date, employee_id;

-- name: account_data_grants :many in=AccountData out=RoleGrant
select id, account_id, role, store_ids, create_time, version from role_grant where account_id = :account_id order by create_time, id;

-- name: account_data_sessions :many in=AccountData out=AccountSession
select id, create_time, rotate_time as refresh_time, end_time, device_id, second_factor from session
where account_id = :account_id order by create_time, id;

-- name: account_data_devices :many in=AccountData out=AccountDevice
select device_id, last_time from known_device where account_id = :account_id order by last_time;

-- name: account_data_activations :many in=AccountData out=AccountActivation
select expire_time, used_time from activation where account_id = :account_id;

-- name: account_data_second_factors :many in=AccountData out=AccountSecondFactor
select t.create_time, t.confirmed_time, (select count(*) from recovery_code r where r.account_id = t.account_id and r.used_time is null)
	as recovery_codes_left
from totp t where t.account_id = :account_id;

-- Sign-ins have no account yet: from where they came, refused ones too, is for the owner to see.
-- name: account_data_acts :many in=AccountData out=AccountAct
select act_time, nullif(account_id, '') as account_id, act, result,
       case when account_id in ('', (:account_id::uuid)::text) then nullif(peer, '') end as peer
from audit where account_id = (:account_id::uuid)::text or (resource = 'account' and resource_id = (:account_id::uuid)::text)
order by act_time;

-- name: account_data_requests :many in=AccountData out=AccountRequest
select id, route as action, state, create_time, decide_time from pending_request
where resource_id = (:account_id::uuid)::text or account_id = (:account_id::uuid)::text order by create_time;
