-- ---- tenants ----
-- name: tenant_by_code :opt in=SignInRequest out=Tenant
select id, code, name from tenant where code = :tenant;

-- name: tenant_by_id :opt in=Tenant out=Tenant
select id, code, name from tenant where id = :id;

-- name: tenant_insert :one in=Tenant out=Tenant tenant_code=TENANT_CODE_TAKEN
insert into tenant (id, code, name, second_factor_required)
values (coalesce(:id::uuid, gen_random_uuid()), :code, :name, coalesce(:second_factor_required::boolean, true))
returning id, code, name, second_factor_required, create_time, update_time, version;

-- name: tenant_list :many in=ListTenantsRequest out=Tenant
select id, code, name, second_factor_required, create_time, update_time, version from tenant
where :after_code::text is null or (code, id) > (:after_code::text, :after_id::uuid) order by code, id limit :page_limit;

-- The directory has no row security: nobody reads here but of the own tenant.
-- name: tenant_get :one in=GetTenantRequest out=Tenant none=TENANT_NOT_FOUND
select id, code, name, second_factor_required, create_time, update_time, version from tenant
where id = :id and id = :@tenant_id::uuid for update;

-- name: tenant_update :one in=UpdateTenantRequest out=Tenant none=TENANT_NOT_FOUND
update tenant set second_factor_required = coalesce(:second_factor_required::boolean, second_factor_required), version = version + 1,
	update_time = renhe_now()
where id = :id and id = :@tenant_id::uuid
returning id, code, name, second_factor_required, create_time, update_time, version;

-- Whose roles the setting withholds.
-- name: accounts_privileged :many in=UpdateTenantRequest out=AccountRow
select distinct account_id as id from role_grant where role in ('HR', 'PAYROLL', 'AUDITOR', 'TENANT_ADMIN') order by 1;

-- ---- keys ----
-- name: key_current :opt in=KeyRow out=KeyRow
select kid, alg, public_pem, private_pem, subject_id, not_after, signature from signing_key
where not_after > extract(epoch from clock_timestamp())::bigint order by not_after desc limit 1;

-- name: key_insert :exec in=KeyRow
insert into signing_key (kid, alg, public_pem, private_pem, subject_id, not_after, signature)
values (:kid, :alg, :public_pem, :private_pem, :subject_id, :not_after, :signature);

-- name: key_list :many out=SigningKey
select kid, alg, public_pem, not_after, signature from signing_key
where not_after > extract(epoch from clock_timestamp())::bigint order by kid;

-- One instance makes the first key.
-- name: start_lock :exec
select pg_advisory_xact_lock(hashtextextended('renhe:identity:start', 0));

-- ---- accounts ----
-- name: account_by_name :opt in=AccountRow out=AccountRow
select a.id, a.person_id, a.plain, a.locked, a.is_open, a.generation, a.password_hash, a.version,
       exists (select 1 from totp t where t.account_id = a.id and t.confirmed_time is not null) as second_factor,
       (a.plain or exists (select 1 from account_span s where s.account_id = a.id and s.from_date <= :@today::date
		and (s.to_date is null or s.to_date > :@today::date))) as open_today
from sign_in_name n join account a on a.id = n.account_id where n.name = lower(:sign_in_name)
order by n.plain desc, n.claim_time desc limit 1;

-- name: account_by_id :opt in=AccountRow out=AccountRow
select a.id, a.person_id, a.plain, a.locked, a.is_open, a.generation, a.password_hash, a.version,
       exists (select 1 from totp t where t.account_id = a.id and t.confirmed_time is not null) as second_factor,
       (a.plain or exists (select 1 from account_span s where s.account_id = a.id and s.from_date <= :@today::date
		and (s.to_date is null or s.to_date > :@today::date))) as open_today,
       (a.plain or exists (select 1 from account_span s where s.account_id = a.id
		and (s.to_date is null or s.to_date > :@today::date))) as ever_open
from account a where a.id = :id;

-- name: account_lock :opt in=AccountRow out=AccountRow
select id, person_id, plain, locked, is_open, generation, version, snapshot_version from account where id = :id for update;

-- name: account_lock_person :opt in=AccountRow out=AccountRow
select id, person_id, plain, locked, is_open, generation, version, snapshot_version, erased from account where person_id = :person_id for update;

