"""The HTTP front under attack: all byte-exact cases, slow and vanishing clients.

RENHE_WIRE_TARGETS="name=host:port ..." plays the cases and the storms against running programs.
Without it, and for what needs short time-outs, http_echo is taken from RENHE_WIRE_ECHO or built by
preset asan with the address and undefined-behaviour sanitizers. Each takes a port that the system picks.
RENHE_WIRE_SPLITS is none, some (default) or all.
"""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import play  # noqa: E402

TARGETS = dict(t.split("=", 1) for t in os.environ.get("RENHE_WIRE_TARGETS", "").split())
SPLITS = os.environ.get("RENHE_WIRE_SPLITS", "some")
GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="session")
def echo_binary():
    given = os.environ.get("RENHE_WIRE_ECHO")
    if given:
        return given
    for step in (["cmake", "--preset", "asan"], ["cmake", "--build", "--preset", "asan", "--target", "http_echo"]):
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return os.path.join(ROOT, "build", "asan", "tests", "http_echo")


class Echo:
    """One http_echo; must end by SIGTERM with status 0, which under ASan also means: no leak."""

    def __init__(self, binary, threads=2, unix=None, fds=None, **settings):
        command = [binary, "unix:" + unix if unix else "127.0.0.1:0", str(threads)]
        command += ["%s=%d" % kv for kv in settings.items()]
        if fds:
            command = ["prlimit", "--nofile=%d" % fds, *command]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.unix = unix
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("http_echo: %s" % self.process.communicate()[1].decode())
        self.address = ("127.0.0.1", int(line))

    def connect(self):
        if not self.unix:
            return play.connect(self.address)
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        s.connect(self.unix)
        return s

    def cpu_s(self):
        fields = open("/proc/%d/stat" % self.process.pid).read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self):
        for line in open("/proc/%d/status" % self.process.pid):
            if line.startswith("VmRSS"):
                return int(line.split()[1])

    def fds(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def end(self, within=15):
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=within)
        assert self.process.returncode == 0, err.decode(errors="replace")[-4000:]


@pytest.fixture
def echo(echo_binary):
    made = []

    def make(**settings):
        made.append(Echo(echo_binary, **settings))
        return made[-1]
    yield make
    for e in made:
        if e.process.poll() is None:
            e.end()
        assert e.process.returncode == 0


@pytest.fixture(params=sorted(TARGETS) or ["http_echo"])
def target(request, echo):
    if TARGETS:
        return play.parse_address(TARGETS[request.param])
    return echo(threads=2).address


def read_answers(s, n, timeout=5.0):
    raw, end = b"", time.monotonic() + timeout
    while True:
        statuses, bodies, rest = play.split_answers(raw)
        if len(statuses) >= n:
            assert len(statuses) == n and not rest
            return statuses, bodies
        assert time.monotonic() < end, "only %r of %d answers" % (statuses, n)
        s.settimeout(max(end - time.monotonic(), 0.01))
        got = s.recv(65536)
        assert got, "closed after %r" % statuses
        raw += got


def read_to_end(s, timeout):
    """All bytes until the other side closes, and the seconds that took; None where it didn't."""
    raw, start = b"", time.monotonic()
    while time.monotonic() - start < timeout:
        if not select.select([s], [], [], 0.05)[0]:
            continue
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            got = b""
        if not got:
            return raw, time.monotonic() - start
        raw += got
    return raw, None


# ---- any target ----

def test_cases(target):
    failures, cases, played = play.run(target, SPLITS)
    print("%d cases in %d forms" % (cases, played))
    assert not failures, "\n".join(failures[:40])


def test_no_case_is_twice():
    """As many as we say, each with its section and rows, of which a test of the matrix may tell."""
    names = [c.name for c in play.all_cases()]
    twice = {n for n in names if names.count(n) > 1 and not n.startswith(("raw", "llhttp"))}
    assert not twice
    assert len(list(play.listed_cases())) >= 290 and len(list(play.h1spec_cases())) == 34


def test_thousand_keep_alive(target):
    s = play.connect(target)
    for i in range(1000):
        s.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i)
        (status,), _ = read_answers(s, 1)
        assert status not in play.FRAMING and status < 500
    s.close()


