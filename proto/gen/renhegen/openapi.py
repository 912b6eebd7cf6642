"""OpenAPI 3.1 of every route that is not internal."""
import json
import re
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FD

from .model import ROOT, enum_name

MAX_SAFE_INTEGER = 2 ** 53 - 1
MAX_STRING, MAX_ITEMS = 1000, 500  # where no rule says otherwise; as schema.h says
INT32 = {FD.TYPE_INT32, FD.TYPE_SINT32, FD.TYPE_SFIXED32}
UNSIGNED = {FD.TYPE_UINT32, FD.TYPE_UINT64, FD.TYPE_FIXED32, FD.TYPE_FIXED64}
FORMATS = {
    "UUID": {"format": "uuid"}, "DATE": {"format": "date"}, "TIME": {"format": "date-time"},
    "EMAIL": {"format": "email"}, "ZONE": {"description": "IANA time zone."},
    "CODE": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
    "ID_DOCUMENT": {"description": "resident ID number, GB 11643."},
    "MOBILE": {"description": "mainland mobile number."},
    "SIGN_IN_NAME": {}, "CREDIT_CODE": {"description": "unified social credit code, GB 32100-2015."}, "ANY": {},
}
BODY_TYPES = {"RAW": "application/octet-stream", "XML": "application/xml", "MULTIPART": "multipart/form-data",
              "FORM": "application/x-www-form-urlencoded"}
