"""A running suite as tests see it: start and stop on free ports, clients, accounts, events, SQL.

    suite = Suite.start()             # or Suite.attach() where RENHE_URL etc. are set
    hr = suite.sign_in_as("HR")
    hr.get("/api/v1/employees").expect(200).json["items"]
    suite.events("renhe.archive.employee.v1")
    suite.psql("archive", "select count(*) from employee")
    suite.stop()
"""
import json
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import events as event_reader
from http_client import Answer, Client  # noqa: F401  (Answer: for the tests)

CHECKOUT = Path(__file__).resolve().parents[2]
# Name -> offset of its API's port, as scripts/up has them.
SERVICES = {name: int(offset) for name, offset in (
    line.split() for line in (CHECKOUT / "scripts/lib/services.txt").read_text().splitlines() if line and not line.startswith("#"))}
PORTS = (0, 1, *(port for offset in SERVICES.values() for port in (offset, offset + 1)), 30, 31)


def wait_until(probe, seconds=10, what="it to become true", every=0.05):
    """The first true value of probe(); assertion errors count as not yet."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            found = probe()
            if found:
                return found
        except AssertionError as e:
            last = e
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}") from last
        time.sleep(every)


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_base(instances=1):
    """A RENHE_PORT_BASE whose ports are all free, below the range of outgoing connections. Each further
    instance or broker takes 50 ports more; there is room for the second of them in any case."""
    candidates = list(range(22000, 32000, 100))
    random.shuffle(candidates)
    for base in candidates:
        if all(is_free(base + 50 * k + offset) for k in range(instances) for offset in PORTS):
            return base
    raise RuntimeError("no free ports")


def clean_environment(**more):
    """The environment without settings of another suite."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RENHE_")}
    return {**kept, **more}


