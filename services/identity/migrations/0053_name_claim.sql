-- A number that changes hands is claimed by two accounts until both snapshots are in, in whatever order: no claim is
-- dropped, and the account that keeps it is there when the other lets go. Names of accounts without an employee are
-- unique from the start.
alter table sign_in_name drop constraint sign_in_name_pkey;
alter table sign_in_name add column claim_time timestamptz not null default clock_timestamp();
alter table sign_in_name add column plain boolean not null default false;
alter table sign_in_name no force row level security;
alter table account no force row level security;
update sign_in_name n set plain = true from account a where a.tenant_id = n.tenant_id and a.id = n.account_id and a.plain;
alter table sign_in_name force row level security;
alter table account force row level security;
alter table sign_in_name add primary key (tenant_id, name, account_id);
create unique index sign_in_name_plain on sign_in_name (tenant_id, name) where plain;
