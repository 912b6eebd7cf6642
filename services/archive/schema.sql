-- Made by scripts/lib/documents from the migrations of chassis, people and archive; read, don't edit.

CREATE FUNCTION public.employee_custom_fits(employee uuid, field_ids uuid[], plains text[], lows text[], highs text[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
	select not exists (
		select from unnest(field_ids, plains, lows, highs) as k (field_id, plain, low, high)
		where not exists (
			select from employee_custom c
			cross join lateral (select coalesce(c.int_value, (c.date_value - date '1970-01-01')::bigint) as n) v
			where c.employee_id = employee and c.field_id = k.field_id
			  and (k.plain = '' or c.plain = k.plain)
			  and coalesce(v.n >= nullif(k.low, '')::bigint, k.low = '')
			  and coalesce(v.n <= nullif(k.high, '')::bigint, k.high = '')))
$$;

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

CREATE TABLE public.custom_gram (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field_id uuid NOT NULL,
    gram text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.custom_gram FORCE ROW LEVEL SECURITY;

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

CREATE TABLE public.employee (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    employee_number text NOT NULL,
    annulled boolean DEFAULT false NOT NULL,
    create_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.employee FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_custom (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    employee_id uuid NOT NULL,
    field_id uuid NOT NULL,
    person_id uuid NOT NULL,
    plain text,
    int_value bigint,
    date_value date,
    sealed bytea,
    num bigint GENERATED ALWAYS AS (COALESCE(int_value, ((date_value - '1970-01-01'::date))::bigint)) STORED
);

ALTER TABLE ONLY public.employee_custom FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_fact (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    fact_sequence bigint NOT NULL,
    fact_kind text NOT NULL,
    effective_date date NOT NULL,
    recorded_time timestamp with time zone NOT NULL,
    annulled_time timestamp with time zone,
    announced boolean NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    cleared_fields text[],
    end_reason text,
    org_unit_id uuid,
    post_id uuid,
    employment_type text,
    probation_end_date date,
    work_place text,
    job_grade text
);

ALTER TABLE ONLY public.employee_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_field (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    key text NOT NULL,
    name_zh text NOT NULL,
    name_en text,
    type text NOT NULL,
    field_class text NOT NULL,
    required boolean,
    max_len integer,
    sort_order integer DEFAULT 0 NOT NULL,
    state text NOT NULL,
    choice_codes text[],
    choice_zh text[],
    choice_en text[],
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    searchable boolean,
    search_ready boolean DEFAULT true NOT NULL,
    search_after uuid
);

ALTER TABLE ONLY public.employee_field FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_gram (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    gram text NOT NULL COLLATE pg_catalog."C",
    whole smallint NOT NULL,
    part smallint NOT NULL
);

ALTER TABLE ONLY public.employee_gram FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_import (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid NOT NULL,
    state text DEFAULT 'PENDING'::text NOT NULL,
    kind text,
    asked_kind text,
    dry_run boolean NOT NULL,
    file_name bytea,
    sheet bytea,
    mapping bytea,
    columns bytea,
    format text,
    encoding text,
    rows bigint DEFAULT 0 NOT NULL,
    created bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    fault_count bigint DEFAULT 0 NOT NULL,
    done_line bigint DEFAULT 0 NOT NULL,
    cancel_asked boolean DEFAULT false NOT NULL,
    job_id uuid NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.people_now() NOT NULL
);

ALTER TABLE ONLY public.employee_import FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_import_fault (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    import_id uuid NOT NULL,
    fault_number bigint NOT NULL,
    line bigint NOT NULL,
    column_index bigint,
    column_name text,
    code text NOT NULL,
    related_line bigint,
    hint text
);

ALTER TABLE ONLY public.employee_import_fault FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_import_file (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    import_id uuid NOT NULL,
    content bytea,
    file_id uuid
);

ALTER TABLE ONLY public.employee_import_file FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_import_row (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    before_version bigint NOT NULL,
    after_version bigint NOT NULL,
    undone boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.employee_import_row FORCE ROW LEVEL SECURITY;

CREATE TABLE public.employee_slice (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    slice_id uuid DEFAULT gen_random_uuid() NOT NULL,
    employee_id uuid NOT NULL,
    person_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    recorded_from timestamp with time zone NOT NULL,
    recorded_to timestamp with time zone,
    employee_number text NOT NULL,
    hire_date date NOT NULL,
    end_date date,
    end_reason text,
    annulled boolean DEFAULT false NOT NULL,
    org_unit_id uuid,
    post_id uuid,
    employment_type text,
    probation_end_date date,
    work_place text,
    job_grade text
);

ALTER TABLE ONLY public.employee_slice FORCE ROW LEVEL SECURITY;

CREATE TABLE public.erasure (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL
);

ALTER TABLE ONLY public.erasure FORCE ROW LEVEL SECURITY;

CREATE TABLE public.erasure_answer (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    erasure_id uuid NOT NULL,
    service text NOT NULL,
    answer_time timestamp with time zone DEFAULT public.people_now() NOT NULL
);

ALTER TABLE ONLY public.erasure_answer FORCE ROW LEVEL SECURITY;

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

CREATE TABLE public.legal_entity (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    credit_code text,
    city_code text,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.people_now() NOT NULL
);

ALTER TABLE ONLY public.legal_entity FORCE ROW LEVEL SECURITY;

CREATE TABLE public.legal_hold (
    tenant_id uuid DEFAULT public.renhe_tenant() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    reason text NOT NULL,
    end_date date NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    release_time timestamp with time zone
);

ALTER TABLE ONLY public.legal_hold FORCE ROW LEVEL SECURITY;

CREATE TABLE public.org_unit (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.org_unit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.org_unit_fact (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    org_unit_id uuid NOT NULL,
    fact_sequence bigint NOT NULL,
    effective_date date NOT NULL,
    recorded_time timestamp with time zone NOT NULL,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    cleared_fields text[],
    name text,
    parent_id uuid,
    head_person_id uuid,
    legal_entity_id uuid,
    time_zone text,
    site_address text,
    closed boolean
);

ALTER TABLE ONLY public.org_unit_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE public.org_unit_slice (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    org_unit_id uuid NOT NULL,
    version bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    recorded_from timestamp with time zone NOT NULL,
    recorded_to timestamp with time zone,
    name text,
    parent_id uuid,
    head_person_id uuid,
    legal_entity_id uuid,
    time_zone text,
    site_address text,
    closed boolean
);

ALTER TABLE ONLY public.org_unit_slice FORCE ROW LEVEL SECURITY;

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

CREATE TABLE public.person (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    person_id uuid NOT NULL,
    version bigint NOT NULL,
    create_time timestamp with time zone NOT NULL,
    update_time timestamp with time zone NOT NULL,
    erase_time timestamp with time zone
);

ALTER TABLE ONLY public.person FORCE ROW LEVEL SECURITY;

CREATE TABLE public.person_revision (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    person_id uuid NOT NULL,
    version bigint NOT NULL,
    recorded_from timestamp with time zone NOT NULL,
    recorded_to timestamp with time zone,
    account_id text DEFAULT current_setting('renhe.account_id'::text, true) NOT NULL,
    name text NOT NULL,
    sex text,
    birth_date date,
    id_type text,
    id_number bytea,
    id_number_index bytea,
    mobile bytea,
    mobile_index bytea,
    email bytea,
    nationality text,
    address bytea,
    emergency_contact bytea
);

ALTER TABLE ONLY public.person_revision FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place_gram (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    gram text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY public.place_gram FORCE ROW LEVEL SECURITY;

CREATE TABLE public.post (
    tenant_id uuid DEFAULT (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT public.people_now() NOT NULL,
    update_time timestamp with time zone DEFAULT public.people_now() NOT NULL
);

ALTER TABLE ONLY public.post FORCE ROW LEVEL SECURITY;

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

ALTER TABLE ONLY public.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.custom_gram
    ADD CONSTRAINT custom_gram_pkey PRIMARY KEY (tenant_id, employee_id, gram, field_id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_record UNIQUE (tenant_id, consumer, topic, partition, record_offset);

ALTER TABLE ONLY public.employee_custom
    ADD CONSTRAINT employee_custom_pkey PRIMARY KEY (tenant_id, employee_id, field_id);

ALTER TABLE ONLY public.employee_fact
    ADD CONSTRAINT employee_fact_pkey PRIMARY KEY (tenant_id, employee_id, fact_sequence);

ALTER TABLE ONLY public.employee_field
    ADD CONSTRAINT employee_field_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.employee_field
    ADD CONSTRAINT employee_field_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.employee_gram
    ADD CONSTRAINT employee_gram_pkey PRIMARY KEY (tenant_id, id, gram);

ALTER TABLE ONLY public.employee_import_fault
    ADD CONSTRAINT employee_import_fault_pkey PRIMARY KEY (tenant_id, import_id, fault_number);

ALTER TABLE ONLY public.employee_import_file
    ADD CONSTRAINT employee_import_file_pkey PRIMARY KEY (tenant_id, import_id);

ALTER TABLE ONLY public.employee_import
    ADD CONSTRAINT employee_import_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.employee_import_row
    ADD CONSTRAINT employee_import_row_pkey PRIMARY KEY (tenant_id, import_id, line);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT employee_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.employee_slice
    ADD CONSTRAINT employee_slice_pkey PRIMARY KEY (tenant_id, slice_id);

ALTER TABLE ONLY public.erasure_answer
    ADD CONSTRAINT erasure_answer_pkey PRIMARY KEY (tenant_id, erasure_id, service);

ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_person UNIQUE (tenant_id, person_id);

ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (tenant_id, id);

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

ALTER TABLE ONLY public.legal_entity
    ADD CONSTRAINT legal_entity_code UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.legal_entity
    ADD CONSTRAINT legal_entity_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.legal_hold
    ADD CONSTRAINT legal_hold_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.org_unit
    ADD CONSTRAINT org_unit_code UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.org_unit_fact
    ADD CONSTRAINT org_unit_fact_pkey PRIMARY KEY (tenant_id, org_unit_id, fact_sequence);

ALTER TABLE ONLY public.org_unit
    ADD CONSTRAINT org_unit_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.org_unit_slice
    ADD CONSTRAINT org_unit_slice_pkey PRIMARY KEY (tenant_id, org_unit_id, version, valid_from);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_record UNIQUE (tenant_id, consumer, topic, partition, record_offset);

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

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (tenant_id, person_id);

ALTER TABLE ONLY public.person_revision
    ADD CONSTRAINT person_revision_pkey PRIMARY KEY (tenant_id, person_id, version);

ALTER TABLE ONLY public.place_gram
    ADD CONSTRAINT place_gram_pkey PRIMARY KEY (tenant_id, id, valid_from, gram);

ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_code UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (tenant_id, id);

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

CREATE INDEX blob_expiry ON public.blob USING btree (tenant_id, expire_time) WHERE (expire_time IS NOT NULL);

CREATE INDEX blob_person ON public.blob USING btree (tenant_id, person_id) WHERE (person_id IS NOT NULL);

CREATE INDEX custom_gram_word ON public.custom_gram USING btree (tenant_id, gram);

CREATE INDEX employee_custom_num ON public.employee_custom USING btree (tenant_id, field_id, num) WHERE (num IS NOT NULL);

CREATE INDEX employee_custom_person ON public.employee_custom USING btree (tenant_id, person_id);

CREATE INDEX employee_custom_plain ON public.employee_custom USING btree (tenant_id, field_id, plain);

CREATE INDEX employee_custom_walk ON public.employee_custom USING btree (tenant_id, field_id, employee_id);

CREATE INDEX employee_fact_due ON public.employee_fact USING btree (tenant_id, person_id, effective_date) WHERE ((NOT announced) AND (annulled_time IS NULL));

CREATE INDEX employee_gram_word ON public.employee_gram USING btree (tenant_id, gram);

CREATE INDEX employee_import_row_person ON public.employee_import_row USING btree (tenant_id, person_id);

CREATE UNIQUE INDEX employee_number_taken ON public.employee USING btree (tenant_id, employee_number) WHERE (NOT annulled);

CREATE INDEX employee_order ON public.employee USING btree (tenant_id, employee_number, id);

CREATE INDEX employee_person ON public.employee USING btree (tenant_id, person_id);

CREATE UNIQUE INDEX employee_slice_now ON public.employee_slice USING btree (tenant_id, employee_id, valid_from) WHERE (recorded_to IS NULL);

CREATE INDEX employee_slice_past ON public.employee_slice USING btree (tenant_id, employee_id, recorded_from);

CREATE INDEX employee_slice_post ON public.employee_slice USING btree (tenant_id, post_id) WHERE (recorded_to IS NULL);

CREATE INDEX employee_slice_unit ON public.employee_slice USING btree (tenant_id, org_unit_id) WHERE (recorded_to IS NULL);

CREATE INDEX idempotency_age ON public.idempotency USING btree (create_time);

CREATE INDEX inbox_seen ON public.inbox USING btree (seen_time);

CREATE INDEX job_failed ON public.job USING btree (tenant_id) WHERE (state = 'FAILED'::text);

CREATE INDEX job_open ON public.job USING btree (next_try_time) WHERE (state = ANY (ARRAY['PENDING'::text, 'RUNNING'::text]));

CREATE UNIQUE INDEX key_rotation_open ON public.key_rotation USING btree (tenant_id) WHERE (phase <> 'DONE'::text);

CREATE INDEX legal_hold_person ON public.legal_hold USING btree (tenant_id, person_id);

CREATE INDEX org_unit_slice_now ON public.org_unit_slice USING btree (tenant_id, org_unit_id, valid_from) WHERE (recorded_to IS NULL);

CREATE INDEX outbox_order ON public.outbox USING btree (lane, id);

CREATE INDEX parked_event_aggregate ON public.parked_event USING btree (tenant_id, consumer, ce_source, aggregate_type, ce_subject, ce_sequence);

CREATE INDEX pending_request_resource ON public.pending_request USING btree (tenant_id, resource_id);

CREATE INDEX people_assignment_person ON public.people_assignment USING btree (tenant_id, person_id);

CREATE INDEX people_assignment_unit ON public.people_assignment USING btree (tenant_id, org_unit_id, person_id);

CREATE INDEX people_employment_person ON public.people_employment USING btree (tenant_id, person_id);

CREATE INDEX people_grant_account ON public.people_grant USING btree (tenant_id, account_id);

CREATE INDEX people_unit_head ON public.people_unit USING btree (tenant_id, head_person_id);

CREATE INDEX people_unit_parent ON public.people_unit USING btree (tenant_id, parent_id);

CREATE UNIQUE INDEX person_id_number ON public.person_revision USING btree (tenant_id, id_number_index) WHERE ((recorded_to IS NULL) AND (id_number_index IS NOT NULL));

CREATE INDEX person_mobile ON public.person_revision USING btree (tenant_id, mobile_index) WHERE (recorded_to IS NULL);

CREATE UNIQUE INDEX person_revision_now ON public.person_revision USING btree (tenant_id, person_id) WHERE (recorded_to IS NULL);

CREATE INDEX place_gram_word ON public.place_gram USING btree (tenant_id, gram);

CREATE INDEX timer_due ON public.timer USING btree (due_time);

ALTER TABLE ONLY public.custom_gram
    ADD CONSTRAINT custom_gram_value FOREIGN KEY (tenant_id, employee_id, field_id) REFERENCES public.employee_custom(tenant_id, employee_id, field_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.employee_custom
    ADD CONSTRAINT employee_custom_field FOREIGN KEY (tenant_id, field_id) REFERENCES public.employee_field(tenant_id, id);

ALTER TABLE public.aggregate_sequence ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_head ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_leaf ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_unsealed ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.blob ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.custom_gram ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.dead_letter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_custom ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_field ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_gram ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_import ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_import_fault ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_import_file ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_import_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.employee_slice ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasure ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasure_answer ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inbox_sequence ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.key_rotation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.legal_entity ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.legal_hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.org_unit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.org_unit_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.org_unit_slice ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.parked_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pending_request ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_assignment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_employment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_grant ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_grant_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_person ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.people_unit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.person_revision ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.place_gram ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.post ENABLE ROW LEVEL SECURITY;

CREATE POLICY relay ON public.audit_log FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.audit_unsealed FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.dead_letter FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.idempotency TO archive_relay USING (true);

CREATE POLICY relay ON public.inbox TO archive_relay USING (true);

CREATE POLICY relay ON public.inbox_sequence FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.job TO archive_relay USING (true);

CREATE POLICY relay ON public.outbox TO archive_relay USING (true);

CREATE POLICY relay ON public.parked_event FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_assignment FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_employment FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_grant FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_grant_version FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_person FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.people_unit FOR SELECT TO archive_relay USING (true);

CREATE POLICY relay ON public.sealed_fill TO archive_relay USING (true);

CREATE POLICY relay ON public.tenant_key TO archive_relay USING (true);

CREATE POLICY relay ON public.timer TO archive_relay USING (true);

CREATE POLICY scope ON public.audit AS RESTRICTIVE FOR SELECT TO archive_app USING ((public.renhe_has_scope('tenant'::text) OR (account_id = (public.renhe_account())::text) OR ((resource = 'account'::text) AND (resource_id = (public.renhe_account())::text))));

CREATE POLICY scope ON public.custom_gram AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = custom_gram.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.employee AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = employee.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.employee_custom AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = employee_custom.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.employee_fact AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = employee_fact.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.employee_gram AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = employee_gram.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.employee_slice AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = employee_slice.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.erasure AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = erasure.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.legal_hold AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = legal_hold.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.pending_request AS RESTRICTIVE TO archive_app USING ((public.renhe_has_scope('tenant'::text) OR (account_id = (public.renhe_account())::text) OR ((person_id <> ''::text) AND (person_id = (public.renhe_person())::text)))) WITH CHECK (true);

CREATE POLICY scope ON public.person AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = person.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

CREATE POLICY scope ON public.person_revision AS RESTRICTIVE USING ((( SELECT public.people_has_scope('tenant'::text) AS people_has_scope) OR (person_id = ( SELECT public.people_me() AS people_me)) OR (EXISTS ( SELECT 1
   FROM public.people_assignment a
  WHERE ((a.person_id = person_revision.person_id) AND (a.org_unit_id = ANY (( SELECT (public.people_team_units() || public.people_store_units()))::uuid[])) AND (a.valid_from <= ( SELECT public.people_today() AS people_today)) AND ((a.valid_to IS NULL) OR (a.valid_to > ( SELECT public.people_today() AS people_today))))
 OFFSET 0)))) WITH CHECK (true);

ALTER TABLE public.sealed_fill ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subject_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON public.aggregate_sequence TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_head TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_leaf TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_log TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.audit_unsealed TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.blob TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.custom_gram USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.dead_letter TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.employee USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_custom USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.employee_fact USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_field USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.employee_gram USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_import USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_import_fault USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_import_file USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_import_row USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.employee_slice USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.erasure USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.erasure_answer USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.idempotency TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.inbox TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.inbox_sequence TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.job TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.key_rotation TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.legal_entity USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.legal_hold USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.org_unit USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.org_unit_fact USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.org_unit_slice USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.outbox TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.parked_event TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.pending_request TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.people_assignment USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_employment USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_grant USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_grant_version USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_person USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.people_unit USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.person USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.person_revision USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.place_gram USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.post USING ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('renhe.tenant_id'::text, true), ''::text))::uuid));

CREATE POLICY tenant ON public.sealed_fill TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.subject_key TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.tenant_key TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

CREATE POLICY tenant ON public.timer TO archive_app USING ((tenant_id = public.renhe_tenant())) WITH CHECK ((tenant_id = public.renhe_tenant()));

ALTER TABLE public.tenant_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.timer ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO archive_app;
GRANT USAGE ON SCHEMA public TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.aggregate_sequence TO archive_app;

GRANT SELECT,INSERT ON TABLE public.audit TO archive_app;

GRANT SELECT,INSERT ON TABLE public.audit_head TO archive_app;

GRANT SELECT,INSERT ON TABLE public.audit_leaf TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_log TO archive_app;
GRANT SELECT ON TABLE public.audit_log TO archive_relay;

GRANT SELECT,INSERT,DELETE ON TABLE public.audit_unsealed TO archive_app;
GRANT SELECT ON TABLE public.audit_unsealed TO archive_relay;

GRANT SELECT,INSERT,DELETE ON TABLE public.blob TO archive_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.custom_gram TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dead_letter TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(id) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(consumer) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(topic) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(partition) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(record_offset) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(aggregate_type) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_id) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_type) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_source) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_subject) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_time) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_sequence) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(ce_cause) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(reason) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(attempts) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(create_time) ON TABLE public.dead_letter TO archive_relay;

