"""What the archive must answer about one person, worked out from nothing but the list of accepted
commands. It keeps no slices and no current state: every question is answered by going through the list
again, so that it can share no mistake with a program that folds facts into rows.

    history = History(units, posts)
    verdict = history.judge(command, version, today)   # (status, code) of a command sent at that version
    history.accept(version, command, answer)           # in any order; versions say the order
    history.view(employee_id, day, version, today)     # the whole answer, or None where there is none
"""
import datetime as dt
from dataclasses import dataclass, field

PERSON_FIELDS = ("name", "sex", "birth_date", "id_type", "id_number", "mobile", "email", "nationality",
                 "address", "emergency_contact")
DATED_FIELDS = ("org_unit_id", "post_id", "employment_type", "probation_end_date", "work_place", "job_grade")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_number(region, born, order):
    """A number that GB 11643 allows: region of 6 digits, date, order of 0 to 999 (odd for men)."""
    body = f"{region}{born.replace('-', '')}{order:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


def said_by(number):
    """Birth date and sex that a resident number says."""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}", "MALE" if int(number[16]) % 2 else "FEMALE"


def masked(name, value):
    """As HR sees it: identity masked, contacts clear."""
    if name == "birth_date":
        return "****-**-**"
    if name == "id_number":
        head = 6 if len(value) >= 15 else 0
        return value[:head] + "*" * (len(value) - head - 4) + value[-4:]
    return value


def local_date(instant):
    """The business date (Asia/Shanghai, UTC+8 without summer time) of an RFC 3339 instant."""
    at = dt.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return (at + dt.timedelta(hours=8)).date().isoformat()


@dataclass
class Command:
    kind: str                 # hire, transfer, patch, end, annul
    body: dict
    employee_id: str = None   # of a hire: what the answer gave
    if_match: object = None   # a version, "*", or None where the header is missing
    validate_only: bool = False


@dataclass
class Employment:
    """What the list says of one employment up to a version."""
    person_id: str
    hired: int                # version of the hire
    number: str
    hire_date: str
    end_date: str = None
    end_reason: str = None
    annulled: bool = False
    facts: list = field(default_factory=list)  # (effective day, version, {field: value or None})

    def value(self, name, day):
        """Of the facts that speak of the field and hold by that day: the latest day, then the latest
        recorded."""
        said = [(d, v, fields[name]) for d, v, fields in self.facts if d <= day and name in fields]
        return max(said, key=lambda s: s[:2])[2] if said else None

    def state(self, day):
        if self.annulled:
            return "ANNULLED"
        if day < self.hire_date:
            return "PENDING"
        return "ENDED" if self.end_date and self.end_date <= day else "ACTIVE"


