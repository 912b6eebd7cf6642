"""Handlers of vector_rules.py for insurance, pay and time, leave and contracts."""
import datetime
import re
from decimal import Decimal

from vector_rules import Unknown, by_position, day, e5, fen, only, scaled, seconds, yuan

CITIES = {"Shanghai": "310000", "Beijing": "110000", "Guangzhou": "440100", "Shenzhen": "440300", "Guangdong": "440000",
          "other Guangdong city": "440000", "Hangzhou": "330100", "Zhejiang": "330000", "Kunming": "530100"}


def city(name):
    if name is not None and name not in CITIES:
        raise Unknown(f"no code for {name}")
    return CITIES.get(name)


def number(value, places=2):
    """A scaled integer as an exact number."""
    return Decimal(value).scaleb(-places)


def fixed(value, places=2):
    """… as text with that many places."""
    return str(number(value, places).quantize(Decimal(1).scaleb(-places)))


# ---- social insurance ----

PAIRS = {"PENSION": "pension", "MEDICAL": "medical", "UNEMPLOYMENT": "unemployment"}
NEEDS = {"pension": "PENSION", "medical": "MEDICAL", "medical_employer": "MEDICAL", "unemployment": "UNEMPLOYMENT", "injury_employer": "INJURY",
         "fund_base": "FUND", "fund_each": "FUND", "each_side": "FUND", "base": "PENSION", "employee": "PENSION", "employer": "PENSION"}


def contributions(answer):
    got = {}
    for c in answer["contributions"]:
        worker, employer, base = (yuan(c[f"{k}_fen"]) for k in ("worker", "employer", "base"))
        name = PAIRS.get(c["scheme"])
        if name:
            got |= {name: [worker, employer], f"{name}_employer": employer, f"{name}_employee": worker}
        if c["scheme"] == "PENSION":
            got |= {"base": base, "employee": worker, "employer": employer}
        if c["scheme"] == "INJURY":
            got["injury_employer"] = employer
        if c["scheme"] == "FUND":
            got |= {"fund_base": base, "fund_each": worker, "each_side": worker}
    return got


def fund_months(given, expected, ask):
    """A fund account by month: months are the members of the answer."""
    place, hire, wage, rate, account = only(given, "city", "hire", "wage", "fund_rate", "fund_account")
    body = {"schemes": ["FUND"], "fund_declared_fen": fen(wage), "fund_rate_e5": e5(rate), "fund_account": account or "TRANSFERRED", "hire_date": hire}
    months = [k for k in expected if re.fullmatch(r"\d{4}-\d\d", k)]
    return {m: contributions(ask("social-insurance", body, m, city(place)))["fund_each"] for m in months}


def share(given, expected, ask):
    base, rate = only(given, "base", "rate_percent")
    return {"share": yuan(ask("social-insurance", {"base_fen": fen(base), "rate_e5": e5(rate)})["share_fen"])}


def fund_parts(given, expected, ask):
    place, base, ordinary, more, date = only(given, "city", "base", "ordinary", "supplementary", "date")
    body = {"schemes": ["FUND"], "fund_declared_fen": fen(base), "fund_rate_e5": e5(ordinary), "fund_supplement_e5": e5(more or 0)}
    law = [{"scheme": "insurance.base", "item": "FUND", "values": [str(base), str(base)]}]  # the base as it is: no bounds
    return contributions(ask("social-insurance", body, date, city(place), law))


@by_position()
def social_insurance(given, expected, ask):
    if "rate_percent" in given:
        return share(given, expected, ask)
    if "ordinary" in given:
        return fund_parts(given, expected, ask)
    if "hire" in given:
        return fund_months(given, expected, ask)
    one, places, date, dates, declared, fund, injury, rate, medical = only(
        given, "city", "places", "date", "dates", "declared_base", "fund_declared", "injury_rate", "fund_rate", "medical_fixed_employee")
    place = city(one or places)
    body = {"declared_base_fen": fen(declared), "schemes": sorted({NEEDS[k] for k in expected if k in NEEDS})}
    for value, member, unit in ((fund, "fund_declared_fen", fen), (injury, "injury_rate_e5", e5), (rate, "fund_rate_e5", e5)):
        if value is not None:
            body[member] = unit(value)
    law = [{"scheme": "insurance.fixed", "item": "MEDICAL", "values": [str(medical)]}] if medical is not None else None
    return contributions(ask("social-insurance", body, date or dates, place, law))


# ---- pay and time ----

