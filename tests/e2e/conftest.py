"""What the tests of a whole suite share: a suite that they may kill and whose clock they may move,
and the figures that they measured, printed at the end even where all is well."""
import os

import pytest

from renhe import Suite

FIGURES = []


@pytest.fixture(scope="session")
def own_suite():
    """One that nobody else reads: its programs are killed and its business clock is moved. A run that
    starts others (test_sanitizers.py), or a person, says with RENHE_OWN_SUITE which one stands already."""
    if "RENHE_OWN_SUITE" in os.environ:
        yield Suite.attach(os.environ["RENHE_OWN_SUITE"])
        return
    started = Suite.start()
    yield started
    started.stop()


@pytest.fixture
def figure(request):
    """figure("20 hires: median 7 ms"): a line of the summary."""
    return lambda text: FIGURES.append(f"{request.node.nodeid.split('/')[-1]}: {text}")


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.line(line)
