"""The audit as a log that can be proved (attack row C11, invariant I11): everything that somebody with the database in
his hands can do to it is found, by renhectl and by a reader of our own written from audit_log.h alone."""
import hashlib
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from renhe import wait_until
from tenants import Tenant
from test_operate import CONFLICT, NOT_FOUND, USAGE, command, rows, run
from tokens import signed_by_file  # noqa: F401  (openssl)

TABLES = ("audit", "audit_unsealed", "audit_leaf", "audit_log", "audit_head")
US = "(extract(epoch from {}) * 1000000)::bigint"
COLUMNS = ("a.id", US.format("a.act_time"), "a.account_id", "a.person_id", "a.session_id", "a.act", "a.resource", "a.resource_id",
           "a.reason", "a.result", "a.request_id", "a.route", "a.peer")
ED25519_PUBLIC = bytes.fromhex("302a300506032b6570032100")


# ---- a reader of our own ----

def netstrings(values):
    return b"".join(b"-," if v is None else b"%d:%s," % (len(v.encode()), v.encode()) for v in values)


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root(leaves):
    """MTH of RFC 6962 section 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def up(at, size, here, path):
    """PATH of RFC 6962 section 2.1.1 followed from the leaf."""
    if size == 1:
        assert not path
        return here
    k = 1
    while k * 2 < size:
        k *= 2
    left, last = at < k, path[-1]
    below = up(at if left else at - k, k if left else size - k, here, path[:-1])
    return hashlib.sha256(b"\1" + (below + last if left else last + below)).digest()


def entries(suite, tenant):
    """(seq, leaf hash of the table, entry worked out of the row) in order."""
    null = "(null)"
    texts = ", ".join(f"coalesce({c}::text, '{null}')" for c in COLUMNS)
    found = suite.psql_all("archive", f"select l.seq, {US.format('l.seal_time')}, encode(l.leaf_hash, 'hex'), {texts} from audit_leaf l "
                                      f"join audit a on a.tenant_id = l.tenant_id and a.id = l.audit_id where l.tenant_id = '{tenant}' order by l.seq")
    return [(int(r[0]), bytes.fromhex(r[2]), netstrings(["renhe audit entry 1", "archive", tenant, r[0], r[1]]
                                                        + [None if v == null else v for v in r[3:]])) for r in found]


def signature_holds(head, tmp_path):
    text = f"renhe audit head 1\n{head['service']}\n{head['tenant_id']}\n{head['size']}\n{head['root']}\n{head['former_size']}\n{head['head_us']}\n"
    for name, data in (("key", ED25519_PUBLIC + bytes.fromhex(head["public_key"])), ("text", text.encode()),
                       ("signature", bytes.fromhex(head["signature"]))):
        (tmp_path / name).write_bytes(data)
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", tmp_path / "key", "-keyform", "DER", "-rawin", "-in",
                           tmp_path / "text", "-sigfile", tmp_path / "signature"], capture_output=True).returncode == 0


# ---- a company with a log ----

def act(company, n):
    """n rows of audit: each look at the audit is one."""
    for _ in range(n):
        company.admin.get("/api/v1/audit-entries", query={"page_size": 1}).expect(200)


def heads(suite, company):
    return {h["tenant_id"]: h for h in rows(suite, "archive", "-o", "jsonl", "audit", "heads", "archive")}[company.id]


@pytest.fixture(scope="module")
def company(suite):
    """Three heads, 5, 11 and 24 entries. Another one where the sealer has signed a head of its own in between."""
    for _ in range(8):
        made = Tenant(suite)
        made.heads = []
        for n in (5, 6, 13):
            act(made, n)
            made.heads.append(heads(suite, made))
        if [int(h["former_size"]) for h in made.heads] == [0, 5, 11]:
            return made
    raise AssertionError(made.heads)


def verified(suite, company, kept=None, faulty=False):
    """The row of the company, and that the exit code agrees."""
    done = subprocess.run(command(suite, "archive", "-o", "jsonl", "audit", "verify", "archive", *([str(kept)] if kept else [])),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == (CONFLICT if faulty else 0), (done.stdout, done.stderr)
    return [r for r in map(json.loads, done.stdout.splitlines()) if r["tenant_id"] == company.id]


@pytest.fixture
def kept(company, tmp_path):
    file = tmp_path / "heads.jsonl"
    file.write_text("".join(json.dumps(h) + "\n" for h in company.heads))
    return file


@pytest.fixture
def tamper(suite, company):
    """SQL of a superuser; afterwards all is as before."""
    where = f"where tenant_id = '{company.id}'"
    suite.psql_all("archive", "create schema tamper; " + "; ".join(f"create table tamper.{t} as select * from {t} {where}" for t in TABLES))
    yield lambda sql: suite.psql_all("archive", sql.replace("TENANT", f"tenant_id = '{company.id}'"))
    suite.psql_all("archive", "; ".join(f"delete from {t} {where}; insert into {t} select * from tamper.{t}" for t in TABLES)
                   + "; drop schema tamper cascade")


def test_the_log_is_what_our_own_reader_makes_of_it(suite, company, tmp_path):
    found = entries(suite, company.id)
    assert [seq for seq, _, _ in found] == list(range(24))
    assert [leaf(entry) for _, _, entry in found] == [stored for _, stored, _ in found]
    former = 0
    for h in company.heads:
        assert bytes.fromhex(h["root"]) == root([s for _, s, _ in found[:h["size"]]])
        assert int(h["former_size"]) == former and signature_holds(h, tmp_path)
        assert not signature_holds({**h, "size": h["size"] + 1}, tmp_path)
        former = h["size"]
    assert [h["size"] for h in company.heads] == [5, 11, 24]


def test_a_sound_log_is_sound(suite, company, kept):
    assert verified(suite, company, kept) == [{"tenant_id": company.id, "entries": 24, "heads": 3, "state": "OK", "faults": 0,
                                               "first_at": None, "first_id": ""}]


@pytest.mark.parametrize("at", (0, 1, 15, 23))
def test_an_entry_is_proved(suite, company, at):
    (audit_id,), = suite.psql_all("archive", f"select audit_id from audit_leaf where tenant_id = '{company.id}' and seq = {at}")
    steps = rows(suite, "archive", "-o", "jsonl", "audit", "prove", "archive", audit_id)
    assert {(s["first"], s["size"], s["root"]) for s in steps} == {(at, 24, company.heads[-1]["root"])}
    here = dict((seq, leaf(entry)) for seq, _, entry in entries(suite, company.id))[at]
    assert up(at, 24, here, [bytes.fromhex(s["hash"]) for s in steps]) == bytes.fromhex(company.heads[-1]["root"])


def test_a_later_log_extends_an_earlier_one(suite, company):
    for h in company.heads[:2]:
        steps = rows(suite, "archive", "-o", "jsonl", "audit", "extends", "archive", company.id, str(h["size"]))
        assert steps and {(s["first"], s["size"], s["root"]) for s in steps} == {(h["size"], 24, company.heads[-1]["root"])}


def test_what_can_not_be_proved(suite, company):
    run(suite, "archive", "audit", "prove", "archive", "01935b6e-0000-7000-8000-000000000001", code=NOT_FOUND)
    run(suite, "archive", "audit", "extends", "archive", company.id, "25", code=NOT_FOUND)
    run(suite, "archive", "audit", "extends", "archive", company.id, "0", code=NOT_FOUND)
    run(suite, "archive", "audit", "prove", "archive", "1", code=USAGE)
    run(suite, "archive", "audit", "verify", "archive", "/nowhere", code=USAGE)


ROW = "(select audit_id from audit_leaf where TENANT and seq = {})"
AS_A_HEAD = "(tenant_id, size, root, former_size, head_time, public_key, signature)"
TAMPERINGS = {
    "a reason is changed": (f"update audit set reason = 'x' where id = {ROW.format(7)}", "ENTRY_CHANGED", 7),
    "a time is changed by a microsecond": (f"update audit set act_time = act_time + interval '1 microsecond' where id = {ROW.format(3)}", "ENTRY_CHANGED", 3),
    "null becomes empty": (f"update audit set reason = '' where id = {ROW.format(9)}", "ENTRY_CHANGED", 9),
    "two are swapped": (f"update audit set request_id = case id when {ROW.format(6)} then (select request_id from audit where id = {ROW.format(8)}) "
                        f"else (select request_id from audit where id = {ROW.format(6)}) end where id in ({ROW.format(6)}, {ROW.format(8)})", "ENTRY_CHANGED", 6),
    "a row is deleted": (f"delete from audit where id = {ROW.format(12)}", "ENTRY_DELETED", 12),
    "a row and its leaf are deleted": (f"with l as (delete from audit_leaf where TENANT and seq = 12 returning audit_id) delete from audit using l where id = audit_id",
                                       "ENTRIES_MISSING", 12),
    "the first one is deleted": ("delete from audit_leaf where TENANT and seq = 0", "ENTRIES_MISSING", 0),
    "two leaves change places": ("update audit_leaf set seq = seq + 1000 where TENANT and seq in (4, 5); "
                                 "update audit_leaf set seq = case seq when 1004 then 5 else 4 end where TENANT and seq > 1000", "ENTRY_CHANGED", 4),
    "one is put in between": ("update audit_leaf set seq = seq + 1000 where TENANT and seq >= 10; update audit_leaf set seq = seq - 999 where TENANT and seq > 1000; "
                              "insert into audit select tenant_id, gen_random_uuid(), act_time, account_id, person_id, session_id, act, resource, resource_id, reason, "
                              f"result, request_id, route, peer from audit where id = {ROW.format(9)}; insert into audit_leaf select tenant_id, 10, (select id from audit a where "
                              "a.TENANT and not exists (select from audit_leaf l where l.audit_id = a.id) limit 1), leaf_hash, seal_time from audit_leaf where TENANT and seq = 9",
                              "ENTRY_CHANGED", 10),
    "one is put beside the log": ("insert into audit select tenant_id, gen_random_uuid(), act_time - interval '1 hour', account_id, person_id, session_id, act, resource, "
                                  f"resource_id, reason, result, request_id, route, peer from audit where id = {ROW.format(9)}", "NEVER_SEALED", 24),
    "one is put beside the log, of a time to come": ("insert into audit select tenant_id, gen_random_uuid(), act_time + interval '10 years', account_id, person_id, session_id, act, resource, "
                                  f"resource_id, reason, result, request_id, route, peer from audit where id = {ROW.format(9)}", "NEVER_SEALED", 24),
    "one is put beside the log, of no time": ("insert into audit select tenant_id, gen_random_uuid(), 'infinity', account_id, person_id, session_id, act, resource, "
                                  f"resource_id, reason, result, request_id, route, peer from audit where id = {ROW.format(9)}", "NEVER_SEALED", 24),
    "a time becomes none": (f"update audit set act_time = 'infinity' where id = {ROW.format(5)}", "ENTRY_CHANGED", 5),
    "all heads are taken out": ("delete from audit_head where TENANT", "HEAD_MISSING", 24),
    "the tail is cut": ("with l as (delete from audit_leaf where TENANT and seq >= 20 returning audit_id) delete from audit using l where id = audit_id", "TAIL_MISSING", 20),
    "a head is taken out": ("delete from audit_head where TENANT and size = 11", "HEAD_MISSING", 24),
    "a head's root is changed": ("update audit_head set root = decode(repeat('ab', 32), 'hex') where TENANT and size = 11", "HEAD_NOT_OURS", 11),
    "a head under another key": ("update audit_head set public_key = decode(repeat('ab', 32), 'hex') where TENANT and size = 11", "HEAD_NOT_OURS", 11),
    "a head of another size": ("update audit_head set size = 10 where TENANT and size = 11", "HEAD_NOT_OURS", 10),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found(suite, company, tamper, what):
    sql, state, at = TAMPERINGS[what]
    tamper(sql)
    (told,) = verified(suite, company, faulty=True)
    assert (told["state"], told["first_at"]) == (state, at), told


def rewritten(suite, company, tamper):
    """A changed row with its leaf made to fit."""
    tamper(f"update audit set act = 'nothing.happened' where id = {ROW.format(7)}")
    (new,) = [leaf(entry) for seq, _, entry in entries(suite, company.id) if seq == 7]
    tamper(f"update audit_leaf set leaf_hash = decode('{new.hex()}', 'hex') where TENANT and seq = 7")


def test_a_leaf_made_to_fit_is_found_by_the_heads(suite, company, tamper):
    rewritten(suite, company, tamper)
    (told,) = verified(suite, company, faulty=True)
    assert told["state"] == "ROOT_DIFFERS" and 7 < told["first_at"] <= 11, told


def test_without_heads_in_the_database_those_kept_elsewhere_find_it(suite, company, tamper, kept):
    rewritten(suite, company, tamper)
    tamper("delete from audit_head where TENANT")
    (told,) = verified(suite, company, kept, faulty=True)
    assert told["state"] == "KEPT_HEAD_DIFFERS" and told["first_at"] == 11, told


def test_a_tail_cut_without_a_trace_is_found_by_a_kept_head(suite, company, tamper, kept):
    tamper("with l as (delete from audit_leaf where TENANT and seq >= 11 returning audit_id) delete from audit using l where id = audit_id; "
           "delete from audit_head where TENANT and size > 11; update audit_log set size = 11, head_size = 11 where TENANT")
    assert verified(suite, company)[0]["state"] == "OK"
    (told,) = verified(suite, company, kept, faulty=True)
    assert (told["state"], told["first_at"], told["first_id"]) == ("TAIL_MISSING", 11, "24"), told


def test_the_service_itself_can_change_nothing(suite):
    found = suite.psql_all("archive", "select table_name, privilege_type from information_schema.role_table_grants "
                                      f"where grantee = 'archive_app' and table_name in {TABLES} order by 1, 2")
    assert {tuple(r) for r in found} == {(t, p) for t in ("audit", "audit_leaf", "audit_head") for p in ("SELECT", "INSERT")} | {
        ("audit_unsealed", p) for p in ("SELECT", "INSERT", "DELETE")} | {("audit_log", p) for p in ("SELECT", "INSERT", "UPDATE")}


# ---- in motion ----

def test_sealed_within_seconds_under_load_with_kills_and_several_sealers(suite, company, figure):
    """K14-like: archive is killed while acts are written and sealed, and operators seal besides."""
    done, busy = [], threading.Event()
    busy.set()

    def write():
        while busy.is_set():
            try:
                done.append(company.admin.get("/api/v1/audit-entries", query={"page_size": 1}).status == 200)
            except OSError:
                done.append(False)

    def seal():
        while busy.is_set():
            subprocess.run(command(suite, "archive", "audit", "heads", "archive"), capture_output=True, timeout=60)

    threads = [threading.Thread(target=f) for f in (write, write, write, seal, seal)]
    for t in threads:
        t.start()
    for _ in range(3):
        time.sleep(1.2)
        os.kill(suite.pid("archive"), signal.SIGKILL)
        suite.wait_ready("archive")
    busy.clear()
    for t in threads:
        t.join()
    began = time.monotonic()
    wait_until(lambda: suite.psql_all("archive", f"select count(*) from audit_unsealed where tenant_id = '{company.id}'") == [["0"]], 30, "all to be sealed")
    told = verified(suite, company)[0]
    assert told["state"] == "OK" and told["entries"] >= 24 + sum(done)
    ((rows_there,),) = suite.psql_all("archive", f"select count(*) from audit where tenant_id = '{company.id}'")
    assert told["entries"] == int(rows_there)
    figure(f"{sum(done)} acts amid 3 kills of archive and 2 operators who seal too: all sealed {time.monotonic() - began:.1f} s after the last one")


def test_every_service_and_tenant_is_sound(suite):
    for service in ("identity", "archive", "payroll"):
        run(suite, service, "audit", "verify", service)
