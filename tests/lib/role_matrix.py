"""The rows of the role table on archive and identity, each as a check that can be made again and again: on the
suite as it ships, and on programs whose compiled cells a test has changed (tests/e2e/test_policy_flips.py).

    world = World(suite)
    for check in checks(world): check.run()     # AssertionError where the answer isn't the table's
"""
import secrets
import time
from dataclasses import dataclass

import exported
import staff
from http_client import Client

# The table, held here because it is the customers' paper and the tests must run without it.
COLUMNS = ["anon", "employee", "manager", "store mgr", "HR", "payroll", "auditor", "tenant admin", "platform op"]
ROLE_OF = dict(zip(COLUMNS, [None, "EMPLOYEE", "MANAGER", "STORE_MANAGER", "HR", "PAYROLL", "AUDITOR", "TENANT_ADMIN", "PLATFORM_OPERATOR"]))
TABLE = {
    "own archive, read": "401 200 200 200 200 200 200 200 404",
    "own contact fields, change": "401 202 202 202 202 202 202 202 404",
    "own core fields (ID number, contract), change": "401 403 403 403 202 403 403 403 404",
    "archive of a person in scope, read": "401 404 200m 200m 200m 200p 200m 403 404",
    "archive of a person out of scope, read": "401 404 404 404 - - - 403 404",
    "archive of a person in scope, change": "401 404 403 202t 200 403 403 403 404",
    "clear ID number or bank card of a person in scope": "401 404 403 403 200s 200s 403 403 404",
    "role grants": "401 403 403 403 403 403 200 202 404",
    "audit log": "401 403 403 403 403 403 200 200m 404",
    "bulk export with personal data": "401 403 403 403 202s 202s 403 403 404",
    "any object of another tenant": "401 404 404 404 404 404 404 404 404",
}
# Rows of rooms that are not there yet, by name; a row that is in neither makes a test fail.
ELSEWHERE = {
    "service-internal and metrics paths from outside": "test_inside_paths",
    "own payslip": "payroll", "payslip of a person in scope": "payroll", "payroll run: create, calculate": "payroll",
    "payroll run: approve, close (not own run)": "payroll", "schedule of own unit or store, change": "scheduling",
    "schedule of another unit or store, change": "scheduling", "own performance result, before release": "performance",
    "performance result of a person in scope": "performance", "candidate and talent pool": "recruiting",
    "bindings of another person: list, start unbind": "bindings",
}
# What m and p say of the fields: contacts and identity of somebody in scope.
SEEN = {"MANAGER": ("masked", "masked"), "STORE_MANAGER": ("masked", "masked"), "HR": ("clear", "masked"), "PAYROLL": ("out", "masked"),
        "AUDITOR": ("masked", "masked")}
OWN = ("clear", "masked")
FIELDS = {"mobile": 0, "email": 0, "address": 0, "id_number": 1, "birth_date": 1}
TITLES = {"mobile": "手机", "email": "邮箱", "address": "住址", "id_number": "证件号码", "birth_date": "出生日期"}  # in a file
FRESH_S = 200  # of the five minutes that a step-up allows
NOBODY = "01900000-0000-7000-8000-000000000001"


def expected(resource, role):
    """(status, mark) of a cell, None where the table has none."""
    cell = TABLE[resource].split()[COLUMNS.index(next(c for c, r in ROLE_OF.items() if r == role))]
    return None if cell == "-" else (int(cell[:3]), cell[3:])


