"""Tenants are closed against each other below the code: with the service's own checks of rights left
out of the build, row security alone must hold, on every route of the contract.

The other tenant's ids, numbers, codes and file rows go in by path, body, query and file; what comes
back must be what an id that does not exist gets, must hold nothing of the other's, and the other's
tables must not have changed by a byte. Then the same with the programs as they ship (P17), and in SQL.
"""
import json
import random
import re
import secrets
import subprocess
import uuid
from contextlib import ExitStack

import pytest

import contract
import rows
import staff
from beside import Beside
from renhe import CHECKOUT, SERVICES, wait_until

NOCHECKS = CHECKOUT / "build" / "nochecks"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The tenant directory is no tenant's own (decision 20): its codes are unique over all tenants, and
# only the platform operator's permission guards it.
DIRECTORY = "/api/v1/tenants"
LISTS = ("employees", "org-units", "stores", "posts", "legal-entities", "accounts", "grants")


# ---- both tenants ----

class Company:
    """What one tenant's people may see of it, by tokens of several roles."""

    def __init__(self, suite, tenant):
        self.suite, self.tenant = suite, tenant
        self.hr = suite.sign_in_as("HR", tenant)
        self.admin = suite.sign_in_as("TENANT_ADMIN", tenant)
        self.hr.waits = self.admin.waits = True
        self.id = self.hr.get("/api/v1/me").expect(200).json["tenant_id"]

    def reader(self, what):
        return self.admin if what in ("accounts", "grants") else self.hr

    def items(self, what):
        return self.pages(what)[0]

    def pages(self, what):
        """All items, and the body of each page as it came."""
        found, bodies, query = [], [], {"page_size": 500}
        while True:
            answer = self.reader(what).get(f"/api/v1/{what}", query=query).expect(200)
            found += answer.json["items"]
            bodies.append(answer.body)
            if not answer.json.get("next_page_token"):
                return found, bodies
            query["page_token"] = answer.json["next_page_token"]

    def strings(self):
        """Every text that the tenant's own lists show."""
        found = set()

        def walk(v):
            if isinstance(v, dict):
                for x in v.values():
                    walk(x)
            elif isinstance(v, list):
                for x in v:
                    walk(x)
            elif isinstance(v, str):
                found.add(v)
        for what in LISTS:
            walk(self.items(what))
        return found


@pytest.fixture(scope="module")
def demo(suite):
    return marked(Company(suite, "demo"))


@pytest.fixture(scope="module")
def second(suite):
    return Company(suite, "second")


def marked(company):
    """Things whose codes and numbers no other tenant has, of every kind."""
    tag, hr = secrets.token_hex(4).upper(), company.hr
    person = staff.Staff(random.Random(tag).random(), "X" + tag)
    root = next(u for u in company.items("org-units") if u["kind"] == "COMPANY")
    unit = hr.post("/api/v1/org-units", {"code": "U" + tag, "kind": "STORE", "name": "隔离" + tag, "effective_date":
                   "2025-01-01", "parent_id": root["id"]}).expect(201).json
    post = hr.post("/api/v1/posts", {"code": "P" + tag, "name": "岗" + tag}).expect(201).json
    # For files: no test makes these codes elsewhere, and each has a near one that a hint could give away.
    file = secrets.token_hex(5).upper()
    for end in "AB":
        hr.post("/api/v1/org-units", {"code": "F" + file + end, "kind": "STORE", "name": "表" + tag + end, "effective_date": "2025-01-01",
                                      "parent_id": root["id"]}).expect(201)
        hr.post("/api/v1/posts", {"code": "G" + file + end, "name": "表岗" + tag + end}).expect(201)
    entity = hr.post("/api/v1/legal-entities", {"code": "L" + tag, "name": "主体" + tag}).expect(201).json
    field = hr.post("/api/v1/employee-fields", {"key": "f" + tag.lower(), "name_zh": "栏" + tag, "type": "TEXT", "state": "RETIRED"}).expect(201).json
    row = person.one()
    employee = hr.post("/api/v1/employees", {
        "employee_number": row["工号"], "name": "甲" + tag, "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
        "mobile": row["手机"], "hire_date": "2025-03-01", "org_unit_id": unit["id"], "post_id": post["id"],
        "employment_type": "FULL_TIME"}, key=tag).expect(201).json
    account = staff.account_of(company.admin, row["工号"])
    wait_until(lambda: company.admin.post("/api/v1/grants", {"account_id": account["id"], "role": "STORE_MANAGER", "store_ids": [unit["id"]]},
                                          query={"validate_only": "true"}).status in (200, 202), 20, "identity to know the store")
    grant = staff.grant(company.suite, company.admin, company.tenant, account_id=account["id"], role="STORE_MANAGER", store_ids=[unit["id"]])
    load = hr.request("POST", "/api/v1/employee-imports", staff.csv_bytes([person.one()]),
                      headers={"Content-Type": "text/csv"}, key=tag + "-import").expect(202).json
    staff.end_of_load(hr, load["id"])
    waiting = company.admin.post("/api/v1/grants", {"account_id": account["id"], "role": "PAYROLL"}).expect(202).json
    own = company.suite.sign_in_as("EMPLOYEE", company.tenant)
    mine = "/api/v1/employees/" + company.suite.account("EMPLOYEE", company.tenant)["employee_id"]
    change = own.patch(mine, {"address": "隔离路" + tag}, etag=own.get(mine).etag).expect(202).json
    company.mark = {
        "tag": tag, "file": file, "idempotency_key": tag, "unit": unit, "post": post, "entity": entity, "field": field, "employee": employee,
        "account": account, "grant": grant, "import": load, "id_number": row["证件号码"], "mobile": row["手机"],
        "page_token": hr.get("/api/v1/employees", query={"page_size": 1}).json["next_page_token"],
        "ids": {"employee": employee["id"], "person": employee["person_id"], "unit": unit["id"], "post": post["id"],
                "entity": entity["id"], "field": field["id"], "account": account["id"], "grant": grant["id"], "import": load["id"],
                "tenant": company.id, "grant_request": waiting["id"], "change_request": change["id"]}}
    return company


