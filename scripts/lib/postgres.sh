# The suite's own PostgreSQL 15 cluster in the run folder.
# shellcheck shell=bash

# A new cluster is made where its user may write.
PG_DATA=$RUN/postgres
PG_NEW=$RUN/pg/new

pg_user() { user_of postgres; }

postgres_configure() {
	local conf=$RUN/pg from=$CHECKOUT/deploy/postgres text
	text=$(fill "$from/postgresql.conf.in" PORT="$(port pg)" SOCKET_DIR="$conf" CONF_DIR="$conf")
	write_file 0644 "$conf/postgresql.conf" <<<"$text"
	write_file 0644 "$conf/pg_hba.conf" <"$from/pg_hba.conf"
	text=$(fill "$from/pg_ident.conf.in" SYSTEM_USER="$(pg_user)")
	write_file 0644 "$conf/pg_ident.conf" <<<"$text"
	if is_root; then chown postgres "$conf"; fi
}

# A cluster that initdb left half-made is made anew: it is moved into place only when done.
postgres_init() {
	[ -e "$PG_DATA/PG_VERSION" ] && return
	rm -rf "$PG_NEW"
	as "$(pg_user)" "$PG_BIN/initdb" -D "$PG_NEW" -k -U postgres --locale=C.UTF-8 -E UTF8 \
		--auth-local=peer --auth-host=scram-sha-256 --no-instructions
	mv "$PG_NEW" "$PG_DATA"
}

postgres_make() {
	postgres_configure
	postgres_init
}

# As nobody: the superuser's name would be refused to root, and that refusal logged each time.
postgres_answers() { "$PG_BIN/pg_isready" -q -h "$RUN/pg" -p "$(port pg)" -d postgres -U nobody; }

# psql as the superuser; only the scripts use it. PG_SOCKET names another folder of the socket.
postgres_super() {
	as "$(pg_user)" "$PG_BIN/psql" -X -q -h "${PG_SOCKET-$RUN/pg}" -p "$(port pg)" -U postgres -d postgres "$@"
}

# Secrets reach psql by its standard input, never by arguments that others can list.
postgres_roles() {
	local s role
	for s in "${SERVICES[@]}"; do
		{
			echo "\\set service $s"
			for role in owner app relay; do
				echo "\\set ${role}_password '$(cat "$(secret_file "pg_${s}_$role")")'"
			done
			cat "$CHECKOUT/deploy/postgres/roles.sql"
		} | postgres_super
	done
}

# The address of a service's database for operators, as its owner.
postgres_uri() {
	printf 'postgresql://%s_owner:%s@/%s?host=%s&port=%s' "$1" \
		"$(cat "$(secret_file "pg_${1}_owner")")" "$1" "$(jq -rn --arg s "$RUN/pg" '$s|@uri')" "$(port pg)"
}
