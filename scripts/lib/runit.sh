# One runsvdir per run folder keeps the processes; see deploy/runit/README.md.
# shellcheck shell=bash

# runit_define NAME TEMPLATE USER FILL...: writes the service folder.
runit_define() {
	local name=$1 template=$2 user=$3 dir=$RUN/service/$1 prefix="" text
	shift 3
	if is_root; then prefix="chpst -u $user "; fi
	mkdir -p "$dir/log" "$dir/env" "$RUN/log/$name"
	[ -e "$dir/down" ] || : >"$dir/down"
	text=$(fill "$CHECKOUT/deploy/runit/$template" NAME="$name" DIR="$dir" AS="$prefix" "$@")
	write_file 0755 "$dir/run" <<<"$text"
	write_file 0755 "$dir/finish" <"$CHECKOUT/deploy/runit/finish"
	runit_define_log "$name"
}

runit_define_log() {
	local dir=$RUN/log/$1 prefix="" text
	if is_root; then prefix="chpst -u $SERVICE_USER "; fi
	text=$(fill "$CHECKOUT/deploy/runit/log.run" AS="$prefix" LOG_DIR="$dir")
	write_file 0755 "$RUN/service/$1/log/run" <<<"$text"
	write_file 0644 "$dir/config" <<<$'s10000000\nn10'
	folder_own "$dir"
}

# runit_env NAME FOLDER < NAME=VALUE lines: one file per setting, and no others.
runit_env() {
	local dir=$RUN/service/$1/$2 line f
	declare -A want=()
	mkdir -p "$dir"
	while IFS= read -r line; do
		write_file 0644 "$dir/${line%%=*}" <<<"${line#*=}"
		want[${line%%=*}]=1
	done
	for f in "$dir"/*; do
		[ -n "${want[${f##*/}]-}" ] || rm -f "$f"
	done
}

runit_start() {
	local pid
	supervisor_pid >/dev/null && return
	# A session of its own: it outlives the terminal. None of our descriptors may leak into it.
	env -i PATH="/usr/bin:/bin" setsid runsvdir -P "$RUN/service" \
		</dev/null >>"$RUN/log/runsvdir.log" 2>&1 3>&- 9>&- &
	pid=$!
	sleep 0.1
	echo "$pid $(start_of "$pid")" >"$RUN/runsvdir.pid"
	local p
	for p in "${PROCESSES[@]}"; do
		wait_for 10 sv status "$RUN/service/$p" || die "runsvdir 未能启动" "runsvdir did not start" \
			"see $RUN/log/runsvdir.log"
	done
}

# What a process was started with; a changed program or setting means a restart.
runit_digest() {
	local dir=$RUN/service/$1
	# Not every process has settings or a program of ours.
	{ cat "$dir/run" "$dir"/env/* "$RUN/bin/$(program_of "$1")" 2>/dev/null || :; } | sha256sum | cut -d' ' -f1
}

# runit_wake NAME: ends the wait of its back-off, which runit itself would sit out.
runit_wake() {
	local dir=$RUN/service/$1
	case $(sv status "$dir" 2>/dev/null) in
	finish:*) kill "$(cat "$dir/supervise/pid")" 2>/dev/null || : ;;
	esac
}

# runit_up NAME: starts it, or restarts it where what it was started with has changed.
runit_up() {
	local dir=$RUN/service/$1 digest
	digest=$(runit_digest "$1")
	if pid_of "$1" >/dev/null && [ "$digest" = "$(cat "$dir/digest" 2>/dev/null)" ]; then
		sv -w 1 up "$dir" >/dev/null || :
		runit_wake "$1"
		return
	fi
	if pid_of "$1" >/dev/null; then
		sv down "$dir"
		runit_wake "$1"
		sv -w 60 down "$dir"
	fi
	rm -f "$dir/backoff"
	echo "$digest" >"$dir/digest"
	wait_for 15 test -p "$dir/supervise/ok" || : # runsvdir looks for new folders every 5 s; what it has not seen stays down
	sv -w 3 up "$dir" || : # whether it stays up is for its readiness to say
}

# What a smaller number of instances leaves over.
runit_surplus() {
	local dir name
	for dir in "$RUN"/service/*; do
		name=${dir##*/}
		[[ " ${PROCESSES[*]} " == *" $name "* ]] || echo "$name"
	done
}

# runit_remove NAME: ends it and takes its folder out of the supervisor's sight.
runit_remove() {
	local dir=$RUN/service/$1
	if supervisor_pid >/dev/null && sv status "$dir" >/dev/null 2>&1; then
		sv -w 0 exit "$dir" || :
		runit_wake "$1"
		sv -w 60 force-shutdown "$dir" || :
	fi
	rm -rf "$dir"
}

# runit_descendants PID: its children, theirs and so on.
runit_descendants() {
	local stat
	for stat in /proc/[0-9]*/stat; do cat "$stat" 2>/dev/null || :; done |
		sed -n 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' |
		awk -v root="$1" '{ parent[$1] = $2 }
			function under(p) { return p == root || (p in parent && p > 1 && under(parent[p])) }
			END { for (p in parent) if (p != root && under(p)) print p }'
}

# "pid start" of everything that runs for this run folder.
runit_pids() {
	local pid f
	{
		if pid=$(supervisor_pid); then
			echo "$pid"
			runit_descendants "$pid"
		fi
		for f in "$RUN"/service/*/supervise/pid "$RUN"/service/*/log/supervise/pid; do
			cat "$f" 2>/dev/null || :
		done
	} | sort -un | while read -r pid; do
		if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then echo "$pid $(start_of "$pid")"; fi
	done
}