# ---- the programs without checks ----

@pytest.fixture(scope="session")
def nochecks():
    """The services built without checks of rights; the folder keeps what was built before."""
    for command in (["cmake", "-S", CHECKOUT, "-B", NOCHECKS, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                     "-DRENHE_TEST_NO_SERVICE_CHECKS=ON"],
                    ["cmake", "--build", NOCHECKS, "--target", *SERVICES]):
        done = subprocess.run(["nice", *command], capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return NOCHECKS / "bin"


@pytest.fixture(scope="module")
def open_doors(suite, nochecks):
    """path -> client of the service without checks that owns it."""
    version = subprocess.run([nochecks / "archive", "--version"], capture_output=True, text=True).stdout
    assert "no-service-checks" in version
    owner = {p: next(iter(ops.values()))["operationId"].split(".")[0] for p, ops in
             contract.DOCUMENT["paths"].items()}
    with ExitStack() as stack:
        services = {name: stack.enter_context(Beside(suite, name, nochecks / name, 50 + 2 * i)) for i, name in enumerate(SERVICES)}
        yield lambda path, token: services[owner[path]].client(token)


class Intruder:
    """Someone of the second tenant at the services without checks, with things of his own."""

    def __init__(self, doors, second, role):
        self.doors, self.second = doors, second
        self.signed = second.suite.sign_in_as(role, "second")
        self.count = 0

    def call(self, op, path_id=None, body=None, query=None, etag=None, key=None, headers=None):
        client = self.doors(op.path, self.signed.token)
        path = op.path.replace("{id}", path_id or "")
        if op.if_match:
            etag = etag or '"v1"'
        if "Idempotency-Key" in op.headers:
            key = key or secrets.token_hex(8)
        return client.request(op.method, path, body, query=query, etag=etag, key=key, headers=headers)

    def number(self):
        self.count += 1
        return f"I{secrets.token_hex(4)}{self.count}"

    def own(self, op):
        """A fresh thing of the second tenant that the route could act on; (id, etag)."""
        hr, admin = self.second.hr, self.second.admin
        if op.path.startswith("/api/v1/employees/"):
            made = hr.post("/api/v1/employees", self.good("employees")).expect(201).json
        elif op.path.startswith("/api/v1/org-units/"):
            made = hr.post("/api/v1/org-units", self.good("org-units")).expect(201).json
        else:
            made = staff.new_account(self.second.suite, admin, "second", self.number(), ["AUDITOR"])
        return made["id"], made.get("etag")

    def good(self, what):
        # The demo's own: what other tests founded may begin later than the hires here.
        unit = next(s["id"] for s in self.second.items("stores") if s["code"] == "S001")
        return {
            "employees": {"employee_number": self.number(), "name": "乙", "hire_date": "2025-03-01", "org_unit_id": unit,
                          "employment_type": "FULL_TIME"},
            "org-units": {"code": self.number(), "kind": "STORE", "name": "店", "effective_date": "2025-01-01"},
        }[what]

    def pay_group(self):
        """One without any run."""
        body = {"code": self.number(), "name": "组", "legal_entity_id": str(uuid.uuid4()), "place": "310000", "pay_day": 10}
        return self.second.suite.sign_in_as("PAYROLL", "second").post("/api/v1/pay-groups", body).expect(201).json["id"]

    def values(self, op):
        """Good values for the members of a body, all of the second tenant."""
        made = {**self.good("org-units"), **self.good("employees"), "reason":
                "RESIGNED" if op.path.endswith(":end") else "测试", "effective_date": "2026-12-01",
                "role": "PAYROLL", "roles": ["AUDITOR"], "sign_in_name": self.number(), "code": self.number(),
                "admin_sign_in_name": self.number(), "key": self.number().lower(), "choices": [], "max_len": 9}
        if op.path == "/api/v1/employees":
            del made["effective_date"]  # of a hire it is the hire date
        if op.path == "/api/v1/pay-runs":
            made |= {"kind": "REGULAR", "month": "2026-01-01", "pay_group_id": self.pay_group()}
        if "account_id" in op.properties:
            made["account_id"] = self.own(contract.Operation("POST", "/api/v1/accounts", "", [], {}, None, False))[0]
        if "ids" in op.properties:
            made["ids"] = [self.own(contract.Operation("POST", "/api/v1/accounts", "", [], {}, None, False))[0]]
        return made


ROLES = ("EMPLOYEE", "HR")


@pytest.fixture(scope="module", params=ROLES)
def intruder(request, open_doors, second):
    return Intruder(open_doors, second, request.param)


@pytest.fixture(scope="module")
def secret(suite, demo, second):
    """Texts that only the first tenant has: all its ids, and what its lists show and the others' don't."""
    own = demo.strings() - second.strings()
    return {s for s in own if len(s) >= 6 and (UUID.fullmatch(s) or not re.fullmatch(r"[\d:TZ.-]+", s))
            and not s.startswith('"v')} | {demo.id}


def holds(answer, secret, sent=""):
    """What the answer tells of the other tenant beyond what was sent."""
    text = answer.body.decode("utf-8", "replace") + json.dumps(answer.headers)
    # Stores of a grant are kept as they were sent (test_body_ids sends foreign ones) and reach nothing.
    text = re.sub(r'"store_ids":\[[^]]*\]', "", text)
    # So is the legal entity of a pay group, whose tax years are counted inside of one tenant.
    text = re.sub(r'"legal_entity_id":"[^"]*"', "", text) if '"pay_next_month"' in text else text
    ids = {s for s in UUID.findall(text) if s in secret and s not in sent}
    names = {s for s in secret if not UUID.fullmatch(s) and s in text and s not in sent}
    return ids | names


def told(answer):
    """A refusal without its trace; of a success only that it was one."""
    if answer.status < 300:
        return answer.status
    return answer.status, {k: v for k, v in answer.json.items() if k not in ("trace_id", "instance")}


# A head of the audit's log is signed from time to time, over leaves that are compared.
SIGNED_LATER = {"audit_log", "audit_head"}


@pytest.fixture(scope="module")
def untouched(suite, demo):
    """What changed of the first tenant's rows since the tests of the open doors began."""
    def settled():
        if suite.psql_all("identity", "select 1 from audit_unsealed limit 1") or suite.psql_all("archive", "select 1 from audit_unsealed limit 1"):
            return None  # what was done before is entered into the audit's log meanwhile
        one = rows.digests(suite, demo.id, SIGNED_LATER)
        return one if one == rows.digests(suite, demo.id, SIGNED_LATER) else None
    before = wait_until(settled, 20, "the first tenant's rows to rest", every=0.5)
    return lambda: rows.changes(before, rows.digests(suite, demo.id, SIGNED_LATER))


@pytest.fixture(scope="module", autouse=True)
def rows_before(untouched):
    """Taken before the first test of this file."""


# ---- every route ----

JWT = [op for op in contract.operations() if not op.public]


def test_every_route_is_known():
    """A new route must be thought of here: it has an id, a body, a query, a file, or nothing to steer."""
    steered = {op.name for op in JWT if "{id}" in op.path or op.body or op.query or op.raw}
    rest = {op.name for op in JWT} - steered
    assert rest <= {"GET /api/v1/me", "DELETE /api/v1/sessions/current", "POST /api/v1/sessions:revoke-all", "POST /api/v1/me/totp",
                    "DELETE /api/v1/me/totp", "GET /api/v1/employee-fields", "POST /api/v1/me/recovery-codes", "GET /api/v1/me/sessions", "GET /api/v1/pay-names",
                    "GET /api/v1/pay-plans"}
    assert len(JWT) >= 30


@pytest.mark.parametrize("op", [o for o in JWT if "{id}" in o.path], ids=lambda o: o.name)
def test_path(op, intruder, demo, secret):
    """An id of the other tenant, of whatever kind, is an id that does not exist."""
    body = contract.body(op, intruder.values(op)) if op.body else None
    for kind, other in demo.mark["ids"].items():
        etag = demo.mark[kind].get("etag") if kind in demo.mark else None
        got = intruder.call(op, other, body, etag=etag)
        none = intruder.call(op, str(uuid.uuid4()), body, etag=etag)
        assert told(got) == told(none), kind
        assert 400 <= got.status < 500 and not holds(got, secret), kind


def acted(intruder, op, name=None, one=None):
    """The act on a fresh thing of our own, with another id in one member."""
    path_id, etag = intruder.own(op) if "{id}" in op.path else (None, None)
    body = contract.body(op, intruder.values(op))
    if name:
        is_list = contract.resolve(op.properties[name]).get("type") == "array"
        body[name] = [one] if is_list else one
    if op.method == "PATCH":
        body = {k: v for k, v in body.items() if k in (name, "name", "effective_date")}
    return intruder.call(op, path_id, body, etag=etag)


@pytest.mark.parametrize("op", [o for o in JWT if contract.uuid_fields(o)], ids=lambda o: o.name)
def test_body_ids(op, intruder, demo, secret):
    """So it is where it stands in a body."""
    good = acted(intruder, op)
    assert good.status in (200, 201, 202), good.body  # all that follows differs from this by one id
    for name in contract.uuid_fields(op):
        none = acted(intruder, op, name, str(uuid.uuid4()))
        for kind, other in demo.mark["ids"].items():
            got = acted(intruder, op, name, other)
            assert got.status < 500 and told(got) == told(none), (name, kind)
            assert not holds(got, secret, sent=other), (name, kind)


# Members that must be unique within a tenant, and what the other tenant has there.
TAKEN = {
    "POST /api/v1/employees": {"employee_number": lambda m: m["employee"]["employee_number"],
                               "id_number": lambda m: m["id_number"], "mobile": lambda m: m["mobile"]},
    "POST /api/v1/org-units": {"code": lambda m: m["unit"]["code"]},
    "POST /api/v1/posts": {"code": lambda m: m["post"]["code"]},
    "POST /api/v1/legal-entities": {"code": lambda m: m["entity"]["code"]},
    "POST /api/v1/employee-fields": {"key": lambda m: m["field"]["key"]},
    "POST /api/v1/accounts": {"sign_in_name": lambda m: m["employee"]["employee_number"] + "-x"},
}


@pytest.mark.parametrize("op", [o for o in JWT if o.name in TAKEN], ids=lambda o: o.name)
def test_body_numbers(op, open_doors, second, demo):
    """A number, code or document that the other tenant has is free here, and taken only by our own."""
    intruder = Intruder(open_doors, second, "HR")
    for name, of in TAKEN[op.name].items():
        taken = of(demo.mark)
        body = contract.body(op, {**intruder.values(op), name: taken})
        if name == "id_number":
            body["id_type"] = "RESIDENT_ID"
        first = intruder.call(op, None, body)
        # Not 201 only where an earlier run of this test wrote it into the second tenant.
        assert first.status == 201, (name, first.body)
        if name != "mobile":
            again = {**body, **({"employee_number": intruder.number()} if name == "id_number" else {})}
            assert intruder.call(op, None, again).status == 409, name


@pytest.mark.parametrize("op", [o for o in JWT if o.query and o.method == "GET"], ids=lambda o: o.name)
def test_query(op, intruder, demo, secret):
    """Lists show nothing of the other tenant, whatever is asked for."""
    mark = demo.mark
    if op.path == DIRECTORY:
        secret = secret - {demo.id}
    plain = intruder.call(op, str(uuid.uuid4()), query={"page_size": 500} if "page_size" in op.query else None)
    assert plain.status < 500 and not holds(plain, secret)
    for name, schema in op.query.items():
        if contract.resolve(schema).get("format") == "uuid":
            pairs = [(v, str(uuid.uuid4())) for v in mark["ids"].values()]
        elif name in ("code", "employee_number", "sign_in_name"):
            pairs = [(v, "Q" + secrets.token_hex(6)) for v in (mark["unit"]["code"], mark["post"]["code"],
                     mark["entity"]["code"], mark["employee"]["employee_number"])]
        elif name == "page_token":
            pairs = [(mark["page_token"], mark["page_token"][::-1])]
        else:
            continue
        for other, nothing in pairs:
            got = intruder.call(op, str(uuid.uuid4()), query={name: other})
            none = intruder.call(op, str(uuid.uuid4()), query={name: nothing})
            assert told(got) == told(none) and not holds(got, secret, sent=other), name
            assert got.status >= 400 or got.json == none.json, name


def test_idempotency_key(open_doors, second, demo, secret):
    """The other tenant's key and body are no replay of its answer."""
    intruder = Intruder(open_doors, second, "HR")
    op = next(o for o in JWT if o.name == "POST /api/v1/employees")
    got = intruder.call(op, None, intruder.good("employees"), key=demo.mark["idempotency_key"])
    assert got.status == 201 and "idempotency-replayed" not in got.headers and not holds(got, secret)


def import_end(intruder, data):
    begin, look = (next(o for o in JWT if o.name == n) for n in
                   ("POST /api/v1/employee-imports", "GET /api/v1/employee-imports/{id}"))
    job = intruder.call(begin, None, data, headers={"Content-Type": "text/csv"})
    job_id = job.expect(202).json["id"]

    def ended():
        got = intruder.call(look, job_id).expect(200)
        return got if got.json["state"] in staff.ENDED else None
    return wait_until(ended, 30, "the import to end")


def test_import_file(open_doors, second, demo, secret):
    """Codes, persons and numbers of the other tenant in a file."""
    intruder, mark = Intruder(open_doors, second, "HR"), demo.mark
    people = staff.Staff(secrets.token_hex(4), "Y" + secrets.token_hex(3))
    unit = "S001"  # the demo's own, there from the first day
    for column, other in (("部门编码", f"F{mark['file']}A"), ("岗位编码", f"G{mark['file']}A"),
                          ("人员编号", mark["ids"]["person"])):
        nothing = str(uuid.uuid4()) if column == "人员编号" else "N" + secrets.token_hex(4)
        ends = []
        for value in (other, nothing):
            row = {**people.one(unit=unit), column: value}
            if column != "岗位编码":
                row.pop("岗位编码")
            ends.append(import_end(intruder, staff.csv_bytes([row])))
        faults = [[(f["row"], f.get("column"), f["code"], f["detail"].replace(v, "")) for f in e.json["result"]["faults"]]
                  for e, v in zip(ends, (other, nothing))]
        assert ends[0].json["state"] == "FAILED" and faults[0] == faults[1] and faults[0], column
        assert not holds(ends[0], secret, sent=other)
    row = {**people.one(unit=unit), "证件号码": people.id_number(), "手机": mark["mobile"]}
    row.pop("岗位编码")
    assert import_end(intruder, staff.csv_bytes([row])).json["state"] == "SUCCEEDED"


def test_not_a_byte_was_written(untouched):
    """Behind all requests above: the other tenant's tables are as they were."""
    assert untouched() == {}


def test_own_rows_are_served(open_doors, second):
    """The doors are open indeed: an employee without rights reads and hires at the build without checks,
    and is refused by the programs as they ship."""
    intruder = Intruder(open_doors, second, "EMPLOYEE")
    hire = next(o for o in JWT if o.name == "POST /api/v1/employees")
    body = intruder.good("employees")
    assert intruder.signed.post("/api/v1/employees", body).status == 404
    assert intruder.call(hire, None, body).status == 201
    grants = next(o for o in JWT if o.name == "GET /api/v1/grants")
    assert intruder.signed.get("/api/v1/grants").status == 403
    assert intruder.call(grants).status == 200


# ---- as they ship: the answers to one tenant do not depend on the other (P17) ----

def answers(company):
    """path -> body and ETag of everything that the tenant can read."""
    found = {}
    for what in LISTS:
        items, bodies = company.pages(what)
        found[what] = bodies
        for one in items if what not in ("stores", "grants") else []:
            got = company.reader(what).get(f"/api/v1/{what}/{one['id']}").expect(200)
            found[what, one["id"]] = (got.body, got.etag)
    return found


def change_a_lot(company):
    hr, tag = company.hr, secrets.token_hex(4)
    unit = hr.post("/api/v1/org-units", {"code": "W" + tag, "kind": "STORE", "name": "新店", "effective_date":
                   "2025-01-01"}).expect(201).json
    hired = hr.post("/api/v1/employees", {"employee_number": "W" + tag, "name": "新人", "hire_date": "2025-02-01",
                    "org_unit_id": unit["id"], "employment_type": "FULL_TIME"}).expect(201).json
    renamed = hr.patch(f"/api/v1/employees/{hired['id']}", {"name": "改名"}, etag=hired["etag"]).expect(200).json
    store = next(s["id"] for s in company.items("stores") if s["code"] == "S001")
    moved = hr.post(f"/api/v1/employees/{hired['id']}:transfer", {"org_unit_id": store, "effective_date": "2025-06-01"},
                    etag=renamed["etag"]).expect(200).json
    hr.patch(f"/api/v1/org-units/{unit['id']}", {"name": "改店", "effective_date": "2025-07-01"},
             etag=unit["etag"]).expect(200)
    account = staff.account_of(company.admin, "W" + tag)
    staff.grant(company.suite, company.admin, company.tenant, account_id=account["id"], role="AUDITOR")
    hr.post("/api/v1/posts", {"code": "W" + tag, "name": "新岗"}).expect(201)
    row = staff.Staff(tag, "V" + tag).one(unit="W" + tag)
    del row["岗位编码"]
    staff.load(hr, [row])
    hr.post(f"/api/v1/employees/{hired['id']}:end", {"effective_date": "2025-09-01", "reason": "RESIGNED"},
            etag=moved["etag"]).expect(200)


def test_one_tenant_does_not_hear_the_other(suite, demo, second, figure):
    before, own = answers(demo), second.pages("employees")
    change_a_lot(second)
    after = answers(demo)
    assert {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)} == set()
    assert second.pages("employees") != own  # there was a change
    figure(f"{len(before)} answers to one tenant the same byte by byte while the other changed")


