/* Texts as search compares them, and how Han characters are read (this file's source owns that part
 * of ICU). Readings: CLDR's Han-Latin, and Han-Latin/Names for the first two characters, where it
 * knows surnames (单 Shan, 尉迟 Yuchi); a short table adds what neither has. */
#ifndef RENHE_PINYIN_H
#define RENHE_PINYIN_H
#include "arena.h"

/* NFKC (full width becomes half), case folded, traditional characters made simplified. In the
 * arena; s is valid UTF-8. */
char *text_fold(struct arena *a, const char *s);

#define READINGS_MOST 6
/* How one Han character may be read: lower-case ASCII, ü as v and as u; the likeliest first. */
struct readings {
	const char *of[READINGS_MOST];
	unsigned n; /* never 0 */
};
/* Of the Han characters of s in their order; others are passed over, and so is a character that
 * nobody can read. *n of them. */
struct readings *pinyin_readings(struct arena *a, const char *s, size_t *n);
#endif
