"""Made-up staff by a seeded generator, the file that loads them, and people who can sign in.

    staff = Staff(seed=7, prefix="L")
    load(hr, staff.some(40)).expect...     # POST /employee-imports and wait for its end
    ana, ben = joined(suite, hr, ["L0001", "L0002"])
    ana.client.get("/api/v1/me")
"""
import base64
import csv
import io
import json
import random
import secrets
import threading
from dataclasses import dataclass, field

from http_client import Client
from renhe import wait_until

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉红梅建国文辉力志宏欣怡子涵雨泽浩然诗晨宇轩思琪梓萱"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Not those of the demo's people, so that nobody has the same number.
AREAS = ("130102", "210102", "220102", "230102", "320102", "340102", "350102", "360102", "370102", "410102")
TAKEN = set()  # by any generator of this process
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "CHECKED", "UNDONE", "STOPPED")
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def check_digit(body):
    """The 18th character of a resident's number (GB 11643-1999)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


class Staff:
    """Rows of an import file; the same seeds in the same order give the same people."""

    def __init__(self, seed, prefix):
        self.random = random.Random(seed)
        self.prefix = prefix
        self.count = 0

    def id_number(self):
        r = self.random
        while True:
            born = f"{r.randint(1968, 2004)}{r.randint(1, 12):02}{r.randint(1, 28):02}"
            body = r.choice(AREAS) + born + f"{r.randint(0, 999):03}"
            if body not in TAKEN:
                TAKEN.add(body)
                return body + check_digit(body)

    def mobile(self):
        return "1" + self.random.choice("3589") + "".join(self.random.choice("0123456789") for _ in range(9))

    def one(self, unit="S001", post="CASHIER", hired="2025-03-01"):
        r = self.random
        self.count += 1
        name = r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.choice((1, 2, 2))))
        return {
            "工号": f"{self.prefix}{self.count:05}", "姓名": name, "证件类型": "居民身份证",
            "证件号码": self.id_number(), "手机": self.mobile(), "入职日期": hired,
            "部门编码": unit, "岗位编码": post, "用工形式": r.choice(("全日制", "全日制", "非全日制")),
        }

    def some(self, n, **kw):
        return [self.one(**kw) for _ in range(n)]


def csv_bytes(rows, headers=None):
    text = io.StringIO()
    writer = csv.DictWriter(text, headers or list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


# ---- loading ----

def begin_load(hr, data, key=None, **query):
    """POST /employee-imports; the answer as it is. query: dry_run, kind, mapping ..."""
    return hr.request("POST", "/api/v1/employee-imports", data, query=query or None, key=key or secrets.token_hex(8),
                      headers={"Content-Type": XLSX if data[:2] == b"PK" else CSV})


def end_of_load(hr, job_id, seconds=120):
    def look():
        job = hr.get(f"/api/v1/employee-imports/{job_id}").expect(200).json
        return job if job["state"] in ENDED else None
    return wait_until(look, seconds, "the end of the import", every=0.1)


def load(hr, rows, seconds=120):
    """Loads rows and returns the import when it has ended well, all of them loaded."""
    job = end_of_load(hr, begin_load(hr, csv_bytes(rows)).expect(202).json["id"], seconds)
    assert job["state"] == "SUCCEEDED" and job["result"]["fault_count"] == 0, job
    return job


# ---- people who sign in ----

@dataclass
class Person:
    tenant: str
    number: str
    password: str
    account_id: str
    employee_id: str
    person_id: str
    client: Client = field(default=None, repr=False)

    def sign_in(self, suite):
        self.client = suite.sign_in(self.tenant, self.number, self.password)
        return self.client


def account_of(hr, number, seconds=30):
    """The account of a sign-in name, as soon as identity has heard of the hire."""
    def look():
        return hr.get("/api/v1/accounts", query={"sign_in_name": number}).expect(200).json["items"]
    return wait_until(look, seconds, f"the account of {number}")[0]


def employee_of(hr, number):
    found = hr.get("/api/v1/employees", query={"employee_number": number}).expect(200).json["items"]
    assert len(found) == 1, f"{number}: {found}"
    return found[0]


def joined(suite, hr, tenant, numbers):
    """People of these employee numbers with a password of their own; not yet signed in."""
    accounts = [account_of(hr, number) for number in numbers]
    codes = hr.post("/api/v1/accounts:issue-activations", {"ids": [a["id"] for a in accounts]})
    code_of = {c["account_id"]: c["code"] for c in codes.expect(200, 201).json["items"]}
    people = []
    for number, account in zip(numbers, accounts):
        password = "Renhe-" + secrets.token_urlsafe(9)
        suite.client().post("/api/v1/accounts:activate", {
            "tenant": tenant, "sign_in_name": number, "activation_code": code_of[account["id"]],
            "password": password}).expect(204)
        employee = employee_of(hr, number)
        people.append(Person(tenant, number, password, account["id"], employee["id"], account["person_id"]))
    return people


def claims(token):
    """What a token says, unverified."""
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def sign_in_together(suite, *people, tries=20):
    """Signs in until all of their tokens are of one second; the second."""
    for _ in range(tries):
        threads = [threading.Thread(target=p.sign_in, args=(suite,)) for p in people]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        seconds = {claims(p.client.token)["iat"] for p in people}
        if len(seconds) == 1:
            return seconds.pop()
    raise AssertionError(f"no two tokens of one second in {tries} tries")


# ---- what administrators do ----

def agreed(suite, answer, tenant):
    """The answer where it took effect at once; else the other administrator approves, and None."""
    if answer.status != 202:
        return answer.expect(201).json
    other = suite.second("TENANT_ADMIN", tenant)
    other.post(f"/api/v1/grant-requests/{answer.json['id']}:approve", {}).expect(200)


def grant(suite, admin, tenant, **body):
    """A grant, by four eyes where the company has them."""
    made = agreed(suite, admin.post("/api/v1/grants", body), tenant)
    held = admin.get("/api/v1/grants", query={"account_id": body["account_id"]}).expect(200).json["items"]
    return made or next(g for g in held if g["role"] == body["role"])


def new_account(suite, admin, tenant, name, roles):
    """An account without an employee, with the code for its first sign-in."""
    made = agreed(suite, admin.post("/api/v1/accounts", {"sign_in_name": name, "roles": roles}), tenant)
    if made:
        return made
    made = admin.get("/api/v1/accounts", query={"sign_in_name": name}).expect(200).json["items"][0]
    code = admin.post(f"/api/v1/accounts/{made['id']}:issue-activation").expect(200).json["code"]
    return {**made, "activation_code": code}


# ---- what HR does ----

def transfer(hr, employee_id, unit_id, day):
    now = hr.get(f"/api/v1/employees/{employee_id}").expect(200)
    return hr.post(f"/api/v1/employees/{employee_id}:transfer", {"org_unit_id": unit_id, "effective_date": day},
                   etag=now.json["etag"])


def end(hr, employee_id, day, reason="RESIGNED", etag=None):
    etag = etag or hr.get(f"/api/v1/employees/{employee_id}").expect(200).json["etag"]
    return hr.post(f"/api/v1/employees/{employee_id}:end", {"effective_date": day, "reason": reason}, etag=etag)


def units(hr):
    """Code -> unit."""
    return {u["code"]: u for u in hr.get("/api/v1/org-units", query={"page_size": 500}).expect(200).json["items"]}