# ---- in SQL ----

class Sql:
    """psql as a runtime role: each statement in a transaction of its own that is rolled back."""

    def __init__(self, suite, service, role):
        self.suite, self.service, self.user = suite, service, f"{service}_{role}"
        self.password = (suite.run_dir / "secrets" / f"pg_{service}_{role}").read_text().strip()

    def many(self, statements, **settings):
        """(what it returned, None) or (None, SQLSTATE) of each, with the settings of row security as given."""
        given = "".join(f"set local renhe.{k} = '{v}';\n" for k, v in settings.items())
        script = "".join(f"begin;\n{given}{one};\n\\echo @:SQLSTATE\nrollback;\n" for one in statements)
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-U", self.user, "-d", self.service, "-h", str(self.suite.run_dir / "pg"),
             "-p", str(int(self.suite.env["RENHE_PORT_BASE"]) + 40)], input=script, text=True, capture_output=True,
            env={"PGPASSWORD": self.password, "PATH": "/usr/bin:/bin"}, timeout=60)
        found = re.findall(r"(.*?)@(\w{5})\n", done.stdout, re.S)
        assert len(found) == len(statements), done.stderr
        return [(text.strip(), None) if state == "00000" else (None, state) for text, state in found]

    def each(self, names, template, **settings):
        """Name -> result of the statement with the name in it."""
        names = list(names)
        return dict(zip(names, self.many([template.format(n) for n in names], **settings)))


