/* The pack that ships, for tests of the rules. */
#ifndef RENHE_TEST_RULES_LAW_H
#define RENHE_TEST_RULES_LAW_H
#include <stdio.h>
#include <stdlib.h>
#include "rules.h"

#define LAW_MOST 2000
static struct law_row law_rows[LAW_MOST];

/* One pack into what is there already; the text stays for ever. */
static void law_load(struct law *law, const char *name)
{
	struct law_error error = {0};
	char path[400], *text = calloc(1, 1 << 18);
	FILE *f;

	snprintf(path, sizeof(path), RENHE_SOURCE_DIR "/services/rules/law/%s", name);
	f = fopen(path, "r");
	if (!f || !text || fread(text, 1, (1 << 18) - 1, f) == 0) {
		perror(path);
		exit(1);
	}
	fclose(f);
	if (!law_read(text, LAW_MOST, law, &error)) {
		fprintf(stderr, "%s:%d: %s\n", path, error.line, error.what);
		exit(1);
	}
}

static struct law shipped_law(void)
{
	static const char *const NAMES[] = {"cn_tax.tsv", "cn_calendar.tsv", "cn_wage.tsv", "cn_insurance.tsv", "cn_leave.tsv"};
	struct law law = {law_rows, 0, {0}};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		law_load(&law, NAMES[i]);
	return law;
}
#endif
