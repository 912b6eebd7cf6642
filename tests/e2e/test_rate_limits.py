"""Limits of the gateway (groups R and O of the matrix of attacks): who asks too often is told so, honestly
and in both languages; nobody else pays for it; a tenant with most of the load costs the others little.

A second gateway has limits that a test can reach.
"""
import http.client
import re
import secrets
import selectors
import socket
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from gateways import Gateway
from http_client import Answer, Client

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))
import play  # noqa: E402

FEW = {"RENHE_READS_PER_MINUTE": "12", "RENHE_WRITES_PER_MINUTE": "4", "RENHE_HEAVY_PER_MINUTE": "2",
       "RENHE_TENANT_PER_MINUTE": "20", "RENHE_SIGN_INS_PER_MINUTE": "6", "RENHE_OPEN_PER_MINUTE": "10"}
ITEM = re.compile(r'^"([a-z-]+)";r=(\d+);t=(\d+)$')
POLICY = re.compile(r'^"([a-z-]+)";q=(\d+);w=60$')


@pytest.fixture
def narrow(suite):
    """Fresh for each test: its buckets are full."""
    with Gateway(suite, **FEW) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def token(suite):
    """token("HR", "demo"): signed in once at the suite's own gateway."""
    known = {}

    def of(role, tenant="demo"):
        if (role, tenant) not in known:
            known[role, tenant] = suite.sign_in_as(role, tenant)
        return known[role, tenant].token
    return of


def limits(answer):
    """{"reads": (left, reset_s)}; the policies must be those of the same names."""
    now = [ITEM.match(one).groups() for one in answer.headers["ratelimit"].split(", ")]
    policy = [POLICY.match(one).groups() for one in answer.headers["ratelimit-policy"].split(", ")]
    assert [name for name, _ in policy] == [name for name, *_ in now]
    for (name, quota), (_, left, reset) in zip(policy, now):
        assert int(left) <= int(quota) and int(reset) <= 60, name
    return {name: (int(left), int(reset)) for name, left, reset in now}


def refused(answer, by=None):
    """A 429 as it must be; its Retry-After."""
    answer.expect(429)
    assert answer.code == "TOO_MANY_REQUESTS" and answer.json["trace_id"]
    wait = int(answer.headers["retry-after"])
    assert 1 <= wait <= 60 and str(wait) in answer.json["detail"]
    if by:
        assert limits(answer)[by][0] == 0
    return wait


def spend(client, path, n=100):
    """Asks until it is refused; how many passed, and the refusal."""
    for passed in range(n):
        answer = client.get(path)
        if answer.status == 429:
            return passed, answer
    raise AssertionError(f"{n} passed")


def test_every_answer_says_what_is_left(suite, token):
    gateway, me = suite.client(), suite.client(token=token("EMPLOYEE"))
    wrong = suite.client(token="a.b.c")
    told = {
        "reads tenant": [me.get("/api/v1/me"), me.get("/api/v1/employees/0197a000-0000-7000-8000-000000000000"),
                         me.get("/api/v1/me?x=1&x=2")],
        "writes tenant": [me.post("/api/v1/employees", {}), me.post("/api/v1/employees", b"{"),
                          me.patch("/api/v1/employees/0197a000-0000-7000-8000-000000000000", {})],
        "heavy tenant": [me.post("/api/v1/employee-imports", b"x", headers={"Content-Type": "text/csv"})],
        "sign-ins": [gateway.post("/api/v1/sessions", {}), gateway.post("/api/v1/sessions:refresh", {})],
        "open": [gateway.get("/api/v1/openapi.json"), gateway.get("/.well-known/jwks.json"),
                 gateway.get("/api/v1/me"), wrong.get("/api/v1/me"), gateway.get("/api/v1/nowhere"),
                 me.get("/api/v1/me?access_token=x"), gateway.delete("/api/v1/sessions")],
    }
    statuses = set()
    for names, answers in told.items():
        for answer in answers:
            assert " ".join(limits(answer)) == names, (answer.status, answer.body)
            statuses.add(answer.status)
    assert {200, 400, 401, 404, 405} <= statuses


def test_what_is_left_goes_down(narrow, token):
    me = narrow.client(token("EMPLOYEE"))
    for left in range(11, -1, -1):
        assert limits(me.get("/api/v1/me").expect(200))["reads"][0] == left
    refused(me.get("/api/v1/me"), "reads")
    assert limits(me.post("/api/v1/employees", {}))["writes"][0] == 3  # another kind of work
    narrow.client(token("HR")).get("/api/v1/me").expect(200)  # another account of the tenant


