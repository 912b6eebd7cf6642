"""Who may do what at the broker: every principal against every topic, both ways, as the table of
topics says; strangers nothing at all; nobody another's consumer group.

Writing is tried with a record that is larger than the broker takes. Rights are asked before sizes, so
an allowed writer hears of the size and a refused one of the right, and no topic ever holds a byte more.
"""
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from renhe import CHECKOUT

TOPICS = json.loads((CHECKOUT / "build" / "gen" / "topics.json").read_text())["topics"]
PRINCIPALS = ("identity", "archive", "gateway", "observer")
REFUSED, TOO_LARGE, UNKNOWN = "authorization failed", "Message size too large", "Unknown topic"
TOO_MUCH = os.urandom(1_300_000).replace(b"\n", b" ")


def password(suite, principal):
    return (suite.run_dir / "kafka" / "secrets" / principal).read_text().strip()


def kcat(suite, *args, principal=None, secret=None, sasl=True, data=b"", seconds=30, patience=8):
    """Status and all that it said."""
    settings = {"bootstrap.servers": suite.env["RENHE_KAFKA"], "message.max.bytes": "5000000",
                "message.timeout.ms": f"{patience}000", "socket.timeout.ms": f"{patience}000", "log.connection.close": "false"}
    if sasl:
        settings |= {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "PLAIN", "sasl.username": principal,
                     "sasl.password": secret or password(suite, principal)}
    more = [a for k, v in settings.items() for a in ("-X", f"{k}={v}")]
    try:
        done = subprocess.run(["kcat", *more, *args], input=data, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as e:
        return None, ((e.stdout or b"") + (e.stderr or b"")).decode(errors="replace")
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def write(suite, topic, **who):
    return kcat(suite, "-P", "-t", topic, "-p", "0", "-k", "key", "-D", "\n", data=TOO_MUCH, **who)


def read(suite, topic, **who):
    # -m: how long to wait for the topic's metadata, which is what a stranger never gets.
    return kcat(suite, "-C", "-t", topic, "-o", "beginning", "-e", "-c", "1", "-q", "-m", str(who.get("patience", 8)), **who)


def ends(suite):
    """Topic and partition -> the offset of the next record."""
    found = {}
    for t in TOPICS:
        if t["lane"] == "URGENT":
            continue  # heartbeats come by themselves
        for p in range(t["small_partitions"]):
            _, text = kcat(suite, "-Q", "-t", f"{t['name']}:{p}:-1", principal="observer")
            found[t["name"], p] = text.strip()
    return found


@pytest.fixture(scope="module", autouse=True)
def nothing_is_written(suite):
    before = ends(suite)
    yield
    assert ends(suite) == before


# ---- strangers ----

STRANGERS = {
    "no SASL": {"sasl": False},
    "wrong password": {"principal": "archive", "secret": "x" * 32},
    "another's password": {"principal": "archive", "secret": "observer"},
    "unknown principal": {"principal": "mallory", "secret": "x" * 32},
    "the super user's name": {"principal": "admin", "secret": "admin"},
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_stranger(suite, stranger):
    """Neither reads nor writes nor so much as lists. kcat tries again until its time is up."""
    who = dict(STRANGERS[stranger])
    if stranger == "another's password":
        who["secret"] = password(suite, "observer")
    topic = "renhe.archive.employee.v1"
    with ThreadPoolExecutor(3) as pool:
        attempts = [pool.submit(write, suite, topic, patience=4, **who), pool.submit(read, suite, topic, patience=4, **who),
                    pool.submit(kcat, suite, "-L", "-m", "4", patience=4, **who)]
    for status, said in (a.result() for a in attempts):
        assert status != 0 and TOO_LARGE not in said and "ce_" not in said, said
    assert "partitions" not in attempts[2].result()[1]


def test_good_credentials_do_work(suite):
    """The same calls with the right password: what was refused above was refused for the credentials."""
    status, said = kcat(suite, "-L", "-m", "10", principal="observer")
    assert status == 0 and "renhe.archive.employee.v1" in said, said
    assert TOO_LARGE in write(suite, "renhe.archive.employee.v1", principal="archive")[1]
    assert read(suite, "renhe.archive.employee.v1", principal="observer")[0] == 0


# ---- principals against topics ----

def judged(status, said):
    if TOO_LARGE in said or (status == 0 and REFUSED not in said):
        return "allowed"
    # A topic that one may not even describe is not there.
    assert REFUSED in said or UNKNOWN in said, (status, said[-500:])
    return "refused"


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_rights_are_the_table(suite, principal, figure):
    with ThreadPoolExecutor(3) as pool:
        writes = pool.map(lambda t: judged(*write(suite, t["name"], principal=principal)), TOPICS)
        reads = pool.map(lambda t: judged(*read(suite, t["name"], principal=principal)), TOPICS)
        wrong = []
        for t, may_write, may_read in zip(TOPICS, writes, reads):
            due = ("allowed" if t["writer"] == principal else "refused",
                   "allowed" if principal in t["readers"] else "refused")
            if (may_write, may_read) != due:
                wrong.append((t["name"], "write, read", may_write, may_read, "due", due))
    assert not wrong
    if principal == "observer":
        assert not any(t["writer"] == "observer" for t in TOPICS)
    figure(f"{principal}: {2 * len(TOPICS)} rights on {len(TOPICS)} topics as in the table")


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_no_new_topics(suite, principal):
    status, said = write(suite, f"renhe.{principal}.evil.v1", principal=principal)
    assert TOO_LARGE not in said and (REFUSED in said or UNKNOWN in said), said


# ---- consumer groups ----

def join(suite, group, principal):
    topic = next(t["name"] for t in TOPICS if principal in t["readers"])
    return kcat(suite, "-G", group, topic, "-X", "session.timeout.ms=6000", principal=principal, seconds=6)[1]


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_groups_of_others(suite, principal):
    """Joining another's group would take its partitions away. A group bears its principal's name."""
    for group in (g for p in (*PRINCIPALS, "renhe") if p != principal for g in (p, p + ".urgent")):
        said = join(suite, group, principal)
        assert "assigned" not in said and "Group authorization failed" in said, (group, said)


def test_own_group_does_work(suite):
    """Of a principal that has no consumers of its own, so that nobody's partitions move."""
    said = join(suite, "observer", "observer")
    assert "assigned" in said and REFUSED not in said, said
