import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from renhe import CHECKOUT, Suite  # noqa: E402


@pytest.fixture(scope="session")
def killable():
    """A suite whose programs have kill points: the one of RENHE_OWN_SUITE, or one of build/kill."""
    if "RENHE_OWN_SUITE" in os.environ:
        yield Suite.attach(os.environ["RENHE_OWN_SUITE"])
        return
    started = Suite.start(programs=CHECKOUT / "build/kill/bin")
    yield started
    started.stop()
