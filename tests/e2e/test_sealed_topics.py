"""Sealed topics (decision 7): what leaves archive of private data can be opened by the one consumer that the
contract names, follows every change, comes again for a new key, and is gone from disk when a person is erased.
The consumer here is the first one; it knows nothing but the contract, the topic and its own pair."""
import base64
import os
import subprocess

import pytest

import planted
import staff
from erasures import SOON, erased, kafka_config, leaver
from events import decode
from renhe import wait_until
from sealed import Consumer, give_keys, restart
from tenants import Tenant

IDENTITY, CONTACT = "renhe.archive.identity_private.v1", "renhe.archive.contact_private.v1"
MESSAGES = {IDENTITY: "renhe.archive.IdentityPrivate", CONTACT: "renhe.archive.ContactPrivate"}


@pytest.fixture(scope="module")
def company(own_suite):
    return Tenant(own_suite)


@pytest.fixture(scope="module")
def unit(company):
    return company.hr.post("/api/v1/org-units", {"code": "S1", "name": "密封店", "kind": "STORE", "effective_date": "2020-01-01"}).expect(201).json


@pytest.fixture(scope="module")
def payroll():
    return Consumer("payroll")


@pytest.fixture(scope="module")
def workflow():
    return Consumer("workflow")


@pytest.fixture(scope="module")
def keyed(own_suite, company, unit, payroll, workflow):
    """archive knows both consumers; what it knew before is taken back at the end."""
    give_keys(own_suite, payroll.line, workflow.line)
    yield own_suite
    give_keys(own_suite)


PEOPLE = staff.Staff("sealed topics", "SEAL")


def hire(company, unit):
    row = PEOPLE.one()
    body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
            "mobile": row["手机"], "email": f"{row['工号'].lower()}@example.com", "hire_date": "2024-01-01",
            "org_unit_id": unit["id"], "employment_type": "FULL_TIME"}
    return body, company.hr.post("/api/v1/employees", body).expect(201).json


def records(suite, company, topic, person_id):
    return suite.events(topic, key=f"{company.id}/{person_id}")


def settled(suite):
    """Everything that was written so far is at the broker."""
    wait_until(lambda: suite.psql_all("archive", "select count(*) from outbox") == [["0"]], 60, "the events")


def filled(suite, company):
    def done():
        rows = suite.psql_all("archive", f"select end_time is not null, records from sealed_fill where tenant_id = '{company.id}'")
        return int(rows[0][1]) if rows and rows[0][0] == "t" else None
    found = wait_until(done, 60, "the records for a new key")
    settled(suite)
    return found


def missing(suite):
    return {k: v for k, v in suite.metrics("archive").items() if k.startswith("renhe_sealed_key_missing")}


# ---- keys ----

def test_without_a_key_nothing_is_written(own_suite, company, unit):
    _, one = hire(company, unit)
    settled(own_suite)
    for topic in MESSAGES:
        assert records(own_suite, company, topic, one["person_id"]) == []
    assert missing(own_suite) == {f'renhe_sealed_key_missing{{topic="{t}",consumer="{c}"}}': 1
                                  for t, c in ((IDENTITY, "payroll"), (CONTACT, "workflow"))}
    # The change itself is none the worse.
    assert company.hr.get(f"/api/v1/employees/{one['id']}").expect(200).json["name"] == one["name"]


def test_a_new_key_brings_everything(company, unit, keyed, payroll, workflow, figure):
    suite = keyed
    count = filled(suite, company)
    assert count == int(suite.psql_all("archive", f"select count(*) from person where tenant_id = '{company.id}'")[0][0]) > 0
    assert set(missing(suite).values()) == {0}
    everybody = 0
    for consumer, topic, there in ((payroll, IDENTITY, "id_number is not null"), (workflow, CONTACT, "coalesce(mobile, email) is not null")):
        wanted = int(suite.psql_all("archive", "select count(*) from person_revision r where recorded_to is null and " + there +
                                    " and exists (select from employee e where e.person_id = r.person_id and not e.annulled)")[0][0])
        wait_until(lambda c=consumer, t=topic, n=wanted: len(c.take(suite, t, MESSAGES[t])) == n, 60, "all persons of all tenants", every=0.5)
        everybody += wanted
    one = company.hr.get("/api/v1/employees", query={"page_size": 1}).expect(200).json["items"][0]
    clear = company.hr.post(f"/api/v1/employees/{one['id']}:reveal", {"reason": "核对"}).expect(200).json
    key = f"{company.id}/{one['person_id']}"
    assert payroll.person(key)["id_number"] == clear["id_number"] and "mobile" not in payroll.person(key)
    assert workflow.person(key)["mobile"] == clear["mobile"] and "id_number" not in workflow.person(key)
    figure(f"{everybody} records of all tenants sealed anew for two consumers")


