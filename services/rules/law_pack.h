/* The law packs that ship: the build takes the files of law/ as they are. */
#ifndef RENHE_LAW_PACK_H
#define RENHE_LAW_PACK_H

struct law_pack {
	const char *name; /* of the file */
	char *text;	  /* for law_read, which cuts it in place: once only */
};
extern const struct law_pack LAW_PACKS[]; /* ended by NULL */
#define LAW_PACK_ROWS 2000 /* room for all of their rows */
#endif
