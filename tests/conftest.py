import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "lib"))

from renhe import Suite  # noqa: E402


@pytest.fixture(scope="session")
def suite():
    """The suite that scripts/test brought up; one of our own where a test is run by hand."""
    if "RENHE_RUN_DIR" in os.environ and "RENHE_URL" in os.environ:
        yield Suite.attach()
        return
    started = Suite.start()
    yield started
    started.stop()


@pytest.fixture
def gateway(suite):
    """A client of the gateway without a token."""
    return suite.client()
