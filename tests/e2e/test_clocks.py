"""The real-time clock of one instance jumps while those of the others stand (F29): within the allowance of a minute nothing is
noticed, beyond it no token counts, early or late; and when it is right again everything goes on. The audit stays provable."""
import struct
import subprocess
import time
from pathlib import Path

import pytest

from beside import Beside
from gateways import Gateway
from hires import hires
from renhe import CHECKOUT, wait_until
from test_audit_log import command

PATH = "/api/v1/employees"
ALLOWED_S, HOURS_S = 50, 7200
SOURCE = CHECKOUT / "tests/faults/jumping_clock.c"


class Clock:
    """The clock of one program: clock.jump(seconds)."""

    def __init__(self, folder):
        self.file, self.library = folder / "shift", folder / "jumping_clock.so"
        self.jump(0)
        subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", SOURCE, "-o", self.library], check=True)
        self.settings = {"LD_PRELOAD": str(self.library), "JUMPING_CLOCK_FILE": str(self.file)}

    def jump(self, seconds):
        with open(self.file, "r+b" if self.file.exists() else "wb") as f:
            f.write(struct.pack("q", seconds))


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return Clock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def archive(suite, clock):
    first = suite.run_dir / "service/archive/env"
    with Beside(suite, "archive", Path(suite.env["RENHE_BIN"]) / "archive", 56, **clock.settings,
                RENHE_KAFKA_BROKERS=(first / "RENHE_KAFKA_BROKERS").read_text().strip()) as beside:
        yield beside
    clock.jump(0)


def status(client):
    return client.get(PATH, query={"page_size": 1}).status


def test_a_service_whose_clock_jumps(suite, archive, clock, figure):
    """What is too old or not yet there is refused by whoever thinks so; nothing lives longer for a clock that is behind."""
    seen = {}
    for jump in (ALLOWED_S, -ALLOWED_S, HOURS_S, -HOURS_S, 0):
        clock.jump(jump)
        client = archive.client(suite.sign_in_as("HR", "demo").token)
        seen[jump] = status(client)
    assert seen == {ALLOWED_S: 200, -ALLOWED_S: 200, HOURS_S: 401, -HOURS_S: 401, 0: 200}
    figure(", ".join(f"{jump:+} s: {s}" for jump, s in seen.items()))


def test_writes_of_two_clocks_stand_in_their_order(suite, archive, clock):
    """By turns at an instance a minute ahead, one a minute behind and the usual one: versions are in the order of the writes,
    and the audit of all three can be proved."""
    hr = suite.sign_in_as("HR", "demo")
    (hire,) = hires(hr, 1, "clocks", f"C{time.time_ns() % 10**9}")
    at, written = f"{PATH}/{hr.post(PATH, hire.body, key=hire.key).expect(201).json['id']}", []
    for jump in (ALLOWED_S, None, -ALLOWED_S, None, ALLOWED_S, -ALLOWED_S):
        clock.jump(jump or 0)
        client = hr if jump is None else archive.client(hr.token)
        tag = hr.get(at).expect(200).etag
        written.append(client.patch(at, {"email": f"clock{len(written)}.{time.time_ns()}@example.com"}, etag=tag).expect(200).etag)
    clock.jump(0)
    numbers = [int(tag.strip('"v')) for tag in written]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    wait_until(lambda: suite.psql_all("archive", "select count(*) from audit_unsealed")[0][0] == "0", 30, "the audit to be sealed")
    done = subprocess.run(command(suite, "archive", "audit", "verify", "archive"), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.mark.parametrize("jump", [HOURS_S, -HOURS_S])
def test_a_gateway_whose_clock_jumps(suite, clock, figure, jump):
    """It lets nobody in by a token that others would refuse, and takes up again when it is right."""
    clock.jump(0)
    with Gateway(suite, **clock.settings) as gateway:
        client = gateway.client(suite.sign_in_as("HR", "demo").token)
        assert status(client) == 200
        clock.jump(jump)
        try:
            refused = status(client)
            assert refused in (401, 503)
        finally:
            clock.jump(0)
        wait_until(lambda: status(client) == 200, 15, "the gateway to let people in again")
    figure(f"{jump:+} s at the gateway: {refused}")
