"""Documents that people read and programs are written against, held against the running suite: the
schema of each database, and the event catalogue against every record that stands in the topics."""
import json
import re
import subprocess
from collections import Counter

import pytest

from events import decode
from renhe import CHECKOUT, clean_environment

CATALOGUE = json.loads((CHECKOUT / "proto" / "asyncapi.json").read_text())
SERVICES = sorted(p.parent.name for p in CHECKOUT.glob("services/*/schema.sql"))
TYPES = {"object": dict, "array": list, "string": str, "integer": (int, str), "boolean": bool}


def schema_of(suite, service):
    done = subprocess.run([CHECKOUT / "scripts/lib/schema", service], text=True, capture_output=True,
                          env=clean_environment(RENHE_RUN_DIR=str(suite.run_dir)))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_schema_is_current(suite, service):
    """Else, beside a running suite: scripts/lib/documents"""
    made = schema_of(suite, service)
    assert made == (CHECKOUT / "services" / service / "schema.sql").read_text()
    assert made.count("CREATE TABLE") >= 10 and "FORCE ROW LEVEL SECURITY" in made


def test_every_service_has_one():
    assert SERVICES == sorted(p.parent.name for p in CHECKOUT.glob("services/*/main.c") if (CHECKOUT / "proto/renhe" / p.parent.name).is_dir())


def target(reference):
    found = CATALOGUE
    for part in reference.lstrip("#/").split("/"):
        found = found[part]
    return found


def faults(value, schema, where=""):
    """What of a decoded value the catalogue does not say."""
    schema = target(schema["$ref"]) if "$ref" in schema else schema
    kind = schema.get("type")
    if kind and not isinstance(value, TYPES[kind]):
        return [f"{where}: {value!r} is no {kind}"]
    if kind == "object":
        unknown = [f"{where}.{k}: unknown" for k in value if k not in schema["properties"]]
        return unknown + [f for k, v in value.items() if k in schema["properties"]
                          for f in faults(v, schema["properties"][k], f"{where}.{k}")]
    if kind == "array":
        return [f for v in value for f in faults(v, schema["items"], where + "[]")]
    if "enum" in schema and not any(value == e or value.endswith("_" + e) for e in schema["enum"]):
        return [f"{where}: {value} is no value"]
    return []


def header_faults(event, headers):
    for name in headers["required"]:
        if name not in event.headers:
            yield f"{name} is missing"
    for name, value in event.headers.items():
        rule = headers["properties"].get(name)
        if rule is None:
            yield f"{name} is not in the catalogue"
        elif "const" in rule and value != rule["const"] or "pattern" in rule and not re.search(rule["pattern"], value):
            yield f"{name} is {value}"


def envelope_faults(value, message):
    """Of a sealed record an outsider sees for whom it is, and that is all."""
    for one in value.get("envelopes", []):
        if set(one) != {"consumer", "key_id", "sealed"} or one["consumer"] not in message["x-sealed-to"]:
            yield f"an envelope of {sorted(one)} for {one.get('consumer')}"
    if set(value) != {"envelopes"}:
        yield f"a sealed value holds {sorted(value)}"


def record_faults(event, channel):
    """Of one record: tombstones have headers only."""
    if event.type not in channel["messages"]:
        return [f"{event.type} is not of this topic"]
    message = CATALOGUE["components"]["messages"][event.type]
    found = list(header_faults(event, message["headers"]))
    if event.value is not None and "x-sealed-in" in message:
        found += envelope_faults(decode(message["x-sealed-in"], event.value), message)
    elif event.value is not None:
        found += faults(decode(message["x-protobuf-message"], event.value), message["payload"])
    return found


@pytest.mark.parametrize("topic", sorted(CATALOGUE["channels"]))
def test_every_record_is_as_the_catalogue_says(suite, topic, figure):
    events = suite.events(topic)
    told = Counter(f for e in events for f in record_faults(e, CATALOGUE["channels"][topic]))
    assert not told
    figure(f"{topic}: {len(events)} records as the catalogue says")


def test_the_topics_are_not_empty(suite):
    """What the test above reads is there: the demo's hires alone fill these."""
    for topic in ("renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1", "renhe.identity.account.v1"):
        assert len(suite.events(topic)) >= 50, topic


def test_a_wrong_record_would_be_told():
    schema = CATALOGUE["components"]["messages"]["renhe.archive.employee.ended.v1"]["payload"]
    assert faults({"person_id": 5}, schema) and faults({"name": "x"}, schema) and faults({"reason": "END_REASON_NO"}, schema)
    assert not faults({"person_id": "x", "reason": "END_REASON_RESIGNED"}, schema)
