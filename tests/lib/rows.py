"""What stands in the databases, as one digest per table: to prove that nothing was written."""
from renhe import SERVICES


def tables(suite, service):
    """Name -> whether it has a tenant_id."""
    rows = suite.psql_all(service, """
        select c.relname, exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
        from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1""")
    return {name: has == "t" for name, has in rows}


def digests(suite, tenant_id=None, without=()):
    """(service, table) -> count and digest of the rows; of one tenant where it is given.
    without: names of tables that move by themselves."""
    found = {}
    for service in SERVICES:
        wanted = [t for t, has in tables(suite, service).items() if t not in without and (has or not tenant_id)]
        where = f"where x.tenant_id = '{tenant_id}'" if tenant_id else ""
        sql = " union all ".join(
            f"select '{t}', count(*), coalesce(md5(string_agg(x::text, E'\\n' order by x::text)), '') "
            f"from \"{t}\" x {where}" for t in wanted)
        for table, count, digest in suite.psql_all(service, sql):
            found[service, table] = (int(count), digest)
    return found


def changes(before, after):
    """Tables that differ, with their counts."""
    return {k: (before.get(k, (0,))[0], after.get(k, (0,))[0]) for k in before.keys() | after.keys()
            if before.get(k) != after.get(k)}
