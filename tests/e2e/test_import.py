"""Loading people from a file: good rows loaded, and every fault of the others at its row and column."""
import csv
import datetime
import io
import random
import secrets
import time

import openpyxl
import pytest

import staff
from renhe import wait_until

SEED = random.SystemRandom().randrange(10**6)
PATH = "/api/v1/employee-imports"
TOPICS = ("renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1")


@pytest.fixture(scope="module")
def hr(suite):
    """When identity has heard of all that tests before this file did: rows are counted here."""
    wait_until(lambda: suite.metrics("identity")["renhe_consumer_lag"] == 0, 60, "identity to have taken all")
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def people():
    return staff.Staff(SEED, f"I{SEED}-")


def written(suite, hr):
    """All that an import can write: people, employments, facts, events, accounts."""
    tenant = staff.claims(hr.token)["tid"]

    def counts(service, *tables):
        each = ", ".join(f"(select count(*) from {t})" for t in tables)
        return dict(zip(tables, map(int, suite.psql(service, f"select {each}", tenant_id=tenant)[0])))
    found = counts("archive", "person", "person_revision", "employee", "employee_fact", "employee_slice", "people_person",
                   "aggregate_sequence", "outbox", "timer", "subject_key")
    found |= counts("identity", "account", "sign_in_name", "people_person")
    return found | {t: suite.count_of_events(t) for t in TOPICS}


def done(hr, data, **query):
    """The import when it has ended: every row is either loaded or refused, every fault has its words."""
    job = staff.end_of_load(hr, staff.begin_load(hr, data, **query).expect(202).json["id"])
    result = job["result"]
    assert result["rows"] == result["created"] + result["refused"], job
    faults = result.get("faults", [])
    assert len(faults) == result["fault_count"] and all(f["detail"] for f in faults)
    return job


def told(job):
    return {(f["row"], f.get("column"), f["code"]) for f in job["result"].get("faults", [])}


def faults_of(hr, data, **query):
    """Of a file of which nothing could be loaded."""
    job = done(hr, data, **query)
    assert job["state"] == "FAILED" and job["result"]["created"] == 0, job
    return told(job)


# ---- the good file ----

def test_a_good_file_is_loaded(suite, hr, people):
    rows = people.some(30)
    before = written(suite, hr)
    began = staff.begin_load(hr, staff.csv_bytes(rows)).expect(202)
    assert began.headers["location"] == f"{PATH}/{began.json['id']}"
    assert began.json["state"] in ("PENDING", "RUNNING")
    job = staff.end_of_load(hr, began.json["id"])
    assert job["state"] == "SUCCEEDED" and job["progress"] == {"done": 30, "total": 30}, job
    assert (job["result"]["created"], job["result"]["rows"], job["result"]["fault_count"]) == (30, 30, 0)
    for row in rows:
        found = staff.employee_of(hr, row["工号"])
        assert (found["name"], found["hire_date"]) == (row["姓名"], row["入职日期"])
        assert staff.account_of(hr, row["工号"])["state"] == "PENDING"
    after = wait_until(lambda: (lambda n: n if n["outbox"] == 0 else None)(written(suite, hr)), 10, "the events")
    for what in ("person", "employee", "account", "sign_in_name", *TOPICS):
        assert after[what] - before[what] == 30, what


@pytest.mark.parametrize("how", ["bom", "english headers", "labels in English", "lf"])
def test_files_as_people_make_them(hr, people, how):
    row = people.one()
    english = dict(zip(row, ("employee_number", "name", "id_type", "id_number", "mobile", "hire_date",
                             "org_unit_code", "post_code", "employment_type")))
    if how == "english headers":
        row = {english[k]: v for k, v in row.items()}
    if how == "labels in English":
        row["证件类型"], row["用工形式"] = "resident identity card", "Full time"
    data = staff.csv_bytes([row])
    data = b"\xef\xbb\xbf" + data if how == "bom" else data.replace(b"\r\n", b"\n") if how == "lf" else data
    job = staff.end_of_load(hr, staff.begin_load(hr, data).expect(202).json["id"])
    assert job["state"] == "SUCCEEDED", job


