"""Rows of a file whose people are new are written many at once, without asking the database. Truth is the same
person hired, and ended, one call at a time: tables, timers and events must say the same of both."""
import datetime
import json
import secrets

import pytest

import staff
from events import decode
from renhe import wait_until

AHEAD, FARTHER, BEHIND = ((datetime.date.today() + datetime.timedelta(n)).isoformat() for n in (40, 90, -300))
# hired, first day without the employment
LIVES = {"plain": (BEHIND, None), "ended": (BEHIND, "2026-03-01"), "ahead": (AHEAD, None), "end ahead": (BEHIND, AHEAD), "both ahead": (AHEAD, FARTHER)}
TABLES = {
    "person": "person_id = '{person}'", "person_revision": "person_id = '{person}'", "employee": "person_id = '{person}'",
    "employee_fact": "person_id = '{person}'", "employee_slice": "person_id = '{person}'", "employee_gram": "person_id = '{person}'",
    "people_person": "person_id = '{person}'", "people_employment": "person_id = '{person}'", "people_assignment": "person_id = '{person}'",
    "aggregate_sequence": "aggregate_id = '{person}'", "timer": "aggregate_id = '{person}'",
}
TOPICS = ("employee.v1", "person.snapshot.v1", "ending.v1", "identity_private.v1", "contact_private.v1")
# Each sealing is another text; instants are compared by their order below.
OTHER = ("id_number", "id_number_index", "mobile", "mobile_index", "email", "address", "emergency_contact", "slice_id", "create_time", "update_time",
         "recorded_from", "recorded_to", "recorded_time", "account_id", "set_time")


@pytest.fixture(scope="module")
def hr(suite):
    return suite.sign_in_as("HR", "demo")


def by_call(hr, row):
    units = staff.units(hr)
    posts = {p["code"]: p["id"] for p in hr.get("/api/v1/posts", query={"page_size": 500}).expect(200).json["items"]}
    body = {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID", "id_number": row["证件号码"], "mobile": row["手机"],
            "hire_date": row["入职日期"], "org_unit_id": units[row["部门编码"]]["id"], "post_id": posts[row["岗位编码"]],
            "employment_type": "FULL_TIME"}
    one = hr.post("/api/v1/employees", body).expect(201).json
    if row.get("离职日期"):
        hr.post(f"/api/v1/employees/{one['id']}:end", {"effective_date": row["离职日期"], "reason": "RESIGNED"}, etag=one["etag"]).expect(200)


def named(value, own):
    text = json.dumps(value, sort_keys=True)
    for mine, name in own.items():
        text = text.replace(mine, name)
    return text


def of(suite, hr, number):
    """All that stands of somebody, with names for what is his alone."""
    one = staff.employee_of(hr, number)
    own = {one["id"]: "EMPLOYEE", one["person_id"]: "PERSON", number: "NUMBER", number.lower(): "NUMBER"}
    found = {}
    for table, where in TABLES.items():
        rows = suite.psql_all("archive", f"select to_jsonb(t) from {table} t where {where.format(person=one['person_id'])}")
        found[table] = sorted(named({k: v for k, v in json.loads(r[0]).items() if k not in OTHER}, own) for r in rows)
    found["instants"] = suite.psql_all("archive", f"""
        select p.update_time = (select max(recorded_from) from person_revision where person_id = p.person_id),
               (select count(*) from employee_slice s where s.person_id = p.person_id and recorded_to <= recorded_from),
               (select count(*) from person_revision a join person_revision b on b.person_id = a.person_id and b.version = a.version + 1
                 and b.recorded_from = a.recorded_to and a.recorded_to > a.recorded_from where a.person_id = p.person_id)
        from person p where person_id = '{one['person_id']}'""")
    found["sealed"] = suite.psql_all("archive", "select (id_number is null), (mobile is null), (id_number_index is null), (mobile_index is null) "
                                     f"from person_revision where person_id = '{one['person_id']}' order by version")
    shown = hr.get(f"/api/v1/employees/{one['id']}").expect(200).json
    found["shown"] = named({k: v for k, v in shown.items() if k not in ("create_time", "update_time", "mobile", "id_number")}, own)
    return one, own, found


