"""Fields that a tenant declares (decision 28): declared, written at a hire and by PATCH, read by each role as their
class says, sealed where they have one, never in events, gone with an erasure, and nobody else's."""
import secrets

import pytest

import exported
import staff
from renhe import wait_until
from tenants import Tenant

FIELDS = "/api/v1/employee-fields"
SECRET = "过敏史-" + secrets.token_hex(4)


def declared(client, **body):
    return client.post(FIELDS, {"name_zh": body["key"], **body}).expect(201).json


@pytest.fixture(scope="module")
def company(suite):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    t.roles = {}
    for role in ("AUDITOR", "PAYROLL", "HR"):
        made = t.admin.post("/api/v1/accounts", {"sign_in_name": "x" + role.lower(), "roles": [role]}).expect(201, 202)
        if made.status == 201:
            t.roles[role] = t.enter("x" + role.lower(), made.json["activation_code"])
    t.fields = {f["key"]: f for f in (
        declared(t.hr, key="shirt_size", name_en="shirt size", type="CHOICE", field_class="INTERNAL",
                 choices=[{"code": "M", "name_zh": "中"}, {"code": "L", "name_zh": "大", "name_en": "large"}]),
        declared(t.hr, key="score", type="INTEGER", field_class="INTERNAL"),
        declared(t.hr, key="licence_day", type="DATE", field_class="INTERNAL"),
        declared(t.hr, key="has_locker", type="BOOLEAN", field_class="INTERNAL"),
        declared(t.hr, key="nickname", type="TEXT", max_len=10),
        declared(t.hr, key="allergy", type="TEXT", field_class="HEALTH"),
        declared(t.hr, key="bonus", type="INTEGER", field_class="PAY"),
    )}
    return t


ALL = {"shirt_size": "L", "score": 85, "licence_day": "2024-02-29", "has_locker": True, "nickname": "小明", "allergy": SECRET, "bonus": 4200}


def hire(company, expect=201, **custom):
    tag = "C" + secrets.token_hex(4)
    body = {"employee_number": tag, "name": "钱一一", "hire_date": "2025-03-01", "org_unit_id": company.unit["id"], "employment_type": "FULL_TIME"}
    if custom:
        body["custom_fields"] = custom
    return company.hr.post("/api/v1/employees", body).expect(expect)


def faults(answer):
    return {e["pointer"]: e["code"] for e in answer.json["errors"]}


# ---- declarations ----

def test_a_declaration_is_answered_as_it_was_made(company):
    one = company.hr.get(f"{FIELDS}/{company.fields['shirt_size']['id']}").expect(200).json
    assert one["choices"] == [{"code": "M", "name_zh": "中"}, {"code": "L", "name_zh": "大", "name_en": "large"}]
    assert one["state"] == "ACTIVE" and one["field_class"] == "INTERNAL" and one["allowed_actions"] == ["update"]
    assert company.fields["nickname"]["field_class"] == "CONTACT"  # personal, where nothing is said
    keys = [f["key"] for f in company.hr.get(FIELDS).expect(200).json["items"]]
    assert set(keys) >= set(ALL)


@pytest.mark.parametrize("change,pointer,code", [
    ({"key": "Shirt"}, "/key", "FORMAT"), ({"key": "1st"}, "/key", "FORMAT"), ({"key": "a-b"}, "/key", "FORMAT"),
    ({"type": "CHOICE"}, "/choices", "REQUIRED"), ({"choices": [{"code": "A", "name_zh": "甲"}]}, "/choices", "MISMATCH"),
    ({"type": "CHOICE", "choices": [{"code": "A", "name_zh": "甲"}] * 2}, "/choices/1/code", "DUPLICATE"),
    ({"type": "INTEGER", "max_len": 5}, "/max_len", "MISMATCH"), ({"type": "FLOAT"}, "/type", "FORMAT"),
    ({"name_zh": ""}, "/name_zh", "REQUIRED"), ({"field_class": "PLAIN"}, "/field_class", "FORMAT")])
def test_a_wrong_declaration_is_refused(company, change, pointer, code):
    got = company.hr.post(FIELDS, {"key": "fresh", "name_zh": "新", "type": "TEXT", **change}).expect(422)
    assert faults(got).get(pointer) == code, got.json


def test_a_key_is_taken_once(company):
    assert company.hr.post(FIELDS, {"key": "score", "name_zh": "又", "type": "TEXT"}).expect(409).code == "EMPLOYEE_FIELD_KEY_TAKEN"