# ---- the bad file ----

def spoiled(people, taken):
    """Ten good rows, among them one of each fault; and what is expected of each. Row 1 is the header."""
    rows = people.some(14)
    rows[1]["部门编码"] = "NOWHERE"
    rows[2]["岗位编码"] = "NOTHING"
    digits = rows[3]["证件号码"]
    rows[3]["证件号码"] = digits[:17] + ("1" if digits[17] != "1" else "2")
    rows[5]["工号"] = rows[0]["工号"]
    rows[6]["工号"] = taken["工号"]
    rows[7]["证件号码"] = rows[0]["证件号码"]
    rows[8]["证件号码"] = taken["证件号码"]
    rows[9]["用工形式"] = "志愿者"
    rows[10]["姓名"] = ""
    rows[11]["入职日期"] = "2025-02-30"
    rows[12]["手机"] = "12"
    rows[12]["部门编码"] = "NOWHERE"
    return rows, {
        (3, "部门编码", "ORG_UNIT_UNKNOWN"), (4, "岗位编码", "POST_UNKNOWN"), (5, "证件号码", "CHECK"),
        (7, "工号", "DUPLICATE_IN_FILE"), (8, "工号", "EMPLOYEE_NUMBER_TAKEN"),
        (9, "证件号码", "DUPLICATE_IN_FILE"), (10, "证件号码", "ID_NUMBER_TAKEN"),
        (11, "用工形式", "VALUE_UNKNOWN"), (12, "姓名", "REQUIRED"), (13, "入职日期", "DATE"),
        (14, "手机", "FORMAT"), (14, "部门编码", "ORG_UNIT_UNKNOWN"),
    }


def test_every_fault_is_told_and_good_rows_are_loaded(suite, hr, people):
    taken = people.one()
    staff.load(hr, [taken])
    staff.account_of(hr, taken["工号"])
    rows, expected = spoiled(people, taken)
    before = written(suite, hr)
    checked = done(hr, staff.csv_bytes(rows), dry_run="true")
    good = [row for i, row in enumerate(rows) if i + 2 not in {e[0] for e in expected}]
    assert checked["state"] == "CHECKED" and told(checked) == expected and checked["result"]["created"] == len(good)
    assert set(checked["allowed_actions"]) == {"run", "cancel"}
    time.sleep(1)
    assert {**written(suite, hr), "subject_key": 0} == {**before, "subject_key": 0}
    hr.post(f"{PATH}/{checked['id']}:run", {}).expect(202)
    job = staff.end_of_load(hr, checked["id"])
    assert job["state"] == "SUCCEEDED" and told(job) == expected and job["result"]["created"] == len(good)
    for row in good:
        assert staff.employee_of(hr, row["工号"])["name"] == row["姓名"]
    related = {(f["row"], f["related_row"]) for f in job["result"]["faults"] if "related_row" in f}
    assert related == {(7, 2), (9, 2)}
    assert hr.post(f"{PATH}/{job['id']}:run", {}).code == "IMPORT_STATE_CONFLICT"
    # The same file again: every row is told, nothing changes.
    before = written(suite, hr)
    again = faults_of(hr, staff.csv_bytes(rows))
    assert {line for line, *_ in again} == set(range(2, len(rows) + 2))
    assert {**written(suite, hr), "subject_key": 0} == {**before, "subject_key": 0}


def test_one_row_with_two_numbers_taken_tells_both(hr, people):
    rows = people.some(2)
    job = done(hr, staff.csv_bytes([*rows, rows[0]]))
    assert told(job) == {(4, "工号", "DUPLICATE_IN_FILE"), (4, "证件号码", "DUPLICATE_IN_FILE")}
    assert faults_of(hr, staff.csv_bytes([rows[0]])) == {
        (2, "工号", "EMPLOYEE_NUMBER_TAKEN"), (2, "证件号码", "ID_NUMBER_TAKEN")}


