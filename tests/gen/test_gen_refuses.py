"""What must stop the build, each with a message that names file, line and element. Every case is the
good sample with one edit, so nothing else can be what is refused."""
import json
import os

import pytest

import common
from common import GEN, SAMPLE, read, run

GET = 'option (http) = {get: "/api/v1/shelves/{id}"};\n\t\toption (permission) = "EMPLOYEE_READ";'
MOVED_STATE = "optional ShelfState state = 2;\n}\nmessage ShelfPrivate"

# (name, text of the sample, what stands there instead, words of the message)
CASES = [
    ("route without permission", 'option (permission) = "EMPLOYEE_READ";', "",
     "rpc Shelves.GetShelf: a route with a token needs a permission"),
    ("unknown permission", '"EMPLOYEE_READ"', '"EMPLOYEE_RAED"', "permission 'EMPLOYEE_RAED' is not in policy.proto"),
    ("permission on a public route", "answer: ANSWER_FILE};", 'answer: ANSWER_FILE}; option (permission) = "EMPLOYEE_READ";',
     "a permission means nothing with auth PUBLIC"),
    ("route without http", GET, 'option (permission) = "EMPLOYEE_READ";', "rpc Shelves.GetShelf: needs option (http)"),
    ("route with two methods", 'get: "/api/v1/shelves/{id}"}', 'get: "/api/v1/a" post: "/api/v1/b"}', "exactly one of get"),
    ("path parameter is no field", '"/api/v1/shelves/{id}:move-away"', '"/api/v1/shelves/{shelf_id}:move-away"',
     "path parameter {shelf_id} is no field of renhe.sample.MoveShelfRequest"),
    ("path parameter is repeated", "/{id}:look", "/{state}:look", "path parameter {state} must be a single public"),
    ("two routes of one path", '{get: "/api/v1/shelves/{id}:look"', '{get: "/api/v1/shelves/{page_token}"',
     "GET /api/v1/shelves/{page_token} is the route of sample.GetShelf"),
    ("upper case in a path", '"/api/v1/shelves" status', '"/api/v1/Shelves" status', "segments are kebab-case"),
    ("internal path outside", 'get: "/internal/v1/shelves"', 'get: "/api/v1/inner"', "live under /internal/"),
    ("public path inside", '"/api/v1/shelves/{id}:look"', '"/internal/v1/look/{id}"', "live under /internal/"),
    ("message in a query", "repeated ShelfState state = 2;\n\toptional string page_token", "optional Shelf state = 2;\n\toptional string page_token",
     "'state' is a message and can't come from the query"),
    ("state that isn't", '["OPEN", "SHUT"]', '["OPEN", "SHELF_STATE_SHUT"]', "state 'SHELF_STATE_SHUT' is no value of ShelfState"),
    ("unknown fault", 'get: "/api/v1/shelves/{id}"};', 'get: "/api/v1/shelves/{id}"}; option (fault) = "SHELF_GONE";',
     "fault 'SHELF_GONE' is no value of an enum Fault"),
    ("location of no field", "/shelves/{id}\" idem", "/shelves/{shelf}\" idem", "location: {shelf} is no field"),
    ("content with 204", "returns (renhe.Empty) {", "returns (Shelf) {", "status 204 has no content"),
    ("example that can't be sent", '{"title":"x",', '{"id":"x",', "example: 'id' can't be sent"),
    ("example that is no JSON", '{"title":"x",', '{"title":x,', "example is no JSON"),

    ("personal data in an event", MOVED_STATE, "optional string phone = 2 [(sensitive) = {class: CONTACT}];\n}\nmessage ShelfPrivate",
     "event renhe.sample.ShelfMoved: field renhe.sample.ShelfMoved.phone is CONTACT data"),
    ("personal data inside an event", MOVED_STATE, "optional Shelf shelf = 2;\n}\nmessage ShelfPrivate",
     "event renhe.sample.ShelfMoved: field renhe.sample.Shelf.keeper_phone is CONTACT data"),
    ("secret in an event", MOVED_STATE, "optional string pin = 2 [(rule) = {secret: true}];\n}\nmessage ShelfPrivate",
     "ShelfMoved.pin is a secret"),
    ("event of an unknown topic", 'topic: "renhe.sample.shelf.v1" aggregate', 'topic: "renhe.sample.shelve.v1" aggregate',
     "event renhe.sample.ShelfMoved: topic 'renhe.sample.shelve.v1' is in no list"),
    ("event without its subject", 'moved.v1" topic: "renhe.sample.shelf.v1" aggregate: "shelf" subject: "shelf_id"',
     'moved.v1" topic: "renhe.sample.shelf.v1" aggregate: "shelf" subject: "id"', "subject 'id' is no string field"),
    ("event without its key", 'subject: "shelf_id" key: "shelf_id"};\n\toptional string shelf_id = 1;\n\toptional ShelfState',
     'subject: "shelf_id" key: "state"};\n\toptional string shelf_id = 1;\n\toptional ShelfState', "key 'state' is no string field"),
    ("topic of another writer", 'retention_hours: 24\n\twriter: "sample"', 'retention_hours: 24\n\twriter: "other"',
     "is written by other, not sample"),
    ("sequence on a compacted topic", 'key: "shelf_id" unsequenced: true}', 'key: "shelf_id"}', "must be unsequenced"),
    ("event type twice", '"renhe.sample.shelf.moved.v1"', '"renhe.sample.shelf_private.v1"', "belongs to renhe.sample.ShelfMoved"),
    ("topic twice", 'name: "renhe.sample.shelf_private.v1"', 'name: "renhe.sample.shelf.v1"', "two topics of this name"),
    ("topic without an end", "policy: DELETE retention_hours: 24", "policy: DELETE", "either policy COMPACT or retention_hours"),

    ("private topic in clear", ' sealed_to: "other"', "", "renhe.sample.shelf_private.v1: a topic is called *_private.v1 if and only if"),
    ("personal data on a private topic in clear", ' sealed_to: "other"', "",
     "field renhe.sample.ShelfPrivate.keeper_phone is CONTACT data: only a sealed topic may carry it"),
    ("sealed topic of another name", 'name: "renhe.sample.shelf_private.v1"', 'name: "renhe.sample.shelf_sealed.v1"',
     "renhe.sample.shelf_sealed.v1: a topic is called *_private.v1 if and only if"),
    ("sealed topic that is not compacted", "small_partitions: 1 policy: COMPACT", "small_partitions: 1 policy: DELETE retention_hours: 24",
     "a sealed topic needs policy COMPACT"),
    ("sealed to whom it isn't readable", 'sealed_to: "other"', 'sealed_to: "another"', "sealed to another, who may not read it"),
    ("sealed twice", 'sealed_to: "other"', 'sealed_to: ["other", "other"]', "sealed to one consumer twice"),
    ("daily record without compaction", "lane: URGENT", "lane: URGENT daily_record: true", "daily_record is for compaction"),

    ("recursive message", "message Page { optional int32 number = 1; }", "message Page { optional Shelf shelf = 1; }",
     "recursive messages are refused: Shelf -> Shelf.Book -> Shelf.Book.Page -> Shelf"),
    ("required", "optional string keeper_id = 2;", "required string keeper_id = 2;", "field renhe.sample.Shelf.keeper_id: 'required'"),
    ("proto3", 'syntax = "proto2";', 'syntax = "proto3";', ""),  # protoc itself may be the one to refuse
    ("floating point", "optional int32 count = 6 [(rule) = {min: 0}];", "optional double count = 6;", "type double"),
    ("typed map of other messages", "optional bool open = 10;", "optional bool open = 10 [(typed_map) = true];", "(typed_map) goes with"),
    ("typed values that are no map", "optional bool open = 10;", "repeated renhe.TypedValue open = 10;", "(typed_map) goes with"),
    ("typed map of one entry", "optional bool open = 10;", "optional renhe.TypedValue open = 10 [(typed_map) = true];", "(typed_map) goes with"),
    ("map", "optional bool open = 10;", "map<string, string> open = 10;", "use a repeated message"),
    ("oneof", "optional bool open = 10;", "oneof x { bool open = 10; }", "oneof is not carried"),
    ("default", "optional bool open = 10;", "optional bool open = 10 [default = true];", "a default hides"),
    ("camel case field", "optional bool open = 10;", "optional bool isOpen = 10;", "field names are snake_case"),
    ("title of two fields", "optional int32 count = 6 [(rule) = {min: 0}];",
     'optional int32 count = 6 [(renhe.title) = {zh: "数" en: "Title \\"x\\""}];',
     "field renhe.sample.Shelf.count: title en 'Title \"x\"' is that of title at renhe/sample/shelf.proto:38"),
    ("seal without subject", ' subject: "keeper_id"', "", "field renhe.sample.Shelf.keeper_phone: a seal needs subject"),
    ("seal with a subject elsewhere", 'subject: "keeper_id"', 'subject: "person_id"', "subject 'person_id' is no string field"),
    ("seal of no column", 'seal: "shelf.keeper_phone"', 'seal: "keeper_phone"', "must be 'table.column'"),
    ("mask without a class", "class: CONTACT mask: MASK_MOBILE", "mask: MASK_MOBILE", "needs a class other than PLAIN"),
    ("length of a number", "(rule) = {min: 0}", "(rule) = {max_len: 5}", "are rules of strings"),
    ("range of a text", "min_len: 1 max_len: 40", "min: 1 max: 40", "are rules of integers"),
    ("empty range", "min: -5 max: 9007199254740991", "min: 5 max: 4", "min 5 is above max 4"),
    ("required and never sent", "(rule) = {internal: true}];\n\toptional bytes", "(rule) = {internal: true required: true}];\n\toptional bytes",
     "no caller can send it"),
    ("enum without a zero", "SHELF_STATE_UNSPECIFIED = 0;", "", "must be 0 and end in _UNSPECIFIED"),
    ("enum whose zero is a state", "SHELF_STATE_UNSPECIFIED = 0;", "SHELF_STATE_NEW = 0;", "must be 0 and end in _UNSPECIFIED"),
    ("enum value without its prefix", "SHELF_STATE_SHUT = 2;", "SHUT = 2;", "enum ShelfState.SHUT: must begin with SHELF_STATE_"),
    ("fault code of another package", "SHELF_NOT_FOUND = 1 [", "RESOURCE_NOT_FOUND = 1 [", "RESOURCE_NOT_FOUND: this fault code stands at renhe/faults.proto:"),
    ("fault without a text", 'zh: "没有这个书架" en: "No such shelf"', 'en: "No such shelf"', "a fault needs fault_def with status, zh and en"),
    ("fault that is a success", "fault_def) = {status: 404", "fault_def) = {status: 200", "status 200 is none of a fault"),
]


