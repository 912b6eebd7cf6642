"""The second factor: enrolment, the challenge between password and tokens, codes that are good once,
recovery, step-up, and roles that a tenant keeps for those who have one (decision 13, A10-A12).
"""
import json
import secrets
import threading
from dataclasses import dataclass, field

import pytest

import otp
import staff
from http_client import Client
from renhe import wait_until
from tokens import Forge

PASSWORD = "quite another 7 thing"


@dataclass
class Holder:
    """An account without an employee, with an authenticator where secret is set."""
    suite: object
    tenant: str
    name: str
    id: str
    secret: str = None
    recovery: list = field(default_factory=list)
    client: Client = None

    def password(self, device=None, **headers):
        head = {**({"X-Device-Id": device} if device else {}), **headers}
        return self.suite.client().post("/api/v1/sessions", {"tenant": self.tenant, "sign_in_name": self.name, "password": PASSWORD},
                                        headers=head)

    def challenge(self, device=None):
        return self.password(device).expect(202).json["challenge_id"]

    def complete(self, challenge, code, method="TOTP", device=None):
        head = {"X-Device-Id": device} if device else None
        return self.suite.client().post("/api/v1/sessions:complete", {"challenge_id": challenge, "method": method, "code": code},
                                        headers=head)

    def unused(self):
        """As if no code had been used: else each test would wait for the next half minute."""
        self.suite.psql_all("identity", f"update totp set last_step = 0 where account_id = '{self.id}'")
        self.suite.psql_all("identity", f"delete from attempt where bucket like '%{self.id}%'")
        otp.rest_of_step(8)
        return self

    def sign_in(self):
        self.unused()
        t = self.complete(self.challenge(), otp.code(self.secret)).expect(201).json
        self.client = Client(self.suite.env["RENHE_URL"], t["access_token"])
        self.client.refresh_token = t["refresh_token"]
        return self.client

    def enrol(self):
        t = self.password().expect(201).json
        self.client = Client(self.suite.env["RENHE_URL"], t["access_token"])
        self.client.refresh_token = t["refresh_token"]
        self.secret = self.client.post("/api/v1/me/totp").expect(201).json["secret"]
        otp.rest_of_step(5)
        self.recovery = self.client.post("/api/v1/me/totp:confirm", {"code": otp.code(self.secret)}).expect(200).json["codes"]
        return self


def made(suite, admin, roles=("AUDITOR",), tenant="demo"):
    name = "mfa-" + secrets.token_hex(4)
    a = staff.new_account(suite, admin, tenant, name, list(roles))
    suite.client().post("/api/v1/accounts:activate", {"tenant": tenant, "sign_in_name": name, "activation_code": a["activation_code"],
                        "password": PASSWORD}).expect(204)
    return Holder(suite, tenant, name, a["id"])


@pytest.fixture(scope="module")
def admin(suite):
    return suite.sign_in_as("TENANT_ADMIN", "demo")


@pytest.fixture(scope="module")
def someone(suite, admin):
    return lambda roles=("AUDITOR",): made(suite, admin, roles)


@pytest.fixture(scope="module")
def holder(someone):
    """With an authenticator, for tests that leave it as it was."""
    return someone().enrol()


@pytest.fixture(scope="module")
def forge(suite, admin):
    one = Forge(suite)
    one.wait_known([(suite.client(), "/api/v1/me"), (suite.client("identity"), "/api/v1/me")], admin.token)
    return one


def refused(answer, code="SECOND_FACTOR_REFUSED", status=401):
    assert (answer.status, answer.code) == (status, code), answer.body
    assert "access_token" not in answer.body.decode()
    return answer


def together(n, act):
    """act(i) in n threads at one moment; the answers."""
    answers, gate = [], threading.Barrier(n)

    def one(i):
        gate.wait()
        answers.append(act(i))
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


# ---- enrolling ----