def test_words_follow_the_reader(hr, people):
    row = people.one()
    row["用工形式"] = "全日治"
    job = done(hr, staff.csv_bytes([row]))
    (fault,) = job["result"]["faults"]
    assert fault["detail"] == "值无法识别，是否为“全日制”" and fault["hint"] == "全日制"
    english = hr.request("GET", f"{PATH}/{job['id']}", headers={"Accept-Language": "en"}).expect(200).json
    assert english["result"]["faults"][0]["detail"].startswith("the value is not understood")


# ---- as people write ----

WORDS = {
    "2024/3/1": "2024-03-01", "2024-03-01": "2024-03-01", "2024年3月1日": "2024-03-01", "20240301": "2024-03-01",
    "2024.03.01": "2024-03-01", "２０２４－０３－０１": "2024-03-01", "2024-03-01 00:00:00": "2024-03-01",
}


def test_dates_as_people_write_them(hr, people):
    rows = people.some(len(WORDS))
    for row, text in zip(rows, WORDS):
        row["入职日期"] = text
    staff.load(hr, rows)
    for row, day in zip(rows, WORDS.values()):
        assert staff.employee_of(hr, row["工号"])["hire_date"] == day


HEADERS = {"工号": "员工编号 *", "姓名": "名字", "证件号码": "身份证号（18位）", "手机": "联系电话", "入职日期": "入职 时间", "部门编码": "门店",
           "岗位编码": "职位", "用工形式": "用工类型"}


def test_headers_as_people_write_them(suite, hr, people):
    """Synonyms, marks and brackets, places by name, a title above, a column that nobody knows and one
    that is nearly known; no type of document, which an identity card needs not."""
    units = {u["code"]: u["name"] for u in staff.units(hr).values()}
    row = people.one()
    mine = {HEADERS[k]: v for k, v in row.items() if k in HEADERS}
    mine |= {"门店": units["S001"], "职位": "收银员", "用工类型": "全职", "血型": "A", "邮箱地止": "a@example.com"}
    mine["名字"] = f"　{row['姓名']} "
    data = "2026 年花名册\r\n,,\r\n".encode() + staff.csv_bytes([mine])
    job = done(hr, data)
    assert job["state"] == "SUCCEEDED" and job["kind"] == "EMPLOYEES", job
    columns = {c["header"]: c.get("field") for c in job["result"]["columns"]}
    assert columns["员工编号 *"] == "employee_number" and columns["门店"] == "org_unit" and columns["血型"] is None
    assert {c["header"]: c.get("suggestion") for c in job["result"]["columns"]}["邮箱地止"] == "邮箱"
    found = staff.employee_of(hr, row["工号"])
    assert found["name"] == row["姓名"] and found["id_type"] == "RESIDENT_ID" and found["employment_type"] == "FULL_TIME"


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_encodings_of_csv(hr, people, encoding):
    row = people.one()
    job = done(hr, staff.csv_bytes([row]).decode().encode(encoding))
    assert job["state"] == "SUCCEEDED" and job["format"] == "csv", job
    assert staff.employee_of(hr, row["工号"])["name"] == row["姓名"]


def test_a_workbook_with_a_header_of_two_rows(hr, people):
    """Groups of columns above their columns, others over both rows, real dates, the second sheet asked for."""
    row = people.one()
    book = openpyxl.Workbook()
    book.active.append(["说明", "请勿修改表头"])
    sheet = book.create_sheet("员工")
    sheet.append(["工号", "姓名", "联系方式", None, "任职", None, None])
    sheet.append([None, None, "手机", "邮箱", "入职日期", "门店", "用工形式"])
    for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:G1"):
        sheet.merge_cells(cells)
    sheet.append([row["工号"], row["姓名"], int(row["手机"]), "a@example.com", datetime.date(2024, 3, 1), "S001", "全日制"])
    data = io.BytesIO()
    book.save(data)
    job = done(hr, data.getvalue(), sheet="员工")
    assert job["state"] == "SUCCEEDED" and (job["format"], job["sheet"]) == ("xlsx", "员工"), job
    found = staff.employee_of(hr, row["工号"])
    assert (found["hire_date"], found["mobile"], found["email"]) == ("2024-03-01", row["手机"], "a@example.com")
    assert faults_of(hr, data.getvalue(), sheet="没有") == {(1, None, "SHEET_UNKNOWN")}


