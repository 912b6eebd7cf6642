"""The list of employees as a file: who may, what stands in each cell, for whom and how long.

Truth is the list itself: every cell must be what GET /employees shows the same caller, in the words of
the contract.
"""
import io
import json
import secrets
import time
import zipfile

import pytest

import staff
from contract import DOCUMENT
from exported import PATH, XLSX, end, table
from renhe import CHECKOUT
ROLES = ["EMPLOYEE", "MANAGER", "STORE_MANAGER", "HR", "PAYROLL", "AUDITOR", "TENANT_ADMIN", "PLATFORM_OPERATOR"]
# The role table's row "bulk export with personal data".
MAY = {"HR": 202, "PAYROLL": 202, "PLATFORM_OPERATOR": 404}
# Title -> field of the list's answer; what is an enum is said by its label.
COLUMNS = {
    "工号": ("employee number", "employee_number"), "状态": ("state", "state"), "姓名": ("name", "name"), "性别": ("sex", "sex"),
    "出生日期": ("birth date", "birth_date"), "证件类型": ("document type", "id_type"), "证件号码": ("document number", "id_number"),
    "手机": ("mobile phone", "mobile"), "邮箱": ("e-mail", "email"), "国籍": ("nationality", "nationality"), "住址": ("address", "address"),
    "紧急联系人": ("emergency contact", "emergency_contact"), "入职日期": ("hire date", "hire_date"), "离职生效日": ("end date", "end_date"),
    "离职原因": ("reason", "end_reason"), "用工形式": ("employment type", "employment_type"),
    "试用期止": ("end of probation", "probation_end_date"), "工作地点": ("place of work", "work_place"), "职级": ("grade", "job_grade"),
}
LABELS = {"state": {"ACTIVE": ("在职", "active"), "PENDING": ("待入职", "not yet begun")},
          "sex": {"MALE": ("男", "male"), "FEMALE": ("女", "female")},
          "id_type": {"RESIDENT_ID": ("居民身份证", "resident identity card")},
          "employment_type": {"FULL_TIME": ("全日制", "full time"), "PART_TIME": ("非全日制", "part time")}}


@pytest.fixture(scope="module")
def who(suite):
    """Role -> a client that has just signed in, as the step-up asks."""
    found = {}
    for role in ROLES:
        account = suite.account(role)
        found[role] = suite.sign_in(account["tenant"], account["sign_in_name"], account["password"])
    return found


@pytest.fixture(scope="module")
def unit(who):
    """A unit of our own, so that nobody else's people stand in its list, and a post."""
    tag, hr = "X" + secrets.token_hex(3), who["HR"]
    unit = hr.post("/api/v1/org-units", {"code": tag, "kind": "STORE", "name": f"出口店 {tag}", "effective_date": "2020-01-01"}).expect(201).json
    post = hr.post("/api/v1/posts", {"code": tag, "name": f"店员 {tag}"}).expect(201).json
    made = staff.Staff(tag, tag)
    for i, name in enumerate(["=HYPERLINK(\"http://x\",\"y\")", "+1 张", "-2 李", "@SUM(A1)", "＝全角", "王,\"小\"明", "  空格  ", "赵七", "孙八"]):
        row = made.one()
        body = {"employee_number": row["工号"], "name": name, "id_type": "RESIDENT_ID", "id_number": row["证件号码"], "mobile": row["手机"],
                "email": f"{row['工号']}@example.com", "address": f"保密路 {i} 号", "hire_date": "2025-03-01" if i else "2999-01-01",
                "org_unit_id": unit["id"], "employment_type": "FULL_TIME" if i % 2 else "PART_TIME", "job_grade": f"P{i}"}
        if i % 3:
            body |= {"post_id": post["id"], "emergency_contact": "母亲 13800138000"}
        hr.post("/api/v1/employees", body).expect(201)
    return {"id": unit["id"], "code": tag, "unit": unit["name"], "post_id": post["id"], "post": post["name"], "people": i + 1}


def listed(client, unit, **query):
    found = client.get("/api/v1/employees", query={"org_unit_id": unit["id"], "page_size": 500, **query}).expect(200).json["items"]
    return {e["employee_number"]: e for e in found}


def ask(client, unit, form="XLSX", lang="zh-CN", **more):
    answer = client.post(PATH, {"format": form, "org_unit_id": unit["id"], **more}, headers={"Accept-Language": lang}).expect(202)
    assert answer.headers["location"] == f"{PATH}/{answer.json['id']}"
    return answer.json["id"]


