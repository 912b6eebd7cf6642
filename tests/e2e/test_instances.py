"""Two of everything: gateways and services that stand beside each other on the same databases and the same
broker. What one of them promised holds at the other, and any of them may die."""
import collections
import http.client
import os
import random
import threading
import time

import pytest

from hires import PATH, Storm, hires
from http_client import Client, KeptClient
from renhe import SERVICES, wait_until
from staff import Staff, begin_load, csv_bytes, end_of_load
from test_kill import check_all, left
from watch import Watch

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
PROGRAMS = (*SERVICES, "gateway")
BOTH = ("gateway", "gateway-2")
HIRES, PARALLEL, SIGN_OUTS = 160, 100, 5
RELAY_S, MEMBER_S, REVOKED_S = 5, 20, 1


@pytest.fixture(scope="module")
def two(own_suite):
    """The suite that may be hurt, with two of each for a while."""
    own_suite.up("--no-build", "--instances", "2")
    yield own_suite
    if "gateway-2" in shown(own_suite):
        own_suite.up("--no-build", "--instances", "1")


@pytest.fixture
def hr(two):
    return two.sign_in_as("HR", "demo")


def at(two, name, client):
    """The same caller at another gateway."""
    return KeptClient(two.url(name), client.token, timeout=60)


def shown(suite):
    """The processes that scripts/status shows, all of them green."""
    return {line.split()[0] for line in suite.script("status").stdout.splitlines()[1:]}


def answered(two, name):
    """Requests that a program has answered, whatever became of them."""
    return sum(n for row, n in two.metrics(name).items() if row.startswith("renhe_requests_total"))


def one_hire(hr, name):
    return hires(hr, 1, f"{SEED} {name}", f"{name}{SEED:06}")[0]


def account_known(two, number):
    return two.psql_all("identity", f"select 1 from sign_in_name where display = '{number}'")


def leader(two):
    """The archive that holds the relay's locks."""
    held = [n for n in ("archive", "archive-2") if two.ready(n) and two.metrics(n)["renhe_relay_leader"] == 1]
    assert len(held) == 1, held
    return held[0]


# ---- what stands ----

def test_status_shows_both_of_each(two):
    assert {f"{name}{more}" for name in PROGRAMS for more in ("", "-2")} <= shown(two)


def test_each_gateway_spreads_over_both_instances(two, hr):
    for gateway in BOTH:
        before = {name: answered(two, name) for name in ("archive", "archive-2")}
        client = at(two, gateway, hr)
        for _ in range(20):
            client.get(PATH, query={"page_size": "1"}).expect(200)
        more = {name: answered(two, name) - n for name, n in before.items()}
        assert min(more.values()) >= 5, (gateway, more)


def test_one_of_each_does_what_is_done_once(two):
    assert sum(two.metrics(name)["renhe_relay_leader"] for name in ("archive", "archive-2")) == 1
    keys = two.psql_all("identity", "select count(*) from signing_key")
    assert keys == [["1"]], "each identity made a key of its own"


# ---- promises to callers ----

def test_a_session_that_ends_has_ended_at_both_gateways(two, figure):
    person, worst = two.account("EMPLOYEE", "demo"), {}
    for _ in range(SIGN_OUTS):
        client = two.sign_in(person["tenant"], person["sign_in_name"], person["password"])
        with Watch({name: at(two, name, client) for name in BOTH}, "/api/v1/me") as watch:
            wait_until(lambda: all(watch.worked(name) for name in BOTH), 5, "access before its end")
            client.delete("/api/v1/sessions/current").expect(204)
            done = time.monotonic()
            assert watch.until_refused(30)
        for name in BOTH:
            worst[name] = max(worst.get(name, 0), watch.refused_at(name) - done)
    assert max(worst.values()) <= REVOKED_S, worst
    figure(f"{SIGN_OUTS} sign-outs: refused after at most " + ", ".join(f"{s * 1000:.0f} ms at {n}" for n, s in worst.items()))


def test_both_identities_give_one_successor_of_a_token(two):
    """Within its grace (decision 14), whichever instance is asked; its session lives at both gateways."""
    person = two.account("EMPLOYEE", "demo")
    token = two.sign_in(person["tenant"], person["sign_in_name"], person["password"]).refresh_token
    for _ in range(3):
        got = [Client(two.url(name)).post("/api/v1/sessions:refresh", {"refresh_token": token}).expect(200).json
               for name in ("identity", "identity-2")]
        assert got[0]["refresh_token"] == got[1]["refresh_token"] != token
        for name in BOTH:
            for one in got:
                Client(two.url(name), one["access_token"]).get("/api/v1/me").expect(200)
        token = got[0]["refresh_token"]


def settled(two, name, token, hire, stop_at):
    """Sends it at its own gateway until the answer is not one that asks for another try."""
    client = KeptClient(two.url(name), token, timeout=30)
    while time.monotonic() < stop_at:
        try:
            answer = client.post(PATH, hire.body, key=hire.key)
        except (OSError, http.client.HTTPException):
            continue
        if answer.status not in (429, 502, 503, 504) and answer.code != "IDEMPOTENCY_IN_PROGRESS":
            return answer
        time.sleep(0.05)
    raise AssertionError("no answer for good")


