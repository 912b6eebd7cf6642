-- Made by scripts/lib/documents from the migrations of chassis, people and payroll; read, don't edit.

CREATE FUNCTION public.pay_run_final() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
	raise exception 'run % is %', old.id, old.state using errcode = 'insufficient_privilege';
end $$;

CREATE FUNCTION public.pay_run_open() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare run uuid := case when tg_op = 'DELETE' then old.pay_run_id else new.pay_run_id end;
begin
	if run is not null and not exists (select from pay_run r where r.id = run and r.state = 'CALCULATING') then
		raise exception 'slips and postings of run % are not being calculated', run using errcode = 'insufficient_privilege';
	end if;
	return case when tg_op = 'DELETE' then old else new end;
end $$;

CREATE PROCEDURE public.payroll_by_tenant(IN tables text[])
    LANGUAGE plpgsql
    AS $$
declare t text;
begin
	foreach t in array tables loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy tenant on %I using (tenant_id = renhe_tenant()) with check (tenant_id = renhe_tenant())', t);
	end loop;
end $$;

CREATE FUNCTION public.renhe_account() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('renhe.account_id'::text, true), ''::text))::uuid;

CREATE FUNCTION public.people_account() RETURNS uuid
    LANGUAGE sql STABLE
    RETURN public.renhe_account();

CREATE FUNCTION public.renhe_has_scope(s text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE((s = ANY (string_to_array(current_setting('renhe.scopes'::text, true), ','::text))), false);

CREATE FUNCTION public.people_has_scope(s text) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN public.renhe_has_scope(s);

CREATE FUNCTION public.renhe_person() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('renhe.person_id'::text, true), ''::text))::uuid;

CREATE FUNCTION public.people_me() RETURNS uuid
    LANGUAGE sql STABLE
    RETURN public.renhe_person();

CREATE FUNCTION public.renhe_now() RETURNS timestamp with time zone
    LANGUAGE sql
    RETURN (clock_timestamp() + make_interval(secs => (COALESCE((NULLIF(current_setting('renhe.clock_shift'::text, true), ''::text))::integer, 0))::double precision));

CREATE FUNCTION public.people_now() RETURNS timestamp with time zone
    LANGUAGE sql
    RETURN public.renhe_now();

CREATE FUNCTION public.people_scope(person uuid, team uuid[], store uuid[]) RETURNS integer
    LANGUAGE plpgsql STABLE
    AS $$
declare bits int := 0;
begin
	if person = people_me() then
		bits := 1;
	end if;
	if team <> '{}' then
		if exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(team)
			   and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then
			bits := bits + 2;
		end if;
	end if;
	if store <> '{}' then
		if exists (select 1 from people_assignment a where a.person_id = person and a.org_unit_id = any(store)
			   and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())) then
			bits := bits + 4;
		end if;
	end if;
	if people_has_scope('tenant') then
		bits := bits + 8;
	end if;
	return bits;
end $$;

CREATE PROCEDURE public.people_scope_policy(IN t text)
    LANGUAGE plpgsql
    AS $_$
begin
	execute format('drop policy if exists scope on %I', t);
	execute format($p$create policy scope on %1$I as restrictive using (
		(select people_has_scope('tenant'))
		or person_id = (select people_me())
		or exists (select 1 from people_assignment a
			where a.person_id = %1$I.person_id
			  and a.org_unit_id = any ((select people_team_units() || people_store_units())::uuid[])
			  and a.valid_from <= (select people_today()) and (a.valid_to is null or a.valid_to > (select people_today()))
			offset 0)
		) with check (true)$p$, t);
end $_$;

CREATE FUNCTION public.people_store_units() RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    AS $$
begin
	if not people_has_scope('store') then
		return '{}';
	end if;
	return (with named as (
		select store_id from people_grant
		where account_id = people_account() and role = 'STORE_MANAGER' and store_id is not null
	), own as (
		select a.org_unit_id from people_assignment a
		where a.person_id = people_me() and not exists (select 1 from named)
		  and a.valid_from <= people_today() and (a.valid_to is null or a.valid_to > people_today())
	)
	select coalesce(array_agg(store_id), '{}') from (select store_id from named union select org_unit_id from own) u);
end $$;

