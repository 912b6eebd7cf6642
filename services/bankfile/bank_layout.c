#include "bank_layout.h"
#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *a;
	struct bank_layout *l;
	struct bank_faults *faults;
	const char *p, *start; /* of the line */
	unsigned line;
	unsigned seen; /* bits of keys that stand once */
	bool answer;
};

void bank_fault(struct bank_faults *f, struct bank_fault one)
{
	if (f->n < BANK_FAULTS_MOST)
		f->fault[f->n] = one;
	f->n++;
}

const char *bank_fault_code(enum bank_fault_code code)
{
	static const char *const CODES[] = {
		[BANK_UNKNOWN_LINE] = "BANK_UNKNOWN_LINE",
		[BANK_UNKNOWN_ITEM] = "BANK_UNKNOWN_ITEM",
		[BANK_BAD_VALUE] = "BANK_BAD_VALUE",
		[BANK_TOO_MUCH] = "BANK_TOO_MUCH",
		[BANK_MISSING] = "BANK_MISSING",
		[BANK_WIDTH_MISSING] = "BANK_WIDTH_MISSING",
		[BANK_EMPTY] = "BANK_EMPTY",
		[BANK_NOT_DIGITS] = "BANK_NOT_DIGITS",
		[BANK_AMOUNT_RANGE] = "BANK_AMOUNT_RANGE",
		[BANK_NOT_IN_ENCODING] = "BANK_NOT_IN_ENCODING",
		[BANK_TOO_WIDE] = "BANK_TOO_WIDE",
		[BANK_FORBIDDEN] = "BANK_FORBIDDEN",
		[BANK_NOBODY] = "BANK_NOBODY",
		[BANK_UNREADABLE] = "BANK_UNREADABLE",
		[BANK_UNKNOWN_STATUS] = "BANK_UNKNOWN_STATUS",
		[BANK_UNKNOWN_PAYMENT] = "BANK_UNKNOWN_PAYMENT",
		[BANK_OTHER_PAYMENT] = "BANK_OTHER_PAYMENT",
		[BANK_TWICE] = "BANK_TWICE",
	};

	return CODES[code];
}

static const char *const ITEMS[BANK_ITEMS] = {
	[BANK_TEXT] = "",
	[BANK_SEQUENCE] = "sequence",
	[BANK_ACCOUNT] = "account",
	[BANK_NAME] = "name",
	[BANK_AMOUNT] = "amount",
	[BANK_PURPOSE] = "purpose",
	[BANK_CODE] = "code",
	[BANK_STATUS] = "status",
	[BANK_REASON] = "reason",
	[BANK_IGNORED] = "-",
	[BANK_COMPANY] = "company",
	[BANK_COMPANY_ACCOUNT] = "company_account",
	[BANK_BATCH] = "batch",
	[BANK_DATE] = "date",
	[BANK_COUNT] = "count",
	[BANK_TOTAL] = "total",
	[BANK_CHECKSUM] = "checksum",
};

const char *bank_item_name(enum bank_item item)
{
	return ITEMS[item];
}

static void found(struct reader *r, enum bank_fault_code code, const char *at, struct str what)
{
	bank_fault(r->faults, (struct bank_fault){.code = code, .line = r->line, .column = (unsigned)(at - r->start) + 1,
						  .what = what.n ? arena_strndup(r->a, what.p, what.n) : NULL});
}

/* ---- words ---- */

static bool at_end(const struct reader *r)
{
	return *r->p == '\0' || *r->p == '\n' || *r->p == '\r';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(*r->p))
		r->p++;
}

/* Up to a blank; a character behind "<" or ">" may be anything, so it belongs to the word. */
static struct str take_word(struct reader *r)
{
	const char *from = r->p;

	while (!at_end(r) && !is_blank(*r->p))
		r->p++;
	return (struct str){from, (size_t)(r->p - from)};
}

/* "…"; NULL where the quote doesn't end in its line. */
static const char *take_quoted(struct reader *r)
{
	const char *from = ++r->p;

	while (!at_end(r) && *r->p != '"')
		r->p++;
	if (at_end(r))
		return NULL;
	return arena_strndup(r->a, from, (size_t)(r->p++ - from));
}

