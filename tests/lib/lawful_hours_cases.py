"""Hours of days, weeks and months, at their limits and beyond (rules.md 3.2, 4.4, 5)."""
import datetime as dt

from lawful_roster_maker import (ALWAYS, BREAKS, Expected, HOUR, MADE_UP, Maker, SPECIAL, STATUTORY, alone_statutory,
                                 hms, is_working_day, next_cycle, raised)


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


def part_time_day(rng):
    m = Maker(rng)
    p, week, step = m.person(system="PART_TIME"), 7 * rng.randrange(4), rng.choice((1, 60))
    n = rng.randrange(1, 6)
    for d in range(5):
        m.work(p, m.day(week - 7 + d), 9 * HOUR, 4 * HOUR)
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


def overtime_usual(rng):
    m = raised(Maker(rng), "OVERTIME_USUAL")
    p, d, step = m.person(overtime=ALWAYS), m.day(rng.randrange(28)), rng.choice((1, 60))
    s = m.work(p, d, 9 * HOUR, 9 * HOUR)
    return m.both("OVERTIME_USUAL", Expected("OVERTIME_USUAL", "art. 41", p["id"], d, hms(HOUR + step), "1:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def special_reasons(rng):
    """Beyond an hour a day it needs special reasons, which end with their agreement."""
    m = raised(Maker(rng), "OVERTIME_USUAL")
    d = m.day(rng.randrange(28))
    p = m.person(overtime=ALWAYS + [{"from": d.isoformat(), "until": (d + dt.timedelta(1)).isoformat(), "special": True}])
    s = m.work(p, d, 9 * HOUR, 11 * HOUR)

    def change(f):
        f.person(p)["overtime"].pop()
    return m.both("OVERTIME_USUAL", Expected("OVERTIME_USUAL", "art. 41", p["id"], d, "3:00", "1:00", s["id"]), change)


def agreement_ends(rng):
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    first = rng.random() < 0.5
    p = m.person(overtime=[{"from": d.isoformat(), "until": (d + dt.timedelta(1)).isoformat()}])
    s = m.work(p, d, 9 * HOUR, 9 * HOUR)

    def change(f):
        f.person(p)["overtime"][0].update(
            {"from": (d + dt.timedelta(1)).isoformat(), "until": "2099-01-01"} if first
            else {"from": "2020-01-01", "until": d.isoformat()})
    return m.both("DAY_HOURS", Expected("DAY_HOURS", "art. 36", p["id"], d, "9:00", "8:00", s["id"]), change)


def statutory_work(rng):
    d = rng.choice([d for d in sorted(STATUTORY)
                    if d - dt.timedelta(1) not in STATUTORY and d.year < 2027])
    eve = d - dt.timedelta(1)
    m = raised(Maker(rng, eve - dt.timedelta(eve.weekday()), 7), "STATUTORY_WORK")
    m.doc["people"], m.doc["shifts"] = [], []
    p, step = m.person(), rng.choice((1, 60))
    s = m.work(p, eve, 31 * HOUR // 2, 8 * HOUR)

    def change(f):
        f.move(s, "from", step)
        f.move(s, "until", step)
    return m.both("STATUTORY_WORK", Expected("STATUTORY_WORK", "art. 44", p["id"], eve, hms(step), "0:00", s["id"]), change)


def statutory_fills_no_week(rng):
    d = rng.choice(alone_statutory())
    m = Maker(rng, d - dt.timedelta(d.weekday()), 7)
    m.doc["people"], m.doc["shifts"] = [], []
    p, step = m.person(), rng.choice((1, 60))
    others = [m.day(i) for i in range(7) if m.day(i) != d]
    rng.shuffle(others)
    m.work(p, d, 8 * HOUR, 8 * HOUR)
    for o in others[:4]:
        m.work(p, o, 8 * HOUR, 8 * HOUR)
    s = m.work(p, others[4], 8 * HOUR, 8 * HOUR)
    if not rests_a_day(d, others[5], m):
        return statutory_fills_no_week(rng)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(0), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.add(p, others[5], 0 if others[5] == m.day(0) else 24 * HOUR - step, step))


def rests_a_day(d, free, m):
    """The seventh day is worked for a moment at its end or begin, and there must be a day of rest beside it."""
    return free in (m.day(0), m.day(6))


def calendar_unknown(rng):
    m = raised(Maker(rng, dt.date(2026, 12, 7), 25), "CALENDAR_UNKNOWN")
    return m.both("CALENDAR_UNKNOWN", Expected("CALENDAR_UNKNOWN", "art. 6", "-", dt.date(2027, 1, 1), "-", "-"),
                  lambda f: f.doc.update(until="2027-01-02"))


def unknown_year(rng):
    m = raised(Maker(rng, dt.date(2026, 12, 7), 25), "CALENDAR_UNKNOWN")
    return m.both("CALENDAR_UNKNOWN", Expected("CALENDAR_UNKNOWN", "art. 6", "-", dt.date(2027, 1, 1), "-", "-"),
                  lambda f: f.doc.update({"from": "2027-01-01", "until": "2027-01-02"}))


def office_rest_day(rng):
    """A rest day fills the week but not the 36 hours of blocking; the warning counts it."""
    m = raised(Maker(rng, *office_month(rng)), "OVERTIME_ALL")
    p, step = m.person(overtime=SPECIAL, pattern="OFFICE"), rng.choice((1, 60))
    days = [m.day(i) for i in range(31) if m.day(i) < next_cycle(m.monday, 1)]
    rest = [d for d in days if d.weekday() == 5]
    for d in rest[:4]:
        s = m.work(p, d, 9 * HOUR, 9 * HOUR)
    return m.both("OVERTIME_ALL", Expected("OVERTIME_ALL", "art. 41", p["id"], m.monday, hms(36 * HOUR + step), "36:00"),
                  lambda f: f.move(s, "until", step))


def office_weekday_cap(rng):
    m = Maker(rng, *office_month(rng))
    p, step = m.person(overtime=SPECIAL, pattern="OFFICE"), rng.choice((1, 60))
    days = [m.day(i) for i in range(31) if m.day(i) < next_cycle(m.monday, 1)]
    work = [d for d in days if d.weekday() < 4]
    for d in [d for d in days if d.weekday() == 5][:3]:
        m.work(p, d, 9 * HOUR, 8 * HOUR)
    for d in work[:12]:
        m.work(p, d, 8 * HOUR, 11 * HOUR)
    s = m.work(p, work[12], 8 * HOUR, 8 * HOUR)
    return m.both("OVERTIME_MONTH", Expected("OVERTIME_MONTH", "art. 41", p["id"], m.monday, hms(36 * HOUR + step), "36:00"),
                  lambda f: f.move(s, "until", step))


def office_week(rng):
    m = Maker(rng)
    p, week, step = m.person(pattern="OFFICE"), 7 * rng.randrange(4), rng.choice((60, HOUR))
    if any(m.day(week + i) in MADE_UP or not is_working_day(m.day(week + i)) for i in range(5)) or m.day(week + 5) in MADE_UP:
        return office_week(rng)
    for d in range(4):
        m.work(p, m.day(week + d), 9 * HOUR, 8 * HOUR)
    s = m.work(p, m.day(week + 5), 9 * HOUR, 8 * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(week), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.add(p, m.day(week + 4), 9 * HOUR, step))


def office_month(rng):
    """A month without any break or day made up, from its first."""
    while True:
        first = dt.date(rng.choice((2025, 2026)), rng.randrange(1, 13), 1)
        days = (next_cycle(first, 1) - first).days
        ends = first + dt.timedelta(days)
        if not any(first <= d < ends for d in STATUTORY | MADE_UP) and not any(a < ends and b >= first for a, b in BREAKS):
            return first, days


def around_horizon(rng):
    """Beyond the days judged nothing is refused; a day more and it is."""
    m = Maker(rng, days=21)
    early = rng.random() < 0.5
    d = m.day(-1 if early else 21)
    p = m.person()
    s = m.work(p, d, 9 * HOUR, 9 * HOUR)
    change = {"from": d.isoformat()} if early else {"until": (d + dt.timedelta(1)).isoformat()}
    return m.both("DAY_HOURS", Expected("DAY_HOURS", "art. 36", p["id"], d, "9:00", "8:00", s["id"]),
                  lambda f: f.doc.update(change))


def week_around_horizon(rng):
    """A week that the horizon cuts counts whole."""
    m = Maker(rng)
    p, step = m.person(), rng.choice((1, 60))
    before = rng.random() < 0.5
    m.doc["people"], m.doc["shifts"] = [p], []
    m.doc.update({"from": m.day(5).isoformat()} if before else {"until": m.day(1).isoformat()})
    for d in range(5):
        s = m.work(p, m.day(d), 9 * HOUR, 8 * HOUR)
    last = m.day(5)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(0), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.add(p, last, 9 * HOUR, step))


def week_before_horizon(after, code, article, system, n, length, figure, limit):
    """A week that ends where the horizon begins is not judged; one that reaches in by a day is. So behind it."""
    def make(rng):
        m = Maker(rng, days=21)
        m.doc["people"], m.doc["shifts"] = [], []
        p, week = m.person(system=system), 21 if after else -7
        for d in range(n):
            late = d == 6 and code != "WEEKLY_REST"
            m.work(p, m.day(week + d), (20 if late else 8) * HOUR, length)
        change = {"until": m.day(22).isoformat()} if after else {"from": m.day(-1).isoformat()}
        return m.both(code, Expected(code, article, p["id"], m.day(week), figure, limit), lambda f: f.doc.update(change))
    return make


WEEKS_BEFORE = [week_before_horizon(after, *row) for after in (False, True) for row in (
    ("WEEK_HOURS", "174 art. 3", "STANDARD", 6, 7 * HOUR, "42:00", "40:00"),
    ("WEEKLY_REST", "art. 38", "STANDARD", 7, 4 * HOUR, "20:00", "24:00"),
    ("PART_TIME_WEEK", "Contract Law art. 68", "PART_TIME", 7, 7 * HOUR // 2, "24:30", "24:00"),
    ("PART_TIME_DAY", "Contract Law art. 68", "PART_TIME", 2, 5 * HOUR, "5:00", "4:00"))]


def agreed_on_one_day(rng):
    """What is over on an agreed day fills no week; what comes when it is full on another is agreed by nobody."""
    m = Maker(rng)
    week, step = 7 * rng.randrange(4), rng.choice((1, 60))
    agreed = m.day(week + rng.randrange(5))
    p = m.person(overtime=[{"from": agreed.isoformat(), "until": (agreed + dt.timedelta(1)).isoformat()}])
    for d in range(5):
        m.work(p, m.day(week + d), 9 * HOUR, (9 if m.day(week + d) == agreed else 8) * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(week), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.add(p, m.day(week + 5), 9 * HOUR, step))


def full_before_holiday(rng):
    d = rng.choice([d for d in alone_statutory() if d.weekday() == 4])
    m = Maker(rng, d - dt.timedelta(4), 7)
    p, step = m.person(system="COMPREHENSIVE", cycle="WEEK", approved_from="2024-01-01"), rng.choice((1, 60))
    for i in range(4):
        s = m.work(p, m.day(i), 8 * HOUR, 10 * HOUR)
    m.work(p, d, 8 * HOUR, 4 * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(0), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.move(s, "until", step))


def overtime_with_holiday(rng):
    """The warning counts hours on statutory holidays, and what came before the document."""
    d = rng.choice([d for d in alone_statutory() if d.day > 7])
    m = raised(Maker(rng, d - dt.timedelta(d.weekday()), 7), "OVERTIME_ALL")
    p, step = m.person(overtime=SPECIAL), rng.choice((1, 60))
    p["overtime_before_minutes"] = 28 * 60
    s = m.work(p, d, 8 * HOUR, 8 * HOUR)
    return m.both("OVERTIME_ALL", Expected("OVERTIME_ALL", "art. 41", p["id"], d.replace(day=1), hms(36 * HOUR + step),
                                           "36:00"), lambda f: f.move(s, "until", step))


def sunday_night(rng):
    """A shift belongs to the day on which it begins, so Sunday's night to the week that ends."""
    m = Maker(rng)
    p, week, step = m.person(), 7 * rng.randrange(3), rng.choice((1, 60))
    for d in range(4):
        m.work(p, m.day(week + d), 9 * HOUR, 8 * HOUR)
        m.work(p, m.day(week + 8 + d), 9 * HOUR, 8 * HOUR)
    m.work(p, m.day(week + 6), 20 * HOUR, 8 * HOUR)
    m.work(p, m.day(week + 12), 9 * HOUR, 8 * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(week), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.add(p, m.day(week + 4), 9 * HOUR, step))


def month_turn(rng):
    """Of two months each has its own 36 hours; a night that runs into the next is the first's."""
    first, n = Maker(rng).quiet_month()
    m = Maker(rng, first, n + 10)
    m.doc["people"], m.doc["shifts"] = [], []
    p, step = m.person(overtime=SPECIAL, overtime_before_minutes=33 * 60), rng.choice((1, 60))
    last = first + dt.timedelta(n - 1)
    s = m.shift(p, last, 17 * HOUR, 12 * HOUR, [(21 * HOUR, HOUR, False, "MEAL")])
    m.work(p, last + dt.timedelta(3), 8 * HOUR, 11 * HOUR)
    extra = last - dt.timedelta(4)
    return m.both("OVERTIME_MONTH", Expected("OVERTIME_MONTH", "art. 41", p["id"], first, hms(36 * HOUR + step), "36:00"),
                  lambda f: f.add(p, extra, 8 * HOUR, 8 * HOUR + step))


KINDS = [day_hours, week_hours, overtime_day, overtime_month, overtime_sixth_day, part_time_day, part_time_week,
         overtime_usual, special_reasons, agreement_ends, statutory_work, statutory_fills_no_week, calendar_unknown,
         office_rest_day, office_weekday_cap, office_week, around_horizon, week_around_horizon, *WEEKS_BEFORE,
         unknown_year, agreed_on_one_day, full_before_holiday, overtime_with_holiday, sunday_night, month_turn]
