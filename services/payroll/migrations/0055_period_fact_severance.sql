-- Severance is free of tax up to a multiple of the local average.
alter table period_fact add column monthly_average_fen bigint;