class World:
    """People and accounts that the checks are about."""

    def __init__(self, suite, client_of=None):
        """client_of(token): whom the checks ask; the gateway where it is None."""
        self.suite = suite
        self.client_of = client_of or (lambda token: Client(suite.env["RENHE_URL"], token))
        self.hr, self.admin = suite.sign_in_as("HR", "demo"), suite.sign_in_as("TENANT_ADMIN", "demo")
        self.accounts = {r: suite.account(r) for r in ROLE_OF.values() if r}
        self.tokens, self.signed_in = {None: None}, {}
        self.plain = {r: self.plain_account(r) for r in ("MANAGER", "STORE_MANAGER", "PAYROLL", "AUDITOR")}
        self.plain |= {r: suite.second(r, "demo").token for r in ("HR", "TENANT_ADMIN")}
        self.aged = {r: self.aged_token(r) for r in ("HR", "PAYROLL")}
        self.people = self.make_people()
        self.foreign = {"employee": suite.account("EMPLOYEE", "second")["employee_id"],
                        "unit": suite.account("EMPLOYEE", "second")["org_unit_id"]}
        account = staff.account_of(self.hr, self.people["apart"]["employee_number"])
        self.grant = {"account_id": account["id"], "role": "PAYROLL"}
        self.asked = suite.second("TENANT_ADMIN", "demo").post("/api/v1/grants", self.grant).expect(202).json["id"]

    def plain_account(self, role):
        """Somebody with that role and no employment."""
        name, password = f"plain-{secrets.token_hex(4)}", "Renhe-" + secrets.token_urlsafe(9)
        made = staff.new_account(self.suite, self.admin, "demo", name, [role])
        self.suite.client().post("/api/v1/accounts:activate", {"tenant": "demo", "sign_in_name": name, "activation_code": made["activation_code"],
                                 "password": password}).expect(204)
        return self.suite.sign_in("demo", name, password).token

    def aged_token(self, role):
        """As if the password had been given more than five minutes ago."""
        client = self.suite.sign_in_as(role, "demo")
        session = client.get("/api/v1/me").expect(200).json["session_id"]
        self.suite.psql_all("identity", f"update session set auth_time = auth_time - 302 where id = '{session}'")
        return client.post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token}).expect(200).json["access_token"]

    def make_people(self):
        """Temporary and full-time in the store of the store manager, in another unit of the manager's, and apart."""
        tag, hr = "M" + secrets.token_hex(3), self.hr
        made = staff.Staff(tag, tag)
        units = hr.get("/api/v1/org-units", query={"page_size": 500}).expect(200).json["items"]
        manager = self.suite.account("MANAGER", "demo")["person_id"]
        team = below(units, manager)
        store = self.accounts["STORE_MANAGER"]["org_unit_id"]
        apart = hr.post("/api/v1/org-units", {"code": tag, "kind": "STORE", "name": "别处", "effective_date": "2020-01-01"}).expect(201).json["id"]
        found = {}
        for where, unit, kind in (("temporary", store, "TEMPORARY"), ("full time", store, "FULL_TIME"), ("team", min(team - {store}), "FULL_TIME"),
                                  ("apart", apart, "FULL_TIME")):
            row = made.one()
            body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"], "mobile": row["手机"],
                    "email": f"{row['工号']}@example.com", "address": f"保密路 {tag} 号", "hire_date": "2025-03-01", "org_unit_id": unit,
                    "employment_type": kind}
            born = body["id_number"][6:14]
            hired = hr.post("/api/v1/employees", body).expect(201)
            found[where] = {**body, "id": hired.json["id"], "etag": hired.etag, "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}"}
        return found

    def token(self, role):
        """Of a sign-in that is fresh enough for a step-up, however long the checks take."""
        if role and time.monotonic() - self.signed_in.get(role, -FRESH_S) >= FRESH_S:
            account = self.accounts[role]
            self.tokens[role] = self.suite.sign_in(account["tenant"], account["sign_in_name"], account["password"]).token
            self.signed_in[role] = time.monotonic()
        return self.tokens[role]

    def ask(self, role, plain=False):
        return self.client_of(self.plain[role] if plain else self.token(role))

    def own_id(self, role):
        """The own record; where there is none, somebody's."""
        return (self.accounts[role].get("employee_id") if role else None) or self.accounts["HR"]["employee_id"]

    def in_scope(self, role):
        return self.people[{"STORE_MANAGER": "temporary", "MANAGER": "team"}.get(role, "apart")]


def below(units, head):
    """Ids of the units headed by that person and of those below them."""
    found = {u["id"] for u in units if u.get("head_person_id") == head}
    while more := {u["id"] for u in units if u.get("parent_id") in found} - found:
        found |= more
    return found


# ---- judging ----

def is_status(got, status):
    assert got.status == status, f"{got.status}, not {status}: {got.body[:300].decode()}"
    return got


def judged(person, shown, field):
    if field not in shown:
        assert field in shown.get("restricted_fields", []), f"{field} is missing without a word"
        return "out"
    assert field not in shown.get("restricted_fields", [])
    return "clear" if shown[field] == person[field] else "masked" if "*" in shown[field] else "wrong"


