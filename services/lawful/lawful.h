/* The verifier of rosters: people x shifts over weeks, certified or refused with rule, article and
 * figures, all in one pass. It shares no code with what makes rosters: it takes a document, reads
 * it strictly, and counts every figure anew.
 *
 * Law, as of 2026-11-23: 劳动法 (Labour Law, 2018 text) arts. 15, 36, 38, 39, 41, 45, 55, 58, 60,
 * 61, 63-65, 68; 国务院关于职工工作时间的规定 (Order 174, 1995-05-01) art. 3;
 * 女职工劳动保护特别规定 (Order 619, 2012-04-28) arts. 6, 9; 劳动合同法 (Labour Contract Law, 2012
 * text) arts. 7, 17, 68; 劳部发 〔1994〕503号 (special working-time systems); 劳部发〔1994〕489号
 * art. 13; 全国年节及纪念日放假办法 (2024 text) art. 7. Figures are dated rows
 * (services/rules/law/cn_work.tsv, cn_wage.tsv, cn_calendar.tsv); those that the law leaves open
 * are conventions that a document may set. */
#ifndef RENHE_LAWFUL_H
#define RENHE_LAWFUL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "civil.h"
#include "law.h"
#include "str.h"
#include "text.h"

enum lawful_level { LAWFUL_WARN, LAWFUL_REFUSE };

enum lawful_unit { LAWFUL_TIME, LAWFUL_DAYS, LAWFUL_YEARS, LAWFUL_NOTHING };

struct lawful_rule {
	const struct text_def *words; /* its key is the rule's code */
	const struct text_def *article;
	enum lawful_unit unit;
	enum lawful_level level;
	bool convention; /* a document may lower its level too; of others it may only raise it */
};

/* One breach. figure and limit: seconds, days or years, as the rule's unit says. */
struct lawful_breach {
	const struct lawful_rule *rule;
	enum lawful_level level;
	const char *person, *shift; /* ids of the document; "-": none */
	civil_day day;		    /* work date; of a week, month or cycle its first day */
	int64_t figure, limit;
	struct lawful_breach *next;
};
/* What keeps a document from being judged: where (a JSON pointer) and what. */
struct lawful_fault {
	const char *pointer;
	struct text what;
	struct lawful_fault *next;
};
#define LAWFUL_DIGEST (64 + 1) /* SHA-256 in hex */
#define LAWFUL_FAULTS_MOST 100

struct lawful {
	struct arena *arena;
	const struct law *law;	 /* all packs */
	const char *zone_folder; /* of the tz database */
	/* found: */
	size_t n_people, n_shifts, n_refused, n_warned, n_faults;
	struct lawful_breach *breaches,
		**breach_end;			  /* by person as in the document, then by time */
	struct lawful_fault *faults, **fault_end; /* the first LAWFUL_FAULTS_MOST */
	char roster[LAWFUL_DIGEST];		  /* of the document's bytes */
	char rules[LAWFUL_DIGEST]; /* of the rules, their levels and the rows of law applied */
};

/* Certified: true and n_refused 0, with the two digests. False: not of its form (README.md), or
 * of days that no law covers; faults, and no verdict. Strings are the arena's. */
bool lawful_judge(struct lawful *v, struct str document);

/* "8:30" or "8:30:01"; days and years as numbers. */
const char *lawful_figure(struct arena *a, enum lawful_unit unit, int64_t figure);
/* The rule's words with figure and limit. */
struct text lawful_words(struct arena *a, const struct lawful_breach *b);
#endif
