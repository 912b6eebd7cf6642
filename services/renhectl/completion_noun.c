/* Completion for shells, of the same table that the commands are found in. */
#include <stdio.h>

#include "renhectl.h"

static void put_nouns(void)
{
	for (const struct noun *n = NOUNS; n->name; n++)
		printf("%s%s", n == NOUNS ? "" : " ", n->name);
}

static void put_verbs(const struct noun *n)
{
	printf("\t\t%s) words='", n->name);
	for (const struct verb *v = n->verbs; v->name; v++)
		printf("%s%s", v == n->verbs ? "" : " ", v->name);
	puts("' ;;");
}

static enum exit_code completion_bash(const struct call *c)
{
	(void)c;
	puts("_renhectl() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words=''");
	fputs("\tif [ \"${COMP_WORDS[COMP_CWORD-1]}\" = -o ]; then words='table json jsonl csv'\n"
	      "\telif [[ $word = -* ]]; then words='-o --dry-run --yes --help --version'\n"
	      "\telif [ \"$COMP_CWORD\" = 1 ]; then words='",
	      stdout);
	put_nouns();
	puts("'\n\telif [ \"$COMP_CWORD\" = 2 ]; then\n\t\tcase ${COMP_WORDS[1]} in");
	for (const struct noun *n = NOUNS; n->name; n++)
		put_verbs(n);
	puts("\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	     "complete -o default -F _renhectl renhectl");
	return EXIT_DONE;
}

const struct verb COMPLETION_VERBS[] = {
	{"bash", "", &TEXT_DEF_HELP_COMPLETION_BASH, 0, completion_bash, READS},
	{.name = NULL},
};
