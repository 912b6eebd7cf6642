"""Who may do what: each cell of the policy as generated, and each row of the role table that concerns
archive and identity, for reading, listing and what goes out as events.
"""
import json
import re
import secrets

import pytest

import role_matrix
import staff
from http_client import Client
from renhe import CHECKOUT, wait_until

POLICY = json.loads((CHECKOUT / "build" / "gen" / "policy.json").read_text())["permissions"]
ROLES = [r for r in role_matrix.ROLE_OF.values() if r]

# ---- people ----

@pytest.fixture(scope="module")
def who(suite):
    """Role -> signed-in client of tenant demo with the account's employee_id; None -> nobody."""
    found = {None: suite.client()}
    for role in ROLES:
        account = suite.account(role)
        found[role] = suite.sign_in(account["tenant"], account["sign_in_name"], account["password"])
        found[role].employee_id = account.get("employee_id")
        found[role].password = account["password"]
    return found


@pytest.fixture(scope="module")
def people(suite, who):
    """Someone in the store of the store manager, in another unit of the manager's, and in neither; with
    all data, and with the roles whose own scope reaches them."""
    hr, tag = who["HR"], "R" + secrets.token_hex(3)
    made = staff.Staff(tag, tag)
    units = hr.get("/api/v1/org-units", query={"page_size": 500}).expect(200).json["items"]
    own = hr.get(f"/api/v1/employees/{who['STORE_MANAGER'].employee_id}").expect(200).json["org_unit_id"]
    manager = who["MANAGER"].get("/api/v1/me").expect(200).json["person_id"]
    team = role_matrix.below(units, manager)
    apart = hr.post("/api/v1/org-units", {"code": tag, "kind": "STORE", "name": "别处", "effective_date": "2020-01-01"}).expect(201).json["id"]
    assert team - {own} and apart not in team
    found = {}
    for where, unit in (("STORE_MANAGER", own), ("MANAGER", min(team - {own})), ("apart", apart)):
        row = made.one()
        body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
                "mobile": row["手机"], "email": f"{row['工号']}@example.com", "address": f"保密路 {tag} 号", "hire_date": "2025-03-01",
                "org_unit_id": unit, "employment_type": "TEMPORARY" if where == "STORE_MANAGER" else "FULL_TIME"}
        found[where] = {**body, **hr.post("/api/v1/employees", body).expect(201).json, "id_number": row["证件号码"], "mobile": row["手机"],
                        "reached_by": {r for r, units in (("STORE_MANAGER", {own}), ("MANAGER", team)) if unit in units}}
    return found


def target(people, role):
    """Someone in scope of that role."""
    return people.get(role) or people["apart"]


# ---- the policy, cell by cell ----

def roles_of(client, role):
    """Whoever has an employment is an employee too."""
    return {role, "EMPLOYEE"} if client.employee_id else {role}


def scopes(permission, roles):
    return {c["scope"] for role in roles for c in POLICY[permission][role]["cells"]}


def denied(permission, roles):
    """The most permissive role speaks: one that may know of it makes it a 403."""
    return 403 if any(POLICY[permission][r]["denial"] == "DENY_FORBIDDEN" for r in roles) else 404


@pytest.mark.parametrize("role", ROLES)
def test_read_and_list(who, people, role):
    """Each person, each role: by id and in the list the policy's answer, and the two agree."""
    client = who[role]
    roles = roles_of(client, role)
    listed = client.get("/api/v1/employees", query={"page_size": 500})
    assert listed.status == (200 if scopes("EMPLOYEE_LIST", roles) else denied("EMPLOYEE_LIST", roles))
    for where, person in people.items():
        got = client.get(f"/api/v1/employees/{person['id']}")
        reached = {p: "TENANT" in scopes(p, roles) or role in person["reached_by"] for p in ("EMPLOYEE_READ", "EMPLOYEE_LIST")}
        if reached["EMPLOYEE_READ"]:
            assert got.status == 200, (where, got.body)
        else:
            assert got.status == denied("EMPLOYEE_READ", roles), (where, got.body)
            assert person["name"].encode() not in got.body
        if listed.status == 200:
            one = client.get("/api/v1/employees", query={"employee_number": person["employee_number"]}).expect(200).json["items"]
            assert bool(one) == reached["EMPLOYEE_LIST"], where
    if scopes("EMPLOYEE_LIST", roles) == {"SELF"}:
        assert {e["id"] for e in listed.json["items"]} == {client.employee_id}


