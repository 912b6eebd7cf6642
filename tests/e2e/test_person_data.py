"""One person's own data as a file (PIPL art. 45): who may ask for whom, that nothing of the contract is left out, in
clear and with its whole history, for programs and for people; for whoever asked, for a day, and not after erasure."""
import datetime
import io
import json
import re
import secrets

import openpyxl
import pytest

import contract
import planted
import staff
from erasures import erased, leaver
from renhe import CHECKOUT, wait_until
from tenants import Tenant

PATH = "/api/v1/person-data-exports"
SCHEMAS = contract.DOCUMENT["components"]["schemas"]
HIRE = next(o for o in contract.operations("POST") if o.path == "/api/v1/employees")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Of the answer and of requests, not of the person.
AROUND = {"etag", "allowed_actions", "restricted_fields", "effective_date"}


@pytest.fixture(scope="module")
def company(suite):
    return Tenant(suite)


@pytest.fixture(scope="module")
def unit(company):
    made = [company.hr.post("/api/v1/org-units", {"code": c, "name": f"店 {c}", "kind": "STORE", "effective_date": "2020-01-01"}).expect(201).json
            for c in ("P1", "P2")]
    return [u["id"] for u in made]


@pytest.fixture(scope="module")
def post(company):
    return company.hr.post("/api/v1/posts", {"code": "P", "name": "店员"}).expect(201).json["id"]


PEOPLE = staff.Staff("person data " + secrets.token_hex(4), "PD")


@pytest.fixture(scope="module")
def person(suite, company, unit, post):
    """Someone with every field that a hire can have, a changed phone, a transfer ahead, and an account."""
    row = PEOPLE.one()
    body = contract.body(HIRE, {"employee_number": row["工号"], "name": "全 " + secrets.token_hex(3), "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
                                "mobile": row["手机"], "org_unit_id": unit[0], "post_id": post, "hire_date": "2024-02-01", "sex": None,
                                "probation_end_date": "2024-05-01", "employment_type": "FULL_TIME"}, every=True)
    body = {k: v for k, v in body.items() if k not in ("person_id", "sex", "birth_date", "effective_date")}  # the number says sex and birth
    company.hr.post("/api/v1/employee-fields", {"key": "allergy", "name_zh": "过敏", "type": "TEXT", "field_class": "HEALTH"}).expect(201)
    body["custom_fields"] = {"allergy": "花生" + row["工号"]}
    one = company.hr.post("/api/v1/employees", body).expect(201).json
    path = f"/api/v1/employees/{one['id']}"
    one = company.hr.patch(path, {"mobile": "13712345678"}, etag=one["etag"]).expect(200).json
    company.hr.post(path + ":transfer", {"org_unit_id": unit[1], "effective_date": "2099-01-01"}, etag=one["etag"]).expect(200)
    [me] = staff.joined(suite, company.hr, company.code, [row["工号"]])
    me.sign_in(suite)
    me.body = {**body, **body["custom_fields"]}
    del me.body["custom_fields"]
    return me


def ask(client, form="JSON", **more):
    answer = client.post(PATH, {"format": form, **more}, key=secrets.token_hex(8)).expect(202)
    assert answer.headers["location"] == f"{PATH}/{answer.json['id']}"
    return answer.json["id"]


def end(client, export):
    def look():
        job = client.get(f"{PATH}/{export}").expect(200).json
        return job if job["state"] in ("SUCCEEDED", "FAILED") else None
    job = wait_until(look, 60, "the end of the export")
    assert job["state"] == "SUCCEEDED", job
    return job["result"]


def fetch(client, form="JSON", **more):
    export = ask(client, form, **more)
    result = end(client, export)
    file = client.get(f"{PATH}/{export}/file").expect(200)
    assert len(file.body) == result["bytes"] and result["rows"] > 5
    return export, file


# ---- who ----