class History:
    def __init__(self, units, posts, taken_number, taken_id_number):
        self.units = units    # id -> first day
        self.posts = posts
        self.taken_number = taken_number
        self.taken_id_number = taken_id_number
        self.accepted = {}    # version -> Command
        self.times = {}       # version -> update_time

    def accept(self, version, command, update_time):
        assert version not in self.accepted, f"version {version} was given twice"
        self.accepted[version] = command
        self.times[version] = update_time

    @property
    def last(self):
        return max(self.accepted, default=0)

    def order(self):
        """Versions are 1..n, and later ones were recorded later."""
        versions = sorted(self.accepted)
        assert versions == list(range(1, len(versions) + 1)), f"gaps among the versions {versions}"
        times = [self.times[v] for v in versions]
        assert all(a < b for a, b in zip(times, times[1:])), f"instants do not grow: {times}"

    def version_at(self, instant):
        """The last version that was recorded by then; 0 before the first."""
        return max((v for v, t in self.times.items() if t <= instant), default=0)

    # ---- what the list says ----

    def commands(self, version):
        return [(v, self.accepted[v]) for v in range(1, version + 1)]

    def person(self, version):
        known = {}
        for _, c in self.commands(version):
            if c.kind in ("hire", "patch"):
                known = with_document(known, c.body)
        return known

    def employment(self, employee_id, version):
        e = None
        for v, c in self.commands(version):
            if c.employee_id != employee_id:
                continue
            b = c.body
            if c.kind == "hire":
                e = Employment(self.person_id, v, b["employee_number"], b["hire_date"])
                e.facts.append((b["hire_date"], v, dated(b)))
            elif c.kind == "annul":
                e.annulled = True
            elif c.kind == "end":
                e.end_date, e.end_reason = b["effective_date"], b["reason"]
            else:
                e.number = b.get("employee_number", e.number)
                if dated(b):
                    e.facts.append((b["effective_date"], v, dated(b)))
        return e

    def employments(self, version):
        ids = dict.fromkeys(c.employee_id for _, c in self.commands(version))
        return [self.employment(i, version) for i in ids]

    def view(self, employee_id, day, version):
        """The answer about that day in the state of knowledge of that version, without etag and
        allowed_actions. None where the employment wasn't known."""
        e = self.employment(employee_id, version)
        if not e:
            return None
        known = self.person(version)
        about = max(day, e.hire_date)  # before the hire: what it will begin with
        found = {"id": employee_id, "person_id": e.person_id, "employee_number": e.number, "state": e.state(day)}
        found.update({n: masked(n, known[n]) for n in PERSON_FIELDS if known.get(n) is not None})
        found.update(hire_date=e.hire_date, end_date=e.end_date, end_reason=e.end_reason)
        found.update({n: e.value(n, about) for n in DATED_FIELDS})
        found.update(effective_on=day, create_time=self.times[e.hired], update_time=self.times[version],
                     version=version)
        return {n: v for n, v in found.items() if v is not None}

    # ---- what a command is told ----

    def judge(self, c, version, today):
        """(status, code) of a command that meets the person at this version; code None of a success."""
        if c.kind != "hire" and c.if_match is None:
            return 428, "PRECONDITION_REQUIRED"
        if malformed(c):
            return 422, "VALIDATION_FAILED"
        if c.kind == "hire":
            refused = self.judge_hire(c.body, version)
        else:
            refused = self.judge_change(c, version, today)
        return refused or ((201 if c.kind == "hire" and not c.validate_only else 200), None)

    def judge_hire(self, b, version):
        if b.get("effective_date", b["hire_date"]) != b["hire_date"]:
            return 422, "VALIDATION_FAILED"
        if "person_id" in b and b["person_id"] != self.person_id:
            return 404, "PERSON_NOT_FOUND"
        known = self.person(version) if "person_id" in b else {}
        return (document_fault(known, b) or self.place_fault(b, b["hire_date"]) or
                self.taken_fault(None, b, version))

    def judge_change(self, c, version, today):
        e = self.employment(c.employee_id, version)
        if not e:
            return 404, "EMPLOYEE_NOT_FOUND"
        if c.if_match not in ("*", version):
            return 412, "PRECONDITION_FAILED"
        if e.annulled:
            return 409, "EMPLOYEE_ANNULLED"
        return getattr(self, f"judge_{c.kind}")(c, e, version, today)

    def judge_transfer(self, c, e, _version, _today):
        day = c.body["effective_date"]
        return span_fault(e, day) or self.place_fault(c.body, day)

    def judge_end(self, c, e, _version, today):
        if e.state(today) == "ENDED":
            return 409, "EMPLOYEE_ALREADY_ENDED"
        return (422, "EFFECTIVE_DATE_BEFORE_HIRE") if c.body["effective_date"] <= e.hire_date else None

    def judge_annul(self, _c, _e, _version, _today):
        return None

    def judge_patch(self, c, e, version, _today):
        b = c.body
        if b.get("hire_date", e.hire_date) != e.hire_date:
            return 409, "HIRE_DATE_FIXED"
        fault = document_fault(self.person(version), b)
        if not fault and dated(b):
            day = b.get("effective_date")
            fault = (422, "EFFECTIVE_DATE_REQUIRED") if not day else span_fault(e, day) or self.place_fault(b, day)
        return fault or self.taken_fault(e, b, version)

    def place_fault(self, b, day):
        unit = b.get("org_unit_id")
        if unit and not (unit in self.units and self.units[unit] <= day):
            return 422, "ORG_UNIT_UNKNOWN"
        if b.get("post_id") and b["post_id"] not in self.posts:
            return 422, "POST_UNKNOWN"
        return None

    def taken_fault(self, e, b, version):
        number = b.get("employee_number")
        held = [o.number for o in self.employments(version) if not o.annulled and not (e and o.hired == e.hired)]
        if number and number in held + [self.taken_number]:
            return 409, "EMPLOYEE_NUMBER_TAKEN"
        return (409, "ID_NUMBER_TAKEN") if b.get("id_number") == self.taken_id_number else None

    @property
    def person_id(self):
        return self.accepted[1].body["person_id"]


def dated(body):
    return {n: body[n] for n in DATED_FIELDS if n in body}


def span_fault(e, day):
    if day < e.hire_date:
        return 422, "EFFECTIVE_DATE_BEFORE_HIRE"
    return (409, "EMPLOYEE_NOT_ACTIVE") if e.end_date and day >= e.end_date else None


def is_day(text):
    try:
        return isinstance(text, str) and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def malformed(c):
    """Faults that show in the request alone."""
    needed = {"transfer": ("effective_date", "org_unit_id"), "end": ("effective_date", "reason"),
              "annul": ("reason",), "patch": (), "hire": ("employee_number", "name", "hire_date", "org_unit_id", "employment_type")}[c.kind]
    b = c.body
    if any(n not in b for n in needed):
        return True
    if any(b.get(n, "") is None for n in ("org_unit_id", "employment_type", "name", "employee_number")):
        return True
    return any(b.get(n) is not None and not is_day(b[n]) for n in b if n.endswith("_date"))


def overlaid(known, body):
    return {**known, **{n: body[n] for n in PERSON_FIELDS if n in body}}


def with_document(known, body):
    """The person's fields after a request; a resident number says sex and birth date."""
    after = overlaid(known, body)
    if after.get("id_number") and after.get("id_type") == "RESIDENT_ID":
        after["birth_date"], after["sex"] = said_by(after["id_number"])
    return after


def document_fault(known, body):
    """A new resident number replaces what an earlier document said; what the request itself says, or what
    is known beside an unchanged number, must agree with it."""
    after = overlaid(known, body)
    number = after.get("id_number")
    if not number:
        return None
    if not after.get("id_type"):
        return 422, "VALIDATION_FAILED"
    if after["id_type"] != "RESIDENT_ID":
        return None
    if len(number) != 18 or resident_number(number[:6], said_by(number)[0], int(number[14:17])) != number:
        return 422, "VALIDATION_FAILED"
    known_stays = after if not body.get("id_number") else body
    for name, said in zip(("birth_date", "sex"), said_by(number)):
        if known_stays.get(name, said) not in (said, None):
            return 422, "VALIDATION_FAILED"
    return None
