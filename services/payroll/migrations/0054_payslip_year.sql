-- The sums of the tax year behind a slip, by themselves: the next month needs no more of it.
alter table payslip add column year_text bytea;
grant update (year_text) on payslip to ${app}; -- a rotation of keys seals it anew
