#!/usr/bin/env python3
"""Plays byte-exact HTTP/1.1 cases against a server and judges what comes back.

    play.py HOST:PORT [--splits none|some|all] [--workers N]

Judged per case: the status of each answer, their number, and whether the connection was closed.
Each case goes out whole, in single bytes, and cut in two at every place (or at some of them); the
outcome must not depend on that. Standard library only. Exit 1 where anything failed.
"""
import argparse
import base64
import json
import os
import re
import select
import socket
import struct
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
FRAMING = {400, 405, 408, 413, 414, 417, 431, 501, 505}
# What a server may say to a well-formed request: anything but a refusal of its framing.
WELL = "well"
FOLLOW = "close"  # no answer: the connection ends here


class Case:
    """answers: list of allowed sets per answer; WELL stands for a request that was understood. waits: nothing is
    said and nothing closed for half a second."""

    def __init__(self, name, data, answers, closed, waits=False):
        self.name, self.data, self.answers, self.closed, self.waits = name, data, answers, closed, waits


class Outcome:
    def __init__(self, statuses, closed, garbage, raw):
        self.statuses, self.closed, self.garbage, self.raw = statuses, closed, garbage, raw

    def key(self):
        return (tuple(self.statuses), self.closed, self.garbage)

    def __repr__(self):
        return "%s%s%s" % (self.statuses, " closed" if self.closed else " open",
                           " GARBAGE %r" % self.garbage[:80] if self.garbage else "")


def split_answers(raw, to_head=False):
    """Statuses of the whole answers in raw, their bodies, and what is left over. to_head: they
    answer HEAD and have no body."""
    out, bodies = [], []
    while True:
        end = raw.find(b"\r\n\r\n")
        if end < 0:
            return out, bodies, raw
        head = raw[:end + 2]
        m = re.match(rb"HTTP/1\.1 (\d{3}) [ -~]*\r\n", head)
        if not m:
            return out, bodies, raw
        status = int(m.group(1))
        lengths = re.findall(rb"(?im)^Content-Length: (\d+)\r$", head)
        if to_head or status in (100, 204, 304):
            n = 0
        elif len(lengths) != 1:
            return out, bodies, raw
        else:
            n = int(lengths[0])
        if len(raw) < end + 4 + n:
            return out, bodies, raw
        if status != 100:
            out.append(status)
            bodies.append(raw[end + 4:end + 4 + n])
        raw = raw[end + 4 + n:]


