#!/bin/bash
# Every script parses, may be run, and stops at what it can't do.
. "$(dirname "$0")/lib.bash"

mapfile -t scripts < <(git ls-files -co --exclude-standard -- scripts tests/lint deploy .ci |
	xargs -r grep -lE '^#!/bin/(ba)?sh' || :)
for f in "${scripts[@]}"; do
	case $(head -n1 "$f") in */bash) shell=bash ;; *) shell=sh ;; esac
	"$shell" -n "$f" 2>&1 || :
done | report "These scripts don't parse:"
for f in "${scripts[@]}"; do
	case $f in deploy/runit/*) continue ;; esac # templates
	[ -x "$f" ] || echo "$f"
done | report "These scripts may not be run:"
git ls-files -co --exclude-standard -- 'scripts/lib/*.sh' | while read -r f; do bash -n "$f" 2>&1 || :; done |
	report "These parts don't parse:"
exit $bad
