-- What failed or waits, of all tenants, for metrics and operators: the relay's role sees where it came
-- from and why, never a key or a payload, and changes nothing.
create policy relay on dead_letter for select to ${relay} using (true);
create policy relay on parked_event for select to ${relay} using (true);
create policy relay on inbox_sequence for select to ${relay} using (true);
grant select (tenant_id, id, consumer, topic, partition, record_offset, aggregate_type, ce_id, ce_type, ce_source,
	ce_subject, ce_time, ce_sequence, ce_cause, reason, attempts, create_time, last_try_time)
	on dead_letter, parked_event to ${relay};
grant select on inbox_sequence to ${relay};
create index job_failed on job (tenant_id) where state = 'FAILED';