DENIED = "42501"  # a missing grant, and a row that the policy refuses
NOT_NULL = "23502"
# Generations by account and session, for the gateways: no personal data, readable by identity over all
# tenants, because the list for the gateways is one (see 0001_identity.sql). Writing is closed as elsewhere.
OPEN_TO_READ = {"revocation"}
WITHOUT_TENANT = {"identity": {"tenant", "signing_key", "common_password", "schema_migration"}, "archive": {"schema_migration"},
                  "payroll": {"schema_migration"}}
KEEPS_NOTHING = {"payroll"}  # calculators: its tables are those of the chassis, and hardly ever written
RELAY_MAY = {"audit_log": "SELECT", "audit_unsealed": "SELECT",  # whose rows wait to be sealed
             "outbox": "SELECT DELETE", "inbox": "SELECT DELETE", "job": "SELECT UPDATE", "timer": "SELECT UPDATE",
             "schema_migration": "SELECT",
             "idempotency": "SELECT DELETE",   # stored answers end after two days
             "inbox_sequence": "SELECT",       # how far each aggregate is, for operators
             "sealed_fill": "SELECT",          # whose records were closed with other keys, before anyone is served
             "tenant_key": "SELECT UPDATE"}    # wrapped anew under another root key, before anyone is served
# Where what failed came from and why; never what it says or whom it is about by key.
RELAY_MAY_SEE_IN_PART = {"dead_letter", "parked_event"}
RELAY_NEVER_SEES = {"key", "payload"}
# Whose rows stand in a projection, for its rebuild; nothing of what they say.
RELAY_KNOWS_TENANTS_OF = {"people_person", "people_employment", "people_assignment", "people_unit", "people_grant", "people_grant_version"}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture(scope="module", params=rows.SERVICES)
def service(request):
    return request.param


