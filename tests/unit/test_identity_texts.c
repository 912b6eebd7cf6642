/* The catalogue of identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "texts_check.h"
#include "identity_texts.h"

static void every_entry_is_said(void **state)
{
	(void)state;
	texts_check(TEXTS_IDENTITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_entry_is_said)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
