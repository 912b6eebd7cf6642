"""Declared fields in the search box: which may be searched, who finds whom by them, that nothing else is found by or
ranked by, and that whatever is written, changed, retired or erased, the box says what holds now."""
import itertools
import random
import secrets
import time
import unicodedata

import pytest

import staff
from renhe import wait_until
from tenants import Tenant

PATH = "/api/v1/employees"
FIELDS = "/api/v1/employee-fields"
SEED = secrets.randbelow(10**6)
MANY = 2100  # beyond what a change of a declaration writes down itself


def declare(client, key, type="TEXT", status=201, **body):
    return client.post(FIELDS, {"key": key, "name_zh": key, "type": type, "field_class": "INTERNAL", "searchable": True, **body}).expect(status).json


def change_field(t, key, **body):
    """PATCH of a declaration; the answer."""
    now = next(f for f in t.hr.get(FIELDS).expect(200).json["items"] if f["key"] == key)
    return t.hr.patch(f"{FIELDS}/{now['id']}", body, etag=now["etag"]).expect(200).json


def hire(t, name="周一", unit=None, **custom):
    t.count = getattr(t, "count", 0) + 1
    body = {"employee_number": f"K{t.count:04}", "name": name, "hire_date": "2025-03-01", "org_unit_id": (unit or t.unit)["id"], "employment_type": "FULL_TIME"}
    return t.hr.post(PATH, {**body, **({"custom_fields": custom} if custom else {})}).expect(201).json


def write(t, employee, custom, status=200):
    path = f"{PATH}/{employee['id']}"
    return t.hr.patch(path, {"custom_fields": custom}, etag=t.hr.get(path).etag).expect(status)


def found(client, box, **query):
    return [e["id"] for e in client.get(PATH, query={"q": box, "page_size": 500, **query}).expect(200).json["items"]]


