"""One round of scripts/faults all-at-once; beside scripts/test."""
import os
import random

from all_at_once import PROGRAMS, AllAtOnce

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
BACK_S = 30


def test_everything_dies_at_once(killable, tmp_path, figure):
    """F03: all are ready within 30 s, what was acknowledged stands once."""
    one = AllAtOnce(killable, SEED, tmp_path)
    wrong = one.run()
    figure(one.tell())
    assert not wrong, wrong[:20]
    assert one.back_s.keys() == set(PROGRAMS) and max(one.back_s.values()) <= BACK_S
