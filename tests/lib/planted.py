"""Looks for values wherever a suite leaves bytes: dumps of the databases, files of the write-ahead log, logs,
segments of topics, what the programs keep on disk.

    found = search(places(suite), ["11010519491231002X", ...])      # place -> needles that were found

A value counts in clear also as UTF-16, base64, hex or backwards.
"""
import base64
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from renhe import SERVICES

DATABASES = tuple(SERVICES)


def forms(value):
    """What may stand there instead of the value, as ASCII or UTF-8; UTF-16 is found by leaving out NULs."""
    raw = value.encode()
    found = {raw, raw[::-1] if raw.isascii() else value[::-1].encode(), raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        # Whole groups of three bytes only: what stands around it changes the others.
        text = base64.b64encode(b"\0" * shift + raw)
        start = (shift * 8 + 5) // 6
        whole = (shift + len(raw)) * 8 // 6
        found.add(text[start:whole])
        found.add(text[start:whole].replace(b"+", b"-").replace(b"/", b"_"))
    return found


def needles(values):
    return {form: value for value in values for form in forms(value)}


def dump(suite, database, to):
    """All rows of all tenants, as the superuser."""
    cmd = ["pg_dump", "-a", "-U", "postgres", "-h", str(suite.run_dir / "pg"), "-p", str(int(suite.env["RENHE_PORT_BASE"]) + 40), database]
    if os.getuid() == 0:
        cmd = ["chpst", "-u", "postgres", *cmd]
    with open(to, "wb") as out:
        done = subprocess.run(cmd, stdout=out, stderr=subprocess.PIPE, cwd="/", timeout=120)
    assert done.returncode == 0, done.stderr


def files(folder):
    return [p for p in sorted(Path(folder).rglob("*")) if p.is_file() and not p.is_symlink()]


def segments(suite):
    return [p for p in files(suite.run_dir / "kafka" / "data") if p.suffix == ".log"]


def copied_segments(suite, folder):
    """As they stood at one time: the broker replaces and deletes them while they are read."""
    to = Path(folder) / "segments"
    for _ in range(20):
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        try:
            for path in segments(suite):
                shutil.copyfile(path, to / f"{path.parent.name}-{path.name}")
            return files(to)
        except FileNotFoundError:
            continue
    raise AssertionError("segments come and go without end")


def places(suite, folder, wal=True):
    """Name -> files."""
    found = {}
    for database in DATABASES:
        to = Path(folder) / f"{database}.dump"
        dump(suite, database, to)
        found[f"tables of {database}"] = [to]
    if wal:
        suite.psql_all("archive", "select pg_switch_wal()")
        found["write-ahead log"] = files(suite.run_dir / "postgres" / "pg_wal")
    found["logs"] = [p for p in files(suite.run_dir / "log") if p.stat().st_size]
    found["topic segments"] = copied_segments(suite, folder)
    found["state and blobs"] = files(suite.run_dir / "state")
    return found


def _grep(patterns, stdin):
    done = subprocess.run(["grep", "-a", "-o", "-F", "-f", str(patterns)], stdin=stdin, capture_output=True, timeout=300,
                          env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.splitlines())


def search(where, values):
    """place -> set of values found there in any form; places without a hit are left out."""
    wanted, found = needles(values), {}
    with tempfile.TemporaryDirectory() as folder:
        patterns = Path(folder) / "patterns"
        patterns.write_bytes(b"\n".join(sorted(wanted)) + b"\n")
        for place, paths in where.items():
            hits = set()
            for path in paths:
                with open(path, "rb") as data:
                    hits |= _grep(patterns, data)
                with open(path, "rb") as data, subprocess.Popen(["tr", "-d", "\\000"], stdin=data,
                                                                stdout=subprocess.PIPE) as stripped:
                    hits |= _grep(patterns, stripped.stdout)
            if hits:
                found[place] = {wanted[h] for h in hits}
    return found


def size(where):
    """Bytes by place, for the figures."""
    return {place: sum(p.stat().st_size for p in paths) for place, paths in where.items()}
