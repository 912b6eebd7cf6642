"""Comprehensive and irregular hours, at their limits and beyond (rules.md 3.3)."""
import datetime as dt

from lawful_roster_maker import (DAY, Expected, HOUR, Maker, SPECIAL, STATUTORY, hms, is_working_day, next_cycle,
                                 working_days)


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
    if len(days) < 5:
        return cycle(rng, extra_hours, code, agreed)  # the cycle ends within days
    for i, n in zip(days, lengths):
        s = m.work(p, m.day(i), 8 * HOUR, n)
    figure, limit = (most + step, most) if code == "CYCLE_HOURS" else (most - total + step, most - total)
    return m.both(code, Expected(code, "503号", p["id"], first, hms(figure), hms(limit)),
                  lambda f: f.move(s, "until", step))


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


def weekly_cycle(rng):
    """Days as long as they come, forty hours a week."""
    m = Maker(rng)
    week, step = 7 * rng.randrange(4), rng.choice((1, 60))
    p = m.person(system="COMPREHENSIVE", cycle="WEEK", approved_from="2025-01-01")
    for d, n in enumerate((12, 4, 12, 8)):
        m.work(p, m.day(week + d), 8 * HOUR, n * HOUR)
    s = m.work(p, m.day(week + 5), 8 * HOUR, 4 * HOUR)
    return m.both("WEEK_HOURS", Expected("WEEK_HOURS", "174 art. 3", p["id"], m.day(week), hms(40 * HOUR + step), "40:00"),
                  lambda f: f.move(s, "until", step))


