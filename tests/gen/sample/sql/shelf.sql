-- Every piece of the syntax that the SQL generator knows.
-- list: plain = title, count,
--       cost_fen
-- list: whole = id, {plain}

-- name: shelf_get :one in=GetShelfRequest out=Shelf none=SHELF_NOT_FOUND
select {s.whole}, 'a  :not {nor} -- this ; $1' as etag, -- a comment with :colon
	/* and ; another */ s."odd:name", $q$:dollar ; $q$, E'\' :x', '{}'::text[]
from shelf s where s.id = :id::uuid and s.tenant = :@tenant_id and s.pages[1:2] is not null;
-- said about the next one; with 'a quote

-- name: shelf_put :exec in=Shelf shelf_title_key=CONFLICT
-- shelf_id_key=CONFLICT_RETRY
insert into shelf (id, {plain}, phone_index) values (:id, {:plain}, :keeper_phone_index)
on conflict (id) do update set {=plain}, version = f(a := :version);

-- name: shelf_nested :opt in=sample.Shelf.Book out=Shelf
select :isbn as title, :isbn as etag;
-- name: shelf_lock :exec
select pg_advisory_xact_lock(7);
