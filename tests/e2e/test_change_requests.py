"""Changes that wait for another person (decision 9): who may ask, who decides, what both see, and that
nothing takes effect but by the other one's hand, under the rules as of then.
"""
import json
import secrets
import threading

import pytest

import staff
from renhe import wait_until

TOPIC = "renhe.archive.process.v1"


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def other_hr(suite):
    """Another HR, without an employee of his own."""
    return suite.second("HR", "demo")


@pytest.fixture(scope="module")
def crew(suite, hr):
    """People who can sign in: two of full time in the first store, a temporary one in it."""
    tag = "Q" + secrets.token_hex(3)
    rows = staff.Staff(tag, tag).some(3)
    rows[2]["用工形式"] = "临时工"
    staff.load(hr, rows)
    people = staff.joined(suite, hr, "demo", [r["工号"] for r in rows])
    for person, row in zip(people, rows):
        person.sign_in(suite)
        person.row = row
    return people


def number():
    return "139" + "".join(secrets.choice("0123456789") for _ in range(8))


def read(client, employee_id):
    return client.get(f"/api/v1/employees/{employee_id}").expect(200)


def ask(client, employee_id, fields, by=None):
    etag = read(by or client, employee_id).etag
    return client.patch(f"/api/v1/employees/{employee_id}", fields, etag=etag)


def decide(client, request, verb, **body):
    return client.post(f"/api/v1/change-requests/{request['id']}:{verb}", body or {})


def test_own_contact_waits_for_hr(suite, hr, crew):
    one, mobile = crew[0], number()
    before = read(one.client, one.employee_id).json
    asked = ask(one.client, one.employee_id, {"mobile": mobile, "email": None})
    request = asked.expect(202).json
    assert asked.headers["location"] == f"/api/v1/change-requests/{request['id']}"
    assert request["state"] == "PENDING" and request["resource_id"] == one.employee_id and request["allowed_actions"] == ["withdraw"]
    assert {c["field"]: c.get("new_value") for c in request["changes"]} == {"mobile": mobile, "email": None}
    assert read(one.client, one.employee_id).json == before  # nothing is done yet

    seen = hr.get(f"/api/v1/change-requests/{request['id']}").expect(200).json
    shown = next(c for c in seen["changes"] if c["field"] == "mobile")
    assert shown["new_value"] == mobile and shown["old_value"] == before["mobile"] and shown["title_zh"] == "手机"
    assert sorted(seen["allowed_actions"]) == ["approve", "reject"]
    listed = hr.get("/api/v1/change-requests", query={"state": "PENDING", "resource_id": one.employee_id}).expect(200)
    assert [i["id"] for i in listed.json["items"]] == [request["id"]] and mobile not in listed.body.decode()

    done = decide(hr, request, "approve").expect(200).json
    assert done["state"] == "APPLIED" and "allowed_actions" not in done
    assert read(one.client, one.employee_id).json["mobile"] == mobile
    again = decide(hr, request, "approve")
    assert (again.status, again.code) == (409, "REQUEST_DECIDED")
    after = hr.get(f"/api/v1/change-requests/{request['id']}").expect(200)
    assert mobile not in after.body.decode() and after.json["changes"][0]["field"] == "mobile"


def test_what_waits_is_sealed_and_no_event_tells_it(suite, crew):
    one, mobile = crew[0], number()
    request = ask(one.client, one.employee_id, {"mobile": mobile}).expect(202).json
    row = suite.psql_all("archive", f"select p::text from pending_request p where id = '{request['id']}'")[0][0]
    payload = suite.psql_all("archive", f"select encode(payload, 'escape') from pending_request where id = '{request['id']}'")[0][0]
    assert mobile not in row and mobile not in payload and mobile.encode().hex() not in row

    def told():
        return [e for e in suite.events(TOPIC) if request["id"].encode() in (e.value or b"")]
    assert len(wait_until(told, 10, "process_requested")) == 1
    decide(one.client, request, "withdraw").expect(200)
    events = wait_until(lambda: told() if len(told()) == 2 else None, 10, "process_decided")
    assert [e.headers["ce_type"] for e in events] == ["renhe.archive.process_requested.v1", "renhe.archive.process_decided.v1"]
    for e in events:
        assert mobile.encode() not in e.value + e.key + json.dumps(e.headers).encode()
    assert suite.psql_all("archive", f"select count(*) from subject_key where subject_id = '{request['id']}' and wrapped is not null") == [["0"]]