def test_who_may_ask_for_whom(suite):
    other = suite.account("EMPLOYEE", "demo")["person_id"]
    reason = {"reason": "本人书面申请"}
    may = {"HR": 202, "EMPLOYEE": 404, "PLATFORM_OPERATOR": 404}
    for role in ("HR", "EMPLOYEE", "MANAGER", "STORE_MANAGER", "PAYROLL", "AUDITOR", "TENANT_ADMIN", "PLATFORM_OPERATOR"):
        client, account = suite.sign_in_as(role), suite.account(role)
        target = suite.account("HR", "demo")["person_id"] if role == "EMPLOYEE" else other
        answer = client.post(PATH, {"format": "JSON", "person_id": target, **reason}, key=secrets.token_hex(8))
        assert answer.status == may.get(role, 403), (role, answer.body)
        own = client.post(PATH, {"format": "JSON"}, key=secrets.token_hex(8))
        assert (own.status == 202) == bool(account.get("person_id")), (role, own.body)
    assert suite.client().post(PATH, {"format": "JSON"}).status == 401


def test_of_another_tenant_is_nobody(suite):
    hr = suite.sign_in_as("HR", "demo")
    foreign = suite.account("EMPLOYEE", "second")["person_id"]
    for person_id in (foreign, "01900000-0000-7000-8000-000000000001"):
        assert hr.post(PATH, {"format": "JSON", "person_id": person_id, "reason": "本人申请"}).code == "PERSON_NOT_FOUND"


def test_hr_says_why(company, person):
    refusal = company.hr.post(PATH, {"format": "JSON", "person_id": person.person_id})
    assert refusal.status == 422 and [e["pointer"] for e in refusal.json["errors"]] == ["/reason"]


def test_it_needs_fresh_authentication(suite, company, person):
    client = person.sign_in(suite)
    session = client.get("/api/v1/me").expect(200).json["session_id"]
    suite.psql_all("identity", f"update session set auth_time = auth_time - 302 where id = '{session}'")
    old = suite.client(token=client.post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token}).expect(200).json["access_token"])
    assert old.post(PATH, {"format": "JSON"}).code == "STEP_UP_REQUIRED"
    person.sign_in(suite)


# ---- what ----

def held(value, found=None):
    """Every pair of name and plain value in the document."""
    found = set() if found is None else found
    if isinstance(value, dict):
        for name, one in value.items():
            held(one, found)
            if isinstance(one, (str, int, bool)):
                found.add((name, one))
    elif isinstance(value, list):
        for one in value:
            held(one, found)
    return found


def test_every_field_of_the_contract_is_there(suite, person, figure):
    """Read from the contract, so a field that is added to it must be in the file."""
    _, file = fetch(person.client)
    assert file.headers["content-type"] == "application/json"
    data = json.loads(file.body)
    [now] = data["employments"]
    wanted = set(SCHEMAS["archive.Employee"]["properties"]) - AROUND - {"end_date", "end_reason"}
    assert wanted <= set(now), wanted - set(now)
    classed = {n for n, s in SCHEMAS["archive.Employee"]["properties"].items() if "x-class" in s}
    assert classed >= {"id_number", "birth_date", "mobile", "email", "address", "emergency_contact"} and classed <= set(now)
    pairs = held(data)
    for name, value in person.body.items():
        assert (name, value) in pairs, name
    assert not any("*" in str(v) for n, v in pairs if n in classed), "masked"
    born = person.body["id_number"][6:14]
    assert now["birth_date"] == f"{born[:4]}-{born[4:6]}-{born[6:]}" and data["person_id"] == person.person_id
    figure(f"{len(wanted)} fields of Employee, {len(classed)} of them of a class, in clear; {len(file.body)} bytes")