def test_retry_after_is_true(narrow, token):
    """Refused until it has passed, taken then; what was refused meanwhile costs nothing."""
    me = narrow.client(token("EMPLOYEE"))
    _, answer = spend(me, "/api/v1/me")
    end = time.monotonic() + refused(answer)
    while time.monotonic() < end - 1.5:
        refused(me.get("/api/v1/me"))
        time.sleep(0.05)
    time.sleep(max(0, end - time.monotonic()))
    me.get("/api/v1/me").expect(200)


def test_it_is_told_in_both_languages(narrow, token):
    me = narrow.client(token("EMPLOYEE"))
    spend(me, "/api/v1/me")
    zh, en = me.get("/api/v1/me"), me.get("/api/v1/me", headers={"Accept-Language": "en"})
    assert refused(zh) and "请求过于频繁" in zh.json["title"] and "秒后" in zh.json["detail"]
    assert zh.headers["content-language"] == "zh-CN"
    assert refused(en) and "Too many requests" in en.json["title"] and "try again in" in en.json["detail"]
    assert en.headers["content-language"] == "en"


def test_a_new_token_is_no_new_bucket(suite, narrow, token):
    """Refreshed or signed in anew, it is the same account."""
    spend(narrow.client(token("EMPLOYEE")), "/api/v1/me")
    again = suite.sign_in_as("EMPLOYEE", "demo")
    assert again.token != token("EMPLOYEE")
    refused(narrow.client(again.token).get("/api/v1/me"), "reads")


def test_a_machine_client_is_one(suite, narrow):
    """Whatever number of tokens it asks for; another client of the tenant has its own."""
    admin, names = suite.sign_in_as("TENANT_ADMIN", "demo"), iter("ab")

    def made():
        body = {"name": f"limits-{next(names)}-{secrets.token_hex(4)}", "scopes": ["ORGANISATION_READ"]}
        return admin.post("/api/v1/clients", body).expect(201).json

    def signed(one):
        form = {"grant_type": "client_credentials", **{k: one[k] for k in ("client_id", "client_secret")}}
        answer = suite.client().post("/oauth/token", urlencode(form).encode(),
                                     headers={"Content-Type": "application/x-www-form-urlencoded"}).expect(200)
        return narrow.client(answer.json["access_token"])
    first, second = made(), made()
    client = signed(first)
    client.get("/api/v1/org-units").expect(200)
    spend(client, "/api/v1/org-units")
    refused(signed(first).get("/api/v1/org-units"), "reads")
    signed(second).get("/api/v1/org-units").expect(200)


def test_a_tenant_has_a_limit_of_its_own(suite, narrow, token):
    other = next(one["tenant"] for one in suite.accounts
                 if one["role"] == "EMPLOYEE" and one["tenant"] != "demo")
    spend(narrow.client(token("EMPLOYEE")), "/api/v1/me")
    passed, answer = spend(narrow.client(token("HR")), "/api/v1/me")
    assert 7 <= passed <= 10 and limits(answer)["reads"][0] > 0  # the tenant's 20, and what came in meanwhile
    refused(answer, "tenant")
    refused(narrow.client(token("AUDITOR")).get("/api/v1/me"), "tenant")
    assert limits(narrow.client(token("EMPLOYEE", other)).get("/api/v1/me").expect(200))["tenant"][0] == 19


def test_strangers_count_by_address(narrow, token):
    stranger = narrow.client()
    for i in range(6):
        stranger.post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": f"nobody{i}", "password": "x" * 12})
    refused(stranger.post("/api/v1/sessions", {}), "sign-ins")
    paths = ["/api/v1/nowhere", "/.well-known/jwks.json", "/api/v1/me", "/api/v1/openapi.json"] * 2
    assert 429 not in [stranger.get(path).status for path in paths + ["/x", "/y"]]
    refused(stranger.get("/api/v1/nowhere"), "open")
    refused(narrow.client("a.b.c").get("/api/v1/me"), "open")  # not judged by what it claims to be
    narrow.client(token("EMPLOYEE")).get("/api/v1/me").expect(200)  # a good token from there passes
    assert limits(from_address("127.0.0.2", narrow, "/api/v1/nowhere").expect(404))["open"][0] == 9


