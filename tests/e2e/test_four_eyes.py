"""Rights are widened by two administrators (Z18, decision 9), but for a company's first one; administration
and audit are never in one hand; and what was done is read by those who may, masked where they may not see it.
"""
import secrets

import pytest

import staff
from renhe import wait_until

TOPIC = "renhe.identity.process.v1"


@pytest.fixture(scope="module")
def admin(suite):
    return suite.sign_in_as("TENANT_ADMIN", "demo")


@pytest.fixture(scope="module")
def other(suite):
    return suite.second("TENANT_ADMIN", "demo")


@pytest.fixture(scope="module")
def joiner(suite):
    """Makes people with an account and no role but their employment's."""
    hr = suite.sign_in_as("HR", "demo")
    tag = "F" + secrets.token_hex(3)
    made = staff.Staff(tag, tag)

    def one():
        row = made.one()
        staff.load(hr, [row])
        return staff.account_of(hr, row["工号"])
    return one


@pytest.fixture(scope="module")
def founded(suite):
    """A new company whose administrator is alone: (code, client)."""
    operator = suite.sign_in_as("PLATFORM_OPERATOR")

    def found():
        code = "fe" + secrets.token_hex(4)
        made = operator.post("/api/v1/tenants", {"code": code, "name": "四眼", "admin_sign_in_name": "chief",
                             "second_factor_required": False}).expect(201).json
        return code, entered(suite, code, "chief", made["admin_activation_code"])
    return found


def entered(suite, tenant, name, code):
    password = "Renhe-" + secrets.token_urlsafe(9)
    suite.client().post("/api/v1/accounts:activate", {"tenant": tenant, "sign_in_name": name, "activation_code": code,
                        "password": password}).expect(204)
    return suite.sign_in(tenant, name, password)


def decide(client, request, verb, **body):
    return client.post(f"/api/v1/grant-requests/{request['id']}:{verb}", body)


def roles(client, account_id):
    return {g["role"] for g in client.get("/api/v1/grants", query={"account_id": account_id}).expect(200).json["items"]}


def own_id(client):
    return client.get("/api/v1/me").expect(200).json["account_id"]


def audit(client, path="/api/v1/sign-in-audit-entries", **query):
    return client.get(path, query=query).expect(200).json["items"]


# ---- granting ----

def test_a_grant_waits_for_another_administrator(suite, admin, other, joiner):
    account = joiner()
    asked = admin.post("/api/v1/grants", {"account_id": account["id"], "role": "PAYROLL"})
    request = asked.expect(202).json
    assert asked.headers["location"] == f"/api/v1/grant-requests/{request['id']}" and roles(admin, account["id"]) == set()
    assert decide(admin, request, "approve").code == "REQUEST_OF_ONE_PERSON"
    shown = other.get(f"/api/v1/grant-requests/{request['id']}").expect(200).json
    assert {c["field"]: c["new_value"] for c in shown["changes"]} == {"account_id": account["id"], "role": "PAYROLL"}
    assert sorted(shown["allowed_actions"]) == ["approve", "reject"]
    for role in ("HR", "EMPLOYEE", "AUDITOR"):
        assert decide(suite.sign_in_as(role, "demo"), request, "approve").status == 403
    assert decide(suite.sign_in_as("TENANT_ADMIN", "second"), request, "approve").status == 404
    decide(other, request, "approve").expect(200)
    assert roles(admin, account["id"]) == {"PAYROLL"}
    assert [e["result"] for e in audit(suite.sign_in_as("AUDITOR", "demo"), act="grant.create")][:1] == ["ok"]
    wait_until(lambda: sum(request["id"].encode() in (e.value or b"") for e in suite.events(TOPIC)) == 2, 10, "both events")


def test_a_rejected_grant_is_none(admin, other, joiner):
    account = joiner()
    request = admin.post("/api/v1/grants", {"account_id": account["id"], "role": "HR"}).expect(202).json
    done = decide(other, request, "reject", reason="未经批准").expect(200).json
    assert done["state"] == "REJECTED" and roles(admin, account["id"]) == set()
    assert decide(other, request, "approve").code == "REQUEST_DECIDED"