def test_enrolment(suite, someone):
    """The secret is shown once, sealed in the table, and nothing until its first code; then the password
    alone earns a challenge, and whoever came in by it elsewhere is out."""
    h = someone()
    elsewhere = h.password().expect(201).json
    me = Client(suite.env["RENHE_URL"], h.password().expect(201).json["access_token"])
    assert me.get("/api/v1/me").json["second_factor"] is False
    refused(me.post("/api/v1/me/totp:confirm", {"code": "123456"}), "TOTP_NOT_STARTED", 409)
    first = me.post("/api/v1/me/totp").expect(201).json["secret"]
    told = me.post("/api/v1/me/totp").expect(201)
    secret = told.json["secret"]
    assert secret != first and len(secret) == 32 and told.headers["cache-control"] == "no-store"
    assert told.json["otpauth_uri"] == f"otpauth://totp/Renhe:demo%2F{h.name}?secret={secret}&issuer=Renhe&algorithm=SHA1&digits=6&period=30"
    assert h.password().status == 201, "not enrolled yet"
    refused(me.post("/api/v1/me/totp:confirm", {"code": otp.code(first)}))
    refused(me.post("/api/v1/me/totp:confirm", {"code": otp.not_of(secret)}))
    otp.rest_of_step(5)
    codes = me.post("/api/v1/me/totp:confirm", {"code": otp.code(secret)}).expect(200).json["codes"]
    assert len(set(codes)) == 10 and all(len(c) == 19 for c in codes)
    refused(me.post("/api/v1/me/totp"), "TOTP_ENROLLED", 409)
    refused(me.post("/api/v1/me/totp:confirm", {"code": otp.code(secret)}), "TOTP_ENROLLED", 409)
    assert me.get("/api/v1/me").json["second_factor"] is True and me.get("/api/v1/me").json["recovery_codes_left"] == 10
    wait_until(lambda: Client(suite.env["RENHE_URL"], elsewhere["access_token"]).get("/api/v1/me").status == 401, 5, "the other session to end")
    offer = h.password().expect(202).json
    assert set(offer) == {"challenge_id", "methods", "expire_time"} and offer["methods"] == ["TOTP", "RECOVERY_CODE"]
    stored = suite.psql_all("identity", f"select encode(secret, 'hex') from totp where account_id = '{h.id}'")
    assert len(stored) == 1 and secret.encode().hex() not in stored[0][0]
    hashes = suite.psql_all("identity", f"select code_hash from recovery_code where account_id = '{h.id}'")
    assert len(hashes) == 10 and not any(c in str(hashes) or c.replace("-", "") in str(hashes) for c in codes)


def test_sign_in_by_both(suite, holder):
    tokens = holder.unused().complete(holder.challenge(), otp.code(holder.secret)).expect(201).json
    assert {"access_token", "refresh_token", "token_type", "expires_in", "session_id"} <= set(tokens)
    assert staff.claims(tokens["access_token"])["amr"] == ["pwd", "otp"]
    assert Client(suite.env["RENHE_URL"], tokens["access_token"]).get("/api/v1/grants").status == 200
    again = suite.client().post("/api/v1/sessions:refresh", {"refresh_token": tokens["refresh_token"]}).expect(200).json
    assert staff.claims(again["access_token"])["amr"] == ["pwd", "otp"]


# ---- codes ----

@pytest.mark.parametrize("ahead, taken", [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False), (3, False)])
def test_steps(holder, ahead, taken):
    """One step each way (A11)."""
    holder.unused()
    answer = holder.complete(holder.challenge(), otp.code(holder.secret, otp.now_step() + ahead))
    answer.expect(201) if taken else refused(answer)


def test_a_code_is_good_once(holder):
    """Nor is an earlier one good after it (A10)."""
    holder.unused()
    now = otp.now_step()
    holder.complete(holder.challenge(), otp.code(holder.secret, now)).expect(201)
    refused(holder.complete(holder.challenge(), otp.code(holder.secret, now)))
    refused(holder.complete(holder.challenge(), otp.code(holder.secret, now - 1)))
    holder.complete(holder.challenge(), otp.code(holder.secret, now + 1)).expect(201)


def test_the_enrolling_code_is_used_up(someone):
    h = someone().enrol()
    refused(h.complete(h.challenge(), otp.code(h.secret)))


def test_one_code_from_many_places(holder, figure):
    """Twelve challenges, one code, one moment: exactly one gets in."""
    holder.unused()
    challenges = [holder.challenge() for _ in range(12)]
    code = otp.code(holder.secret)
    statuses = sorted(a.status for a in together(12, lambda i: holder.complete(challenges[i], code)))
    assert statuses.count(201) == 1 and set(statuses) <= {201, 401, 429, 503}, statuses
    figure(f"one code at once by twelve challenges: {statuses}")


