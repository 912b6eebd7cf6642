"""A second instance of a service beside the suite's own, on the same database: another build, say.
It gets no broker, so that it takes no partitions from the first; keys come from a copied file. Jobs are
run by either of the two, the one that was asked being woken first; their files lie in one folder."""
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from http_client import Client
from renhe import clean_environment, is_free, wait_until


class Beside:
    """with Beside(suite, "archive", "build/nochecks/bin/archive", 50) as second: second.client(token)"""

    def __init__(self, suite, name, program, offset, **settings):
        base = int(suite.env["RENHE_PORT_BASE"])
        self.suite, self.name, self.program = suite, name, Path(program)
        self.port, self.management = base + offset, base + offset + 1
        self.folder = Path(tempfile.mkdtemp(prefix=f"renhe-{name}-"))
        self.process, self.own = None, settings

    def settings(self):
        folder = self.suite.run_dir / "service" / self.name / "env"
        found = {f.name: f.read_text().split("\n")[0] for f in folder.iterdir()}
        state = self.folder / "state"
        shutil.copytree(found["RENHE_STATE_DIR"], state, ignore=shutil.ignore_patterns("blob"))
        return {**found, "RENHE_BLOB_FOLDER": f"{found['RENHE_STATE_DIR']}/blob", "RENHE_LISTEN": f"127.0.0.1:{self.port}",
                "RENHE_MANAGEMENT_LISTEN": f"127.0.0.1:{self.management}",
                "RENHE_KAFKA_BROKERS": "127.0.0.1:1", "RENHE_KAFKA_INSTANCE": f"{self.name}-beside",
                "RENHE_STATE_DIR": str(state), **self.own}

    def __enter__(self):
        assert is_free(self.port) and is_free(self.management)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.program], env=clean_environment(**self.settings()),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(self.ready, 20, f"{self.name} beside ({self.folder}/log)", every=0.1)
        except AssertionError as e:
            raise AssertionError((self.folder / "log").read_text()[-2000:]) from e
        return self

    def ready(self):
        assert self.process.poll() is None
        try:
            return Client(f"http://127.0.0.1:{self.management}", timeout=3).get("/readyz").status == 200
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, token=None):
        return Client(f"http://127.0.0.1:{self.port}", token)
