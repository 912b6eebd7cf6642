"""Erasure of a person: who may ask, who must agree, what keeps it off, what is left afterwards in tables,
segments and files, and that every service has answered."""
import secrets

import pytest

import planted
import sealed
import staff
from erasures import SOON, approve, ask, erased, kafka_config, leaver
from renhe import wait_until


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def other(suite):
    return suite.second("HR", "demo")


# ---- what keeps it off ----

def test_refused_while_employed(hr):
    _, now = leaver(hr, hired="2024-01-01", ended=None)
    assert ask(hr, now["person_id"]).code == "PERSON_EMPLOYED"
    _, ahead = leaver(hr, hired="2024-01-01", ended="2099-01-01")
    assert ask(hr, ahead["person_id"]).code == "PERSON_EMPLOYED"


def test_refused_while_the_law_keeps_the_file(hr, suite):
    today = suite.psql_all("archive", "select (now() at time zone 'Asia/Shanghai')::date - 30")[0][0]
    _, lately = leaver(hr, hired="2024-01-01", ended=today)
    refusal = ask(hr, lately["person_id"])
    assert refusal.code == "PERSON_RETAINED"
    assert "第五十条" in refusal.json["detail"] and str(int(today[:4]) + 2) in refusal.json["detail"], refusal.json


def test_refused_under_a_legal_hold(hr, other, suite):
    _, one = leaver(hr)
    path = f"/api/v1/persons/{one['person_id']}"
    past = hr.post(path + ":hold", {"reason": "仲裁案件", "end_date": "2020-01-01"})
    assert past.status == 422 and past.json["errors"][0]["pointer"] == "/end_date"
    hold = hr.post(path + ":hold", {"reason": "仲裁案件", "end_date": "2099-01-01"}).expect(201).json
    assert ask(hr, one["person_id"]).code == "PERSON_ON_HOLD"
    shown = hr.get(path + "/legal-holds").expect(200).json["items"]
    assert [h["id"] for h in shown] == [hold["id"]] and "release_time" not in shown[0]
    # A hold that comes between the asking and the agreeing counts too.
    hr.post(path + ":release", {"reason": "结案"}).expect(200)
    asked = ask(hr, one["person_id"]).expect(202).json
    hr.post(path + ":hold", {"reason": "又一案件", "end_date": "2099-01-01"}).expect(201)
    refused = approve(other, asked)
    assert refused.status == 409, refused.body
    assert suite.psql_all("archive", f"select count(*) from erasure where person_id = '{one['person_id']}'")[0][0] == "0"
    acts = suite.psql_all("archive", f"select act from audit where resource_id = '{one['person_id']}' order by act_time")
    assert [a[0] for a in acts] == ["person.hold", "person.release", "person.hold"]


def test_the_file_goes_with_which_the_person_came(suite, hr, other):
    row = {**staff.Staff(secrets.token_hex(4), "F" + secrets.token_hex(3)).one(hired="2020-03-01"), "离职日期": "2021-06-30", "离职原因": "辞职"}
    path = f"/api/v1/employee-imports/{staff.load(hr, [row])['id']}"
    hr.get(path + "/file").expect(200)
    blob = suite.psql_all("archive", f"select file_id from employee_import_file where import_id = '{path[-36:]}'")[0][0]
    erased(suite, hr, other, staff.employee_of(hr, row["工号"])["person_id"])
    assert (hr.get(path + "/file").status, hr.get(path + "/file").code) == (410, "IMPORT_FILE_GONE")
    assert hr.get(path).expect(200).json["result"]["created"] == 1
    assert suite.psql_all("archive", f"select count(*) from blob where id = '{blob}'") == [["0"]]
    # Whatever its bytes are worth without their key, which is gone too.
    assert suite.psql_all("archive", f"select count(*) from subject_key where subject_id = '{blob}' and wrapped is not null") == [["0"]]


def test_nobody_alone(hr, suite):
    _, one = leaver(hr)
    asked = ask(hr, one["person_id"]).expect(202).json
    assert approve(hr, asked).status in (403, 404)
    for role, status in (("EMPLOYEE", 404), ("MANAGER", 403), ("PAYROLL", 403), ("AUDITOR", 403), ("TENANT_ADMIN", 403)):
        assert ask(suite.sign_in_as(role, "demo"), one["person_id"]).status == status, role
    assert ask(suite.sign_in_as("HR", "second"), one["person_id"]).code == "PERSON_NOT_FOUND"
    assert hr.get(f"/api/v1/employees/{one['id']}").expect(200).json["name"] == one["name"]


