"""renhectl signed in: sessions, companies, accounts, machine clients, files in and out, as an operator has them."""
import csv
import io
import json
import os
import pty
import stat
import subprocess
import threading
from pathlib import Path

import pytest

import otp
import staff
from renhe import wait_until
from tenants import Tenant

DONE, FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, VALIDATION, PARTIAL, UNREACHABLE = range(9)
HEADER = "工号,姓名,性别,入职日期,部门编码,岗位编码,用工形式\n"


class Operator:
    """One person's terminal: a home of its own."""

    def __init__(self, suite, home, url=None, lang="C"):
        self.suite, self.home = suite, home
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": lang, "RENHE_URL": url or suite.env["RENHE_URL"]}
        self.program = str(Path(suite.env["RENHE_BIN"]) / "renhectl")
        self.file = home / ".local/state/renhe/session.json"

    def run(self, *args, code=DONE, stdin="", raw=False):
        done = subprocess.run([self.program, *args], env=self.env, input=stdin.encode(), capture_output=True, timeout=120)
        out = done.stdout if raw else done.stdout.decode()
        assert done.returncode == code, (done.returncode, out, done.stderr.decode())
        assert code in (DONE, PARTIAL, VALIDATION) or not out, "what went wrong stands on stderr"
        self.said = done.stderr.decode()
        assert code == DONE or self.said.strip()
        return out

    def rows(self, *args, **more):
        return [json.loads(line) for line in self.run(*args, **more).splitlines()]

    def sign_in(self, tenant, name, password, *lines, **more):
        self.run("session", "sign-in", tenant, name, stdin="\n".join([password, *lines]) + "\n", **more)
        return self

    def kept(self):
        return json.loads(self.file.read_text())

    def change(self, **values):
        self.file.write_text(json.dumps(self.kept() | values))


@pytest.fixture(scope="module")
def company(suite):
    return Tenant(suite)


@pytest.fixture(scope="module")
def units(company):
    root = company.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    made = company.hr.post("/api/v1/org-units", {"code": "RC1", "kind": "STORE", "name": "测试店", "parent_id": root["id"],
                                                 "effective_date": "2020-01-01"})
    made.expect(201)
    company.hr.post("/api/v1/posts", {"code": "RCP", "name": "收银员"}).expect(201)


@pytest.fixture
def somebody(suite, tmp_path):
    return Operator(suite, tmp_path)


@pytest.fixture
def admin(somebody, company):
    return somebody.sign_in(company.code, "admin", company.password)


@pytest.fixture
def hr(somebody, company, units):
    return somebody.sign_in(company.code, "hr", company.password)


# ---- sessions ----

def test_sign_in_and_out(somebody, company):
    somebody.sign_in(company.code, "admin", company.password)
    assert stat.S_IMODE(somebody.file.stat().st_mode) == 0o600 and stat.S_IMODE(somebody.file.parent.stat().st_mode) == 0o700
    assert company.password not in somebody.file.read_text()
    me = somebody.rows("session", "show")[0]
    assert (me["tenant_code"], me["roles"]) == (company.code, "EMPLOYEE,TENANT_ADMIN") or "TENANT_ADMIN" in me["roles"]
    token = somebody.kept()["access_token"]
    somebody.run("session", "sign-out")
    assert not somebody.file.exists()
    wait_until(lambda: somebody.suite.client(token=token).get("/api/v1/me").status == 401, 30)
    somebody.run("session", "show", code=NOT_ALLOWED)
    assert "session sign-in" in somebody.said


@pytest.mark.parametrize("tenant,name,password,code", [
    ("", "admin", "wrong", NOT_ALLOWED), ("", "nobody", "wrong", NOT_ALLOWED), ("no-such-tenant", "admin", "x", NOT_ALLOWED),
    ("A!", "admin", "x", VALIDATION), ("", "admin", "", USAGE)], ids=str)
def test_refused(somebody, company, tenant, name, password, code):
    somebody.sign_in(tenant or company.code, name, password, code=code)
    assert not somebody.file.exists() and "wrong" not in somebody.said.replace("password is wrong", "")


def test_second_factor(suite, somebody, company):
    account = staff.new_account(suite, company.admin, company.code, "rc-auditor", ["AUDITOR"])
    client = company.enter("rc-auditor", account["activation_code"])
    secret = client.post("/api/v1/me/totp").expect(201).json["secret"]
    otp.rest_of_step(8)
    recovery = client.post("/api/v1/me/totp:confirm", {"code": otp.code(secret)}).expect(200).json["codes"]
    suite.psql_all("identity", f"update totp set last_step = 0 where account_id = '{account['id']}'")
    somebody.sign_in(company.code, "rc-auditor", company.password, code=NOT_ALLOWED)
    assert "second line of stdin" in somebody.said
    somebody.sign_in(company.code, "rc-auditor", company.password, otp.not_of(secret), code=NOT_ALLOWED)
    assert "SECOND_FACTOR_REFUSED" in somebody.said and not somebody.file.exists()
    somebody.sign_in(company.code, "rc-auditor", company.password, otp.code(secret))
    somebody.run("session", "show")
    somebody.sign_in(company.code, "rc-auditor", company.password, recovery[0])
    somebody.sign_in(company.code, "rc-auditor", company.password, recovery[0], code=NOT_ALLOWED)


