"""The rules of pay beside a second reading of the law: tables typed in here and fractions of Python, nothing
of the packs and nothing of the library. RENHE_SEED draws the cases again, RENHE_CASES more of them."""
import datetime
import os
import random
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEED = os.environ.get("RENHE_SEED") or str(random.randrange(10**6))
CASES = int(os.environ.get("RENHE_CASES", "300"))
DAY = "2026-03-31"
YEAR = ((36000, 3, 0), (144000, 10, 2520), (300000, 20, 16920), (420000, 25, 31920), (660000, 30, 52920), (960000, 35, 85920), (None, 45, 181920))
MONTH = ((3000, 3, 0), (12000, 10, 210), (25000, 20, 1410), (35000, 25, 2660), (55000, 30, 4410), (80000, 35, 7160), (None, 45, 15160))
LABOUR = ((20000, 20, 0), (50000, 30, 2000), (None, 40, 7000))


def half_up(x):
    """To whole fen, a half away from zero."""
    x = Fraction(x)
    return int(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1)


def banded(table, by, taxed, quicks=1):
    if taxed <= 0:
        return 0
    for top, rate, quick in table:
        if top is None or by <= top * 100:
            return max(0, half_up(Fraction(taxed) * rate / 100 - quick * 100 * quicks))


def days_from_epoch(d):
    return (d - datetime.date(1970, 1, 1)).days


def month_first(d):
    return d.replace(day=1)


