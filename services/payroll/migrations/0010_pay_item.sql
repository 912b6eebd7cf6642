-- Pay items (工资项目): a head each, and facts that say how an item is from a day on. A fact is never changed and never
-- deleted: what was known at an instant is the facts recorded up to it, and dated.c makes of them what holds on a day.
create table pay_item (
	tenant_id uuid not null default renhe_tenant(),
	id uuid not null,
	code text not null,
	version bigint not null default 1,
	create_time timestamptz not null,
	update_time timestamptz not null,
	primary key (tenant_id, id),
	constraint pay_item_code unique (tenant_id, code)
);
create table pay_item_fact (
	tenant_id uuid not null default renhe_tenant(),
	pay_item_id uuid not null,
	fact_sequence bigint not null,
	effective_date date not null,
	recorded_time timestamptz not null,
	account_id text not null default current_setting('renhe.account_id', true),
	cleared_fields text[],
	name_zh text,
	name_en text,
	kind text,
	tax text,
	bases text[],
	type text,
	formula text,
	rounding text,
	sequence integer,
	retired boolean,
	primary key (tenant_id, pay_item_id, fact_sequence),
	constraint pay_item_fact_of foreign key (tenant_id, pay_item_id) references pay_item
);
call payroll_by_tenant(array['pay_item', 'pay_item_fact']);
grant select, insert, update on pay_item to ${app};
grant select, insert on pay_item_fact to ${app};