def test_who_may_declare(company):
    for role in ("AUDITOR", "PAYROLL"):
        client = company.roles[role]
        client.get(FIELDS).expect(200)
        client.post(FIELDS, {"key": "mine", "name_zh": "我", "type": "TEXT"}).expect(403)
    one = declared(company.admin, key="of_admin", type="TEXT")
    company.admin.delete(f"{FIELDS}/{one['id']}", etag=one["etag"]).expect(204)


def test_what_holds_values_is_retired_and_not_deleted(company):
    one = declared(company.hr, key="locker", type="TEXT", field_class="INTERNAL", max_len=20)
    path = f"{FIELDS}/{one['id']}"
    changed = company.hr.patch(path, {"type": "INTEGER", "max_len": None}, etag=one["etag"]).expect(200).json
    assert changed["type"] == "INTEGER" and "max_len" not in changed
    assert company.hr.patch(path, {"key": "other"}, etag=changed["etag"]).expect(422).json["errors"][0]["code"] == "FIXED"
    company.hr.patch(path, {"name_zh": "旧"}, etag=one["etag"]).expect(412)
    employee = hire(company, locker=7).json
    for body in ({"type": "TEXT"}, {"field_class": "PAY"}):
        assert company.hr.patch(path, body, etag=changed["etag"]).expect(409).code == "EMPLOYEE_FIELD_IN_USE"
    assert company.hr.delete(path, etag=changed["etag"]).expect(409).code == "EMPLOYEE_FIELD_IN_USE"
    retired = company.hr.patch(path, {"state": "RETIRED"}, etag=changed["etag"]).expect(200).json
    read = "/api/v1/employees/" + employee["id"]
    assert "locker" not in company.hr.get(read).json.get("custom_fields", {})
    assert faults(hire(company, 422, locker=1)) == {"/custom_fields/locker": "UNKNOWN_FIELD"}
    back = company.hr.patch(path, {"state": "ACTIVE"}, etag=retired["etag"]).expect(200).json
    assert company.hr.get(read).json["custom_fields"]["locker"] == 7
    company.hr.patch(read, {"custom_fields": {"locker": None}}, etag=company.hr.get(read).etag).expect(200)
    company.hr.delete(path, etag=back["etag"]).expect(204)
    company.hr.get(path).expect(404)


def test_choices_may_be_added_and_used_ones_not_taken_away(company):
    field = company.hr.get(f"{FIELDS}/{company.fields['shirt_size']['id']}").json
    hire(company, shirt_size="M")
    path = f"{FIELDS}/{field['id']}"
    more = company.hr.patch(path, {"choices": [*field["choices"], {"code": "XL", "name_zh": "特大"}]}, etag=field["etag"]).expect(200).json
    assert [c["code"] for c in more["choices"]] == ["M", "L", "XL"]
    assert company.hr.patch(path, {"choices": field["choices"][1:]}, etag=more["etag"]).expect(409).code == "EMPLOYEE_FIELD_IN_USE"


def test_fifty_are_enough(suite):
    t = Tenant(suite)
    made = [declared(t.hr, key=f"f{i}", type="TEXT") for i in range(50)]
    assert t.hr.post(FIELDS, {"key": "one_more", "name_zh": "多", "type": "TEXT"}).expect(409).code == "EMPLOYEE_FIELDS_FULL"
    t.hr.patch(f"{FIELDS}/{made[0]['id']}", {"state": "RETIRED"}, etag=made[0]["etag"]).expect(200)
    declared(t.hr, key="one_more", type="TEXT")


# ---- values ----

def test_written_at_a_hire_and_read_by_class(company):
    """HR sees contacts in clear and neither pay nor health; what is hidden is named."""
    made = hire(company, **ALL).json
    shown = {k: v for k, v in ALL.items() if k not in ("allergy", "bonus")}
    hidden = {"custom_fields.allergy", "custom_fields.bonus"}
    assert made["custom_fields"] == shown and set(made["restricted_fields"]) >= hidden
    path = "/api/v1/employees/" + made["id"]
    one = company.hr.get(path).expect(200).json
    listed = company.hr.get("/api/v1/employees", query={"employee_number": made["employee_number"]}).expect(200).json["items"][0]
    assert one["custom_fields"] == listed["custom_fields"] == shown and set(listed["restricted_fields"]) >= hidden
    pay = company.roles["PAYROLL"].get(path).expect(200).json
    assert pay["custom_fields"] == {**{k: v for k, v in ALL.items() if k not in ("allergy", "nickname")}}
    assert {"custom_fields.allergy", "custom_fields.nickname"} <= set(pay["restricted_fields"])
    audit = company.roles["AUDITOR"].get(path).expect(200).json
    assert set(audit["custom_fields"]["nickname"]) == {"*"} and "bonus" not in audit["custom_fields"]
    # What has no value is named all the same, or its absence would tell.
    bare = company.hr.get("/api/v1/employees/" + hire(company).json["id"]).json
    assert "custom_fields" not in bare and set(bare["restricted_fields"]) >= hidden


