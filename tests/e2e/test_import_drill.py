"""The import drill: 2,000 rows with 60 seeded faults of 15 kinds, as xlsx and as csv with another seed,
the latter with the service killed five times. Every fault is told at its row and column, no good row is,
every good row is loaded once; and when it is undone, what is believed has its former hash."""
import io
import random
import signal
import time

import openpyxl
import pytest

import spoiled_sheets
import staff
from renhe import wait_until

SEED = random.SystemRandom().randrange(10**6)
ROWS, EACH = 2000, 4
PATH = "/api/v1/employee-imports"
# What is believed now of employments that were not annulled, in archive's own tables and in the
# projection. Sealed values are left out: each sealing is another text.
BELIEVED = """
select md5(coalesce(string_agg(row, '|' order by row), '')) from (
  select 'slice ' || (to_jsonb(s) - 'slice_id' - 'recorded_from')::text as row from employee_slice s
   where recorded_to is null and not annulled
  union all
  select 'person ' || concat_ws(',', r.person_id, r.name, r.sex, r.birth_date, r.id_type, encode(r.id_number_index, 'hex'))
    from person_revision r where recorded_to is null
     and exists (select from employee e where e.person_id = r.person_id and not e.annulled)
  union all select 'employment ' || to_jsonb(e)::text from people_employment e where not annulled
  union all select 'assignment ' || to_jsonb(a)::text from people_assignment a
  union all select 'fact ' || concat_ws(',', f.employee_id, f.fact_kind, f.effective_date) from employee_fact f where annulled_time is null
) x"""


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


def believed(suite, hr):
    return suite.psql("archive", BELIEVED, tenant_id=staff.claims(hr.token)["tid"])[0][0]


def sheet(hr, fmt, seed, kinds):
    """With people of the database to collide with."""
    taken = staff.Staff(seed + 1, f"T{seed}{fmt[0]}-").some(2 * EACH)
    staff.load(hr, taken)
    return spoiled_sheets.SpoiledSheet(seed, f"D{seed}{fmt[0]}-", ROWS, EACH, kinds, list(taken), fmt)


def judged(job, made):
    """Nothing more and nothing less than was spoiled, and every row accounted for."""
    result = job["result"]
    told = {(f["row"], f.get("column"), f["code"]) for f in result["faults"]}
    assert told == made.expected and result["fault_count"] == len(told)
    assert (job["state"], result["created"], result["refused"]) == ("SUCCEEDED", len(made.good), ROWS - len(made.good))


def loaded(suite, hr, prefix):
    """Numbers of employments that are there, and how many rows of each kind stand behind them."""
    tenant = staff.claims(hr.token)["tid"]
    numbers = [n for n, in suite.psql("archive", f"select employee_number from employee where employee_number like '{prefix}%' "
                                      "and not annulled", tenant_id=tenant)]
    facts = suite.psql("archive", "select count(*), count(distinct e.person_id) from employee e join employee_fact f on f.employee_id = e.id "
                       f"where e.employee_number like '{prefix}%' and not e.annulled and f.fact_kind = 'HIRED'", tenant_id=tenant)
    return numbers, [int(n) for n in facts[0]]


def undone(suite, hr, job, before):
    began = time.monotonic()
    hr.post(f"{PATH}/{job['id']}:undo", {}).expect(202)
    ended = staff.end_of_load(hr, job["id"], 240)
    assert ended["state"] == "UNDONE" and not ended.get("allowed_actions"), ended
    assert believed(suite, hr) == before
    return time.monotonic() - began


def test_xlsx(suite, hr, figure):
    made = sheet(hr, "xlsx", SEED, spoiled_sheets.XLSX)
    before, began = believed(suite, hr), time.monotonic()
    job = staff.end_of_load(hr, staff.begin_load(hr, made.data()).expect(202).json["id"], 240)
    took = time.monotonic() - began
    judged(job, made)
    numbers, hired = loaded(suite, hr, f"D{SEED}x-")
    assert sorted(numbers) == sorted(row["工号"] for row in made.good) and hired == [len(made.good)] * 2
    assert believed(suite, hr) != before
    back_again(hr, job, made)
    took_back = undone(suite, hr, job, before)
    figure(f"{ROWS} rows of xlsx with {len(made.expected)} faults in {took:.1f} s, undone in {took_back:.1f} s (seed {SEED})")