-- name: account_judge :one in=AccountRow out=AccountRow none=ACCOUNT_NOT_FOUND
select a.id, a.person_id, a.plain, a.is_open, a.generation,
       (a.plain or exists (select 1 from account_span s where s.account_id = a.id and s.from_date <= :@today::date
		and (s.to_date is null or s.to_date > :@today::date))) as open_today,
       (select min(d) from (select from_date as d from account_span where account_id = a.id
			    union all select to_date from account_span where account_id = a.id) x
	where d > :@today::date) as next_date
from account a where a.id = :id;

-- name: account_insert :one in=AccountRow out=AccountRow
insert into account (id, person_id, plain, is_open) values (:id, :person_id, coalesce(:plain, false), coalesce(:plain, false))
returning id, person_id, generation, is_open, plain;

-- name: account_set_open :exec in=AccountRow
update account set is_open = :open_today, version = version + 1, update_time = renhe_now() where id = :id;

-- name: account_snapshot_taken :exec in=AccountRow
update account set snapshot_version = :snapshot_version, update_time = renhe_now() where id = :id;

-- name: account_raise :one in=AccountRow out=AccountRow none=ACCOUNT_NOT_FOUND
update account set generation = generation + 1, version = version + 1, update_time = renhe_now() where id = :id
returning id, generation;

-- name: account_password :exec in=AccountRow
update account set password_hash = :password_hash, version = version + 1, update_time = renhe_now() where id = :id;

-- name: spans_clear :exec in=AccountRow
delete from account_span where account_id = :id;

-- name: span_put :exec in=SpanRow
insert into account_span (account_id, employee_id, from_date, to_date) values (:account_id, :employee_id, :from_date, :to_date);

-- name: names_clear :exec in=AccountRow
delete from sign_in_name where account_id = :id;

-- name: name_put :exec in=SpanRow
insert into sign_in_name (name, account_id, display) values (lower(:name), :account_id, :name) on conflict do nothing;

-- name: name_insert :one in=SpanRow out=SpanRow none=SIGN_IN_NAME_TAKEN sign_in_name_plain=SIGN_IN_NAME_TAKEN
insert into sign_in_name (name, account_id, display, plain) select lower(:name), :account_id::uuid, :name, true
where not exists (select 1 from sign_in_name where name = lower(:name)) returning account_id;

-- name: account_view :one in=GetAccountRequest out=Account none=ACCOUNT_NOT_FOUND
select a.id, a.person_id, a.version, a.create_time, a.update_time, a.generation,
       exists (select 1 from totp t where t.account_id = a.id and t.confirmed_time is not null) as second_factor,
       (select array_agg(n.display order by n.display) from sign_in_name n where n.account_id = a.id) as sign_in_names,
       (select min(from_date) from account_span s where s.account_id = a.id) as open_from_date,
       (select case when bool_or(to_date is null) then null else max(to_date) end from account_span s where s.account_id = a.id) as open_to_date,
       case when a.locked then 'LOCKED'
	    when not (a.plain or exists (select 1 from account_span s where s.account_id = a.id and (s.to_date is null or s.to_date > :@today::date))) then 'CLOSED'
	    when a.password_hash is null then 'PENDING' else 'ACTIVE' end as state,
       (select array_agg(g.role order by g.role) from role_grant g where g.account_id = a.id) as roles
from account a where a.id = :id;

-- name: account_list :many in=ListAccountsRequest out=Account
select a.id, a.person_id, a.version, a.create_time, a.update_time, a.generation,
       exists (select 1 from totp t where t.account_id = a.id and t.confirmed_time is not null) as second_factor,
       (select array_agg(n.display order by n.display) from sign_in_name n where n.account_id = a.id) as sign_in_names,
       (select min(from_date) from account_span s where s.account_id = a.id) as open_from_date,
       (select case when bool_or(to_date is null) then null else max(to_date) end from account_span s where s.account_id = a.id) as open_to_date,
       case when a.locked then 'LOCKED'
	    when not (a.plain or exists (select 1 from account_span s where s.account_id = a.id and (s.to_date is null or s.to_date > :@today::date))) then 'CLOSED'
	    when a.password_hash is null then 'PENDING' else 'ACTIVE' end as state,
       (select array_agg(g.role order by g.role) from role_grant g where g.account_id = a.id) as roles
from account a
where (:after_id::uuid is null or a.id > :after_id::uuid) and (:person_id::uuid is null or a.person_id = :person_id::uuid)
  and (:sign_in_name::text is null or a.id in (select account_id from sign_in_name where name = lower(:sign_in_name::text)))
