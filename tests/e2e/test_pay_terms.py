"""Pay groups and pay terms: whole records from a day on, read as of any day and instant, amounts sealed and shown to whom they concern."""
import secrets

import pytest

from renhe import wait_until
from tenants import Tenant

GROUPS, TERMS = "/api/v1/pay-groups", "/api/v1/pay-terms"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def company(suite):
    t = Tenant(suite)
    made = t.admin.post("/api/v1/accounts", {"sign_in_name": "pay", "roles": ["PAYROLL"]}).expect(201).json
    t.payroll = t.enter("pay", made["activation_code"])
    t.entity = t.hr.post("/api/v1/legal-entities", {"code": "LE", "name": "人和测试公司"}).expect(201).json
    t.unit = t.hr.post("/api/v1/org-units", {"code": "HQ", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    t.group = group(t)
    return t


def group(t, **more):
    body = {"code": "G" + secrets.token_hex(4), "name": "月薪组", "legal_entity_id": t.entity["id"], "place": "310000", "pay_day": 10, **more}
    return t.payroll.post(GROUPS, body).expect(201).json


def hired(t, date="2025-03-01"):
    """An employee whom payroll knows."""
    tag = "T" + secrets.token_hex(4)
    one = t.hr.post("/api/v1/employees", {"employee_number": tag, "name": "薪", "hire_date": date, "org_unit_id": t.unit["id"],
                                          "employment_type": "FULL_TIME"}).expect(201).json
    wait_until(lambda: known(t, one), 20, "payroll to know the hire")
    return one


def known(t, one):
    body = {"items": [term(t, one)]}
    return t.payroll.post(f"{TERMS}:record", body, query={"validate_only": "true"}).status in (200, 201)


def term(t, one, **more):
    return {"employee_id": one["id"], "effective_date": "2026-01-01", "pay_group_id": t.group["id"], "monthly_fen": 1234567, "residence": "RESIDENT",
            **more}


def record(t, *items):
    return t.payroll.post(f"{TERMS}:record", {"items": list(items)}).expect(201).json["items"]


def holds(t, one, day, **query):
    items = t.payroll.get(TERMS, query={"employee_id": one["id"], "effective_on": day, **query}).expect(200).json["items"]
    return items[0]["monthly_fen"] if items else None


def test_a_group_is_what_was_said(company):
    made = company.group
    assert (made["method"], made["pay_next_month"], made["pay_day"]) == ("A", False, 10)
    assert company.payroll.get(f"{GROUPS}/{made['id']}").expect(200).json == made
    assert made["id"] in [g["id"] for g in company.hr.get(GROUPS).expect(200).json["items"]]


@pytest.mark.parametrize("wrong, pointer", [({"pay_day": 29}, "/pay_day"), ({"place": "31"}, "/place"), ({"code": None}, "/code"),
                                            ({"method": "D"}, "/method"), ({"legal_entity_id": "x"}, "/legal_entity_id")])
def test_a_group_is_refused(company, wrong, pointer):
    body = {"code": "X", "name": "组", "legal_entity_id": company.entity["id"], "place": "310000", "pay_day": 10, **wrong}
    got = company.payroll.post(GROUPS, {k: v for k, v in body.items() if v is not None}).expect(422)
    assert [e["pointer"] for e in got.json["errors"]] == [pointer]


def test_a_code_is_there_once(company):
    body = {"code": company.group["code"], "name": "组", "legal_entity_id": company.entity["id"], "place": "310000", "pay_day": 10}
    assert company.payroll.post(GROUPS, body).expect(409).code == "PAY_GROUP_CODE_TAKEN"
    company.payroll.get(f"{GROUPS}/{NOBODY}").expect(404)


def test_terms_hold_from_their_day(company):
    one = hired(company)
    first = record(company, term(company, one))[0]
    later = record(company, term(company, one, effective_date="2026-07-01", monthly_fen=2000000))[0]
    back = record(company, term(company, one, effective_date="2026-04-01", monthly_fen=1500000))[0]
    assert [holds(company, one, d) for d in ("2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")] == [
        None, 1234567, 1234567, 1500000, 1500000, 2000000]
    assert len({first["id"], later["id"], back["id"]}) == 3
    history = company.payroll.get(f"{TERMS}:history", query={"employee_id": one["id"]}).expect(200).json["items"]
    assert [h["monthly_fen"] for h in history] == [1234567, 1500000, 2000000]
    # As it was known before the correction.
    assert holds(company, one, "2026-05-01", as_of=history[2]["recorded_time"]) == 1234567
    # Of the same day the one recorded last.
    record(company, term(company, one, effective_date="2026-04-01", monthly_fen=1600000))
    assert holds(company, one, "2026-05-01") == 1600000


def test_all_faults_at_once_and_nothing_is_kept(company):
    one = hired(company)
    got = company.payroll.post(f"{TERMS}:record", {"items": [term(company, one), term(company, {"id": NOBODY}), term(company, one, pay_group_id=NOBODY),
                                                             term(company, one, fund_rate_e5=7000)]}).expect(422)
    assert got.code == "PAY_TERM_REFUSED"
    assert [(e["pointer"], e["code"]) for e in got.json["errors"]] == [
        ("/items/1/employee_id", "UNKNOWN"), ("/items/2/pay_group_id", "UNKNOWN"), ("/items/3/declared_base_fen", "REQUIRED")]
    assert holds(company, one, "2026-05-01") is None


@pytest.mark.parametrize("wrong, pointer", [({"monthly_fen": -1}, "monthly_fen"), ({"monthly_fen": 1.5}, "monthly_fen"), ({"effective_date": "2026-02-30"}, "effective_date"),
                                            ({"residence": "BOTH"}, "residence"), ({"declared_base_fen": 0}, "declared_base_fen"),
                                            ({"schemes": ["PENSION", "LUCK"], "declared_base_fen": 1}, "schemes/1"), ({"person_id": NOBODY}, "person_id")])
def test_shapes_are_refused(company, wrong, pointer):
    got = company.payroll.post(f"{TERMS}:record", {"items": [term(company, {"id": NOBODY}, **wrong)]}).expect(400, 422)
    assert [e["pointer"] for e in got.json["errors"]] == ["/items/0/" + pointer]


def test_who_sees_what(company, suite):
    """Payroll sees amounts, an auditor that there are terms; the others nothing of anybody else."""
    one = hired(company)
    record(company, term(company, one, declared_base_fen=999900, special_fen=200000, other_fen=100))
    made = company.admin.post("/api/v1/accounts", {"sign_in_name": "aud", "roles": ["AUDITOR"]}).expect(201).json
    auditor = company.enter("aud", made["activation_code"])
    seen = auditor.get(TERMS, query={"employee_id": one["id"]}).expect(200).json["items"][0]
    amounts = {"monthly_fen", "declared_base_fen", "special_fen", "other_fen"}
    assert not amounts & set(seen) and amounts <= set(seen["restricted_fields"]) and seen["residence"] == "RESIDENT"
    assert amounts <= set(company.payroll.get(TERMS, query={"employee_id": one["id"]}).json["items"][0])
    answer = company.hr.get(TERMS, query={"employee_id": one["id"]})
    assert answer.status in (401, 403) or answer.json["items"] == []
    auditor.post(f"{TERMS}:record", {"items": [term(company, one)]}).expect(403)
    company.hr.post(f"{TERMS}:record", {"items": [term(company, one)]}).expect(403)


def test_amounts_are_sealed(company, suite):
    one = hired(company)
    planted = 9_191_919_173
    record(company, term(company, one, monthly_fen=planted, declared_base_fen=planted + 1, special_fen=planted + 2))
    dump = str(suite.psql_all("payroll", "select row_to_json(t)::text from pay_term t"))
    assert one["id"] in dump and "91919191" not in dump


def test_another_tenant_sees_none(company, suite):
    one = hired(company)
    record(company, term(company, one))
    other = suite.sign_in_as("PAYROLL", "demo")
    assert other.get(TERMS, query={"employee_id": one["id"]}).expect(200).json["items"] == []
    assert other.get(f"{TERMS}:history", query={"employee_id": one["id"]}).expect(200).json.get("items", []) == []
    got = other.post(f"{TERMS}:record", {"items": [term(company, one)]}).expect(422)
    assert {e["pointer"] for e in got.json["errors"]} == {"/items/0/employee_id", "/items/0/pay_group_id"}
    other.get(f"{GROUPS}/{company.group['id']}").expect(404)


def test_nobody_sets_the_own_pay(company, suite):
    """The person who pays in the demo company, about himself: neither terms nor facts; another one may."""
    me, other = suite.sign_in_as("PAYROLL", "demo"), suite.second("PAYROLL", "demo")
    one = suite.account("PAYROLL", "demo")["employee_id"]
    groups = me.get(GROUPS).expect(200).json["items"]
    term_of_mine = {"items": [{"employee_id": one, "effective_date": "2030-01-01", "pay_group_id": groups[0]["id"], "monthly_fen": 99999900}]}
    fact_of_mine = {"items": [{"source": "own/1", "employee_id": one, "month": "2030-01-01", "kind": "AMOUNT", "code": "GIFT", "amount_fen": 1}]}
    for path, body in ((f"{TERMS}:record", term_of_mine), ("/api/v1/period-facts:record", fact_of_mine)):
        told = me.post(path, body).expect(422).json["errors"]
        assert [(e["pointer"], e["code"]) for e in told] == [("/items/0/employee_id", "OWN")]
        other.post(path, body, query={"validate_only": "true"}).expect(200, 201)
