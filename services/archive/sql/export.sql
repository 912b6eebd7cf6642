-- Codes and names that stand in a file for the ids of units and posts, in the order of their ids.

-- Of a unit that is not there on that day its next name, else its last.
-- name: export_units :many in=ListEmployeesRequest out=OrgUnit
select u.id, u.code, s.name from org_unit u
join lateral (select x.name from org_unit_slice x where x.org_unit_id = u.id and x.recorded_to is null
	order by case when x.valid_to is null or x.valid_to > :effective_on::date then 0 else 1 end,
	         case when x.valid_to is null or x.valid_to > :effective_on::date then x.valid_from end,
	         x.valid_from desc limit 1) s on true
order by u.id;

-- name: export_posts :many in=ListEmployeesRequest out=Post
select id, code, name from post order by id;
