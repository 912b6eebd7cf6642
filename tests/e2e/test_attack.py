"""Slow heads, slow bodies and idle connections: whoever asks as usual is served as before (H23). The short form of
tests/attack/attack.py, which does 4,000 connections for a minute."""
import sys
from pathlib import Path

import pytest

from gateways import Gateway

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attack"))
import attack  # noqa: E402

NONE = {name: "0" for name in ("RENHE_READS_PER_MINUTE", "RENHE_TENANT_PER_MINUTE", "RENHE_OPEN_PER_MINUTE")}
# A connection that holds a request begun costs a buffer of 8 kB, an arena of 16 kB and its own record.
KB_EACH = 32


@pytest.mark.parametrize("name", attack.FIRST)
def test_attack(suite, figure, name):
    token = suite.sign_in_as("HR", "demo").token
    # A head gets 2 s here, so that those of the attack are cut within the test.
    with Gateway(suite, RENHE_HEAD_TIMEOUT_S="2", RENHE_BODY_TIMEOUT_S="2", **NONE) as gateway:
        got = attack.run(name, gateway.client().url, token, gateway.process.pid, connections=500, seconds=7, before_s=3)
    figure(str(got))
    assert got["connections"] == 500 and got["failed"] == 0
    assert got["cut"] == 0 if name == "idle" else got["cut"] >= 500
    before, beside = got["p99_ms"]
    assert beside <= 2 * before + 20  # a busy machine blurs single milliseconds; the long form tells the ratio
    assert got["resident_mb"][1] - got["resident_mb"][0] < 500 * KB_EACH / 1024 + 4
