"""Results of a month as scheduling and performance will tell them, published into the broker: facts of the period come of them, once,
in order, whole or not at all; what can't be taken is a dead letter with its reason."""
import uuid

import pytest

from paid import PayingCompany
from publisher import headers, publish
from renhe import wait_until
from test_operate import rows, run
from test_payslip import check

FACTS = "/api/v1/period-facts"
SETTLED, WITHDRAWN = "renhe.scheduling.period.settled.v1", "renhe.scheduling.period.lines_withdrawn.v1"
RATED, UNRATED = "renhe.performance.rating.published.v1", "renhe.performance.rating.withdrawn.v1"


@pytest.fixture(scope="module")
def company(suite):
    c = PayingCompany(suite)
    c.one, c.other = c.known(c.hire(), c.hire())
    c.record(c.term(c.one), c.term(c.other))
    yield c
    for letter in letters(c):
        run(suite, "payroll", "dead-letters", "drop", "payroll", str(letter["id"]), "--yes")


def line(kind, **more):
    return {"line_id": str(uuid.uuid4()), "kind": f"PERIOD_LINE_KIND_{kind}", **more}


class Settlement:
    """Of one employment and month: its events in their order."""

    def __init__(self, c, who=None, month="2026-03-01", person_id=None):
        who = who or c.one
        self.c, self.id, self.sequence = c, str(uuid.uuid4()), 0
        self.person = person_id or who["person_id"]
        self.fields = {"employee_id": who["id"], "month": month}

    def tell(self, kind, message, fields, sequence=None, event_id=None, source="scheduling"):
        self.sequence = sequence or self.sequence + 1
        head = headers(kind, source, "settlement", self.id, self.c.id, self.sequence, event_id)
        publish(self.c.suite, "renhe.scheduling.period.v1", f"{self.c.id}/{self.person}", head, f"renhe.scheduling.{message}",
                {"settlement_id": self.id, "person_id": self.person, **fields})
        return head["ce_id"]

    def settled(self, *lines, **more):
        return self.tell(SETTLED, "PeriodSettled", {**self.fields, "lines": list(lines)}, **more)

    def withdrawn(self, *lines, **more):
        return self.tell(WITHDRAWN, "PeriodLinesWithdrawn", {"line_ids": [x["line_id"] for x in lines]}, **more)


def rate(c, rating, who, sequence=1, **fields):
    kind, message = (RATED, "RatingPublished") if fields else (UNRATED, "RatingWithdrawn")
    head = headers(kind, "performance", "rating", rating, c.id, sequence)
    more = {"employee_id": who["id"], **fields} if fields else {}
    publish(c.suite, "renhe.performance.rating.v1", f"{c.id}/{who['person_id']}", head, f"renhe.performance.{message}",
            {"rating_id": rating, "person_id": who["person_id"], **more})


def facts(c, who=None, **query):
    return c.payroll.get(FACTS, query={"employee_id": (who or c.one)["id"], "page_size": 200, **query}).expect(200).json["items"]


def come(c, *lines, who=None):
    """The facts of these lines, once they are there."""
    sources = [f"scheduling/{x['line_id']}" for x in lines]

    def there():
        found = {f["source"]: f for f in facts(c, who) if f["source"] in sources}
        return [found[s] for s in sources] if len(found) == len(sources) else None
    return wait_until(there, 30, "the lines as facts")


def letters(c):
    return [r for r in rows(c.suite, "payroll", "dead-letters", "list", "payroll") if r["tenant_id"] == c.id]


def letter(c, subject):
    def there():
        return [r for r in letters(c) if r["subject"] == subject]
    [one] = wait_until(there, 60, "the dead letter", every=0.3)
    return one


# ---- what comes ----

def test_lines_become_facts_and_stand_in_the_slip(company):
    c = company
    lines = (line("OVERTIME_WEEKDAY", hours_s=7200), line("OVERTIME_REST", hours_s=3600), line("OVERTIME_HOLIDAY", hours_s=28800),
             line("ABSENCE", days_e2=50), line("SICKNESS", days_e2=200, service_years=3, beyond_six_months=False))
    Settlement(c).settled(*lines)
    got = come(c, *lines)
    assert [(f["kind"], f.get("hours_s"), f.get("days_e2"), f.get("service_years")) for f in got] == [
        ("OVERTIME_WEEKDAY", 7200, None, None), ("OVERTIME_REST", 3600, None, None), ("OVERTIME_HOLIDAY", 28800, None, None),
        ("ABSENCE", None, 50, None), ("SICKNESS", None, 200, 3)]
    assert {(f["month"], f["person_id"], f["employee_number"]) for f in got} == {
        ("2026-03-01", c.one["person_id"], c.one["employee_number"])}
    slip = next(s for s in c.slips(c.run("2026-03-01", kind="TRIAL")) if s["employee_id"] == c.one["id"])
    check(slip["answer"])
    assert slip["question"]["overtime"] == [{"kind": "WEEKDAY", "hours_s": 7200}, {"kind": "REST", "hours_s": 3600}, {"kind": "HOLIDAY", "hours_s": 28800}]
    assert (slip["question"]["absent_days_e2"], slip["question"]["sickness"]["days_e2"]) == (50, 200)