GRANT SELECT(last_try_time) ON TABLE public.dead_letter TO archive_relay;

GRANT USAGE ON SEQUENCE public.dead_letter_id_seq TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.employee TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.employee_custom TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.employee_fact TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.employee_field TO archive_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.employee_gram TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.employee_import TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.employee_import_fault TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.employee_import_file TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.employee_import_row TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.employee_slice TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.erasure TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.erasure_answer TO archive_app;

GRANT SELECT,INSERT ON TABLE public.idempotency TO archive_app;
GRANT SELECT,DELETE ON TABLE public.idempotency TO archive_relay;

GRANT UPDATE(body) ON TABLE public.idempotency TO archive_app;

GRANT SELECT,INSERT ON TABLE public.inbox TO archive_app;
GRANT SELECT,DELETE ON TABLE public.inbox TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.inbox_sequence TO archive_app;
GRANT SELECT ON TABLE public.inbox_sequence TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.job TO archive_app;
GRANT SELECT,UPDATE ON TABLE public.job TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.key_rotation TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.legal_entity TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.legal_hold TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.org_unit TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.org_unit_fact TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.org_unit_slice TO archive_app;

GRANT SELECT,INSERT ON TABLE public.outbox TO archive_app;
GRANT SELECT,DELETE ON TABLE public.outbox TO archive_relay;

