-- The audit is read by whoever may see the whole tenant; anybody else sees what he did himself.
create policy scope on audit as restrictive for select to ${app} using (
	renhe_has_scope('tenant') or account_id = renhe_account()::text);
