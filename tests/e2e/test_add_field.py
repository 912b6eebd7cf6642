"""A text, a choice, a dated and a sensitive field are added to the employee as CONTRIBUTING.md says, in a
copy of the checkout under a company that is at work already. No C changes; everything else follows.

The steps are read out of CONTRIBUTING.md (lib/contributing.py). The copy's scripts/up starts it with the
programs as they are; after the steps archive and gateway are built anew, and the same scripts/up migrates
and restarts what has changed. Identity goes on with the contract that it knows."""
import csv
import io
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest

import contributing
from contributing import CopiedSuite
from events import decode
from renhe import CHECKOUT, free_base, wait_until

SECTION = "Add a field"
FIELDS = {"native_place", "education", "cost_centre", "household_address"}
ADDRESS = "浙江省绍兴市越城区咸亨弄7号"
FACTS, SNAPSHOTS = "renhe.archive.employee.v1", "renhe.archive.person.snapshot.v1"


class Grown:
    """The company before and after: what was hired before, what the steps changed."""

    def __init__(self, folder):
        self.copy = folder / "checkout"
        contributing.copy_checkout(self.copy)
        self.before = contributing.digests(self.copy)
        self.took = {}
        self.suite = CopiedSuite(self.copy, folder / "run", free_base())
        self.timed("start", self.start_old)
        self.hr = self.suite.sign_in_as("HR", "demo")
        self.unit = self.hr.get("/api/v1/org-units").expect(200).json["items"][0]["id"]
        self.old = self.hire("A-OLD").expect(201)

    def timed(self, what, work):
        start = time.monotonic()
        work()
        self.took[what] = round(time.monotonic() - start, 1)

    def start_old(self):
        for part in ("bin", "gen"):
            shutil.copytree(CHECKOUT / "build" / part, self.copy / "build" / part)
        self.suite.up("--no-build")
        for part in ("gen", "bin/archive", "bin/gateway"):
            one = self.copy / "build" / part
            shutil.rmtree(one) if one.is_dir() else one.unlink()

    def add_fields(self):
        for step in contributing.steps(SECTION):
            contributing.do(step, self.copy)

    def build(self):
        for what in (["--preset", "release"], ["--build", "--preset", "release", "--target", "archive", "gateway"]):
            done = subprocess.run(["cmake", *what], cwd=self.copy, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]

    def migrate_and_restart(self):
        self.suite.up("--no-build")
        self.hr = self.suite.sign_in_as("HR", "demo")

    def documents(self):
        for line in contributing.commands(SECTION):
            done = subprocess.run(["bash", "-c", line], cwd=self.copy, capture_output=True, text=True)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    def hire(self, number, **more):
        body = {"employee_number": number, "name": "鲁四", "hire_date": "2026-01-05", "org_unit_id": self.unit,
                "employment_type": "FULL_TIME", **more}
        return self.hr.post("/api/v1/employees", body)

    def patch(self, employee, body):
        return self.hr.patch(f"/api/v1/employees/{employee['id']}", body, etag=employee["etag"])

    def get(self, employee, client=None, **query):
        return (client or self.hr).get(f"/api/v1/employees/{employee['id']}", query=query).expect(200)

    def events(self, topic, employee):
        """Decoded values of the person's events, in order."""
        name = {FACTS: "renhe.archive.EmployeeChanged", SNAPSHOTS: "renhe.archive.PersonSnapshot"}[topic]
        found = [e for e in self.suite.events(topic) if e.key.decode().endswith(employee["person_id"])]
        kinds = ("renhe.archive.employee.changed.v1", "renhe.archive.person.snapshot.v1")
        return [decode(name, e.value) for e in found if e.type in kinds]


