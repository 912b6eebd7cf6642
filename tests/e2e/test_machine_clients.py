"""Machine clients: their administration, POST /oauth/token by the letter of RFC 6749, and what their
tokens may do: what their scopes name, for the whole tenant, masked unless a scope says otherwise.
"""
import base64
import http.client
import json
import secrets
import threading
import time
from urllib.parse import quote, urlencode

import pytest

import contract
import staff
from http_client import Client
from renhe import wait_until
from tokens import Forge

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def admin(suite):
    return suite.sign_in_as("TENANT_ADMIN", "demo")


@pytest.fixture(scope="module")
def made(admin):
    """made("EMPLOYEE_READ", ...): a client of tenant demo as its administrator was shown it."""
    def one(*scopes, by=admin):
        return by.post("/api/v1/clients", {"name": "mc-" + secrets.token_hex(5), "scopes": list(scopes)}).expect(201).json
    return one


def basic(name, secret):
    return "Basic " + base64.b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()


def ask(suite, body=None, auth=None, kind=FORM, method="POST", of="gateway", **form):
    data = body if body is not None else urlencode(form).encode()
    headers = {**({"Content-Type": kind} if kind else {}), **({"Authorization": auth} if auth else {})}
    return suite.client(of).request(method, "/oauth/token", data, headers=headers)


def token(suite, client, **form):
    got = ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"], **form)
    return got.expect(200).json


def signed(suite, client, **form):
    return Client(suite.env["RENHE_URL"], token(suite, client, **form)["access_token"])


def refused(answer, error, status=400):
    """RFC 6749 5.2: JSON with `error`, not stored, and the challenge where it is the client that is wrong."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"] == "no-store"
    assert answer.json["error"] == error and answer.json["error_description"].isascii() and set(answer.json) == {"error", "error_description"}
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
    return answer


# ---- the token route ----

def test_token(suite, made):
    """By the body and by Basic; names of RFC 6749; the claims say who and how far."""
    client = made("EMPLOYEE_READ", "ORGANISATION_READ")
    by_body = ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"])
    by_head = ask(suite, auth=basic(client["client_id"], client["client_secret"]), grant_type="client_credentials")
    for got in (by_body, by_head):
        assert got.expect(200).headers["cache-control"] == "no-store"
        assert set(got.json) == {"access_token", "token_type", "expires_in", "scope"}
        assert (got.json["token_type"], got.json["expires_in"], got.json["scope"]) == ("Bearer", 600, "EMPLOYEE_READ ORGANISATION_READ")
    said = staff.claims(by_head.json["access_token"])
    assert said["sub"] == client["id"] and "person_id" not in said and "amr" not in said and said["roles"] == ["MACHINE"]
    assert said["scope"] == "EMPLOYEE_READ ORGANISATION_READ" and said["exp"] - said["iat"] == 600
    ask(suite, grant_type="client_credentials", unknown="x", empty="", client_id=client["client_id"],
        client_secret=client["client_secret"]).expect(200)
    ask(suite, kind=FORM + "; charset=UTF-8", grant_type="client_credentials", client_id=client["client_id"],
        client_secret=client["client_secret"]).expect(200)


def test_fewer_scopes(suite, made):
    client = made("EMPLOYEE_READ", "ORGANISATION_READ")
    assert token(suite, client, scope="ORGANISATION_READ")["scope"] == "ORGANISATION_READ"
    machine = signed(suite, client, scope="ORGANISATION_READ")
    assert machine.get("/api/v1/org-units").status == 200
    assert machine.get("/api/v1/employees/01900000-0000-7000-8000-000000000001").status == 403
    for scope in ("EMPLOYEE_LIST", "EMPLOYEE_READ EMPLOYEE_LIST", "EMPLOYEE_READ  ORGANISATION_READ", "employee_read", "EMPLOYEE_READ:CONTACT",
                  "EMPLOYEE_REA", "EMPLOYEE_READX", "*", " EMPLOYEE_READ"):
        refused(ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"], scope=scope),
                "invalid_scope")


def test_wrong_credentials(suite, made):
    """One answer for every cause."""
    client, other = made("EMPLOYEE_READ"), made("EMPLOYEE_READ")
    name, secret = client["client_id"], client["client_secret"]
    pairs = [(name, secret[:-1]), (name, secret + "x"), (name, other["client_secret"]), (name, secret.swapcase()), ("", secret), (name, ""),
             (name.replace("demo.", "second."), secret), (name.replace("demo.", "nowhere."), secret), (client["id"], secret),
             ("demo.01900000-0000-7000-8000-000000000001", secret), ("demo.", secret), (".", secret), ("' or 1=1 --", secret)]
    bodies = set()
    for n, s in pairs:
        for got in (ask(suite, grant_type="client_credentials", client_id=n, client_secret=s), ask(suite, auth=basic(n, s), grant_type="client_credentials")):
            bodies.add(refused(got, "invalid_client", 401).body)
    for auth in ("Basic", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(), "Bearer x", "Basic " + base64.b64encode(b"a%zz:b").decode()):
        bodies.add(refused(ask(suite, auth=auth, grant_type="client_credentials"), "invalid_client", 401).body)
    bodies.add(refused(ask(suite, grant_type="client_credentials"), "invalid_client", 401).body)
    assert len(bodies) == 1


def test_malformed(suite, made):
    client = made("EMPLOYEE_READ")
    good = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    refused(ask(suite, **good), "invalid_request")
    refused(ask(suite, grant_type="password", **good), "unsupported_grant_type")
    refused(ask(suite, grant_type="refresh_token", **good), "unsupported_grant_type")
    both = urlencode({"grant_type": "client_credentials", **good})
    refused(ask(suite, (both + "&grant_type=client_credentials").encode()), "invalid_request")
    refused(ask(suite, both.encode(), auth=basic(client["client_id"], client["client_secret"])), "invalid_request")
    refused(ask(suite, urlencode({"grant_type": "client_credentials", "client_id": "other"}).encode(),
                auth=basic(client["client_id"], client["client_secret"])), "invalid_request")
    for kind in ("application/json", "text/plain", None, FORM + "x", "multipart/form-data; boundary=a"):
        refused(ask(suite, both.encode(), kind=kind), "invalid_request")
    for body in (b"%", b"grant_type=%zz", b"a=%00", b"&".join(b"grant_type=x" for _ in range(70)), b"grant_type=\xff"):
        refused(ask(suite, body), "invalid_request")
    refused(suite.client().request("POST", "/oauth/token?client_secret=" + secrets.token_hex(4), both.encode(), headers={"Content-Type": FORM}),
            "invalid_request")
    assert ask(suite, both.encode(), method="PUT").status == 405 and suite.client().get("/oauth/token").status == 405
    assert ask(suite, b"a=" + b"x" * 20000).status == 413


def test_guessing_is_slowed(suite, made):
    """By address: a stranger's guesses lock nobody out elsewhere."""
    client = made("EMPLOYEE_READ")
    tried = [ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=f"wrong {i}").status for i in range(12)]
    assert tried == [401] * 10 + [429] * 2
    locked = refused(ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"]),
                     "temporarily_unavailable", 429)
    assert 1 <= int(locked.headers["retry-after"]) <= 900
    c = suite.client()
    conn = http.client.HTTPConnection(c.host, c.port, timeout=20, source_address=("127.0.0.9", 0))
    conn.request("POST", "/oauth/token", urlencode({"grant_type": "client_credentials", "client_id": client["client_id"],
                 "client_secret": client["client_secret"]}), {"Content-Type": FORM})
    assert conn.getresponse().status == 200
    conn.close()


