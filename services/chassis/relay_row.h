/* Between relay.c and relay_row.c: a row of the outbox as a record. */
#ifndef RENHE_RELAY_ROW_H
#define RENHE_RELAY_ROW_H
#include "db.h"
#include "kafka.h"

struct relay_row {
	const char *id;
	struct kafka_record record;
};
/* $1 lane, $2 array of topics to leave alone, $3 how many, $4 and $5 first and last id of what is on its way, or NULL. */
extern const char RELAY_READ_SQL[];
/* $1 lane, $2 array of ids. */
extern const char RELAY_DELETE_SQL[];
/* As many as there are rows; in the arena, like the rows' own texts. */
struct relay_row *relay_rows(const struct schema *s, struct arena *a, const struct db_result *rows);
/* Bytes of bytea text ("\x0a1b"); p NULL for NULL, n = 0 with p for empty. */
struct str relay_bytes(struct arena *a, const char *text);
#endif