def test_one_challenge_from_many_places(holder):
    holder.unused()
    challenge, now = holder.challenge(), otp.now_step()
    codes = [otp.code(holder.secret, now + i) for i in (-1, 0, 1)]
    statuses = sorted(a.status for a in together(9, lambda i: holder.complete(challenge, codes[i % 3])))
    assert statuses.count(201) == 1 and set(statuses) <= {201, 401, 503}, statuses


def test_code_of_another(holder, someone):
    """Neither another account's code nor its recovery code."""
    other = someone().enrol()
    other.unused()
    holder.unused()
    refused(holder.complete(holder.challenge(), otp.code(other.secret)))
    refused(holder.complete(holder.challenge(), other.recovery[0], "RECOVERY_CODE"))
    refused(holder.complete(holder.challenge(), otp.code(holder.secret), "RECOVERY_CODE"))
    refused(holder.complete(holder.challenge(), holder.recovery[0], "TOTP"))
    assert other.complete(other.challenge(), other.recovery[0], "RECOVERY_CODE").status == 201


# ---- challenges ----

def test_a_challenge_is_of_one_device(holder):
    holder.unused()
    mine, other = ("device-" + secrets.token_hex(8) for _ in range(2))
    challenge = holder.challenge(mine)
    for device in (other, None):
        refused(holder.complete(challenge, otp.code(holder.secret), device=device), "CHALLENGE_REFUSED")
    holder.complete(challenge, otp.code(holder.secret), device=mine).expect(201)
    refused(holder.complete(challenge, otp.code(holder.secret, otp.now_step() + 1), device=mine), "CHALLENGE_REFUSED")


def test_a_challenge_ends(suite, holder):
    """After five minutes; after five tries, then the right code is no help; when the account is revoked."""
    holder.unused()
    code = otp.code(holder.secret)
    late = holder.challenge()
    suite.psql_all("identity", f"update challenge set expire_time = clock_timestamp() - interval '1 second' where account_id = '{holder.id}'")
    refused(holder.complete(late, code), "CHALLENGE_REFUSED")
    worn = holder.challenge()
    for _ in range(5):
        refused(holder.complete(worn, otp.not_of(holder.secret)))
    refused(holder.complete(worn, code), "CHALLENGE_REFUSED")
    holder.unused()
    stale = holder.challenge()
    holder.sign_in().post("/api/v1/sessions:revoke-all").expect(204)
    refused(holder.complete(stale, otp.code(holder.secret, otp.now_step() + 1)), "CHALLENGE_REFUSED")


def test_made_up_challenges(suite, holder):
    """A token of another kind is no challenge, and a challenge no token of another kind."""
    signed = holder.sign_in()
    holder.unused()
    challenge = holder.challenge()
    code = otp.code(holder.secret)
    middle = len(challenge) // 2
    bad = [challenge[:-1], challenge + "A", challenge[:middle] + ("A" if challenge[middle] != "A" else "B") + challenge[middle + 1:],
           signed.refresh_token, "A" * len(challenge)]
    for one in bad:
        refused(holder.complete(one, code), "CHALLENGE_REFUSED")
    assert suite.client().post("/api/v1/sessions:refresh", {"refresh_token": challenge}).code == "REFRESH_REFUSED"
    assert Client(suite.env["RENHE_URL"], challenge).get("/api/v1/me").status == 401
    holder.complete(challenge, code).expect(201)


def test_guessing_codes_is_slowed(holder, someone):
    """New challenges give no new guesses: ten, then 429 with the right code too; a colleague goes on."""
    h = someone().enrol()
    h.unused()
    tried = []
    for _ in range(3):
        challenge = h.challenge()
        tried += [h.complete(challenge, otp.not_of(h.secret)).status for _ in range(4)]
    assert tried == [401] * 10 + [429] * 2, tried
    locked = refused(h.complete(h.challenge(), otp.code(h.secret)), "SIGN_IN_THROTTLED", 429)
    assert 1 <= int(locked.headers["retry-after"]) <= 900
    refused(h.complete(h.challenge(), h.recovery[0], "RECOVERY_CODE"), "SIGN_IN_THROTTLED", 429)
    holder.sign_in()


def missed(suite, h, times):
    suite.psql_all("identity", f"update totp set misses = {times} where account_id = '{h.id}'")
    return h.unused()


