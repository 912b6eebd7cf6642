-- list: client_fields = id, name, scopes, generation, version, create_time, update_time

-- name: client_insert :one in=ClientRow out=ClientRow client_name=CLIENT_NAME_TAKEN
insert into client (id, name, scopes, secret_hash) values (:id, :name, :scopes, :secret_hash)
returning {client_fields},
       (select t.code from tenant t where t.id = client.tenant_id) as tenant_code;

-- name: client_get :one in=ClientRow out=ClientRow none=CLIENT_NOT_FOUND
select {client_fields},
       (select t.code from tenant t where t.id = client.tenant_id) as tenant_code
from client where id = :id;

-- name: client_list :many in=ListClientsRequest out=ClientRow
select {client_fields},
       (select t.code from tenant t where t.id = client.tenant_id) as tenant_code
from client where :after_id::uuid is null or id > :after_id::uuid order by id limit :page_limit;

-- name: client_delete :one in=ClientRow out=ClientRow none=CLIENT_NOT_FOUND
delete from client where id = :id returning id, generation, version;

-- name: client_rotate :one in=ClientRow out=ClientRow none=CLIENT_NOT_FOUND
update client set secret_hash = :secret_hash, generation = generation + 1, version = version + 1, update_time = renhe_now()
where id = :id
returning {client_fields},
       (select t.code from tenant t where t.id = client.tenant_id) as tenant_code;

-- name: client_secret :opt in=ClientRow out=ClientRow
select id, scopes, generation, secret_hash from client where id = :id;
