"""The verifier of rosters against an injector that shares nothing with it (tests/lib/lawful_rosters.py): lawful
rosters exactly at the limits are certified, broken ones refused with the right rule, article, day and figures."""
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import time

import lawful_roster_maker
import lawful_rosters

CHECKOUT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("RENHE_ROSTER_LAWFUL", str(CHECKOUT / "build/bin/roster-lawful"))
SEED = int(os.environ.get("RENHE_SEED", random.randrange(1 << 32)))
CASES = int(os.environ.get("RENHE_ROSTERS", 500))


def judge(paths, command=COMMAND, timeout=60):
    """Of each file its lines, and the exit status of all."""
    run = subprocess.run([command, *map(str, paths)], capture_output=True, text=True, timeout=timeout)
    assert run.stderr == ""
    blocks, now = [], None
    for line in run.stdout.splitlines():
        fields = line.split("\t")
        if fields[0] == "roster" and len(paths) > 1:
            now = []
            blocks.append(now)
        elif len(paths) == 1:
            blocks = blocks or [[]]
            blocks[0].append(fields)
        else:
            now.append(fields)
    return blocks, run.returncode


def write(folder, documents):
    paths = []
    for i, d in enumerate(documents):
        paths.append(folder / f"{i:04}.json")
        paths[-1].write_text(json.dumps(d))
    return paths


def complaint(case, lines):
    """None, or how the verdict on the broken roster is not what it must be."""
    want = case.expected
    if lines[0][0] != "refused":
        return f"{case.kind}: not refused"
    broken = [line for line in lines[1:] if line[0] == "broken"]
    codes = {line[1] for line in broken}
    if codes != {want.code}:
        return f"{case.kind}: said {sorted(codes)}"
    if len(broken) != want.times:
        return f"{case.kind}: said {len(broken)} times"
    _, _, person, shift, day, figure, limit, _, article_zh, article_en, zh, en = broken[0]
    said = (person, day, figure, limit)
    if said != (want.person, want.day.isoformat(), want.figure, want.limit):
        return f"{case.kind}: {said} instead of {want}"
    if want.shift and shift != want.shift:
        return f"{case.kind}: shift {shift} instead of {want.shift}"
    if figure != "-" and {re.search(r"\d[\d:]*", words)[0] for words in (zh, en)} != {figure}:
        return f"{case.kind}: words of another figure: {en}"
    if want.article not in article_en or not zh or not en or "{" in zh + en:
        return f"{case.kind}: cites {article_en}"
    return None


def first_wrong(cases, blocks):
    """None, or what is said wrongly of the first case that isn't judged as it must be."""
    for i, case in enumerate(cases):
        lawful, broken = blocks[2 * i], blocks[2 * i + 1]
        if lawful[0][0] != "certified":
            return f"case {i} {case.kind}: lawful, but {lawful[:3]}"
        if complaint(case, broken):
            return f"case {i} {complaint(case, broken)}"
    return None


def test_lawful_and_broken(tmp_path, figure):
    print(f"RENHE_SEED={SEED}")
    cases = lawful_rosters.cases(SEED, CASES)
    paths = write(tmp_path, [d for c in cases for d in (c.lawful, c.broken)])
    began = time.monotonic()
    blocks, status = judge(paths)
    took = time.monotonic() - began
    assert status == 1 and len(blocks) == 2 * len(cases)
    wrong = first_wrong(cases, blocks)
    assert not wrong, f"seed {SEED}: {wrong}"
    kinds = len({c.expected.code for c in cases})
    figure(f"{len(cases)} rosters at the limit certified, {len(cases)} broken ones of {kinds} kinds refused, in {took:.2f} s")


