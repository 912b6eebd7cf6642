"""How each rule's vectors become requests to its calculator, by the shape of the input. A handler takes input,
expected and ask, and gives every member that it can answer; what it does not know it refuses as Unknown."""
import re
from decimal import Decimal

ON = "2026-01-01"  # whose law holds where a vector names no day


class Unknown(Exception):
    """A shape that no handler knows."""


class Refused(Exception):
    """The calculator has no answer."""


def asker(client):
    def ask(rule, body, date=None, place=None, law=None):
        basis = {"date": day(date or ON)}
        if place:
            basis["place"] = place
        if law:
            basis["law"] = law
        answer = client.post(f"/api/v1/calculators/{rule}:run", {"basis": basis, **body})
        if answer.status == 422:
            raise Refused(str([(e["pointer"], e["code"], e["detail"]) for e in answer.json.get("errors", [])]))
        return answer.expect(200).json
    ask.title = ""  # of the vector that is asked for, which may say what the input leaves open
    return ask


# ---- numbers: exact or refused ----

def scaled(value, places):
    """Decimal text, integer or Decimal as a whole number of 10^-places."""
    exact = Decimal(str(value)).scaleb(places)
    if exact != exact.to_integral_value():
        raise Unknown(f"{value} has more than {places} places")
    return int(exact)


def fen(value):
    return scaled(value, 2)


def e5(value):
    """Of per cent."""
    return scaled(value, 3)


def seconds(hours):
    whole = Decimal(str(hours)) * 3600
    if whole != whole.to_integral_value():
        raise Unknown(f"{hours} hours are no whole seconds")
    return int(whole)


def yuan(amount):
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"


def day(text):
    """A month means its first day."""
    return text + "-01" if re.fullmatch(r"\d{4}-\d\d", text) else text


# ---- shapes ----

def only(given, *names):
    """The members, None where absent; another one makes the shape unknown."""
    more = set(given) - set(names)
    if more:
        raise Unknown("input has " + ", ".join(sorted(more)))
    return [given.get(n) for n in names]


def mapped(value, one):
    """A list in the input is a list in the answer."""
    return [one(v) for v in value] if isinstance(value, list) else one(value)


def positions(given, facts=()):
    """The input as a list of inputs without lists, and whether it was one. "cases" are spread over their case."""
    lists = [k for k, v in given.items() if isinstance(v, list) and k not in facts]
    if not lists:
        return [given], False
    if len({len(given[k]) for k in lists}) != 1:
        raise Unknown("lists of different lengths: " + ", ".join(lists))
    rows = []
    for i in range(len(given[lists[0]])):
        row = {k: v for k, v in given.items() if k not in lists}
        for k in lists:
            row.update(given[k][i] if isinstance(given[k][i], dict) else {k: given[k][i]})
        rows.append(row)
    return rows, True


def by_position(facts=()):
    """Makes a handler of single cases one of lists, position by position."""
    def of(handler):
        def handle(given, expected, ask):
            rows, many = positions(given, facts)
            got = [handler(row, expected, ask) for row in rows]
            return {k: [g.get(k) for g in got] for k in got[0]} if many else got[0]
        return handle
    return of


# ---- income tax ----

MODES = ("EMPLOYED_MONTHS", "FIRST_JOB", "ANNUAL_60000")
OF_MONTH = {"income": "income_fen", "exempt": "exempt_fen", "si_hf": "contributions_fen", "special": "special_fen",
            "other": "other_fen", "relief": "relief_fen"}


def tax_months(months, each, rest):
    """A count, amounts or objects; `rest` holds for every month."""
    if isinstance(months, int):
        months = [each] * months
    months = [m if isinstance(m, dict) else {"income": m} for m in months]
    made = []
    for m in months:
        m = {**rest, **m}
        only(m, *OF_MONTH)
        made.append({OF_MONTH[k]: fen(v) for k, v in m.items()})
    return made


