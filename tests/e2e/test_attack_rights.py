"""Attacks on who may do what, beyond the role table (group Z): ids that are walked, people who have just left a
manager's subtree, relatives in the tree of units, an auditor who writes, and other spellings of a path."""
import secrets
import time

import pytest

import business_clock
import contract
import rows
import staff
from http_client import Client
from renhe import wait_until

NOBODY = "01900000-0000-7000-8000-00000000000{}"


class Tree:
    """A region with two stores below it, each with a head who has an account and the role MANAGER, and one worker each."""

    def __init__(self, suite):
        self.suite, self.hr = suite, suite.sign_in_as("HR", "demo")
        self.admin = suite.sign_in_as("TENANT_ADMIN", "demo")
        self.tag = "Z" + secrets.token_hex(3)
        self.units, self.people, self.clients = {}, {}, {}
        made = staff.Staff(self.tag, self.tag)
        for name, kind, above in (("top", "REGION", None), ("left", "STORE", "top"), ("right", "STORE", "top")):
            body = {"code": f"{self.tag}{name}", "kind": kind, "name": name, "effective_date": "2025-01-01"}
            self.units[name] = self.hr.post("/api/v1/org-units", body | ({"parent_id": self.units[above]["id"]} if above else {})).expect(201).json
        for unit in self.units:
            for post in ("head", "worker"):
                self.people[f"{unit} {post}"] = self.hire(made.one(), unit)
        for unit in self.units:
            self.lead(unit)
        numbers = [self.people[f"{u} head"]["employee_number"] for u in ("left", "right")] + [self.people["left worker"]["employee_number"]]
        for who, person in zip(("left head", "right head", "left worker"), staff.joined(suite, self.hr, "demo", numbers)):
            if who.endswith("head"):
                staff.grant(suite, self.admin, "demo", account_id=person.account_id, role="MANAGER")
            self.clients[who] = person.sign_in(suite)

    def hire(self, row, unit):
        body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"], "mobile": row["手机"],
                "hire_date": "2025-03-01", "org_unit_id": self.units[unit]["id"], "employment_type": "FULL_TIME"}
        return self.hr.post("/api/v1/employees", body).expect(201).json | {"name": row["姓名"]}

    def lead(self, unit):
        now = self.hr.get(f"/api/v1/org-units/{self.units[unit]['id']}").expect(200)
        self.hr.patch(f"/api/v1/org-units/{self.units[unit]['id']}", {"head_person_id": self.people[f"{unit} head"]["person_id"],
                      "effective_date": "2025-03-01"}, etag=now.json["etag"]).expect(200)

    def read(self, who, whom):
        return self.clients[who].get(f"/api/v1/employees/{self.people[whom]['id']}")

    def lists(self, who, **query):
        return [e["employee_number"] for e in self.clients[who].get("/api/v1/employees", query={"page_size": 500, **query}).expect(200).json["items"]]


@pytest.fixture(scope="module")
def tree(suite):
    made = Tree(suite)
    wait_until(lambda: made.read("left head", "left worker").status == 200, 20, "the manager's own people to be his")
    wait_until(lambda: made.read("right head", "right worker").status == 200, 20, "the other manager's too")
    return made


@pytest.fixture(scope="module")
def auditor(suite):
    return suite.sign_in_as("AUDITOR", "demo")


# ---- ids ----

def test_ids_that_are_walked(tree):
    """Numbers, and the ids of colleagues whom he really has met: nobody but himself (Z01). The answer for somebody
    who is there is that for nobody, to the byte."""
    mine = tree.people["left worker"]
    client = tree.clients["left worker"]
    client.get(f"/api/v1/employees/{mine['id']}").expect(200)
    colleagues = [p["id"] for p in tree.people.values() if p["id"] != mine["id"]]
    colleagues += [e["id"] for e in tree.hr.get("/api/v1/employees", query={"page_size": 30}).expect(200).json["items"] if e["id"] != mine["id"]]
    told = {}
    for one in colleagues + [NOBODY.format(i) for i in range(10)]:
        got = client.get(f"/api/v1/employees/{one}")
        assert got.status == 404, one
        told[str({k: v for k, v in got.json.items() if k not in ("trace_id", "instance")})] = one
    assert len(told) == 1, told
    for one in [*range(1, 40), "0", "-1", "me", "D0001", mine["employee_number"], mine["id"][:-1], mine["id"] + "0", "*", "%25", "null"]:
        assert client.get(f"/api/v1/employees/{one}").status in (400, 404, 422), one
    assert tree.lists("left worker") == [mine["employee_number"]]


