# Debian packages: only what is missing, in one apt-get call.
# shellcheck shell=bash

# Prints the names of packages.txt that are absent or too old.
packages_missing() {
	local name least have
	declare -A version=()
	while read -r name have; do version[$name]=$have; done < <(
		dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' 2>/dev/null |
			awk '$1 == "installed" { print $2, $3 }')
	while read -r name least; do
		[[ $name && $name != \#* ]] || continue
		have=${version[$name]-}
		if [ -z "$have" ] || { [ -n "$least" ] && dpkg --compare-versions "$have" lt "$least"; }; then
			echo "$name"
		fi
	done <"$LIB/packages.txt"
}

# Debian's PostgreSQL would make and start a cluster of its own; the suite brings its own.
packages_no_main_cluster() {
	local conf=/etc/postgresql-common/createcluster.conf
	[ -e "$conf" ] && return
	as_root mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
}

packages_install() {
	local missing
	mapfile -t missing < <(packages_missing)
	((${#missing[@]})) || return 0
	echo "installing: ${missing[*]}"
	packages_no_main_cluster
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "${missing[@]}"
	mapfile -t missing < <(packages_missing)
	((${#missing[@]} == 0)) || die "这些软件包仍缺失或版本过旧:${missing[*]}" \
		"still missing or too old: ${missing[*]}" \
		"enable the bookworm-security suite of Debian 12 and run scripts/up again"
}

# The user that Kafka and the services run as; nothing of the suite but the supervisor is root's.
packages_user() {
	is_root || return 0
	id -u "$SERVICE_USER" >/dev/null 2>&1 && return
	useradd --system --user-group --no-create-home --home-dir /nonexistent \
		--shell /usr/sbin/nologin "$SERVICE_USER"
}
