"""The demo companies: what the generator makes, that a load broken anywhere goes on to the same company,
and that what scripts/up says to do next works as it stands."""
import datetime
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter

import pytest

from renhe import CHECKOUT, Suite, clean_environment
from staff import AREAS, check_digit

sys.path.insert(0, str(CHECKOUT / "scripts/lib"))
from demo_company import BIG, SMALL, Company, Shape  # noqa: E402

DAY = datetime.date(2026, 11, 22)
SHAPES = (*SMALL, *BIG, Shape("any", "某公司", random.SystemRandom().randrange(10**6), "A", 50, 2000, years=3, cities=8))


@pytest.fixture(scope="module", params=SHAPES, ids=lambda s: f"{s.code}-{s.employed}-seed-{s.seed}")
def company(request):
    return Company(request.param, DAY)


# ---- the generator ----

def test_as_many_as_promised_are_employed_today(company):
    assert len(company.employed()) == company.shape.employed
    assert sum(u.kind == "STORE" for u in company.units.values()) == company.shape.stores
    assert {p.unit for p in company.employed()} >= {u.code for u in company.units.values() if u.kind == "STORE"}


def test_every_number_is_of_one_person(company):
    for field in ("number", "id_number", "mobile"):
        values = [getattr(p, field) for p in company.people]
        assert len(set(values)) == len(values), field
    for p in company.people:
        assert check_digit(p.id_number[:17]) == p.id_number[17] and p.id_number[:6] not in AREAS
        assert (int(p.id_number[16]) % 2 == 1) == (p.sex == "男")
        assert 18 <= p.hired.year - int(p.id_number[6:10]) <= 51


def test_days_are_in_order(company):
    for p in company.people:
        assert company.units[p.unit].since <= p.hired <= DAY and (p.left is None or p.hired < p.left <= DAY), p
        assert (p.left is None) == (p.reason is None)
    for m in company.moves:
        assert m.person.hired < m.day < (m.person.left or DAY) and m.unit != m.person.unit
        assert company.units[m.unit].since <= m.day


def test_turnover_is_that_of_the_trade(company):
    if not company.shape.years:
        assert not company.moves and len(company.people) == company.shape.employed
        return
    months = [company.begins + datetime.timedelta(30 * i) for i in range(12 * company.shape.years)]
    staffed = sum(sum(p.hired <= d and (p.left is None or p.left > d) for p in company.people) for d in months) / len(months)
    left = sum(1 for p in company.people if p.left)
    # Two standard deviations of a count, around 38 in a hundred and year.
    assert abs(left / staffed / company.shape.years - 0.38) < 0.01 + 2 * left**0.5 / staffed / company.shape.years
    assert company.moves and Counter(m.person.number for m in company.moves).most_common(1)[0][1] == 1


def test_the_same_seed_makes_the_same_company(company):
    again, other = Company(company.shape, DAY), Company(Shape("o", "他", company.shape.seed + 1, "O", 3, 50), DAY)
    assert list(again.staff_rows()) == list(company.staff_rows()) and list(again.move_rows()) == list(company.move_rows())
    # Numbers are drawn from some ten million: two companies may share one by chance, not their people.
    assert len({p.id_number for p in other.people} & {p.id_number for p in company.people}) <= 2


# ---- the load ----

