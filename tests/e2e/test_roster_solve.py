"""`roster-solve` on INRC-II: every roster is believed only as `roster-verify` counts it; published rosters cost what
their publishers say; a week is searched without the later ones."""
import os
import pathlib
import re
import subprocess

import pytest

CHECKOUT = pathlib.Path(__file__).parents[2]
BIN = CHECKOUT / "build/bin"
DATA = pathlib.Path(os.environ.get("RENHE_SHARED", CHECKOUT.parent / "shared")) / "data/shift-scheduling/inrc2"
SMALL = CHECKOUT / "tests/data/roster/inrc/t002w2"
# The penalties that BEST_KNOWN.md beside the data gives for the published rosters.
PUBLISHED = {
    "n005w4_0_1-2-3-3": 1695, "n005w4_1_5-3-1-0": 2010, "n005w4_2_6-7-8-9": 1720,
    "n012w8_0_3-5-0-2-0-4-5-2": 3295, "n012w8_1_7-7-0-8-9-3-2-6": 3805, "n012w8_2_4-5-6-7-2-1-2-1": 3745,
}


def verdict(*files):
    done = subprocess.run([BIN / "roster-verify", *files], capture_output=True, text=True, timeout=60)
    word, figure = done.stdout.split("\n")[0].split("\t")[:2]
    assert (done.returncode, word) == (0, "legal"), done.stdout + done.stderr
    return int(figure)


def solve(out, *args):
    done = subprocess.run([BIN / "roster-solve", *args, "--out", out], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_rosters_cost_what_they_say(name):
    scenario, history, weeks = name.split("_")
    assert verdict(DATA / scenario / name, DATA / scenario / f"Solution_H_{history}-WD_{weeks}") == PUBLISHED[name]


def test_a_short_search_and_the_verifier_agrees(tmp_path, figure):
    name = "n005w4_0_1-2-3-3"
    code, said = solve(tmp_path / "out", DATA / "n005w4" / name, "--moves", "4000000", "--seed", "1")
    assert code == 0, said
    penalty = verdict(DATA / "n005w4" / name, tmp_path / "out")
    assert int(re.search(r"^penalty\t(\d+)$", said, re.M)[1]) == penalty
    figure(f"{name} week by week in 4 million moves: {penalty}, published {PUBLISHED[name]}")
    assert penalty <= PUBLISHED[name] * 1.15


def files(*weeks):
    return [DATA / "n005w4" / f for f in ("Sc-n005w4.txt", "H0-n005w4-0.txt", *(f"WD-n005w4-{w}.txt" for w in weeks))]


def solutions(path):
    return ["SOLUTION" + part for part in path.read_text().split("SOLUTION")[1:]]


def test_a_week_is_searched_without_the_later_ones(tmp_path):
    made = []
    for i, weeks in enumerate(((1, 2, 3, 3), (1, 2, 9, 5))):
        code, said = solve(tmp_path / str(i), *files(*weeks), "--moves", "2400000", "--seed", "4")
        assert code == 0, said
        verdict(*files(*weeks), tmp_path / str(i))
        made.append(solutions(tmp_path / str(i)))
    assert len(made[0]) == 4 and made[0][:2] == made[1][:2] and made[0][2] != made[1][2]
    # Week 2 named alone behind the history of its Monday is not asked for: one week of the first is.
    code, said = solve(tmp_path / "one", *files(1), "--moves", "600000", "--seed", "4")
    assert code == 0, said
    assert solutions(tmp_path / "one") == made[0][:1]


def test_what_cannot_be_read_is_named(tmp_path):
    broken = tmp_path / "week.txt"
    broken.write_text((SMALL / "WD-t002w2-0.txt").read_text().replace("Ann Any Fri", "Ann Any Fry"))
    code, said = solve(tmp_path / "out", SMALL / "Sc-t002w2.txt", SMALL / "H0-t002w2-0.txt", broken)
    assert code == 2 and f"{broken}:11: " in said and not (tmp_path / "out").exists()
    code, said = solve(tmp_path / "out", SMALL / "t002w2_7_0-1")
    assert code == 2 and "H0-t002w2-7.txt" in said