def fetch(client, unit, form="XLSX", lang="zh-CN", **more):
    export = ask(client, unit, form, lang, **more)
    result = end(client, export)
    file = client.get(f"{PATH}/{export}/file").expect(200)
    assert len(file.body) == result["bytes"]
    return file, result


def guarded(text, file):
    """csv has no way to say "text" but an apostrophe."""
    risky = text and (text[0] in "=+-@\t\r\n" or text[0] in "＝＋－＠")
    return "'" + text if risky and file.headers["content-type"] != XLSX else text


# ---- who may ----

@pytest.mark.parametrize("role", ROLES)
def test_who_may_export(who, unit, role):
    answer = who[role].post(PATH, {"format": "XLSX", "org_unit_id": unit["id"]})
    assert answer.status == MAY.get(role, 403), answer.body
    for path in (f"{PATH}/01900000-0000-7000-8000-000000000001", f"{PATH}/01900000-0000-7000-8000-000000000001/file"):
        assert who[role].get(path).status == (404 if MAY.get(role) else 403)


def test_nobody_exports_without_a_token(suite, unit):
    assert suite.client().post(PATH, {"format": "CSV"}).status == 401
    assert suite.client().get(f"{PATH}/01900000-0000-7000-8000-000000000001/file").status == 401


def test_permission_demands_a_fresh_sign_in():
    """How old a sign-in may be is held in test_rights.py for the permission that reveals; here that the
    cells ask for it."""
    policy = json.loads((CHECKOUT / "build" / "gen" / "policy.json").read_text())["permissions"]["EMPLOYEE_EXPORT"]
    assert [r for r in ROLES if policy[r]["cells"]] == ["HR", "PAYROLL"]
    assert all(c["step_up"] for r in ("HR", "PAYROLL") for c in policy[r]["cells"])


def test_only_its_maker_fetches(who, unit):
    export = ask(who["HR"], unit)
    end(who["HR"], export)
    for path in (f"{PATH}/{export}", f"{PATH}/{export}/file"):
        assert who["PAYROLL"].get(path).code == "EXPORT_NOT_FOUND"
        who["HR"].get(path).expect(200)


def test_another_tenant(suite, who, unit):
    """Neither that company's people nor its exports."""
    export = ask(who["HR"], unit)
    end(who["HR"], export)
    stranger = suite.sign_in_as("HR", "second")
    for path in (f"{PATH}/{export}", f"{PATH}/{export}/file"):
        assert stranger.get(path).code == "EXPORT_NOT_FOUND"
    mine = stranger.post(PATH, {"format": "CSV", "org_unit_id": unit["id"]}).expect(202).json["id"]
    assert end(stranger, mine)["rows"] == 0


# ---- what stands in it ----

@pytest.mark.parametrize("role", ["HR", "PAYROLL"])
@pytest.mark.parametrize("form", ["XLSX", "CSV"])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_each_cell_is_what_the_list_shows(who, unit, role, form, lang):
    english = lang == "en"
    truth = listed(who[role], unit)
    file, result = fetch(who[role], unit, form, lang)
    header, rows = table(file)
    titles = {(en if english else zh): field for zh, (en, field) in COLUMNS.items()}
    places = ["org_unit_code", "unit", "post_code", "post"] if english else ["部门编码", "部门或门店", "岗位编码", "岗位"]
    # What the tenant declared follows (test_custom_fields.py).
    declared = [f.get("name_en", f["name_zh"]) if english else f["name_zh"] for f in
                who["HR"].get("/api/v1/employee-fields").expect(200).json["items"] if f["state"] == "ACTIVE"]
    assert header[len(header) - len(declared):] == declared
    header = header[:len(header) - len(declared)]
    assert len(header) == len(set(header)), f"two columns of one title: {header}"
    unknown = set(header) ^ (set(titles) | set(places))
    assert not unknown, f"in the file or in COLUMNS above, but not in both: {unknown}; a new field of the list is told to COLUMNS"
    assert len(rows) == result["rows"] == len(truth) == unit["people"]
    seen = 0
    for row in rows:
        e = truth[row[header[0]]]
        for title, field in titles.items():
            want = e.get(field, "")
            if field in LABELS and want:
                want = LABELS[field][want][english]
            assert row[title] == guarded(want, file), (title, row[title])
            seen += bool(want)
        assert [row[p] for p in places[:2]] == [unit["code"], unit["unit"]]
        assert [row[p] for p in places[2:]] == ([unit["code"], unit["post"]] if e.get("post_id") else ["", ""])
    assert seen >= 10 * len(rows)
    assert all("*" in row[next(t for t in header if titles.get(t) == "id_number")] for row in rows)  # no whole number leaves
    hidden = {field for e in truth.values() for field in e.get("restricted_fields", [])}
    assert all(not row[title] for row in rows for title, field in titles.items() if field in hidden)
    assert (role == "PAYROLL") == ("mobile" in hidden)


