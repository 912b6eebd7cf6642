-- Who asks, in which scopes, and when: the chassis says it (renhe_person, renhe_account, renhe_has_scope,
-- renhe_today, renhe_now). These names stay for the policies, defaults and programs that have them; what
-- they mean stands in one place. SQL that is written now says renhe_….
create or replace function people_me() returns uuid language sql stable return renhe_person();
create or replace function people_account() returns uuid language sql stable return renhe_account();
create or replace function people_today() returns date language sql stable return renhe_today();
create or replace function people_has_scope(s text) returns boolean language sql stable return renhe_has_scope(s);
create or replace function people_now() returns timestamptz language sql volatile return renhe_now();
