-- Beside the sums of the tax year also the amounts of the lines: months are compared without opening whole slips.
alter table payslip rename column year_text to summary;
