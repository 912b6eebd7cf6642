"""Facts of a period as another system sends them: by a machine, many at once, to its own company alone; amounts in clear nowhere."""
import concurrent.futures
import secrets
import time
from urllib.parse import urlencode

import pytest

from paid import RUNS, PayingCompany
from renhe import Client
from test_period_facts import FACTS, pointers

MOST = 500


@pytest.fixture(scope="module")
def company(suite):
    c = PayingCompany(suite)
    c.one, c.other = c.known(c.hire(), c.hire())
    return c


def fact(c, kind="ABSENCE", **more):
    return {"source": "erp/" + secrets.token_hex(8), "employee_id": c.one["id"], "month": "2026-03-01", "kind": kind,
            **({"days_e2": 100} if kind == "ABSENCE" else {}), **more}


def machine(suite, by, *scopes):
    made = by.post("/api/v1/clients", {"name": "erp-" + secrets.token_hex(5), "scopes": list(scopes)}).expect(201).json
    form = {"grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["client_secret"]}
    token = suite.client().request("POST", "/oauth/token", urlencode(form).encode(),
                                   headers={"Content-Type": "application/x-www-form-urlencoded"}).expect(200).json["access_token"]
    return Client(suite.env["RENHE_URL"], token)


def listed(c, **query):
    return c.payroll.get(FACTS, query={"page_size": 500, **query}).expect(200).json["items"]


def test_a_machine_sends_and_reads_nothing(company, suite):
    c = company
    good, other = machine(suite, c.admin, "PERIOD_FACT_WRITE"), machine(suite, c.admin, "EMPLOYEE_READ")
    money = fact(c, "AMOUNT", code="ERP_BONUS", amount_fen=45600, month="2024-01-01")
    sent = good.post(f"{FACTS}:record", {"items": [money, fact(c, month="2024-01-01")]}).expect(200).json
    assert sent["added"] == 2
    assert "amount_fen" not in sent["items"][0], "what a machine sends it is not told again"
    assert [f["amount_fen"] for f in listed(c, month="2024-01-01", kind="AMOUNT")] == [45600]
    assert good.post(f"{FACTS}:record", {"items": [money]}).expect(200).json["added"] == 0
    good.get(FACTS).expect(403)
    other.post(f"{FACTS}:record", {"items": [fact(c)]}).expect(403)
    suite.client().post(f"{FACTS}:record", {"items": [fact(c)]}).expect(401)


def test_many_at_once_or_none(company, figure):
    c = company
    many = [fact(c, month="2024-02-01") for _ in range(MOST)]
    begin = time.monotonic()
    got = c.payroll.post(f"{FACTS}:record", {"items": many}).expect(200)
    figure(f"{MOST} facts in one request: {1000 * (time.monotonic() - begin):.0f} ms")
    assert got.json["added"] == MOST and len(listed(c, month="2024-02-01")) == MOST
    assert c.payroll.post(f"{FACTS}:record", {"items": many}).expect(200).json["added"] == 0
    c.payroll.post(f"{FACTS}:record", {"items": many + [fact(c)]}).expect(422)
    bad = [fact(c, month="2024-03-01") for _ in range(MOST)]
    for i in (0, 7, MOST - 1):
        del bad[i]["days_e2"]
    got = c.payroll.post(f"{FACTS}:record", {"items": bad}).expect(422)
    assert pointers(got) == {(f"/items/{i}/days_e2", "REQUIRED") for i in (0, 7, MOST - 1)} and not listed(c, month="2024-03-01")
    taken = [fact(c, month="2024-03-01"), {**many[3], "days_e2": 200}, {**many[9], "month": "2024-03-01"}]
    got = c.payroll.post(f"{FACTS}:record", {"items": taken}).expect(409)
    assert pointers(got) == {("/items/1/source", "TAKEN"), ("/items/2/source", "TAKEN")} and not listed(c, month="2024-03-01")


@pytest.mark.parametrize("query, status", [({"kind": "NOTHING"}, 422), ({"month": "2024-04"}, 422), ({"open": "perhaps"}, 422), ({"page_size": 0}, 422),
                                           ({"employee_id": "x"}, 422), ({"page_token": "x"}, 400)])
def test_a_list_that_is_asked_for_wrongly(company, query, status):
    assert company.payroll.get(FACTS, query=query).status == status


def test_by_kind_and_page(company):
    c = company
    items = [fact(c, month="2024-05-01") for _ in range(3)] + [fact(c, "OVERTIME_REST", hours_s=3600, month="2024-05-01")]
    c.payroll.post(f"{FACTS}:record", {"items": items}).expect(200)
    assert {f["source"] for f in listed(c, month="2024-05-01", kind="ABSENCE")} == {i["source"] for i in items[:3]}
    assert [f["source"] for f in listed(c, month="2024-05-01", kind="OVERTIME_REST")] == [items[3]["source"]]
    assert listed(c, month="2024-05-01", kind="CLAIM") == []
    seen, query = [], {"month": "2024-05-01", "page_size": 2}
    while True:
        page = c.payroll.get(FACTS, query=query).expect(200).json
        seen += [f["source"] for f in page["items"]]
        if not page.get("next_page_token"):
            break
        query["page_token"] = page["next_page_token"]
    assert sorted(seen) == sorted(i["source"] for i in items) and len(seen) == 4


def test_two_companies(company, suite):
    """One source number may stand in both; neither reaches the other's people or facts."""
    c, d = company, PayingCompany(suite)
    d.one = d.known(d.hire())[0]
    mine = fact(c, month="2024-06-01")
    made = c.payroll.post(f"{FACTS}:record", {"items": [mine]}).expect(200).json["items"][0]
    its = {**mine, "employee_id": d.one["id"], "days_e2": 250}
    assert d.payroll.post(f"{FACTS}:record", {"items": [its]}).expect(200).json["added"] == 1
    got = d.payroll.post(f"{FACTS}:record", {"items": [fact(c)]}).expect(422)
    assert pointers(got) == {("/items/0/employee_id", "UNKNOWN")}
    d.payroll.post(f"{FACTS}/{made['id']}:withdraw").expect(404)
    assert [f["days_e2"] for f in listed(d)] == [250] and "withdrawn_time" not in listed(c, month="2024-06-01")[0]


def test_amounts_are_in_clear_nowhere(company, suite):
    """Neither in the database's dump nor in the logs; the code, which is no secret, shows that the look would find it."""
    c, planted, left, code = company, 7310924655013, 7310924655027, "PLANTED" + secrets.token_hex(4)
    c.payroll.post(f"{FACTS}:record", {"items": [
        fact(c, "AMOUNT", code=code, amount_fen=planted, month="2024-07-01"),
        fact(c, "CLAIM", code=code, claim_kind="COURT", amount_fen=planted, protected_fen=left, month="2024-07-01")]}).expect(200)
    assert [f["amount_fen"] for f in listed(c, month="2024-07-01") if f.get("code") == code] == [planted] * 2
    tables = [r[0] for r in suite.psql_all("payroll", "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'")]
    dump = "\n".join(str(suite.psql_all("payroll", f"select t::text from {t} t")) for t in tables) + suite.log("payroll")
    assert code in dump and str(planted) not in dump and str(left) not in dump


# ---- at the same time ----

def test_sent_at_the_same_time_they_are_there_once(company):
    """A sender that lost the answer sends again while the first request still runs: each hears that all is there, nobody of a conflict."""
    c = company
    many = [fact(c, month="2024-08-01") for _ in range(400)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        got = list(pool.map(lambda _: c.payroll.post(f"{FACTS}:record", {"items": many}), range(12)))
    assert {g.status for g in got} == {200} and sorted(g.json["added"] for g in got) == [0] * 11 + [400]
    assert len({tuple(i["id"] for i in g.json["items"]) for g in got}) == 1 and len(listed(c, month="2024-08-01")) == 400


def test_what_was_withdrawn_is_not_approved(company):
    """A run that was calculated with it is calculated anew first, or its slips would pay what is gone."""
    c = company
    group = c.make_group()
    c.record(c.term(c.other, pay_group_id=group["id"]))
    items = [fact(c, "AMOUNT", code="BONUS_W", amount_fen=70000, employee_id=c.other["id"]) for _ in range(2)]
    first, second = c.payroll.post(f"{FACTS}:record", {"items": items}).expect(200).json["items"]
    run = c.run("2026-03-01", group)
    gross = run["gross_fen"]
    c.payroll.post(f"{FACTS}/{first['id']}:withdraw").expect(200)
    assert c.second.post(f"{RUNS}/{run['id']}:approve").expect(409).code == "PAY_RUN_FACTS_WITHDRAWN"
    assert c.read(run["id"])["state"] == "CALCULATED"
    c.payroll.post(f"{RUNS}/{run['id']}:calculate").expect(202)
    again = c.calculated(run["id"])
    assert gross - again["gross_fen"] == 70000
    assert c.second.post(f"{RUNS}/{run['id']}:approve").expect(200).json["state"] == "APPROVED"
    assert c.payroll.post(f"{FACTS}/{second['id']}:withdraw").expect(409).code == "PERIOD_FACT_USED"


def test_withdrawn_and_approved_at_once_is_one_of_both(company, figure):
    """Whatever comes first: never is a fact withdrawn that an approved run pays."""
    c, outcomes = company, []
    group = c.make_group()
    c.record(c.term(c.other, pay_group_id=group["id"]))
    for month in ("2025-05-01", "2025-06-01", "2025-07-01", "2025-08-01", "2025-09-01", "2025-10-01"):
        item = fact(c, "AMOUNT", code="BONUS_R", amount_fen=1000, employee_id=c.other["id"], month=month)
        made = c.payroll.post(f"{FACTS}:record", {"items": [item]}).expect(200).json["items"][0]
        run = c.run(month, group)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            withdrawn = pool.submit(c.payroll.post, f"{FACTS}/{made['id']}:withdraw")
            approved = pool.submit(c.second.post, f"{RUNS}/{run['id']}:approve")
        outcomes.append((withdrawn.result().status, approved.result().status))
        if approved.result().status == 200:
            c.payroll.post(f"{RUNS}/{run['id']}:close").expect(200)
        else:
            c.payroll.post(f"{RUNS}/{run['id']}:cancel").expect(200)
    assert set(outcomes) <= {(200, 409), (409, 200)}
    figure(f"withdrawn first: {outcomes.count((200, 409))} of {len(outcomes)}")
