"""Pay items: formulas of a company, refused with their places, dated on two axes, in an order without circles, and tried."""
import secrets
from fractions import Fraction

import pytest

import staff
from tenants import Tenant

ITEMS = "/api/v1/pay-items"


@pytest.fixture(scope="module")
def company(suite):
    t = Tenant(suite)
    t.payroll = paymaster(t)
    return t


def paymaster(t):
    made = t.admin.post("/api/v1/accounts", {"sign_in_name": "pay", "roles": ["PAYROLL"]}).expect(201).json
    return t.enter("pay", made["activation_code"])


def item(code, formula, **more):
    return {"code": code, "name_zh": code, "kind": "EARNING", "formula": formula, "effective_date": "2026-01-01", **more}


def declared(client, code, formula, **more):
    return client.post(ITEMS, item(code, formula, **more)).expect(201).json


def name(stem):
    return stem + "_" + secrets.token_hex(3)


def errors(answer):
    return [(e["pointer"], e["code"]) for e in answer.json["errors"]]


def checked(client, formula, values=None, **more):
    inputs = [{"name": n, "value": v} for n, v in (values or {}).items()]
    return client.post(ITEMS + ":check", {"formula": formula, "inputs": inputs, **more})


# ---- declaring ----

def test_an_item_is_answered_with_what_it_left_unsaid(company):
    made = declared(company.payroll, name("base"), "term.base", name_en="basic wage", bases=["PENSION", "FUND"], sequence=10)
    assert (made["type"], made["tax"], made["rounding"]) == ("MONEY", "TAXABLE", "FEN")
    assert made["bases"] == ["PENSION", "FUND"] and made["valid_from"] == "2026-01-01" and "valid_to" not in made
    assert company.payroll.get(f"{ITEMS}/{made['id']}").expect(200).json == made
    assert made["id"] in {i["id"] for i in company.hr.get(ITEMS).expect(200).json["items"]}


@pytest.mark.parametrize("formula,faults", [
    ("term.base +", [("FORMULA_UNFINISHED", 12)]),
    ("term.bace + fact.nothing", [("FORMULA_NO_NAME", 1), ("FORMULA_NO_NAME", 13)]),
    ("term.base + fact.absent_days", [("FORMULA_UNITS", 11)]),
    ("fact.absent_days", [("FORMULA_RESULT", 1)]),
    ("system(1 yuan)", [("FORMULA_NO_FUNCTION", 1)]),
    ("seg.wage", [("FORMULA_SEGMENT", 1)]),
    ("工资", [("FORMULA_CHARACTER", 1)]),
    ("item.not_there + 1 yuan", [("FORMULA_NO_NAME", 1)]),
])
def test_each_fault_is_told_with_its_place(company, formula, faults):
    """All at once, in both languages, and nothing stands there afterwards."""
    code = name("bad")
    got = company.payroll.post(ITEMS, item(code, formula)).expect(422)
    assert got.code == "PAY_ITEM_REFUSED" and {e["pointer"] for e in got.json["errors"]} == {"/formula"}
    places = [(e["code"], int("".join(c for c in e["detail"].split("：")[0].split(":")[0] if c.isdigit()))) for e in got.json["errors"]]
    assert [p[0] for p in places] == [f[0] for f in faults], got.json
    if formula != "term.base +":  # where a text ends too early differs by what is expected
        assert places[0][1] == faults[0][1] or faults[0][0] == "FORMULA_UNITS", places
    assert code not in {i["code"] for i in company.payroll.get(ITEMS).json["items"]}
    told = checked(company.payroll, formula, type="MONEY").expect(200).json
    assert told["good"] is False and [f["code"] for f in told["faults"]] == [f[0] for f in faults] and "trial" not in told
    assert all(f["zh"] and f["en"] and f["at"] + f["length"] <= len(formula.encode()) for f in told["faults"])


