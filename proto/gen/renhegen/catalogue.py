"""What other programs read of the contract: topics and ACLs, the policy, an index of names, the
shape of events."""
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FD

from .model import ROOT, enum_name, enum_names

HOUR_MS = 3600 * 1000
# A tombstone must reach the disk within a day (erasure), so compaction may not lag longer.
COMPACT_CONFIG = {"cleanup.policy": "compact", "max.compaction.lag.ms": str(24 * HOUR_MS),
                  "delete.retention.ms": str(24 * HOUR_MS)}


def topic_config(data):
    if enum_name(data, "policy") == "COMPACT":
        return dict(COMPACT_CONFIG)
    return {"cleanup.policy": "delete", "retention.ms": str(data.retention_hours * HOUR_MS)}


def topics(contract):
    """Broker settings: the topics with their configuration, and the ACLs of every principal."""
    rows, acls, groups = [], [], {}

    def allow(principal, kind, name, operation):
        acls.append({"principal": f"User:{principal}", "resource_type": kind, "resource_name": name,
                     "pattern_type": "LITERAL", "operation": operation, "permission": "ALLOW"})

    for topic in contract.topics:
        data = topic.data
        rows.append({
            "name": data.name, "key": data.key, "partitions": data.partitions,
            "small_partitions": data.small_partitions, "cleanup_policy": enum_name(data, "policy").lower(),
            "retention_hours": data.retention_hours or None, "lane": enum_name(data, "lane"),
            "writer": data.writer, "readers": list(data.reader), "sealed_to": list(data.sealed_to), "config": topic_config(data),
            "on_duplicate": data.on_duplicate, "on_stale": data.on_stale, "on_missing": data.on_missing,
            "merge_field": data.merge_field or None,
            "events": [m.event.type for m in contract.events if m.event.topic == data.name]})
        for operation in ("WRITE", "DESCRIBE"):
            allow(data.writer, "TOPIC", data.name, operation)
        for reader in data.reader:
            groups[reader] = True
            for operation in ("READ", "DESCRIBE"):
                if not (reader == data.writer and operation == "DESCRIBE"):
                    allow(reader, "TOPIC", data.name, operation)
    for reader in groups:  # called after their principal, one per lane: deploy/kafka/setup.c grants these two
        for group in (reader, f"{reader}.urgent"):
            allow(reader, "GROUP", group, "READ")
    return {"topics": rows, "acls": acls,
            "principals": sorted({a["principal"][len("User:"):] for a in acls})}


def policy(contract):
    """permission -> role -> cells and denial; and which route asks for which permission."""
    roles = [v.name for n, v in sorted(contract.vocabulary("Role").items()) if n]
    table = {}
    for permission in contract.permissions:
        denials = {r: enum_name(d, "denial") for d in permission.denials for r in enum_names(d, "role")}
        table[permission.name] = {role: {"cells": [], "denial": denials.get(role, "DENY_FORBIDDEN")} for role in roles}
        for cell in permission.cells:
            for role in enum_names(cell, "role"):
                table[permission.name][role]["cells"].append({
                    "scope": enum_name(cell, "scope"), "clear": enum_names(cell, "clear"),
                    "masked": enum_names(cell, "masked"), "change": enum_names(cell, "change"), "where": cell.where,
                    "step_up": cell.step_up, "pending": cell.pending, "decides": cell.decides})
    routes = [{"name": r.name, "method": r.method.upper(), "path": r.url, "auth": r.auth,
               "permission": r.permission, "internal": r.http.internal, "if_match": r.http.if_match,
               "idempotency": r.idempotency, "status": r.http.status, "step_up": r.http.step_up,
               "states": list(r.http.states), "faults": list(r.faults)} for r in contract.routes]
    return {"roles": roles, "permissions": table, "routes": routes}


def type_name(field):
    if field.sub:
        return field.sub.full_name
    if field.enum:
        return f"{ROOT}.{field.enum.package}.{field.enum.name}" if field.enum.package != ROOT else f"{ROOT}.{field.enum.name}"
    return FD.Type.Name(field.proto.type)[len("TYPE_"):].lower()


def index(contract):
    """Names that the SQL generator holds the queries against."""
    messages = {}
    for message in contract.messages.values():
        messages[f"{message.package}.{message.name}"] = {
            "symbol": f"RULE_{message.symbol}",
            "fields": {f.name: {"message": f"{f.sub.package}.{f.sub.name}" if f.sub else None,
                                "index": bool(f.sensitive and f.sensitive.index)} for f in message.fields}}
    return {"messages": messages, "faults": {f.name: f.package for f in contract.faults}}


def events(contract):
    """The shape of everything that goes out as an event: what may only grow."""
    out = {"events": {}, "messages": {}, "enums": {}}

    def take(message):
        if message.full_name in out["messages"]:
            return
        fields = {}
        out["messages"][message.full_name] = {"fields": fields, "reserved": sorted(
            n for r in message.proto.reserved_range for n in range(r.start, min(r.end, r.start + 1000)))}
        for field in message.fields:
            fields[str(field.number)] = {"name": field.name, "type": type_name(field), "repeated": field.repeated}
            if field.sub:
                take(field.sub)
            if field.enum:
                out["enums"][type_name(field)] = {str(v.number): v.name for v in field.enum.values}

    for message in contract.events:
        event = message.event
        out["events"][event.type] = {"message": message.full_name, "topic": event.topic, "aggregate": event.aggregate,
                                     "subject": event.subject, "key": event.key, "unsequenced": event.unsequenced}
        take(message)
    return out