def shows(person, shown, seen):
    for field, which in FIELDS.items():
        assert judged(person, shown, field) == seen[which], (field, shown.get(field))


def own_shows(shown, seen=OWN):
    assert shown["mobile"].isdigit() and "*" in shown["id_number"] and "*" in shown["birth_date"], shown


def listed(client, person, q=False):
    """The person in a list by number, or as the search box finds him."""
    query = {"q": person["employee_number"]} if q else {"employee_number": person["employee_number"]}
    return client.get("/api/v1/employees", query=query)


# ---- the rows ----

def own_read(w, role):
    client, (status, _) = w.ask(role), expected("own archive, read", role)
    got = is_status(client.get(f"/api/v1/employees/{w.own_id(role)}"), status)
    if status == 200:
        own_shows(got.json)
        own_shows(is_status(client.get("/api/v1/me/employees"), 200).json["items"][0])


def own_list(w, role):
    client, (status, _) = w.ask(role), expected("own archive, read", role)
    for q in (False, True):
        got = is_status(listed(client, {"employee_number": w.accounts[role]["sign_in_name"]} if role else w.people["apart"], q), status)
        if status == 200:
            own_shows(next(e for e in got.json["items"] if e["id"] == w.own_id(role)))


def change(client, employee_id, fields, etag):
    return client.patch(f"/api/v1/employees/{employee_id}", fields, etag=etag, query={"validate_only": "true"})


def own_change(w, role, row, fields, masked=()):
    """Asked for, not done: the 202 tells what was asked, as he may see it."""
    own, (status, _) = w.own_id(role), expected(row, role)
    got = is_status(change(w.ask(role), own, fields, w.hr.get(f"/api/v1/employees/{own}").expect(200).etag), status)
    if status == 202:
        told = {c["field"]: c.get("new_value", "out") for c in got.json["changes"]}
        for field, value in fields.items():
            assert ("*" in told[field]) if field in masked else told[field] == value, told


def own_contact(w, role):
    own_change(w, role, "own contact fields, change", {"mobile": "13900139000"})


def own_core(w, role):
    row = "own core fields (ID number, contract), change"
    own_change(w, role, row, {"nationality": "CHN"})
    own_change(w, role, row, {"id_type": "PASSPORT", "id_number": "E12345678"}, masked=("id_number",))


def in_scope_read(w, role):
    person, (status, _) = w.in_scope(role), expected("archive of a person in scope, read", role)
    got = is_status(w.ask(role).get(f"/api/v1/employees/{person['id']}"), status)
    if status == 200:
        shows(person, got.json, SEEN[role])
    else:
        assert person["name"].encode() not in got.body


def in_scope_list(w, role):
    """In a list he isn't there for whom he isn't there, whatever a refusal by id says."""
    person, (status, _) = w.in_scope(role), expected("archive of a person in scope, read", role)
    for q in (False, True):
        got = listed(w.ask(role), person, q)
        if role in (None, "PLATFORM_OPERATOR"):
            is_status(got, status)
            continue
        items = is_status(got, 200).json["items"]
        assert len(items) == (status == 200), got.body
        if items:
            shows(person, items[0], SEEN[role])


def out_of_scope_read(w, role):
    cell = expected("archive of a person out of scope, read", role)
    if not cell:
        return
    for where in {"MANAGER": ("apart",), "STORE_MANAGER": ("apart", "team")}.get(role, ("apart", "team", "temporary")):
        got = is_status(w.ask(role).get(f"/api/v1/employees/{w.people[where]['id']}"), cell[0])
        assert w.people[where]["name"].encode() not in got.body


def out_of_scope_list(w, role):
    if role in (None, "PLATFORM_OPERATOR") or not expected("archive of a person out of scope, read", role):
        return
    for where in {"MANAGER": ("apart",), "STORE_MANAGER": ("apart", "team")}.get(role, ("apart", "team", "temporary")):
        for q in (False, True):
            assert is_status(listed(w.ask(role), w.people[where], q), 200).json["items"] == []


