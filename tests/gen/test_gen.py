"""The generator on a small contract that uses every part of it: what it writes compiles and says
what the .proto says; and the committed documents of the real contract are current."""
import hashlib
import json
import os
import re

import common
from common import GEN, ROOT, SAMPLE, read, run

SQLGEN = os.path.join(GEN, "sqlgen")


def sqlgen_sample(sample):
    made = run(SQLGEN, "queries", "--index", sample / "index.json", "--out", sample, "--package", "sample",
               "--sql", os.path.join(SAMPLE, "sql"))
    assert made.returncode == 0, made.stderr


def migrations_sample(sample, folder):
    folder.mkdir()
    first = 'create table "t" ();\n-- ??/ \\ done\n'
    (folder / "0001_first.sql").write_text(first, encoding="utf-8")
    (folder / "0002_second.sql").write_text("select 1;", encoding="utf-8")
    made = run(SQLGEN, "migrations", "--out", sample, "--package", "sample", f"sample={folder}")
    assert made.returncode == 0, made.stderr
    assert hashlib.sha256(first.encode()).hexdigest() in read(sample, "sample_migrations.c")


def test_tables_compile_and_hold(sample, tmp_path):
    """Our own warnings for everything but protoc-c's code, sanitizers on, and C checks the values."""
    sqlgen_sample(sample)
    migrations_sample(sample, tmp_path / "migrations")
    sources = sorted(str(p) for p in [*sample.glob("*.c"), *sample.glob("*/*.pb-c.c")] if ".pb-c." not in p.name)
    program = tmp_path / "program"
    built = run("gcc", *common.STRICT, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                f"-I{sample}", f"-I{ROOT}/services/chassis", *sources, os.path.join(SAMPLE, "handlers.c"),
                "-lprotobuf-c", "-o", program)
    assert built.returncode == 0, built.stderr
    ran = run(program)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.split()[0]) > 100


def test_same_input_same_output(sample, tmp_path):
    again = common.generate(os.path.join(SAMPLE, "good"), tmp_path)
    assert again.returncode == 0
    for name in ("openapi.json", "gateway.gen.c", "sample_contract.gen.c", "topics.json", "policy.json"):
        assert read(sample, name) == read(tmp_path, "gen", name)


def test_unchanged_files_keep_their_time(tmp_path):
    """Otherwise a comment in one .proto would compile everything anew."""
    out = tmp_path / "gen"
    contract = common.copy_with(tmp_path / "contract", "optional bool open = 10;", "optional bool open = 10; // a remark")
    assert common.generate(contract, tmp_path).returncode == 0
    before = {p.name: p.stat().st_mtime_ns for p in out.glob("*.gen.c")}
    text = read(contract, common.SHELF).replace("a remark", "another remark")
    (tmp_path / "contract" / common.SHELF).write_text(text, encoding="utf-8")
    assert run(os.path.join(GEN, "generate"), contract, tmp_path / "vocabulary", out).returncode == 0
    changed = {p.name for p in out.glob("*.gen.c") if p.stat().st_mtime_ns != before[p.name]}
    assert changed == {"gateway.gen.c"}  # OpenAPI quotes the remark


def test_protoc_c_never_sees_our_options(sample):
    text = read(sample, "sample", "shelf.pb-c.h")
    assert "Sample__Shelf" in text and "descriptor.pb-c.h" not in text and "options.pb-c.h" not in text
    assert not (sample / "renhe" / "options.pb-c.h").exists()


