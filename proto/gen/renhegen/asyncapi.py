"""The event catalogue, AsyncAPI 3.0: a channel per topic, a message per event with its JSON form, its
headers, and a sample as JSON and as the bytes that go over the wire."""
import hashlib

from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FD

from . import catalogue
from .model import ROOT, enum_name
from .openapi import Document

KINDS = {"writer": "send", "reader": "receive"}
SAMPLES = {"DATE": "2026-03-01", "TIME": "2026-03-01T00:30:00.000001Z", "ZONE": "Asia/Shanghai", "CODE": "S001",
           "SIGN_IN_NAME": "D0001", "EMAIL": "li.lei@example.com"}
# CloudEvents 1.0 in Kafka's binary mode; sequence only where the aggregate counts its facts.
HEADERS = {
    "ce_specversion": {"const": "1.0"}, "ce_id": {"format": "uuid"}, "ce_source": {"pattern": "^/renhe/[a-z]+$"},
    "ce_type": {}, "ce_subject": {}, "ce_aggregate": {}, "ce_time": {"format": "date-time"},
    "ce_traceparent": {}, "ce_tenant": {"format": "uuid"}, "ce_sequence": {"pattern": "^[0-9]+$"},
    "ce_actor": {}, "ce_cause": {}, "content-type": {"const": "application/protobuf"},
}
OPTIONAL_HEADERS = {"ce_traceparent", "ce_actor", "ce_cause"}


def sample_text(field):
    """The same in every run, and another for each field."""
    if field.format == "UUID":
        digits = hashlib.sha256(field.name.encode()).hexdigest()
        return f"01a1f3c0-8a00-7{digits[:3]}-8{digits[3:6]}-{digits[6:18]}"
    return SAMPLES.get(field.format) or (field.title.zh if field.title and field.title.zh else field.name)


def sample_value(field):
    """(the JSON form, what the message is set to)"""
    if field.sub:
        inner = {f.name: sample_value(f) for f in field.sub.fields if not f.internal}
        return {n: v[0] for n, v in inner.items()}, {n: v[1] for n, v in inner.items()}
    if field.enum:
        value = next((v for v in field.enum.values if v.number), field.enum.values[0])
        return value.json, value.number
    if field.proto.type == FD.TYPE_BOOL:
        return True, True
    if field.proto.type == FD.TYPE_BYTES:
        return "AQI=", b"\x01\x02"
    value = field.number if field.is_integer else sample_text(field)
    return value, value


def fill(message, fields, values):
    for field in fields:
        if field.internal:
            continue
        value = values[field.name]
        if field.sub:
            target = getattr(message, field.name)
            fill(target.add() if field.repeated else target, field.sub.fields, value)
        elif field.repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def in_lists(fields, values):
    """The JSON form again, with a repeated field as a list of the one value."""
    out = {}
    for field in fields:
        if field.internal:
            continue
        value = in_lists(field.sub.fields, values[field.name]) if field.sub else values[field.name]
        out[field.name] = [value] if field.repeated else value
    return out


class Catalogue(Document):
    def __init__(self, contract):
        super().__init__(contract)
        self.topics = {t.data.name: t for t in contract.topics}
        self.factory = message_factory.MessageFactory(contract.options.pool)

    def sample(self, message):
        values = {f.name: sample_value(f) for f in message.fields if not f.internal}
        made = self.factory.GetPrototype(self.contract.options.pool.FindMessageTypeByName(message.full_name))()
        fill(made, message.fields, {n: v[1] for n, v in values.items()})
        return (in_lists(message.fields, {n: v[0] for n, v in values.items()}),
                made.SerializeToString(deterministic=True).hex())

    def headers(self, event):
        names = [n for n in HEADERS if not (n == "ce_sequence" and event.unsequenced)]
        properties = {n: {"type": "string", **HEADERS[n]} for n in names}
        properties["ce_type"]["const"], properties["ce_aggregate"]["const"] = event.type, event.aggregate
        return {"type": "object", "properties": properties,
                "required": [n for n in names if n not in OPTIONAL_HEADERS]}

    def event(self, message):
        event, (payload, wire) = message.event, self.sample(message)
        title = event.title if event.HasField("title") else None
        return {
            "name": event.type, "title": f"{title.zh} {title.en}".strip() if title else event.type,
            **({"summary": message.comment} if message.comment else {}),
            "contentType": "application/protobuf", "headers": self.headers(event),
            "payload": self.message(message, False),
            "examples": [{"name": "sample", "payload": payload, "x-protobuf-hex": wire}],
            "x-protobuf-message": message.full_name, "x-protobuf-file": message.file.name,
            "x-aggregate": event.aggregate, "x-subject": event.subject,
            "x-key": f"{{tenant}}/{{{event.key}}}", **self.sealed(self.topics[event.topic]),
        }

    @staticmethod
    def sealed(topic):
        """Of sealed topics payload and sample are what a consumer finds inside its envelope."""
        to = list(topic.data.sealed_to)
        return {"x-sealed-to": to, "x-sealed-in": f"{ROOT}.SealedValue"} if to else {}

    def channel(self, topic):
        data, events = topic.data, [m for m in self.contract.events if m.event.topic == topic.data.name]
        config = {k: v if k == "cleanup.policy" else int(v) for k, v in catalogue.topic_config(data).items()}
        config["cleanup.policy"] = [config["cleanup.policy"]]
        return {
            "address": data.name,
            "messages": {m.event.type: {"$ref": f"#/components/messages/{m.event.type}"} for m in events},
            "bindings": {"kafka": {"topic": data.name, "partitions": data.partitions,
                                   "topicConfiguration": config, "bindingVersion": "0.5.0"}},
            "x-key": data.key, "x-lane": enum_name(data, "lane"), "x-small-partitions": data.small_partitions,
            "x-on-duplicate": data.on_duplicate, "x-on-stale": data.on_stale, "x-on-missing": data.on_missing,
            **({"x-merge-field": data.merge_field} if data.merge_field else {}), **self.sealed(topic),
        }

    def operations(self, topic):
        for kind, action in KINDS.items():
            named = getattr(topic.data, kind)
            for who in [named] if kind == "writer" else named:
                yield f"{who}.{action}.{topic.data.name}", {
                    "action": action, "channel": {"$ref": f"#/channels/{topic.data.name}"}, "x-principal": who}

    def render(self):
        messages = {m.event.type: self.event(m) for m in self.contract.events}
        topics = self.contract.topics
        return {
            "asyncapi": "3.0.0",
            "info": {"title": "Renhe (人和): events", "version": "1", "description":
                     "Facts and snapshots on Kafka: CloudEvents 1.0 in binary mode, protobuf values. At least once; "
                     "in order per key and aggregate by ce_sequence; no personal data but sealed to a named consumer (x-sealed-to)."},
            "defaultContentType": "application/protobuf",
            "servers": {"kafka": {"host": "{host}:{port}", "protocol": "kafka-secure", "variables": {
                "host": {"default": "localhost"}, "port": {"default": "8110"}},
                "security": [{"$ref": "#/components/securitySchemes/plain"}]}},
            "channels": {t.data.name: self.channel(t) for t in topics},
            "operations": dict(pair for t in topics for pair in self.operations(t)),
            "components": {"messages": messages, "schemas": dict(sorted(self.schemas.items())),
                           "securitySchemes": {"plain": {"type": "plain", "description": "SASL/PLAIN, a principal per program"}}},
        }


def document(contract):
    return Catalogue(contract).render()