def test_a_mapping_overrides_headers(hr, people):
    row = people.one()
    row["昵称"] = "小王"
    row["编号甲"] = row.pop("工号")
    job = done(hr, staff.csv_bytes([row]), mapping="编号甲=employee_number,姓名=,昵称=name")
    assert job["state"] == "SUCCEEDED", job
    assert staff.employee_of(hr, row["编号甲"])["name"] == "小王"
    assert (1, None, "MAPPING_UNKNOWN") in faults_of(hr, staff.csv_bytes([row]), mapping="没有=name")


def test_hires_with_their_ends(hr, people):
    rows = people.some(5)
    for row, (end, why) in zip(rows, (("2025-06-01", "辞职"), ("", ""), ("2025/3/1", "辞职"), ("2025-06-01", ""), ("", "辞职"))):
        row["离职日期"], row["离职原因"] = end, why
    job = done(hr, staff.csv_bytes(rows))
    assert told(job) == {(4, "离职日期", "END_BEFORE_HIRE"), (5, "离职原因", "REQUIRED"), (6, "离职日期", "REQUIRED")}
    ended = staff.employee_of(hr, rows[0]["工号"])
    assert (ended["state"], ended["end_date"], ended["end_reason"]) == ("ENDED", "2025-06-01", "RESIGNED")
    assert staff.employee_of(hr, rows[1]["工号"])["state"] == "ACTIVE"
    last = people.one()
    last["最后工作日"] = "2025-05-31"
    staff.load(hr, [last])
    assert staff.employee_of(hr, last["工号"])["end_date"] == "2025-06-01"


def test_transfers(hr, people):
    ended, row, other = people.some(3)
    ended["离职日期"], ended["离职原因"] = "2025-06-01", "辞职"
    staff.load(hr, [ended])
    staff.load(hr, [row, other])
    units = staff.units(hr)

    def moved(number, day, unit):
        return {"工号": number, "姓名": "谁都行", "生效日期": day, "部门": unit}
    data = staff.csv_bytes([
        moved(row["工号"], "2025-05-01", "S002"), moved(row["工号"], "2025-07-01", units["S001"]["name"]),
        moved("X-NOBODY", "2025-05-01", "S002"), moved(other["工号"], "2025-01-01", "S002"),
        moved(ended["工号"], "2025-08-01", "S002"), moved(other["工号"], "2025-05-01", "S9999"),
        moved(row["工号"], "2025-05-01", "S001")])
    expected = {(4, "工号", "EMPLOYEE_UNKNOWN"), (5, "生效日期", "BEFORE_HIRE"), (6, "生效日期", "NOT_ACTIVE"),
                (7, "部门", "ORG_UNIT_UNKNOWN"), (8, "工号", "DUPLICATE_IN_FILE")}
    job = done(hr, data)
    assert job["kind"] == "TRANSFERS" and job["state"] == "SUCCEEDED" and told(job) == expected
    one = staff.employee_of(hr, row["工号"])
    for day, unit in (("2025-04-30", "S001"), ("2025-05-01", "S002"), ("2025-07-01", "S001")):
        on = hr.get(f"/api/v1/employees/{one['id']}", query={"effective_on": day}).expect(200).json
        assert on["org_unit_id"] == units[unit]["id"], day
    again = faults_of(hr, data)
    assert {(2, "生效日期", "TRANSFER_KNOWN"), (3, "生效日期", "TRANSFER_KNOWN")} == again - expected


