-- The order of the list of employees: without it a page sorts everybody. (The index of taken numbers
-- leaves out annulled hires, which the list shows.)
create index employee_order on employee (tenant_id, employee_number, id);
