# Shared by the lints; sourced from the root of the checkout.
# shellcheck shell=bash
set -euo pipefail
shopt -s lastpipe # report sets $bad at the end of a pipe
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bad=0

# report TITLE < LINES: fails the lint where there are lines.
report() {
	local found
	found=$(cat)
	[ -n "$found" ] || return 0
	printf '%s\n%s\n\n' "$1" "$found"
	bad=1
}

# The C files of the tree, committed or about to be.
c_files() { git ls-files -co --exclude-standard -- '*.c' '*.h' "$@"; }

# code FILE...: "file:line:text" without comments and with empty strings, so that words in texts
# and in comments are no calls.
code() {
	python3 - "$@" <<'IN'
import re, sys
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
def blank(match):
    text = match.group(0)
    return '""' if text[0] == '"' else "' '" if text[0] == "'" else "\n" * text.count("\n")
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    # The names of included files are strings too, and wanted.
    kept = [l if l.lstrip().startswith("#include") else None for l in text.split("\n")]
    for number, line in enumerate(TOKEN.sub(blank, text).split("\n")):
        line = kept[number] if kept[number] is not None else line
        if line.strip():
            print(f"{name}:{number + 1}:{line}")
IN
}