def chain(rng, stores=50, people=2000):
    """Four weeks of a chain: everybody with certificate and availability, five days of eight hours a week."""
    m = lawful_roster_maker.Maker(rng)
    m.doc.update(people=[], shifts=[], sites=[{"id": f"S{i}"} for i in range(stores)])
    for i in range(people):
        m.doc["people"].append({"id": f"P{i}", "home": f"S{i % stores}", "born": "1990-06-15", "skills": ["TILL", "COOK"],
                                "certificates": [{"kind": "HEALTH", "from": "2024-01-01"}],
                                "available": [{"from": m.at(m.day(d), 8 * 3600), "until": m.at(m.day(d), 22 * 3600)}
                                              for d in range(28)]})
        for d in (7 * week + d for week in range(4) for d in rng.sample(range(7), 5)):
            at = [m.at(m.day(d), hour * 1800) for hour in (18, 26, 27, 35)]
            m.doc["shifts"].append({"id": f"X{i}-{d}", "person": f"P{i}", "site": f"S{i % stores}", "post": "kitchen",
                                    "from": at[0], "until": at[3], "breaks": [{"from": at[1], "until": at[2]}]})
    return m.doc


def test_a_chain_of_fifty_stores(tmp_path, figure):
    document = chain(random.Random(SEED))
    [path] = write(tmp_path, [document])
    began = time.monotonic()
    [[line]], status = judge([path])
    took = time.monotonic() - began
    assert (status, line[0], line[1]) == (0, "certified", "0")
    figure(f"2,000 people and {len(document['shifts']):,} shifts judged in {took:.2f} s")


def test_certificate_names_the_document(tmp_path):
    case = lawful_rosters.cases(1, 1)[0]
    [path] = write(tmp_path, [case.lawful])
    [[certificate]], status = judge([path])
    assert status == 0 and certificate[0] == "certified"
    assert certificate[2] == hashlib.sha256(path.read_bytes()).hexdigest()
    rules = certificate[3]
    case.lawful["settings"]["REST_BETWEEN"] = 10
    [path] = write(tmp_path, [case.lawful])
    assert judge([path])[0][0][0][3] != rules


def spoiled(change):
    document = lawful_roster_maker.Maker(random.Random(3)).doc
    p = next((p for p in document["people"]), None)
    document["people"] = [p or {"id": "P1", "home": "S1", "born": "1990-01-01"}]
    document["shifts"] = [{"id": "X1", "person": document["people"][0]["id"], "site": "S1",
                           "from": f"{document['from']}T01:00:00Z", "until": f"{document['from']}T05:00:00Z"}]
    change(document, document["people"][0], document["shifts"][0])
    return document