class Suite:
    def __init__(self, run_dir, base=None):
        self.run_dir = Path(run_dir)
        self.base = base
        self.env = {}

    # ---- life ----

    @classmethod
    def start(cls, *args, folder=None, programs=None, instances=1, brokers=1):
        """A suite of its own, with the small demo. args: of scripts/up, such as "--empty". programs: a
        folder other than build/bin. The second instance of archive is "archive-2" in what follows."""
        # A name that any user may enter: PostgreSQL doesn't run as root. Short, for its socket.
        parent = Path(folder or tempfile.mkdtemp(prefix="renhe-"))
        parent.chmod(0o755)
        suite = cls(parent / "run", free_base(max(instances, brokers)))
        suite.up(*(["--programs", str(programs)] if programs else ["--no-build"]), *args,
                 *(["--instances", str(instances)] if instances > 1 else []),
                 *(["--brokers", str(brokers)] if brokers > 1 else []))
        return suite

    @classmethod
    def attach(cls, run_dir=None):
        """The suite that `eval "$(scripts/status --env)"` named."""
        suite = cls(run_dir or os.environ["RENHE_RUN_DIR"])
        suite.read_env()
        return suite

    def script(self, name, *args, timeout=900, check=True):
        env = clean_environment(RENHE_RUN_DIR=str(self.run_dir))
        if self.base:
            env["RENHE_PORT_BASE"] = str(self.base)
        done = subprocess.run([CHECKOUT / "scripts" / name, *args], env=env, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if check and done.returncode != 0:
            raise AssertionError(f"scripts/{name}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def up(self, *args):
        size = [] if {"--empty", "--demo"} & set(args) else ["--demo", "small"]
        done = self.script("up", *size, *args)
        self.read_env()
        return done

    def read_env(self):
        lines = self.script("status", "--env").stdout.splitlines()
        self.env = dict(shlex.split(line)[0].split("=", 1) for line in lines)

    def down(self, *args):
        return self.script("down", *args)

    def stop(self):
        """Stops it and removes all that it wrote."""
        if self.run_dir.exists():
            self.down("--purge")
        if self.run_dir.parent.name.startswith("renhe-"):
            shutil.rmtree(self.run_dir.parent, ignore_errors=True)

    # ---- processes ----

    def pid(self, name):
        """Of the process that the supervisor keeps under that name; 0 while it is down."""
        try:
            return int((self.run_dir / "service" / name / "supervise" / "pid").read_text() or 0)
        except FileNotFoundError:
            return 0

    def kill(self, name, sig=signal.SIGKILL):
        os.kill(self.pid(name), sig)

    def kill_for_good(self, name):
        """kill -9, and its supervisor doesn't start it again before control("up", name)."""
        pid = self.pid(name)
        assert pid, f"{name} is down"
        self.control("once", name)
        os.kill(pid, signal.SIGKILL)

    def control(self, verb, name, wait=30):
        """`sv`: control("down", "kafka"), control("up", "kafka")."""
        subprocess.run(["sv", "-w", str(wait), verb, str(self.run_dir / "service" / name)],
                       check=True, capture_output=True)

    def url(self, name, kind="URL"):
        """Of "gateway", "archive", "archive-2"; kind: URL or MANAGEMENT_URL."""
        return self.env[f"RENHE_{kind}" if name == "gateway" else f"RENHE_{name.replace('-', '_').upper()}_{kind}"]

    def ready(self, name):
        try:
            return Client(self.url(name, "MANAGEMENT_URL"), timeout=3).get("/readyz").status == 200
        except OSError:
            return False

    def wait_ready(self, name, seconds=40):
        wait_until(lambda: self.ready(name), seconds, f"{name} to be ready", every=0.1)

    def log(self, name):
        return (self.run_dir / "log" / name / "current").read_text(errors="replace")

    def metrics(self, name):
        """Name with labels -> value, of one program's /metrics."""
        text = Client(self.url(name, "MANAGEMENT_URL")).get("/metrics").expect(200).body.decode()
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in rows}

    # ---- clients ----

    def client(self, of="gateway", **kw):
        """Without a token: of the gateway, or straight of one service."""
        return Client(self.url(of), **kw)

    def second_gateway(self):
        """with suite.second_gateway() as second: second.client(token)"""
        from gateways import Gateway  # which itself knows suites
        return Gateway(self)

    @property
    def accounts(self):
        found = json.loads(self.script("status", "--accounts").stdout)
        return found["accounts"] if isinstance(found, dict) else found

    def account(self, role, tenant=None):
        """The first demo account of that role; of the first tenant that has one where none is named."""
        for one in self.accounts:
            if one["role"].upper() == role.upper() and tenant in (None, one["tenant"]):
                return one
        raise KeyError(f"no account of role {role} in {tenant or 'any tenant'}")

    def sign_in(self, tenant, name, password):
        return self.client().sign_in(tenant, name, password)

    def sign_in_as(self, role, tenant=None):
        one = self.account(role, tenant)
        return self.sign_in(one["tenant"], one["sign_in_name"], one["password"])

    def second(self, role, tenant):
        """Signed in as the other account of that role: who decides what the first one asks for."""
        one = [a for a in self.accounts if a["role"] == role and a["tenant"] == tenant][-1]
        assert one != self.account(role, tenant)
        return self.sign_in(one["tenant"], one["sign_in_name"], one["password"])

    # ---- events and data ----

    def events(self, topic, **kw):
        """All records of a topic now, as principal observer."""
        return event_reader.read(self.env["RENHE_KCAT_CONFIG"], topic, **kw)

    def count_of_events(self, topic):
        return event_reader.count(self.env["RENHE_KCAT_CONFIG"], topic)

    def psql(self, service, sql, tenant_id=None):
        """Rows as lists of texts, as the owner of the service's database. Row security holds for the
        owner too: tenant_id says whose rows."""
        before = []
        if tenant_id:
            before = ["-c", f"select set_config('renhe.tenant_id', '{tenant_id}', false)",
                      "-c", "select set_config('renhe.scopes', 'tenant', false)"]
        cmd = ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1",
               self.env[f"RENHE_PG_{service.upper()}"], *before, "-c", sql]
        done = subprocess.run(cmd, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()[2 if tenant_id else 0:]
        return [line.split("\x1f") for line in lines]

    def psql_all(self, service, sql):
        """Rows of all tenants, also of tables that are closed to the owner (outbox, inbox ...): as the
        superuser, who is the system user that PostgreSQL runs as."""
        cmd = ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", service,
               "-h", str(self.run_dir / "pg"), "-p", str(int(self.env["RENHE_PORT_BASE"]) + 40), "-c", sql]
        if os.getuid() == 0:
            cmd = ["chpst", "-u", "postgres", *cmd]
        done = subprocess.run(cmd, capture_output=True, text=True, timeout=60, cwd="/")
        assert done.returncode == 0, done.stderr
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def renhectl(self, *args, **kw):
        # A clean environment, as for every program: an unknown RENHE_ name is refused.
        env = clean_environment(RENHE_CLOCK_FILE=self.env["RENHE_CLOCK_FILE"], RENHE_ENV="demo",
                                **kw.pop("env", {}))
        return subprocess.run([Path(self.env["RENHE_BIN"]) / "renhectl", *args], env=env, text=True,
                              capture_output=True, timeout=kw.pop("timeout", 60), **kw)
