"""Fields that a tenant declared are columns of a file of people: found by key or name, read as people write them, told
at row and column where they are wrong, loaded as a hire by the API would write them, given back by an export and
taken away by an undo. Truth is the API: the same person hired by a call says the same."""
import csv
import datetime
import io
import random
import secrets
import signal
import statistics
import time

import openpyxl
import pytest

import exported
import staff
from renhe import wait_until
from tenants import Tenant

PATH, FIELDS = "/api/v1/employee-imports", "/api/v1/employee-fields"
SEED = random.SystemRandom().randrange(10**6)
SIZES = [{"code": "S", "name_zh": "小"}, {"code": "M", "name_zh": "中"}, {"code": "L", "name_zh": "大", "name_en": "large"}]
DECLARED = (
    {"key": "shirt_size", "name_zh": "工服尺码", "name_en": "shirt size", "type": "CHOICE", "field_class": "INTERNAL", "choices": SIZES},
    {"key": "score", "name_zh": "得分", "type": "INTEGER", "field_class": "INTERNAL"},
    {"key": "licence_day", "name_zh": "健康证日期", "type": "DATE", "field_class": "INTERNAL"},
    {"key": "has_locker", "name_zh": "有无储物柜", "type": "BOOLEAN", "field_class": "INTERNAL"},
    {"key": "nickname", "name_zh": "昵称", "type": "TEXT", "max_len": 10},
)


def company(suite, fields=DECLARED):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    t.fields = {f["key"]: t.hr.post(FIELDS, f).expect(201).json for f in fields}
    return t


@pytest.fixture(scope="module")
def shop(suite):
    return company(suite)


def change(t, key, **body):
    one = t.hr.get(f"{FIELDS}/{t.fields[key]['id']}").expect(200).json
    return t.hr.patch(f"{FIELDS}/{one['id']}", body, etag=one["etag"]).expect(200).json


def person(people):
    row = people.one(unit="ROOT")
    del row["岗位编码"]
    return row


# ---- made-up values: what a cell says, and what is then stored ----

def as_written(r):
    day = f"{r.randint(2020, 2025)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    n, size, name = r.randint(-999, 99999), r.choice(SIZES), "".join(r.choice(staff.GIVEN) for _ in range(r.randint(1, 10)))
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    y, m, d = day.split("-")
    yes = r.random() < .5
    return {
        "工服尺码": (r.choice([size["code"], size["code"].lower(), size["name_zh"], f" {size.get('name_en', size['code'])}　"]), size["code"]),
        "得分": (r.choice([str(n), str(n).translate(wide), f" {n}", f"{n}.0"]), n),
        "健康证日期": (r.choice([day, day.replace("-", "/"), f"{y}年{int(m)}月{int(d)}日", f"{y}{m}{d}", day.translate(wide)]), day),
        "有无储物柜": (r.choice(["是", "有", "Y", "true", "１"] if yes else ["否", "无", "n", "FALSE", "0"]), yes),
        "昵称": (name, name),
    }


KEYS = dict(zip(("工服尺码", "得分", "健康证日期", "有无储物柜", "昵称"), (f["key"] for f in DECLARED)))
SPOILED = [  # column, what stands there, what is told
    ("工服尺码", "特大", "CHOICE_UNKNOWN"), ("工服尺码", "=A1", "FORMULA"), ("得分", "八十五", "INTEGER"), ("得分", "85.5", "INTEGER"),
    ("得分", "1.2E+17", "PRECISION_LOST"), ("得分", "9007199254740992", "INTEGER"), ("健康证日期", "2023-02-29", "DATE"),
    ("健康证日期", "45352", "DATE"), ("有无储物柜", "也许", "CHOICE_UNKNOWN"), ("昵称", "长" * 11, "TOO_LONG"),
    ("昵称", "a\u0007b", "CONTROL_CHARACTER"), ("昵称", "6.2E+18", "PRECISION_LOST"),
]


