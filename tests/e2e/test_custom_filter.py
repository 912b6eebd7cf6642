"""Lists by declared fields (decision 28): exact values and ranges of those without a class, in the list, in the
search box and in exports; what can't be compared is refused by name; the plan looks values up by their index."""
import datetime
import itertools
import random
import secrets
import statistics
import time

import pytest

import staff
from renhe import wait_until
from tenants import Tenant
from test_search import plan_of, statement

PATH = "/api/v1/employees"
FIELDS = "/api/v1/employee-fields"
COMMAS = "红, 白\\,,"
SEED = secrets.randbelow(10**6)


def declare(client, key, type, **body):
    return client.post(FIELDS, {"key": key, "name_zh": key, "type": type, "field_class": "INTERNAL", **body}).expect(201).json


@pytest.fixture(scope="module")
def company(suite):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    declare(t.hr, "shirt_size", "CHOICE", choices=[{"code": c, "name_zh": c} for c in ("M", "L", "XL")])
    declare(t.hr, "score", "INTEGER")
    declare(t.hr, "licence_day", "DATE")
    declare(t.hr, "has_locker", "BOOLEAN")
    declare(t.hr, "badge", "TEXT")
    declare(t.hr, "nickname", "TEXT", field_class="CONTACT")
    old = declare(t.hr, "old", "TEXT")
    t.hr.patch(f"{FIELDS}/{old['id']}", {"state": "RETIRED"}, etag=old["etag"]).expect(200)
    draw, t.people = random.Random(SEED), {}
    for i in range(60):
        values = {k: v for k, v in (
            ("shirt_size", draw.choice(("M", "L", "XL"))), ("score", draw.randint(-50, 50)),
            ("licence_day", f"20{draw.randint(20, 30)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"),
            ("has_locker", draw.random() < 0.5), ("badge", draw.choice(("红", "red", "R=1", "a.gte", COMMAS, "a\\b"))), ("nickname", "小名")) if draw.random() < 0.8}
        number = f"F{i:03}"
        t.hr.post(PATH, {"employee_number": number, "name": draw.choice(("赵一", "钱二")), "hire_date": "2025-03-01", "org_unit_id": t.unit["id"],
                         "employment_type": "FULL_TIME", **({"custom_fields": values} if values else {})}).expect(201)
        t.people[number] = values
    return t


def escaped(condition):
    return condition.replace("\\", "\\\\").replace(",", "\\,")


def numbers(client, *conditions, size=500, **query):
    found, page = [], None
    while page or not found:
        got = client.get(PATH, query={"page_size": size, "custom": ",".join(map(escaped, conditions)), **query, **({"page_token": page} if page else {})}).expect(200).json
        found += [e["employee_number"] for e in got["items"]]
        page = got.get("next_page_token")
        if not page:
            return found


def fits(values, condition):
    key, _, text = condition.partition("=")
    name, _, op = key.partition(".")
    v = values.get(name)
    if v is None:
        return False
    as_text = {True: "true", False: "false"}.get(v, str(v)) if isinstance(v, bool) else str(v)
    if not op:
        return as_text == text
    left, right = (v, int(text)) if isinstance(v, int) else (v, text)
    return left >= right if op == "gte" else left <= right


SINGLE = ["shirt_size=L", "score=0", "score.gte=10", "score.lte=-10", "licence_day.gte=2025-01-01", "licence_day.lte=2024-12-31",
          "has_locker=true", "has_locker=false", "badge=红", "badge=R=1", "badge=a.gte", "badge=nobody", f"badge={COMMAS}", "badge=a\\b", "badge=a\\\\b", "score.gte=9007199254740991"]


@pytest.mark.parametrize("conditions", [(c,) for c in SINGLE] + list(itertools.combinations(SINGLE[:9], 2)) + [tuple(SINGLE[i] for i in (2, 4, 0, 6, 8))])
def test_as_an_oracle_says(company, conditions):
    expected = sorted(n for n, values in company.people.items() if all(fits(values, c) for c in conditions))
    assert numbers(company.hr, *conditions) == expected, SEED


