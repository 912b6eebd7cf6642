"""Whole payslips as a question: figures to the fen, each line with a formula that gives its amount, and what holds one up."""
import random
import re
from fractions import Fraction
from math import floor

import pytest

from http_client import Client
from test_calculators import refused, run

SHANGHAI = "310000"
INSURED = {"declared_base_fen": 2000000, "injury_rate_e5": 200, "fund_rate_e5": 7000}
RESIDENT = {"residence": "RESIDENT"}


@pytest.fixture(scope="module")
def client(suite):
    """Straight to the service: the door's limits are not what is tested here."""
    return Client(suite.env["RENHE_PAYROLL_URL"], suite.sign_in_as("EMPLOYEE", "demo").token)


def question(**more):
    body = {"basis": {"place": SHANGHAI}, "month": "2025-12-01", "hire_date": "2025-12-01", "wages": [{"monthly_fen": 2000000}],
            "insurance": INSURED, "tax": RESIDENT, **more}
    return {k: v for k, v in body.items() if v is not None}


def slip(client, **more):
    return run(client, "payslip", question(**more)).expect(200).json


def lines(got):
    return {(x["group"], x["code"]): x["amount_fen"] for x in got["lines"]}


def formulas(got, group, code):
    return [s["formula"] for x in got["lines"] if (x["group"], x["code"]) == (group, code) for s in x["steps"] if "formula" in s]


# ---- a person with a calculator ----

def worked_out(text):
    """Fen of the left side of a formula: decimals are exact, one rounding at the end, a half up."""
    text = text.split(" = ")[0].split(" → ")[0].replace(" < 0", "").replace(" ≤ 0", "").replace("−", "-").replace("×", "*").replace("÷", "/")
    text = re.sub(r"([\d.]+)%", r"(F('\1')/100)", text)
    text = re.sub(r"(?<!')(?<![\w.])(\d+(?:\.\d+)?)(?!')", r"F('\1')", text)
    half_up = lambda x, unit: floor(x / unit + Fraction(1, 2)) * unit  # noqa: E731
    value = eval(text, {"__builtins__": {}}, {"F": Fraction, "min": min, "max": max, "round": half_up,  # noqa: S307 (our own formulas)
                                              "floor": lambda x: Fraction(floor(x * 100), 100)})
    return floor(value * 100 + Fraction(1, 2))


def steps_of(got):
    return [s for x in got["lines"] for s in x["steps"]] + got["derivation"]["steps"]


def check(got):
    """Every formula gives its amount, the last step of a line the line's; groups give the sums."""
    for step in steps_of(got):
        if "formula" in step and not step["formula"].endswith(("≤ 0 → 0.00", "< 0 → 0.00")):
            assert worked_out(step["formula"]) == step["amount_fen"], step
        elif "formula" in step:
            assert worked_out(step["formula"]) <= 0 and step["amount_fen"] == 0, step
    for line in got["lines"]:
        assert line["steps"][-1]["amount_fen"] == line["amount_fen"], line
        assert all(0 <= i < len(got["derivation"]["law"]) for i in line.get("law", []))
    of = {g: sum(x["amount_fen"] for x in got["lines"] if x["group"] == g) for g in ("EARNED", "CUT", "OWN", "TAX", "DEDUCTED", "EMPLOYER")}
    assert got["gross_fen"] == of["EARNED"] - of["CUT"]
    assert [got[k] for k in ("own_fen", "tax_fen", "deducted_fen", "employer_fen")] == [of["OWN"], of["TAX"], of["DEDUCTED"], of["EMPLOYER"]]
    assert got["gross_fen"] - of["OWN"] - of["TAX"] - of["DEDUCTED"] == got["net_fen"] - got["receivable_fen"]


# ---- figures ----