def test_core_fields_are_not_for_their_owner(crew, hr):
    """403 names the refusal: he sees his own file."""
    one = crew[0]
    for fields in ({"nationality": "CHN"}, {"name": "新名"}, {"mobile": number(), "name": "新名"}, {"id_number": None},
                   {"job_grade": "P9", "effective_date": "2026-01-01"}, {"name": "新名", "mobile": None}):
        refusal = ask(one.client, one.employee_id, fields)
        assert (refusal.status, refusal.code) == (403, "ACCESS_DENIED"), (fields, refusal.body)
    actions = read(one.client, one.employee_id).json["allowed_actions"]
    assert actions == ["update"]
    etag = read(one.client, one.employee_id).etag
    for verb, body in (("end", {"effective_date": "2026-12-01", "reason": "RESIGNED"}), ("annul", {"reason": "测试"}),
                       ("transfer", {"org_unit_id": one.row["部门编码"] and read(hr, one.employee_id).json["org_unit_id"], "effective_date": "2026-12-01"})):
        assert one.client.post(f"/api/v1/employees/{one.employee_id}:{verb}", body, etag=etag).status == 403, verb
    assert one.client.post("/api/v1/employees", {"employee_number": "ZZ1", "name": "假", "hire_date": "2026-01-01",
                           "org_unit_id": read(hr, one.employee_id).json["org_unit_id"], "employment_type": "FULL_TIME"}).status == 404


def test_a_colleague_neither_sees_nor_asks(crew):
    one, two = crew[0], crew[1]
    request = ask(one.client, one.employee_id, {"mobile": number()}).expect(202).json
    assert two.client.patch(f"/api/v1/employees/{one.employee_id}", {"mobile": number()}, etag='"v1"').status == 404
    assert two.client.get(f"/api/v1/change-requests/{request['id']}").status == 404
    assert request["id"] not in two.client.get("/api/v1/change-requests").expect(200).body.decode()
    assert decide(two.client, request, "withdraw").status == 404
    for client in (one.client, two.client):
        assert decide(client, request, "approve").status == 403 and decide(client, request, "reject", reason="不行").status == 403
    decide(one.client, request, "withdraw").expect(200)
    assert (decide(one.client, request, "withdraw").code) == "REQUEST_DECIDED"


def test_maker_is_never_checker(suite, hr, other_hr):
    """HR's own file, contacts and core: another HR decides. Neither he nor another account of his person."""
    me = suite.account("HR", "demo")["employee_id"]
    grade = "P" + secrets.token_hex(2)
    asked = ask(hr, me, {"job_grade": grade, "effective_date": "2026-02-01", "mobile": number()})
    request = asked.expect(202).json
    for verb, body in (("approve", {}), ("reject", {"reason": "不行"})):
        refusal = decide(hr, request, verb, **body)
        assert (refusal.status, refusal.code) == (403, "REQUEST_OF_ONE_PERSON")
    # By another account of the same person, and from another tenant.
    suite.psql_all("archive", f"update pending_request set account_id = gen_random_uuid()::text where id = '{request['id']}'")
    assert decide(hr, request, "approve").code == "REQUEST_OF_ONE_PERSON"
    assert decide(suite.sign_in_as("HR", "second"), request, "approve").status == 404
    assert read(hr, me).json.get("job_grade") != grade
    decide(other_hr, request, "approve").expect(200)
    assert read(hr, me).json["job_grade"] == grade