ANSWER_TYPES = {"ANSWER_FILE": "application/octet-stream", "ANSWER_STREAM": "text/event-stream"}
SECURITY = {
    "JWT": ("bearerAuth", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
    "SIGNATURE": ("signatureAuth", {"type": "apiKey", "in": "header", "name": "Signature"}),
    "DEVICE": ("deviceAuth", {"type": "apiKey", "in": "header", "name": "X-Device-Token"}),
    "CLIENT": ("clientAuth", {"type": "http", "scheme": "basic"}),
    "LINK_TOKEN": ("linkAuth", {"type": "apiKey", "in": "query", "name": "token"}),
}
# Faults of the chassis by what a route does: (does it apply?, codes).
COMMON_FAULTS = [
    (lambda r: True, ["BAD_REQUEST", "TOO_MANY_REQUESTS", "INTERNAL", "OVERLOADED", "DRAINING",
                      "DATABASE_UNAVAILABLE", "UPSTREAM_UNAVAILABLE", "STATEMENT_TIMEOUT", "DEADLINE_EXCEEDED",
                      "UPSTREAM_TIMEOUT"]),
    (lambda r: r.auth == "JWT", ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_STALE",
                                 "SESSION_REVOKED", "ACCESS_DENIED"]),
    (lambda r: r.http.step_up, ["STEP_UP_REQUIRED"]),
    (lambda r: r.auth == "JWT" and r.params, ["RESOURCE_NOT_FOUND"]),
    (lambda r: r.input.fields, ["VALIDATION_FAILED"]),
    (lambda r: r.has_body, ["BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "COMMIT_UNKNOWN", "CONFLICT_RETRY"]),
    (lambda r: r.has_body and r.body == "JSON", ["JSON_MALFORMED", "JSON_DUPLICATE_MEMBER"]),
    (lambda r: takes_key(r), ["IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED"]),
    (lambda r: r.idempotency == "KEY_REQUIRED", ["IDEMPOTENCY_KEY_REQUIRED"]),
    (lambda r: r.http.if_match, ["PRECONDITION_REQUIRED", "PRECONDITION_FAILED"]),
    (lambda r: "page_token" in r.input.by_name, ["PAGE_TOKEN_INVALID"]),
]
PROBLEM = {
    "type": "object", "description": "RFC 9457. Texts follow Accept-Language; code never changes.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
        "trace_id": {"type": "string"},
        "methods": {"type": "array", "items": {"type": "string", "enum": ["PASSWORD", "TOTP"]},
                    "description": "of STEP_UP_REQUIRED: how to authenticate again"},
        "errors": {"type": "array", "items": {
            "type": "object", "required": ["pointer", "code"],
            "properties": {"pointer": {"type": "string", "description": "RFC 6901 into the body, or ?name of a parameter, ?name/index of an item of it"},
                           "code": {"type": "string"}, "detail": {"type": "string"}}}},
    },
}
PARAMETERS = {
    "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": False,
                       "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                       "description": "The same key and body give the stored answer again."},
    "IdempotencyKeyRequired": {"name": "Idempotency-Key", "in": "header", "required": True,
                               "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                               "description": "The same key and body give the stored answer again."},
    "IfMatch": {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                "description": "ETag of the resource as it was read."},
    "ValidateOnly": {"name": "validate_only", "in": "query", "required": False,
                     "schema": {"type": "boolean", "default": False},
                     "description": "Runs every rule and writes nothing."},
}


def spelling(name):
    """A field day_gte is the parameter day.gte (api.md 13; services/chassis/json_decode.c reads it so)."""
    return re.sub(r"_(gte|gt|lte|lt|ne)$", r".\1", name)


def takes_key(route):
    return route.method == "post" and route.idempotency != "NONE"


def describe(*parts):
    text = " ".join(p for p in parts if p)
    return {"description": text} if text else {}


class Document:
    def __init__(self, contract):
        self.contract, self.schemas, self.used_security = contract, {}, {}
        self.owners = {}  # component name -> what it was made of
        self.statuses = {f.name: f.data.status for f in contract.faults}

    # ---- schemas ----
    def enum_schema(self, enum):
        name = self.component(enum.package, enum.name, enum)
        if name not in self.schemas:
            values = [v for v in enum.values if v.number or not v.name.endswith("_UNSPECIFIED")]
            self.schemas[name] = {"type": "string", "enum": [v.json for v in values]}
            labels = {v.json: self.contract.options.get(v.proto.options, "label") for v in values}
            told = {k: {"zh": t.zh, "en": t.en} for k, t in labels.items() if t}
            if told:
                self.schemas[name]["x-labels"] = told
        return {"$ref": f"#/components/schemas/{name}"}

    def component(self, package, name, owner, *suffixes):
        """A free component name; a further suffix is taken where another schema has it."""
        candidate = f"{package}.{name}"
        for suffix in ("", *suffixes):
            candidate += suffix
            if self.owners.setdefault(candidate, owner) == owner:
                return candidate
        raise AssertionError(candidate)

    def scalar(self, field, is_input):
        kind, rule = field.proto.type, field.rule
        if field.enum:
            return self.enum_schema(field.enum)
        if kind == FD.TYPE_BOOL:
            return {"type": "boolean"}
        if kind == FD.TYPE_BYTES:
            return {"type": "string", "contentEncoding": "base64"}
        if field.is_integer:
            low = 0 if kind in UNSIGNED else -2 ** 31 if kind in INT32 else -MAX_SAFE_INTEGER
            high = 2 ** 31 - 1 if kind in INT32 else 2 ** 32 - 1 if kind in (FD.TYPE_UINT32, FD.TYPE_FIXED32) else MAX_SAFE_INTEGER
            return {"type": "integer", "format": "int32" if kind in INT32 else "int64",
                    "minimum": rule.min if rule and rule.HasField("min") else low,
                    "maximum": rule.max if rule and rule.HasField("max") else high}
        return self.string(field, is_input)

    @staticmethod
    def string(field, is_input):
        out, rule = {"type": "string"}, field.rule
        if not is_input and field.mask != "MASK_NONE":
            return out  # what comes masked has neither format nor length
        out.update(FORMATS[field.format])
        if field.secret:
            out["format"] = "password"
        if is_input:
            if rule and rule.min_len:
                out["minLength"] = rule.min_len
            if "format" not in out or field.secret:
                out["maxLength"] = rule.max_len if rule and rule.max_len else MAX_STRING
        return out

    def field(self, field, is_input, is_patch=False):
        if field.typed_map:
            inner = self.typed_map(field, is_input, is_patch)
            return {**inner, **self.notes(field, inner)}
        if field.sub:
            inner = self.message(field.sub, is_input)
        else:
            inner = self.scalar(field, is_input)
        if field.repeated:
            inner = {"type": "array", "items": inner}
            if is_input:
                inner["maxItems"] = field.rule.max_items if field.rule and field.rule.max_items else MAX_ITEMS
        if is_patch and not field.required:
            inner = {"anyOf": [inner, {"type": "null"}]}
        return {**inner, **self.notes(field, inner)}

    @staticmethod
    def typed_map(field, is_input, is_patch):
        """One object: its keys are declared by the tenant, so no document can name them."""
        kinds = ["string", "integer", "boolean", *(["null"] if is_patch else [])]
        out = {"type": "object", "additionalProperties": {"type": kinds}}
        if is_input:
            out["maxProperties"] = field.rule.max_items if field.rule and field.rule.max_items else MAX_ITEMS
        return {"anyOf": [out, {"type": "null"}]} if is_patch else out

    def notes(self, field, inner):
        out = {}
        if field.title:
            out["title"] = field.title.zh
        masked = f"Class {field.field_class}; comes masked or is left out by right." if field.sensitive else ""
        out.update(describe(field.title.en + "." if field.title and field.title.en else "",
                            inner.get("description", ""), field.comment, masked))
        if field.sensitive:
            out["x-class"] = field.field_class
            if field.mask != "MASK_NONE":
                out["x-mask"] = field.mask[len("MASK_"):]
        if field.dated:
            out["x-dated"] = True
        return out

    def message(self, message, is_input, route=None):
        """Reference to the schema of an answer, of a request body, or of a merge patch (route given)."""
        params = tuple(route.params) if route else ()
        is_patch = bool(route and route.method == "patch")
        fields = [f for f in message.fields if not f.internal]
        if is_input:
            fields = [f for f in fields if not f.output_only and f.name not in params]
        suffix = "" if not is_input or message.name.endswith("Request") else "Patch" if is_patch else "Input"
        owner = (message.full_name, is_input, is_patch, tuple(f.name for f in fields))
        name = self.component(message.package, message.name + suffix, owner, f".{route.rpc}" if route else ".Nested")
        if name not in self.schemas:
            self.schemas[name] = {}  # stands while the fields are walked
            self.schemas[name] = self.object(message, fields, is_input, is_patch)
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, message, fields, is_input, is_patch):
        out = {"type": "object", **describe(message.comment),
               "properties": {f.name: self.field(f, is_input, is_patch) for f in fields}}
        required = [f.name for f in fields if f.required]
        if is_input:
            if required and not is_patch:
                out["required"] = required
            out["additionalProperties"] = False
        return out

    # ---- operations ----
    def operation(self, route):
        out = {"operationId": route.name, "tags": [f"{route.package}.{route.service}"]}
        if route.summary:
            out["summary"] = f"{route.summary.zh} {route.summary.en}".strip()
            out["x-summary"] = {"zh": route.summary.zh, "en": route.summary.en}
        out.update(describe(route.comment))
        parameters = self.parameters(route)
        if parameters:
            out["parameters"] = parameters
        if route.has_body:
            body = self.request_body(route)
            if body:
                out["requestBody"] = body
        faults = self.faults(route)
        out["responses"] = {str(route.http.status): self.success(route), **self.problems(faults)}
        out["security"] = self.security(route)
        if route.permission:
            out["x-permission"] = route.permission
        if route.http.states:
            out["x-states"] = list(route.http.states)
        out["x-faults"] = list(route.faults)
        return out

    def parameters(self, route):
        out = [self.parameter(route.input.by_name[p], "path") for p in route.params]
        if not route.has_body or route.body == "RAW":
            out += [self.parameter(f, "query") for f in route.input.fields
                    if f.name not in route.params and not f.internal and not f.output_only]
        if takes_key(route):
            out.append(self.ref("IdempotencyKeyRequired" if route.idempotency == "KEY_REQUIRED" else "IdempotencyKey"))
        if route.http.if_match:
            out.append(self.ref("IfMatch"))
        # Not where no answer is stored: sign-in, reveal and codes leave a trace of every try.
        if route.method == "patch" or takes_key(route):
            out.append(self.ref("ValidateOnly"))
        return out

    @staticmethod
    def ref(name):
        return {"$ref": f"#/components/parameters/{name}"}

    def parameter(self, field, where):
        schema = self.field(field, True)
        out = {"name": spelling(field.name) if where == "query" else field.name, "in": where, "required": where == "path" or field.required, "schema": schema}
        if field.repeated:
            out.update({"style": "form", "explode": False})
            if schema.get("items") == {"type": "string"} or "maxLength" in schema.get("items", {}):
                out["description"] = "Items are separated by commas. A comma inside of one is written \\, and a backslash before it \\\\."
        return out

    def request_body(self, route):
        if route.body == "FORM":
            return {"required": True, "content": {BODY_TYPES["FORM"]: {"schema": self.message(route.input, True, route)}}}
        if route.body != "JSON":
            return {"required": True, "content": {BODY_TYPES[route.body]: {}}}
        sent = [f for f in route.input.fields if not (f.internal or f.output_only or f.name in route.params)]
        if not sent:
            return None
        content = {"schema": self.message(route.input, True, route)}
        if route.example is not None:
            content["example"] = json.loads(route.example)
        kind = "application/merge-patch+json" if route.method == "patch" else "application/json"
        needed = route.method == "patch" or any(f.required for f in sent)
        return {"required": needed, "content": {kind: content}}

    def success(self, route):
        out = {"description": "done" if route.http.status != 202 else "accepted"}
        headers = {}
        if "etag" in route.output.by_name:
            headers["ETag"] = {"schema": {"type": "string"}}
        if route.http.location:
            headers["Location"] = {"schema": {"type": "string"}, "description": route.http.location}
        if takes_key(route):
            headers["Idempotency-Replayed"] = {"schema": {"type": "string", "enum": ["true"]}}
        if headers:
            out["headers"] = headers
        if route.answer != "ANSWER_JSON":
            out["content"] = {ANSWER_TYPES[route.answer]: {}}
        elif route.http.status != 204:
            out["content"] = {"application/json": {"schema": self.message(route.output, False)}}
        return out

    def faults(self, route):
        common = [code for applies, codes in COMMON_FAULTS if applies(route) for code in codes]
        return [*route.faults, *(c for c in common if c not in route.faults)]

    def problems(self, codes):
        by_status = {}
        for code in codes:
            if code in self.statuses:
                by_status.setdefault(self.statuses[code], []).append(code)
        return {str(s): {"description": ", ".join(by_status[s]),
                         "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
                for s in sorted(by_status)}

    def security(self, route):
        if route.auth == "PUBLIC":
            return []
        name, scheme = SECURITY[route.auth]
        self.used_security[name] = scheme
        return [{name: []}]

    def render(self):
        paths = {}
        for route in sorted((r for r in self.contract.routes if not r.http.internal), key=lambda r: r.url):
            paths.setdefault(route.url, {})[route.method] = self.operation(route)
        codes = {f.name: {"status": f.data.status, "zh": f.data.zh, "en": f.data.en} for f in self.contract.faults}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Renhe (人和)", "version": "1", "description": "People work of a company, behind one door."},
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {"schemas": {"Problem": PROBLEM, **dict(sorted(self.schemas.items()))},
                           "parameters": PARAMETERS, "securitySchemes": dict(sorted(self.used_security.items()))},
            "x-fault-codes": dict(sorted(codes.items())),
        }


def document(contract):
    return Document(contract).render()