def told(records, one, own, topic, message=None):
    """Events of the person: type, sequence, value."""
    out = []
    for e in records[topic].get(one["person_id"], []):
        value = decode(message or "renhe.archive." + {"hired": "EmployeeHired", "ended": "EmployeeEnded"}[e.type.split(".")[-2]], e.value)
        out.append((e.type, e.headers.get("ce_sequence"), named(value, own)))
    return out


@pytest.fixture(scope="module")
def records(suite, pairs):
    """Topic -> person -> records, read once."""
    found = {}
    for topic in TOPICS:
        of_person = found["renhe.archive." + topic] = {}
        for e in suite.events("renhe.archive." + topic):
            of_person.setdefault(e.key.decode()[-36:], []).append(e)
    return found


@pytest.fixture(scope="module")
def pairs(suite, hr):
    """How he came -> (called, loaded), told apart by number, document and phone alone."""
    tag = "W" + secrets.token_hex(3)
    made, found, rows = staff.Staff(tag, tag), {}, []
    for what, (hired, ends) in LIVES.items():
        called, loaded = made.one(hired=hired), made.one(hired=hired)
        called |= {"用工形式": "全日制", **({"离职日期": ends, "离职原因": "辞职"} if ends else {})}
        by_call(hr, called)
        rows.append({**called, "工号": loaded["工号"], "证件号码": same_birth(made, called["证件号码"]), "手机": loaded["手机"]})
        found[what] = (called["工号"], loaded["工号"])
    staff.load(hr, [{"离职日期": "", "离职原因": "", **row} for row in rows])
    wait_until(lambda: suite.psql_all("archive", "select count(*) from outbox") == [["0"]], 30, "the relay")
    return found


def same_birth(made, number):
    """Another document of the same day and sex."""
    while True:
        body = number[:14] + f"{made.random.randint(0, 99):02}" + number[16]
        if body not in staff.TAKEN:
            staff.TAKEN.add(body)
            return body + staff.check_digit(body)


@pytest.mark.parametrize("life", LIVES)
def test_tables_say_the_same(suite, hr, pairs, life):
    (_, _, called), (_, _, loaded) = (of(suite, hr, number) for number in pairs[life])
    for what in called:
        assert loaded[what] == called[what], what


@pytest.mark.parametrize("life", LIVES)
def test_events_say_the_same(suite, hr, pairs, records, life):
    """But for the snapshot between hire and end, which nobody could have seen."""
    (called, names, _), (loaded, other, _) = (of(suite, hr, number) for number in pairs[life])
    facts = told(records, called, names, "renhe.archive.employee.v1")
    assert told(records, loaded, other, "renhe.archive.employee.v1") == facts and len(facts) == 1 + bool(LIVES[life][1])
    snapshots, endings = ([told(records, one, own, f"renhe.archive.{topic}", f"renhe.archive.{kind}") for one, own in ((called, names), (loaded, other))]
                          for topic, kind in (("person.snapshot.v1", "PersonSnapshot"), ("ending.v1", "PersonEnding")))
    assert snapshots[1] == snapshots[0][-1:] and snapshots[1]
    assert endings[1] == endings[0] and len(endings[0]) == bool(LIVES[life][1])
    for topic in TOPICS[3:]:  # sealed: how many alone can be told
        private = [len(records["renhe.archive." + topic].get(one["person_id"], [])) for one in (called, loaded)]
        assert private[1] == private[0], topic


@pytest.mark.parametrize("life", LIVES)
def test_accounts_are_the_same(suite, hr, pairs, life):
    one, other = (wait_until(lambda n=n: suite_account(suite, hr, n), 30, "the account") for n in pairs[life])
    assert one == other


def suite_account(suite, hr, number):
    found = hr.get("/api/v1/accounts", query={"sign_in_name": number}).expect(200).json["items"]
    return {k: found[0].get(k) for k in ("state", "kind")} if found else None