def test_cancelled_before_it_runs_and_while(hr, people):
    checked = done(hr, staff.csv_bytes(people.some(2)), dry_run="true")
    assert hr.post(f"{PATH}/{checked['id']}:cancel", {}).expect(200).json["state"] == "CANCELLED"
    assert hr.post(f"{PATH}/{checked['id']}:cancel", {}).code == "IMPORT_STATE_CONFLICT"
    job = staff.begin_load(hr, staff.csv_bytes(people.some(1500))).expect(202).json
    wait_until(lambda: hr.get(f"{PATH}/{job['id']}").json["progress"]["done"] > 0, 20, "it to begin", every=0.02)
    hr.post(f"{PATH}/{job['id']}:cancel", {}).expect(200)
    ended = staff.end_of_load(hr, job["id"])
    assert ended["state"] == "CANCELLED" and 0 < ended["result"]["created"] < 1500
    assert ended["result"]["created"] % 100 == 0, "whole chunks"


def bad_files(people):
    rows = people.some(3)
    good = staff.csv_bytes(rows)
    head, body = good.split(b"\r\n", 1)
    return {
        "double header": (head.replace("手机".encode(), "姓名".encode()) + b"\r\n" + body, {(1, "姓名", "COLUMN_DOUBLE")}),
        "missing header": (good.replace("部门编码".encode(), "岗位编码".encode(), 1),
                           {(1, "岗位编码", "COLUMN_DOUBLE"), (1, "部门或门店", "COLUMN_MISSING")}),
        "no header": (body, {(1, title, "COLUMN_MISSING") for title in ("工号", "姓名", "入职日期", "部门或门店", "用工形式")}),
        "cut inside quotes": (good + b'"IX-9', {(1, None, "SHEET_SYNTAX")}),
        "header only": (head + b"\r\n", {(1, None, "NO_ROWS")}),
        "too many rows": (head + b"\r\n" + (body.split(b"\r\n")[0] + b"\r\n") * 20050, {(1, None, "SHEET_TOO_LARGE")}),
    }


def test_a_file_cut_inside_a_row(hr, people):
    good = staff.csv_bytes(people.some(3))
    job = done(hr, good[:good.rindex("居民".encode())])
    assert job["result"]["created"] == 2 and told(job) == {
        (4, "入职日期", "REQUIRED"), (4, "部门编码", "REQUIRED"), (4, "用工形式", "REQUIRED")}


def test_more_cells_than_headers(hr, people):
    job = done(hr, staff.csv_bytes(people.some(3)).rstrip() + b",more\r\n")
    assert told(job) == {(4, "J", "TOO_MANY_CELLS")} and job["result"]["created"] == 2


@pytest.mark.parametrize("what", bad_files(staff.Staff(1, "X")))
def test_a_bad_file_is_refused_whole(suite, hr, people, what):
    data, expected = bad_files(people)[what]
    before = written(suite, hr)
    assert faults_of(hr, data) == expected
    assert {**written(suite, hr), "subject_key": 0} == {**before, "subject_key": 0}


def test_refused_before_it_begins(suite, hr, people):
    data = staff.csv_bytes(people.some(1))
    of_csv = {"Content-Type": "text/csv"}
    assert hr.request("POST", PATH, data, headers=of_csv).status == 400, "Idempotency-Key is required"
    assert hr.request("POST", PATH, data, headers={"Content-Type": "text/html"}, key="k" * 16).status == 415
    assert hr.request("POST", PATH, b"", headers=of_csv, key=secrets.token_hex(8)).status == 400
    assert suite.client().request("POST", PATH, data, headers=of_csv, key=secrets.token_hex(8)).status == 401
    for role in ("EMPLOYEE", "STORE_MANAGER", "PAYROLL", "AUDITOR"):
        other = suite.sign_in_as(role, "demo")
        assert other.request("POST", PATH, data, headers=of_csv, key=secrets.token_hex(8)).status in (403, 404), role
    stranger = suite.sign_in_as("HR", "second")
    job = staff.begin_load(hr, data).expect(202).json
    assert stranger.get(f"{PATH}/{job['id']}").status == 404
    staff.end_of_load(hr, job["id"])


# ---- undo ----

def undo(hr, job):
    hr.post(f"{PATH}/{job['id']}:undo", {}).expect(202)
    return staff.end_of_load(hr, job["id"])


