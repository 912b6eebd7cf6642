/* Income tax on pay (个人所得税): withholding from wages, bonuses, fees and severance. Money in fen. What a
 * figure was made of is part of the answer, so that it can be explained.
 * Sources: IIT Law and Regulations of 2018; STA 2018 No. 61; STA 2020 No. 13 and No. 19; MOF/STA 2023 No. 30. */
#ifndef RENHE_INCOME_TAX_H
#define RENHE_INCOME_TAX_H
#include "rules.h"

/* One look into a table of bands. */
struct tax {
	int64_t taxable_fen; /* what the band is picked by and the rate is applied to, unless said otherwise */
	const struct law_row *band; /* NULL where nothing is taxable */
	int32_t rate_e5;
	int64_t quick_fen;
	int64_t tax_fen;
};
/* Of a whole year's taxable income; bands are upper-inclusive (不超过). 0 where it is not positive. */
bool tax_of_year(struct rules *r, int64_t taxable_fen, struct tax *out);

/* ---- cumulative withholding from the wages of a resident (累计预扣法), STA 2018 No. 61 art. 6 ---- */
enum basic_mode {
	BASIC_EMPLOYED_MONTHS, /* from the month of joining */
	BASIC_FIRST_JOB,       /* from January: no wages before in this year (STA 2020 No. 13) */
	BASIC_ANNUAL_60000,    /* the whole year's at once (STA 2020 No. 19) */
};
/* Of one person at one legal entity in the tax year of the pay date; sums are those of the months before. */
struct tax_year {
	enum basic_mode mode;
	int first_month, last_month; /* employed in them, 1..12; last_month 0: still employed */
	int month;                   /* the last one that was taken, 0: none */
	int64_t income_fen, exempt_fen, contributions_fen, special_fen, other_fen, relief_fen, withheld_fen;
};
struct tax_month {
	int64_t income_fen, exempt_fen; /* gross; what of it is free */
	int64_t contributions_fen;      /* own insurance and fund (专项扣除) */
	int64_t special_fen;            /* special additional deductions (专项附加扣除) */
	int64_t other_fen, relief_fen;
};
struct tax_withheld {
	int basic_months;
	int64_t basic_cum_fen, taxable_cum_fen; /* may be negative */
	struct tax cumulative;
	int64_t withheld_before_fen, tax_fen;
};
/* Takes the month into the year. Several payments of one month are taken one behind the other, in order.
 * A negative result withholds nothing and gives nothing back; the sums stay (art. 6). */
bool tax_withhold(struct rules *r, struct tax_year *year, int month, const struct tax_month *in, struct tax_withheld *out);

/* ---- paid apart ---- */
/* Annual bonus (全年一次性奖金), to the end of 2027: once a person and year, by choice. Band by a twelfth. */
bool tax_bonus(struct rules *r, int64_t bonus_fen, struct tax *out);
/* Severance (一次性补偿): free up to 36 times the local average of a month of the year before. */
struct tax_severance {
	int64_t exempt_fen;
	struct tax tax;
};
bool tax_severance(struct rules *r, int64_t compensation_fen, int64_t monthly_average_fen, struct tax_severance *out);

/* ---- fees of residents: one payment, or what counts as one ---- */
enum fee { FEE_LABOUR, FEE_AUTHOR, FEE_ROYALTY };
bool tax_fee(struct rules *r, enum fee kind, int64_t pay_fen, struct tax *out);
/* A student's internship, cumulatively (STA 2020 No. 13): 80 % of the pay so far this year. */
bool tax_intern(struct rules *r, int64_t pay_cum_fen, int months, int64_t withheld_fen, struct tax_withheld *out);

/* ---- non-residents: each month and payment alone, on the monthly table ---- */
bool tax_non_resident_wage(struct rules *r, int64_t wage_fen, struct tax *out);
bool tax_non_resident_fee(struct rules *r, enum fee kind, int64_t pay_fen, struct tax *out);
bool tax_non_resident_bonus(struct rules *r, int64_t bonus_fen, struct tax *out);

/* ---- special additional deductions of one month ---- */
struct special_item {
	const char *kind;      /* CHILD_EDUCATION, INFANT_CARE, ELDERLY_SUPPORT, HOUSING_RENT_1 … */
	int count;             /* children; 1 of what can't be counted */
	int share_e5;          /* 100000 or 50000 of what parents or spouses may halve */
	bool only_child;       /* ELDERLY_SUPPORT */
	int64_t share_fen;     /* … of several children: the own part as agreed */
};
/* At the law of r->day. */
bool tax_special(struct rules *r, const struct special_item *item, int64_t *out);
#endif
