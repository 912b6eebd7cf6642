# Secrets are made once per run folder and never printed. (Kafka makes its own: kafka.sh.)
# shellcheck shell=bash

RENHECTL=$RUN/bin/renhectl

random_hex() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# secret_once NAME COMMAND...: keeps what is there.
secret_once() {
	local file
	file=$(secret_file "$1")
	shift
	[ -s "$file" ] && return
	(umask 077 && "$@" >"$file.new")
	mv "$file.new" "$file"
}

anchor_half() { jq -er ".$1" <<<"$2"; }

# The anchor is a pair: the public half goes into every program's settings. It is written last,
# so that a half-made pair is made anew.
secret_anchor() {
	local public pair
	public=$(secret_file key_anchor)
	[ -s "$public" ] && return
	# Our own RENHE_RUN_DIR is no setting of a program, and refused by each.
	pair=$(env -i "$RENHECTL" -o json secret new-anchor)
	(umask 077 && anchor_half secret "$pair" >"$(secret_file key_anchor_secret)")
	anchor_half public "$pair" >"$public.new"
	mv "$public.new" "$public"
}

secrets_make() {
	local s role
	for s in "${SERVICES[@]}"; do
		secret_once "root_key_$s" random_hex 32
		for role in owner app relay; do secret_once "pg_${s}_$role" random_hex 24; done
	done
	secret_once internal_token random_hex 32
	secret_anchor
	chmod 0600 "$RUN"/secrets/*
	folder_own "$RUN/secrets"
}
