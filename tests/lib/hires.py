"""Hires by JSON, sent by several clients with idempotency keys and repeated until answered for good.

    storm = Storm(suite, hires(suite, 1000, seed=7, prefix="K"))
    with storm:
        storm.release(100)         # no more than so many may begin
        storm.wait_done(60)        # so many are answered
"""
import collections
import http.client
import threading
import time
import uuid
from dataclasses import dataclass, field

from http_client import Answer, Client, KeptClient
from staff import Staff, units

PATH = "/api/v1/employees"
PAUSE_S = 0.05
PASSING = (429, 502, 503, 504)


@dataclass
class Hire:
    body: dict
    key: str
    answer: Answer = None
    sent: float = 0.0      # of the request that was answered
    answered: float = 0.0
    tries: list = field(default_factory=list)  # why it had to be sent again

    @property
    def number(self):
        return self.body["employee_number"]

    @property
    def replayed(self):
        return self.answer.headers.get("idempotency-replayed") == "true"


def hires(hr, count, seed, prefix):
    """People who do not exist, to be hired by hr into the stores of the demo company. Keys and ID numbers
    differ between prefixes too."""
    staff = Staff(f"{prefix} {seed}", prefix)
    places = [u["id"] for code, u in sorted(units(hr).items()) if u["kind"] == "STORE"]
    posts = sorted(p["id"] for p in hr.get("/api/v1/posts").expect(200).json["items"])
    return [Hire(hire_body(staff, places[i % len(places)], posts[i % len(posts)]), made_key(staff))
            for i in range(count)]


def made_key(staff):
    return str(uuid.UUID(int=staff.random.getrandbits(128), version=4))


def hire_body(staff, unit_id, post_id):
    row = staff.one()
    return {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID",
            "id_number": row["证件号码"], "mobile": row["手机"], "hire_date": row["入职日期"],
            "org_unit_id": unit_id, "post_id": post_id,
            "employment_type": "PART_TIME" if row["用工形式"] == "非全日制" else "FULL_TIME"}


class Storm:
    def __init__(self, suite, all_hires, clients=8, role="HR", tenant="demo", gateways=("gateway",)):
        """gateways: a client goes on at the next where one breaks off, as behind a balancer."""
        self.suite, self.hires = suite, all_hires
        self.urls = [suite.url(name) for name in gateways]
        self.account = suite.account(role, tenant)
        self.lock = threading.Condition()
        self.next = self.released = self.done = 0
        self.stopping = False
        self.retries = collections.Counter()
        self.refused = []  # hires whose last answer is a refusal that won't pass
        self.token = self._sign_in()
        self.threads = [threading.Thread(target=self._work, args=(i,), daemon=True) for i in range(clients)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        with self.lock:
            self.stopping = True
            self.lock.notify_all()
        for t in self.threads:
            t.join(60)

    # ---- how far it is ----

    def release(self, count):
        with self.lock:
            self.released = min(count, len(self.hires))
            self.lock.notify_all()

    def wait_done(self, count, seconds=90):
        with self.lock:
            assert self.lock.wait_for(lambda: self.done >= count, seconds), \
                f"{self.done} of {count} hires answered within {seconds} s; {dict(self.retries)}"

    def first_success_after(self, instant):
        """Of a hire that was sent after the instant; None = none yet."""
        return min((h.answered for h in self.hires if h.answer and h.sent >= instant), default=None)

    # ---- the clients ----

    def _sign_in(self):
        one = self.account
        self.urls.append(self.urls.pop(0))
        return Client(self.urls[-1]).sign_in(one["tenant"], one["sign_in_name"], one["password"]).token

    def _take(self):
        with self.lock:
            self.lock.wait_for(lambda: self.stopping or self.next < self.released)
            if self.stopping:
                return None
            self.next += 1
            return self.hires[self.next - 1]

    def _work(self, number):
        clients = [KeptClient(url, timeout=30) for url in self.urls]
        while (hire := self._take()) is not None:
            while not self.stopping and not self._settled(clients[number % len(clients)], hire):
                number += 1
                time.sleep(PAUSE_S)
            with self.lock:
                self.done += 1
                self.lock.notify_all()

    def _settled(self, client, hire):
        """Sends it once; whether that was the last time."""
        client.token, sent = self.token, time.monotonic()
        try:
            answer = client.post(PATH, hire.body, key=hire.key)
        except (OSError, http.client.HTTPException) as e:
            return self._again(hire, type(e).__name__)
        if answer.status == 201:
            hire.answer, hire.sent, hire.answered = answer, sent, time.monotonic()
            return True
        if answer.status in PASSING or answer.code == "IDEMPOTENCY_IN_PROGRESS":
            return self._again(hire, answer.code or str(answer.status))
        if answer.status == 401:
            self._renew()
            return self._again(hire, answer.code)
        self.refused.append((hire, answer))
        return True

    def _again(self, hire, why):
        hire.tries.append(why)
        with self.lock:
            self.retries[why] += 1
        return False

    def _renew(self):
        try:
            self.token = self._sign_in()
        except (AssertionError, OSError, http.client.HTTPException):
            pass  # identity is away too: the next try asks again