MASKED = {"id_number": r"\d{0,6}\*+[\dX]{0,4}", "mobile": r"\d{3}\*+\d{4}", "birth_date": r"[\d*-]+", "email": r".?\*+.*", "address": r"\*+"}
CLASS = {"id_number": "IDENTITY", "birth_date": "IDENTITY", "mobile": "CONTACT", "email": "CONTACT", "address": "CONTACT"}


def due(role, scope_of, field):
    """clear, masked or left out, by the cells whose scope reaches the person."""
    cells = [c for c in POLICY["EMPLOYEE_READ"][role]["cells"] if c["scope"] in scope_of]
    if any(CLASS[field] in c["clear"] for c in cells):
        return "clear"
    return "masked" if any(CLASS[field] in c["masked"] for c in cells) else "out"


def judged(person, shown, field):
    if field not in shown:
        return "out"
    return "clear" if shown[field] == person[field] else "masked"


@pytest.mark.parametrize("role", [r for r in ROLES if r not in ("EMPLOYEE", "TENANT_ADMIN", "PLATFORM_OPERATOR")])
def test_masks(who, people, role):
    """m: masked, p: what pay needs, and what is left out is named; by id and in lists."""
    person = target(people, role)
    person = {**person, "birth_date": f"{person['id_number'][6:10]}-{person['id_number'][10:12]}-{person['id_number'][12:14]}"}
    by_id = who[role].get(f"/api/v1/employees/{person['id']}").expect(200).json
    listed = who[role].get("/api/v1/employees", query={"employee_number": person["employee_number"]}).expect(200).json["items"][0]
    for shown in (by_id, listed):
        for field in CLASS:
            expected = due(role, {"TENANT", "TEAM", "STORE"}, field)
            assert judged(person, shown, field) == expected, (field, shown.get(field))
            assert (field in shown.get("restricted_fields", [])) == (expected == "out"), (field, shown)
            if expected == "masked":
                assert re.fullmatch(MASKED[field], shown[field]) and "*" in shown[field], (field, shown[field])
    text = json.dumps(by_id, ensure_ascii=False)
    assert person["id_number"] not in text and person["id_number"][6:14] not in text


@pytest.mark.parametrize("role", [r for r in ROLES if r != "PLATFORM_OPERATOR"])
def test_own_record(who, role):
    """Contacts in clear, the ID number masked; the same by id and under /me."""
    client = who[role]
    if not client.employee_id:
        assert client.get("/api/v1/me/employees").expect(200).json["items"] == []
        return
    mine = client.get("/api/v1/me/employees").expect(200).json["items"]
    assert client.employee_id in {e["id"] for e in mine}
    own = client.get(f"/api/v1/employees/{client.employee_id}").expect(200).json
    assert own["mobile"].isdigit() and "*" in own["id_number"]


# ---- the role table ----

@pytest.fixture(scope="module")
def world(suite):
    return role_matrix.World(suite)


WORLD = []  # the checks are known before there is a suite to make one


@pytest.mark.parametrize("check", role_matrix.checks(lambda: WORLD[0]), ids=lambda c: f"{c} ({c.permission})")
def test_role_table(world, check):
    WORLD[:] = [world]
    check.run()


def test_table_is_the_customers():
    """Where the paper is at hand, the copy in role_matrix is it, cell by cell; no row is left out without a word."""
    paper = CHECKOUT.parent / "shared" / "data" / "security" / "role_table.json"
    if not paper.exists():
        return
    rows = json.loads(paper.read_text())
    known = set(role_matrix.TABLE) | set(role_matrix.ELSEWHERE)
    assert {r["resource"] for r in rows} == known and not set(role_matrix.TABLE) & set(role_matrix.ELSEWHERE)
    told = {(r["resource"], r["role"]): r["expect"] for r in rows}
    for resource, line in role_matrix.TABLE.items():
        for role, cell in zip(role_matrix.COLUMNS, line.split()):
            assert told.get((resource, role), "-") == cell, (resource, role)


INSIDE = ("/internal/v1/revocations", "/internal/v1/keys", "/internal", "/metrics", "/livez", "/readyz", "/version", "/internal/v1/keys/",
          "/api/v1/../../internal/v1/keys", "/api/v1/..%2f..%2fmetrics", "//internal/v1/keys", "/INTERNAL/v1/keys", "/debug", "/admin")


@pytest.mark.parametrize("role", [None, *ROLES])
def test_inside_paths(who, role):
    """What services have among themselves is not there from outside, with and without guesses at the secret."""
    for path in INSIDE:
        for headers in ({}, {"X-Renhe-Internal-Token": "x" * 64}):
            got = who[role].get(path, headers=headers)
            assert got.status in (400, 404) and b"items" not in got.body and b"renhe_" not in got.body, (path, got.body)
    assert who[role].get("/metrics").status == 404 and who[role].get("/internal/v1/keys").status == 404


