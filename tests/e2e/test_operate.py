"""What an operator sees and does with renhectl and /metrics: outbox, projections, dead letters, parked events.
An event is poisoned by a table that refuses it, found, tried again in vain, and after the mending with success."""
import csv
import io
import json
import os
import pty
import re
import subprocess
import threading
import uuid
from pathlib import Path

import pytest

from renhe import CHECKOUT, wait_until
from tenants import Tenant

DONE, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, UNREACHABLE = 0, 2, 3, 4, 5, 8
LETTERS = ("id", "tenant_id", "reason", "type", "aggregate_type", "subject", "sequence", "topic", "partition", "offset", "attempts",
           "create_time", "last_try_time", "parked_behind")


def command(suite, service, *args, env=()):
    """renhectl with the settings that the service itself has."""
    return ["env", "-i", "PATH=/usr/bin:/bin", *env, "chpst", "-e", str(suite.run_dir / "service" / service / "env"),
            str(Path(suite.env["RENHE_BIN"]) / "renhectl"), *args]


def run(suite, service, *args, code=DONE, env=()):
    done = subprocess.run(command(suite, service, *args, env=env), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert code == DONE or (done.stderr.strip() and not done.stdout), "what went wrong stands on stderr, and nothing on stdout"
    return done


def rows(suite, service, *args):
    return [json.loads(line) for line in run(suite, service, *args).stdout.splitlines()]


def on_terminal(suite, service, *args, answer):
    """Its exit code and all that a person sees."""
    mine, its = pty.openpty()
    p = subprocess.Popen(command(suite, service, *args), stdin=its, stdout=its, stderr=its)
    os.close(its)
    os.write(mine, answer.encode())
    seen = b""
    try:
        while piece := os.read(mine, 4096):
            seen += piece
    except OSError:
        pass  # the other end is closed
    os.close(mine)
    return p.wait(60), seen.decode()


@pytest.fixture(scope="module")
def company(suite):
    return Tenant(suite)


@pytest.fixture
def refused(suite, company):
    """identity's table of units refuses those of this company until the function is called."""
    name = "refuse_" + uuid.uuid4().hex[:8]

    def mend():
        suite.psql_all("identity", f"drop trigger if exists {name} on people_unit; drop function if exists {name}()")

    suite.psql_all("identity", f"create function {name}() returns trigger language plpgsql as "
                               f"$$ begin raise exception 'refused'; end $$; create trigger {name} before insert or update on people_unit "
                               f"for each row when (new.tenant_id = '{company.id}') execute function {name}()")
    yield mend
    mend()


def new_unit(company):
    code = "U" + uuid.uuid4().hex[:6].upper()
    return company.hr.post("/api/v1/org-units", {"code": code, "name": "死信店", "kind": "STORE", "effective_date": "2020-01-01"}).expect(201).json


def letters(suite, company, unit):
    return [r for r in rows(suite, "identity", "dead-letters", "list", "identity")
            if (r["tenant_id"], r["subject"]) == (company.id, unit["id"])]


def letter(suite, company, unit):
    [found] = wait_until(lambda: letters(suite, company, unit), 60, "the dead letter", every=0.3)
    return found


def projected(suite, unit):
    return suite.psql_all("identity", f"select count(*) from people_unit where org_unit_id = '{unit['id']}'") == [["1"]]


# ---- dead letters ----

def test_a_poisoned_event_is_found_tried_again_and_gone(suite, company, refused):
    unit = new_unit(company)
    found = letter(suite, company, unit)
    assert tuple(found) == LETTERS and found["type"] == "renhe.archive.org_unit.snapshot.v1" == found["topic"]
    assert (found["aggregate_type"], found["sequence"], found["parked_behind"]) == ("", None, 0), "a snapshot is unsequenced"
    assert not projected(suite, unit)
    wait_until(lambda: suite.metrics("identity")["renhe_dead_letters"] >= 1, 30, "the gauge")

    [whole] = rows(suite, "identity", "dead-letters", "show", "identity", str(found["id"]))
    assert (whole["source"], whole["payload"]) == ("/renhe/archive", "withheld") and uuid.UUID(whole["event_id"])
    assert "死信店" not in json.dumps(whole, ensure_ascii=False)

    told = run(suite, "identity", "dead-letters", "retry", "identity", str(found["id"]), code=CONFLICT).stderr
    assert found["reason"] in told
    again = letter(suite, company, unit)
    assert (again["id"], again["attempts"]) == (found["id"], found["attempts"] + 1) and again["last_try_time"] > found["last_try_time"]

    refused()
    assert rows(suite, "identity", "dead-letters", "retry", "identity", str(found["id"]), "--dry-run")[0]["id"] == found["id"]
    assert letters(suite, company, unit) and not projected(suite, unit), "--dry-run writes nothing"
    assert rows(suite, "identity", "dead-letters", "retry", "identity", str(found["id"])) == \
        [{"service": "identity", "id": found["id"], "state": "HANDLED"}]
    assert letters(suite, company, unit) == [] and projected(suite, unit)
    run(suite, "identity", "dead-letters", "retry", "identity", str(found["id"]), code=NOT_FOUND)


def test_dropping_asks_first(suite, company, refused):
    units = [new_unit(company) for _ in range(2)]
    first, second = (letter(suite, company, u) for u in units)
    drop = ("dead-letters", "drop", "identity")
    run(suite, "identity", *drop, str(first["id"]), code=NOT_ALLOWED)
    assert letters(suite, company, units[0]) == [first], "nobody said yes"
    run(suite, "identity", *drop, str(first["id"]), "--yes")

    code, seen = on_terminal(suite, "identity", *drop, str(second["id"]), answer="no\n")
    assert code == NOT_ALLOWED and "Say yes" in seen and letters(suite, company, units[1]) == [second]
    code, seen = on_terminal(suite, "identity", *drop, str(second["id"]), answer="yes\n")
    assert code == DONE and re.search(r"state +DROPPED", seen), "the table on a terminal"
    refused()
    for unit in units:
        assert letters(suite, company, unit) == [] and not projected(suite, unit)


def test_what_a_record_brought_cannot_move_the_cursor(suite, company):
    suite.psql_all("identity", "insert into dead_letter (tenant_id, consumer, topic, partition, record_offset, ce_type, ce_subject, reason, payload) "
                               f"values ('{company.id}', 'identity', 'x', 0, 1, E'a\\tb\\033[2Jc\\nd', 'strange', 'ce_id', 'secret')")
    [found] = [r for r in rows(suite, "identity", "dead-letters", "list", "identity") if r["subject"] == "strange"]
    try:
        assert found["type"] == "a?b?[2Jc?d" and found["topic"] == "x"
    finally:
        run(suite, "identity", "dead-letters", "drop", "identity", str(found["id"]), "--yes")


def test_parked_events(suite, company):
    subject = str(uuid.uuid4())
    suite.psql_all("identity", f"insert into inbox_sequence values ('{company.id}', '/renhe/archive', 'person', '{subject}', 3, true); "
                               "insert into parked_event (tenant_id, consumer, topic, partition, record_offset, aggregate_type, ce_id, ce_type, "
                               "ce_source, ce_subject, ce_sequence, reason) select "
                               f"'{company.id}', 'identity', 'renhe.archive.employee.v1', 0, n, 'person', gen_random_uuid(), 't', '/renhe/archive', "
                               f"'{subject}', n, 'SEQUENCE_GAP' from generate_series(5, 7) n")
    try:
        [found] = [r for r in rows(suite, "identity", "parked-events", "list", "identity") if r["subject"] == subject]
        assert (found["events"], found["expected_sequence"], found["first_sequence"], found["behind"]) == (3, 4, 5, "SEQUENCE_GAP")
        kinds = rows(suite, "identity", "projections", "sequences", "identity")
        assert [k for k in kinds if k["aggregate_type"] == "person"][0]["held_up"] >= 1
        wait_until(lambda: suite.metrics("identity")["renhe_parked_events"] >= 3, 30, "the gauge")
    finally:
        suite.psql_all("identity", f"delete from parked_event where ce_subject = '{subject}'; "
                                   f"delete from inbox_sequence where aggregate_id = '{subject}'")


# ---- outbox and projections ----

def test_outbox(suite):
    lanes = rows(suite, "archive", "outbox", "status", "archive")
    assert [r["lane"] for r in lanes] == ["urgent", "normal"]
    assert all(r["waiting"] >= 0 and re.fullmatch(r"\S+ \d+", r["holder"]) and r["held_since"].endswith("Z") for r in lanes)


def test_a_held_outbox_shows(suite, company, figure):
    """While the relay is stopped by a lock of its table, rows wait and grow old."""
    before = suite.metrics("archive")
    assert {f'renhe_outbox_depth{{lane="{lane}"}}' for lane in ("urgent", "normal")} <= set(before)
    unit = str(uuid.uuid4())
    suite.psql_all("archive", "insert into outbox (tenant_id, topic, lane, shard, key, ce_id, ce_type, ce_source, ce_subject, ce_time) values "
                              f"('{company.id}', 'renhe.no.such.topic.v1', 0, 0, '{company.id}/{unit}', gen_random_uuid(), 't', '/renhe/archive', "
                              f"'{unit}', clock_timestamp() - interval '1 hour')")
    try:
        lane = rows(suite, "archive", "outbox", "status", "archive")[1]
        assert lane["waiting"] >= 1 and lane["oldest_ms"] >= 3_600_000
        wait_until(lambda: suite.metrics("archive")['renhe_outbox_oldest_ms{lane="normal"}'] >= 3_600_000, 60, "the gauge")
        figure(f"outbox: {lane['waiting']} waiting, the oldest for {lane['oldest_ms'] / 1000:.0f} s")
    finally:
        suite.psql_all("archive", f"delete from outbox where ce_subject = '{unit}'")


def test_projections(suite, company):
    new_unit(company)
    topic = "renhe.archive.org_unit.snapshot.v1"

    def caught_up():
        found = [r for r in rows(suite, "identity", "projections", "status", "identity") if r["topic"] == topic]
        return found if found and all(r["lag"] == 0 for r in found) and sum(r["end"] for r in found) else None
    found = wait_until(caught_up, 60, "identity to have taken all", every=0.5)
    assert {r["group"] for r in found} == {"identity"} and len({r["partition"] for r in found}) == len(found)
    assert all(r["committed"] in (r["end"], -1) for r in found)
    groups = {r["group"] for r in rows(suite, "identity", "projections", "status", "identity")}
    assert groups == {"identity", "identity.urgent"}, "each lane has a group of its own"


def places(suite, topic):
    """By partition."""
    return {r["partition"]: r for r in rows(suite, "identity", "projections", "status", "identity") if r["topic"] == topic}


def test_the_last_event_has_its_time(suite, company):
    """That of the record itself, which another client reads; where nothing was taken yet there is none."""
    topic = "renhe.archive.org_unit.snapshot.v1"
    new_unit(company)
    found = wait_until(lambda: (now := places(suite, topic)) and all(r["lag"] == 0 for r in now.values()) and now,
                       60, "identity to have taken all", every=0.5)
    written = {(e.partition, e.offset): e.headers["ce_time"] for e in suite.events(topic)}
    taken = {p: r for p, r in found.items() if r["committed"] > 0}
    assert taken
    for p, r in taken.items():
        assert r["last_event_time"] == written[p, r["committed"] - 1], (p, r)
    assert all(not r["last_event_time"] for p, r in found.items() if p not in taken)


def test_what_waits_does_not_count_as_taken(suite, company):
    """While a lock holds the consumer up, the time is that of what it has behind it, not of the topic's end."""
    topic = "renhe.archive.org_unit.snapshot.v1"
    wait_until(lambda: all(r["lag"] == 0 for r in places(suite, topic).values()), 60, "identity to have taken all", every=0.5)
    locked = threading.Thread(target=suite.psql_all, args=("identity", "begin; lock table people_unit in share mode; "
                                                           "select pg_sleep(6); commit"))
    locked.start()
    try:
        wait_until(lambda: suite.psql_all("identity", "select 1 from pg_locks where relation = 'people_unit'::regclass "
                                          "and mode = 'ShareLock' and granted"), 5, "the lock", every=0.1)
        made = new_unit(company)
        held = wait_until(lambda: {p: r for p, r in places(suite, topic).items() if r["lag"]}, 5, "an event to wait", every=0.1)
    finally:
        locked.join()
    written = {(e.partition, e.offset): e for e in suite.events(topic)}
    for p, r in held.items():
        waits = written[p, r["end"] - 1].headers["ce_time"]
        assert not r["last_event_time"] or r["last_event_time"] < waits, (p, r, waits)
    [mine] = [e for e in written.values() if e.headers["ce_subject"] == made["id"]]
    assert mine.partition in held, "the unit's own event is among those that waited"
    wait_until(lambda: places(suite, topic)[mine.partition]["last_event_time"] >= mine.headers["ce_time"], 60, "its turn", every=0.5)


def test_gauges_of_due_and_long_work(suite):
    for service in ("identity", "archive"):
        told = suite.metrics(service)
        assert {"renhe_timers_overdue", "renhe_dead_letters", "renhe_parked_events",
                *(f'renhe_jobs{{state="{s}"}}' for s in ("PENDING", "RUNNING", "FAILED"))} <= set(told)


# ---- the frame ----

def test_formats(suite):
    args = ("outbox", "status", "archive", "-o")
    told = json.loads(run(suite, "archive", *args, "json").stdout)
    assert [r["lane"] for r in told] == ["urgent", "normal"]
    told = list(csv.DictReader(io.StringIO(run(suite, "archive", *args, "csv").stdout)))
    assert [r["lane"] for r in told] == ["urgent", "normal"] and told[0]["waiting"].isdigit()
    head, *lines = run(suite, "archive", *args, "table").stdout.splitlines()
    assert head.split() == ["lane", "waiting", "oldest_ms", "holder", "held_since"] and len(lines) == 2
    code, seen = on_terminal(suite, "archive", "outbox", "status", "archive", answer="")
    assert code == DONE and seen.split()[:2] == ["lane", "waiting"]


@pytest.mark.parametrize("args, code", [
    (("outbox", "status"), USAGE), (("outbox", "status", "archive", "more"), USAGE), (("outbox", "drop", "archive"), USAGE),
    (("outbox", "status", "archive", "--dry-run"), USAGE), (("outbox", "status", "archive", "-o", "xml"), USAGE),
    (("outbox", "status", "../archive"), USAGE), (("outbox", "status", "nobody"), NOT_FOUND),
    (("dead-letters", "show", "archive", "999999999"), NOT_FOUND), (("dead-letters", "retry", "archive", "999999999"), NOT_FOUND),
    (("dead-letters", "drop", "archive", "999999999", "--yes"), NOT_FOUND), (("dead-letters", "drop", "archive", "999999999"), NOT_ALLOWED),
    (("dead-letters", "show", "archive", "1 or true"), USAGE), (("dead-letters", "retry", "archive", "-1"), USAGE),
])
def test_refusals(suite, args, code):
    run(suite, "archive", *args, code=code)


def test_unreachable(suite):
    """A database or a broker that is not there."""
    gone = ("sh", "-c", 'export RENHE_PG_PORT=1 RENHE_KAFKA_BROKERS=127.0.0.1:1; exec "$0" "$@"')
    head, tail = command(suite, "archive")[:-1], command(suite, "archive")[-1]
    for args in (("outbox", "status", "archive"), ("dead-letters", "retry", "archive", "1")):
        done = subprocess.run([*head, *gone, tail, *args], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (UNREACHABLE, ""), done.stderr


def test_the_wrong_service_sees_nothing(suite):
    """The settings of one service do not open another: it has its own database and secrets."""
    done = subprocess.run(command(suite, "gateway", "outbox", "status", "archive"), capture_output=True, text=True, timeout=60)
    assert done.returncode != DONE and not done.stdout


def test_the_relays_role_reads_no_payload(suite):
    """Where operators look, the database itself withholds keys and payloads."""
    for table in ("dead_letter", "parked_event"):
        granted = suite.psql_all("identity", "select column_name from information_schema.column_privileges "
                                             f"where table_name = '{table}' and grantee = 'identity_relay' and privilege_type = 'SELECT'")
        assert {"id", "reason"} <= {r[0] for r in granted} and not {"payload", "key", "ce_actor"} & {r[0] for r in granted}


# ---- help ----

def verbs():
    text = subprocess.run([CHECKOUT / "build" / "bin" / "renhectl", "--help"], capture_output=True, text=True, check=True, env={}).stdout
    return set(re.findall(r"^  renhectl (\S+ \S+)", text, re.M))


def test_help_in_both_languages(suite):
    for env, word in (((), "withheld"), (("LANG=zh_CN.UTF-8",), "不予显示"), (("LC_ALL=en_US.UTF-8", "LANG=zh_CN.UTF-8"), "withheld")):
        told = run(suite, "archive", "dead-letters", "--help", env=env).stdout
        assert word in told and "renhectl dead-letters drop SERVICE ID" in told and "clock" not in told


def test_completion(suite):
    """The shell itself is asked, for each noun."""
    script = run(suite, "archive", "completion", "bash").stdout
    known = verbs()
    asked = '\ncomplete_it() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _renhectl; echo "${COMPREPLY[*]}"; }\n'

    def complete(*words):
        return subprocess.run(["bash", "-c", script + asked + 'complete_it "$@"', "_", "renhectl", *words],
                              capture_output=True, text=True, check=True).stdout.split()
    nouns = {v.split()[0] for v in known}
    assert set(complete("")) == nouns and len(nouns) >= 8
    for noun in nouns:
        assert {f"{noun} {verb}" for verb in complete(noun, "")} == {v for v in known if v.split()[0] == noun}
    assert complete("dead-letters", "dr") == ["drop"] and complete("clock", "show", "-o", "js") == ["json", "jsonl"]


def test_the_readme_names_commands_that_are_there():
    named = set(re.findall(r"renhectl\s+([a-z-]+\s+[a-z-]+)", (CHECKOUT / "README.md").read_text()))
    named = {" ".join(n.split()) for n in named}
    assert named <= verbs(), named - verbs()
    assert {"dead-letters list", "dead-letters retry", "dead-letters drop", "outbox status", "projections status"} <= named