def test_a_restart_with_the_same_keys_writes_nothing(company, unit, keyed):
    _, one = hire(company, unit)
    filled(keyed, company)
    before = keyed.psql_all("archive", f"select begin_time from sealed_fill where tenant_id = '{company.id}'")
    restart(keyed, "archive")
    settled(keyed)
    assert keyed.psql_all("archive", f"select begin_time from sealed_fill where tenant_id = '{company.id}'") == before
    assert len(records(keyed, company, IDENTITY, one["person_id"])) == 1


# ---- what is in them ----

def test_only_the_named_consumer_opens(company, unit, keyed, payroll, workflow):
    body, one = hire(company, unit)
    settled(keyed)
    [record] = records(keyed, company, IDENTITY, one["person_id"])
    told = payroll.open(MESSAGES[IDENTITY], record.value)
    assert told == {"person_id": one["person_id"], "version": "1", "id_type": "ID_TYPE_RESIDENT_ID", "id_number": body["id_number"]}
    envelopes = decode("renhe.SealedValue", record.value)["envelopes"]
    assert [(e["consumer"], e["key_id"]) for e in envelopes] == [("payroll", payroll.key_id)]
    sealed = payroll.mine(record.value)
    stranger = Consumer("payroll")
    assert stranger.unseal(sealed) is None and workflow.unseal(sealed) is None
    assert payroll.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert body["id_number"].encode() not in record.value and record.type == "renhe.archive.person.identity_private.v1"
    [record] = records(keyed, company, CONTACT, one["person_id"])
    told = workflow.open(MESSAGES[CONTACT], record.value)
    assert (told["mobile"], told["email"]) == (body["mobile"], body["email"])
    assert payroll.open(MESSAGES[CONTACT], record.value) is None


def test_changes(company, unit, keyed, payroll, workflow):
    """One record of a topic for each change of its fields, and none for others."""
    body, one = hire(company, unit)
    path, person = f"/api/v1/employees/{one['id']}", one["person_id"]

    def count():
        settled(keyed)
        return tuple(len(records(keyed, company, t, person)) for t in (IDENTITY, CONTACT))

    def change(**fields):
        etag = company.hr.get(path).expect(200).json["etag"]
        company.hr.patch(path, fields, etag=etag).expect(200)
    assert count() == (1, 1)
    change(nationality="CHN", address="无关路 1 号")
    assert count() == (1, 1)
    change(mobile="13900001111")
    assert count() == (1, 2)
    other = PEOPLE.one()["证件号码"]
    change(id_number=other)
    assert count() == (2, 2)
    key = f"{company.id}/{person}"
    payroll.take(keyed, IDENTITY, MESSAGES[IDENTITY])
    workflow.take(keyed, CONTACT, MESSAGES[CONTACT])
    assert payroll.person(key)["id_number"] == other and workflow.person(key)["mobile"] == "13900001111"
    # Without contacts there is nothing to hold; without an employment that ever was, nobody.
    change(mobile=None, email=None)
    assert count() == (2, 3) and records(keyed, company, CONTACT, person)[-1].value is None
    etag = company.hr.get(path).expect(200).json["etag"]
    company.hr.post(path + ":annul", {"reason": "录错"}, etag=etag).expect(200)
    settled(keyed)
    assert records(keyed, company, IDENTITY, person)[-1].value is None
    payroll.take(keyed, IDENTITY, MESSAGES[IDENTITY])
    assert payroll.person(key) is None
    again = company.hr.post("/api/v1/employees", {**body, "person_id": person, "employee_number": body["employee_number"] + "R"}).expect(201).json
    assert again["person_id"] == person
    settled(keyed)
    assert payroll.open(MESSAGES[IDENTITY], records(keyed, company, IDENTITY, person)[-1].value)["id_number"] == body["id_number"]