@pytest.fixture(scope="module")
def grown():
    folder = Path(tempfile.mkdtemp(prefix="renhe-"))
    folder.chmod(0o755)
    made = None
    try:
        made = Grown(folder)
        made.add_fields()
        made.timed("build", made.build)
        made.timed("migrate and restart", made.migrate_and_restart)
        made.documents()
        yield made
    finally:
        if made:
            made.suite.down("--purge")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def full(grown):
    """An employee with all four."""
    return grown.hire("A-FULL", native_place="绍兴", education="BACHELOR", cost_centre="CC-1",
                      household_address=ADDRESS).expect(201).json


def test_the_text_has_the_four_fields():
    text = contributing.section(SECTION)
    steps = contributing.steps(SECTION)
    assert [s.where for s in steps].count("new") == 4, "one migration each"
    lists = [s for s in steps if "list" in s.where]
    assert {s.text.strip() for s in lists} == FIELDS, "one name in a column list each"
    lines = [s.text for s in steps if s.where.startswith("behind")]
    assert {re.search(r"(\w+) = \d+ \[", line).group(1) for line in lines} == FIELDS
    assert all(line.count("\n") == 1 for line in lines), "one line in the contract each"
    fenced = len(re.findall(r"^```\w+$", text, re.M))
    assert fenced == len(steps) + 1, "a block of the text is no step"


def test_a_step_without_its_place_is_told(tmp_path):
    (tmp_path / "a.sql").write_text("-- list: other = a, b\n")
    step = contributing.Step("a.sql", "at the end of list `fields`", "c\n")
    with pytest.raises(AssertionError, match="0 places"):
        contributing.do(step, tmp_path)


def test_no_c_changes(grown, figure):
    figure(f"four fields: {grown.took} s")
    after = contributing.digests(grown.copy)
    changed = {p for p in grown.before.keys() | after.keys() if grown.before.get(p) != after.get(p)}
    migrations = {p for p in changed if re.fullmatch(r"services/archive/migrations/\d{4}_\w+\.sql", p)}
    assert len(migrations) == 4 and not migrations & grown.before.keys()
    assert changed - migrations == {"proto/renhe/archive/employee.proto", "services/archive/sql/employee.sql",
                                    "proto/openapi.json"}


# ---- the API ----

def test_all_four_go_in_and_out(grown, full):
    expected = {"native_place": "绍兴", "education": "BACHELOR", "cost_centre": "CC-1", "household_address": ADDRESS}
    assert {n: full.get(n) for n in FIELDS} == expected
    read = grown.get(full).json
    assert {n: read.get(n) for n in FIELDS} == expected


def test_changed_and_cleared(grown):
    one = grown.hire("A-CLEAR", native_place="绍兴", education="COLLEGE", household_address=ADDRESS).expect(201).json
    two = grown.patch(one, {"native_place": "宁波", "education": None}).expect(200).json
    assert (two.get("native_place"), two.get("education"), two["household_address"]) == ("宁波", None, ADDRESS)
    three = grown.patch(two, {"native_place": None, "household_address": None}).expect(200).json
    assert not FIELDS & three.keys()


def test_who_was_there_before_stays_the_same(grown):
    """The row from before the migration: without the fields, open to them, and as_of tells the same bytes."""
    old = grown.old.json
    again = grown.get(old, as_of=old["update_time"], effective_on=old["effective_on"])
    cut = re.sub(rb',"etag":.*$', b"}", grown.old.body)
    assert again.body == cut
    changed = grown.patch(old, {"native_place": "嵊州", "cost_centre": "CC-9", "effective_date": "2026-03-01"})
    assert changed.expect(200).json["native_place"] == "嵊州"
    later = grown.get(old, as_of=old["update_time"], effective_on=old["effective_on"])
    assert later.body == cut
    assert grown.get(old, effective_on="2026-02-28").json.get("cost_centre") is None
    assert grown.get(old, effective_on="2026-03-01").json["cost_centre"] == "CC-9"


