#include "value.h"

#include <string.h>

/* Provinces of GB/T 2260, abolished ones included; 81 to 83 only as the permits' 810000 and so on. */
static bool province_known(const char *s)
{
	static const char known[] = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
				    "50 51 52 53 54 61 62 63 64 65 71";

	for (const char *p = known; *p; p += p[2] ? 3 : 2)
		if (p[0] == s[0] && p[1] == s[1])
			return true;
	return false;
}

static const char *check_region(struct id_document *d)
{
	static const char *const permit[] = {
		[ID_HONG_KONG] = "810000", [ID_MACAO] = "820000", [ID_TAIWAN] = "830000"};

	if (d->number[0] == '9') { /* 9, issuing province, nationality */
		d->kind = ID_FOREIGN;
		memcpy(d->region, d->number + 1, 2);
		memcpy(d->nationality, d->number + 3, 3);
		return province_known(d->region) ? NULL : "REGION";
	}
	memcpy(d->region, d->number, 6);
	for (enum id_kind k = ID_HONG_KONG; k <= ID_TAIWAN; k++) {
		if (strcmp(d->region, permit[k]) == 0) {
			d->kind = k;
			return NULL;
		}
	}
	d->kind = ID_RESIDENT;
	return province_known(d->region) ? NULL : "REGION";
}

static const char *check_birth(struct id_document *d, int64_t today)
{
	const char *n = d->number + 6;
	const char date[11] = {n[0], n[1], n[2], n[3], '-', n[4], n[5], '-', n[6], n[7], '\0'};

	if (!date_parse(date, &d->birth_days) || strcmp(date, "1850-01-01") < 0)
		return "DATE";
	return d->birth_days > today ? "DATE" : NULL;
}

/* ISO 7064 MOD 11-2 over the first 17. */
static char check_digit(const char *n)
{
	static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += (n[i] - '0') * weight[i];
	return "10X98765432"[sum % 11];
}

/* Fills number; of the 15 digits of cards before 1999-10-01 the century and the check are missing. */
static const char *normalise(const char *s, struct id_document *d)
{
	size_t n = utf8_length(s), digits = strspn(s, "0123456789");

	if (n != 15 && n != 18)
		return "LENGTH";
	if (n == 18 && digits == 17 && (s[17] == 'x' || s[17] == 'X'))
		digits++;
	if (digits != n || s[digits])
		return "CHARSET";
	memcpy(d->number, s, n == 15 ? 6 : 18);
	if (n == 18) {
		d->number[17] = d->number[17] == 'x' ? 'X' : d->number[17];
		return NULL;
	}
	memcpy(d->number + 6, "19", 2);
	memcpy(d->number + 8, s + 6, 9);
	d->number[17] = check_digit(d->number);
	return NULL;
}

const char *id_document_check(const char *s, int64_t today, struct id_document *out)
{
	struct id_document d = {0};
	const char *code = normalise(s, &d);

	if (!code)
		code = check_region(&d);
	if (!code)
		code = check_birth(&d, today);
	if (!code && d.number[17] != check_digit(d.number))
		code = "CHECK";
	if (code)
		return code;
	d.male = (d.number[16] - '0') % 2 == 1;
	*out = d;
	return NULL;
}