def test_own_record_by_way_of_another_ones_hand(suite, hr, other_hr, crew):
    """Somebody else's request on the decider's own file is not his to decide either: a transfer of HR himself
    that another HR made takes effect at once, and one that he made himself waits, with any verb."""
    me = suite.account("HR", "demo")["employee_id"]
    now = read(hr, me)
    body = {"org_unit_id": now.json["org_unit_id"], "effective_date": "2026-03-01"}
    request = hr.post(f"/api/v1/employees/{me}:transfer", body, etag=now.etag).expect(202).json
    assert request["action"] == "archive.TransferEmployee" and read(hr, me).json == now.json
    decide(hr, request, "withdraw").expect(200)
    assert hr.post(f"/api/v1/employees/{me}:end", {"effective_date": "2030-01-01", "reason": "RESIGNED"}, etag=now.etag).status == 202
    ended = [r for r in hr.get("/api/v1/change-requests", query={"state": "PENDING", "resource_id": me}).json["items"]]
    for r in ended:
        decide(other_hr, r, "reject", reason="不同意").expect(200)
    assert hr.get(f"/api/v1/change-requests/{ended[0]['id']}").expect(200).json["reason"] == "不同意"


def test_a_second_employment_of_oneself_waits(suite, hr):
    mine = read(hr, suite.account("HR", "demo")["employee_id"]).json
    asked = hr.post("/api/v1/employees", {"employee_number": "Q" + secrets.token_hex(4), "person_id": mine["person_id"], "name": mine["name"],
                    "hire_date": "2026-01-01", "org_unit_id": mine["org_unit_id"], "employment_type": "PART_TIME", "mobile": number()})
    decide(hr, asked.expect(202).json, "withdraw").expect(200)


def test_rules_and_version_hold_as_of_the_decision(hr, crew):
    """A change that no longer fits: 409 with its cause, shown on the request, nothing half done; then fit again."""
    one = crew[1]
    request = ask(one.client, one.employee_id, {"mobile": number()}).expect(202).json
    now = ask(hr, one.employee_id, {"work_place": "上海", "effective_date": "2026-01-01"}).expect(200).json
    refusal = decide(hr, request, "approve")
    assert (refusal.status, refusal.code) == (409, "REQUEST_NOT_APPLICABLE")
    assert "PRECONDITION_FAILED" in [e["code"] for e in refusal.json["errors"]]
    shown = hr.get(f"/api/v1/change-requests/{request['id']}").expect(200).json
    assert shown["state"] == "PENDING" and shown["fault_code"] == "PRECONDITION_FAILED"
    assert read(hr, one.employee_id).json["version"] == now["version"]
    decide(hr, request, "reject", reason="请重新提交").expect(200)


def test_faults_are_told_when_asking(crew):
    """Not only when somebody decides: a wrong value, a stale version, no If-Match."""
    one = crew[0]
    path = f"/api/v1/employees/{one.employee_id}"
    etag = read(one.client, one.employee_id).etag
    assert one.client.patch(path, {"mobile": "12"}, etag=etag).status == 422
    assert one.client.patch(path, {"mobile": number()}, etag='"v999"').status == 412
    assert one.client.patch(path, {"mobile": number()}).status == 428
    tried = one.client.patch(path, {"mobile": number()}, etag=etag, query={"validate_only": "true"}).expect(202)
    assert "location" not in tried.headers and one.client.get(f"/api/v1/change-requests/{tried.json['id']}").status == 404


