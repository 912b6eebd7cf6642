/* Encodings of text files from a Chinese office: UTF-8, GB18030 (GBK and GB 2312 are part of it),
 * UTF-16 either way. ICU does GB18030; charset.c owns that use of it. */
#ifndef RENHE_CHARSET_H
#define RENHE_CHARSET_H
#include "str.h"

enum charset { CHARSET_UNKNOWN, CHARSET_UTF8, CHARSET_GB18030, CHARSET_UTF16LE, CHARSET_UTF16BE };

const char *charset_name(enum charset c); /* "UTF-8", …; "" of the unknown */

/* By byte order mark, else by where the zero bytes stand, else by what most of the bytes outside
 * ASCII make sense in: a few broken places don't change a file's encoding. CHARSET_UNKNOWN where
 * none fits. *bom: bytes of the mark, to be skipped. */
enum charset charset_guess(struct str file, size_t *bom);

/* UTF-16 without its mark as UTF-8. Half a pair, an odd byte and U+0000 become the byte 0xFF, which
 * is in no UTF-8, so that charset_text flags the cell that it stands in and no other. */
struct str charset_from_utf16(struct arena *a, struct str bytes, bool big_endian);

/* Bytes of one cell as UTF-8. *bad: some were not of the encoding, which is CHARSET_UTF8 or
 * CHARSET_GB18030. A bad cell of a UTF-8 file is read as GB18030 where it is good GB18030 (pasted
 * from another file); what makes no sense becomes U+FFFD. */
const char *charset_text(struct arena *a, struct str bytes, enum charset c, bool *bad);

/* Valid UTF-8 as bytes of CHARSET_UTF8 or CHARSET_GB18030; gbk: of the part that programs of the older encoding know, as
 * Windows code page 936 has it, nothing for private use. False: *lost is the first character that there is none for. */
bool charset_encode(struct arena *a, const char *text, enum charset c, bool gbk, struct str *out, const char **lost);
#endif
