#!/usr/bin/env python3
"""coverage_table.py REPORT.json: gcovr's report as a table by file and by room; exit 1 below what is promised."""
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What is promised: of which files, counted what, least percentage.
PROMISES = (("chassis", r"services/chassis/", "lines", 85.0),
            ("check of tokens and rights", r"services/chassis/(auth\w*|policy)\.c", "branches", 100.0))


def impossible():
    """(file, line) -> how many of its branches no test can take (coverage_impossible.tsv)."""
    rows = [r.split("\t") for r in (HERE / "coverage_impossible.tsv").read_text().splitlines() if not r.startswith("#")]
    return {(file, text): int(n) for file, n, text, _ in rows}


def counted(file, spared, used):
    """{lines: (covered, total), branches: ...} of one file."""
    source = Path(file["file"]).read_text().splitlines()
    name, lines, branches, left = Path(file["file"]).name, [], [], []
    for line in file["lines"]:
        if line.get("gcovr/noncode"):
            continue
        lines.append(line["count"] > 0)
        taken = [b["count"] > 0 for b in line["branches"]]
        key = name, source[line["line_number"] - 1].strip()
        missing = taken.count(False)
        if missing and key in spared:
            used[key] = max(used.get(key, 0), min(missing, spared[key]))
            missing -= used[key]
        if missing:
            left.append(line["line_number"])
        branches += [True] * (len(taken) - missing) + [False] * missing
    return {"file": file["file"], "lines": (sum(lines), len(lines)), "branches": (sum(branches), len(branches)), "left": left}


def share(files, kind):
    covered, total = (sum(f[kind][i] for f in files) for i in (0, 1))
    return covered, total, 100 * covered / total if total else 100.0


def show(name, files):
    cells = ["{:6}/{:<6} {:5.1f} %".format(*share(files, kind)) for kind in ("lines", "branches")]
    print(f"{name:44} {cells[0]}   {cells[1]}")


def main():
    spared, used = impossible(), {}
    files = sorted((counted(f, spared, used) for f in json.load(open(sys.argv[1]))["files"]), key=lambda f: f["file"])
    print(f"{'':44} {'lines':>15}          {'branches':>10}")
    for f in files:
        show(f["file"], [f])
    print()
    for room in sorted({re.sub(r"/[^/]*$", "", f["file"]) for f in files}):
        show(room, [f for f in files if f["file"].startswith(room + "/")])
    show("all", files)
    stale = [key for key in spared if used.get(key) != spared[key]]
    print(*(f"coverage_impossible.tsv: fewer than said, or gone: {file}: {text}" for file, text in stale), sep="\n", end="\n" if stale else "")
    kept = not stale
    for name, pattern, kind, least in PROMISES:
        asked = [f for f in files if re.match(pattern, f["file"])]
        covered, total, percent = share(asked, kind)
        print(f"{name}: {percent:.1f} % of {total} {kind}, promised {least:.0f} %")
        if percent < least:
            kept = False
            print(*(f"  {f['file']}: lines {f['left']}" for f in asked if f["left"]), sep="\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
