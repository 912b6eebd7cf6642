"""The whole life of a token beside a revocation of its own second: ten minutes and one of skew, so no part of
scripts/test.  python3 -m pytest -q -s tests/long/test_token_life.py"""
import random
import sys
import time

import business_clock
import staff
from gateways import Gateway
from renhe import wait_until

LIFE_S = 600
SKEW_S = 60  # CLOCK_SKEW_S of services/chassis/auth.h: clocks may differ by so much
ME = "/api/v1/me"


def test_a_token_lives_its_full_life(suite):
    seed = random.SystemRandom().randrange(10**6)
    rows = staff.Staff(seed, f"L{seed}-").some(2)
    hr = suite.sign_in_as("HR", "demo")
    staff.load(hr, rows)
    leaver, witness = staff.joined(suite, hr, "demo", [row["工号"] for row in rows])
    with Gateway(suite) as second:
        issued = staff.sign_in_together(suite, leaver, witness)
        staff.end(hr, leaver.employee_id, business_clock.today(suite)).expect(200)
        both = [suite.client(token=witness.client.token), second.client(witness.client.token)]
        wait_until(lambda: suite.client(token=leaver.client.token).get(ME).status == 401, 5, "the leaver's refusal")
        asked = 0
        while time.time() < issued + LIFE_S - 1:
            for client in both:
                client.get(ME).expect(200)
            asked += 1
            time.sleep(0.5)
        time.sleep(max(0, issued + LIFE_S + SKEW_S + 2 - time.time()))
        answers = [client.get(ME) for client in both]
    print(f"seed {seed}: {asked} questions at each gateway in {LIFE_S} s, all answered", file=sys.stderr)
    assert [(a.status, a.code) for a in answers] == [(401, "TOKEN_EXPIRED")] * 2