static const char *quoted_or_fault(struct reader *r)
{
	const char *from = r->p, *text = *from == '"' ? take_quoted(r) : NULL;

	if (text)
		return text;
	found(r, BANK_BAD_VALUE, from, take_word(r));
	return NULL;
}

/* ---- cells ---- */

static bool belongs(const struct reader *r, enum bank_item i, bool body)
{
	if (r->answer)
		return i < BANK_COMPANY;
	if (i == BANK_STATUS || i == BANK_REASON || i == BANK_IGNORED)
		return false;
	return body ? i < BANK_STATUS : i >= BANK_COMPANY;
}

static enum bank_item item_of(const struct reader *r, struct str name, bool body)
{
	for (enum bank_item i = BANK_SEQUENCE; i < BANK_ITEMS; i++)
		if (belongs(r, i, body) && str_eq(name, ITEMS[i]))
			return i;
	return BANK_ITEMS;
}

/* "40", "40<=", "6>0" */
static bool take_form(struct str s, struct bank_cell *c)
{
	char digits[5] = "";
	size_t n = 0;

	while (n < s.n && n < 4 && s.p[n] >= '0' && s.p[n] <= '9') {
		digits[n] = s.p[n];
		n++;
	}
	c->width = (unsigned)strtoul(digits, NULL, 10);
	if (c->width == 0 || c->width > BANK_WIDTH_MOST)
		return false;
	if (n < s.n) {
		c->right = s.p[n] == '>';
		if (s.p[n] != '>' && s.p[n] != '<')
			return false;
		n++;
	}
	if (n < s.n)
		c->pad = s.p[n++];
	return n == s.n && c->pad >= ' ' && c->pad <= '~' && !(c->pad == '0' && !c->right);
}

static struct str part_before(struct str word, char mark, struct str *behind)
{
	const char *at = memchr(word.p, mark, word.n);

	*behind = at ? (struct str){at + 1, word.n - (size_t)(at + 1 - word.p)} : (struct str){NULL, 0};
	return at ? (struct str){word.p, (size_t)(at - word.p)} : word;
}

static bool take_item(struct reader *r, struct bank_cell *c, bool body)
{
	const char *from = r->p;
	struct str word = take_word(r), form, name = part_before(word, ':', &form);

	*c = (struct bank_cell){.item = item_of(r, name, body), .pad = ' '};
	if (c->item == BANK_ITEMS) {
		found(r, BANK_UNKNOWN_ITEM, from, name);
		return false;
	}
	if (form.p && !take_form(form, c)) {
		found(r, BANK_BAD_VALUE, form.p, form);
		c->width = 1; /* it is there, so nothing else is missed */
	}
	return true;
}

static bool take_cell(struct reader *r, struct bank_cell *c, bool body)
{
	if (*r->p != '"' || r->answer)
		return take_item(r, c, body);
	*c = (struct bank_cell){.item = BANK_TEXT, .pad = ' ', .text = quoted_or_fault(r)};
	return c->text != NULL;
}

static void take_cells(struct reader *r, struct bank_line *line, bool body)
{
	struct bank_cell c;

	for (skip_blanks(r); !at_end(r); skip_blanks(r)) {
		const char *from = r->p;

		if (!take_cell(r, &c, body))
			continue;
		if (line->n == BANK_CELLS_MOST)
			found(r, BANK_TOO_MUCH, from, (struct str){NULL, 0});
		else
			line->cell[line->n++] = c;
	}
}

/* ---- lines ---- */

static bool take_choice(struct reader *r, const char *const *choices, unsigned n, unsigned *out)
{
	const char *from = r->p;
	struct str word = take_word(r);

	for (*out = 0; *out < n; ++*out)
		if (str_ieq(word, choices[*out]))
			return true;
	found(r, BANK_BAD_VALUE, from, word);
	return false;
}