CREATE FUNCTION public.people_team_units() RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    AS $$
begin
	if not people_has_scope('team') then
		return '{}';
	end if;
	return (with recursive tree as (
		select u.org_unit_id from people_unit u
		where u.head_person_id = people_me()
		  and u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
		union
		select u.org_unit_id from people_unit u join tree t on u.parent_id = t.org_unit_id
		where u.valid_from <= people_today() and (u.valid_to is null or u.valid_to > people_today())
	)
	select coalesce(array_agg(org_unit_id), '{}') from tree);
end $$;

CREATE FUNCTION public.renhe_today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('renhe.today'::text, true), ''::text))::date;

CREATE FUNCTION public.people_today() RETURNS date
    LANGUAGE sql STABLE
    RETURN public.renhe_today();

CREATE FUNCTION public.period_fact_use_kept() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
	if exists (select from pay_run r where r.id = old.pay_run_id and r.state in ('APPROVED', 'CLOSED')) then
		raise exception 'fact % is in a run that was approved', old.fact_id using errcode = 'insufficient_privilege';
	end if;
	return old;
end $$;

CREATE FUNCTION public.renhe_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid;

CREATE TABLE public.aggregate_sequence (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    last bigint NOT NULL
);

ALTER TABLE ONLY public.aggregate_sequence FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    act_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    account_id text NOT NULL,
    person_id text NOT NULL,
    session_id text NOT NULL,
    act text NOT NULL,
    resource text NOT NULL,
    resource_id text NOT NULL,
    reason text,
    result text NOT NULL,
    request_id text NOT NULL,
    route text NOT NULL,
    peer text NOT NULL
);

ALTER TABLE ONLY public.audit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_head (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    former_size bigint NOT NULL,
    head_time timestamp with time zone NOT NULL,
    public_key bytea NOT NULL,
    signature bytea NOT NULL
);

ALTER TABLE ONLY public.audit_head FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_leaf (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    seq bigint NOT NULL,
    audit_id uuid NOT NULL,
    leaf_hash bytea NOT NULL,
    seal_time timestamp with time zone NOT NULL,
    CONSTRAINT audit_leaf_seq_check CHECK ((seq >= 0))
);

