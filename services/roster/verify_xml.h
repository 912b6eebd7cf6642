/* The little of XML that rosters are written in: elements, attributes, text. Entities, CDATA and
 * document types are refused. */
#ifndef RENHE_ROSTER_VERIFY_XML_H
#define RENHE_ROSTER_VERIFY_XML_H
#include "verify_source.h"

enum xml_kind { XML_OPEN, XML_CLOSE, XML_TEXT, XML_END };
struct xml {
	struct verify_source source; /* line: of what was read last */
	enum xml_kind kind;
	struct str name, attributes, text;
	bool empty; /* <a/>: its close comes next */
};
bool xml_open(struct verify *v, const char *file, struct xml *out);
/* Text is without the blanks around it, and never empty. False with a refusal. */
bool xml_next(struct xml *x);
/* Of the element just opened; false where it has none of the name, which is no refusal. */
bool xml_take_attribute(const struct xml *x, const char *name, struct str *out);
/* The element just opened, to its end: its text alone, "" too. */
bool xml_plain(struct xml *x, struct str *out);
#endif
