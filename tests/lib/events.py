"""Reads topics as an outside system would: kcat for the bytes, protoc's descriptors for the values."""
import functools
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

PROTO = Path(__file__).resolve().parents[2] / "proto"
# Lengths first, so that keys and values may hold any byte.
FORMAT = "%t %p %o %K %S\\n%h\\n%k%s"


@dataclass
class Event:
    topic: str
    partition: int
    offset: int
    headers: dict
    key: bytes
    value: bytes  # None = a tombstone

    @property
    def type(self):
        return self.headers.get("ce_type")

    @property
    def sequence(self):
        return int(self.headers["ce_sequence"])


def read(config, topic, offset="beginning", key=None):
    """Every record of a topic that stands there now, in the order of each partition."""
    cmd = ["kcat", "-q", "-F", config, "-C", "-t", topic, "-o", str(offset), "-e", "-f", FORMAT]
    done = subprocess.run(cmd, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    found = list(parse(done.stdout))
    return [e for e in found if key is None or e.key == key.encode()]


def count(config, topic):
    """How many records were ever written: by the last one of each partition, whatever compaction leaves."""
    cmd = ["kcat", "-q", "-F", config, "-C", "-t", topic, "-o", "-1", "-e", "-f", "%p %o\n"]
    done = subprocess.run(cmd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    last = dict(sorted(tuple(map(int, line.split())) for line in done.stdout.splitlines()))
    return sum(offset + 1 for offset in last.values())


def parse(data):
    """By places, not by what is left: a topic of many records would be copied once for each."""
    at = 0
    while at < len(data):
        lines = data.index(b"\n", at)
        headers = data.index(b"\n", lines + 1)
        topic, partition, offset, n_key, n_value = data[at:lines].decode().split(" ")
        k, v = max(int(n_key), 0), max(int(n_value), 0)
        key, at = headers + 1, headers + 1 + k + v
        value = None if int(n_value) < 0 else data[key + k:at]
        yield Event(topic, int(partition), int(offset), header_map(data[lines + 1:headers].decode()), data[key:key + k], value)


def header_map(text):
    return dict(pair.split("=", 1) for pair in text.split(",") if "=" in pair)


@functools.lru_cache(maxsize=None)
def pool():
    files = sorted(str(p.relative_to(PROTO)) for p in PROTO.glob("renhe/**/*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "set")
        subprocess.run(["protoc", "-I", str(PROTO), "--include_imports", f"--descriptor_set_out={out}",
                        *files], check=True)
        described = descriptor_pb2.FileDescriptorSet.FromString(Path(out).read_bytes())
    made = descriptor_pool.DescriptorPool()
    for one in described.file:
        made.Add(one)
    return made


def decode(full_name, value):
    """The value as a dict with the names of the contract: decode("renhe.archive.EmployeeHired", v)."""
    kind = pool().FindMessageTypeByName(full_name)
    message = message_factory.MessageFactory(pool()).GetPrototype(kind)()
    message.ParseFromString(value)
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def encode(full_name, fields):
    """The bytes of a value given as decode() gives it."""
    kind = pool().FindMessageTypeByName(full_name)
    message = message_factory.MessageFactory(pool()).GetPrototype(kind)()
    return json_format.ParseDict(fields, message).SerializeToString()