def back_again(hr, job, made):
    """The file back: the rows with faults alone, each with its words, the bad cell painted."""
    got = hr.get(f"{PATH}/{job['id']}/file").expect(200)
    assert got.headers["content-type"] == staff.XLSX and "attachment" in got.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(got.body)).active
    header, *rows = list(book.iter_rows())
    titles = [c.value for c in header]
    assert titles == [*made.headers, "错误"]
    by_number = {line: (column, code) for line, column, code in made.expected}
    assert len(rows) == len(by_number)
    for row, line in zip(rows, sorted(by_number)):
        column, _ = by_number[line]
        assert row[-1].value.startswith(f"{column}: "), (line, row[-1].value)
        painted = [titles[i] for i, cell in enumerate(row[:-1]) if cell.fill.fill_type]
        assert painted == [column], line


def progress(hr, job_id):
    try:
        return hr.get(f"{PATH}/{job_id}").expect(200).json
    except (AssertionError, OSError):
        return None


def kill_when_behind(suite, hr, job_id, done):
    """Kills archive when more rows than `done` are committed; how many were. None: it has ended."""
    def behind():
        job = progress(hr, job_id)
        return job if job and (job["state"] in staff.ENDED or job["progress"]["done"] > done) else None
    job = wait_until(behind, 90, "progress", every=0.02)
    if job["state"] in staff.ENDED:
        return None
    suite.kill("archive", signal.SIGKILL)
    return job["progress"]["done"]


def test_csv_killed_five_times(suite, hr, figure):
    made = sheet(hr, "csv", SEED + 7, spoiled_sheets.CSV)
    before, began = believed(suite, hr), time.monotonic()
    job_id = staff.begin_load(hr, made.data()).expect(202).json["id"]
    kills = [0]
    while len(kills) < 6:
        at = kill_when_behind(suite, hr, job_id, kills[-1])
        assert at is not None, f"ended after {len(kills) - 1} kills: {kills}"
        kills.append(at)
    wait_until(lambda: progress(hr, job_id), 60, "archive to be back")
    job = staff.end_of_load(hr, job_id, 240)
    judged(job, made)
    numbers, hired = loaded(suite, hr, f"D{SEED + 7}c-")
    assert sorted(numbers) == sorted(row["工号"] for row in made.good), "each once"
    assert hired == [len(made.good)] * 2
    took = time.monotonic() - began
    suite.wait_ready("archive")
    took_back = undone(suite, hr, job, before)
    figure(f"{ROWS} rows of csv with {len(made.expected)} faults, killed behind rows {kills[1:]}, in {took:.1f} s, "
           f"undone in {took_back:.1f} s (seed {SEED + 7})")


def blob_of(job_id):
    return f"id = (select file_id from employee_import_file where import_id = '{job_id}')"


def stopped(suite, hr, rows):
    """An import that was killed half-way and finds its file gone when it would go on."""
    job_id = staff.begin_load(hr, staff.csv_bytes(rows)).expect(202).json["id"]
    suite.psql_all("archive", f"update blob set expire_time = expire_time - interval '1 year' where {blob_of(job_id)}")
    assert kill_when_behind(suite, hr, job_id, 0), "not killed half-way"
    wait_until(lambda: progress(hr, job_id), 60, "archive to be back")
    job = staff.end_of_load(hr, job_id, 120)
    assert (job["state"], job["error_code"]) == ("STOPPED", "IMPORT_FILE_GONE"), job
    assert 0 < job["result"]["created"] < len(rows) and {"run", "undo"} <= set(job["allowed_actions"])
    assert hr.post(f"{PATH}/{job_id}:run", {}).code == "IMPORT_FILE_GONE"
    assert len(loaded(suite, hr, rows[0]["工号"][:-5])[0]) == job["result"]["created"]
    return job


def test_one_that_stopped_is_undone(suite, hr):
    before = believed(suite, hr)
    job = stopped(suite, hr, staff.Staff(SEED + 9, f"U{SEED}-").some(ROWS))
    undone(suite, hr, job, before)


def test_one_that_stopped_is_run_on(suite, hr):
    """What kept it up is mended: it goes on behind what is loaded, and tells its faults once."""
    rows = staff.Staff(SEED + 10, f"V{SEED}-").some(ROWS)
    for at in (3, ROWS - 3):
        rows[at]["部门编码"] = "NOWHERE"
    job = stopped(suite, hr, rows)
    suite.psql_all("archive", f"update blob set expire_time = expire_time + interval '1 year' where {blob_of(job['id'])}")
    hr.post(f"{PATH}/{job['id']}:run", {}).expect(202)
    job = staff.end_of_load(hr, job["id"], 120)
    assert (job["state"], job["result"]["created"], job["result"]["refused"]) == ("SUCCEEDED", ROWS - 2, 2) and "error_code" not in job
    assert [f["row"] for f in job["result"]["faults"]] == [5, ROWS - 1]
    numbers, hired = loaded(suite, hr, f"V{SEED}-")
    assert len(set(numbers)) == len(numbers) == ROWS - 2 and hired == [ROWS - 2] * 2
