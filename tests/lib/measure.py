"""What benches measure with: CPU of processes and of the database, private memory, calls by wrk, ratios."""
import os
import re
import shutil
import statistics
import subprocess
from pathlib import Path

TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")


def installed(**packages):
    """program=package; from the distribution where it is missing."""
    missing = [package for program, package in packages.items() if not shutil.which(program, path="/usr/sbin:/usr/bin")]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True,
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}, stdout=subprocess.DEVNULL)


def cpu_us(pid, children=False):
    """User and system of a process; with children also of those that are and were."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(x) for x in fields[11:15 if children else 13]) * TICK_US


def database_us(suite):
    postmaster = str(suite.pid("postgres"))
    total = cpu_us(postmaster, children=True)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rsplit(")", 1)[1].split()[1] == postmaster:
                total += cpu_us(stat.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def private_kb(pid):
    return sum(int(line.split()[1]) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
               if line.startswith("Private_"))


def wrk(url, script, *args, callers=1, seconds=3):
    """(requests, seconds, text of wrk); every answer was a success."""
    done = subprocess.run(["wrk", "-t", "1", "-c", str(callers), "-d", f"{seconds}s", "--latency", "-s", script, url, "--", *args],
                          capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    requests, took = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout).groups()
    return int(requests), float(took), done.stdout


def percentile_ms(text, percent):
    amount, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def spread(ours, theirs):
    ratios = [a / b for a, b in zip(ours, theirs)]
    return f"{statistics.median(ratios):.2f}× ({min(ratios):.2f}–{max(ratios):.2f})"


def as_postgres(*command):
    return [*(["chpst", "-u", "postgres"] if os.getuid() == 0 else []), *command]


def socket_of(suite):
    return ["-U", "postgres", "-h", str(suite.run_dir / "pg"), "-p", str(int(suite.env["RENHE_PORT_BASE"]) + 40)]


def unlimited(suite):
    """A bench is no guest: the gateway's limits are off."""
    env = suite.run_dir / "service" / "gateway" / "env"
    for name in ("READS", "WRITES", "TENANT"):
        (env / f"RENHE_{name}_PER_MINUTE").write_text("0")
    suite.control("restart", "gateway")
    suite.wait_ready("gateway")