def test_one_key_a_hundred_times_amid_a_kill_has_one_effect(two, hr, figure):
    hire, answers, stop_at = one_hire(hr, "H"), [], time.monotonic() + 40
    gate = threading.Barrier(PARALLEL + 1)

    def work(name):
        gate.wait()
        answers.append(settled(two, name, hr.token, hire, stop_at))
    threads = [threading.Thread(target=work, args=(BOTH[i % 2],)) for i in range(PARALLEL)]
    for t in threads:
        t.start()
    gate.wait()
    time.sleep(0.02)
    two.kill("archive")
    for t in threads:
        t.join()
    two.wait_ready("archive")
    assert len(answers) == PARALLEL
    assert {a.status for a in answers} == {201}, collections.Counter((a.status, a.code) for a in answers)
    assert len({a.body for a in answers}) == 1
    assert two.psql_all("archive", f"select count(*) from employee where employee_number = '{hire.number}'") == [["1"]]
    replays = sum(a.headers.get("idempotency-replayed") == "true" for a in answers)
    figure(f"one key {PARALLEL} times at two gateways amid a kill: {replays} replays of one body")


# ---- one that dies ----

def test_nothing_is_lost_or_twice_while_one_of_each_dies(two, hr, figure):
    """In turns under load; who retries at the other gateway is answered with nothing that won't pass."""
    r, prefix = random.Random(SEED), f"N{SEED:06}"
    victims = [f"{name}{more}" for name in ("archive", "identity", "gateway") for more in ("", "-2")]
    r.shuffle(victims)
    before = left(two)
    storm = Storm(two, hires(hr, HIRES, SEED, prefix), gateways=BOTH)
    start = time.monotonic()
    with storm:
        for i, name in enumerate(victims):
            storm.release((i + 1) * HIRES // len(victims))
            storm.wait_done(i * HIRES // len(victims) + 4)
            two.kill(name)
            two.wait_ready(name)
        storm.release(HIRES)
        storm.wait_done(HIRES)
    assert not storm.refused, [(h.number, a.status, a.body) for h, a in storm.refused]
    slowest = max(h.answered - h.sent for h in storm.hires)
    figure(f"seed {SEED}: {HIRES} hires in {time.monotonic() - start:.1f} s amid {len(victims)} kills, sent again "
           f"{sum(storm.retries.values())} times {dict(storm.retries)}; slowest answer {slowest:.2f} s")
    check_all(two, storm, prefix, before)


def test_the_other_relay_goes_on_at_once(two, hr, figure):
    holder = leader(two)
    two.kill_for_good(holder)
    died = time.monotonic()
    try:
        hire = one_hire(hr, "L")
        storm = Storm(two, [hire], clients=1)
        with storm:
            storm.release(1)
            storm.wait_done(1)
        wait_until(lambda: account_known(two, hire.number), RELAY_S, "the event through the other relay")
        figure(f"relay: the other one sends {time.monotonic() - died:.1f} s after the kill of its holder")
        assert leader(two) != holder
    finally:
        two.control("up", holder)
        two.wait_ready(holder)


def test_partitions_of_one_that_stays_away_move(two, hr, figure):
    """Its membership is static, so it is waited for as long as a session lasts (8 s)."""
    two.control("down", "identity-2")
    away = time.monotonic()
    try:
        made = hires(hr, 16, f"{SEED} M", f"M{SEED:06}")  # keys enough for all partitions
        storm = Storm(two, made)
        with storm:
            storm.release(len(made))
            storm.wait_done(len(made))
        wait_until(lambda: all(account_known(two, h.number) for h in made), MEMBER_S, "all accounts by one identity")
        figure(f"consumers: one identity has all partitions {time.monotonic() - away:.1f} s after the other went")
    finally:
        two.control("up", "identity-2")
        two.wait_ready("identity-2")


def test_a_job_goes_on_at_the_other_instance(two, hr, figure):
    """The one that runs it, which is the one that was asked, dies and stays away."""
    ran = "archive"
    rows = Staff(f"{SEED} J", f"J{SEED:06}").some(300)
    job_id = begin_load(Client(two.url(ran), hr.token), csv_bytes(rows)).expect(202).json["id"]
    wait_until(lambda: hr.get(f"/api/v1/employee-imports/{job_id}").json["state"] == "RUNNING", 10, "the import to run", 0.005)
    two.kill_for_good(ran)
    died = time.monotonic()
    try:
        job = end_of_load(hr, job_id, 60)
    finally:
        two.control("up", ran)
        two.wait_ready(ran)
    assert job["state"] == "SUCCEEDED" and job["result"]["fault_count"] == 0, job
    assert two.psql_all("archive", f"select count(*), count(distinct employee_number) from employee "
                        f"where employee_number like 'J{SEED:06}%'") == [["300", "300"]]
    figure(f"import of 300: done {time.monotonic() - died:.1f} s after the kill of the instance that ran it")


# ---- one of each again ----

def test_fewer_are_as_good(two, hr):
    """The gateway that stays knows of no instance that went."""
    two.up("--no-build", "--instances", "1")
    assert not [name for name in shown(two) if name in {f"{p}-2" for p in PROGRAMS}]
    for _ in range(4):
        hr.get(PATH, query={"page_size": "1"}).expect(200)
    assert two.metrics("gateway").get('renhe_upstream_failures_total{upstream="archive"}', 0) == 0
