"""Bank accounts of persons: one holds on a day, masked for readers, in clear for a reason that the audit keeps; sealed at rest; never one's own."""
import secrets

import pytest

from paid import PayingCompany

ACCOUNTS = "/api/v1/bank-accounts"
NOBODY = "00000000-0000-7000-8000-000000000000"
FIRST, SECOND = "6222020200112230028", "6217000010071234567"


class Company(PayingCompany):
    def __init__(self, suite):
        super().__init__(suite)
        self.one, self.other = self.known(self.hire(), self.hire())

    def account_of(self, one, **more):
        return {"employee_id": one["id"], "effective_date": "2026-01-01", "account_number": FIRST, "holder_name": "欧阳小明", "bank_code": "102290002916",
                **more}

    def put(self, *items):
        return self.payroll.post(f"{ACCOUNTS}:record", {"items": list(items)}).expect(201).json["items"]

    def holds(self, one, day, client=None, **query):
        items = (client or self.payroll).get(ACCOUNTS, query={"employee_id": one["id"], "effective_on": day, **query}).expect(200).json["items"]
        return items[0] if items else None

    def newcomer(self):
        return self.known(self.hire())[0]


@pytest.fixture(scope="module")
def company(suite):
    return Company(suite)


def tail(shown):
    return shown["account_number"][-4:] if shown else None


def test_one_holds_on_a_day(company):
    one = company.newcomer()
    made = company.put(company.account_of(one))[0]
    assert (made["account_number"], made["holder_name"], made["employee_number"]) == (FIRST, "欧阳小明", one["employee_number"])
    company.put(company.account_of(one, effective_date="2026-07-01", account_number=SECOND, bank_code="105290037018"))
    assert [tail(company.holds(one, d)) for d in ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01", "2030-01-01")] == [
        None, FIRST[-4:], FIRST[-4:], SECOND[-4:], SECOND[-4:]]
    history = company.payroll.get(f"{ACCOUNTS}:history", query={"employee_id": one["id"]}).expect(200).json["items"]
    assert [h["effective_date"] for h in history] == ["2026-01-01", "2026-07-01"]
    # As it was known before the change; of one day the one recorded last.
    assert tail(company.holds(one, "2026-08-01", as_of=history[0]["recorded_time"])) == FIRST[-4:]
    company.put(company.account_of(one, effective_date="2026-07-01", account_number="12345678"))
    assert tail(company.holds(one, "2026-07-01")) == "5678"


def test_whoever_reads_sees_the_tail_alone(company):
    one = company.newcomer()
    made = company.put(company.account_of(one))[0]
    for client in (company.payroll, company.hr, company.auditor):
        answer = client.get(ACCOUNTS, query={"employee_id": one["id"]}).expect(200)
        shown = answer.json["items"][0]
        assert tail(shown) == FIRST[-4:] and set(shown["account_number"][:-4]) == {"*"} and shown["holder_name"] == "欧阳**"
        assert shown["bank_code"] == "102290002916" and shown["id"] == made["id"]
        past = client.get(f"{ACCOUNTS}:history", query={"employee_id": one["id"]}).expect(200)
        assert FIRST.encode() not in answer.body + past.body and "小明".encode() not in answer.body + past.body
    assert company.admin.get(ACCOUNTS, query={"employee_id": one["id"]}).expect(200).json["items"] == []


def test_in_clear_for_a_reason(company, suite):
    one = company.newcomer()
    path = f"{ACCOUNTS}/{company.put(company.account_of(one))[0]['id']}:reveal"
    for client in (company.payroll, company.hr):
        reason = "核对 " + secrets.token_hex(4)
        shown = client.post(path, {"reason": reason}).expect(200).json
        assert (shown["account_number"], shown["holder_name"]) == (FIRST, "欧阳小明")
        assert suite.psql_all("payroll", f"select act, result from audit where reason = '{reason}'") == [["bank_account.reveal", "ok"]]


@pytest.mark.parametrize("role, status", [("auditor", 403), ("admin", 403)])
def test_not_in_clear(company, suite, role, status):
    one = company.newcomer()
    path = f"{ACCOUNTS}/{company.put(company.account_of(one))[0]['id']}:reveal"
    reason = "偷看 " + secrets.token_hex(4)
    answer = getattr(company, role).post(path, {"reason": reason}).expect(status)
    assert FIRST.encode() not in answer.body
    assert suite.psql_all("payroll", f"select act from audit where reason = '{reason}' and result = 'ok'") == []


