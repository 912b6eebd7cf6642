-- An account whose person was erased stays as an id: events and the audit name it.
alter table account add column erased boolean not null default false;
