-- What others did with one's own account is one's own to see too (PIPL art. 45).
drop policy scope on audit;
create policy scope on audit as restrictive for select to ${app} using (
	renhe_has_scope('tenant') or account_id = renhe_account()::text
	or (resource = 'account' and resource_id = renhe_account()::text));