order by a.id limit :page_limit;

-- ---- activation ----
-- name: activation_put :one in=ActivationRow out=ActivationRow
insert into activation (account_id, code_hash, expire_time) values (:account_id, :code_hash, clock_timestamp() + interval '7 days')
on conflict (tenant_id, account_id) do update set code_hash = excluded.code_hash, expire_time = excluded.expire_time, used_time = null
returning account_id, expire_time;

-- name: activation_get :opt in=ActivationRow out=ActivationRow
select account_id, code_hash, used_time is not null as used, expire_time < clock_timestamp() as expired
from activation where account_id = :account_id for update;

-- name: activation_use :exec in=ActivationRow
update activation set used_time = clock_timestamp() where account_id = :account_id;

-- name: password_common :opt in=CommonPassword out=CommonPassword
select password from common_password where password in (:password, :stem) limit 1;

-- ---- throttling ----
-- name: attempt_read :opt in=AttemptRow out=AttemptRow
select bucket, count, greatest(1, ceil(extract(epoch from window_start + interval '15 minutes' - clock_timestamp())))::bigint as retry_after_s
from attempt where bucket = :bucket and window_start > clock_timestamp() - interval '15 minutes';

-- name: attempt_count :exec in=AttemptRow
insert into attempt (bucket, count) values (:bucket, 1)
on conflict (tenant_id, bucket) do update set
	count = case when attempt.window_start > clock_timestamp() - interval '15 minutes' then attempt.count + 1 else 1 end,
	window_start = case when attempt.window_start > clock_timestamp() - interval '15 minutes' then attempt.window_start else clock_timestamp() end;

-- name: attempt_clear :exec in=AttemptRow
delete from attempt where bucket = :bucket;

-- name: device_known :opt in=SessionRow out=SessionRow
select account_id from known_device where account_id = :account_id and device_id = :device_id;

-- name: device_put :exec in=SessionRow
insert into known_device (account_id, device_id) values (:account_id, :device_id)
on conflict (tenant_id, account_id, device_id) do update set last_time = clock_timestamp();

-- ---- sessions ----
-- list: token_fields = id, account_id, generation, counter, auth_time, second_factor
-- name: session_insert :one in=SessionRow out=SessionRow
insert into session (id, account_id, auth_time, device_id, second_factor)
values (:id, :account_id, :auth_time, :device_id, coalesce(:second_factor::boolean, false))
returning {token_fields}, (select t.second_factor_required from tenant t where t.id = session.tenant_id) as factor_required;

-- name: session_lock :opt in=SessionRow out=SessionRow
select {token_fields}, (select t.second_factor_required from tenant t where t.id = session.tenant_id) as factor_required,
       end_time is not null as ended,
       (extract(epoch from clock_timestamp() - rotate_time) * 1000)::bigint as rotated_ms_ago,
       extract(epoch from clock_timestamp() - rotate_time)::bigint as idle_s,
       extract(epoch from clock_timestamp() - create_time)::bigint as age_s
from session where id = :id for update;

-- name: session_rotate :one in=SessionRow out=SessionRow
update session set counter = counter + 1, rotate_time = clock_timestamp() where id = :id
returning {token_fields}, (select t.second_factor_required from tenant t where t.id = session.tenant_id) as factor_required;

-- name: session_step_up :one in=SessionRow out=SessionRow none=SESSION_REVOKED
update session set auth_time = :auth_time, second_factor = second_factor or coalesce(:second_factor::boolean, false)
where id = :id and end_time is null
returning {token_fields}, (select t.second_factor_required from tenant t where t.id = session.tenant_id) as factor_required;

-- name: session_prove :exec in=SessionRow
update session set second_factor = true where id = :id and end_time is null;

-- name: session_list :many in=Session out=Session
select id, create_time, rotate_time as refresh_time, second_factor, id = :id as current,
       least(rotate_time + :idle_s::bigint * interval '1 second', create_time + :life_s::bigint * interval '1 second') as expire_time
from session where account_id = :account_id and end_time is null
  and least(rotate_time + :idle_s::bigint * interval '1 second', create_time + :life_s::bigint * interval '1 second') > clock_timestamp()
order by create_time desc limit 100;

-- name: session_of :opt in=SessionRow out=SessionRow
select id, account_id from session where id = :id and account_id = :account_id and end_time is null for update;

