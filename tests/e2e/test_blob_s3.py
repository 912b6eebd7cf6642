"""The blob store in a bucket (decision 27): an export lies there sealed, comes back from there, and waits where the store
is away. The store is tests/lib/s3.py, which computes every signature itself."""
import csv
import hashlib
import io
import os
import re
import secrets
import subprocess
import time

import pytest

import s3
import staff
from renhe import clean_environment, wait_until
from test_key_rotation import restart

PATH = "/api/v1/employee-exports"
AWAY = "BLOB_STORE_UNAVAILABLE"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


# ---- the simulator against what its provider publishes ----

HOST = {"host": "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z"}
WELCOME = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()


@pytest.mark.parametrize("method, target, more, payload, due", [
    ("GET", "/test.txt", {"range": "bytes=0-9"}, s3.EMPTY, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    ("PUT", "/test%24file.text", {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, WELCOME,
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ("GET", "/?lifecycle", {}, s3.EMPTY, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ("GET", "/?max-keys=2&prefix=J", {}, s3.EMPTY, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")])
def test_published_signatures(method, target, more, payload, due):
    """The four examples of "Signature Calculations for the Authorization Header" of the S3 API reference."""
    headers = {**HOST, **more, "x-amz-content-sha256": payload}
    request = s3.canonical_request(method, target, headers, sorted(headers), payload)
    assert s3.signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", HOST["x-amz-date"], "us-east-1", request) == due


# ---- a suite whose archive keeps its files there ----

def settings(suite, given):
    """Sets these for archive, or takes them away again."""
    folder = suite.run_dir / "service" / "archive" / "env"
    for name, value in given.items():
        file = folder / name
        if value is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(value + "\n")
            os.chown(file, *(folder.stat().st_uid, folder.stat().st_gid))
    restart(suite, "archive")


@pytest.fixture(scope="module")
def store(own_suite):
    with s3.Store() as made:
        given = {**made.settings(), "RENHE_BLOB_S3_DEADLINE_MS": "2000", "RENHE_OUTBOUND_COOL_MS": "50"}
        settings(own_suite, given)
        yield made
        settings(own_suite, dict.fromkeys(given))


@pytest.fixture(scope="module")
def hr(own_suite, store):
    return own_suite.sign_in_as("HR", "demo")


@pytest.fixture(scope="module")
def unit(hr):
    """A unit of our own with three people, and what stands about them."""
    tag = "B" + secrets.token_hex(3)
    unit = hr.post("/api/v1/org-units", {"code": tag, "kind": "STORE", "name": f"桶店 {tag}", "effective_date": "2020-01-01"}).expect(201).json
    made, known, masked = staff.Staff(tag, tag), [], []
    for name in ("欧阳桶一", "司马桶二", "诸葛桶三"):
        row = made.one()
        hr.post("/api/v1/employees", {"employee_number": row["工号"], "name": name, "id_type": "RESIDENT_ID", "id_number": row["证件号码"],
                                      "mobile": row["手机"], "hire_date": "2025-03-01", "org_unit_id": unit["id"],
                                      "employment_type": "FULL_TIME"}).expect(201)
        known += [name, row["证件号码"], row["手机"], row["工号"]]
        masked += [row["证件号码"], row["手机"]]
    return {"id": unit["id"], "known": known, "masked": masked}


@pytest.fixture(autouse=True)
def good_again(request):
    yield
    made = request.getfixturevalue("store") if "store" in request.fixturenames else None
    if made and made.mode != "good":
        made.mode = "good"
        time.sleep(1.1)  # the breaker's longest: 16 times RENHE_OUTBOUND_COOL_MS, and a quarter by chance


def ask(hr, unit, form="CSV"):
    return hr.post(PATH, {"format": form, "org_unit_id": unit["id"]}).expect(202).json["id"]


def ended(hr, export, seconds=60):
    wait_until(lambda: hr.get(f"{PATH}/{export}").expect(200).json["state"] in ("SUCCEEDED", "FAILED"), seconds, "the export to end", every=0.2)
    return hr.get(f"{PATH}/{export}").json


def test_an_export_lies_there_sealed(own_suite, store, hr, unit, figure):
    before = set(store.objects)
    started = time.monotonic()
    export = ask(hr, unit)
    job = ended(hr, export)
    assert job["state"] == "SUCCEEDED", job
    made = set(store.objects) - before
    assert len(made) == 1 and re.fullmatch(rf"archive/{UUID}/{UUID}", *made)
    data, _ = store.objects[made.pop()]
    file = hr.get(f"{PATH}/{export}/file").expect(200)
    figure(f"an export by way of a bucket: {(time.monotonic() - started) * 1000:.0f} ms, {len(data)} bytes sealed")
    rows = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert len(rows) == 4
    text = file.body.decode("utf-8-sig")
    for word in unit["known"]:
        assert word in text or word in unit["masked"]
        for code in ("utf-8", "gb18030", "utf-16-le"):
            assert word.encode(code) not in data
    assert len(data) > len(file.body) and file.body[:64] not in data
    # Nothing of it lies in the folder, and every request was signed.
    folder = own_suite.run_dir / "state" / "archive" / "blob"
    assert not [f for f in folder.rglob("*") if f.is_file() and f.stat().st_mtime > time.time() - (time.monotonic() - started)]
    assert own_suite.metrics("archive")[f'renhe_outbound_requests_total{{host="127.0.0.1:{store.port}",outcome="answered"}}'] >= 2
    assert s3.SECRET_KEY not in own_suite.log("archive")


def test_a_large_file_comes_back(hr, store):
    """All people of the demo company: several pieces, one object."""
    export = hr.post(PATH, {"format": "XLSX"}).expect(202).json["id"]
    job = ended(hr, export)
    file = hr.get(f"{PATH}/{export}/file").expect(200)
    assert len(file.body) == job["result"]["bytes"] and file.body[:2] == b"PK"


@pytest.mark.parametrize("mode", ["error", "slow-down", "denied", "slow"])
def test_a_file_that_cannot_be_had_now(store, hr, unit, mode):
    """503 with its code while the store is away, the file when it is back; never 410, which would be for ever."""
    export = ask(hr, unit)
    assert ended(hr, export)["state"] == "SUCCEEDED"
    store.mode = mode
    away = hr.get(f"{PATH}/{export}/file")
    assert (away.status, away.code) == (503, AWAY) and int(away.headers["retry-after"]) >= 1
    store.mode = "good"
    wait_until(lambda: hr.get(f"{PATH}/{export}/file").status == 200, 10, "the file again", every=0.2)


def test_an_export_waits_for_the_store(own_suite, store, hr, unit):
    blobs = "select count(*) from blob"
    before, rows = len(store.objects), own_suite.psql_all("archive", blobs)
    attempts = "select attempts from job where id = '{}'"
    store.mode = "slow-down"
    export = ask(hr, unit)
    wait_until(lambda: int(own_suite.psql_all("archive", attempts.format(export))[0][0]) >= 2, 30, "a second attempt")
    job = hr.get(f"{PATH}/{export}").expect(200).json
    assert job["state"] in ("PENDING", "RUNNING") and not job.get("result")
    assert hr.get(f"{PATH}/{export}/file").code == "EXPORT_NOT_READY"
    assert own_suite.psql_all("archive", blobs) == rows and len(store.objects) == before
    store.mode = "good"
    assert ended(hr, export)["state"] == "SUCCEEDED"
    assert len(store.objects) == before + 1
    hr.get(f"{PATH}/{export}/file").expect(200)


def putting(store, since):
    return any(method == "PUT" for method, _ in store.asked[since:])


def test_no_transaction_waits_for_the_store(own_suite, store, hr, unit):
    """While the bytes are on their way the job holds nothing in the database."""
    store.mode, since = "late", len(store.asked)
    export = ask(hr, unit)
    wait_until(lambda: putting(store, since), 20, "the bytes to go")
    open_ones = own_suite.psql_all("archive", "select query from pg_stat_activity where datname = 'archive' and state like 'idle in%'")
    assert ended(hr, export)["state"] == "SUCCEEDED"
    assert not open_ones


def test_a_kill_while_the_bytes_are_on_their_way(own_suite, store, hr, unit):
    """The export is made again; one row, one audit of it; the bytes of the first are nobody's, and swept by their age."""
    blobs = int(own_suite.psql_all("archive", "select count(*) from blob")[0][0])
    store.mode, since = "late", len(store.asked)
    export = ask(hr, unit)
    wait_until(lambda: putting(store, since), 20, "the bytes to go")
    own_suite.kill("archive")
    own_suite.wait_ready("archive")
    store.mode = "good"
    wait_until(lambda: hr.get(f"{PATH}/{export}").status == 200, 20, "archive again")
    assert ended(hr, export)["state"] == "SUCCEEDED"
    hr.get(f"{PATH}/{export}/file").expect(200)
    assert int(own_suite.psql_all("archive", "select count(*) from blob")[0][0]) == blobs + 1
    told = own_suite.psql_all("archive", f"select count(*) from audit where act = 'employee.export' and resource_id = '{export}'")
    assert told == [["1"]]


def test_an_export_that_waited_long_enough_says_so(own_suite, store, hr, unit):
    rows = own_suite.psql_all("archive", "select count(*) from blob")
    store.mode = "error"
    job = ended(hr, ask(hr, unit), 120)
    assert (job["state"], job["error_code"]) == ("FAILED", AWAY)
    assert own_suite.psql_all("archive", "select count(*) from blob") == rows


# ---- imports ----

def loads(suite):
    return suite.psql_all("archive", "select (select count(*) from employee_import), (select count(*) from employee_import_file), "
                          "(select count(*) from job), (select count(*) from blob)")


def test_an_import_lies_there_sealed(own_suite, store, hr):
    people = staff.Staff(secrets.randbelow(10**6), f"T{secrets.token_hex(3)}-")
    rows, before = people.some(5), set(store.objects)
    rows[4]["部门编码"] = "NOWHERE"
    began = staff.begin_load(hr, staff.csv_bytes(rows)).expect(202).json["id"]
    made = set(store.objects) - before
    assert len(made) == 1
    data = store.objects[made.pop()][0]
    for row in rows:
        for word in (row["姓名"], row["证件号码"], row["手机"], row["工号"]):
            assert word.encode() not in data
    job = staff.end_of_load(hr, began)
    assert (job["result"]["created"], job["result"]["refused"]) == (4, 1), job
    back = hr.get(f"/api/v1/employee-imports/{began}/file").expect(200)
    assert back.body[:2] == b"PK" or rows[4]["工号"] in back.body.decode("utf-8-sig")


def test_an_import_is_not_taken_half(own_suite, store, hr):
    """503 with its code, no row anywhere; the same key takes it when the store is back, once."""
    people = staff.Staff(secrets.randbelow(10**6), f"U{secrets.token_hex(3)}-")
    data, key, before = staff.csv_bytes(people.some(2)), secrets.token_hex(8), loads(own_suite)

    def send():
        return hr.request("POST", "/api/v1/employee-imports", data, headers={"Content-Type": "text/csv"}, key=key)
    store.mode = "slow-down"
    away = send()
    assert (away.status, away.code) == (503, AWAY) and int(away.headers["retry-after"]) >= 1
    assert loads(own_suite) == before
    store.mode = "good"
    first = wait_until(lambda: (lambda a: a if a.status == 202 else None)(send()), 10, "the import to be taken", every=0.2)
    assert send().json["id"] == first.json["id"]
    assert staff.end_of_load(hr, first.json["id"])["result"]["created"] == 2


def test_an_import_waits_for_its_file(own_suite, store, hr):
    people = staff.Staff(secrets.randbelow(10**6), f"V{secrets.token_hex(3)}-")
    store.mode = "unread"
    began = staff.begin_load(hr, staff.csv_bytes(people.some(3))).expect(202).json["id"]
    attempts = "select coalesce(max(attempts), 0) from job where state in ('PENDING', 'RUNNING')"
    wait_until(lambda: int(own_suite.psql_all("archive", attempts)[0][0]) >= 2, 30, "a second attempt")
    assert hr.get(f"/api/v1/employee-imports/{began}").expect(200).json["state"] in ("PENDING", "RUNNING")
    store.mode = "good"
    assert staff.end_of_load(hr, began)["result"]["created"] == 3


def test_the_store_is_no_part_of_readiness(own_suite, store, hr):
    """Archive starts and answers while its bucket is away."""
    store.mode = "error"
    restart(own_suite, "archive")
    assert own_suite.ready("archive")
    hr.get("/api/v1/employees", query={"page_size": 1}).expect(200)


@pytest.mark.parametrize("mode, status, word", [("good", 0, ""), ("denied", 69, "AccessDenied"), ("error", 69, "InternalError")])
def test_the_check(own_suite, store, mode, status, word):
    """--check puts, gets and removes a blob of nobody's, and says in the store's own word what is wrong."""
    folder = own_suite.run_dir / "service" / "archive" / "env"
    found = {f.name: f.read_text().split("\n")[0] for f in folder.iterdir()}
    keys = set(store.objects)
    store.mode = mode
    ran = subprocess.run([own_suite.run_dir / "bin" / "archive", "--check"], env=clean_environment(**found), capture_output=True,
                         text=True, timeout=60, check=False)
    assert ran.returncode == status, ran.stderr
    assert word in ran.stderr and set(store.objects) == keys
    assert s3.SECRET_KEY not in ran.stderr + ran.stdout
