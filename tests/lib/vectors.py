"""Vectors of rules (input, expected) through the calculators' API.

    for vector, (verdict, why) in vectors.run(text, client): ...

A file is read as its own head says. Which rule a vector is about stands in its "how" ("Rule: part-month") or in
the head's list by id; what is asked follows from the shape of its input alone. Money is decimal text that
becomes whole fen or is refused; there are no binary floating point numbers here."""
import json
import re
from dataclasses import dataclass
from decimal import Decimal

import vector_rules
import vector_rules_work
import vector_runs
from vector_rules import Unknown

RULES = {**vector_rules.RULES, **vector_rules_work.RULES}

# Of a file whose head has no list. Groups of other services are named by their letter.
WHICH = """T01–T07, T15 income-tax; T08 bonus; T09, T10 labour-remuneration; T11, T12 non-resident; T13 severance-tax; T14
special-additional; S social-insurance; W01, W03 rates; W02, W04, W09 overtime; W05 time-off; W06–W08 part-month; W10 loss; W11, W12
minimum-wage; W13 sick-pay; W14 comprehensive-hours; W15 payday; W16 capacity; C calendar; L01–L07 annual-leave; L08
medical-period; L09, L10 maternity; K01 probation; K02–K06 severance; K07–K09 contract; K10 retirement; P a real run."""
OTHER = {"I": "identity data", "X": "provider signatures", "P": "a real run"}


@dataclass
class Vector:
    id: str
    title: str
    input: dict
    expected: dict
    how: str

    @property
    def name(self):
        """"T03" of "O-T03b"."""
        found = re.search(r"([A-Z])(\d+)[a-z]?$", self.id)
        return found.group(1) + found.group(2) if found else self.id

    @property
    def group(self):
        return self.name[:1]


def exact(text):
    """JSON with every number as an integer or an exact decimal."""
    return json.loads(text, parse_float=Decimal)


def read(text):
    """All vectors of the file, in order."""
    found = []
    for part in re.split(r"(?m)^(?=\*\*)", text):
        head = re.match(r"\*\*(\S+)\*\*\s*[—–-]\s*(.*)", part)
        body = {k: v for k, v in re.findall(r"(?m)^- (input|expected|how): (.*)$", part)}
        if head and "input" in body and "expected" in body:
            given, expected = (exact(body[k].strip().strip("`")) for k in ("input", "expected"))
            found.append(Vector(head.group(1), head.group(2).strip(), given, expected, body.get("how", "")))
    return found


def which(text):
    """[(first, last, rule)] of the head's list: "T01", "T07", "income-tax"; "S", None for a whole group."""
    line = re.search(r"(?s)Which rule: (.*?)(?:Added shapes|\n\s*\n|\n\* |$)", text)
    rows = []
    for entry in re.split(r";\s*", (line.group(1) if line else WHICH).strip().rstrip(".")):
        ids = re.match(r"((?:[A-Z]\d*(?:\s*[–-]\s*[A-Z]\d+)?(?:,\s*)?)+)\s+(.+)", " ".join(entry.split()))
        for one in re.split(r",\s*", ids.group(1).strip().rstrip(",")) if ids else []:
            first, _, last = re.sub(r"\s", "", one).partition("–")
            rows.append((first, last or first, ids.group(2).strip().rstrip(".")))
    return rows


def rule_of(vector, rows):
    named = re.search(r"Rule: ([a-z-]+)", vector.how)
    if named:
        return named.group(1)
    for first, last, rule in rows:
        if first == vector.group or (first[:1] == vector.group and first <= vector.name <= last):
            return rule
    return None


# ---- judging ----

def differs(expected, got):
    """What is not as expected, or "". Texts are compared as texts, numbers by their value."""
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return f"expected {shown(expected)}, got {shown(got)}"
        return next((f"[{i}] {d}" for i, d in enumerate(map(differs, expected, got)) if d), "")
    if isinstance(expected, dict):
        got = got if isinstance(got, dict) else {}
        return next((f"{k}: {d}" for k, d in ((k, differs(v, got.get(k))) for k, v in expected.items()) if d), "")
    same = type(expected) is type(got) or (is_number(expected) and is_number(got))
    return "" if same and expected == got else f"expected {shown(expected)}, got {shown(got)}"


def is_number(value):
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def shown(value):
    return json.dumps(value, ensure_ascii=False, default=str)


def judge(vector, rule, ask, rules):
    """(verdict, why) of one vector."""
    if vector.group in OTHER and rule not in rules:
        return "other service", OTHER[vector.group]
    if rule not in rules:
        return "unknown", f"no rule {rule}" if rule else "no rule is named"
    try:
        ask.title = vector.title
        got = rules[rule](vector.input, vector.expected, ask)
        missing = [k for k in vector.expected if k not in got]
        if missing:
            return "unknown", "nothing answers " + ", ".join(missing)
    except Unknown as e:
        return "unknown", str(e)
    except vector_rules.Refused as e:
        return "failed", f"refused: {e}"
    why = differs(vector.expected, got)
    return ("failed", why) if why else ("passed", "")


def run(text, client, suite=None, groups=None):
    """(vector, (verdict, why)) of each, one by one. Whole payslips are those of real runs in the suite, where it is given."""
    rows = which(text)
    ask = vector_rules.asker(client)
    rules = {**RULES, "a real run": vector_runs.PayRuns(suite)} if suite else RULES
    for vector in read(text):
        if groups and vector.group not in groups:
            continue
        rule = "a real run" if suite and vector.group == "P" else rule_of(vector, rows)
        yield vector, judge(vector, rule, ask, rules)