@by_position()
def rates(given, expected, ask):
    if any(k.endswith("_h") for k in given):
        return overtime(given, expected, ask)
    monthly, date = only(given, "monthly", "date")
    got = ask("rates", {"monthly_fen": fen(monthly)}, date)
    return {"day": yuan(got["day_fen"]), "hour": yuan(got["hour_fen"])}


def overtime_days(given, ask):
    monthly, pattern, worked, rest = only(given, "monthly", "pattern", "worked", "compensatory_rest")
    if rest:
        raise Unknown("hours of days with compensatory rest")
    days = []
    for w in worked:
        date, hours, beyond, planned = only(w, "date", "hours", "beyond_the_day", "planned")
        days.append({"date": date, "hours_s": seconds(hours), "beyond_the_day": bool(beyond), "roster": pattern == "roster", "planned": bool(planned)})
    got = ask("overtime", {"monthly_fen": fen(monthly), "days": days})
    return {d["date"]: yuan(d["pay_fen"]) for d in got["days"]}


def overtime_caps(given, ask):
    kind, cases = only(given, "kind", "cases")
    if kind not in (None, "weekday"):
        raise Unknown(f"limits of {kind}")
    got = ask("overtime", {"totals": [dict(zip(("day_s", "month_s"), map(seconds, only(c, "day_h", "month_h")))) for c in cases]})["totals"]
    return {"allowed": [t["allowed"] for t in got], "still_paid": [t["still_paid"] for t in got]}


def overtime(given, expected, ask):
    if "worked" in given:
        return overtime_days(given, ask)
    if "cases" in given:
        return overtime_caps(given, ask)
    kinds = ("weekday", "rest", "holiday")
    only(given, "monthly", "date", *(f"{k}_h" for k in kinds), *(f"{k}_h_by_day" for k in kinds))
    got = {}
    for kind in kinds:
        hours = given.get(f"{kind}_h", sum(given[f"{kind}_h_by_day"]) if f"{kind}_h_by_day" in given else None)
        if hours is not None:
            pay = ask("overtime", {"monthly_fen": fen(given["monthly"]), "hours": [{"kind": kind.upper(), "hours_s": seconds(hours)}]}, given.get("date"))
            got[kind] = got["line"] = yuan(pay["pay_fen"])
    return got


@by_position()
def time_off(given, expected, ask):
    kinds = {"rest_day_h": "REST", "weekday_h": "WEEKDAY", "holiday_h": "HOLIDAY"}
    monthly, rest, date, *hours = only(given, "monthly", "compensatory_rest", "date", *kinds)
    asked = [(k, h) for k, h in zip(kinds.values(), hours) if h is not None]
    if len(asked) != 1:
        raise Unknown("hours of one kind")
    got = ask("time-off", {"monthly_fen": fen(monthly), "kind": asked[0][0], "hours_s": seconds(asked[0][1]), "compensatory_rest": bool(rest)}, date)
    return {"pay": yuan(got["pay_fen"]), "leave_credit_hours": Decimal(got["credit_s"]) / 3600}


@by_position()
def part_month(given, expected, ask):
    monthly, days, hire, left, method, methods, before, after, changed, date = only(
        given, "monthly", "days", "hire", "exit", "method", "methods", "from", "to", "changed_on", "date")
    if changed:
        body, date = {"monthly_fen": fen(before), "changed_fen": fen(after), "changed_date": changed}, changed
    elif days is not None:
        body = {"monthly_fen": fen(monthly), "absent_days_e2": scaled(days, 2)}
    else:
        body = {"monthly_fen": fen(monthly), "method": method or methods or "A", **({"hire_date": hire} if hire else {}), **({"exit_date": left} if left else {})}
        date = date or left or hire
    got = ask("part-month", body, date)
    return {"pay": yuan(got["pay_fen"]), "deduction": yuan(got["deduction_fen"]) if "deduction_fen" in got else None, "paid_days": got.get("paid_days")}


@by_position()
def loss(given, expected, ask):
    gross, claim, least, date = only(given, "gross", "claim", "minimum", "date")
    return {"allowed": yuan(ask("loss", {"gross_fen": fen(gross), "claim_fen": fen(claim), "minimum_fen": fen(least)}, date)["allowed_fen"])}


