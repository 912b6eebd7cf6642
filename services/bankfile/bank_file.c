#include "bank_file.h"
#include <string.h>
#include "seal.h"

#define TOTAL_MOST INT64_C(100000000000000000) /* fen: a thousand billion yuan */
#define DIGITS_MOST 34
#define CODE_DIGITS 12 /* CNAPS */

struct writer {
	struct arena *a;
	const struct bank_layout *l;
	const struct bank_batch *b;
	struct bank_faults *faults;
	struct buf out;
	size_t line_from; /* where the line begins that is written */
	unsigned row;	  /* from 1; 0 header and footer */
	int64_t total;
};

static void wrong(struct writer *w, enum bank_fault_code code, enum bank_item item, const char *what)
{
	bank_fault(w->faults, (struct bank_fault){.code = code, .line = w->row, .item = item, .what = what});
}

/* ---- what a cell says ---- */

static const char *money(const struct writer *w, int64_t fen)
{
	if (w->l->fen)
		return arena_printf(w->a, "%lld", (long long)fen);
	return arena_printf(w->a, "%lld.%02lld", (long long)(fen / 100), (long long)(fen % 100));
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Without the spaces and hyphens that people write between groups; NULL where anything else is no digit. */
static const char *digits(struct writer *w, const char *s)
{
	char out[DIGITS_MOST + 1];
	size_t n = 0;

	for (s = or_empty(s); *s; s++) {
		if (*s == ' ' || *s == '-')
			continue;
		if (*s < '0' || *s > '9' || n == DIGITS_MOST)
			return NULL;
		out[n++] = *s;
	}
	return arena_strndup(w->a, out, n);
}

static const char *account(struct writer *w, const char *s, enum bank_item item)
{
	const char *d = digits(w, s);

	if (!d)
		wrong(w, BANK_NOT_DIGITS, item, s);
	else if (!*d)
		wrong(w, BANK_EMPTY, item, NULL);
	return or_empty(d);
}

/* That of an account at the paying bank itself is empty. */
static const char *code(struct writer *w, const char *s)
{
	const char *d = digits(w, s);

	if (!d || (*d && strlen(d) != CODE_DIGITS)) {
		wrong(w, BANK_NOT_DIGITS, BANK_CODE, s);
		return "";
	}
	return d;
}

static const char *name(struct writer *w, const char *s, enum bank_item item)
{
	if (!s || !*s)
		wrong(w, BANK_EMPTY, item, NULL);
	return or_empty(s);
}

static const char *date(struct writer *w)
{
	const char *d = or_empty(w->b->date);

	if (strlen(d) != 10) {
		wrong(w, BANK_EMPTY, BANK_DATE, NULL);
		return "";
	}
	return arena_printf(w->a, "%.4s%.2s%.2s", d, d + 5, d + 8);
}

static const char *checksum(struct writer *w)
{
	char hex[65];

	sha256_hex(w->out.p, w->line_from, hex);
	return arena_strdup(w->a, hex);
}

static const char *of_payment(struct writer *w, const struct bank_cell *c, const struct bank_payment *p)
{
	switch (c->item) {
	case BANK_SEQUENCE: return arena_printf(w->a, "%u", w->row);
	case BANK_ACCOUNT: return account(w, p->account, BANK_ACCOUNT);
	case BANK_NAME: return name(w, p->name, BANK_NAME);
	case BANK_AMOUNT: return money(w, p->fen);
	case BANK_CODE: return code(w, p->code);
	case BANK_PURPOSE: return or_empty(p->purpose);
	default: return c->text;
	}
}

static const char *of_file(struct writer *w, const struct bank_cell *c)
{
	switch (c->item) {
	case BANK_COMPANY: return name(w, w->b->company, BANK_COMPANY);
	case BANK_COMPANY_ACCOUNT: return account(w, w->b->company_account, BANK_COMPANY_ACCOUNT);
	case BANK_BATCH: return name(w, w->b->batch, BANK_BATCH);
	case BANK_DATE: return date(w);
	case BANK_COUNT: return arena_printf(w->a, "%u", w->b->n);
	case BANK_TOTAL: return money(w, w->total);
	case BANK_CHECKSUM: return checksum(w);
	default: return c->text;
	}
}

/* ---- what stands in the file ---- */

/* What would end a line or a column, or be seen by nobody. */
static bool is_forbidden(const struct writer *w, const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7F || (w->l->separator && *s == *w->l->separator))
			return true;
	return false;
}

static void fill(struct writer *w, const struct bank_cell *c, size_t n)
{
	for (; n < c->width; n++)
		buf_add(&w->out, &c->pad, 1);
}

static void put(struct writer *w, const struct bank_cell *c, const char *text)
{
	const char *lost = NULL;
	struct str bytes;

	if (c->item != BANK_TEXT && is_forbidden(w, text)) {
		wrong(w, BANK_FORBIDDEN, c->item, text);
		return;
	}
	if (!charset_encode(w->a, text, w->l->charset, w->l->gbk, &bytes, &lost)) {
		wrong(w, BANK_NOT_IN_ENCODING, c->item, lost);
		return;
	}
	if (c->width && bytes.n > c->width) {
		wrong(w, BANK_TOO_WIDE, c->item, text);
		return;
	}
	if (c->right)
		fill(w, c, bytes.n);
	buf_add(&w->out, bytes.p, bytes.n);
	if (!c->right)
		fill(w, c, bytes.n);
}

static void put_line(struct writer *w, const struct bank_line *line, const struct bank_payment *p)
{
	w->line_from = w->out.n;
	for (unsigned i = 0; i < line->n; i++) {
		if (i && w->l->separator)
			buf_puts(&w->out, w->l->separator);
		put(w, &line->cell[i], p ? of_payment(w, &line->cell[i], p) : of_file(w, &line->cell[i]));
	}
	buf_puts(&w->out, w->l->crlf ? "\r\n" : "\n");
}

static void add_up(struct writer *w)
{
	for (unsigned i = 0; i < w->b->n; i++) {
		int64_t fen = w->b->payment[i].fen;

		w->row = i + 1;
		if (fen <= 0 || __builtin_add_overflow(w->total, fen, &w->total) || w->total > TOTAL_MOST) {
			wrong(w, BANK_AMOUNT_RANGE, BANK_AMOUNT, NULL);
			w->total = 0; /* nothing is written any more */
		}
	}
	w->row = 0;
	if (!w->b->n)
		wrong(w, BANK_NOBODY, BANK_COUNT, NULL);
}

static void put_lines(struct writer *w)
{
	for (unsigned i = 0; i < w->l->n_headers; i++)
		put_line(w, &w->l->header[i], NULL);
	for (unsigned i = 0; i < w->b->n; i++) {
		w->row = i + 1;
		put_line(w, &w->l->body, &w->b->payment[i]);
	}
	w->row = 0;
	for (unsigned i = 0; i < w->l->n_footers; i++)
		put_line(w, &w->l->footer[i], NULL);
}

bool bank_file_write(struct arena *a, const struct bank_layout *l, const struct bank_batch *b, struct bank_file *out, struct bank_faults *faults)
{
	struct writer w = {.a = a, .l = l, .b = b, .faults = faults};
	unsigned before = faults->n;

	buf_init(&w.out, a);
	add_up(&w);
	put_lines(&w);
	if (faults->n != before)
		return false;
	*out = (struct bank_file){.bytes = {w.out.p, w.out.n}, .total_fen = w.total};
	sha256_hex(w.out.p, w.out.n, out->sha256);
	return true;
}
