"""kill -9 of each service, of the broker and of the database in the middle of hires that are sent with
idempotency keys and repeated: every hire once, every account once, every event known once."""
import collections
import http.client
import os
import random
import signal
import threading
import time

import pytest

from events import decode
from hires import PATH, Storm, hires
from http_client import Client
from renhe import wait_until

COUNT = int(os.environ.get("RENHE_HIRES", "1000"))
SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
VICTIMS = {"archive": 3, "gateway": 3, "identity": 2, "kafka": 2}
FACTS, SNAPSHOTS, ACCOUNTS = "renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1", "renhe.identity.account.v1"
HIRED, OPENED = "renhe.archive.employee.hired.v1", "renhe.identity.account.opened.v1"
QUIET_S = 120  # the broker alone needs 40 s where ten others want the two cores
LEFT = ("outbox", "dead_letter", "parked_event")


# ---- kills ----

class Kill:
    """One kill, and the wait until its victim serves again."""

    def __init__(self, storm, name):
        self.storm, self.suite, self.name = storm, storm.suite, name
        self.pid = self.suite.pid(name)
        assert self.pid, f"{name} is down"
        self.at = time.monotonic()
        os.kill(self.pid, signal.SIGKILL)
        self.back_s = None
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        probe = {"identity": self._identity, "kafka": self._broker}.get(self.name, self._hire)
        end = self.at + QUIET_S
        while self.back_s is None and time.monotonic() < end:
            time.sleep(0.02)
            try:
                found = probe()
            except (OSError, http.client.HTTPException):
                continue
            if found:
                self.back_s = found - self.at

    def _hire(self):
        return self.storm.first_success_after(self.at)

    def _ask(self, query):
        """Identity itself, not through the gateway, which may be down too."""
        return Client(self.suite.env["RENHE_IDENTITY_URL"], self.storm.token, timeout=5).get("/api/v1/accounts", query=query)

    def _identity(self):
        return self._ask({"page_size": "1"}).status == 200 and time.monotonic()

    def _broker(self):
        """The account of someone hired since the kill: archive's event has come to identity."""
        hired = next((h for h in self.storm.hires if h.answer and h.sent >= self.at), None)
        if not hired:
            return None
        answer = self._ask({"sign_in_name": hired.number})
        return answer.status == 200 and answer.json["items"] and time.monotonic()

    def wait_back(self):
        self.thread.join(QUIET_S + 5)
        assert self.back_s is not None, f"{self.name} is not back {QUIET_S} s after its kill"
        return self.back_s