def test_what_is_not_there_is_not_shown(company):
    company.payroll.post(f"{ACCOUNTS}/{NOBODY}:reveal", {"reason": "核对"}).expect(404)
    company.payroll.post(f"{ACCOUNTS}/{NOBODY}:reveal", {}).expect(422)
    assert company.holds({"id": NOBODY}, "2026-01-01") is None


@pytest.mark.parametrize("wrong, pointer", [({"account_number": "1234567"}, "account_number"), ({"account_number": "1" * 33}, "account_number"),
                                            ({"account_number": "6222 0202 0011"}, "account_number"), ({"holder_name": ""}, "holder_name"),
                                            ({"bank_code": "10229000291"}, "bank_code"), ({"effective_date": "2026-02-30"}, "effective_date"),
                                            ({"person_id": NOBODY}, "person_id"), ({"employee_id": "x"}, "employee_id")])
def test_shapes_are_refused(company, wrong, pointer):
    got = company.payroll.post(f"{ACCOUNTS}:record", {"items": [company.account_of(company.one, **wrong)]}).expect(400, 422)
    assert [e["pointer"] for e in got.json["errors"]] == ["/items/0/" + pointer]


def test_all_faults_at_once_and_nothing_is_kept(company):
    one = company.newcomer()
    got = company.payroll.post(f"{ACCOUNTS}:record", {"items": [
        company.account_of(one), company.account_of({"id": NOBODY}), company.account_of(one, account_number="6222-0202-0011"),
        company.account_of(one, bank_code="10229000291X")]}).expect(422)
    assert got.code == "BANK_ACCOUNT_REFUSED"
    assert [(e["pointer"], e["code"]) for e in got.json["errors"]] == [
        ("/items/1/employee_id", "UNKNOWN"), ("/items/2/account_number", "FORMAT"), ("/items/3/bank_code", "FORMAT")]
    assert company.holds(one, "2026-05-01") is None


def test_who_may_not_record(company):
    for client in (company.hr, company.auditor, company.admin):
        client.post(f"{ACCOUNTS}:record", {"items": [company.account_of(company.one)]}).expect(403)


def employed(suite, role):
    """A client of the demo company's role, with the employment of whoever it is."""
    client, account = suite.sign_in_as(role, "demo"), suite.account(role, "demo")
    return client, {"id": account["employee_id"]}


def test_ones_own_is_recorded_by_another(company, suite):
    payroll, me = employed(suite, "PAYROLL")
    other, somebody = employed(suite, "EMPLOYEE")
    refused = payroll.post(f"{ACCOUNTS}:record", {"items": [company.account_of(me)]}).expect(422)
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/items/0/employee_id", "OWN")]
    assert company.holds(me, "2026-05-01", client=payroll) is None
    payroll.post(f"{ACCOUNTS}:record", {"items": [company.account_of(somebody)]}).expect(201)
    # One reads one's own, masked, and nobody else's.
    assert tail(company.holds(somebody, "2026-05-01", client=other)) == FIRST[-4:]
    shown = other.get(ACCOUNTS).expect(200).json["items"]
    assert len(shown) == 1 and shown[0]["employee_id"] == somebody["id"] and FIRST not in str(shown)
    other.post(f"{ACCOUNTS}/{shown[0]['id']}:reveal", {"reason": "我的"}).expect(403, 404)


def test_number_and_holder_are_sealed(company, suite):
    one, planted = company.newcomer(), "9898989891234321"
    company.put(company.account_of(one, account_number=planted, holder_name="密封某"))
    tables = [r[0] for r in suite.psql_all("payroll", "select tablename from pg_tables where schemaname = current_schema()")]
    assert "bank_account" in tables
    dump = "".join(str(suite.psql_all("payroll", f'select row_to_json(t)::text from "{t}" t')) for t in tables)
    assert one["id"] in dump
    for secret in (planted, "密封某", planted.encode().hex(), "密封某".encode().hex()):
        assert secret not in dump


def test_rows_are_never_changed(company, suite):
    """The service's own role may write anew what a rotation of keys seals, and nothing else."""
    rights = suite.psql_all("payroll", "select privilege_type, column_name from information_schema.role_column_grants "
                                       "where table_name = 'bank_account' and grantee = 'payroll_app' and privilege_type = 'UPDATE' order by 2")
    assert [r[1] for r in rights] == ["account_number", "holder_name"]
    assert suite.psql_all("payroll", "select 1 from information_schema.role_table_grants where table_name = 'bank_account' "
                                     "and grantee = 'payroll_app' and privilege_type in ('DELETE', 'UPDATE', 'TRUNCATE')") == []


