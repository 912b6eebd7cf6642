#include "backlog.h"

#include <stdlib.h>

#include "clock.h"
#include "metrics.h"
#include "value.h"

/* ---- metrics ---- */

static const struct gauge {
	const char *name, *labels, *help;
} GAUGES[] = {
	/* in the order of the columns of MEASURE_SQL */
	{"renhe_outbox_depth", "lane=\"urgent\"", "Rows of the outbox that wait."},
	{"renhe_outbox_depth", "lane=\"normal\"", "Rows of the outbox that wait."},
	{"renhe_outbox_oldest_ms", "lane=\"urgent\"", "Age of the oldest row that waits."},
	{"renhe_outbox_oldest_ms", "lane=\"normal\"", "Age of the oldest row that waits."},
	{"renhe_dead_letters", "", "Events that failed for good; renhectl dead-letters list."},
	{"renhe_parked_events", "", "Events that wait behind a dead letter or a gap."},
	{"renhe_timers_overdue", "", "Work that was due more than 10 s ago."},
	{"renhe_jobs", "state=\"PENDING\"", "Long work by state."},
	{"renhe_jobs", "state=\"RUNNING\"", "Long work by state."},
	{"renhe_jobs", "state=\"FAILED\"", "Long work by state."},
	{"renhe_audit_unsealed", "", "Rows of the audit that wait for their place in the log."},
};
#define N_GAUGES (int)(sizeof(GAUGES) / sizeof(GAUGES[0]))
#define AGE_MS "coalesce((extract(epoch from clock_timestamp() - min(ce_time)) * 1000)::bigint, 0)"

static const char MEASURE_SQL[] =
	"select u.n, o.n, u.ms, o.ms, (select count(*) from dead_letter),"
	" (select count(*) from parked_event),"
	" (select count(*) from timer where due_time < $1::timestamptz - interval '10 seconds'),"
	" (select count(*) from job where state = 'PENDING'),"
	" (select count(*) from job where state = 'RUNNING'),"
	" (select count(*) from job where state = 'FAILED'),"
	" (select count(*) from audit_unsealed)"
	" from (select count(*) as n, " AGE_MS " as ms from outbox where lane = 1) u,"
	" (select count(*) as n, " AGE_MS " as ms from outbox where lane = 0) o";

bool backlog_measure(struct ctx *cx)
{
	char now[28];
	const char *params[] = {now};
	struct db_result r;

	time_format(clock_business_us(), now);
	if (!db_sql(cx, MEASURE_SQL, params, 1, &r))
		return false;
	for (int i = 0; i < N_GAUGES; i++)
		metric_set(metric_get(GAUGES[i].name, GAUGES[i].labels, GAUGES[i].help),
			   strtoll(r.rows[0][i], NULL, 10));
	return true;
}

/* ---- lists ---- */

#define TIME(column)                                                                               \
	"to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* The holder is the session that has the relay's lock: nobody else sends. */
const struct backlog_list BACKLOG_OUTBOX = {
	.columns = "lane\t#waiting\t#oldest_ms\tholder\theld_since",
	.sql = "select lane.name, count(o.id), " AGE_MS ", h.holder, h.since"
	       " from (values (1, 'urgent'), (0, 'normal')) as lane(number, name)"
	       " left join outbox o on o.lane = lane.number"
	       " left join (select coalesce(host(a.client_addr), 'local') || ' ' || a.pid as holder,"
	       " " TIME("a.backend_start") " as since from pg_locks l join pg_stat_activity a using (pid)"
	       " where l.locktype = 'advisory' and l.granted and l.classid = " LOCK_SPACE
	       " and l.objid = 0 and l.database = (select oid from pg_database"
	       " where datname = current_database()) limit 1) h on true"
	       " group by lane.number, lane.name, h.holder, h.since order by lane.number desc",
};

#define DEAD_COLUMNS                                                                               \
	"#id\ttenant_id\treason\ttype\taggregate_type\tsubject\t#sequence\ttopic\t#partition\t"        \
	"#offset\t#attempts\tcreate_time\tlast_try_time\t#parked_behind"
#define DEAD_SQL                                                                                   \
	"select d.id, d.tenant_id, d.reason, d.ce_type, d.aggregate_type, d.ce_subject,"           \
	" d.ce_sequence, d.topic, d.partition, d.record_offset, d.attempts, "                      \
	TIME("d.create_time") ", " TIME("d.last_try_time") ", (select count(*) from parked_event p" \
	" where p.tenant_id = d.tenant_id and p.consumer = d.consumer"                             \
	" and p.ce_source = d.ce_source and p.aggregate_type = d.aggregate_type"                   \
	" and p.ce_subject = d.ce_subject)"

const struct backlog_list BACKLOG_DEAD_LETTERS = {
	.columns = DEAD_COLUMNS,
	.sql = DEAD_SQL " from dead_letter d order by d.id",
};
const struct backlog_list BACKLOG_DEAD_LETTER = {
	.columns = DEAD_COLUMNS "\tevent_id\tsource\tevent_time\tcause\tpayload",
	.sql = DEAD_SQL ", d.ce_id, d.ce_source, " TIME("d.ce_time") ", d.ce_cause, 'withheld'"
			" from dead_letter d where d.id = $1::bigint",
	.n_params = 1,
};
const struct backlog_list BACKLOG_PARKED = {
	.columns = "tenant_id\tsource\taggregate_type\tsubject\t#events\t#expected_sequence\t"
		   "#first_sequence\tparked_since\tbehind",
	.sql = "select p.tenant_id, p.ce_source, p.aggregate_type, p.ce_subject, count(*),"
	       " coalesce(max(s.last), 0) + 1, min(p.ce_sequence), " TIME("min(p.create_time)") ","
	       " case when exists (select 1 from dead_letter d where d.tenant_id = p.tenant_id"
	       " and d.ce_source = p.ce_source and d.aggregate_type = p.aggregate_type"
	       " and d.ce_subject = p.ce_subject) then 'DEAD_LETTER' else 'SEQUENCE_GAP' end"
	       " from parked_event p left join inbox_sequence s on s.tenant_id = p.tenant_id"
	       " and s.source = p.ce_source and s.aggregate_type = p.aggregate_type"
	       " and s.aggregate_id = p.ce_subject"
	       " group by p.tenant_id, p.ce_source, p.aggregate_type, p.ce_subject"
	       " order by min(p.create_time)",
};
const struct backlog_list BACKLOG_AGGREGATES = {
	.columns = "source\taggregate_type\t#aggregates\t#held_up",
	.sql = "select source, aggregate_type, count(*), count(*) filter (where parked)"
	       " from inbox_sequence group by 1, 2 order by 1, 2",
};
const struct backlog_list BACKLOG_PARTITIONS = {
	.columns = "topic\t#partition\t#parked\t#dead_letters",
	.sql = "select topic, partition, count(*) filter (where parked),"
	       " count(*) filter (where not parked)"
	       " from (select topic, partition, true as parked from parked_event"
	       " union all select topic, partition, false from dead_letter) x group by 1, 2",
};
