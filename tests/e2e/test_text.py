"""Texts that break programs (the Big List of Naughty Strings), through every free text field of the
contract over HTTP: what is taken comes back byte by byte, what is refused names its rule."""
import json
from collections import Counter

import pytest

import contract
from renhe import CHECKOUT
from tenants import Tenant

STRINGS = json.loads((CHECKOUT.parent / "shared/data/security/text/blns.json").read_text())
LEAST = 480
RULES = {"TOO_LONG", "TOO_SHORT", "REQUIRED", "CONTROL_CHARACTER", "NONCHARACTER", "ENCODING"}


def text_fields(method, path):
    """Free text that a body may hold: strings without format, pattern or set of values, of a length worth the name."""
    op = next(o for o in contract.operations(method) if o.path == path)
    schemas = {n: contract.resolve(s) for n, s in op.properties.items()}
    return sorted(n for n, s in schemas.items() if s.get("type") == "string" and s.get("maxLength", 0) >= 100
                  and not {"format", "pattern", "enum", "description"} & s.keys() - ({"description"} if n in NOTED else set()))


NOTED = {"address", "emergency_contact", "name"}  # their description says the class, not a format


@pytest.fixture(scope="module")
def hr(suite):
    return Tenant(suite).hr


class Tally:
    """Per field: how many texts came back, and by which rule the others were refused."""

    def __init__(self):
        self.kept, self.refused = Counter(), {}

    def refuse(self, answer, sent):
        """The fields that were refused; each fault must name a rule."""
        assert answer.status in (400, 422), answer
        names = set()
        for fault in answer.json["errors"]:
            name = fault["pointer"].lstrip("/")
            assert name in sent and fault["code"] in RULES and fault["detail"], fault
            self.refused.setdefault(name, Counter())[fault["code"]] += 1
            names.add(name)
        assert names, answer.json
        return names

    def write(self, send, fields, text):
        """Sends the text in all fields; once more without those that refused it. (answer, fields written)"""
        sent = list(fields)
        answer = send({n: text for n in sent})
        if answer.status >= 400:
            refused = self.refuse(answer, sent)
            sent = [n for n in sent if n not in refused]
            answer = send({n: text for n in sent}) if sent else None
        return answer, sent

    def read(self, record, fields, text):
        for name in fields:
            assert record.get(name, "") == text, (name, text, record.get(name))
            self.kept[name] += 1

    def check(self, fields, figure, what):
        for name in fields:
            refused = sum(self.refused.get(name, {}).values())
            assert self.kept[name] + refused == len(STRINGS), name
            assert self.kept[name] >= LEAST, (name, self.kept[name], self.refused.get(name))
            figure(f"{what}.{name}: {self.kept[name]} of {len(STRINGS)} back byte by byte, refused {dict(self.refused.get(name, {}))}")


@pytest.fixture(scope="module")
def unit(hr):
    return hr.post("/api/v1/org-units", {"code": "HQ", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json


def test_employee(hr, unit, figure):
    fields, tally = text_fields("PATCH", "/api/v1/employees/{id}"), Tally()
    assert {"name", "address", "emergency_contact", "work_place", "job_grade"} <= set(fields), fields
    for i, text in enumerate(STRINGS):
        if i % 25 == 0:  # histories grow with every change of a dated field
            one = hr.post("/api/v1/employees", {"employee_number": f"T{i}", "name": "字", "hire_date": "2025-01-01", "org_unit_id": unit["id"],
                                                "employment_type": "FULL_TIME"}).expect(201).json
        path = f"/api/v1/employees/{one['id']}"

        def send(body):
            now = hr.get(path).expect(200)
            return hr.patch(path, {**body, "effective_date": "2025-01-01"}, etag=now.etag)
        answer, written = tally.write(send, fields, text)
        if written:
            answer.expect(200)
            tally.read(answer.json, written, text)
            again = hr.get(path).expect(200).json
            assert all(again.get(n, "") == text for n in written), text
    tally.check(fields, figure, "employee")


def test_org_unit(hr, unit, figure):
    fields, tally = text_fields("PATCH", "/api/v1/org-units/{id}"), Tally()
    assert {"name", "site_address"} <= set(fields), fields
    for i, text in enumerate(STRINGS):
        if i % 25 == 0:
            one = hr.post("/api/v1/org-units", {"code": f"U{i}", "kind": "STORE", "name": "店", "parent_id": unit["id"],
                                                "effective_date": "2025-01-01"}).expect(201).json
        path = f"/api/v1/org-units/{one['id']}"

        def send(body):
            return hr.patch(path, {**body, "effective_date": "2025-01-01"}, etag=hr.get(path).expect(200).etag)
        answer, written = tally.write(send, fields, text)
        if written:
            tally.read(answer.expect(200).json, written, text)
            assert all(hr.get(path).json.get(n, "") == text for n in written), text
    tally.check(fields, figure, "org_unit")


@pytest.mark.parametrize("path", ["/api/v1/posts", "/api/v1/legal-entities"])
def test_register(hr, path, figure):
    fields, tally = text_fields("POST", path), Tally()
    assert fields == ["name"]
    for i, text in enumerate(STRINGS):
        answer, written = tally.write(lambda body: hr.post(path, {"code": f"R{i}", **body}), fields, text)
        if written:
            made = answer.expect(201).json
            tally.read(hr.get(f"{path}/{made['id']}").expect(200).json, written, text)
    tally.check(fields, figure, path.rsplit("/", 1)[1])


def test_no_free_text_field_is_left_out():
    """A new one must be thought of here."""
    known = {"PATCH /api/v1/employees/{id}", "POST /api/v1/employees", "PATCH /api/v1/org-units/{id}", "POST /api/v1/org-units",
             "POST /api/v1/posts", "POST /api/v1/legal-entities",
             "POST /api/v1/employee-fields", "PATCH /api/v1/employee-fields/{id}",  # names, by the rule of a post's
             "POST /api/v1/clients", "POST /oauth/token",  # a client's name, by the rule of a post's; credentials and scopes
             "POST /api/v1/tenants",                   # the directory: its name is the text of a post's, by the same rule
             "POST /api/v1/employees/{id}:transfer",   # work place and grade, as in PATCH
             "POST /api/v1/employees/{id}:annul", "POST /api/v1/employees/{id}:reveal"}  # reasons: kept in the audit, not answered
    found = {o.name for o in contract.operations("POST", "PATCH", "PUT") if o.body and text_fields(o.method, o.path)}
    assert found <= known, found - known
