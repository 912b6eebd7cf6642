"""Bad lines: between archive and its database, and between gateway and archive. Answers that don't come, packets that are
lost, connections that end or go silent: slower, or an honest 503 or 504, never a lost or a doubled effect (F31 to F37).

RENHE_FAULT_S   how long each trouble lasts, 1.5 s unless told; the rows' 60 by `scripts/faults lines`
RENHE_SEED      repeats a run"""
import os
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

from beside import Beside  # noqa: E402
from gateways import Gateway  # noqa: E402
from hires import hires  # noqa: E402
from history import Recorder, read  # noqa: E402
from http_client import Client  # noqa: E402
from line import Line  # noqa: E402
from renhe import wait_until  # noqa: E402
from state import left, verdict, wait_quiet  # noqa: E402
from workload import Workload  # noqa: E402

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
LASTS_S = float(os.environ.get("RENHE_FAULT_S", 1.5))
PATH = "/api/v1/employees"
DEADLINE_S = 10  # RENHE_REQUEST_DEADLINE_MS as it ships
FOUND_S = 30  # F33: whoever vanished is found out
AGAIN_S = 10  # F31: all is well again
FREE = {name: "0" for name in ("RENHE_READS_PER_MINUTE", "RENHE_WRITES_PER_MINUTE", "RENHE_TENANT_PER_MINUTE", "RENHE_OPEN_PER_MINUTE")}


class Lined:
    """A second archive whose database is at the end of one line, and a gateway at the end of another before it."""

    def __init__(self, suite):
        settings = {f.name: f.read_text().split("\n")[0] for f in (suite.run_dir / "service/archive/env").iterdir()}
        self.suite = suite
        self.database = Line(f"{settings['RENHE_PG_HOST']}/.s.PGSQL.{settings['RENHE_PG_PORT']}", SEED)
        self.brokers = settings["RENHE_KAFKA_BROKERS"]

    def __enter__(self):
        self.database.__enter__()
        self.beside = Beside(self.suite, "archive", Path(self.suite.env["RENHE_BIN"]) / "archive", 56, RENHE_PG_HOST="127.0.0.1",
                             RENHE_PG_PORT=str(self.database.port), RENHE_KAFKA_BROKERS=self.brokers)
        self.beside.__enter__()
        self.service = Line(("127.0.0.1", self.beside.port), SEED).__enter__()
        self.gateway = Gateway(self.suite, RENHE_UPSTREAM_ARCHIVE=self.service.address, **FREE)
        self.gateway.__enter__()
        self.hr = self.suite.sign_in_as("HR", "demo")
        return self

    def __exit__(self, *_):
        for part in (self.gateway, self.service, self.beside, self.database):
            part.__exit__()

    def client(self):
        """Straight of the second archive."""
        return Client(f"http://127.0.0.1:{self.beside.port}", self.hr.token, timeout=20)

    def heal(self):
        for line in (self.service, self.database):
            line.heal()


@pytest.fixture(scope="module")
def lined(suite):
    with Lined(suite) as lined:
        yield lined


def timed(call):
    began = time.monotonic()
    answer = call()
    return answer, time.monotonic() - began


def look(lined):
    return timed(lambda: lined.client().get(PATH, query={"page_size": 1}))


def established(port):
    """Connections to a port of this machine, as whoever made them sees them."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {cells[1] for cells in rows if cells[3] == "01" and int(cells[2].split(":")[1], 16) == port}


# ---- latency ----

def test_latency_and_jitter(lined, figure):
    """F37: each way of each turn takes 200 ms, and up to 50 more or less; a read takes its turns and nothing else."""
    client, line, took = lined.client(), lined.database, []
    look(lined)[0].expect(200)
    line.delay_s, line.jitter_s = 0.2, 0.05
    try:
        turns = line.turns
        for _ in range(8):
            answer, s = timed(lambda: client.get(PATH, query={"page_size": 1}))
            answer.expect(200)
            took.append(s)
        turns = (line.turns - turns) / len(took)
    finally:
        line.heal()
    # Timers and the relay use the same line: what they add to the count only widens the bound.
    assert 0.3 <= min(took) and max(took) <= turns * 0.5 + 0.5
    figure(f"200 ms and jitter each way: {turns:.1f} turns a read with those of timers, median {statistics.median(took):.2f} s, at most {max(took):.2f} s")


def test_latency_beyond_the_deadline(lined, figure):
    """F37: whoever can't be answered in time is told so in time, and what comes late harms nobody."""
    with Gateway(lined.suite, offset=6, RENHE_UPSTREAM_ARCHIVE=lined.service.address, RENHE_UPSTREAM_DEADLINE_MS="1500") as gateway:
        client = gateway.client(lined.hr.token)
        client.get(PATH, query={"page_size": 1}).expect(200)
        lined.service.delay_s = 1
        try:
            answer, s = timed(lambda: client.get(PATH, query={"page_size": 1}))
        finally:
            lined.heal()
        assert answer.status == 504 and 1.4 <= s <= 2.5, (answer.status, s)
        wait_until(lambda: client.get(PATH, query={"page_size": 1}).status == 200, AGAIN_S, "reads to be answered again")
    figure(f"2 s of latency where 1.5 are given: {answer.code} after {s:.1f} s")