def test_a_correction_is_a_further_line(company):
    c, s = company, Settlement(company, month="2026-04-01")
    first, second = line("ABSENCE", days_e2=100), line("ABSENCE", days_e2=50)
    s.settled(first)
    before = come(c, first)
    s.settled(second)
    assert come(c, first, second)[0] == before[0], "the first one is as it was"


def test_a_rating_is_kept_and_no_run_takes_it(company):
    c, rating = company, str(uuid.uuid4())
    rate(c, rating, c.other, month="2026-03-01", grade="A", coefficient_e4=12000)

    def kept():
        return [f for f in facts(c, c.other) if f["kind"] == "RATING"]
    [got] = wait_until(kept, 30, "the rating")
    assert (got["source"], got["code"], got["coefficient_e4"]) == (f"performance/{rating}", "A", 12000)
    run_ = c.run("2026-03-01", sequence=7)
    assert run_["held"] == 0 and "pay_run_id" not in kept()[0]
    c.payroll.post(f"/api/v1/pay-runs/{run_['id']}:cancel").expect(200)
    rate(c, rating, c.other, sequence=2)
    wait_until(lambda: kept()[0].get("withdrawn_time"), 30, "the withdrawal")


def test_by_hand_as_by_event(company):
    """A rating by the API, until performance is there; grade and coefficient belong together."""
    c = company
    body = {"source": "hr/rating/" + uuid.uuid4().hex, "employee_id": c.one["id"], "month": "2026-03-01", "kind": "RATING"}
    for wrong in ({}, {"code": "B"}, {"coefficient_e4": 9000}, {"code": "B", "coefficient_e4": 9000, "hours_s": 1}):
        c.payroll.post(f"{FACTS}:record", {"items": [{**body, **wrong}]}).expect(422)
    c.payroll.post(f"{FACTS}:record", {"items": [{**body, "code": "B", "coefficient_e4": 100001}]}).expect(422)
    assert c.payroll.post(f"{FACTS}:record", {"items": [{**body, "code": "B", "coefficient_e4": 0}]}).expect(200).json["added"] == 1


# ---- twice, out of order, withdrawn ----

def test_twice_is_once(company):
    """The same event again, its lines in another event, and a line said twice in one."""
    c, s = company, Settlement(company, company.other, "2026-05-01")
    one, two = line("ABSENCE", days_e2=100), line("OVERTIME_REST", hours_s=3600)
    event = s.settled(one, one)
    s.settled(one, one, sequence=1, event_id=event)
    s.settled(one, two, sequence=2)
    come(c, one, two, who=c.other)
    assert len(facts(c, c.other, month="2026-05-01")) == 2 and not [r for r in letters(c) if r["subject"] == s.id]



def test_out_of_order_waits_for_its_turn(company):
    """A withdrawal that comes first is held until what it withdraws is there."""
    c, s = company, Settlement(company, month="2026-06-01")
    one = line("ABSENCE", days_e2=100)
    s.withdrawn(one, sequence=2)
    after = Settlement(c, c.other, "2026-06-01")
    later = line("ABSENCE", days_e2=100)
    after.settled(later)
    come(c, later, who=c.other)
    assert facts(c, month="2026-06-01") == []
    s.settled(one, sequence=1)
    wait_until(lambda: come(c, one)[0].get("withdrawn_time"), 30, "the withdrawal behind it")
    s.withdrawn(one, sequence=3)  # again: it stays withdrawn
    last = line("ABSENCE", days_e2=50)
    s.settled(last, sequence=4)
    come(c, last)
    assert facts(c, month="2026-06-01", open="true") == come(c, last) and not [r for r in letters(c) if r["subject"] == s.id]


# ---- what can't be taken ----

GOOD = {"kind": "ABSENCE", "days_e2": 100}


@pytest.mark.parametrize("wrong, reason", [
    ({"kind": "ABSENCE", "hours_s": 3600}, "PERIOD_FACT_REFUSED"),
    ({"kind": "OVERTIME_REST", "days_e2": 100}, "PERIOD_FACT_REFUSED"),
    ({"kind": "SICKNESS", "days_e2": 100}, "PERIOD_FACT_REFUSED"),
    ({"kind": "ABSENCE", "days_e2": 0}, "VALIDATION_FAILED"),
    ({"kind": "ABSENCE", "days_e2": 3101}, "VALIDATION_FAILED"),
    ({"kind": "OVERTIME_REST", "hours_s": -3600}, "VALIDATION_FAILED"),
])
def test_a_bad_line_keeps_the_whole_event_out(company, wrong, reason):
    c, s = company, Settlement(company, month="2019-01-01")
    s.settled(line(**GOOD), line(**wrong))
    assert letter(c, s.id)["reason"] == reason
    assert facts(c, month="2019-01-01") == []


