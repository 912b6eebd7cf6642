"""Rosters of the form of services/lawful, written from rules.md alone: each kind of rule met exactly at its
limit, and broken by the smallest step beyond it. Nothing here knows how the verifier counts.

A case is (kind, lawful document, broken document, what must be said of the broken one)."""
import calendar
import copy
import datetime as dt
import random
from dataclasses import dataclass

HOUR, DAY = 3600, 86400
EPOCH = dt.date(1970, 1, 1)
CHINA = 8 * HOUR  # no clock change since 1991
# rules.md 4.4
STATUTORY = {dt.date.fromisoformat(d) for d in (
    "2025-01-01 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-04-04 2025-05-01 2025-05-02 2025-05-31 2025-10-01 "
    "2025-10-02 2025-10-03 2025-10-06 2026-01-01 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-04-05 2026-05-01 "
    "2026-05-02 2026-06-19 2026-09-25 2026-10-01 2026-10-02 2026-10-03").split()}


@dataclass
class Expected:
    code: str
    article: str  # a part of the article's words, as rules.md cites it
    person: str
    day: dt.date
    figure: str
    limit: str
    shift: str = ""  # "" any


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


# ---- hours ----

def day_hours(rng):
    m = Maker(rng)
    p, d, step = m.person(), m.day(rng.randrange(28)), rng.choice((1, 60, 1800))
    s = m.work(p, d, rng.randrange(6, 15) * HOUR, 8 * HOUR)
    return m.both("DAY_HOURS", Expected("DAY_HOURS", "art. 36", p["id"], d, hms(8 * HOUR + step), "8:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def week_hours(rng):
    m = Maker(rng)
    p, week, step = m.person(), 7 * rng.randrange(4), rng.choice((1, 60, 4 * HOUR))
    days = rng.sample(range(7), 6)
    for d in days[:5]:
        m.work(p, m.day(week + d), 9 * HOUR, 8 * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(week), hms(40 * HOUR + step),
                                         "40:00"),
                  lambda f: f.add(p, m.day(week + days[5]), 9 * HOUR, step))


def overtime_day(rng):
    m = Maker(rng)
    p, d, step = m.person(overtime=SPECIAL), m.day(rng.randrange(28)), rng.choice((1, 60))
    s = m.work(p, d, rng.randrange(6, 10) * HOUR, 11 * HOUR)
    return m.both("OVERTIME_DAY", Expected("OVERTIME_DAY", "art. 41", p["id"], d, hms(3 * HOUR + step), "3:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def overtime_month(rng):
    m = Maker(rng)
    first, n = m.quiet_month()
    m = Maker(rng, first, n)
    before = rng.randrange(0, 20 * 60)
    p = m.person(overtime=SPECIAL, overtime_before_minutes=before)
    left, step = 36 * HOUR - before * 60, rng.choice((1, 60))
    days = [d for d in (m.day(i) for i in range(n)) if d.weekday() < 5]
    rng.shuffle(days)
    for d in days:
        if left == 0:
            break
        over = min(left, 3 * HOUR)
        s = m.work(p, d, 8 * HOUR, 8 * HOUR + over)
        left -= over
    extra = next(d for d in days[::-1])
    return m.both("OVERTIME_MONTH", Expected("OVERTIME_MONTH", "art. 41", p["id"], first, hms(36 * HOUR + step), "36:00"),
                  lambda f: f.add(p, extra, 8 * HOUR, 8 * HOUR + step))


def overtime_sixth_day(rng):
    """Full weeks with a sixth day: what comes when forty hours are full is overtime."""
    m = Maker(rng)
    first, n = m.quiet_month()
    m = Maker(rng, first, n)
    p, step = m.person(overtime=SPECIAL), rng.choice((1, 60))
    start = (7 - first.weekday()) % 7  # the first Monday
    weeks = (n - start) // 7
    if weeks < 4:
        return overtime_sixth_day(rng)
    left = 36 * HOUR
    for w in range(weeks):
        over = min(left, 9 * HOUR)
        left -= over
        for d in range(5):
            m.work(p, m.day(start + 7 * w + d), 8 * HOUR, 8 * HOUR)
        s = m.work(p, m.day(start + 7 * w + 5), 8 * HOUR, over)
    return m.both("OVERTIME_MONTH", Expected("OVERTIME_MONTH", "art. 41", p["id"], first, hms(36 * HOUR + step), "36:00"),
                  lambda f: f.move(s, "until", step))


CYCLES = {"MONTH": (1, 595296), "QUARTER": (3, 496 * HOUR), "YEAR": (12, 1984 * HOUR)}  # 20.67, 62, 248 days of 8 h


def cycle(rng, extra_hours, code, agreed):
    m = Maker(rng)
    kind = rng.choice(sorted(CYCLES))
    months, total = CYCLES[kind]
    d = m.day(0)
    first = dt.date(d.year, (d.month - 1) // months * months + 1, 1)
    most, step = total + extra_hours * months * HOUR, rng.choice((1, 60))
    lengths = [rng.randrange(60, 8 * 60) * 60 for _ in range(4)]
    lengths.append(most % 60 + rng.randrange(4, 8) * HOUR)
    before = (most - sum(lengths)) // 60
    p = m.person(system="COMPREHENSIVE", cycle=kind, approved_from="2025-01-01", cycle_before_minutes=before,
                 overtime=SPECIAL if agreed else [])
    days = [i for i in range(28) if m.day(i) < next_cycle(first, months)][:5]
    lengths = [sum(lengths[:-len(days) + 1 or None])] + lengths[-len(days) + 1:] if len(days) < 5 and len(days) > 1 else lengths
    if len(days) < 5:
        return cycle(rng, extra_hours, code, agreed)  # the cycle ends within days
    for i, n in zip(days, lengths):
        s = m.work(p, m.day(i), 8 * HOUR, n)
    figure, limit = (most + step, most) if code == "CYCLE_HOURS" else (most - total + step, most - total)
    return m.both(code, Expected(code, "503号", p["id"], first, hms(figure), hms(limit)),
                  lambda f: f.move(s, "until", step))


def next_cycle(first, months):
    n = first.month - 1 + months
    return dt.date(first.year + n // 12, n % 12 + 1, 1)


def cycle_hours(rng):
    return cycle(rng, 0, "CYCLE_HOURS", False)


def cycle_overtime(rng):
    return cycle(rng, 36, "CYCLE_OVERTIME", True)


def system_approval(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    late = rng.random() < 0.5
    p = m.person(system=rng.choice(("IRREGULAR", "COMPREHENSIVE")), cycle="YEAR", approved_from="2025-01-01",
                 approved_until=(d + dt.timedelta(1)).isoformat())
    if late:
        p.update(approved_from=d.isoformat(), approved_until="2099-01-01")
    s = m.work(p, d, 10 * HOUR, rng.randrange(1, 8) * HOUR)
    change = {"approved_from": (d + dt.timedelta(1)).isoformat()} if late else {"approved_until": d.isoformat()}
    return m.both("SYSTEM_APPROVAL", Expected("SYSTEM_APPROVAL", "art. 39", p["id"], d, "-", "-", s["id"]),
                  lambda f: f.person(p).update(change))


def part_time_day(rng):
    m = Maker(rng)
    p, week, step = m.person(system="PART_TIME"), 7 * rng.randrange(4), rng.choice((1, 60))
    n = rng.randrange(1, 6)
    for d in range(n):
        s = m.work(p, m.day(week + d), 9 * HOUR, 4 * HOUR)
    return m.both("PART_TIME_DAY", Expected("PART_TIME_DAY", "Contract Law art. 68", p["id"], m.day(week),
                                            hms(4 * HOUR + -(-step // n)), "4:00"),
                  lambda f: f.move(s, "until", step))


def part_time_week(rng):
    m = Maker(rng)
    p, week, step = m.person(system="PART_TIME"), 7 * rng.randrange(4), rng.choice((1, 60))
    for d in range(6):
        m.work(p, m.day(week + d), 8 * HOUR, 7 * HOUR // 2)
    s = m.work(p, m.day(week + 6), 18 * HOUR, 3 * HOUR)
    return m.both("PART_TIME_WEEK", Expected("PART_TIME_WEEK", "Contract Law art. 68", p["id"], m.day(week),
                                             hms(24 * HOUR + step), "24:00"),
                  lambda f: f.move(s, "until", step))


# ---- rest ----

def weekly_rest(rng):
    m = Maker(rng)
    p, week, step, end = m.person(), 7 * rng.randrange(4), rng.choice((1, 60)), rng.randrange(13, 17) * HOUR
    gap = rng.randrange(1, 7)  # the day whose shift is a whole day after the last
    for d in range(7):
        start = end - 5 * HOUR if d < gap else end
        s = m.shift(p, m.day(week + d), start, 5 * HOUR if d < gap else 4 * HOUR)
        first = s if d == gap else first if d > gap else None
    return m.both("WEEKLY_REST", Expected("WEEKLY_REST", "art. 38", p["id"], m.day(week), hms(DAY - step), "24:00"),
                  lambda f: f.move(first, "from", -step))


def rest_between(rng):
    m = Maker(rng)
    m.doc["levels"]["REST_BETWEEN"] = "REFUSE"
    rest = 11
    if rng.random() < 0.3:
        rest = m.doc["settings"]["REST_BETWEEN"] = rng.choice((10, 12))
    p, d, step = m.person(), m.day(rng.randrange(27)), rng.choice((1, 60))
    end = rng.randrange(20, 25)
    m.work(p, d, (end - 5) * HOUR, 9 * HOUR // 2)
    s = m.work(p, d + dt.timedelta(1), (end + rest - 24) * HOUR, 4 * HOUR)
    return m.both("REST_BETWEEN", Expected("REST_BETWEEN", "convention", p["id"], d + dt.timedelta(1),
                                           hms(rest * HOUR - step), hms(rest * HOUR), s["id"]),
                  lambda f: f.move(s, "from", -step))


def long_stretch(rng):
    m = Maker(rng)
    m.doc["levels"]["BREAK"] = "REFUSE"
    p, d, step = m.person(), m.day(rng.randrange(28)), rng.choice((1, 60))
    s = m.shift(p, d, 9 * HOUR, 6 * HOUR)
    return m.both("BREAK", Expected("BREAK", "convention", p["id"], d, hms(6 * HOUR + step), "6:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def short_break(rng):
    m = Maker(rng)
    m.doc["levels"]["BREAK"] = "REFUSE"
    p, d = m.person(), m.day(rng.randrange(28))
    paid = rng.random() < 0.5
    s = m.shift(p, d, 9 * HOUR, 8 * HOUR, [(13 * HOUR, HOUR // 2, paid, rng.choice(("MEAL", "REST")))])

    def change(f):
        f.shift(s)["breaks"][0]["until"] = m.at(d, 13 * HOUR + HOUR // 2 - 1)
    return m.both("BREAK", Expected("BREAK", "convention", p["id"], d, "8:00", "6:00", s["id"]), change)


# ---- whom the law protects ----

def under_age(rng):
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(born=years_before(d, 16).isoformat(), hired=d.isoformat())
    s = m.work(p, d, rng.randrange(6, 13) * HOUR, 8 * HOUR)
    later = years_before(d + dt.timedelta(1), 16).isoformat()
    return m.both("UNDER_AGE", Expected("UNDER_AGE", "art. 15", p["id"], d, "15", "16", s["id"]),
                  lambda f: f.person(p).update(born=later))


def minor_night(rng):
    m = Maker(rng)
    d, step = pick_day(m), rng.choice((1, 60))
    p = m.person(born=years_before(d - dt.timedelta(30), 17).isoformat() if (d - dt.timedelta(30)).day < 28
                 else "2009-07-01" if d.year == 2026 else "2008-07-01")
    evening = rng.random() < 0.5
    s = m.shift(p, d, (16 if evening else 6) * HOUR, 6 * HOUR)
    return m.both("MINOR_NIGHT", Expected("MINOR_NIGHT", "art. 58", p["id"], d, hms(step), "0:00", s["id"]),
                  lambda f: f.move(s, "until" if evening else "from", step if evening else -step))


def minor_night_birthday(rng):
    """18 on the day of a night shift is no minor; a day younger is one until midnight."""
    m = Maker(rng)
    d = pick_day(m, 26)
    p = m.person(born=years_before(d, 18).isoformat())
    s = m.work(p, d, 20 * HOUR, 15 * HOUR // 2)
    later = years_before(d + dt.timedelta(1), 18).isoformat()
    return m.both("MINOR_NIGHT", Expected("MINOR_NIGHT", "art. 58", p["id"], d, "2:00", "0:00", s["id"]),
                  lambda f: f.person(p).update(born=later))


def protected_overtime(code, article, facts):
    def make(rng):
        m = Maker(rng)
        d, step = pick_day(m), rng.choice((1, 60))
        p = m.person(overtime=SPECIAL, **facts(m, d))
        pauses = [(16 * HOUR, HOUR // 4, True, "REST"), (16 * HOUR + HOUR // 2, HOUR, True, "NURSING")]
        s = m.work(p, d, 10 * HOUR, 8 * HOUR, pauses=pauses)
        return m.both(code, Expected(code, article, p["id"], d, hms(step), "0:00", s["id"]),
                      lambda f: f.move(s, "until", step))
    return make


def aged_17(m, d):
    return {"born": (dt.date(d.year - 17, d.month, 1) - dt.timedelta(40)).replace(day=1).isoformat()}


def pregnant(m, d):
    return {"pregnancies": [{"due": (d + dt.timedelta(m.rng.randrange(1, 85))).isoformat()}]}


def nursing(m, d):
    return {"births": [{"day": (d - dt.timedelta(m.rng.randrange(120, 358))).isoformat()}]}


def protected_week(code, article, facts):
    """Forty hours are full; what comes on the sixth day is overtime."""
    def make(rng):
        m = Maker(rng)
        week, step = 7 * rng.randrange(4), rng.choice((60, HOUR))
        p = m.person(overtime=SPECIAL, **facts(m, m.day(week)))
        more = [(13 * HOUR + 1800, HOUR // 4, True, "REST"), (14 * HOUR, HOUR, True, "NURSING")]
        for d in range(5):
            m.work(p, m.day(week + d), 9 * HOUR, 8 * HOUR, pauses=more)

        def change(f):
            s = f.add(p, m.day(week + 5), 9 * HOUR, 3 * HOUR + step)
            s["breaks"] = [{"from": m.at(m.day(week + 5), (9 + i) * HOUR), "paid": True, "kind": kind,
                            "until": m.at(m.day(week + 5), (10 + i) * HOUR)} for i, kind in enumerate(("REST", "NURSING"))]
        return m.both(code, Expected(code, article, p["id"], m.day(week + 5), hms(3 * HOUR + step), "0:00"), change)
    return make


def pregnant_from(rng):
    """28 weeks are 84 days before the due date: the night before is no night of the seventh month."""
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(pregnancies=[{"due": (d + dt.timedelta(85)).isoformat()}])
    s = m.work(p, d, 31 * HOUR // 2, 8 * HOUR, pauses=[(20 * HOUR, HOUR // 4, True, "REST")])
    due = (d + dt.timedelta(84)).isoformat()
    return m.both("PREGNANT_NIGHT", Expected("PREGNANT_NIGHT", "619 art. 6", p["id"], d, "2:00", "0:00", s["id"]),
                  lambda f: f.person(p).update(pregnancies=[{"due": due}]))


def pregnant_night(rng):
    m = Maker(rng)
    d, step = pick_day(m), rng.choice((1, 60))
    p = m.person(**pregnant(m, d))
    s = m.work(p, d, 27 * HOUR // 2, 8 * HOUR, pauses=[(20 * HOUR, HOUR // 4, True, "REST")])

    def change(f):
        f.move(s, "from", step)
        f.move(s, "until", step)
    return m.both("PREGNANT_NIGHT", Expected("PREGNANT_NIGHT", "619 art. 6", p["id"], d, hms(step), "0:00", s["id"]),
                  change)


def pregnant_rest(rng):
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(**pregnant(m, d))
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, pauses=[(15 * HOUR, HOUR // 4, True, "REST")])

    def change(f):
        f.shift(s)["breaks"][1]["until"] = m.at(d, 15 * HOUR + HOUR // 4 - 1)
    return m.both("PREGNANT_REST", Expected("PREGNANT_REST", "619 art. 6", p["id"], d, "0:14:59", "0:15", s["id"]), change)


def nursing_night(rng):
    """The child is one year old on the day; a day later it is not yet."""
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(births=[{"day": years_before(d, 1).isoformat()}])
    s = m.work(p, d, 31 * HOUR // 2, 8 * HOUR, pauses=[(20 * HOUR, HOUR, True, "NURSING")])
    later = years_before(d + dt.timedelta(1), 1).isoformat()
    return m.both("NURSING_NIGHT", Expected("NURSING_NIGHT", "619 art. 9", p["id"], d, "2:00", "0:00", s["id"]),
                  lambda f: f.person(p).update(births=[{"day": later}]))


def nursing_break(rng):
    m = Maker(rng)
    d, infants = pick_day(m), rng.randrange(1, 4)
    p = m.person(**nursing(m, d))
    p["births"][0]["infants"] = infants
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, pauses=[(14 * HOUR, infants * HOUR, True, "NURSING")])

    def change(f):
        f.shift(s)["breaks"][1]["until"] = m.at(d, (14 + infants) * HOUR - 1)
    return m.both("NURSING_BREAK", Expected("NURSING_BREAK", "619 art. 9", p["id"], d, hms(infants * HOUR - 1),
                                            hms(infants * HOUR), s["id"]), change)


def minor_hazard(rng):
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(born=years_before(d, 18).isoformat())
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, post="cellar")
    later = years_before(d + dt.timedelta(1), 18).isoformat()
    return m.both("MINOR_HAZARD", Expected("MINOR_HAZARD", "art. 64", p["id"], d, "-", "-", s["id"]),
                  lambda f: f.person(p).update(born=later))


# ---- who may work there and then ----

def skill(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    p = m.person(skills=["TILL", "COOK"], certificates=[{"kind": "HEALTH", "from": "2024-01-01"}])
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, post="kitchen")
    lost = rng.choice(("TILL", "COOK"))
    return m.both("SKILL", Expected("SKILL", "art. 68", p["id"], d, "-", "-", s["id"]),
                  lambda f: f.person(p)["skills"].remove(lost))


def certificate(rng):
    """It ends inside the week, at the midnight at which the last shift does."""
    m = Maker(rng)
    week = 7 * rng.randrange(4)
    d = m.day(week + rng.randrange(2, 6))
    until = d + dt.timedelta(1)
    p = m.person(skills=["TILL", "COOK"], certificates=[{"kind": "HEALTH", "from": m.day(week).isoformat(),
                                                         "until": until.isoformat()}])
    if rng.random() < 0.4:  # renewed before
        p["certificates"] = [{"kind": "HEALTH", "from": m.day(week + 1).isoformat(), "until": until.isoformat()},
                             {"kind": "HEALTH", "from": "2024-01-01", "until": m.day(week + 1).isoformat()}]
    m.work(p, m.day(week), 9 * HOUR, 8 * HOUR, post="kitchen")
    s = m.work(p, d, 16 * HOUR, 15 * HOUR // 2, post="kitchen")
    step = rng.choice((1, 60, HOUR // 2))
    return m.both("CERTIFICATE", Expected("CERTIFICATE", "art. 55", p["id"], d, hms(step), "0:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def certificate_gap(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(1, 28))
    p = m.person(skills=["TILL", "COOK"], certificates=[{"kind": "HEALTH", "from": "2024-01-01", "until": d.isoformat()},
                                                        {"kind": "HEALTH", "from": d.isoformat()}])
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, post="kitchen")
    gap = (d + dt.timedelta(1)).isoformat()

    def change(f):
        f.person(p)["certificates"][1]["from"] = gap
    return m.both("CERTIFICATE", Expected("CERTIFICATE", "art. 55", p["id"], d, "8:30", "0:00", s["id"]), change)


def availability(rng):
    m = Maker(rng)
    d, step = m.day(rng.randrange(28)), rng.choice((1, 60))
    p = m.person(available=[{"from": m.at(d, 13 * HOUR), "until": m.at(d, 35 * HOUR // 2)},
                            {"from": m.at(d, 9 * HOUR), "until": m.at(d, 13 * HOUR)}])
    s = m.work(p, d, 9 * HOUR, 8 * HOUR)

    def change(f):
        f.person(p)["available"][0]["until"] = m.at(d, 35 * HOUR // 2 - step)
    return m.both("AVAILABILITY", Expected("AVAILABILITY", "art. 17", p["id"], d, hms(step), "0:00", s["id"]), change)


def unavailable(rng):
    m = Maker(rng)
    d, step = m.day(rng.randrange(28)), rng.choice((1, 60))
    p = m.person(unavailable=[{"from": m.at(d, 35 * HOUR // 2), "until": m.at(d, 20 * HOUR)}])
    s = m.work(p, d, 9 * HOUR, 15 * HOUR // 2)
    m.shift(p, d, 20 * HOUR, HOUR // 2)

    def change(f):
        f.person(p)["unavailable"][0]["from"] = m.at(d, 17 * HOUR - step)
    return m.both("AVAILABILITY", Expected("AVAILABILITY", "art. 17", p["id"], d, hms(step), "0:00", s["id"]), change)


def leave(rng):
    m = Maker(rng)
    d, step = m.day(rng.randrange(1, 28)), rng.choice((1, 60))
    p = m.person(leave=[{"from": m.at(d, -24 * HOUR), "until": m.at(d, 9 * HOUR), "paid": True}])
    s = m.work(p, d, 9 * HOUR, 8 * HOUR)

    def change(f):
        f.person(p)["leave"][0]["until"] = m.at(d, 9 * HOUR + step)
    return m.both("LEAVE", Expected("LEAVE", "art. 45", p["id"], d, hms(step), "0:00", s["id"]), change)


def employed(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    first = rng.random() < 0.5
    p = m.person(**({"hired": d.isoformat()} if first else {"left": (d + dt.timedelta(1)).isoformat()}))
    s = m.work(p, d, 9 * HOUR, 8 * HOUR)
    change = {"hired": (d + dt.timedelta(1)).isoformat()} if first else {"left": d.isoformat()}
    return m.both("EMPLOYED", Expected("EMPLOYED", "Contract Law art. 7", p["id"], d, "-", "-", s["id"]),
                  lambda f: f.person(p).update(change))


def site(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    p = m.person()
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, site="S2")
    return m.both("SITE", Expected("SITE", "art. 17", p["id"], d, "-", "-", s["id"]),
                  lambda f: f.person(p).update(sites=["S3"]))


def double_booking(rng):
    m = Maker(rng)
    d, step = m.day(rng.randrange(28)), rng.choice((1, 60))
    p = m.person()
    m.shift(p, d, 9 * HOUR, 3 * HOUR)
    s = m.shift(p, d, 12 * HOUR, 3 * HOUR)
    return m.both("DOUBLE_BOOKING", Expected("DOUBLE_BOOKING", "art. 17", p["id"], d, hms(step), "0:00", s["id"]),
                  lambda f: f.move(s, "from", -step))


def travel(rng):
    m = Maker(rng)
    d, step = m.day(rng.randrange(28)), rng.choice((1, 60))
    p = m.person(sites=["S2", "S3"])
    there, minutes = rng.choice((("S2", 45), ("S3", 30)))
    sites = ["S1", there]
    rng.shuffle(sites)
    m.shift(p, d, 9 * HOUR, 3 * HOUR, site=sites[0])
    s = m.shift(p, d, 12 * HOUR + minutes * 60, 3 * HOUR, site=sites[1])
    return m.both("TRAVEL", Expected("TRAVEL", "travel", p["id"], d, hms(minutes * 60 - step), hms(minutes * 60), s["id"]),
                  lambda f: f.move(s, "from", -step))


KINDS = [day_hours, week_hours, overtime_day, overtime_month, overtime_sixth_day, cycle_hours, cycle_overtime,
         system_approval, part_time_day, part_time_week, weekly_rest, rest_between, long_stretch, short_break, under_age,
         minor_night, minor_night_birthday, protected_overtime("MINOR_OVERTIME", "art. 58", aged_17), minor_hazard,
         pregnant_from, pregnant_night, protected_overtime("PREGNANT_OVERTIME", "619 art. 6", pregnant), pregnant_rest,
         nursing_night, protected_overtime("NURSING_OVERTIME", "619 art. 9", nursing), nursing_break, skill, certificate,
         certificate_gap, availability, unavailable, leave, employed, site, double_booking, travel,
         protected_week("MINOR_OVERTIME", "art. 58", aged_17), protected_week("NURSING_OVERTIME", "619 art. 9", nursing)]


def cases(seed, n):
    """n cases, the kinds by turns."""
    rng = random.Random(seed)
    return [KINDS[i % len(KINDS)](rng) for i in range(n)]
