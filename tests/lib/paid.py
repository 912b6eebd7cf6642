"""A company of a test's own that pays people: groups, terms, runs."""
import secrets

import staff
from renhe import wait_until
from tenants import Tenant

GROUPS, TERMS, RUNS = "/api/v1/pay-groups", "/api/v1/pay-terms", "/api/v1/pay-runs"
SHANGHAI = "310000"


class PayingCompany(Tenant):
    """payroll and second are two people who pay; one unit, one legal entity, one group."""

    def __init__(self, suite):
        super().__init__(suite)
        self.payroll, self.second, self.auditor = self.account("pay", "PAYROLL"), self.account("pay2", "PAYROLL"), self.account("aud", "AUDITOR")
        self.entity = self.hr.post("/api/v1/legal-entities", {"code": "LE", "name": "人和测试公司"}).expect(201).json
        self.unit = self.hr.post("/api/v1/org-units", {"code": "HQ", "kind": "COMPANY", "name": "总部", "effective_date": "2020-01-01"}).expect(201).json
        self.group = self.make_group()

    def account(self, name, role):
        made = self.admin.post("/api/v1/accounts", {"sign_in_name": name, "roles": [role]}).expect(201).json
        client = self.enter(name, made["activation_code"])
        client.waits = True
        return client

    def stepped_up(self, client):
        client.post("/api/v1/sessions/current:step-up", {"password": self.password}).expect(200, 204)
        return client

    def make_group(self, **more):
        body = {"code": "G" + secrets.token_hex(4), "name": "月薪组", "legal_entity_id": self.entity["id"], "place": SHANGHAI, "pay_day": 28, **more}
        return self.payroll.post(GROUPS, body).expect(201).json

    def hire(self, date="2025-03-01"):
        return self.hr.post("/api/v1/employees", {"employee_number": "T" + secrets.token_hex(4), "name": "薪某", "hire_date": date,
                            "org_unit_id": self.unit["id"], "employment_type": "FULL_TIME"}).expect(201).json

    def hire_many(self, n):
        """By an import; their numbers and ids."""
        self.hr.post("/api/v1/posts", {"code": "CLERK", "name": "专员"}).expect(201, 409)
        crew = staff.Staff(secrets.token_hex(4), "M" + secrets.token_hex(2))
        staff.load(self.hr, crew.some(n, unit="HQ", post="CLERK"))
        found, query = [], {"page_size": 500}
        while True:
            page = self.hr.get("/api/v1/employees", query=query).expect(200).json
            found += [e for e in page["items"] if e["employee_number"].startswith(crew.prefix)]
            if not page.get("next_page_token"):
                return found
            query["page_token"] = page["next_page_token"]

    def ended(self, one, day):
        """Payroll has heard of the end."""
        wait_until(lambda: self.suite.psql_all("payroll", f"select end_date from people_employment where employee_id = '{one['id']}'") == [[day]],
                   30, "payroll to know the end")

    def known(self, *employees):
        """Payroll has heard of them all."""
        def all_known():
            body = {"items": [self.term(e) for e in employees[-200:]]}
            return self.payroll.post(f"{TERMS}:record", body, query={"validate_only": "true"}).status < 300
        wait_until(all_known, 30, "payroll to know the hires")
        return employees

    def term(self, one, **more):
        return {"employee_id": one["id"], "effective_date": "2025-01-01", "pay_group_id": self.group["id"], "monthly_fen": 2000000, "residence": "RESIDENT",
                "declared_base_fen": 2000000, "injury_rate_e5": 200, "fund_rate_e5": 7000, **more}

    def record(self, *items):
        """Terms, without what is None."""
        items = [{k: v for k, v in i.items() if v is not None} for i in items]
        made = [self.payroll.post(f"{TERMS}:record", {"items": items[i:i + 200]}).expect(201).json["items"] for i in range(0, len(items), 200)]
        return [one for part in made for one in part]

    def run(self, month, group=None, **more):
        made = self.payroll.post(RUNS, {"pay_group_id": (group or self.group)["id"], "month": month, **more}).expect(202).json
        return self.calculated(made["id"])

    def calculated(self, run_id, seconds=60):
        wait_until(lambda: self.read(run_id)["state"] != "CALCULATING", seconds, "the run to be calculated")
        return self.read(run_id)

    def read(self, run_id):
        return self.payroll.get(f"{RUNS}/{run_id}").expect(200).json

    def close(self, run):
        self.second.post(f"{RUNS}/{run['id']}:approve").expect(200)
        return self.payroll.post(f"{RUNS}/{run['id']}:close").expect(200).json

    def slips(self, run, **query):
        found, query = [], {"page_size": 200, **query}
        while True:
            page = self.payroll.get(f"{RUNS}/{run['id']}/payslips", query=query).expect(200).json
            found += page["items"]
            if not page.get("next_page_token"):
                return found
            query["page_token"] = page["next_page_token"]
