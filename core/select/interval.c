/*
 * The intersection of intervals, see interval.h.  Run by ntp-net.  It must
 * never find an interval that no majority shares.
 */
#include "core/select/interval.h"

/* At equal places, lower ends come first: intervals that touch do intersect. */
static void
edge_insert(struct intervals *v, int64_t at_ns, int type)
{
	struct edge *edges = v->edges;
	uint32_t i = v->n++;

	while (i > 0 &&
	    (edges[i - 1].at_ns > at_ns ||
		(edges[i - 1].at_ns == at_ns && edges[i - 1].type > type))) {
		edges[i] = edges[i - 1];
		i--;
	}
	edges[i] = (struct edge){ at_ns, type };
}

/*
 * Walk the edges from one side (step +1 or -1) until enough intervals are open
 * at once, counting the middles on the way.  Returns false if that never
 * happens.
 */
static bool
walk(const struct intervals *v, int step, uint32_t enough, int64_t *at_ns,
    uint32_t *middles)
{
	uint32_t open = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		const struct edge *e = &v->edges[step > 0 ? k : v->n - 1 - k];

		if (e->type == 0)
			++*middles;
		else if (e->type == -step)
			open++;
		else
			open--;
		if (open >= enough) {
			*at_ns = e->at_ns;
			return true;
		}
	}
	return false;
}

void
intervals_add(struct intervals *v, const struct interval *i)
{
	edge_insert(v, i->low_ns, -1);
	edge_insert(v, i->middle_ns, 0);
	edge_insert(v, i->high_ns, 1);
}

uint32_t
intervals_most(const struct intervals *v, int64_t *low_ns)
{
	uint32_t most = v->n / 3, middles = 0;

	while (!walk(v, 1, most, low_ns, &middles))
		most--;
	return most;
}

bool
intervals_share(
    const struct intervals *v, bool middles_count, struct interval *shared)
{
	uint32_t voters = v->n / 3;

	for (uint32_t allow = 0; 2 * allow < voters; allow++) {
		uint32_t middles = 0, enough = voters - allow;

		if (walk(v, 1, enough, &shared->low_ns, &middles) &&
		    walk(v, -1, enough, &shared->high_ns, &middles) &&
		    (middles <= allow || !middles_count) &&
		    shared->low_ns <= shared->high_ns)
			return true;
	}
	return false;
}

bool
interval_touch(const struct interval *a, const struct interval *b)
{
	return a->high_ns >= b->low_ns && a->low_ns <= b->high_ns;
}
