#include <stdlib.h>
#include <string.h>
#include "bank_file.h"

struct answer_reader {
	struct arena *a;
	const struct bank_layout *l;
	const struct bank_batch *b;
	struct bank_faults *faults;
	struct bank_answer *out;
	unsigned line;
	const char *cell[BANK_ITEMS]; /* of the line; NULL where the layout has none */
	unsigned *by_account;	      /* payments in the order of their accounts */
};

static void wrong(struct answer_reader *r, enum bank_fault_code code, enum bank_item item, const char *what)
{
	bank_fault(r->faults, (struct bank_fault){.code = code, .line = r->line, .item = item, .what = what});
}

/* ---- a line ---- */

static const char *trimmed(struct arena *a, const char *from, const char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return arena_strndup(a, from, (size_t)(end - from));
}

/* As many columns as the layout has, or more, which are left alone. */
static bool take_cells(struct answer_reader *r, const char *text)
{
	const char *end;

	memset(r->cell, 0, sizeof(r->cell));
	for (unsigned i = 0; i < r->l->body.n; i++) {
		if (!text) {
			wrong(r, BANK_UNREADABLE, r->l->body.cell[i].item, NULL);
			return false;
		}
		end = text + strcspn(text, r->l->separator);
		r->cell[r->l->body.cell[i].item] = trimmed(r->a, text, end);
		text = *end ? end + 1 : NULL;
	}
	return true;
}

/* "1234.56", "1,234.5", "123456" of fen; false where it is none or beyond counting. */
static bool money_read(const char *s, bool fen, int64_t *out)
{
	int64_t n = 0;
	int decimals = -1;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s == ',' && decimals < 0 && !fen)
			continue;
		if (*s == '.' && decimals < 0 && !fen) {
			decimals = 0;
			continue;
		}
		if (*s < '0' || *s > '9' || decimals == 2 || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *s - '0', &n))
			return false;
		decimals += decimals >= 0;
	}
	for (int i = decimals < 0 ? 0 : decimals; !fen && i < 2; i++)
		if (__builtin_mul_overflow(n, 10, &n))
			return false;
	*out = n;
	return true;
}

static bool is_word(const struct bank_words *w, const char *s)
{
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->word[i], s) == 0)
			return true;
	return false;
}

static bool outcome_of(struct answer_reader *r, enum bank_outcome *out)
{
	const char *status = r->cell[BANK_STATUS];

	*out = is_word(&r->l->paid, status) ? BANK_PAID : is_word(&r->l->failed, status) ? BANK_FAILED : BANK_WAITING;
	if (*out == BANK_WAITING)
		wrong(r, BANK_UNKNOWN_STATUS, BANK_STATUS, status);
	return *out != BANK_WAITING;
}

/* ---- whose it is ---- */

/* Digits alone count. */
static int compare_accounts(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == ' ' || *a == '-')
			a++;
		while (*b == ' ' || *b == '-')
			b++;
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	}
}

static const struct bank_payment *payment_at(const struct answer_reader *r, unsigned i)
{
	return &r->b->payment[r->by_account[i]];
}

static const char *account_at(const struct answer_reader *r, unsigned i)
{
	const char *s = payment_at(r, i)->account;

	return s ? s : "";
}

static int compare_places(const void *x, const void *y, void *arg)
{
	const struct bank_payment *p = arg;
	unsigned a = *(const unsigned *)x, b = *(const unsigned *)y;
	int c = compare_accounts(p[a].account ? p[a].account : "", p[b].account ? p[b].account : "");

	return c ? c : (a > b) - (a < b);
}

static void order_by_account(struct answer_reader *r)
{
	r->by_account = arena_alloc(r->a, (r->b->n + 1) * sizeof(*r->by_account));
	for (unsigned i = 0; i < r->b->n; i++)
		r->by_account[i] = i;
	qsort_r(r->by_account, r->b->n, sizeof(*r->by_account), compare_places, (void *)r->b->payment);
}