def test_a_patch_merges_by_key(company):
    path = "/api/v1/employees/" + hire(company, shirt_size="M", score=1, nickname="甲").json["id"]

    def patch(body, status=200):
        return company.hr.patch(path, body, etag=company.hr.get(path).etag).expect(status)
    assert patch({"custom_fields": {"score": -2, "nickname": None}}).json["custom_fields"] == {"shirt_size": "M", "score": -2}
    assert patch({"custom_fields": {}}).json["custom_fields"] == {"shirt_size": "M", "score": -2}
    assert patch({"name": "改名"}).json["custom_fields"] == {"shirt_size": "M", "score": -2}
    assert "custom_fields" not in patch({"custom_fields": None}).json
    stale = company.hr.get(path).etag
    patch({"custom_fields": {"score": 3}})
    company.hr.patch(path, {"custom_fields": {"score": 4}}, etag=stale).expect(412)
    assert company.hr.get(path).json["custom_fields"] == {"score": 3}


def test_the_class_says_who_may_change_it(company, suite):
    """One's own contacts wait for HR; what bears another class, or none, one doesn't change oneself (role table)."""
    made = hire(company, nickname="甲", score=1, allergy=SECRET).json
    [me] = staff.joined(suite, company.hr, company.code, [made["employee_number"]])
    me.sign_in(suite)
    path = "/api/v1/employees/" + made["id"]

    def patch(custom):
        return me.client.patch(path, {"custom_fields": custom}, etag=me.client.get(path).etag)
    for refused in ({"score": 2}, {"allergy": "无"}, {"nickname": "乙", "score": 2}, {"nickname": "乙", "bonus": 9}, None):
        assert patch(refused).status == 403, refused
    asked = patch({"nickname": "乙"}).expect(202).json
    assert [(c["field"], c["new_value"]) for c in asked["changes"]] == [("custom_fields.nickname", "乙")]
    assert company.hr.get(path).json["custom_fields"] == {"nickname": "甲", "score": 1}
    company.hr.post(f"/api/v1/change-requests/{asked['id']}:approve", {}).expect(200)
    assert company.hr.get(path).json["custom_fields"] == {"nickname": "乙", "score": 1}
    shown = me.client.get("/api/v1/me/employees").expect(200).json["items"][0]
    assert shown["custom_fields"] == {"nickname": "乙", "score": 1} and "custom_fields.allergy" in shown["restricted_fields"]


# ---- what waits for another person ----

def changes(client, request):
    """Field -> (old, new), and what is named without its values."""
    got = client.get(f"/api/v1/change-requests/{request['id']}").expect(200)
    shown = {c["field"].removeprefix("custom_fields."): (c.get("old_value"), c.get("new_value")) for c in got.json["changes"]}
    return shown, {f.removeprefix("custom_fields.") for f in got.json.get("restricted_fields", [])}, got


@pytest.fixture(scope="module")
def clerk(company, suite):
    """HR with a file of her own: what she asks for about it, another HR decides."""
    made = hire(company, **ALL).json
    [me] = staff.joined(suite, company.hr, company.code, [made["employee_number"]])
    staff.grant(suite, company.admin, company.code, account_id=me.account_id, role="HR")
    me.sign_in(suite)
    return me


OTHERS = {"shirt_size": "M", "score": -1, "licence_day": "2025-01-31", "has_locker": False, "nickname": "小红", "allergy": "无" + SECRET, "bonus": 17}


def asked_by(me, custom, **more):
    path = "/api/v1/employees/" + me.employee_id
    return me.client.patch(path, {"custom_fields": custom, **more}, etag=me.client.get(path).etag).expect(202).json


