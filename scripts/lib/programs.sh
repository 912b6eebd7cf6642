# The gateway and the services: their settings, migrations and readiness.
# shellcheck shell=bash

# Settings that all programs share.
program_env_common() {
	cat <<-EOF
		RENHE_ENV=demo
		RENHE_LISTEN=127.0.0.1:$(port "$1")
		RENHE_MANAGEMENT_LISTEN=127.0.0.1:$(port "${1}_management")
		RENHE_KAFKA_BROKERS=$(kafka_brokers)
		RENHE_KAFKA_PASSWORD_FILE=$(kafka_secret_file "$(program_of "$1")")
		RENHE_KAFKA_INSTANCE=$(program_of "$1")-$(instance_of "$1")
		RENHE_KEY_ANCHOR=$(cat "$(secret_file key_anchor)")
		RENHE_INTERNAL_TOKEN_FILE=$(secret_file internal_token)
		RENHE_STATE_DIR=$RUN/state/$1
		RENHE_CLOCK_FILE=$RUN/clock
	EOF
	[ -z "$SANITIZED" ] || program_env_sanitizer "$1"
}

# A report ends the program, so that no answer comes from one that is broken; leaks are looked for
# at its end. Undefined behaviour is told on stderr, in the program's own log, since gcc's runtime does
# not look at log_path where the address sanitizer is linked too. A race is told and the program goes on to the next.
program_env_sanitizer() {
	cat <<-EOF
		ASAN_OPTIONS=log_path=$RUN/log/sanitizer/$1:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
		UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
		TSAN_OPTIONS=log_path=$RUN/log/sanitizer/$1:halt_on_error=0
	EOF
}

# program_env_service PROGRAM: the same for each of its instances, which share its files too.
program_env_service() {
	cat <<-EOF
		RENHE_BLOB_FOLDER=$RUN/state/$1/blob
		RENHE_PG_HOST=$RUN/pg
		RENHE_PG_PORT=$(port pg)
		RENHE_PG_DATABASE=$1
		RENHE_PG_USER=$1_app
		RENHE_PG_PASSWORD_FILE=$(secret_file "pg_$1_app")
		RENHE_PG_RELAY_USER=$1_relay
		RENHE_PG_RELAY_PASSWORD_FILE=$(secret_file "pg_$1_relay")
		RENHE_ROOT_KEY_FILE=$(secret_file "root_key_$1")
		RENHE_CONSUMER_KEYS_FILE=$RUN/consumer_keys
	EOF
	if [ "$1" = identity ]; then
		echo "RENHE_KEY_ANCHOR_SECRET_FILE=$(secret_file key_anchor_secret)"
	fi
}

program_env_gateway() {
	local s
	for s in "${SERVICES[@]}"; do echo "RENHE_UPSTREAM_${s^^}=$(program_addresses "$s")"; done
}

# Of all instances of a service, with commas between.
program_addresses() {
	local p found=""
	for p in "${INSTANCES[@]}"; do
		[ "$(program_of "$p")" != "$1" ] || found+=",127.0.0.1:$(port "$p")"
	done
	echo "${found#,}"
}

# The owner's password is for --migrate alone: the running service doesn't have it.
program_env_migrate() {
	cat <<-EOF
		RENHE_PG_OWNER_USER=$1_owner
		RENHE_PG_OWNER_PASSWORD_FILE=$(secret_file "pg_$1_owner")
	EOF
}

program_define() {
	local kind=service user program
	program=$(program_of "$1")
	user=$(user_of "$1")
	[ "$program" != gateway ] || kind=gateway
	mkdir -p "$RUN/state/$1" "$RUN/log/sanitizer"
	folder_own "$RUN/state/$1" "$RUN/log/sanitizer"
	runit_define "$1" program.run "$user" STATE_DIR="$RUN/state/$1" PROGRAM="$RUN/bin/$program"
	{ program_env_common "$1" && "program_env_$kind" "$program"; } | runit_env "$1" env
	if [ "$kind" = service ]; then program_env_migrate "$program" | runit_env "$1" migrate; fi
}

program_migrate() {
	local dir=$RUN/service/$1
	as "$(user_of "$1")" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 \
		chpst -e "$dir/env" chpst -e "$dir/migrate" "$RUN/bin/$1" --migrate
}

management_url() { echo "http://127.0.0.1:$(port "${1}_management")"; }

program_ready() {
	[ "$(curl -s -o /dev/null --max-time 2 -w '%{http_code}' "$(management_url "$1")/readyz")" = 200 ]
}

# Ready, or dead so often in a row that waiting on is no use.
program_settled() {
	program_ready "$1" || (($(cat "$RUN/service/$1/backoff" 2>/dev/null || echo 0) >= 4))
}

program_version() {
	curl -s --max-time 2 "$(management_url "$1")/version" 2>/dev/null | jq -r '.version // empty' 2>/dev/null
}
