#include "punch.h"

#include <stdlib.h>

/* ---- order ---- */

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int first_of(const int *orders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (orders[i])
			return orders[i];
	return 0;
}

static int by_identity(const void *a, const void *b)
{
	const struct punch *x = a, *y = b;
	const int orders[] = {compare(x->device, y->device),
			      compare(x->sequence, y->sequence),
			      compare(x->received_s, y->received_s),
			      compare(x->at_s, y->at_s),
			      compare(x->sent_s, y->sent_s),
			      compare(x->kind, y->kind),
			      compare(x->site, y->site),
			      compare(x->by_hand, y->by_hand)};

	return first_of(orders, sizeof(orders) / sizeof(orders[0]));
}

static int by_time(const void *a, const void *b)
{
	const struct punch *x = a, *y = b;
	int order = compare(x->at_s, y->at_s);

	return order ? order : by_identity(a, b);
}

/* Equal ones are told apart by all that decides, so that the order of arrival doesn't. */
static int by_start(const void *a, const void *b)
{
	const struct punch_window *x = a, *y = b;
	const int orders[] = {
		compare(x->span.from_s, y->span.from_s), compare(x->span.until_s, y->span.until_s),
		compare(x->by_hand, y->by_hand), compare((int64_t)x->n_sites, (int64_t)y->n_sites)};
	int order = first_of(orders, sizeof(orders) / sizeof(orders[0]));

	for (size_t i = 0; !order && i < x->n_sites; i++)
		order = compare(x->sites[i], y->sites[i]);
	return order;
}

static void judge_windows(struct punch_window *w, size_t n)
{
	instant_s taken = INT64_MIN;

	if (n)
		qsort(w, n, sizeof(*w), by_start);
	for (size_t i = 0; i < n; i++) {
		w[i].has_in = w[i].has_out = false;
		w[i].fault = w[i].span.from_s >= w[i].span.until_s ? WINDOW_EMPTY
			     : w[i].span.from_s < taken		   ? WINDOW_OVERLAPS
								   : WINDOW_FINE;
		if (w[i].fault == WINDOW_FINE)
			taken = w[i].span.until_s;
	}
}

static bool same_identity(const struct punch *a, const struct punch *b)
{
	return a->device == b->device && a->sequence == b->sequence;
}

/* Of one identity the first received counts. */
static void judge_punches(const struct punch_policy *policy, struct punch *p, size_t n)
{
	if (n)
		qsort(p, n, sizeof(*p), by_identity);
	for (size_t i = 0; i < n; i++) {
		int64_t drift = p[i].received_s - p[i].sent_s;

		p[i].window = 0;
		p[i].drifted = drift > policy->drift_s || -drift > policy->drift_s;
		p[i].fate = i && same_identity(&p[i - 1], &p[i])	    ? PUNCH_TWICE
			    : p[i].at_s > p[i].received_s + policy->drift_s ? PUNCH_FUTURE
									    : PUNCH_TAKEN;
	}
	if (n)
		qsort(p, n, sizeof(*p), by_time);
}

/* ---- which window ---- */

static bool of_site(const struct punch_window *w, const struct punch *p)
{
	for (size_t i = 0; i < w->n_sites; i++)
		if (w->sites[i] == p->site)
			return true;
	return w->n_sites == 0;
}

static int64_t distance(instant_s a, instant_s b)
{
	return a > b ? a - b : b - a;
}

static int64_t edge_distance(const struct punch_window *w, const struct punch *p)
{
	int64_t start = distance(p->at_s, w->span.from_s), end = distance(p->at_s, w->span.until_s);

	if (p->kind == PUNCH_UNSAID)
		return start < end ? start : end;
	return p->kind == PUNCH_IN ? start : end;
}

static bool reaches(const struct punch_policy *policy, const struct punch_window *w,
		    const struct punch *p)
{
	return w->fault == WINDOW_FINE && p->at_s >= w->span.from_s - policy->before_s &&
	       p->at_s < w->span.until_s + policy->after_s;
}

static enum punch_fate admits(const struct punch_window *w, const struct punch *p)
{
	if (!of_site(w, p))
		return PUNCH_OTHER_SITE;
	return p->by_hand && !w->by_hand ? PUNCH_NOT_BY_HAND : PUNCH_TAKEN;
}

