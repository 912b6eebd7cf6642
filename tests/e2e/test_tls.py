"""The door under TLS (P22, O01, O06, O07, F39): a whole sign-in over it, the listener in clear that leads there,
a new certificate by SIGHUP while requests go on, and settings that can't be meant."""
import http.client
import signal
import ssl
import sys
import threading
import time
from pathlib import Path

import pytest

from gateways import Gateway
from http_client import Answer, Client
from renhe import wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))
from tls_client import make_certificate, trusting  # noqa: E402

HSTS = "max-age=31536000"


class TlsClient(Client):
    context = None

    def _exchange(self, method, path, body, headers):
        conn = http.client.HTTPSConnection("localhost", self.port, timeout=self.timeout, context=self.context)
        try:
            conn.request(method, path, body=body, headers=headers)
            got = conn.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            conn.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def door(suite, files):
    redirect = int(suite.env["RENHE_PORT_BASE"]) + 6
    with Gateway(suite, RENHE_GATEWAY_TLS_CERT_FILE=str(files[0]), RENHE_GATEWAY_TLS_KEY_FILE=str(files[1]),
                 RENHE_GATEWAY_REDIRECT_LISTEN=f"127.0.0.1:{redirect}") as gateway:
        gateway.redirect = redirect
        yield gateway


@pytest.fixture
def over(door, files):
    client = TlsClient(f"https://localhost:{door.port}")
    client.context = trusting(files[0])
    return client


def test_a_day_at_work_over_tls(suite, over):
    one = suite.account("EMPLOYEE", "demo")
    tokens = over.post("/api/v1/sessions", {"tenant": one["tenant"], "sign_in_name": one["sign_in_name"],
                                            "password": one["password"]}).expect(201)
    over.token = tokens.json["access_token"]
    me = over.get("/api/v1/me").expect(200)
    assert me.json == suite.client(token=over.token).get("/api/v1/me").json
    wrong = TlsClient(over.url)
    wrong.context = over.context
    for answer in (tokens, me, wrong.get("/api/v1/me").expect(401), wrong.get("/nowhere").expect(404)):
        assert answer.headers["strict-transport-security"] == HSTS
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["ratelimit"]


def test_in_clear_there_is_no_hsts_and_no_way_in(suite, door):
    assert "strict-transport-security" not in suite.client().get("/nowhere").headers
    management = Client(f"http://127.0.0.1:{door.management}").get("/livez").expect(200)
    assert "strict-transport-security" not in management.headers
    raw = door.client().raw(b"GET /api/v1/me HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"HTTP/1.1" not in raw


@pytest.mark.parametrize("host, target, location", [
    ("hr.example", "/", "https://hr.example:{port}/"),
    ("hr.example:8080", "/api/v1/me?a=b&c=%2f", "https://hr.example:{port}/api/v1/me?a=b&c=%2f"),
    ("[::1]:80", "/x", "https://[::1]:{port}/x"), ("[::1]", "/x", "https://[::1]:{port}/x"),
    ("hr.example", "http://hr.example/y?z", "https://hr.example:{port}/y?z"),
    ("hr.example", "/https://evil.example/", None), ("hr.example", "//evil.example/", None),
    ("evil.example/x", "/", None), ("a b", "/", None), ("u@evil.example", "/", None), ("hr.example", "/%0d%0aX: y", None)])
def test_callers_in_clear_are_led_there(door, host, target, location):
    raw = Client(f"http://127.0.0.1:{door.redirect}").raw(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = raw.split(b"\r\n\r\n")[0].decode()
    if location is None:
        assert head.startswith("HTTP/1.1 400")
        return
    assert head.startswith("HTTP/1.1 308 Permanent Redirect")
    assert f"\r\nLocation: {location.format(port=door.port)}\r\n" in head and "\r\nConnection: close" in head


def test_the_way_there_keeps_method_and_body(door):
    """308, so that a POST stays one; nothing of it is read as a request of the API."""
    raw = Client(f"http://127.0.0.1:{door.redirect}").raw(
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
    assert raw.startswith(b"HTTP/1.1 308") and raw.count(b"HTTP/1.1") == 1
    large = Client(f"http://127.0.0.1:{door.redirect}").raw(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    assert large.startswith(b"HTTP/1.1 413")


def test_a_new_certificate_without_a_failed_request(door, files, over, tmp_path):
    def seen():
        pem = ssl.get_server_certificate(("127.0.0.1", door.port))
        return ssl.PEM_cert_to_DER_cert(pem)

    def ends():
        text = Client(f"http://127.0.0.1:{door.management}").get("/metrics").body.decode()
        return int(next(line for line in text.splitlines() if line.startswith("renhe_tls_certificate_end")).split()[1])
    before, before_ends = seen(), ends()
    assert 29 * 86400 < before_ends - time.time() < 31 * 86400
    fresh = make_certificate(tmp_path, "localhost", days=10)
    over.context.load_verify_locations(fresh[0])
    stop, statuses, errors = threading.Event(), [], []

    def go_on():
        while not stop.is_set():
            try:
                statuses.append(over.get("/.well-known/jwks.json").status)
            except Exception as error:
                errors.append(error)
    threads = [threading.Thread(target=go_on) for _ in range(3)]
    for t in threads:
        t.start()
    for source, target in zip(fresh, files):
        target.write_bytes(source.read_bytes())
    door.kill(signal.SIGHUP)
    wait_until(lambda: seen() != before, 5, "the new certificate")
    files[1].write_bytes(b"nothing")
    door.kill(signal.SIGHUP)
    log = door.folder / "log"
    wait_until(lambda: "certificate_not_read" in log.read_text(), 5, "the fault in the log")
    time.sleep(0.5)
    files[1].write_bytes(fresh[1].read_bytes())
    stop.set()
    for t in threads:
        t.join()
    assert not errors and set(statuses) == {200} and len(statuses) > 20
    assert 9 * 86400 < ends() - time.time() < 11 * 86400
    assert "certificate_ends_soon" in log.read_text() and "PRIVATE KEY" not in log.read_text()


@pytest.mark.parametrize("given, named", [
    ({"RENHE_GATEWAY_TLS_CERT_FILE": "{cert}"}, "_KEY_FILE"), ({"RENHE_GATEWAY_TLS_KEY_FILE": "{key}"}, "_CERT_FILE"),
    ({"RENHE_GATEWAY_REDIRECT_LISTEN": "127.0.0.1:1"}, "RENHE_GATEWAY_REDIRECT_LISTEN"),
    ({"RENHE_GATEWAY_TLS_CERT_FILE": "/nowhere", "RENHE_GATEWAY_TLS_KEY_FILE": "{key}"}, "/nowhere"),
    ({"RENHE_GATEWAY_TLS_CERT_FILE": "{cert}", "RENHE_GATEWAY_TLS_KEY_FILE": "{cert}"}, "localhost.crt")])
def test_settings_that_can_not_be_meant(suite, files, given, named):
    gateway = Gateway(suite, offset=8, **{k: v.format(cert=files[0], key=files[1]) for k, v in given.items()})
    gateway.start()
    assert gateway.process.wait(10) != 0
    assert named in (gateway.folder / "log").read_text()
    gateway.__exit__()
