"""What the tests of a whole suite share: a suite that they may kill and whose clock they may move,
and the figures that they measured, printed at the end even where all is well."""
import pytest

from renhe import Suite

FIGURES = []


@pytest.fixture(scope="session")
def own_suite():
    """One that nobody else reads: its programs are killed and its business clock is moved."""
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
