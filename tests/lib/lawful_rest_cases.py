"""Rest, runs of days around holidays and breaks, at their limits and beyond (rules.md 5)."""
import datetime as dt

from lawful_roster_maker import (BREAKS, DAY, Expected, HOUR, Maker, hms, raised)


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


def hour_of(d):
    """Late on Sundays, so that a whole day lies between two hours of each week."""
    return (20 if d.weekday() == 6 else 8) * HOUR


def an_hour(m, p, d):
    return m.work(p, d, hour_of(d), HOUR)


def holiday_run(rng):
    """Six days in a row beside a break, then seven."""
    first, last = rng.choice(BREAKS[1:])  # the rule is of 2025
    m = raised(Maker(rng, first - dt.timedelta(first.weekday() + 14), 42), "HOLIDAY_RUN")
    m.doc["people"], m.doc["shifts"] = [], []
    before = rng.random() < 0.5
    p = m.person()
    days = [first - dt.timedelta(6 - i) for i in range(6)] if before else [last + dt.timedelta(1 + i) for i in range(6)]
    for d in days:
        an_hour(m, p, d)
    seventh = days[0] - dt.timedelta(1) if before else days[-1] + dt.timedelta(1)
    if any(a <= x <= b for a, b in BREAKS for x in (days[0] - dt.timedelta(1), days[-1] + dt.timedelta(1), seventh)
           if (a, b) != (first, last)):
        return holiday_run(rng)
    for n in (3, 5):  # others, each alone
        an_hour(m, p, min(days[0], seventh) - dt.timedelta(n))
    if rng.random() < 0.5:  # judged from the last of them on
        m.doc["from"] = max(days[-1], seventh).isoformat()
    return m.both("HOLIDAY_RUN", Expected("HOLIDAY_RUN", "art. 7", p["id"], min(days[0], seventh), "7", "6"),
                  lambda f: f.add(p, seventh, hour_of(seventh), HOUR))


def irregular(rng):
    """No day of rest, which only the irregular may."""
    m = Maker(rng)
    p = m.person(system="IRREGULAR", approved_from="2025-01-01")
    week = 7 * rng.randrange(1, 3)
    for d in range(7):
        m.work(p, m.day(week + d), 10 * HOUR, 4 * HOUR)

    def change(f):
        f.person(p).update(system="STANDARD")
        del f.person(p)["approved_from"]
    return m.both("WEEKLY_REST", Expected("WEEKLY_REST", "art. 38", p["id"], m.day(week), "20:00", "24:00"), change)


def split_shift(rng):
    """Two parts of one work date need no eleven hours between them, two work dates do."""
    m = raised(Maker(rng), "REST_BETWEEN")
    p, d = m.person(), m.day(rng.randrange(1, 27))
    for day in (d, d + dt.timedelta(1)):
        m.shift(p, day, 10 * HOUR, 4 * HOUR)
        s = m.shift(p, day, 17 * HOUR, 4 * HOUR)

    def change(f):
        x = f.shift(s)
        x["from"], x["until"] = m.at(d + dt.timedelta(2), 0), m.at(d + dt.timedelta(2), 4 * HOUR)
    return m.both("REST_BETWEEN", Expected("REST_BETWEEN", "convention", p["id"], d + dt.timedelta(2), "10:00", "11:00",
                                           s["id"]), change)


def rest_over_horizon(rng):
    """What is planned must leave its rest before a shift that stands already, and after one."""
    m = raised(Maker(rng), "REST_BETWEEN")
    p, step = m.person(), rng.choice((1, 60))
    late = rng.random() < 0.5
    d = m.day(27 if late else -1)
    a = m.work(p, d, 16 * HOUR, 4 * HOUR)
    b = m.work(p, d + dt.timedelta(1), 7 * HOUR, 4 * HOUR)
    return m.both("REST_BETWEEN", Expected("REST_BETWEEN", "convention", p["id"], d + dt.timedelta(1),
                                           hms(11 * HOUR - step), "11:00", b["id"]),
                  lambda f: f.move(a if late else b, "until" if late else "from", step if late else -step))


def weekly_rest_edge(rng):
    """The day of rest lies at the week's end, or at its beginning."""
    m = Maker(rng)
    p, week, step = m.person(), 7 * rng.randrange(1, 4), rng.choice((1, 60))
    head = rng.random() < 0.5
    for d in range(1, 7) if head else range(6):
        m.shift(p, m.day(week + d), 19 * HOUR, 5 * HOUR)
    if head:  # the rest is Monday, between Sunday's shift and one that begins with Tuesday
        s = m.shift(p, m.day(week - 1), 19 * HOUR, 5 * HOUR)
        m.shift(p, m.day(week + 1), 0, HOUR)
    else:
        s = next(x for x in m.doc["shifts"] if x["person"] == p["id"] and x["from"] == m.at(m.day(week + 5), 19 * HOUR))
    return m.both("WEEKLY_REST", Expected("WEEKLY_REST", "art. 38", p["id"], m.day(week), hms(DAY - step), "24:00"),
                  lambda f: f.move(s, "until", step))


def break_at_edge(rng):
    """A rest too short for a break, at the beginning or end of a shift, is no part of the stretch."""
    m = raised(Maker(rng), "BREAK")
    p, d, step = m.person(), m.day(rng.randrange(28)), rng.choice((1, 60))
    first = rng.random() < 0.5
    pauses = [((9 if first else 15) * HOUR, HOUR // 3, True, "REST")]
    s = m.shift(p, d, 9 * HOUR, 6 * HOUR + HOUR // 3, pauses)

    def change(f):
        if first:
            return f.move(s, "until", step)
        f.move(s, "until", step)
        b = f.shift(s)["breaks"][0]
        b.update({"from": m.at(d, 15 * HOUR + step), "until": m.at(d, 15 * HOUR + HOUR // 3 + step)})
    return m.both("BREAK", Expected("BREAK", "convention", p["id"], d, hms(6 * HOUR + step), "6:00", s["id"]), change)


def near_holiday(rng):
    """Seven days in a row with a free day between them and the break; without it they are eight beside it."""
    first, last = rng.choice(BREAKS[1:])
    m = raised(Maker(rng, first - dt.timedelta(first.weekday() + 14), 42), "HOLIDAY_RUN")
    m.doc["people"], m.doc["shifts"] = [], []
    p, before = m.person(), rng.random() < 0.5
    gap = first - dt.timedelta(1) if before else last + dt.timedelta(1)
    days = [gap + dt.timedelta((-1 - i) if before else 1 + i) for i in range(7)]
    around = [min(days) - dt.timedelta(1), *days, gap, max(days) + dt.timedelta(1)]
    if any(a <= x <= b for a, b in BREAKS for x in around if (a, b) != (first, last)):
        return near_holiday(rng)
    for d in days:
        an_hour(m, p, d)
    return m.both("HOLIDAY_RUN", Expected("HOLIDAY_RUN", "art. 7", p["id"], min(*days, gap), "8", "6"),
                  lambda f: f.add(p, gap, hour_of(gap), HOUR))


KINDS = [weekly_rest, rest_between, long_stretch, short_break, holiday_run, irregular, rest_over_horizon, split_shift,
         weekly_rest_edge, break_at_edge, near_holiday]
