"""A consumer that is held for longer than its group waits (F24), with a second instance beside it: `scripts/faults slow`."""
import os
import random
import time

import pytest

from points import Round
from renhe import CHECKOUT, Suite, wait_until

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
HELD_MS = 25_000  # above the 10 s between polls and the 8 s of a session in programs with kill points


@pytest.fixture(scope="module")
def two():
    started = Suite.start(programs=CHECKOUT / "build/kill/bin", instances=2)
    yield started
    started.stop()


class Held(Round):
    def run(self, point):
        with self.load_:
            time.sleep(0.5)
            order = self.order("identity", f"{point}:3:{HELD_MS}")
            wait_until(lambda: not order.exists(), 30, f"identity to pass {point}")
            held = time.monotonic()
            time.sleep(HELD_MS / 1000 + 5)
        self.back_s[point] = time.monotonic() - held
        return self.judge()


@pytest.mark.parametrize("point", ["consumer.before_commit", "consumer.before_offset"])
def test_a_handler_that_takes_too_long(two, tmp_path, figure, point):
    before = two.log("identity").count("MAX_POLL_EXCEEDED")
    one = Held(two, SEED, tmp_path)
    wrong = one.run(point)
    figure(f"held at {point} for {HELD_MS / 1000:.0f} s: {one.tell()}")
    assert not wrong, wrong[:20]
    assert two.log("identity").count("MAX_POLL_EXCEEDED") > before, "it was never given up"
