"""What the programs are made of (O11), and what they refuse to start with (C09): every ELF file that ships has the guards
of the compiler and the linker, and a secret that is missing, wrong or open to others stops the start."""
import os
import re
import subprocess

import pytest

from renhe import CHECKOUT, clean_environment

BIN = CHECKOUT / "build" / "bin"
PROGRAMS = sorted(p.name for p in BIN.iterdir() if p.is_file() and p.read_bytes()[:4] == b"\x7fELF")


def elf(option, file):
    return subprocess.run(["readelf", "-W", option, str(file)], capture_output=True, text=True, check=True).stdout


def weaknesses(file):
    """What checksec would mark red."""
    head, segments, dynamic, symbols = (elf(o, file) for o in ("-h", "-l", "-d", "--dyn-syms"))
    stack = re.search(r"GNU_STACK\s.*\s([RWE ]+)\s+0x", segments)
    loads = re.findall(r"^\s+LOAD\s.*\s([RWE ]{3})\s+0x", segments, re.M)
    calls = set(re.findall(r" (\w+)@", symbols))
    looks = {"position": "Position-Independent Executable" in head and "PIE" in dynamic,
             "relro": "GNU_RELRO" in segments and "BIND_NOW" in dynamic,
             "stack that can't run": bool(stack) and "E" not in stack[1],
             "pages written or run, not both": bool(loads) and not any("W" in f and "E" in f for f in loads),
             "canary": "__stack_chk_fail" in calls, "fortified calls": any(c.endswith("_chk") and c.startswith("__") for c in calls),
             "no path of its own to libraries": not re.search(r"\((RPATH|RUNPATH|TEXTREL)\)", dynamic)}
    return [name for name, good in looks.items() if not good]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_is_hardened(program):
    assert weaknesses(BIN / program) == []


def test_all_of_them_were_looked_at():
    assert {"gateway", "archive", "identity", "payroll", "renhectl"} <= set(PROGRAMS)


@pytest.mark.parametrize("options, weak", [
    (["-no-pie", "-fno-pie"], "position"), (["-Wl,-z,norelro"], "relro"), (["-Wl,-z,lazy"], "relro"),
    (["-Wl,-z,execstack"], "stack that can't run"), (["-fno-stack-protector"], "canary"), (["-U_FORTIFY_SOURCE"], "fortified calls"),
    (["-DBOTH"], "pages written or run, not both"), (["-Wl,-rpath,/tmp"], "no path of its own to libraries")], ids=lambda o: str(o))
def test_a_soft_one_would_be_seen(tmp_path, options, weak):
    """The same look at a program that lacks one guard; and at its good twin."""
    (tmp_path / "a.c").write_text("#include <stdio.h>\n#include <string.h>\n"
                                  "#ifdef BOTH\n__asm__(\".section .both,\\\"awx\\\",@progbits\\n.byte 1\\n.text\");\n#endif\n"
                                  "int main(int n, char **v) { char b[64]; strcpy(b, v[n - 1]); return puts(b); }\n")
    good = ["-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3", "-fstack-protector-strong", "-fPIE", "-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]
    for more, name in ([], "good"), (options, "soft"):
        subprocess.run(["cc", *good, *more, "-o", tmp_path / name, tmp_path / "a.c"], check=True, capture_output=True)
    assert weaknesses(tmp_path / "good") == [] and weak in weaknesses(tmp_path / "soft")


# ---- secrets at the start (C09) ----

OTHERS = {"RENHE_PG_DATABASE": "x", "RENHE_PG_USER": "x", "RENHE_PG_RELAY_USER": "x", "RENHE_KEY_ANCHOR": "A" * 43, "RENHE_KAFKA_BROKERS": "127.0.0.1:1",
          "RENHE_INTERNAL_TOKEN": "5a" * 32, "RENHE_PG_HOST": "127.0.0.1", "RENHE_PG_PORT": "1"}


def start(program, **settings):
    """With all other settings good enough to get as far as the key."""
    if program == "identity":
        settings["RENHE_KEY_ANCHOR_SECRET"] = "A" * 86
    env = {k: v for k, v in clean_environment(**OTHERS).items() if k in ("PATH", "HOME", "LANG") or k in OTHERS}
    return subprocess.run([BIN / program], env={**env, **settings}, capture_output=True, text=True, timeout=20)


def secret(path, text, mode=0o600):
    path.touch(mode=mode)
    path.write_text(text)
    os.chmod(path, mode)
    return str(path)


@pytest.mark.parametrize("program", ["archive", "identity", "payroll"])
@pytest.mark.parametrize("make, says", [
    (lambda at: {"RENHE_ROOT_KEY_FILE": str(at / "gone")}, "cannot read"),
    (lambda at: {"RENHE_ROOT_KEY_FILE": secret(at / "open", "ab" * 32, 0o644)}, "readable by others"),
    (lambda at: {"RENHE_ROOT_KEY_FILE": secret(at / "short", "ab" * 31)}, "RENHE_ROOT_KEY"),
    (lambda at: {"RENHE_ROOT_KEY_FILE": secret(at / "words", "no key at all, but as long as one is: 64 signs, which are not hex..")}, "RENHE_ROOT_KEY"),
    (lambda at: {"RENHE_ROOT_KEY": ""}, "RENHE_ROOT_KEY"),
    (lambda at: {}, "RENHE_ROOT_KEY")], ids=["missing", "open to all", "short", "no hex", "empty", "not given"])
def test_no_start_without_a_root_key(tmp_path, program, make, says):
    """It says which setting, and nothing of what stood there; there is no key to fall back on."""
    done = start(program, **make(tmp_path))
    said = done.stdout + done.stderr
    assert done.returncode not in (0, -6, -11), said
    assert any("RENHE_ROOT_KEY" in line and says in line for line in said.splitlines()), said
    assert "abab" not in said and "no key at all" not in said
