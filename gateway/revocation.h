/* The least valid generation of accounts and sessions (decision 11). Late, repeated and reordered
 * records do no harm, because the maximum is kept. One thread: the loop. */
#ifndef RENHE_GATEWAY_REVOCATION_H
#define RENHE_GATEWAY_REVOCATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum revocation_kind { REVOCATION_ACCOUNT, REVOCATION_SESSION };

struct revocations;
struct revocations *revocations_new(void);
void revocations_free(struct revocations *t);
/* false: subject_id is no UUID text of 36 characters; nothing is stored. */
bool revocations_put(struct revocations *t, enum revocation_kind kind, const char *subject_id,
		     int64_t least_generation, int64_t now_s);
/* 0 where nothing is known of the subject: every generation is valid. */
int64_t revocations_least(const struct revocations *t, enum revocation_kind kind,
			  const char *subject_id);
size_t revocations_count(const struct revocations *t);
/* Forgets what was last said before the instant; tokens that old have ended by themselves. */
void revocations_expire(struct revocations *t, int64_t before_s);
#endif
