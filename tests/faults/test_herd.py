"""A service dies under twice the load that it can bear, and is started again into it (F49). Beside scripts/test, whose machine
has other work meanwhile: `scripts/faults herd`."""
import http.client
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from gateways import Gateway  # noqa: E402
from http_client import KeptClient  # noqa: E402

PATH = "/api/v1/employees?page_size=50"
FREE = {name: "0" for name in ("RENHE_READS_PER_MINUTE", "RENHE_TENANT_PER_MINUTE", "RENHE_OPEN_PER_MINUTE")}
CLIENTS, SOON_S = 32, 1
BACK_S, SHARE, WINDOW_S = 15, 0.9, 3


class Herd:
    """Clients that ask at a rate of their own, whatever becomes of the answers; rate None: each as fast as it is answered."""

    def __init__(self, url, token, clients, rate=None):
        self.url, self.token, self.every = url, token, clients / rate if rate else 0
        self.began, self.good, self.answers, self.stopping = time.monotonic(), Counter(), Counter(), threading.Event()
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for t in self.threads:
            t.join(30)

    def ask(self):
        client, due = KeptClient(self.url, self.token, timeout=20), time.monotonic()
        while not self.stopping.is_set():
            due = max(due + self.every, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))
            sent = time.monotonic()
            try:
                status = client.get(PATH).status
            except (OSError, http.client.HTTPException) as e:
                status = type(e).__name__
            self.answers[status] += 1
            if status == 200 and time.monotonic() - sent <= SOON_S:
                self.good[int(time.monotonic() - self.began)] += 1

    def goodput(self, begin, seconds):
        return sum(self.good[s] for s in range(begin, begin + seconds)) / seconds


@pytest.mark.parametrize("victim", ["archive", "identity"])
def test_back_under_twice_the_load(suite, figure, victim):
    token = suite.sign_in_as("HR", "demo").token
    with Gateway(suite, **FREE) as gateway:
        url = f"http://127.0.0.1:{gateway.port}"
        with Herd(url, token, 8) as calm:
            time.sleep(4.5)
        bears = calm.goodput(1, 3)
        with Herd(url, token, CLIENTS, 2 * bears) as herd:
            time.sleep(5.2)
            suite.kill(victim)
            killed = int(time.monotonic() - herd.began)
            time.sleep(BACK_S + WINDOW_S + 1)
        before = herd.goodput(1, 4)
        back = next((s for s in range(BACK_S + 1) if herd.goodput(killed + s, WINDOW_S) >= SHARE * before), None)
    tail = [herd.good[killed + s] for s in range(8)]
    assert back is not None, (bears, before, tail, herd.answers)
    figure(f"{victim} killed: bears {bears:.0f}/s, asked {2 * bears:.0f}/s, good {before:.0f}/s before, at {SHARE:.0%} again after {back} s; "
           f"good in the seconds from the kill {tail}; answers {dict(herd.answers)}")
