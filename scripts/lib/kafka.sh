# Kafka through deploy/kafka/kafka, with the suite's places and ports.
# shellcheck shell=bash

# The jars are no state: every suite of the machine shares them.
kafka_home() {
	if [ -n "${RENHE_KAFKA_HOME-}" ]; then
		echo "$RENHE_KAFKA_HOME"
	elif is_root; then
		echo /var/cache/renhe/kafka # root's home is closed to the user that Kafka runs as
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/renhe/kafka"
	fi
}

kafka_secret_file() { echo "$RUN/kafka/secrets/$1"; }

# kafka_list FORMAT NAME: of each broker, with commas between; %k its number, %p its port NAME.
kafka_list() {
	local b one found=""
	for b in "${BROKERS[@]}"; do
		one=${1//%k/$(instance_of "$b")}
		found+=",${one//%p/$(port "${b/kafka/$2}")}"
	done
	echo "${found#,}"
}
kafka_brokers() { kafka_list 127.0.0.1:%p kafka; }

# kafka_env NAME: all brokers have the secrets of the first.
kafka_env() {
	cat <<-EOF
		RENHE_KAFKA_HOME=$(kafka_home)
		RENHE_KAFKA_DIR=$RUN/$1
		RENHE_KAFKA_SECRETS=$RUN/kafka/secrets
		RENHE_KAFKA_NODE=$(instance_of "$1")
		RENHE_KAFKA_VOTERS=$(kafka_list %k@127.0.0.1:%p kafka_controller)
		RENHE_KAFKA_BROKERS=$(kafka_brokers)
		RENHE_KAFKA_REPLICATION=${#BROKERS[@]}
		RENHE_KAFKA_PORT=$(port "$1")
		RENHE_KAFKA_CONTROLLER_PORT=$(port "${1/kafka/kafka_controller}")
		RENHE_KAFKA_PRINCIPALS=${PROGRAMS[*]} observer
		RENHE_KAFKA_SETUP=$RUN/bin/kafka_setup
	EOF
}

# kafka_do BROKER VERB...: as the user that Kafka runs as, with its settings and no others.
kafka_do() {
	local env=$RUN/service/$1/env
	shift
	as "$(user_of kafka)" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 chpst -e "$env" "$RUN/lib/kafka/kafka" "$@"
}

kafka_install() {
	local home
	home=$(kafka_home)
	mkdir -p "$(dirname "$home")"
	flock -w 900 "$home.lock" "$CHECKOUT/deploy/kafka/kafka" install "$home"
}

# A copy of the recipe stands in the run folder, where any user may read it.
kafka_define() {
	local f b
	mkdir -p "$RUN/lib/kafka"
	for f in "$CHECKOUT"/deploy/kafka/*; do
		if [ -f "$f" ]; then write_file 0644 "$RUN/lib/kafka/${f##*/}" <"$f"; fi
	done
	chmod 0755 "$RUN/lib/kafka/kafka"
	write_file 0644 "$RUN/lib/topics.json" <"$CHECKOUT/build/gen/topics.json"
	for b in "${BROKERS[@]}"; do kafka_define_one "$b"; done
	kafka_observer
}

kafka_define_one() {
	mkdir -p "$RUN/$1"
	folder_own "$RUN/$1"
	runit_define "$1" kafka.run "$(user_of kafka)" KAFKA="$RUN/lib/kafka"
	kafka_env "$1" | runit_env "$1" env
	kafka_do "$1" format
}

# kcat's settings for whoever looks at events: reads every topic that the contract opens to
# observers, writes none.
kafka_observer() {
	(umask 077 && write_file 0600 "$RUN/kcat.conf") <<-EOF
		bootstrap.servers=$(kafka_brokers)
		security.protocol=SASL_PLAINTEXT
		sasl.mechanisms=PLAIN
		sasl.username=observer
		sasl.password=$(cat "$(kafka_secret_file observer)")
	EOF
}

# On a busy machine a broker answers for a while before it has found its controller.
kafka_topics() {
	local try
	for try in 1 2 3; do
		kafka_do kafka topics "$RUN/lib/topics.json" && return
		echo "topics: try $try failed"
		sleep 1
	done
	return 1
}
kafka_probe() { kafka_do kafka probe; }

# kafka_answers BROKER: that one itself, not another in its stead.
kafka_answers() {
	timeout 5 kcat -F "$RUN/kcat.conf" -X bootstrap.servers="127.0.0.1:$(port "$1")" -L -m 3 -q >/dev/null 2>&1
}

kafka_version() {
	local jar
	for jar in "$(kafka_home)"/libs/kafka_2.13-*.jar; do
		jar=${jar##*kafka_2.13-}
		echo "${jar%.jar}"
	done
}