# ---- what a token may do ----

def routes_of(permission):
    return [op for op in contract.operations("GET") if op.permission == permission]


def test_only_what_the_scopes_name(suite, made):
    """Every reading route of the contract: 403 or 404 but for the permissions named; sessions and secrets never."""
    machine = signed(suite, made("ORGANISATION_READ"))
    allowed = 0
    for op in contract.operations("GET"):
        if op.public:
            continue
        got = machine.get(op.path.replace("{id}", "01900000-0000-7000-8000-000000000001"))
        if op.permission == "ORGANISATION_READ":
            assert got.status in (200, 404, 400, 422), (op.name, got.body)
            allowed += got.status == 200
        else:
            assert got.status in (403, 404) and got.code in ("ACCESS_DENIED", "RESOURCE_NOT_FOUND"), (op.name, got.status, got.body)
    assert allowed >= 2
    assert machine.post("/api/v1/me/totp").status == 403 and machine.delete("/api/v1/sessions/current").status == 403
    assert machine.post("/api/v1/sessions/current:step-up", {"password": "x"}).status == 403


def test_masked_unless_a_scope_says(suite, made):
    hr = suite.sign_in_as("HR", "demo")
    person = suite.account("EMPLOYEE", "demo")["employee_id"]
    clear = hr.get(f"/api/v1/employees/{person}").expect(200).json
    plain = signed(suite, made("EMPLOYEE_READ", "EMPLOYEE_LIST"))
    shown = plain.get(f"/api/v1/employees/{person}").expect(200).json
    assert "*" in shown["mobile"] and "*" in shown["id_number"] and shown["name"] == clear["name"]
    assert all("*" in e["mobile"] for e in plain.get("/api/v1/employees").expect(200).json["items"] if "mobile" in e)
    more = signed(suite, made("EMPLOYEE_READ", "EMPLOYEE_READ:CONTACT", "EMPLOYEE_LIST"))
    shown = more.get(f"/api/v1/employees/{person}").expect(200).json
    assert shown["mobile"] == clear["mobile"] and "*" in shown["id_number"]
    assert all("*" in e["mobile"] for e in more.get("/api/v1/employees").expect(200).json["items"] if "mobile" in e), "the list was not named"
    narrow = signed(suite, made("EMPLOYEE_READ", "EMPLOYEE_READ:CONTACT"), scope="EMPLOYEE_READ")
    assert "*" in narrow.get(f"/api/v1/employees/{person}").expect(200).json["mobile"]
    assert plain.post(f"/api/v1/employees/{person}:reveal", {"reason": "核对"}).status == 403


