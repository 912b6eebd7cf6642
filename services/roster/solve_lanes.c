#include "solve_lanes.h"
#include <pthread.h>

struct lane {
	void (*work)(void *arg, int lane);
	void *arg;
	int number;
	bool started;
	pthread_t thread;
};

static void *lane_main(void *arg)
{
	struct lane *l = arg;

	l->work(l->arg, l->number);
	return NULL;
}

void roster_lanes(int n, void (*work)(void *arg, int lane), void *arg)
{
	struct lane lane[ROSTER_LANES];

	for (int i = 1; i < n; i++) {
		lane[i] = (struct lane){.work = work, .arg = arg, .number = i};
		lane[i].started = pthread_create(&lane[i].thread, NULL, lane_main, &lane[i]) == 0;
	}
	work(arg, 0);
	for (int i = 1; i < n; i++)
		if (!lane[i].started)
			work(arg, i);
		else
			pthread_join(lane[i].thread, NULL);
}
