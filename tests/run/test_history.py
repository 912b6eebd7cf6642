"""The checkers of tests/faults see what is wrong: each on a sound history, and on the same spoiled in one place."""
import sys

import pytest

from renhe import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "tests/faults"))
from history import Recorder, acknowledged, published, read, the_same, versions  # noqa: E402


def ops():
    """Three acknowledged writes on one person, one of them begun after another had ended; one refused, one unknown."""
    return [{"act": "hire", "marker": "A", "person": "p", "event": "ok", "version": 1, "begun": 1, "ended": 2},
            {"act": "rename", "marker": "B", "person": "p", "event": "ok", "version": 2, "begun": 3, "ended": 6},
            {"act": "rename", "marker": "C", "person": "p", "event": "ok", "version": 3, "begun": 7, "ended": 8},
            {"act": "rename", "marker": "D", "person": "p", "event": "fail", "begun": 4, "ended": 5},
            {"act": "rename", "marker": "E", "person": "p", "event": "unknown", "begun": 9, "ended": None}]


EFFECTS = {"A": 1, "B": 1, "C": 1}
STORED = {"p": [1, 2, 3]}
RECORDS = [("p", 1, "x"), ("p", 2, "y"), ("q", 1, "z"), ("p", 2, "y"), ("p", 3, "w")]
LAST = {"p": 3, "q": 1}


def test_sound_ones_are_sound():
    assert acknowledged(ops(), EFFECTS) == [] == acknowledged(ops(), {**EFFECTS, "E": 1})
    assert versions(ops(), STORED) == [] == versions(ops(), {"p": [1, 2, 3, 4]})
    assert published(RECORDS, LAST) == []
    assert the_same("x", {"a": 1}, {"a": 1}) == []


@pytest.mark.parametrize("effects, word", (
    ({"A": 1, "B": 1}, "stands 0 times"),
    ({**EFFECTS, "B": 2}, "stands 2 times"),
    ({**EFFECTS, "D": 1}, "was refused and stands"),
    ({**EFFECTS, "E": 2}, "stands 2 times"),
    ({**EFFECTS, "F": 1}, "never asked for"),
))
def test_effects(effects, word):
    (wrong,) = acknowledged(ops(), effects)
    assert word in wrong


def test_versions():
    twice, lost, back = ops(), ops(), ops()
    twice[2]["version"] = 2
    assert any("given to two writes" in w for w in versions(twice, STORED))
    assert any("does not stand" in w for w in versions(lost, {"p": [1, 2]}))
    assert any("has versions" in w for w in versions(ops(), {"p": [1, 3]}))
    back[1]["version"], back[2]["version"] = 3, 2
    assert any("though begun after" in w for w in versions(back, STORED))


@pytest.mark.parametrize("records, last, word", (
    (RECORDS[:-1], LAST, "not published"),
    ([RECORDS[1], RECORDS[0], *RECORDS[2:]], LAST, "comes after"),
    ([*RECORDS, ("p", 3, "other")], LAST, "two events"),
    ([*RECORDS, ("q", 2, "v")], LAST, "1 committed"),
    (RECORDS, {**LAST, "r": 1}, "not published"),
))
def test_topics(records, last, word):
    assert any(word in w for w in published(records, last))


def test_projections():
    assert len(the_same("x", {"a": 1, "b": 2}, {"a": 1})) == 1 == len(the_same("x", {"a": 1}, {"a": 2}))


def test_what_was_asked_is_on_disk_before_it_is_sent(tmp_path):
    log = Recorder(tmp_path / "log")
    op = log.invoke("hire", marker="A", key="k")
    (found,) = read(tmp_path / "log")
    assert (found["event"], found["ended"]) == ("unknown", None)
    log.ok(op, version=1, person="p")
    (found,) = read(tmp_path / "log")
    assert (found["event"], found["version"], found["begun"], found["ended"]) == ("ok", 1, 1, 2)