def test_another_tenant_is_not_there(suite, made):
    machine = signed(suite, made("EMPLOYEE_READ", "ORGANISATION_READ"))
    assert machine.get(f"/api/v1/employees/{suite.account('EMPLOYEE', 'second')['employee_id']}").status == 404


def test_tampered_tokens(suite, made, admin):
    """A scope under another's signature; a person's token with a scope is narrowed, not widened."""
    client = made("ORGANISATION_READ")
    good = token(suite, client)["access_token"]
    head, body, sign = good.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    for changes in ({"scope": "EMPLOYEE_READ"}, {"scope": ""}, {"roles": ["HR"]}, {"roles": ["MACHINE", "HR"]}):
        forged = base64.urlsafe_b64encode(json.dumps({**said, **changes}).encode()).rstrip(b"=").decode()
        assert Client(suite.env["RENHE_URL"], f"{head}.{forged}.{sign}").get("/api/v1/org-units").status == 401
    forge = Forge(suite)
    forge.wait_known([(suite.client(), "/api/v1/me"), (suite.client("archive"), "/api/v1/org-units")], admin.token)
    narrow = Client(suite.env["RENHE_URL"], forge.token({"scope": "ORGANISATION_READ"}, like=suite.sign_in_as("HR", "demo").token))
    assert narrow.get("/api/v1/org-units").status == 200 and narrow.get("/api/v1/employees").status in (403, 404)
    unscoped = Client(suite.env["RENHE_URL"], forge.token(like=good, without=["scope"]))
    assert unscoped.get("/api/v1/employees").status in (200, 403), "never signed so: no scope, no narrowing, the cells of machines alone"
    assert unscoped.get("/api/v1/accounts").status == 403


# ---- administration ----

def test_administration(suite, made, admin):
    client = made("EMPLOYEE_READ")
    assert client["client_id"] == f"demo.{client['id']}" and len(client["client_secret"]) == 43
    shown = admin.get(f"/api/v1/clients/{client['id']}").expect(200)
    listed = next(c for c in admin.get("/api/v1/clients", query={"page_size": 500}).expect(200).json["items"] if c["id"] == client["id"])
    for one in (shown.json, listed):
        assert "client_secret" not in one and one["scopes"] == ["EMPLOYEE_READ"] and one["name"] == client["name"]
    stored = suite.psql_all("identity", f"select * from client where id = '{client['id']}'")
    assert client["client_secret"] not in str(stored)
    again = admin.post("/api/v1/clients", {"name": client["name"].upper(), "scopes": ["EMPLOYEE_READ"]})
    assert (again.status, again.code) == (409, "CLIENT_NAME_TAKEN")
    pages, query = set(), {"page_size": 1}
    while True:
        page = admin.get("/api/v1/clients", query=query).expect(200).json
        pages |= {c["id"] for c in page["items"]}
        if not page.get("next_page_token"):
            break
        query["page_token"] = page["next_page_token"]
    assert client["id"] in pages


@pytest.mark.parametrize("scope", ["EMPLOYEE_REVEAL", "GRANT_WRITE", "ACCOUNT_WRITE", "SESSION_OWN", "TENANT_MANAGE", "CLIENT_WRITE", "NOTHING",
                                   "EMPLOYEE_READ:PAY", "EMPLOYEE_READ:PLAIN", "EMPLOYEE_READ:", "ORGANISATION_READ:CONTACT", "employee_read",
                                   "EMPLOYEE_READ EMPLOYEE_LIST"])
def test_scopes_that_machines_never_have(admin, scope):
    """Nothing that needs a fresh sign-in, nothing by which rights are given."""
    answer = admin.post("/api/v1/clients", {"name": "x" + secrets.token_hex(4), "scopes": ["EMPLOYEE_READ", scope]})
    assert (answer.status, answer.code) == (422, "CLIENT_SCOPE_UNKNOWN") and answer.json["errors"][0]["pointer"] == "/scopes/1"


