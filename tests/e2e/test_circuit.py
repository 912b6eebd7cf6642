"""What the gateway does about a service that is slow, silent or hangs up: it is left alone soon (F05), asked
again little (R05, F34), and callers are told at once instead of late (R01, R02, R08)."""
import asyncio
import signal
import threading
import time
from urllib.parse import urlsplit

import pytest

from backend import Backend
from gateways import Gateway
from http_client import Client
from renhe import wait_until

PATH = "/api/v1/employees?page_size=1"
FREE = {name: "0" for name in ("RENHE_READS_PER_MINUTE", "RENHE_TENANT_PER_MINUTE", "RENHE_OPEN_PER_MINUTE")}


@pytest.fixture(scope="module")
def token(suite):
    return suite.sign_in_as("HR", "demo").token


def timed(client, path):
    begin = time.monotonic()
    answer = client.get(path)
    return answer, time.monotonic() - begin


def test_a_stopped_service_is_left_alone(suite, token, figure):
    """F05: the kernel of a stopped process still takes connections. Within 5 s callers are told at once; other
    services go on; after it wakes, calls go through again, those that hung included."""
    with Gateway(suite, **FREE) as gateway:
        client, ends = gateway.client(token=token), []
        client.get(PATH).expect(200)
        suite.kill("archive", signal.SIGSTOP)
        try:
            begin = time.monotonic()
            hanging = threading.Thread(target=lambda: ends.append(gateway.client(token=token).get(PATH).status))
            hanging.start()
            wait_until(lambda: left_out(gateway), 5, "the circuit to open")
            opened = time.monotonic() - begin
            for _ in range(10):
                answer, took = timed(client, PATH)
                assert (answer.status, answer.code) == (503, "UPSTREAM_UNAVAILABLE") and took < 0.2
                assert int(answer.headers["retry-after"]) == 1
                client.get("/api/v1/me").expect(200)
        finally:
            suite.kill("archive", signal.SIGCONT)
        woke = time.monotonic()
        wait_until(lambda: client.get(PATH).status == 200, 5, "calls to go through again")
        hanging.join(15)
        assert ends == [200]
        figure(f"a stopped service is left alone after {opened:.1f} s, asked again {time.monotonic() - woke:.1f} s after it woke")


def left_out(gateway):
    return metric(gateway, "renhe_upstream_up", 'upstream="archive"') == 0


def metric(gateway, name, labels):
    for line in Client(f"http://127.0.0.1:{gateway.management}").get("/metrics").body.decode().splitlines():
        if line.startswith(name + "{") and labels in line:
            return int(float(line.split()[-1]))
    return None


def test_a_slow_answer_is_no_silence(suite, token):
    """A call may take longer than the wait for a sign of life: the front answers the probe beside it."""
    with Backend(delay_s=3.5) as backend, Gateway(suite, RENHE_UPSTREAM_ARCHIVE=backend.address, **FREE) as gateway:
        answers = []
        slow = threading.Thread(target=lambda: answers.append(gateway.client(token=token).get(PATH).status))
        slow.start()
        wait_until(lambda: backend.probes > 0, 5, "a probe")
        slow.join(10)
        assert answers == [200] and metric(gateway, "renhe_upstream_down_total", 'upstream="archive"') == 0


def test_retries_have_a_budget(suite, token, figure):
    """R05, F34: a service that hangs up on every call gets a tenth more, and callers an honest 503."""
    with Backend() as backend, Gateway(suite, RENHE_UPSTREAM_ARCHIVE=backend.address, **FREE) as gateway:
        client = gateway.client(token=token)
        client.get(PATH).expect(200)
        backend.mode, backend.calls = "drop", 0
        n = 300
        for _ in range(n):
            answer = client.get(PATH).expect(503)
            assert answer.code == "UPSTREAM_UNAVAILABLE" and answer.headers["retry-after"] == "1"
        assert n <= backend.calls <= n * 1.1 + 2
        backend.mode = "answer"
        client.get(PATH).expect(200)
        figure(f"{n} calls on a service that hangs up: {backend.calls - n} retries")


# ---- too many at once ----

async def one(at, request, ends, until, pause):
    """One caller on one connection: (status, seconds, when it ended), again and again; refused ones pause."""
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    while time.monotonic() < until:
        begin = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        now, status = time.monotonic(), int(head.split()[1])
        ends.append((status, now - begin, now))
        if status != 200:
            assert b"Retry-After: 1\r\n" in head
            await asyncio.sleep(pause)
    writer.close()


def load(url, token, callers, seconds, skip=2, pause=0.2):
    """(status, seconds) of what ended after the first `skip` seconds, which a burst may take."""
    at, ends = urlsplit(url), []
    request = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def all_of_them():
        until = time.monotonic() + seconds
        await asyncio.gather(*(one(at, request, ends, until, pause) for _ in range(callers)))
        return until - seconds
    begin = asyncio.run(all_of_them())
    return [(s, took) for s, took, when in ends if when - begin > skip]


def share(times, q):
    return sorted(times)[min(len(times) - 1, int(len(times) * q))]


def test_overload_is_told_at_once(suite, token, figure):
    """R01, R02: with far more callers than places those who are let in are served in time, as many as ever; the
    others hear so at once; afterwards nothing is left of it."""
    with Backend(delay_s=0.1) as backend, Gateway(suite, RENHE_UPSTREAM_ARCHIVE=backend.address, **FREE) as gateway:
        url = gateway.client().url
        calm = [took for s, took in load(url, token, 11, 4) if s == 200]  # 70 % of 16 places
        peak = len([1 for s, _ in load(url, token, 16, 4) if s == 200]) / 2
        storm = load(url, token, 250, 9, skip=4)
        good, refused = ([took for s, took in storm if (s == 200) == ok] for ok in (True, False))
        after = [took for s, took in load(url, token, 8, 3) if s == 200]
    assert {s for s, _ in storm} == {200, 503}
    figure(f"16 places of 100 ms, 250 callers: {len(good) / 5:.0f} answered a second (peak {peak:.0f}), p99 {share(good, .99) * 1000:.0f} ms "
           f"(70 %: {share(calm, .99) * 1000:.0f}); {len(refused) / 5:.0f} refused, p99 {share(refused, .99) * 1000:.0f} ms; "
           f"afterwards p99 {share(after, .99) * 1000:.0f} ms")
    assert len(good) / 5 >= peak * 0.9
    assert share(good, 0.99) < 1
    assert share(refused, 0.5) < 0.05
    assert share(after, 0.99) < 3 * share(calm, 0.99) + 0.1


def test_a_burst_is_taken(suite, token):
    """Many at once that then are served in turn: nobody is refused for a moment's crowd."""
    with Backend(delay_s=0.05) as backend, Gateway(suite, RENHE_UPSTREAM_ARCHIVE=backend.address, **FREE) as gateway:
        ends = []
        threads = [threading.Thread(target=lambda: ends.append(Client(gateway.client().url, token).get(PATH).status)) for _ in range(100)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert ends == [200] * 100
