"""The event catalogue as a reader outside sees it: the samples are read by protoc from proto/ alone."""
import json
import os
import subprocess
import sys

import pytest
from google.protobuf import json_format, text_format

from common import ROOT, read

sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import events  # noqa: E402


@pytest.fixture(scope="module")
def catalogue(real):
    return json.loads(read(real, "asyncapi.json"))


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = value.values()
    for one in value if not isinstance(value, (str, int, bool, type(None))) else []:
        yield from references(one)


def target(document, reference):
    for part in reference.lstrip("#/").split("/"):
        document = document[part]
    return document


def test_committed_catalogue_is_current(real):
    """Else: scripts/lib/documents"""
    assert read(ROOT, "proto", "asyncapi.json") == read(real, "asyncapi.json")


def test_every_event_and_topic_stands_in_it(catalogue, real):
    topics = json.loads(read(real, "topics.json"))["topics"]
    assert {t["name"]: set(t["events"]) for t in topics} == \
        {n: set(c["messages"]) for n, c in catalogue["channels"].items()}
    assert set(json.loads(read(real, "contract.json"))["events"]) == set(catalogue["components"]["messages"])
    assert catalogue["asyncapi"] == "3.0.0" and len(catalogue["components"]["messages"]) >= 14


def test_references_lead_somewhere(catalogue):
    found = list(references(catalogue))
    assert len(found) > 50
    for reference in found:
        target(catalogue, reference)


def plain(value, schema, document):
    """JSON as the catalogue spells it, from what protobuf's own JSON says: no enum prefixes, integers as numbers."""
    schema = target(document, schema["$ref"]) if "$ref" in schema else schema
    if schema.get("type") == "object":
        return {k: plain(v, schema["properties"][k], document) for k, v in value.items()}
    if schema.get("type") == "array":
        return [plain(v, schema["items"], document) for v in value]
    if schema.get("type") == "integer":
        return int(value)
    return next((e for e in schema.get("enum", []) if value == e or value.endswith("_" + e)), value)


@pytest.mark.parametrize("kind", sorted(json.loads(read(ROOT, "proto", "asyncapi.json"))["components"]["messages"]))
def test_protoc_reads_the_sample(catalogue, kind):
    message = catalogue["components"]["messages"][kind]
    sample, name = message["examples"][0], message["x-protobuf-message"]
    done = subprocess.run(
        ["protoc", "-I", os.path.join(ROOT, "proto"), f"--decode={name}", message["x-protobuf-file"]],
        input=bytes.fromhex(sample["x-protobuf-hex"]), capture_output=True, check=True)
    made = events.message_factory.MessageFactory(events.pool()).GetPrototype(
        events.pool().FindMessageTypeByName(name))()
    text_format.Parse(done.stdout.decode(), made)
    told = json_format.MessageToDict(made, preserving_proto_field_name=True)
    assert plain(told, message["payload"], catalogue) == sample["payload"]
    assert sample["payload"], "an empty sample shows nothing"


def test_no_sample_of_a_sealed_class(catalogue):
    """What the build refuses by field, seen once more in the document: classes stand only on sealed topics."""
    sealed = {m for c in catalogue["channels"].values() if "x-sealed-to" in c for m in c["messages"]}
    assert sealed == {k for k, m in catalogue["components"]["messages"].items() if m.get("x-sealed-in") == "renhe.SealedValue"}
    assert sealed >= {"renhe.archive.person.identity_private.v1", "renhe.archive.person.contact_private.v1"}
    for kind, message in catalogue["components"]["messages"].items():
        schema = json.dumps(target(catalogue, message["payload"]["$ref"]))
        assert kind in sealed or "x-class" not in schema, kind
