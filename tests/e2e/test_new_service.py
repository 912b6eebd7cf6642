"""A service is added as CONTRIBUTING.md says, in a copy of the checkout: made from the template, built, brought
up beside the others, and asked for what every service must do from its first day."""
import subprocess
import tempfile
from pathlib import Path

import pytest

import contributing
import staff
from contributing import CopiedSuite
from renhe import free_base, wait_until

NAME, ITEMS = "learning", "/api/v1/learning-items"
TOPIC = "renhe.learning.item.v1"


def run(folder, *command, **more):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def grown():
    folder = Path(tempfile.mkdtemp(prefix="renhe-"))
    folder.chmod(0o755)
    copy = folder / "checkout"
    contributing.copy_checkout(copy)
    made = CopiedSuite(copy, folder / "run", free_base())
    try:
        for line in contributing.commands("Add a service"):
            run(copy, "bash", "-c", line, timeout=300)
        run(copy, "cmake", "--preset", "release")
        run(copy, "nice", "cmake", "--build", "--preset", "release", timeout=900)
        made.up("--no-build")
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def people(grown):
    """Role -> client of the demo's company."""
    return {a["role"]: grown.sign_in_as(a["role"], "demo") for a in grown.accounts if a["tenant"] == "demo"}


@pytest.fixture(scope="module")
def item(people):
    """An item of the demo's plain employee, once the projection has heard of the person."""
    body = {"person_id": people["EMPLOYEE"].get("/api/v1/me").expect(200).json["person_id"], "name": "安全培训"}
    return wait_until(lambda: people["HR"].post(ITEMS, body).expect(201).json, 20, "the projection of people")


def test_it_stands_beside_the_others(grown):
    row = next(line for line in grown.script("status").stdout.splitlines() if line.startswith(NAME))
    assert row.split()[-1] == "ok", row
    run(grown.checkout, "build/bin/learning", "--help")


def test_an_item_is_made_read_and_changed(people, item):
    hr = people["HR"]
    assert item["name"] == "安全培训" and item["version"] == 1 and item["etag"]
    assert hr.get(f"{ITEMS}/{item['id']}").expect(200).json == item
    assert hr.patch(f"{ITEMS}/{item['id']}", {"name": "消防"}).status == 428
    changed = hr.patch(f"{ITEMS}/{item['id']}", {"name": "消防"}, etag=item["etag"]).expect(200).json
    assert changed["name"] == "消防" and changed["version"] == 2
    assert hr.patch(f"{ITEMS}/{item['id']}", {"name": "旧"}, etag=item["etag"]).status == 412


@pytest.mark.parametrize("role, seen", [("EMPLOYEE", True), ("STORE_MANAGER", True), ("MANAGER", True), ("HR", True),
                                        ("PAYROLL", False), ("AUDITOR", False)])
def test_who_sees_it(people, item, role, seen):
    """The employee is of S001, whose manager is the STORE_MANAGER and above which stands the MANAGER's unit."""
    client = people[role]
    assert (client.get(f"{ITEMS}/{item['id']}").status == 200) == seen
    listed = [i["id"] for i in client.get(ITEMS).expect(200).json["items"]]
    assert (item["id"] in listed) == seen


def test_bad_input_and_strangers_are_refused(grown, people, item):
    hr = people["HR"]
    bad = hr.post(ITEMS, {"person_id": "x", "more": 1})
    assert bad.status == 400 and {e["pointer"] for e in bad.json["errors"]} == {"/person_id", "/name", "/more"}, bad.json
    other = staff.claims(hr.token)["tid"]
    unknown = hr.post(ITEMS, {"person_id": other, "name": "无"})
    assert unknown.status == 422 and unknown.json["code"] == "LEARNING_PERSON_UNKNOWN"
    assert people["EMPLOYEE"].post(ITEMS, {"person_id": other, "name": "无"}).status == 403
    assert grown.sign_in_as("HR", "second").get(f"{ITEMS}/{item['id']}").status == 404
    assert grown.client().get(ITEMS).status == 401


def test_its_event_reaches_a_reader(grown, people, item):
    found = wait_until(lambda: [e for e in grown.events(TOPIC) if decode_in(grown, e)["item_id"] == item["id"]], 10, "the event")
    assert [e.sequence for e in found] == list(range(1, len(found) + 1))
    assert found[0].headers["ce_source"] == "/renhe/learning"


def decode_in(grown, event):
    """By protoc from the copy's contract: this checkout's does not know the message."""
    out = subprocess.run(["protoc", "-I", grown.checkout / "proto", "--decode=renhe.learning.ItemChanged",
                          "renhe/learning/learning.proto"], input=event.value, capture_output=True, check=True).stdout.decode()
    return {k: v.strip('"') for k, v in (line.split(": ", 1) for line in out.splitlines())}


def test_a_taken_name_or_place_is_refused(grown):
    tool = grown.checkout / "scripts/lib/new-service"
    for arguments in ((NAME, "26"), ("chassis", "26"), ("Learning2", "26"), ("training", "20"), ("training", "21"), ("training", "99")):
        done = subprocess.run([tool, *arguments], capture_output=True, text=True)
        assert done.returncode != 0 and "new-service" in done.stderr, arguments
    assert not (grown.checkout / "services/training").exists()