-- Those opened without the second factor that there is now.
-- name: sessions_end_others :many in=SessionRow out=SessionRow
update session set end_time = clock_timestamp(), generation = generation + 1
where account_id = :account_id and end_time is null and id <> :id returning id, generation;

-- name: session_end :opt in=SessionRow out=SessionRow
update session set end_time = clock_timestamp(), generation = generation + 1 where id = :id and end_time is null
returning id, account_id, generation;

-- name: sessions_end_all :exec in=SessionRow
update session set end_time = clock_timestamp(), generation = generation + 1 where account_id = :account_id and end_time is null;

-- ---- revocations ----
-- name: revocation_put :exec in=Revocation
insert into revocation (kind, subject_id, least_generation) values (:kind, :subject_id, :least_generation)
on conflict (tenant_id, kind, subject_id) do update
set least_generation = greatest(revocation.least_generation, excluded.least_generation), revoke_time = clock_timestamp();

-- name: revocation_list :many out=Revocation
select tenant_id, kind, subject_id, least_generation, revoke_time from revocation
where revoke_time > clock_timestamp() - interval '24 hours';

-- ---- grants ----
-- name: grant_insert :one in=RoleGrant out=RoleGrant role_grant_once=GRANT_EXISTS
insert into role_grant (account_id, role, store_ids) values (:account_id, :role, :store_ids)
returning id, account_id, role, store_ids, create_time, version;

-- name: grant_delete :exec in=DeleteGrantRequest
delete from role_grant where id = :id;

-- name: grant_list :many in=ListGrantsRequest out=RoleGrant
select id, account_id, role, store_ids, create_time, version from role_grant
where (:after_id::uuid is null or id > :after_id::uuid) and (:account_id::uuid is null or account_id = :account_id::uuid)
  and (renhe_has_scope('tenant') or account_id = renhe_account())
order by id limit :page_limit;

-- name: grants_of :many in=AccountRow out=RoleGrant
select id, account_id, role, store_ids from role_grant where account_id = :id order by role;

-- name: grant_one :opt in=DeleteGrantRequest out=RoleGrant
select id, account_id, role, store_ids, version from role_grant where id = :id;

-- name: grant_locked :opt in=DeleteGrantRequest out=RoleGrant
select id, account_id, role, store_ids, version from role_grant where id = :id for update;

-- Another administrator, of another person, whose account is open and who has signed in.
-- name: other_administrator :opt in=AccountRow out=AccountRow
select a.id from account a join role_grant g on g.account_id = a.id and g.role = 'TENANT_ADMIN'
where a.id <> :id and (:person_id::uuid is null or a.person_id is distinct from :person_id::uuid) and not a.locked
  and exists (select 1 from session s where s.account_id = a.id)
  and (a.plain or exists (select 1 from account_span s where s.account_id = a.id and s.from_date <= :@today::date
	and (s.to_date is null or s.to_date > :@today::date)))
limit 1;

-- name: own_acts :one in=OwnActs out=OwnActs
select count(*) from audit where resource = 'account' and resource_id = :account_id::text and account_id = :@account_id::text and act = :act
	and act_time > clock_timestamp() - interval '30 days';

-- name: stores_unknown :one in=RoleGrant out=StoreCount
select count(*) as unknown from unnest(:store_ids::uuid[]) s where not exists (select 1 from people_unit u
	where u.org_unit_id = s and u.kind = 'STORE' and not u.closed and (u.valid_to is null or u.valid_to > :@today::date));

-- name: me :opt in=AccountRow out=AccountRow
select a.id, a.person_id, p.name,
       (select array_agg(n.display order by n.display) from sign_in_name n where n.account_id = a.id) as sign_in_names,
       (select array_agg(g.role order by g.role) from role_grant g where g.account_id = a.id) as roles,
       exists (select 1 from totp t where t.account_id = a.id and t.confirmed_time is not null) as second_factor,
       (select count(*) from recovery_code c where c.account_id = a.id and c.used_time is null) as recovery_codes_left
from account a left join people_person p on p.person_id = a.person_id where a.id = :id;

-- name: account_touch :opt in=AccountRow out=AccountRow
update account set version = version + 1, update_time = renhe_now() where id = :id returning id, person_id, version;

-- Locks the account against a change of its generation until the session stands.
-- name: account_still :opt in=AccountRow out=AccountRow
select id from account where id = :id and generation = :generation for share;
