"""The two time axes of employments: random histories over HTTP against an oracle that knows only the list
of commands (lib/employment_oracle.py).

    RENHE_HISTORIES=1000 RENHE_SEED=7 /usr/bin/python3 -m pytest tests/e2e/test_time_axes.py

60 histories and a seed of the time without them; scripts/test passes both on. A seed draws the same
commands for histories of one writer; where two share one, they depend on who was first.

Six writers work at once, each on several histories of its own in turn, and on histories that two of them
share; there the versions in the answers say the order. A history has 30 accepted changes and more, late
and future ones among them, and commands that must be refused. Every answer is kept and read again by its
update_time: byte for byte the same but for etag and allowed_actions (decision 35)."""
import collections
import datetime as dt
import json
import os
import random
import re
import threading
import time
import uuid

import pytest

from employment_oracle import DATED_FIELDS, Command, History, local_date, masked, resident_number
from http_client import KeptClient

WRITERS = 6
ACCEPTED = 30      # changes of a history, at least
SHARED_EVERY = 6   # each sixth history has two writers
PROVINCES = (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53)
LIVE_ONLY = re.compile(rb',"etag":"\\"v\d+\\"","allowed_actions":\[[^\]]*\]')


def day(text, plus=0):
    return (dt.date.fromisoformat(text) + dt.timedelta(days=plus)).isoformat()


def micro_before(instant):
    at = dt.datetime.fromisoformat(instant.replace("Z", "+00:00")) - dt.timedelta(microseconds=1)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- what is asked ----