def income_tax(given, expected, ask):
    if "cum_taxable" in given:
        (amounts,) = only(given, "cum_taxable")
        many = amounts if isinstance(amounts, list) else [amounts]
        taxes = [yuan(t) for t in ask("income-tax", {"taxable_cum_fen": [fen(a) for a in many]})["cum_tax_fen"]]
        return {"cum_tax": taxes if isinstance(amounts, list) else taxes[0]}
    rest = {k: given[k] for k in OF_MONTH if k in given}
    mode, start, last, months, each, date, *_ = only(given, "mode", "start_month", "last_month", "months", "each", "date", *OF_MONTH)
    body = {"months": tax_months(months, each, rest), **({"start_month": start} if start else {}), **({"last_month": last} if last else {})}
    modes = [m for m in MODES if m in expected] or [mode or MODES[0]]
    got = {}
    for m in modes:
        answer = ask("income-tax", {**body, "mode": m}, date)
        taxes = [yuan(x["tax_fen"]) for x in answer["months"]]
        got |= {m: taxes, "tax": taxes, "year": yuan(answer["year_fen"]),
                "basic_cum": [yuan(x["basic_cum_fen"]) for x in answer["months"]],
                "taxable_cum": [yuan(x["taxable_cum_fen"]) for x in answer["months"]],
                "cum_tax": [yuan(x["cum_tax_fen"]) for x in answer["months"]]}
    return got


def bonus(given, expected, ask):
    amounts, date = only(given, "bonus", "date")
    return {"tax": mapped(amounts, lambda v: yuan(ask("bonus", {"bonus_fen": fen(v)}, date)["tax_fen"]))}


def fee(ask, kind, pay, **more):
    return ask("labour-remuneration", {"kind": kind, "payments": [{"pay_fen": fen(pay)}], **more})


def intern(given, ask):
    """Cumulatively: the month named is the first of the internship where nothing is said of others."""
    pay, _, months = only(given, "pay", "month", "months")
    return {"intern_ordinary": yuan(fee(ask, "LABOUR", pay)["tax_fen"]),
            "intern_cumulative": yuan(fee(ask, "INTERN", pay, months=months or 1)["tax_fen"])}


def continuous(given, ask):
    payments, together, date = only(given, "labour", "continuous", "date")
    rows = [{"date": p["date"], "pay_fen": fen(p["pay"])} for p in payments]
    answer = ask("labour-remuneration", {"kind": "LABOUR", "continuous": bool(together), "payments": rows}, date)
    taxes = [yuan(t["tax_fen"]) for t in answer["taxes"]]
    return {"tax": taxes, "month_tax": taxes[0] if together and len(taxes) == 1 else taxes if together else yuan(answer["tax_fen"])}


def labour_remuneration(given, expected, ask):
    if "labour" in given:
        return continuous(given, ask)
    pay, author, royalty, student = only(given, "pay", "author_fee", "royalty", "student_intern_labour")
    got = intern(student, ask) if student else {}
    for value, kind, name in ((pay, "LABOUR", "tax"), (author, "AUTHOR", "author_tax"), (royalty, "ROYALTY", "royalty_tax")):
        if value is not None:
            got[name] = mapped(value, lambda v, kind=kind: yuan(fee(ask, kind, v)["tax_fen"]))
    return got


def non_resident(given, expected, ask):
    kinds = ("wage", "labour", "author", "royalty", "bonus")
    only(given, *kinds, "date")
    got = {}
    for kind in kinds:
        if kind in given:
            name = "tax" if kind == "bonus" else f"{kind}_tax"
            got[name] = mapped(given[kind], lambda v, kind=kind: yuan(
                ask("non-resident", {"kind": kind.upper(), "pay_fen": fen(v)}, given.get("date"))["tax_fen"]))
    return got


@by_position()
def severance_tax(given, expected, ask):
    paid, average, date = only(given, "compensation", "local_prior_year_monthly_avg", "date")
    got = ask("severance-tax", {"compensation_fen": fen(paid), "monthly_average_fen": fen(average)}, date)
    return {k: yuan(got[f"{k}_fen"]) for k in ("exempt", "taxable", "tax")}


def special_item(item):
    only(item, "kind", "children", "share_percent", "only_child", "share")
    made = {"kind": item["kind"]}
    for name, member, unit in (("children", "count", int), ("share_percent", "share_e5", e5), ("only_child", "only_child", bool),
                               ("share", "share_fen", fen)):
        if name in item:
            made[member] = unit(item[name])
    return made


def special_additional(given, expected, ask):
    items, dates, date = only(given, "items", "dates", "date")
    body = {"items": [special_item(i) for i in items]}
    got = {d: [yuan(v) for v in ask("special-additional", body, d)["amount_fen"]] for d in dates or [date or ON]}
    amounts = list(got.values())
    return got if dates else {**got, "amounts": amounts[0]}


RULES = {
    "income-tax": income_tax, "bonus": bonus, "labour-remuneration": labour_remuneration, "non-resident": non_resident,
    "severance-tax": severance_tax, "special-additional": special_additional,
}
