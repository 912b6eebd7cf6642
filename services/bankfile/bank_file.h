/* A bank's salary file as bytes, and the bank's answer to it. Pure: the same batch gives the same bytes. Money in fen. */
#ifndef RENHE_BANK_FILE_H
#define RENHE_BANK_FILE_H
#include "bank_layout.h"

struct bank_payment {
	const char *account; /* digits; spaces and hyphens between them are dropped */
	const char *name, *purpose, *code;
	int64_t fen;
};
struct bank_batch {
	const char *company, *company_account, *batch;
	const char *date; /* YYYY-MM-DD */
	const struct bank_payment *payment;
	unsigned n;
};
struct bank_file {
	struct str bytes;
	int64_t total_fen;
	char sha256[65]; /* of the bytes, hex: what is released, and what the ledger names */
};
/* All or nothing: one payment that can't be written, and there is no file. */
bool bank_file_write(struct arena *a, const struct bank_layout *l, const struct bank_batch *b, struct bank_file *out, struct bank_faults *faults);

enum bank_outcome { BANK_WAITING, BANK_PAID, BANK_FAILED };
struct bank_result {
	enum bank_outcome outcome; /* BANK_WAITING: the answer doesn't speak of it */
	const char *reason;	   /* the bank's words; "" where there are none */
};
struct bank_answer {
	struct bank_result *result; /* one for each payment of the batch */
	unsigned paid, failed, waiting;
	int64_t paid_fen, failed_fen;
};
/* Lines belong to payments by their sequence where the layout has one, and account and amount must then agree; else by
 * account and amount. Nothing is taken over from an answer that has a fault. */
bool bank_answer_read(struct arena *a, const struct bank_layout *l, struct str bytes, const struct bank_batch *b, struct bank_answer *out,
		      struct bank_faults *faults);
#endif
