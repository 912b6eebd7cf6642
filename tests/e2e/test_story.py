"""The story of Renhe end to end, over HTTP and Kafka, through two gateways: HR loads staff from a
file, a person signs in and sees their own record, HR transfers a person from next month on, another
system reads the facts, and a leaver loses every access at once."""
import datetime
import os
import random
import subprocess
import threading
import time

import pytest

import business_clock
import staff
from events import FORMAT, parse
from renhe import wait_until
from watch import Watch

BOUND_MS = 1000
SEED = random.SystemRandom().randrange(10**6)
ME, RECORD = "/api/v1/me", "/api/v1/me/employees"


# ---- what archive is connected to ----

class Sockets:
    """Remote ports of a process's TCP connections, sampled while the story goes on."""

    def __init__(self, pid):
        self.pid, self.seen, self.samples = pid, set(), 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(10)

    def _run(self):
        while not self.stopping.is_set():
            self.seen |= self.peers()
            self.samples += 1
            time.sleep(0.005)

    def own(self):
        found = set()
        for fd in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                found.add(os.readlink(f"/proc/{self.pid}/fd/{fd}"))
            except OSError:
                pass  # closed meanwhile
        return found

    def peers(self):
        own, ports = self.own(), set()
        for name in ("tcp", "tcp6"):
            with open(f"/proc/{self.pid}/net/{name}") as table:
                for line in table.readlines()[1:]:
                    if " 06 " in line:
                        continue  # closed, and nobody's any more: the most by far where tests ran before
                    cells = line.split()
                    if f"socket:[{cells[9]}]" in own:
                        ports.add(int(cells[2].split(":")[1], 16))
        return ports - {0}


# ---- the world of the story ----

class World:
    def __init__(self, suite, second):
        self.suite, self.second = suite, second
        self.hr = suite.sign_in_as("HR", "demo")
        made = staff.Staff(SEED, "T")
        self.rows = made.some(4)
        staff.load(self.hr, self.rows)
        numbers = [row["工号"] for row in self.rows]
        self.leaver, self.witness, self.later, self.mover = staff.joined(suite, self.hr, "demo", numbers)

    def both(self, token):
        return {"gateway 1": self.suite.client(token=token), "gateway 2": self.second.client(token)}


@pytest.fixture(scope="module")
def world(own_suite):
    with own_suite.second_gateway() as second:
        yield World(own_suite, second)


@pytest.fixture(scope="module", autouse=True)
def sockets(own_suite):
    """Of archive and, to prove that the look sees anything, of the gateway."""
    with Sockets(own_suite.pid("archive")) as archive, Sockets(own_suite.pid("gateway")) as gateway:
        yield archive, gateway


def kcat(suite, topic, full_name, wanted, about):
    """Values of a topic as an outside system reads them: kcat, then protoc --decode; of one person, since
    others may have hired thousands."""
    read = subprocess.run(["kcat", "-q", "-F", suite.env["RENHE_KCAT_CONFIG"], "-C", "-t", topic, "-o", "beginning",
                           "-e", "-f", FORMAT], capture_output=True, check=True, timeout=60)
    found = []
    for event in parse(read.stdout):
        if event.type != wanted or about.encode() not in event.key:
            continue
        done = subprocess.run(["protoc", "--decode", full_name, "-I", suite.env["RENHE_PROTO"],
                               "renhe/archive/employee_events.proto"], input=event.value, capture_output=True,
                              check=True, timeout=20)
        found.append((event, done.stdout.decode()))
    return found


# ---- the story ----

def test_hr_loads_staff_from_a_file(world):
    for row in world.rows:
        found = staff.employee_of(world.hr, row["工号"])
        assert (found["name"], found["hire_date"], found["state"]) == (row["姓名"], row["入职日期"], "ACTIVE")
        assert row["证件号码"] not in str(found), "HR sees the number masked"


def test_a_person_sees_their_own_record(world):
    mine = world.leaver.sign_in(world.suite)
    for name, client in world.both(mine.token).items():
        items = client.get(RECORD).expect(200).json["items"]
        assert [e["employee_number"] for e in items] == [world.leaver.number], name
        assert client.get(ME).expect(200).json["person_id"] == world.leaver.person_id
        assert client.get(f"/api/v1/employees/{world.witness.employee_id}").status in (403, 404)


