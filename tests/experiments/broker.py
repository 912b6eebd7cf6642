"""A broker of one's own for the experiments: Broker of tests/events/run."""
import contextlib
import importlib.machinery
import importlib.util
import os
import shutil
import tempfile
import time
from pathlib import Path

os.environ.setdefault("RENHE_TEST_PORT", "21450")
LOADER = importlib.machinery.SourceFileLoader("events_run", str(Path(__file__).resolve().parents[1] / "events" / "run"))
RUN = importlib.util.module_from_spec(importlib.util.spec_from_loader("events_run", LOADER))
LOADER.exec_module(RUN)


@contextlib.contextmanager
def broker(**settings):
    """settings: further environment of deploy/kafka/kafka."""
    folder = Path(tempfile.mkdtemp(prefix="renhe-experiment."))
    os.environ.update(settings)
    RUN.SETTINGS.update(settings)
    try:
        with contextlib.ExitStack() as ends:
            yield RUN.Broker(folder, ends)
    finally:
        for name in settings:
            RUN.SETTINGS.pop(name)
        shutil.rmtree(folder)


def settings_of(b, *options):
    args = ["-b", f"127.0.0.1:{b.port}", "-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN", "-X",
            "sasl.username=admin", "-X", f"sasl.password={b.secret('admin')}"]
    for o in options:
        args += ["-X", o]
    return args


def until_produced(b):
    """Seconds until a record is acknowledged."""
    begin = time.monotonic()
    b.do("probe")
    return time.monotonic() - begin


def load():
    return f"load {os.getloadavg()[0]:.1f}"