def next_month(d):
    return (d.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


def spans(year, texts):
    for text in texts.split():
        a, _, b = text.partition("..")
        first, last = (datetime.date.fromisoformat(f"{year}-{x}") for x in (a, b or a))
        while first <= last:
            yield first
            first += datetime.timedelta(days=1)


STATUTORY = {d for y, t in ((2024, "01-01 02-10..02-12 04-04 05-01 06-10 09-17 10-01..10-03"),
                            (2025, "01-01 01-28..01-31 04-04 05-01 05-02 05-31 10-01..10-03 10-06"),
                            (2026, "01-01 02-16..02-19 04-05 05-01 05-02 06-19 09-25 10-01..10-03")) for d in spans(y, t)}
BREAKS = {d for y, t in ((2024, "01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10 09-15..09-17 10-01..10-07"),
                         (2025, "01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08"),
                         (2026, "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07")) for d in spans(y, t)}
WORKED = {d for y, t in ((2024, "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12"), (2025, "01-26 02-08 04-27 09-28 10-11"),
                         (2026, "01-04 02-14 02-28 05-09 09-20 10-10")) for d in spans(y, t)}


def day_type(d):
    if d in STATUTORY:
        return 2
    if d in WORKED:
        return 0
    return 1 if d.weekday() >= 5 or d in BREAKS else 0


def paid_days(first, until):
    n = 0
    while first < until:
        n += day_type(first) == 0 or (day_type(first) == 2 and first.weekday() < 5)
        first += datetime.timedelta(days=1)
    return n


# ---- one reading of each rule: draw -> (question, expected) ----

def money(draw, most=100_000_00, edges=()):
    if edges and draw.random() < 0.4:
        return max(0, draw.choice(edges) * 100 + draw.randint(-2, 2))
    return draw.randint(0, most)


def year(draw):
    v = money(draw, 3_000_000_00, [t[0] for t in YEAR[:-1]])
    return f"year {DAY} 310000 {v}", banded(YEAR, v, v)


def bonus(draw):
    v = money(draw, 2_000_000_00, [12 * t[0] for t in MONTH[:-1]])
    return f"bonus {DAY} 310000 {v}", banded(MONTH, Fraction(v, 12), v)


def fee(draw):
    kind, v = draw.randrange(3), money(draw, 90_000_00, [800, 4000, 25000, 62500])
    base = max(Fraction(0), Fraction(v - 80000)) if v <= 400000 else Fraction(v) * 4 / 5
    if kind == 1:
        base = base * 7 / 10
    return f"fee {DAY} 310000 {kind} {v}", banded(LABOUR, base, base) if kind == 0 else half_up(base / 5)


def foreign(draw):
    v = money(draw, 120_000_00, [5000 + t[0] for t in MONTH[:-1]])
    return f"foreign {DAY} 310000 {v}", banded(MONTH, v - 500000, v - 500000)


def foreign_bonus(draw):
    v = money(draw, 700_000_00, [6 * t[0] for t in MONTH[:-1]])
    return f"foreign-bonus {DAY} 310000 {v}", banded(MONTH, Fraction(v, 6), v, 6)


def withhold(draw):
    mode, first, n = draw.randrange(3), draw.randint(1, 10), 3
    months, tax, withheld, sums = [], 0, 0, [0, 0, 0]
    for i in range(n):
        m = [money(draw, 60_000_00), money(draw, 9_000_00), draw.choice((0, 100000, 200000))]
        months += m
        sums = [a + b for a, b in zip(sums, m)]
        basic = {0: 500000 * (i + 1), 1: 500000 * (first + i), 2: 6000000}[mode]
        taxed = sums[0] - basic - sums[1] - sums[2]
        tax = max(0, banded(YEAR, taxed, taxed) - withheld)
        withheld += tax
    return f"withhold {DAY} 310000 {mode} {first} " + " ".join(map(str, months)), tax


def severance_tax(draw):
    average, pay = draw.randint(500000, 2_000_000), money(draw, 3_000_000_00)
    over = max(0, pay - 36 * average)
    return f"severance-tax {DAY} 310000 {pay} {average}", banded(YEAR, over, over)


def overtime(draw):
    kind, wage, seconds = draw.randrange(3), money(draw, 60_000_00), draw.randint(0, 400) * draw.choice((1, 60, 900, 3600))
    return f"overtime {DAY} 310000 {wage} {kind} {seconds}", half_up(Fraction(wage * seconds, 3600) / 174 * (Fraction(3, 2), 2, 3)[kind])


def part(draw):
    first = datetime.date(draw.randint(2024, 2026), draw.randint(1, 12), 1)
    end = next_month(first)
    hire = first + datetime.timedelta(days=draw.choice((-400, 0, draw.randint(1, 27))))
    until = draw.choice((end, end + datetime.timedelta(days=90), first + datetime.timedelta(days=draw.randint(1, 28))))
    until = max(until, hire + datetime.timedelta(days=1))
    wage, method = money(draw, 60_000_00), draw.randrange(3)
    mine, all_of_it = paid_days(max(hire, first), min(until, end)), paid_days(first, end)
    day = Fraction(wage * 4, 87)
    pay = {0: min(Fraction(wage), day * mine), 1: Fraction(wage * mine, all_of_it), 2: max(Fraction(0), wage - day * (all_of_it - mine))}[method]
    pay = wage if mine == all_of_it else half_up(pay)
    return f"part {DAY} 310000 {method} {wage} {days_from_epoch(first)} {days_from_epoch(hire)} {days_from_epoch(until)}", (mine, pay)


def sick(draw):
    wage, years, beyond, days = money(draw, 60_000_00), draw.randint(0, 12), draw.randrange(2), draw.randint(0, 60) * 50
    steps = ((3, 60), (1, 50), (0, 40)) if beyond else ((8, 100), (6, 90), (4, 80), (2, 70), (0, 60))
    share = next(p for y, p in steps if years >= y)
    off = min(Fraction(wage), Fraction(wage * 4, 87) * Fraction(days, 100) * (100 - share) / 100)
    return f"sick {DAY} 310000 {wage} {years} {beyond} {days}", half_up(off)


BOUNDS = {("310000", "2024-12-01"): (7384, 36921), ("310000", "2025-07-01"): (7460, 37302), ("310000", "2026-12-01"): (7546, 37731),
          ("110000", "2025-06-30"): (6821, 35283), ("110000", "2025-07-01"): (7162, 35811)}
RATES = {"310000": ((16, 8), (9, 2), (Fraction(1, 2), Fraction(1, 2))), "110000": ((16, 8), (Fraction(98, 10), 2), (Fraction(1, 2), Fraction(1, 2)))}


def insurance(draw):
    (place, day), (low, high) = draw.choice(sorted(BOUNDS.items()))
    kind, declared = draw.randrange(3), money(draw, 50_000_00, [low, high])
    base = min(max(declared, low * 100), high * 100)
    employer, worker = (half_up(Fraction(base) * Fraction(x) / 100) for x in RATES[place][kind])
    if place == "110000" and kind == 1:
        worker += 300
    return f"insurance {day} {place} {kind} {declared}", (base, worker, employer)


def fund(draw):
    declared, rate, more = money(draw, 50_000_00, [2690, 37302]), draw.randint(5, 7), draw.randint(0, 5)
    base = min(max(declared, 269000), 3730200)
    yuan = sum(half_up(Fraction(base * r, 100) / 100) for r in (rate, more))
    return f"fund 2025-12-01 310000 {declared} {rate * 1000} {more * 1000}", yuan * 100


def severance(draw):
    ground, average, city, last = draw.randrange(3), money(draw, 80_000_00), draw.randint(800000, 1500000), money(draw, 50_000_00)
    months, days = draw.randint(0, 400), draw.randint(0, 30)
    n = Fraction(months // 12)
    rest = months % 12
    n += 1 if rest >= 6 else Fraction(1, 2) if rest or days else 0
    wage = average
    if average > 3 * city:
        wage, n = 3 * city, min(n, 12)
    pay = wage * n * (2 if ground == 2 else 1) + (last if ground == 1 else 0)
    return f"severance {DAY} 310000 {ground} {average} {city} {last} {months} {days}", half_up(pay)


def leaving(draw):
    day = datetime.date(draw.randint(2023, 2028), 1, 1) + datetime.timedelta(days=draw.randint(0, 364))
    tier, taken = draw.choice((0, 5, 10, 15)), draw.randint(0, 30) * 50
    owed = Fraction(day.timetuple().tm_yday, 365) * tier - Fraction(taken, 100)
    return f"leaving {DAY} 310000 {days_from_epoch(day)} {tier} {taken}", max(0, owed.numerator // owed.denominator)


def joining(draw):
    day = datetime.date(draw.randint(2023, 2028), 1, 1) + datetime.timedelta(days=draw.randint(0, 364))
    tier, left = draw.choice((0, 5, 10, 15)), (datetime.date(day.year + 1, 1, 1) - day).days
    return f"joining {DAY} 310000 {days_from_epoch(day)} {tier}", left * tier // 365


def retirement(draw):
    group = draw.randrange(3)
    (year0, month0), age, step, most = (((1965, 1), 60, 4, 36), ((1970, 1), 55, 4, 36), ((1975, 1), 50, 2, 60))[group]
    year_, month = draw.randint(year0 - 3, year0 + 15), draw.randint(1, 12)
    k = (year_ - year0) * 12 + month - month0
    delay = 0 if k < 0 else min(most, -(-(k + 1) // step))
    when = year_ * 12 + month - 1 + age * 12 + delay
    return f"retirement {DAY} 310000 {group} {year_} {month}", (when // 12, when % 12 + 1)


def day(draw):
    d = datetime.date(2024, 1, 1) + datetime.timedelta(days=draw.randrange(1096))
    return f"day {DAY} 310000 {days_from_epoch(d)}", day_type(d)


READINGS = [year, bonus, fee, foreign, foreign_bonus, withhold, severance_tax, overtime, part, sick, insurance, fund, severance,
            leaving, joining, retirement, day]


@pytest.fixture(scope="module")
def probe():
    for step in (["cmake", "--preset", "asan"], ["cmake", "--build", "--preset", "asan", "--target", "rules_probe"]):
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return ROOT / "build" / "asan" / "tests" / "rules_probe"


def ask(probe, questions):
    done = subprocess.run([probe], input="\n".join(questions) + "\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.__name__)
def test_two_readings_agree(probe, reading):
    draw = random.Random(f"{SEED}{reading.__name__}")
    cases = [reading(draw) for _ in range(CASES)]
    answers = ask(probe, [q for q, _ in cases])
    assert len(answers) == len(cases)
    wrong = [(q, expected, got) for (q, expected), got in zip(cases, answers)
             if got != " ".join(map(str, expected if isinstance(expected, tuple) else (expected,)))]
    assert not wrong, (f"seed {SEED}", wrong[:5])


def test_whole_calendar(probe):
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i) for i in range(1096)]
    assert ask(probe, [f"day {DAY} 310000 {days_from_epoch(d)}" for d in days]) == [str(day_type(d)) for d in days]


@pytest.mark.parametrize("question, fault", [
    ("year 2018-12-31 310000 1", "NO_LAW band"), ("bonus 2028-01-01 310000 100", "NO_LAW ANNUAL"),
    ("insurance 2027-07-01 310000 0 1000000", "NO_LAW PENSION"), ("insurance 2026-07-01 110000 0 1000000", "NO_LAW PENSION"),
    ("insurance 2025-07-01 440100 1 1000000", "NO_LAW MEDICAL"), ("overtime 2026-01-01 310000 -1 0 1", "INPUT monthly"),
    ("fund 2025-12-01 310000 1 8000 0", "INPUT fund_rate"), ("sick 2026-01-01 110000 1 1 0 1", "NO_LAW WITHIN_"),
    ("severance 2026-01-01 310000 0 1 9223372036854775807 0 12 0", "OVERFLOW city_average"),
])
def test_what_has_no_answer(probe, question, fault):
    assert ask(probe, [question]) == [fault]