class Sheet:
    """Rows with declared fields, some cells empty; each third of the spoiled rows has a second fault beside."""

    def __init__(self, seed, prefix, n, spoil=True):
        r = random.Random(seed)
        people = staff.Staff(seed, prefix)
        self.rows, self.expected, self.values = [], set(), {}
        bad = dict(zip(r.sample(range(n), 3 * len(SPOILED)), SPOILED * 3)) if spoil else {}
        for i in range(n):
            row, said = person(people), as_written(r)
            given = {k: v for k, v in said.items() if r.random() < .85}
            self.rows.append(row | {k: given.get(k, ("",))[0] for k in said})
            if i in bad:
                column, text, code = bad[i]
                self.rows[i][column] = text
                self.expected.add((i + 2, column, code))
                if i % 3 == 0:
                    self.rows[i]["姓名"] = ""
                    self.expected.add((i + 2, "姓名", "REQUIRED"))
            else:
                self.values[row["工号"]] = {KEYS[k]: v for k, (_, v) in given.items()}

    def data(self):
        return staff.csv_bytes(self.rows)


def run(hr, data, **query):
    return staff.end_of_load(hr, staff.begin_load(hr, data, **query).expect(202).json["id"], 180)


def told(job):
    return {(f["row"], f.get("column"), f["code"]) for f in job["result"].get("faults", [])}


def judged(job, sheet, state="SUCCEEDED"):
    missing, more = sheet.expected - told(job), told(job) - sheet.expected
    assert not missing and not more, (sorted(missing)[:3], sorted(more)[:3])
    result = job["result"]
    assert (job["state"], result["created"], result["refused"]) == (state, len(sheet.values), len(sheet.rows) - len(sheet.values))


def people_of(hr, prefix):
    """Everybody whose number begins so, by number."""
    found, token = {}, None
    while True:
        query = {"page_size": 500} | ({"page_token": token} if token else {})
        page = hr.get("/api/v1/employees", query=query).expect(200).json
        found |= {e["employee_number"]: e for e in page["items"] if e["employee_number"].startswith(prefix)}
        token = page.get("next_page_token")
        if not token:
            return found


def stored(suite, prefix):
    return int(suite.psql_all("archive", "select count(*) from employee_custom c join employee e on e.id = c.employee_id "
                              f"where e.employee_number like '{prefix}%'")[0][0])


def same(hr, sheet, prefix):
    found = people_of(hr, prefix)
    assert len(found) == len(sheet.values)
    for number, values in sheet.values.items():
        got = found[number].get("custom_fields", {})
        assert got == values, (number, got, values)
    return found


# ---- 300 rows of all types ----

def test_three_hundred_rows(suite, shop, figure):
    prefix = f"A{SEED}-"
    sheet, hr = Sheet(SEED, prefix, 300), shop.hr
    checked = run(hr, sheet.data(), dry_run="true")
    judged(checked, sheet, "CHECKED")
    assert not people_of(hr, prefix) and stored(suite, prefix) == 0
    columns = {c["header"]: c.get("field") for c in checked["result"]["columns"]}
    assert {k: columns[k] for k in KEYS} == {k: f"custom_fields.{v}" for k, v in KEYS.items()}
    began = time.monotonic()
    hr.post(f"{PATH}/{checked['id']}:run", {}).expect(202)
    job = staff.end_of_load(hr, checked["id"])
    took = time.monotonic() - began
    judged(job, sheet)
    found = same(hr, sheet, prefix)
    one = next(n for n, v in sheet.values.items() if len(v) == 5)
    assert hr.get(f"/api/v1/employees/{found[one]['id']}").expect(200).json["custom_fields"] == sheet.values[one]
    given_back(hr, sheet, prefix)
    hr.post(f"{PATH}/{job['id']}:undo", {}).expect(202)
    assert staff.end_of_load(hr, job["id"])["state"] == "UNDONE"
    assert stored(suite, prefix) == 0
    again = run(hr, sheet.data())  # numbers and values are free again
    judged(again, sheet)
    same(hr, sheet, prefix)
    figure(f"300 rows with five declared fields and {len(sheet.expected)} faults told at their cells, loaded in {took:.2f} s (seed {SEED})")