def test_a_token_that_ran_out_is_renewed(admin):
    before = admin.kept()
    admin.change(access_token=before["access_token"][:-4] + "AAAA")
    admin.run("accounts", "list")
    assert admin.kept()["refresh_token"] != before["refresh_token"]
    admin.change(access_token="x", refresh_token="y" * 40)
    admin.run("accounts", "list", code=NOT_ALLOWED)
    assert "sign in again" in admin.said


def test_two_at_once_renew_it_once(admin):
    """A refresh token that is shown twice ends its family."""
    admin.change(access_token=admin.kept()["access_token"][:-4] + "AAAA")
    codes = []

    def ask():
        codes.append(subprocess.run([admin.program, "session", "show"], env=admin.env, capture_output=True, timeout=60).returncode)
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert codes == [DONE] * 6
    admin.run("session", "show")


def test_a_file_that_others_read_is_not_used(admin):
    admin.file.chmod(0o644)
    admin.run("session", "show", code=NOT_ALLOWED)
    assert str(admin.file) in admin.said and "others may read" in admin.said


@pytest.mark.parametrize("url,code", [("http://10.1.2.3:8080", USAGE), ("http://127.0.0.1.example.com:80", USAGE), ("ftp://127.0.0.1", USAGE),
                                      ("127.0.0.1:8080", USAGE), ("http://127.0.0.1:1", UNREACHABLE), ("https://127.0.0.1:1", UNREACHABLE)])
def test_where_it_goes(suite, tmp_path, url, code):
    Operator(suite, tmp_path, url).sign_in("demo", "x1", "a secret of mine", code=code)
    assert not (tmp_path / ".local").exists()


def test_machine_client(suite, company, admin, tmp_path):
    made = admin.rows("clients", "create", "rc-peer", "EMPLOYEE_READ")[0]
    machine = Operator(suite, tmp_path / "m")
    (tmp_path / "m").mkdir()
    machine.run("session", "sign-in-client", made["client_id"], stdin="wrong\n", code=NOT_ALLOWED)
    machine.run("session", "sign-in-client", made["client_id"], stdin=made["client_secret"] + "\n")
    assert "refresh_token" not in machine.kept()
    machine.run("accounts", "list", code=NOT_ALLOWED)
    assert [c["client_id"] for c in admin.rows("clients", "list")] == [made["client_id"]]
    again = admin.rows("clients", "rotate-secret", made["id"], "--yes")[0]
    assert again["client_secret"] != made["client_secret"]
    admin.run("clients", "delete", made["id"], code=NOT_ALLOWED)  # nobody said yes
    admin.run("clients", "delete", made["id"], "--yes")
    assert admin.rows("clients", "list") == []
    admin.run("clients", "delete", made["id"], "--yes", code=NOT_FOUND)


# ---- companies and accounts ----

def test_tenants(suite, somebody, company):
    who = suite.account("PLATFORM_OPERATOR")
    somebody.sign_in(who["tenant"], who["sign_in_name"], who["password"])
    code = "rc" + company.code
    somebody.run("tenants", "create", code, "新企业", "admin", "--dry-run")
    assert code not in [t["code"] for t in somebody.rows("tenants", "list")]
    made = somebody.rows("tenants", "create", code, "新企业", "admin")[0]
    assert made["admin_activation_code"] and made["name"] == "新企业"
    somebody.run("tenants", "show", made["id"], code=NOT_FOUND)  # a company's settings are its administrator's
    somebody.run("tenants", "create", code, "新企业", "admin", code=CONFLICT)
    assert "TENANT_CODE_TAKEN" in somebody.said
    somebody.run("tenants", "create", "!", "", "a", code=VALIDATION)
    assert "/code: " in somebody.said and "/name: " in somebody.said, "all faults at once"


def test_accounts(suite, company, admin):
    made = admin.rows("accounts", "create", "rc-payroll", "PAYROLL,HR")[0]
    company.enter("rc-payroll", made["activation_code"])
    assert admin.rows("accounts", "find", "rc-payroll")[0] | {"state": ""} == admin.rows("accounts", "show", made["id"])[0] | {"state": ""}
    assert set(made["roles"].split(",")) >= {"PAYROLL", "HR"}
    assert {g["role"] for g in admin.rows("grants", "list") if g["account_id"] == made["id"]} == {"PAYROLL", "HR"}
    admin.run("grants", "add", made["id"], "STORE_MANAGER")
    assert admin.rows("tenants", "show", company.id)[0]["code"] == company.code
    admin.run("grants", "add", made["id"], "KING", code=VALIDATION)
    code = admin.rows("accounts", "issue-activation", made["id"])[0]
    assert code["sign_in_name"] == "rc-payroll" and len(code["code"]) >= 8
    admin.run("accounts", "reset-second-factor", made["id"], "lost", code=NOT_ALLOWED)  # nobody said yes
    admin.run("accounts", "create", "rc-payroll", "HR", code=CONFLICT)
    admin.run("tenants", "list", code=NOT_ALLOWED)


