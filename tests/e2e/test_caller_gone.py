"""A caller who goes away takes his statement along: it is cancelled on the server long before its own end (R07). One
who only shuts his sending half still gets the answer, and what writes goes on to its end."""
import os
import socket
import subprocess
import time
from urllib.parse import urlparse

import pytest

import staff
from renhe import wait_until

PATH = "/api/v1/employees?page_size=1"
HELD = "renhe-test-gone"


class Lock:
    """Holds the table so that every statement on it waits."""

    def __init__(self, suite):
        self.suite = suite
        cmd = [*(["chpst", "-u", "postgres"] if os.getuid() == 0 else []), "psql", "-X", "-q", "-A", "-t", "-U", "postgres", "-h", str(suite.run_dir / "pg"),
               "-p", str(int(suite.env["RENHE_PORT_BASE"]) + 40), "-d", "archive"]
        self.psql = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")

    def __enter__(self):
        self.psql.stdin.write("begin; lock table employee in access exclusive mode; select 'held';\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline() == "held\n"
        return self

    def release(self):
        if self.psql.poll() is None:
            self.psql.communicate("rollback;\n", timeout=10)

    def __exit__(self, *_):
        self.release()

    def waiting(self):
        """Statements of archive that wait for the table."""
        return int(self.suite.psql_all("archive", "select count(*) from pg_locks l join pg_stat_activity a using (pid) "
                                       "where not l.granted and a.usename = 'archive_app'")[0][0])


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


def call(suite, via, token):
    at = urlparse(suite.env["RENHE_URL" if via == "gateway" else "RENHE_ARCHIVE_URL"])
    s = socket.create_connection((at.hostname, at.port), timeout=10)
    s.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {at.hostname}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return s


@pytest.mark.parametrize("via", ["archive", "gateway"])
def test_a_caller_who_goes_takes_his_statement_along(suite, hr, via, figure):
    with Lock(suite) as lock:
        s = call(suite, via, hr.token)
        wait_until(lambda: lock.waiting() == 1, 3, "the statement to wait", every=0.05)
        began = time.monotonic()
        s.close()
        wait_until(lambda: lock.waiting() == 0, 4, "the statement to be cancelled", every=0.05)
        took = time.monotonic() - began
    assert took < 3.5  # its own end comes at 5 s
    figure(f"{via}: cancelled {took:.1f} s after the caller went")
    hr.get("/api/v1/employees", query={"page_size": 1}).expect(200)


@pytest.mark.parametrize("via", ["archive", "gateway"])
def test_who_sends_no_more_still_gets_his_answer(suite, hr, via):
    with Lock(suite) as lock:
        s = call(suite, via, hr.token)
        wait_until(lambda: lock.waiting() == 1, 3, "the statement to wait", every=0.05)
        s.shutdown(socket.SHUT_WR)
        time.sleep(0.3)
        lock.release()
        assert s.recv(15) == b"HTTP/1.1 200 OK"
        s.close()


def test_who_waits_is_left_alone(suite, hr):
    with Lock(suite) as lock:
        s = call(suite, "gateway", hr.token)
        wait_until(lambda: lock.waiting() == 1, 3, "the statement to wait", every=0.05)
        time.sleep(2.5)
        assert lock.waiting() == 1
        lock.release()
        assert s.recv(15) == b"HTTP/1.1 200 OK"
        s.close()


def test_what_writes_goes_on(suite, hr):
    """The caller may ask for it again by its key, and is told what became of it."""
    own = staff.claims(hr.token)["person_id"]  # a change of the own record waits for another one
    one = next(e for e in hr.get("/api/v1/employees").expect(200).json["items"] if e["person_id"] != own)
    at = urlparse(suite.env["RENHE_URL"])
    email = f"gone{time.time_ns()}@example.com"
    body = f'{{"email":"{email}"}}'.encode()
    with Lock(suite) as lock:
        s = socket.create_connection((at.hostname, at.port), timeout=10)
        s.sendall((f"PATCH /api/v1/employees/{one['id']} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hr.token}\r\nIf-Match: *\r\n"
                   f"Content-Type: application/merge-patch+json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
        wait_until(lambda: lock.waiting() == 1, 3, "the statement to wait", every=0.05)
        s.close()
        time.sleep(2)
        assert lock.waiting() == 1
    wait_until(lambda: hr.get(f"/api/v1/employees/{one['id']}").expect(200).json["etag"] != one["etag"], 5,
               "the change to be there", every=0.2)