def test_a_walk_is_told(suite, tree):
    """More than fifty in a minute: the gateway says who, once, and an alert's metric counts it (Z01)."""
    metric = "renhe_gateway_ids_walked_total"
    person = tree.clients["left worker"].get("/api/v1/me").expect(200).json
    walked, before = f'"account_id":"{person["account_id"]}"', suite.metrics("gateway")[metric]

    def told():
        return [line for line in suite.log("gateway").splitlines() if '"event":"ids_walked"' in line and walked in line]
    already = len(told())
    for i in range(130):  # those of the tests above are of the same minute, or of one before
        assert tree.clients["left worker"].get(f"/api/v1/employees/{secrets.token_hex(4)}-0000-7000-8000-{i:012}").status == 404
    wait_until(lambda: len(told()) > already, 5, "a line")
    assert 1 <= len(told()) <= 2 + already and suite.metrics("gateway")[metric] >= before + 1
    assert tree.clients["left worker"].get("/api/v1/me").status == 200  # told, not locked out
    assert "-0000-7000-8000-0000000000" not in "".join(told())


# ---- the tree ----

@pytest.mark.parametrize("whom", ["right worker", "right head", "top worker", "top head"])
def test_relatives_in_the_tree(tree, whom):
    """Sibling, parent and the own superior are not a manager's to read, by id, list or box (Z04)."""
    for who in ("left head",):
        got = tree.read(who, whom)
        assert got.status == 404 and tree.people[whom]["name"].encode() not in got.body
        number = tree.people[whom]["employee_number"]
        assert tree.lists(who, employee_number=number) == tree.lists(who, q=number) == []
    assert tree.read("left head", "left worker").status == 200


def test_the_list_of_another_store(tree):
    """Empty, and told as a store that isn't there (Z09); no count says more."""
    client = tree.clients["left head"]
    other = client.get("/api/v1/employees", query={"org_unit_id": tree.units["right"]["id"]}).expect(200)
    nowhere = client.get("/api/v1/employees", query={"org_unit_id": NOBODY.format(1)}).expect(200)
    assert other.json == nowhere.json and other.json["items"] == [], (other.json, nowhere.json)
    assert other.headers["content-length"] == nowhere.headers["content-length"]
    assert set(tree.lists("left head")) == {tree.people[f"left {x}"]["employee_number"] for x in ("head", "worker")}


def test_a_tree_that_a_manager_edits(tree):
    """Neither his sibling into his unit, nor his unit to the top, nor himself head of another one (Z07)."""
    client, before = tree.clients["left head"], rows.digests(tree.suite, without={"audit", "attempt", "timer"}).get("archive.org_unit")
    for unit, change in (("right", {"parent_id": tree.units["left"]["id"]}), ("left", {"parent_id": None}), ("top", {"parent_id": tree.units["left"]["id"]}),
                         ("right", {"head_person_id": tree.people["left head"]["person_id"]}), ("left", {"name": "改"})):
        etag = tree.hr.get(f"/api/v1/org-units/{tree.units[unit]['id']}").expect(200).json["etag"]
        got = client.patch(f"/api/v1/org-units/{tree.units[unit]['id']}", {**change, "effective_date": "2026-01-01"}, etag=etag)
        assert got.status == 403, (unit, change, got.status, got.body)
        assert tree.hr.get(f"/api/v1/org-units/{tree.units[unit]['id']}").expect(200).json["etag"] == etag
    assert client.post("/api/v1/org-units", {"code": tree.tag + "mine", "kind": "STORE", "name": "我的", "effective_date": "2025-01-01"}).status == 403
    assert tree.read("left head", "right worker").status == 404
    assert before == rows.digests(tree.suite, without={"audit", "attempt", "timer"}).get("archive.org_unit")


def test_whoever_has_left_the_subtree(tree, figure):
    """From the moment of the move, for the old manager no more and for the new one from then on (Z03)."""
    moved = tree.hire(staff.Staff(tree.tag + "m", tree.tag + "M").one(), "left")
    tree.people["moved"] = moved
    wait_until(lambda: tree.read("left head", "moved").status == 200, 10, "the new one to be the manager's")
    assert tree.read("right head", "moved").status == 404
    staff.transfer(tree.hr, moved["id"], tree.units["right"]["id"], business_clock.today(tree.suite)).expect(200)
    began = time.monotonic()
    wait_until(lambda: tree.read("left head", "moved").status == 404, 5, "the old manager to be refused", every=0.01)
    figure(f"refused {time.monotonic() - began:.2f} s behind the answer to the move")
    assert tree.lists("left head", q=moved["employee_number"]) == []
    wait_until(lambda: tree.read("right head", "moved").status == 200, 5, "the new manager to read")


# ---- an auditor ----