def test_undone_and_loaded_again(hr, people):
    """Numbers are free again; transfers go back before their hires do."""
    rows = people.some(3)
    rows[2]["离职日期"], rows[2]["离职原因"] = "2025-06-01", "辞职"
    first = staff.load(hr, rows)
    moves = [{"工号": rows[i]["工号"], "生效日期": day, "部门": unit}
             for i, day, unit in ((0, "2025-05-01", "S002"), (0, "2025-07-01", "S001"), (1, "2025-05-01", "S002"))]
    moved = staff.load(hr, moves)
    refused = hr.post(f"{PATH}/{first['id']}:undo", {})
    assert refused.code == "IMPORT_CHANGED_SINCE" and len(refused.json["errors"]) == 2
    assert hr.get(f"{PATH}/{first['id']}").json["state"] == "SUCCEEDED"
    assert undo(hr, moved)["state"] == "UNDONE"
    one, units = staff.employee_of(hr, rows[0]["工号"]), staff.units(hr)
    for day in ("2025-05-01", "2025-07-01"):
        on = hr.get(f"/api/v1/employees/{one['id']}", query={"effective_on": day}).expect(200).json
        assert on["org_unit_id"] == units["S001"]["id"], day
    assert undo(hr, first)["state"] == "UNDONE"
    assert hr.get(f"/api/v1/employees/{one['id']}").json["state"] == "ANNULLED"
    assert hr.post(f"{PATH}/{first['id']}:undo", {}).code == "IMPORT_STATE_CONFLICT"
    staff.load(hr, rows)


def test_what_was_changed_since_is_not_undone(hr, people):
    rows = people.some(3)
    job = staff.load(hr, rows)
    one = staff.employee_of(hr, rows[1]["工号"])
    staff.end(hr, one["id"], "2025-08-01").expect(200)
    refused = hr.request("POST", f"{PATH}/{job['id']}:undo", {}, headers={"Accept-Language": "en"})
    assert (refused.status, refused.code) == (409, "IMPORT_CHANGED_SINCE")
    assert [e["detail"] for e in refused.json["errors"]] == ["row 3 was changed since"]
    for row in rows:
        assert staff.employee_of(hr, row["工号"])["state"] != "ANNULLED"
    assert hr.get(f"{PATH}/{job['id']}").expect(200).json["state"] == "SUCCEEDED"


def test_the_file_back_is_mended_and_sent_again(hr, people):
    rows = people.some(4)
    rows[1]["部门编码"], rows[3]["姓名"] = "S9999", ""
    job = done(hr, staff.csv_bytes(rows))
    text = hr.get(f"{PATH}/{job['id']}/file").expect(200).body.decode("utf-8-sig")
    back = list(csv.DictReader(io.StringIO(text)))
    assert [(r["工号"], bool(r["错误"])) for r in back] == [(rows[1]["工号"], True), (rows[3]["工号"], True)]
    assert len(list(csv.DictReader(io.StringIO(hr.get(f"{PATH}/{job['id']}/file", query={"all": "true"}).body.decode("utf-8-sig"))))) == 4
    back[0]["部门编码"], back[1]["姓名"] = "S001", "孔乙己"
    staff.load(hr, back)
    stranger = hr.get(f"{PATH}/01900000-0000-7000-8000-000000000001/file")
    assert (stranger.status, stranger.code) == (404, "IMPORT_NOT_FOUND")


