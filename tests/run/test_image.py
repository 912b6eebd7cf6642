"""The images are built without tests: what deploy/Dockerfile copies for the build must be enough for it."""
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copied():
    """What the stage `build` takes from the checkout, but for the list of packages."""
    stage = re.search(r"^FROM base AS build$(.*?)^FROM ", (ROOT / "deploy" / "Dockerfile").read_text(), re.M | re.S)[1]
    for line in re.findall(r"^COPY (.*) /src/\S*$", stage, re.M):
        yield from line.split()


def test_configures_with_what_is_copied(tmp_path):
    sources = [s for s in copied() if not s.startswith("scripts/")]
    assert {"CMakeLists.txt", "proto", "services", "gateway"} <= set(sources)
    for source in sources:
        to = tmp_path / source
        to.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to)
        else:
            shutil.copy(ROOT / source, to)
    done = subprocess.run(["cmake", "--preset", "release"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    done = subprocess.run(["ninja", "-C", "build", "-n", "all"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
