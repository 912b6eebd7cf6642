/* The layout of a bank's salary file (代发工资文件). There is no national format: each bank, often each branch, has its own, so a
 * layout is a text that the company keeps:
 *
 *   encoding gbk                    gbk, gb18030 or utf-8
 *   end crlf                        crlf or lf, behind each line
 *   separator "|"                   absent: columns of fixed width
 *   amount fen                      yuan: 1234.56; fen: 123456
 *   header "H" company:40<= count:6>0 total:15>0
 *   body sequence:6>0 account:32 name:60 amount:15>0 purpose:20
 *   footer "T" checksum
 *
 * A cell is a text in quotes or an item; ":40" is its width in bytes as the file has them (a Chinese character is two of
 * GBK), "<" or ">" where it stands in it (left unless told), and behind that the character that fills it, a space unless told.
 * header and footer may come more than once, each a line; body stands for a line of each payment. Items of a payment:
 * sequence account name amount purpose code; of the file: company company_account batch date count total checksum, where
 * the checksum (SHA-256 in hex, of all bytes before its own line) stands in the last line alone.
 *
 * The answer file of the bank is read by a layout too:
 *
 *   skip 1                          lines before the first payment
 *   columns sequence account name amount status reason
 *   paid "成功" "00"                 words of the status; any other word that is not here is a fault
 *   failed "失败" "01" */
#ifndef RENHE_BANK_LAYOUT_H
#define RENHE_BANK_LAYOUT_H
#include <stdbool.h>
#include "charset.h"

#define BANK_LINES_MOST 16 /* of header or footer */
#define BANK_CELLS_MOST 32 /* of a line */
#define BANK_WORDS_MOST 16 /* paid or failed */
#define BANK_WIDTH_MOST 512

enum bank_item {
	BANK_TEXT,
	BANK_SEQUENCE,
	BANK_ACCOUNT,
	BANK_NAME,
	BANK_AMOUNT,
	BANK_PURPOSE,
	BANK_CODE,	 /* CNAPS number of the payee's bank (联行号) */
	BANK_STATUS,	 /* of answers */
	BANK_REASON,	 /* of answers */
	BANK_IGNORED,	 /* of answers: "-" */
	BANK_COMPANY,	 /* from here on: of the file */
	BANK_COMPANY_ACCOUNT,
	BANK_BATCH,
	BANK_DATE,	 /* YYYYMMDD */
	BANK_COUNT,
	BANK_TOTAL,
	BANK_CHECKSUM,
	BANK_ITEMS,
};
struct bank_cell {
	enum bank_item item;
	const char *text; /* of BANK_TEXT */
	unsigned width;	  /* 0: as wide as it is */
	bool right;
	char pad;
};
struct bank_line {
	struct bank_cell cell[BANK_CELLS_MOST];
	unsigned n;
};
struct bank_words {
	const char *word[BANK_WORDS_MOST];
	unsigned n;
};
struct bank_layout {
	enum charset charset;
	bool gbk; /* of CHARSET_GB18030 the part that the older encoding has */
	bool crlf, fen;
	const char *separator; /* NULL: fixed width */
	struct bank_line header[BANK_LINES_MOST], footer[BANK_LINES_MOST], body;
	unsigned n_headers, n_footers;
	/* of answers */
	unsigned skip;
	struct bank_words paid, failed;
};

enum bank_fault_code {
	/* of a layout */
	BANK_UNKNOWN_LINE,    /* no such key, or twice */
	BANK_UNKNOWN_ITEM,    /* no such item, or not on this line */
	BANK_BAD_VALUE,	      /* a quote that doesn't end, a width, a fill, an encoding */
	BANK_TOO_MUCH,	      /* lines, cells or words */
	BANK_MISSING,	      /* encoding, body, account or amount, words of an answer */
	BANK_WIDTH_MISSING,   /* of an item, where there is no separator */
	/* of a payment, or of the file where row is 0 */
	BANK_EMPTY,	      /* no account, no name that the layout asks for */
	BANK_NOT_DIGITS,      /* an account or a bank's number */
	BANK_AMOUNT_RANGE,    /* not above 0, or the sum is beyond counting */
	BANK_NOT_IN_ENCODING, /* a character that the bank's encoding doesn't have */
	BANK_TOO_WIDE,
	BANK_FORBIDDEN,	      /* a line end, a control character, the separator itself */
	BANK_NOBODY,	      /* a file without payments */
	/* of an answer */
	BANK_UNREADABLE,      /* bytes, columns or an amount that make no sense */
	BANK_UNKNOWN_STATUS,
	BANK_UNKNOWN_PAYMENT, /* none of ours has this number, or this account and amount */
	BANK_OTHER_PAYMENT,   /* the number is ours; account or amount is not */
	BANK_TWICE,	      /* two lines on one payment */
};
struct bank_fault {
	enum bank_fault_code code;
	unsigned line, column; /* of the layout or the answer, from 1; of a payment its place, 0 the file */
	enum bank_item item;
	const char *what;      /* the word, or the character; NULL where there is none */
};
/* All of them; the first BANK_FAULTS_MOST are kept, n counts on. */
#define BANK_FAULTS_MOST 100
struct bank_faults {
	struct bank_fault fault[BANK_FAULTS_MOST];
	unsigned n;
};
void bank_fault(struct bank_faults *f, struct bank_fault one);
/* UPPER_SNAKE, stable. */
const char *bank_fault_code(enum bank_fault_code code);
const char *bank_item_name(enum bank_item item);

/* The layout of a file that is sent, or of an answer; false and all faults. What *out points to lives in the arena. */
bool bank_layout_read(struct arena *a, const char *text, struct bank_layout *out, struct bank_faults *faults);
bool bank_answer_layout_read(struct arena *a, const char *text, struct bank_layout *out, struct bank_faults *faults);
#endif