def test_reset_storm(target):
    """RST after the request, in the middle of a head, of a body: the server goes on (H30)."""
    pieces = [GET, GET[:20], b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\nabc", GET * 3]

    def one(i):
        s = play.connect(target)
        s.sendall(pieces[i % len(pieces)])
        play.reset(s)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(2000)))
    s = play.connect(target)
    s.sendall(GET)
    assert read_answers(s, 1)[0][0] < 500
    s.close()


# ---- http_echo ----

def test_h1spec(echo):
    """The public suite as it is meant: of a server that answers every path, 2xx where it asks for that (H22)."""
    failures, cases, _ = play.run(echo(threads=2).address, "some", cases=list(play.h1spec_cases(paths_are_ours=True)))
    assert not failures, "\n".join(failures)
    assert cases == 34


def test_on_the_loop(echo):
    """The same cases where answers are given from within on_request."""
    failures, _, _ = play.run(echo(threads=0).address, "none")
    assert not failures, "\n".join(failures[:40])


@pytest.mark.parametrize("threads", [0, 4])
def test_pipelined_in_order(echo, threads):
    e = echo(threads=threads)
    s = e.connect()
    n = 200
    s.sendall(b"".join(b"POST /%s/%d HTTP/1.1\r\nHost: a\r\nAuthorization: t%d\r\nContent-Length: %d\r\n\r\n%s"
                       % (b"slow" if i % 50 == 7 else b"p", i, i, i, b"b" * i) for i in range(n)))
    _, bodies = read_answers(s, n, 20)
    for i, body in enumerate(bodies):
        got = json.loads(body)
        assert got["path"].endswith("/%d" % i) and got["body_bytes"] == i and got["authorization"] == "t%d" % i
    s.close()


@pytest.mark.parametrize("size", [0, 1, 7000, 8100, 8192, 9000, 60000, 1 << 20, 5000000])
@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_bodies(echo, size, coding):
    e = echo()
    body = bytes((i * 7 + i // 251) % 256 for i in range(size))
    head = b"POST /upload HTTP/1.1\r\nHost: a\r\n"
    if coding == "length":
        data = head + b"Content-Length: %d\r\n\r\n" % size + body
    else:
        parts = [body[i:i + 3001] for i in range(0, size, 3001)]
        data = head + b"Transfer-Encoding: chunked\r\n\r\n"
        data += b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\nX: y\r\n\r\n"
    total = 0
    for b in body:
        total = (total * 31 + b) & 0xffffffff
    s = e.connect()
    for _ in range(2):
        s.sendall(data + GET)
        _, bodies = read_answers(s, 2, 20)
        got = json.loads(bodies[0])
        assert got["body_bytes"] == size and got["body_sum"] == total
        assert json.loads(bodies[1])["method"] == "GET"
    s.close()


def test_long_head_with_chunks(echo):
    """A head that fills the buffer leaves no room behind it for the chunks."""
    e = echo()
    for pad in [*range(7000, 8300, 13), 30000, 32600]:
        s = e.connect()
        s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nX: " + b"p" * pad +
                  b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + GET)
        _, bodies = read_answers(s, 2)
        assert json.loads(bodies[0])["body_bytes"] == 5 and json.loads(bodies[0])["path"] == "/x"
        s.close()


def test_expect_continue(echo):
    e = echo()
    s = e.connect()
    for n in (5, 20000):
        s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % n)
        assert s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(b"b" * n)
        _, bodies = read_answers(s, 1)
        assert json.loads(bodies[0])["body_bytes"] == n
    s.sendall(b"POST /x HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
    assert not select.select([s], [], [], 0.3)[0]  # HTTP/1.0 doesn't know it
    s.close()


def test_too_large_is_told_at_once(echo):
    e = echo()
    for expect in (b"", b"Expect: 100-continue\r\n"):
        s = e.connect()
        s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\n" + expect + b"Content-Length: 1048577\r\n\r\n")
        raw, seconds = read_to_end(s, 3)
        assert raw.startswith(b"HTTP/1.1 413 ") and b"BODY_TOO_LARGE" in raw and seconds < 1
        s.close()
    s = e.connect()  # the limit itself passes
    s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + b"a" * 1048576)
    assert read_answers(s, 1)[0] == [200]
    s.close()


def test_refusal_reaches_a_sending_client(echo):
    """The answer isn't lost to a reset while the client is still sending."""
    e = echo()
    for _ in range(20):
        s = e.connect()
        s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + b"a" * 300000)
        raw, _ = read_to_end(s, 4)
        assert raw.startswith(b"HTTP/1.1 413 ")
        s.close()