def given_back(hr, sheet, prefix):
    """An export's cells say it in words that the next import reads to the same values."""
    names = {s["code"]: s["name_zh"] for s in SIZES}
    rows = {r["工号"]: r for r in exported.rows(hr) if r["工号"].startswith(prefix)}
    assert set(rows) == set(sheet.values)
    for number, values in sheet.values.items():
        said = {"工服尺码": names.get(values.get("shirt_size"), ""), "得分": str(values.get("score", "")), "健康证日期": values.get("licence_day", ""),
                "有无储物柜": {True: "是", False: "否", None: ""}[values.get("has_locker")], "昵称": values.get("nickname", "")}
        # A number below zero comes as text, so that no program takes it for a formula.
        assert {k: rows[number][k].removeprefix("'") for k in said} == said, number
    again = [{**person(staff.Staff(SEED + n, f"Z{n}{prefix}")), **{k: rows[number][k] for k in KEYS}} for n, number in enumerate(sheet.values)]
    staff.load(hr, again)
    loaded = people_of(hr, "Z")
    assert [loaded[r["工号"]].get("custom_fields", {}) for r in again] == list(sheet.values.values())


def test_details_name_the_choices(shop):
    row = person(staff.Staff(SEED + 1, f"B{SEED}-")) | {"工服尺码": "特大", "有无储物柜": "也许"}
    job = run(shop.hr, staff.csv_bytes([row]))
    detail = {f["column"]: f["detail"] for f in job["result"]["faults"]}
    assert detail == {"工服尺码": "不是可选的值，可填：小 (S), 中 (M), 大 (L)", "有无储物柜": "不是可选的值，可填：是, 否"}
    english = shop.hr.request("GET", f"{PATH}/{job['id']}", headers={"Accept-Language": "en"}).expect(200).json
    assert "may be: 小 (S)" in english["result"]["faults"][0]["detail"]


# ---- as a call does ----

def test_a_row_says_what_a_call_says(suite, shop):
    """Rows of values, their sealing, and the audit."""
    people = staff.Staff(SEED + 2, f"C{SEED}-")
    values = {"shirt_size": "L", "score": -7, "licence_day": "2024-02-29", "has_locker": False, "nickname": "小明"}
    called, loaded, ended = person(people), person(people), person(people)
    shop.hr.post("/api/v1/employees", {
        "employee_number": called["工号"], "name": called["姓名"], "hire_date": called["入职日期"], "org_unit_id": shop.unit["id"],
        "employment_type": "FULL_TIME", "custom_fields": values}).expect(201)
    cells = {"工服尺码": "大", "得分": "-7", "健康证日期": "2024.2.29", "有无储物柜": "无", "昵称": "小明"}
    staff.load(shop.hr, [loaded | cells | {"离职日期": "", "离职原因": ""}, ended | cells | {"离职日期": "2025-06-01", "离职原因": "辞职"}])
    said = {}
    for row in (called, loaded, ended):
        one = staff.employee_of(shop.hr, row["工号"])
        assert one["custom_fields"] == values
        said[row["工号"]] = (
            suite.psql_all("archive", "select f.key, c.plain, c.int_value, c.date_value, c.sealed is not null, c.person_id = e.person_id "
                           "from employee_custom c join employee_field f on f.id = c.field_id join employee e on e.id = c.employee_id "
                           f"where c.employee_id = '{one['id']}' order by 1"),
            [set(r[0].split("; ")) for r in suite.psql_all(
                "archive", f"select reason from audit where resource_id = '{one['id']}' and act = 'employee.custom_fields'")])
    first = said[called["工号"]]
    assert said[loaded["工号"]] == first and said[ended["工号"]] == first and len(first[0]) == 5 and len(first[1]) == 1