@pytest.mark.parametrize("fields, reason", [
    ({"month": "2019-02-15"}, "PERIOD_FACT_REFUSED"),
    ({"month": "2019-02-30"}, "VALIDATION_FAILED"),
    ({"employee_id": str(uuid.uuid4())}, "PERIOD_FACT_REFUSED"),
    ({"employee_id": "4711"}, "VALIDATION_FAILED"),
])
def test_a_bad_head(company, fields, reason):
    c, s = company, Settlement(company, month="2019-02-01")
    s.fields |= fields
    s.settled(line(**GOOD))
    assert letter(c, s.id)["reason"] == reason
    assert facts(c, month="2019-02-01") == [] and facts(c, month="2019-02-15") == []


def test_of_another_person_or_company(company, suite):
    """The key's person must be the employment's; the employment must be the tenant's."""
    c = company
    s = Settlement(c, month="2019-03-01", person_id=c.other["person_id"])
    s.settled(line(**GOOD))
    assert letter(c, s.id)["reason"] == "PERIOD_FACT_REFUSED"
    stranger = suite.account("EMPLOYEE", "demo")
    t = Settlement(c, {"id": stranger["employee_id"], "person_id": stranger["person_id"]} if "person_id" in stranger else
                   {"id": stranger["employee_id"], "person_id": str(uuid.uuid4())}, "2019-03-01")
    t.settled(line(**GOOD))
    assert letter(c, t.id)["reason"] == "PERIOD_FACT_REFUSED"
    assert facts(c, month="2019-03-01") == []


def test_another_content_under_the_same_line(company):
    c, s = company, Settlement(company, month="2019-04-01")
    one = line(**GOOD)
    s.settled(one)
    before = come(c, one)
    s.settled({**one, "days_e2": 200})
    assert letter(c, s.id)["reason"] == "PERIOD_FACT_TAKEN" and come(c, one) == before


def test_nobody_withdraws_what_was_never_told_or_what_is_anothers(company):
    c, s, t = company, Settlement(company, month="2019-05-01"), Settlement(company, company.other, "2019-05-01")
    one = line(**GOOD)
    s.settled(one)
    come(c, one)
    t.withdrawn(one)
    assert letter(c, t.id)["reason"] == "PERIOD_FACT_NOT_FOUND"
    s.withdrawn(one, line(**GOOD))
    assert letter(c, s.id)["reason"] == "PERIOD_FACT_NOT_FOUND" and "withdrawn_time" not in come(c, one)[0]


def test_what_an_approved_run_has_stays(company):
    """The withdrawal is a dead letter; what comes behind it waits until somebody drops it."""
    c = company
    one = c.known(c.hire())[0]
    group = c.make_group()
    c.record(c.term(one, pay_group_id=group["id"]))
    s, absent, more = Settlement(c, one, "2026-07-01"), line(**GOOD), line("ABSENCE", days_e2=50)
    s.settled(absent)
    come(c, absent, who=one)
    c.close(c.run("2026-07-01", group))
    s.withdrawn(absent)
    told = letter(c, s.id)
    assert told["reason"] == "PERIOD_FACT_USED"
    s.settled(more)
    marker = line(**GOOD)
    Settlement(c, one, "2026-08-01").settled(marker)
    come(c, marker, who=one)
    assert len(facts(c, one, month="2026-07-01")) == 1, "it waits behind the dead letter"
    run(c.suite, "payroll", "dead-letters", "drop", "payroll", str(told["id"]), "--yes")
    assert "withdrawn_time" not in come(c, absent, more, who=one)[0]


def test_a_dead_letter_is_taken_once_its_person_is_known(company):
    """Told before the hire was: tried again by an operator, it becomes the fact."""
    c = company
    c.suite.psql_all("payroll", f"update people_employment set annulled = true where employee_id = '{c.other['id']}'")
    s, one = Settlement(c, c.other, "2019-06-01"), line(**GOOD)
    s.settled(one)
    told = letter(c, s.id)
    c.suite.psql_all("payroll", f"update people_employment set annulled = false where employee_id = '{c.other['id']}'")
    run(c.suite, "payroll", "dead-letters", "retry", "payroll", str(told["id"]))
    assert come(c, one, who=c.other)[0]["days_e2"] == 100