ALTER TABLE ONLY public.audit_leaf FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_log (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    size bigint NOT NULL,
    peaks bytea DEFAULT '\x'::bytea NOT NULL,
    head_size bigint DEFAULT 0 NOT NULL,
    head_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_unsealed (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL
);

ALTER TABLE ONLY public.audit_unsealed FORCE ROW LEVEL SECURITY;

CREATE TABLE public.bank_account (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    effective_date date NOT NULL,
    recorded_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    account_number bytea NOT NULL,
    holder_name bytea NOT NULL,
    bank_code text,
    bank_name text
);

ALTER TABLE ONLY public.bank_account FORCE ROW LEVEL SECURITY;

CREATE TABLE public.blob (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    person_id uuid,
    media_type text NOT NULL,
    file_name bytea NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expire_time timestamp with time zone,
    CONSTRAINT blob_bytes CHECK ((bytes >= 0))
);

ALTER TABLE ONLY public.blob FORCE ROW LEVEL SECURITY;

CREATE TABLE public.dead_letter (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id bigint NOT NULL,
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    key text,
    aggregate_type text,
    ce_id uuid,
    ce_type text,
    ce_source text,
    ce_subject text,
    ce_time timestamp with time zone,
    ce_sequence bigint,
    ce_actor text,
    ce_cause text,
    ce_traceparent text,
    payload bytea,
    reason text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_try_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.dead_letter FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.dead_letter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.dead_letter_id_seq OWNED BY public.dead_letter.id;

CREATE TABLE public.idempotency (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    account_id text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status integer NOT NULL,
    body bytea,
    location text,
    etag text,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.idempotency FORCE ROW LEVEL SECURITY;

CREATE TABLE public.inbox (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    seen_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.inbox FORCE ROW LEVEL SECURITY;

CREATE TABLE public.inbox_sequence (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    source text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    last bigint NOT NULL,
    parked boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.inbox_sequence FORCE ROW LEVEL SECURITY;

CREATE TABLE public.job (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    account_id text NOT NULL,
    person_id text DEFAULT ''::text NOT NULL,
    session_id text DEFAULT ''::text NOT NULL,
    roles bigint DEFAULT 0 NOT NULL,
    lang text DEFAULT 'zh-CN'::text NOT NULL,
    cause text,
    traceparent text,
    input bytea NOT NULL,
    state text DEFAULT 'PENDING'::text NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    result text,
    error text,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_try_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    update_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT job_state CHECK ((state = ANY (ARRAY['PENDING'::text, 'RUNNING'::text, 'SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text])))
);

ALTER TABLE ONLY public.job FORCE ROW LEVEL SECURITY;

CREATE TABLE public.key_rotation (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    level text NOT NULL,
    phase text DEFAULT 'MAKE'::text NOT NULL,
    phase_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    watermark uuid,
    keys_made bigint DEFAULT 0 NOT NULL,
    values_sealed bigint DEFAULT 0 NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    end_time timestamp with time zone,
    CONSTRAINT key_rotation_level CHECK ((level = ANY (ARRAY['TENANT'::text, 'PERSON'::text]))),
    CONSTRAINT key_rotation_phase CHECK ((phase = ANY (ARRAY['MAKE'::text, 'SETTLE'::text, 'SEAL'::text, 'DONE'::text])))
);

ALTER TABLE ONLY public.key_rotation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.outbox (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id bigint NOT NULL,
    topic text NOT NULL,
    lane smallint NOT NULL,
    shard smallint NOT NULL,
    key text NOT NULL,
    ce_id uuid NOT NULL,
    ce_type text NOT NULL,
    ce_source text NOT NULL,
    ce_subject text NOT NULL,
    ce_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ce_sequence bigint,
    ce_actor text,
    ce_cause text,
    ce_traceparent text,
    payload bytea
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_analyze_scale_factor='0', autovacuum_analyze_threshold='10000');

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;

CREATE TABLE public.parked_event (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id bigint NOT NULL,
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    key text,
    aggregate_type text NOT NULL,
    ce_id uuid NOT NULL,
    ce_type text NOT NULL,
    ce_source text NOT NULL,
    ce_subject text NOT NULL,
    ce_time timestamp with time zone,
    ce_sequence bigint,
    ce_actor text,
    ce_cause text,
    ce_traceparent text,
    payload bytea,
    reason text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_try_time timestamp with time zone
);

ALTER TABLE ONLY public.parked_event FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.parked_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.parked_event_id_seq OWNED BY public.parked_event.id;

CREATE TABLE public.pay_group (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    legal_entity_id uuid NOT NULL,
    place text NOT NULL,
    pay_day integer NOT NULL,
    pay_next_month boolean NOT NULL,
    method text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    CONSTRAINT pay_group_pay_day_check CHECK (((pay_day >= 1) AND (pay_day <= 28)))
);

ALTER TABLE ONLY public.pay_group FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pay_item (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.pay_item FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pay_item_fact (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    pay_item_id uuid NOT NULL,
    fact_sequence bigint NOT NULL,
    effective_date date NOT NULL,
    recorded_time timestamp with time zone NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
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
    retired boolean
);

ALTER TABLE ONLY public.pay_item_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pay_posting (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    pay_run_id uuid NOT NULL,
    account text NOT NULL,
    org_unit_id uuid NOT NULL,
    amount_fen bigint NOT NULL
);

ALTER TABLE ONLY public.pay_posting FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pay_run (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    pay_group_id uuid NOT NULL,
    month date NOT NULL,
    kind text NOT NULL,
    sequence integer NOT NULL,
    pay_date date NOT NULL,
    state text NOT NULL,
    known_time timestamp with time zone NOT NULL,
    calculation bigint DEFAULT 1 NOT NULL,
    job_id uuid NOT NULL,
    done_employee_id uuid,
    calculated integer DEFAULT 0 NOT NULL,
    held integer DEFAULT 0 NOT NULL,
    gross_fen bigint DEFAULT 0 NOT NULL,
    own_fen bigint DEFAULT 0 NOT NULL,
    tax_fen bigint DEFAULT 0 NOT NULL,
    deducted_fen bigint DEFAULT 0 NOT NULL,
    net_fen bigint DEFAULT 0 NOT NULL,
    receivable_fen bigint DEFAULT 0 NOT NULL,
    employer_fen bigint DEFAULT 0 NOT NULL,
    top_up_fen bigint DEFAULT 0 NOT NULL,
    digest text,
    maker_account_id uuid NOT NULL,
    maker_person_id uuid,
    approver_account_id uuid,
    approve_time timestamp with time zone,
    close_time timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    CONSTRAINT pay_run_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

ALTER TABLE ONLY public.pay_run FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pay_term (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    effective_date date NOT NULL,
    recorded_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    pay_group_id uuid NOT NULL,
    monthly_fen bytea NOT NULL,
    insurance_place text,
    schemes text[],
    declared_base_fen bytea,
    fund_declared_fen bytea,
    injury_rate_e5 integer,
    fund_rate_e5 integer,
    fund_supplement_e5 integer,
    fund_account text,
    residence text,
    tax_mode text,
    special_fen bytea,
    other_fen bytea
);

ALTER TABLE ONLY public.pay_term FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payslip (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    pay_run_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    org_unit_id uuid,
    state text NOT NULL,
    reason_text text,
    digest text,
    content bytea,
    summary bytea
);

ALTER TABLE ONLY public.payslip FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pending_request (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    route text NOT NULL,
    message_name text NOT NULL,
    payload bytea NOT NULL,
    account_id text NOT NULL,
    person_id text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'PENDING'::text NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decide_account_id text,
    decide_time timestamp with time zone,
    fields text[] DEFAULT '{}'::text[] NOT NULL,
    cleared text[] DEFAULT '{}'::text[] NOT NULL,
    if_match bigint DEFAULT 0 NOT NULL,
    resource text DEFAULT ''::text NOT NULL,
    resource_id text DEFAULT ''::text NOT NULL,
    expire_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    reason text,
    fault_code text,
    CONSTRAINT pending_request_state CHECK ((state = ANY (ARRAY['PENDING'::text, 'APPLIED'::text, 'REJECTED'::text, 'WITHDRAWN'::text, 'EXPIRED'::text])))
);

ALTER TABLE ONLY public.pending_request FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_assignment (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    employee_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    person_id uuid NOT NULL,
    org_unit_id uuid NOT NULL
);

ALTER TABLE ONLY public.people_assignment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_employment (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    employee_number text NOT NULL,
    hire_date date NOT NULL,
    end_date date,
    annulled boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.people_employment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_grant (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    store_id uuid
);

ALTER TABLE ONLY public.people_grant FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_grant_version (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    account_id uuid NOT NULL,
    version bigint NOT NULL
);

ALTER TABLE ONLY public.people_grant_version FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_person (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    person_id uuid NOT NULL,
    version bigint NOT NULL,
    name text,
    included_sequence bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.people_person FORCE ROW LEVEL SECURITY;

CREATE TABLE public.people_unit (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    org_unit_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    version bigint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text,
    parent_id uuid,
    head_person_id uuid,
    time_zone text,
    closed boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.people_unit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.period_fact (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    month date NOT NULL,
    kind text NOT NULL,
    hours_s bigint,
    days_e2 bigint,
    service_years integer,
    beyond_six_months boolean,
    code text,
    amount_fen bytea,
    cut boolean,
    tax_free boolean,
    normal boolean,
    claim_kind text,
    protected_fen bytea,
    note text,
    recorded_time timestamp with time zone DEFAULT public.renhe_now() NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    withdrawn_time timestamp with time zone,
    coefficient_e4 integer,
    monthly_average_fen bigint,
    CONSTRAINT period_fact_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

ALTER TABLE ONLY public.period_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE public.period_fact_use (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    fact_id uuid NOT NULL,
    pay_run_id uuid NOT NULL,
    employee_id uuid NOT NULL
);

ALTER TABLE ONLY public.period_fact_use FORCE ROW LEVEL SECURITY;

CREATE TABLE public.schema_migration (
    room text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    apply_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.sealed_fill (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    keys text NOT NULL,
    watermark uuid,
    records bigint DEFAULT 0 NOT NULL,
    begin_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    end_time timestamp with time zone
);

ALTER TABLE ONLY public.sealed_fill FORCE ROW LEVEL SECURITY;

CREATE TABLE public.subject_key (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    subject_id uuid NOT NULL,
    key_id integer NOT NULL,
    wrapped bytea,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.subject_key FORCE ROW LEVEL SECURITY;

CREATE TABLE public.tenant_key (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    key_id integer NOT NULL,
    wrapped bytea NOT NULL,
    create_time timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.tenant_key FORCE ROW LEVEL SECURITY;

CREATE TABLE public.timer (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    kind text NOT NULL,
    aggregate_id text NOT NULL,
    due_time timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    last_error text
);

ALTER TABLE ONLY public.timer FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.dead_letter ALTER COLUMN id SET DEFAULT nextval('public.dead_letter_id_seq'::regclass);

ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);

ALTER TABLE ONLY public.parked_event ALTER COLUMN id SET DEFAULT nextval('public.parked_event_id_seq'::regclass);

ALTER TABLE ONLY public.aggregate_sequence
    ADD CONSTRAINT aggregate_sequence_pkey PRIMARY KEY (tenant_id, aggregate_type, aggregate_id);

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (tenant_id, size);

ALTER TABLE ONLY public.audit_leaf
    ADD CONSTRAINT audit_leaf_pkey PRIMARY KEY (tenant_id, seq);

ALTER TABLE ONLY public.audit_leaf
    ADD CONSTRAINT audit_leaf_tenant_id_audit_id_key UNIQUE (tenant_id, audit_id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.audit_unsealed
    ADD CONSTRAINT audit_unsealed_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.bank_account
    ADD CONSTRAINT bank_account_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_record UNIQUE (tenant_id, consumer, topic, partition, record_offset);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, account_id, key);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, consumer, event_id);

ALTER TABLE ONLY public.inbox_sequence
    ADD CONSTRAINT inbox_sequence_pkey PRIMARY KEY (tenant_id, source, aggregate_type, aggregate_id);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.key_rotation
    ADD CONSTRAINT key_rotation_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_record UNIQUE (tenant_id, consumer, topic, partition, record_offset);

ALTER TABLE ONLY public.pay_group
    ADD CONSTRAINT pay_group_code UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.pay_group
    ADD CONSTRAINT pay_group_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.pay_item
    ADD CONSTRAINT pay_item_code UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.pay_item_fact
    ADD CONSTRAINT pay_item_fact_pkey PRIMARY KEY (tenant_id, pay_item_id, fact_sequence);

ALTER TABLE ONLY public.pay_item
    ADD CONSTRAINT pay_item_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.pay_posting
    ADD CONSTRAINT pay_posting_pkey PRIMARY KEY (tenant_id, pay_run_id, account, org_unit_id);

ALTER TABLE ONLY public.pay_run
    ADD CONSTRAINT pay_run_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.pay_term
    ADD CONSTRAINT pay_term_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.payslip
    ADD CONSTRAINT payslip_once UNIQUE (tenant_id, pay_run_id, employee_id);

ALTER TABLE ONLY public.payslip
    ADD CONSTRAINT payslip_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.pending_request
    ADD CONSTRAINT pending_request_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.people_assignment
    ADD CONSTRAINT people_assignment_pkey PRIMARY KEY (tenant_id, employee_id, valid_from);

ALTER TABLE ONLY public.people_employment
    ADD CONSTRAINT people_employment_pkey PRIMARY KEY (tenant_id, employee_id);

ALTER TABLE ONLY public.people_grant_version
    ADD CONSTRAINT people_grant_version_pkey PRIMARY KEY (tenant_id, account_id);

ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT people_person_pkey PRIMARY KEY (tenant_id, person_id);

ALTER TABLE ONLY public.people_unit
    ADD CONSTRAINT people_unit_pkey PRIMARY KEY (tenant_id, org_unit_id, valid_from);

ALTER TABLE ONLY public.period_fact
    ADD CONSTRAINT period_fact_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.period_fact
    ADD CONSTRAINT period_fact_source UNIQUE (tenant_id, source);

ALTER TABLE ONLY public.period_fact_use
    ADD CONSTRAINT period_fact_use_pkey PRIMARY KEY (tenant_id, fact_id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (room, number);

ALTER TABLE ONLY public.sealed_fill
    ADD CONSTRAINT sealed_fill_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.subject_key
    ADD CONSTRAINT subject_key_pkey PRIMARY KEY (tenant_id, subject_id, key_id);

ALTER TABLE ONLY public.tenant_key
    ADD CONSTRAINT tenant_key_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (tenant_id, kind, aggregate_id);

CREATE INDEX audit_resource ON public.audit USING btree (tenant_id, resource, resource_id, act_time);

CREATE INDEX audit_time ON public.audit USING btree (tenant_id, act_time);

CREATE INDEX bank_account_of ON public.bank_account USING btree (tenant_id, person_id, effective_date, recorded_time, id);

CREATE INDEX blob_expiry ON public.blob USING btree (tenant_id, expire_time) WHERE (expire_time IS NOT NULL);

CREATE INDEX blob_person ON public.blob USING btree (tenant_id, person_id) WHERE (person_id IS NOT NULL);

CREATE INDEX idempotency_age ON public.idempotency USING btree (create_time);

CREATE INDEX inbox_seen ON public.inbox USING btree (seen_time);

CREATE INDEX job_failed ON public.job USING btree (tenant_id) WHERE (state = 'FAILED'::text);

CREATE INDEX job_open ON public.job USING btree (next_try_time) WHERE (state = ANY (ARRAY['PENDING'::text, 'RUNNING'::text]));

CREATE UNIQUE INDEX key_rotation_open ON public.key_rotation USING btree (tenant_id) WHERE (phase <> 'DONE'::text);

CREATE INDEX outbox_order ON public.outbox USING btree (lane, id);

CREATE INDEX parked_event_aggregate ON public.parked_event USING btree (tenant_id, consumer, ce_source, aggregate_type, ce_subject, ce_sequence);

CREATE UNIQUE INDEX pay_run_once ON public.pay_run USING btree (tenant_id, pay_group_id, month, kind, sequence) WHERE (state <> 'CANCELLED'::text);

CREATE INDEX pay_term_of ON public.pay_term USING btree (tenant_id, employee_id, effective_date, recorded_time, id);

CREATE INDEX pay_term_person ON public.pay_term USING btree (tenant_id, person_id);

CREATE INDEX payslip_person ON public.payslip USING btree (tenant_id, person_id);

CREATE INDEX pending_request_resource ON public.pending_request USING btree (tenant_id, resource_id);

CREATE INDEX people_assignment_person ON public.people_assignment USING btree (tenant_id, person_id);

CREATE INDEX people_assignment_unit ON public.people_assignment USING btree (tenant_id, org_unit_id, person_id);

CREATE INDEX people_employment_person ON public.people_employment USING btree (tenant_id, person_id);

CREATE INDEX people_grant_account ON public.people_grant USING btree (tenant_id, account_id);

CREATE INDEX people_unit_head ON public.people_unit USING btree (tenant_id, head_person_id);

CREATE INDEX people_unit_parent ON public.people_unit USING btree (tenant_id, parent_id);

CREATE INDEX period_fact_of ON public.period_fact USING btree (tenant_id, employee_id, month);

CREATE INDEX period_fact_person ON public.period_fact USING btree (tenant_id, person_id);

CREATE INDEX period_fact_use_by_run ON public.period_fact_use USING btree (tenant_id, pay_run_id, employee_id);

CREATE INDEX timer_due ON public.timer USING btree (due_time);

CREATE TRIGGER pay_posting_open BEFORE INSERT OR DELETE OR UPDATE ON public.pay_posting FOR EACH ROW EXECUTE FUNCTION public.pay_run_open();

CREATE TRIGGER pay_run_final BEFORE UPDATE ON public.pay_run FOR EACH ROW WHEN ((old.state = ANY (ARRAY['CLOSED'::text, 'CANCELLED'::text]))) EXECUTE FUNCTION public.pay_run_final();

CREATE TRIGGER payslip_open BEFORE INSERT OR DELETE ON public.payslip FOR EACH ROW EXECUTE FUNCTION public.pay_run_open();

CREATE TRIGGER period_fact_use_kept BEFORE DELETE OR UPDATE ON public.period_fact_use FOR EACH ROW EXECUTE FUNCTION public.period_fact_use_kept();

ALTER TABLE ONLY public.pay_item_fact
    ADD CONSTRAINT pay_item_fact_of FOREIGN KEY (tenant_id, pay_item_id) REFERENCES public.pay_item(tenant_id, id);

ALTER TABLE ONLY public.pay_posting
    ADD CONSTRAINT pay_posting_of_run FOREIGN KEY (tenant_id, pay_run_id) REFERENCES public.pay_run(tenant_id, id);

ALTER TABLE ONLY public.pay_run
    ADD CONSTRAINT pay_run_of_group FOREIGN KEY (tenant_id, pay_group_id) REFERENCES public.pay_group(tenant_id, id);

ALTER TABLE ONLY public.pay_term
    ADD CONSTRAINT pay_term_of_group FOREIGN KEY (tenant_id, pay_group_id) REFERENCES public.pay_group(tenant_id, id);

ALTER TABLE ONLY public.payslip
    ADD CONSTRAINT payslip_of_run FOREIGN KEY (tenant_id, pay_run_id) REFERENCES public.pay_run(tenant_id, id);

ALTER TABLE ONLY public.period_fact_use
    ADD CONSTRAINT period_fact_use_of FOREIGN KEY (tenant_id, fact_id) REFERENCES public.period_fact(tenant_id, id);

ALTER TABLE ONLY public.period_fact_use
    ADD CONSTRAINT period_fact_use_run FOREIGN KEY (tenant_id, pay_run_id) REFERENCES public.pay_run(tenant_id, id);

ALTER TABLE public.aggregate_sequence ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_head ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_leaf ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_unsealed ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bank_account ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.blob ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dead_letter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbox_sequence ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.key_rotation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.parked_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_group ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_item ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_item_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pay_term ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payslip ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pending_request ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_assignment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_employment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_grant ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_grant_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_person ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_unit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.period_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.period_fact_use ENABLE ROW LEVEL SECURITY;

CREATE POLICY relay ON public.audit_log FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.audit_unsealed FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.dead_letter FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.idempotency TO payroll_relay USING (true);

CREATE POLICY relay ON public.inbox TO payroll_relay USING (true);

CREATE POLICY relay ON public.inbox_sequence FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.job TO payroll_relay USING (true);

CREATE POLICY relay ON public.outbox TO payroll_relay USING (true);

CREATE POLICY relay ON public.parked_event FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_assignment FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_employment FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_grant FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_grant_version FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_person FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.people_unit FOR SELECT TO payroll_relay USING (true);

CREATE POLICY relay ON public.sealed_fill TO payroll_relay USING (true);

CREATE POLICY relay ON public.tenant_key TO payroll_relay USING (true);

CREATE POLICY relay ON public.timer TO payroll_relay USING (true);

CREATE POLICY scope ON public.audit AS RESTRICTIVE FOR SELECT TO payroll_app USING ((public.renhe_has_scope('tenant'::text) OR (account_id = (public.renhe_account())::text) OR ((resource = 'account'::text) AND (resource_id = (public.renhe_account())::text))));

CREATE POLICY scope ON public.bank_account AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = bank_account.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.pay_term AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = pay_term.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.payslip AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = payslip.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.pending_request AS RESTRICTIVE TO payroll_app USING ((public.renhe_has_scope('tenant'::text) OR (account_id = (public.renhe_account())::text) OR ((person_id <> ''::text) AND (person_id = (public.renhe_person())::text)))) WITH CHECK (true);

CREATE POLICY scope ON public.period_fact AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = period_fact.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

ALTER TABLE public.sealed_fill ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subject_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON public.aggregate_sequence TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_head TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_leaf TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_log TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_unsealed TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.bank_account USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.blob TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.dead_letter TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.idempotency TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.inbox TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.inbox_sequence TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.job TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.key_rotation TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.outbox TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.parked_event TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_group USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_item USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_item_fact USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_posting USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_run USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pay_term USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.payslip USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pending_request TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.people_assignment USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_employment USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_grant USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_grant_version USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_person USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_unit USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.period_fact USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.period_fact_use USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.sealed_fill TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.subject_key TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.tenant_key TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.timer TO payroll_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

ALTER TABLE public.tenant_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.timer ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO payroll_app;
GRANT USAGE ON SCHEMA public TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.aggregate_sequence TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.audit TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.audit_head TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.audit_leaf TO payroll_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_log TO payroll_app;
GRANT SELECT ON TABLE public.audit_log TO payroll_relay;

GRANT SELECT,INSERT,DELETE ON TABLE public.audit_unsealed TO payroll_app;
GRANT SELECT ON TABLE public.audit_unsealed TO payroll_relay;

GRANT SELECT,INSERT ON TABLE public.bank_account TO payroll_app;

GRANT UPDATE(account_number) ON TABLE public.bank_account TO payroll_app;

GRANT UPDATE(holder_name) ON TABLE public.bank_account TO payroll_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.blob TO payroll_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dead_letter TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(id) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(consumer) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(topic) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(partition) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(record_offset) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(aggregate_type) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_id) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_type) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_source) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_subject) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_time) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_sequence) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(ce_cause) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(reason) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(attempts) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(create_time) ON TABLE public.dead_letter TO payroll_relay;

GRANT SELECT(last_try_time) ON TABLE public.dead_letter TO payroll_relay;

GRANT USAGE ON SEQUENCE public.dead_letter_id_seq TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.idempotency TO payroll_app;
GRANT SELECT,DELETE ON TABLE public.idempotency TO payroll_relay;

GRANT UPDATE(body) ON TABLE public.idempotency TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.inbox TO payroll_app;
GRANT SELECT,DELETE ON TABLE public.inbox TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.inbox_sequence TO payroll_app;
GRANT SELECT ON TABLE public.inbox_sequence TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.job TO payroll_app;
GRANT SELECT,UPDATE ON TABLE public.job TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.key_rotation TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.outbox TO payroll_app;
GRANT SELECT,DELETE ON TABLE public.outbox TO payroll_relay;

GRANT USAGE ON SEQUENCE public.outbox_id_seq TO payroll_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parked_event TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(id) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(consumer) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(topic) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(partition) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(record_offset) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(aggregate_type) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_id) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_type) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_source) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_subject) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_time) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_sequence) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(ce_cause) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(reason) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(attempts) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(create_time) ON TABLE public.parked_event TO payroll_relay;

GRANT SELECT(last_try_time) ON TABLE public.parked_event TO payroll_relay;

GRANT USAGE ON SEQUENCE public.parked_event_id_seq TO payroll_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pay_group TO payroll_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pay_item TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.pay_item_fact TO payroll_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pay_posting TO payroll_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pay_run TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.pay_term TO payroll_app;

GRANT UPDATE(monthly_fen) ON TABLE public.pay_term TO payroll_app;

GRANT UPDATE(declared_base_fen) ON TABLE public.pay_term TO payroll_app;

GRANT UPDATE(fund_declared_fen) ON TABLE public.pay_term TO payroll_app;

GRANT UPDATE(special_fen) ON TABLE public.pay_term TO payroll_app;

GRANT UPDATE(other_fen) ON TABLE public.pay_term TO payroll_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.payslip TO payroll_app;

GRANT UPDATE(content) ON TABLE public.payslip TO payroll_app;

GRANT UPDATE(summary) ON TABLE public.payslip TO payroll_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pending_request TO payroll_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_assignment TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_assignment TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_employment TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_employment TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_grant TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_grant TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_grant_version TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_grant_version TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_person TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_person TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_unit TO payroll_app;

GRANT SELECT(tenant_id) ON TABLE public.people_unit TO payroll_relay;

GRANT SELECT,INSERT ON TABLE public.period_fact TO payroll_app;

GRANT UPDATE(amount_fen) ON TABLE public.period_fact TO payroll_app;

GRANT UPDATE(protected_fen) ON TABLE public.period_fact TO payroll_app;

GRANT UPDATE(withdrawn_time) ON TABLE public.period_fact TO payroll_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.period_fact_use TO payroll_app;

GRANT SELECT ON TABLE public.schema_migration TO payroll_app;
GRANT SELECT ON TABLE public.schema_migration TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sealed_fill TO payroll_app;
GRANT SELECT ON TABLE public.sealed_fill TO payroll_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.subject_key TO payroll_app;

GRANT SELECT,INSERT ON TABLE public.tenant_key TO payroll_app;
GRANT SELECT,UPDATE ON TABLE public.tenant_key TO payroll_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timer TO payroll_app;
GRANT SELECT,UPDATE ON TABLE public.timer TO payroll_relay;