def test_answer_head(echo):
    e = echo()

    def get(path, line=b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        s = e.connect()
        s.sendall(line % path)
        raw, _ = read_to_end(s, 3)
        s.close()
        return raw
    raw = get(b"/x")
    assert raw.startswith(b"HTTP/1.1 200 OK\r\nDate: ") and b" GMT\r\n" in raw and b"\r\nContent-Length: " in raw
    assert b"\r\nConnection: close\r\n" in raw
    for status in (204, 304):
        raw = get(b"/status/%d" % status)
        assert raw.endswith(b"\r\n\r\n") and b"Content-" not in raw
    assert b"\r\nX-A: b\r\n" in get(b"/headers?X-A:%20b%0d%0a")
    for evil in (b"X:%20a%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0a", b"X:%20a%0aY:%20b%0d%0a", b"X",
                 b"Content-Length:%200%0d%0a", b"Transfer-Encoding:%20chunked%0d%0a"):
        raw = get(b"/headers?" + evil)
        assert raw.startswith(b"HTTP/1.1 500 ") and raw.count(b"HTTP/1.1") == 1
        assert play.split_answers(raw)[2] == b""
    assert b"HTTP/1.1 500 " in get(b"/status/999")
    assert b"\r\nConnection: keep-alive\r\n" in get(
        b"/x", b"GET %s HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\nbad\r\n\r\n")
    assert b"1.9" not in get(b"/x", b"GET %s HTTP/1.9\r\nHost: a\r\nConnection: close\r\n\r\n")


def test_half_close_is_answered(echo):
    e = echo()
    s = e.connect()
    s.sendall(GET + b"GET /slow/200 HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
    s.shutdown(socket.SHUT_WR)
    raw, _ = read_to_end(s, 4)
    assert play.split_answers(raw)[0] == [200, 200, 200]
    s.close()


def test_slow_head(echo):
    """Bytes trickle; closed at the time-out, told 408; others are served meanwhile (H23)."""
    e = echo(head=2, idle=30)
    s = e.connect()
    start = time.monotonic()
    s.sendall(b"GET / HTTP/1.1\r\nX: ")
    raw = b""
    while time.monotonic() - start < 6:
        if select.select([s], [], [], 0.1)[0]:
            raw, _ = read_to_end(s, 1)
            break
        s.sendall(b"a")
        other = e.connect()
        other.sendall(GET)
        assert read_answers(other, 1, 1)[0] == [200]
        other.close()
    assert 1.9 < time.monotonic() - start < 4 and raw.startswith(b"HTTP/1.1 408 ")
    s.close()


def test_slow_body(echo):
    e = echo(body=2)
    for coding in (b"Content-Length: 100000", b"Content-Length: 10", b"Transfer-Encoding: chunked"):
        s = e.connect()
        start = time.monotonic()
        s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\n" + coding + b"\r\n\r\n")
        raw = b""
        while time.monotonic() - start < 6:
            if select.select([s], [], [], 0.3)[0]:
                raw, _ = read_to_end(s, 1)
                break
            s.sendall(b"1\r\na\r\n" if b"chunked" in coding else b"a")
        assert 1.9 < time.monotonic() - start < 4 and raw.startswith(b"HTTP/1.1 408 ")
        s.close()


def test_steady_body_may_take_longer(echo):
    e = echo(body=2)
    s = e.connect()
    s.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 160000\r\n\r\n")
    for _ in range(40):
        s.sendall(b"a" * 4000)
        time.sleep(0.1)
    assert json.loads(read_answers(s, 1)[1][0])["body_bytes"] == 160000
    s.close()


def test_idle(echo):
    e = echo(idle=1)
    for first in (b"", GET):
        s = e.connect()
        if first:
            s.sendall(first)
            read_answers(s, 1)
        raw, seconds = read_to_end(s, 5)
        assert raw == b"" and 0.7 < seconds < 3
        s.close()


def test_slow_reader(echo):
    """A reader that stops, and one that sips, of 50 MB: cut off; memory comes back."""
    e = echo(stall=2)
    before = e.fds()
    for sip in (False, True):
        s = e.connect()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(b"GET /big/50000001 HTTP/1.1\r\nHost: a\r\n\r\n")
        start = time.monotonic()
        time.sleep(0.3)
        assert e.fds() == before + 1
        while e.fds() > before and time.monotonic() - start < 20:
            time.sleep(0.2)
            if sip:
                s.recv(1024)
        assert 1.5 < time.monotonic() - start < (15 if sip else 6)
        s.close()


def test_client_gone_mid_answer(echo):
    """Reset while the answer is being made, being sent, and in a burst; no crash, no leak."""
    e = echo(threads=4)
    before = e.fds()

    def one(i):
        s = e.connect()
        s.sendall((b"GET /big/3000000 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /slow/30 HTTP/1.1\r\nHost: a\r\n\r\n",
                   b"GET /slow/10 HTTP/1.1\r\nHost: a\r\n\r\n" * 5)[i % 3])
        if i % 2:
            s.recv(100 if i % 3 else 20000)
        if i % 4 < 3:
            play.reset(s)
        else:
            s.close()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(600)))
    deadline = time.monotonic() + 10
    while e.fds() > before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert e.fds() == before


