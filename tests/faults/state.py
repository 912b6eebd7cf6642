"""What stands in a suite after a workload, and the verdict on it."""
import time
from collections import Counter

from history import acknowledged, published, the_same, versions
from renhe import wait_until

FACTS = "renhe.archive.employee.v1"
WAITS, FAILED = ("outbox", "audit_unsealed"), ("dead_letter", "parked_event")


def effects(suite, prefix):
    """Marker -> how often its effect stands: hires by number, transfers by their place, names by the revisions that bear them."""
    found = Counter()
    for sql in (f"select employee_number from employee where employee_number like '{prefix}%'",
                f"select work_place from employee_fact where work_place like '{prefix} %' and annulled_time is null",
                # A revision bears its name until the next change of it: the first that bears it is the effect.
                f"select name from (select name, lag(name) over (partition by tenant_id, person_id order by version) as before "
                f"from person_revision) r where name like '{prefix} %' and name is distinct from before"):
        found.update(row[0] for row in suite.psql_all("archive", sql))
    return dict(found)


def stored_versions(suite, prefix):
    rows = suite.psql_all("archive", "select person_id, version from person_revision where person_id in "
                                     f"(select person_id from employee where employee_number like '{prefix}%') order by 1, 2")
    found = {}
    for person, version in rows:
        found.setdefault(person, []).append(int(version))
    return found


def left(suite):
    return {(s, t): int(suite.psql_all(s, f"select count(*) from {t}")[0][0]) for s in ("identity", "archive") for t in WAITS + FAILED}


def is_quiet(suite):
    return not any(n for (_, t), n in left(suite).items() if t in WAITS) and suite.metrics("identity")["renhe_consumer_lag"] == 0


def wait_quiet(suite, seconds=120):
    """Quiet for a while: what the broker has just acknowledged counts as lag only when it was fetched."""
    def still():
        for _ in range(4):
            if not is_quiet(suite):
                return False
            time.sleep(0.5)
        return True
    wait_until(still, seconds, "everything to be published and taken", every=0.3)


def streams(suite, topic):
    """(tenant/subject, sequence, id) of each record, partition by partition."""
    return [(f"{e.headers['ce_tenant']}/{e.headers['ce_subject']}", e.sequence, e.headers["ce_id"]) for e in suite.events(topic)]


def verdict(suite, ops, prefix, before):
    """All that is wrong, in words."""
    settled = [op for op in ops if op.get("marker")]
    wrong = acknowledged(settled, effects(suite, prefix)) + versions(settled, stored_versions(suite, prefix))
    people = {p for (p,) in suite.psql_all("archive", f"select tenant_id || '/' || person_id from employee where employee_number like '{prefix}%'")}
    last = {k: n for k, n in sequences(suite).items() if k in people}
    wrong += published([r for r in streams(suite, FACTS) if r[0] in people], last)
    wrong += the_same("employment", *employments(suite, prefix))
    wrong += [f"{n} rows of {s}.{t}, {before[s, t]} before" for (s, t), n in left(suite).items() if t in FAILED and n != before[s, t]]
    return wrong


def sequences(suite):
    """Of the facts on each person: key -> the last one that was committed."""
    rows = suite.psql_all("archive", "select tenant_id || '/' || aggregate_id, last from aggregate_sequence where aggregate_type = 'person'")
    return {k: int(n) for k, n in rows}


def employments(suite, prefix):
    """At their owner and as identity has them."""
    columns, where = "employee_number || ' ' || person_id || ' ' || annulled", f"where employee_number like '{prefix}%'"
    owner = suite.psql_all("archive", f"select id, {columns} from employee {where}")
    copy = suite.psql_all("identity", f"select employee_id, {columns} from people_employment {where}")
    return dict(owner), dict(copy)
