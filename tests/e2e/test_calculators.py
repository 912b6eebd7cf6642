"""Calculators: who may ask, what explains an answer, whose law it stands on, and what is refused, all at once."""
import json
import re
import secrets
from urllib.parse import urlencode

import pytest

import contract
import rows
from http_client import Client
from renhe import CHECKOUT

ROLES = ("EMPLOYEE", "MANAGER", "STORE_MANAGER", "HR", "PAYROLL", "AUDITOR", "TENANT_ADMIN")
CALCULATORS = [op for op in contract.operations("POST") if op.path.startswith("/api/v1/calculators/")]
EXAMPLES = {op.path: contract.DOCUMENT["paths"][op.path]["post"]["requestBody"]["content"]["application/json"]["example"] for op in CALCULATORS}
BANDS = [("36000", "3", "0"), ("144000", "10", "2520"), ("300000", "20", "16920"), ("420000", "25", "31920"), ("660000", "30", "52920"),
         ("960000", "35", "85920"), ("-", "45", "181920")]


@pytest.fixture(scope="module")
def client(suite):
    client = suite.sign_in_as("EMPLOYEE", "demo")
    client.waits = True
    return client


def run(client, rule, body, **headers):
    return client.post(f"/api/v1/calculators/{rule}:run", body, headers=headers)


def refused(client, rule, body, *items, status=422, code=None):
    """Each (pointer, code) is told, and nothing else."""
    got = run(client, rule, body).expect(status)
    assert got.headers["content-type"] == "application/problem+json"
    assert {(e["pointer"], e["code"]) for e in got.json.get("errors", [])} == set(items), got.json
    assert code in (None, got.code)
    return got.json


# ---- every calculator ----

@pytest.mark.parametrize("op", CALCULATORS, ids=lambda o: o.path.split("/")[-1])
def test_examples_answer_and_explain(client, op):
    """Each has an example; its answer names the law, in both languages, and every row with mark and source."""
    answer = client.post(op.path, EXAMPLES[op.path]).expect(200).json
    told = answer["derivation"]
    assert told["date"] == EXAMPLES[op.path].get("basis", {}).get("date", told["date"])
    assert told["steps"] and told["law"]
    for step in told["steps"]:
        assert re.search("[一-鿿]", step["zh"]) and not re.search("[一-鿿]", step["en"]) and "{" not in step["zh"] + step["en"]
    for row in told["law"]:
        assert row["source"] and row["overridden"] is False
        assert row["scheme"] == "calendar.year" or row["from_date"] <= told["date"] < row.get("until_date", "9999")
    assert told["verified"] == all(row["verified"] for row in told["law"])
    assert client.post(op.path, EXAMPLES[op.path]).json == answer


@pytest.mark.parametrize("op", CALCULATORS, ids=lambda o: o.path.split("/")[-1])
def test_what_is_no_fact_is_refused(client, op):
    got = client.post(op.path, {"basis": {"date": "2026-02-30", "law": [{"scheme": "tax.annual"}]}, "unknown": 1})
    told = {(e["pointer"], e["code"]) for e in got.expect(400).json["errors"]}
    assert {("/unknown", "UNKNOWN_FIELD"), ("/basis/law/0/item", "REQUIRED"), ("/basis/law/0/values", "REQUIRED")} <= told
    assert any(pointer == "/basis/date" for pointer, _ in told)


def test_who_may_ask(suite):
    path, body = "/api/v1/calculators/bonus:run", {"bonus_fen": 100}
    for role in ROLES:
        suite.sign_in_as(role, "demo").post(path, body).expect(200)
    suite.client().post(path, body).expect(401)
    suite.sign_in_as("PLATFORM_OPERATOR").post(path, body).expect(404)


