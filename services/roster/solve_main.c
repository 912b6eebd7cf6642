/* roster-solve INSTANCE... --seconds N: the command around the library. */
#include "solve_curtois.h"
#include "solve_lanes.h"
#include "solve_run.h"
#include "solve_weeks.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SOLVED = 0, NOT_FEASIBLE = 1, BAD_INPUT = 2 };

struct job {
	char **files; /* the instance */
	int n_files;
	const char *from, *out;
	struct roster_limits limits;
	struct roster_weeks *weeks; /* of INRC-II, else NULL */
	struct roster_model *model;
	struct roster_best best;
};

static int usage(FILE *out, int code)
{
	fprintf(out,
		"roster-solve INSTANCE... [--seconds N] [--cpu-seconds N] [--moves N] [--seed S] "
		"[--threads T]\n"
		"             [--from FILE] [--out FILE]\n\n%s\n\n%s\n",
		TEXT_DEF_SOLVE_HELP.zh, TEXT_DEF_SOLVE_HELP.en);
	return code;
}

static bool option_number(const char *name, const char *text, double least, double most,
			  double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end != text && !*end && *out >= least && *out <= most)
		return true;
	fprintf(stderr, "roster-solve: --%s: %s / %s: %g..%g\n", name, TEXT_DEF_SOLVE_OPTION.zh,
		TEXT_DEF_SOLVE_OPTION.en, least, most);
	return false;
}

static const struct option OPTIONS[] = {
	{"seconds", 1, NULL, 's'}, {"cpu-seconds", 1, NULL, 'c'}, {"moves", 1, NULL, 'm'},
	{"seed", 1, NULL, 'r'},	   {"threads", 1, NULL, 't'},	  {"from", 1, NULL, 'f'},
	{"out", 1, NULL, 'o'},	   {"help", 0, NULL, 'h'},	  {NULL, 0, NULL, 0},
};

static bool option_take(struct job *j, int option)
{
	struct roster_limits *l = &j->limits;
	double n = 0;
	bool fine = true;

	switch (option) {
	case 's':
		return option_number("seconds", optarg, 0.01, 1e6, &l->seconds);
	case 'c':
		return option_number("cpu-seconds", optarg, 0.01, 1e6, &l->cpu_seconds);
	case 'm':
		fine = option_number("moves", optarg, 1, 1e15, &n);
		l->moves = (int64_t)n;
		return fine;
	case 'r':
		fine = option_number("seed", optarg, 0, 9007199254740991.0, &n);
		l->seed = (uint64_t)n;
		return fine;
	case 't':
		fine = option_number("threads", optarg, 1, ROSTER_LANES, &n);
		l->threads = (int)n;
		return fine;
	case 'f':
		j->from = optarg;
		return true;
	case 'o':
		j->out = optarg;
		return true;
	default:
		return false;
	}
}

/* EX_OK, or the code to leave with. */
static int options_read(struct job *j, int argc, char **argv)
{
	int option;

	j->limits = (struct roster_limits){.threads = 1};
	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		if (option == 'h')
			exit(usage(stdout, EX_OK));
		if (!option_take(j, option))
			return usage(stderr, EX_USAGE);
	}
	j->files = argv + optind;
	j->n_files = argc - optind;
	if (j->n_files < 1)
		return usage(stderr, EX_USAGE);

	bool weeks = roster_weeks_are(j->files[0]);
	if (weeks ? j->from != NULL || j->n_files == 2 : j->n_files != 1)
		return usage(stderr, EX_USAGE);
	if (j->limits.seconds <= 0 && j->limits.cpu_seconds <= 0 && !j->limits.moves)
		j->limits.seconds = 10;
	return EX_OK;
}

static bool instance_read(struct job *j)
{
	struct roster_text t;

	if (roster_text_open(&t, j->files[0]))
		j->model = roster_curtois_read(&t);
	if (t.fault[0])
		fprintf(stderr, "roster-solve: %s\n", t.fault);
	roster_text_close(&t);
	return j->model != NULL;
}

static bool plan_new(struct job *j)
{
	j->best.plan = calloc((size_t)(j->model->people * j->model->days), 1);
	return j->best.plan != NULL;
}

static bool plan_read(struct job *j)
{
	struct roster_text t;
	bool fine;

	if (!j->from)
		return true;
	fine = roster_text_open(&t, j->from) && roster_curtois_plan(&t, j->model, j->best.plan);
	if (!fine)
		fprintf(stderr, "roster-solve: %s\n", t.fault);
	roster_text_close(&t);
	j->limits.warm = true;
	return fine;
}

