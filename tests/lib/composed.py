"""A suite that `docker compose up` started, as the tests of a suite see it."""
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from http_client import Client
from renhe import CHECKOUT, Suite, free_base, wait_until

RUNNING = ("postgres", "kafka", "identity", "archive", "payroll", "gateway")
PORTS = {"gateway": 8080, "identity": 8081, "archive": 8082, "payroll": 8083}


def run(*args, check=True, timeout=120, **kw):
    done = subprocess.run(args, capture_output=True, text=True, timeout=timeout, **kw)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(args)}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done


class Composed(Suite):
    def __init__(self, project, files=(), number=0):
        super().__init__("/var/lib/renhe")
        self.project = project
        self.files = [part for name in ("docker-compose.yml", *files) for part in ("-f", str(CHECKOUT / name))]
        self.settings = {"RENHE_DEMO": "small", "RENHE_PUBLISH": f"127.0.0.1:{free_base()}",
                         "RENHE_SUBNET_INSIDE": f"10.213.{number}.0/24",
                         "RENHE_SUBNET_OUTSIDE": f"10.213.{number + 1}.0/24"}

    def compose(self, *args, **kw):
        env = {k: v for k, v in os.environ.items() if not k.startswith("RENHE_") or k == "RENHE_BASE_IMAGE"}
        return run("docker", "compose", "-p", self.project, *self.files, *args, env={**env, **self.settings}, **kw)

    def up(self, *args):
        done = self.compose("up", "--wait", *args, timeout=1800)
        self.read_env()
        return done

    def down(self, *args):
        self.compose("down", *args)

    def stop(self):
        self.down("--volumes", "--remove-orphans", "--timeout", "5")

    # ---- containers ----

    def container(self, service):
        return self.compose("ps", "-aq", service).stdout.split()[0]

    def inspect(self, service):
        return json.loads(run("docker", "inspect", self.container(service)).stdout)[0]

    def health(self, service):
        return self.inspect(service)["State"]["Health"]["Status"]

    def kill(self, name, sig=signal.SIGKILL):
        """By the kernel, as a crash: the engine takes a `docker kill` for a wish, and starts nothing again."""
        os.kill(self.pid(name), sig)

    def exec(self, service, *args, **kw):
        return self.compose("exec", "-T", service, *args, **kw)

    def pid(self, name):
        return self.inspect(name)["State"]["Pid"]

    def log(self, name):
        return self.compose("logs", "--no-log-prefix", name).stdout

    # ---- what a suite offers ----

    @functools.cache
    def place_of(self, volume):
        return json.loads(run("docker", "volume", "inspect", f"{self.project}_{volume}").stdout)[0]["Mountpoint"]

    def read_env(self):
        """The clock's file as this machine sees it; all else as the containers do, but for the door."""
        self.renhectl("clock", "advance", "0")
        self.env = {
            "RENHE_URL": "http://" + self.compose("port", "gateway", "8080").stdout.strip(),
            "RENHE_CLOCK_FILE": self.place_of("clock") + "/shift",
            "RENHE_KAFKA": "kafka:9092",
            "RENHE_KCAT_CONFIG": "/var/lib/renhe/secrets/kcat.conf",
            "RENHE_PROTO": str(CHECKOUT / "proto"),
            **{f"RENHE_{name.upper()}_URL": f"http://{name}:{PORTS[name]}" for name in ("identity", "archive", "payroll")},
            **{f"RENHE_{name.upper()}_MANAGEMENT_URL": f"http://{name}:{PORTS[name] + 1000}"
               for name in ("identity", "archive", "payroll")},
        }

    @property
    def accounts(self):
        return json.loads(self.exec("tools", "cat", "/var/lib/renhe/demo/accounts.json").stdout)

    def renhectl(self, *args, **kw):
        return self.exec("tools", "renhectl", *args, check=kw.pop("check", False))

    def second_gateway(self):
        return SecondGateway(self)

    def kcat_on_path(self):
        """Whoever calls kcat reaches the one beside the broker, whose name only the containers know."""
        folder = tempfile.mkdtemp(prefix="renhe-kcat-")
        shim = Path(folder) / "kcat"
        shim.write_text(f'#!/bin/sh\nexec docker exec {self.container("tools")} kcat "$@"\n')
        shim.chmod(0o755)
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        return lambda: shutil.rmtree(folder)


class SecondGateway:
    """One more container of the same image, with a state folder and a name of its own."""

    def __init__(self, suite):
        self.suite = suite
        self.name = f"{suite.project}-second-gateway"

    def __enter__(self):
        self.suite.compose("run", "-d", "--no-deps", "--name", self.name, "-e", "RENHE_STATE_DIR=/tmp",
                           "-e", "RENHE_KAFKA_INSTANCE=gateway-second", "gateway")
        networks = json.loads(run("docker", "inspect", self.name).stdout)[0]["NetworkSettings"]["Networks"]
        address = next(n["IPAddress"] for name, n in networks.items() if name.endswith("_outside"))
        self.url = f"http://{address}:8080"
        wait_until(lambda: run("docker", "exec", self.name, "gateway", "--health", check=False).returncode == 0,
                   30, "the second gateway")
        return self

    def __exit__(self, *_):
        run("docker", "rm", "-f", self.name)

    def client(self, token=None, **kw):
        return Client(self.url, token, **kw)