def test_rights_for_oneself(admin, other):
    """Z18: he may ask; another one decides; who is to gain never does."""
    request = admin.post("/api/v1/grants", {"account_id": own_id(admin), "role": "PAYROLL"}).expect(202).json
    assert decide(admin, request, "approve").status == 403
    decide(admin, request, "withdraw").expect(200)
    request = admin.post("/api/v1/grants", {"account_id": own_id(other), "role": "PAYROLL"}).expect(202).json
    refusal = decide(other, request, "approve")
    assert (refusal.status, refusal.code) == (409, "REQUEST_NOT_APPLICABLE") and roles(admin, own_id(other)) == {"TENANT_ADMIN"}
    decide(admin, request, "withdraw").expect(200)


def test_no_way_round_by_a_made_up_account(suite, admin, other):
    """An account with a role is a grant: nothing of it is there before the other one agrees, not even its name."""
    name = "puppet-" + secrets.token_hex(4)
    asked = admin.post("/api/v1/accounts", {"sign_in_name": name, "roles": ["TENANT_ADMIN"]}).expect(202)
    assert "activation_code" not in asked.body.decode()
    assert admin.get("/api/v1/accounts", query={"sign_in_name": name}).json["items"] == []
    decided = decide(other, asked.json, "approve").expect(200)
    assert "activation_code" not in decided.body.decode()
    made = admin.get("/api/v1/accounts", query={"sign_in_name": name}).json["items"][0]
    assert made["roles"] == ["TENANT_ADMIN"]


def test_roles_are_taken_away_at_once_but_an_administrators(admin, other, joiner, suite):
    account = joiner()
    grant = staff.grant(suite, admin, "demo", account_id=account["id"], role="PAYROLL")
    assert admin.delete(f"/api/v1/grants/{grant['id']}", etag='"v1"').status == 204 and roles(admin, account["id"]) == set()
    held = next(g for g in admin.get("/api/v1/grants", query={"account_id": own_id(other)}).json["items"])
    request = admin.delete(f"/api/v1/grants/{held['id']}", etag='"v1"').expect(202).json
    shown = admin.get(f"/api/v1/grant-requests/{request['id']}").expect(200).json
    assert {c["field"]: c["old_value"] for c in shown["changes"]} == {"account_id": own_id(other), "role": "TENANT_ADMIN"}
    decide(admin, request, "withdraw").expect(200)
    assert roles(admin, own_id(other)) == {"TENANT_ADMIN"}


# ---- the first one ----

def test_the_first_administrator_is_alone_until_another_has_signed_in(suite, founded):
    code, chief = founded()
    hr = chief.post("/api/v1/accounts", {"sign_in_name": "hr", "roles": ["HR"]}).expect(201).json
    auditor = chief.post("/api/v1/accounts", {"sign_in_name": "auditor", "roles": ["AUDITOR"]}).expect(201).json
    second = chief.post("/api/v1/accounts", {"sign_in_name": "deputy", "roles": ["TENANT_ADMIN"]}).expect(201).json
    assert chief.post("/api/v1/grants", {"account_id": hr["id"], "role": "PAYROLL"}).status == 201  # made, not yet signed in
    assert (chief.post("/api/v1/grants", {"account_id": own_id(chief), "role": "PAYROLL"}).code) == "ROLE_NOT_GRANTABLE"
    grant = next(g for g in chief.get("/api/v1/grants", query={"account_id": own_id(chief)}).json["items"])
    assert chief.delete(f"/api/v1/grants/{grant['id']}", etag='"v1"').code == "LAST_ADMINISTRATOR"
    alone = audit(entered(suite, code, "auditor", auditor["activation_code"]), act="grant.create")
    assert [e["result"] for e in alone] == ["alone"]

    deputy = entered(suite, code, "deputy", second["activation_code"])
    assert chief.post("/api/v1/grants", {"account_id": hr["id"], "role": "MANAGER"}).status == 202
    assert deputy.post("/api/v1/accounts", {"sign_in_name": "more", "roles": ["HR"]}).status == 202


# ---- apart ----

@pytest.mark.parametrize("first, then", [("AUDITOR", "TENANT_ADMIN"), ("TENANT_ADMIN", "AUDITOR")])
def test_administration_and_audit_in_one_hand(suite, admin, joiner, first, then):
    """9.1 item 3: the grant of the second is refused when it is asked for; and no account is made with both."""
    account = joiner()
    staff.grant(suite, admin, "demo", account_id=account["id"], role=first)
    refusal = admin.post("/api/v1/grants", {"account_id": account["id"], "role": then})
    assert (refusal.status, refusal.code) == (409, "ROLES_KEPT_APART")
    refusal = admin.post("/api/v1/accounts", {"sign_in_name": "x-" + secrets.token_hex(4), "roles": [then, "HR", first]})
    assert (refusal.status, refusal.code) == (409, "ROLES_KEPT_APART")
    assert admin.post("/api/v1/grants", {"account_id": account["id"], "role": "PAYROLL"}).status == 202