static bool plan_write(const struct job *j)
{
	FILE *out = j->out ? fopen(j->out, "w") : stdout;
	bool fine = out != NULL;

	if (out) {
		if (j->weeks)
			roster_weeks_write(j->weeks, out);
		else
			roster_curtois_write(j->model, j->best.plan, out);
		fine = !ferror(out) && (j->out ? fclose(out) : fflush(out)) == 0;
	}
	if (!fine)
		perror(j->out ? j->out : "roster-solve");
	return fine;
}

static void progress_say(const struct roster_progress *p)
{
	fprintf(stderr, "round\t%d\tseconds\t%.2f\tmoves\t%lld\tpenalty\t%lld\tbroken\t%lld\n",
		p->round, p->seconds, (long long)p->moves, (long long)p->best.soft,
		(long long)p->best.hard);
}

static void breach_say(void *arg, const struct roster_breach *b)
{
	static const struct text_def *const RULE[] = {
		[ROSTER_DAY] = &TEXT_DEF_BROKEN_DAY,
		[ROSTER_SUCCESSION] = &TEXT_DEF_BROKEN_SUCCESSION,
		[ROSTER_WORK_RUN] = &TEXT_DEF_BROKEN_WORK_RUN,
		[ROSTER_OFF_RUN] = &TEXT_DEF_BROKEN_OFF_RUN,
		[ROSTER_WEEKENDS] = &TEXT_DEF_BROKEN_WEEKENDS,
		[ROSTER_TOTAL] = &TEXT_DEF_BROKEN_TOTAL,
		[ROSTER_MOST] = &TEXT_DEF_BROKEN_MOST,
		[ROSTER_COVER] = &TEXT_DEF_BROKEN_COVER,
	};

	(void)arg;
	fprintf(stderr, "broken\t%s\t%d\t%lld\t%s\t%s\n", b->who, b->day, (long long)b->units,
		RULE[b->rule]->zh, RULE[b->rule]->en);
}

static int result_say(const struct job *j)
{
	if (j->best.cost.hard) {
		roster_plan_breaches(j->model, j->best.plan, breach_say, NULL);
		fprintf(stderr, "infeasible\t%lld\t%s\t%s\n", (long long)j->best.cost.hard,
			TEXT_DEF_SOLVE_INFEASIBLE.zh, TEXT_DEF_SOLVE_INFEASIBLE.en);
		return NOT_FEASIBLE;
	}
	fprintf(stderr, "penalty\t%lld\n", (long long)j->best.cost.soft);
	return SOLVED;
}

static int memory_say(void)
{
	fprintf(stderr, "roster-solve: %s / %s\n", TEXT_DEF_SOLVE_MEMORY.zh,
		TEXT_DEF_SOLVE_MEMORY.en);
	return EX_OSERR;
}

/* SOLVED where there is a roster, hard rules broken or not, or the code to leave with. */
static int instance_search(struct job *j)
{
	if (!instance_read(j))
		return BAD_INPUT;
	if (!plan_new(j))
		return memory_say();
	if (!plan_read(j))
		return BAD_INPUT;
	return roster_run(j->model, &j->limits, &j->best, progress_say) ? SOLVED : memory_say();
}

/* The same; what all weeks cost together is counted at the end. */
static int weeks_search(struct job *j)
{
	struct roster_text t = {0};

	j->weeks = calloc(1, sizeof(*j->weeks));
	if (!j->weeks)
		return memory_say();
	if (!roster_weeks_open(j->weeks, &t, j->files, j->n_files) ||
	    !roster_weeks_search(j->weeks, &t, &j->limits, progress_say)) {
		fprintf(stderr, "roster-solve: %s\n", t.fault);
		return BAD_INPUT;
	}
	j->model = roster_weeks_model(j->weeks);
	if (!j->model || !plan_new(j))
		return memory_say();
	roster_weeks_plan(j->weeks, j->model, j->best.plan);
	j->best.cost = roster_plan_cost(j->model, j->best.plan);
	return SOLVED;
}

static int job_run(struct job *j)
{
	int code = roster_weeks_are(j->files[0]) ? weeks_search(j) : instance_search(j);

	if (code != SOLVED)
		return code;
	/* A roster that breaks a hard rule is no answer: none is written. */
	if (!j->best.cost.hard && !plan_write(j))
		return EX_CANTCREAT;
	return result_say(j);
}

int main(int argc, char **argv)
{
	struct job j = {0};
	int code = options_read(&j, argc, argv);

	if (code == EX_OK)
		code = job_run(&j);
	roster_model_free(j.model);
	free(j.best.plan);
	free(j.weeks);
	return code;
}