def granted(suite, service, role):
    """Right -> tables."""
    found = {right: set() for right in RIGHTS}
    for table, *has in suite.psql_all(service, "select relname, " + ", ".join(
            f"has_table_privilege('{service}_{role}', oid, '{right}')" for right in RIGHTS) +
            " from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"):
        for right, yes in zip(RIGHTS, has):
            if yes == "t":
                found[right].add(table)
    return found


def least(service, n):
    return 0 if service in KEEPS_NOTHING else n


def test_every_table_is_under_row_security(suite, service):
    known = rows.tables(suite, service)
    assert {t for t, has in known.items() if not has} == WITHOUT_TENANT[service]
    forced = {r[0] for r in suite.psql_all(service, """select relname from pg_class where relkind in ('r', 'p')
              and relnamespace = 'public'::regnamespace and relrowsecurity and relforcerowsecurity""")}
    assert forced == {t for t, has in known.items() if has}
    unique_without_tenant = suite.psql_all(service, """
        select c.relname from pg_class c join pg_index i on i.indrelid = c.oid and i.indisunique
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnum <> all (i.indkey::int2[])
        where c.relnamespace = 'public'::regnamespace""")
    assert unique_without_tenant == []  # it would tell of the others' rows


def test_roles_own_nothing(suite, service):
    for role in ("app", "relay"):
        name = f"{service}_{role}"
        assert suite.psql_all(service, f"""
            select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication,
            (select count(*) from pg_class where relowner = r.oid), (select count(*) from pg_proc where proowner = r.oid),
            (select count(*) from pg_auth_members where member = r.oid), has_schema_privilege(rolname, 'public', 'CREATE'),
            has_database_privilege(rolname, current_database(), 'CREATE')
            from pg_roles r where rolname = '{name}'""") == [["f", "0", "0", "0", "f", "f"]]
        may = granted(suite, service, role)
        assert not (may["TRUNCATE"] | may["REFERENCES"] | may["TRIGGER"])
    # No function runs with more than its caller's rights.
    assert suite.psql_all(service, "select proname from pg_proc where pronamespace = 'public'::regnamespace "
                          "and prosecdef") == []


