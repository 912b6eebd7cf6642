#!/usr/bin/env python3
"""Counts single tests; prints "passed failed" and, on stderr, what failed.

count.py unit TMP PROGRAM...    runs cmocka programs, two at a time
count.py junit FILE CODE        results of a pytest run that ended with CODE
A skipped test counts as failed.
"""
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LONGEST_S = 300


def cases(file):
    """Pairs of name and trouble ("" = passed) of a JUnit file."""
    for case in ElementTree.parse(file).iter("testcase"):
        bad = [b for b in case if b.tag in ("failure", "error", "skipped")]
        name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
        yield name, "; ".join(f"{b.tag} {b.get('message') or (b.text or '').strip()}"[:300] for b in bad)


def collect(files):
    """Pairs of all files; a file that is cut short counts as one failure."""
    found = []
    for file in files:
        try:
            found += cases(file)
        except (ElementTree.ParseError, OSError) as e:
            found.append((str(file), f"no readable result: {e}"))
    return found


def run_program(tmp, program):
    """The results of one program, and its output where it ended badly."""
    name = Path(program).name
    env = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "XML", "CMOCKA_XML_FILE": f"{tmp}/{name}.%g.xml"}
    try:
        done = subprocess.run([program], env=env, capture_output=True, timeout=LONGEST_S,
                              stdin=subprocess.DEVNULL)
        code, output = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as e:
        code, output = f"more than {LONGEST_S} s", (e.stdout or b"") + (e.stderr or b"")
    found = collect(sorted(Path(tmp).glob(f"{name}.*.xml")))
    if code != 0 and not any(trouble for _, trouble in found):
        found.append((name, f"ended with {code}"))
    if not found:
        found.append((name, "ran no test"))
    return name, found, output.decode("utf-8", "replace") if code != 0 else ""


def unit(tmp, programs):
    found = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, results, output in pool.map(lambda p: run_program(tmp, p), programs):
            found += [(f"{name}: {case}", trouble) for case, trouble in results]
            if output:
                print(f"-- {name}\n{output[-6000:]}", file=sys.stderr)
    return found


def junit(file, code):
    found = collect([file])
    # 0 all passed, 1 some failed; all else (2 interrupted, 3 internal, 4 usage, 5 nothing found) is
    # a failure that the file may not show.
    if code not in ("0", "1") and not any(trouble for _, trouble in found):
        found.append((file, f"pytest ended with {code}"))
    return found


def main():
    verb, first, *rest = sys.argv[1:]
    found = unit(first, rest) if verb == "unit" else junit(first, rest[0])
    bad = [(name, trouble) for name, trouble in found if trouble]
    for name, trouble in bad:
        print(f"FAILED {name}: {trouble}", file=sys.stderr)
    print(len(found) - len(bad), len(bad))


if __name__ == "__main__":
    main()
