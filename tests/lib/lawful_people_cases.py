"""Whom the law protects, and who may work where and when, at the limits and beyond (rules.md 5)."""
import datetime as dt

from lawful_roster_maker import (DAY, Expected, HOUR, Maker, SPECIAL, hms, pick_day, raised, years_before)


def under_age(rng):
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(born=years_before(d, 16).isoformat(), hired=d.isoformat())
    s = m.work(p, d, rng.randrange(6, 13) * HOUR, 8 * HOUR)
    age = rng.choice((15, 15, 14))
    later = years_before(d, 15) if age == 15 and rng.random() < 0.5 else years_before(d + dt.timedelta(1), age + 1)
    return m.both("UNDER_AGE", Expected("UNDER_AGE", "art. 15", p["id"], d, str(age), "16", s["id"]),
                  lambda f: f.person(p).update(born=later.isoformat()))


def under_age_midnight(rng):
    """16 is reached with the first second of the birthday."""
    m = Maker(rng)
    m.doc["settings"]["MINOR_NIGHT"] = 8
    d = pick_day(m)
    p = m.person(born=years_before(d, 16).isoformat(), hired=d.isoformat())
    s = m.work(p, d, 0, 4 * HOUR)
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
        for d in (-7, -6, -5, -4, -3, 0, 1, 2, 3, 4):  # the week before is full too
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
    p = m.person(unavailable=[{"from": m.at(d, 35 * HOUR // 2), "until": m.at(d, 20 * HOUR)}],
                 available=[{"from": m.at(d, 0), "until": m.at(d, DAY)}] if rng.random() < 0.5 else [])
    s = m.work(p, d, 9 * HOUR, 15 * HOUR // 2)
    m.shift(p, d, 20 * HOUR, HOUR // 2)

    def change(f):
        f.person(p)["unavailable"][0]["from"] = m.at(d, 17 * HOUR - step)
        f.person(p)["unavailable"].append({"from": m.at(d, 10 * HOUR), "until": m.at(d, 10 * HOUR + step)})
    return m.both("AVAILABILITY", Expected("AVAILABILITY", "art. 17", p["id"], d, hms(2 * step), "0:00", s["id"]), change)


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


def pregnant_hazard(rng):
    m = raised(Maker(rng), "PREGNANT_HAZARD")
    d = pick_day(m)
    begins = rng.random() < 0.5
    due = d + dt.timedelta(281 if begins else 100)
    p = m.person(pregnancies=[{"due": due.isoformat(), "ended": d.isoformat() if not begins else None}])
    if begins:
        s = m.work(p, d, 9 * HOUR, 4 * HOUR, post="cellar")
    else:  # only what lies before midnight can be of the day on which it ended
        s = m.work(p, d, 20 * HOUR, 8 * HOUR, post="cellar")

    def change(f):
        f.person(p)["pregnancies"] = [{"due": (due - dt.timedelta(1)).isoformat()} if begins else
                                      {"due": due.isoformat(), "ended": (d + dt.timedelta(1)).isoformat()}]
    return m.both("PREGNANT_HAZARD", Expected("PREGNANT_HAZARD", "art. 61", p["id"], d, "-", "-", s["id"]), change)


def night_break(rng):
    """What of the night an unpaid break takes is no work."""
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(**aged_17(m, d))
    s = m.shift(p, d, 17 * HOUR, 11 * HOUR // 2, [(22 * HOUR, HOUR // 2, False, "MEAL")])

    def change(f):
        f.shift(s)["breaks"][0]["paid"] = True
    return m.both("MINOR_NIGHT", Expected("MINOR_NIGHT", "art. 58", p["id"], d, "0:30", "0:00", s["id"]), change)


def set_minor(rng):
    m = Maker(rng)
    m.doc["settings"].update(MINOR_NIGHT=0.5, MINOR_OVERTIME=1)
    d, step = pick_day(m), rng.choice((1, 60))
    p = m.person(overtime=SPECIAL, **aged_17(m, d))
    if rng.random() < 0.5:
        s = m.shift(p, d, 16 * HOUR, 13 * HOUR // 2)
        return m.both("MINOR_NIGHT", Expected("MINOR_NIGHT", "art. 58", p["id"], d, hms(HOUR // 2 + step), "0:30", s["id"]),
                      lambda f: f.move(s, "until", step))
    s = m.work(p, d, 8 * HOUR, 9 * HOUR)
    return m.both("MINOR_OVERTIME", Expected("MINOR_OVERTIME", "art. 58", p["id"], d, hms(HOUR + step), "1:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def other_zone(rng):
    """The night is the site's."""
    m = Maker(rng)
    m.doc["sites"].append({"id": "S4", "zone": "Asia/Tokyo"})
    d, step = pick_day(m), rng.choice((1, 60))
    p = m.person(home="S4", **aged_17(m, d))
    s = m.shift(p, d, 16 * HOUR, 5 * HOUR, site="S4")
    return m.both("MINOR_NIGHT", Expected("MINOR_NIGHT", "art. 58", p["id"], d, hms(step), "0:00", s["id"]),
                  lambda f: f.move(s, "until", step))


def booked_within(rng):
    """Two short shifts within a long one are two double bookings."""
    m = Maker(rng)
    d = m.day(rng.randrange(28))
    p, q = m.person(), m.person()
    m.shift(p, d, 9 * HOUR, 5 * HOUR)
    a = m.shift(q, d, 10 * HOUR, HOUR)
    m.shift(q, d, 12 * HOUR, HOUR)

    def change(f):
        for x in f.doc["shifts"]:
            if x["person"] == q["id"]:
                x["person"] = p["id"]
    return m.both("DOUBLE_BOOKING", Expected("DOUBLE_BOOKING", "art. 17", p["id"], d, "1:00", "0:00", a["id"], 2), change)


def pregnancy_ends(rng):
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(pregnancies=[{"due": (d - dt.timedelta(3)).isoformat(), "ended": d.isoformat()}])
    s = m.work(p, d, 14 * HOUR, 8 * HOUR)
    m.doc["shifts"][m.doc["shifts"].index(s)]["breaks"].append(
        {"from": m.at(d, 20 * HOUR), "until": m.at(d, 81 * HOUR // 4), "paid": True, "kind": "REST"})

    def change(f):
        f.person(p)["pregnancies"][0]["ended"] = (d + dt.timedelta(1)).isoformat()
    return m.both("PREGNANT_NIGHT", Expected("PREGNANT_NIGHT", "619 art. 6", p["id"], d, "0:30", "0:00", s["id"]), change)


def protected_mid_week(rng):
    """Overtime before the protection began is no overtime of the protected, nor does it fill the week."""
    m = Maker(rng)
    week, step = 7 * rng.randrange(4), rng.choice((60, HOUR))
    friday = m.day(week + 4)
    p = m.person(overtime=SPECIAL, pregnancies=[{"due": (friday + dt.timedelta(84)).isoformat()}])
    rest = [(14 * HOUR, HOUR // 4, True, "REST")]
    for d in range(4):
        m.work(p, m.day(week + d), 8 * HOUR, 11 * HOUR)
    m.work(p, friday, 8 * HOUR, 8 * HOUR, pauses=rest)

    def change(f):
        s = f.add(p, m.day(week + 5), 9 * HOUR, 3 * HOUR + step)
        s["breaks"] = [{"from": m.at(m.day(week + 5), 9 * HOUR), "until": m.at(m.day(week + 5), 10 * HOUR), "paid": True,
                        "kind": "REST"}]
    return m.both("PREGNANT_OVERTIME", Expected("PREGNANT_OVERTIME", "619 art. 6", p["id"], m.day(week + 5),
                                                hms(3 * HOUR + step), "0:00"), change)


def protection_edge(rng):
    """Overtime on the day before the seventh month begins, or on the child's first birthday, is lawful."""
    m = Maker(rng)
    d = pick_day(m)
    pauses = [(15 * HOUR, HOUR // 4, True, "REST"), (16 * HOUR, HOUR, True, "NURSING")]
    if rng.random() < 0.5:
        p = m.person(overtime=SPECIAL, pregnancies=[{"due": (d + dt.timedelta(85)).isoformat()}])
        code, article = "PREGNANT_OVERTIME", "619 art. 6"
        change = {"pregnancies": [{"due": (d + dt.timedelta(84)).isoformat()}]}
    else:
        p = m.person(overtime=SPECIAL, births=[{"day": years_before(d, 1).isoformat()}])
        code, article = "NURSING_OVERTIME", "619 art. 9"
        change = {"births": [{"day": years_before(d + dt.timedelta(1), 1).isoformat()}]}
    s = m.work(p, d, 9 * HOUR, 9 * HOUR, pauses=pauses)
    return m.both(code, Expected(code, article, p["id"], d, "1:00", "0:00", s["id"]), lambda f: f.person(p).update(change))


def demand_edge(rng):
    """No rest is due on the day before the seventh month, no nursing time on the first birthday."""
    m = Maker(rng)
    d = pick_day(m)
    if rng.random() < 0.5:
        p = m.person(pregnancies=[{"due": (d + dt.timedelta(85)).isoformat()}])
        code, article, least = "PREGNANT_REST", "619 art. 6", "0:15"
        change = {"pregnancies": [{"due": (d + dt.timedelta(84)).isoformat()}]}
    else:
        p = m.person(births=[{"day": years_before(d, 1).isoformat()}])
        code, article, least = "NURSING_BREAK", "619 art. 9", "1:00"
        change = {"births": [{"day": years_before(d + dt.timedelta(1), 1).isoformat()}]}
    s = m.work(p, d, 9 * HOUR, 8 * HOUR)
    return m.both(code, Expected(code, article, p["id"], d, "0:00", least, s["id"]), lambda f: f.person(p).update(change))


def rest_in_parts(rng):
    """Paid rests of a day add up; an unpaid one, or a meal, is none."""
    m = Maker(rng)
    d = pick_day(m)
    p = m.person(**pregnant(m, d))
    s = m.work(p, d, 9 * HOUR, 8 * HOUR, pauses=[(14 * HOUR, HOUR // 6, True, "REST"), (16 * HOUR, HOUR // 12, True, "REST")])
    change = rng.choice(({"paid": False}, {"kind": "MEAL"}))
    return m.both("PREGNANT_REST", Expected("PREGNANT_REST", "619 art. 6", p["id"], d, "0:10", "0:15", s["id"]),
                  lambda f: f.shift(s)["breaks"][2].update(change))


KINDS = [under_age_midnight, under_age, minor_night, minor_night_birthday,
         protected_overtime("MINOR_OVERTIME", "art. 58", aged_17), minor_hazard, pregnant_from, pregnant_night,
         protected_overtime("PREGNANT_OVERTIME", "619 art. 6", pregnant), pregnant_rest, nursing_night,
         protected_overtime("NURSING_OVERTIME", "619 art. 9", nursing), nursing_break, skill, certificate,
         certificate_gap, availability, unavailable, leave, employed, site, double_booking, travel,
         protected_week("MINOR_OVERTIME", "art. 58", aged_17),
         protected_week("NURSING_OVERTIME", "619 art. 9", nursing), pregnant_hazard, night_break, set_minor,
         other_zone, protected_mid_week, protection_edge, demand_edge, rest_in_parts, booked_within, pregnancy_ends]
