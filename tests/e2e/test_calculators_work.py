"""Calculators of insurance, pay and time, leave and contracts: their derivations and what they refuse."""
import pytest

from http_client import Client
from test_calculators import refused, run

SHANGHAI, DAY = "310000", "2026-01-31"


@pytest.fixture(scope="module")
def client(suite):
    """Straight to the service: the door's limits are not what is tested here."""
    return Client(suite.env["RENHE_PAYROLL_URL"], suite.sign_in_as("EMPLOYEE", "demo").token)


def basis(date=DAY, place=None, law=None):
    return {"date": date, **({"place": place} if place else {}), **({"law": law} if law else {})}


def formulas(answer):
    return [s["formula"] for s in answer["derivation"]["steps"] if "formula" in s]


# ---- derivations: what a person would write ----

@pytest.mark.parametrize("rule, body, lines", [
    ("rates", {"monthly_fen": 870000}, ["8700.00 ÷ 21.75 = 400.00", "8700.00 ÷ 174 = 50.00"]),
    ("overtime", {"monthly_fen": 1000000, "hours": [{"kind": "WEEKDAY", "hours_s": 36000}, {"kind": "REST", "hours_s": 5400}]},
     ["10000.00 ÷ 174 × 10 × 150% = 862.07", "10000.00 ÷ 174 × 1.5 × 200% = 172.41"]),
    ("part-month", {"monthly_fen": 2200000, "hire_date": "2026-01-16", "method": "B"}, ["22000.00 × 11 ÷ 22 = 11000.00"]),
    ("part-month", {"monthly_fen": 2175000, "absent_days_e2": 150}, ["21750.00 ÷ 21.75 × 1.5 = 1500.00", "21750.00 − 1500.00 = 20250.00"]),
    ("sick-pay", {"basis": basis(place=SHANGHAI), "base_fen": 1000000, "service_years": 3, "days_e2": 500},
     ["10000.00 ÷ 21.75 × 5 × (100% − 70%) = 689.66", "10000.00 − 689.66 = 9310.34"]),
    ("loss", {"gross_fen": 300000, "claim_fen": 100000, "minimum_fen": 254000}, ["min(1000.00, 3000.00 × 20%, 3000.00 − 2540.00) = 460.00"]),
    ("social-insurance", {"basis": basis("2025-08-01", "110000"), "declared_base_fen": 2000000, "schemes": ["MEDICAL"]},
     ["20000.00 × 9.8% = 1960.00", "20000.00 × 2% + 3.00 = 403.00"]),
    ("severance", {"service_months": 180, "average_fen": 4000000, "city_average_fen": 1243400, "ground": "TWO_N"},
     ["min(40000.00, 12434.00 × 3) = 37302.00", "37302.00 × 12 × 2 = 895248.00"]),
    ("severance", {"service_months": 27, "average_fen": 1000000, "last_month_fen": 900000, "ground": "N_PLUS_1"}, ["10000.00 × 2.5 + 9000.00 = 34000.00"]),
    ("probation", {"term_months": 36, "contract_fen": 1000000, "minimum_fen": 274000}, ["max(10000.00 × 80%, 2740.00) = 8000.00"]),
    ("annual-leave", {"average_fen": 870000, "unused_days": 3}, ["8700.00 ÷ 21.75 × 3 × 200% = 2400.00"]),
    ("minimum-wage", {"basis": basis(place="530100"), "contract_fen": 230000, "hire_date": "2026-01-16"},
     ["min(2300.00, 2300.00 ÷ 21.75 × 11) = 1163.22", "1163.22", "2170.00 × 11 ÷ 22 = 1085.00", "0.00"]),
])
def test_lines(client, rule, body, lines):
    assert formulas(run(client, rule, {"basis": basis(), **body}).expect(200).json) == lines


def test_schemes_and_sums(client):
    body = {"basis": basis("2025-12-01", SHANGHAI), "declared_base_fen": 5000000, "injury_rate_e5": 200, "fund_rate_e5": 7000}
    got = run(client, "social-insurance", body).expect(200).json
    assert [c["scheme"] for c in got["contributions"]] == ["PENSION", "MEDICAL", "UNEMPLOYMENT", "INJURY", "FUND"]
    for side in ("worker_fen", "employer_fen"):
        assert got[side] == sum(c[side] for c in got["contributions"])
    assert got["worker_fen"] == 298416 + 74604 + 18651 + 261100 and got["contributions"][0]["base_fen"] == 3730200


