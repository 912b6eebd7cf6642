-- Does an employee meet all conditions on declared fields? One row to a condition: the exact text, the least and
-- the most of a number, '' where a condition has none of it. Days are counted from 1970-01-01. Row security of
-- the caller holds inside.
create function employee_custom_fits(employee uuid, field_ids uuid[], plains text[], lows text[], highs text[])
returns boolean language sql stable parallel safe as $$
	select not exists (
		select from unnest(field_ids, plains, lows, highs) as k (field_id, plain, low, high)
		where not exists (
			select from employee_custom c
			cross join lateral (select coalesce(c.int_value, (c.date_value - date '1970-01-01')::bigint) as n) v
			where c.employee_id = employee and c.field_id = k.field_id
			  and (k.plain = '' or c.plain = k.plain)
			  and coalesce(v.n >= nullif(k.low, '')::bigint, k.low = '')
			  and coalesce(v.n <= nullif(k.high, '')::bigint, k.high = '')))
$$;