def load(suite, size):
    env = clean_environment(**suite.env)
    return subprocess.Popen([CHECKOUT / "scripts/lib/demo", size], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def counted(suite, code):
    """(employments, ended ones, people, transfers, accounts) of a tenant."""
    ((tenant,),) = suite.psql("identity", f"select id from tenant where code = '{code}'")
    ((hires, ends, people, moves),) = suite.psql_all("archive", f"""
        select (select count(*) from employee where tenant_id = '{tenant}'),
               (select count(distinct employee_id) from employee_fact where tenant_id = '{tenant}' and fact_kind = 'ENDED'),
               (select count(distinct person_id) from employee where tenant_id = '{tenant}'),
               (select count(*) from employee_fact where tenant_id = '{tenant}' and fact_kind = 'TRANSFERRED')""")
    return int(hires), int(ends), int(people), int(moves)


def expected(shape):
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    company = Company(shape, today)
    return len(company.people), sum(p.left is not None for p in company.people), len(company.people), len(company.moves)


@pytest.fixture(scope="module")
def loaded():
    """A suite whose big demo was killed again and again while it was loaded."""
    suite = Suite.start("--empty")
    draw = random.Random(os.environ.get("RENHE_SEED"))
    suite.kills, suite.load_s = 0, time.monotonic()
    try:
        while suite.kills < 8:
            run = load(suite, "big")
            try:
                # A whole load takes 7 s on a quiet machine: short enough that some kills hit it.
                run.wait(draw.uniform(0.2, 1.4))
                break
            except subprocess.TimeoutExpired:
                run.kill()
                run.wait()
                suite.kills += 1
        out, _ = load(suite, "big").communicate(timeout=600)
        suite.load_s = time.monotonic() - suite.load_s
        assert (suite.run_dir / "accounts.json").exists(), out
        yield suite
    finally:
        suite.stop()


def test_a_load_that_was_killed_again_and_again_makes_the_same_companies(loaded, figure):
    assert loaded.kills >= 3
    for shape in BIG:
        assert counted(loaded, shape.code) == expected(shape), shape.code
    figure(f"{loaded.kills} kills of the loader, all of it {loaded.load_s:.0f} s")


def test_accounts_of_the_big_demo(loaded):
    roles = Counter((a["tenant"], a["role"]) for a in loaded.accounts if "totp_secret" not in a)
    wanted = ("HR", "PAYROLL", "AUDITOR", "MANAGER", "STORE_MANAGER", "TENANT_ADMIN", "EMPLOYEE")
    second_pairs_of_eyes = ("HR", "PAYROLL", "TENANT_ADMIN")
    assert roles == Counter([(t, r) for t in ("demo", "second") for r in wanted + second_pairs_of_eyes]
                            + [("platform", "PLATFORM_OPERATOR")])
    assert [a["tenant"] for a in loaded.accounts if "totp_secret" in a] == ["demo"]
    manager = loaded.sign_in_as("STORE_MANAGER", "demo")
    mine = manager.get("/api/v1/employees", query={"page_size": 500}).expect(200).json["items"]
    assert len([e for e in mine if e["state"] == "ACTIVE"]) >= 30
    assert {e["org_unit_id"] for e in mine if e["state"] == "ACTIVE"} == {loaded.account("STORE_MANAGER", "demo")["org_unit_id"]}


def test_the_year_is_paid(loaded):
    """Each month once, closed; this one open, with whoever came in it held out by a reason."""
    payroll = loaded.sign_in_as("PAYROLL", "demo")
    runs = payroll.get("/api/v1/pay-runs", query={"page_size": 100}).expect(200).json["items"]
    assert len(runs) >= 4 and len({r["month"] for r in runs}) == len(runs)
    assert runs[0]["state"] == "CALCULATED" and {r["state"] for r in runs[1:]} == {"CLOSED"}
    assert all(r["calculated"] > 1700 and r["net_fen"] > 0 for r in runs) and all(r["held"] == 0 for r in runs[1:])
    codes = {c["code"] for s in payroll.get(f"/api/v1/pay-runs/{runs[0]['id']}/payslips", query={"state": "HELD"}).expect(200).json["items"] for c in s["reasons"]}
    assert codes <= {"REQUIRED"} and bool(codes) == (runs[0]["held"] > 0)


def test_nothing_secret_is_left_behind(loaded):
    assert not (loaded.run_dir / "demo.json").exists()
    for path in (loaded.run_dir / "accounts.json", *(loaded.run_dir / "demo").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_up_says_to_do_next_works(loaded):
    said = loaded.up("--no-build").stdout
    lines = [line.strip() for line in said[said.index("What to do next"):].splitlines()]
    commands = [line for line in lines if line.startswith(("curl ", "token="))]
    assert len(commands) == 3, said
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert '"title"' in done.stdout and re.search(r'"employee_number": "D0001"', done.stdout)


def test_wrong_size(tmp_path):
    env = clean_environment(RENHE_RUN_DIR=str(tmp_path / "run"))
    for args in (["--demo"], ["--demo", "huge"]):
        done = subprocess.run([CHECKOUT / "scripts/up", "--no-build", *args], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "--demo takes big or small" in done.stderr