@pytest.mark.parametrize("change,pointer,code", [
    ({"code": "Base"}, "/code", "FORMAT"), ({"kind": "GIFT"}, "/kind", "FORMAT"), ({"formula": ""}, "/formula", "REQUIRED"),
    ({"type": "DAYS", "formula": "fact.sick_days", "rounding": "FEN"}, "/rounding", "MISMATCH"), ({"bases": ["RENT"]}, "/bases/0", "FORMAT")])
def test_a_wrong_declaration_is_refused(company, change, pointer, code):
    got = company.payroll.post(ITEMS, {**item("fresh", "1 yuan"), **change}).expect(422)
    assert pointer in [p for p, _ in errors(got)], got.json


def test_a_code_is_taken_once_and_kept(company):
    made = declared(company.payroll, name("once"), "1 yuan")
    assert company.payroll.post(ITEMS, item(made["code"], "2 yuan")).expect(409).code == "PAY_ITEM_CODE_TAKEN"
    got = company.payroll.patch(f"{ITEMS}/{made['id']}", {"code": "other", "effective_date": "2026-02-01"}, etag=made["etag"]).expect(422)
    assert errors(got) == [("/code", "FIXED")]


def test_who_may_write(company, suite):
    for client in (company.hr, company.admin):
        client.post(ITEMS, item("mine", "1 yuan")).expect(403)
    company.admin.get(ITEMS).expect(403)
    other = paymaster(Tenant(suite))
    made = declared(company.payroll, name("ours"), "1 yuan")
    other.get(f"{ITEMS}/{made['id']}").expect(404)
    assert other.get(ITEMS).expect(200).json.get("items", []) == []
    declared(other, made["code"], "2 yuan")


# ---- circles and what others need ----

def test_a_circle_is_refused_with_its_path(company):
    a, b, c = (name(x) for x in "abc")
    first = declared(company.payroll, a, "term.base")
    declared(company.payroll, b, f"item.{a} * 10%")
    declared(company.payroll, c, f"item.{b} + item.{a}")
    got = company.payroll.patch(f"{ITEMS}/{first['id']}", {"formula": f"term.base + item.{c}", "effective_date": "2026-03-01"}, etag=first["etag"]).expect(422)
    assert errors(got) == [("/formula", "FORMULA_CIRCLE")]
    told = got.json["errors"][0]["detail"]
    path = told.split("：")[-1].split(": ")[-1].split(" → ")
    assert path[0] == path[-1] and set(path) <= {a, b, c} and {a, c} <= set(path) and len(path) in (3, 4), told
    needs = {a: {c}, b: {a}, c: {a, b}}
    assert all(y in needs[x] for x, y in zip(path, path[1:])), told
    assert errors(company.payroll.patch(f"{ITEMS}/{first['id']}", {"formula": f"item.{a}", "effective_date": "2026-03-01"}, etag=first["etag"]).expect(422)) == [("/formula", "FORMULA_CIRCLE")]
    order = checked(company.payroll, f"item.{c}").expect(200).json["order"]
    assert order.index(a) < order.index(b) < order.index(c)


def test_what_others_need_can_not_be_retired_nor_change_its_type(company):
    a, b = name("needed"), name("needs")
    first = declared(company.payroll, a, "term.base")
    second = declared(company.payroll, b, f"item.{a} / 2", effective_date="2026-06-01")
    path = f"{ITEMS}/{first['id']}"
    for change in ({"retired": True}, {"type": "DAYS", "rounding": "EXACT", "formula": "fact.sick_days"}):
        got = company.payroll.patch(path, {**change, "effective_date": "2026-02-01"}, etag=first["etag"]).expect(409)
        assert got.code == "PAY_ITEM_IN_USE" and b in got.json["errors"][0]["detail"] and "2026-06-01" in got.json["errors"][0]["detail"]
    company.payroll.patch(f"{ITEMS}/{second['id']}", {"retired": True, "effective_date": "2026-06-01"}, etag=second["etag"]).expect(200)
    gone = company.payroll.patch(path, {"retired": True, "effective_date": "2026-02-01"}, etag=first["etag"]).expect(200).json
    assert gone["retired"] is True
    company.payroll.post(ITEMS, item(name("late"), f"item.{a}", effective_date="2026-03-01")).expect(422)
    assert company.payroll.post(ITEMS, item(name("early"), f"item.{a}")).expect(422, 409).code == "PAY_ITEM_REFUSED"