def test_with_everything_else(company):
    half = [n for n, v in company.people.items() if fits(v, "score.gte=0")]
    assert numbers(company.hr, "score.gte=0", size=7) == sorted(half)  # by pages
    assert numbers(company.hr, "score.gte=0", employee_number=half[0]) == [half[0]]
    searched = numbers(company.hr, "score.gte=0", q="赵一")
    assert searched and set(searched) < set(half) and set(searched) == set(numbers(company.hr, "score.gte=0", q="赵一", size=3))
    token = company.hr.get(PATH, query={"page_size": 5, "custom": "score.gte=0"}).expect(200).json["next_page_token"]
    assert company.hr.get(PATH, query={"page_size": 5, "custom": "score.gte=1", "page_token": token}).code == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("custom, code", [
    ("shirt_size", "FORMAT"), ("=L", "FORMAT"), ("shirt_siz=L", "UNKNOWN_FIELD"),
    ("old=x", "UNKNOWN_FIELD"), ("shirt_size=S", "FORMAT"), ("shirt_size.gte=L", "NO_RANGE"),
    ("badge.lte=a", "NO_RANGE"), ("score=a", "TYPE"), ("score.gte=1.5", "TYPE"),
    ("licence_day.gte=2026-02-30", "DATE"), ("has_locker=yes", "TYPE"),
    ("badge=", "TOO_SHORT"), ("nickname=小名", "NOT_FILTERABLE")])
def test_what_is_refused(company, custom, code):
    """Whatever the fault, the pointer names the condition, in a parameter as in a body."""
    got = company.hr.get(PATH, query={"custom": f"score=1,{custom}"})
    sent = company.hr.post("/api/v1/employee-exports", {"format": "CSV", "custom": ["score=1", custom]})
    assert got.status in (400, 422) and sent.status in (400, 422), (got.body, sent.body)
    assert {e["pointer"]: e["code"] for e in got.json["errors"]} == {"?custom/1": code}, got.json["errors"]
    assert {e["pointer"]: e["code"] for e in sent.json["errors"]} == {"/custom/1": code}, sent.json["errors"]


def test_all_faults_at_once_and_the_nearest_name(company):
    got = company.hr.get(PATH, query={"custom": "shirt_siz=L,score=a,nickname=x"})
    assert [e["pointer"] for e in got.json["errors"]] == ["?custom/0", "?custom/1", "?custom/2"] and "shirt_size" in got.body.decode()
    assert company.hr.get(PATH, query={"custom": ",".join(["score.gte=1"] * 6)}).status in (400, 422)


def test_a_comma_in_a_value(company):
    """A comma stands behind a backslash; a backslash before anything else is itself."""
    holders = sorted(n for n, v in company.people.items() if v.get("badge") == COMMAS)
    assert holders and numbers(company.hr, f"badge={COMMAS}", "score.gte=-50") == [n for n in holders if "score" in company.people[n]]
    backslash = sorted(n for n, v in company.people.items() if v.get("badge") == "a\\b")
    for spelling in ("badge=a\\b", "badge=a\\\\b"):
        got = company.hr.get(PATH, query={"page_size": 500, "custom": spelling}).expect(200).json["items"]
        assert sorted(e["employee_number"] for e in got) == backslash and backslash, (SEED, spelling)
    for wrong in ("badge=红, 白", "badge=a,", "badge=a,,score=1", ",", "badge=红\\,白,x"):
        got = company.hr.get(PATH, query={"custom": wrong})
        assert got.status in (400, 422) and all(e["pointer"].startswith("?custom") for e in got.json["errors"]), (wrong, got.body)
    body = {"format": "CSV", "custom": [f"badge={COMMAS}"]}
    company.hr.post("/api/v1/employee-exports", body).expect(202)  # in a list of the body it is itself


def test_an_export_takes_them(company):
    made = company.hr.post("/api/v1/employee-exports", {"format": "CSV", "custom": ["shirt_size=L", "score.gte=0"]}).expect(202).json["id"]
    wait_until(lambda: company.hr.get(f"/api/v1/employee-exports/{made}").expect(200).json["state"] == "SUCCEEDED", 30, "the export")
    body = company.hr.get(f"/api/v1/employee-exports/{made}/file").expect(200).body.decode("utf-8-sig")
    expected = [n for n, v in company.people.items() if fits(v, "shirt_size=L") and fits(v, "score.gte=0")]
    assert sorted(n for n in company.people if n in body) == sorted(expected) and expected
    refused = company.hr.post("/api/v1/employee-exports", {"format": "CSV", "custom": ["nickname=x"]})
    assert refused.code == "VALIDATION_FAILED" and refused.json["errors"][0]["code"] == "NOT_FILTERABLE"


