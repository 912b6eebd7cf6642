"""A second gateway beside the suite's own: the same settings, other ports and another state folder."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from http_client import Client
from renhe import clean_environment, is_free, wait_until


class Gateway:
    """with Gateway(suite) as second: second.client().get("/api/v1/me"). more: settings of its own, such
    as RENHE_OPEN_PER_MINUTE="5"."""

    def __init__(self, suite, offset=4, **more):
        self.suite, self.more = suite, more
        base = int(suite.env["RENHE_PORT_BASE"])
        self.port, self.management = base + offset, base + offset + 1
        self.folder = Path(tempfile.mkdtemp(prefix="renhe-gateway-"))
        self.process = None

    def __enter__(self):
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def settings(self):
        """The first gateway's envdir, one file per setting, with our own places."""
        of_first = self.suite.run_dir / "service" / "gateway" / "env"
        found = {f.name: f.read_text().split("\n")[0] for f in of_first.iterdir()}
        return {**found, "RENHE_LISTEN": f"127.0.0.1:{self.port}",
                "RENHE_MANAGEMENT_LISTEN": f"127.0.0.1:{self.management}",
                "RENHE_KAFKA_INSTANCE": found["RENHE_KAFKA_INSTANCE"] + "-second",
                "RENHE_STATE_DIR": str(self.folder), **self.more}

    def start(self):
        assert is_free(self.port) and is_free(self.management)
        program = Path(self.suite.env["RENHE_BIN"]) / "gateway"
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([program], env=clean_environment(**self.settings()),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, sig=signal.SIGKILL):
        os.kill(self.process.pid, sig)
        if sig in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait(15)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill(signal.SIGTERM)

    def ready(self):
        try:
            return Client(f"http://127.0.0.1:{self.management}", timeout=3).get("/readyz").status == 200
        except OSError:
            return False

    def wait_ready(self, seconds=20):
        wait_until(self.ready, seconds, f"the second gateway ({self.folder}/log)")

    def client(self, token=None, **kw):
        return Client(f"http://127.0.0.1:{self.port}", token, **kw)