def test_a_month_in_shanghai(client):
    """O-P01 of the vectors."""
    got = slip(client)
    check(got)
    assert lines(got) == {
        ("EARNED", "WAGE"): 2000000, ("OWN", "PENSION"): 160000, ("EMPLOYER", "PENSION"): 320000, ("OWN", "MEDICAL"): 40000,
        ("EMPLOYER", "MEDICAL"): 180000, ("OWN", "UNEMPLOYMENT"): 10000, ("EMPLOYER", "UNEMPLOYMENT"): 10000, ("EMPLOYER", "INJURY"): 4000,
        ("OWN", "FUND"): 140000, ("EMPLOYER", "FUND"): 140000, ("TAX", "INCOME_TAX"): 34500}
    assert (got["net_fen"], got["employer_fen"], got["top_up_fen"]) == (1615500, 654000, 0)
    assert formulas(got, "TAX", "INCOME_TAX")[2] == "(20000.00 − 5000.00 − 3500.00) × 3% = 345.00"
    assert formulas(got, "OWN", "FUND") == ["round(20000.00 × 7%, 1.00) = 1400.00"]
    assert got["derivation"]["date"] == "2025-12-31"


def test_a_year_goes_on_from_answer_to_question(client):
    """Each month takes the sums that the last one gave: the same as the calculator of the tax says of all twelve."""
    year, taxes = None, []
    for month in range(1, 13):
        tax = {**RESIDENT, "special_fen": 200000, **({"year": year} if year else {})}
        got = slip(client, month=f"2026-{month:02}-01", hire_date="2020-01-01", wages=[{"monthly_fen": 4000000}], tax=tax,
                   insurance={"declared_base_fen": 3000000, "fund_rate_e5": 7000})
        check(got)
        year = got["year"]
        taxes.append(got["tax_fen"])
    months = [{"income_fen": 4000000, "contributions_fen": got["own_fen"], "special_fen": 200000}] * 12
    told = run(client, "income-tax", {"basis": {"date": "2026-12-31"}, "months": months}).expect(200).json
    assert taxes == [m["tax_fen"] for m in told["months"]] and year["withheld_fen"] == told["year_fen"] == sum(taxes)
    assert year["month"] == 12 and len(set(taxes)) > 2


def test_everything_at_once(client):
    got = slip(client, month="2026-03-01", hire_date="2020-01-01", wages=[{"monthly_fen": 1200000}, {"monthly_fen": 1500000, "from_date": "2026-03-16"}],
               overtime=[{"kind": "WEEKDAY", "hours_s": 36000}, {"kind": "REST", "hours_s": 5400}, {"kind": "HOLIDAY", "hours_s": 28800}],
               absent_days_e2=150, sickness={"days_e2": 300, "service_years": 3},
               amounts=[{"code": "COMMISSION", "amount_fen": 123456, "source": "orders/2026-03"}, {"code": "LATE", "amount_fen": 5000, "cut": True},
                        {"code": "TRAVEL", "amount_fen": 30000, "tax_free": True}],
               tax={**RESIDENT, "bonus_fen": 3600100, "severance_fen": 60000000, "monthly_average_fen": 1243400},
               claims=[{"code": "LOAN", "kind": "AGREED", "amount_fen": 100000, "source": "loan/7"},
                       {"code": "DAMAGE", "kind": "LOSS", "amount_fen": 900000}, {"code": "CHILD", "kind": "SUPPORT", "amount_fen": 150000},
                       {"code": "ORDER", "kind": "COURT", "amount_fen": 9990000000, "protected_fen": 600000}])
    check(got)
    assert [x["code"] for x in got["lines"] if x["group"] == "DEDUCTED"] == ["CHILD", "ORDER", "DAMAGE", "LOAN"]
    assert formulas(got, "EARNED", "WAGE")[0].startswith("12000.00 × ") and lines(got)[("TAX", "BONUS_TAX")] == 339010
    assert [x["source"] for x in got["lines"] if "source" in x] == ["orders/2026-03", "loan/7"]
    order = next(x for x in got["lines"] if x["code"] == "ORDER")
    assert order["amount_fen"] + order["left_fen"] == 9990000000
    assert any("基本" in s["zh"] or "减除" in s["zh"] for s in steps_of(got)) and not any(re.search("[一-鿿]", s["en"]) for s in steps_of(got))


