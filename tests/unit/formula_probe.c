/* formula_probe: a formula a line on stdin, one answer a line on stdout, for tests/gen/test_formula.py.
 *
 *   TYPE<TAB>FORMULA<TAB>NAME=NUM/DEN NAME=NUM/DEN ...<TAB>the same of a segment<TAB>...
 *
 * TYPE is the letters of a name's type (m, t, d, c, n, p, b, dt). Answers: "= NUM/DEN", "! CODE AT LENGTH" of a fault,
 * "? END AT LENGTH" of what stopped it. Names are those of formula_given.h. */
#include <stdio.h>
#include <stdlib.h>

#include "formula_given.h"

#define SEGMENTS_MOST 4

static void give(struct formula_value *values, char *text)
{
	for (char *word = strtok_r(text, " ", &text); word; word = strtok_r(NULL, " ", &text)) {
		char *equals = strchr(word, '='), *stroke;
		struct formula_type type;
		uint16_t slot;

		if (!equals || !given_find(NULL, word, (size_t)(equals - word), &type, &slot))
			exit(65);
		long long num = strtoll(equals + 1, &stroke, 10);
		values[slot] = (struct formula_value){true, ratio_of(num, strtoll(stroke + 1, NULL, 10))};
	}
}

static struct formula_type type_of(const char *letters)
{
	char name[8];

	snprintf(name, sizeof(name), "%s_a", letters);
	struct formula_type type = FORMULA_PLAIN;
	uint16_t slot;
	given_find(NULL, name, strlen(name), &type, &slot);
	return type;
}

static void put_int128(int128 v)
{
	char digits[48];
	size_t at = sizeof(digits) - 1;
	bool minus = v < 0;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + (int)(v % 10 < 0 ? -(v % 10) : v % 10));
	while (v /= 10);
	printf("%s%s", minus ? "-" : "", digits + at);
}

static void answer(char *line)
{
	static struct formula_value values[GIVEN_SLOTS], of[SEGMENTS_MOST][GIVEN_SLOTS];
	const struct formula_value *segments[SEGMENTS_MOST];
	struct formula_input in = {.value = values, .segment = segments};
	static struct formula f;
	struct formula_faults faults;
	char *type = strsep(&line, "\t"), *text = strsep(&line, "\t"), *given;

	memset(values, 0, sizeof(values));
	memset(of, 0, sizeof(of));
	if ((given = strsep(&line, "\t")) != NULL)
		give(values, given);
	for (; in.n_segments < SEGMENTS_MOST && (given = strsep(&line, "\t")) != NULL; in.n_segments++) {
		give(of[in.n_segments], given);
		segments[in.n_segments] = of[in.n_segments];
	}
	if (!formula_read(&f, text, strlen(text), &faults) || !formula_check(&f, &GIVEN, type_of(type), &faults)) {
		printf("! %d %u %u\n", faults.fault[0].code, faults.fault[0].at, faults.fault[0].length);
		return;
	}
	struct formula_result r = formula_run(&f, &in);
	if (r.end != FORMULA_DONE) {
		printf("? %d %u %u\n", r.end, r.at, r.length);
		return;
	}
	printf("= ");
	put_int128(r.number.num);
	printf("/");
	put_int128(r.number.den);
	printf("\n");
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		answer(line);
	}
	free(line);
	return 0;
}
