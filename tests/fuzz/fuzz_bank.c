/* Layouts of bank files, and answers by them. The first byte chooses: a layout that a file is written by, or one of answers with
 * the answer behind a NUL. What must hold: what is refused has a fault, what is taken none; lines of a fixed layout are as long
 * as its columns together; what an answer settles and what waits is the batch. */
#include <string.h>
#include "arena.h"
#include "bank_file.h"
#include "fuzz.h"

static const struct bank_payment PAYMENTS[] = {
	{"6222 0200-0000 0000 123", "\xE5\xBC\xA0\xE4\xB8\x89", "8", "", 1234567},
	{"6217000000000000001", "\xE6\xAC\xA7\xE9\x98\xB3\xE4\xB8\xB9", "", "102100099996", 5},
};
static const struct bank_batch BATCH = {.company = "R", .company_account = "110060149012345678", .batch = "1", .date = "2026-09-05",
					.payment = PAYMENTS, .n = 2};

static size_t width_of(const struct bank_layout *l)
{
	size_t n = l->crlf ? 2 : 1;

	for (unsigned i = 0; i < l->body.n; i++)
		n += l->body.cell[i].item == BANK_TEXT && !l->body.cell[i].width ? 0 : l->body.cell[i].width;
	return n;
}

static bool has_bare_text(const struct bank_layout *l)
{
	for (unsigned i = 0; i < l->body.n; i++)
		if (!l->body.cell[i].width)
			return true;
	return false;
}

static void sent(struct arena *a, const char *text)
{
	struct bank_faults f = {0};
	struct bank_layout l;
	struct bank_file file;

	demand(bank_layout_read(a, text, &l, &f) == (f.n == 0));
	if (f.n)
		return;
	demand(bank_file_write(a, &l, &BATCH, &file, &f) == (f.n == 0));
	if (f.n)
		return;
	demand(file.total_fen == 1234572 && file.bytes.n > 0 && file.bytes.p[file.bytes.n - 1] == '\n');
	if (!l.separator && !has_bare_text(&l))
		demand(file.bytes.n >= 2 * width_of(&l));
}

static void answered(struct arena *a, const char *text, struct str bytes)
{
	struct bank_faults f = {0};
	struct bank_layout l;
	struct bank_answer out;

	demand(bank_answer_layout_read(a, text, &l, &f) == (f.n == 0));
	if (f.n)
		return;
	demand(bank_answer_read(a, &l, bytes, &BATCH, &out, &f) == (f.n == 0));
	demand(out.paid + out.failed + out.waiting == BATCH.n && out.paid_fen + out.failed_fen <= 1234572);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 1;

	if (size < 1)
		return 0;
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, p, size - 1);
	size_t n = strlen(text);

	if (data[0] % 2 == 0)
		sent(a, text);
	else
		answered(a, text, n + 1 < size - 1 ? (struct str){p + n + 1, size - 1 - n - 1} : (struct str){p, 0});
	arena_free(a);
	return 0;
}