def test_a_hundred_wrong_codes_in_a_row(suite, someone):
    """Whoever has the password and months of time gets no further; a recovery code of the owner opens it again."""
    h = missed(suite, someone().enrol(), 99)
    h.complete(h.challenge(), otp.code(h.secret)).expect(201)  # the last that may miss is right: counted anew
    refused(missed(suite, h, 98).complete(h.challenge(), otp.not_of(h.secret)))
    refused(h.complete(h.challenge(), otp.not_of(h.secret)))
    refused(h.unused().complete(h.challenge(), otp.code(h.secret)), "SECOND_FACTOR_LOCKED")
    acts = "select count(*) from audit where act = 'second_factor.lock' and resource_id = '{}'".format(h.id)
    assert suite.psql_all("identity", acts) == [["1"]]
    refused(h.complete(h.challenge(), h.recovery[0][:-1] + "9", "RECOVERY_CODE"))
    refused(h.unused().complete(h.challenge(), otp.code(h.secret)), "SECOND_FACTOR_LOCKED")
    h.complete(h.challenge(), h.recovery[0], "RECOVERY_CODE").expect(201)
    h.sign_in()


@pytest.mark.parametrize("body", [{}, {"challenge_id": "x" * 40}, {"challenge_id": "x" * 40, "method": "SMS", "code": "123456"},
                                  {"challenge_id": "x" * 40, "method": "TOTP", "code": "12345"}], ids=str)
def test_bad_completions(suite, body):
    answer = suite.client().post("/api/v1/sessions:complete", body)
    assert answer.status == 422 and answer.json["errors"]


# ---- recovery codes ----

def test_recovery_codes(someone):
    """Each once, however it is written; new ones end the old."""
    h = someone().enrol()
    h.complete(h.challenge(), h.recovery[0], "RECOVERY_CODE").expect(201)
    refused(h.complete(h.challenge(), h.recovery[0], "RECOVERY_CODE"))
    h.complete(h.challenge(), h.recovery[1].replace("-", " ").upper(), "RECOVERY_CODE").expect(201)
    refused(h.complete(h.challenge(), h.recovery[1], "RECOVERY_CODE"))
    statuses = [a.status for a in together(6, lambda i: h.complete(h.challenge(), h.recovery[2], "RECOVERY_CODE"))]
    assert statuses.count(201) == 1, statuses
    signed = h.sign_in()
    assert signed.get("/api/v1/me").json["recovery_codes_left"] == 7
    fresh = signed.post("/api/v1/me/recovery-codes").expect(201).json["codes"]
    assert len(set(fresh + h.recovery)) == 20
    refused(h.complete(h.challenge(), h.recovery[3], "RECOVERY_CODE"))
    h.complete(h.challenge(), fresh[3], "RECOVERY_CODE").expect(201)


# ---- step-up ----

def aged(forge, client, seconds=301):
    """The same session, authenticated so long ago."""
    return Client(client.url, forge.token({"auth_time": staff.claims(client.token)["iat"] - seconds}, like=client.token))


def test_step_up_names_its_method(forge, admin, holder):
    """And the enrolled code is what it takes: the password is not enough (decision 13)."""
    plain = aged(forge, admin).delete("/api/v1/me/totp")
    assert (plain.status, plain.code, plain.json["methods"]) == (401, "STEP_UP_REQUIRED", ["PASSWORD"])
    old = aged(forge, holder.sign_in())
    asked = old.delete("/api/v1/me/totp")
    assert (asked.status, asked.code, asked.json["methods"]) == (401, "STEP_UP_REQUIRED", ["TOTP"])
    assert old.post("/api/v1/sessions/current:step-up", {"password": PASSWORD}).expect(422).json["errors"][0]["pointer"] == "/code"
    refused(old.post("/api/v1/sessions/current:step-up", {"code": otp.not_of(holder.secret)}))
    refused(old.post("/api/v1/sessions/current:step-up", {"code": otp.code(holder.secret)}))  # it has signed in
    refused(old.post("/api/v1/sessions/current:step-up", {"password": PASSWORD, "code": otp.not_of(holder.secret)}))
    fresh = old.post("/api/v1/sessions/current:step-up", {"code": otp.code(holder.secret, otp.now_step() + 1)}).expect(200).json
    assert Client(old.url, fresh["access_token"]).post("/api/v1/me/recovery-codes").status == 201