def kill_amid(storm, plan, r):
    """Hires go on in bursts, one for each kill, and the kill comes at a random place in its burst, before
    the last of it are sent: those tell when the victim is back."""
    burst, clients = len(storm.hires) // (len(plan) + 1), len(storm.threads)
    assert burst >= 2 * clients + 4, "too few hires for so many kills: RENHE_HIRES"
    kills, last = [], {}
    for i, name in enumerate(plan):
        if name in last:
            last[name].wait_back()
        storm.release((i + 1) * burst)
        storm.wait_done(i * burst + r.randint(burst // 5, burst - clients - 2))
        last[name] = Kill(storm, name)
        kills.append(last[name])
    storm.release(len(storm.hires))
    storm.wait_done(len(storm.hires))
    assert not storm.refused, [(h.number, a.status, a.body) for h, a in storm.refused]
    for k in kills:
        k.wait_back()
    return kills


# ---- what stands afterwards ----

def left(suite):
    """Rows that wait or have failed, of each service."""
    found = {}
    for service in ("archive", "identity"):
        for table in LEFT:
            found[service, table] = int(suite.psql_all(service, f"select count(*) from {table}")[0][0])
    return found


def wait_quiet(suite, storm, prefix):
    def quiet():
        rows = suite.psql_all("identity", f"select count(*) from sign_in_name where display like '{prefix}%'")
        waiting = left(suite)
        return int(rows[0][0]) >= len(storm.hires) and not waiting["archive", "outbox"] and not waiting["identity", "outbox"]
    wait_until(quiet, QUIET_S, "all accounts and an empty outbox", every=0.2)


def listed(hr):
    """employee_number -> id over all pages; a number that stands twice fails."""
    found, token = {}, None
    while True:
        query = {"page_size": "500", **({"page_token": token} if token else {})}
        page = hr.get(PATH, query=query).expect(200).json
        for one in page["items"]:
            assert one["employee_number"] not in found, f"{one['employee_number']} is listed twice"
            found[one["employee_number"]] = one["id"]
        token = page.get("next_page_token")
        if not token:
            return found


def check_people(suite, storm, prefix):
    """One person, employment, fact and revision for each hire, and no other."""
    wanted = {h.number: h.answer.json["id"] for h in storm.hires}
    assert len(set(wanted.values())) == len(storm.hires)
    hr = suite.sign_in_as("HR", "demo")
    assert {n: i for n, i in listed(hr).items() if n.startswith(prefix)} == wanted
    rows = suite.psql_all("archive", f"""
        select e.employee_number, e.id, e.person_id, p.version,
               (select count(*) from employee o where o.person_id = e.person_id),
               (select count(*) from employee_fact f where f.person_id = e.person_id),
               (select count(*) from employee_slice s where s.person_id = e.person_id),
               (select count(*) from person_revision v where v.person_id = e.person_id)
        from employee e join person p using (tenant_id, person_id) where e.employee_number like '{prefix}%'""")
    assert {number: employee for number, employee, *_ in rows} == wanted and len(rows) == len(wanted)
    assert {tuple(row[3:]) for row in rows} == {("1", "1", "1", "1", "1")}
    people = {row[2] for row in rows}
    assert len(people) == len(wanted)
    assert people == {h.answer.json["person_id"] for h in storm.hires}
    return people


def check_replays(suite, storm):
    """The same request again has the same answer, and its id is the one that stands."""
    client = suite.sign_in_as("HR", "demo")
    for h in storm.hires:
        again = client.post(PATH, h.body, key=h.key).expect(201)
        assert again.headers.get("idempotency-replayed") == "true", h.number
        assert again.body == h.answer.body and again.headers["location"] == h.answer.headers["location"]


def check_accounts(suite, storm, prefix, people):
    rows = suite.psql_all("identity", f"""
        select n.display, a.id, a.person_id, a.is_open, a.generation, a.version, p.version,
               (select count(*) from account o where o.person_id = a.person_id),
               (select count(*) from sign_in_name o where o.account_id = a.id),
               (select count(*) from people_employment e where e.person_id = a.person_id)
        from sign_in_name n join account a on a.id = n.account_id
        join people_person p on p.person_id = a.person_id where n.display like '{prefix}%'""")
    assert sorted(row[0] for row in rows) == sorted(h.number for h in storm.hires)
    assert {row[2] for row in rows} == people and len({row[1] for row in rows}) == len(people)
    effects = {tuple(row[3:5] + row[6:]) for row in rows}
    assert effects == {("t", "1", "1", "1", "1", "1")}, effects
    assert len({row[5] for row in rows}) == 1, "some account was written more often than others"
    return {row[1] for row in rows}


def once_each(events, wanted_type, subjects):
    """Exactly one ce_id of the type for each subject; how many records repeat one."""
    ids = collections.defaultdict(set)
    records = [e for e in events if e.type == wanted_type and e.headers["ce_subject"] in subjects]
    for e in records:
        ids[e.headers["ce_subject"]].add(e.headers["ce_id"])
    assert set(ids) == subjects, f"{len(ids)} of {len(subjects)} have {wanted_type}"
    several = {s: i for s, i in ids.items() if len(i) != 1}
    assert not several, several
    assert len({i for found in ids.values() for i in found}) == len(subjects)
    return len(records) - len(subjects)


def check_events(suite, storm, people, accounts):
    """What any other system reads; the repeats of each topic."""
    facts, snapshots = suite.events(FACTS), suite.events(SNAPSHOTS)
    repeats = {"hired": once_each(facts, HIRED, people), "snapshot": once_each(snapshots, SNAPSHOTS, people),
               "opened": once_each(suite.events(ACCOUNTS), OPENED, accounts)}
    numbers = {}
    for e in facts:
        if e.headers["ce_subject"] in people:
            assert (e.type, e.sequence) == (HIRED, 1), e.headers
            said = decode("renhe.archive.EmployeeHired", e.value)
            numbers[said["person_id"]] = said["employee_id"]
    assert numbers == {h.answer.json["person_id"]: h.answer.json["id"] for h in storm.hires}
    return repeats


def check_all(suite, storm, prefix, before):
    wait_quiet(suite, storm, prefix)
    people = check_people(suite, storm, prefix)
    check_replays(suite, storm)
    accounts = check_accounts(suite, storm, prefix, people)
    repeats = check_events(suite, storm, people, accounts)
    after = left(suite)
    assert {k: n for k, n in after.items() if "outbox" not in k} == {k: n for k, n in before.items() if "outbox" not in k}
    return repeats


def tell(figure, storm, kills, repeats):
    longest = {name: max(k.back_s for k in kills if k.name == name) for name in {k.name for k in kills}}
    figure(f"seed {SEED}, {len(storm.hires)} hires in {storm.seconds:.1f} s amid {len(kills)} kills; "
           f"sent again {sum(storm.retries.values())} times {dict(storm.retries)}; "
           f"{sum(h.replayed for h in storm.hires)} answers came from the store")
    figure("records that repeat a known ce_id: " + ", ".join(f"{n} {name}" for name, n in repeats.items()))
    figure("longest from kill to first success: " + ", ".join(f"{n} {s:.1f} s" for n, s in sorted(longest.items())))


def storm_with_kills(suite, figure, count, prefix, plan, r):
    """The whole case: hires amid kills, then everything counted."""
    before = left(suite)
    storm = Storm(suite, hires(suite.sign_in_as("HR", "demo"), count, SEED, prefix))
    start = time.monotonic()
    with storm:
        kills = kill_amid(storm, plan, r)
    storm.seconds = time.monotonic() - start
    tell(figure, storm, kills, check_all(suite, storm, prefix, before))


def test_every_hire_once_amid_kills_of_services_and_broker(own_suite, figure):
    r = random.Random(SEED)
    plan = [name for name, n in VICTIMS.items() for _ in range(n)]
    r.shuffle(plan)
    storm_with_kills(own_suite, figure, COUNT, f"K{SEED:06}", plan, r)


def test_every_hire_once_amid_a_kill_of_the_database(own_suite, figure):
    storm_with_kills(own_suite, figure, max(COUNT // 10, 50), f"P{SEED:06}", ["postgres"], random.Random(SEED))