static void read_encoding(struct reader *r)
{
	static const char *const NAMES[] = {"gbk", "gb18030", "utf-8"};
	unsigned i;

	take_choice(r, NAMES, 3, &i);
	r->l->charset = i == 2 ? CHARSET_UTF8 : CHARSET_GB18030;
	r->l->gbk = i == 0;
}

static void read_end(struct reader *r)
{
	static const char *const NAMES[] = {"lf", "crlf"};
	unsigned i;

	if (take_choice(r, NAMES, 2, &i))
		r->l->crlf = i == 1;
}

static void read_amount(struct reader *r)
{
	static const char *const NAMES[] = {"yuan", "fen"};
	unsigned i;

	if (take_choice(r, NAMES, 2, &i))
		r->l->fen = i == 1;
}

/* ASCII, so that it is the same byte in every encoding and no second byte of a character is taken for it: those of GBK
 * reach from 0x40 on, where "|" is. Lines are therefore cut after they were decoded. */
static void read_separator(struct reader *r)
{
	const char *from = r->p, *text = quoted_or_fault(r);

	if (text && strcmp(text, "\\t") == 0)
		text = "\t";
	if (text && (strlen(text) != 1 || *text & 0x80 || (*text >= '0' && *text <= '9') || *text == '.'))
		found(r, BANK_BAD_VALUE, from, str_of(text));
	r->l->separator = text ? text : ","; /* one that can't be read is no layout of fixed width */
}

static void read_of_file(struct reader *r, struct bank_line *lines, unsigned *n)
{
	if (*n == BANK_LINES_MOST) {
		found(r, BANK_TOO_MUCH, r->p, (struct str){NULL, 0});
		take_cells(r, &(struct bank_line){0}, false);
		return;
	}
	take_cells(r, &lines[(*n)++], false);
}

static void read_header(struct reader *r)
{
	read_of_file(r, r->l->header, &r->l->n_headers);
}

static void read_footer(struct reader *r)
{
	read_of_file(r, r->l->footer, &r->l->n_footers);
}

static void read_body(struct reader *r)
{
	take_cells(r, &r->l->body, true);
}

static void read_skip(struct reader *r)
{
	const char *from = r->p;
	struct str word = take_word(r);

	if (word.n == 0 || word.n > 3 || strspn(word.p, "0123456789") < word.n)
		found(r, BANK_BAD_VALUE, from, word);
	else
		r->l->skip = (unsigned)strtoul(word.p, NULL, 10);
}

static void read_words(struct reader *r, struct bank_words *w)
{
	const char *word;

	for (skip_blanks(r); !at_end(r); skip_blanks(r)) {
		const char *from = r->p;

		word = quoted_or_fault(r);
		if (word && w->n == BANK_WORDS_MOST)
			found(r, BANK_TOO_MUCH, from, str_of(word));
		else if (word)
			w->word[w->n++] = word;
	}
}

static void read_paid(struct reader *r)
{
	read_words(r, &r->l->paid);
}

static void read_failed(struct reader *r)
{
	read_words(r, &r->l->failed);
}

enum { OF_FILE = 1, OF_ANSWER = 2, OFTEN = 4 };
static const struct {
	const char *key;
	unsigned where;
	void (*read)(struct reader *r);
} KEYS[] = {
	{"encoding", OF_FILE | OF_ANSWER, read_encoding},
	{"end", OF_FILE, read_end},
	{"separator", OF_FILE | OF_ANSWER, read_separator},
	{"amount", OF_FILE | OF_ANSWER, read_amount},
	{"header", OF_FILE | OFTEN, read_header},
	{"body", OF_FILE, read_body},
	{"footer", OF_FILE | OFTEN, read_footer},
	{"skip", OF_ANSWER, read_skip},
	{"columns", OF_ANSWER, read_body},
	{"paid", OF_ANSWER, read_paid},
	{"failed", OF_ANSWER, read_failed},
};
#define N_KEYS (sizeof(KEYS) / sizeof(KEYS[0]))

