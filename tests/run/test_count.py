"""The counting of tests: what fails, crashes, hangs, is skipped or never ran is no pass."""
import stat
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = Path(__file__).resolve().parents[2] / "scripts/lib/count.py"


def count(*args):
    done = subprocess.run([sys.executable, COUNT, *map(str, args)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split())), done.stderr


def program(folder, cases, end="exit 0"):
    """A shell program that writes what cmocka would."""
    path = folder / "test_made"
    path.write_text(f"""#!/bin/sh
cat >"$(echo "$CMOCKA_XML_FILE" | sed s/%g/group/)" <<'X'
<testsuites><testsuite name="group">{cases}</testsuite></testsuites>
X
{end}
""")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


PASSED = '<testcase name="a"/>'
FAILED = '<testcase name="b"><failure><![CDATA[1 != 2]]></failure></testcase>'
SKIPPED = '<testcase name="c"><skipped/></testcase>'


@pytest.mark.parametrize("cases,end,want", [
    (PASSED, "exit 0", (1, 0)),
    (PASSED * 3, "exit 0", (3, 0)),
    (PASSED + FAILED, "exit 1", (1, 1)),
    (PASSED + SKIPPED, "exit 0", (1, 1)),
    # A leak or a crash after the last test: nothing in the file shows it.
    (PASSED, "exit 23", (1, 1)),
    (PASSED, "kill -ABRT $$", (1, 1)),
    ("", "exit 0", (0, 1)),
])
def test_programs(tmp_path, cases, end, want):
    got, _ = count("unit", tmp_path, program(tmp_path, cases, end))
    assert got == want


def test_what_failed_is_named_with_its_output(tmp_path):
    _, said = count("unit", tmp_path, program(tmp_path, FAILED, "echo some output; exit 1"))
    assert "test_made: b" in said and "1 != 2" in said and "some output" in said


def test_a_program_without_results_fails(tmp_path):
    path = tmp_path / "test_silent"
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    assert count("unit", tmp_path, path)[0] == (0, 1)


def test_a_file_cut_short_fails(tmp_path):
    assert count("unit", tmp_path, program(tmp_path, "<testcase", "exit 0"))[0] == (0, 1)


@pytest.mark.parametrize("body,code,want", [
    ("def test_a(): pass", 0, (1, 0)),
    ("def test_a(): assert False", 1, (0, 1)),
    ("import pytest\ndef test_a(): pytest.skip('no')\ndef test_b(): pass", 0, (1, 1)),
    ("import nothing_of_that_name", 2, (0, 1)),
    ("", 5, (0, 1)),
])
def test_pytest_results(tmp_path, body, code, want):
    (tmp_path / "test_it.py").write_text(body)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                           f"--junitxml={tmp_path}/r.xml", tmp_path], capture_output=True, cwd=tmp_path)
    assert done.returncode == code
    assert count("junit", tmp_path / "r.xml", done.returncode)[0] == want


def test_a_run_that_left_no_file_fails(tmp_path):
    assert count("junit", tmp_path / "none.xml", 1)[0] == (0, 1)
