-- Ranges of declared numbers and days by an index: days count from 1970-01-01, as in the conditions.
alter table employee_custom add column num bigint
	generated always as (coalesce(int_value, (date_value - date '1970-01-01')::bigint)) stored;
create index employee_custom_num on employee_custom (tenant_id, field_id, num) where num is not null;