REFUSED = (
    ({"native_place": "绍" * 61}, "/native_place"),
    ({"native_place": 7}, "/native_place"),
    ({"native_place": "a\nb"}, "/native_place"),
    ({"education": "bachelor"}, "/education"),
    ({"education": "EDUCATION_BACHELOR"}, "/education"),
    ({"education": "UNSPECIFIED"}, "/education"),
    ({"cost_centre": "C" * 21, "effective_date": "2026-03-01"}, "/cost_centre"),
    ({"cost_centre": "C C", "effective_date": "2026-03-01"}, "/cost_centre"),
    ({"household_address": "址" * 201}, "/household_address"),
    ({"household_addres": "x"}, "/household_addres"),
)


@pytest.mark.parametrize("body, pointer", REFUSED)
def test_bad_values_are_refused_by_pointer(grown, full, body, pointer):
    current = grown.get(full).json
    told = grown.patch(current, body).expect(400, 422).json
    assert [e["pointer"] for e in told["errors"]] == [pointer], told
    assert grown.get(full).json == current


def test_every_fault_at_once(grown):
    told = grown.hire("A-BAD", native_place="绍" * 61, education="DOCTOR", cost_centre="", household_address="址" * 201)
    assert {e["pointer"] for e in told.expect(422).json["errors"]} == {"/" + n for n in FIELDS}


def test_a_limit_is_kept_exactly(grown):
    longest = {"native_place": "绍" * 60, "cost_centre": "C" * 20, "household_address": "址" * 200}
    got = grown.hire("A-LONG", **longest).expect(201).json
    assert {n: got[n] for n in longest} == longest


# ---- sensitive ----

@pytest.mark.parametrize("role, value, restricted", [("HR", ADDRESS, False), ("AUDITOR", "****", False),
                                                     ("PAYROLL", None, True)])
def test_who_sees_the_sensitive_one(grown, full, role, value, restricted):
    seen = grown.get(full, grown.suite.sign_in_as(role, "demo")).json
    assert seen.get("household_address") == value
    assert ("household_address" in seen.get("restricted_fields", [])) == restricted
    assert seen["native_place"] == "绍兴"


def test_the_sensitive_one_is_sealed(grown, full):
    ((tenant,),) = grown.suite.psql("identity", "select id from tenant where code = 'demo'")
    clear = f"convert_to('{ADDRESS}', 'UTF8')"
    rows = grown.suite.psql("archive", f"select octet_length(household_address), position({clear} in household_address), "
                                       f"native_place from person_revision where person_id = '{full['person_id']}' "
                                       f"order by version", tenant)
    assert int(rows[0][0]) > len(ADDRESS.encode()) and rows[0][1] == "0"
    assert rows[0][2] == "绍兴"
    # In no file of the database or the broker; the plain one is in some.
    assert files_with(grown.suite.run_dir, ADDRESS) == []
    assert files_with(grown.suite.run_dir, "绍兴") != []


def files_with(folder, text):
    done = subprocess.run(["grep", "-rlaF", "--", text, str(folder / "postgres"), str(folder / "kafka")],
                          capture_output=True, text=True)
    return done.stdout.splitlines()


# ---- documents ----

def test_openapi_has_them(grown):
    schemas = grown.suite.client().get("/api/v1/openapi.json").expect(200).json["components"]["schemas"]
    for name in ("Employee", "EmployeeInput", "EmployeePatch"):
        assert FIELDS <= schemas[f"archive.{name}"]["properties"].keys()
    given = schemas["archive.EmployeeInput"]["properties"]
    assert [given[n]["maxLength"] for n in ("native_place", "cost_centre", "household_address")] == [60, 20, 200]
    assert given["cost_centre"]["x-dated"] and given["household_address"]["x-mask"] == "ALL"
    assert "BACHELOR" in schemas["archive.Education"]["enum"]


def test_the_commands_make_the_committed_document_current(grown):
    committed, was = ((root / "proto/openapi.json").read_text() for root in (grown.copy, CHECKOUT))
    assert all(f'"{n}"' in committed for n in FIELDS)
    assert not any(f'"{n}"' in was for n in FIELDS)
    assert committed == (grown.copy / "build/gen/openapi.json").read_text()