def test_nobody_elses(company, suite):
    """Another company has a field of the same key, and its own people only."""
    other = Tenant(suite)
    assert other.hr.get(PATH, query={"custom": "shirt_size=L"}).status in (400, 422)
    declare(other.hr, "shirt_size", "CHOICE", choices=[{"code": "L", "name_zh": "大"}])
    assert numbers(other.hr, "shirt_size=L") == []


def test_only_who_is_in_the_list(suite):
    """A store manager's conditions reach the own store and nobody else's, in the list and in the box."""
    t = Tenant(suite)
    root = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    declare(t.hr, "score", "INTEGER"), declare(t.hr, "badge", "TEXT")
    people = {}
    for code in ("SA", "SB"):
        unit = t.hr.post("/api/v1/org-units", {"code": code, "kind": "STORE", "name": code, "parent_id": root["id"], "effective_date": "2020-01-01"}).expect(201).json
        for i in range(4):
            body = {"employee_number": f"{code}{i}", "name": "李一", "hire_date": "2025-03-01", "org_unit_id": unit["id"], "employment_type": "FULL_TIME"}
            t.hr.post(PATH, {**body, "custom_fields": {"score": i, "badge": "同"}}).expect(201)
        people[code] = unit
    [head] = staff.joined(suite, t.hr, t.code, ["SA0"])
    wait_until(lambda: t.admin.post("/api/v1/grants", {"account_id": head.account_id, "role": "STORE_MANAGER", "store_ids": [people["SA"]["id"]]},
                                    query={"validate_only": "true"}).status in (200, 202), 60, "identity to know the store")
    staff.grant(suite, t.admin, t.code, account_id=head.account_id, role="STORE_MANAGER", store_ids=[people["SA"]["id"]])
    client = head.sign_in(suite)
    wait_until(lambda: len(client.get(PATH).expect(200).json["items"]) == 4, 60, "the grant to be known")
    for conditions, ends in ((("score.gte=2",), "23"), (("badge=同",), "0123"), (("badge=同", "score.lte=0"), "0"), (("score.gte=1", "score.lte=2"), "12"),
                             (("score=3",), "3"), (("score=9",), "")):
        assert numbers(client, *conditions) == [f"SA{i}" for i in ends], conditions
        assert numbers(client, *conditions, q="李一") == [f"SA{i}" for i in ends], conditions
        assert numbers(t.hr, *conditions) == [f"S{c}{i}" for c in "AB" for i in ends], conditions
        assert numbers(client, *conditions, org_unit_id=people["SB"]["id"]) == []
    t.admin.get(PATH, query={"custom": "badge=同"}).expect(403)


def test_two_ends_of_one_field_are_one_range(company):
    """However often a bound is said, the narrowest holds; an empty range finds nobody."""
    def between(low, high):
        return sorted(n for n, v in company.people.items() if low <= v.get("score", 99) <= high)
    assert numbers(company.hr, "score.gte=-20", "score.gte=0", "score.lte=40", "score.lte=20") == between(0, 20)
    assert numbers(company.hr, "score.lte=20", "score.lte=40", "score.gte=0", "score.gte=-20") == between(0, 20)
    assert numbers(company.hr, "score.gte=5", "score.lte=4") == []
    some = next(v["score"] for v in company.people.values() if "score" in v)
    assert numbers(company.hr, f"score={some}", f"score.gte={some}", f"score.lte={some}") == between(some, some)


# ---- many people ----

