"""The routes of the committed OpenAPI document, and bodies that fit them.

    for op in operations():
        op.method, op.path, op.permission, op.query, op.body
    body(op, values)      # every required member; values by name where the caller has better ones
"""
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITES = ("POST", "PUT", "PATCH")


def document():
    return json.loads((ROOT / "proto" / "openapi.json").read_text())


DOCUMENT = document()


@dataclass
class Operation:
    method: str
    path: str
    permission: str              # None: a public route
    faults: list
    query: dict                  # name -> schema
    body: dict                   # schema of an object, or None
    raw: bool                    # takes a file
    headers: set = field(default_factory=set)

    @property
    def name(self):
        return f"{self.method} {self.path}"

    @property
    def public(self):
        return self.permission is None

    @property
    def if_match(self):
        return "If-Match" in self.headers

    @property
    def properties(self):
        return (self.body or {}).get("properties", {})


def resolve(schema):
    """Without references and without the null of a PATCH."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        else:
            schema = next(s for s in schema["anyOf"] if s.get("type") != "null")
    return schema


def _operation(method, path, op):
    parameters = [p if "name" in p else DOCUMENT["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]]
                  for p in op.get("parameters", [])]
    contents = op.get("requestBody", {}).get("content", {})
    schema = next((c["schema"] for c in contents.values() if "schema" in c), None)
    return Operation(
        method.upper(), path, op.get("x-permission"), op.get("x-faults", []),
        {p["name"]: p["schema"] for p in parameters if p["in"] == "query"},
        resolve(schema) if schema else None, bool(contents) and schema is None,
        {p["name"] for p in parameters if p["in"] == "header"})


def operations(*methods):
    found = [_operation(m, path, op) for path, ops in DOCUMENT["paths"].items() for m, op in ops.items()]
    return [op for op in found if not methods or op.method in methods]


# ---- values ----

BY_FORMAT = {"uuid": "01900000-0000-7000-8000-000000000001", "date": "2026-11-01", "email": "a@example.com",
             "date-time": "2026-11-01T00:00:00Z"}
BY_NAME = {"mobile": "13800138000", "time_zone": "Asia/Shanghai", "credit_code": "91350100M000100Y43",
           "nationality": "CHN", "city_code": "310000", "tenant": "demo", "reason": "测试 test",
           "password": "correct horse 9 staple", "activation_code": "abcdefghijklmnopqrst",
           "refresh_token": "abcdefghijklmnopqrstuvwxyz", "id_number": "E12345678"}


def value(name, schema):
    """Something that the schema takes."""
    schema = resolve(schema)
    if schema.get("type") == "array":
        return [value(name, schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "boolean":
        return True
    if schema.get("type") == "integer":
        return schema.get("minimum", 1)
    if schema.get("type") == "object":
        return {n: value(n, s) for n, s in schema.get("properties", {}).items()}
    if name in BY_NAME:
        return BY_NAME[name]
    return BY_FORMAT.get(schema.get("format")) or "T" + secrets.token_hex(5)


def body(op, values=None, every=False):
    """The required members, or every one; values by name go before made-up ones."""
    values = values or {}
    wanted = op.properties if every else op.body.get("required", [])
    made = {n: value(n, op.properties[n]) for n in wanted}
    return {**made, **{n: v for n, v in values.items() if n in op.properties}}


def uuid_fields(op):
    """Members that hold an id or a list of ids."""
    return [n for n, s in op.properties.items()
            if resolve(s).get("format") == "uuid" or resolve(resolve(s).get("items", {})).get("format") == "uuid"]