# ---- two axes of time ----

def test_a_change_holds_from_its_day_and_the_past_stays_as_it_was_known(company):
    made = declared(company.payroll, name("meal"), "10 yuan", effective_date="2026-01-01")
    path = f"{ITEMS}/{made['id']}"
    later = company.payroll.patch(path, {"formula": "15 yuan", "effective_date": "2026-07-01"}, etag=made["etag"]).expect(200).json
    # recorded last, and holds only until the change that was there before
    last = company.payroll.patch(path, {"formula": "12 yuan", "effective_date": "2026-04-01"}, etag=later["etag"]).expect(200).json

    def at(day, as_of=None):
        return company.payroll.get(path, query={"effective_on": day, **({"as_of": as_of} if as_of else {})}).expect(200).json["formula"]
    assert [at(d) for d in ("2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")] == ["10 yuan", "12 yuan", "12 yuan", "15 yuan"]
    assert [at(d, later["update_time"]) for d in ("2026-04-01", "2026-07-01")] == ["10 yuan", "15 yuan"]
    assert [at(d, made["update_time"]) for d in ("2026-04-01", "2026-07-01")] == ["10 yuan", "10 yuan"]
    span = company.payroll.get(path, query={"effective_on": "2026-05-01"}).json
    assert (span["valid_from"], span["valid_to"]) == ("2026-04-01", "2026-07-01")
    company.payroll.patch(path, {"formula": "1 yuan", "effective_date": "2026-08-01"}, etag=later["etag"]).expect(412)
    assert errors(company.payroll.patch(path, {"formula": "1 yuan"}, etag=last["etag"]).expect(422)) == [("/effective_date", "REQUIRED")]


def test_a_later_day_on_which_it_would_not_hold_refuses_it_too(company):
    a = name("ends")
    first = declared(company.payroll, a, "1 yuan")
    company.payroll.patch(f"{ITEMS}/{first['id']}", {"retired": True, "effective_date": "2026-09-01"}, etag=first["etag"]).expect(200)
    got = company.payroll.post(ITEMS, item(name("leans"), f"item.{a}")).expect(422)
    assert errors(got) == [("/formula", "FORMULA_NO_NAME")]


# ---- trying ----

@pytest.mark.parametrize("formula,values,fen,en", [
    ("term.base / 21.75 days * fact.absent_days", {"term.base": "8000 yuan", "fact.absent_days": "2 days"}, Fraction(800000 * 2 * 100, 2175),
     "8000.00 ÷ 21.75 d × 2 d = 735.632184"),
    ("term.hourly * fact.worked", {"term.hourly": "25.5 yuan / 1 hour", "fact.worked": "90 minutes"}, Fraction(2550 * 3, 2), None),
    ("term.piece_rate * fact.pieces", {"term.piece_rate": "1.2 yuan / 1 piece", "fact.pieces": "120 pieces"}, Fraction(14400), None),
    ("term.base / law.month_hours * law.overtime_rest * fact.overtime_rest", {"term.base": "5220 yuan", "fact.overtime_rest": "8 hours"}, Fraction(522000 * 2 * 8, 174), None),
])
def test_a_formula_is_tried(company, formula, values, fen, en):
    got = checked(company.payroll, formula, values).expect(200).json
    assert got["good"] and got["type"] == "MONEY" and got["trial"]["state"] == "DONE"
    assert got["trial"]["amount_fen"] == int(fen + Fraction(1, 2)), got
    if en:
        assert got["trial"]["en"].startswith(en[:26]) and "天" in got["trial"]["zh"] and " d " not in got["trial"]["zh"], got["trial"]


