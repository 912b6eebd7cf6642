"""The web app's files at the gateway: what is in the folder and nothing beside it, told as a browser needs
it (O06, O07, H16), and no leave for pages from elsewhere."""
import hashlib
import os
import signal
import socket
from urllib.parse import quote

import pytest

from gateways import Gateway
from renhe import wait_until

PAGE = "<!doctype html><title>人和</title>".encode()
SCRIPT = b"export const x = 1;\n" * 4000
PLAIN = {"accept-ranges", "server", "x-powered-by", "access-control-allow-origin"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("web")
    (top / "secret.txt").write_bytes(b"outside")
    web = top / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_bytes(PAGE)
    (web / "assets" / "app.3f2a9c1b.js").write_bytes(SCRIPT)
    (web / "assets" / "app.3f2a9c1b.js.br").write_bytes(b"brotli of it")
    (web / ".env").write_bytes(b"RENHE_SECRET")
    (web / "out").symlink_to(top)
    (web / "api").mkdir()
    (web / "api" / "v1").mkdir()
    (web / "api" / "v1" / "me").write_bytes(b"not the API")
    return web


@pytest.fixture(scope="module")
def served(suite, folder):
    with Gateway(suite, RENHE_GATEWAY_STATIC_FOLDER=str(folder)) as gateway:
        yield gateway


@pytest.fixture
def web(served):
    return served.client()


def test_page_and_script(web):
    page = web.get("/").expect(200)
    assert page.body == PAGE and page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    script = web.get("/assets/app.3f2a9c1b.js").expect(200)
    assert script.body == SCRIPT and script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.etag == f'"{hashlib.sha256(SCRIPT).hexdigest()[:32]}"'
    coded = web.get("/assets/app.3f2a9c1b.js", headers={"Accept-Encoding": "gzip, br"}).expect(200)
    assert coded.body == b"brotli of it" and coded.headers["content-encoding"] == "br"
    assert coded.headers["content-type"] == script.headers["content-type"] and coded.headers["vary"] == "Accept-Encoding"
    assert coded.etag != script.etag


def test_guards_on_every_answer(web):
    for answer in (web.get("/"), web.get("/assets/app.3f2a9c1b.js"), web.request("HEAD", "/"),
                   web.get("/", headers={"If-None-Match": "*"})):
        h = answer.headers
        assert "frame-ancestors 'none'" in h["content-security-policy"]
        assert "unsafe" not in h["content-security-policy"] and "*" not in h["content-security-policy"]
        assert h["x-content-type-options"] == "nosniff" and h["x-frame-options"] == "DENY"
        assert h["referrer-policy"] == "same-origin" and h["ratelimit"].startswith('"open"')
        assert not PLAIN & set(h)


def test_unchanged_is_304(web):
    etag = web.get("/").etag
    again = web.get("/", headers={"If-None-Match": f'"old", W/{etag}'}).expect(304)
    assert again.body == b"" and again.etag == etag and "content-length" not in again.headers
    web.get("/", headers={"If-None-Match": '"old"'}).expect(200)


def test_head_is_get_without_body(web):
    for path in ("/", "/assets/app.3f2a9c1b.js", "/nowhere.txt"):
        get, head = web.get(path), web.request("HEAD", path)
        assert head.status == get.status and head.body == b""
        varying = ("date", "ratelimit", "x-request-id", "content-length")
        assert {k: v for k, v in head.headers.items() if k not in varying} == \
            {k: v for k, v in get.headers.items() if k not in varying}
        if get.status == 200:
            assert head.headers["content-length"] == str(len(get.body))
    # on one connection nothing of a body follows
    raw = web.raw(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert raw.count(PAGE) == 1 and raw.endswith(PAGE) and raw.count(b"HTTP/1.1 200") == 2


def test_routes_of_the_app(web):
    navigation = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/employees", "/employees/7/contracts", "/人"):
        answer = web.get(quote(path), headers=navigation).expect(200)
        assert answer.body == PAGE and answer.headers["cache-control"] == "no-cache"
    for path, headers in (("/employees", {"Accept": "application/json"}), ("/employees", {}),
                          ("/assets/gone.js", navigation)):
        assert web.get(path, headers=headers).expect(404).code == "ROUTE_NOT_FOUND"


def test_the_api_goes_before(web, suite):
    assert web.get("/api/v1/me").expect(401).code == "TOKEN_MISSING"
    for path in ("/api", "/api/v1/nowhere", "/internal/v1/keys", "/oauth/x", "/.well-known/x"):
        assert web.get(path, headers={"Accept": "text/html"}).expect(404).code == "ROUTE_NOT_FOUND"
    assert b'"openapi"' in web.get("/api/v1/openapi.json").expect(200).body
    refused = web.post("/index.html", {}).expect(405)
    assert refused.headers["allow"] == "GET, HEAD" and refused.code == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", [
    "/.env", "/%2eenv", "/out/secret.txt", "/out", "/assets/../.env", "/assets/..%2f.env", "/%2e%2e/secret.txt",
    "/..%5csecret.txt", "/....//secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "//etc/passwd", "/etc/passwd",
    "/%2fetc%2fpasswd", "/assets/", "/index.html%00.txt", "/index.html/", "/;/../.env", "/assets/app.3f2a9c1b.js%20",
    "/INDEX.html", "/file:///etc/passwd", "/~root/.bashrc", "/index.html%0d%0aX: y"])
