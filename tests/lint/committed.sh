#!/bin/bash
# Generated C is made by the build and never committed; no build, run folder or secret is.
. "$(dirname "$0")/lib.bash"

git ls-files | { grep -E '(\.gen\.[ch]|\.pb-c\.[ch]|_sql\.[ch]|_migrations\.[ch])$' || :; } |
	report "Generated C is committed:"
git ls-files | { grep -E '^(build|run)(/|$)|\.(o|a|so|pyc|pem|key)$' || :; } |
	{ grep -Ev '^tests/' || :; } | report "Build results or keys are committed:"
git ls-files -co --exclude-standard -- 'services/*.[ch]' 'gateway/*.[ch]' | while read -r f; do
	[ -f "$f" ] && n=$(wc -l <"$f") && ((n > 600)) && echo "$f: $n lines"
	:
done | report "Files above 600 lines are two rooms:"
exit $bad
