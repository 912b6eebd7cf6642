"""Pay of a demo company: what everybody earns, what happened in each month, and runs: those of the year so far closed by two
people, the one of this month open, as an HR desk finds it on the last days of a month.

    Pay(load, approver).run()

All are paid by the head office in Shanghai: of its law the packs that ship know every month."""
import datetime
import random

from demo_api import Refused, until

PLACE = "310000"
# A month's wage in yuan, least and most.
WAGES = {"MGR": (22000, 34000), "SM": (11000, 15000), "CLERK": (7500, 12500), "DSM": (7000, 8800), "COOK": (6000, 8200),
         "DRIVER": (5600, 7000), "CASHIER": (5200, 6400), "SERVER": (5000, 6200)}
RAISED = 7  # the month of the yearly raise
AT_ONCE = 200


def month_after(day, n=1):
    months = day.year * 12 + day.month - 1 + n
    return datetime.date(months // 12, months % 12 + 1, 1)


class Pay:
    def __init__(self, load, approver):
        self.load, self.company, self.hr, self.approver = load, load.company, load.hr, approver
        self.random = random.Random(f"pay {load.shape.code}")
        self.now = self.company.today.replace(day=1)
        self.first = month_after(self.now, -3).replace(month=1)

    def run(self):
        kept, code = self.load.kept, self.load.shape.code
        group = self.group()
        known = kept.get(f"{code} paid") or {}
        if not known:
            self.people = self.numbered()
            self.record("/api/v1/pay-terms:record", list(self.terms(group)))
            self.record("/api/v1/period-facts:record", list(self.facts()))
            kept.put(f"{code} paid", {"terms": True})
        month = self.first
        while month <= self.now:
            self.month(group, month)
            month = month_after(month)

    # ---- who, and by what ----

    def group(self):
        found = [g for g in self.load.payroll.get("/api/v1/pay-groups")["items"] if g["code"] == "MONTHLY"]
        if found:
            return found[0]["id"]
        entity = self.hr.get("/api/v1/legal-entities", code="LE1")["items"][0]["id"]
        body = {"code": "MONTHLY", "name": "月薪组", "legal_entity_id": entity, "place": PLACE, "pay_day": 10, "pay_next_month": True}
        return self.load.payroll.post("/api/v1/pay-groups", body)["id"]

    def numbered(self):
        """Of everybody employed since the first month: (person, employee id)."""
        ids, query = {}, {"page_size": 500, "state": "ACTIVE"}
        for state in ("ACTIVE", "ENDED"):
            query = {"page_size": 500, "state": state}
            while True:
                page = self.hr.get("/api/v1/employees", **query)
                ids |= {e["employee_number"]: e["id"] for e in page["items"]}
                if not page.get("next_page_token"):
                    break
                query["page_token"] = page["next_page_token"]
        return [(p, ids[p.number]) for p in self.company.people if p.number in ids and (p.left is None or p.left > self.first)]

    def terms(self, group):
        """Whoever came this month has no residence recorded yet: held out of the open run, with the reason."""
        r = self.random
        for person, employee in self.people:
            least, most = WAGES[person.post]
            wage = r.randint(least // 100, most // 100) * 10000
            term = {"employee_id": employee, "pay_group_id": group, "effective_date": max(self.first, person.hired).isoformat(), "monthly_fen": wage,
                    "declared_base_fen": wage, "injury_rate_e5": 400, "fund_rate_e5": 7000, "special_fen": r.choice((0, 0, 100000, 150000, 200000, 350000))}
            if person.hired < self.now:
                term["residence"] = "RESIDENT"
            yield term
            raised = datetime.date(self.now.year, RAISED, 1)
            if self.first < raised <= self.now and person.hired < self.first and r.random() < 0.3 and (person.left is None or person.left > raised):
                yield {**term, "effective_date": raised.isoformat(), "monthly_fen": wage * 106 // 100}

    # ---- what happened ----

    def facts(self):
        month = self.first
        while month <= self.now:
            for person, employee in self.people:
                if person.hired < month and (person.left is None or person.left > month_after(month)):
                    for n, fact in enumerate(self.of_month(person)):
                        yield {"source": f"demo/{month:%Y-%m}/{person.number}/{n}", "employee_id": employee, "month": month.isoformat(), **fact}
            month = month_after(month)

    def of_month(self, person):
        r = self.random
        crew = person.post in ("COOK", "SERVER", "CASHIER", "DRIVER", "DSM")
        if crew and r.random() < 0.15:
            yield {"kind": "OVERTIME_REST", "hours_s": r.choice((4, 8, 8, 12)) * 3600}
        if r.random() < 0.04:
            yield {"kind": "ABSENCE", "days_e2": r.choice((50, 100, 200))}
        if r.random() < 0.02:
            yield {"kind": "SICKNESS", "days_e2": r.choice((100, 200, 300)), "service_years": r.randint(0, 5)}
        if person.post == "SM":
            yield {"kind": "AMOUNT", "code": "COMMISSION", "amount_fen": r.randint(500, 4000) * 100}
        if person.post == "DRIVER" and r.random() < 0.05:
            yield {"kind": "CLAIM", "code": "DAMAGE", "claim_kind": "LOSS", "amount_fen": r.randint(200, 2000) * 100}

    def record(self, path, items):
        """Payroll may not have heard of all of them yet."""
        parts = [items[i:i + AT_ONCE] for i in range(0, len(items), AT_ONCE)]
        for done, part in enumerate(parts):
            until(lambda part=part: self.sent(path, part), "payroll to know everybody")
            self.load.progress.at(done, len(parts))

    def sent(self, path, part):
        try:
            self.load.payroll.post(path, {"items": part})
            return True
        except Refused as e:
            if e.status == 422 and '"UNKNOWN"' in str(e):
                return False
            raise

    # ---- the runs ----

    def month(self, group, month):
        run = self.begun(group, month)
        path = "/api/v1/pay-runs/" + run["id"]
        run = until(lambda: next((r for r in [self.load.payroll.get(path)] if r["state"] != "CALCULATING"), None), "the run to be calculated")
        if month == self.now or not run["calculated"]:
            return
        if run["state"] == "CALCULATED":
            run = self.approver.post(path + ":approve")
        if run["state"] == "APPROVED":
            self.load.payroll.post(path + ":close")

    def begun(self, group, month):
        try:
            return self.load.payroll.post("/api/v1/pay-runs", {"pay_group_id": group, "month": month.isoformat()})
        except Refused as e:
            if e.status != 409:
                raise
        return next(r for r in self.load.payroll.get("/api/v1/pay-runs", pay_group_id=group, month=month.isoformat())["items"] if r["state"] != "CANCELLED")