def test_a_rehire_has_its_own(shop):
    """A second employment of a known person: values of its own, the first one's stay, an undo takes its own alone."""
    people = staff.Staff(SEED + 3, f"R{SEED}-")
    first = person(people) | {"离职日期": "2025-06-01", "离职原因": "辞职", "得分": "1", "昵称": "旧"}
    staff.load(shop.hr, [first])
    was = staff.employee_of(shop.hr, first["工号"])
    back = {"工号": people.one()["工号"], "姓名": first["姓名"], "入职日期": "2025-09-01", "部门编码": "ROOT", "用工形式": "全日制",
            "person_id": was["person_id"], "得分": "2", "昵称": "新"}
    job = staff.load(shop.hr, [back])
    now = staff.employee_of(shop.hr, back["工号"])
    assert now["person_id"] == was["person_id"] and now["custom_fields"] == {"score": 2, "nickname": "新"}
    shop.hr.post(f"{PATH}/{job['id']}:undo", {}).expect(202)
    assert staff.end_of_load(shop.hr, job["id"])["state"] == "UNDONE"
    assert "custom_fields" not in shop.hr.get(f"/api/v1/employees/{now['id']}").expect(200).json
    assert staff.employee_of(shop.hr, first["工号"])["custom_fields"] == {"score": 1, "nickname": "旧"}


def test_what_was_changed_since_is_not_undone(shop):
    row = person(staff.Staff(SEED + 4, f"H{SEED}-")) | {"得分": "1"}
    job = staff.load(shop.hr, [row])
    path = "/api/v1/employees/" + staff.employee_of(shop.hr, row["工号"])["id"]
    shop.hr.patch(path, {"custom_fields": {"score": 2}}, etag=shop.hr.get(path).etag).expect(200)
    assert shop.hr.post(f"{PATH}/{job['id']}:undo", {}).code == "IMPORT_CHANGED_SINCE"
    assert shop.hr.get(path).json["custom_fields"] == {"score": 2}


# ---- files as people make them ----

def test_a_workbook_with_real_values(shop):
    """Numbers, days and yes and no as a spreadsheet program stores them."""
    people, prefix = staff.Staff(SEED + 13, f"W{SEED}-"), f"W{SEED}-"
    cells = [("L", 85, datetime.date(2024, 2, 29), True, 12), ("中", -3.0, datetime.datetime(2024, 3, 1), False, "小明"),
             ("S", 85.5, datetime.date(2024, 3, 1), 1, "甲"), ("S", "=1+1", "2024-03-01", "是", "甲"), ("S", 12345678901234567890, None, None, None)]
    rows, book = [person(people) for _ in cells], openpyxl.Workbook()
    book.active.append([*rows[0], *KEYS])
    for row, values in zip(rows, cells):
        book.active.append([*row.values(), *values])
    data = io.BytesIO()
    book.save(data)
    job = run(shop.hr, data.getvalue())
    assert told(job) == {(4, "得分", "INTEGER"), (5, "得分", "FORMULA"), (6, "得分", "PRECISION_LOST")} and job["result"]["created"] == 2
    found = people_of(shop.hr, prefix)
    assert [found[r["工号"]]["custom_fields"] for r in rows[:2]] == [
        {"shirt_size": "L", "score": 85, "licence_day": "2024-02-29", "has_locker": True, "nickname": "12"},
        {"shirt_size": "M", "score": -3, "licence_day": "2024-03-01", "has_locker": False, "nickname": "小明"}]


