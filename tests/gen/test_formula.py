"""Formulas of pay items beside a second reading of the language: trees are drawn, written down as text with no more brackets
than they need, and worked out here with Python's fractions; the C library must come to the same, also to the same end."""
import os
import random
import subprocess
from fractions import Fraction as F
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
CASES = 4000
TYPES = {"m": (1, 0, 0, 0), "t": (0, 1, 0, 0), "d": (0, 0, 1, 0), "c": (0, 0, 0, 1), "n": (0, 0, 0, 0), "p": (1, 0, 0, -1)}
NAMES = {"m": ["m_a", "m_b", "m_c", "m_none"], "t": ["t_a", "t_b"], "d": ["d_a", "d_b"], "c": ["c_a"], "n": ["n_a", "n_b", "n_none"], "p": ["p_a"],
         "b": ["b_a", "b_b"]}
SEGMENT = {"m": "seg.m_wage", "d": "seg.d_days"}
UNITS = {"m": [("yuan", 100), ("fen", 1)], "t": [("hours", 3600), ("minutes", 60), ("seconds", 1)], "d": [("days", 1)], "c": [("pieces", 1)], "n": [("", 1), ("%", F(1, 100))]}
OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, ATOM = range(8)


class Missing(Exception):
    pass


class Divided(Exception):
    pass


class Tree:
    """text binds as strongly as `level`; value(given, segment) works it out."""

    def __init__(self, text, level, value):
        self.text, self.level, self.value = text, level, value

    def at(self, level):
        return self.text if self.level >= level else f"({self.text})"


def literal(draw, kind):
    digits = draw.choice(("0", "1", "2", "7", "12.5", "0.25", "100", "21.75"))
    unit, scale = draw.choice(UNITS[kind])
    value = F(digits) * scale
    return Tree(f"{digits} {unit}".strip() if unit != "%" else f"{digits}%", ATOM, lambda g, s: value)


def name(draw, kind, in_sum):
    if in_sum and kind in SEGMENT and draw.random() < 0.5:
        return Tree(SEGMENT[kind], ATOM, lambda g, s: lookup(s, SEGMENT[kind]))
    which = draw.choice(NAMES[kind])
    return Tree(which, ATOM, lambda g, s: lookup(g, which))


def lookup(given, which):
    if which not in given:
        raise Missing
    return given[which]


def quotient(a, b):
    if b == 0:
        raise Divided
    return a / b


def rounded(how, x, step):
    if step <= 0:
        raise Divided
    q = x / step
    if how == "round":
        whole = (abs(q) + F(1, 2)).__floor__() * (1 if q >= 0 else -1)
    else:
        whole = q.__floor__() if how == "round_down" else q.__ceil__()
    return whole * step


def number(draw, kind, depth, in_sum=False):
    if depth == 0 or kind == "p":
        return name(draw, kind, in_sum) if draw.random() < 0.7 or kind == "p" else literal(draw, kind)
    sub = lambda k=kind, i=in_sum: number(draw, k, depth - 1, i)  # noqa: E731
    form = draw.choice(("sum", "sum", "scale", "share", "minus", "if", "extreme", "clamp", "round", "or_else", "segments", "leaf", "abs"))
    if form == "sum":
        a, b, sign = sub(), sub(), draw.choice("+-")
        return Tree(f"{a.at(SUM)} {sign} {b.at(PRODUCT)}", SUM, lambda g, s: a.value(g, s) + (b.value(g, s) if sign == "+" else -b.value(g, s)))
    if form == "scale":
        a, b = sub(), sub("n")
        if draw.random() < 0.5:
            return Tree(f"{a.at(PRODUCT)} * {b.at(UNARY)}", PRODUCT, lambda g, s: a.value(g, s) * b.value(g, s))
        return Tree(f"{a.at(PRODUCT)} / {b.at(UNARY)}", PRODUCT, lambda g, s: quotient(*both(a, b, g, s)))
    if form == "share" and kind != "n":
        a, b, c = sub(), sub("d"), sub("d")
        return Tree(f"{a.at(PRODUCT)} / {b.at(UNARY)} * {c.at(UNARY)}", PRODUCT, lambda g, s: mul(quotient(*both(a, b, g, s)), c, g, s))
    if form == "minus":
        a = sub()
        return Tree(f"-{a.at(UNARY)}", UNARY, lambda g, s: -a.value(g, s))
    if form == "if":
        c, a, b = boolean(draw, depth - 1, in_sum), sub(), sub()
        return Tree(f"if {c.text} then {a.text} else {b.text}", -1, lambda g, s: a.value(g, s) if c.value(g, s) else b.value(g, s))
    if form == "extreme":
        parts, how = [sub() for _ in range(draw.randint(2, 3))], draw.choice(("min", "max"))
        return Tree(f"{how}({', '.join(p.text for p in parts)})", ATOM, lambda g, s: {"min": min, "max": max}[how]([p.value(g, s) for p in parts]))
    if form == "clamp":
        x, a, b = sub(), sub(), sub()
        return Tree(f"clamp({x.text}, {a.text}, {b.text})", ATOM, lambda g, s: clamped(x, a, b, g, s))
    if form == "round":
        x, step, how = sub(), literal(draw, kind), draw.choice(("round", "round_up", "round_down"))
        return Tree(f"{how}({x.text}, {step.text})", ATOM, lambda g, s: rounded(how, x.value(g, s), step.value(g, s)))
    if form == "or_else":
        a, b = sub(), sub()
        return Tree(f"or_else({a.text}, {b.text})", ATOM, lambda g, s: or_else(a, b, g, s))
    if form == "segments" and not in_sum:
        a = number(draw, kind, depth - 1, True)
        return Tree(f"sum({a.text})", ATOM, lambda g, s: sum((a.value(g, one) for one in g["segments"]), F(0)))
    if form == "abs":
        a = sub()
        return Tree(f"abs({a.text})", ATOM, lambda g, s: abs(a.value(g, s)))
    return name(draw, kind, in_sum)