def test_the_whole_history_is_there(suite, company, person, unit):
    data = json.loads(fetch(person.client)[1].body)
    records = data["person_records"]  # as of the hire, of the change and of the transfer
    assert [r["content"]["mobile"] for r in records] == [person.body["mobile"], "13712345678", "13712345678"]
    assert [r.get("recorded_to") for r in records] == [r["recorded_from"] for r in records[1:]] + [None]
    hr = company.hr.get("/api/v1/me").expect(200).json["account_id"]
    assert {r["account_id"] for r in data["person_records"] + data["employment_facts"]} == {hr}
    assert [f["fact_kind"] for f in data["employment_facts"]] == ["HIRED", "TRANSFERRED"]
    assert data["employment_facts"][1]["content"]["effective_date"] == "2099-01-01"
    believed = {(r["valid_from"], r.get("valid_to"), r["content"]["org_unit_id"]) for r in data["employment_records"] if "recorded_to" not in r}
    assert believed == {("2024-02-01", "2099-01-01", unit[0]), ("2099-01-01", None, unit[1])}


def test_who_looked_is_there(suite, company, person):
    company.hr.post(f"/api/v1/employees/{person.employee_id}:reveal", {"reason": "核对 秘密的原因"}).expect(200)
    person.client.patch(f"/api/v1/employees/{person.employee_id}", {"address": "新路 9 号"}, etag="*").expect(202)
    company.hr.post(f"/api/v1/persons/{person.person_id}:hold", {"reason": "秘密的争议", "end_date": "2099-01-01"}).expect(201)
    file = fetch(person.client)[1]
    data = json.loads(file.body)
    hr = company.hr.get("/api/v1/me").expect(200).json["account_id"]
    assert ("employee.reveal", hr) in {(a["act"], a["account_id"]) for a in data["acts"]}
    assert [(r["action"], r["state"], r["fields"]) for r in data["requests"]] == [("archive.UpdateEmployee", "PENDING", ["address"])]
    assert [h["end_date"] for h in data["legal_holds"]] == ["2099-01-01"]
    assert "秘密" not in file.body.decode(), "reasons that others gave"
    assert data["files"] and {f["media_type"] for f in data["files"]} == {"application/json"}  # those of the exports before
    company.hr.post(f"/api/v1/persons/{person.person_id}:release", {"reason": "结案"}).expect(200)


def test_a_rehire_has_both_employments(company, person, unit):
    other = {k: v for k, v in person.body.items() if k in ("name", "org_unit_id", "employment_type")}
    company.hr.post("/api/v1/employees", {**other, "person_id": person.person_id, "employee_number": person.number + "B",
                                          "hire_date": "2030-01-01"}).expect(201)
    data = json.loads(fetch(company.hr, person_id=person.person_id, reason="本人申请")[1].body)
    assert {e["employee_number"] for e in data["employments"]} == {person.number, person.number + "B"}
    assert len({r["content"]["id"] for r in data["employment_records"]}) == 2