def test_store_manager_and_temporary_staff(suite, hr, crew):
    """202t: of the own store, only those who are temporary today; he sees them masked, here too."""
    manager = suite.sign_in_as("STORE_MANAGER", "demo")
    temp, mobile = crew[2], number()
    old = read(hr, temp.employee_id).json["mobile"]
    request = ask(manager, temp.employee_id, {"mobile": mobile}).expect(202).json
    assert old not in manager.get(f"/api/v1/change-requests/{request['id']}").expect(200).body.decode()
    assert decide(manager, request, "approve").status == 403
    decide(hr, request, "approve").expect(200)
    assert read(hr, temp.employee_id).json["mobile"] == mobile
    refusal = ask(manager, crew[0].employee_id, {"mobile": number()})
    assert (refusal.status, refusal.code) == (403, "ACCESS_DENIED")
    assert ask(manager, temp.employee_id, {"id_number": None}).status == 403
    # Temporary in the past is not temporary today, and one who asks for a day of then gains nothing.
    day = "2026-05-01"
    ask(hr, temp.employee_id, {"employment_type": "FULL_TIME", "effective_date": day}).expect(200)
    assert ask(manager, temp.employee_id, {"job_grade": "P1", "effective_date": "2025-04-01"}).status == 403
    assert "update" not in read(manager, temp.employee_id).json.get("allowed_actions", [])


def test_an_auditor_sees_them_masked(suite, crew):
    one, mobile = crew[0], number()
    request = ask(one.client, one.employee_id, {"mobile": mobile}).expect(202).json
    auditor = suite.sign_in_as("AUDITOR", "demo")
    seen = auditor.get(f"/api/v1/change-requests/{request['id']}").expect(200)
    assert mobile not in seen.body.decode() and "*" in seen.json["changes"][0]["new_value"]
    assert decide(auditor, request, "approve").status == 403
    assert suite.sign_in_as("TENANT_ADMIN", "demo").get(f"/api/v1/change-requests/{request['id']}").status == 403
    assert suite.sign_in_as("PLATFORM_OPERATOR").get("/api/v1/change-requests").status == 404
    decide(one.client, request, "withdraw").expect(200)


def test_two_decide_at_once(suite, hr, other_hr, crew):
    """One wins, the other hears that it was decided; the change is there once."""
    one = crew[0]
    request = ask(one.client, one.employee_id, {"mobile": number()}).expect(202).json
    version = read(hr, one.employee_id).json["version"]
    answers = []
    threads = [threading.Thread(target=lambda c=c: answers.append(decide(c, request, "approve"))) for c in (hr, other_hr)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a.status for a in answers) == [200, 409] and read(hr, one.employee_id).json["version"] == version + 1


def test_they_end_after_thirty_days(suite, hr, crew):
    """The timer stands for the thirtieth day; what was found due is over."""
    one = crew[0]
    request = ask(one.client, one.employee_id, {"mobile": number()}).expect(202).json
    rows = suite.psql_all("archive", f"""select extract(day from t.due_time - p.create_time)::int, t.due_time = p.expire_time
        from timer t join pending_request p on p.id::text = t.aggregate_id where p.id = '{request['id']}'""")
    assert rows[0][0] in ("29", "30") and rows[0][1] == "t"
    suite.psql_all("archive", f"update timer set due_time = now() - interval '1 minute' where aggregate_id = '{request['id']}'")
    look = lambda: hr.get(f"/api/v1/change-requests/{request['id']}").json["state"] == "EXPIRED"
    wait_until(look, 30, "the request to expire")
    assert decide(hr, request, "approve").code == "REQUEST_DECIDED"


def test_retry_with_the_same_key(suite, hr):
    """A transfer of oneself sent twice is asked for once."""
    me = suite.account("HR", "demo")["employee_id"]
    now, key = read(hr, me), secrets.token_hex(8)
    body = {"org_unit_id": now.json["org_unit_id"], "effective_date": "2026-03-02"}
    first, again = (hr.post(f"/api/v1/employees/{me}:transfer", body, etag=now.etag, key=key).expect(202) for _ in range(2))
    assert first.json == again.json and "idempotency-replayed" in again.headers
    decide(hr, first.json, "withdraw").expect(200)
