-- Files of imports lie in the blob store, with an end; here stands which. One from before lies in its row
-- until it has the age of the others, and goes with the next import after that.
alter table employee_import_file alter column content drop not null;
alter table employee_import_file add column file_id uuid;
