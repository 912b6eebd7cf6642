#!/bin/bash
# One library, one owner: the family of files that CODING.md names for it (db.c, db_run.c,
# db_internal.h are one family). Tests may include what they check against.
. "$(dirname "$0")/lib.bash"

# header prefix, files that may include it (extended regular expressions)
owners() {
	cat <<-'E'
		event2/|evhttp|event\.h      (services/chassis/http|gateway/upstream)(_[a-z_]+)?\.[ch]
		libpq-fe\.h|libpq/           services/chassis/db(_[a-z_]+)?\.[ch]
		cjson/|cJSON\.h              services/chassis/json(_[a-z_]+)?\.[ch]
		jwt\.h                       services/chassis/auth(_[a-z_]+)?\.[ch]
		openssl/                     services/chassis/(auth|seal|http_tls)(_[a-z_]+)?\.[ch]
		librdkafka/                  services/chassis/kafka(_[a-z_]+)?\.[ch]
		sodium                       services/chassis/((auth|seal)(_[a-z_]+)?|token|password)\.[ch]
		unicode/                     services/chassis/(value|pinyin|charset)(_[a-z_]+)?\.[ch]
		csv\.h                       services/chassis/csv(_[a-z_]+)?\.[ch]
		curl/                        services/chassis/outbound(_[a-z_]+)?\.[ch]
		zip\.h|expat\.h|xlsxwriter   services/chassis/sheet(_[a-z_]+)?\.[ch]
		liboath/                     services/chassis/otp(_[a-z_]+)?\.[ch]
		pthread\.h|threads\.h        services/(chassis/[a-z_]+|roster/solve_lanes)\.[ch]
		ucontext\.h                  services/chassis/fiber\.c
	E
}

mapfile -t files < <(c_files | grep -E '^(services|gateway)/')
if ((${#files[@]})); then
	includes=$(code "${files[@]}" | grep -E '#[[:space:]]*include' || :)
	while read -r header owner; do
		{ grep -E "include[[:space:]]*<($header)" <<<"$includes" || :; } |
			{ grep -Ev "^($owner):" || :; } |
			report "Only ${owner//\\/} may include $header:"
	done < <(owners)
fi
exit $bad