# ---- a peer that vanishes ----

def test_a_database_that_vanishes(lined, figure):
    """F31, F33: no FIN, no RST, no answer to a SYN. Calls end by their deadlines, connections are found dead, and what was
    asked meanwhile is settled by its key afterwards."""
    asked = hires(lined.hr, 4, SEED, f"V{SEED:06}")
    with ThreadPoolExecutor(8) as pool:
        assert {a.status for a, _ in pool.map(lambda _: look(lined), range(8))} == {200}
        before, line = established(lined.database.port), lined.database
        assert before
        line.vanish()
        gone = time.monotonic()
        try:
            calls = [pool.submit(timed, lambda h=h: lined.client().post(PATH, h.body, key=h.key)) for h in asked]
            calls += [pool.submit(look, lined) for _ in range(4)]
            ends = [call.result() for call in calls]
            assert {a.status for a, _ in ends} <= {503, 504}, [(a.status, a.code) for a, _ in ends]
            wait_until(lambda: not before & established(line.port), FOUND_S - (time.monotonic() - gone), "dead connections to be found")
            found = time.monotonic() - gone
            time.sleep(max(0, LASTS_S - found))
        finally:
            line.heal()
    healed = time.monotonic()
    wait_until(lambda: look(lined)[0].status == 200, AGAIN_S, "reads to be answered again")
    again = time.monotonic() - healed
    for h in asked:
        wait_until(lambda: lined.client().post(PATH, h.body, key=h.key).status == 201, AGAIN_S, "a hire to be settled", every=0.3)
    ((n, distinct),) = lined.suite.psql_all("archive", "select count(*), count(distinct employee_number) from employee "
                                                       f"where employee_number like 'V{SEED:06}%'")
    assert (int(n), int(distinct)) == (len(asked), len(asked))
    slowest = max(s for _, s in ends)
    assert slowest <= DEADLINE_S + 2
    figure(f"vanished (seed {SEED}): {len(ends)} calls ended by 503 or 504 after {slowest:.1f} s at most, {len(before)} connections found dead "
           f"after {found:.1f} s, reads again {again:.1f} s after the line was back")


# ---- the whole history, amid each trouble in turn ----

def latency(line, _):
    line.delay_s, line.jitter_s = 0.2, 0.1


def loss(line, _):
    line.lose(0.3)


def one_way(line, _):
    line.mute()


def vanished(line, _):
    line.vanish()


def resets(line, end):
    """F34: all connections, ten times a second."""
    while time.monotonic() < end:
        line.cut()
        time.sleep(0.1)


WHERE = ("both",) if LASTS_S < 30 else ("database", "service", "both")
TROUBLES = (loss, one_way, resets, vanished, latency)


def trouble(act, line):
    end = time.monotonic() + LASTS_S
    act(line, end)
    time.sleep(max(0, end - time.monotonic()))
    line.heal()
    time.sleep(LASTS_S / 3)


@pytest.mark.parametrize("where", WHERE)
def test_amid_bad_lines_nothing_is_lost_or_twice(lined, tmp_path, figure, where):
    """F31, F32, F34, F35, F37 under load: C1, C2, C3 and C5 of what clients saw."""
    draw, suite, before = random.Random(SEED), lined.suite, left(lined.suite)
    load = Workload(suite, Recorder(tmp_path / "history.jsonl"), SEED)
    load.url = f"http://127.0.0.1:{lined.gateway.port}"
    try:
        with load:
            time.sleep(1)
            for act in draw.sample(TROUBLES, len(TROUBLES)):
                trouble(act, getattr(lined, draw.choice(("database", "service")) if where == "both" else where))
    finally:
        lined.heal()
    wait_quiet(suite)
    ops = read(tmp_path / "history.jsonl")
    ended = {e: sum(op["event"] == e for op in ops) for e in ("ok", "fail", "unknown")}
    wrong = verdict(suite, ops, load.prefix, before) + [f"odd answer {o}" for o in load.odd]
    assert not wrong, (SEED, wrong[:20])
    assert ended["ok"] > 20 and sum(load.again.values()) > 0
    figure(f"{where} (seed {SEED}): {len(ops)} operations, {ended['ok']} acknowledged, {ended['fail']} refused, {ended['unknown']} unknown; "
           f"sent again {sum(load.again.values())} times")