class Asker:
    """Draws the next command for one person from loosely kept knowledge: what has been said before, not
    what it led to."""

    def __init__(self, rng, world, tag):
        self.rng, self.world, self.tag = rng, world, tag
        self.today = world.today
        self.person_id = None
        self.hired = []      # (employee id, hire date)
        self.days = []       # effective dates so far, to meet them again
        self.numbers = 0
        self.versions = 0    # the last version that we know of
        self.to_rehire = False

    def any_day(self, low, high):
        return day(self.today, self.rng.randint(low, high))

    def number(self):
        self.numbers += 1
        return f"{self.tag}-{self.numbers}"

    def effective(self, hire_date):
        """Late and future days, days met before, edges, and now and then one before the hire."""
        r = self.rng.random()
        if r < 0.25 and self.days:
            return self.rng.choice(self.days)
        if r < 0.32:
            return day(hire_date, self.rng.choice((0, 0, 1, -1)))
        if r < 0.36:
            return day(hire_date, -self.rng.randint(2, 400))
        found = self.any_day(0, 400) if self.rng.random() < 0.4 else day(hire_date, self.rng.randint(0, 700))
        self.days.append(found)
        return found

    def place(self):
        units = list(self.world.units)
        return str(uuid.UUID(int=self.rng.getrandbits(128))) if self.rng.random() < 0.02 else self.rng.choice(units)

    def dated_fields(self, may_clear=True):
        drawn = {
            "org_unit_id": self.place(),
            "post_id": self.rng.choice(self.world.posts) if self.rng.random() > 0.03 else str(uuid.uuid4()),
            "employment_type": self.rng.choice(("FULL_TIME", "PART_TIME", "INTERN")),
            "probation_end_date": self.any_day(-300, 300),
            "work_place": self.rng.choice(("上海", "北京", "Chéngdū", "杭州\\\"西湖\"")),
            "job_grade": f"P{self.rng.randint(1, 9)}",
        }
        for name in ("post_id", "probation_end_date", "work_place", "job_grade"):
            if may_clear and self.rng.random() < 0.25:
                drawn[name] = None
        names = self.rng.sample(DATED_FIELDS, self.rng.randint(1, 3))
        return {n: drawn[n] for n in names}

    def person_fields(self):
        r = self.rng
        drawn = {
            "name": r.choice(("王小明", "欧阳娜娜", "Zoë", "李强")),
            "sex": r.choice(("MALE", "FEMALE", None)),
            "birth_date": r.choice(("1990-03-07", "1985-12-31", None)),
            "mobile": r.choice((f"139{r.randrange(10 ** 8):08}", None)),
            "email": r.choice((f"a{r.randrange(1000)}@example.cn", None)),
            "nationality": r.choice(("CHN", "FRA", None)),
            "address": r.choice(("南京西路1号", "Rue de la Paix 2", None)),
            "emergency_contact": r.choice(("妈妈 13900000000", None)),
        }
        return {n: drawn[n] for n in r.sample(sorted(drawn), r.randint(1, 3))}

    def document(self):
        r = self.rng
        if r.random() < 0.3:
            return {"id_type": "PASSPORT", "id_number": f"E{self.world.salt:04}{r.randrange(10 ** 8):08}"}
        number = resident_number(f"{r.choice(PROVINCES)}{self.world.salt:04}", day("1960-01-01", r.randint(0, 15000)), r.randrange(1000))
        if r.random() < 0.1:
            number = number[:17] + ("1" if number[17] != "1" else "2")
        if r.random() < 0.1:
            number = self.world.taken_id_number
        return {"id_type": "RESIDENT_ID", "id_number": number}

    def hire(self):
        body = {"employee_number": self.number(), "name": "张三", "hire_date": self.any_day(-700, 60),
                "org_unit_id": self.place(), "employment_type": "FULL_TIME"}
        body.update(self.dated_fields(may_clear=False))
        if self.person_id:
            body["person_id"] = self.person_id
            if self.rng.random() < 0.1:
                body["employee_number"] = self.rng.choice((self.world.taken_number, f"{self.tag}-1"))
        if self.rng.random() < 0.1:
            body["effective_date"] = day(body["hire_date"], self.rng.choice((0, 3)))
        return Command("hire", body)

    def first(self):
        """A hire that nothing is wrong with, far enough back for late facts."""
        return Command("hire", {"employee_number": self.number(), "name": "张三", "mobile": "13800138000",
                                "hire_date": self.any_day(-700, -30), "org_unit_id": self.world.old_unit,
                                "employment_type": "FULL_TIME", "job_grade": "P1"})

    def patch(self, hire_date):
        r = self.rng.random()
        if r < 0.55:
            body = {**self.dated_fields(), "effective_date": self.effective(hire_date)}
            if self.rng.random() < 0.2:
                body.update(self.person_fields())
            if self.rng.random() < 0.03:
                del body["effective_date"]
            if self.rng.random() < 0.03:
                body["org_unit_id"] = None
            return body
        if r < 0.85:
            return self.person_fields()
        if r < 0.92:
            return self.document()
        if r < 0.97:
            return {"employee_number": self.world.taken_number if self.rng.random() < 0.2 else self.number()}
        return {"hire_date": day(hire_date, self.rng.choice((0, 1)))}

    def transfer(self, hire_date):
        body = {"effective_date": self.effective(hire_date), "org_unit_id": self.place()}
        if self.rng.random() < 0.5:
            body["job_grade"] = f"M{self.rng.randint(1, 5)}"
        if self.rng.random() < 0.03:
            del body["org_unit_id"]
        if self.rng.random() < 0.02:
            body["effective_date"] = "2026-02-30"
        return body

    def end(self, hire_date):
        low, high = (1, 200) if self.rng.random() < 0.75 else (-400, 0)
        at = self.any_day(low, high) if self.rng.random() < 0.9 else day(hire_date, self.rng.choice((-1, 0, 1)))
        self.days += [at, day(at, -1), day(at, 1)]
        return {"effective_date": at, "reason": self.rng.choice(("RESIGNED", "EXPIRED", "AGREED"))}

    def if_match(self):
        r = self.rng.random()
        if r < 0.04:
            return None
        if r < 0.10:
            return self.rng.randint(1, max(self.versions, 1))
        return "*" if r < 0.14 else self.versions

    def next(self):
        r = self.rng.random()
        if not self.hired:
            return self.first()
        if self.to_rehire or r < 0.03:
            self.to_rehire = False
            return self.hire()
        employee_id, hire_date = self.rng.choice(self.hired[-2:])
        if self.rng.random() < 0.01:
            employee_id = str(uuid.UUID(int=self.rng.getrandbits(128)))
        if r < 0.30:
            kind, body = "transfer", self.transfer(hire_date)
        elif r < 0.37:
            kind, body = "end", self.end(hire_date)
        elif r < 0.39:
            kind, body = "annul", {"reason": "录入有误"}
        else:
            kind, body = "patch", self.patch(hire_date)
        return Command(kind, body, employee_id, self.if_match(), self.rng.random() < 0.05)

    def heard(self, command, answer):
        if answer.status == 409 and answer.code in ("EMPLOYEE_ANNULLED", "EMPLOYEE_ALREADY_ENDED"):
            self.to_rehire = self.rng.random() < 0.5
        if answer.status not in (200, 201) or command.validate_only:
            return
        told = answer.json
        self.versions = max(self.versions, told["version"])
        if command.kind == "hire":
            self.person_id = told["person_id"]
            self.hired.append((told["id"], told["hire_date"]))


