"""What clients saw, written down before and after each request (faults.md 5.1), and the checkers of what stands.

    log = Recorder(path)
    op = log.invoke("hire", key="...", number="K1")     # on disk, fsynced, before anything is sent
    log.ok(op, id="...", version=1) | log.fail(op, code="...") | log.unknown(op, why="...")

An operation that is repeated until it is answered for good stays one operation with one key; what is unknown at the
end may be in or out. Checkers return what is wrong, in words; nothing is good news."""
import json
import os
import threading
from collections import Counter, defaultdict


class Recorder:
    def __init__(self, path):
        self.file, self.lock, self.next = open(path, "a", encoding="utf-8"), threading.Lock(), 0
        self.clock = 0

    def write(self, entry, sync=False):
        with self.lock:
            self.clock += 1
            self.file.write(json.dumps({**entry, "at": self.clock}) + "\n")
            self.file.flush()
            if sync:
                os.fsync(self.file.fileno())

    def invoke(self, act, **what):
        with self.lock:
            self.next += 1
            op = self.next
        self.write({"op": op, "event": "invoke", "act": act, **what}, sync=True)
        return op

    def ok(self, op, **seen):
        self.write({"op": op, "event": "ok", **seen})

    def fail(self, op, **seen):
        self.write({"op": op, "event": "fail", **seen})

    def unknown(self, op, **seen):
        self.write({"op": op, "event": "unknown", **seen})


def read(path):
    """Operations in the order of their invocation: what was asked, how it ended, when (by the log's own count)."""
    ops = {}
    with open(path, encoding="utf-8") as lines:
        for e in map(json.loads, lines):
            if e["event"] == "invoke":
                ops[e["op"]] = {**e, "event": "unknown", "begun": e["at"], "ended": None}
            else:
                ops[e["op"]].update({k: v for k, v in e.items() if k != "at"}, ended=e["at"])
    return list(ops.values())


# ---- checkers: history and state are plain values, so that spoiled ones can be tried too ----

def acknowledged(ops, effects):
    """C1, C2, I12, I13. effects: marker -> how often its effect stands."""
    wrong = []
    for op in ops:
        n = effects.get(op["marker"], 0)
        if op["event"] == "ok" and n != 1:
            wrong.append(f"{op['act']} {op['marker']} was acknowledged and stands {n} times")
        elif op["event"] == "fail" and n:
            wrong.append(f"{op['act']} {op['marker']} was refused and stands {n} times")
        elif n > 1:
            wrong.append(f"{op['act']} {op['marker']} stands {n} times")
    strangers = set(effects) - {op["marker"] for op in ops}
    return wrong + [f"{m} stands and was never asked for" for m in sorted(strangers)]


def versions(ops, stored):
    """C3. stored: person -> the versions that stand, in their order. Each acknowledged write has a version of its own, and one
    that began after another had ended has a greater one."""
    wrong = [f"{p} has versions {v}" for p, v in stored.items() if v != list(range(1, len(v) + 1))]
    of_person = defaultdict(list)
    for op in ops:
        if op["event"] == "ok" and op.get("version"):
            of_person[op["person"]].append(op)
    for person, done in of_person.items():
        twice = [v for v, n in Counter(op["version"] for op in done).items() if n > 1]
        wrong += [f"{person}: version {v} was given to two writes" for v in twice]
        wrong += [f"{person}: version {op['version']} does not stand" for op in done if op["version"] not in stored.get(person, [])]
        for a in done:
            wrong += [f"{person}: version {b['version']} is not above {a['version']}, though begun after it had ended"
                      for b in done if b["begun"] > a["ended"] and b["version"] <= a["version"]]
    return wrong


def published(records, last):
    """C5, I8. records: (key, sequence, id) as a topic holds them, partition by partition; last: key -> the last sequence that
    was committed. Repeats of a record are no fault; a gap, a disorder among first sights and a second id are."""
    wrong, seen = [], defaultdict(dict)
    for key, sequence, event in records:
        known = seen[key].get(sequence)
        if known is None and seen[key] and sequence < max(seen[key]):
            wrong.append(f"{key}: {sequence} comes after {max(seen[key])}")
        if known not in (None, event):
            wrong.append(f"{key}: {sequence} is two events")
        seen[key].setdefault(sequence, event)
    for key, n in last.items():
        missing = set(range(1, n + 1)) - set(seen.get(key, ()))
        if missing:
            wrong.append(f"{key}: {sorted(missing)[:5]} of {n} were committed and not published")
    wrong += [f"{key}: {max(seen[key])} was published, {last.get(key, 0)} committed" for key in seen if max(seen[key]) > last.get(key, 0)]
    return wrong


def the_same(what, owner, copy):
    """I9, I10: a projection beside what it is of, both key -> value."""
    return [f"{what} {k}: {owner.get(k)} at its owner, {copy.get(k)} in the copy" for k in sorted(set(owner) | set(copy)) if owner.get(k) != copy.get(k)][:20]