def test_step_up_without_an_authenticator(someone):
    h = someone()
    client = Client(h.suite.env["RENHE_URL"], h.password().expect(201).json["access_token"])
    for body in ({}, {"code": "123456"}):
        assert client.post("/api/v1/sessions/current:step-up", body).expect(422).json["errors"][0]["pointer"] == "/password"
    assert client.post("/api/v1/sessions/current:step-up", {"password": "wrong password 1"}).code == "STEP_UP_REFUSED"
    client.post("/api/v1/sessions/current:step-up", {"password": PASSWORD}).expect(200)


def test_removal(someone):
    h = someone().enrol()
    signed = h.sign_in()
    signed.delete("/api/v1/me/totp").expect(204)
    refused(signed.delete("/api/v1/me/totp"), "SECOND_FACTOR_MISSING", 409)
    refused(signed.post("/api/v1/me/recovery-codes"), "SECOND_FACTOR_MISSING", 409)
    assert h.password().status == 201
    assert h.suite.psql_all("identity", f"select count(*) from recovery_code where account_id = '{h.id}'") == [["0"]]


# ---- recovery by HR ----

def reset(client, account_id, reason="丢失手机"):
    return client.post(f"/api/v1/accounts/{account_id}:reset-second-factor", {"reason": reason})


def test_reset_by_hr(suite, someone):
    h = someone().enrol()
    signed, hr = h.sign_in(), suite.sign_in_as("HR", "demo")
    reset(hr, h.id).expect(204)
    wait_until(lambda: signed.get("/api/v1/me").status == 401, 5, "the sessions to end")
    assert suite.client().post("/api/v1/sessions:refresh", {"refresh_token": signed.refresh_token}).status == 401
    assert h.password().status == 201
    rows = suite.psql_all("identity", f"select act, reason, result from audit where resource_id = '{h.id}' and act = 'second_factor.reset'")
    assert rows == [["second_factor.reset", "丢失手机", "ok"]]


def test_who_may_not_reset(suite, someone, admin, forge):
    """Not for oneself, not HR for an administrator, not without a reason or a fresh sign-in."""
    hr, boss = suite.sign_in_as("HR", "demo"), someone(("TENANT_ADMIN",))
    boss.enrol()
    own = {c: c.get("/api/v1/me").json["account_id"] for c in (hr, admin)}
    for client in own:
        refused(reset(client, own[client]), "SECOND_FACTOR_RESET_REFUSED", 403)
    refused(reset(hr, boss.id), "SECOND_FACTOR_RESET_REFUSED", 403)
    assert boss.password().status == 202
    assert reset(hr, boss.id, "").status == 422 and reset(hr, secrets.token_hex(4)).status in (404, 422)
    refused(reset(hr, "01900000-0000-7000-8000-000000000001"), "ACCOUNT_NOT_FOUND", 404)
    for role in ("EMPLOYEE", "MANAGER", "PAYROLL", "AUDITOR"):
        assert reset(suite.sign_in_as(role, "demo"), boss.id).status in (403, 404)
    refused(reset(aged(forge, hr), boss.id), "STEP_UP_REQUIRED")
    stranger = suite.sign_in_as("TENANT_ADMIN", "second")
    refused(reset(stranger, boss.id), "ACCOUNT_NOT_FOUND", 404)
    reset(admin, boss.id).expect(204)


# ---- roles that ask for it ----

@pytest.fixture(scope="module")
def company(suite):
    """A new tenant: the setting is on. (id, its first administrator, not enrolled)"""
    operator, code = suite.sign_in_as("PLATFORM_OPERATOR"), "m" + secrets.token_hex(4)
    t = operator.post("/api/v1/tenants", {"code": code, "name": "双因素", "admin_sign_in_name": "boss"}).expect(201).json
    assert t["second_factor_required"] is True
    suite.client().post("/api/v1/accounts:activate", {"tenant": code, "sign_in_name": "boss", "activation_code": t["admin_activation_code"],
                        "password": PASSWORD}).expect(204)
    return t["id"], Holder(suite, code, "boss", None)


def roles(token):
    return staff.claims(token)["roles"]


