"""No floating point in the code of money: neither an instruction nor a register of it in the objects of the rules and
of payroll, and no reader of decimal fractions."""
import re
import subprocess

import pytest

from renhe import CHECKOUT

FLOATING = re.compile(r"%[xyz]mm\d|%st\b|\tf(?:ld|st|add|sub|mul|div)[a-z]*\b")
READERS = {"strtod", "strtof", "strtold", "atof", "__strtod_internal"}


def instructions(library):
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", CHECKOUT / "build" / library], capture_output=True, text=True, check=True).stdout
    return [line for line in text.splitlines() if "\t" in line]


def asked_for(library):
    text = subprocess.run(["nm", "-u", CHECKOUT / "build" / library], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line.startswith(" ")}


@pytest.mark.parametrize("library", ["librules.a", "libpayroll_room.a"])
def test_no_floating_point(library):
    code = instructions(library)
    assert len(code) > 1000
    assert [line for line in code if FLOATING.search(line)] == []
    assert asked_for(library) & READERS == set()


def test_it_would_be_seen():
    """The chassis, which moves bytes by those registers, is found out by the same look."""
    assert any(FLOATING.search(line) for line in instructions("libchassis.a"))


@pytest.mark.parametrize("program", ("gateway", "identity", "archive", "payroll"))
def test_nothing_of_kill_points_ships(program):
    text = (CHECKOUT / "build" / "bin" / program).read_bytes()
    assert b"killpoint" not in text and b"KILLPOINT" not in text and b"request.before_commit" not in text
