"""Whole payslips of vectors: a company of their own hires the person, months are run, approved by another one and closed,
and what is compared is read from the slips.

    run = PayRuns(suite)
    run(given, expected, ask)
"""
import datetime

from paid import PayingCompany
from vector_rules import Unknown, e5, fen, yuan
from vector_rules_work import city

FACTS = "/api/v1/period-facts:record"
KNOWN = {"city", "resident", "period", "pay_date", "hire", "exit", "wage", "si_base", "fund_base", "si_fund_base", "fund_rate", "fund_account",
         "injury_rate", "special", "mode", "leave_taken", "prior_service_months", "ground", "city_avg"}


def months_between(first, last):
    day = datetime.date.fromisoformat(first[:7] + "-01")
    while day.isoformat()[:7] <= last[:7]:
        yield day.isoformat()
        day = (day + datetime.timedelta(32)).replace(day=1)


class PayRuns:
    def __init__(self, suite):
        self.suite, self.company = suite, None

    def __call__(self, given, expected, ask):
        if unknown := set(given) - KNOWN:
            raise Unknown("no member " + ", ".join(sorted(unknown)))
        if not self.company:
            self.company = PayingCompany(self.suite)
            self.company.stepped_up(self.company.payroll)
        c = self.company
        group = c.make_group(place=city(given["city"]), method="A")
        one = c.known(c.hire(given["hire"]))[0]
        self.terms(given, one, group)
        leaver = self.leaver(given, one, ask) if "exit" in given else {}
        slips = {}
        for month in months_between(given.get("period", given["hire"]), given.get("exit", given.get("period", given["hire"]))):
            run = c.close(c.run(month, group))
            assert run["state"] == "CLOSED"
            (slips[month[:7]],) = c.slips(run)
        return {**answer(slips), **leaver}

    def terms(self, given, one, group):
        base = given.get("si_fund_base", given.get("si_base"))
        self.company.record(self.company.term(
            one, pay_group_id=group["id"], effective_date=given["hire"], monthly_fen=fen(given["wage"]), declared_base_fen=fen(base),
            fund_declared_fen=fen(given.get("fund_base", base)), fund_rate_e5=e5(given["fund_rate"]), injury_rate_e5=e5(given["injury_rate"]),
            fund_account=given.get("fund_account"), residence="RESIDENT" if given["resident"] else "NON_RESIDENT", tax_mode=given.get("mode"),
            special_fen=fen(given["special"]) if given.get("special") else None))

    def leaver(self, given, one, ask):
        """What is worked out elsewhere and comes as facts of the last month: leave that was not taken, and the compensation."""
        c, last = self.company, given["exit"]
        day = (datetime.date.fromisoformat(last) + datetime.timedelta(1)).isoformat()
        now = c.hr.get(f"/api/v1/employees/{one['id']}")
        c.hr.post(f"/api/v1/employees/{one['id']}:end", {"effective_date": day, "reason": "AGREED"}, etag=now.etag).expect(200)
        c.ended(one, day)
        tier = ask("annual-leave", {"cumulative_months": given["prior_service_months"]}, last)["tier_days"]
        leave = ask("annual-leave", {"tier": tier, "exit_date": last, "taken_e2": int(given["leave_taken"] * 100), "average_fen": fen(given["wage"])}, last)
        paid = ask("severance", {"ground": "N", "hire_date": given["hire"], "exit_date": last, "average_fen": fen(given["wage"]),
                                 "city_average_fen": fen(given["city_avg"])}, last)
        month = last[:7] + "-01"
        facts = [{"source": f"leave/{one['id']}", "kind": "AMOUNT", "code": "LEAVE_PAY", "amount_fen": leave.get("extra_pay_fen", 0)},
                 {"source": f"severance/{one['id']}", "kind": "SEVERANCE", "amount_fen": paid["pay_fen"], "monthly_average_fen": fen(given["city_avg"])}]
        items = [{**f, "employee_id": one["id"], "month": month} for f in facts if f["amount_fen"]]
        c.payroll.post(FACTS, {"items": items}).expect(200)
        return {"leave_pay": yuan(leave.get("extra_pay_fen", 0)), "compensation": yuan(paid["pay_fen"])}


def answer(slips):
    """Of the last month, and the tax of each month of the last year."""
    last = max(slips)
    got = slips[last]["answer"]
    lines = {(x["group"], x["code"]): x["amount_fen"] for x in got["lines"]}

    def both(code):
        return [yuan(lines.get(("OWN", code), 0)), yuan(lines.get(("EMPLOYER", code), 0))]
    tax = next(x for x in got["lines"] if x["code"] == "INCOME_TAX")
    return {"gross": yuan(got["gross_fen"]), "basic": yuan(lines[("EARNED", "WAGE")]), "pension": both("PENSION"), "medical": both("MEDICAL"),
            "unemployment": both("UNEMPLOYMENT"), "injury_employer": both("INJURY")[1], "fund_each": both("FUND")[0], "own_total": yuan(got["own_fen"]),
            "employer_contributions": yuan(got["employer_fen"]), "iit": yuan(lines[("TAX", "INCOME_TAX")]), "net": yuan(got["net_fen"]),
            "net_march": yuan(got["net_fen"]), "taxable": yuan(tax["steps"][1]["amount_fen"]),
            "iit_compensation": yuan(lines.get(("TAX", "SEVERANCE_TAX"), 0)),
            "iit_by_month": {m: yuan(tax_of(s)) for m, s in slips.items() if m[:4] == last[:4]}}


def tax_of(slip):
    return next(x["amount_fen"] for x in slip["answer"]["lines"] if x["code"] == "INCOME_TAX")
