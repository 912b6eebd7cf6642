"""Facts of a period: there once by their source, taken by one run, in the slip with their source, withdrawn only before an approval."""
import pytest

from paid import RUNS, PayingCompany
from test_payslip import check

FACTS = "/api/v1/period-facts"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def company(suite):
    c = PayingCompany(suite)
    c.stepped_up(c.payroll)
    c.one, c.other = c.known(c.hire(), c.hire())
    c.record(c.term(c.one), c.term(c.other))
    c.n = 0
    return c


def fact(c, kind, month="2026-03-01", who=None, **more):
    c.n += 1
    return {"source": f"hr/{c.n}", "employee_id": (who or c.one)["id"], "month": month, "kind": kind, **more}


def record(c, *items):
    return c.payroll.post(f"{FACTS}:record", {"items": list(items)}).expect(200).json


def of(c, run, who):
    return next(s for s in c.slips(run) if s["employee_id"] == who["id"])


def pointers(answer):
    return {(e["pointer"], e["code"]) for e in answer.json["errors"]}


# ---- recording ----

def test_sent_again_it_is_there_once(company):
    c = company
    one = fact(c, "AMOUNT", "2020-01-01", code="BONUS_X", amount_fen=123456, note="一次")
    first = record(c, one)
    again = record(c, one, one)
    assert first["added"] == 1 and again["added"] == 0 and {i["id"] for i in again["items"]} == {first["items"][0]["id"]}
    got = c.payroll.post(f"{FACTS}:record", {"items": [{**one, "amount_fen": 123457}]}).expect(409)
    assert got.code == "PERIOD_FACT_TAKEN" and pointers(got) == {("/items/0/source", "TAKEN")}
    other = fact(c, "ABSENCE", days_e2=100)
    got = c.payroll.post(f"{FACTS}:record", {"items": [other, {**other, "days_e2": 200}]}).expect(409)
    assert pointers(got) == {("/items/1/source", "TAKEN")}
    listed = c.payroll.get(FACTS, query={"employee_id": c.one["id"], "month": "2020-01-01"}).expect(200).json["items"]
    assert [i["amount_fen"] for i in listed] == [123456] and "pay_run_id" not in listed[0]


@pytest.mark.parametrize("kind, more, told", [
    ("OVERTIME_REST", {}, {("hours_s", "REQUIRED")}),
    ("OVERTIME_REST", {"hours_s": 3600, "amount_fen": 1}, {("amount_fen", "NOT_ALLOWED")}),
    ("ABSENCE", {"hours_s": 3600}, {("days_e2", "REQUIRED"), ("hours_s", "NOT_ALLOWED")}),
    ("SICKNESS", {"days_e2": 100}, {("service_years", "REQUIRED")}),
    ("AMOUNT", {"amount_fen": 5}, {("code", "REQUIRED")}),
    ("AMOUNT", {"code": "X", "amount_fen": 5, "claim_kind": "LOSS"}, {("claim_kind", "NOT_ALLOWED")}),
    ("CLAIM", {"code": "X", "amount_fen": 5}, {("claim_kind", "REQUIRED")}),
    ("CLAIM", {"code": "X", "amount_fen": 5, "claim_kind": "COURT", "cut": True}, {("cut", "NOT_ALLOWED")}),
    ("ABSENCE", {"days_e2": 100, "month": "2026-03-02"}, {("month", "OUT_OF_RANGE")}),
    ("ABSENCE", {"days_e2": 100, "employee_id": NOBODY}, {("employee_id", "UNKNOWN")}),
])
def test_refused_whole(company, kind, more, told):
    good = fact(company, "ABSENCE", "2019-01-01", days_e2=100)
    got = company.payroll.post(f"{FACTS}:record", {"items": [good, {**fact(company, kind), **more}]}).expect(422)
    assert got.code == "PERIOD_FACT_REFUSED" and pointers(got) == {(f"/items/1/{m}", code) for m, code in told}
    assert company.payroll.get(FACTS, query={"month": "2019-01-01"}).expect(200).json["items"] == []


def test_who_sees_what(company, suite):
    c = company
    record(c, fact(c, "AMOUNT", "2018-01-01", code="SECRET", amount_fen=777777))
    seen = c.auditor.get(FACTS, query={"month": "2018-01-01"}).expect(200).json["items"][0]
    assert "amount_fen" not in seen and "amount_fen" in seen["restricted_fields"] and seen["code"] == "SECRET"
    assert "amount_fen" not in c.hr.get(FACTS, query={"month": "2018-01-01"}).expect(200).json["items"][0]
    c.hr.post(f"{FACTS}:record", {"items": [fact(c, "ABSENCE", days_e2=100)]}).expect(403)
    c.admin.get(FACTS).expect(403)
    assert suite.sign_in_as("PAYROLL", "demo").get(FACTS, query={"employee_id": c.one["id"]}).expect(200).json["items"] == []
    assert "777777" not in str(suite.psql_all("payroll", "select row_to_json(f)::text from period_fact f"))


# ---- in a run ----