def test_items_that_it_needs_are_worked_out_or_given(company):
    a = name("piece")
    declared(company.payroll, a, "term.base * 10%", rounding="YUAN")
    values = {"term.base": "8004.99 yuan"}
    got = checked(company.payroll, f"item.{a} * 2", values).expect(200).json
    assert got["trial"]["amount_fen"] == 160000  # 800.499 rounded to the yuan, then doubled
    assert checked(company.payroll, f"item.{a} * 2", {**values, f"item.{a}": "1 yuan"}).expect(200).json["trial"]["amount_fen"] == 200
    missing = checked(company.payroll, f"item.{a} * 2").expect(200).json["trial"]
    assert missing["state"] == "MISSING" and (missing["at"], missing["length"]) == (0, len(f"item.{a}")) and "amount_fen" not in missing
    assert checked(company.payroll, "1 yuan / (fact.bonus_factor - 1)", {"fact.bonus_factor": "1"}).expect(200).json["trial"]["state"] == "DIVIDED"


def test_segments_are_summed_exactly(company):
    segments = [{"inputs": [{"name": "seg.wage", "value": w}, {"name": "seg.days", "value": d}]} for w, d in (("5000 yuan", "10 days"), ("6000 yuan", "5 days"))]
    got = checked(company.payroll, "sum(seg.wage / 21.75 days * seg.days)", segments=segments).expect(200).json
    assert got["trial"]["amount_fen"] == 367816


@pytest.mark.parametrize("formula,type_", [("fact.worked", "TIME"), ("fact.sick_days + 1 day", "DAYS"), ("fact.pieces", "PIECES"),
                                           ("10% + 1", "NUMBER"), ("term.on_probation", "TRUTH"), ("term.hire_date", "DATE")])
def test_a_type_is_found_out(company, formula, type_):
    assert checked(company.payroll, formula).expect(200).json["type"] == type_


@pytest.mark.parametrize("inputs,pointer,code", [
    ([("term.nothing", "1 yuan")], "/inputs/0/name", "UNKNOWN"), ([("seg.wage", "1 yuan")], "/inputs/0/name", "UNKNOWN"),
    ([("term.base", "1 yuan"), ("term.base", "2 yuan")], "/inputs/1/name", "DUPLICATE"), ([("term.base", "2 days")], "/inputs/0/value", "FORMAT"),
    ([("term.base", "term.base")], "/inputs/0/value", "FORMAT"), ([("term.base", "1 yuan / 0")], "/inputs/0/value", "FORMAT")])
def test_values_that_are_none_are_refused(company, inputs, pointer, code):
    got = company.payroll.post(ITEMS + ":check", {"formula": "1 yuan", "inputs": [{"name": n, "value": v} for n, v in inputs]}).expect(422)
    assert errors(got) == [(pointer, code)]


def test_names_are_listed_and_each_can_be_used(company):
    names = company.payroll.get("/api/v1/pay-names").expect(200).json["items"]
    assert len(names) >= 30 and len({n["name"] for n in names}) == len(names)
    for n in names:
        assert n["zh"] and n["en"] and n["name"].split(".")[0] in ("term", "fact", "seg", "law")
        if n["name"].startswith("seg."):
            text = f"sum({n['name']})"
        else:
            text = n["name"] if "type" in n else f"{n['name']} * 1 {n['unit'].split('/ ')[1]}"
        got = checked(company.payroll, text).expect(200).json
        assert got["good"] and got["type"] == n.get("type", "MONEY"), (n, got)


def test_nothing_of_a_trial_is_stored(company):
    before = company.payroll.get(ITEMS).json
    checked(company.payroll, "term.base", {"term.base": "1 yuan"}, code=name("tried")).expect(200)
    assert company.payroll.get(ITEMS).json == before
