"""Who may do what: each cell of the policy as generated, and each row of the role table that concerns
archive and identity, for reading, listing and what goes out as events.

Cells in which the programs answer otherwise than the role table stand in DIFFERS with the reason; they
are tried too, so that one that begins to agree is noticed.
"""
import json
import re
import secrets

import pytest

import staff
from http_client import Client
from renhe import CHECKOUT, wait_until

POLICY = json.loads((CHECKOUT / "build" / "gen" / "policy.json").read_text())["permissions"]
ROLE_OF = {"anon": None, "employee": "EMPLOYEE", "manager": "MANAGER", "store mgr": "STORE_MANAGER", "HR": "HR", "payroll": "PAYROLL",
           "auditor": "AUDITOR", "tenant admin": "TENANT_ADMIN", "platform op": "PLATFORM_OPERATOR"}
ROLES = [r for r in ROLE_OF.values() if r]

# The rows of the role table on archive and identity (id, resource, role, expected), held here because
# the table is the customers' paper and the tests must run without it.
COLUMNS = list(ROLE_OF)
TABLE = {
    "own archive, read": "401 200 200 200 200 200 200 200 404",
    "own contact fields, change": "401 202 202 202 202 202 202 202 404",
    "own core fields, change": "401 403 403 403 202 403 403 403 404",
    "archive of a person in scope, read": "401 404 200m 200m 200m 200p 200m 403 404",
    "archive of a person out of scope, read": "401 404 404 404 - - - 403 404",
    "archive of a person in scope, change": "401 404 403 202t 200 403 403 403 404",
    "clear ID number of a person in scope": "401 404 403 403 200s 200s 403 403 404",
    "role grants, read": "401 403 403 403 403 403 200 200 404",
    "role grants, change": "401 403 403 403 403 403 403 202 404",
    "any object of another tenant": "401 404 404 404 404 404 404 404 404",
    "any object of another tenant (a person)": "401 404 404 404 404 404 404 404 404",
    "internal and metrics paths": "404 404 404 404 404 404 404 404 404",
}
# (resource, role) -> (what is answered, why)
DIFFERS = {
    ("role grants, change", "tenant admin"): ("201", "202 awaits pending changes: a grant takes effect at once"),
}


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


def below(units, head):
    """Ids of the units headed by that person and of those below them."""
    found = {u["id"] for u in units if u.get("head_person_id") == head}
    while more := {u["id"] for u in units if u.get("parent_id") in found} - found:
        found |= more
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
    team = below(units, manager)
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

def cells():
    for resource, line in TABLE.items():
        for role, expected in zip(COLUMNS, line.split()):
            if expected != "-":
                yield resource, role, expected


def patch_own(client, hr, fields):
    own = getattr(client, "employee_id", None) or hr.employee_id
    etag = hr.get(f"/api/v1/employees/{own}").expect(200).etag
    return client.patch(f"/api/v1/employees/{own}", fields, etag=etag, query={"validate_only": "true"})


def answer_of(suite, who, people, foreign, resource, role):
    client, hr = who[ROLE_OF[role]], who["HR"]
    person = target(people, ROLE_OF[role])
    if resource == "own archive, read":
        return client.get(f"/api/v1/employees/{getattr(client, 'employee_id', None) or hr.employee_id}")
    if resource == "own contact fields, change":
        return patch_own(client, hr, {"mobile": "13900139000"})  # what follows a 202: test_change_requests.py
    if resource == "own core fields, change":
        return patch_own(client, hr, {"nationality": "CHN"})
    if resource == "archive of a person in scope, read":
        return client.get(f"/api/v1/employees/{person['id']}")
    if resource == "archive of a person out of scope, read":
        return client.get(f"/api/v1/employees/{people['apart']['id']}")
    if resource == "archive of a person in scope, change":
        etag = hr.get(f"/api/v1/employees/{person['id']}").etag
        return client.patch(f"/api/v1/employees/{person['id']}", {"nationality": "CHN"}, etag=etag)
    if resource == "clear ID number of a person in scope":
        return client.post(f"/api/v1/employees/{person['id']}:reveal", {"reason": "核对 check"})
    if resource == "role grants, read":
        return client.get("/api/v1/grants")
    if resource == "role grants, change":
        account = staff.account_of(hr, person["employee_number"])
        return client.post("/api/v1/grants", {"account_id": account["id"], "role": "PAYROLL"}, query={"validate_only": "true"})
    if resource == "any object of another tenant":
        return client.get(f"/api/v1/org-units/{foreign['unit']}")
    if resource == "any object of another tenant (a person)":
        return client.get(f"/api/v1/employees/{foreign['employee']}")
    raise KeyError(resource)


@pytest.fixture(scope="module")
def foreign(suite):
    units = suite.sign_in_as("HR", "second").get("/api/v1/org-units").expect(200).json["items"]
    return {"employee": suite.account("EMPLOYEE", "second")["employee_id"], "unit": units[0]["id"]}


TRIED = [c for c in cells() if c[0] != "internal and metrics paths"]


@pytest.mark.parametrize("resource, role, expected", TRIED, ids=lambda v: str(v))
def test_role_table(suite, who, people, foreign, resource, role, expected):
    got = answer_of(suite, who, people, foreign, resource, role)
    status = DIFFERS[resource, role][0] if (resource, role) in DIFFERS else re.match(r"\d+", expected)[0]
    if (resource, role) == ("role grants, change", "tenant admin"):
        assert got.status in (200, 201), got.body  # 200: it was only validated
        return
    assert got.status == int(status), got.body
    if got.status >= 400:
        assert people["apart"]["name"].encode() not in got.body and got.code
    if expected.endswith("m"):
        assert "*" in got.json["id_number"]
    if expected.endswith("p"):
        assert "mobile" not in got.json and "mobile" in got.json["restricted_fields"]


def test_differences_are_real(figure):
    known = {(resource, role) for resource, role, _ in cells()}
    assert set(DIFFERS) <= known
    agreed = dict(((resource, role), expected) for resource, role, expected in cells())
    for cell, (status, why) in DIFFERS.items():
        assert not agreed[cell] == status and why, cell
        figure(f"differs from the role table: {cell[0]}, {cell[1]}: {status} for {agreed[cell]}: {why}")


def test_table_is_the_customers(suite):
    """Where the paper is at hand, the copy above is it."""
    paper = CHECKOUT.parent / "shared" / "data" / "security" / "role_table.json"
    if not paper.exists():
        return
    rows = {(r["resource"], r["role"]): r["expect"] for r in json.loads(paper.read_text())}
    same = {"any object of another tenant (a person)": "any object of another tenant", "own core fields, change": "own core fields (ID number, contract), change",
            "clear ID number of a person in scope": "clear ID number or bank card of a person in scope",
            "internal and metrics paths": "service-internal and metrics paths from outside"}
    for resource, role, expected in cells():
        if not resource.startswith("role grants"):
            assert rows[same.get(resource, resource), role] == expected


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