def test_texts_stay_as_they_are(shop):
    people, texts = staff.Staff(SEED + 18, f"X{SEED}-"), ["NULL", "null", 'a"b', "{x,y}", "\\slash\\", "'; --", "two  sp", "🙂👨‍👩‍👧", "a,b", '""']
    rows = [person(people) | {"昵称": text} for text in texts]
    staff.load(shop.hr, rows)
    found = people_of(shop.hr, f"X{SEED}-")
    assert [found[r["工号"]]["custom_fields"]["nickname"] for r in rows] == texts


def test_the_file_back_is_mended_and_sent_again(shop):
    people = staff.Staff(SEED + 14, f"M{SEED}-")
    rows = [person(people) | {"工服尺码": size, "得分": "1"} for size in ("大", "特大", "M")]
    job = run(shop.hr, staff.csv_bytes(rows))
    back = list(csv.DictReader(io.StringIO(shop.hr.get(f"{PATH}/{job['id']}/file").expect(200).body.decode("utf-8-sig"))))
    assert [(r["工号"], r["错误"]) for r in back] == [(rows[1]["工号"], "工服尺码: 不是可选的值，可填：小 (S), 中 (M), 大 (L)")]
    back[0]["工服尺码"] = "大 (S)"
    assert told(run(shop.hr, staff.csv_bytes(back))) == {(2, "工服尺码", "CHOICE_UNKNOWN")}
    back[0]["工服尺码"] = "大 (L)"
    staff.load(shop.hr, back)
    assert staff.employee_of(shop.hr, rows[1]["工号"])["custom_fields"] == {"shirt_size": "L", "score": 1}


def test_classes_are_sealed_and_masked(suite):
    """What a row brings of a class is sealed and shown by it; a refused cell is told without what stood there."""
    t = company(suite, ({"key": "allergy", "name_zh": "过敏史", "type": "TEXT", "field_class": "HEALTH", "max_len": 30},
                        {"key": "bonus", "name_zh": "奖金", "type": "INTEGER", "field_class": "PAY"}))
    code = t.admin.post("/api/v1/accounts", {"sign_in_name": "pay", "roles": ["PAYROLL"]}).expect(201).json["activation_code"]
    pay, secret = t.enter("pay", code), "花粉-" + secrets.token_hex(8)
    people = staff.Staff(SEED + 15, f"S{SEED}-")
    good, bad = person(people) | {"过敏史": secret, "奖金": "424242"}, person(people) | {"过敏史": secret + "长" * 20, "奖金": secret}
    job = run(t.hr, staff.csv_bytes([good, bad]))
    assert told(job) == {(3, "过敏史", "TOO_LONG"), (3, "奖金", "INTEGER")}
    one = staff.employee_of(t.hr, good["工号"])
    assert "custom_fields" not in one and {"custom_fields.allergy", "custom_fields.bonus"} <= set(one["restricted_fields"])
    assert staff.employee_of(pay, good["工号"])["custom_fields"] == {"bonus": 424242}
    rows = suite.psql_all("archive", f"select plain, int_value, sealed is not null from employee_custom where employee_id = '{one['id']}'")
    assert rows == [["", "", "t"]] * 2
    seen = suite.psql_all("archive", f"select to_jsonb(f)::text from employee_import_fault f where import_id = '{job['id']}' union all "
                          f"select to_jsonb(a)::text from audit a where resource_id = '{one['id']}'")
    assert len(seen) == 3 and secret not in str(seen) and "424242" not in str(seen)
    logs = [f for f in (suite.run_dir / "log").rglob("*") if f.is_file()]
    assert logs and not any(secret.encode() in f.read_bytes() for f in logs)


# ---- columns ----

def columns(job):
    return {c["header"]: (c.get("field"), c.get("suggestion"), c.get("passed_over")) for c in job["result"]["columns"]}