def test_a_consumer_changes_its_key(company, unit, keyed, payroll, workflow):
    """Both keys for a while, then the new one alone; with none left the records go."""
    _, one = hire(company, unit)
    new, person = Consumer("payroll"), one["person_id"]

    def last():
        filled(keyed, company)
        return records(keyed, company, IDENTITY, person)[-1].value
    give_keys(keyed, payroll.line, new.line, workflow.line)
    both = last()
    assert payroll.open(MESSAGES[IDENTITY], both) == new.open(MESSAGES[IDENTITY], both) is not None
    give_keys(keyed, new.line, workflow.line)
    alone = last()
    assert new.open(MESSAGES[IDENTITY], alone) is not None and payroll.mine(alone) is None
    give_keys(keyed, workflow.line)
    assert last() is None
    give_keys(keyed, payroll.line, workflow.line)
    assert payroll.open(MESSAGES[IDENTITY], last()) is not None


def test_a_line_that_is_no_key_stops_the_start(keyed, payroll, workflow):
    """Rather than writing for nobody."""
    settings = {f.name: f.read_text().strip("\n") for f in (keyed.run_dir / "service" / "archive" / "env").iterdir()}
    bad = keyed.run_dir / "consumer_keys.bad"
    bad.write_text(payroll.line + "\nworkflow nonsense\n")
    done = subprocess.run([keyed.run_dir / "bin" / "archive", "--check"], capture_output=True, text=True, timeout=30,
                          env={"PATH": os.environ["PATH"], **settings, "RENHE_CONSUMER_KEYS_FILE": str(bad)})
    bad.unlink()
    assert done.returncode == 78 and "line 2" in done.stderr, (done.returncode, done.stderr)


# ---- what is left ----

def read_bytes(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a segment that compaction has just replaced
        return b""


def holding(suite, needle):
    return [p for p in planted.segments(suite) if needle in read_bytes(p)]


def test_erased(keyed, payroll, workflow, figure, tmp_path):
    """Tombstones; the consumer's key of the person goes; and compaction takes the old values off the disk of a
    broker where nothing else happens."""
    suite = keyed
    hr, other = suite.sign_in_as("HR", "demo"), suite.second("HR", "demo")
    tenant = staff.claims(hr.token)["tid"]
    body, employee = leaver(hr)
    person, key = employee["person_id"], f"{tenant}/{employee['person_id']}"
    hr.patch(f"/api/v1/employees/{employee['id']}", {"mobile": "13700002222"}, etag="*").expect(200)
    settled(suite)
    old = {t: [e.value for e in suite.events(t, key=key)] for t in MESSAGES}
    assert [len(v) >= n for v, n in zip(old.values(), (1, 2))] == [True, True]  # a fill for a new key may add one
    for topic in MESSAGES:
        kafka_config(suite, topic, SOON)
    payroll.take(suite, IDENTITY, MESSAGES[IDENTITY])
    assert payroll.person(key)["id_number"] == body["id_number"]
    sealed = [decode("renhe.SealedValue", v)["envelopes"][0]["sealed"] for vs in old.values() for v in vs]
    needles = [base64.b64decode(s)[8:40] for s in sealed]
    found = sum(len(holding(suite, n)) for n in needles)
    assert found >= 2, "the search finds nothing even before"
    planted_values = [body["id_number"], body["mobile"], body["email"], "13700002222"]
    assert planted.search({"segments": planted.copied_segments(suite, tmp_path)}, planted_values) == {}

    erased(suite, hr, other, person)
    settled(suite)
    for topic in MESSAGES:
        assert suite.events(topic, key=key)[-1].value is None
    payroll.take(suite, IDENTITY, MESSAGES[IDENTITY])
    assert payroll.person(key) is None and key in payroll.stored
    restart(suite, "archive")  # the daily records come at a start too; nothing else is written
    wait_until(lambda: not any(holding(suite, n) for n in needles), 150, "compaction of the sealed topics", every=3)
    figure(f"{found} places on disk held {len(needles)} sealed values of an erased person; 0 after compaction")
    everybody = payroll.take(suite, IDENTITY, MESSAGES[IDENTITY])
    assert key not in everybody and len(everybody) > 1  # the others' are all there


def test_every_partition_has_its_daily_record(keyed):
    """As tombstones of nobody, whose readers skip them."""
    restart(keyed, "archive")
    settled(keyed)
    for topic in (*MESSAGES, "renhe.archive.person.snapshot.v1"):
        beats = [e for e in keyed.events(topic) if e.headers["ce_tenant"] == "00000000-0000-7000-8000-000000000001"]
        assert {e.partition for e in beats} == {0, 1, 2, 3}, topic
        assert all(e.value is None for e in beats)
    dead = keyed.psql_all("identity", "select count(*) from dead_letter")
    assert dead == [["0"]]