GRANT USAGE ON SEQUENCE public.outbox_id_seq TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parked_event TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(id) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(consumer) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(topic) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(partition) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(record_offset) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(aggregate_type) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_id) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_type) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_source) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_subject) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_time) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_sequence) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(ce_cause) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(reason) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(attempts) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(create_time) ON TABLE public.parked_event TO archive_relay;

GRANT SELECT(last_try_time) ON TABLE public.parked_event TO archive_relay;

GRANT USAGE ON SEQUENCE public.parked_event_id_seq TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.pending_request TO archive_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_assignment TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_assignment TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_employment TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_employment TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_grant TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_grant TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_grant_version TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_grant_version TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_person TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_person TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_unit TO archive_app;

GRANT SELECT(tenant_id) ON TABLE public.people_unit TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.person TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.person_revision TO archive_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.place_gram TO archive_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.post TO archive_app;

GRANT SELECT ON TABLE public.schema_migration TO archive_app;
GRANT SELECT ON TABLE public.schema_migration TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sealed_fill TO archive_app;
GRANT SELECT ON TABLE public.sealed_fill TO archive_relay;

GRANT SELECT,INSERT,UPDATE ON TABLE public.subject_key TO archive_app;

GRANT SELECT,INSERT ON TABLE public.tenant_key TO archive_app;
GRANT SELECT,UPDATE ON TABLE public.tenant_key TO archive_relay;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timer TO archive_app;
GRANT SELECT,UPDATE ON TABLE public.timer TO archive_relay;