def test_a_file_is_kept_for_its_time(suite, hr, people):
    """Sealed in the blob store, with an end; then it is gone for good and the report stays."""
    rows = people.some(2)
    rows[1]["部门编码"] = "S9999"
    job = staff.end_of_load(hr, staff.begin_load(hr, staff.csv_bytes(rows), dry_run="true").expect(202).json["id"])
    assert job["state"] == "CHECKED" and hr.get(f"{PATH}/{job['id']}/file").status == 200
    found = suite.psql_all("archive", "select b.id, round(extract(epoch from b.expire_time - i.create_time) / 86400), f.content is null from blob b "
                           "join employee_import_file f on f.file_id = b.id join employee_import i on i.id = f.import_id "
                           f"where i.id = '{job['id']}'")
    assert [row[1:] for row in found] == [["30", "t"]], found
    folder = suite.run_dir / "state" / "archive" / "blob"
    file, = (f for f in folder.rglob("*") if f.name.startswith(found[0][0]))
    assert rows[0]["姓名"].encode() not in file.read_bytes() and rows[0]["证件号码"].encode() not in file.read_bytes()
    suite.psql_all("archive", f"update blob set expire_time = now() - interval '1 second' where id = '{found[0][0]}'")
    for answer in (hr.get(f"{PATH}/{job['id']}/file"), hr.post(f"{PATH}/{job['id']}:run", {})):
        assert (answer.status, answer.code) == (410, "IMPORT_FILE_GONE")
    assert told(hr.get(f"{PATH}/{job['id']}").expect(200).json) == {(3, "部门编码", "ORG_UNIT_UNKNOWN")}


def test_a_repeated_request_loads_once(suite, hr, people):
    rows, key = people.some(3), secrets.token_hex(8)
    first = staff.begin_load(hr, staff.csv_bytes(rows), key).expect(202)
    again = staff.begin_load(hr, staff.csv_bytes(rows), key).expect(202)
    assert again.json["id"] == first.json["id"] and again.headers["idempotency-replayed"] == "true"
    assert staff.begin_load(hr, staff.csv_bytes(people.some(1)), key).status == 422
    assert staff.end_of_load(hr, first.json["id"])["state"] == "SUCCEEDED"
    for row in rows:
        staff.employee_of(hr, row["工号"])


# ---- size ----

def test_documents_are_looked_up_one_by_one(suite, hr, people, figure):
    """What is asked of a chunk's documents reads those, and not all of the company."""
    rows = people.some(100)
    staff.load(hr, rows)
    everybody = int(suite.psql("archive", "select count(*) from person_revision where recorded_to is null and id_number_index is not null",
                               tenant_id=staff.claims(hr.token)["tid"])[0][0])
    assert everybody > 300

    def read():
        return int(suite.psql_all("archive", "select idx_tup_read from pg_stat_user_indexes where indexrelname = 'person_id_number'")[0][0])
    wait_until(lambda: (lambda was: time.sleep(1.5) or read() == was)(read()), 60, "the counters of what went before")
    before = read()
    assert len(faults_of(hr, staff.csv_bytes(rows))) == 200  # numbers and documents, all taken
    found = wait_until(lambda: (lambda n: n if n >= 100 else None)(read() - before), 60, "the counters")
    figure(f"100 documents looked up among {everybody} people: {found} entries of the index read")
    assert found < 250


def test_two_thousand(suite, hr, people, figure):
    rows = people.some(2000)
    began = time.monotonic()
    staff.load(hr, rows)
    loaded = time.monotonic()
    staff.account_of(hr, rows[-1]["工号"])
    wait_until(lambda: suite.metrics("identity")["renhe_consumer_lag"] == 0, 30, "identity to have taken all")
    figure(f"2,000 people loaded in {loaded - began:.1f} s, their accounts {time.monotonic() - loaded:.1f} s "
           f"later (seed {SEED})")
    assert loaded - began < 60


# ---- what a stranger brings, and what colleagues may not ----

