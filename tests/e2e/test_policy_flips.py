"""Every compiled cell of the rows that exist is held by the role table: changed in place, in programs that are
otherwise those that ship, it turns a check of the matrix red; put back, all are green again.
"""
import json
import os
import signal
import subprocess
import time

import pytest

import role_matrix
from beside import Beside
from http_client import Client
from renhe import CHECKOUT, wait_until

BUILD = CHECKOUT / "build"
IDENTITY = ("/api/v1/grants", "/api/v1/grant-requests", "/api/v1/sign-in-audit-entries")
NAMES = ("", "EMPLOYEE", "MANAGER", "STORE_MANAGER", "HR", "PAYROLL", "AUDITOR", "TENANT_ADMIN", "PLATFORM_OPERATOR")
SELF, TENANT = 1, 8
CONTACT, IDENTITY_CLASS = 1 << 1, 1 << 2  # classes that a field of these rows has
PERMISSIONS = {p for _, p, _ in role_matrix.ROWS}
WRITES = {"EMPLOYEE_CHANGE", "GRANT_WRITE"}
HOLDS_NOTHING = ("GRANT_READ", "GRANT_WRITE", "EMPLOYEE_EXPORT")  # of a class: what an export holds is masked by EMPLOYEE_LIST
# Whose cells of the list are those of a file too: who may export, and what is his own.
EXPORTED = {r for r in NAMES[1:] if role_matrix.may_export(r)} | {"EMPLOYEE"}


class Split(Client):
    """Asks the changed program that owns the path."""

    def __init__(self, archive, identity, token):
        super().__init__(archive, token)
        self.urls = {True: identity, False: archive}

    def _exchange(self, method, path, body, headers):
        return Client(self.urls[path.startswith(IDENTITY)], timeout=20)._exchange(method, path, body, headers)


class Flipped(Beside):
    def tell(self, line):
        """One line to the program, and its answer."""
        state = self.folder / "state"
        (state / "flipped").unlink(missing_ok=True)
        (state / "flip").write_text(line + "\n")
        os.kill(self.process.pid, signal.SIGUSR1)
        wait_until((state / "flipped").exists, 5, line, every=0.002)
        return (state / "flipped").read_text()

    def cells(self):
        """Those of the table's permissions and roles: it has no column for machines."""
        told = map(json.loads, self.tell("dump").splitlines())
        return [c for c in told if c["permission"] in PERMISSIONS and c.get("role", c.get("deny")) < len(NAMES)]


@pytest.fixture(scope="module")
def programs():
    done = subprocess.run(["nice", "cmake", "--build", BUILD, "--target", "archive_flips", "identity_flips"], capture_output=True, text=True,
                          timeout=900)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return BUILD / "flips"


@pytest.fixture(scope="module")
def flipped(suite, programs):
    with Flipped(suite, "archive", programs / "archive_flips", 54) as archive, Flipped(suite, "identity", programs / "identity_flips", 56) as identity:
        yield archive, identity


@pytest.fixture(scope="module")
def world(suite, flipped):
    urls = [f"http://127.0.0.1:{p.port}" for p in flipped]
    return role_matrix.World(suite, lambda token: Split(*urls, token))


# ---- the flips ----

def classes(cell, widest):
    """Each class that these rows have fields of, told otherwise: clear hidden, masked clear, hidden clear."""
    for bit in (CONTACT, IDENTITY_CLASS):
        if cell["permission"] == "AUDIT_READ" and bit == CONTACT:
            continue  # entries hold no contacts
        if cell["clear"] & bit:
            yield {"clear": cell["clear"] & ~bit}
        elif not (cell["scope"] == SELF and widest & bit):  # else what EMPLOYEE's cell shows anyway
            yield {"clear": cell["clear"] | bit, "masked": cell["masked"] & ~bit}


def flips_of(cell, widest):
    """What of a cell could be otherwise and would matter."""
    yield {"role": 0}
    yield {"scope": SELF if cell["scope"] == TENANT else TENANT}
    if cell["where"]:
        yield {"where": 0}
    for what in ("change", "step_up", "decides"):
        if cell[what]:
            yield {what: 0}
    if cell["permission"] in WRITES:
        yield {"pending": 1 - cell["pending"]}
    # What waits is shown to its maker by SELF.
    if cell["permission"] not in HOLDS_NOTHING and not (cell["pending"] and cell["scope"] != SELF):
        yield from classes(cell, widest)


def denial_matters(permission, role, cells):
    """Whoever reaches more than himself is never denied as a whole; lists of one's own are not denied."""
    reach = {c["scope"] for c in cells if c.get("role") == role and c["permission"] == permission}
    return not reach - {SELF} and not (permission == "EMPLOYEE_LIST" and (reach or NAMES[role] != "PLATFORM_OPERATOR"))


def plan(program):
    """(line that changes, line that puts back, permission, role, what) of each flip."""
    found, cells = [], program.cells()
    own = {c["permission"]: c["clear"] for c in cells if c.get("role") == 1 and c["scope"] == SELF}
    for c in cells:
        if "deny" in c:
            if denial_matters(c["permission"], c["deny"], cells):
                line = f"deny {c['permission']} {c['deny']} "
                found.append(([line + str(1 - c["hides"])], [line + str(c["hides"])], c["permission"], NAMES[c["deny"]], "denial"))
            continue
        for flip in flips_of(c, own.get(c["permission"], 0) if c["role"] != 1 else 0):
            line = f"cell {c['permission']} {c['cell']} "
            found.append(([f"{line}{k} {v}" for k, v in flip.items()], [f"{line}{k} {c[k]}" for k in flip], c["permission"], NAMES[c["role"]],
                          f"{NAMES[c['role']]} scope {c['scope']}: {flip}"))
    return found


def red(checks):
    """The first check that fails."""
    for check in checks:
        try:
            check.run()
        except (AssertionError, KeyError, StopIteration):
            return str(check)
    return None


def concerned(checks, permission, role):
    """Checks of that permission, those of the role first; of EMPLOYEE all, since whoever is employed is one."""
    of = [c for c in checks if c.permission == permission and c.role]
    return [c for c in of if c.role == role] + [c for c in of if role == "EMPLOYEE" and c.role != role]


def is_seen(checks, permission, role, what):
    """A cell of the list that a file follows is held by the files alone, too. A job may now and then be taken by
    the suite's own program, which has not been changed: then it is asked again."""
    held = [concerned(checks, permission, role)]
    if permission == "EMPLOYEE_LIST" and role in EXPORTED and what != "denial":
        held.append([c for c in checks if c.permission == permission and c.exports])
    return all(red(h) or red(h) or red(h) for h in held)


def test_every_cell_is_held(flipped, world, figure):
    checks, unseen, n, began = role_matrix.checks(world), [], 0, time.monotonic()
    assert red(checks) is None
    for program in flipped:
        for change, back, permission, role, what in plan(program):
            n += 1
            for line in change:
                assert program.tell(line) == "done\n", line
            if not is_seen(checks, permission, role, what):
                unseen.append((program.name, permission, role, what))
            for line in back:
                assert program.tell(line) == "done\n", line
    assert red(checks) is None  # all as it was
    assert not unseen, "\n".join(map(str, unseen))
    assert n > 80
    figure(f"{n} flips of {len(PERMISSIONS)} permissions, each seen, in {time.monotonic() - began:.0f} s")
