"""F10, F13, F16 against a suite whose programs have kill points; beside scripts/test: `scripts/faults database`."""
import os
import random

import pytest

from database import PEACE, QUARREL, Backends, DiskFull, Quarrels

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))


def clean(one, figure):
    wrong = one.run()
    figure(one.tell())
    assert not wrong, "\n".join(map(str, wrong[:30]))
    return one


def test_a_backend_is_killed(killable, tmp_path, figure):
    """F10: the server ends all sessions and recovers; what was acknowledged stands once."""
    one = clean(Backends(killable, SEED, tmp_path), figure)
    assert len(one.back_s) == Backends.kills


def test_a_fifth_of_the_transactions_quarrel(killable, tmp_path, figure):
    """F16: tried again by the service, and told as 503 where that is not enough."""
    one = clean(Quarrels(killable, SEED, tmp_path), figure)
    figure(f"{one.retried:.0f} transactions tried again by archive, {one.load_.again['CONFLICT_RETRY']} answered 503")
    assert one.retried > one.load_.again["CONFLICT_RETRY"]


def test_who_quarrels_for_ever_is_told(killable, tmp_path):
    """Bounded: 503 with a time to come back, and nothing stands."""
    one = Quarrels(killable, SEED, tmp_path)
    hr = one.enter("HR")
    before = killable.psql_all("archive", "select count(*) from employee")
    killable.psql_all("archive", QUARREL.format(share=2))
    try:
        hire = next(one.load_.people)
        answer = hr.post("/api/v1/employees", hire.body, key=hire.key)
    finally:
        killable.psql_all("archive", PEACE)
    assert (answer.status, answer.code) == (503, "CONFLICT_RETRY"), answer.body
    assert int(answer.headers["retry-after"]) >= 1
    assert killable.psql_all("archive", "select count(*) from employee") == before
    assert hr.post("/api/v1/employees", hire.body, key=hire.key).status == 201


@pytest.mark.skipif(os.getuid() != 0, reason="needs a volume of its own")
def test_the_disk_is_full(killable, tmp_path, figure):
    """F13: writes are told 503, reads go on while the server is up, nothing is to be mended by hand."""
    one = clean(DiskFull(killable, SEED, tmp_path), figure)
    figure(f"full: reads {one.read}, writes sent again {one.refused}; the server fell: {one.fell}; a sign-in {one.back_s['room']:.1f} s after there was room")
    assert one.refused.get("STORAGE_UNAVAILABLE", 0) > 0
    assert one.read.get(200, 0) > 0 and set(one.read) <= {200, 503}
    assert one.fell