@by_position()
def minimum_wage(given, expected, ask):
    place, date, least, contract, own, heat, hire, left, method = only(
        given, "city", "date", "minimum", "contract", "own_si_fund", "heat_allowance", "hire", "exit", "method")
    body = {"contract_fen": fen(contract), **({"hire_date": hire} if hire else {}), **({"exit_date": left} if left else {}),
            **({"method": method} if method else {})}
    for value, member in ((own, "own_contributions_fen"), (heat, "outside_fen"), (least, "minimum_fen")):
        if value is not None:
            body[member] = fen(value)
    got = ask("minimum-wage", body, date or left or hire, city(place))
    tested = yuan(got["tested_fen"])
    return {"ok": got["ok"], "net": tested, "tested": tested, "shortfall": yuan(got["shortfall_fen"])}


@by_position()
def sick_pay(given, expected, ask):
    place, base, years, days, date = only(given, "city", "monthly_base", "service_years", "sick_days", "date")
    named = next((c for c in CITIES if c in ask.title), None)
    got = ask("sick-pay", {"base_fen": fen(base), "service_years": years, "days_e2": scaled(days, 2)}, date, city(place or named))
    return {"deduction": yuan(got["deduction_fen"]), "pay": yuan(got["pay_fen"])}


@by_position()
def comprehensive_hours(given, expected, ask):
    monthly, hours, holiday, standard, date = only(given, "monthly", "cycle_hours", "of_which_holiday", "standard", "date")
    got = ask("comprehensive-hours", {"monthly_fen": fen(monthly), "hours_s": seconds(hours), "holiday_s": seconds(holiday or 0),
                                      "standard_s": seconds(standard)}, date)
    return {"overtime_150_h": Decimal(got["overtime_s"]) / 3600, "pay_150": yuan(got["overtime_fen"]), "holiday_300": yuan(got["holiday_fen"])}


def payday(given, expected, ask):
    (dates,) = only(given, "payday")
    got = ask("payday", {"due_dates": dates if isinstance(dates, list) else [dates]})["paid_dates"]
    return {"paid_on": got if isinstance(dates, list) else got[0]}


@by_position()
def capacity(given, expected, ask):
    (year,) = only(given, "year")
    got = ask("capacity", {}, f"{year}-01-01")
    return {"days_year": number(got["year_days_e2"]), "days_quarter": fixed(got["quarter_days_e2"]), "days_month": fixed(got["month_days_e2"]),
            "paid_days": fixed(got["paid_days_e2"]), "paid_hours": number(got["paid_hours_e2"])}


def calendar(given, expected, ask):
    dates, years, date, people = only(given, "dates", "years", "date", "people")
    if years:
        got = ask("calendar", {"years": years})["years"]
        return {"work": [y["work"] for y in got], "statutory": [y["statutory"] for y in got]}
    asked = [{"date": d} for d in dates or []]
    for p in people or []:
        pattern, planned = only(p, "pattern", "planned")
        asked.append({"date": date, "roster": pattern == "roster", "planned": bool(planned)})
    types = [d["type"] for d in ask("calendar", {"days": asked})["days"]]
    return {"type": types, "day_type": types}


# ---- leave ----

@by_position()
def annual_leave(given, expected, ask):
    tier, join, left, taken, average, qualified, passed, days, months, years, sick, unpaid = only(
        given, "tier", "join", "exit", "taken", "avg12", "qualified", "days_passed", "days", "cumulative_months", "years", "sick_months",
        "unpaid_days")
    if qualified is False:
        raise Unknown("not qualified yet")
    if passed is not None:  # of a year of 365 days
        left = str(datetime.date(2025, 1, 1) + datetime.timedelta(days=passed - 1))
    body = {}
    for value, member, unit in ((tier, "tier", int), (join, "join_date", str), (left, "exit_date", str), (taken, "taken_e2", lambda v: scaled(v, 2)),
                                (average, "average_fen", fen), (days, "unused_days", int), (months, "cumulative_months", int), (years, "years", int),
                                (sick, "sick_months", int), (unpaid, "unpaid_days", int)):
        if value is not None:
            body[member] = unit(value)
    got = ask("annual-leave", body, left or join)
    extra, total = (yuan(got[k]) if k in got else None for k in ("extra_pay_fen", "total_pay_fen"))
    whole = got.get("days", got.get("tier_days"))
    return {"days": whole, "owed_days": whole, "remaining_days": got.get("remaining_days"), "extra_pay": extra, "extra_200_percent": extra,
            "total_300_percent": total, "entitled": got.get("entitled"), "deduction": "0.00"}


def medical_period(given, expected, ask):
    (pairs,) = only(given, "total_years_and_years_here")
    many = isinstance(pairs[0], list)
    got = [ask("medical-period", {"total_years": a, "years_here": b}) for a, b in (pairs if many else [pairs])]
    answer = {"months": [g["months"] for g in got], "within": [g["within_months"] for g in got]}
    return answer if many else {k: v[0] for k, v in answer.items()}