def connect(address, timeout=5.0):
    """address: (host, port), or (host, port, context) under TLS."""
    if len(address) == 3:
        from tls_client import TlsSocket
        return TlsSocket(address[:2], address[2])
    s = socket.create_connection(address, timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def readable(s, seconds):
    return s.readable(seconds) if hasattr(s, "readable") else bool(select.select([s], [], [], seconds)[0])


def receive(s, want, first, quiet, head):
    """Reads until EOF, or until `want` answers came and nothing follows for `quiet` seconds."""
    raw, closed = b"", False
    deadline = time.monotonic() + first
    while not closed:
        left = deadline - time.monotonic()
        if not readable(s, max(left, 0)):
            break
        try:
            got = s.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            closed = True
            break
        closed = not got
        raw += got
        if len(split_answers(raw, head)[0]) >= want:
            deadline = time.monotonic() + quiet
    return raw, closed


def play(address, pieces, answers, pause=0.0, closing=True):
    """Sends the pieces and gathers what comes. Where nothing comes, ends the sending side too: an
    unfinished head can't be answered earlier."""
    s = connect(address)
    head = b"".join(pieces).startswith(b"HEAD ")
    try:
        try:
            for i, piece in enumerate(pieces):
                if i and pause:
                    time.sleep(pause)
                s.sendall(piece)
        except (ConnectionResetError, BrokenPipeError):
            pass  # refused before all was sent
        # A connection that has to be closed is watched for long, one that may stay open briefly.
        raw, closed = receive(s, len(answers), 0.5, 3.0 if closing else 0.05, head)
        got = len(split_answers(raw, head)[0])
        if not closed and got < len(answers):
            try:
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            more, closed = receive(s, len(answers) - got, 3.0, 3.0, head)
            raw += more
    finally:
        s.close()
    statuses, _, rest = split_answers(raw, head)
    return Outcome(statuses, closed, rest, raw)


def judge(case, got):
    """None where the outcome is as it must be, else what is wrong."""
    if case.waits:
        return "not waited for the rest: %r" % got if got.raw or got.closed else None
    if got.garbage:
        return "bytes that are no answer: %r" % got.garbage[:80]
    if len(got.statuses) != len(case.answers):
        return "%d answers expected: %r" % (len(case.answers), got)
    for allowed, status in zip(case.answers, got.statuses):
        if allowed == WELL and (status in FRAMING or status >= 500):
            return "well-formed, but %r" % got
        if allowed != WELL and status not in allowed:
            return "%s expected: %r" % (sorted(allowed), got)
    if case.closed and not got.closed:
        return "not closed: %r" % got
    return None


# ---- the cases ----

def with_host(data):
    """Puts a Host after each request line that has none, so that the real fault decides."""
    def fix(m):
        rest = data[m.end():]
        head = rest[:rest.find(b"\r\n\r\n") + 2] if b"\r\n\r\n" in rest else rest
        return m.group(0) + (b"" if re.search(rb"(?im)^host:", head) else b"Host: a\r\n")
    return re.sub(rb"(?m)^[A-Z-]+ [^\r\n]* (?:HTTP|RTSP|ICE)/\d\.\d\r\n", fix, data)


def built(row):
    """The two cases that are described instead of given."""
    if row["build"].startswith("one field X"):
        return b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100000 + b"\r\n\r\n"
    if row["build"].startswith("10000 fields"):
        return b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 10000 + b"\r\n"
    raise ValueError(row["build"])


def raw_cases():
    rows = json.load(open(os.path.join(CASES, "raw_http1_cases.json")))["cases"]
    for row in rows:
        data = base64.b64decode(row["b64"]) if "b64" in row else built(row)
        refusals = {int(x) for x in re.findall(r"\b[45]\d\d\b", row["expect"].split("unless")[0])}
        closed = row["after"] == "connection closed"
        if row["name"] == "pipelined 2":
            answers = [WELL, WELL]
        elif row["expect"].startswith("200"):
            answers = [WELL]  # ours accepts; a refusal would do as well but is not what we promise
        else:
            answers = [refusals - {411}]
        yield Case("raw: " + row["name"], data, answers, closed)


# Good requests that stand before the bad part of a must-refuse row.
GOOD_BEFORE = {
    "CRLF between requests, implicit `keep-alive`": 1,
    "Second request header value (lenient)": 1,
}
# The first request ends the connection; the rest may not be read at all.
ENDS = {
    "No restart when keep-alive is off (1.0)",
    "Resetting flags when keep-alive is off (1.0, lenient)",
}
# Rows that llhttp accepts and we refuse on purpose, with our status.
STRICTER = {
    "Funky `Content-Length` with body": ({400}, "a body on GET"),
    "REPORT request": ({501}, "method"), "M-SEARCH request": ({501}, "method"),
    "PURGE request": ({501}, "method"), "SEARCH request": ({501}, "method"),
    "LINK request": ({501}, "method"), "SOURCE request": ({501}, "method"),
    "QUERY request": ({501}, "method"), "SOURCE request with ICE": ({501}, "method"),
    "ANNOUNCE request with RTSP": ({501}, "method"),
    "OPTIONS request with RTSP": ({405}, "method"), "Simple request": ({405}, "OPTIONS"),
    "255 ASCII in header value": ({405}, "OPTIONS"),
    "No HTTP version": ({400}, "HTTP/0.9"),
    "Extended Characters": ({400}, "a byte above 0x7E"),
    "Quotes in URI": ({400}, "RFC 3986"), "Fragment in URI": ({400}, "RFC 3986"),
    "Query URL with vertical bar character": ({400}, "RFC 3986"),
    "Host terminated by a query string": ({400}, "authority is not Host"),
    "`host:port` terminated by a query string": ({400}, "authority is not Host"),
    "`host:port` terminated by a space": ({400}, "authority is not Host"),
    "`host:port` and basic auth": ({400}, "user information"),
    "POST with `chunked` as last transfer-encoding": ({400}, "fragment, coding"),
    "POST with `chunked` as last transfer-encoding (multiple headers)": ({400}, "fragment, coding"),
}
# Rows of no end: they stop in the middle of a request.
UNFINISHED = {
    "It should be unsafe to finish after incomplete PUT request",
    "It should be unsafe to finish inside of the header",
    "Spaces in `Content-Length` (surrounding)", "Tabs in `Content-Length` (surrounding)",
    "Parsing and setting flag", "Chunk extensions", "Chunk extensions quoting",
}


def llhttp_rows():
    return json.load(open(os.path.join(CASES, "llhttp_request_cases.json")))["cases"]


def llhttp_refused():
    """All reject and lenient rows: as given, and with a Host where that was missing."""
    for n, row in enumerate(llhttp_rows()):
        if row["verdict"] != "reject" and "lenient" not in row["type"]:
            continue
        data = base64.b64decode(row["b64"])
        refusal = set(FRAMING)
        name = "llhttp %d: %s" % (n, row["name"])
        fixed = with_host(data)
        good = GOOD_BEFORE.get(row["name"], 0)
        answers = [WELL] * good + [refusal]
        yield Case(name, data, answers if b"\nHost:" in data else [refusal], True)
        if fixed != data:
            yield Case(name + " +Host", fixed, [WELL] if row["name"] in ENDS else answers, True)


def llhttp_accepted():
    """Strict accept rows, with a Host: understood, or refused for the reason listed above."""
    for n, row in enumerate(llhttp_rows()):
        if row["verdict"] != "accept" or "lenient" in row["type"]:
            continue
        data = with_host(base64.b64decode(row["b64"]))
        name = "llhttp %d: %s" % (n, row["name"])
        if row["name"] in STRICTER:
            yield Case(name + " (stricter)", data, [STRICTER[row["name"]][0]], True)
        elif row["name"] in UNFINISHED:
            yield Case(name + " (unfinished)", data, [{400}], True)
        elif row["name"] == "Should parse multiple events":
            yield Case(name, data, [WELL, WELL, {400}], True)  # the third body lacks a byte
        else:
            twice = row["name"] == "Restarting when keep-alive is explicitly"
            yield Case(name, data, [WELL] * (2 if twice else 1), False)


def request(line, *fields, body=b""):
    head = line + "\r\n" + "".join(f + "\r\n" for f in fields) + "\r\n"
    return head.encode("latin-1") + body


def own_cases():
    """Group H beyond the two files; each refused class beside a neighbour that must pass."""
    def one(name, data, allowed, closed=None):
        return Case("own: " + name, data, [allowed], allowed != WELL if closed is None else closed)

    def get(path, *fields):
        return request("GET %s HTTP/1.1" % path, "Host: a", *fields)

    def post(*fields, body=b""):
        return request("POST /x HTTP/1.1", "Host: a", *fields, body=body)

    def chunks(body):
        return post("Transfer-Encoding: chunked", body=body)

    bad = {400}
    for path in ("/a//b", "//", "/%2e%2e/b", "/a/%2E/b", "/a/..", "/a%2fb", "/a%5Cb", "/a\\b", "/a%00b",
                 "/a;b", "/..;/a", "/%", "/%4", "/%g1", "/a%0d%0ab", "/%c0%af", "/%ff", "/%ed%a0%80",
                 "/caf\xe9", "/a?%zz", "/a?b%4", "a", "*", "", "/a[b]", "/a|b", "/?{}", "http://b/",
                 "http:///a", "ftp://a/", "http://u@a/", "http://a"[:6]):
        yield one("path %r" % path, get(path), bad)
    for path in ("/a/b/", "/%e5%bc%a0", "/a:b", "/a%20b", "/%2525", "/...", "/a?b=//..;x", "/a?b=%00",
                 "/a?%2f", "http://a/x", "http://a", "HTTP://A/x?y=1", "/~a/$-_.+!*'(),", "/a?b?c=/"):
        yield one("path %r" % path, get(path), WELL)
    for host in ("", "a b", "u@a", "a/b", "a:b", "a:123456", "[::1", "[]", "a,b c", "a\\b", "a?b", "a#"):
        yield one("Host %r" % host, request("GET / HTTP/1.1", "Host: " + host), bad)
    for host in ("a", "a:80", "a.b-c_d:", "127.0.0.1:8081", "[::1]:80", "[::1]"):
        yield one("Host %r" % host, request("GET / HTTP/1.1", "Host: " + host), WELL)
    for v, allowed in (("1.9", WELL), ("1.0", WELL), ("2.0", {505}), ("3.1", {505}), ("0.9", {505}),
                       ("4294967297.1", {505}), ("1.", bad), ("1.1x", bad), ("1.10", {505}), (" 1.1", bad),
                       ("1,1", bad), ("x", bad), ("11.1", {505})):
        yield one("version %s" % v, request("GET / HTTP/%s" % v, "Host: a"), allowed)
    for m, allowed in (("get", {501}), ("Get", {501}), ("PRI", {501}), ("CONNECT", {405}), ("TRACE", {405}),
                       ("HEAD", WELL), ("OPTIONS", {405}), ("G(T", bad), ("G@T", bad), ("A" * 17, {501}),
                       ("A" * 5000, {501}), ("", bad)):
        yield one("method %s" % m[:20], request("%s / HTTP/1.1" % m, "Host: a"), allowed)
    for m in ("POST", "PUT", "PATCH"):
        yield one("method " + m, request("%s / HTTP/1.1" % m, "Host: a", "Content-Length: 2", body=b"{}"), WELL)
    yield one("method DELETE", request("DELETE / HTTP/1.1", "Host: a"), WELL)
    yield one("DELETE, length 0", request("DELETE / HTTP/1.1", "Host: a", "Content-Length: 0"), WELL)
    yield one("DELETE with body", request("DELETE / HTTP/1.1", "Host: a", "Content-Length: 1", body=b"x"), bad)
    yield one("DELETE chunked", request("DELETE / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked",
                                        body=b"0\r\n\r\n"), bad)
    yield one("two blanks", request("GET  / HTTP/1.1", "Host: a"), bad)
    yield one("blank at the end", request("GET / HTTP/1.1 ", "Host: a"), bad)
    yield one("CRLF before", b"\r\n" + get("/"), WELL)
    yield one("two CRLF before", b"\r\n\r\n" + get("/"), bad)
    yield one("LF before", b"\n" + get("/"), bad)
    yield one("blank before", b" " + get("/"), bad)
    yield one("TLS", bytes.fromhex("16030100f8010000f40303") + b"x" * 60, bad)
    for f in ("X : a", " X: a", "X(: a", "X\x7f: a", "X\x00: a", "X: a\x00b", "X: a\x7f", "X: a\x0bb", "X: \x80",
              "X: a\rb", "X: a\nY: b", ": a", "X", "Host: a", "Host: b", "host: a",
              "Content-Length: 0\r\nContent-Length: 0", "Transfer-Encoding: chunked", "Authorization: a\r\nAuthorization: a",
              "Authorization: a\r\nauthorization: b", "Content-Type: a\r\nContent-Type: a",
              "Idempotency-Key: a\r\nIdempotency-Key: b", "Connection: a b", "X: a\r\n b", "X: a\r\n\tb"):
        yield one("field %r" % f, get("/", f), bad)
    for f in ("X:a", "X:\t a \t", "X:", "X: a\tb c", "x!#$%&'*+-.^_`|~9: a", "X: \"\\<>{}|^`", "Connection: , ,keep-alive,",
              "X: a\r\nX: b", "Content-Length: 0", "Authorization: Bearer a.b.c", "Connection: x, y"):
        yield one("field %r" % f, get("/", f), WELL)
    yield one("Expect other", post("Expect: 200-ok", "Content-Length: 1"), {417})
    yield one("Expect 100", post("Expect: 100-Continue", "Content-Length: 1", body=b"x"), WELL)
    for v in ("+3", "-1", "0x3", "", "3x", "3 3", "3,3", "99999999999999999999", "18446744073709551616",
              "9223372036854775808", "1e2", "3.0", "\x0b3"):
        yield one("Content-Length %r" % v, post("Content-Length: " + v, body=b"abc"), bad)
    yield one("Content-Length 003", post("Content-Length: 003", body=b"abc"), WELL)
    yield one("Content-Length \\t3 ", post("Content-Length: \t3 ", body=b"abc"), WELL)
    yield one("Content-Length 2^62", post("Content-Length: 4611686018427387904", body=b"abc"), {413})
    yield one("body too large", post("Content-Length: 99999999"), {413})
    yield one("body too large, Expect", post("Content-Length: 99999999", "Expect: 100-continue"), {413})
    for v in ("identity", "xchunked", "chunked, identity", "gzip, chunked", "chunked, chunked", "\x00chunked",
              "\x0bchunked", "chunked;a=b", "", "chunked x", "CHUNKED,"):
        yield one("Transfer-Encoding %r" % v, post("Transfer-Encoding: " + v, body=b"0\r\n\r\n"), bad)
    yield one("Transfer-Encoding Chunked", post("Transfer-Encoding: Chunked", body=b"0\r\n\r\n"), WELL)
    yield one("CL + TE", post("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), bad)
    yield one("TE + CL", post("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"), bad)
    for body in (b"0x3\r\nabc\r\n0\r\n\r\n", b"3 \r\nabc\r\n0\r\n\r\n", b"3\nabc\r\n0\r\n\r\n", b"3\r\nabc0\r\n\r\n",
                 b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc\n0\r\n\r\n", b"00000000000000003\r\nabc\r\n0\r\n\r\n",
                 b"\r\n", b"3;\r\nabc\r\n0\r\n\r\n", b"3;=x\r\nabc\r\n0\r\n\r\n", b"3;a=\r\nabc\r\n0\r\n\r\n",
                 b"3;a=\"b\r\nabc\r\n0\r\n\r\n", b"3;a=\"b\"c\r\nabc\r\n0\r\n\r\n", b"3; a\r\nabc\r\n0\r\n\r\n",
                 b"3\r\nabc\r\n0\r\nX : a\r\n\r\n", b"0\r\n X: a\r\n\r\n", b"0\r\nX: a\x00\r\n\r\n", b"0\r\nX: a\n\r\n",
                 b"0\r\nX\r\n\r\n", b"0\r\n\n", b"g\r\n", b"3\r\rabc", b"0\r\n" + b"X: a\r\n" * 2000 + b"\r\n"):
        yield one("chunks %r" % body[:40], chunks(body), bad)
    yield one("chunk of 2^63", chunks(b"ffffffffffffffff\r\nabc"), {413})
    yield one("chunk too large", chunks(b"fffffff\r\nabc"), {413})
    for body in (b"3\r\nabc\r\n0\r\n\r\n", b"0000000000000003\r\nabc\r\n0\r\n\r\n", b"1;a;b=c;d=\"e\\\"f\"\r\nx\r\n0;z\r\n\r\n",
                 b"0\r\n\r\n", b"A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n",
                 b"0\r\nAuthorization: evil\r\nX-Tenant: b\r\nContent-Length: 7\r\n\r\n"):
        yield one("chunks %r" % body[:40], chunks(body), WELL)
    yield one("target of 1 MB", get("/" + "a" * (1 << 20)), {414})
    yield one("target of 8193", get("/" + "a" * 8192), {414})
    yield one("target of 8192", get("/" + "a" * 8191), WELL)
    yield one("101 fields", get("/", *["X: a"] * 100), {431})
    yield one("100 fields", get("/", *["X: a"] * 99), WELL)
    pad = 32768 - len(get("/", "X: "))
    yield one("head of 32769", get("/", "X: " + "a" * (pad + 1)), {431})
    yield one("head of 32768", get("/", "X: " + "a" * pad), WELL)
    ok, evil = get("/1"), request("GET / HTTP/1.1")
    yield Case("own: bad after good", ok + evil + ok, [WELL, bad], True)
    yield Case("own: ten in a row", get("/2") * 10, [WELL] * 10, False)
    yield Case("own: bodies in a row", (post("Content-Length: 3", body=b"abc") + chunks(b"1\r\nx\r\n0\r\n\r\n")) * 3,
               [WELL] * 6, False)
    yield Case("own: after close", get("/", "Connection: close") + ok, [WELL], True)
    yield Case("own: after 1.0", request("GET / HTTP/1.0", "Host: a") + ok, [WELL], True)
    yield Case("own: 1.0 kept alive", request("GET / HTTP/1.0", "Host: a", "Connection: keep-alive") + ok,
               [WELL, WELL], False)
    yield Case("own: smuggled behind bad TE", post("Transfer-Encoding: xchunked", body=ok), [bad], True)
    yield Case("own: smuggled behind 413", post("Content-Length: 99999999", body=ok), [{413}], True)


def toml_rows(name):
    return tomllib.load(open(os.path.join(CASES, name), "rb"))


def listed_cases():
    """own.toml, whose head says how a case is written."""
    for group in toml_rows("own.toml")["group"]:
        for name, data, outcome in group["cases"]:
            steps = outcome if isinstance(outcome, list) else [outcome]
            answers = [WELL if s == WELL else set(map(int, s.split())) for s in steps if s != FOLLOW]
            data = group.get("before", "") + data + group.get("after", "")
            closed = steps[-1] != WELL
            label = "%s: %s (%s; %s)" % (group["name"], name, group["section"], ", ".join(group["rows"]))
            yield Case(label, data.encode("latin-1"), answers, closed)


def h1spec_cases(paths_are_ours=False):
    """paths_are_ours: the server answers every path, so that what is asked for as 2xx must be that."""
    for name, data, outcome in toml_rows("h1spec.toml")["cases"]:
        ranges = {s for first in outcome.split() if first != "wait" for s in range(int(first) * 100, int(first) * 100 + 100)}
        answers = [] if outcome == "wait" else [WELL if outcome == "2" and not paths_are_ours else ranges]
        yield Case("h1spec: " + name, data.encode("latin-1"), answers, outcome[0] in "45", waits=outcome == "wait")


def all_cases():
    return [*raw_cases(), *llhttp_refused(), *llhttp_accepted(), *own_cases(), *listed_cases(), *h1spec_cases()]


# ---- playing ----

def places(n, splits):
    if splits == "none":
        return []
    if splits == "all" and n <= 400:
        return list(range(1, n))
    step = max(1, n // (24 if splits == "some" else 64))
    return sorted({*range(1, n, step), n - 1, n - 2, n - 3} - {0, -1, -2})


def forms(case, splits):
    """(label, pieces, pause) of each way to send a case."""
    data = case.data
    yield "whole", [data], 0
    if case.waits:
        return
    if splits != "none" and len(data) <= 600:
        yield "single bytes", [data[i:i + 1] for i in range(len(data))], 0
    for at in places(len(data), splits):
        yield "cut at %d" % at, [data[:at], data[at:]], 0.002


def play_form(address, case, form):
    label, pieces, pause = form
    wrong = judge(case, play(address, pieces, case.answers, pause, case.closed))
    return "%s, %s: %s" % (case.name, label, wrong) if wrong else None


def run(address, splits="some", workers=64, cases=None):
    """Plays everything; returns failures, number of cases and of plays."""
    cases = all_cases() if cases is None else cases
    jobs = [(case, form) for case in cases for form in forms(case, splits)]
    with ThreadPoolExecutor(workers) as pool:
        ends = list(pool.map(lambda job: play_form(address, *job), jobs))
    return [e for e in ends if e], len(cases), len(jobs)


def parse_address(text):
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


def reset(s):
    """Closes with RST."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("--splits", choices=("none", "some", "all"), default="some")
    p.add_argument("--workers", type=int, default=64)
    a = p.parse_args()
    failures, cases, played = run(parse_address(a.address), a.splits, a.workers)
    for f in failures:
        print("FAIL", f)
    print("%d cases in %d forms, %d failed" % (cases, played, len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
