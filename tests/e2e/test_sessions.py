"""Sessions end by themselves and by their owner; endings of employments go ahead of an import's snapshots;
numbers that change hands leave nobody without a name."""
import os
import random
import secrets
import subprocess
import threading
import time

import pytest

import business_clock
import events
import otp
import staff
from http_client import Client
from renhe import wait_until
from tenants import Tenant
from watch import Watch

SEED = random.SystemRandom().randrange(10**6)
ROWS = int(os.environ.get("RENHE_ENDING_ROWS", "300"))  # of the import in line; more for a figure
BOUND_MS = 5000
PASSWORD = "quite another 7 thing"


@pytest.fixture(scope="module")
def admin(suite):
    return suite.sign_in_as("TENANT_ADMIN", "demo")


@pytest.fixture(scope="module")
def someone(suite, admin):
    """A signed-in client of a fresh account without an employee."""
    def make(role="AUDITOR"):
        name = "ses-" + secrets.token_hex(4)
        a = staff.new_account(suite, admin, "demo", name, [role])
        suite.client().post("/api/v1/accounts:activate", {"tenant": "demo", "sign_in_name": name, "activation_code": a["activation_code"],
                            "password": PASSWORD}).expect(204)
        return lambda: suite.sign_in("demo", name, PASSWORD)
    return make


def session_of(client):
    return staff.claims(client.token)["sid"]


def refresh(suite, client):
    return suite.client().post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token})


# ---- ends ----

@pytest.mark.parametrize("role, column, alive_s, ended_s", [
    ("AUDITOR", "rotate_time", 1700, 1810), ("AUDITOR", "create_time", 42000, 43300), ("MANAGER", "create_time", 43300, 2592100),
    ("MANAGER", "rotate_time", 1700, 1810)])
def test_idle_and_absolute_end(suite, someone, role, column, alive_s, ended_s):
    """Half an hour without a refresh; twelve hours of a privileged role, thirty days of others."""
    for age, status in ((alive_s, 200), (ended_s, 401)):
        client = someone(role)()
        suite.psql_all("identity", f"update session set {column} = {column} - interval '{age} seconds' where id = '{session_of(client)}'")
        got = refresh(suite, client)
        assert got.status == status, (age, got.body)
        if status == 401:
            assert got.code == "REFRESH_REFUSED"
            assert session_of(client) not in str(client.get("/api/v1/me/sessions").expect(200).json)


# ---- one's own list ----

def test_own_sessions(suite, someone):
    sign_in = someone()
    here, there = sign_in(), sign_in()
    items = here.get("/api/v1/me/sessions").expect(200).json["items"]
    assert {s["id"]: s["current"] for s in items} == {session_of(here): True, session_of(there): False}
    assert all(s["create_time"] <= s["refresh_time"] < s["expire_time"] and s["second_factor"] is False for s in items)
    here.delete(f"/api/v1/sessions/{session_of(there)}").expect(204)
    wait_until(lambda: there.get("/api/v1/me").status == 401, 5, "the other session to end")
    assert there.get("/api/v1/me").code == "SESSION_REVOKED" and refresh(suite, there).status == 401
    assert [s["id"] for s in here.get("/api/v1/me/sessions").json["items"]] == [session_of(here)]
    again = here.delete(f"/api/v1/sessions/{session_of(there)}")
    assert (again.status, again.code) == (404, "SESSION_NOT_FOUND")
    assert refresh(suite, here).status == 200


def test_sessions_of_others(suite, someone, admin):
    """Not even the administrator's business by this route; nor another tenant's."""
    mine, other = someone()(), someone()()
    for client in (mine, admin, suite.sign_in_as("TENANT_ADMIN", "second")):
        got = client.delete(f"/api/v1/sessions/{session_of(other)}")
        assert (got.status, got.code) == (404, "SESSION_NOT_FOUND")
    assert session_of(other) not in str(mine.get("/api/v1/me/sessions").json)
    assert other.get("/api/v1/me").status == 200


# ---- activation by person ----

def test_activation_by_person(suite):
    """HR knows the person from the hire's answer; until the account is there the row says so."""
    hr = suite.sign_in_as("HR", "demo")
    made = staff.Staff(SEED, "P" + secrets.token_hex(2))
    row = made.one()
    unit = staff.units(hr)["S001"]["id"]
    hired = hr.post("/api/v1/employees", {"employee_number": row["工号"], "name": row["姓名"], "hire_date": "2025-03-01", "org_unit_id": unit,
                    "employment_type": "FULL_TIME"}).expect(201).json

    def issued(*ids):
        return hr.post("/api/v1/accounts:issue-activations", {"person_ids": list(ids)}).expect(200).json["items"]
    unknown = "01900000-0000-7000-8000-000000000001"
    assert issued(unknown) == [{"person_id": unknown, "fault_code": "ACCOUNT_PENDING"}]
    item = wait_until(lambda: next((i for i in issued(hired["person_id"]) if "code" in i), None), 20, "the account")
    assert item["person_id"] == hired["person_id"] and item["sign_in_name"] == row["工号"]
    assert hr.post("/api/v1/accounts:issue-activations", {}).expect(422).json["errors"][0]["pointer"] == "/ids"