# ---- OpenAPI ----
def refs(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from refs(inner)


def check_document(document):
    assert document["openapi"] == "3.1.0"
    for ref in refs(document):
        node = document
        for part in ref.removeprefix("#/").split("/"):
            node = node[part]
    ids = [o["operationId"] for p in document["paths"].values() for o in p.values()]
    assert len(ids) == len(set(ids))
    for path, operations in document["paths"].items():
        assert not path.startswith("/internal/")
        for operation in operations.values():
            placed = {p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"}
            assert placed == set(re.findall(r"\{(\w+)\}", path))
            assert any(s.startswith("2") for s in operation["responses"])


def test_openapi_is_consistent(openapi, real):
    check_document(openapi)
    check_document(json.loads(read(real, "openapi.json")))


def test_openapi_says_what_the_contract_says(openapi):
    schemas = openapi["components"]["schemas"]
    assert schemas["sample.ShelfState"]["enum"] == ["OPEN", "SHUT"]
    assert schemas["sample.ShelfState"]["x-labels"]["OPEN"] == {"zh": "开放", "en": "open"}
    answer, sent = schemas["sample.Shelf"]["properties"], schemas["sample.ShelfInput"]
    assert "scope_match" not in answer and "id" not in sent["properties"] and "id" in answer
    assert "format" not in answer["keeper_phone"] and answer["keeper_phone"]["x-mask"] == "MOBILE"
    assert sent["required"] == ["title"] and sent["additionalProperties"] is False
    assert sent["properties"]["title"]["maxLength"] == 40
    assert sent["properties"]["cost_fen"]["maximum"] == 2 ** 53 - 1 and sent["properties"]["cost_fen"]["minimum"] == -5
    assert "required" not in schemas["sample.ShelfPatch"] and "required" not in schemas["sample.Shelf"]
    assert {"type": "null"} in schemas["sample.ShelfPatch"]["properties"]["count"]["anyOf"]
    move = openapi["paths"]["/api/v1/shelves/{id}:move-away"]["post"]
    named = [p.get("name") or p["$ref"].split("/")[-1] for p in move["parameters"]]
    assert named == ["id", "IdempotencyKey", "IfMatch", "ValidateOnly"]
    assert "428" in move["responses"] and "STEP_UP_REQUIRED" in move["responses"]["401"]["description"]
    assert schemas["sample.MoveShelfRequest"]["properties"] == {"reason": {
        "type": "string", "format": "password", "maxLength": 1000}}
    create = openapi["paths"]["/api/v1/shelves"]["post"]
    assert create["requestBody"]["content"]["application/json"]["example"]["title"] == "x"
    assert {"$ref": "#/components/parameters/IdempotencyKeyRequired"} in create["parameters"]
    assert openapi["paths"]["/api/v1/shelves/{id}:look"]["get"]["security"] == []
    assert openapi["paths"]["/api/v1/shelves/{id}"]["get"]["x-faults"] == ["SHELF_NOT_FOUND"]
    assert "content" not in openapi["paths"]["/api/v1/shelves/{id}"]["delete"]["responses"]["204"]


# ---- topics and policy ----
def test_topics_and_acls(sample):
    document = json.loads(read(sample, "topics.json"))
    topics = {t["name"]: t for t in document["topics"]}
    assert topics["renhe.sample.shelf.v1"]["config"] == {"cleanup.policy": "delete", "retention.ms": "86400000"}
    assert topics["renhe.sample.shelf_private.v1"]["config"]["cleanup.policy"] == "compact"
    assert [topics[f"renhe.sample.{n}.v1"]["sealed_to"] for n in ("shelf", "shelf_private")] == [[], ["other"]]
    acls = {(a["principal"], a["resource_type"], a["resource_name"], a["operation"]) for a in document["acls"]}
    assert ("User:sample", "TOPIC", "renhe.sample.shelf.v1", "WRITE") in acls
    assert ("User:other", "TOPIC", "renhe.sample.shelf_private.v1", "READ") in acls
    assert ("User:observer", "TOPIC", "renhe.sample.shelf_private.v1", "READ") not in acls
    assert ("User:other", "TOPIC", "renhe.sample.shelf.v1", "WRITE") not in acls
    assert {g for p, kind, g, _ in acls if (p, kind) == ("User:other", "GROUP")} == {"other", "other.urgent"}
    assert {a["pattern_type"] for a in document["acls"]} == {"LITERAL"}
    assert len(acls) == len(document["acls"])


def test_policy_table(sample):
    policy = json.loads(read(sample, "policy.json"))
    cell = policy["permissions"]["EMPLOYEE_REVEAL"]["HR"]["cells"]
    assert cell == [{"scope": "TENANT", "clear": ["CONTACT", "IDENTITY"], "masked": [], "change": [], "where": "",
                     "step_up": True, "pending": False, "decides": False}]
    assert policy["permissions"]["EMPLOYEE_REVEAL"]["EMPLOYEE"] == {"cells": [], "denial": "DENY_NOT_FOUND"}
    assert policy["permissions"]["EMPLOYEE_REVEAL"]["MANAGER"]["denial"] == "DENY_FORBIDDEN"
    assert {r["name"] for r in policy["routes"] if r["internal"]} == {"sample.ShelfList"}


# ---- what is committed ----
def test_committed_openapi_is_current(real):
    """Else: scripts/lib/documents"""
    assert read(ROOT, "proto", "openapi.json") == read(real, "openapi.json")


def test_events_only_grow(real):
    """Else, where it is meant and nothing is broken: scripts/lib/documents"""
    compared = run(os.path.join(GEN, "breaking"), os.path.join(ROOT, "proto", "contract.json"), real / "contract.json")
    assert compared.returncode == 0, compared.stderr
    assert read(ROOT, "proto", "contract.json") == read(real, "contract.json")