def test_machines_ask_by_their_scope(suite):
    admin = suite.sign_in_as("TENANT_ADMIN", "demo")
    for scope, status in (("CALCULATOR_RUN", 200), ("EMPLOYEE_READ", 403)):
        made = admin.post("/api/v1/clients", {"name": "calc-" + secrets.token_hex(5), "scopes": [scope]}).expect(201).json
        form = {"grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["client_secret"]}
        token = suite.client().request("POST", "/oauth/token", urlencode(form).encode(),
                                       headers={"Content-Type": "application/x-www-form-urlencoded"}).expect(200).json["access_token"]
        Client(suite.env["RENHE_URL"], token).post("/api/v1/calculators/bonus:run", {"bonus_fen": 3600100}).expect(status)


def test_no_producer_without_a_topic(suite):
    """The service writes no topic: it asks the broker for no producer, which would be refused it again and again."""
    log = suite.log("payroll")
    assert "started" in log and "relay_producer_renewed" not in log and "authorization failed" not in log


def test_nothing_is_stored(suite, client):
    def all_rows():
        return {k: v for k, v in rows.digests(suite).items() if k[0] == "payroll"}
    before = all_rows()
    for op in CALCULATORS:
        client.post(op.path, EXAMPLES[op.path]).expect(200)
    assert rows.changes(before, all_rows()) == {} and len(before) > 10


@pytest.mark.parametrize("body", [{"bonus_fen": 1, "basis": {"date": "2028-01-01"}}, {"bonus_fen": 1, "basis": {"date": "1800-01-01"}},
                                  {"bonus_fen": 1, "basis": {"law": [{"scheme": "x", "item": "y", "values": ["1"]}]}}])
def test_refusals_in_both_languages(client, body):
    told = [run(client, "bonus", body, **{"Accept-Language": lang}).expect(422).json["errors"] for lang in ("zh-CN", "en")]
    for zh, en in zip(*told, strict=True):
        assert re.search("[一-鿿]", zh["detail"]) and en["detail"] and not re.search("[一-鿿]", en["detail"])
        assert (zh["pointer"], zh["code"]) == (en["pointer"], en["code"])


# ---- income tax ----

def test_cumulative_tax_as_a_person_writes_it(client):
    month = {"income_fen": 3000000, "contributions_fen": 450000, "special_fen": 200000}
    answer = run(client, "income-tax", {"basis": {"date": "2026-03-31"}, "months": [month, month]}).expect(200).json
    assert [m["tax_fen"] for m in answer["months"]] == [55500, 62500] and answer["year_fen"] == 118000
    formulas = [s["formula"] for s in answer["derivation"]["steps"]]
    assert "(30000.00 − 5000.00 − 4500.00 − 2000.00) × 3% = 555.00" in formulas
    assert "(60000.00 − 10000.00 − 9000.00 − 4000.00) × 10% − 2520.00 = 1180.00" in formulas
    assert "1180.00 − 555.00 = 625.00" in formulas


def test_nothing_is_paid_back(client):
    months = [{"income_fen": 2000000}, {"income_fen": 0}, {"income_fen": -100000}]
    answer = run(client, "income-tax", {"months": months}).expect(200).json
    assert [m["tax_fen"] for m in answer["months"]] == [45000, 0, 0]
    step = answer["derivation"]["steps"][-1]
    assert "暂不退税" in step["zh"] and step["formula"].endswith("< 0 → 0.00") and step["amount_fen"] == 0


def test_months_of_the_year(client):
    month = {"income_fen": 1000000}
    refused(client, "income-tax", {"start_month": 12, "months": [month, month]}, ("/months/1", "OUT_OF_RANGE"), code="CALCULATION_REFUSED")
    refused(client, "income-tax", {"start_month": 5, "last_month": 4, "months": [month]}, ("/last_month", "OUT_OF_RANGE"))
    refused(client, "income-tax", {}, ("/months", "REQUIRED"))
    refused(client, "income-tax", {"months": [month], "taxable_cum_fen": [1]}, ("/months", "REQUIRED"))
    refused(client, "income-tax", {"months": [{}, {"income_fen": 10**13 + 1, "special_fen": -1}], "mode": "NEVER"}, ("/months/0/income_fen", "REQUIRED"),
            ("/months/1/income_fen", "TOO_LARGE"), ("/months/1/special_fen", "TOO_SMALL"), ("/mode", "FORMAT"), code="VALIDATION_FAILED")


# ---- law: by day, and in place of the packs' ----

def test_a_day_without_law_has_no_answer(client):
    refused(client, "bonus", {"bonus_fen": 1, "basis": {"date": "2028-01-01"}}, ("/basis/date", "LAW_NOT_COVERED"))
    refused(client, "income-tax", {"taxable_cum_fen": [1, 2], "basis": {"date": "2018-12-31"}}, ("/basis/date", "LAW_NOT_COVERED"))
    told = refused(client, "special-additional", {"basis": {"date": "2021-12-31"}, "items": [{"kind": "INFANT_CARE"}, {"kind": "CHILD_EDUCATION"},
                   {"kind": "NO_SUCH"}, {"kind": "CHILD_EDUCATION", "share_e5": 33333}]}, ("/basis/date", "LAW_NOT_COVERED"),
                   ("/items/3/share_e5", "OUT_OF_RANGE"))
    assert len(told["errors"]) == 3 and "tax.special INFANT_CARE" in told["errors"][0]["detail"]


def law(*rows):
    return [{"scheme": "tax.annual", "item": str(i), "values": list(v)} for i, v in rows]


def test_the_same_law_given_is_the_same_answer(client):
    """Every band given as it stands: the amounts are the same, and the rows say that they were given."""
    body = {"taxable_cum_fen": [0, 3600000, 3600001, 9999999, 500000000]}
    shipped = run(client, "income-tax", body).expect(200).json
    given = run(client, "income-tax", {**body, "basis": {"law": law(*enumerate(BANDS, 1))}}).expect(200).json
    assert given["cum_tax_fen"] == shipped["cum_tax_fen"]
    assert all(r["overridden"] and not r["verified"] and "source" not in r for r in given["derivation"]["law"])
    assert [r["values"] for r in given["derivation"]["law"]] == [r["values"] for r in shipped["derivation"]["law"]]
    assert not given["derivation"]["verified"] and shipped["derivation"]["verified"]


def test_one_edge_moved(client):
    """Only what lies between the old and the new edge is another tax."""
    body = {"taxable_cum_fen": [3600000, 4000000, 4000001]}
    moved = run(client, "income-tax", {**body, "basis": {"law": law((1, ("40000", "3", "0")))}}).expect(200).json
    assert moved["cum_tax_fen"] == [108000, 120000, 148000] and run(client, "income-tax", body).json["cum_tax_fen"] == [108000, 148000, 148000]


def test_law_brings_back_a_day(client):
    row = {"scheme": "tax.bonus", "item": "ANNUAL", "values": ["12", "1"]}
    answer = run(client, "bonus", {"bonus_fen": 3600100, "basis": {"date": "2028-01-01", "law": [row]}}).expect(200).json
    assert answer["tax_fen"] == 339010


@pytest.mark.parametrize("row, at, code", [
    ({"scheme": "tax.anual"}, "/scheme", "SCHEME_UNKNOWN"), ({"values": ["36000", "3"]}, "/values", "LAW_VALUES"),
    ({"values": ["36000", "3", "0", "0"]}, "/values", "LAW_VALUES"), ({"values": ["36000", "-3", "0"]}, "/values", "LAW_VALUES"),
    ({"values": ["36000", "3e0", "0"]}, "/values", "LAW_VALUES"), ({"values": ["36000.001", "3", "0"]}, "/values", "LAW_VALUES"),
    ({"values": ["36000", "-", "0"]}, "/values", "LAW_VALUES"), ({"values": ["36000", "3", "99999999999999"]}, "/values", "LAW_VALUES"),
    ({"values": ["36000", "3", ""]}, "/values/2", "REQUIRED"), ({"values": ["36000", "3", "0\t0"]}, "/values/2", "CONTROL_CHARACTER"),
    ({"values": [36000, 3, 0]}, "/values/0", "TYPE"),
])
def test_rows_that_are_no_law(client, row, at, code):
    good = law((1, BANDS[0]))[0]
    got = run(client, "income-tax", {"taxable_cum_fen": [1], "basis": {"law": [law((2, BANDS[1]))[0], {**good, **row}]}}).expect(422)
    assert ("/basis/law/1" + at, code) in {(e["pointer"], e["code"]) for e in got.json["errors"]}, got.json


def test_all_faults_of_the_law_at_once(client):
    rows = [*law((1, BANDS[0])), *law((1, BANDS[1])), {"scheme": "x", "item": "1", "values": ["1"]}]
    refused(client, "income-tax", {"taxable_cum_fen": [1], "basis": {"law": rows}}, ("/basis/law/1", "LAW_TWICE"),
            ("/basis/law/2/scheme", "SCHEME_UNKNOWN"))


def test_a_row_of_nothing_counts_to_nothing(client):
    """Zeros where the arithmetic divides are refused; nothing falls over."""
    refused(client, "bonus", {"bonus_fen": 100, "basis": {"law": [{"scheme": "tax.bonus", "item": "ANNUAL", "values": ["0", "1"]}]}}, ("", "TOO_LARGE"))
    run(client, "bonus", {"bonus_fen": 100}).expect(200)


# ---- fees ----

def test_continuous_work_needs_dates(client):
    payments = [{"pay_fen": 100000}, {"pay_fen": 100000, "date": "2026-04-10"}, {"pay_fen": 100000}]
    refused(client, "labour-remuneration", {"continuous": True, "payments": payments}, ("/payments/0/date", "REQUIRED"),
            ("/payments/2/date", "REQUIRED"))
    apart = run(client, "labour-remuneration", {"payments": payments}).expect(200).json
    assert apart["tax_fen"] == 3 * 4000 and len(apart["taxes"]) == 3
    refused(client, "labour-remuneration", {"kind": "INTERN", "payments": [{"pay_fen": 1}]}, ("/months", "REQUIRED"))


def test_unverified_rows_are_marked(client):
    """Table 2 of fees is from knowledge: the answer says so, row by row."""
    told = run(client, "labour-remuneration", {"payments": [{"pay_fen": 3000000}]}).expect(200).json["derivation"]
    assert not told["verified"] and any(r["scheme"] == "tax.labour" and not r["verified"] for r in told["law"])


def test_the_document_names_them():
    text = json.loads((CHECKOUT / "proto" / "openapi.json").read_text())
    assert {op.path for op in CALCULATORS} <= set(text["paths"]) and len(CALCULATORS) >= 25
