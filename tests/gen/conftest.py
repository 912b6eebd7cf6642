import json
import os

import pytest

import common


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Folder of what the generator makes of the sample contract and its SQL."""
    out = tmp_path_factory.mktemp("sample")
    made = common.generate(os.path.join(common.SAMPLE, "good"), out)
    assert made.returncode == 0, made.stderr
    return out / "gen"


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """Folder of what the generator makes of proto/."""
    out = tmp_path_factory.mktemp("real")
    made = common.run(os.path.join(common.GEN, "generate"), os.path.join(common.ROOT, "proto"), out)
    assert made.returncode == 0, made.stderr
    return out


@pytest.fixture(scope="session")
def openapi(sample):
    return json.loads(common.read(sample, "openapi.json"))
