"""Back-off of deploy/runit/finish."""
import subprocess
import time
from pathlib import Path

import pytest

FINISH = Path(__file__).resolve().parents[2] / "deploy/runit/finish"


def delay_after(folder, code, signal, lived):
    """The delay that finish chose; its sleep is not waited for."""
    (folder / "started").write_text(str(int(time.time()) - lived))
    with subprocess.Popen(["sh", FINISH, str(code), str(signal)], cwd=folder, stdout=subprocess.PIPE) as p:
        said = p.stdout.readline().decode()
        end = time.monotonic() + 5
        while not (folder / "backoff").exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.05)
        p.kill()
    return int((folder / "backoff").read_text()), said


@pytest.mark.parametrize("code,signal,lived", [
    (0, 0, 1),      # ended by itself, well
    (-1, 15, 1),    # was told to
    (-1, 2, 1),
    (1, 0, 60),     # died after a good while: back at once
    (-1, 9, 60),
])
def test_no_wait(tmp_path, code, signal, lived):
    assert delay_after(tmp_path, code, signal, lived)[0] == 0


@pytest.mark.parametrize("code,signal", [(1, 0), (78, 0), (-1, 11), (-1, 9)])
def test_dying_young_waits_longer_each_time(tmp_path, code, signal):
    seen = []
    for _ in range(7):
        seen.append(delay_after(tmp_path, code, signal, 0)[0])
    assert seen == [1, 2, 4, 8, 10, 10, 10]


def test_a_good_while_forgets_the_past(tmp_path):
    assert delay_after(tmp_path, 1, 0, 0)[0] == 1
    assert delay_after(tmp_path, 1, 0, 0)[0] == 2
    assert delay_after(tmp_path, 1, 0, 60)[0] == 0
    assert delay_after(tmp_path, 1, 0, 0)[0] == 1


def test_the_end_is_logged(tmp_path):
    said = delay_after(tmp_path, 78, 0, 3)[1]
    assert "code 78" in said and "starts again in 1 s" in said