def test_no_growth(echo):
    """Memory after 20,000 connections is that after 4,000 (H30)."""
    e = echo(threads=0)

    def some(n):
        for _ in range(n):
            s = e.connect()
            s.sendall(GET)
            s.recv(1000)
            play.reset(s)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(some, [1000] * 4))
        first = e.memory_kb()
        list(pool.map(some, [4000] * 4))
    # The sanitizer keeps freed memory in quarantine; the bound allows for that.
    assert e.memory_kb() < first * 1.5 + 20000


def test_too_many_connections(echo):
    """Above the bound new ones wait, without a busy loop; idle ones make room after a second."""
    e = echo(connections=10, idle=60)
    held = [e.connect() for _ in range(10)]
    time.sleep(0.2)
    busy = e.cpu_s()
    s = e.connect()
    s.sendall(GET)
    assert read_answers(s, 1, 6)[0] == [200]
    assert e.cpu_s() - busy < 0.5
    for h in held + [s]:
        h.close()


def test_descriptors_run_out(echo):
    """accept fails with EMFILE: no busy loop, and service goes on as soon as some are closed."""
    e = echo(threads=0, fds=40)
    held = [e.connect() for _ in range(60)]
    time.sleep(0.5)
    before = e.cpu_s()
    time.sleep(1.5)
    assert e.cpu_s() - before < 0.3
    for h in held[:40]:
        h.close()
    s = e.connect()
    s.sendall(GET)
    assert read_answers(s, 1, 6)[0] == [200]
    for h in held[40:] + [s]:
        h.close()


def test_drain(echo):
    """SIGTERM: idle ones are closed, the one in flight is answered with close, then it ends."""
    e = echo(threads=2)
    idle, busy, half = e.connect(), e.connect(), e.connect()
    busy.sendall(b"GET /slow/800 HTTP/1.1\r\nHost: a\r\n\r\n")
    half.sendall(GET[:10])
    time.sleep(0.3)
    e.process.send_signal(signal.SIGTERM)
    raw, seconds = read_to_end(idle, 3)
    assert raw == b"" and seconds < 0.5
    with pytest.raises(OSError):
        e.connect()
    half.sendall(GET[10:])
    for s in (half, busy):
        raw, _ = read_to_end(s, 3)
        assert raw.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in raw
        s.close()
    _, err = e.process.communicate(timeout=5)
    assert e.process.returncode == 0, err.decode(errors="replace")[-4000:]


def test_unix_socket(echo, echo_binary, tmp_path):
    path = str(tmp_path / "s")
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()  # a file that nobody listens on
    e = echo(unix=path)
    assert os.stat(path).st_mode & 0o777 == 0o660
    s = e.connect()
    s.sendall(GET * 2)
    assert read_answers(s, 2)[0] == [200, 200]
    s.close()
    second = subprocess.run([echo_binary, "unix:" + path], capture_output=True, timeout=5)
    assert second.returncode == 69 and b"another process" in second.stderr
    e.end()
    assert not os.path.exists(path)


@pytest.mark.parametrize("address", ["", "x", "127.0.0.1", "127.0.0.1:", "nowhere.invalid:1", "unix:/nowhere/s",
                                     "unix:" + "x" * 200, "unix:/etc/passwd"])
def test_bad_address(echo_binary, address):
    done = subprocess.run([echo_binary, address], capture_output=True, timeout=20)
    assert done.returncode == 69 and done.stderr
    assert os.path.isfile("/etc/passwd")
