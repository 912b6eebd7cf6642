#include "merkle.h"

#include <stdlib.h>

#include "seal.h"

static struct merkle_hash hash_of(char prefix, struct str a, struct str b)
{
	struct str pieces[] = {{&prefix, 1}, a, b};
	struct merkle_hash h;

	sha256_of(pieces, 3, h.p);
	return h;
}

struct merkle_hash merkle_leaf(struct str entry)
{
	return hash_of(0, entry, (struct str){"", 0});
}

static struct merkle_hash node(const struct merkle_hash *left, const struct merkle_hash *right)
{
	return hash_of(1, (struct str){(const char *)left->p, MERKLE_HASH},
		       (struct str){(const char *)right->p, MERKLE_HASH});
}

bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->p, b->p, MERKLE_HASH) == 0;
}

/* ---- growing ---- */

unsigned merkle_peaks(const struct merkle *m)
{
	return (unsigned)__builtin_popcountll(m->size);
}

void merkle_append(struct merkle *m, const struct merkle_hash *leaf)
{
	unsigned n = merkle_peaks(m);

	m->peak[n++] = *leaf;
	for (uint64_t s = m->size; s & 1; s >>= 1, n--)
		m->peak[n - 2] = node(&m->peak[n - 2], &m->peak[n - 1]);
	m->size++;
}

struct merkle_hash merkle_root(const struct merkle *m)
{
	unsigned n = merkle_peaks(m);
	struct merkle_hash h;

	if (n == 0) {
		sha256_of(NULL, 0, h.p);
		return h;
	}
	h = m->peak[n - 1];
	for (unsigned i = n - 1; i > 0; i--)
		h = node(&m->peak[i - 1], &h);
	return h;
}

struct merkle_hash merkle_root_of(const struct merkle_hash *leaves, uint64_t n)
{
	struct merkle m = {.size = 0};

	for (uint64_t i = 0; i < n; i++)
		merkle_append(&m, &leaves[i]);
	return merkle_root(&m);
}

/* ---- proving ---- */

/* The largest power of two below n. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

unsigned merkle_inclusion(const struct merkle_hash *leaves, uint64_t n, uint64_t index,
			  struct merkle_hash *proof)
{
	unsigned used;

	if (n == 1)
		return 0;
	uint64_t k = split(n);
	if (index < k) {
		used = merkle_inclusion(leaves, k, index, proof);
		proof[used] = merkle_root_of(leaves + k, n - k);
	} else {
		used = merkle_inclusion(leaves + k, n - k, index - k, proof);
		proof[used] = merkle_root_of(leaves, k);
	}
	return used + 1;
}

/* known: the reader has the root of these m leaves already. */
static unsigned subproof(const struct merkle_hash *leaves, uint64_t n, uint64_t m, bool known,
			 struct merkle_hash *proof)
{
	unsigned used;

	if (m == n) {
		if (!known)
			proof[0] = merkle_root_of(leaves, m);
		return known ? 0 : 1;
	}
	uint64_t k = split(n);
	if (m <= k) {
		used = subproof(leaves, k, m, known, proof);
		proof[used] = merkle_root_of(leaves + k, n - k);
	} else {
		used = subproof(leaves + k, n - k, m - k, false, proof);
		proof[used] = merkle_root_of(leaves, k);
	}
	return used + 1;
}

unsigned merkle_consistency(const struct merkle_hash *leaves, uint64_t n, uint64_t m,
			    struct merkle_hash *proof)
{
	return subproof(leaves, n, m, true, proof);
}

/* ---- checking: RFC 9162, 2.1.3.2 and 2.1.4.2 ---- */

static void drop_zeros(uint64_t *f, uint64_t *s)
{
	while (*f && !(*f & 1)) {
		*f >>= 1;
		*s >>= 1;
	}
}

bool merkle_included(const struct merkle_hash *leaf, uint64_t index, uint64_t n,
		     const struct merkle_hash *proof, unsigned n_proof,
		     const struct merkle_hash *root)
{
	uint64_t f = index, s = n - 1;
	struct merkle_hash h = *leaf;

	if (index >= n)
		return false;
	for (unsigned i = 0; i < n_proof; i++) {
		if (s == 0)
			return false;
		if (f & 1 || f == s) {
			h = node(&proof[i], &h);
			drop_zeros(&f, &s);
		} else {
			h = node(&h, &proof[i]);
		}
		f >>= 1;
		s >>= 1;
	}
	return s == 0 && merkle_same(&h, root);
}

static bool climb(uint64_t f, uint64_t s, struct merkle_hash first, const struct merkle_hash *proof,
		  unsigned n_proof, const struct merkle_hash *want_first,
		  const struct merkle_hash *want_second)
{
	struct merkle_hash second = first;

	for (unsigned i = 0; i < n_proof; i++) {
		if (s == 0)
			return false;
		if (f & 1 || f == s) {
			first = node(&proof[i], &first);
			second = node(&proof[i], &second);
			drop_zeros(&f, &s);
		} else {
			second = node(&second, &proof[i]);
		}
		f >>= 1;
		s >>= 1;
	}
	return s == 0 && merkle_same(&first, want_first) && merkle_same(&second, want_second);
}

bool merkle_consistent(uint64_t m, const struct merkle_hash *first, uint64_t n,
		       const struct merkle_hash *second, const struct merkle_hash *proof,
		       unsigned n_proof)
{
	uint64_t f = m - 1, s = n - 1;
	bool whole = (m & (m - 1)) == 0; /* the first tree's root is the first hash itself */

	if (m == 0 || m > n)
		return false;
	if (m == n)
		return n_proof == 0 && merkle_same(first, second);
	if (!whole && n_proof == 0)
		return false;
	for (; f & 1; f >>= 1)
		s >>= 1;
	return whole ? climb(f, s, *first, proof, n_proof, first, second)
		     : climb(f, s, proof[0], proof + 1, n_proof - 1, first, second);
}
