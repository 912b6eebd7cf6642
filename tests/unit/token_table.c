/* What the table of verified tokens saves: one token checked as it is with each request of a
 * caller, beside the same check with its signature verified anew. Interleaved in short turns, so
 * that both meet the same machine; CPU time, medians of the turns. token_table [TURNS] A second
 * keyring with the same key has another serial, under which no token was seen: taking turns between
 * two rings, each check misses. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auth.h"

#define CHECKS 200 /* of one turn */
#define TURNS_MOST 10000
#define NOW 1800000000LL

static const char *const ROLES[] = {"ROLE_UNSPECIFIED", "EMPLOYEE", "HR", NULL};
static const struct token_claims WHO = {
	.tenant_id = "01935b6e-0000-7000-8000-000000000001",
	.account_id = "01935b6e-0000-7000-8000-000000000002",
	.person_id = "01935b6e-0000-7000-8000-000000000003",
	.session_id = "01935b6e-0000-7000-8000-000000000004",
	.roles = 6,
	.exp = NOW + 500,
	.iat = NOW - 10,
	.auth_time = NOW - 10,
};

static long long cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ns of one check */
static long long turn(struct keyring *rings[2], unsigned n_rings, const char *token)
{
	struct arena *a = arena_new();
	struct token_claims c;
	long long begin = cpu_ns();

	for (unsigned i = 0; i < CHECKS; i++) {
		if (token_verify(rings[i % n_rings], a, str_of(token), NOW, ROLES, &c) != AUTH_OK)
			abort();
		arena_reset(a);
	}
	long long took = (cpu_ns() - begin) / CHECKS;
	arena_free(a);
	return took;
}

static int by_value(const void *x, const void *y)
{
	long long a = *(const long long *)x, b = *(const long long *)y;

	return (a > b) - (a < b);
}

static long long median(long long *v, unsigned n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	static long long with[TURNS_MOST], without[TURNS_MOST];
	unsigned long turns = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
	struct keyring *rings[2] = {keyring_new(), keyring_new()};
	struct arena *a = arena_new();
	char *private_pem, *public_pem;

	if (turns < 1 || turns > TURNS_MOST || !rsa_generate(a, &private_pem, &public_pem))
		return 64;
	for (int i = 0; i < 2; i++)
		if (!keyring_add(rings[i], "bench", "RS256", public_pem, NOW + 1000))
			abort();
	struct signer *s = signer_new("bench", private_pem);
	const char *token = signer_issue(s, a, &WHO, ROLES);
	for (unsigned long i = 0; i < turns; i++) { /* who goes first changes */
		if (i % 2)
			with[i] = turn(rings, 1, token);
		without[i] = turn(rings, 2, token);
		if (i % 2 == 0)
			with[i] = turn(rings, 1, token);
	}
	long long seen = median(with, (unsigned)turns), anew = median(without, (unsigned)turns);
	printf("check of a token: %lld ns seen before, %lld ns anew: %lld.%02lld\n", seen, anew,
	       seen / anew, seen * 100 / anew % 100);
	signer_free(s);
	keyring_free(rings[0]);
	keyring_free(rings[1]);
	arena_free(a);
	return 0;
}