# ---- how it is sent ----

def send(client, command):
    tag = command.if_match
    etag = tag if tag in (None, "*") else f'"v{tag}"'
    query = {"validate_only": "true"} if command.validate_only else None
    if command.kind == "hire":
        return client.post("/api/v1/employees", command.body, query=query)
    path = f"/api/v1/employees/{command.employee_id}"
    if command.kind == "patch":
        return client.patch(path, command.body, query=query, etag=etag)
    return client.post(f"{path}:{command.kind}", command.body, query=query, etag=etag)


class World:
    """Units, posts and accounts that all histories share."""

    def __init__(self, suite):
        self.suite = suite
        # Not of the seed: a suite may see the same seed twice, and numbers and codes once only.
        self.salt = time.time_ns() // 1000 % 10000
        self.tag = tag = f"X{time.time_ns() // 1000000 % 10 ** 8}"
        self.one = suite.account("HR", "demo")
        self.local = threading.local()
        hr = self.client()
        some = hr.get("/api/v1/org-units?code=HQ").expect(200).json["items"][0]  # others come and go
        self.today = some["effective_on"]
        root = {"legal_entity_id": some["legal_entity_id"], "kind": "DEPARTMENT"}
        self.units = {}
        for i, since in enumerate(("2000-01-01", "2001-01-01", "2002-01-01", day(self.today, -200))):
            body = {**root, "code": f"{tag}U{i}", "name": f"部门{i}", "effective_date": since}
            self.units[hr.post("/api/v1/org-units", body).expect(201).json["id"]] = since
        self.old_unit = next(iter(self.units))
        self.posts = [hr.post("/api/v1/posts", {"code": f"{tag}P{i}", "name": f"岗位{i}"}).expect(201).json["id"]
                      for i in range(2)]
        self.taken_number = f"{tag}-taken"
        self.taken_id_number = resident_number(f"64{self.salt:04}", "1990-03-07", random.randrange(1000))
        hr.post("/api/v1/employees", {
            "employee_number": self.taken_number, "name": "占用", "id_type": "RESIDENT_ID",
            "id_number": self.taken_id_number, "hire_date": self.today, "org_unit_id": self.old_unit,
            "employment_type": "FULL_TIME"}).expect(201)

    def client(self):
        """This thread's own connection; signed in anew before its token ends."""
        kept = self.local.__dict__
        if kept.get("until", 0) < time.monotonic():
            signed = self.suite.sign_in(self.one["tenant"], self.one["sign_in_name"], self.one["password"])
            kept["client"] = KeptClient(signed.url, signed.token)
            kept["until"] = time.monotonic() + 240
        return kept["client"]