def shared_text_bomb():
    """A hundred kilobytes, a gigabyte and a half once each cell has its text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(15000):
        sheet.append(["x" * 30000, None, None, None, "x" * 30000])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("data", [lambda: b"a" * (50 << 20), lambda: "名".encode() * (10 << 20), shared_text_bomb,
                                  lambda: ("工号,姓名\r\n" + "甲" * 50000 + ",乙\r\n").encode()],
                         ids=["50 MB in one cell", "30 MB of UTF-8", "a text that cells share", "a long cell"])
def test_too_much_text_is_refused_and_nobody_ends(suite, hr, data):
    before = suite.pid("archive")
    assert faults_of(hr, data()) == {(1, None, "SHEET_TOO_LARGE")}
    assert suite.pid("archive") == before


def test_nobody_transfers_himself(suite, hr, people):
    """The row about the importer is refused in the dry run and in the load, and the others go on."""
    [row] = people.some(1)
    staff.load(hr, [row])
    mine = suite.account("HR", "demo")["sign_in_name"]
    data = staff.csv_bytes([{"工号": mine, "生效日期": "2026-03-01", "部门": "S002"},
                            {"工号": row["工号"], "生效日期": "2026-03-01", "部门": "S002"}])
    checked = done(hr, data, dry_run="true")
    assert told(checked) == {(2, "工号", "OWN_RECORD")} and checked["result"]["created"] == 1
    loaded = done(hr, data)
    assert loaded["state"] == "SUCCEEDED" and told(loaded) == {(2, "工号", "OWN_RECORD")} and loaded["result"]["created"] == 1


def test_the_file_goes_back_to_its_maker_alone(suite, hr, people):
    data = staff.csv_bytes(people.some(2))
    job = done(hr, data, dry_run="true")
    file = f"{PATH}/{job['id']}/file"
    assert hr.get(file, query={"all": "true"}).status == 200
    other = suite.second("HR", "demo")
    for query in ({"all": "true"}, None):
        answer = other.get(file, query=query)
        assert (answer.status, answer.code) == (404, "IMPORT_NOT_FOUND")
    assert other.get(f"{PATH}/{job['id']}").expect(200).json["state"] == "CHECKED"  # what became of it is no secret
    hr.post(f"{PATH}/{job['id']}:run", {}).expect(202)
    staff.end_of_load(hr, job["id"])
    undo(hr, job)
    acts = suite.psql_all("archive", f"select act, count(*) from audit where resource_id = '{job['id']}' group by 1 order by 1")
    assert acts == [["employee_import.create", "1"], ["employee_import.file", "1"], ["employee_import.run", "1"], ["employee_import.undo", "1"]]


def test_the_start_of_a_working_life_is_no_hire(hr, people):
    rows = [{("参加工作日期" if k == "入职日期" else k): v for k, v in row.items()} for row in people.some(2)]
    assert (1, "入职日期", "COLUMN_MISSING") in faults_of(hr, staff.csv_bytes(rows))
    rows = [row | {"参加工作日期": "1999-01-01"} for row in people.some(2)]
    job = done(hr, staff.csv_bytes(rows))
    assert job["result"]["created"] == 2
    assert staff.employee_of(hr, rows[0]["工号"])["hire_date"] == rows[0]["入职日期"]


def test_a_column_that_stands_twice_names_the_other(hr, people):
    [row] = people.some(1)
    job = done(hr, staff.csv_bytes([row | {"员工编号": row["工号"]}]))
    [fault] = job["result"]["faults"]
    assert fault["code"] == "COLUMN_DOUBLE" and "工号" in fault["detail"] and fault["column"] == "员工编号"


def book_of(**sheets):
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_instructions_before_the_table(suite, hr, people):
    """The sheet whose header is understood is read, and the answer names it."""
    rows = people.some(2)
    table = [list(rows[0]), *[list(r.values()) for r in rows]]
    job = done(hr, book_of(填写说明=[["请按下表填写"], ["工号不可重复"]], 花名册=table), dry_run="true")
    assert (job["state"], job["sheet"], job["result"]["created"]) == ("CHECKED", "花名册", 2), job
    hr.post(f"{PATH}/{job['id']}:run", {}).expect(202)
    assert staff.end_of_load(hr, job["id"])["state"] == "SUCCEEDED"
    only = done(hr, book_of(填写说明=[["请按下表填写"], ["工号不可重复"]]))
    assert only["state"] == "FAILED" and only["sheet"] == "填写说明"


def test_a_number_filled_in_beforehand_is_no_row(hr, people):
    rows = people.some(2)
    table = [["序号", *rows[0]], *[[i, *r.values()] for i, r in enumerate(rows, 1)], *[[i] for i in range(3, 40)]]
    job = done(hr, book_of(花名册=table))
    assert (job["state"], job["result"]["rows"], job["result"]["fault_count"]) == ("SUCCEEDED", 2, 0), job