/* The first window that can reach a punch of this time, by what the longest of them reaches. */
static size_t first_in_reach(const struct punch_window *w, size_t n, instant_s from)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (w[middle].span.from_s < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_window(const struct punch_policy *policy, const struct punch_window *w, size_t n,
			int64_t longest, struct punch *p)
{
	int64_t best = INT64_MAX;
	enum punch_fate fate = PUNCH_NO_WINDOW;

	for (size_t i = first_in_reach(w, n, p->at_s - longest - policy->after_s);
	     i < n && w[i].span.from_s <= p->at_s + policy->before_s; i++) {
		enum punch_fate here = admits(&w[i], p);

		if (!reaches(policy, &w[i], p))
			continue;
		if (here == PUNCH_TAKEN && edge_distance(&w[i], p) < best) {
			best = edge_distance(&w[i], p);
			p->window = i;
			fate = PUNCH_TAKEN;
		} else if (fate == PUNCH_NO_WINDOW) {
			fate = here;
		}
	}
	p->fate = fate;
}

/* ---- in and out ---- */

static bool again(const struct punch_policy *policy, const struct punch *before,
		  const struct punch *p)
{
	return before && before->kind == p->kind && before->site == p->site &&
	       p->at_s - before->at_s <= policy->same_s;
}

static void put_in(struct punch_window *w, instant_s at)
{
	w->has_in = true;
	w->in_s = at;
}

static void put_out(struct punch_window *w, instant_s at)
{
	w->has_out = true;
	w->out_s = at;
}

/* An unsaid punch alone is that of the nearer edge. */
static void put(struct punch_window *w, const struct punch *p)
{
	bool starts = distance(p->at_s, w->span.from_s) <= distance(p->at_s, w->span.until_s);

	if (p->kind == PUNCH_IN && !w->has_in && !w->has_out) {
		put_in(w, p->at_s);
	} else if (p->kind == PUNCH_OUT) {
		put_out(w, p->at_s);
	} else if (p->kind == PUNCH_UNSAID) {
		if (!w->has_in && !w->has_out && starts)
			put_in(w, p->at_s);
		else
			put_out(w, p->at_s);
	}
}

static int64_t longest_of(const struct punch_window *w, size_t n)
{
	int64_t longest = 0;

	for (size_t i = 0; i < n; i++)
		if (span_length(w[i].span) > longest)
			longest = span_length(w[i].span);
	return longest;
}

void punch_match(const struct punch_policy *policy, struct punch_window *windows, size_t n_windows,
		 struct punch *punches, size_t n_punches)
{
	int64_t longest = longest_of(windows, n_windows);
	const struct punch *before = NULL;

	judge_windows(windows, n_windows);
	judge_punches(policy, punches, n_punches);
	for (size_t i = 0; i < n_punches; i++) {
		struct punch *p = &punches[i];

		if (p->fate != PUNCH_TAKEN)
			continue;
		find_window(policy, windows, n_windows, longest, p);
		if (p->fate != PUNCH_TAKEN)
			continue;
		if (again(policy, before, p)) {
			p->fate = PUNCH_TWICE;
			continue;
		}
		before = p;
		put(&windows[p->window], p);
	}
}

/* ---- what it means ---- */

int64_t punch_late(const struct punch_window *w)
{
	return w->has_in && w->in_s > w->span.from_s ? w->in_s - w->span.from_s : 0;
}

int64_t punch_early(const struct punch_window *w)
{
	return w->has_out && w->out_s < w->span.until_s ? w->span.until_s - w->out_s : 0;
}

#define PAID_MOST 64

bool punch_paid(const struct zone *z, const struct punch_window *w, const struct spans *overtime,
		const struct clock_break *breaks, size_t n_breaks, struct spans *out)
{
	struct span room[2][PAID_MOST], here = {w->in_s, w->out_s}, window = w->span;
	struct spans present = {&here, 1, 1}, planned = {&window, 1, 1};
	struct spans allowed = {room[0], 0, PAID_MOST}, met = {room[1], 0, PAID_MOST},
		     kept = {room[0], 0, PAID_MOST};

	out->n = 0;
	if (!w->has_in || !w->has_out || w->in_s >= w->out_s || w->fault != WINDOW_FINE)
		return true;
	if (!spans_union(&planned, overtime, &allowed) ||
	    !spans_intersect(&allowed, &present, &met))
		return false;
	if (!work_without_breaks(z, here, breaks, n_breaks, &kept))
		return false;
	return spans_intersect(&met, &kept, out);
}
