"""The list of every fault and attack row (tests/MATRIX.md) is the one that its sources make, and can't go wrong in
silence: an unknown test, a row without an entry and an entry without a row are told."""
import importlib.machinery
import importlib.util
import subprocess
from pathlib import Path

import pytest

MAKE = Path(__file__).resolve().parents[1] / "matrix" / "make"


@pytest.fixture(scope="module")
def make():
    loader = importlib.machinery.SourceFileLoader("matrix_make", str(MAKE))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("matrix_make", loader))
    loader.exec_module(module)
    return module


def test_the_list_is_current():
    done = subprocess.run([MAKE, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_papers_and_the_list_have_the_same_rows(make):
    """So a checkout without the papers goes by the list; 217 rows less those of groups S and B."""
    listed = make.rows_of(make.LIST.read_text())
    assert make.papers() == listed and len(listed) == 185


GOOD = "unit/test_auth.c::heads"


@pytest.mark.parametrize("told, wrong", [
    ({"A01": {"tests": [GOOD]}}, None),
    ({"A01": {"tests": ["e2e/test_story.py::test_a_person_sees_their_own_record"], "left": "more"}}, None),
    ({"A01": {"tests": ["events/run::check_poison"]}}, None),
    ({"A01": {"none": "there is none"}}, None),
    ({"A01": {"open": "to be done"}}, None),
    ({}, "A01: no entry"),
    ({"A01": {"tests": [GOOD]}, "A99": {"none": "x"}}, "A99: no such row"),
    ({"A01": {"tests": ["unit/test_auth.c::hands"]}}, "no test unit/test_auth.c::hands"),
    ({"A01": {"tests": ["unit/test_auth.c::claims"]}}, "no test"),  # a helper, which cmocka isn't handed
    ({"A01": {"tests": ["e2e/test_story.py::gone"]}}, "no test"),
    ({"A01": {"tests": ["e2e/test_nothing.py::test_x"]}}, "no test"),
    ({"A01": {"tests": [""]}}, "no test"),
    ({"A01": {"left": "all of it"}}, "A01: tests, or a reason"),
    ({"A01": {"tests": []}}, "A01: tests, or a reason"),
    ({"A01": {"none": ""}}, "A01: tests, or a reason"),
    ({"A01": {"test": [GOOD]}}, "A01: tests, or a reason"),
    ({"A01": {"none": "x", "tests": [GOOD]}}, "A01: a row that concerns nothing")], ids=str)
def test_what_is_wrong_is_told(make, told, wrong):
    found = list(make.troubles({"A01": "a row"}, told))
    assert found == [] if wrong is None else len(found) == 1 and wrong in found[0], found


JUNIT = """<testsuites><testsuite name="pytest"><testcase classname="tests.e2e.test_a" name="test_one[x]"/>
<testcase classname="tests.e2e.test_a" name="test_one[y]">{}</testcase><testcase classname="tests.e2e.test_a" name="test_two"/>
</testsuite></testsuites>"""


@pytest.mark.parametrize("inside, one", [("", True), ("<failure/>", False), ("<error/>", False), ("<skipped/>", False)])
def test_results_are_taken_case_by_case(make, tmp_path, inside, one):
    """One case of many that did not pass is the test's failure, whichever came last."""
    (tmp_path / "e2e.xml").write_text(JUNIT.format(inside))
    (tmp_path / "test_auth.tests.xml").write_text('<testsuite name="tests"><testcase name="heads"/><testcase name="bodies"><failure/></testcase></testsuite>')
    (tmp_path / "events").write_text("ok check_poison (1.0 s)\n  at 5 a second\nFAILED check_urgent\n")
    assert make.take(sorted(tmp_path.iterdir())) == {
        "e2e/test_a.py::test_one": one, "e2e/test_a.py::test_two": True, "unit/test_auth.c::heads": True, "unit/test_auth.c::bodies": False,
        "events/run::check_poison": True, "events/run::check_urgent": False}


def test_a_rows_verdict_is_that_of_its_worst_test(make):
    known = {"a::x": ("passed", "1234567", "2026-11-02"), "b::y": ("passed", "1234567", "2026-11-01"), "c::z": ("failed", "1234567", "2026-11-02")}
    assert make.verdict(["a::x", "b::y"], known) == "passed 2026-11-01"
    assert make.verdict(["a::x", "c::z"], known) == "**failed**: z"
    assert make.verdict(["a::x", "d::w"], known) == "passed, 1 of 2 not run"
    assert make.verdict(["d::w"], known) == "not run"
