"""The plain model of shift scheduling 1..24 in OR-Tools CP-SAT, a yardstick of tests/bench/roster:

    roster_cpsat.py INSTANCE SECONDS THREADS SEED OUT

One binary for each employee, day and shift; no search of its own."""
import sys
import time

from ortools.sat.python import cp_model


def read(path):
    """Section -> its lines as lists of fields."""
    sections, now = {}, None
    with open(path, encoding="utf-8") as text:
        for line in text:
            line = line.strip()
            if line.startswith("#"):
                continue
            if line.startswith("SECTION_"):
                now = sections.setdefault(line, [])
            elif line:
                now.append(line.split(","))
    return sections


class Model:
    def __init__(self, path):
        s = read(path)
        self.model, self.costs = cp_model.CpModel(), []
        self.days = int(s["SECTION_HORIZON"][0][0])
        self.shifts = {f[0]: (int(f[1]), [x for x in f[2].split("|") if x]) for f in s["SECTION_SHIFTS"]}
        self.staff = s["SECTION_STAFF"]
        self.works = {(f[0], d, t): self.model.new_bool_var("")
                      for f in self.staff for d in range(self.days) for t in self.shifts}
        for row in self.staff:
            self.person(row)
        for row in s.get("SECTION_DAYS_OFF", []):
            for day in row[1:]:
                self.model.add(sum(self.works[row[0], int(day), t] for t in self.shifts) == 0)
        for who, day, shift, weight in s.get("SECTION_SHIFT_ON_REQUESTS", []):
            self.costs.append(int(weight) * (1 - self.works[who, int(day), shift]))
        for who, day, shift, weight in s.get("SECTION_SHIFT_OFF_REQUESTS", []):
            self.costs.append(int(weight) * self.works[who, int(day), shift])
        for row in s["SECTION_COVER"]:
            self.cover(*row)
        self.model.minimize(sum(self.costs))

    def person(self, row):
        who, most = row[0], dict(x.split("=") for x in row[1].split("|"))
        max_minutes, min_minutes, max_run, min_run, min_off, weekends = map(int, row[2:])
        m, line = self.model, []
        for d in range(self.days):
            on = m.new_bool_var("")
            m.add(sum(self.works[who, d, t] for t in self.shifts) == on)
            line.append(on)
        for d in range(1, self.days):
            for t, (_, following) in self.shifts.items():
                for after in following:
                    m.add_bool_or(~self.works[who, d - 1, t], ~self.works[who, d, after])
        for t in self.shifts:
            m.add(sum(self.works[who, d, t] for d in range(self.days)) <= int(most[t]))
        m.add_linear_constraint(sum(self.works[who, d, t] * self.shifts[t][0] for d in range(self.days)
                                    for t in self.shifts), min_minutes, max_minutes)
        for d in range(self.days - max_run):
            m.add_bool_or(*[~on for on in line[d:d + max_run + 1]])
        self.runs(line, min_run)
        self.runs([~on for on in line], min_off)
        worked = []
        for saturday in range(5, self.days, 7):
            worked.append(m.new_bool_var(""))
            for d in line[saturday:saturday + 2]:
                m.add_implication(d, worked[-1])
        m.add(sum(worked) <= weekends)

    def runs(self, line, least):
        """No run shorter than `least` lies wholly inside."""
        for length in range(1, least):
            for d in range(1, self.days - length):
                self.model.add_bool_or(line[d - 1], *[~x for x in line[d:d + length]], line[d + length])

    def cover(self, day, shift, wanted, under, over):
        n = len(self.staff)
        missing, surplus = self.model.new_int_var(0, n + int(wanted), ""), self.model.new_int_var(0, n, "")
        self.model.add(sum(self.works[f[0], int(day), shift] for f in self.staff) + missing - surplus == int(wanted))
        self.costs += [int(under) * missing, int(over) * surplus]


def main():
    began = time.monotonic()
    path, seconds, threads, seed, out = sys.argv[1:]
    m = Model(path)
    solver = cp_model.CpSolver()
    # Its seconds count from the start, building included, as ours do.
    solver.parameters.max_time_in_seconds = max(1.0, float(seconds) - (time.monotonic() - began))
    solver.parameters.num_workers = int(threads)
    solver.parameters.random_seed = int(seed)
    if solver.solve(m.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 1
    with open(out, "w", encoding="utf-8") as text:
        for row in m.staff:
            shifts = [next((t for t in m.shifts if solver.value(m.works[row[0], d, t])), "-") for d in range(m.days)]
            text.write("\t".join([row[0], *shifts]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