def test_inside_paths_need_the_secret(suite):
    """Straight at the service: 404 without the secret or with a wrong one, the list with it."""
    secret = (suite.run_dir / "secrets" / "internal_token").read_text().strip()
    direct = suite.client("identity")
    for path in ("/internal/v1/keys", "/internal/v1/revocations"):
        for wrong in ({}, {"X-Renhe-Internal-Token": ""}, {"X-Renhe-Internal-Token": secret[:-1]}, {"X-Renhe-Internal-Token": secret + "0"}):
            assert direct.get(path, headers=wrong).status == 404
        assert direct.get(path, headers={"X-Renhe-Internal-Token": secret}).status == 200
        for of in ("gateway", "archive"):
            assert suite.client(of).get(path, headers={"X-Renhe-Internal-Token": secret}).status == 404


# ---- fresh authentication ----

def aged(suite, client, seconds):
    """The same session as if it had been authenticated so long ago, with a token that says so."""
    session = client.get("/api/v1/me").expect(200).json["session_id"]
    suite.psql_all("identity", f"update session set auth_time = auth_time - {seconds} where id = '{session}'")
    tokens = client.post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token}).expect(200).json
    return Client(suite.env["RENHE_URL"], tokens["access_token"])


@pytest.mark.parametrize("role", ["HR", "PAYROLL"])
def test_step_up(suite, people, role):
    """s: five minutes after the password the clear number asks for it again."""
    account = suite.account(role, "demo")
    path = f"/api/v1/employees/{people['apart']['id']}:reveal"

    def fresh():
        return suite.sign_in(account["tenant"], account["sign_in_name"], account["password"])
    assert aged(suite, fresh(), 290).post(path, {"reason": "核对"}).status == 200
    old = aged(suite, fresh(), 302)
    refusal = old.post(path, {"reason": "核对"})
    assert (refusal.status, refusal.code) == (401, "STEP_UP_REQUIRED") and "www-authenticate" in refusal.headers
    assert people["apart"]["id_number"].encode() not in refusal.body
    assert old.get(f"/api/v1/employees/{people['apart']['id']}").status == 200  # all else goes on
    assert old.post("/api/v1/sessions/current:step-up", {"password": "wrong 1 password"}).code == "STEP_UP_REFUSED"
    assert old.post(path, {"reason": "核对"}).status == 401
    token = old.post("/api/v1/sessions/current:step-up", {"password": account["password"]}).expect(200).json["access_token"]
    shown = Client(suite.env["RENHE_URL"], token).post(path, {"reason": "核对"}).expect(200).json
    assert shown["id_number"] == people["apart"]["id_number"]


def test_reveal_is_audited(suite, who, people):
    """Before the answer leaves; and a refused look leaves no number."""
    person = people["apart"]
    count = f"select count(*) from audit where resource_id = '{person['id']}' and act like '%reveal%' and result = 'ok'"
    before = int(suite.psql_all("archive", count)[0][0])
    reason = "核对 " + secrets.token_hex(4)
    who["HR"].post(f"/api/v1/employees/{person['id']}:reveal", {"reason": reason}).expect(200, 401)
    fresh = suite.sign_in_as("HR", "demo")
    fresh.post(f"/api/v1/employees/{person['id']}:reveal", {"reason": reason}).expect(200)
    rows = suite.psql_all("archive", f"select account_id, result from audit where reason = '{reason}'")
    assert rows and all(r[1] == "ok" for r in rows)
    assert int(suite.psql_all("archive", count)[0][0]) > before
    assert who["AUDITOR"].post(f"/api/v1/employees/{person['id']}:reveal", {"reason": reason + "x"}).status == 403


# ---- events ----

def test_events_tell_nothing_private(suite, people):
    """What the roles above may not read does not go out to readers of topics either: names travel in the
    person snapshot alone, contacts and documents nowhere."""
    topics = json.loads((CHECKOUT / "build" / "gen" / "topics.json").read_text())["topics"]

    def announced():
        return any(people["apart"]["id"].encode() in (e.value or b"") for e in suite.events("renhe.archive.employee.v1"))
    wait_until(announced, 10, "the events of the hires")
    seen = 0
    for t in topics:
        for event in suite.events(t["name"]):
            text = (event.value or b"") + event.key + json.dumps(event.headers).encode()
            seen += 1
            for person in people.values():
                for field in ("id_number", "mobile", "email", "address"):
                    assert person[field].encode() not in text, (t["name"], field)
                if t["name"] != "renhe.archive.person.snapshot.v1":
                    assert person["name"].encode() not in text, t["name"]
    assert seen > 20
