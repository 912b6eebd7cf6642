"""A route and its event are added as CONTRIBUTING.md says, in a copy of the checkout: the steps are read out of its text
(lib/contributing.py), archive and gateway are built anew and asked over HTTP and at the broker."""
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import contributing
from contributing import CopiedSuite
from renhe import CHECKOUT, free_base, wait_until

SECTIONS = ("Add a route", "Add an event")
PATH, TOPIC = "/api/v1/legal-entities", "renhe.archive.legal_entity.v1"
BUILT = ("archive", "gateway")
TOUCHED = {"proto/renhe/archive/organisation.proto", "proto/renhe/topics.proto", "services/archive/sql/organisation.sql",
           "services/archive/register_api.c", "proto/openapi.json", "proto/asyncapi.json", "proto/contract.json"}


def run(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def grown():
    folder = Path(tempfile.mkdtemp(prefix="renhe-"))
    folder.chmod(0o755)
    copy = folder / "checkout"
    contributing.copy_checkout(copy)
    was = contributing.digests(copy)
    made = CopiedSuite(copy, folder / "run", free_base())
    try:
        start = time.monotonic()
        for step in (s for title in SECTIONS for s in contributing.steps(title)):
            contributing.do(step, copy)
        run(copy, "cmake", "--preset", "release")
        run(copy, "nice", "cmake", "--build", "--preset", "release", "--target", *BUILT)
        for program in (CHECKOUT / "build/bin").iterdir():  # the others go on as they are
            if program.name not in BUILT:
                shutil.copy2(program, copy / "build/bin" / program.name)
        run(copy, "scripts/lib/documents")
        made.took = round(time.monotonic() - start, 1)
        after = contributing.digests(copy)
        made.changed = {p for p in was.keys() | after.keys() if was.get(p) != after.get(p)}
        made.up("--no-build")
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def hr(grown):
    return grown.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def entity(hr):
    return hr.post(PATH, {"code": "RENAME", "name": "旧名"}).expect(201).json


def renamed(grown, entity):
    """What readers are told of it: old and new name, in order."""
    return [(e["old_name"], e["name"]) for e in map(lambda e: decoded(grown, e.value), grown.events(TOPIC))
            if e["legal_entity_id"] == entity["id"]]


def decoded(grown, value):
    """By protoc from the copy's contract: this checkout's does not know the message."""
    out = subprocess.run(["protoc", "-I", grown.checkout / "proto", "--decode=renhe.archive.LegalEntityRenamed",
                          "renhe/archive/organisation.proto"], input=value, capture_output=True, check=True).stdout.decode()
    return {k: re.sub(rb"(?:\\[0-7]{3})+", lambda m: bytes(int(o, 8) for o in m[0].decode().split("\\")[1:]),
                      v[1:-1].encode()).decode() for k, v in (line.split(": ", 1) for line in out.splitlines())}


def test_the_text_is_all_that_it_took(grown, figure):
    figure(f"a route and an event: built in {grown.took} s")
    assert grown.changed == TOUCHED
    fenced = sum(len(re.findall(r"^```\w+$", contributing.section(t), re.M)) for t in SECTIONS)
    assert fenced == sum(len(contributing.steps(t)) for t in SECTIONS), "a block of the text is no step"


def test_it_keeps_the_rules_of_code(grown):
    for lint in ("banned", "one_owner", "texts"):
        run(grown.checkout, "git", "init", "-q")
        run(grown.checkout, f"tests/lint/{lint}.sh")


def test_a_name_is_changed_and_told(grown, hr, entity):
    one = hr.patch(f"{PATH}/{entity['id']}", {"name": "新名"}, etag=entity["etag"]).expect(200).json
    assert (one["name"], one["code"], one["version"]) == ("新名", "RENAME", 2)
    assert hr.get(f"{PATH}/{entity['id']}").expect(200).json == one
    two = hr.patch(f"{PATH}/{entity['id']}", {"name": "再名"}, etag=one["etag"]).expect(200).json
    assert two["version"] == 3
    told = [("旧名", "新名"), ("新名", "再名")]
    wait_until(lambda: renamed(grown, entity) == told, 20, "both events")
    found = [e for e in grown.events(TOPIC)]
    assert [e.sequence for e in found] == [1, 2] and {e.type for e in found} == {"renhe.archive.legal_entity.renamed.v1"}


@pytest.mark.parametrize("body, pointer", [({"name": ""}, "/name"), ({"name": None}, "/name"), ({"name": "名" * 121}, "/name"),
                                           ({"name": 5}, "/name"), ({"code": "X"}, "/code")])
def test_bad_bodies_are_refused_and_not_told(body, pointer, grown, hr, entity):
    now, told = hr.get(f"{PATH}/{entity['id']}").expect(200), renamed(grown, entity)
    answer = hr.patch(f"{PATH}/{entity['id']}", body, etag=now.etag).expect(400, 422)
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert hr.get(f"{PATH}/{entity['id']}").json == now.json and renamed(grown, entity) == told


@pytest.mark.parametrize("etag, status", [(None, 428), ('"v99"', 412)])
def test_versions_are_checked(etag, status, hr, entity):
    assert hr.patch(f"{PATH}/{entity['id']}", {"name": "无"}, etag=etag).status == status


@pytest.mark.parametrize("role, status", [("EMPLOYEE", 403), ("STORE_MANAGER", 403), ("PAYROLL", 403), ("AUDITOR", 403)])
def test_others_may_not(role, status, grown, hr, entity):
    etag = hr.get(f"{PATH}/{entity['id']}").etag
    assert grown.sign_in_as(role, "demo").patch(f"{PATH}/{entity['id']}", {"name": "无"}, etag=etag).status == status


def test_strangers_find_nothing(grown, hr, entity):
    etag = hr.get(f"{PATH}/{entity['id']}").etag
    assert grown.sign_in_as("HR", "second").patch(f"{PATH}/{entity['id']}", {"name": "无"}, etag=etag).status == 404
    assert grown.client().patch(f"{PATH}/{entity['id']}", {"name": "无"}, etag=etag).status == 401
