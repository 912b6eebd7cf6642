# The run folder: everything that the suite keeps, and nothing outside of it.
# shellcheck shell=bash

# Root's checkout may stand where other users may not enter (/root is 0700 on Debian). The run
# folder is then a link to a place that they may, because PostgreSQL refuses to run as root.
folder_reachable() {
	local user=$1 path=$2
	while [ ! -d "$path" ]; do path=$(dirname "$path"); done
	as "$user" test -x "$path"
}

folder_make() {
	local place
	if is_root && [ ! -e "$RUN_NAME" ] && ! folder_reachable postgres "$(dirname "$RUN_NAME")"; then
		place=/var/lib/renhe/$(printf %s "$RUN_NAME" | cksum | cut -d' ' -f1)
		mkdir -p "$place"
		chmod 0755 /var/lib/renhe "$place"
		ln -sfn "$place" "$RUN_NAME"
		RUN=$place
	fi
	mkdir -p "$RUN"
	chmod 0755 "$RUN"
	mkdir -p "$RUN"/{secrets,service,log,bin,state,pg,lib}
	chmod 0700 "$RUN/secrets"
	chmod 0711 "$RUN/log"
	folder_own "$RUN"/{secrets,state}
	echo "$BASE" >"$RUN/port_base"
	[ -e "$RUN/clock" ] || echo 0 >"$RUN/clock"
	[ -e "$RUN/consumer_keys" ] || : >"$RUN/consumer_keys"
	# 107 bytes are the end of a Unix socket's path; ours adds "/pg/.s.PGSQL.65535".
	((${#RUN} <= 85)) || die "运行目录路径过长:$RUN" "the path of the run folder is too long: $RUN"
}

folder_own() {
	if is_root; then chown -R "$SERVICE_USER:$SERVICE_USER" "$@"; fi
}

# write_file MODE PATH < CONTENT: at once or not at all, and only where it changed, so that a
# second `up` touches nothing. Says with status 0 that the file is as it was.
write_file() {
	local mode=$1 path=$2 new
	new=$(mktemp "$path.XXXXXX")
	cat >"$new"
	chmod "$mode" "$new"
	if cmp -s "$new" "$path"; then
		rm -f "$new"
		return 0
	fi
	mv -f "$new" "$path"
	CHANGED=1
}

# fill TEMPLATE NAME=VALUE...: @NAME@ by its value. Values hold no newline.
fill() {
	local text pair
	text=$(cat "$1")
	shift
	for pair; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
	if [[ $text =~ @[A-Z_]+@ ]]; then
		echo "fill: no value for ${BASH_REMATCH[0]}" >&2
		return 1
	fi
	printf '%s\n' "$text"
}

# Programs are copied, so that a build never touches what runs and any user may enter the folder.
folder_programs() {
	local p bin=$PROGRAM_DIR
	for p in "${PROGRAMS[@]}" renhectl kafka_setup; do
		[ -x "$bin/$p" ] || die "没有程序 $p" "the build made no program $p" "look into $RUN/log/up.log"
		write_file 0755 "$RUN/bin/$p" <"$bin/$p"
	done
}
