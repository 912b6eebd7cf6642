/* The longest of the law's periods on what archive holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "retention.h"

#include <cmocka.h>

static void the_longest_names_its_source(void **state)
{
	const struct retention_rule *r = retention_longest();

	(void)state;
	assert_int_equal(r->years, 2); /* Labour Contract Law, art. 50 */
	assert_string_equal(r->record, "LABOUR_CONTRACT");
	assert_non_null(strstr(r->source->zh, "第五十条"));
	assert_non_null(strstr(r->source->en, "art. 50"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_longest_names_its_source)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