class Trial:
    """One person's history while it is made: what was sent, what was answered, by whom."""

    def __init__(self, world, index, seed, writers):
        self.world, self.index = world, index
        self.lock = threading.Lock()
        self.history = History(world.units, world.posts, world.taken_number, world.taken_id_number)
        self.sent = []      # (command, answer, last version known before)
        self.kept = []      # answers 200 and 201 with a whole employee
        self.rng = random.Random(f"{seed}/{index}")
        self.asker = Asker(self.rng, world, f"{world.tag}{index}")
        self.to_come = writers

    def step(self, figures):
        """One command, and sometimes a look at the past in between."""
        client = self.world.client()
        with self.lock:
            command, known = self.asker.next(), self.asker.versions
        answer = send(client, command)
        with self.lock:
            self.note(command, answer, known)
            earlier = self.rng.choice(self.kept) if self.kept and self.rng.random() < 0.25 else None
            look = self.rng.random() < 0.25 and self.asker.hired
            about = (self.rng.choice(self.asker.hired), self.rng.randint(-60, 800)) if look else None
        figures["commands"] += 1
        if earlier:
            read_again(client, earlier)
            figures["read again while writing"] += 1
        if about:
            self.look(client, *about)

    def note(self, command, answer, known):
        self.sent.append((command, answer, known))
        self.asker.heard(command, answer)
        if answer.status not in (200, 201) or command.validate_only:
            return
        told = answer.json
        if command.kind == "hire":
            command.employee_id = told["id"]
            command.body = {**command.body, "person_id": told["person_id"]}
        self.history.accept(told["version"], command, told["update_time"])
        self.kept.append(answer)

    def look(self, client, hired, offset):
        """An answer about another day, kept as well."""
        employee_id, hire_date = hired
        answer = client.get(f"/api/v1/employees/{employee_id}", query={"effective_on": day(hire_date, offset)})
        answer.expect(200)
        with self.lock:
            self.kept.append(answer)

    def full(self):
        """Long enough, with facts recorded late and ahead."""
        days = self.effective_days()
        mixed = days and min(days) < self.world.today < max(days)
        return (self.history.last >= ACCEPTED and mixed) or len(self.sent) > 10 * ACCEPTED

    def effective_days(self):
        with self.lock:
            return [c.body["effective_date"] for v, c in self.history.accepted.items()
                    if c.kind != "hire" and "effective_date" in c.body]

    # ---- proof ----

    def prove(self, client, figures):
        self.history.order()
        assert self.history.last >= ACCEPTED, f"only {self.history.last} of {len(self.sent)} commands were accepted"
        for one in self.sent:
            self.prove_verdict(*one, figures)
        for answer in self.kept:
            self.prove_answer(answer)
            read_again(client, answer)
            figures["read again"] += 1
        for _ in range(20):
            self.prove_past(client)
            figures["asked of the oracle"] += 1
        self.prove_before(client)
        self.prove_list(client)

    def prove_verdict(self, command, answer, known, figures):
        got = (answer.status, answer.code)
        accepted = got[1] is None and not command.validate_only
        figures[f"{got[0]} {got[1] or ''}".strip()] += 1
        if accepted:
            at = [answer.json["version"] - 1]
        elif isinstance(command.if_match, int) and got[0] != 412:
            at = [command.if_match]  # it met exactly this version
        else:
            at = range(known, self.history.last + 1)
            at = at if self.to_come > 1 else at[:1]
        todays = {self.world.today, day(self.world.today, 1)}
        expected = {self.history.judge(command, v, t) for v in at for t in todays}
        assert got in expected, f"{command} at {list(at)}: {got}, not {expected}\n{answer.body.decode()}"

    def prove_answer(self, answer):
        told = answer.json
        etag, actions = told.pop("etag"), told.pop("allowed_actions")
        expected = self.history.view(told["id"], told["effective_on"], told["version"])
        assert told == expected, self.differs(told, expected)
        assert etag == answer.etag == f'"v{told["version"]}"'
        live = ["update", "transfer", "end", "annul"]
        offered = {"PENDING": live, "ACTIVE": live, "ENDED": ["update", "transfer", "annul"], "ANNULLED": ["update"]}
        assert actions == offered[told["state"]], actions

    def prove_past(self, client):
        """A random instant and a random day, asked of both."""
        version = self.rng.randint(1, self.history.last)
        as_of = self.history.times[version]
        if version < self.history.last and self.rng.random() < 0.5:
            as_of = micro_before(self.history.times[version + 1])  # not yet the next
        employee_id, hire_date = self.rng.choice(self.asker.hired)
        on = day(hire_date, self.rng.choice((-400, -1, 0, 1, self.rng.randint(2, 1200))))
        query = {"as_of": as_of, "effective_on": on}
        if self.rng.random() < 0.1:
            del query["effective_on"]
            on = local_date(as_of)
        expected = self.history.view(employee_id, on, version)
        answer = client.get(f"/api/v1/employees/{employee_id}", query=query)
        if expected is None:
            assert answer.expect(404).code == "EMPLOYEE_NOT_FOUND"
        else:
            assert answer.expect(200).json == expected, self.differs(answer.json, expected)
            assert answer.etag is None

    def prove_before(self, client):
        first = micro_before(self.history.times[1])
        answer = client.get(f"/api/v1/employees/{self.asker.hired[0][0]}", query={"as_of": first})
        assert answer.expect(404).code == "EMPLOYEE_NOT_FOUND"

    def prove_list(self, client):
        """Lists say of a day what the single answer says."""
        employee_id, hire_date = self.rng.choice(self.asker.hired)
        on = day(hire_date, self.rng.randint(-30, 900))
        expected = self.history.view(employee_id, on, self.history.last)
        query = {"employee_number": expected["employee_number"], "effective_on": on, "state": expected["state"]}
        items = client.get("/api/v1/employees", query=query).expect(200).json["items"]
        found = [{n: v for n, v in i.items() if n not in ("etag", "allowed_actions")}
                 for i in items if i["id"] == employee_id]
        assert found == [expected], self.differs(found[0] if found else {}, expected)

    def differs(self, got, expected):
        names = sorted(n for n in got.keys() | expected.keys() if got.get(n) != expected.get(n))
        sent = "\n".join(f"v{v} {c}" for v, c in sorted(self.history.accepted.items()))
        apart = {n: (got.get(n), expected.get(n)) for n in names}
        return f"history {self.index}: (got, expected) {apart} about {expected.get('effective_on')}\n{sent}"