def test_a_password_alone_gives_no_privileged_role(suite, company):
    """Neither at sign-in nor by a refresh; it is enough to enrol, and then the roles come."""
    tenant, boss = company
    t = boss.password().expect(201).json
    client = Client(suite.env["RENHE_URL"], t["access_token"])
    assert roles(t["access_token"]) == ["EMPLOYEE"]
    me = client.get("/api/v1/me").expect(200).json
    assert me["withheld_roles"] == ["TENANT_ADMIN"] and [r["role"] for r in me["roles"]] == ["EMPLOYEE"]
    boss.id = me["account_id"]
    for path in ("/api/v1/accounts", "/api/v1/grants", f"/api/v1/tenants/{tenant}"):
        assert client.get(path).status in (403, 404), path
    assert client.post("/api/v1/accounts", {"sign_in_name": "x1", "roles": ["HR"]}).status in (403, 404)
    for token in (client.post("/api/v1/sessions/current:step-up", {"password": PASSWORD}).expect(200).json["access_token"],
                  suite.client().post("/api/v1/sessions:refresh", {"refresh_token": t["refresh_token"]}).expect(200).json["access_token"]):
        assert roles(token) == ["EMPLOYEE"]
    boss.enrol()
    fresh = suite.client().post("/api/v1/sessions:refresh", {"refresh_token": boss.client.refresh_token}).expect(200).json
    assert roles(fresh["access_token"]) == ["TENANT_ADMIN"]
    assert Client(suite.env["RENHE_URL"], fresh["access_token"]).get("/api/v1/accounts").status == 200
    assert roles(boss.sign_in().token) == ["TENANT_ADMIN"] and "withheld_roles" not in boss.client.get("/api/v1/me").json


def test_the_setting(suite, company, admin):
    """Off, a password is enough; on again, tokens that came by it lose the roles at once."""
    tenant, boss = company
    signed = boss.sign_in()
    path = f"/api/v1/tenants/{tenant}"
    now = signed.get(path).expect(200)
    assert signed.patch(path, {"second_factor_required": False}).status == 428
    assert signed.patch(path, {"second_factor_required": False}, etag='"v999"').status == 412
    off = signed.patch(path, {"second_factor_required": False}, etag=now.etag).expect(200)
    assert off.json["second_factor_required"] is False
    hr = made(suite, signed, ("HR",), boss.tenant)
    t = hr.password().expect(201).json
    assert roles(t["access_token"]) == ["HR"]
    signed.patch(path, {"second_factor_required": True}, etag=off.etag).expect(200)
    plain = Client(suite.env["RENHE_URL"], t["access_token"])
    wait_until(lambda: plain.get("/api/v1/employees").code == "TOKEN_STALE", 5, "the roles to be withdrawn")
    again = suite.client().post("/api/v1/sessions:refresh", {"refresh_token": t["refresh_token"]}).expect(200).json
    assert roles(again["access_token"]) == ["EMPLOYEE"]


def test_the_setting_of_others(suite, company, admin):
    tenant, _ = company
    own = admin.get("/api/v1/me").json["tenant_id"]
    assert admin.get(f"/api/v1/tenants/{own}").expect(200).json["code"] == "demo"
    for client in (admin, suite.sign_in_as("TENANT_ADMIN", "second")):
        assert client.get(f"/api/v1/tenants/{tenant}").code == "TENANT_NOT_FOUND"
        refused(client.patch(f"/api/v1/tenants/{tenant}", {"second_factor_required": False}, etag="*"), "TENANT_NOT_FOUND", 404)
    for role in ("EMPLOYEE", "MANAGER", "HR", "PAYROLL", "AUDITOR"):
        assert suite.sign_in_as(role, "demo").patch(f"/api/v1/tenants/{own}", {"second_factor_required": True}, etag="*").status in (403, 404)


def test_demo_account(suite):
    """One of the demo's accounts has an authenticator, and its secret stands beside the password."""
    one = next(a for a in suite.accounts if a.get("totp_secret"))
    body = {k: one[k] for k in ("tenant", "sign_in_name", "password")}
    challenge = suite.client().post("/api/v1/sessions", body).expect(202).json["challenge_id"]
    suite.psql_all("identity", "update totp set last_step = 0")
    suite.client().post("/api/v1/sessions:complete", {"challenge_id": challenge, "method": "TOTP", "code": otp.code(one["totp_secret"])}).expect(201)


def test_nothing_in_logs(suite, holder):
    texts = [holder.secret, *holder.recovery, holder.challenge()]
    for of in ("gateway", "identity", "archive"):
        log = suite.log(of)
        assert not any(t in log for t in texts), of
    for topic in ("renhe.identity.account.v1", "renhe.identity.revocation.v1"):
        assert not any(t.encode() in e.value for e in suite.events(topic) if e.value for t in texts)
    assert json.dumps(texts)