# ---- events and time ----

def test_the_event_names_them(grown):
    one = grown.hire("A-EVENT").expect(201).json
    body = {"native_place": "绍兴", "education": "MASTER", "household_address": ADDRESS, "cost_centre": "CC-2",
            "effective_date": "2026-04-01"}
    grown.patch(one, body).expect(200)
    (changed,) = wait_until(lambda: [e for e in grown.events(FACTS, one) if e.get("changes")], 20, "the event")
    by_name = {c["field"]: c for c in changed["changes"]}
    assert by_name.keys() == FIELDS
    assert by_name["cost_centre"] == {"field": "cost_centre", "new_value": "CC-2"}
    assert all(c.keys() == {"field"} for n, c in by_name.items() if n != "cost_centre"), "only names of what is personal"
    assert changed["effective_date"] == "2026-04-01"


def test_the_dated_one_has_both_axes_and_reaches_the_snapshot(grown):
    one = grown.hire("A-DATED", cost_centre="CC-1").expect(201).json
    assert grown.patch(one, {"cost_centre": "CC-2"}).expect(422).code == "EFFECTIVE_DATE_REQUIRED"
    future = grown.patch(one, {"cost_centre": "CC-3", "effective_date": "2027-06-01"}).expect(200).json
    late = grown.patch(future, {"cost_centre": "CC-2", "effective_date": "2026-03-01"}).expect(200).json

    def on(day, told=None):
        return grown.get(one, effective_on=day, **({"as_of": told["update_time"]} if told else {})).json["cost_centre"]

    days = ("2026-02-28", "2026-03-01", "2027-05-31", "2027-06-01")
    assert [on(d) for d in days] == ["CC-1", "CC-2", "CC-2", "CC-3"]
    assert [on(d, late) for d in days] == ["CC-1", "CC-2", "CC-2", "CC-3"]
    assert [on(d, future) for d in days] == ["CC-1", "CC-1", "CC-1", "CC-3"]
    assert [on(d, one) for d in days] == ["CC-1"] * 4

    def timeline():
        last = grown.events(SNAPSHOTS, one)[-1]
        return last if int(last["version"]) == late["version"] else None

    slices = wait_until(timeline, 20, "the snapshot")["employments"][0]["slices"]
    told = [(s["valid_from"], [f["new_value"] for f in s["fields"] if f["field"] == "cost_centre"]) for s in slices]
    assert told == [("2026-01-05", ["CC-1"]), ("2026-03-01", ["CC-2"]), ("2027-06-01", ["CC-3"])]


def test_imports_know_their_titles_and_labels(grown):
    code = next(u["code"] for u in grown.hr.get("/api/v1/org-units").json["items"] if u["id"] == grown.unit)
    row = {"工号": "A-IMPORT", "姓名": "孔乙己", "入职日期": "2026-02-01", "部门编码": code, "用工形式": "全日制",
           "籍贯": "绍兴", "学历": "本科", "成本中心": "CC-7", "户籍地址": ADDRESS}
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    job = grown.hr.post("/api/v1/employee-imports", text.getvalue().encode(), key=str(uuid.uuid4()),
                        headers={"Content-Type": "text/csv"}).expect(202).json

    def ended():
        told = grown.hr.get(f"/api/v1/employee-imports/{job['id']}").expect(200).json
        return told if told["state"] in ("SUCCEEDED", "FAILED") else None

    assert wait_until(ended, 30, "the import")["state"] == "SUCCEEDED"
    (one,) = grown.hr.get("/api/v1/employees", query={"employee_number": "A-IMPORT"}).expect(200).json["items"]
    assert [one[n] for n in ("native_place", "education", "cost_centre", "household_address")] == [
        "绍兴", "BACHELOR", "CC-7", ADDRESS]
