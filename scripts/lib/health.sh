# What scripts/up waits for and scripts/status shows, for each process.
# shellcheck shell=bash

# green NAME
green() {
	pid_of "$1" >/dev/null || return 1
	case $1 in
	postgres) postgres_answers ;;
	kafka*) kafka_answers "$1" ;;
	*) program_ready "$1" ;;
	esac
}

health_of() {
	if green "$1"; then echo ok; elif pid_of "$1" >/dev/null; then echo "not ready"; else echo down; fi
}

address_of() {
	case $1 in
	postgres) echo "socket, port $(port pg)" ;;
	*) echo "127.0.0.1:$(port "$1")" ;;
	esac
}

version_of() {
	case $1 in
	postgres) "$PG_BIN/postgres" --version | awk '{ print $3 }' ;;
	kafka*) kafka_version ;;
	*) program_version "$1" || echo - ;;
	esac
}

# Resident memory; of PostgreSQL that of all its processes, without the shared buffers counted twice.
memory_of() {
	local pid=$1 total=0 kb p
	[ "$pid" != - ] || { echo -; return; }
	for p in $pid $(runit_descendants "$pid"); do
		kb=$(awk -v first="$([ "$p" = "$pid" ] && echo 1)" \
			'/^VmRSS/ { all = $2 } /^RssAnon/ { own = $2 } END { print first ? all + 0 : own + 0 }' \
			"/proc/$p/status" 2>/dev/null || echo 0)
		total=$((total + ${kb:-0}))
	done
	echo "$(((total + 512) / 1024)) MiB"
}