@pytest.mark.parametrize("name,old,new,words", CASES, ids=[c[0] for c in CASES])
def test_contract_is_refused(name, old, new, words, tmp_path):
    made = common.generate(common.copy_with(tmp_path / "contract", old, new), tmp_path)
    assert made.returncode != 0, f"{name}: was taken"
    assert words in made.stderr, made.stderr
    assert f"{common.SHELF}:" in made.stderr and "Traceback" not in made.stderr, made.stderr
    assert not list((tmp_path / "gen").glob("*")), "left something behind"


POLICY_CASES = [
    ("cell without a scope", "{role: [HR] scope: TENANT}", "{role: [HR]}", "ORGANISATION_WRITE: a cell without a scope"),
    ("cell without a role", "{role: [HR] scope: TENANT}", "{scope: TENANT}", "ORGANISATION_WRITE: a cell without a role"),
    ("cell twice", "{role: [HR] scope: TENANT}", "{role: [HR, HR] scope: TENANT}", "ORGANISATION_WRITE: two cells for HR and TENANT"),
    ("permission of nobody", "(cell) = {role: PLATFORM_OPERATOR scope: TENANT}", "(deny) = {role: HR}", "TENANT_MANAGE: has no cell"),
    ("clear and masked", "masked: [IDENTITY] clear: [PAY]},\n\t\t(cell) = {role: AUDITOR scope: TENANT masked: [CONTACT, IDENTITY]},\n\t\t(deny) = {role: [EMPLOYEE,",
     "masked: [PAY] clear: [PAY]},\n\t\t(deny) = {role: [EMPLOYEE,", "EMPLOYEE_READ: PAY is both clear and masked"),
    ("denied twice", "EMPLOYEE_LIST = 2 [", "EMPLOYEE_LIST = 2 [\n\t\t(deny) = {role: [HR, HR] denial: DENY_NOT_FOUND},",
     "EMPLOYEE_LIST: two denials for HR"),
    ("decides without waiting", "{role: HR scope: SELF pending: true}", "{role: HR scope: SELF decides: true}", "EMPLOYEE_CHANGE: decides without pending"),
]