class Bound(Client):
    """Sends from another address of the loopback."""

    def __init__(self, url, source):
        super().__init__(url)
        self.source = source

    def _exchange(self, method, path, body, headers):
        conn = http.client.HTTPConnection(self.host, self.port, timeout=10, source_address=(self.source, 0))
        conn.request(method, path, body, headers)
        got = conn.getresponse()
        answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        conn.close()
        return answer


def from_address(source, gateway, path, **headers):
    return Bound(gateway.client().url, source).get(path, headers=headers)


def test_a_said_address_is_not_believed(narrow):
    for i in range(10):
        from_address("127.0.0.3", narrow, "/nowhere", **{"X-Forwarded-For": f"192.0.2.{i}"}).expect(404)
    refused(from_address("127.0.0.3", narrow, "/nowhere", **{"X-Forwarded-For": "192.0.2.77",
                                                             "Forwarded": "for=192.0.2.78"}), "open")


CLAIMED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Forwarded",
           "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Originating-IP", "X-Remote-Addr", "Via", "X-Forwarded-Host")


def tricks(token):
    """Heads that mean the same account and address, or nothing: name -> lines behind the request line."""
    bearer = f"Authorization: Bearer {token}"
    for i, name in enumerate(CLAIMED):
        for value in (f"192.0.2.{i}", "127.0.0.1", "::ffff:192.0.2.7", "[2001:db8::1]:443", "for=192.0.2.9;proto=https"):
            yield f"{name}: {value}", [bearer, f"{name}: {value}"]
    for spelled in ("authorization", "AUTHORIZATION", "AuThOrIzAtIoN"):
        yield spelled, [bearer.replace("Authorization", spelled)]
    for scheme in ("bearer", "BEARER", "Bearer ", "Bearer\t"):
        yield f"scheme {scheme!r}", [f"Authorization: {scheme} {token}"]
    for what, other in (("padded", token + "="), ("cut", token[:-1]), ("dot", token + "."), ("quoted", f'"{token}"'), ("comma", token + ","),
                        ("parameter", token + ";a=b"), ("tab behind", token + "\t"), ("blanks behind", token + "   ")):
        yield what, [f"Authorization: Bearer {other}"]
    yield "two of them", [bearer, bearer]
    yield "two, the other not good", [bearer, "authorization: Bearer x.y.z"]
    yield "two, the other first", ["AUTHORIZATION: Bearer x.y.z", bearer]
    for line in ("X-Request-Id: other", "X-Tenant: second", "X-Account-Id: other", "X-HTTP-Method-Override: POST", "Cookie: session=other",
                 "User-Agent: other", "Connection: close, Authorization", "Idempotency-Key: other", "Accept-Language: en", "Origin: null"):
        yield line, [bearer, line]


def test_no_spelling_is_a_new_bucket(narrow, token):
    """H26, R-rows: whoever has spent his reads gets no further one by another head, path or connection."""
    me = narrow.client(token("EMPLOYEE"))
    spend(me, "/api/v1/me")

    def status(path, lines):
        head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: a", *lines, "Connection: close", "", ""])
        return int(me.raw(head.encode()).split()[1])
    begin = time.monotonic()
    got = {name: status("/api/v1/me", lines) for name, lines in tricks(me.token)}
    bearer = [f"Authorization: Bearer {me.token}"]
    for path in ("/api/v1/me?x=1", "/api/v1/me?", "/api/v1/%6de", "/api/v1/me/", "//api/v1/me", "/API/v1/me", "http://a/api/v1/me"):
        got[path] = status(path, bearer)
    passed = [name for name, one in got.items() if one == 200]
    # What trickles into the bucket meanwhile may be had by anybody: 12 a minute.
    assert len(passed) <= (time.monotonic() - begin) / 5 + 1, passed
    assert set(got.values()) <= {200, 400, 401, 404, 429} and len(got) > 90


def test_probes_cost_nothing(narrow):
    management = Client(f"http://127.0.0.1:{narrow.management}")
    for path in ("/livez", "/readyz", "/metrics", "/version") * 20:
        assert "ratelimit" not in management.get(path).expect(200).headers
    for path in ("/livez", "/readyz", "/metrics"):
        narrow.client().get(path).expect(404)  # not there from outside


