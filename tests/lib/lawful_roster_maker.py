"""What the rosters of tests/lib/lawful_rosters.py are made with: a document under way, the calendar of rules.md 4.4, and
what must be said of a broken one."""
import calendar
import copy
import datetime as dt
from dataclasses import dataclass

HOUR, DAY = 3600, 86400
EPOCH = dt.date(1970, 1, 1)
CHINA = 8 * HOUR  # no clock change since 1991
# rules.md 4.4
STATUTORY = {dt.date.fromisoformat(d) for d in (
    "2025-01-01 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-04-04 2025-05-01 2025-05-02 2025-05-31 2025-10-01 "
    "2025-10-02 2025-10-03 2025-10-06 2026-01-01 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-04-05 2026-05-01 "
    "2026-05-02 2026-06-19 2026-09-25 2026-10-01 2026-10-02 2026-10-03 2027-01-01").split()}
BREAKS = [tuple(map(dt.date.fromisoformat, b.split("/"))) for b in (
    "2025-01-01/2025-01-01 2025-01-28/2025-02-04 2025-04-04/2025-04-06 2025-05-01/2025-05-05 2025-05-31/2025-06-02 "
    "2025-10-01/2025-10-08 2026-01-01/2026-01-03 2026-02-15/2026-02-23 2026-04-04/2026-04-06 2026-05-01/2026-05-05 "
    "2026-06-19/2026-06-21 2026-09-25/2026-09-27 2026-10-01/2026-10-07").split()]
MADE_UP = {dt.date.fromisoformat(d) for d in (
    "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 "
    "2026-10-10").split()}


def is_working_day(d):
    return d in MADE_UP or d.weekday() < 5 and not any(a <= d <= b for a, b in BREAKS)


def working_days(first, until):
    return sum(is_working_day(first + dt.timedelta(i)) for i in range((until - first).days))


@dataclass
class Expected:
    code: str
    article: str  # a part of the article's words, as rules.md cites it
    person: str
    day: dt.date
    figure: str
    limit: str
    shift: str = ""  # "" any
    times: int = 1


@dataclass
class Case:
    kind: str
    lawful: dict
    broken: dict
    expected: Expected


def hms(seconds):
    h, m, s = seconds // HOUR, seconds // 60 % 60, seconds % 60
    return f"{h}:{m:02}:{s:02}" if s else f"{h}:{m:02}"


