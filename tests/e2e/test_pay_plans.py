"""Pay plans that ship: adopted whole or not at all, and a sample slip of each whose figures are worked out here anew, in
fractions, from the words of the plan and not from its formulas."""
from fractions import Fraction as F

import pytest

from tenants import Tenant
from test_pay_items import ITEMS, checked, item, paymaster

PLANS = "/api/v1/pay-plans"
YUAN = 100


def half_up(x):
    """To the fen, a half away from zero."""
    return int(abs(x) + F(1, 2)) * (1 if x >= 0 else -1)


def retail():
    hourly, hours, nights, night, holiday, sales, share, late = 26 * YUAN, F(1675, 10), 6, 30 * YUAN, 8, 8341277, F(15, 1000), F(25, 60)
    given = {"term.hourly": "26 yuan / 1 hour", "fact.worked": "167.5 hours", "fact.night_shifts": "6 days", "term.night_allowance": "30 yuan / 1 day",
             "fact.overtime_holiday": "8 hours", "fact.sales": "83412.77 yuan", "term.commission_rate": "1.5%", "fact.late": "25 minutes"}
    slip = {"hours_wage": half_up(hourly * hours), "night_pay": nights * night, "holiday_pay": hourly * 3 * holiday,
            "commission": half_up(sales * share), "late_cut": half_up(hourly * late)}
    return given, {**slip, "gross": sum(slip.values()) - 2 * slip["late_cut"]}, "2026-05-15"


def manufacturer():
    given = {"term.piece_rate": "1.37 yuan / 1 piece", "fact.pieces": "1733 pieces", "term.base": "2740 yuan", "fact.overtime_weekday": "12.5 hours",
             "fact.overtime_rest": "8 hours", "fact.hot_days": "20 days", "fact.period_start": "2026-07-01", "law.minimum_wage": "2740 yuan"}
    piece, hour = 137 * 1733, F(274000, 174)
    slip = {"piece_wage": piece, "overtime_pay": half_up(hour * (F(3, 2) * F(25, 2) + 2 * 8)), "hot_pay": half_up(F(30000 * 100, 2175) * 20),
            "top_up": max(0, 274000 - piece)}
    return given, {**slip, "gross": sum(slip.values())}, "2026-07-31"


def internet():
    given = {"term.base": "21000 yuan", "term.performance_wage": "4500 yuan", "fact.bonus_factor": "1.15", "term.meal_allowance": "35 yuan / 1 day",
             "fact.worked_days": "21 days", "term.housing_allowance": "1500 yuan", "term.bonus_months": "2.5", "fact.period_end": "2026-12-31",
             "fact.absent_days": "1.5 days"}
    slip = {"base_wage": 2100000, "performance_pay": 450000 * 115 // 100, "meal_pay": 3500 * 21, "housing_pay": 150000,
            "bonus": half_up(2100000 * F(5, 2) * F(115, 100)), "absence_cut": half_up(F(2100000 * 100, 2175) * F(3, 2))}
    return given, {**slip, "gross": sum(slip.values()) - 2 * slip["absence_cut"]}, "2026-12-31"


SAMPLES = {"RETAIL": retail, "MANUFACTURER": manufacturer, "INTERNET": internet}


@pytest.fixture(scope="module")
def shipped(suite):
    t = Tenant(suite)
    return {p["plan"]: p for p in paymaster(t).get(PLANS).expect(200).json["items"]}


def test_plans_are_listed_in_both_languages(shipped):
    assert set(shipped) == set(SAMPLES)
    for p in shipped.values():
        assert p["zh"] and p["en"] and len(p["items"]) >= 6
        assert all(i["name_zh"] and i["name_en"] and i["formula"] for i in p["items"])


@pytest.mark.parametrize("plan", SAMPLES)
def test_a_sample_slip_is_right_to_the_fen(suite, shipped, plan, figure):
    payroll = paymaster(Tenant(suite))
    made = payroll.post(PLANS + ":adopt", {"plan": plan, "effective_date": "2026-01-01"}).expect(200).json["items"]
    assert [i["code"] for i in made] == [i["code"] for i in shipped[plan]["items"]]
    given, slip, day = SAMPLES[plan]()
    got = {}
    for i in payroll.get(ITEMS).expect(200).json["items"]:
        trial = checked(payroll, i["formula"], given, code=i["code"], rounding=i["rounding"], effective_on=day).expect(200).json["trial"]
        assert trial["state"] == "DONE", (i["code"], trial)
        got[i["code"]] = trial.get("amount_fen")
    assert {c: got[c] for c in slip} == slip
    assert set(got) - set(slip) <= {"hour_base"}  # exact and handed on; the overtime that stands on it is in the slip
    figure(f"{plan}: {len(got)} items, gross {got['gross'] / 100:.2f} as worked out by hand")


def test_a_season_and_a_month_decide(suite):
    payroll = paymaster(Tenant(suite))
    payroll.post(PLANS + ":adopt", {"plan": "MANUFACTURER", "effective_date": "2026-01-01"}).expect(200)
    for month, fen in (("05", 0), ("06", 27586), ("09", 27586), ("10", 0)):
        got = checked(payroll, "item.hot_pay", {"fact.hot_days": "20 days", "fact.period_start": f"2026-{month}-01"}).expect(200).json
        assert got["trial"]["amount_fen"] == fen, month


def test_a_plan_is_adopted_whole_or_not_at_all(suite):
    payroll = paymaster(Tenant(suite))
    payroll.post(ITEMS, item("commission", "1 yuan")).expect(201)
    got = payroll.post(PLANS + ":adopt", {"plan": "RETAIL"}).expect(409)
    assert got.code == "PAY_ITEM_CODE_TAKEN" and "commission" in got.json["errors"][0]["detail"] and len(got.json["errors"]) == 1
    assert [i["code"] for i in payroll.get(ITEMS).json["items"]] == ["commission"]
    payroll.post(PLANS + ":adopt", {"plan": "INTERNET"}).expect(200)
    again = payroll.post(PLANS + ":adopt", {"plan": "INTERNET"}).expect(409)
    assert len(again.json["errors"]) == 7


def test_what_was_adopted_is_the_company_s_own(suite):
    payroll = paymaster(Tenant(suite))
    made = {i["code"]: i for i in payroll.post(PLANS + ":adopt", {"plan": "RETAIL", "effective_date": "2026-01-01"}).expect(200).json["items"]}
    late = made["late_cut"]
    path = f"{ITEMS}/{late['id']}"
    changed = payroll.patch(path, {"formula": "0 yuan", "effective_date": "2026-03-01"}, etag=late["etag"]).expect(200).json
    assert payroll.patch(path, {"formula": "item.gross", "effective_date": "2026-03-01"}, etag=changed["etag"]).expect(422).code == "PAY_ITEM_REFUSED"
    assert payroll.patch(path, {"retired": True, "effective_date": "2026-03-01"}, etag=changed["etag"]).expect(409).code == "PAY_ITEM_IN_USE"


def test_who_may_adopt(suite):
    t = Tenant(suite)
    t.hr.get(PLANS).expect(200)
    t.hr.post(PLANS + ":adopt", {"plan": "RETAIL"}).expect(403)
    assert paymaster(t).post(PLANS + ":adopt", {"plan": "BANK"}).expect(422).json["errors"][0]["pointer"] == "/plan"
