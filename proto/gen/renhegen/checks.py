"""What the contract must hold. Every breach is collected, so that one build names them all."""
import json
import re
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FD

from . import names
from .model import ROOT, ContractError, enum_name, enum_names, text_of

# Enums of access.proto whose zero is a value of its own.
ZERO_IS_A_VALUE = {"FieldClass", "Denial"}
REFUSED_TYPES = {FD.TYPE_DOUBLE: "double", FD.TYPE_FLOAT: "float", FD.TYPE_GROUP: "group"}
STATUSES = range(400, 600)


class Checker:
    def __init__(self, contract):
        self.contract, self.breaches = contract, []
        self.fault_codes = {}

    def breach(self, element, name, text):
        self.breaches.append(f"{element.where}: {name}: {text}")

    def run(self):
        self.check_files()
        self.check_faults()
        self.check_policy()
        self.check_topics()
        for enum in self.contract.enums.values():
            self.check_enum(enum)
        for message in self.contract.messages.values():
            self.check_message(message)
        self.check_recursion()
        self.check_events()
        self.check_routes()
        if self.breaches:
            raise ContractError("\n".join(self.breaches))

    # ---- files, faults, policy, topics ----
    def check_files(self):
        for file in self.contract.files:
            if file.syntax not in ("", "proto2"):
                self.breaches.append(f"{file.name}: syntax {file.syntax}: must be proto2")

    def check_faults(self):
        for fault in self.contract.faults:
            first = self.fault_codes.setdefault(fault.name, fault)
            if first is not fault:
                self.breach(fault, fault.name, f"this fault code stands at {first.where} already; codes are global")
            if not fault.data or not (fault.data.status and fault.data.zh and fault.data.en):
                self.breach(fault, fault.name, "a fault needs fault_def with status, zh and en")
            elif fault.data.status not in STATUSES:
                self.breach(fault, fault.name, f"status {fault.data.status} is none of a fault")

    def check_policy(self):
        roles = self.contract.vocabulary("Role")
        if sorted(roles) != list(range(len(roles))) or len(roles) > 16:
            self.breaches.append("renhe/access.proto: Role: numbers must be 0.. without gaps, at most 16")
        for permission in self.contract.permissions:
            if not permission.cells:
                self.breach(permission, permission.name, "has no cell: nobody could ever use it")
            seen = set()
            for cell in permission.cells:
                self.check_cell(permission, cell, seen)
            denied = [r for deny in permission.denials for r in enum_names(deny, "role")]
            for role in sorted({r for r in denied if denied.count(r) > 1}):
                self.breach(permission, permission.name, f"two denials for {role}")

    def check_cell(self, permission, cell, seen):
        clear, masked = set(enum_names(cell, "clear")), set(enum_names(cell, "masked"))
        if not cell.role or "ROLE_UNSPECIFIED" in enum_names(cell, "role"):
            self.breach(permission, permission.name, "a cell without a role")
        if enum_name(cell, "scope") == "SCOPE_UNSPECIFIED":
            self.breach(permission, permission.name, "a cell without a scope")
        if "PLAIN" in clear | masked:
            self.breach(permission, permission.name, "PLAIN needs no mention in a cell")
        for both in sorted(clear & masked):
            self.breach(permission, permission.name, f"{both} is both clear and masked in one cell")
        if cell.decides and not cell.pending:
            self.breach(permission, permission.name, "decides without pending: a cell that acts at once decides anyway")
        if cell.where:
            self.check_where(permission, cell)
        for role in enum_names(cell, "role"):
            if (role, cell.scope) in seen:
                self.breach(permission, permission.name, f"two cells for {role} and {enum_name(cell, 'scope')}")
            seen.add((role, cell.scope))

    def check_where(self, permission, cell):
        """The condition names a value of an enum field of what the permission's routes answer."""
        name, _, value = cell.where.partition("=")
        routes = [r for r in self.contract.routes if r.permission == permission.name]
        fields = [r.output.by_name[name] for r in routes if name in r.output.by_name]
        if routes and not any(f.enum and value in {v.json for v in f.enum.values} for f in fields):
            self.breach(permission, permission.name, f"where: no route answers a field with {cell.where!r}")

    def check_topics(self):
        seen = {}
        for topic in self.contract.topics:
            data = topic.data
            if seen.setdefault(data.name, topic) is not topic:
                self.breach(topic, data.name, "two topics of this name")
            for need in ("name", "key", "partitions", "writer", "on_duplicate", "on_stale", "on_missing"):
                if not getattr(data, need):
                    self.breach(topic, data.name, f"a topic needs '{need}'")
            compact = enum_name(data, "policy") == "COMPACT"
            if compact == bool(data.retention_hours):
                self.breach(topic, data.name, "a topic needs either policy COMPACT or retention_hours")
            if data.daily_record and not compact:
                self.breach(topic, data.name, "daily_record is for compaction: a topic of policy DELETE needs none")
            self.check_sealed(topic, compact)

    def check_sealed(self, topic, compact):
        """Named alike, so that nobody takes one for the other; erasure has no way into a topic but compaction."""
        data = topic.data
        if data.name.endswith("_private.v1") != bool(data.sealed_to):
            self.breach(topic, data.name, "a topic is called *_private.v1 if and only if it has sealed_to")
        if data.sealed_to and not compact:
            self.breach(topic, data.name, "a sealed topic needs policy COMPACT: a tombstone is how a value is erased")
        for who in data.sealed_to:
            if who not in data.reader:
                self.breach(topic, data.name, f"sealed to {who}, who may not read it")
        if len(set(data.sealed_to)) != len(data.sealed_to):
            self.breach(topic, data.name, "sealed to one consumer twice")

    # ---- enums and messages ----
    def check_enum(self, enum):
        where = f"enum {enum.name}"
        if not re.fullmatch(r"([A-Z][a-z0-9]+)+", enum.name):
            self.breach(enum, where, "an enum's name has no two capitals in a row and no underscore")
        zero = enum.values[0]
        if zero.number != 0 or (not zero.name.endswith("_UNSPECIFIED") and enum.name not in ZERO_IS_A_VALUE):
            self.breach(zero, f"{where}.{zero.name}", "the first value must be 0 and end in _UNSPECIFIED")
        if enum.proto.options.allow_alias:
            self.breach(enum, where, "allow_alias: two names for one number have no one JSON name")
        if enum.package == ROOT:
            return
        for value in enum.values:
            if not value.name.startswith(names.upper(enum.name) + "_"):
                self.breach(value, f"{where}.{value.name}", f"must begin with {names.upper(enum.name)}_")

    def check_message(self, message):
        if message.proto.options.map_entry:
            return
        if message.proto.oneof_decl:
            self.breach(message, f"message {message.full_name}", "oneof is not carried by the tables")
        for field in message.fields:
            self.check_field_type(field)
            if field.rule:
                self.check_rule(field)
            if field.sensitive:
                self.check_sensitive(field)
        self.check_titles(message)

    def check_titles(self, message):
        """Import finds a column by its title and export heads it with it: one title, one field."""
        first = {}
        for field in message.fields:
            for lang in ("zh", "en"):
                said = getattr(field.title, lang, None) if field.title else None
                other = first.setdefault((lang, said.casefold()), field) if said else field
                if other is not field:
                    self.breach(field, self.field_name(field), f"title {lang} '{said}' is that of {other.name} at "
                                                               f"{other.where}; columns of files are told apart by it")

    def check_field_type(self, field):
        where = self.field_name(field)
        if field.proto.label == FD.LABEL_REQUIRED:
            self.breach(field, where, "'required' can never be taken back: use optional and (rule).required")
        if field.proto.type in REFUSED_TYPES:
            self.breach(field, where, f"type {REFUSED_TYPES[field.proto.type]} is not carried by the tables")
        if field.sub and field.sub.proto.options.map_entry:
            self.breach(field, where, "a map may hold a key twice on the wire: use a repeated message")
        is_typed = bool(field.sub) and field.sub.full_name == "renhe.TypedValue"
        if not field.typed_map == is_typed == (is_typed and field.repeated):
            self.breach(field, where, "(typed_map) goes with repeated renhe.TypedValue, and that with (typed_map)")
        if field.proto.HasField("default_value"):
            self.breach(field, where, "a default hides 'not sent' from 'sent': leave it to the handler")
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name):
            self.breach(field, where, "field names are snake_case; they are the names in JSON and SQL")
        if field.proto.type == FD.TYPE_MESSAGE and not field.sub:
            self.breach(field, where, f"type {field.proto.type_name} is not in proto/renhe")

    def check_rule(self, field):
        rule, where = field.rule, self.field_name(field)
        if not field.is_string and (field.format != "ANY" or rule.min_len or rule.max_len or rule.multiline):
            self.breach(field, where, "format, min_len, max_len and multiline are rules of strings")
        if not field.is_integer and (rule.HasField("min") or rule.HasField("max")):
            self.breach(field, where, "min and max are rules of integers")
        if rule.HasField("min") and rule.HasField("max") and rule.min > rule.max:
            self.breach(field, where, f"min {rule.min} is above max {rule.max}")
        if rule.max_len and rule.min_len > rule.max_len:
            self.breach(field, where, f"min_len {rule.min_len} is above max_len {rule.max_len}")
        if rule.max_items and not field.repeated:
            self.breach(field, where, "max_items is a rule of repeated fields")
        if rule.required and (rule.output_only or rule.internal):
            self.breach(field, where, "no caller can send it: required goes with neither output_only nor internal")

    def check_sensitive(self, field):
        data, where = field.sensitive, self.field_name(field)
        if field.field_class == "PLAIN":
            self.breach(field, where, "(sensitive) needs a class other than PLAIN")
        if field.mask != "MASK_NONE" and not field.is_string:
            self.breach(field, where, "only strings can be masked")
        if field.seal is None:
            if data.index or data.subject:
                self.breach(field, where, "subject and index belong to a sealed field")
            return
        if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", field.seal):
            self.breach(field, where, f"seal '{field.seal}' must be 'table.column'")
        if not (field.is_string or field.is_integer) or field.repeated:
            self.breach(field, where, "only a single string or integer can be sealed")
        subject = field.message.by_name.get(data.subject)
        if not data.subject:
            self.breach(field, where, "a seal needs subject: the field that holds the person id")
        elif not subject or not subject.is_string or subject.repeated:
            self.breach(field, where, f"subject '{data.subject}' is no string field of {field.message.full_name}")

    @staticmethod
    def field_name(field):
        return f"field {field.message.full_name}.{field.name}"

    def check_recursion(self):
        done = set()
        for message in self.contract.messages.values():
            self._walk(message, [], done)

    def _walk(self, message, trail, done):
        if message in trail:
            ring = " -> ".join(m.name for m in [*trail[trail.index(message):], message])
            self.breach(message, f"message {message.full_name}", f"recursive messages are refused: {ring}")
            return
        if message in done:
            return
        for field in message.fields:
            if field.sub:
                self._walk(field.sub, [*trail, message], done)
        done.add(message)

    # ---- events ----
    def check_events(self):
        topics = {t.data.name: t for t in self.contract.topics}
        types = {}
        for message in self.contract.events:
            where = f"event {message.full_name}"
            event = message.event
            if types.setdefault(event.type, message) is not message:
                self.breach(message, where, f"type {event.type} belongs to {types[event.type].full_name}")
            if not re.fullmatch(rf"renhe\.{message.package}\.[a-z0-9_.]+\.v[0-9]+", event.type):
                self.breach(message, where, f"type '{event.type}' must be renhe.{message.package}.<...>.v<n>")
            if not event.aggregate:
                self.breach(message, where, "needs aggregate")
            for role in ("subject", "key"):
                field = message.by_name.get(getattr(event, role))
                if not field or not field.is_string or field.repeated:
                    self.breach(message, where, f"{role} '{getattr(event, role)}' is no string field of it")
            self.check_event_topic(message, where, topics.get(event.topic))

    def check_event_topic(self, message, where, topic):
        if not topic:
            self.breach(message, where, f"topic '{message.event.topic}' is in no list of topics")
            return
        if topic.data.writer != message.package:
            self.breach(message, where, f"topic {topic.data.name} is written by {topic.data.writer}, not {message.package}")
        if enum_name(topic.data, "policy") == "COMPACT" and not message.event.unsequenced:
            self.breach(message, where, "compaction makes gaps: events of a compacted topic must be unsequenced")
        if not topic.data.sealed_to:
            self.check_no_secrets(message, message, where, set())

    def check_no_secrets(self, event, message, where, seen):
        """Neither in the event nor in anything it holds."""
        if message in seen:
            return
        seen.add(message)
        for field in message.fields:
            if field.field_class != "PLAIN" or field.secret:
                what = f"{field.field_class} data" if field.sensitive else "a secret"
                self.breach(field, where, f"{self.field_name(field)} is {what}: only a sealed topic may carry it")
            if field.sub:
                self.check_no_secrets(event, field.sub, where, seen)

    # ---- routes ----
    def check_routes(self):
        permissions = {p.name for p in self.contract.permissions}
        seen, handlers = {}, {}
        for route in self.contract.routes:
            where = f"rpc {route.service}.{route.rpc}"
            if handlers.setdefault(route.handler, route) is not route:
                self.breach(route, where, f"rpc of this name stands at {handlers[route.handler].where}")
            if len(route.methods) != 1 or route.proto.client_streaming or route.proto.server_streaming:
                self.breach(route, where, "needs option (http) with exactly one of get, post, patch, put, delete, and no streams")
                continue
            if seen.setdefault(route.shape, route) is not route:
                other = seen[route.shape]
                self.breach(route, where, f"{route.method.upper()} {route.url} is the route of {other.name} ({other.where})")
            self.check_permission(route, where, permissions)
            self.check_path(route, where)
            self.check_route_input(route, where)
            self.check_route_answer(route, where)
            self.check_route_faults(route, where)

    def check_permission(self, route, where, permissions):
        if route.auth == "JWT" and not route.permission:
            self.breach(route, where, "a route with a token needs a permission")
        if route.auth != "JWT" and route.permission:
            self.breach(route, where, f"a permission means nothing with auth {route.auth}")
        if route.permission and route.permission not in permissions:
            self.breach(route, where, f"permission '{route.permission}' is not in policy.proto")
        if route.auth == "INTERNAL_TOKEN" and not route.http.internal:
            self.breach(route, where, "auth INTERNAL_TOKEN is for internal routes")

    def check_path(self, route, where):
        if not re.fullmatch(r"(/([a-z0-9._-]+|\{[a-z0-9_]+\}))+(:[a-z][a-z0-9-]*)?", route.url):
            self.breach(route, where, f"path '{route.url}': segments are kebab-case or {{field}}, with one :verb at the end")
        if route.url.startswith("/internal/") != route.http.internal:
            self.breach(route, where, "internal routes, and no others, live under /internal/")
        for param in route.params:
            field = route.input.by_name.get(param)
            if not field:
                self.breach(route, where, f"path parameter {{{param}}} is no field of {route.input.full_name}")
            elif field.repeated or not (field.is_string or field.is_integer) or field.internal:
                self.breach(route, where, f"path parameter {{{param}}} must be a single public string or integer")

    def check_route_input(self, route, where):
        if not route.has_body or route.body == "RAW":
            for field in route.input.fields:
                if field.sub and not field.internal:
                    self.breach(field, where, f"'{field.name}' is a message and can't come from the query")
        if not route.has_body and route.http.HasField("body"):
            self.breach(route, where, f"{route.method.upper()} takes no body")
        if route.example is not None:
            self.check_example(route, where)

    def check_example(self, route, where):
        try:
            example = json.loads(route.example)
        except ValueError as error:
            self.breach(route, where, f"example is no JSON: {error}")
            return
        if not route.has_body or not isinstance(example, dict):
            self.breach(route, where, "an example is the JSON object of a request body")
            return
        for name in example:
            field = route.input.by_name.get(name)
            if not field or field.output_only or field.internal:
                self.breach(route, where, f"example: '{name}' can't be sent")

    def check_route_answer(self, route, where):
        if not 200 <= route.http.status < 300:
            self.breach(route, where, f"status {route.http.status} is no success")
        if route.http.status == 204 and route.output.full_name != f"{ROOT}.Empty":
            self.breach(route, where, "status 204 has no content: return renhe.Empty")
        for param in re.findall(r"\{([^}]*)\}", text_of(route.http, "location") or ""):
            if param not in route.output.by_name:
                self.breach(route, where, f"location: {{{param}}} is no field of {route.output.full_name}")
        if route.http.states:
            self.check_states(route, where)

    def check_states(self, route, where):
        state = route.output.by_name.get("state")
        if not state or not state.enum:
            self.breach(route, where, f"states need an enum field 'state' in {route.output.full_name}")
            return
        known = {v.json for v in state.enum.values}
        for name in route.http.states:
            if name not in known:
                self.breach(route, where, f"state '{name}' is no value of {state.enum.name}")

    def check_route_faults(self, route, where):
        for code in route.faults:
            fault = self.fault_codes.get(code)
            if not fault:
                self.breach(route, where, f"fault '{code}' is no value of an enum Fault")
            elif fault.package not in (ROOT, route.package):
                self.breach(route, where, f"fault '{code}' belongs to {fault.package}")
        if len(set(route.faults)) != len(route.faults):
            self.breach(route, where, "a fault is named twice")