static void read_line(struct reader *r)
{
	const char *from = r->p;
	struct str key = take_word(r);
	unsigned where = r->answer ? OF_ANSWER : OF_FILE, i = 0;

	while (i < N_KEYS && !(KEYS[i].where & where && str_eq(key, KEYS[i].key)))
		i++;
	if (i == N_KEYS || (r->seen & 1u << i && !(KEYS[i].where & OFTEN))) {
		found(r, BANK_UNKNOWN_LINE, from, key);
		return;
	}
	r->seen |= 1u << i;
	skip_blanks(r);
	KEYS[i].read(r);
	skip_blanks(r);
	from = r->p;
	if (!at_end(r))
		found(r, BANK_BAD_VALUE, from, take_word(r));
}

static void read_lines(struct reader *r, const char *text)
{
	for (r->p = text; *r->p;) {
		r->start = r->p;
		r->line++;
		skip_blanks(r);
		if (!at_end(r) && *r->p != '#')
			read_line(r);
		r->p += strcspn(r->p, "\n");
		r->p += *r->p == '\n';
	}
}

/* ---- the whole ---- */

static bool has(const struct bank_line *line, enum bank_item item)
{
	for (unsigned i = 0; i < line->n; i++)
		if (line->cell[i].item == item)
			return true;
	return false;
}

static void demand(struct reader *r, bool there, const char *what)
{
	if (!there)
		bank_fault(r->faults, (struct bank_fault){.code = BANK_MISSING, .what = what});
}

static void demand_widths(struct reader *r, const struct bank_line *line)
{
	for (unsigned i = 0; i < line->n; i++)
		if (!line->cell[i].width && line->cell[i].item != BANK_TEXT && line->cell[i].item != BANK_CHECKSUM)
			bank_fault(r->faults, (struct bank_fault){.code = BANK_WIDTH_MISSING, .item = line->cell[i].item,
								  .what = ITEMS[line->cell[i].item]});
}

/* A checksum is of what stands before it: in the last line of all. */
static void demand_checksum_last(struct reader *r)
{
	const struct bank_layout *l = r->l;

	for (unsigned i = 0; i < l->n_headers + l->n_footers; i++) {
		bool last = l->n_footers && i == l->n_headers + l->n_footers - 1;

		if (!last && has(i < l->n_headers ? &l->header[i] : &l->footer[i - l->n_headers], BANK_CHECKSUM))
			bank_fault(r->faults, (struct bank_fault){.code = BANK_UNKNOWN_ITEM, .item = BANK_CHECKSUM,
								  .what = ITEMS[BANK_CHECKSUM]});
	}
}

static void check_whole(struct reader *r)
{
	struct bank_layout *l = r->l;

	demand(r, l->charset != CHARSET_UNKNOWN, "encoding");
	demand(r, has(&l->body, BANK_ACCOUNT), "account");
	demand(r, has(&l->body, BANK_AMOUNT), "amount");
	if (r->answer) {
		demand(r, l->separator != NULL, "separator");
		demand(r, has(&l->body, BANK_STATUS), "status");
		demand(r, l->paid.n > 0, "paid");
		demand(r, l->failed.n > 0, "failed");
		return;
	}
	demand_checksum_last(r);
	if (l->separator)
		return;
	demand_widths(r, &l->body);
	for (unsigned i = 0; i < l->n_headers; i++)
		demand_widths(r, &l->header[i]);
	for (unsigned i = 0; i < l->n_footers; i++)
		demand_widths(r, &l->footer[i]);
}

static bool read_layout(struct arena *a, const char *text, bool answer, struct bank_layout *out, struct bank_faults *faults)
{
	struct reader r = {.a = a, .l = out, .faults = faults, .answer = answer};
	unsigned before = faults->n;

	*out = (struct bank_layout){0};
	read_lines(&r, text);
	check_whole(&r);
	return faults->n == before;
}

bool bank_layout_read(struct arena *a, const char *text, struct bank_layout *out, struct bank_faults *faults)
{
	return read_layout(a, text, false, out, faults);
}

bool bank_answer_layout_read(struct arena *a, const char *text, struct bank_layout *out, struct bank_faults *faults)
{
	return read_layout(a, text, true, out, faults);
}