def test_law_of_a_city_is_given(client):
    """A city that no pack knows is counted with the rows that the question gives, and they are marked."""
    law = [{"scheme": "insurance.base", "item": "PENSION", "values": ["5000", "20000"]},
           {"scheme": "insurance.rate", "item": "PENSION", "values": ["16", "8"]}]
    got = run(client, "social-insurance", {"basis": basis(place="500000", law=law), "declared_base_fen": 100000, "schemes": ["PENSION"]}).expect(200).json
    assert got["contributions"][0] == {"scheme": "PENSION", "base_fen": 500000, "worker_fen": 40000, "employer_fen": 80000}
    assert all(r["overridden"] and r["place"] == "500000" for r in got["derivation"]["law"]) and not got["derivation"]["verified"]


def test_a_minimum_that_is_given_is_marked(client):
    body = {"basis": basis(place=SHANGHAI), "contract_fen": 379833, "own_contributions_fen": 105833}
    assert run(client, "minimum-wage", body).expect(200).json["ok"]
    got = run(client, "minimum-wage", {**body, "minimum_fen": 274001}).expect(200).json
    assert not got["ok"] and got["shortfall_fen"] == 1 and got["derivation"]["law"][0]["overridden"]


def test_a_year_without_notice_is_a_draft(client):
    got = run(client, "part-month", {"basis": basis("2029-03-01"), "monthly_fen": 2175000, "hire_date": "2029-03-12"}).expect(200).json
    assert got["calendar_known"] is False and any("尚未公布" in s["zh"] for s in got["derivation"]["steps"])
    known = run(client, "part-month", {"basis": basis(), "monthly_fen": 2175000, "hire_date": "2026-01-16"}).expect(200).json
    assert known["calendar_known"] is True


# ---- refusals ----

FUND = {"basis": basis("2025-12-01", SHANGHAI), "declared_base_fen": 100, "schemes": ["FUND"]}