def read_again(client, answer):
    """The same bytes by as_of, but for what only a live answer has."""
    told = answer.json
    query = {"as_of": told["update_time"], "effective_on": told["effective_on"]}
    again = client.get(f"/api/v1/employees/{told['id']}", query=query).expect(200)
    cut, n = LIVE_ONLY.subn(b"", answer.body)
    assert n == 1, answer.body
    assert again.body == cut, f"as_of {query} differs:\n{cut.decode()}\n{again.body.decode()}"
    assert again.etag is None


# ---- six at once ----

def interleave(trials, seed, figures):
    """Works on a few histories in turn until all are full."""
    rng = random.Random(seed)
    waiting, open_now = list(trials), []
    while waiting or open_now:
        while waiting and len(open_now) < 4:
            open_now.append(waiting.pop())
        one = rng.choice(open_now)
        one.step(figures)
        if one.full():
            open_now.remove(one)


def at_once(jobs):
    """Runs them in threads; the first failure is ours."""
    failed = []

    def run(job):
        try:
            job()
        except BaseException as e:  # told by the main thread
            failed.append(e)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


def shares(trials):
    """Of each writer: its own histories, and with its neighbour the shared ones."""
    mine = [[] for _ in range(WRITERS)]
    for t in trials:
        for k in range(t.to_come):
            mine[(t.index + k) % WRITERS].append(t)
    return mine


@pytest.fixture(scope="module")
def seed():
    return os.environ.get("RENHE_SEED") or str(time.time_ns() % 10 ** 9)


class Trials(list):
    told = ""  # what was written, in words


@pytest.fixture(scope="module")
def trials(suite, seed):
    """The histories, written."""
    count = int(os.environ.get("RENHE_HISTORIES", "60"))
    print(f"seed {seed}, {count} histories")  # also where writing them fails
    world = World(suite)
    made = Trials(Trial(world, i, seed, 2 if i % SHARED_EVERY == 0 else 1) for i in range(count))
    for t in made:  # the shared ones begin with their hire, which two writers can't both make
        if t.to_come > 1:
            t.step(collections.Counter())
    figures = [collections.Counter() for _ in range(WRITERS)]
    start = time.monotonic()
    at_once([lambda k=k, s=s: interleave(s, f"{seed}/{k}", figures[k]) for k, s in enumerate(shares(made))])
    took = time.monotonic() - start
    total = sum(figures, collections.Counter())
    changes = sum(t.history.last for t in made)
    made.told = (f"seed {seed}, {count} histories: {changes} changes accepted of {total['commands']} commands in "
                 f"{took:.1f} s ({changes / took:.0f} a second), {total['read again while writing']} answers read again")
    return made


