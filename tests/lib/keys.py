"""Keys of a service as its operator sees and turns them.

    status(suite, "archive")                 # (tenant, place) -> (total, under an older key)
    rotate(suite, "archive", "person"); wait_done(suite, "archive")
"""
import subprocess
from pathlib import Path

from renhe import wait_until


def run(suite, service, *args):
    """renhectl with the settings that the service itself has."""
    command = ["chpst", "-e", str(suite.run_dir / "service" / service / "env"),
               str(Path(suite.env["RENHE_BIN"]) / "renhectl"), "key", *args]
    done = subprocess.run(["env", "-i", "PATH=/usr/bin:/bin", *command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def status(suite, service):
    return {(tenant, place): (int(total), int(old)) for tenant, place, total, old
            in run(suite, service, "status", service)[1:] if place != "rotation"}


def rotate(suite, service, level):
    return run(suite, service, "rotate", service, level)


def rotations(suite, service):
    return suite.psql_all(service, "select level, phase, keys_made, values_sealed, "
                                   "coalesce(extract(epoch from end_time - create_time), -1) from key_rotation order by create_time")


def wait_done(suite, service, seconds=180):
    return wait_until(lambda: (rows := rotations(suite, service)) and all(r[1] == "DONE" for r in rows) and rows,
                      seconds, f"the rotation in {service}", every=0.2)


def old(suite, service, prefix=""):
    """How many keys or values are not under the newest key, in places of that prefix."""
    return sum(o for (_, place), (_, o) in status(suite, service).items() if place.startswith(prefix))
