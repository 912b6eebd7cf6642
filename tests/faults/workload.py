"""Clients that hire, transfer, rename and refresh at a steady rate, and repeat what passes by itself (faults.md 5.1)."""
import http.client
import random
import secrets
import threading
import time
from collections import Counter

from hires import hires
from http_client import Client, KeptClient

PATH = "/api/v1/employees"
PASSING = (429, 502, 503, 504)
PAUSE_S = 0.03
PATIENCE_S = 60  # one operation, however often repeated
SHARED = 6       # people whom all clients change


class Workload:
    """with Workload(suite, log, seed) as w: ... ; afterwards all operations are settled or unknown."""

    def __init__(self, suite, log, seed, clients=4, rate=50):
        self.suite, self.log, self.random = suite, log, random.Random(seed)
        self.prefix = "W" + secrets.token_hex(3).upper()
        self.url, self.account = suite.env["RENHE_URL"], suite.account("HR", "demo")
        self.pause = clients / rate
        self.stopping, self.again, self.shared, self.odd = threading.Event(), Counter(), [], []
        first = Client(self.url).sign_in(self.account["tenant"], self.account["sign_in_name"], self.account["password"])
        self.units = sorted(u["id"] for u in first.get("/api/v1/org-units").expect(200).json["items"])
        self.people = iter(hires(first, 20000, seed, self.prefix))
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.client, args=(self.random.randrange(10**9),), daemon=True) for _ in range(clients)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for t in self.threads:
            t.join(PATIENCE_S + 30)
        self.log.file.flush()

    # ---- one client ----

    def client(self, seed):
        one = Session(self)
        draw, own = random.Random(seed), []
        while not self.stopping.is_set():
            began = time.monotonic()
            act = draw.choices((self.hire, self.transfer, self.rename, one.refresh), (3, 4, 4, 1))[0]
            with self.lock:
                pool = own if draw.random() < 0.5 or not self.shared else list(self.shared)
            if act == one.refresh:
                one.refresh()
            elif act == self.hire or not pool:
                self.hire(one, draw, own)
            else:
                act(one, draw, draw.choice(pool[-20:]))
            time.sleep(max(0, self.pause - (time.monotonic() - began)))

    def hire(self, one, draw, own):
        with self.lock:
            h = next(self.people)
        op = self.log.invoke("hire", marker=h.number, key=h.key)
        answer = one.until_settled(lambda c: c.post(PATH, h.body, key=h.key))
        if not self.settle(op, answer, (201,)):
            return
        own.append(answer.json["id"])
        with self.lock:
            if len(self.shared) < SHARED:
                self.shared.append(answer.json["id"])

    def transfer(self, one, draw, employee):
        body = {"effective_date": f"2026-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}", "org_unit_id": draw.choice(self.units)}
        self.change(one, employee, "transfer", lambda c, marker, key, tag: c.post(
            f"{PATH}/{employee}:transfer", {**body, "work_place": marker}, key=key, etag=tag))

    def rename(self, one, draw, employee):
        self.change(one, employee, "rename", lambda c, marker, key, tag: c.patch(f"{PATH}/{employee}", {"name": marker}, key=key, etag=tag))

    def change(self, one, employee, act, send):
        """Read, then written as of what was read; where that is not the last version any more it is refused."""
        read = one.until_settled(lambda c: c.get(f"{PATH}/{employee}"))
        if read is None or read.status != 200:
            return
        marker, key = f"{self.prefix} {secrets.token_hex(5)}", secrets.token_hex(16)
        op = self.log.invoke(act, marker=marker, key=key, person=read.json["person_id"])
        answer = one.until_settled(lambda c: send(c, marker, key, read.etag))
        if answer is not None and answer.status == 412 and one.unanswered and act == "rename":
            # A PATCH has no stored answer: its own lost success moves the version on. Whoever repeats it reads again.
            self.log.unknown(op, why="a version that moved on behind a lost answer")
            return
        self.settle(op, answer, (200,))

    def settle(self, op, answer, good):
        if answer is None:
            self.log.unknown(op, why="patience")
        elif answer.status in good:
            self.log.ok(op, version=int(answer.etag.strip('"v')), person=answer.json["person_id"])
            return True
        else:
            self.log.fail(op, status=answer.status, code=answer.code)
            if answer.status not in (409, 412, 422):
                self.odd.append((answer.status, answer.code))
        return False


class Session:
    """Who one client is: a session that is refreshed, and begun anew only where it has ended."""

    def __init__(self, load):
        self.load, self.client, self.refresh_token = load, KeptClient(load.url, timeout=20), None
        self.lost = 0
        self.sign_in()

    def sign_in(self):
        one = self.load.account
        body = {"tenant": one["tenant"], "sign_in_name": one["sign_in_name"], "password": one["password"]}
        self.take(self.repeat(lambda c: c.post("/api/v1/sessions", body), ()))

    def take(self, answer):
        if answer is not None and answer.status in (200, 201):
            self.client.token, self.refresh_token = answer.json["access_token"], answer.json["refresh_token"]

    def refresh(self):
        """K13: a lost answer is asked for again with the same token, which has one successor."""
        answer = self.repeat(lambda c: c.post("/api/v1/sessions:refresh", {"refresh_token": self.refresh_token}), ())
        self.take(answer)
        if answer is not None and answer.status == 401:
            self.load.odd.append((401, "a refresh was refused: " + str(answer.code)))
            self.sign_in()

    def until_settled(self, send):
        return self.repeat(send, (401,))

    def repeat(self, send, renew):
        """The answer that doesn't pass by itself; None after PATIENCE_S."""
        end, self.unanswered = time.monotonic() + PATIENCE_S, False
        while time.monotonic() < end:
            try:
                answer = send(self.client)
            except (OSError, http.client.HTTPException) as e:
                self.load.again[type(e).__name__] += 1
                self.unanswered = True
                time.sleep(PAUSE_S)
                continue
            if answer.status not in PASSING + renew and answer.code != "IDEMPOTENCY_IN_PROGRESS":
                return answer
            self.load.again[answer.code or str(answer.status)] += 1
            self.unanswered |= answer.status in PASSING
            if answer.status in renew:
                self.refresh()
            time.sleep(PAUSE_S)
        return None
