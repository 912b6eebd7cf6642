"""Every target of tests/fuzz stands its seeds and the cases that were found, under the sanitizers; and sees what is broken."""
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(p.stem.removeprefix("fuzz_") for p in (ROOT / "tests/fuzz").glob("fuzz_*.c"))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    for command in (["cmake", "--preset", "asan"], ["cmake", "--build", "--preset", "asan", "--target", "fuzz_targets"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    folder = tmp_path_factory.mktemp("seeds")
    subprocess.run([ROOT / "tests/fuzz/seeds", folder], check=True, timeout=60)
    return folder


def replay(name, *paths):
    return subprocess.run([ROOT / "build/asan/fuzz" / f"fuzz_{name}", *paths], cwd=ROOT, capture_output=True, text=True, errors="replace",
                          timeout=300)


def inputs(folder):
    return sum(p.is_file() for p in folder.rglob("*"))


@pytest.mark.parametrize("name", NAMES)
def test_seeds_and_cases(name, seeds):
    cases = ROOT / "tests/fuzz/cases" / name
    folders = [seeds / name, *([cases] if cases.exists() else [])]
    done = replay(name, *folders)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr.endswith(f"{sum(map(inputs, folders))} inputs\n")


def test_each_target_has_seeds(seeds):
    assert sorted(p.name for p in seeds.iterdir()) == NAMES
    assert min(inputs(seeds / name) for name in NAMES) >= 2


def test_nothing_is_no_pass(seeds, tmp_path):
    assert replay("http", tmp_path).returncode == 64
    assert replay("http", tmp_path / "gone").returncode == 66


@pytest.mark.parametrize("args", [[], ["http"], ["htpp", "5"], ["http", "0"], ["http", "-1"], ["http", "5s"]], ids=str)
def test_how_it_is_called(args):
    done = subprocess.run([ROOT / "scripts/fuzz", *args], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "NAME: " in done.stdout
