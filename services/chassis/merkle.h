/* The hash tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): one entry can be proved to be among
 * others, and an earlier tree to be the beginning of a later one, by some 2 log n hashes. SHA-256. */
#ifndef RENHE_MERKLE_H
#define RENHE_MERKLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "str.h"

#define MERKLE_HASH 32
#define MERKLE_MOST 64 /* hashes of a proof, peaks of a tree */

struct merkle_hash {
	uint8_t p[MERKLE_HASH];
};
/* A tree that grows: the roots of its whole subtrees from the left, one for each bit of size. */
struct merkle {
	uint64_t size;
	struct merkle_hash peak[MERKLE_MOST];
};
unsigned merkle_peaks(const struct merkle *m);
struct merkle_hash merkle_leaf(struct str entry);
void merkle_append(struct merkle *m, const struct merkle_hash *leaf);
/* Of the empty tree: the hash of nothing. */
struct merkle_hash merkle_root(const struct merkle *m);
struct merkle_hash merkle_root_of(const struct merkle_hash *leaves, uint64_t n);
bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b);

/* proof: room for MERKLE_MOST. Return how many hashes it has. */
unsigned merkle_inclusion(const struct merkle_hash *leaves, uint64_t n, uint64_t index, struct merkle_hash *proof);
/* From the tree of the first m leaves to that of all n, 0 < m <= n. */
unsigned merkle_consistency(const struct merkle_hash *leaves, uint64_t n, uint64_t m, struct merkle_hash *proof);

bool merkle_included(const struct merkle_hash *leaf, uint64_t index, uint64_t n, const struct merkle_hash *proof,
		     unsigned n_proof, const struct merkle_hash *root);
bool merkle_consistent(uint64_t m, const struct merkle_hash *first, uint64_t n, const struct merkle_hash *second,
		       const struct merkle_hash *proof, unsigned n_proof);
#endif