@pytest.mark.parametrize("name,old,new,words", POLICY_CASES, ids=[c[0] for c in POLICY_CASES])
def test_policy_is_refused(name, old, new, words, tmp_path):
    contract = common.copy_with(tmp_path / "contract", old, new, os.path.join(common.ROOT, "proto"), "renhe/policy.proto")
    common.copy_with(tmp_path / "contract", "??/ trigraph", "trigraph")
    made = common.generate(contract, tmp_path)
    assert made.returncode != 0, f"{name}: was taken"
    assert words in made.stderr and "renhe/policy.proto:" in made.stderr, made.stderr


def test_every_breach_is_told_at_once(tmp_path):
    contract = common.copy_with(tmp_path / "contract", '"EMPLOYEE_READ"', '"NO_SUCH"')
    path = os.path.join(contract, common.SHELF)
    text = read(path).replace('subject: "keeper_id"', 'subject: "nobody"')
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    made = common.generate(contract, tmp_path)
    assert "NO_SUCH" in made.stderr and "nobody" in made.stderr


def test_line_of_the_element(tmp_path):
    contract = common.copy_with(tmp_path / "contract", "optional string keeper_id = 2;", "required string keeper_id = 2;")
    line = next(i for i, t in enumerate(read(contract, common.SHELF).split("\n"), 1) if "required string" in t)
    assert f"{common.SHELF}:{line}: field" in common.generate(contract, tmp_path).stderr