def test_found_by_key_and_by_either_name(shop):
    people = staff.Staff(SEED + 5, f"K{SEED}-")
    for header in ("shirt_size", "工服尺码（必看）", "Shirt Size", "* 工服 尺码"):
        row = person(people) | {header: "中"}
        assert columns(staff.load(shop.hr, [row]))[header][0] == "custom_fields.shirt_size", header
        assert staff.employee_of(shop.hr, row["工号"])["custom_fields"] == {"shirt_size": "M"}
    job = run(shop.hr, staff.csv_bytes([person(people) | {"健康证日其": "x"}]))
    assert columns(job)["健康证日其"] == (None, "健康证日期", None)
    mapped = person(people) | {"衣服": "大"}
    run(shop.hr, staff.csv_bytes([mapped]), mapping="衣服=custom_fields.shirt_size")
    assert staff.employee_of(shop.hr, mapped["工号"])["custom_fields"] == {"shirt_size": "L"}
    twice = person(people) | {"得分": "1", "score": "2"}
    assert told(run(shop.hr, staff.csv_bytes([twice]))) == {(1, "score", "COLUMN_DOUBLE")}


def test_two_fields_of_one_name(suite):
    """A field of the contract goes before one that was declared, and the answer says so; of two declared ones the
    file must say which."""
    t = company(suite, ({"key": "second_mobile", "name_zh": "手机", "type": "TEXT"}, {"key": "a", "name_zh": "尺码", "type": "TEXT"},
                        {"key": "b", "name_zh": "尺码", "type": "TEXT"}))
    people = staff.Staff(SEED + 6, f"N{SEED}-")
    row = person(people)
    job = staff.load(t.hr, [row])
    assert columns(job)["手机"] == ("mobile", None, "custom_fields.second_mobile")
    assert staff.employee_of(t.hr, row["工号"])["mobile"] == row["手机"]
    row = person(people) | {"尺码": "甲"}
    assert told(run(t.hr, staff.csv_bytes([row]))) == {(1, "尺码", "COLUMN_AMBIGUOUS")}
    assert run(t.hr, staff.csv_bytes([row]), mapping="尺码=custom_fields.b")["state"] == "SUCCEEDED"
    assert staff.employee_of(t.hr, row["工号"])["custom_fields"] == {"b": "甲"}


def test_required_ones_are_asked_of_hires(suite):
    t = company(suite, ({"key": "badge", "name_zh": "工牌", "type": "TEXT", "required": True},))
    people = staff.Staff(SEED + 7, f"Q{SEED}-")
    rows = [person(people) | {"工牌": text} for text in ("B1", "", "　")]
    assert told(run(t.hr, staff.csv_bytes([person(people)]))) == {(1, "工牌", "COLUMN_MISSING")}
    job = run(t.hr, staff.csv_bytes(rows))
    assert told(job) == {(3, "工牌", "REQUIRED"), (4, "工牌", "REQUIRED")} and job["result"]["created"] == 1
    move = {"工号": rows[0]["工号"], "生效日期": "2025-05-01", "部门": "ROOT", "工牌": "B2"}
    job = run(t.hr, staff.csv_bytes([move]))
    assert job["kind"] == "TRANSFERS" and job["state"] == "SUCCEEDED" and columns(job)["工牌"][0] is None
    assert staff.employee_of(t.hr, rows[0]["工号"])["custom_fields"] == {"badge": "B1"}


def test_another_tenants_declarations_never_match(suite, shop):
    other = company(suite, ())
    row = person(staff.Staff(SEED + 8, f"O{SEED}-")) | {"工服尺码": "大", "得分": "x", "score": "x"}
    job = staff.load(other.hr, [row])
    assert [columns(job)[k][::2] for k in ("工服尺码", "得分", "score")] == [(None, None)] * 3
    assert "custom_fields" not in staff.employee_of(other.hr, row["工号"])
    refused = run(other.hr, staff.csv_bytes([row]), mapping="得分=custom_fields.score")
    assert told(refused) == {(1, "得分", "MAPPING_UNKNOWN")}


# ---- declarations that change meanwhile ----