@by_position()
def maternity(given, expected, ask):
    place, difficult, infants, child, miscarriage, start = only(given, "place", "difficult", "infants", "child", "miscarriage_months", "start")
    body = {k: v for k, v in (("difficult", difficult), ("infants", infants), ("child", child), ("miscarriage_months", miscarriage),
                              ("start_date", start)) if v is not None}
    got = ask("maternity", body, start, city(place))
    return {"days": got["days"], "end": got.get("end_date")}


# ---- contracts ----

@by_position()
def probation(given, expected, ask):
    (term,) = only(given, "term_months")
    kinds = {"open-ended": "OPEN_ENDED", "part-time": "PART_TIME", "task": "TASK"}
    body = {"kind": kinds[term]} if isinstance(term, str) else {"kind": "FIXED", "term_months": term}
    return {"months": ask("probation", body)["months"]}


def service(text):
    years, months, days = (int(n or 0) for n in re.fullmatch(r"(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)d)?", text).groups())
    return {"service_months": years * 12 + months, "service_days": days}


@by_position()
def severance(given, expected, ask):
    average, last, city_average, text, hire, left, date = only(given, "avg12", "last_month", "city_avg", "service", "hire", "exit", "date")
    ground = "TWO_N" if "nlawful" in ask.title else "N_PLUS_1" if last is not None else "N"
    body = {"ground": ground, **(service(text) if text else {"hire_date": hire, "exit_date": left})}
    for value, member in ((average, "average_fen"), (last, "last_month_fen"), (city_average, "city_average_fen")):
        if value is not None:
            body[member] = fen(value)
    got = ask("severance", body, date or left)
    made = {"n": Decimal(got["halves"]) / 2}
    if "pay_fen" in got:
        made |= {"pay": yuan(got["pay_fen"]), "wage_used": yuan(got["wage_fen"]), "years": Decimal(got["paid_halves"]) / 2}
    if "tax" in expected:
        taxed = ask("severance-tax", {"compensation_fen": got["pay_fen"], "monthly_average_fen": fen(city_average)}, date or left)
        made["tax"] = yuan(taxed["tax_fen"])
    return made


def before(text):
    return str(datetime.date.fromisoformat(text) - datetime.timedelta(days=1))


@by_position()
def contract(given, expected, ask):
    if "hire" in given:
        hire, until, signed, monthly = only(given, "hire", "never_signed_until", "signed_on", "monthly")
        got = ask("contract", {"unwritten": {"hire_date": hire, "signed_date": until or signed, "monthly_fen": fen(monthly)}}, until or signed)
        return {"extra_months": got["extra_months"], "extra_pay": yuan(got["extra_pay_fen"]), "from": got.get("from_date"),
                "to": before(got["until_date"]) if "until_date" in got else None, "then": "open-ended" if got["deemed_open_ended"] else None}
    if "avg12" in given:
        average, least, date = only(given, "avg12", "minimum", "date")
        body = {"non_compete": {"average_fen": fen(average), "minimum_fen": fen(least)}}
        return {"monthly": yuan(ask("contract", body, date)["non_compete_fen"])}
    done, asks, years = only(given, "fixed_terms_done", "worker_asks_fixed", "years")
    body = {"fixed_terms": done, "worker_asks_fixed": bool(asks), **({"years": years} if years is not None else {})}
    return {"must_be_open_ended": ask("contract", {"open_ended": body})["must_be_open_ended"]}


def retirement(given, expected, ask):
    groups = {"M": "MALE", "F55": "FEMALE_55", "F50": "FEMALE_50"}
    (cases,) = only(given, "cases")
    got = [ask("retirement", {"group": groups[g], "birth_date": day(month)}) for g, month in cases]
    return {"delay_months": [g["delay_months"] for g in got], "month": [g["month"] for g in got]}


RULES = {
    "social-insurance": social_insurance, "rates": rates, "overtime": overtime, "time-off": time_off, "part-month": part_month, "loss": loss,
    "minimum-wage": minimum_wage, "sick-pay": sick_pay, "comprehensive-hours": comprehensive_hours, "payday": payday, "capacity": capacity,
    "calendar": calendar, "annual-leave": annual_leave, "medical-period": medical_period, "maternity": maternity, "probation": probation,
    "severance": severance, "contract": contract, "retirement": retirement,
}