def test_what_is_refused_reaches_no_service(suite, narrow, token):
    def asked():
        return sum(v for k, v in suite.metrics("identity").items()
                   if k.startswith("renhe_requests_total") and "GetMe" in k)
    me = narrow.client(token("EMPLOYEE"))
    spend(me, "/api/v1/me")
    before = asked()
    assert before > 0
    for _ in range(50):
        refused(me.get("/api/v1/me"))
    assert asked() == before
    management = Client(f"http://127.0.0.1:{narrow.management}")
    assert b'renhe_gateway_limited_total{kind="reads"} 51' in management.get("/metrics").body


def test_at_once_no_more_pass_than_may(narrow, token):
    """Forty at a time on connections of their own: the quota, and what trickles in meanwhile."""
    statuses, start = [], threading.Barrier(40)

    def ask():
        client = narrow.client(token("EMPLOYEE"))
        start.wait()
        statuses.append(client.get("/api/v1/me").status)
    threads = [threading.Thread(target=ask) for _ in range(40)]
    begin = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    more = int((time.monotonic() - begin) / 5) + 1
    assert len(statuses) == 40 and set(statuses) == {200, 429}
    assert 12 <= statuses.count(200) <= 12 + more


# ---- fairness ----

class Load:
    """Many connections of one tenant in one thread, each with one request at a time; one that was refused
    asks again after a moment."""

    AGAIN_S = 0.25

    def __init__(self, url, token, n, path):
        at = urlsplit(url)
        self.request = (f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n").encode()
        self.sockets = [socket.create_connection((at.hostname, at.port)) for _ in range(n)]
        self.counts = {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        parts, again, ready = {s: b"" for s in self.sockets}, [], selectors.DefaultSelector()
        for s in self.sockets:
            ready.register(s, selectors.EVENT_READ)
            s.sendall(self.request)
        while not self.stop.is_set():
            for key, _ in ready.select(0.01):
                s = key.fileobj
                parts[s] += s.recv(262144)
                statuses, _, parts[s] = play.split_answers(parts[s])
                if not statuses:
                    continue
                self.counts[statuses[0]] = self.counts.get(statuses[0], 0) + 1
                again.append((time.monotonic() + (0 if statuses[0] == 200 else self.AGAIN_S), s))
            now = time.monotonic()
            for _, s in [one for one in again if one[0] <= now]:
                s.sendall(self.request)
            again = [one for one in again if one[0] > now]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for s in self.sockets:
            s.close()


def goodput(url, token, path, seconds, rate=20):
    """Asks at a fixed rate, whether answers come or not; how many were right within a second."""
    good, threads = [], []

    def ask():
        begin = time.monotonic()
        try:
            if Client(url, token, timeout=5).get(path).status == 200 and time.monotonic() - begin < 1:
                good.append(time.monotonic() - begin)
        except OSError:
            pass
    begin = time.monotonic()
    for i in range(int(seconds * rate)):
        time.sleep(max(0, begin + i / rate - time.monotonic()))
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
    for t in threads:
        t.join()
    return len(good), len(threads), sorted(good)


def test_one_tenants_load_is_his_own(suite, token, figure):
    """P33: one that fills every connection and every place of the queue costs another at most a tenth."""
    path = "/api/v1/employees?page_size=50"
    with Gateway(suite, RENHE_QUEUE_LIMIT="64", **{name: "0" for name in FEW}) as gateway:
        url, quiet = gateway.client().url, token("HR", "second")
        alone, asked, _ = goodput(url, quiet, path, 5)
        with Load(url, token("HR"), 160, path) as load:
            time.sleep(2)
            before = dict(load.counts)
            beside, asked_beside, times = goodput(url, quiet, path, 8)
            loud = {status: (n - before.get(status, 0)) / 8 for status, n in load.counts.items()}
    assert alone == asked
    assert loud[503] > 0, "the loud tenant did not fill the queue"
    assert loud[200] + loud[503] > 4 * 20, "the loud tenant sent less than 80 %"
    assert beside >= asked_beside * 0.9, (beside, asked_beside)
    figure(f"20 a second of one tenant: {alone}/{asked} good alone, {beside}/{asked_beside} beside another's "
           f"{loud[200]:.0f} answered and {loud[503]:.0f} refused a second over 160 connections; "
           f"median {times[len(times) // 2] * 1000:.0f} ms")