# What everybody has for himself: his session and factor, his own contacts (which wait for HR), his own data, sums on paper.
OWN = {"SESSION_OWN", "SECOND_FACTOR_OWN", "EMPLOYEE_CHANGE", "PERSON_DATA_EXPORT", "ACCOUNT_DATA_EXPORT", "CALCULATOR_RUN", "CHANGE_REQUEST_WITHDRAW",
       "PAY_ITEM_READ"}  # whose one POST tries a formula and stores nothing (test_pay_items.py)


FOREIGN = [o for o in contract.operations("POST", "PATCH", "DELETE", "PUT") if o.permission and ("{id}" in o.path or o.permission not in OWN)]


@pytest.mark.parametrize("op", FOREIGN, ids=lambda o: o.name)
def test_an_auditor_writes_nothing(tree, auditor, op):
    """403 where only the act is refused, 404 where he may not know of the thing (Z15)."""
    path = op.path.replace("{id}", tree.people["left worker"]["id"] if "employees" in op.path else NOBODY.format(1))
    body = contract.body(op, {"reason": "RESIGNED" if op.path.endswith(":end") else "审计"}) if op.body else None
    etag = tree.hr.get(path).etag if "employees/{id}" in op.path and op.method == "PATCH" else '"v1"'
    if op.method == "PATCH" and "employees" in op.path:
        body = {"nationality": "CHN"}
    got = auditor.request(op.method, path, body, etag=etag if op.if_match else None, key=secrets.token_hex(8) if "Idempotency-Key" in op.headers else None)
    assert got.status in (403, 404), (got.status, got.body)


# ---- other spellings ----

ADMINS = "/api/v1/audit-entries"
SPELLINGS = ["/API/v1/audit-entries", "/api/V1/audit-entries", "/api/v1/Audit-Entries", "/api/v1/audit-entries/", "//api/v1/audit-entries",
             "/api//v1/audit-entries", "/api/v1//audit-entries", "/api/v1/audit-entries;x=1", "/api/v1/audit-entries;.json", "/api/v1/;/audit-entries",
             "/api/v1/%61udit-entries", "/api/v1/audit%2dentries", "/api/v1/./audit-entries", "/api/v1/me/../audit-entries",
             "/api/v1/me/%2e%2e/audit-entries", "/api/v1/me/..%2faudit-entries", "/api/v1/me/..;/audit-entries", "/api/v1/me%2f..%2faudit-entries",
             "/api/v1/audit-entries%20", "/api/v1/audit-entries%09", "/api/v1/audit-entries%00", "/api/v1/audit-entries.json", "/api/v1/audit-entries%3f",
             "/api/v1/audit-entries%23", "/api/v1/audit-entries..", "/api/v1/audit-entries/.", "\\api\\v1\\audit-entries", "/api/v1/aud\u0131t-entries",
             "/api/v1/%2561udit-entries", "/./api/v1/audit-entries", "/static/../api/v1/audit-entries"]


@pytest.mark.parametrize("path", SPELLINGS)
def test_no_other_spelling_of_a_path(tree, auditor, path):
    """Not even for whoever may read it by its name: one path, one spelling (Z20). Rights can't be told to look the other way."""
    for client in (tree.clients["left worker"], auditor):
        raw = client.raw(b"GET " + path.encode() + f" HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nAuthorization: Bearer {client.token}\r\n"
                         "Connection: close\r\n\r\n".encode())
        assert int(raw.split()[1]) in (400, 404, 405) and b'"items"' not in raw, raw[:300]


def test_no_header_changes_what_was_asked(tree, auditor):
    """Of the headers by which frameworks let a caller say another method, path or address, none is heard (Z20)."""
    worker = tree.clients["left worker"]
    assert worker.get(ADMINS).status == 403 and auditor.get(ADMINS).status == 200
    plain = worker.get("/api/v1/me").expect(200).json
    for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Accel-Redirect"):
        assert worker.get("/api/v1/me", headers={name: ADMINS}).expect(200).json == plain
        assert worker.get(ADMINS, headers={name: "/api/v1/me"}).status == 403
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"):
        assert auditor.post(ADMINS, headers={name: "GET"}).status == 405
        session = worker.get("/api/v1/me", headers={name: "DELETE"}).expect(200).json
        assert session == plain
        assert worker.request("GET", "/api/v1/sessions/current", headers={name: "DELETE"}).status == 405
        assert worker.get("/api/v1/me", query={"_method": "DELETE"}).status in (400, 422)
    for address in ("127.0.0.1", "localhost", "::1"):
        headers = {n: address for n in ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "Forwarded", "True-Client-IP")}
        assert worker.get(ADMINS, headers=headers).status == 403
    for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "get", "GETX"):
        got = Client(worker.url, worker.token).request(method, ADMINS)
        assert got.status in (400, 403, 404, 405, 501) and b'"items"' not in got.body, method
