import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "lib"))

from composed import Composed  # noqa: E402
from renhe import Suite  # noqa: E402

FIGURES = []  # that tests measured; printed at the end even where all is well


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


@pytest.fixture(scope="session")
def composed():
    """The suite in containers, from nothing, for tests/compose/run."""
    made = Composed(os.environ["RENHE_COMPOSE_PROJECT"], number=20)
    made.stop()  # what an interrupted run left
    try:
        made.up("--build")
        take_back = made.kcat_on_path()
        yield made
        take_back()
    finally:
        made.stop()


@pytest.fixture
def figure(request):
    """figure("20 hires: median 7 ms"): a line of the summary."""
    return lambda text: FIGURES.append(f"{request.node.nodeid.split('/')[-1]}: {text}")


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.line(line)
