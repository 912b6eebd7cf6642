-- What every table of payroll that belongs to tenants has: rows of the caller's tenant alone, for the owner too.
create procedure payroll_by_tenant(tables text[]) language plpgsql as $$
declare t text;
begin
	foreach t in array tables loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant())', t);
	end loop;
end $$;