def test_who_decides_sees_each_field_by_its_class(company, clerk):
    request = asked_by(clerk, OTHERS, name="钱二二")
    shown, hidden, got = changes(company.hr, request)
    assert {k: v for k, v in shown.items() if k not in ("allergy", "bonus")} == {
        "name": ("钱一一", "钱二二"), "shirt_size": ("L", "M"), "score": ("85", "-1"), "licence_day": ("2024-02-29", "2025-01-31"),
        "has_locker": ("true", "false"), "nickname": ("小明", "小红")}
    assert shown["allergy"] == shown["bonus"] == (None, None) and hidden == {"allergy", "bonus"}
    body = got.body.decode()
    assert SECRET not in body and "4200" not in body
    titles = {c["field"]: (c["title_zh"], c.get("title_en")) for c in got.json["changes"]}
    assert titles["custom_fields.shirt_size"] == ("shirt_size", "shirt size") and titles["custom_fields.allergy"][0] == "allergy"
    # The auditor: contacts masked, digits and flags of that class would be left out; nothing of pay and health.
    shown, hidden, got = changes(company.roles["AUDITOR"], request)
    assert set("".join(shown["nickname"])) == {"*"} and shown["score"] == ("85", "-1") and hidden == {"allergy", "bonus"}
    assert not any(w in got.body.decode() for w in (SECRET, "4200", "小明", "小红"))
    company.roles["PAYROLL"].get(f"/api/v1/change-requests/{request['id']}").expect(403)
    listed = company.hr.get("/api/v1/change-requests", query={"resource_id": clerk.employee_id}).expect(200).body.decode()
    assert not any(w in listed for w in ("小红", "2025-01-31", SECRET)), "the list names what is touched, and no values"
    company.roles["HR"].post(f"/api/v1/change-requests/{request['id']}:approve", {}).expect(200)
    now = company.hr.get("/api/v1/employees/" + clerk.employee_id).json
    assert now["custom_fields"] == {k: v for k, v in OTHERS.items() if k not in ("allergy", "bonus")} and now["name"] == "钱二二"
    assert changes(company.hr, request)[0].keys() == {"name", "custom_fields"}  # decided: names alone


def test_what_is_removed_is_shown_too(company, clerk):
    path = "/api/v1/employees/" + clerk.employee_id
    held = company.hr.get(path).json["custom_fields"]
    request = asked_by(clerk, {"score": None, "nickname": None, "allergy": None})
    shown, hidden, _ = changes(company.hr, request)
    assert shown == {"score": (str(held["score"]), None), "nickname": (held["nickname"], None), "allergy": (None, None)} and hidden == {"allergy"}
    clerk.client.post(f"/api/v1/change-requests/{request['id']}:withdraw", {}).expect(200)
    request = asked_by(clerk, None)
    shown, hidden, got = changes(company.hr, request)
    assert set(shown) == set(OTHERS) and all(new is None for _, new in shown.values()) and hidden == {"allergy", "bonus"}
    assert shown["nickname"][0] == held["nickname"] and SECRET not in got.body.decode()
    clerk.client.post(f"/api/v1/change-requests/{request['id']}:withdraw", {}).expect(200)
    assert company.hr.get(path).json["custom_fields"] == held


def test_a_field_that_was_retired_meanwhile_is_shown_to_nobody(company, clerk):
    one = declared(company.hr, key="passing", type="TEXT", field_class="INTERNAL")
    request = asked_by(clerk, {"passing": "X" + SECRET, "score": 4})
    company.hr.patch(f"{FIELDS}/{one['id']}", {"state": "RETIRED"}, etag=one["etag"]).expect(200)
    shown, hidden, got = changes(company.hr, request)
    assert shown["passing"] == (None, None) and hidden == {"passing"} and shown["score"][1] == "4" and SECRET not in got.body.decode()
    refused = company.hr.post(f"/api/v1/change-requests/{request['id']}:approve", {})
    assert (refused.status, refused.code) == (409, "REQUEST_NOT_APPLICABLE")
    company.hr.post(f"/api/v1/change-requests/{request['id']}:reject", {"reason": "字段已停用"}).expect(200)


def test_every_fault_at_once(company):
    wrong = {"shirt_siz": "L", "shirt_size": "XXL", "score": "85", "licence_day": "2023-02-29", "has_locker": "yes", "nickname": "长" * 11}
    got = hire(company, 422, **wrong)
    assert faults(got) == {
        "/custom_fields/shirt_siz": "UNKNOWN_FIELD", "/custom_fields/shirt_size": "FORMAT", "/custom_fields/score": "TYPE",
        "/custom_fields/licence_day": faults(got)["/custom_fields/licence_day"], "/custom_fields/has_locker": "TYPE",
        "/custom_fields/nickname": "TOO_LONG"}
    hint = next(e for e in got.json["errors"] if e["pointer"].endswith("shirt_siz"))
    assert "shirt_size" in hint["detail"]


@pytest.mark.parametrize("raw,status,code", [
    (b'{"score":1,"score":2}', 400, "JSON_DUPLICATE_MEMBER"), (b'[1]', 422, "VALIDATION_FAILED"), (b'{"score":1.5}', 422, "VALIDATION_FAILED"),
    (b'{"score":[1]}', 422, "VALIDATION_FAILED"), (b'{"score":{}}', 422, "VALIDATION_FAILED"), (b'{"score":9007199254740992}', 422, "VALIDATION_FAILED"),
    (b'{"nickname":"a\\u0007"}', 422, "VALIDATION_FAILED"), (b'{"nickname":""}', 422, "VALIDATION_FAILED"), (b'"x"', 422, "VALIDATION_FAILED")])
