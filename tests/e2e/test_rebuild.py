"""A projection made again from its topics alone (renhectl projections rebuild): what was dropped comes back the same, what
was wrong is mended, an erased person stays away, work goes on meanwhile, and a rebuild that is killed leaves nothing."""
import json
import os
import secrets
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

import erasures
import staff
from renhe import Suite, wait_until

TABLES = {"people": ("people_person", "people_employment", "people_assignment", "people_unit"),
          "grants": ("people_grant", "people_grant_version")}


def command(suite, service, *args):
    return ["env", "-i", "PATH=/usr/bin:/bin", "chpst", "-e", str(suite.run_dir / "service" / service / "env"),
            str(Path(suite.env["RENHE_BIN"]) / "renhectl"), "projection", *args]


def run(suite, service, *args, code=0):
    done = subprocess.run(command(suite, service, *args), capture_output=True, text=True, timeout=200, stdin=subprocess.DEVNULL)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return {row["table"]: row for row in map(json.loads, done.stdout.splitlines())}, done.stderr


def hashes(suite, service, name):
    return {t: (r["rows"], r["hash"]) for t, r in run(suite, service, "hash", service, name)[0].items()}


def changed(suite, service, name, *how):
    return {t: (r["removed"], r["added"]) for t, r in run(suite, service, "rebuild", service, name, *how)[0].items()}


def unchanged(name):
    return {t: (0, 0) for t in TABLES[name]}


@pytest.fixture(scope="module")
def own():
    """A suite of its own: a projection that is dropped is missed by everybody."""
    suite = Suite.start()
    try:
        yield suite
    finally:
        suite.stop()


@pytest.fixture(scope="module")
def company(own):
    """Some people, one who has been transferred and one erased, so that the topics hold former states too."""
    hr = own.sign_in_as("HR", "demo")
    made = staff.Staff(7, "R" + secrets.token_hex(2))
    staff.load(hr, made.some(60))
    caught_up(own)
    return hr


def same_in_both(suite):
    """Identity's projection is archive's, row by row."""
    def of(service):
        return [suite.psql_all(service, f"select count(*), coalesce(sum(hashtext(t::text)::bigint), 0) from {t} t")[0]
                for t in TABLES["people"]]
    return of("archive") == of("identity")


def caught_up(suite):
    wait_until(lambda: same_in_both(suite), 60, "identity to have taken in everything", every=0.5)


@pytest.mark.parametrize("service, name", [("identity", "people"), ("archive", "grants")])
def test_dropped_and_made_again(own, company, service, name, figure):
    before = hashes(own, service, name)
    assert all(rows for rows, _ in before.values())
    assert changed(own, service, name) == unchanged(name), "what stands is what the topics say"
    for table in TABLES[name]:
        own.psql_all(service, f"delete from {table}")
    assert all(rows == 0 for rows, _ in hashes(own, service, name).values())
    began = time.monotonic()
    mended = changed(own, service, name)
    figure(f"{service} {name}: {sum(rows for rows, _ in before.values())} rows again in {time.monotonic() - began:.1f} s")
    assert mended == {t: (0, rows) for t, (rows, _) in before.items()}
    assert hashes(own, service, name) == before


def test_what_is_wrong_is_mended(own, company):
    before = hashes(own, "identity", "people")
    stranger = "01935b6e-0000-7000-8000-000000000777"
    for sql in ("update people_person set name = '错' where person_id in (select person_id from people_person order by 1 limit 3)",
                "delete from people_employment where employee_id in (select employee_id from people_employment order by 1 limit 2)",
                f"insert into people_person (tenant_id, person_id, version, name) values ('{stranger}', '{stranger}', 9, '无中生有')",
                "update people_unit set code = '错' where (org_unit_id, valid_from) in (select org_unit_id, valid_from from people_unit "
                "order by 1, 2 limit 1)"):
        own.psql_all("identity", sql)
    wrong = hashes(own, "identity", "people")
    expected = {"people_person": (4, 3), "people_employment": (0, 2), "people_assignment": (0, 0), "people_unit": (1, 1)}
    assert changed(own, "identity", "people", "--dry-run") == expected
    assert hashes(own, "identity", "people") == wrong, "a comparison changes nothing"
    assert changed(own, "identity", "people") == expected
    assert hashes(own, "identity", "people") == before


