"""The same suite, built with the address and undefined behaviour sanitizers: the end-to-end story, an
import, sign-ins and kills run against it, then every program is stopped by SIGTERM, where leaks are looked
for. Any report fails."""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from renhe import CHECKOUT, SERVICES, Suite, clean_environment, wait_until

PROGRAMS = ("gateway", *SERVICES)
BUILT = PROGRAMS + ("renhectl", "kafka_setup")
# What runs against it, as subprocesses that attach to it: (file, selection, settings)
RUNS = (
    ("test_story.py", None, {}),
    ("test_idempotency_keys.py", None, {}),
    ("test_drain.py", " or ".join(PROGRAMS), {}),
    ("test_kill.py", "services", {"RENHE_HIRES": "220"}),
    ("../faults/test_points.py", None, {}),  # these programs have kill points
)


def build():
    for args in (["--preset", "asan"], ["--build", "--preset", "asan", "--target", *BUILT]):
        done = subprocess.run(["nice", "cmake", *args], cwd=CHECKOUT, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture(scope="module")
def sanitized():
    build()
    started = Suite.start(programs=CHECKOUT / "build/asan/bin")
    yield started
    started.stop()


def written(suite):
    """Reports of the address and leak sanitizers, by file."""
    folder = suite.run_dir / "log" / "sanitizer"
    return {f.name: f.read_text(errors="replace")[:3000] for f in sorted(folder.iterdir())}


def said(text):
    """Reports of undefined behaviour: beside the address sanitizer gcc's runtime writes them to stderr,
    whatever log_path says."""
    return [line for line in text.splitlines() if "runtime error:" in line or "Sanitizer" in line]


def reports(suite):
    return [*written(suite).values(), *(line for name in PROGRAMS for line in said(suite.log(name)))]


def aborts(suite):
    """Ends by a signal that no test sent: runit writes them all."""
    lines = [line for name in PROGRAMS for line in suite.log(name).splitlines() if line.startswith("ended: ")]
    return [line for line in lines if not re.search(r"code -1, signal 9,", line)]


def assert_clean(suite):
    assert not reports(suite)
    assert not aborts(suite)


def test_programs_are_sanitized(sanitized):
    for name in PROGRAMS:
        maps = Path(f"/proc/{sanitized.pid(name)}/maps").read_text()
        assert "libasan" in maps and "libubsan" in maps
        environment = Path(f"/proc/{sanitized.pid(name)}/environ").read_bytes().decode()
        assert "detect_leaks=1" in environment and str(sanitized.run_dir / "log/sanitizer") in environment


@pytest.mark.parametrize("fault, word", (
    ("char *volatile p = malloc(10); p = NULL; puts(\"\");", "LeakSanitizer"),
    ("char *volatile p = malloc(10); free(p); putchar(*p);", "heap-use-after-free"),
    ("volatile int i = 2147483647; i++; printf(\"%d\", i);", "signed integer overflow"),
))
def test_a_fault_would_be_seen(sanitized, tmp_path, fault, word):
    """A program with one fault, started with the settings and as the user of the gateway."""
    source, program = tmp_path / "fault.c", sanitized.run_dir / "bin" / "fault"
    source.write_text("#include <stdio.h>\n#include <stdlib.h>\nint main(void) { %s return 0; }\n" % fault)
    subprocess.run(["gcc", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", source, "-o", program], check=True)
    as_user = ["chpst", "-u", "renhe"] if os.getuid() == 0 else []
    settings = sanitized.run_dir / "service/gateway/env"
    env = {name: (settings / name).read_text().strip() for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
    done = subprocess.run([*as_user, program], env={"PATH": "/usr/bin:/bin", **env}, cwd="/", capture_output=True)
    program.unlink()
    found = written(sanitized)
    for name in found:
        (sanitized.run_dir / "log/sanitizer" / name).unlink()
    seen = [*found.values(), *said(done.stderr.decode())]
    assert done.returncode != 0 and word in "".join(seen), seen


@pytest.mark.parametrize("file, selection, settings", RUNS, ids=[run[0] for run in RUNS])
def test_runs_clean(sanitized, file, selection, settings, figure):
    """Bounds of time are for the programs as they ship: here only the reports count, but each run must
    have done its work."""
    cmd = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
           *(["-k", selection] if selection else []), CHECKOUT / "tests/e2e" / file]
    env = clean_environment(RENHE_OWN_SUITE=str(sanitized.run_dir), **settings)
    start = time.monotonic()
    done = subprocess.run(cmd, env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=600)
    assert_clean(sanitized)
    assert done.returncode == 0, done.stdout[-6000:]
    figure(f"{done.stdout.splitlines()[-1]} ({time.monotonic() - start:.0f} s)")


def test_sigterm_finds_no_leak(sanitized):
    """The last of this file: each ends with exit code 0, which it would not with a leak."""
    pids = {name: sanitized.pid(name) for name in PROGRAMS}
    for name in PROGRAMS:
        before = sanitized.log(name).count('"event":"stopped"')
        sanitized.control("down", name)
        wait_until(lambda: sanitized.log(name).count('"event":"stopped"') == before + 1, 20, f"{name} to say so")
        assert not os.path.exists(f"/proc/{pids[name]}")
    assert_clean(sanitized)
