"""Vectors of the rules through the API: the domain's file where it is there, and a small one of ours always."""
import re
import subprocess
from collections import Counter

import pytest

import vectors
from http_client import Client
from renhe import CHECKOUT

SMALL = CHECKOUT / "tests" / "data" / "vectors" / "small.md"
PAYSLIPS = CHECKOUT / "tests" / "data" / "vectors" / "payslips.md"
DOMAIN = CHECKOUT.parent / "shared" / "domain" / "vectors.md"
GROUPS = "TSWKCL"


@pytest.fixture(scope="module")
def client(suite):
    """Straight to the service; test_command goes through the door."""
    return Client(suite.env["RENHE_PAYROLL_URL"], suite.sign_in_as("EMPLOYEE", "demo").token)


def verdicts(text, client):
    return {v.id: said for v, said in vectors.run(text, client)}


def test_small_file(client):
    got = verdicts(SMALL.read_text(), client)
    assert len(got) == 20
    assert {i: s for i, s in got.items() if s[0] != "passed" and i not in ("X-N01", "X-B01")} == {}
    assert got["X-B01"][0] == "unknown" and "phase" in got["X-B01"][1]
    assert got["X-N01"][0] == "unknown"


@pytest.mark.parametrize("was, other, says", [
    ('"year":"89.97"', '"year":"89.98"', "89.97"), ('"tax":["44.99","44.98"]', '"tax":["44.98","44.99"]', "[0]"),
    ('"tax":"27390.02"', '"tax":27390.02', "27390.02"), ('["1500.00","1500.00"]', '["1500.00"]', "1500.00"),
    ('"share":"1209.88"', '"share":"1209.87"', "1209.88"), ('"n":2,', '"n":2.5,', "n: "), ('"months":[2,0]', '"months":[2,null]', "[1]"),
    ('"type":["STATUTORY","WORK"]', '"type":["STATUTORY","REST"]', "WORK"), ('"delay_months":[1,0]', '"delay_months":[true,0]', "[0]"),
    ('"exempt":["360000.00","360000.00"]', '"exempt":["360000.00","360000.01"]', "[1]")])
def test_a_wrong_expectation_fails(client, was, other, says):
    text = SMALL.read_text()
    assert text.count(was) == 1
    got = verdicts(text.replace(was, other), client)
    failed = [why for verdict, why in got.values() if verdict == "failed"]
    assert len(failed) == 1 and says in failed[0], got


def test_a_wrong_input_fails(client):
    """A fen more or less is another answer or none: nothing is answered from the expectation."""
    got = verdicts(SMALL.read_text().replace('"si_hf":1000.50', '"si_hf":1000.60').replace('"bonus":144000.12', '"bonus":1440000000000000'),
                   client)
    assert got["X-A01"][0] == "failed" and got["X-A04"][0] == "failed" and "refused" in got["X-A04"][1]


def test_whole_payslips(client, suite):
    """Through terms, facts, runs, approval by another person and close."""
    text = DOMAIN.read_text() if DOMAIN.exists() else PAYSLIPS.read_text()
    got = {v.id: said for v, said in vectors.run(text, client, suite, "P")}
    assert len(got) >= 3 and {i: said for i, said in got.items() if said[0] != "passed"} == {}


def test_a_wrong_payslip_fails(client, suite):
    text = PAYSLIPS.read_text()
    assert text.count('"net":"16155.00"') == 1
    got = {v.id: said for v, said in vectors.run(text.replace('"net":"16155.00"', '"net":"16155.01"'), client, suite, "P")}
    assert [i for i, said in got.items() if said[0] == "failed"] == ["X-P01"]


def test_domain_file(client, figure):
    if not DOMAIN.exists():
        pytest.skip("no domain file beside the checkout")
    got = {v.id: (v, said) for v, said in vectors.run(DOMAIN.read_text(), client) if v.group in GROUPS}
    assert {i: said for i, (v, said) in got.items() if said[0] != "passed"} == {}
    figure(f"{len(got)} vectors passed: " + ", ".join(f"{n} {g}" for g, n in Counter(v.group for v, _ in got.values()).items()))


def test_command(suite):
    """One line a vector and a sum; the exit status says whether any failed."""
    run = [CHECKOUT / "tests" / "vectors", "--run-dir", str(suite.run_dir)]
    good = subprocess.run([*run, SMALL], capture_output=True, text=True)
    assert good.returncode == 0 and good.stdout.splitlines()[-1] == "18 passed, 2 unknown", good.stdout + good.stderr
    assert len(good.stdout.splitlines()) == 21 and re.match(r"X-A01\s+passed\n", good.stdout)
    bad = suite.run_dir / "bad.md"
    bad.write_text(SMALL.read_text().replace('"year":"89.97"', '"year":"1.00"'))
    failed = subprocess.run([*run, bad], capture_output=True, text=True)
    bad.unlink()
    assert failed.returncode == 1 and "1 failed, 17 passed, 2 unknown" in failed.stdout, failed.stdout
    assert re.search(r"X-A01\s+failed: year: expected \"1.00\", got \"89.97\"", failed.stdout)