# ---- SQL ----
SQL_CASES = [
    ("unknown parameter", "where s.id = :id::uuid", "where s.id = :shelf_id", ":shelf_id is no field of sample.GetShelfRequest"),
    ("parameter without in", "pg_advisory_xact_lock(7)", "pg_advisory_xact_lock(:id)", ":id without in="),
    ("unknown name of the context", ":@tenant_id", ":@tenant", "the context has"),
    ("index of a field without one", ":keeper_phone_index", ":title_index", ":title_index is no field"),
    ("message as a parameter", "values (:id,", "values (:books,", ":books is a message"),
    ("path through a plain field", "select :isbn as title, :isbn as etag", "select :isbn.x as title", "'isbn' is no message field"),
    ("number as a parameter", "s.tenant = :@tenant_id", "s.tenant = $2", "parameters go by name"),
    ("unknown message", "in=GetShelfRequest", "in=GetShelvesRequest", "message sample.GetShelvesRequest is not in the contract"),
    ("unknown fault", "none=SHELF_NOT_FOUND", "none=SHELF_GONE", "fault SHELF_GONE is in no enum Fault"),
    ("unknown list", "{=plain}", "{=plains}", "{=plains}: no such list"),
    ("list that holds itself", "whole = id, {plain}", "whole = id, {whole}", "list whole holds itself"),
    ("list with an expression", "whole = id,", "whole = id::text,", "'id::text' is no plain name"),
    ("two statements", "select pg_advisory_xact_lock(7);", "select 1; select 2;", "one statement to a name"),
    ("no statement", "select pg_advisory_xact_lock(7);", "-- nothing", "has no statement"),
    ("open quote", "lock(7)", "lock('7)", "a ' without its other half"),
    ("brace left over", "lock(7)", "lock({7)", "a { without its other half"),
    ("unknown kind", "shelf_lock :exec", "shelf_lock :execute", "a query is named '-- name:"),
    ("name twice", "name: shelf_lock", "name: shelf_get", "a query of this name stands at"),
    ("exec that answers", "shelf_put :exec in=Shelf", "shelf_put :exec in=Shelf out=Shelf", ":exec has no out="),
    ("one without an answer", ":opt in=sample.Shelf.Book out=Shelf", ":opt in=sample.Shelf.Book", ":exec has no out="),
    ("keys of what is no select", "shelf_put :exec in=Shelf", "shelf_put :exec in=Shelf keys=id", "keys= names the subject's column of a select"),
    ("keys of no column", "none=SHELF_NOT_FOUND", "none=SHELF_NOT_FOUND keys=q.id", "keys= names the subject's column of a select"),
    ("none where none is", "shelf_put :exec in=Shelf", "shelf_put :exec in=Shelf none=CONFLICT", "none= is for :one"),
]