@pytest.mark.parametrize("rule, body, items", [
    ("social-insurance", {"declared_base_fen": 1}, {("/basis/place", "REQUIRED")}),
    ("social-insurance", {"basis": basis(place="999999"), "declared_base_fen": 1}, {("/basis/place", "LAW_NOT_COVERED")}),
    ("social-insurance", {"basis": basis("2023-01-01", SHANGHAI), "declared_base_fen": 1, "schemes": ["PENSION"]}, {("/basis/place", "LAW_NOT_COVERED")}),
    ("social-insurance", {}, {("/declared_base_fen", "REQUIRED")}),
    ("social-insurance", {**FUND, "fund_rate_e5": 4999}, {("/fund_rate_e5", "OUT_OF_RANGE")}),
    ("social-insurance", {**FUND, "fund_rate_e5": 7001}, {("/fund_rate_e5", "OUT_OF_RANGE")}),
    ("social-insurance", {**FUND, "fund_rate_e5": 7000, "fund_supplement_e5": 5001}, {("/fund_supplement_e5", "OUT_OF_RANGE")}),
    ("social-insurance", {**FUND, "fund_rate_e5": 7000, "fund_account": "FIRST_EVER"}, {("/hire_date", "REQUIRED")}),
    ("social-insurance", {**FUND, "schemes": ["INJURY", "FUND"]}, {("/injury_rate_e5", "REQUIRED"), ("/fund_rate_e5", "OUT_OF_RANGE")}),
    ("rates", {"basis": basis("2007-12-31"), "monthly_fen": 1}, {("/basis/date", "LAW_NOT_COVERED")}),
    ("rates", {"basis": basis("1899-12-31"), "monthly_fen": 1}, {("/basis/date", "OUT_OF_RANGE")}),
    ("rates", {"basis": basis(law=[{"scheme": "wage.month", "item": "PAID", "values": ["0", "0"]}]), "monthly_fen": 1}, {("/monthly_fen", "TOO_LARGE")}),
    ("overtime", {}, {("/hours", "REQUIRED")}),
    ("overtime", {"days": [{"date": "2026-01-01", "hours_s": 1}]}, {("/monthly_fen", "REQUIRED")}),
    ("overtime", {"monthly_fen": 1, "days": [{"date": "2200-01-01", "hours_s": 1}, {"date": "0001-01-01", "hours_s": 1}]},
     {("/days/0/date", "OUT_OF_RANGE"), ("/days/1/date", "OUT_OF_RANGE")}),
    ("comprehensive-hours", {"monthly_fen": 1, "hours_s": 10, "holiday_s": 20, "standard_s": 5}, {("/hours_s", "OUT_OF_RANGE")}),
    ("part-month", {"monthly_fen": 1}, {("", "ONE_OF")}),
    ("part-month", {"monthly_fen": 1, "hire_date": DAY, "absent_days_e2": 1}, {("", "ONE_OF")}),
    ("part-month", {"monthly_fen": 1, "changed_fen": 1}, {("/changed_date", "REQUIRED")}),
    ("part-month", {"monthly_fen": 1, "hire_date": "2026-01-20", "exit_date": "2026-01-18"}, {("/exit_date", "OUT_OF_RANGE")}),
    ("sick-pay", {"basis": basis(place="110000"), "base_fen": 1, "service_years": 1, "days_e2": 1}, {("/basis/place", "LAW_NOT_COVERED")}),
    ("minimum-wage", {"basis": basis(place="440300"), "contract_fen": 1, "minimum_fen": 1}, {("/basis/place", "LAW_NOT_COVERED")}),
    ("payday", {"due_dates": ["2026-02-20", "2250-01-01"]}, {("/due_dates/1", "OUT_OF_RANGE")}),
    ("capacity", {"basis": basis("2000-01-01")}, {("/basis/date", "LAW_NOT_COVERED")}),
    ("calendar", {}, {("/days", "REQUIRED")}),
    ("probation", {}, {("/term_months", "REQUIRED")}),
    ("severance", {"average_fen": 1}, {("/hire_date", "REQUIRED")}),
    ("severance", {"ground": "N_PLUS_1", "hire_date": "2026-01-02"}, {("/last_month_fen", "REQUIRED"), ("/exit_date", "REQUIRED")}),
    ("severance", {"hire_date": "2026-01-02", "exit_date": "2026-01-01"}, {("/exit_date", "OUT_OF_RANGE")}),
    ("contract", {}, {("/unwritten", "REQUIRED")}),
    ("contract", {"unwritten": {"hire_date": "2026-01-02", "signed_date": "2026-01-01", "monthly_fen": 1}}, {("/unwritten/signed_date", "OUT_OF_RANGE")}),
    ("retirement", {"basis": basis("2024-12-31"), "group": "MALE", "birth_date": "1970-01-01"}, {("/basis/date", "LAW_NOT_COVERED")}),
    ("retirement", {"basis": basis(law=[{"scheme": "retirement", "item": "MALE", "values": ["196501", "60", "0", "36"]}]), "group": "MALE",
                    "birth_date": "1970-01-01"}, {("", "OUT_OF_RANGE")}),
    ("annual-leave", {}, {("/tier", "REQUIRED")}),
    ("annual-leave", {"join_date": DAY, "exit_date": DAY}, {("/tier", "REQUIRED"), ("/join_date", "ONE_OF")}),
    ("annual-leave", {"unused_days": 1}, {("/average_fen", "REQUIRED")}),
    ("medical-period", {"total_years": 3, "years_here": 4}, {("/years_here", "OUT_OF_RANGE")}),
    ("maternity", {}, {("/basis/place", "REQUIRED")}),
    ("maternity", {"basis": basis("2012-04-27", SHANGHAI)}, {("/basis/date", "LAW_NOT_COVERED")}),
])
def test_refused(client, rule, body, items):
    refused(client, rule, body, *items, code="CALCULATION_REFUSED")


def test_every_missing_row_of_a_place_is_named(client):
    got = run(client, "social-insurance", {"basis": basis("2025-08-01", "440100"), "declared_base_fen": 400000}).expect(422).json
    named = [e["detail"] for e in got["errors"]]
    assert len(named) == 2 and "MEDICAL" in named[0] and "UNEMPLOYMENT" in named[1] and all("440100" in n and "2025-08-01" in n for n in named)