def test_a_transfer_from_next_month_on(world):
    first = (business_clock.now(world.suite).date().replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    there = staff.units(world.hr)["S002"]["id"]
    path = f"/api/v1/employees/{world.mover.employee_id}"
    here = world.hr.get(path).expect(200).json["org_unit_id"]
    staff.transfer(world.hr, world.mover.employee_id, there, first.isoformat()).expect(200)
    last = (first - datetime.timedelta(days=1)).isoformat()
    assert world.hr.get(path).json["org_unit_id"] == here != there
    assert world.hr.get(path, query={"effective_on": last}).json["org_unit_id"] == here
    assert world.hr.get(path, query={"effective_on": first.isoformat()}).json["org_unit_id"] == there


def test_another_system_reads_the_facts(world):
    topic, tenant = "renhe.archive.employee.v1", staff.claims(world.hr.token)["tid"]

    def hired():
        found = kcat(world.suite, topic, "renhe.archive.EmployeeHired", "renhe.archive.employee.hired.v1", world.mover.person_id)
        return [f for f in found if f'person_id: "{world.mover.person_id}"' in f[1]]
    event, text = wait_until(hired, 10, "the hire in Kafka")[0]
    assert event.key.decode() == f"{tenant}/{world.mover.person_id}"
    assert f'employee_id: "{world.mover.employee_id}"' in text and 'effective_date: "2025-03-01"' in text
    moved = kcat(world.suite, topic, "renhe.archive.EmployeeTransferred", "renhe.archive.employee.transferred.v1",
                 world.mover.person_id)
    text = next(t for _, t in moved if world.mover.person_id in t)
    assert f'org_unit_id: "{staff.units(world.hr)["S002"]["id"]}"' in text
    for value in (world.rows[3]["姓名"], world.rows[3]["证件号码"], world.rows[3]["手机"]):
        assert value.encode() not in event.value


def test_a_leaver_loses_every_access_at_once(world, figure):
    second = staff.sign_in_together(world.suite, world.leaver, world.witness)
    with Watch(world.both(world.leaver.client.token), RECORD) as watch:
        wait_until(lambda: all(map(watch.worked, watch.answers)), 10, "both gateways to answer")
        asked = time.monotonic()
        staff.end(world.hr, world.leaver.employee_id, business_clock.today(world.suite)).expect(200)
        since = time.monotonic()
        assert watch.until_refused(20)
    told(figure, "end", watch, since, asked)
    gone(world, world.leaver)
    stays(world, second)


def test_an_end_dated_tomorrow_does_the_same_at_midnight(world, figure):
    midnight = business_clock.midnight(business_clock.today(world.suite, plus=1))
    second = staff.sign_in_together(world.suite, world.later, world.witness)
    staff.end(world.hr, world.later.employee_id, midnight.date().isoformat()).expect(200)
    business_clock.set_to(world.suite, midnight - datetime.timedelta(seconds=3))
    left = (midnight - business_clock.now(world.suite)).total_seconds()
    since = time.monotonic() + left
    with Watch(world.both(world.later.client.token), RECORD) as watch:
        assert watch.until_refused(left + 20)
        for name in watch.answers:
            late = [a for a in watch.answers[name] if since - 0.3 < a[1] < since]
            assert late and all(a[2] == 200 for a in late), f"{name} refused before the day was over"
    told(figure, "midnight", watch, since)
    gone(world, world.later)
    stays(world, second)


def told(figure, what, watch, since, earliest=None):
    """The bound counts from the answer; the refusal may overtake that on its way."""
    for name in watch.answers:
        ms = (watch.refused_at(name) - since) * 1000
        figure(f"{what}: refused after {ms:.0f} ms at {name} (seed {SEED})")
        assert ms <= BOUND_MS, f"{what}, {name}: {ms:.0f} ms"
        assert watch.refused_at(name) >= (earliest or since), f"{what}, {name}: refused before it was asked for"
        assert not watch.granted_after(name, watch.refused_at(name))


def gone(world, person):
    """Every access: both tokens, at every gateway, and a new sign-in."""
    for client in world.both(person.client.token).values():
        assert client.get(ME).status == client.get(RECORD).status == 401
        tried = client.post("/api/v1/sessions:refresh", {"refresh_token": person.client.refresh_token})
        assert (tried.status, tried.code) == (401, "REFRESH_REFUSED")
    again = world.suite.client().post("/api/v1/sessions", {
        "tenant": "demo", "sign_in_name": person.number, "password": person.password})
    assert (again.status, again.code) == (401, "SIGN_IN_REFUSED")


def stays(world, second):
    """The witness's token is of the same second, and its life is the whole one."""
    said = staff.claims(world.witness.client.token)
    assert said["iat"] == second and said["exp"] - said["iat"] == 600
    for client in world.both(world.witness.client.token).values():
        assert client.get(ME).status == client.get(RECORD).status == 200


def test_nothing_but_kafka_links_archive_to_identity(world, sockets):
    archive, gateway = sockets
    of_identity = {int(world.suite.env[n].rsplit(":", 1)[1])
                   for n in ("RENHE_IDENTITY_URL", "RENHE_IDENTITY_MANAGEMENT_URL")}
    assert gateway.seen & of_identity, "the look sees a connection where there is one"
    assert int(world.suite.env["RENHE_KAFKA"].rsplit(":", 1)[1]) in archive.seen
    assert archive.samples > 10 and not archive.seen & of_identity
    with open(f"/proc/{world.suite.pid('archive')}/environ", "rb") as environ:
        settings = environ.read()
    assert not any(str(port).encode() in settings for port in of_identity), "nor does it know the address"
