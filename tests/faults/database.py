"""A database that dies by one backend, that quarrels, that has no room, under the workload (F10, F13, F16)."""
import http.client
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter

from http_client import KeptClient
from points import Round
from renhe import wait_until
from workload import PATH

QUIET_S = 3


class Backends(Round):
    """kill -9 of the backend that serves somebody at the moment: the server ends all sessions and recovers."""
    kills = 6

    def run(self):
        with self.load_:
            for _ in range(self.kills):
                time.sleep(self.random.uniform(1, 3))
                self.kill_one()
            time.sleep(QUIET_S)
        return self.judge()

    def kill_one(self):
        service = self.random.choice(("archive", "identity"))
        pids = wait_until(lambda: self.backends(service), 30, "the server to have recovered")
        began = time.monotonic()
        os.kill(self.random.choice(pids), signal.SIGKILL)
        for name in ("archive", "identity"):
            self.suite.wait_ready(name)
        self.back_s[service, "backend", len(self.back_s)] = time.monotonic() - began

    def backends(self, service):
        return [int(p) for (p,) in self.suite.psql_all(service, f"select pid from pg_stat_activity where datname = '{service}' "
                                                                "and backend_type = 'client backend' and pid <> pg_backend_pid()")]


# 40001 when a row is written, 40P01 at the commit: each in one of ten, whoever writes.
QUARREL = """
create or replace function fault_quarrel() returns trigger language plpgsql as $$
begin
	if random() < {share} then
		if tg_op = 'INSERT' and tg_when = 'BEFORE' then
			raise exception 'quarrel' using errcode = '40001';
		end if;
		raise exception 'quarrel' using errcode = '40P01';
	end if;
	return new;
end $$;
create or replace trigger fault_quarrel_now before insert on aggregate_sequence for each row execute function fault_quarrel();
drop trigger if exists fault_quarrel_end on outbox;
create constraint trigger fault_quarrel_end after insert on outbox deferrable initially deferred
	for each row execute function fault_quarrel()"""
PEACE = "drop function if exists fault_quarrel cascade"

class Quarrels(Round):
    """Serialization failures and deadlocks, as the server itself tells them."""
    share, seconds = 0.2, 15

    def run(self):
        name = 'renhe_transactions_retried_total'
        before = self.suite.metrics("archive").get(name, 0)
        with self.load_:
            self.suite.psql_all("archive", QUARREL.format(share=self.share))
            try:
                time.sleep(self.seconds)
            finally:
                self.suite.psql_all("archive", PEACE)
            time.sleep(QUIET_S)
        self.retried = self.suite.metrics("archive").get(name, 0) - before
        return self.judge()

class Reader:
    """Reads all the while; what each was answered."""

    def __init__(self, load):
        self.client, self.answers, self.stopping = KeptClient(load.url, load.token, timeout=20), Counter(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(30)

    def run(self):
        while not self.stopping.is_set():
            try:
                self.answers[self.client.get(PATH + "?page_size=5").status] += 1
            except (OSError, http.client.HTTPException) as e:
                self.answers[type(e).__name__] += 1
            time.sleep(0.05)

class Volume:
    """The data of the suite's database on a volume of its own, which can be filled."""

    def __init__(self, suite, size="1500m"):
        self.suite, self.data, self.size = suite, suite.run_dir / "postgres", size
        self.disk, self.pad = suite.run_dir / "postgres.disk", suite.run_dir / "postgres" / "pad"

    def __enter__(self):
        self.suite.control("down", "postgres", wait=60)
        self.data.rename(self.disk)
        self.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", self.data], check=True)
        subprocess.run(["cp", "-a", f"{self.disk}/.", self.data], check=True)
        self.suite.control("up", "postgres")
        for name in ("archive", "identity"):
            self.suite.wait_ready(name)
        return self

    def __exit__(self, *_):
        self.suite.control("down", "postgres", wait=60)
        self.pad.unlink(missing_ok=True)
        shutil.rmtree(self.disk)
        subprocess.run(["cp", "-a", self.data, self.disk], check=True)
        subprocess.run(["umount", self.data], check=True)
        self.data.rmdir()
        self.disk.rename(self.data)
        self.suite.control("up", "postgres")

    def fill(self):
        """To the last page."""
        with open(self.pad, "ab", buffering=0) as pad:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        pad.write(b"\1" * size)
                except OSError:
                    pass

    def free(self):
        self.pad.unlink()

class Superuser:
    """A session that stands already: a server without room takes no new ones."""

    def __init__(self, suite):
        self.psql = subprocess.Popen(["chpst", "-u", "postgres", "psql", "-X", "-q", "-U", "postgres", "-h", suite.run_dir / "pg", "-p",
                                      str(int(suite.env["RENHE_PORT_BASE"]) + 40)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, text=True, cwd="/")
        self.ask("select 1;")

    def ask(self, sql):
        try:
            self.psql.stdin.write(sql + "\n")
            self.psql.stdin.flush()
        except BrokenPipeError:
            pass  # the server is down
        time.sleep(0.05)

    def end(self):
        self.psql.kill()
        self.psql.wait()


class DiskFull(Round):
    """First nothing can grow, then not even the log of the database goes on and the server is down; then there is room again."""
    grows_s = 6

    def run(self):
        with self.load_, Volume(self.suite) as volume:
            time.sleep(2)
            self.load_.token, self.session = self.enter("HR").token, Superuser(self.suite)
            volume.fill()
            with Reader(self.load_) as reader:
                time.sleep(self.grows_s)
            self.read = dict(reader.answers)
            self.refused = dict(self.load_.again)
            self.fell = self.until_the_server_falls(volume)
            self.session.end()
            time.sleep(QUIET_S)
            volume.free()
            began = time.monotonic()
            wait_until(self.signs_in, 60, "a sign-in, which writes")
            self.back_s["room"] = time.monotonic() - began
            time.sleep(QUIET_S)
            self.load_.stopping.set()
            for t in self.load_.threads:
                t.join(90)
            return self.judge()

    def signs_in(self):
        try:
            return self.enter("HR")
        except OSError:
            return None

    def until_the_server_falls(self, volume, seconds=30):
        """The log goes on to new segments until there is none."""
        pid, end = self.suite.pid("postgres"), time.monotonic() + seconds
        while time.monotonic() < end and "PANIC" not in self.suite.log("postgres") and self.suite.pid("postgres") == pid:
            volume.fill()
            self.session.ask("select pg_logical_emit_message(true, 'fault', 'x'), pg_switch_wal();")
        return time.monotonic() < end