def test_nothing_beside(web, path):
    raw = web.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert raw.split(b" ")[1] in (b"400", b"404"), raw[:200]
    for secret in (b"outside", b"RENHE_SECRET", b"root:"):
        assert secret not in raw


def test_no_leave_for_pages_from_elsewhere(web, suite):
    """CORS is closed: no preflight is granted, no origin is named, whatever is asked (O06)."""
    for origin in ("https://evil.example", "null", "http://localhost"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization"}
        answers = [web.request("OPTIONS", path, headers=asked) for path in ("/", "/api/v1/me", "/api/v1/sessions")]
        assert {a.status for a in answers} == {405}
        me = suite.sign_in_as("EMPLOYEE", "demo")
        answers += [web.get(path, headers={"Origin": origin}) for path in ("/", "/api/v1/me", "/api/v1/openapi.json")]
        answers.append(web.get("/api/v1/me", headers={"Origin": origin, "Authorization": f"Bearer {me.token}"}).expect(200))
        for answer in answers:
            assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert answer.headers.get("cross-origin-resource-policy", "same-origin") == "same-origin"


def test_files_are_read_anew(suite, served, web, folder):
    (folder / "new.txt").write_bytes(b"first")
    web.get("/new.txt").expect(404)
    served.kill(signal.SIGHUP)
    wait_until(lambda: web.get("/new.txt").status == 200, 5, "the new file")
    before = web.get("/new.txt").etag
    (folder / "new.txt").write_bytes(b"second")
    served.kill(signal.SIGHUP)
    wait_until(lambda: web.get("/new.txt").body == b"second", 5, "its new content")
    assert web.get("/new.txt").etag != before
    hidden = folder.parent / "hidden"
    os.rename(folder, hidden)  # gone: what was there goes on being served
    try:
        served.kill(signal.SIGHUP)
        wait_until(lambda: "static_folder_not_read" in (served.folder / "log").read_text(), 5, "the fault in the log")
        assert web.get("/new.txt").expect(200).body == b"second"
    finally:
        os.rename(hidden, folder)


def test_a_slow_reader_keeps_his_file(served, web, folder):
    """Files are read anew twice while somebody takes the old one in."""
    large = os.urandom(8 << 20)
    (folder / "large.bin").write_bytes(large)
    served.kill(signal.SIGHUP)
    wait_until(lambda: web.get("/large.bin").status == 200, 5)
    with socket.create_connection(("127.0.0.1", served.port)) as s:
        s.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = s.recv(1000)
        for i in range(2):
            (folder / "large.bin").write_bytes(b"other %d" % i)
            served.kill(signal.SIGHUP)
            wait_until(lambda: web.get("/large.bin").body == b"other %d" % i, 5)
        while chunk := s.recv(1 << 20):
            got += chunk
    (folder / "large.bin").unlink()
    assert got.split(b"\r\n\r\n", 1)[1] == large


def test_without_a_folder_there_is_none(suite):
    for path in ("/", "/index.html", "/employees"):
        answer = suite.client().get(path, headers={"Accept": "text/html"}).expect(404)
        assert answer.code == "ROUTE_NOT_FOUND"


def test_a_folder_that_is_not_there_stops_the_start(suite):
    gateway = Gateway(suite, offset=6, RENHE_GATEWAY_STATIC_FOLDER="/nowhere/at/all")
    gateway.start()
    assert gateway.process.wait(10) == 78
    assert "/nowhere/at/all" in (gateway.folder / "log").read_text()
    gateway.__exit__()