def test_no_account_becomes_a_machine(admin):
    for body in ({"sign_in_name": "m" + secrets.token_hex(4), "roles": ["MACHINE"]},):
        assert admin.post("/api/v1/accounts", body).code == "ROLE_NOT_GRANTABLE"
    account = admin.get("/api/v1/accounts").json["items"][0]["id"]
    assert admin.post("/api/v1/grants", {"account_id": account, "role": "MACHINE"}).code == "ROLE_NOT_GRANTABLE"


def test_who_administers(suite, made, admin):
    client = made("EMPLOYEE_READ")
    for role in ("EMPLOYEE", "MANAGER", "STORE_MANAGER", "HR", "PAYROLL", "AUDITOR"):
        one = suite.sign_in_as(role, "demo")
        assert one.post("/api/v1/clients", {"name": "x", "scopes": ["EMPLOYEE_READ"]}).status in (403, 404)
        assert one.post(f"/api/v1/clients/{client['id']}:rotate-secret").status in (403, 404)
        assert one.delete(f"/api/v1/clients/{client['id']}", etag="*").status in (403, 404)
        assert one.get("/api/v1/clients").status == (200 if role == "AUDITOR" else 403)
    stranger = suite.sign_in_as("TENANT_ADMIN", "second")
    for answer in (stranger.get(f"/api/v1/clients/{client['id']}"), stranger.delete(f"/api/v1/clients/{client['id']}", etag="*"),
                   stranger.post(f"/api/v1/clients/{client['id']}:rotate-secret")):
        assert (answer.status, answer.code) == (404, "CLIENT_NOT_FOUND")
    assert client["id"] not in stranger.get("/api/v1/clients", query={"page_size": 500}).body.decode()
    forge = Forge(suite)
    forge.wait_known([(suite.client(), "/api/v1/me"), (suite.client("identity"), "/api/v1/me")], admin.token)
    old = Client(suite.env["RENHE_URL"], forge.token({"auth_time": int(time.time()) - 301}, like=admin.token))
    assert old.post(f"/api/v1/clients/{client['id']}:rotate-secret").code == "STEP_UP_REQUIRED"
    machine = signed(suite, client)
    assert machine.post(f"/api/v1/clients/{client['id']}:rotate-secret").status == 403


def gone(suite, machine, since, figure, what):
    wait_until(lambda: machine.get("/api/v1/org-units").status == 401, 5, "the token to be refused")
    figure(f"{what}: the client's token refused after {(time.monotonic() - since) * 1000:.0f} ms")


def test_rotation(suite, made, admin, figure):
    """The old secret and its tokens end at once."""
    client = made("ORGANISATION_READ")
    machine = signed(suite, client)
    assert machine.get("/api/v1/org-units").status == 200
    since = time.monotonic()
    fresh = admin.post(f"/api/v1/clients/{client['id']}:rotate-secret").expect(200).json
    gone(suite, machine, since, figure, "rotation")
    assert fresh["client_secret"] != client["client_secret"] and fresh["client_id"] == client["client_id"]
    refused(ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"]), "invalid_client", 401)
    assert signed(suite, fresh).get("/api/v1/org-units").status == 200


def test_deletion(suite, made, admin, figure):
    client = made("ORGANISATION_READ")
    machine = signed(suite, client)
    path = f"/api/v1/clients/{client['id']}"
    assert admin.delete(path).status == 428 and admin.delete(path, etag='"v9"').status == 412
    since = time.monotonic()
    admin.delete(path, etag=admin.get(path).etag).expect(204)
    gone(suite, machine, since, figure, "deletion")
    refused(ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"]), "invalid_client", 401)
    assert admin.get(path).code == "CLIENT_NOT_FOUND"


def test_many_tokens_at_once(suite, made, figure):
    client, answers = made("ORGANISATION_READ"), []

    def one():
        for _ in range(10):
            answers.append(ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret=client["client_secret"]).status)
    began = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(answers) == {200}
    figure(f"{len(answers)} tokens by eight threads: {len(answers) / (time.monotonic() - began):.0f} a second")


def test_traces(suite, made):
    """Audited, and no secret or token in a log."""
    client = made("EMPLOYEE_READ")
    token(suite, client)
    ask(suite, grant_type="client_credentials", client_id=client["client_id"], client_secret="wrong one")
    acts = [r[0] for r in suite.psql_all("identity", f"select act from audit where resource_id = '{client['id']}' order by act")]
    assert acts == ["client.create", "client.refuse", "client.token"]
    for of in ("gateway", "identity"):
        assert client["client_secret"] not in suite.log(of) and "eyJ" not in suite.log(of)
