-- Stored answers show what the caller saw of a person. They go after two days, so that an erasure has
-- ended in three; the relay drops them, as it does the inbox.
create policy relay on idempotency to ${relay} using (true);
grant select, delete on idempotency to ${relay};