def test_file_says_what_it_is(who, unit):
    file, result = fetch(who["HR"], unit)
    assert file.headers["content-type"] == XLSX and file.headers["cache-control"] == "no-store"
    assert file.headers["content-disposition"].startswith("attachment; filename=\"___-20")
    assert "filename*=UTF-8''%E8%8A%B1%E5%90%8D%E5%86%8C-20" in file.headers["content-disposition"]
    assert file.headers["x-content-type-options"] == "nosniff" and result["file_name"].startswith("花名册-20")
    with zipfile.ZipFile(io.BytesIO(file.body)) as z:
        assert not [n for n in z.namelist() if "vba" in n.lower() or "external" in n.lower()]
        assert b"<f>" not in z.read("xl/worksheets/sheet1.xml")


def test_filters_are_those_of_the_list(who, unit):
    hr = who["HR"]
    one = next(iter(listed(hr, unit)))
    for filters in ({"state": ["PENDING"]}, {"state": ["ACTIVE"]}, {"employee_number": one}, {"q": "赵七"}, {"effective_on": "2020-05-01"},
                    {"q": "nobody is called so"}):
        query = {k: ",".join(v) if isinstance(v, list) else v for k, v in filters.items()}
        want = set(listed(hr, unit, **query))
        file, _ = fetch(hr, unit, "CSV", **filters)
        assert {r["工号"] for r in table(file)[1]} == want, filters
    assert LIST_FILTERS and set(EXPORT_FILTERS) >= LIST_FILTERS


LIST_FILTERS = {p["name"] for p in DOCUMENT["paths"]["/api/v1/employees"]["get"]["parameters"]
                if p.get("in") == "query" and p["name"] not in ("page_size", "page_token", "validate_only")}
EXPORT_FILTERS = DOCUMENT["components"]["schemas"]["archive.CreateEmployeeExportRequest"]["properties"]


@pytest.mark.parametrize("body", [{}, {"format": "PDF"}, {"format": "XLSX", "org_unit_id": "x"}, {"format": "XLSX", "effective_on": "2026-02-30"},
                                  {"format": "XLSX", "state": ["GONE"]}])
def test_what_is_refused(who, body):
    assert who["HR"].post(PATH, body).code == "VALIDATION_FAILED"


def test_whole_list_by_pages(who, figure):
    """Everyone, over pages of 500; in the order of the list, each once."""
    hr, tag = who["HR"], "Q" + secrets.token_hex(3)
    staff.load(hr, staff.Staff(tag, tag).some(1100))
    start = time.monotonic()
    export = hr.post(PATH, {"format": "CSV"}).expect(202).json["id"]
    result = end(hr, export)
    took = time.monotonic() - start
    numbers = [r["工号"] for r in table(hr.get(f"{PATH}/{export}/file").expect(200))[1]]
    assert len(numbers) == result["rows"] >= 1100  # a number comes twice where an annulled hire had it
    page, found = None, []
    while page or not found:
        got = hr.get("/api/v1/employees", query={"page_size": 500, **({"page_token": page} if page else {})}).expect(200).json
        found += [e["employee_number"] for e in got["items"]]
        page = got.get("next_page_token")
    assert numbers == found and len(found) > 1100
    figure(f"{len(numbers)} employees to csv: {took:.1f} s from the asking")


# ---- what is left behind ----

def test_nothing_lies_in_clear(suite, who, unit):
    """The folder holds sealed bytes only, under ids."""
    export = ask(who["HR"], unit, "CSV")
    end(who["HR"], export)
    files = [f for f in (suite.run_dir / "state" / "archive" / "blob").rglob("*") if f.is_file()]
    assert files
    for f in files:
        bytes_ = f.read_bytes()
        assert "保密路".encode() not in bytes_ and unit["code"].encode() not in bytes_ and "花名册" not in f.name