def test_retired_after_the_check(suite):
    t = company(suite)
    sheet = Sheet(SEED + 9, f"E{SEED}-", 40, spoil=False)
    checked = run(t.hr, sheet.data(), dry_run="true")
    judged(checked, sheet, "CHECKED")
    change(t, "score", state="RETIRED")
    t.hr.post(f"{PATH}/{checked['id']}:run", {}).expect(202)
    job = staff.end_of_load(t.hr, checked["id"])
    assert job["state"] == "FAILED" and told(job) == {(1, "得分", "COLUMN_CHANGED")} and not people_of(t.hr, f"E{SEED}-")
    ignored = run(t.hr, sheet.data())  # a file of its own: nobody was told otherwise
    assert ignored["state"] == "SUCCEEDED" and columns(ignored)["得分"][0] is None


def test_declared_anew_after_the_check(suite):
    """Another type: each cell is judged by what holds when it is loaded."""
    t = company(suite)
    people = staff.Staff(SEED + 10, f"F{SEED}-")
    rows = [person(people) | {"昵称": text} for text in ("12", "甲")]
    checked = run(t.hr, staff.csv_bytes(rows), dry_run="true")
    assert checked["result"]["created"] == 2
    change(t, "nickname", type="INTEGER", max_len=None)
    t.hr.post(f"{PATH}/{checked['id']}:run", {}).expect(202)
    job = staff.end_of_load(t.hr, checked["id"])
    assert told(job) == {(3, "昵称", "INTEGER")} and job["result"]["created"] == 1
    assert staff.employee_of(t.hr, rows[0]["工号"])["custom_fields"] == {"nickname": 12}


def behind(hr, job_id, done):
    job = wait_until(lambda: (lambda j: j if j["state"] in staff.ENDED or j["progress"]["done"] > done else None)(
        hr.get(f"{PATH}/{job_id}").expect(200).json), 60, "progress", every=0.01)
    assert job["state"] not in staff.ENDED, f"ended before it could be met: {job['state']}"
    return job["progress"]["done"]


def test_retired_while_it_runs(suite, figure):
    """It stops where it is; taken up again behind what is loaded when the field is back, or undone."""
    t = company(suite)
    prefix = f"G{SEED}-"
    sheet = Sheet(SEED + 11, prefix, 1500, spoil=False)
    job_id = staff.begin_load(t.hr, sheet.data()).expect(202).json["id"]
    at = behind(t.hr, job_id, 0)
    change(t, "has_locker", state="RETIRED")
    job = staff.end_of_load(t.hr, job_id)
    assert (job["state"], job["error_code"]) == ("STOPPED", "IMPORT_FIELDS_CHANGED"), job
    created = job["result"]["created"]
    assert 0 < created < 1500 and created % 100 == 0
    t.hr.post(f"{PATH}/{job_id}:run", {}).expect(202)
    assert staff.end_of_load(t.hr, job_id)["error_code"] == "IMPORT_FIELDS_CHANGED"
    assert len(people_of(t.hr, prefix)) == created, "nothing more while the field is away"
    change(t, "has_locker", state="ACTIVE")
    t.hr.post(f"{PATH}/{job_id}:run", {}).expect(202)
    judged(staff.end_of_load(t.hr, job_id), sheet)
    same(t.hr, sheet, prefix)
    figure(f"1,500 rows, a field retired behind row {at}: stopped behind row {created}, run on to the end (seed {SEED})")


def test_required_while_it_runs(suite):
    """What is asked of hires from now on is asked of the rows that are still to come."""
    t = company(suite, ())
    rows = [person(people) for people in [staff.Staff(SEED + 16, f"P{SEED}-")] for _ in range(1500)]
    job_id = staff.begin_load(t.hr, staff.csv_bytes(rows)).expect(202).json["id"]
    behind(t.hr, job_id, 0)
    t.hr.post(FIELDS, {"key": "badge", "name_zh": "工牌", "type": "TEXT", "required": True}).expect(201)
    job = staff.end_of_load(t.hr, job_id)
    created = job["result"]["created"]
    assert job["state"] == "SUCCEEDED" and 0 < created < 1500 and created % 100 == 0
    assert told(job) == {(n, "工牌", "REQUIRED") for n in range(created + 2, 1502)}


