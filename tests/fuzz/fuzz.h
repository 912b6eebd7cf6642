/* What all targets have in common: LLVMFuzzerTestOneInput is their only way in, and what must hold
 * is demanded, so that a broken promise ends the process as a wild write does. */
#ifndef RENHE_FUZZ_H
#define RENHE_FUZZ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static inline void demand(bool holds)
{
	if (!holds)
		abort();
}
#endif
