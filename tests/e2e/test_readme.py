"""Every command of the README that begins with `$` is run as it stands there, against a running suite,
in one shell, and must print what a reader expects."""
import re
import subprocess

from renhe import CHECKOUT, clean_environment

README = CHECKOUT / "README.md"


def commands():
    return [line[2:] for line in README.read_text().splitlines() if line.startswith("$ ")]


def run(suite, lines):
    script = "set -euo pipefail\n" + "\n".join(lines)
    env = clean_environment(RENHE_RUN_DIR=str(suite.run_dir))
    return subprocess.run(["bash", "-c", script], cwd=CHECKOUT, env=env, text=True, capture_output=True, timeout=120)


def test_the_commands_of_the_readme_print_what_they_promise(suite):
    lines = commands()
    assert len(lines) >= 6, lines
    done = run(suite, lines)
    assert done.returncode == 0, done.stderr
    out = done.stdout.splitlines()
    people = [line.split("\t") for line in out if line.count("\t") == 2]
    assert len(people) == 3, done.stdout
    for _, name, number in people:
        assert name and (not number or re.fullmatch(r"\d{6}\*{8}\d{3}[\dX]", number)), "an ID number comes masked"
    assert any("Renhe" in line for line in out), done.stdout
    assert "(30000.00 − 5000.00 − 4500.00 − 2000.00) × 3% = 555.00" in out, done.stdout
    runs = [line.split("\t") for line in out if line.startswith("run\t")]
    assert runs[0][2] == "CALCULATED" and {r[2] for r in runs[1:]} == {"CLOSED"} and len(runs) >= 4, done.stdout
    assert any(line.startswith("slip: 基本养老保险（个人）") and " × 8% = " in line for line in out), done.stdout
    assert any(line.startswith("slip: 实发") for line in out), done.stdout
    assert any(line.startswith("ce_type=renhe.archive.employee.") for line in out), done.stdout


def test_a_broken_command_would_be_seen(suite):
    lines = commands()
    broken = [line.replace("/api/v1/employees?", "/api/v1/employes?") for line in lines]
    assert broken != lines
    assert run(suite, broken).returncode != 0


def test_the_readme_names_files_that_are_there():
    for path in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert (CHECKOUT / path).exists(), path
    assert len(README.read_text().splitlines()) < 250