def both(a, b, g, s):
    """From left to right: what stops first is told."""
    x = a.value(g, s)
    return x, b.value(g, s)


def mul(x, c, g, s):
    return x * c.value(g, s)


def clamped(x, a, b, g, s):
    v, low = both(x, a, g, s)
    high = b.value(g, s)
    return min(max(v, low), high)


def or_else(a, b, g, s):
    try:
        return a.value(g, s)
    except Missing:
        return b.value(g, s)


def boolean(draw, depth, in_sum=False):
    form = draw.choice(("leaf", "compare", "compare", "and", "or", "not", "known")) if depth > 0 else "leaf"
    if form == "compare":
        kind, sign = draw.choice("mtdn"), draw.choice(("<", "<=", ">", ">=", "=", "!="))
        a, b = number(draw, kind, depth - 1, in_sum), number(draw, kind, depth - 1, in_sum)
        judge = {"<": F.__lt__, "<=": F.__le__, ">": F.__gt__, ">=": F.__ge__, "=": F.__eq__, "!=": lambda x, y: x != y}[sign]
        return Tree(f"{a.at(SUM)} {sign} {b.at(SUM)}", COMPARE, lambda g, s: judge(*map(F, both(a, b, g, s))))
    if form in ("and", "or"):
        a, b = boolean(draw, depth - 1, in_sum), boolean(draw, depth - 1, in_sum)
        if form == "and":
            return Tree(f"{a.at(AND)} and {b.at(NOT)}", AND, lambda g, s: a.value(g, s) and b.value(g, s))
        return Tree(f"{a.at(OR)} or {b.at(AND)}", OR, lambda g, s: a.value(g, s) or b.value(g, s))
    if form == "not":
        a = boolean(draw, depth - 1, in_sum)
        return Tree(f"not {a.at(NOT)}", NOT, lambda g, s: not a.value(g, s))
    if form == "known":
        which = draw.choice(NAMES["m"])
        return Tree(f"known({which})", ATOM, lambda g, s: which in g)
    if draw.random() < 0.3:
        value = draw.random() < 0.5
        return Tree(str(value).lower(), ATOM, lambda g, s: value)
    which = draw.choice(NAMES["b"])
    return Tree(which, ATOM, lambda g, s: lookup(g, which) != 0)


def given(draw):
    found = {n: F(draw.randint(-2000, 200000), draw.choice((1, 1, 2, 3, 4, 100))) for k, names in NAMES.items() for n in names if "none" not in n and k != "b"}
    found |= {n: F(draw.randint(0, 1)) for n in NAMES["b"]}
    for n in draw.sample(sorted(found), draw.choice((0, 0, 1))):
        del found[n]
    return found


def told(values):
    return " ".join(f"{n}={v.numerator}/{v.denominator}" for n, v in values.items())


def expected(tree, values, segments):
    try:
        v = F(tree.value({**values, "segments": segments}, None))
    except Missing:
        return "? 1"
    except Divided:
        return "? 2"
    return f"= {v.numerator}/{v.denominator}"


@pytest.fixture(scope="module")
def probe():
    for step in (["cmake", "--preset", "asan"], ["cmake", "--build", "--preset", "asan", "--target", "formula_probe"]):
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return ROOT / "build" / "asan" / "tests" / "formula_probe"


def ask(probe, lines):
    done = subprocess.run([probe], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


def test_two_readings_agree(probe):
    draw, cases, lines = random.Random(SEED), [], []
    while len(cases) < CASES:
        kind = draw.choice("mtdcnmmb")
        tree = boolean(draw, draw.randint(1, 4)) if kind == "b" else number(draw, kind, draw.randint(0, 4))
        if len(tree.text) > 1500:
            continue
        values = given(draw)
        segments = [{n: F(draw.randint(0, 90000), draw.choice((1, 3))) for n in SEGMENT.values()} for _ in range(draw.randint(0, 3))]
        cases.append((kind, tree.text, expected(tree, values, segments)))
        lines.append("\t".join((kind, tree.text, told(values), *map(told, segments))))
    answers = ask(probe, lines)
    assert len(answers) == len(cases)
    # 128 bits end somewhere, and 200 nodes; neither is what this is about, and both are rare.
    beyond = [a for a in answers if a.startswith(("? 3", "! 5", "! 6"))]
    wrong = [(*c, a) for c, a in zip(cases, answers) if a not in beyond and not (a == c[2] or a.startswith(c[2] + " "))]
    assert not wrong, (f"seed {SEED}", wrong[:3])
    assert len(beyond) < CASES // 50, beyond[:5]
    ends = {e: sum(c[2].startswith(e) for c in cases) for e in ("=", "? 1", "? 2")}
    assert all(n > CASES // 100 for n in ends.values()), ends


def test_a_wrong_reading_would_be_seen(probe):
    (answer,) = ask(probe, ["n\t10 - 3 - 2\t"])
    assert answer == "= 5/1" != f"= {10 - (3 - 2)}/1"
