"""Three brokers and two of each program: one broker dies, then two, then consumers come and go. Some minutes,
beside scripts/test:

    python3 -m pytest -p no:cacheprovider tests/faults/test_brokers.py

RENHE_THREE_SUITE names the run folder of a suite that stands already (scripts/up --instances 2 --brokers 3);
RENHE_SEED repeats a run."""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import business_clock  # noqa: E402
from hires import Storm, hires  # noqa: E402
from renhe import Suite, wait_until  # noqa: E402
from staff import end  # noqa: E402
from test_kill import FACTS, check_all, left  # noqa: E402

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
BROKERS = ("kafka", "kafka-2", "kafka-3")
BOTH = ("gateway", "gateway-2")
HIRES = 120
ENDED = 20
DRAINED_S = 120  # the promise of the fault rows: two minutes after the brokers are back
AWAY_S = 15


@pytest.fixture(scope="module")
def three():
    if "RENHE_THREE_SUITE" in os.environ:
        yield Suite.attach(os.environ["RENHE_THREE_SUITE"])
        return
    started = Suite.start(instances=2, brokers=3)
    yield started
    started.stop()


@pytest.fixture
def hr(three):
    return three.sign_in_as("HR", "demo")


def storm_of(three, hr, letter):
    prefix = f"{letter}{SEED:06}"
    return Storm(three, hires(hr, HIRES, SEED, prefix), gateways=BOTH), prefix


def waiting(three):
    return int(three.psql_all("archive", "select count(*) from outbox")[0][0])


def lagging(three):
    """Partitions that not all brokers have; asked of each, so that a dead one may be the first named."""
    done = subprocess.run(["kcat", "-q", "-F", three.env["RENHE_KCAT_CONFIG"], "-L", "-J", "-m", "5"],
                          capture_output=True, text=True, timeout=30)
    topics = json.loads(done.stdout)["topics"] if done.returncode == 0 and done.stdout else None
    assert topics, done.stderr
    return [p for t in topics for p in t["partitions"] if len(p["isrs"]) < len(BROKERS)]


def back(three, names):
    for name in names:
        three.control("up", name)


def wait_whole(three):
    wait_until(lambda: not lagging(three), DRAINED_S, "all brokers to have all records", every=0.5)


def check_order(three, people):
    """Of each key, whatever was sent twice: the first records of its events stand in their order."""
    seen, order = set(), collections.defaultdict(list)
    for e in three.events(FACTS):
        if e.headers["ce_id"] not in seen:
            seen.add(e.headers["ce_id"])
            order[e.headers["ce_subject"]].append(e.sequence)
    wrong = next((s for s, found in order.items() if found != sorted(found)), None)
    assert wrong is None, (wrong, order[wrong])
    assert all(order[person] == list(range(1, len(order[person]) + 1)) for person in people)
    return sum(len(order[person]) >= 2 for person in people)


def ended(hr, storm, day, some):
    """A second event of some of the people, while the first may still wait."""
    for hire in storm.hires[:some]:
        seen = hr.get(f"/api/v1/employees/{hire.answer.json['id']}").expect(200).json
        end(hr, seen["id"], day, etag=seen["etag"]).expect(200)


# ---- one, two ----

