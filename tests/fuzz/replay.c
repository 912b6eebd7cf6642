/* Runs a target on files instead of made-up inputs: `fuzz_x FILE|FOLDER...`, for compilers without
 * libFuzzer and for cases that are kept. Exit 0 where none broke a promise, 64 where there was none. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "fuzz.h"

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static unsigned n_run;

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n = 0, got;

	if (!f) {
		perror(path);
		exit(66);
	}
	do {
		data = realloc(data, n + 65536);
		demand(data != NULL);
		got = fread(data + n, 1, 65536, f);
		n += got;
	} while (got);
	fclose(f);
	fprintf(stderr, "%s\n", path); /* the last line names what broke */
	uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees its end */
	demand(exact != NULL);
	memcpy(exact, data, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	free(data);
	n_run++;
}

static void run(const char *path)
{
	char below[4096];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		run_file(path);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
			run(below);
		}
	closedir(d);
}

int main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	fprintf(stderr, "%u inputs\n", n_run);
	return n_run ? 0 : 64;
}
