"""Loading staff from a file: all of it or nothing, and every fault at its row and column."""
import random
import secrets
import time

import pytest

import staff
from renhe import wait_until

SEED = random.SystemRandom().randrange(10**6)
PATH = "/api/v1/employee-imports"
TOPICS = ("renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1")


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def people():
    return staff.Staff(SEED, f"I{SEED}-")


def written(suite, hr):
    """All that an import can write: people, employments, facts, events, accounts."""
    tenant = staff.claims(hr.token)["tid"]

    def count(service, table):
        return int(suite.psql(service, f"select count(*) from {table}", tenant_id=tenant)[0][0])
    tables = ("person", "person_revision", "employee", "employee_fact", "employee_slice", "people_person",
              "aggregate_sequence", "outbox", "timer", "subject_key")
    found = {t: count("archive", t) for t in tables}
    found |= {t: count("identity", t) for t in ("account", "sign_in_name", "people_person")}
    return found | {t: len(suite.events(t)) for t in TOPICS}


def faults_of(hr, data):
    """Of a file that is refused: (row, column, code) of every fault."""
    job = staff.end_of_load(hr, staff.begin_load(hr, data).expect(202).json["id"])
    assert job["state"] == "FAILED" and job["result"]["created"] == 0, job
    faults = job["result"]["faults"]
    assert len(faults) == job["result"]["fault_count"] and all(f["detail"] for f in faults)
    return {(f["row"], f.get("column"), f["code"]) for f in faults}


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
        (7, "工号", "EMPLOYEE_NUMBER_TAKEN"), (8, "工号", "EMPLOYEE_NUMBER_TAKEN"),
        (9, "证件号码", "ID_NUMBER_TAKEN"), (10, "证件号码", "ID_NUMBER_TAKEN"),
        (11, "用工形式", "VALUE_UNKNOWN"), (12, "姓名", "REQUIRED"), (13, "入职日期", "VALUE_UNKNOWN"),
        (14, "手机", "FORMAT"), (14, "部门编码", "ORG_UNIT_UNKNOWN"),
    }


def test_every_fault_is_told_and_nothing_is_written(suite, hr, people):
    taken = people.one()
    staff.load(hr, [taken])
    staff.account_of(hr, taken["工号"])
    rows, expected = spoiled(people, taken)
    before = written(suite, hr)
    assert faults_of(hr, staff.csv_bytes(rows)) == expected
    time.sleep(1)
    assert written(suite, hr) == before
    good = [row for i, row in enumerate(rows) if i + 2 not in {e[0] for e in expected}]
    staff.load(hr, good)  # the rest was fit to be loaded, and still is


def test_one_row_with_two_numbers_taken_tells_both(hr, people):
    rows = people.some(2)
    assert faults_of(hr, staff.csv_bytes([*rows, rows[0]])) == {
        (4, "工号", "EMPLOYEE_NUMBER_TAKEN"), (4, "证件号码", "ID_NUMBER_TAKEN")}


def bad_files(people):
    rows = people.some(3)
    good = staff.csv_bytes(rows)
    head, body = good.split(b"\r\n", 1)
    return {
        "unknown header": (good.replace("手机".encode(), "手机号吗".encode(), 1), {(1, "手机号吗", "COLUMN_UNKNOWN")}),
        "double header": (head.replace("手机".encode(), "姓名".encode()) + b"\r\n" + body, {(1, "姓名", "COLUMN_DOUBLE")}),
        "missing header": (good.replace("部门编码".encode(), "岗位编码".encode(), 1),
                           {(1, "岗位编码", "COLUMN_DOUBLE"), (1, "部门或门店", "COLUMN_MISSING")}),
        "cut inside quotes": (good + b'"IX-9', {(1, None, "CSV_SYNTAX")}),
        "cut inside a row": (good[:good.rindex("居民".encode())], {
            (4, "入职日期", "REQUIRED"), (4, "部门编码", "REQUIRED"), (4, "用工形式", "REQUIRED")}),
        "gbk": (good.decode().encode("gbk"), {(1, None, "CSV_UTF8")}),
        "too many cells": (good.rstrip() + b",more\r\n", {(4, None, "TOO_MANY_CELLS")}),
        "header only": (head + b"\r\n", {(1, None, "NO_ROWS")}),
        "too many rows": (head + b"\r\n" + (body.split(b"\r\n")[0] + b"\r\n") * 20001, {(1, None, "CSV_TOO_LARGE")}),
    }


@pytest.mark.parametrize("what", bad_files(staff.Staff(1, "X")))
def test_a_bad_file_is_refused_whole(suite, hr, people, what):
    data, expected = bad_files(people)[what]
    before = written(suite, hr)
    assert faults_of(hr, data) == expected
    assert written(suite, hr) == before


def test_refused_before_it_begins(suite, hr, people):
    data = staff.csv_bytes(people.some(1))
    csv = {"Content-Type": "text/csv"}
    assert hr.request("POST", PATH, data, headers=csv).status == 400, "Idempotency-Key is required"
    assert hr.request("POST", PATH, data, headers={"Content-Type": "text/html"}, key="k" * 16).status == 415
    assert hr.request("POST", PATH, b"", headers=csv, key=secrets.token_hex(8)).status == 400
    assert suite.client().request("POST", PATH, data, headers=csv, key=secrets.token_hex(8)).status == 401
    for role in ("EMPLOYEE", "STORE_MANAGER", "PAYROLL", "AUDITOR"):
        other = suite.sign_in_as(role, "demo")
        assert other.request("POST", PATH, data, headers=csv, key=secrets.token_hex(8)).status in (403, 404), role
    stranger = suite.sign_in_as("HR", "second")
    job = staff.begin_load(hr, data).expect(202).json
    assert stranger.get(f"{PATH}/{job['id']}").status == 404
    staff.end_of_load(hr, job["id"])


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