def test_a_field_that_comes_back_while_it_is_stopped(suite):
    """Rows before it were loaded without that column: it doesn't go on with another meaning, and is undone."""
    t = company(suite)
    change(t, "score", state="RETIRED")
    prefix = f"T{SEED}-"
    sheet = Sheet(SEED + 17, prefix, 1500, spoil=False)
    job_id = staff.begin_load(t.hr, sheet.data()).expect(202).json["id"]
    blob = f"update blob set expire_time = expire_time %s interval '1 year' where id = (select file_id from employee_import_file where import_id = '{job_id}')"
    suite.psql_all("archive", blob % "-")
    behind(t.hr, job_id, 0)
    suite.kill("archive", signal.SIGKILL)
    suite.wait_ready("archive")
    assert staff.end_of_load(t.hr, job_id)["error_code"] == "IMPORT_FILE_GONE"
    suite.psql_all("archive", blob % "+")
    change(t, "score", state="ACTIVE")
    t.hr.post(f"{PATH}/{job_id}:run", {}).expect(202)
    job = staff.end_of_load(t.hr, job_id)
    assert (job["state"], job["error_code"]) == ("STOPPED", "IMPORT_FIELDS_CHANGED")
    assert len(people_of(t.hr, prefix)) == job["result"]["created"] > 0
    t.hr.post(f"{PATH}/{job_id}:undo", {}).expect(202)
    assert staff.end_of_load(t.hr, job_id)["state"] == "UNDONE" and stored(suite, prefix) == 0
    judged(run(t.hr, sheet.data()), sheet)
    same(t.hr, sheet, prefix)


def test_killed_and_taken_up(suite, figure):
    t = company(suite)
    prefix = f"L{SEED}-"
    sheet = Sheet(SEED + 12, prefix, 1500)
    job_id = staff.begin_load(t.hr, sheet.data()).expect(202).json["id"]
    at = behind(t.hr, job_id, 0)
    suite.kill("archive", signal.SIGKILL)
    suite.wait_ready("archive")
    judged(staff.end_of_load(t.hr, job_id, 180), sheet)
    same(t.hr, sheet, prefix)
    assert stored(suite, prefix) == sum(len(v) for v in sheet.values.values())
    figure(f"1,500 rows killed behind row {at}: each loaded once with its values (seed {SEED})")


# ---- size ----

def test_what_it_costs(suite, figure):
    """2,000 rows with and without five declared fields, in turn, and either first: a file takes longer behind another."""
    t = company(suite)
    took = {"without": [], "with": []}
    for turn in range(4):
        for n, what in enumerate(sorted(took, reverse=turn % 2)):
            sheet = Sheet(SEED + 20 + 2 * turn + n, f"{what[-1].upper()}{turn}{SEED}-", 2000, spoil=False)
            rows = sheet.rows if what == "with" else [{k: v for k, v in r.items() if k not in KEYS} for r in sheet.rows]
            data, key = staff.csv_bytes(rows), secrets.token_hex(8)
            began = time.monotonic()
            job = staff.end_of_load(t.hr, staff.begin_load(t.hr, data, key).expect(202).json["id"])
            took[what].append(time.monotonic() - began)
            assert job["result"]["created"] == 2000
    bare, full = (statistics.median(took[what]) for what in ("without", "with"))
    figure(f"2,000 rows in {bare:.2f} s, with five declared fields in {full:.2f} s: {full / bare:.2f} times (medians of 4, seed {SEED})")
    assert full < 2 * bare