def test_the_oracle_says_every_verdict_and_every_answer(trials, figure):
    figure(trials.told)
    figures = [collections.Counter() for _ in range(WRITERS)]
    start = time.monotonic()

    def prove(k):
        for t in trials[k::WRITERS]:
            t.prove(t.world.client(), figures[k])

    at_once([lambda k=k: prove(k) for k in range(WRITERS)])
    total = sum(figures, collections.Counter())
    figure(f"proved in {time.monotonic() - start:.1f} s: {total['read again']} answers byte for byte, "
           f"{total['asked of the oracle']} questions at random; {json.dumps(dict(sorted(total.items())))}")
    refused = sum(n for what, n in total.items() if what[0] == "4")
    assert refused >= len(trials), "commands that must be refused are part of the proof"
    assert total["412 PRECONDITION_FAILED"] and total["428 PRECONDITION_REQUIRED"]


def test_late_and_future_changes_are_among_them(trials, figure):
    """The generator's own promise."""
    late = ahead = ties = 0
    for t in trials:
        days = t.effective_days()
        late += any(d < t.world.today for d in days)
        ahead += any(d > t.world.today for d in days)
        ties += len(days) > len(set(days))
    figure(f"{len(trials)} histories: {late} with late, {ahead} with future, {ties} with same-day facts")
    assert late == ahead == len(trials)
    assert ties > len(trials) / 2


def test_shared_histories_have_one_order(trials, figure):
    """Two writers on one person: some of the stale are refused, and both got changes through."""
    shared = [t for t in trials if t.to_come > 1]
    stale = sum(a.status == 412 for t in shared for _, a, _ in t.sent)
    for t in shared:
        t.history.order()
    figure(f"{len(shared)} shared histories, {stale} commands too late")
    assert shared and stale > len(shared)


def test_what_was_recorded_never_overlaps(suite, trials):
    """In the tables: one revision and, of each day, one slice to every instant since the hire."""
    people = ",".join(f"'{t.asker.person_id}'" for t in trials[:200])
    ((tenant_id,),) = suite.psql("identity", "select id from tenant where code = 'demo'")
    found = count_breaks(suite, tenant_id, people)
    print(f"revisions, gaps among them, slices that overlap, empty spans: {found}")
    assert found[0] == sum(t.history.last for t in trials[:200])
    assert found[1:] == [0, 0, 0]


def count_breaks(suite, tenant_id, people):
    """Revisions seen; revisions that don't begin where the one before ends; slices that overlap on both
    axes; slices with an empty span."""
    revisions = f"from person_revision where person_id in ({people})"
    slices = f"(select * from employee_slice where person_id in ({people}))"
    queries = (
        f"select count(*) {revisions}",
        f"select count(*) from (select recorded_to, lead(recorded_from) over (partition by person_id order by "
        f"version) as next {revisions}) r where recorded_to is distinct from next or recorded_to <= '2000-01-01'",
        f"select count(*) from {slices} a join {slices} b on a.employee_id = b.employee_id and a.slice_id < "
        f"b.slice_id and tstzrange(a.recorded_from, a.recorded_to) && tstzrange(b.recorded_from, b.recorded_to) "
        f"and daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)",
        f"select count(*) from {slices} s where valid_to <= valid_from or recorded_to <= recorded_from",
    )
    return [int(suite.psql("archive", q, tenant_id)[0][0]) for q in queries]


@pytest.mark.parametrize("wrong", ["facts in order of recording", "ties to the earlier", "today's person"])
def test_the_oracle_can_say_no(trials, wrong):
    """A program that folded facts wrongly would be caught: the oracle with that mistake differs from the
    suite in some history."""
    found = 0
    for t in trials:
        for answer in t.kept:
            told = answer.json
            e = t.history.employment(told["id"], told["version"])
            found += mistaken(wrong, t.history, e, told)
        if found:
            return
    raise AssertionError(f"no history tells {wrong!r} apart")


def mistaken(wrong, history, e, told):
    about = max(told["effective_on"], e.hire_date)
    if wrong == "today's person":
        name = history.person(history.last).get("mobile")
        return told.get("mobile") != (masked("mobile", name) if name else None)
    if wrong == "ties to the earlier":
        e.facts = [(d, -v, f) for d, v, f in e.facts]
    else:
        e.facts = [(e.hire_date, v, f) for d, v, f in e.facts if d <= about]
    return any(e.value(n, about) != told.get(n) for n in DATED_FIELDS)
