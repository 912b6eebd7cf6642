/* The hash tree against the known answers of RFC 6962's reference trees, and every proof of small
 * trees against every place it does not hold for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "merkle.h"
#include "audit_log.h"

#include <cmocka.h>

#define MOST 40

static struct merkle_hash leaves[MOST];

static int fill(void **state)
{
	(void)state;
	for (int i = 0; i < MOST; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "entry %d", i);
		leaves[i] = merkle_leaf((struct str){text, (size_t)n});
	}
	return 0;
}

static void assert_hex(const struct merkle_hash *h, const char *hex)
{
	struct merkle_hash told;

	assert_true(audit_unhex(hex, told.p, sizeof(told.p)));
	assert_memory_equal(h->p, told.p, sizeof(told.p));
}

/* Eight leaves and the roots of their trees, as certificate transparency logs test themselves. */
static void known_answers(void **state)
{
	static const struct str ENTRIES[] = {
		{"", 0},
		{"\0", 1},
		{"\x10", 1},
		{"\x20\x21", 2},
		{"\x30\x31", 2},
		{"\x40\x41\x42\x43", 4},
		{"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
		{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
	};
	static const char *const ROOTS[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct merkle m = {.size = 0};

	(void)state;
	for (unsigned i = 0; i <= 8; i++) {
		struct merkle_hash root = merkle_root(&m);
		assert_hex(&root, ROOTS[i]);
		if (i < 8) {
			struct merkle_hash leaf = merkle_leaf(ENTRIES[i]);
			merkle_append(&m, &leaf);
		}
	}
}

static void each_entry_is_proved_and_no_other(void **state)
{
	struct merkle_hash proof[MERKLE_MOST];

	(void)state;
	for (uint64_t n = 1; n <= MOST; n++) {
		struct merkle_hash root = merkle_root_of(leaves, n);
		for (uint64_t i = 0; i < n; i++) {
			unsigned used = merkle_inclusion(leaves, n, i, proof);
			for (uint64_t j = 0; j < n; j++)
				for (uint64_t at = 0; at < n; at++)
					assert_int_equal(merkle_included(&leaves[j], at, n, proof,
									 used, &root),
							 j == i && at == i);
			assert_false(merkle_included(&leaves[i], n, n, proof, used, &root));
			assert_false(used &&
				     merkle_included(&leaves[i], i, n, proof, used - 1, &root));
			assert_false(merkle_included(&leaves[i], i, n, proof, used + 1, &root));
		}
	}
}

static void each_beginning_is_proved_and_no_other(void **state)
{
	struct merkle_hash proof[MERKLE_MOST], other = leaves[0];

	(void)state;
	other.p[0] ^= 1;
	for (uint64_t n = 1; n <= MOST; n++) {
		struct merkle_hash last = merkle_root_of(leaves, n);
		for (uint64_t m = 1; m <= n; m++) {
			struct merkle_hash first = merkle_root_of(leaves, m);
			unsigned used = merkle_consistency(leaves, n, m, proof);
			assert_true(merkle_consistent(m, &first, n, &last, proof, used));
			assert_false(merkle_consistent(m, &other, n, &last, proof, used));
			assert_false(merkle_consistent(m, &first, n, &other, proof, used));
			assert_false(used &&
				     merkle_consistent(m, &first, n, &last, proof, used - 1));
			if (used) {
				proof[used / 2].p[5] ^= 8;
				assert_false(merkle_consistent(m, &first, n, &last, proof, used));
			}
			assert_false(merkle_consistent(n + 1, &first, n, &last, proof, used));
		}
		assert_false(merkle_consistent(0, &last, n, &last, proof, 0));
	}
}

/* An entry can't pass for a node, nor two entries for one. */
static void entries_and_nodes_are_apart(void **state)
{
	char both[1 + 2 * MERKLE_HASH];

	(void)state;
	memcpy(both, leaves[0].p, MERKLE_HASH);
	memcpy(both + MERKLE_HASH, leaves[1].p, MERKLE_HASH);
	struct merkle_hash as_entry = merkle_leaf((struct str){both, 2 * MERKLE_HASH}),
			   as_node = merkle_root_of(leaves, 2);
	assert_false(merkle_same(&as_entry, &as_node));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(each_entry_is_proved_and_no_other),
		cmocka_unit_test(each_beginning_is_proved_and_no_other),
		cmocka_unit_test(entries_and_nodes_are_apart),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