def test_roles_stay_in_their_database(suite, service):
    other = next(s for s in rows.SERVICES if s != service)
    for role in ("app", "relay", "owner"):
        own, foreign = suite.psql_all(service, f"""select has_database_privilege('{service}_{role}', '{service}', 'CONNECT'),
            has_database_privilege('{other}_{role}', '{service}', 'CONNECT')""")[0]
        assert (own, foreign) == ("t", "f"), role


def test_no_setting_no_rows(suite, service):
    app = Sql(suite, service, "app")
    readable = granted(suite, service, "app")["SELECT"]
    closed = [t for t, has in rows.tables(suite, service).items() if has and t in readable - OPEN_TO_READ]
    for settings in ({}, {"tenant_id": ""}, {"scopes": "self,team,store,tenant"},
                     {"tenant_id": str(uuid.uuid4()), "scopes": "tenant"}):
        assert app.each(closed, 'select count(*) from "{}"', **settings) == {t: ("0", None) for t in closed}
    full = suite.psql_all(service, " union all ".join(f"select count(*) > 0 from \"{t}\"" for t in closed))
    assert full.count(["t"]) >= least(service, 8)  # the tables that showed nothing do hold rows


def test_a_tenant_sees_its_own(suite, second, service):
    app = Sql(suite, service, "app")
    own = {"tenant_id": second.id, "scopes": "tenant"}
    may = granted(suite, service, "app")["SELECT"]
    readable = sorted(t for t, has in rows.tables(suite, service).items() if has and t in may - OPEN_TO_READ)
    seen = app.each(readable, "select count(*) from \"{}\" where tenant_id <> '" + second.id + "'", **own)
    assert seen == {t: ("0", None) for t in readable}
    # Enough of its own; those that stand still agree with what there is.
    seen = app.each(readable, 'select count(*) > 0 from "{}"', **own)
    full = suite.psql_all(service, " union all ".join(
        f"select exists (select 1 from \"{t}\" where tenant_id = '{second.id}')" for t in readable))
    assert [seen[t] for t in readable] == [(f, None) for (f,) in full]
    assert full.count(["t"]) >= least(service, 6)