def test_another_tenant_sees_none(company, suite):
    made = company.put(company.account_of(company.one))[0]
    other = suite.sign_in_as("PAYROLL", "demo")
    assert company.holds(company.one, "2026-05-01", client=other) is None
    assert other.get(f"{ACCOUNTS}:history", query={"employee_id": company.one["id"]}).expect(200).json.get("items", []) == []
    other.post(f"{ACCOUNTS}/{made['id']}:reveal", {"reason": "核对"}).expect(404)
    got = other.post(f"{ACCOUNTS}:record", {"items": [company.account_of(company.one)]}).expect(422)
    assert [(e["pointer"], e["code"]) for e in got.json["errors"]] == [("/items/0/employee_id", "UNKNOWN")]


def test_a_list_goes_on_by_pages(company):
    for one in (company.one, company.other, company.newcomer()):
        company.put(company.account_of(one))
    seen, query = [], {"page_size": 1}
    while True:
        page = company.payroll.get(ACCOUNTS, query=query).expect(200).json
        seen += [i["person_id"] for i in page["items"]]
        if not page.get("next_page_token"):
            break
        query = {"page_size": 1, "page_token": page["next_page_token"]}
    assert len(seen) >= 3 and seen == sorted(set(seen))


def aged(suite, role, seconds):
    """A sign-in as if it had been made so long ago."""
    account = suite.account(role, "demo")
    client = suite.sign_in(account["tenant"], account["sign_in_name"], account["password"])
    session = client.get("/api/v1/me").expect(200).json["session_id"]
    suite.psql_all("identity", f"update session set auth_time = auth_time - {seconds} where id = '{session}'")
    tokens = client.post("/api/v1/sessions:refresh", {"refresh_token": client.refresh_token}).expect(200).json
    return suite.client(token=tokens["access_token"])


def test_the_password_is_asked_again(company, suite):
    """A sign-in that has become old neither records nor looks; what is masked it still reads."""
    body = {"items": [company.account_of({"id": suite.account("EMPLOYEE", "demo")["employee_id"]})]}
    made = aged(suite, "PAYROLL", 290).post(f"{ACCOUNTS}:record", body).expect(201).json["items"][0]
    old = aged(suite, "PAYROLL", 302)
    assert old.post(f"{ACCOUNTS}:record", body).expect(401).code == "STEP_UP_REQUIRED"
    answer = old.post(f"{ACCOUNTS}/{made['id']}:reveal", {"reason": "核对"}).expect(401)
    assert answer.code == "STEP_UP_REQUIRED" and FIRST.encode() not in answer.body
    assert tail(company.holds({"id": made["employee_id"]}, "2026-05-01", client=old)) == FIRST[-4:]


def test_looks_have_a_quota(company, suite):
    """As many as the setting says in 24 hours; then 429 with the time to wait, for that account alone."""
    path = f"{ACCOUNTS}/{company.put(company.account_of(company.one))[0]['id']}:reveal"
    me, tag = company.second.get("/api/v1/me").expect(200).json, "quota " + secrets.token_hex(4)
    suite.psql_all("payroll", f"""insert into audit (tenant_id, id, act_time, account_id, person_id, session_id, act, resource, resource_id,
        result, request_id, route, peer) select '{company.id}', gen_random_uuid(), now() - interval '23 hours', '{me['account_id']}', '', '',
        'bank_account.reveal', 'bank_account', '{tag}', 'ok', '', '', '' from generate_series(1, 499)""")
    company.second.waits = False
    try:
        company.second.post(path, {"reason": "第五百次"}).expect(200)
        refused = company.second.post(path, {"reason": "再一次"}).expect(429)
        assert refused.code == "BANK_REVEAL_QUOTA_REACHED" and 0 < int(refused.headers["retry-after"]) <= 3600 + 60
        assert FIRST.encode() not in refused.body
        company.payroll.post(path, {"reason": "另一人"}).expect(200)
    finally:
        company.second.waits = True
        suite.psql_all("payroll", f"delete from audit where resource_id = '{tag}'")
    company.second.post(path, {"reason": "又可以了"}).expect(200)
