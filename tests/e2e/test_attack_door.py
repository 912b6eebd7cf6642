"""Attacks at the door: who has left and knocks again, sessions of before, what is written into logs, how passwords are kept,
paths and methods of no contract, and what every answer says to a browser (A18, A20, C20, C21, O05, O07)."""
import json
import re
import secrets
import time
import uuid
from pathlib import Path

import pytest

import business_clock
import contract
import staff
from http_client import Client
from renhe import wait_until

SERVICES = ("gateway", "archive", "identity", "payroll")


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def people(suite, hr):
    made = staff.Staff(secrets.token_hex(4), "V" + secrets.token_hex(3)).some(2)
    staff.load(hr, made)
    return staff.joined(suite, hr, "demo", [row["工号"] for row in made])


def knock(suite, person, password=None, **headers):
    return suite.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": person.number, "password": password or person.password},
                               headers=headers)


def bare(answer):
    return {k: v for k, v in answer.json.items() if k not in ("trace_id", "instance")}


# ---- sign-in ----

def test_a_session_of_before_is_not_taken_up(suite, people):
    """Whatever a caller brings along, a sign-in makes a session of its own (A20); it is another one each time."""
    person = people[0]
    first = knock(suite, person).expect(201).json
    old = first["session_id"]
    brought = {"Authorization": f"Bearer {first['access_token']}", "Cookie": f"session={old}; session_id={old}; JSESSIONID={old}", "X-Session-Id": old}
    answer = knock(suite, person, **brought).expect(201)
    assert answer.json["session_id"] != old and "set-cookie" not in answer.headers
    made_up = str(uuid.uuid4())
    for body in ({"session_id": old}, {"session_id": made_up}, {"sid": made_up}):
        refused = suite.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": person.number, "password": person.password, **body})
        assert refused.status in (400, 422), refused.body
    assert suite.psql_all("identity", f"select count(*) from session where id in ('{made_up}')") == [["0"]]
    Client(suite.env["RENHE_URL"], first["access_token"]).post("/api/v1/sessions:revoke-all").expect(204)
    wait_until(lambda: Client(suite.env["RENHE_URL"], answer.json["access_token"]).get("/api/v1/me").status == 401, 5, "all of them to be over")


def test_whoever_has_left_sounds_like_a_wrong_password(suite, hr, people):
    """One body for both, no token, no word of why; the try is in the audit (A18)."""
    person = people[1]
    person.sign_in(suite).get("/api/v1/me").expect(200)
    wrong = knock(suite, person, "not the password 1")
    assert wrong.status == 401
    staff.end(hr, person.employee_id, business_clock.today(suite)).expect(200)
    wait_until(lambda: knock(suite, person).status == 401, 5, "the end to be heard of")
    audited = f"select count(*) from audit where act = 'session.refuse' and resource_id = '{person.account_id}' and result = 'refused'"
    before = int(suite.psql_all("identity", audited)[0][0])
    gone = knock(suite, person)
    assert gone.status == 401 and bare(gone) == bare(wrong) and "token" not in gone.body.decode()
    assert set(gone.headers) == set(wrong.headers)
    assert int(suite.psql_all("identity", audited)[0][0]) == before + 1


def test_how_passwords_are_kept(suite):
    """argon2id at 19 MiB and two passes or more, a salt for each, and no two hashes alike (C21)."""
    hashes = [h for [h] in suite.psql_all("identity", "select password_hash from account where password_hash is not null")]
    assert len(hashes) > 5
    salts = set()
    for one in hashes:
        found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)", one)
        assert found and int(found[1]) >= 19456 and int(found[2]) >= 2, one[:40]
        assert len(found[4]) >= 22 and len(found[5]) >= 43
        salts.add(found[4])
    assert len(salts) == len(hashes)


# ---- logs ----

POISON = ['a\r\n{"level":"info","event":"forged"}', "b\x1b[2J\x1b[31mred", 'c","level":"error","x":"', "d\u2028\u2029e", "f\\\"}\n", "%s%n%x", "${jndi:ldap://x}"]


def test_nothing_writes_lines_into_logs(suite, hr):
    """Names, parameters and heads that hold line ends, escapes and pieces of JSON: every line is one object, and none says what
    somebody made up (C20)."""
    mark = secrets.token_hex(8)
    for text in POISON:
        suite.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": mark + text, "password": "wrong password 3"})
        suite.client().post("/api/v1/sessions", {"tenant": mark + text, "sign_in_name": "x", "password": "wrong password 3"})
        hr.get("/api/v1/employees", query={"q": mark + text})
        hr.get("/api/v1/employees", query={mark + text: "1"})
        hr.get(f"/api/v1/employees/{mark}%0d%0a%7b%7d")
        hr.post("/api/v1/posts", {"code": mark + text, "name": mark + text})
        head = text.encode("unicode_escape").decode().replace("\\r\\n", " ")
        for of in SERVICES:
            client = suite.client(of)
            for name in ("User-Agent", "Referer", "X-Request-Id", "traceparent", "tracestate", "Accept-Language", "X-Device-Id"):
                client.get("/api/v1/me", headers={name: mark + head})
            client.raw(f"GET /{mark}\x1b[31m{{\"a\":1}} HTTP/1.1\r\nHost: a\r\nUser-Agent: {mark}\x1b[2J\r\n\r\n".encode(), wait=0.3)
    time.sleep(0.5)
    for of in SERVICES:
        log = suite.log(of)
        assert log.strip() and "\x1b" not in log and "\u2028" not in log
        for line in log.splitlines():
            if line.startswith("{"):
                one = json.loads(line)
                assert one["service"] == of and one.get("event") != "forged", line
            else:  # what the supervisor or the loader says, never anything of a caller
                assert mark not in line, line


