"""One account's own data (PIPL art. 45): who may ask for whose, that everything identity holds of it is there and no
secret is, and that nothing is left to give after an erasure."""
import json
import re
import secrets

import pytest

import contract
import staff
from erasures import erased, leaver
from renhe import CHECKOUT
from tenants import Tenant

PATH = "/api/v1/account-data-exports"
# Tables with an account's id that hold nothing of its owner's beyond what is in the answer, and why.
LEFT_OUT = {"recovery_code": "counted among the second factors", "sign_in_name": "in account", "challenge": "five minutes of a sign-in",
            "account": "in account", "job": "its input is sealed and ends with it", "idempotency": "answers that were given, for two days",
            "role_grant": "grants", "people_grant": "a projection of role_grant", "people_grant_version": "a projection of role_grant"}
# What these programs themselves keep of whoever acts.
OF_THE_CHASSIS = {"audit", "pending_request"}


@pytest.fixture(scope="module")
def company(suite):
    return Tenant(suite)


@pytest.fixture(scope="module")
def person(suite, company):
    unit = company.hr.post("/api/v1/org-units", {"code": "A1", "name": "账号店", "kind": "STORE", "effective_date": "2020-01-01"}).expect(201).json["id"]
    row = staff.Staff("account data " + secrets.token_hex(4), "AD").one()
    company.hr.post("/api/v1/employees", {"employee_number": row["工号"], "name": row["姓名"], "hire_date": "2024-02-01", "org_unit_id": unit,
                                          "employment_type": "FULL_TIME"}).expect(201)
    [me] = staff.joined(suite, company.hr, company.code, [row["工号"]])
    me.name = row["姓名"]
    me.sign_in(suite)
    return me


def test_everything_is_there(suite, company, person):
    company.admin.post("/api/v1/grants", {"account_id": person.account_id, "role": "PAYROLL"}).expect(201, 202)
    person.sign_in(suite)
    answer = person.client.post(PATH, {}).expect(200)
    data = answer.json
    assert (data["account_id"], data["name"]) == (person.account_id, person.name)
    assert data["account"]["sign_in_names"] == [person.number] and data["account"]["state"] == "ACTIVE"
    assert [s["from_date"] for s in data["spans"]] == ["2024-02-01"] and [s["employee_id"] for s in data["spans"]] == [person.employee_id]
    assert len(data["sessions"]) >= 2 and [g["role"] for g in data["grants"]] == ["PAYROLL"]
    assert len(data["activations"]) == 1 and "used_time" in data["activations"][0]
    hr, acts = company.hr.get("/api/v1/me").expect(200).json["account_id"], {(a["act"], a.get("account_id")) for a in data["acts"]}
    assert {("session.open", None), ("account.issue_activation", hr)} <= acts, acts
    assert all("peer" in a for a in data["acts"] if a["act"] == "session.open")
    assert all("peer" not in a for a in data["acts"] if a.get("account_id") == hr), "where others sat"
    # No secret, whatever it is called.
    text = answer.body.decode()
    hashes = suite.psql_all("identity", f"select password_hash from account where id = '{person.account_id}' union all "
                                        f"select code_hash from activation where account_id = '{person.account_id}'")
    assert len(hashes) == 2 and not any(h[0] in text for h in hashes)
    assert not re.search(r"password|hash|secret", re.sub(r'"second_factor[a-z_]*"', "", text)), text


def test_hr_for_whoever_asks(company, person):
    refusal = company.hr.post(PATH, {"account_id": person.account_id})
    assert refusal.status == 422 and [e["pointer"] for e in refusal.json["errors"]] == ["/reason"]
    asked = company.hr.post(PATH, {"account_id": person.account_id, "reason": "本人书面申请"}).expect(200).json
    own = person.client.post(PATH, {}).expect(200).json
    for name in ("account", "spans", "grants", "devices", "activations"):
        assert asked.get(name) == own.get(name), name
    assert {a["act"] for a in asked["acts"]} <= {a["act"] for a in own["acts"]}
    assert [a["account_id"] for a in own["acts"] if a["act"] == "account.data_export"][-1] == company.hr.get("/api/v1/me").json["account_id"]


def test_nobody_else(suite, company, person):
    other = suite.account("HR", "demo")
    for role in ("EMPLOYEE", "MANAGER", "STORE_MANAGER", "PAYROLL", "AUDITOR", "TENANT_ADMIN", "PLATFORM_OPERATOR"):
        client = suite.sign_in_as(role)
        target = suite.sign_in_as("HR", "demo").get("/api/v1/me").expect(200).json["account_id"]
        answer = client.post(PATH, {"account_id": target, "reason": "好奇"})
        assert answer.status in (403, 404) and other["sign_in_name"].encode() not in answer.body, (role, answer.body)
        client.post(PATH, {}).expect(200)
    assert suite.sign_in_as("HR", "demo").post(PATH, {"account_id": person.account_id, "reason": "别的公司"}).code == "ACCOUNT_NOT_FOUND"
    assert suite.client().post(PATH, {}).status == 401


def test_it_needs_fresh_authentication(suite, person):
    client = person.sign_in(suite)
    session = client.get("/api/v1/me").expect(200).json["session_id"]
    suite.psql_all("identity", f"update session set auth_time = auth_time - 302 where id = '{session}'")
    old = suite.client(token=client.post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token}).expect(200).json["access_token"])
    assert old.post(PATH, {}).code == "STEP_UP_REQUIRED"
    person.sign_in(suite)


def test_every_table_is_thought_of(suite):
    """A new table that knows accounts is asked by a query here, or stands above with the reason."""
    tables = {t for t, in suite.psql_all("identity", "select table_name from information_schema.columns where column_name = 'account_id' "
                                         "and table_schema = 'public'")}
    sql = (CHECKOUT / "services" / "identity" / "sql" / "account_data.sql").read_text()
    asked = {t for t in tables if re.search(rf"\b(from|join) {t}\b", sql)}
    assert asked >= {"session", "known_device", "activation", "totp", "account_span"} | OF_THE_CHASSIS
    assert tables - asked <= set(LEFT_OUT), tables - asked - set(LEFT_OUT)


def test_nothing_after_an_erasure(suite):
    hr, other = suite.sign_in_as("HR", "demo"), suite.second("HR", "demo")
    body, one = leaver(hr)
    account = staff.account_of(hr, body["employee_number"])["id"]
    asked = hr.post(PATH, {"account_id": account, "reason": "本人申请"}).expect(200)
    assert body["name"] in json.dumps(asked.json, ensure_ascii=False)
    erased(suite, hr, other, one["person_id"])
    assert hr.post(PATH, {"account_id": account, "reason": "本人申请"}).code == "ACCOUNT_NOT_FOUND"


def test_answers_are_not_stored():
    """They hold what nobody should find again."""
    op = next(o for o in contract.operations("POST") if o.path == PATH)
    assert "Idempotency-Key" not in op.headers