def test_a_tenant_writes_its_own(suite, demo, second, service):
    """The row policy is asked before the constraints: a foreign tenant gets its refusal, the own one
    hears of the values that are missing."""
    app = Sql(suite, service, "app")
    own = {"tenant_id": second.id, "scopes": "tenant", "account_id": str(uuid.uuid4())}
    may = granted(suite, service, "app")
    closed = [t for t, has in rows.tables(suite, service).items() if has]
    denied = {t: (None, DENIED) for t in closed}
    insert = "insert into \"{{}}\" (tenant_id) values ('{}')"
    assert app.each(closed, insert.format(demo.id), **own) == denied
    tried = app.each(may["INSERT"] & set(closed), insert.format(second.id), **own)
    assert {state for _, state in tried.values()} <= {NOT_NULL, None} and len(tried) >= 10
    changed = app.each(closed, "update \"{}\" set tenant_id = '" + demo.id + "'", **own)
    filled = {t for t, (n, _) in app.each(may["UPDATE"] & set(closed), "select 1 from \"{}\" where tenant_id = '" +
                                          second.id + "' limit 1", **own).items() if n == "1"}
    assert {t for t, (_, state) in changed.items() if state != DENIED} == (may["UPDATE"] & set(closed)) - filled
    assert len(filled) >= least(service, 5)
    # What it may not delete at all, and what of the other it cannot reach.
    gone = app.each(closed, "delete from \"{}\" where tenant_id = '" + demo.id + "'", **own)
    assert {t for t, (_, state) in gone.items() if state is None} == may["DELETE"] & set(closed)
    assert app.each(closed, 'truncate "{}"', **own) == denied