@pytest.mark.parametrize("victim", BROKERS)
def test_with_one_broker_dead_all_goes_on(three, hr, figure, victim):
    """F19: two of three acknowledge; nothing waits for the third."""
    wait_whole(three)
    storm, prefix = storm_of(three, hr, "ABC"[BROKERS.index(victim)])
    before = left(three)
    with storm:
        storm.release(HIRES // 2)
        storm.wait_done(10)
        three.kill_for_good(victim)
        died = time.monotonic()
        try:
            storm.release(HIRES)
            storm.wait_done(HIRES)
            assert not storm.refused
            wait_until(lambda: waiting(three) == 0, 60, "the outbox to be sent without the dead broker")
            sent = time.monotonic() - died
            check_all(three, storm, prefix, before)
        finally:
            back(three, [victim])
    start = time.monotonic()
    wait_whole(three)
    figure(f"{victim} dead (seed {SEED}): {HIRES} hires, outbox empty {sent:.1f} s after the kill with two brokers, sent again "
           f"{sum(storm.retries.values())} times; all records on all three {time.monotonic() - start:.1f} s after its return")


def test_with_two_brokers_dead_requests_are_answered_and_events_wait(three, hr, figure):
    """F20: one of three acknowledges nothing; all of it comes when they return, in order."""
    wait_whole(three)
    r = random.Random(SEED)
    victims = r.sample(BROKERS, 2)
    storm, prefix = storm_of(three, hr, "W")
    day = business_clock.today(three)
    with storm:
        storm.release(10)
        storm.wait_done(10)
        for name in victims:
            three.kill_for_good(name)
        died = time.monotonic()
        try:
            storm.release(HIRES)
            storm.wait_done(HIRES)
            answered = time.monotonic() - died
            assert not storm.refused
            ended(hr, storm, day, ENDED)
            time.sleep(max(0, AWAY_S - (time.monotonic() - died)))
            most = waiting(three)
            assert most >= HIRES - 10, "events went out that nobody could acknowledge"
            assert all(three.ready(name) for name in BOTH)
        finally:
            back(three, victims)
    start = time.monotonic()
    wait_until(lambda: waiting(three) == 0, DRAINED_S, "an empty outbox", every=0.2)
    drained = time.monotonic() - start
    wait_until(lambda: int(three.psql_all("identity", f"select count(*) from sign_in_name where display like '{prefix}%'")[0][0]) == HIRES,
               DRAINED_S, "all accounts", every=0.2)
    twice = check_order(three, [h.answer.json["person_id"] for h in storm.hires])
    assert twice == ENDED
    assert int(three.psql_all("identity", "select count(*) from dead_letter")[0][0]) == 0
    slowest = max(h.answered - h.sent for h in storm.hires)
    figure(f"{' and '.join(victims)} dead (seed {SEED}): {HIRES} hires answered in {answered:.1f} s, slowest {slowest:.2f} s; "
           f"{most} events waited, drained {drained:.1f} s after the return, in order, {twice} people with two or more")


# ---- consumers that come and go ----

def test_a_storm_of_rebalances_handles_each_event_once(three, hr, figure):
    """F23: instances are killed and stopped for longer than a session lasts; one that wakes finds its partitions
    with another."""
    wait_whole(three)
    r = random.Random(SEED)
    storm, prefix = storm_of(three, hr, "R")
    before = left(three)
    sleeper = r.choice(("identity", "identity-2"))
    victims = [v for v in ("archive", "archive-2", *("identity", "identity-2") * 3) if v != sleeper]
    r.shuffle(victims)
    start = time.monotonic()
    with storm:
        storm.release(HIRES // 2)
        three.kill(sleeper, signal.SIGSTOP)
        pid = three.pid(sleeper)
        for i, name in enumerate(victims):
            storm.release(HIRES // 2 + i * HIRES // 20)
            three.kill(name)
            three.wait_ready(name)
            time.sleep(r.uniform(1, 2.5))
        time.sleep(max(0, 12 - (time.monotonic() - start)))
        os.kill(pid, signal.SIGCONT)
        three.wait_ready(sleeper)
        storm.release(HIRES)
        storm.wait_done(HIRES)
    assert not storm.refused, [(h.number, a.status, a.body) for h, a in storm.refused]
    repeats = check_all(three, storm, prefix, before)
    figure(f"rebalances (seed {SEED}): {HIRES} hires in {time.monotonic() - start:.1f} s amid {len(victims)} kills and {sleeper} "
           f"asleep for 12 s; records that repeat a ce_id: {repeats}")
