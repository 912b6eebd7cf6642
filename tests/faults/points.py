"""kill -9 at each point that the chassis names (killpoint.h), one after the other, under the workload: what was acknowledged
stands once, what was refused doesn't, and the topics say the same (F01). Needs a suite of programs with kill points."""
import random
import subprocess
import threading
import time
from pathlib import Path

import staff
from history import Recorder, read
from http_client import Client
from renhe import wait_until
from state import left, verdict, wait_quiet
from workload import Workload

# (service, point, of faults.md, what makes the process pass it besides the workload)
POINTS = (
    ("archive", "request.parsed", "K1", None),
    ("archive", "request.before_commit", "K2", None),
    ("archive", "request.after_commit", "K3", None),
    ("archive", "job.before_checkpoint", "K4", "load"),
    ("archive", "job.after_checkpoint", "K4", "load"),
    ("archive", "relay.before_produce", "K5", None),
    ("archive", "relay.after_acknowledgement", "K6", None),
    ("archive", "relay.after_delete", "K6", None),
    ("identity", "consumer.before_commit", "K7", None),
    ("identity", "consumer.before_offset", "K7", None),
    ("archive", "timer.before_commit", "K10", "rotate"),
    ("identity", "request.before_commit", "K13", None),
    ("identity", "request.after_commit", "K13", None),
    ("identity", "relay.after_acknowledgement", "K6", None),
    ("archive", "audit.written", "K14", "look"),
    ("archive", "audit.before_leaves", "K14", "look"),
)
# Points of faults.md that nothing passes yet, and why; K12 has a test of its own.
ABSENT = {"K8": "no pay run yet", "K9": "no bank file yet", "K11": "no third-party bindings yet"}
REACHED_S = 30
ROWS = 700


class Round:
    """One workload, during which a point after the other is armed."""

    def __init__(self, suite, seed, folder):
        self.suite, self.seed, self.random = suite, seed, random.Random(seed)
        self.log = Path(folder) / f"history-{seed}.jsonl"
        self.before = left(suite)
        self.load_ = Workload(suite, Recorder(self.log), seed)
        self.back_s, self.imports = {}, []

    def run(self, points=POINTS):
        """What is wrong afterwards."""
        with self.load_:
            time.sleep(0.5)
            for service, point, _, needs in points:
                self.kill(service, point, needs)
        return self.judge()

    def judge(self):
        imported = self.imported()
        wait_quiet(self.suite)
        ops = read(self.log)
        return verdict(self.suite, ops, self.load_.prefix, self.before) + imported + [f"odd answer {o}" for o in self.load_.odd]

    # ---- one point ----

    def order(self, service, text):
        file = self.suite.run_dir / "state" / service / "killpoint"
        new = file.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o644)
        new.rename(file)
        return file

    def kill(self, service, point, needs):
        pid, passes, done = self.suite.pid(service), self.random.randint(1, 3 if needs else 12), threading.Event()
        order = self.order(service, f"{point}:{passes}")
        # The supervisor lets what dies young wait; each death here counts as the first one.
        (self.suite.run_dir / "service" / service / "started").write_text("0")
        helper = threading.Thread(target=self.help, args=(needs, done), daemon=True)
        helper.start()
        try:
            wait_until(lambda: not order.exists(), REACHED_S, f"{service} to pass {point} {passes} times (seed {self.seed})", every=0.02)
        finally:
            done.set()
        killed = time.monotonic()
        wait_until(lambda: self.suite.pid(service) not in (0, pid), 20, f"{service} to be started again", every=0.02)
        self.suite.wait_ready(service)
        self.back_s[service, point] = time.monotonic() - killed
        helper.join(30)

    def help(self, needs, done):
        """What the workload doesn't do by itself, until the point was passed."""
        while needs and not done.is_set():
            try:
                getattr(self, needs)()
            except (OSError, AssertionError):
                pass  # the service is away
            done.wait(0.1 if needs == "look" else 2)

    def enter(self, role):
        one = self.suite.account(role, "demo")
        return Client(self.load_.url).sign_in(one["tenant"], one["sign_in_name"], one["password"])

    def look(self):
        client = self.enter("TENANT_ADMIN")
        for _ in range(5):
            client.get("/api/v1/audit-entries", query={"page_size": 1})

    def rotate(self):
        env = self.suite.run_dir / "service" / "archive" / "env"
        renhectl = Path(self.suite.env["RENHE_BIN"]) / "renhectl"
        subprocess.run(["env", "-i", "PATH=/usr/bin:/bin", "chpst", "-e", env, renhectl, "key", "rotate", "archive", "person"],
                       capture_output=True, timeout=30)

    # ---- imports: a job of many chunks ----

    def load(self):
        prefix, hr = f"I{self.random.randrange(16**6):06X}", self.enter("HR")
        answer = staff.begin_load(hr, staff.csv_bytes(staff.Staff(prefix, prefix).some(ROWS)))
        if answer.status == 202:
            self.imports.append((prefix, answer.json["id"]))

    def imported(self):
        """Each import that was taken ends, with all of its rows once."""
        wrong, hr = [], self.enter("HR")
        for prefix, job in self.imports:
            end = staff.end_of_load(hr, job)
            ((n, distinct),) = self.suite.psql_all("archive", "select count(*), count(distinct employee_number) from employee "
                                                              f"where employee_number like '{prefix}%'")
            if (end["state"], int(n), int(distinct)) != ("SUCCEEDED", ROWS, ROWS):
                wrong.append(f"import {prefix}: {end['state']}, {n} rows of {distinct} numbers, {ROWS} were due")
        return wrong

    def tell(self):
        log = read(self.log)
        ended = {e: sum(op["event"] == e for op in log) for e in ("ok", "fail", "unknown")}
        return (f"seed {self.seed}: {len(self.back_s)} points, {len(log)} operations: {ended['ok']} acknowledged, {ended['fail']} refused, "
                f"{ended['unknown']} unknown; sent again {sum(self.load_.again.values())} times; {len(self.imports)} imports; ready again after "
                f"{max(self.back_s.values(), default=0):.1f} s at most")