def test_pages(suite, company, admin):
    for i in range(3):
        staff.new_account(suite, company.admin, company.code, f"rc-page{i}", ["AUDITOR"])
    table = admin.run("-o", "csv", "accounts", "list")
    names = [r["sign_in_names"] for r in csv.DictReader(io.StringIO(table))]
    assert {"rc-page0", "rc-page1", "rc-page2", "admin"} <= set(names) and len(set(names)) == len(names)


# ---- files ----

def people(tmp_path, numbers, broken=()):
    rows = [f"{n},测试人{i},{'男女'[i % 2]},2026-01-01,{'NOPE' if n in broken else 'RC1'},RCP,全职\n" for i, n in enumerate(numbers)]
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return str(path)


def test_import(hr, tmp_path):
    path = people(tmp_path, [f"RI{i:03}" for i in range(40)], broken=("RI007", "RI030"))
    checked = json.loads(hr.run("imports", "start", path, "--dry-run", code=PARTIAL))
    assert (checked["state"], checked["created"], checked["refused"]) == ("CHECKED", 38, 2)
    loaded = json.loads(hr.run("imports", "run", checked["id"], code=PARTIAL))
    assert (loaded["state"], loaded["created"], loaded["fault_count"]) == ("SUCCEEDED", 38, 2)
    assert f"renhectl imports file {checked['id']}" in hr.said
    faults = hr.rows("imports", "faults", checked["id"])
    assert [(f["row"], f["code"]) for f in faults] == [(9, "ORG_UNIT_UNKNOWN"), (32, "ORG_UNIT_UNKNOWN")] and all(f["column"] for f in faults)
    back = hr.run("imports", "file", checked["id"], raw=True).decode("utf-8-sig")
    assert "RI007" in back and "RI030" in back and "RI008" not in back
    assert hr.rows("imports", "show", checked["id"])[0]["state"] == "SUCCEEDED"
    hr.run("imports", "undo", checked["id"], code=NOT_ALLOWED)
    undone = json.loads(hr.run("imports", "undo", checked["id"], "--yes", code=PARTIAL))
    assert undone["state"] == "UNDONE"
    hr.run("imports", "run", checked["id"], code=CONFLICT)


def test_import_whole(hr, tmp_path):
    done = json.loads(hr.run("imports", "start", people(tmp_path, ["RJ001", "RJ002"])))
    assert (done["state"], done["created"], done["refused"]) == ("SUCCEEDED", 2, 0)
    hr.run("imports", "undo", done["id"], "--yes")


@pytest.mark.parametrize("content,code", [(b"", VALIDATION), (None, NOT_FOUND), (b"\x00\x01\x02" * 50, VALIDATION), ("只有一列\n值\n".encode(), VALIDATION)],
                         ids=["empty", "gone", "no sheet", "no columns"])
def test_import_refused(hr, tmp_path, content, code):
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_bytes(content)
    hr.run("imports", "start", str(path), code=code)
    assert hr.said.strip()


def test_import_without_right(admin, tmp_path):
    admin.run("imports", "start", people(tmp_path, ["RK001"]), code=NOT_ALLOWED)
    admin.run("imports", "show", "00000000-0000-7000-8000-00000000dead", code=NOT_ALLOWED)


def test_bar(hr, tmp_path):
    """On a terminal: one line that is written over, with a bar, a rate and the time left."""
    path = people(tmp_path, [f"RB{i:04}" for i in range(800)])
    mine, its = pty.openpty()
    p = subprocess.Popen([hr.program, "imports", "start", path], env=hr.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its)
    os.close(its)
    seen = b""
    try:
        while piece := os.read(mine, 4096):
            seen += piece
    except OSError:
        pass
    os.close(mine)
    out = p.stdout.read()
    assert p.wait(60) == DONE, (seen, out)
    text = seen.decode()
    assert "[##############################] SUCCEEDED 800/800 100%" in text and "/s" in text and text.count("\r[") >= 2, text
    hr.run("imports", "undo", json.loads(out)["id"], "--yes")


def test_export(hr, company):
    hr.run("session", "step-up", stdin="wrong\n", code=NOT_ALLOWED)
    hr.run("session", "step-up", stdin=company.password + "\n")
    table = hr.run("exports", "start", "CSV", raw=True).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table)))) >= 1
    assert hr.run("exports", "start", "XLSX", raw=True)[:4] == b"PK\x03\x04"
    hr.run("exports", "start", "PDF", code=VALIDATION)


def test_chinese(suite, tmp_path):
    person = Operator(suite, tmp_path, lang="zh_CN.UTF-8")
    person.run("session", "show", code=NOT_ALLOWED)
    assert "尚未登录" in person.said
    person.sign_in("demo", "nobody", "wrong", code=NOT_ALLOWED)
    assert "密码" in person.said
