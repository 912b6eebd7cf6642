-- list: item_columns = id, person_id, name, create_time, update_time, version

-- name: item_insert :one in=Item out=Item none=TEMPLATE_PERSON_UNKNOWN
insert into item (person_id, name) select person_id, :name from people_person where person_id = :person_id
returning {item_columns};

-- name: item_get :one in=GetItemRequest out=Item none=TEMPLATE_ITEM_NOT_FOUND
select {item_columns} from item where id = :id;

-- name: item_lock :one in=UpdateItemRequest out=Item none=TEMPLATE_ITEM_NOT_FOUND
select {item_columns} from item where id = :id for update;

-- name: item_update :one in=UpdateItemRequest out=Item
update item set name = coalesce(:name, name), version = version + 1,
	update_time = greatest(renhe_now(), update_time + interval '1 microsecond')
where id = :id returning {item_columns};

-- name: item_list :many in=ListItemsRequest out=Item
select {item_columns} from item
where (:after_id::uuid is null or id > :after_id::uuid) and (:person_id::uuid is null or person_id = :person_id::uuid)
order by id limit :page_limit;