def shown(t):
    return dt.datetime.fromtimestamp(t, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Maker:
    """One document under way. Clock times are seconds of the day in China."""

    def __init__(self, rng, monday=None, days=28):
        self.rng = rng
        self.monday = monday or self.quiet_monday()
        self.doc = {"form": "renhe.roster.1", "from": self.monday.isoformat(),
                    "until": (self.monday + dt.timedelta(days=days)).isoformat(), "zone": "Asia/Shanghai",
                    "sites": [{"id": "S1"}, {"id": "S2"}, {"id": "S3", "zone": "Asia/Shanghai"}],
                    "travel": [{"from": "S1", "to": "S2", "minutes": 45}],
                    "posts": [{"id": "till", "skills": ["TILL"]}, {"id": "kitchen", "skills": ["COOK", "TILL"],
                               "certificates": ["HEALTH"]}, {"id": "cellar", "hazardous": True}],
                    "people": [], "shifts": [], "settings": {}, "levels": {}}
        self.noise()

    def quiet_monday(self):
        """Four weeks, and one on either side, without a statutory holiday."""
        while True:
            d = dt.date(2025, 1, 6) + dt.timedelta(weeks=self.rng.randrange(95))
            if not any(d - dt.timedelta(7) <= s < d + dt.timedelta(35) for s in STATUTORY):
                return d

    def quiet_month(self):
        while True:
            first = dt.date(self.rng.choice((2025, 2026)), self.rng.randrange(1, 13), 1)
            n = calendar.monthrange(first.year, first.month)[1]
            if not any(first - dt.timedelta(7) <= s < first + dt.timedelta(n + 7) for s in STATUTORY):
                return first, n

    def at(self, day, second):
        t = (day - EPOCH).days * DAY + second - CHINA
        return shown(t)

    def day(self, n):
        return self.monday + dt.timedelta(days=n)

    def person(self, **more):
        p = {"id": f"P{len(self.doc['people']) + 1}", "home": "S1", "sites": ["S2"], "skills": ["TILL"],
             "born": "1990-06-15", "hired": "2020-01-01"}
        p.update(more)
        self.doc["people"].insert(self.rng.randrange(len(self.doc["people"]) + 1), p)
        return p

    def shift(self, p, day, start, length, pauses=(), site="S1", post=None):
        """pauses: (start, length, paid, kind). Length is from begin to end."""
        s = {"id": f"X{len(self.doc['shifts']) + 1}", "person": p["id"], "site": site,
             "from": self.at(day, start), "until": self.at(day, start + length)}
        if post:
            s["post"] = post
        if pauses:
            s["breaks"] = [{"from": self.at(day, a), "until": self.at(day, a + n), "paid": paid, "kind": kind}
                           for a, n, paid, kind in pauses]
        self.doc["shifts"].insert(self.rng.randrange(len(self.doc["shifts"]) + 1), s)
        return s

    def work(self, p, day, start, net, **more):
        """Net working time with half an hour's meal after four hours, where it is longer than that."""
        if net <= 4 * HOUR:
            return self.shift(p, day, start, net, **more)
        meal = (start + 4 * HOUR, HOUR // 2, False, "MEAL")
        pauses = [meal] + list(more.pop("pauses", ()))
        return self.shift(p, day, start, net + HOUR // 2, pauses=pauses, **more)

    def noise(self):
        """Others with ordinary weeks of five days of eight hours at one time of the day."""
        if self.monday.weekday():
            return
        for _ in range(self.rng.randrange(3)):
            p, start = self.person(), self.rng.choice((8, 9, 11, 13)) * HOUR
            for week in range(self.rng.randrange(1, 4)):
                for d in sorted(self.rng.sample(range(7), self.rng.randrange(1, 6))):
                    self.work(p, self.day(7 * week + d), start, 8 * HOUR)

    def both(self, kind, expected, change):
        """change(document) makes the broken one; it finds things by id."""
        broken = copy.deepcopy(self.doc)
        change(Found(self, broken))
        return Case(kind, self.doc, broken, expected)


class Found:
    def __init__(self, maker, doc):
        self.maker, self.doc = maker, doc

    def person(self, p):
        return next(x for x in self.doc["people"] if x["id"] == p["id"])

    def shift(self, s):
        return next(x for x in self.doc["shifts"] if x["id"] == s["id"])

    def move(self, s, member, seconds):
        x = self.shift(s)
        t = dt.datetime.fromisoformat(x[member].replace("Z", "+00:00"))
        x[member] = shown(int(t.timestamp()) + seconds)

    def add(self, p, day, start, net):
        keep, self.maker.doc = self.maker.doc, self.doc
        s = self.maker.work(p, day, start, net)
        self.maker.doc = keep
        return s


ALWAYS = [{"from": "2020-01-01"}]
SPECIAL = [{"from": "2020-01-01", "special": True}]


def years_before(day, n):
    """Somebody born then is n on that day; 29 February is left to no chance."""
    return day.replace(year=day.year - n) if (day.month, day.day) != (2, 29) else None


def pick_day(m, most=27):
    while True:
        d = m.day(m.rng.randrange(most))
        if (d.month, d.day) not in ((2, 28), (2, 29), (3, 1)):
            return d


def raised(m, code):
    m.doc["levels"][code] = "REFUSE"
    return m


def next_cycle(first, months):
    n = first.month - 1 + months
    return dt.date(first.year + n // 12, n % 12 + 1, 1)


def alone_statutory():
    """Statutory days on weekdays with no other in their week."""
    weeks = [d - dt.timedelta(d.weekday()) for d in STATUTORY]
    return sorted(d for d in STATUTORY if d.year < 2027 and weeks.count(d - dt.timedelta(d.weekday())) == 1 and d.weekday() < 5)
