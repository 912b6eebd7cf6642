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

kafka_env() {
	cat <<-EOF
		RENHE_KAFKA_HOME=$(kafka_home)
		RENHE_KAFKA_DIR=$RUN/kafka
		RENHE_KAFKA_PORT=$(port kafka)
		RENHE_KAFKA_CONTROLLER_PORT=$(port kafka_controller)
		RENHE_KAFKA_PRINCIPALS=${PROGRAMS[*]} observer
		RENHE_KAFKA_SETUP=$RUN/bin/kafka_setup
	EOF
}

# kafka_do VERB...: as the user that Kafka runs as, with its settings and no others.
kafka_do() {
	as "$(user_of kafka)" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 chpst -e "$RUN/service/kafka/env" \
		"$RUN/lib/kafka/kafka" "$@"
}

kafka_install() {
	local home
	home=$(kafka_home)
	mkdir -p "$(dirname "$home")"
	flock -w 900 "$home.lock" "$CHECKOUT/deploy/kafka/kafka" install "$home"
}

# A copy of the recipe stands in the run folder, where any user may read it.
kafka_define() {
	local f
	mkdir -p "$RUN/kafka" "$RUN/lib/kafka"
	folder_own "$RUN/kafka"
	for f in "$CHECKOUT"/deploy/kafka/*; do
		if [ -f "$f" ]; then write_file 0644 "$RUN/lib/kafka/${f##*/}" <"$f"; fi
	done
	chmod 0755 "$RUN/lib/kafka/kafka"
	write_file 0644 "$RUN/lib/topics.json" <"$CHECKOUT/build/gen/topics.json"
	runit_define kafka kafka.run "$(user_of kafka)" KAFKA="$RUN/lib/kafka"
	kafka_env | runit_env kafka env
	kafka_do format
	kafka_observer
}

# kcat's settings for whoever looks at events: reads every topic that the contract opens to
# observers, writes none.
kafka_observer() {
	(umask 077 && write_file 0600 "$RUN/kcat.conf") <<-EOF
		bootstrap.servers=127.0.0.1:$(port kafka)
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
		kafka_do topics "$RUN/lib/topics.json" && return
		echo "topics: try $try failed"
		sleep 1
	done
	return 1
}
kafka_probe() { kafka_do probe; }
kafka_answers() { timeout 5 kcat -F "$RUN/kcat.conf" -L -m 3 -q >/dev/null 2>&1; }

kafka_version() {
	local jar
	for jar in "$(kafka_home)"/libs/kafka_2.13-*.jar; do
		jar=${jar##*kafka_2.13-}
		echo "${jar%.jar}"
	done
}
