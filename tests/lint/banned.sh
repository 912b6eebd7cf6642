#!/bin/bash
# Calls that CODING.md bans.
. "$(dirname "$0")/lib.bash"

mapfile -t files < <(c_files | grep -E '^(services|gateway|tests)/')
((${#files[@]})) || exit 0
text=$(code "${files[@]}")

# find TITLE REGEX [FILES]
find_in() {
	{ grep -E "^${3:-[^:]*}:[0-9]+:" <<<"$text" || :; } |
		{ grep -E "^[^:]*:[0-9]+:(.*[^A-Za-z0-9_.>])?($2)" || :; } | report "$1"
}

find_in "Banned calls:" \
	'(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|alloca|cJSON_GetObjectItem)[[:space:]]*\('
# Tests may start programs and draw seeded numbers; nothing that ships may.
find_in "Banned calls of what ships:" '(rand|srand|random|system|popen)[[:space:]]*\(' '(services|gateway)/[^:]*'

# What a service's room may not do: memory and threads are the chassis' business. A room is people
# and every folder that has a contract; renhectl and other tools are none.
for room in people $(git ls-files -co --exclude-standard proto/renhe | sed -n 's#^proto/renhe/\([a-z]*\)/.*#\1#p' | sort -u); do
	find_in "Memory, jumps or threads in a service:" \
		'((malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|pthread_[a-z_]+)[[:space:]]*\(|goto[[:space:]])' \
		"services/$room/[^:]*"
	find_in "A JSON or SQL library in a service:" '(PQ[a-z]+|cJSON_[A-Za-z]+)[[:space:]]*\(' "services/$room/[^:]*"
done

find_in "Secrets are compared with secret_equal, in constant time:" \
	'(mem|str|strn)cmp[[:space:]]*\([^;]*(password|secret|token_hash|mac|signature|digest|code_hash)[^;]*\)[[:space:]]*[!=]=' \
	'(services|gateway)/[^:]*'

find_in "The time zone of the process in time code:" '(tzset|localtime|localtime_r|mktime|timelocal)[[:space:]]*\(' \
	'services/(rules|interval|attendance|leave|formula|payroll|scheduling|roster|lawful)/[^:]*'
find_in "Floating point in pay or time code:" '(double|float)[[:space:]*]' 'services/(rules|interval|attendance|leave|formula|payroll|scheduling|lawful)/[^:]*'
exit $bad
