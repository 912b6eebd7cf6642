"""What the tests of a whole suite share: a suite that they may kill and whose clock they may move."""
import os

import pytest

from renhe import Suite


@pytest.fixture(scope="session")
def own_suite(request):
    """One that nobody else reads: its programs are killed and its business clock is moved. A run that
    starts others (test_sanitizers.py), or a person, says with RENHE_OWN_SUITE which one stands already."""
    if "RENHE_COMPOSE_PROJECT" in os.environ:  # tests/compose/run
        yield request.getfixturevalue("composed")
        return
    if "RENHE_OWN_SUITE" in os.environ:
        yield Suite.attach(os.environ["RENHE_OWN_SUITE"])
        return
    started = Suite.start()
    yield started
    started.stop()