def in_scope_change(w, role):
    """Plain fields, contacts and the document; of the store's people only the temporary ones (t)."""
    person, (status, mark) = w.in_scope(role), expected("archive of a person in scope, change", role)
    client = w.ask(role)
    for fields in ({"nationality": "CHN"}, {"mobile": "13900139000"}):
        got = is_status(change(client, person["id"], fields, person["etag"]), status)
        if status == 200:
            shows({**person, **fields}, got.json, SEEN[role])
    if mark == "t":
        is_status(change(client, person["id"], {"id_type": "PASSPORT", "id_number": "E12345678"}, person["etag"]), 403)
        full_time = w.people["full time"]
        for fields in ({"nationality": "CHN"}, {"mobile": "13900139000"}):
            is_status(change(client, full_time["id"], fields, full_time["etag"]), 403)
        is_status(change(client, w.people["apart"]["id"], {"nationality": "CHN"}, w.people["apart"]["etag"]), 404)


def reveal(w, role):
    """With a fresh sign-in (s), and not with one of more than five minutes ago."""
    person, (status, mark) = w.in_scope(role), expected("clear ID number or bank card of a person in scope", role)
    path = f"/api/v1/employees/{person['id']}:reveal"
    got = is_status(w.ask(role).post(path, {"reason": "核对 check"}), status)
    if status == 200:
        for field in ("id_number", "birth_date", "mobile"):
            assert got.json[field] == person[field], field
        assert mark == "s" and is_status(w.client_of(w.aged[role]).post(path, {"reason": "核对 check"}), 401).code == "STEP_UP_REQUIRED"


def status_with_plain(w, role, status, call):
    is_status(call(w.ask(role)), status)
    if role in w.plain:
        is_status(call(w.ask(role, plain=True)), status)


def grants_read(w, role):
    """Reading: as the table says, but that who may ask for a grant may read them."""
    status, _ = expected("role grants", role)
    status = 200 if status == 202 else status
    status_with_plain(w, role, status, lambda c: c.get("/api/v1/grants"))
    if status == 200:
        assert len({g["account_id"] for g in w.ask(role).get("/api/v1/grants").json["items"]}) > 1


def grants_change(w, role):
    """Asking waits (202), and another administrator's request is his to decide."""
    status, _ = expected("role grants", role)
    status = 403 if status == 200 else status
    status_with_plain(w, role, status, lambda c: c.post("/api/v1/grants", w.grant, query={"validate_only": "true"}))
    if status == 202:
        is_status(w.ask(role).post(f"/api/v1/grant-requests/{w.asked}:approve", query={"validate_only": "true"}), 200)


def audit_of(path):
    def check(w, role):
        status, mark = expected("audit log", role)
        status_with_plain(w, role, status, lambda c: c.get(path))
        if status == 200:
            shown = {e["resource_id"] for e in w.ask(role).get(path, query={"page_size": 100}).json["items"] if "resource_id" in e}
            assert shown and all(("*" in s) == (mark == "m") for s in shown), shown
            own = staff.claims(w.token(role))["sub"]
            seen = w.ask(role).get(path, query={"page_size": 500}).json["items"]
            # What others did with his own account is his to see in any case.
            assert any(e.get("account_id") not in (None, own) and e.get("resource") != "account" for e in seen)
    return check


# ---- the list as a file ----

def may_export(role):
    return expected("bulk export with personal data", role)[0] == 202


def export(w, role):
    """Who may, and with a fresh sign-in alone (s); the file is of those whom he asked for."""
    person, (status, mark) = w.in_scope(role), expected("bulk export with personal data", role)
    wanted = {"format": "CSV", "employee_number": person["employee_number"]}
    if not may_export(role):
        return status_with_plain(w, role, status, lambda c: c.post(exported.PATH, wanted))
    assert [r["工号"] for r in exported.rows(w.ask(role), **wanted)] == [person["employee_number"]]
    assert mark == "s" and is_status(w.client_of(w.aged[role]).post(exported.PATH, wanted), 401).code == "STEP_UP_REQUIRED"


def only(rows):
    assert len(rows) == 1, len(rows)
    return rows[0]


def file_shows(row, person, seen):
    """As `shows`; what is left out is an empty cell, since everybody here has all of them."""
    for field, which in FIELDS.items():
        cell = row[TITLES[field]]
        got = "out" if not cell else "clear" if cell == person[field] else "masked" if "*" in cell else "wrong"
        assert got == seen[which], (field, cell)