@pytest.mark.parametrize("name,old,new,words", SQL_CASES, ids=[c[0] for c in SQL_CASES])
def test_sql_is_refused(name, old, new, words, sample, tmp_path):
    text = read(SAMPLE, "sql", "shelf.sql")
    assert text.count(old) == 1
    (tmp_path / "shelf.sql").write_text(text.replace(old, new), encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    made = run(os.path.join(GEN, "sqlgen"), "queries", "--index", sample / "index.json", "--out", out,
               "--package", "sample", "--sql", tmp_path)
    assert made.returncode != 0, f"{name}: was taken"
    assert words in made.stderr and f"{tmp_path}/shelf.sql:" in made.stderr, made.stderr
    assert "Traceback" not in made.stderr and not list(out.iterdir())


@pytest.mark.parametrize("files,words", [
    (["0001_a.sql", "0001_b.sql"], "number 1 belongs to 0001_a"),
    (["0002_a.sql", "0003_b.sql"], "begin with 0001"),
    (["first.sql"], "is called NNNN_name.sql"),
])
def test_migrations_are_refused(files, words, tmp_path):
    for name in files:
        (tmp_path / name).write_text("select 1;", encoding="utf-8")
    made = run(os.path.join(GEN, "sqlgen"), "migrations", "--out", tmp_path, "--package", "x", f"x={tmp_path}")
    assert made.returncode != 0 and words in made.stderr


# ---- evolution of events ----
def change(shape, *path, value=None):
    *outer, last = path
    for part in outer:
        shape = shape[part]
    if value is None:
        del shape[last]
    else:
        shape[last] = value


MOVED = ("messages", "renhe.sample.ShelfMoved", "fields")
BREAKS = [
    (("events", "renhe.sample.shelf.moved.v1"), None, "gone; readers still have it"),
    (("events", "renhe.sample.shelf.moved.v1", "topic"), "elsewhere", "topic was renhe.sample.shelf.v1, is elsewhere"),
    (("events", "renhe.sample.shelf.moved.v1", "key"), "state", "key was shelf_id"),
    ((*MOVED, "2"), None, "ShelfMoved.state = 2: gone; reserve the number"),
    ((*MOVED, "1", "name"), "id", "name was shelf_id, is id"),
    ((*MOVED, "1", "type"), "int64", "type was string, is int64"),
    ((*MOVED, "1", "repeated"), True, "repeated was False, is True"),
    (("enums", "renhe.sample.ShelfState", "2"), "SHELF_STATE_CLOSED", "SHELF_STATE_SHUT = 2: is SHELF_STATE_CLOSED"),
    (("enums", "renhe.sample.ShelfState", "2"), None, "SHELF_STATE_SHUT = 2: gone"),
]
GROWTH = [
    ((*MOVED, "3"), {"name": "reason", "type": "string", "repeated": False}),
    (("events", "renhe.sample.shelf.burnt.v1"), {}),
    (("enums", "renhe.sample.ShelfState", "3"), "SHELF_STATE_BURNT"),
]


def compare(tmp_path, sample, path, value, *flags):
    shape = json.loads(read(sample, "contract.json"))
    change(shape, *path, value=value)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(read(sample, "contract.json"), encoding="utf-8")
    new.write_text(json.dumps(shape), encoding="utf-8")
    return run(os.path.join(GEN, "breaking"), old, new, *flags), old


@pytest.mark.parametrize("path,value,words", BREAKS)
def test_breaking_change_is_refused(path, value, words, sample, tmp_path):
    compared, old = compare(tmp_path, sample, path, value, "--write")
    assert compared.returncode == 1 and words in compared.stderr
    assert old.read_text(encoding="utf-8") == read(sample, "contract.json")


@pytest.mark.parametrize("path,value", GROWTH)
def test_growth_is_taken(path, value, sample, tmp_path):
    compared, old = compare(tmp_path, sample, path, value, "--write")
    assert compared.returncode == 0, compared.stderr
    assert old.read_text(encoding="utf-8") != read(sample, "contract.json")


def test_reserved_number_stays_reserved(sample, tmp_path):
    shape = json.loads(read(sample, "contract.json"))
    moved = shape["messages"]["renhe.sample.ShelfMoved"]
    del moved["fields"]["2"]
    moved["reserved"] = [2]
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(read(sample, "contract.json"), encoding="utf-8")
    new.write_text(json.dumps(shape), encoding="utf-8")
    assert run(os.path.join(GEN, "breaking"), old, new).returncode == 0
    back = run(os.path.join(GEN, "breaking"), new, old)
    assert back.returncode == 1 and "was reserved, is used again" in back.stderr