def test_while_work_goes_on(own, company):
    """People are hired, moved and named anew, they sign in, and the projection is dropped under all of it."""
    ends, fails = threading.Event(), []
    people = [e for e in company.get("/api/v1/employees", query={"page_size": 50}).expect(200).json["items"]
              if e["person_id"] != staff.claims(company.token).get("person_id")]

    def work():
        made = staff.Staff(8, "W" + secrets.token_hex(2))
        n = 0
        while not ends.is_set():
            try:
                one = people[n % len(people)]
                company.patch(f"/api/v1/employees/{one['id']}", {"name": f"在岗{n}"}, etag="*").expect(200)
                staff.load(company, made.some(1)) if n % 10 == 0 else company.get("/api/v1/employees").expect(200)
                n += 1
            except AssertionError as e:
                fails.append(e)
                return
    workers = [threading.Thread(target=work) for _ in range(2)]
    for w in workers:
        w.start()
    try:
        time.sleep(1)
        for table in TABLES["people"]:
            own.psql_all("identity", f"delete from {table}")
        again = changed(own, "identity", "people")
        assert again["people_person"][1] > 0
        time.sleep(1)
        run(own, "identity", "rebuild", "identity", "people")  # now ahead of the consumer, now behind: neither does harm
    finally:
        ends.set()
        for w in workers:
            w.join(30)
    assert not fails, fails[0]
    caught_up(own)
    assert changed(own, "identity", "people") == unchanged("people")


def test_killed_it_leaves_nothing(own, company):
    before = hashes(own, "identity", "people")
    own.psql_all("identity", "delete from people_unit")
    half = hashes(own, "identity", "people")
    for wait_ms in (30, 150, 400, 800):
        p = subprocess.Popen(command(own, "identity", "rebuild", "identity", "people"), start_new_session=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait_ms / 1000)
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGKILL)
        p.wait(10)
        now = hashes(own, "identity", "people")
        assert now in (half, before), "all of it or nothing"
    wait_until(lambda: own.psql_all("identity", "select 1 from pg_class where relname like 'people_%' and relpersistence = 't'") == [],
               10, "the tables of the dead sessions to go")
    changed(own, "identity", "people")
    assert hashes(own, "identity", "people") == before


def test_two_at_once_are_one(own, company):
    holder = subprocess.Popen((["chpst", "-u", "postgres"] if os.getuid() == 0 else []) +
                              ["psql", "-X", "-q", "-A", "-t", "-U", "postgres", "-h", str(own.run_dir / "pg"), "-p",
                               str(int(own.env["RENHE_PORT_BASE"]) + 40), "-d", "identity"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
    holder.stdin.write("select 'held' from pg_advisory_lock(hashtext('renhe.rebuild'));\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "held\n"
    _, said = run(own, "identity", "rebuild", "identity", "people", code=5)
    assert "under way" in said
    holder.communicate("\\q\n", timeout=10)
    assert changed(own, "identity", "people") == unchanged("people")


def test_what_is_unknown_is_refused(own):
    assert "no projection" in run(own, "identity", "rebuild", "identity", "nothing", code=4)[1]
    assert "no projection" in run(own, "archive", "hash", "archive", "people", code=4)[1]


def test_an_erased_person_stays_away(own, company):
    _, employee = erasures.leaver(company)
    person = employee["person_id"]
    erasures.erased(own, company, own.second("HR", "demo"), person)
    caught_up(own)
    own.psql_all("identity", f"delete from people_person where person_id = '{person}'")
    changed(own, "identity", "people")
    assert own.psql_all("identity", f"select name is null from people_person where person_id = '{person}'") == [["t"]]
