"""1,000 people with ID numbers, phones and bank cards that stand nowhere else: brought in by file and by hand,
changed, refused, searched for, looked at in clear. Afterwards none of them stands in clear anywhere.

There is no field for bank cards yet; they are planted where people write them, in addresses and contacts."""
import os
import re
import secrets
import signal
import subprocess
from pathlib import Path

import pytest

import planted
import sealed
import staff
from renhe import wait_until

COUNT, BY_HAND = 1000, 60


def card(tag, i):
    """16 digits and Luhn's check digit behind 622."""
    body = f"622{int(tag, 16) % 10**7:07}{i:05}"
    total = sum(sum(divmod(int(d) * (2 - k % 2), 10)) for k, d in enumerate(reversed(body), 1))
    return body + str(-total % 10)


def people(tag):
    made = staff.Staff(tag, "P" + tag.upper())
    rows = made.some(COUNT)
    for i, row in enumerate(rows):
        row["住址"], row["紧急联系人"] = f"种子路 {i} 号", f"家人 {card(tag, i)}"
    return rows


def by_hand(hr, rows, unit):
    for row in rows:
        body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
                "mobile": row["手机"], "hire_date": row["入职日期"], "org_unit_id": unit, "employment_type": "FULL_TIME",
                "address": f"卡号 {row['紧急联系人'].split()[1]}", "emergency_contact": row["紧急联系人"]}
        # Refused ones say what they hold, too.
        assert hr.post("/api/v1/employees", {**body, "hire_date": "2025-02-30"}, key=secrets.token_hex(8)).status == 422
        made = hr.post("/api/v1/employees", body, key=secrets.token_hex(8)).expect(201).json
        hr.patch(f"/api/v1/employees/{made['id']}", {"mobile": row["手机"], "nationality": "CHN"}, etag=made["etag"]).expect(200)
        hr.get("/api/v1/employees", query={"q": row["手机"]}).expect(200)
        hr.get("/api/v1/employees", query={"q": row["证件号码"]})
        shown = hr.post(f"/api/v1/employees/{made['id']}:reveal", {"reason": "核对证件"}).expect(200).json
        assert shown["id_number"] == row["证件号码"]
        # Taken numbers, and a path that holds one.
        assert hr.post("/api/v1/employees", {**body, "employee_number": body["employee_number"] + "B"}).code == "ID_NUMBER_TAKEN"
        hr.get(f"/api/v1/employees/{row['证件号码']}")


@pytest.fixture
def consumers(own_suite):
    """Sealed topics are written too while these have keys."""
    sealed.give_keys(own_suite, sealed.Consumer("payroll").line, sealed.Consumer("workflow").line)
    yield
    sealed.give_keys(own_suite)


def test_planted(own_suite, consumers, tmp_path, figure):
    suite, tag = own_suite, secrets.token_hex(3)
    hr = suite.sign_in_as("HR", "demo")
    rows = people(tag)
    by_hand(hr, rows[:BY_HAND], staff.units(hr)["S001"]["id"])
    staff.load(hr, rows[BY_HAND:], seconds=240)
    assert int(suite.psql_all("archive", f"select count(*) from employee where employee_number like 'P{tag.upper()}%'")[0][0]) == COUNT
    wait_until(lambda: suite.psql_all("archive", "select count(*) from outbox") == [["0"]], 60, "the events")
    for topic in ("identity", "contact"):
        assert sum(e.value is not None for e in own_suite.events(f"renhe.archive.{topic}_private.v1")) >= COUNT
    values = [v for row in rows for v in (row["证件号码"], row["手机"], row["紧急联系人"].split()[1])]
    assert len(set(values)) > 2.9 * COUNT
    where = planted.places(suite, tmp_path)
    # Names stand in clear in tables and in the snapshot topic: so the search finds what is there.
    seen = planted.search(where, [rows[0]["工号"]])
    assert {"tables of archive", "tables of identity", "topic segments", "write-ahead log"} <= set(seen), seen
    found = planted.search(where, values)
    sizes = ", ".join(f"{place} {size / 1e6:.1f} MB" for place, size in planted.size(where).items())
    figure(f"{len(values)} planted values: {sum(map(len, found.values()))} in clear in {sizes}")
    assert found == {}, {place: sorted(hits)[:3] for place, hits in found.items()}


def test_no_core(own_suite, tmp_path, figure):
    """A program that dies leaves no picture of its memory, where another one does."""
    control = subprocess.run(["sh", "-c", "ulimit -c unlimited; cd \"$0\"; sh -c 'kill -ABRT $$'", str(tmp_path)], capture_output=True)
    assert control.returncode in (134, -signal.SIGABRT) and list(tmp_path.glob("core*")), "cores are not written here at all"
    for name in ("archive", "identity", "gateway"):
        pid, state = own_suite.pid(name), own_suite.run_dir / "state" / name
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.M), limits
        os.kill(pid, signal.SIGABRT)
        wait_until(lambda: own_suite.pid(name) not in (0, pid), 30, f"{name} to be back", every=0.1)
        own_suite.wait_ready(name)
        assert not list(state.rglob("core*")), name
    figure("3 programs killed by SIGABRT: 0 cores")


def test_quota_of_looks(suite):
    """As many as the setting says in 24 hours; then 429 with the time to wait, for that account alone."""
    hr = suite.sign_in_as("HR", "demo")
    me = hr.get("/api/v1/me").expect(200).json
    one = hr.get("/api/v1/employees", query={"page_size": 1}).expect(200).json["items"][0]
    path, tag = f"/api/v1/employees/{one['id']}:reveal", "quota " + secrets.token_hex(4)
    had = int(suite.psql_all("archive", f"select count(*) from audit where act = 'employee.reveal' and account_id = '{me['account_id']}' "
                                        "and act_time > now() - interval '24 hours'")[0][0])
    suite.psql_all("archive", f"""insert into audit (tenant_id, id, act_time, account_id, person_id, session_id, act, resource, resource_id,
        result, request_id, route, peer) select '{me['tenant_id']}', gen_random_uuid(), now() - interval '23 hours', '{me['account_id']}', '', '',
        'employee.reveal', 'employee', '{tag}', 'ok', '', '', '' from generate_series(1, 499 - {had})""")
    try:
        hr.post(path, {"reason": "第五百次"}).expect(200)
        refused = hr.post(path, {"reason": "再一次"})
        assert refused.code == "REVEAL_QUOTA_REACHED" and refused.status == 429
        assert 0 < int(refused.headers["retry-after"]) <= 3600 + 60
        assert suite.metrics("archive")["renhe_reveal_quota_refused_total"] >= 1
        suite.second("HR", "demo").post(path, {"reason": "另一人"}).expect(200)
    finally:
        suite.psql_all("archive", f"delete from audit where resource_id = '{tag}'")
    hr.post(path, {"reason": "又可以了"}).expect(200)