def test_both_asked_for_one_by_one(admin, other, joiner):
    """Each alone was fine when it was asked for: the second one approved no longer is."""
    account = joiner()
    one, two = (admin.post("/api/v1/grants", {"account_id": account["id"], "role": r}).expect(202).json for r in ("AUDITOR", "TENANT_ADMIN"))
    decide(other, one, "approve").expect(200)
    refusal = decide(other, two, "approve")
    assert refusal.status == 409 and "ROLES_KEPT_APART" in [e["code"] for e in refusal.json["errors"]]
    assert roles(admin, account["id"]) == {"AUDITOR"}


def test_stores_of_a_grant_are_there(suite, admin, joiner):
    account = joiner()
    store = suite.account("STORE_MANAGER", "demo")["org_unit_id"]
    foreign = suite.account("STORE_MANAGER", "second")["org_unit_id"]
    body = {"account_id": account["id"], "role": "STORE_MANAGER"}
    for wrong in ([foreign], [store, account["id"]], ["01900000-0000-7000-8000-000000000001"]):
        refusal = admin.post("/api/v1/grants", {**body, "store_ids": wrong})
        assert (refusal.status, refusal.code) == (422, "STORE_UNKNOWN"), wrong
    assert staff.grant(suite, admin, "demo", **body, store_ids=[store])["store_ids"] == [store]


# ---- the audit ----

PATHS = ("/api/v1/audit-entries", "/api/v1/sign-in-audit-entries")


@pytest.mark.parametrize("path", PATHS)
def test_who_reads_the_audit(suite, path):
    for role, status in (("AUDITOR", 200), ("TENANT_ADMIN", 200), ("HR", 403), ("PAYROLL", 403), ("MANAGER", 403), ("STORE_MANAGER", 403),
                         ("EMPLOYEE", 403), ("PLATFORM_OPERATOR", 404)):
        assert suite.sign_in_as(role, None if role == "PLATFORM_OPERATOR" else "demo").get(path).status == status, role
    assert suite.client().get(path).status == 401


def test_the_audit_shows_subjects_to_the_auditor_alone(suite, admin):
    person = suite.account("EMPLOYEE", "demo")["employee_id"]
    reason = "核对 " + secrets.token_hex(4)
    suite.sign_in_as("HR", "demo").post(f"/api/v1/employees/{person}:reveal", {"reason": reason}).expect(200)
    auditor = suite.sign_in_as("AUDITOR", "demo")
    path = PATHS[0]
    seen = audit(auditor, path, act="employee.reveal", resource_id=person)
    assert seen[0]["reason"] == reason and seen[0]["resource_id"] == person and seen[0]["person_id"] and "*" not in seen[0]["peer"]
    masked = next(e for e in audit(admin, path, act="employee.reveal") if e["id"] == seen[0]["id"])
    assert masked["account_id"] == seen[0]["account_id"] and masked["act"] == "employee.reveal"
    for field in ("person_id", "resource_id", "reason", "peer"):
        assert masked[field] != seen[0][field] and "*" in masked[field], field
    refusal = admin.get(path, query={"resource_id": person})  # the filter would tell what the mask hides
    assert (refusal.status, refusal.code) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("path", PATHS)
def test_filters_and_pages_of_the_audit(suite, path):
    auditor = suite.sign_in_as("AUDITOR", "demo")
    for _ in range(5):
        audit(auditor, path, page_size=1)
    found, token = [], None
    while len(found) < 5:
        page = auditor.get(path, query={"page_size": 2, "act": "audit.read", **({"page_token": token} if token else {})}).expect(200).json
        found += page["items"]
        token = page.get("next_page_token")
        if not token:
            break
    # Each look is itself an entry, so the pages move on while one reads: nothing comes twice all the same.
    assert len({e["id"] for e in found}) == len(found) >= 5
    times = [e["act_time"] for e in found]
    assert times == sorted(times, reverse=True) and all(e["act"] == "audit.read" for e in found)
    inside = audit(auditor, path, act="audit.read", **{"act_time.gte": times[2], "act_time.lt": times[0]})
    assert {e["act_time"] for e in inside} == set(times[1:3])
    mine = auditor.get("/api/v1/me").json["account_id"]
    assert {e["account_id"] for e in audit(auditor, path, account_id=mine)} == {mine}
    assert audit(auditor, path, act="no.such") == []