def test_relay_reads_what_it_relays(suite, service):
    relay = Sql(suite, service, "relay")
    may = granted(suite, service, "relay")
    for right in RIGHTS:
        assert may[right] == {t for t, rights in RELAY_MAY.items() if right in rights.split()}, right
    seen = relay.each(rows.tables(suite, service), 'select count(*) from "{}"')
    assert {t for t, (_, state) in seen.items() if state is None} == set(RELAY_MAY) | RELAY_MAY_SEE_IN_PART | RELAY_KNOWS_TENANTS_OF
    for table in RELAY_KNOWS_TENANTS_OF:
        open_to_it = {r[0] for r in suite.psql_all(service, f"""select attname from pg_attribute where attrelid = '{table}'::regclass
                      and attnum > 0 and has_column_privilege('{service}_relay', attrelid, attnum, 'SELECT')""")}
        assert open_to_it == {"tenant_id"}, table
    for table in RELAY_MAY_SEE_IN_PART:
        hidden = {r[0] for r in suite.psql_all(service, f"""select attname from pg_attribute where attrelid = '{table}'::regclass
                  and attnum > 0 and not has_column_privilege('{service}_relay', attrelid, attnum, 'SELECT')""")}
        assert hidden >= RELAY_NEVER_SEES, table
    assert {state for _, state in seen.values()} == {None, DENIED}