def test_what_waits_about_the_person_ends(suite, hr, other):
    """A change that nobody has decided holds values too; it goes, and nobody can decide it any more."""
    body, one = leaver(hr, ended=None)
    [me] = staff.joined(suite, hr, "demo", [body["employee_number"]])
    waiting = me.sign_in(suite).patch(f"/api/v1/employees/{one['id']}", {"address": "等待路 1 号"}, etag="*").expect(202).json
    staff.end(hr, one["id"], "2021-06-30").expect(200)
    shown = hr.get(f"/api/v1/change-requests/{waiting['id']}").expect(200).json
    assert shown["state"] == "PENDING" and shown["changes"][0]["new_value"] == "等待路 1 号"
    erased(suite, hr, other, one["person_id"])
    shown = hr.get(f"/api/v1/change-requests/{waiting['id']}").expect(200).json
    assert shown["state"] == "EXPIRED" and all("new_value" not in c for c in shown["changes"]), shown
    assert approve(hr, waiting).code == "REQUEST_DECIDED"
    keys = suite.psql_all("archive", f"select count(*) from subject_key where subject_id = '{waiting['id']}' and wrapped is not null")
    assert keys == [["0"]]
    key = f"{staff.claims(hr.token)['tid']}/{waiting['id']}"
    wait_until(lambda: [e.type for e in suite.events("renhe.archive.process.v1", key=key)] ==
               ["renhe.archive.process_requested.v1", "renhe.archive.process_decided.v1"], 30, "the end to be told")


# ---- what is left ----

def private(body):
    return [body[f] for f in ("name", "id_number", "mobile", "email", "address", "emergency_contact")]


def test_nothing_is_left(own_suite, tmp_path, figure):
    """Searched for in dumps of all databases, topic segments after their compaction, logs and state. The write-
    ahead log is left out: the name stood there in clear until its files were used again."""
    suite = own_suite
    hr, other = suite.sign_in_as("HR", "demo"), suite.second("HR", "demo")
    body, employee = leaver(hr)
    person = employee["person_id"]
    account = staff.account_of(hr, body["employee_number"])
    before = planted.search(planted.places(suite, tmp_path, wal=False), private(body))
    assert body["name"] in before["tables of archive"] and body["name"] in before["tables of identity"], before
    wait_until(lambda: body["name"] in planted.search({"s": planted.copied_segments(suite, tmp_path)}, [body["name"]]).get("s", ()), 20, "the snapshot")
    assert set().union(*before.values()) == {body["name"]}, before  # all else is sealed already

    erasure = erased(suite, hr, other, person)
    assert [a["service"] for a in erasure["answers"]] == ["identity"] and not erasure.get("waiting_for")

    shown = hr.get(f"/api/v1/employees/{employee['id']}").expect(200).json
    assert shown["name"] == "已删除" and shown["hire_date"] == "2020-03-01" and shown["end_date"] == "2021-06-30"
    assert not {"id_number", "mobile", "email", "address", "birth_date", "sex", "emergency_contact"} & set(shown), shown
    past = hr.get(f"/api/v1/employees/{employee['id']}", query={"as_of": employee["update_time"]}).expect(200).json
    assert past["name"] == "已删除" and "id_number" not in past
    assert hr.get("/api/v1/accounts", query={"sign_in_name": body["employee_number"]}).expect(200).json["items"] == []
    assert suite.psql_all("identity", f"select erased, is_open, password_hash is null from account where id = '{account['id']}'") == [["t", "f", "t"]]
    assert ask(hr, person).code == "PERSON_ERASED"
    again = hr.post("/api/v1/employees", {**body, "person_id": person, "employee_number": body["employee_number"] + "X", "hire_date": "2026-01-01"})
    assert again.code == "PERSON_NOT_FOUND", again.body
    assert hr.patch(f"/api/v1/employees/{employee['id']}", {"name": "回来"}, etag="*").status == 404
    # The number is free again: it is nobody's.
    hr.post("/api/v1/employees", {**body, "employee_number": body["employee_number"] + "Y", "name": "别人", "hire_date": "2026-01-01"}).expect(201)

    kafka_config(suite, "renhe.archive.person.snapshot.v1", SOON)
    # Nobody changes anything any more: the daily record alone, which comes at a start too, closes the segments.
    sealed.restart(suite, "archive")

    def gone():
        left = planted.search({"topic segments": planted.copied_segments(suite, tmp_path)}, private(body))
        return not left
    wait_until(gone, 120, "compaction of the segments", every=3)
    where = planted.places(suite, tmp_path, wal=False)
    left = planted.search(where, private(body))
    assert left == {}, left
    figure(f"0 of {len(private(body))} values left in {planted.size(where)} bytes")


def test_the_search_finds(tmp_path):
    """Each form in which it would stand there."""
    value, name = "11010519491231002X", "欧阳澈"
    hidden = {"plain": value.encode(), "utf16": b"\xff\xfe" + value.encode("utf-16-le"), "utf16be": value.encode("utf-16-be"),
              "backwards": value[::-1].encode(), "hex": b"\\x" + value.encode().hex().encode(), "name": name.encode(),
              **{f"base64 {i}": planted.base64.b64encode(b"abc"[:i] + value.encode() + b"tail") for i in range(3)}}
    for what, data in hidden.items():
        file = tmp_path / what
        file.write_bytes(b"\0\1 before " + data + b" behind \0")
        assert planted.search({what: [file]}, [value, name]), what
    (tmp_path / "none").write_bytes(b"11010519491231003X")
    assert planted.search({"none": [tmp_path / "none"]}, [value, name]) == {}