def test_what_is_no_map_of_values(company, raw, status, code):
    made = hire(company, score=1).json
    path = "/api/v1/employees/" + made["id"]
    got = company.hr.request("PATCH", path, b'{"custom_fields":' + raw + b"}",
                             headers={"Content-Type": "application/merge-patch+json", "If-Match": made["etag"]})
    assert (got.status, got.code) == (status, code), got.body
    assert company.hr.get(path).json["custom_fields"] == {"score": 1}


def test_a_required_one_must_come_and_stay(suite):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    declared(t.hr, key="badge", type="TEXT", required=True)
    assert faults(hire(t, 422)) == {"/custom_fields/badge": "REQUIRED"}
    path = "/api/v1/employees/" + hire(t, badge="B1").json["id"]
    for body in ({"badge": None}, None):
        got = t.hr.patch(path, {"custom_fields": body}, etag=t.hr.get(path).etag).expect(422)
        assert faults(got) == {"/custom_fields/badge": "REQUIRED"}
    t.hr.patch(path, {"name": "改名"}, etag=t.hr.get(path).etag).expect(200)


def test_sealed_audited_and_in_no_event(company, suite):
    made = hire(company, **ALL).json
    rows = suite.psql_all("archive", "select f.key, c.plain, c.sealed is not null from employee_custom c join employee_field f "
                                     f"on f.id = c.field_id where c.employee_id = '{made['id']}'")
    assert {r[0]: r[2] for r in rows} == {k: "t" if k in ("nickname", "allergy", "bonus") else "f" for k in ALL}
    assert all(not r[1] for r in rows if r[2] == "t")
    told = suite.psql_all("archive", f"select reason from audit where resource_id = '{made['id']}' and act = 'employee.custom_fields'")
    assert "shirt_size:  -> L" in told[0][0] and "nickname" in told[0][0] and "小明" not in told[0][0] and SECRET not in told[0][0]
    def events():
        return [e for t in ("renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1") for e in suite.events(t)
                if made["person_id"] in str(vars(e))]
    seen = wait_until(lambda: events() if len(events()) >= 2 else None, 30, "the events of the hire")
    for word in ("shirt_size", "nickname", "小明", SECRET, "custom"):
        assert word not in str([vars(e) for e in seen])


def test_columns_of_an_export_are_what_the_maker_is_shown(company):
    made, bare = hire(company, **ALL).json, hire(company).json
    found = {r["工号"]: r for r in exported.rows(company.hr)}
    row, empty = found[made["employee_number"]], found[bare["employee_number"]]
    assert {k: row[k] for k in ALL} == {"shirt_size": "大", "score": "85", "licence_day": "2024-02-29", "has_locker": "是",
                                        "nickname": "小明", "allergy": "", "bonus": ""}
    assert not any(empty[k] for k in ALL)
    paid = {r["工号"]: r for r in exported.rows(company.roles["PAYROLL"], format="XLSX")}[made["employee_number"]]
    assert (paid["bonus"], paid["nickname"], paid["allergy"], paid["score"]) == ("4200", "", "", "85")


def test_an_erasure_takes_them(company, suite):
    made = hire(company, **ALL).json
    company.hr.post(f"/api/v1/employees/{made['id']}:annul", {"reason": "误录"}, etag=made["etag"]).expect(200)
    asked = company.hr.post(f"/api/v1/persons/{made['person_id']}:erase", {"reason": "本人要求"}, key=secrets.token_hex(8)).expect(202).json
    count = f"select count(*) from employee_custom where person_id = '{made['person_id']}'"
    assert suite.psql_all("archive", count)[0][0] == str(len(ALL))
    company.roles["HR"].post(f"/api/v1/change-requests/{asked['id']}:approve", {}).expect(200)
    assert suite.psql_all("archive", count)[0][0] == "0"


def test_nobody_elses(company, suite):
    other = Tenant(suite)
    assert other.hr.get(FIELDS).expect(200).json["items"] == []
    one = company.hr.get(f"{FIELDS}/{company.fields['score']['id']}").json
    path = f"{FIELDS}/{one['id']}"
    other.hr.get(path).expect(404)
    other.hr.patch(path, {"name_zh": "夺"}, etag=one["etag"]).expect(404)
    other.hr.delete(path, etag=one["etag"]).expect(404)
    assert company.hr.get(path).json == one