def test_the_workbook_says_the_same(person):
    """Every value of the document stands in a row, under titles in both languages."""
    data = json.loads(fetch(person.client)[1].body)
    file = fetch(person.client, "XLSX")[1]
    assert file.headers["content-type"] == XLSX
    sheet = openpyxl.load_workbook(io.BytesIO(file.body)).active
    rows = [[c or "" for c in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == ["栏目 section", "项目 item", "内容 value"]
    found = {}
    for section, item, value in rows[1:]:
        found.setdefault(re.sub(r" \d+$", "", section), set()).add((item, value))
    now = found["任职（当前） employments, as of today"]
    for title, name in (("姓名 name", "name"), ("证件号码 document number", "id_number"), ("手机 mobile phone", "mobile"), ("住址 address", "address")):
        assert (title, data["employments"][0][name]) in now
    assert ("用工形式 employment type", "全日制 full time") in now
    texts = {v for pairs in found.values() for _, v in pairs}
    for name, value in held({k: v for k, v in data.items() if k not in ("acts", "files", "export_time")}):
        schema = contract.resolve(SCHEMAS["archive.Employee"]["properties"].get(name, {}))
        if isinstance(value, str) and "enum" not in schema:
            assert value in texts, name


# ---- for whom and how long ----

def test_only_for_whoever_asked(suite, company, person):
    mine, by_hr = ask(person.client), ask(company.hr, person_id=person.person_id, reason="本人申请")
    end(person.client, mine)
    end(company.hr, by_hr)
    for client, export in ((company.hr, mine), (person.client, by_hr), (suite.sign_in_as("HR", "second"), mine)):
        assert client.get(f"{PATH}/{export}").code == "EXPORT_NOT_FOUND"
        assert client.get(f"{PATH}/{export}/file").code == "EXPORT_NOT_FOUND"
    hr = suite.sign_in_as("HR", "demo")
    listed = hr.post("/api/v1/employee-exports", {"format": "CSV", "employee_number": "NOBODY"}).expect(202).json["id"]
    assert hr.get(f"{PATH}/{listed}").code == "EXPORT_NOT_FOUND"  # an export of another kind is none


def test_audited(suite, company, person):
    export, _ = fetch(company.hr, person_id=person.person_id, reason="本人书面申请 7")
    acts = suite.psql_all("archive", "select act, account_id <> '', coalesce(reason, '') from audit where tenant_id = "
                          f"'{company.id}' and (reason in ('本人书面申请 7', '{export}') or resource_id = '{export}') order by act_time")
    assert acts == [["person.data_export_ask", "t", "本人书面申请 7"], ["person.data_export", "t", export], ["person.data_export_fetch", "t", ""]]


def test_sealed_on_disk_for_a_day(suite, person):
    export, file = fetch(person.client)
    data, result = json.loads(file.body), person.client.get(f"{PATH}/{export}").expect(200).json["result"]
    made, gone = (datetime.datetime.fromisoformat(t.replace("Z", "+00:00")) for t in (data["export_time"], result["expire_time"]))
    assert gone - made == datetime.timedelta(days=1)
    blob = suite.psql_all("archive", f"select person_id, expire_time = '{result['expire_time']}' from blob where id = '{result['file_id']}'")
    assert blob == [[person.person_id, "t"]]
    values = [person.body[n] for n in ("id_number", "email", "address", "emergency_contact")]
    assert planted.search({"state and blobs": planted.files(suite.run_dir / "state")}, values) == {}


def test_gone_with_the_person(suite):
    """A file that was made before the erasure is no way around it."""
    hr, other = suite.sign_in_as("HR", "demo"), suite.second("HR", "demo")
    _, one = leaver(hr)
    export, file = fetch(hr, person_id=one["person_id"], reason="本人申请")
    assert one["name"].encode() in file.body
    blob = suite.psql_all("archive", f"select result::jsonb ->> 'file_id' from job where id = '{export}'")[0][0]
    erased(suite, hr, other, one["person_id"])
    assert hr.get(f"{PATH}/{export}/file").code == "BLOB_GONE"
    assert suite.psql_all("archive", f"select count(*) from blob where id = '{blob}'") == [["0"]]
    assert hr.post(PATH, {"format": "JSON", "person_id": one["person_id"], "reason": "本人申请"}).code == "PERSON_NOT_FOUND"


# Tables with a person's id that hold nothing of the person beyond what is in the file, and why.
LEFT_OUT = {"erasure": "of whom nothing is held any more", "employee_gram": "derived from name and number", "employee_import_row": "which line of which file",
            "people_person": "a projection of person", "people_employment": "a projection of employee", "people_assignment": "a projection of employee_slice",
            "employee": "employments, by employee_get", "custom_gram": "derived from declared fields", "employee_custom": "values of declared fields, with the employments", "job": "its input is sealed and ends with it"}


def test_every_table_is_thought_of(suite):
    """A new table that knows persons is asked by a query of the file, or stands above with the reason."""
    tables = {t for t, in suite.psql_all("archive", "select table_name from information_schema.columns where column_name = 'person_id' "
                                         "and table_schema = 'public'")}
    sql = (CHECKOUT / "services" / "archive" / "sql" / "person_data.sql").read_text()
    asked = {t for t in tables if re.search(rf"\b(from|join) {t}\b", sql)}
    assert asked >= {"person", "person_revision", "employee_fact", "employee_slice", "audit", "pending_request", "blob", "legal_hold"}
    assert tables - asked <= set(LEFT_OUT), tables - asked - set(LEFT_OUT)