def new_company(suite):
    t = Tenant(suite)
    t.unit = t.hr.post("/api/v1/org-units", {"code": "ROOT", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
    return t


SIZES = [{"code": "M", "name_zh": "中号", "name_en": "Medium"}, {"code": "L", "name_zh": "大号", "name_en": "Large"}]


@pytest.fixture(scope="module")
def company(suite):
    t = new_company(suite)
    for role in ("AUDITOR", "PAYROLL"):
        made = staff.new_account(suite, t.admin, t.code, "x" + role.lower(), [role])
        setattr(t, role, t.enter("x" + role.lower(), made["activation_code"]))
    declare(t.hr, "badge")
    declare(t.hr, "size", "CHOICE", choices=SIZES)
    declare(t.hr, "quiet", searchable=False)
    for key, field_class in (("nick", "CONTACT"), ("origin", "IDENTITY"), ("band", "PAY"), ("allergy", "HEALTH")):
        declare(t.hr, key, field_class=field_class, searchable=False)
    return t


# ---- declarations ----

@pytest.mark.parametrize("body", [
    *({"field_class": c} for c in ("CONTACT", "IDENTITY", "PAY", "HEALTH")), {"field_class": None}, {"type": "INTEGER"}, {"type": "DATE"},
    {"type": "BOOLEAN"}, {"max_len": 201}, {"type": "CHOICE", "choices": SIZES, "field_class": "HEALTH"}], ids=str)
def test_what_may_not_be_searched(company, body):
    """Sealed classes, the class that holds where nothing is said, other types, long texts; at once or later."""
    wish = {"key": "wrong", "name_zh": "错", "type": "TEXT", "field_class": "INTERNAL", **body}
    wish = {k: v for k, v in wish.items() if v is not None}
    got = company.hr.post(FIELDS, {**wish, "searchable": True}).expect(422)
    assert [(e["pointer"], e["code"]) for e in got.json["errors"]] == [("/searchable", "MISMATCH")]
    made = company.hr.post(FIELDS, wish).expect(201).json
    assert "searchable" not in made and "search_ready" not in made
    path = f"{FIELDS}/{made['id']}"
    got = company.hr.patch(path, {"searchable": True}, etag=made["etag"]).expect(422)
    assert [(e["pointer"], e["code"]) for e in got.json["errors"]] == [("/searchable", "MISMATCH")]
    company.hr.delete(path, etag=made["etag"]).expect(204)


def test_a_searched_one_takes_no_class_and_no_length(company):
    one = declare(company.hr, "passing")
    assert one["searchable"] and one["search_ready"]
    for body in ({"field_class": "HEALTH"}, {"field_class": "CONTACT"}, {"max_len": 300}, {"type": "DATE"}):
        got = company.hr.patch(f"{FIELDS}/{one['id']}", body, etag=one["etag"]).expect(422)
        assert got.json["errors"][0]["pointer"] == "/searchable", body
    for off in (False, None):
        off = change_field(company, "passing", searchable=off)
        assert not off.get("searchable") and "search_ready" not in off
    company.hr.delete(f"{FIELDS}/{one['id']}", etag=off["etag"]).expect(204)


def test_who_may_make_it_searchable(company):
    one = next(f for f in company.hr.get(FIELDS).json["items"] if f["key"] == "quiet")
    for client in (company.AUDITOR, company.PAYROLL):
        client.patch(f"{FIELDS}/{one['id']}", {"searchable": True}, etag=one["etag"]).expect(403)
    company.hr.patch(f"{FIELDS}/{one['id']}", {"searchable": "yes"}, etag=one["etag"]).expect(422)
    company.hr.patch(f"{FIELDS}/{one['id']}", {"search_ready": True}, etag=one["etag"]).expect(422, 400)


# ---- what is found ----

@pytest.mark.parametrize("value, yes, no", [
    ("红队 Alpha-7", ("红队", "队", "红队alpha", "ALPHA", "pha-7", "红 alpha-7", "ａｌｐｈａ"), ("蓝队", "hongdui", "红alpha8", "%", "_")),
    ("張三·特", ("张三特", "特", "三特"), ("zhang",)),
    ("R%_\\1", ("%", "_", "\\", "r%_\\1"), ("r1", "R%1")),
    ("ﬁne O'Hara", ("fine", "ohara", "O'Hara", "hara"), ("fi ne1",)),
    ("x" * 200, ("x" * 80, "xx"), ("xy",))], ids=lambda v: str(v)[:12])
def test_a_text(company, value, yes, no):
    one = hire(company, name="吴甲", badge=value)
    for box in yes:
        assert one["id"] in found(company.hr, box), box
        assert one["id"] in found(company.hr, f"吴甲 {box}"), box
        assert one["id"] in found(company.hr, f"{box} {one['employee_number']}"), box
    for box in no:
        assert one["id"] not in found(company.hr, box), box
    assert one["id"] not in found(company.hr, f"{yes[0]} 郑乙")
    write(company, one, {"badge": None}).expect(200)
    assert all(one["id"] not in found(company.hr, box) for box in yes)


def test_a_choice_by_its_names(company):
    one, two = hire(company, size="L"), hire(company, size="M")
    for box, hit in (("大号", one), ("large", one), ("LAR", one), ("中", two), ("medium", two)):
        got = found(company.hr, box)
        assert hit["id"] in got and (one if hit is two else two)["id"] not in got, box
    assert not {one["id"], two["id"]} & set(found(company.hr, "l")) - {one["id"]}


def test_it_ranks_last(company):
    """Number, name and place first; a field of the company's own behind them."""
    tag = "zz" + secrets.token_hex(3)
    place = company.hr.post("/api/v1/org-units", {"code": tag, "kind": "DEPARTMENT", "name": "部", "parent_id": company.unit["id"],
                                                  "effective_date": "2020-01-01"}).expect(201).json
    by_field, by_place, by_name = hire(company, badge=tag), hire(company, unit=place), hire(company, name=tag)
    assert found(company.hr, tag) == [by_name["id"], by_place["id"], by_field["id"]]
    both = hire(company, name=tag, badge=tag)
    assert found(company.hr, tag)[:2] == [by_name["id"], both["id"]], "a value lifts nobody above the others of the same name"
    assert [found(company.hr, tag, page_size=n)[:n] == found(company.hr, tag)[:n] for n in (1, 2, 3)] == [True] * 3


def test_nothing_is_found_by_what_is_sealed(company, suite):
    """Not by HR either, who sees contacts: neither found nor ranked nor counted by them, nor written down."""
    secret = {k: "秘" + secrets.token_hex(4) for k in ("nick", "origin", "band", "allergy", "quiet")}
    holder, other = hire(company, name="王秘", **{k: v for k, v in secret.items() if k in ("nick", "quiet")}), hire(company, name="王秘")
    write(company, holder, {"badge": "同"}), write(company, other, {"badge": "同"})
    for client, (key, value) in itertools.product((company.hr, company.PAYROLL, company.AUDITOR), secret.items()):
        assert found(client, value) == [] and found(client, f"王秘 {value}") == [], key
        assert found(client, "王秘") == [holder["id"], other["id"]] and found(client, "同") == [holder["id"], other["id"]]
    assert suite.psql_all("archive", "select distinct f.field_class from custom_gram g join employee_field f on f.id = g.field_id") == [["INTERNAL"]]
    assert suite.psql_all("archive", f"select count(*) from custom_gram g join employee_field f on f.id = g.field_id where f.tenant_id = '{company.id}' "
                                     "and f.key not in ('badge', 'size')") == [["0"]]


def test_only_who_is_in_the_list(company, suite):
    """The same value in two stores: each store manager finds the own people, and as many as the list shows."""
    value, stores = "组" + secrets.token_hex(4), []
    for code in ("SA", "SB"):
        unit = company.hr.post("/api/v1/org-units", {"code": code, "kind": "STORE", "name": code, "parent_id": company.unit["id"],
                                                     "effective_date": "2020-01-01"}).expect(201).json
        [head] = staff.joined(suite, company.hr, company.code, [hire(company, unit=unit)["employee_number"]])
        wait_until(lambda: company.admin.post("/api/v1/grants", {"account_id": head.account_id, "role": "STORE_MANAGER", "store_ids": [unit["id"]]},
                                              query={"validate_only": "true"}).status in (200, 202), 60, "identity to know the store")
        staff.grant(suite, company.admin, company.code, account_id=head.account_id, role="STORE_MANAGER", store_ids=[unit["id"]])
        stores.append((head.sign_in(suite), [hire(company, unit=unit, badge=value)["id"] for _ in range(3)]))
    everyone = [i for _, ids in stores for i in ids]
    for client in (company.hr, company.PAYROLL, company.AUDITOR):
        assert sorted(found(client, value)) == sorted(everyone)
    for client, own in stores:
        wait_until(lambda: len(client.get(PATH).expect(200).json["items"]) == 4, 60, "the grant to be known")
        assert sorted(found(client, value)) == sorted(own)
    company.admin.get(PATH, query={"q": value}).expect(403)


def test_two_tenants(company, suite):
    value, other = "同" + secrets.token_hex(4), new_company(suite)
    hire(company, badge=value)
    assert found(other.hr, value) == []
    declare(other.hr, "badge")
    assert found(other.hr, value) == []
    theirs = hire(other, badge=value)
    assert found(other.hr, value) == [theirs["id"]] and theirs["id"] not in found(company.hr, value)


# ---- what changes ----

def test_the_flag_and_the_state(suite):
    """Each answer holds at once: off, on, retired, taken up again; of values that were written while it was off, too."""
    t = new_company(suite)
    declare(t.hr, "badge", searchable=False)
    one = hire(t, badge="红旗")
    assert found(t.hr, "红旗") == []
    assert change_field(t, "badge", searchable=True)["search_ready"] and found(t.hr, "红旗") == [one["id"]]
    change_field(t, "badge", searchable=False)
    assert found(t.hr, "红旗") == []
    write(t, one, {"badge": "蓝旗"})
    assert change_field(t, "badge", searchable=True)["search_ready"]
    assert found(t.hr, "红旗") == [] and found(t.hr, "蓝旗") == [one["id"]]
    change_field(t, "badge", state="RETIRED")
    assert found(t.hr, "蓝旗") == []
    change_field(t, "badge", state="ACTIVE")
    assert found(t.hr, "蓝旗") == [one["id"]]
    t.hr.patch(f"{PATH}/{one['id']}", {"custom_fields": None}, etag=t.hr.get(f"{PATH}/{one['id']}").etag).expect(200)
    assert found(t.hr, "蓝旗") == []


def test_a_choice_renamed(suite):
    t = new_company(suite)
    declare(t.hr, "size", "CHOICE", choices=SIZES)
    one = hire(t, size="L")
    change_field(t, "size", choices=[SIZES[0], {"code": "L", "name_zh": "加大"}, {"code": "XL", "name_zh": "特大"}])
    assert found(t.hr, "大号") == found(t.hr, "large") == found(t.hr, "特大") == [] and found(t.hr, "加大") == [one["id"]]
    write(t, one, {"size": "XL"})
    assert found(t.hr, "加大") == [] and found(t.hr, "特大") == [one["id"]]


def test_annulled_and_erased(company, suite):
    value = "辞" + secrets.token_hex(4)
    made = hire(company, badge=value)
    company.hr.post(f"{PATH}/{made['id']}:annul", {"reason": "误录"}, etag=made["etag"]).expect(200)
    assert found(company.hr, value) == [] and found(company.hr, value, state="ANNULLED") == [made["id"]]
    asked = company.hr.post(f"/api/v1/persons/{made['person_id']}:erase", {"reason": "本人要求"}, key=secrets.token_hex(8)).expect(202).json
    second = staff.new_account(suite, company.admin, company.code, "hr2", ["HR"])
    company.enter("hr2", second["activation_code"]).post(f"/api/v1/change-requests/{asked['id']}:approve", {}).expect(200)
    assert found(company.hr, value, state="ANNULLED") == []
    assert suite.psql_all("archive", f"select count(*) from custom_gram where person_id = '{made['person_id']}'") == [["0"]]


def load(t, people, *values):
    """A file of new people with these declared fields; the import."""
    rows = [{k: v for k, v in people.one(unit="ROOT").items() if k != "岗位编码"} for _ in values]
    return staff.load(t.hr, [{**row, **of} for row, of in zip(rows, values)])


def test_a_file_of_people(suite):
    """Found as soon as the import has ended, by what may be searched; gone with its undo."""
    t = new_company(suite)
    declare(t.hr, "badge"), declare(t.hr, "quiet", searchable=False), declare(t.hr, "size", "CHOICE", choices=SIZES)
    job = load(t, staff.Staff(SEED, "V"), {"badge": "红队", "quiet": "静"}, {"badge": "红队七", "size": "大号"}, {"quiet": "静", "size": "L"})
    assert [len(found(t.hr, box)) for box in ("红队", "七", "大号", "静", "红队 大号")] == [2, 1, 2, 0, 1]
    assert grams_held(suite, t) == grams_due(suite, t)
    t.hr.post(f"/api/v1/employee-imports/{job['id']}:undo", {}).expect(202)
    wait_until(lambda: not grams_held(suite, t), 60, "the undo")
    assert found(t.hr, "红队") == found(t.hr, "大号") == []


# ---- many ----

def test_more_values_than_one_request_writes_down(suite, figure):
    """The declaration says that search isn't ready; until then nobody is found by it, then everybody; off holds at once."""
    t = new_company(suite)
    t.hr.post("/api/v1/org-units", {"code": "S001", "kind": "STORE", "name": "店", "parent_id": t.unit["id"], "effective_date": "2020-01-01"}).expect(201)
    t.hr.post("/api/v1/posts", {"code": "CASHIER", "name": "收银员"}).expect(201)
    staff.load(t.hr, staff.Staff(SEED, "W").some(MANY), 300)
    declare(t.hr, "badge", searchable=False)
    suite.psql_all("archive", f"insert into employee_custom (tenant_id, employee_id, person_id, field_id, plain) select e.tenant_id, e.id, e.person_id, f.id, "
                              f"'章' || e.employee_number from employee e join employee_field f on f.tenant_id = e.tenant_id where e.tenant_id = '{t.id}'")
    began = time.monotonic()
    said = change_field(t, "badge", searchable=True)
    answered = time.monotonic() - began
    assert said["searchable"] and said["search_ready"] is False

    def ready():
        got = found(t.hr, "章W00001")
        now = t.hr.get(f"{FIELDS}/{said['id']}").expect(200).json["search_ready"]
        assert got == [] or len(got) == 1
        return now
    wait_until(ready, 120, "the walk over all values", every=0.05)
    figure(f"{MANY} values: answered after {1000 * answered:.0f} ms, found by after {1000 * (time.monotonic() - began):.0f} ms")
    for number in ("W00001", "W00500", "W00501", f"W{MANY:05}"):
        assert len(found(t.hr, "章" + number)) == 1, number
    assert grams_held(suite, t) == grams_due(suite, t)
    one = t.hr.get(PATH, query={"employee_number": "W00007"}).expect(200).json["items"][0]
    began = time.monotonic()
    change_field(t, "badge", searchable=False)
    assert found(t.hr, "章W00001") == []
    write(t, one, {"badge": None})  # while they are being taken away
    change_field(t, "badge", searchable=True)
    write(t, one, {"badge": "新章"})  # while they are being written
    wait_until(ready, 120, "the second walk", every=0.05)
    assert found(t.hr, "新章") == [one["id"]] and found(t.hr, "章W00007") == []
    assert grams_held(suite, t) == grams_due(suite, t)


# ---- at random ----

def fold(text):
    simpler = str.maketrans("紅隊", "红队")
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold().translate(simpler) if c not in " ·'")


def ends(text):
    folded = fold(text)
    return {folded[i:] for i in range(len(folded))}


def grams_due(suite, t):
    """Anew, from declarations and values as they are."""
    fields, due = {f["id"]: f for f in t.hr.get(FIELDS).expect(200).json["items"]}, set()
    for employee, field, plain in suite.psql_all("archive", f"select employee_id, field_id, plain from employee_custom where tenant_id = '{t.id}' and plain is not null"):
        f = fields[field]
        if not f.get("searchable") or f["state"] != "ACTIVE":
            continue
        chosen = next((c for c in f.get("choices", []) if c["code"] == plain), None)
        texts = [plain] if f["type"] == "TEXT" else [chosen["name_zh"], chosen.get("name_en", "")]
        due |= {(employee, field, gram) for text in texts for gram in ends(text)}
    return due


def grams_held(suite, t):
    return {tuple(r) for r in suite.psql_all("archive", f"select employee_id, field_id, gram from custom_gram where tenant_id = '{t.id}'")}


def same(held, due):
    """The first difference, or None: sets are long."""
    return next(iter(sorted(held ^ due)), None)


VALUES = ("红队", "紅隊 B", "Blue Team", "ﬁx", "O'Hara", "a·b", "ＡＢ", "甲乙丙丁", "%_", "13812345678", "1")


def test_after_random_writes_they_are_as_if_made_anew(suite, figure):
    r, t = random.Random(SEED), new_company(suite)
    declare(t.hr, "badge"), declare(t.hr, "team", searchable=False), declare(t.hr, "nick", field_class="CONTACT", searchable=False)
    declare(t.hr, "size", "CHOICE", choices=SIZES)
    people, names, newcomers = [], 0, staff.Staff(SEED, "N")

    def values():
        some = {"badge": r.choice(VALUES), "team": r.choice(VALUES), "nick": r.choice(VALUES), "size": r.choice("ML")}
        return {k: v for k, v in some.items() if r.random() < 0.5 and states[k] == "ACTIVE"}
    states = dict.fromkeys(("badge", "team", "nick", "size"), "ACTIVE")
    for step in range(120):
        what = r.random()
        if what < 0.3 or not people:
            people.append(hire(t, **values()))
        elif what < 0.6:
            write(t, r.choice(people), {k: None if r.random() < 0.3 else v for k, v in values().items()})
        elif what < 0.62:
            load(t, newcomers, *(values() for _ in range(r.randint(1, 4))))
        elif what < 0.67:
            write(t, r.choice(people), None)
        elif what < 0.75:
            key = r.choice(("badge", "team", "size"))
            change_field(t, key, searchable=r.random() < 0.6)
        elif what < 0.85:
            key = r.choice(("badge", "team", "size"))
            states[key] = r.choice(("ACTIVE", "RETIRED"))
            change_field(t, key, state=states[key])
        elif what < 0.95:
            names += 1
            change_field(t, "size", choices=[SIZES[0], {"code": "L", "name_zh": f"大{names}", **({"name_en": "Big"} if r.random() < 0.5 else {})}])
        else:
            gone = people.pop(r.randrange(len(people)))
            t.hr.post(f"{PATH}/{gone['id']}:annul", {"reason": "误录"}, etag=t.hr.get(f"{PATH}/{gone['id']}").etag).expect(200)
        if step % 10 == 9:
            assert same(grams_held(suite, t), grams_due(suite, t)) is None, (SEED, step)
    for key in ("badge", "team", "size"):
        change_field(t, key, searchable=True, state="ACTIVE")
    held = grams_held(suite, t)
    assert held and same(held, grams_due(suite, t)) is None, SEED
    figure(f"120 writes, {len(people)} people, {len(held)} grams (seed {SEED})")
    for _, _, gram in r.sample(sorted(held), min(25, len(held))):
        assert set(found(t.hr, gram, state="PENDING,ACTIVE,ENDED,ANNULLED")) >= {e for e, _, g in held if g.startswith(gram)}, (SEED, gram)