def test_a_claim_that_gets_nothing_is_told(client):
    got = slip(client, wages=[{"monthly_fen": 300000}], insurance={"declared_base_fen": 750000},
               claims=[{"code": "DAMAGE", "kind": "LOSS", "amount_fen": 100000, "source": "case/1"}])
    check(got)
    line = got["lines"][-1]
    assert (line["code"], line["amount_fen"], line["left_fen"], line["source"]) == ("DAMAGE", 0, 100000, "case/1")
    assert formulas(got, "DEDUCTED", "DAMAGE") == ["max(0.00, min(1000.00, floor(3000.00 × 20%), 3000.00 − 2740.00, 3000.00 − 787.50 − 2740.00)) = 0.00"]
    assert got["top_up_fen"] > 0


def test_a_net_below_nothing_is_a_receivable(client):
    got = slip(client, wages=[{"monthly_fen": 100000}], absent_days_e2=0, amounts=[{"code": "BREAKAGE", "amount_fen": 150000, "cut": True}])
    check(got)
    assert got["net_fen"] == 0 and got["receivable_fen"] == 50000 + got["own_fen"] and lines(got)[("TAX", "INCOME_TAX")] == 0


def test_a_non_resident(client):
    got = slip(client, tax={"residence": "NON_RESIDENT"}, insurance=None, wages=[{"monthly_fen": 3000000}])
    check(got)
    assert got["tax_fen"] == 359000 and formulas(got, "TAX", "INCOME_TAX") == ["(30000.00 − 5000.00) × 20% − 1410.00 = 3590.00"]


def test_an_input_that_is_taken_away_shows(client):
    """A formula without one of its figures gives another amount: none of them is decoration."""
    got = slip(client, month="2026-03-01", overtime=[{"kind": "REST", "hours_s": 5400}], absent_days_e2=150, sickness={"days_e2": 300, "service_years": 3})
    tried = 0
    for line in got["lines"]:
        left = line["steps"][-1]["formula"].split(" = ")[0]
        for number in re.findall(r"[−+×÷] (\d+(?:\.\d+)?%?)", left):
            without = re.sub(rf" [−+×÷] {re.escape(number)}(?![\d.%])", "", left, count=1)
            if number not in ("0.00", "1.00", "100%"):
                assert worked_out(without) != line["amount_fen"], (left, number)
                tried += 1
    assert tried > 12


def test_slips_by_chance(client):
    """Any facts give formulas that give the amounts."""
    seed = random.randrange(10**9)
    print("seed", seed)
    r = random.Random(seed)
    for _ in range(60):
        month = r.choice(["2026-01-01", "2026-02-01", "2025-10-01", "2025-12-01"])
        body = {"month": month, "hire_date": r.choice(["2020-05-01", month[:8] + "01", month[:8] + f"{r.randint(2, 27):02}"]),
                "wages": [{"monthly_fen": r.randint(250000, 9000000)}], "method": r.choice("ABC"),
                "overtime": [{"kind": k, "hours_s": 900 * r.randint(0, 90)} for k in ("WEEKDAY", "REST", "HOLIDAY") if r.random() < .5],
                "absent_days_e2": r.choice([0, 50, 100, 1350, 3100]),
                "amounts": [{"code": "A", "amount_fen": r.randint(1, 900000), "cut": r.random() < .4, "tax_free": r.random() < .4}
                            for _ in range(r.randint(0, 4))],
                "claims": [{"code": "C", "kind": k, "amount_fen": r.randint(1, 900000)} for k in ("AGREED", "LOSS", "COURT", "SUPPORT") if r.random() < .4],
                "insurance": {**INSURED, "declared_base_fen": r.randint(100000, 5000000), "fund_supplement_e5": r.choice([0, 1000, 5000]),
                              "fund_account": r.choice(["TRANSFERRED", "FIRST_EVER"])},
                "tax": {"residence": r.choice(["RESIDENT", "RESIDENT", "NON_RESIDENT"]), "special_fen": r.choice([0, 200000, 450050])}}
        if r.random() < .3:
            body["sickness"] = {"days_e2": r.randint(1, 1500), "service_years": r.randint(0, 12), "beyond_six_months": r.random() < .3}
        check(slip(client, **body))