PEOPLE = 20_000
CROWD = f"""
create temp table crowd as select gen_random_uuid() as p, gen_random_uuid() as e, 'B' || lpad(n::text, 6, '0') as number, n from generate_series(1, {PEOPLE}) n;
insert into person (tenant_id, person_id, version, create_time, update_time) select '{{tenant}}', p, 1, now(), now() from crowd;
insert into person_revision (tenant_id, person_id, version, recorded_from, name, account_id) select '{{tenant}}', p, 1, now(), '孙' || n, '' from crowd;
insert into employee (tenant_id, id, person_id, employee_number, create_time) select '{{tenant}}', e, p, number, now() from crowd;
insert into employee_slice (tenant_id, employee_id, person_id, valid_from, recorded_from, employee_number, hire_date, annulled, org_unit_id, employment_type)
select '{{tenant}}', e, p, date '2025-03-01', now(), number, date '2025-03-01', false, '{{unit}}', 'FULL_TIME' from crowd;
insert into employee_custom (tenant_id, employee_id, person_id, field_id, plain, int_value) select '{{tenant}}', e, p, '{{score}}', n, n from crowd;
insert into employee_custom (tenant_id, employee_id, person_id, field_id, plain, date_value) select '{{tenant}}', e, p, '{{day}}', date '2026-01-01' + n, date '2026-01-01' + n from crowd;
insert into employee_custom (tenant_id, employee_id, person_id, field_id, plain) select '{{tenant}}', e, p, '{{badge}}', case when n % 4000 = 0 then '少' else '多' end from crowd;
analyze employee_custom"""


@pytest.fixture(scope="module")
def crowd(suite):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    ids = {key: declare(t.hr, key, type)["id"] for key, type in (("score", "INTEGER"), ("day", "DATE"), ("badge", "TEXT"))}
    suite.psql_all("archive", CROWD.format(tenant=t.id, unit=t.unit["id"], **ids))
    return t


def took(client, *conditions, **query):
    """Milliseconds of a page, the median of nine; the numbers on it."""
    times = []
    for _ in range(9):
        began = time.monotonic()
        got = client.get(PATH, query={"page_size": 50, "custom": ",".join(conditions), **query}).expect(200).json
        times.append(1000 * (time.monotonic() - began))
    return statistics.median(times), [int(e["employee_number"][1:]) for e in got["items"]]


FIRST = list(range(1, 51))


def day(n):
    return (datetime.date(2026, 1, 1) + datetime.timedelta(n)).isoformat()


@pytest.mark.parametrize("conditions, expected", [
    (("score=19999",), [19999]), (("score.gte=19990",), list(range(19990, 20001))), (("score.lte=3",), [1, 2, 3]),
    (("score.gte=10000", "score.lte=10004"), list(range(10000, 10005))), ((f"day.gte={day(19998)}",), [19998, 19999, 20000]),
    ((f"day.gte={day(8766)}", f"day.lte={day(8767)}"), [8766, 8767]), (("badge=少",), [4000, 8000, 12000, 16000, 20000]),
    (("badge=少", "score.gte=12000"), [12000, 16000, 20000]), (("badge=多", "score.gte=19998"), [19998, 19999]), (("score.gte=30000",), []),
    (("score.gte=1",), FIRST), (("badge=多",), FIRST), (("score.gte=1", "day.gte=2000-01-01"), FIRST),
    (("score.gte=15000",), list(range(15000, 15050)))], ids=lambda v: ",".join(map(str, v[:3])))
def test_among_many(crowd, figure, conditions, expected):
    ms, found = took(crowd.hr, *conditions)
    assert found == expected
    figure(f"{PEOPLE} people, {','.join(conditions)}: {ms:.1f} ms")


@pytest.mark.parametrize("scopes", ("tenant", "self,store", "self,team,store"))
@pytest.mark.parametrize("name", ("employee_list_few", "employee_list", "employee_custom_counts"))
def test_the_index_is_used(crowd, suite, name, scopes):
    """Under the runtime role and row security, in the plan that all calls share: values and ranges are keys of an index."""
    text, params = statement(name)
    given = {"custom_ids": f"'{{{crowd.id}}}'", "custom_plain": "array['']", "custom_low": "'{1}'", "custom_high": "array['']", "effective_on": "'2026-11-01'",
             "page_limit": "'51'"}
    plan = plan_of(suite, crowd, scopes, text, params, given)
    keys = [line for line in plan.split("\n") if "Index Cond" in line]
    assert any("(num >= " in k and "(num <= " in k and "(field_id = " in k for k in keys), plan
    assert any("(plain = " in k and "(field_id = " in k for k in keys), plan
