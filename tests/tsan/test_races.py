"""The same suite, built with the thread sanitizer: the story, a hundred of one key, drains, kills and kill points run against
it, then every program is stopped. Any report of a race fails. Some minutes, beside the rest: `scripts/test races`."""
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from renhe import CHECKOUT, Suite, clean_environment, wait_until  # noqa: E402
from test_sanitizers import BUILT, PROGRAMS, RUNS, written  # noqa: E402

RACY = """#include <pthread.h>
static int n;
static void *count(void *unused) { (void)unused; for (int i = 0; i < 1000; i++) n++; return NULL; }
int main(void) { pthread_t t; pthread_create(&t, NULL, count, NULL); count(NULL); pthread_join(t, NULL); return 0; }
"""


@pytest.fixture(scope="module")
def watched():
    for args in (["--preset", "tsan"], ["--build", "--preset", "tsan", "--target", *BUILT]):
        done = subprocess.run(["nice", "cmake", *args], cwd=CHECKOUT, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    started = Suite.start(programs=CHECKOUT / "build/tsan/bin")
    yield started
    started.stop()


def test_a_race_would_be_seen(watched, tmp_path):
    """A program with one race, with the settings of the gateway; and the programs are built to see them."""
    for name in PROGRAMS:
        assert "libtsan" in Path(f"/proc/{watched.pid(name)}/maps").read_text()
    source, program = tmp_path / "racy.c", tmp_path / "racy"
    source.write_text(RACY)
    subprocess.run(["gcc", "-w", "-fsanitize=thread", source, "-o", program], check=True)
    options = (watched.run_dir / "service/gateway/env/TSAN_OPTIONS").read_text().strip()
    done = subprocess.run([program], env={"PATH": "/usr/bin:/bin", "TSAN_OPTIONS": options}, capture_output=True)
    found = written(watched)
    for name in found:
        (watched.run_dir / "log/sanitizer" / name).unlink()
    assert done.returncode == 66 and any("data race" in text for text in found.values()), found


@pytest.mark.parametrize("file, selection, settings", RUNS, ids=[run[0] for run in RUNS])
def test_runs_without_a_race(watched, file, selection, settings, figure):
    cmd = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
           *(["-k", selection] if selection else []), CHECKOUT / "tests/e2e" / file]
    start = time.monotonic()
    done = subprocess.run(cmd, env=clean_environment(RENHE_OWN_SUITE=str(watched.run_dir), **settings), cwd=CHECKOUT,
                          capture_output=True, text=True, timeout=900)
    assert not written(watched)
    # Bounds of time don't hold at a tenth of the speed; that all of it is right is for the runs without a sanitizer to say.
    assert done.returncode in (0, 1) and re.search(r"[1-9]\d* passed", done.stdout.splitlines()[-1]), done.stdout[-6000:]
    figure(f"{done.stdout.splitlines()[-1]} ({time.monotonic() - start:.0f} s)")


def test_sigterm_ends_without_a_race(watched):
    """The last of this file: threads that end are where races like to be."""
    for name in PROGRAMS:
        before = watched.log(name).count('"event":"stopped"')
        watched.control("down", name)
        wait_until(lambda: watched.log(name).count('"event":"stopped"') == before + 1, 60, f"{name} to say so")
    assert not written(watched)
