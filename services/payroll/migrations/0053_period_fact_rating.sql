-- Ratings beside what is counted in hours, days and money.
alter table period_fact add column coefficient_e4 integer;
