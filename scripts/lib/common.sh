# Names, places and messages that all of scripts/ share. Sourced; needs bash.
# shellcheck shell=bash
set -euo pipefail

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LIB=$CHECKOUT/scripts/lib
PG_BIN=/usr/lib/postgresql/15/bin
SERVICE_USER=renhe

# The settings of the scripts themselves. No program may inherit them: each is started with its
# own clean environment.
RUN_NAME=$(realpath -ms "${RENHE_RUN_DIR:-$CHECKOUT/run}")
RUN=$(realpath -m "$RUN_NAME") # folder_make may have made the name a link
ASKED_BASE=${RENHE_PORT_BASE-}

mapfile -t SERVICES < <(awk '!/^#/ && NF { print $1 }' "$LIB/services.txt")
PROGRAMS=("${SERVICES[@]}" gateway)

# The first instance of a program has its name; the second of archive is archive-2.
program_of() { echo "${1%%-*}"; }
instance_of() { if [[ $1 == *-* ]]; then echo "${1##*-}"; else echo 1; fi; }

# instances_of COUNT NAME...: all first ones, then all second ones: the order of their start.
instances_of() {
	local k name count=$1
	shift
	for ((k = 1; k <= count; k++)); do
		for name; do if ((k == 1)); then echo "$name"; else echo "$name-$k"; fi; done
	done
}

# The recorded numbers hold for a run folder that has them, as its port base does.
recorded() { cat "$RUN/$1" 2>/dev/null || echo 1; }

processes_list() {
	mapfile -t BROKERS < <(instances_of "$(recorded brokers)" kafka)
	mapfile -t INSTANCES < <(instances_of "$(recorded instances)" "${PROGRAMS[@]}")
	PROCESSES=(postgres "${BROKERS[@]}" "${INSTANCES[@]}")
}
processes_list

exec 3>&2 # messages for people, also where a step's own output goes to its log

say() { printf '%s\n' "$*" >&3; }

# die ZH EN [WHAT TO DO ...]
die() {
	DIED=1
	printf '\n✗ %s\n  %s\n' "$1" "$2" >&3
	shift 2
	for line; do printf '  → %s\n' "$line" >&3; done
	exit 1
}

# The recorded base holds for a run folder that has one, so that `down` and `status` need no more
# than RENHE_RUN_DIR.
port_base() {
	local base=$ASKED_BASE
	[ -n "$base" ] || base=$(cat "$RUN/port_base" 2>/dev/null || echo 8080)
	if ! [[ $base =~ ^[0-9]{4,5}$ ]] || ((base < 1024 || base > 65000)); then
		die "RENHE_PORT_BASE 须为 1024 至 65000 的整数" "RENHE_PORT_BASE must be an integer from 1024 to 65000"
	fi
	echo "$base"
}

# port NAME: gateway gateway_management identity identity-2_management ... kafka-3 kafka_controller pg
# Each further instance stands 50 ports above the one before it.
port() {
	local name=${1%_management} next=0 offset instance
	[ "$name" = "$1" ] || next=1
	instance=$(instance_of "$name")
	name=${name%%-*}
	case $name in
	gateway) offset=0 ;;
	kafka) offset=30 ;;
	kafka_controller) offset=31 ;;
	pg) offset=40 ;;
	*) offset=$(awk -v n="$name" '$1 == n { print $2 }' "$LIB/services.txt") ;;
	esac
	echo $((BASE + offset + next + 50 * (instance - 1)))
}

# ports_of PROCESS: those that it listens on.
ports_of() {
	case $1 in
	postgres) ;;
	kafka*) port "$1" && port "${1/kafka/kafka_controller}" ;;
	*) port "$1" && port "${1}_management" ;;
	esac
}

is_root() { [ "$(id -u)" = 0 ]; }

as_root() {
	if is_root; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die "需要 root 或 sudo 才能执行:$*" "root or sudo is needed for: $*"
	fi
}

# The users that processes run as: without root, whoever calls.
user_of() {
	if ! is_root; then
		id -un
	elif [ "$1" = postgres ]; then
		echo postgres
	else
		echo "$SERVICE_USER"
	fi
}

# as USER COMMAND...: from /, because USER may not enter where we stand. Paths are absolute.
as() {
	local user=$1
	shift
	if is_root; then (cd / && chpst -u "$user" "$@"); else "$@"; fi
}

# Field 22 of /proc/PID/stat, the start time: with it a pid names one process for good.
start_of() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# pid of the suite's runsvdir where it runs; recorded as "pid start".
supervisor_pid() {
	local pid start
	read -r pid start 2>/dev/null <"$RUN/runsvdir.pid" || return 1
	[ "$(start_of "$pid")" = "$start" ] && echo "$pid"
}

# pid_of NAME: the process that runit keeps, if it runs.
pid_of() {
	local pid
	supervisor_pid >/dev/null || return 1
	pid=$(cat "$RUN/service/$1/supervise/pid" 2>/dev/null) || return 1
	[ -n "$pid" ] && [ -d "/proc/$pid" ] && echo "$pid"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}

secret_file() { echo "$RUN/secrets/$1"; }
