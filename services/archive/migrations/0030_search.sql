-- Search (decision 21: under row security only leakproof operators use an index, so a word is looked
-- up as a range of a b-tree). A gram is found by every word that it begins with. Derived: rows of a
-- person or place are written anew when a name or number changes.
create table employee_gram (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null, -- the employment
	person_id uuid not null,
	gram text collate "C" not null, -- of the name, its pinyin and the employee number, folded
	whole smallint not null,        -- grade of a word that is the gram
	part smallint not null,         -- grade of a word that it begins with
	primary key (tenant_id, id, gram)
);
create index employee_gram_word on employee_gram (tenant_id, gram);
-- Of units by the days on which they have the name (the first one for all days before, too), of posts.
create table place_gram (
	tenant_id uuid not null default nullif(current_setting('renhe.tenant_id', true), '')::uuid,
	id uuid not null,
	valid_from date not null,
	valid_to date,
	gram text collate "C" not null,
	primary key (tenant_id, id, valid_from, gram)
);
create index place_gram_word on place_gram (tenant_id, gram);
create index employee_slice_post on employee_slice (tenant_id, post_id) where recorded_to is null;

do $$
declare t text;
begin
	foreach t in array array['employee_gram', 'place_gram'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''renhe.tenant_id'', true), '''')::uuid)', t);
		execute format('grant select, insert, delete on %I to ${app}', t);
	end loop;
	call people_scope_policy('employee_gram');
end $$;

-- What is there already is written down by a timer of each tenant: pinyin is not SQL's to know.
alter table org_unit no force row level security;
alter table timer no force row level security;
insert into timer (tenant_id, kind, aggregate_id, due_time)
select distinct tenant_id, 'search_fill', 'all', timestamptz 'epoch' from org_unit;
alter table timer force row level security;
alter table org_unit force row level security;
