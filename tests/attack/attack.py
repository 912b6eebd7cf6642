#!/usr/bin/python3
"""Slow and idle clients against a running gateway, beside one who asks as usual (H23, P-rows of connections).

    eval "$(scripts/status --env)"; tests/attack/attack.py slow-head|slow-body|idle [--connections 4000] [--seconds 60]

The attacker is a process of its own: so many connections, each sends a byte every few seconds (idle: none),
and comes again when it is cut off. The usual one asks 40 times a second, over a new connection each time,
before and during the attack. Told: p50 and p99 of both, connections held, cut and come again, and the memory of
the gateway. Standard library only.
"""
import argparse
import json
import multiprocessing
import os
import random
import resource
import selectors
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

FIRST = {"slow-head": b"GET /api/v1/me HTTP/1.1\r\nHost: a\r\nX: ",
         "slow-body": b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n",
         "idle": b""}
EVERY_S = 3


class Attacker:
    """Keeps n connections open in one thread."""

    def __init__(self, name, address, n):
        self.first, self.address, self.n = FIRST[name], address, n
        self.select = selectors.DefaultSelector()
        self.due = {}  # socket -> when its next bytes go
        self.begun = set()
        self.cut = self.most = 0

    def open(self):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(self.address)
        self.select.register(s, selectors.EVENT_READ)
        self.due[s] = time.monotonic() + random.uniform(0.2, EVERY_S)

    def drop(self, s):
        self.select.unregister(s)
        del self.due[s]
        self.begun.discard(s)
        s.close()
        self.cut += 1

    def send(self, s, now):
        try:
            s.send(b"a" if s in self.begun else self.first)
            self.begun.add(s)
            self.due[s] = now + EVERY_S
        except BlockingIOError:
            self.due[s] = now + 0.5
        except OSError:
            self.drop(s)

    def hear(self):
        for key, _ in self.select.select(0.02):
            try:
                if key.fileobj.recv(65536):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            self.drop(key.fileobj)

    def run(self, until):
        while (now := time.monotonic()) < until:
            for _ in range(min(100, self.n - len(self.due))):
                self.open()
            self.most = max(self.most, len(self.due))
            if self.first:
                for s in [s for s, when in self.due.items() if when <= now]:
                    self.send(s, now)
            self.hear()


def attack(name, address, n, seconds, out):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    one = Attacker(name, address, n)
    one.run(time.monotonic() + seconds)
    out.put((one.most, one.cut))


def usual(address, token, seconds, rate=40):
    """Seconds of each request, connecting included; None of one that went wrong."""
    request = f"GET /api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    times, begin = [], time.monotonic()
    for i in range(int(seconds * rate)):
        time.sleep(max(0, begin + i / rate - time.monotonic()))
        start = time.monotonic()
        try:
            with socket.create_connection(address, timeout=10) as s:
                s.sendall(request)
                raw = b""
                while got := s.recv(65536):
                    raw += got
            times.append(time.monotonic() - start if raw.startswith(b"HTTP/1.1 200 ") else None)
        except OSError:
            times.append(None)
    return times


def share(times, q):
    good = sorted(t for t in times if t is not None)
    return good[min(len(good) - 1, int(len(good) * q))]


def resident_kb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def run(name, url, token, pid, connections=4000, seconds=60, before_s=10):
    """What came of it, as a dictionary of figures."""
    at = urlsplit(url)
    address = (at.hostname, at.port)
    calm, rss = usual(address, token, before_s), resident_kb(pid)
    out = multiprocessing.Queue()
    attacker = multiprocessing.Process(target=attack, args=(name, address, connections, seconds, out))
    attacker.start()
    time.sleep(min(3, seconds / 4))
    beside = usual(address, token, seconds * 0.9 - min(3, seconds / 4))
    rss_beside = resident_kb(pid)
    held, cut = out.get(timeout=30)
    attacker.join(10)
    return {"attack": name, "connections": held, "cut": cut, "asked": len(beside), "failed": sum(t is None for t in beside),
            "p50_ms": [round(share(t, 0.5) * 1000, 2) for t in (calm, beside)],
            "p99_ms": [round(share(t, 0.99) * 1000, 2) for t in (calm, beside)],
            "p99_ratio": round(share(beside, 0.99) / share(calm, 0.99), 2),
            "resident_mb": [round(rss / 1024, 1), round(rss_beside / 1024, 1)]}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("name", choices=FIRST)
    p.add_argument("--connections", type=int, default=4000)
    p.add_argument("--seconds", type=float, default=60)
    a = p.parse_args()
    import renhe
    from gateways import Gateway
    suite = renhe.Suite.attach()
    token = suite.sign_in_as("HR", "demo").token
    with Gateway(suite, RENHE_READS_PER_MINUTE="0", RENHE_TENANT_PER_MINUTE="0", RENHE_OPEN_PER_MINUTE="0") as gateway:
        print(json.dumps(run(a.name, gateway.client().url, token, gateway.process.pid, a.connections, a.seconds), indent=1))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
