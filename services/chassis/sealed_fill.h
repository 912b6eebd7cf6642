/* When a consumer of sealed topics gets a key, or another one, it must have every record again: all
 * tenants' are written anew, in chunks behind a watermark, by a timer. So a change of keys is a change
 * of the setting and a restart, and nothing that was written before is opened for it. */
#ifndef RENHE_SEALED_FILL_H
#define RENHE_SEALED_FILL_H
#include "service.h"

#define SEALED_FILL_TIMER "sealed_fill"

/* At start, before serving: a timer for each tenant whose records were closed with other keys than
 * those of now. A tenant that came since the last start is filled once more than it needs. false:
 * the database could not be asked; it was told. */
bool sealed_fill_begin(const struct service_def *def);

/* Writes the records of the next subjects behind `after` (NULL: from the first on), in the order of
 * their ids; *last is the last of them, NULL where there are none. *n counts records. */
typedef bool sealed_chunk_fn(struct ctx *cx, const char *after, const char **last, int64_t *n);
/* What the service's function for the timer calls. */
bool sealed_fill_step(struct ctx *cx, const char *tenant_id, sealed_chunk_fn *chunk);
#endif