def test_facts_stand_in_the_slip(company):
    c = company
    record(c, fact(c, "OVERTIME_WEEKDAY", hours_s=7200), fact(c, "OVERTIME_WEEKDAY", hours_s=5400), fact(c, "OVERTIME_HOLIDAY", hours_s=28800),
           fact(c, "ABSENCE", days_e2=50), fact(c, "SICKNESS", days_e2=200, service_years=3),
           fact(c, "AMOUNT", code="COMMISSION", amount_fen=50000), fact(c, "AMOUNT", "2025-11-01", code="LATE_ONE", amount_fen=100),
           fact(c, "CLAIM", code="LOAN", claim_kind="AGREED", amount_fen=30000), fact(c, "ABSENCE", "2026-02-01", days_e2=300))
    run = c.run("2026-03-01")
    one = of(c, run, c.one)
    check(one["answer"])
    lines = {x["code"]: x for x in one["answer"]["lines"]}
    assert one["question"]["overtime"] == [{"kind": "WEEKDAY", "hours_s": 12600}, {"kind": "HOLIDAY", "hours_s": 28800}]
    assert one["question"]["absent_days_e2"] == 50 and one["question"]["sickness"]["days_e2"] == 200
    assert lines["COMMISSION"]["amount_fen"] == 50000 and lines["LATE_ONE"]["amount_fen"] == 100 and lines["LOAN"]["amount_fen"] == 30000
    assert lines["COMMISSION"]["source"].startswith("hr/") and lines["LOAN"]["source"].startswith("hr/")
    assert "COMMISSION" not in {x["code"] for x in of(c, run, c.other)["answer"]["lines"]}
    # Those of March, and amounts that came too late for their months; nothing else.
    for f in c.payroll.get(FACTS, query={"employee_id": c.one["id"], "page_size": 100}).expect(200).json["items"]:
        due = f["month"] == "2026-03-01" or (f["month"] < "2026-03-01" and f["kind"] in ("AMOUNT", "CLAIM"))
        assert (f.get("pay_run_id") == run["id"]) == due, f
    company.run_of_march = run


def test_one_run_takes_it(company):
    """A second run of the month finds nothing left, and gives nothing back to the first."""
    c = company
    second = c.run("2026-03-01", sequence=2)
    assert "overtime" not in of(c, second, c.one)["question"] and "amounts" not in of(c, second, c.one)["question"]
    c.payroll.post(f"{RUNS}/{second['id']}:cancel").expect(200)
    assert of(c, c.run_of_march, c.one)["question"]["absent_days_e2"] == 50


def test_a_trial_takes_nothing(company):
    c = company
    record(c, fact(c, "AMOUNT", "2026-04-01", code="APRIL", amount_fen=4000))
    trial = c.run("2026-04-01", kind="TRIAL")
    assert [a["code"] for a in of(c, trial, c.one)["question"]["amounts"]] == ["APRIL"]
    regular = c.run("2026-04-01")
    assert [a["code"] for a in of(c, regular, c.one)["question"]["amounts"]] == ["APRIL"]
    c.payroll.post(f"{RUNS}/{regular['id']}:cancel").expect(200)
    assert [f["code"] for f in c.payroll.get(FACTS, query={"month": "2026-04-01", "open": "true"}).expect(200).json["items"]] == ["APRIL"]


def test_a_withdrawn_one_is_gone_from_the_next_calculation(company):
    c = company
    item = record(c, fact(c, "ABSENCE", days_e2=100, who=c.other))["items"][0]
    run = f"{RUNS}/{c.run_of_march['id']}"
    c.payroll.post(f"{run}:calculate").expect(202)
    assert of(c, c.calculated(c.run_of_march["id"]), c.other)["question"]["absent_days_e2"] == 100
    assert c.payroll.post(f"{FACTS}/{item['id']}:withdraw").expect(200).json["withdrawn_time"]
    before = of(c, c.read(c.run_of_march["id"]), c.one)
    c.payroll.post(f"{run}:calculate").expect(202)
    again = c.calculated(c.run_of_march["id"])
    assert "absent_days_e2" not in of(c, again, c.other)["question"] and of(c, again, c.one)["digest"] == before["digest"]
    c.payroll.post(f"{FACTS}/{NOBODY}:withdraw").expect(404)


def test_an_approved_run_keeps_its_facts(company, suite):
    c = company
    run = c.close(c.read(c.run_of_march["id"]))
    taken = next(f for f in c.payroll.get(FACTS, query={"employee_id": c.one["id"], "page_size": 100}).json["items"] if f.get("pay_run_id") == run["id"])
    assert c.payroll.post(f"{FACTS}/{taken['id']}:withdraw").expect(409).code == "PERIOD_FACT_USED"
    with pytest.raises(AssertionError, match="was approved"):
        suite.psql("payroll", f"delete from period_fact_use where fact_id = '{taken['id']}'", tenant_id=c.id)


def test_who_is_held_out_gets_them_later(company):
    """Facts of somebody without a residence stay open; the run that pays takes them."""
    c = company
    new = c.known(c.hire())[0]
    group = c.make_group()
    c.record(c.term(new, pay_group_id=group["id"], residence=None))
    record(c, fact(c, "AMOUNT", "2026-05-01", who=new, code="MAY", amount_fen=500))
    first = c.run("2026-05-01", group)
    assert (first["held"], first["calculated"]) == (1, 0)
    assert c.payroll.get(FACTS, query={"employee_id": new["id"], "open": "true"}).json["items"]
    c.record(c.term(new, pay_group_id=group["id"]))
    c.payroll.post(f"{RUNS}/{first['id']}:calculate").expect(202)
    done = c.calculated(first["id"])
    assert (done["held"], done["calculated"]) == (0, 1) and [a["code"] for a in of(c, done, new)["question"]["amounts"]] == ["MAY"]


def test_more_than_a_question_holds_is_held_out(company):
    c = company
    new = c.known(c.hire())[0]
    group = c.make_group()
    c.record(c.term(new, pay_group_id=group["id"]))
    record(c, *[fact(c, "ABSENCE", "2026-06-01", who=new, days_e2=1600) for _ in range(2)])
    run = c.run("2026-06-01", group)
    assert run["held"] == 1
    (slip,) = c.slips(run)
    assert slip["reasons"][0]["pointer"] == "/absent_days_e2"