def quarter(rng, **more):
    """A person of a quarter's cycle, whose horizon lies in its middle month."""
    m = Maker(rng)
    d = m.day(0)
    first = dt.date(d.year, (d.month - 1) // 3 * 3 + 1, 1)
    if d.month % 3 != 2 or m.day(28).month not in (d.month, d.month + 1):
        return quarter(rng, **more)
    return m, first, m.person(system="COMPREHENSIVE", cycle="QUARTER", approved_from="2025-01-01", **more)


def finish_cycle(m, p, first, most, step):
    """What is left of the cycle's hours, before the horizon but for two days."""
    rest = most % 60 + 5 * HOUR
    m.work(p, m.day(1), 8 * HOUR, 12 * HOUR)
    s = m.work(p, m.day(12), 8 * HOUR, rest)
    p["cycle_before_minutes"] = (most - rest - 12 * HOUR) // 60
    return s


def cycle_leave(rng):
    m, first, p = quarter(rng)
    paid, step = rng.random() < 0.5, rng.choice((1, 60))
    days = [d for d in (m.day(i) for i in range(14, 28)) if is_working_day(d)]
    whole, half = rng.sample(days, 2)
    p["leave"] = [{"from": m.at(whole, 0), "until": m.at(whole, 24 * HOUR), "paid": paid},
                  {"from": m.at(half, 9 * HOUR), "until": m.at(half, 13 * HOUR), "paid": paid},
                  {"from": m.at(m.day(6 + 14), 0), "until": m.at(m.day(6 + 14), 24 * HOUR), "paid": paid}]
    if is_working_day(m.day(20)):
        return cycle_leave(rng)
    total = 496 * HOUR - 12 * HOUR  # paid leave counts as worked, unpaid leave lowers the cycle
    s = finish_cycle(m, p, first, total, step)
    figure, limit = (496 * HOUR + step, 496 * HOUR) if paid else (total + step, total)
    return m.both("CYCLE_HOURS", Expected("CYCLE_HOURS", "503号", p["id"], first, hms(figure), hms(limit)),
                  lambda f: f.move(s, "until", step))


def cycle_joiner(rng):
    m, first, p = quarter(rng)
    end = next_cycle(first, 3)
    leaves = rng.random() < 0.5
    if leaves:
        left = m.day(rng.randrange(14, 28))
        p["left"], mine = left.isoformat(), working_days(first, left)
    else:
        hired = first + dt.timedelta(rng.randrange(1, 28))
        p["hired"], mine = hired.isoformat(), working_days(hired, end)
    most = 496 * HOUR * mine // working_days(first, end)
    step = rng.choice((1, 60))
    s = finish_cycle(m, p, first, most, step)
    return m.both("CYCLE_HOURS", Expected("CYCLE_HOURS", "503号", p["id"], first, hms(most + step), hms(most)),
                  lambda f: f.move(s, "until", step))


def cycle_statutory(rng):
    """Hours of a statutory day are paid apart and fill no cycle."""
    d = rng.choice([dt.date(2025, 5, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 19), dt.date(2025, 4, 4)])
    m = Maker(rng, d - dt.timedelta(d.weekday()), 7)
    m.doc["people"], m.doc["shifts"] = [], []
    p, step = m.person(system="COMPREHENSIVE", cycle="YEAR", approved_from="2025-01-01"), rng.choice((1, 60))
    m.work(p, d, 9 * HOUR, 8 * HOUR)
    s = m.work(p, m.day(0), 8 * HOUR, 8 * HOUR)
    p["cycle_before_minutes"] = (1984 - 8) * 60
    return m.both("CYCLE_HOURS", Expected("CYCLE_HOURS", "503号", p["id"], dt.date(d.year, 1, 1), hms(1984 * HOUR + step),
                                          "1984:00"), lambda f: f.move(s, "until", step))


def long_weeks(rng):
    """Irregular hours and those of a longer cycle know no full week, while their approval holds."""
    m = Maker(rng)
    week = 7 * rng.randrange(4)
    p = m.person(system=rng.choice(("IRREGULAR", "COMPREHENSIVE")), cycle="YEAR", approved_from="2025-01-01")
    if p["system"] == "IRREGULAR":
        del p["cycle"]
    for d in range(6):
        s = m.work(p, m.day(week + d), 8 * HOUR, 11 * HOUR)
    last = m.day(week + 5).isoformat()
    return m.both("SYSTEM_APPROVAL", Expected("SYSTEM_APPROVAL", "art. 39", p["id"], m.day(week + 5), "-", "-", s["id"]),
                  lambda f: f.person(p).update(approved_until=last))


def cycle_turns(rng):
    """Of two cycles each has its own hours; what came before the document is the first's."""
    m, first, p = quarter(rng)
    end, step = next_cycle(first, 3), rng.choice((1, 60))
    if rng.random() < 0.5:
        m.doc["from"] = first.isoformat()
    m.doc["until"] = (end + dt.timedelta(7)).isoformat()
    if any(d in STATUTORY for d in (end + dt.timedelta(i) for i in range(-1, 4))):
        return cycle_turns(rng)
    leave = rng.random() < 0.5
    for i in range(3):
        m.work(p, end + dt.timedelta(i + leave), 8 * HOUR, 8 * HOUR)
    if leave:
        p["leave"] = [{"from": m.at(d, 0), "until": m.at(d, DAY), "paid": True}
                      for d in (end, first - dt.timedelta(1))]
    p["pattern"] = rng.choice(("ROSTER", "OFFICE"))
    s = finish_cycle(m, p, first, 496 * HOUR, step)
    return m.both("CYCLE_HOURS", Expected("CYCLE_HOURS", "503号", p["id"], first, hms(496 * HOUR + step), "496:00"),
                  lambda f: f.move(s, "until", step))


def cycle_agreed_from(rng):
    """Overtime is agreed on each day that is worked when the cycle is full, or it is refused."""
    m, first, p = quarter(rng)
    first_over = 14 + rng.randrange(2)
    if rng.random() < 0.5:  # the agreement of the last day is not that of the first
        p["overtime"] = [{"from": m.day(first_over).isoformat()}]
        change = [{"from": m.day(first_over + 1).isoformat()}]
    else:
        p["overtime"] = [{"from": "2020-01-01", "until": m.day(first_over + 2).isoformat()}]
        change = [{"from": "2020-01-01", "until": m.day(first_over + 1).isoformat()}]
    finish_cycle(m, p, first, 496 * HOUR, 0)
    for i in range(2):
        m.work(p, m.day(first_over + i), 8 * HOUR, 4 * HOUR)
    return m.both("CYCLE_HOURS", Expected("CYCLE_HOURS", "503号", p["id"], first, "504:00", "496:00"),
                  lambda f: f.person(p).update(overtime=change))


KINDS = [cycle_agreed_from, cycle_hours, cycle_overtime, system_approval, weekly_cycle, cycle_leave, cycle_joiner, cycle_statutory,
         long_weeks, cycle_turns]
