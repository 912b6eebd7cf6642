-- Declared fields that the search box finds by: what their values are found by, beside the values, with which
-- they go. Written with a value and, when the declaration changes, by a walk over the values of the field;
-- while that is on its way (search_ready false, search_after says how far) the box leaves the field out.
alter table employee_field add column searchable boolean, add column search_ready boolean not null default true,
	add column search_after uuid;
create index employee_custom_walk on employee_custom (tenant_id, field_id, employee_id);
create table custom_gram (
	tenant_id uuid not null default renhe_tenant(),
	employee_id uuid not null,
	person_id uuid not null,
	field_id uuid not null,
	gram text collate "C" not null,
	primary key (tenant_id, employee_id, gram, field_id),
	constraint custom_gram_value foreign key (tenant_id, employee_id, field_id) references employee_custom on delete cascade
);
create index custom_gram_word on custom_gram (tenant_id, gram);
alter table custom_gram enable row level security;
alter table custom_gram force row level security;
create policy tenant on custom_gram using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant());
grant select, insert, delete on custom_gram to ${app};
call people_scope_policy('custom_gram');