def in_scope_export(w, role):
    """What the list shows of somebody, in both formats."""
    person = w.in_scope(role)
    for form in ("XLSX", "CSV") if may_export(role) else ():
        row = only(exported.rows(w.ask(role), format=form, employee_number=person["employee_number"]))
        assert (row["工号"], row["姓名"], row["用工形式"]) == (person["employee_number"], person["name"], "全日制")
        file_shows(row, person, SEEN[role])


def own_export(w, role):
    if may_export(role):
        row = only(exported.rows(w.ask(role), employee_number=w.accounts[role]["sign_in_name"]))
        assert row["手机"].isdigit() and "*" in row["证件号码"] and "*" in row["出生日期"], row


def everybodys_export(w, role):
    """Whoever is in scope, wherever he works, and nobody else."""
    if may_export(role):
        tag = w.people["apart"]["employee_number"][:-5]
        found = {r["工号"] for r in exported.rows(w.ask(role), q=tag) if r["工号"].startswith(tag)}
        assert found == {p["employee_number"] for p in w.people.values()}, found


def foreign_export(w, role):
    if may_export(role):
        assert exported.rows(w.ask(role), org_unit_id=w.foreign["unit"]) == []


def foreign(w, role):
    status, _ = expected("any object of another tenant", role)
    is_status(w.ask(role).get(f"/api/v1/employees/{w.foreign['employee']}"), status)
    is_status(w.ask(role).get(f"/api/v1/employees/{NOBODY}"), status)
    is_status(w.ask(role).get(f"/api/v1/org-units/{w.foreign['unit']}"), status)
    if role == "TENANT_ADMIN":
        is_status(w.ask(role, plain=True).get(f"/api/v1/employees/{w.foreign['employee']}"), status)
        is_status(w.ask(role, plain=True).get("/api/v1/employees"), 403)
    if status == 404 and role:
        is_status(change(w.ask(role), w.foreign["employee"], {"nationality": "CHN"}, '"v1"'), 404)


# row -> (permission that decides, check)
ROWS = [
    ("own archive, read", "EMPLOYEE_READ", own_read), ("own archive, read", "EMPLOYEE_LIST", own_list),
    ("own contact fields, change", "EMPLOYEE_CHANGE", own_contact),
    ("own core fields (ID number, contract), change", "EMPLOYEE_CHANGE", own_core),
    ("archive of a person in scope, read", "EMPLOYEE_READ", in_scope_read),
    ("archive of a person in scope, read", "EMPLOYEE_LIST", in_scope_list),
    ("archive of a person out of scope, read", "EMPLOYEE_READ", out_of_scope_read),
    ("archive of a person out of scope, read", "EMPLOYEE_LIST", out_of_scope_list),
    ("archive of a person in scope, change", "EMPLOYEE_CHANGE", in_scope_change),
    ("clear ID number or bank card of a person in scope", "EMPLOYEE_REVEAL", reveal),
    ("role grants", "GRANT_READ", grants_read), ("role grants", "GRANT_WRITE", grants_change),
    ("audit log", "AUDIT_READ", audit_of("/api/v1/audit-entries")), ("audit log", "AUDIT_READ", audit_of("/api/v1/sign-in-audit-entries")),
    ("any object of another tenant", "EMPLOYEE_READ", foreign), ("any object of another tenant", "EMPLOYEE_LIST", foreign),
    ("bulk export with personal data", "EMPLOYEE_EXPORT", export), ("own archive, read", "EMPLOYEE_LIST", own_export),
    ("archive of a person in scope, read", "EMPLOYEE_LIST", in_scope_export),
    ("archive of a person out of scope, read", "EMPLOYEE_LIST", everybodys_export),
    ("any object of another tenant", "EMPLOYEE_LIST", foreign_export),
]
EXPORTS = (export, own_export, in_scope_export, everybodys_export, foreign_export)


@dataclass
class Check:
    row: str
    permission: str
    role: str
    run: callable
    exports: bool = False

    def __str__(self):
        return f"{self.row}{' in a file' * self.exports}; {self.role or 'anon'}"


def checks(world):
    """world: a World, or a function that gives it."""
    of = world if callable(world) else lambda: world
    return [Check(row, permission, role, lambda check=check, role=role: check(of(), role), check in EXPORTS)
            for row, permission, check in ROWS for role in ROLE_OF.values()]
