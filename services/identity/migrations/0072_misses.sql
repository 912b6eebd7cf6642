-- Wrong codes in a row of an enrolled authenticator, over days and addresses (NIST SP 800-63B 5.2.2: at most 100).
alter table totp add column misses bigint not null default 0;