# ---- what holds a slip up ----

def test_all_that_is_missing_at_once(client):
    refused(client, "payslip", question(wages=[], insurance={"injury_rate_e5": 200, "schemes": ["PENSION", "FUND"]}, tax={"severance_fen": 100}),
            ("/wages", "REQUIRED"), ("/insurance/declared_base_fen", "REQUIRED"), ("/insurance/fund_rate_e5", "REQUIRED"),
            ("/tax/residence", "REQUIRED"), code="CALCULATION_REFUSED")
    refused(client, "payslip", question(tax={**RESIDENT, "severance_fen": 100}), ("/tax/monthly_average_fen", "REQUIRED"))


@pytest.mark.parametrize("more, told", [
    ({"month": "2026-03-02"}, {("/month", "OUT_OF_RANGE")}),
    ({"basis": {"place": SHANGHAI, "date": "2026-03-01"}}, {("/basis/date", "FIXED")}),
    ({"basis": {"place": "999999"}}, {("/insurance/place", "LAW_NOT_COVERED"), ("/basis/place", "LAW_NOT_COVERED")}),
    ({"basis": {}}, {("/insurance/place", "REQUIRED"), ("/basis/place", "REQUIRED")}),
    ({"month": "2031-03-01", "hire_date": "2020-01-01"}, {("/insurance/place", "LAW_NOT_COVERED"), ("/month", "LAW_NOT_COVERED")}),
    ({"hire_date": "2026-01-01"}, {("/hire_date", "OUT_OF_RANGE")}),
    ({"exit_date": "2025-11-30"}, {("/hire_date", "OUT_OF_RANGE")}),
    ({"wages": [{"monthly_fen": 1}, {"monthly_fen": 2}]}, {("/wages/1/from_date", "REQUIRED")}),
    ({"wages": [{"monthly_fen": 1}, {"monthly_fen": 2, "from_date": "2026-01-01"}]}, {("/wages/1/from_date", "REQUIRED")}),
    ({"hire_date": "2025-12-03", "wages": [{"monthly_fen": 1}, {"monthly_fen": 2, "from_date": "2025-12-09"}]}, {("/wages", "OUT_OF_RANGE")}),
    ({"month": "2025-11-01", "hire_date": "2025-01-01", "tax": {**RESIDENT, "year": {"first_month": 1, "month": 12}}}, {("/tax/year", "OUT_OF_RANGE")}),
    ({"insurance": {**INSURED, "fund_rate_e5": 99000}}, {("/insurance/fund_rate_e5", "OUT_OF_RANGE")}),
])
def test_refused(client, more, told):
    refused(client, "payslip", question(**more), *told, code="CALCULATION_REFUSED")


def test_shapes_are_refused(client):
    refused(client, "payslip", {"wages": [{}], "amounts": [{"code": "A B", "amount_fen": 0}], "claims": [{"code": "C", "kind": "X", "amount_fen": 1}]},
            ("/month", "REQUIRED"), ("/wages/0/monthly_fen", "REQUIRED"), ("/amounts/0/code", "FORMAT"), ("/amounts/0/amount_fen", "TOO_SMALL"),
            ("/claims/0/kind", "FORMAT"), code="VALIDATION_FAILED")


def test_law_in_place_of_the_packs(client):
    """A band edge moved: the tax moves by it, and the line names the row that was given."""
    rows = [{"scheme": "tax.annual", "item": "1", "values": ["10000", "3", "0"]}, {"scheme": "tax.annual", "item": "2", "values": ["144000", "10", "700"]}]
    got = slip(client, basis={"place": SHANGHAI, "law": rows})
    check(got)
    assert got["tax_fen"] == 1150000 // 10 - 70000
    tax = next(x for x in got["lines"] if x["code"] == "INCOME_TAX")
    named = [got["derivation"]["law"][i] for i in tax["law"]]
    assert any(r["overridden"] and r["scheme"] == "tax.annual" for r in named) and not got["derivation"]["verified"]