# ---- names ----

def test_a_name_of_ours_is_taken(suite, admin):
    name = "taken-" + secrets.token_hex(4)
    staff.new_account(suite, admin, "demo", name, ["AUDITOR"])
    for again in (name, name.upper(), suite.account("EMPLOYEE", "demo")["sign_in_name"]):
        got = admin.post("/api/v1/accounts", {"sign_in_name": again, "roles": ["AUDITOR"]})
        assert (got.status, got.code) == (409, "SIGN_IN_NAME_TAKEN")


def test_one_name_at_once(suite):
    """Ten requests of one moment: one account."""
    admin = Tenant(suite).admin  # alone, so that what he does takes effect at once
    name, answers, gate = "race-" + secrets.token_hex(4), [], threading.Barrier(10)

    def one():
        gate.wait()
        answers.append(admin.post("/api/v1/accounts", {"sign_in_name": name, "roles": ["AUDITOR"]}).status)
    threads = [threading.Thread(target=one) for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert answers.count(201) == 1 and set(answers) <= {201, 409, 503}, answers


def test_numbers_change_hands(suite):
    """One lets a number go and another takes it: whichever snapshot is handled first, the taker has it."""
    hr, made = suite.sign_in_as("HR", "demo"), staff.Staff(SEED + 1, "N" + secrets.token_hex(2))
    rows = made.some(8)
    staff.load(hr, rows)
    people = [staff.employee_of(hr, r["工号"]) for r in rows]
    for giver, taker in zip(people[::2], people[1::2]):
        number = giver["employee_number"]
        for one, new in ((giver, number + "X"), (taker, number)):
            now = hr.get(f"/api/v1/employees/{one['id']}").expect(200)
            hr.patch(f"/api/v1/employees/{one['id']}", {"employee_number": new}, etag=now.etag).expect(200)

        def holder(name):
            found = hr.get("/api/v1/accounts", query={"sign_in_name": name}).expect(200).json["items"]
            return [a["person_id"] for a in found]
        wait_until(lambda: holder(number) == [taker["person_id"]], 20, "the number to be the taker's")
        wait_until(lambda: holder(number + "X") == [giver["person_id"]], 20, "the giver's new number")


# ---- heartbeats ----

def murmur2(data):
    m, h = 0x5bd1e995, 0x9747b28c ^ len(data)
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & 0xffffffff
        h = (h * m & 0xffffffff) ^ ((k ^ k >> 24) * m & 0xffffffff)
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & 0xffffffff
    h = (h ^ h >> 13) * m & 0xffffffff
    return h ^ h >> 15


def test_each_partition_has_a_heartbeat(suite):
    """Of a large cluster's two: the keys of the beats fall into both (Kafka's default partitioner)."""
    assert [murmur2(t) for t in (b"21", b"foobar")] == [(-973932308) & 0xffffffff, (-790332482) & 0xffffffff]
    keys = set()
    for e in suite.events("renhe.identity.revocation.v1"):
        if e.value and events.decode("renhe.identity.Revocation", e.value).get("kind") == "REVOCATION_KIND_HEARTBEAT":
            keys.add(e.key)
    assert {(murmur2(k) & 0x7fffffff) % 2 for k in keys} == {0, 1}, keys


# ---- endings behind an import ----

class Held:
    """A lock that keeps identity from taking snapshots, as a long line before them would."""

    def __init__(self, suite):
        command = ["psql", "-X", "-q", "-A", "-t", "-U", "postgres", "-d", "identity", "-h", str(suite.run_dir / "pg"), "-p",
                   str(int(suite.env["RENHE_PORT_BASE"]) + 40)]
        self.psql = subprocess.Popen(["chpst", "-u", "postgres", *command] if os.getuid() == 0 else command, text=True, cwd="/",
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        self.psql.stdin.write("begin; lock table people_person in exclusive mode; select 'held';\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline().strip() == "held"
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait(20)


def test_an_end_overtakes_an_import(own_suite, figure):
    """While identity can't get on with an import's snapshots, a leaver loses access all the same; and when
    they are taken at last, the older ones among them open nothing again."""
    suite = own_suite
    hr = suite.sign_in_as("HR", "demo")
    made = staff.Staff(SEED, "E" + secrets.token_hex(2))
    row = made.one()
    staff.load(hr, [row])
    leaver, = staff.joined(suite, hr, "demo", [row["工号"]])
    leaver.sign_in(suite)

    def backlog():
        """Of the import's people, those that identity knows nothing of."""
        like = made.prefix.lower() + "%"
        return ROWS + 1 - int(suite.psql_all("identity", f"select count(*) from sign_in_name where name like '{like}'")[0][0])
    with Held(suite), Watch({"gateway": Client(suite.env["RENHE_URL"], leaver.client.token)}, "/api/v1/me") as watch:
        staff.load(hr, made.some(ROWS), 900)
        # A change of the leaver's own that waits in line with the others: older than the end.
        now = hr.get(f"/api/v1/employees/{leaver.employee_id}").expect(200)
        hr.patch(f"/api/v1/employees/{leaver.employee_id}", {"name": "改名"}, etag=now.etag).expect(200)
        wait_until(lambda: watch.worked("gateway"), 10, "the token to work")
        waits = backlog()
        assert waits == ROWS
        staff.end(hr, leaver.employee_id, business_clock.today(suite)).expect(200)
        since = time.monotonic()
        assert watch.until_refused(20), "not while the line stands"
        ms = (watch.refused_at("gateway") - since) * 1000
        assert backlog() == ROWS
    wait_until(lambda: backlog() == 0, 300, "identity to have taken all", every=0.2)
    figure(f"end behind an import of {ROWS}, {waits:.0f} snapshots in line: refused after {ms:.0f} ms; the line was taken "
           f"{time.monotonic() - since:.1f} s after it (seed {SEED})")
    assert ms <= BOUND_MS
    again = suite.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": leaver.number, "password": leaver.password})
    assert again.status == 401, "the snapshots that came later opened nothing"
    assert staff.account_of(suite.sign_in_as("HR", "demo"), leaver.number)["state"] == "CLOSED"


# ---- who issues codes ----

def issue(client, account_id):
    return client.post(f"/api/v1/accounts/{account_id}:issue-activation")


def test_who_has_the_code_could_be_the_account(suite):
    """HR gives codes to people, an administrator to those who have a role that decides; nobody to himself."""
    company = Tenant(suite)
    admin, hr = company.admin, company.hr
    mine = {c: c.get("/api/v1/me").json["account_id"] for c in (admin, hr)}
    for client in mine:
        refused = issue(client, mine[client])
        assert (refused.status, refused.code) == (403, "ACTIVATION_NOT_YOURS")
    boss = mine[admin]
    for role in ("PAYROLL", "AUDITOR", "HR"):
        made = admin.post("/api/v1/accounts", {"sign_in_name": f"w-{role.lower()}", "roles": [role]}).expect(201).json
        refused = issue(hr, made["id"])
        assert (refused.status, refused.code) == (403, "ACTIVATION_NOT_YOURS")
        assert issue(admin, made["id"]).expect(200).json["code"]
        rows = hr.post("/api/v1/accounts:issue-activations", {"ids": [made["id"], boss]}).expect(200).json["items"]
        assert [(r["fault_code"], "code" in r) for r in rows] == [("ACTIVATION_NOT_YOURS", False)] * 2
    manager = admin.post("/api/v1/accounts", {"sign_in_name": "w-store", "roles": ["STORE_MANAGER"]}).expect(201).json
    assert issue(hr, manager["id"]).expect(200).json["code"]


def test_password_and_second_factor_in_two_hands(suite):
    """An administrator who took the second factor off an account does not get its password too."""
    company = Tenant(suite)
    made = company.admin.post("/api/v1/accounts", {"sign_in_name": "w-audit", "roles": ["AUDITOR"]}).expect(201).json
    one = company.enter("w-audit", made["activation_code"])
    secret = one.post("/api/v1/me/totp").expect(201).json["secret"]
    otp.rest_of_step(5)
    one.post("/api/v1/me/totp:confirm", {"code": otp.code(secret)}).expect(200)
    assert issue(company.admin, made["id"]).expect(200)
    company.admin.post(f"/api/v1/accounts/{made['id']}:reset-second-factor", {"reason": "丢失手机"}).expect(204)
    refused = issue(company.admin, made["id"])
    assert (refused.status, refused.code) == (403, "ACTIVATION_NOT_YOURS")


@pytest.mark.parametrize("role,scope", [("MANAGER", "TEAM"), ("STORE_MANAGER", "STORE"), ("HR", "TENANT"), ("PAYROLL", "TENANT")])
def test_me_tells_the_scopes_of_a_role(suite, role, scope):
    """Under any permission of any service, not only of the one that answers."""
    me = suite.sign_in_as(role, "demo").get("/api/v1/me").expect(200).json
    assert scope in next(r["scopes"] for r in me["roles"] if r["role"] == role)