REFUSALS = [
    (lambda d, p, s: d.update(form="renhe.roster.2"), "FACT_FORM", "/form"),
    (lambda d, p, s: d.pop("from"), "FORM_REQUIRED", "/from"),
    (lambda d, p, s: d.update(until=d["from"]), "FACT_HORIZON", "/until"),
    (lambda d, p, s: d.update(until="2035-01-01"), "FACT_HORIZON", "/until"),
    (lambda d, p, s: d.update(colour="red"), "FORM_UNKNOWN", "/colour"),
    (lambda d, p, s: p.update(born="2001-02-29"), "FORM_DAY", "/people/0/born"),
    (lambda d, p, s: p.update(born=19900101), "FORM_TYPE", "/people/0/born"),
    (lambda d, p, s: p.update(home="S9"), "FACT_UNKNOWN", "/people/0/home"),
    (lambda d, p, s: p.update(system="NONE"), "FORM_CHOICE", "/people/0/system"),
    (lambda d, p, s: p.update(skills=["A", 1]), "FORM_TYPE", "/people/0/skills/1"),
    (lambda d, p, s: p.update(cycle_before_minutes=-1), "FORM_COUNT", "/people/0/cycle_before_minutes"),
    (lambda d, p, s: p.update(cycle_before_minutes=1.5), "FORM_COUNT", "/people/0/cycle_before_minutes"),
    (lambda d, p, s: p.update(approved_from="2025-01-01"), "FACT_NO_APPROVAL", "/people/0/approved_from"),
    (lambda d, p, s: p.update(hired="2026-01-02", left="2026-01-02"), "FACT_EMPTY", "/people/0/left"),
    (lambda d, p, s: p.update(leave=[{"from": s["until"], "until": s["from"]}]), "FACT_EMPTY", "/people/0/leave"),
    (lambda d, p, s: p.update(overtime=[{"from": "2026-01-02", "until": "2026-01-02"}]), "FACT_EMPTY", "/people/0/overtime"),
    (lambda d, p, s: d["people"].append(dict(p)), "FACT_TWICE", "/people/1/id"),
    (lambda d, p, s: d["shifts"].append(dict(s)), "FACT_TWICE", "/shifts/1/id"),
    (lambda d, p, s: s.update(person="nobody"), "FACT_UNKNOWN", "/shifts/0/person"),
    (lambda d, p, s: s.update(site="nowhere"), "FACT_UNKNOWN", "/shifts/0/site"),
    (lambda d, p, s: s.update(post="none"), "FACT_UNKNOWN", "/shifts/0/post"),
    (lambda d, p, s: s.update(until=s["from"]), "FACT_SHIFT", "/shifts/0/until"),
    (lambda d, p, s: s.update(until="2099-01-01T00:00:00Z"), "FACT_SHIFT", "/shifts/0/until"),
    (lambda d, p, s: s.update({"from": "2020-01-01T00:00:00Z", "until": "2020-01-01T01:00:00Z"}), "FACT_FAR", "/shifts/0/from"),
    (lambda d, p, s: s.update({"from": s["from"].replace("Z", ".5Z")}), "FORM_TIME", "/shifts/0/from"),
    (lambda d, p, s: s.update({"from": s["from"].replace("Z", "+08:00")}), "FORM_TIME", "/shifts/0/from"),
    (lambda d, p, s: s.update(breaks=[{"from": s["from"], "until": "2099-01-01T00:00:00Z"}]), "FACT_BREAKS", "/shifts/0/breaks"),
    (lambda d, p, s: s.update(breaks=[{"from": s["from"], "until": s["until"]}] * 2), "FACT_BREAKS", "/shifts/0/breaks"),
    (lambda d, p, s: d["sites"].append({"id": "S4", "zone": "Asia/Nowhere"}), "FACT_ZONE", "/sites/3/zone"),
    (lambda d, p, s: d["settings"].update(DAY=9), "FACT_SETTING", "/settings/DAY"),
    (lambda d, p, s: d["settings"].update(REST_BETWEEN=-1), "FACT_SETTING_VALUE", "/settings/REST_BETWEEN"),
    (lambda d, p, s: d["settings"].update(REST_BETWEEN=10.125), "FACT_SETTING_VALUE", "/settings/REST_BETWEEN"),
    (lambda d, p, s: d["levels"].update(OVERTIME_MONTH="WARN"), "FACT_LEVEL", "/levels/OVERTIME_MONTH"),
    (lambda d, p, s: d["levels"].update(TEA="WARN"), "FORM_UNKNOWN", "/levels/TEA"),
    (lambda d, p, s: d.update({"from": "1980-01-07", "until": "1980-02-04", "shifts": []}), "FACT_NO_LAW", "/from"),
]


def test_what_is_not_of_the_form(tmp_path):
    paths = write(tmp_path, [spoiled(lambda d, p, s: None)] + [spoiled(change) for change, _, _ in REFUSALS])
    blocks, status = judge(paths)
    assert status == 2 and blocks[0][0][0] == "certified"
    for block, (_, code, pointer) in zip(blocks[1:], REFUSALS, strict=True):
        assert [line[:3] for line in block] == [["unreadable", code, pointer]]


def test_all_faults_at_once(tmp_path):
    def change(d, p, s):
        p.update(born="never", home=None)
        s.update(until=7)
    [block], status = judge(write(tmp_path, [spoiled(change)]))
    assert status == 2
    assert {line[2] for line in block} == {"/people/0/born", "/people/0/home", "/shifts/0/until"}


def test_no_json(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"form": "renhe.roster.1", "form": 1}')
    for file, code in ((path, "FORM_JSON"), (tmp_path / "absent.json", "FILE_UNREADABLE")):
        [[line]], status = judge([file])
        assert (status, line[1]) == (2, code)