static unsigned first_of_account(const struct answer_reader *r, const char *account)
{
	unsigned low = 0, high = r->b->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (compare_accounts(account_at(r, mid), account) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* One that has no outcome yet, if there is; payments of the same amount to the same account are as good as each other. */
static bool by_account(struct answer_reader *r, int64_t fen, unsigned *place)
{
	const char *account = r->cell[BANK_ACCOUNT];
	bool any = false;

	for (unsigned i = first_of_account(r, account); i < r->b->n && compare_accounts(account_at(r, i), account) == 0; i++) {
		if (payment_at(r, i)->fen != fen)
			continue;
		any = true;
		*place = r->by_account[i];
		if (r->out->result[*place].outcome == BANK_WAITING)
			return true;
	}
	if (!any)
		wrong(r, BANK_UNKNOWN_PAYMENT, BANK_ACCOUNT, account);
	return any;
}

static bool by_sequence(struct answer_reader *r, int64_t fen, unsigned *place)
{
	const char *s = r->cell[BANK_SEQUENCE];
	unsigned long n = strlen(s) < 10 && strspn(s, "0123456789") == strlen(s) ? strtoul(s, NULL, 10) : 0;

	if (n == 0 || n > r->b->n) {
		wrong(r, BANK_UNKNOWN_PAYMENT, BANK_SEQUENCE, s);
		return false;
	}
	*place = (unsigned)n - 1;
	const struct bank_payment *p = &r->b->payment[*place];

	if (p->fen == fen && p->account && compare_accounts(p->account, r->cell[BANK_ACCOUNT]) == 0)
		return true;
	wrong(r, BANK_OTHER_PAYMENT, p->fen == fen ? BANK_ACCOUNT : BANK_AMOUNT, s);
	return false;
}

/* ---- the whole ---- */

static void settle(struct answer_reader *r, unsigned place, enum bank_outcome outcome)
{
	struct bank_result *one = &r->out->result[place];
	int64_t fen = r->b->payment[place].fen;

	if (one->outcome != BANK_WAITING) {
		wrong(r, BANK_TWICE, BANK_SEQUENCE, NULL);
		return;
	}
	one->outcome = outcome;
	one->reason = r->cell[BANK_REASON] ? r->cell[BANK_REASON] : "";
	*(outcome == BANK_PAID ? &r->out->paid : &r->out->failed) += 1;
	*(outcome == BANK_PAID ? &r->out->paid_fen : &r->out->failed_fen) += fen;
}

static void read_line(struct answer_reader *r, struct str bytes)
{
	enum bank_outcome outcome;
	unsigned place;
	int64_t fen;
	bool bad;
	const char *text = charset_text(r->a, bytes, r->l->charset, &bad);

	if (bad)
		wrong(r, BANK_UNREADABLE, BANK_TEXT, NULL);
	if (bad || !take_cells(r, text) || !outcome_of(r, &outcome))
		return;
	if (!money_read(r->cell[BANK_AMOUNT], r->l->fen, &fen))
		wrong(r, BANK_UNREADABLE, BANK_AMOUNT, r->cell[BANK_AMOUNT]);
	else if ((r->cell[BANK_SEQUENCE] ? by_sequence : by_account)(r, fen, &place))
		settle(r, place, outcome);
}

static bool is_empty(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

/* A line end is no byte of a GB character: their second ones begin at 0x30. */
static void read_lines(struct answer_reader *r, struct str bytes)
{
	size_t at = 0;

	if (bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < bytes.n) {
		const char *end = memchr(bytes.p + at, '\n', bytes.n - at);
		struct str line = {bytes.p + at, end ? (size_t)(end - bytes.p) - at : bytes.n - at};

		r->line++;
		if (r->line > r->l->skip && !is_empty(line))
			read_line(r, line);
		at += line.n + 1;
	}
}

bool bank_answer_read(struct arena *a, const struct bank_layout *l, struct str bytes, const struct bank_batch *b, struct bank_answer *out,
		      struct bank_faults *faults)
{
	struct answer_reader r = {.a = a, .l = l, .b = b, .faults = faults, .out = out};
	unsigned before = faults->n;

	*out = (struct bank_answer){.result = arena_alloc(a, (b->n + 1) * sizeof(*out->result))};
	for (unsigned i = 0; i < b->n; i++)
		out->result[i].reason = "";
	order_by_account(&r);
	read_lines(&r, bytes);
	out->waiting = b->n - out->paid - out->failed;
	return faults->n == before;
}