# ---- routes ----

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")


def by_path():
    found = {}
    for op in contract.operations():
        found.setdefault(op.path, set()).add(op.method)
    return found


def test_the_router_knows_what_the_contract_says(suite, hr):
    """Each path by each method: the documented ones are there, all others 405 with the documented ones named (O05)."""
    probed = 0
    for path, methods in by_path().items():
        for method in METHODS:
            if method in methods or method == "HEAD" and "GET" in methods:
                continue
            answer = hr.request(method, path.replace("{id}", "01900000-0000-7000-8000-000000000001"))
            assert answer.status == 405, (method, path, answer.status)
            allowed = {m.strip() for m in answer.headers["allow"].split(",")}
            assert method == "OPTIONS" or allowed - {"HEAD"} == methods, (method, path, allowed)  # OPTIONS is of no path
            probed += 1
    assert probed > 300


NOWHERE = ["/api/v0/employees", "/api/v2/employees", "/api/employees", "/v1/employees", "/api/v1", "/api/v1/", "/api", "/api/v1/staging/employees",
           "/api/v1/internal/keys", "/api/v1/debug", "/api/v1/health", "/api/v1/metrics",
           "/api/v1/employees:search", "/api/v1/employees/{id}:delete", "/api/v1/employees/{id}/", "/api/v1/employees/{id}/salary", "/api/v1/users",
           "/metrics", "/readyz", "/livez", "/healthz", "/debug/pprof", "/debug/vars", "/actuator/env", "/server-status", "/.git/config", "/.env", "/admin",
           "/swagger", "/swagger.json", "/internal/v1/keys", "/internal", "/graphql", "/console", "/phpinfo.php", "/WEB-INF/web.xml"]


@pytest.mark.parametrize("path", NOWHERE)
def test_paths_of_no_contract(suite, hr, path):
    """Not there, for anybody, by any method; nor straight at a service (O05, O04)."""
    path = path.replace("{id}", "01900000-0000-7000-8000-000000000001")
    for client in (hr, suite.client()):
        for method in ("GET", "POST"):
            answer = client.request(method, path)
            assert answer.status == 404 and answer.code, (method, answer.status)
    for of in ("archive", "identity", "payroll"):
        assert suite.client(of).get(path).status == 404, of


# ---- heads of answers ----

def test_what_every_answer_says_to_a_browser(suite, hr):
    """Found, refused, wrong, unknown: not to be stored, not to be guessed at, nothing of who answers (O07)."""
    one = hr.get("/api/v1/employees", query={"page_size": 1}).expect(200).json["items"][0]
    answers = [hr.get(f"/api/v1/employees/{one['id']}").expect(200), hr.get("/api/v1/employees").expect(200), hr.get("/api/v1/me").expect(200),
               suite.client().get("/api/v1/employees").expect(401), hr.get("/api/v1/nothing").expect(404), hr.post("/api/v1/me").expect(405),
               hr.get("/api/v1/employees", query={"x": "1"}).expect(400, 422), hr.post("/api/v1/posts", {}).expect(422),
               hr.request("POST", "/api/v1/posts", b"x", headers={"Content-Type": "text/plain"}).expect(415),
               hr.post(f"/api/v1/employees/{one['id']}:reveal", {"reason": "核对 check"}).expect(200),
               suite.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": "x", "password": "wrong password 4"}).expect(401)]
    for got in answers:
        assert got.headers["cache-control"] == "no-store", got.headers
        assert got.headers["x-content-type-options"] == "nosniff", got.headers
        assert not {"server", "x-powered-by", "via", "x-aspnet-version"} & set(got.headers), got.headers
        assert not {h for h in got.headers if h.startswith("access-control-")}, got.headers
        assert got.headers.get("content-type", "application/json").startswith(("application/json", "application/problem+json"))


# ---- processes ----

def test_what_the_programs_may_ask_of_the_kernel(suite):
    """A filter that ends whoever starts a program, traces, mounts or loads (test_process.c tries each); no rights by a file (O10)."""
    for of in SERVICES:
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{suite.pid(of)}/status").read_text().splitlines() if ":\t" in line)
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1"), of
        assert int(status["CapEff"], 16) == 0 and "0" not in status["Uid"].split(), of
