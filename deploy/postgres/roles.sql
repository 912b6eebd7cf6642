-- Roles and database of one service; run by the superuser, as often as one likes.
-- :service and :owner_password, :app_password, :relay_password are set before it.
-- The owner migrates; app serves requests, consumers and jobs; relay moves the outbox and claims.
-- None of them is a superuser or may pass over row security.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
-- What fails below would otherwise stand in the log with its password.
set log_min_error_statement = panic;
set log_min_duration_statement = -1;

select format('create role %I login noinherit nosuperuser nocreatedb nocreaterole nobypassrls',
	:'service' || '_' || kind)
from unnest(array['owner', 'app', 'relay']) kind
where not exists (select from pg_roles where rolname = :'service' || '_' || kind)
\gexec

select format('alter role %I password %L', :'service' || '_owner', :'owner_password') \gexec
select format('alter role %I password %L', :'service' || '_app', :'app_password') \gexec
select format('alter role %I password %L', :'service' || '_relay', :'relay_password') \gexec

select format('create database %I owner %I encoding ''UTF8'' template template0', :'service', :'service' || '_owner')
where not exists (select from pg_database where datname = :'service')
\gexec

select format('revoke all on database %I from public', :'service') \gexec
select format('grant connect on database %I to %I, %I', :'service', :'service' || '_app', :'service' || '_relay') \gexec
-- A projection is rebuilt beside the one that stands, in tables of the session (rebuild.c).
select format('grant temporary on database %I to %I', :'service', :'service' || '_app') \gexec

\connect :"service"
set client_min_messages = warning;
select format('alter schema public owner to %I', :'service' || '_owner') \gexec
select format('revoke create on schema public from public') \gexec
select format('grant usage on schema public to %I, %I', :'service' || '_app', :'service' || '_relay') \gexec
