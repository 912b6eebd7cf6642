#include "seal.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seal_crypto.h"
#include "task.h"

#define PASSES 2
#define MEMORY_BYTES ((size_t)19 << 20)

_Static_assert(crypto_pwhash_STRBYTES <= 128, "password_hash promises 128 bytes");

static sem_t turns;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Half the cores and one: sign-ins may not starve the other routes of processor and memory. */
static void prepare(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (sem_init(&turns, 0, (unsigned)(cores > 0 ? cores / 2 : 0) + 1) != 0)
		abort();
}

static void turn_begin(void)
{
	crypto_ready();
	if (pthread_once(&once, prepare) != 0)
		abort();
	while (sem_wait(&turns) != 0)
		if (errno != EINTR)
			abort();
}

static void turn_end(void)
{
	sem_post(&turns);
}

/* 20 to 40 ms of a core: outside of the event loop. */
struct work {
	const char *password, *hash;
	char *out;
	int failed;
};

static void hash_outside(void *arg)
{
	struct work *w = arg;

	turn_begin();
	w->failed = crypto_pwhash_str_alg(w->out, w->password, strlen(w->password), PASSES, MEMORY_BYTES,
					  crypto_pwhash_ALG_ARGON2ID13);
	turn_end();
}

static void verify_outside(void *arg)
{
	struct work *w = arg;

	turn_begin();
	w->failed = crypto_pwhash_str_verify(w->hash, w->password, strlen(w->password));
	turn_end();
}

bool password_hash(const char *password, char out[128])
{
	struct work w = {.password = password, .out = out};

	task_outside(hash_outside, &w);
	return w.failed == 0;
}

bool password_verify(const char *hash, const char *password)
{
	/* Of no other kind: a stored argon2i or scrypt text would change what a guess costs. */
	static const char KIND[] = "$argon2id$v=19$";
	struct work w = {.password = password, .hash = hash};

	if (strncmp(hash, KIND, sizeof(KIND) - 1) != 0)
		return false;
	task_outside(verify_outside, &w);
	return w.failed == 0;
}

bool password_verify_dummy(const char *password)
{
	/* Of random bytes that nobody kept; the same costs as password_hash. */
	static const char DUMMY[] = "$argon2id$v=19$m=19456,t=2,p=1$6x1/qQbFo9rlxsOSTJ5t/Q"
				    "$EFHU7q16cqJ/aHYCA2Pa6ERAUrqSjfHzPeb4uhki+Ys";

	(void)password_verify(DUMMY, password);
	return false;
}
