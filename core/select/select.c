/*
 * From many sources one time.  Run by ntp-net; it must never combine a source
 * that the majority does not agree with, and never agree without a majority.
 */
#include "core/select/select.h"

#include <math.h>
#include <string.h>

#include "core/real.h"
#include "core/saturate.h"

#define CLUSTER_MIN 3 /* RFC 5905 section 11.2.2: NMIN */

/*
 * A survivor leaves in clustering while its distance from the others is, as an
 * RMS, more than so many times what their standard deviations explain.
 */
#define CLUSTER_SIGMAS 2.0

/*
 * A line is trusted no better than this part of its root distance when it is
 * weighted: paths that differ in the two directions do not show in sigma.
 */
#define WEIGHT_DISTANCE_PARTS 16.0

/*
 * So many times what it is trusted by may a line be off the median of all; what
 * it is off more makes it count less.
 */
#define WEIGHT_OFF 2.0

#define STRATUM_DISTANCE_NS  NS_PER_S /* RFC 5905 section 11.2.3: MAXDIST */
#define PEER_CHANGE_SLACK_NS NS_PER_MS
#define SIGMA_MIN_NS	     1.0
#define SLOPE_SIGMA_MIN	     1e-12

/*
 * A source has departed from its habit when so many standard deviations do not
 * reach what a majority shares; it is back when half as many do, and reach the
 * inner half of that.
 */
#define HABIT_SIGMAS 3.0

/* An end or the middle of an interval, RFC 5905 appendix A.5.5.1. */
struct edge {
	int64_t at_ns;
	int type; /* -1 lower end, 0 middle, +1 upper end */
};

/* What select_sources() works on: indices into in[], best first. */
struct survivors {
	const struct select_input *in;
	uint32_t index[SELECT_MAX];
	double weight[SELECT_MAX]; /* when they are combined, 1/ns^2 */
	uint32_t n;
};

struct interval {
	int64_t low_ns, middle_ns, high_ns;
};

/* Where the true time is, by a source's root distance. */
static struct interval
root_interval(const struct select_input *in)
{
	int64_t at_ns = in->line.theta_ns;

	return (struct interval){ sat_sub(at_ns, in->distance_ns), at_ns,
		sat_add(at_ns, in->distance_ns) };
}

/* How far it has departed; who has no habit yet contradicts nobody. */
static struct interval
habit_interval(const struct select_input *in)
{
	double around_ns = HABIT_SIGMAS * in->departure_sigma_ns;

	if (!in->has_habit)
		return (struct interval){ INT64_MIN, 0, INT64_MAX };
	return (struct interval){ sat_from_double(in->departure_ns - around_ns),
		sat_from_double(in->departure_ns),
		sat_from_double(in->departure_ns + around_ns) };
}

/* Lower ends come first among equals: intervals that touch do intersect. */
static void
edge_insert(struct edge *edges, uint32_t n, int64_t at_ns, int type)
{
	uint32_t i = n;

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
 * at once; counts the middles on the way.  Returns false if it never happens.
 */
static bool
walk(const struct edge *edges, uint32_t n, int step, uint32_t enough,
    int64_t *at_ns, uint32_t *middles)
{
	uint32_t open = 0;

	for (uint32_t k = 0; k < n; k++) {
		const struct edge *e = &edges[step > 0 ? k : n - 1 - k];

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

/*
 * The smallest interval that a majority, and as many as possible, of the
 * voters share.  With middles_count, no more of them may have their middle
 * outside of it than are false.  Returns false if there is none.
 */
static bool
shared_interval(const struct edge *edges, uint32_t n, bool middles_count,
    int64_t *low, int64_t *high)
{
	uint32_t voters = n / 3;

	for (uint32_t allow = 0; 2 * allow < voters; allow++) {
		uint32_t middles = 0, enough = voters - allow;

		if (walk(edges, n, 1, enough, low, &middles) &&
		    walk(edges, n, -1, enough, high, &middles) &&
		    (middles <= allow || !middles_count) && *low <= *high)
			return true;
	}
	return false;
}

static uint32_t
interval_insert(struct edge *edges, uint32_t n, const struct interval *i)
{
	edge_insert(edges, n++, i->low_ns, -1);
	edge_insert(edges, n++, i->middle_ns, 0);
	edge_insert(edges, n++, i->high_ns, 1);
	return n;
}

/*
 * RFC 5905 section 11.2.1.  Where a near source with a narrow interval stands
 * among far ones, whose middles lie outside of it though all of them tell the
 * truth, the rule about middles finds nothing; the majority counts then.
 */
static bool
intersect(const struct survivors *v, struct interval *shared, uint32_t *most)
{
	struct edge edges[3 * SELECT_MAX];
	uint32_t n = 0, middles = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		struct interval i = root_interval(&v->in[v->index[k]]);

		n = interval_insert(edges, n, &i);
	}
	*most = v->n; /* that share a moment */
	while (!walk(edges, n, 1, *most, &shared->low_ns, &middles))
		(*most)--;
	return shared_interval(
		   edges, n, true, &shared->low_ns, &shared->high_ns) ||
	    shared_interval(edges, n, false, &shared->low_ns, &shared->high_ns);
}

/* The sources that have a vote; the others get their state here. */
static void
gather_voters(struct survivors *v, uint32_t n, enum select_state *state)
{
	v->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!v->in[i].usable) {
			state[i] = SELECT_NOT_USABLE;
		} else if (v->in[i].too_far) {
			state[i] = SELECT_TOO_FAR;
		} else {
			state[i] = SELECT_CANDIDATE;
			v->index[v->n++] = i;
		}
	}
}

static uint32_t
votes_needed(uint32_t votes, uint32_t configured, uint32_t min_sources)
{
	uint32_t majority = votes / 2 + 1;
	uint32_t least = min_sources != 0 ? min_sources : (configured + 1) / 2;

	return least > majority ? least : majority;
}

static bool
touch(const struct interval *a, const struct interval *b)
{
	return a->high_ns >= b->low_ns && a->low_ns <= b->high_ns;
}

/* Leave only the voters whose interval reaches into the shared one. */
static void
keep_truechimers(struct survivors *v, const struct interval *shared,
    enum select_state *state)
{
	uint32_t kept = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		uint32_t i = v->index[k];
		struct interval own = root_interval(&v->in[i]);

		if (!touch(&own, shared))
			state[i] = SELECT_FALSETICKER;
		else
			v->index[kept++] = i;
	}
	v->n = kept;
}

/*
 * By how much have those departed that were not estranged?  Returns false
 * where it is not known of enough, or no majority has departed alike.
 */
static bool
common_departure(
    const struct survivors *v, uint32_t needed, struct interval *shared)
{
	struct edge edges[3 * SELECT_MAX];
	uint32_t n = 0, known = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		const struct select_input *in = &v->in[v->index[k]];
		struct interval i = habit_interval(in);

		if (in->estranged)
			continue;
		n = interval_insert(edges, n, &i);
		known += in->has_habit;
	}
	return known >= needed &&
	    shared_interval(edges, n, false, &shared->low_ns, &shared->high_ns);
}

/* Has it departed with the majority, or come back to it? */
static bool
is_habitual(const struct select_input *in, const struct interval *shared)
{
	struct interval own = habit_interval(in);
	int64_t margin_ns;

	if (!in->estranged)
		return touch(&own, shared);
	if (!in->has_habit)
		return false;
	margin_ns = sat_sub(shared->high_ns, shared->low_ns) / 4 -
	    sat_from_double(HABIT_SIGMAS / 2 * in->departure_sigma_ns);
	return own.middle_ns >= sat_add(shared->low_ns, margin_ns) &&
	    own.middle_ns <= sat_sub(shared->high_ns, margin_ns);
}

/*
 * Set those aside that have departed from their habit when a majority has not,
 * or has in another way, as far as enough are left.
 */
static void
keep_habitual(struct survivors *v, uint32_t needed, enum select_state *state)
{
	struct survivors kept = { .in = v->in };
	struct interval shared;
	bool common = common_departure(v, needed, &shared);

	for (uint32_t k = 0; k < v->n; k++) {
		const struct select_input *in = &v->in[v->index[k]];

		if (common ? is_habitual(in, &shared) : !in->estranged)
			kept.index[kept.n++] = v->index[k];
	}
	if (kept.n < needed)
		return;
	for (uint32_t k = 0; k < v->n; k++)
		state[v->index[k]] = SELECT_ESTRANGED;
	for (uint32_t k = 0; k < kept.n; k++)
		state[kept.index[k]] = SELECT_CANDIDATE;
	*v = kept;
}

static double
sigma_ns(const struct select_input *in)
{
	double s = in->line.sigma_ns;

	return s > SIGMA_MIN_NS ? s : SIGMA_MIN_NS;
}

/* How far one survivor is from the others, in units of what is expected. */
static double
strangeness(const struct survivors *v, uint32_t k)
{
	const struct select_input *a = &v->in[v->index[k]];
	double seen = 0, expected = 0;

	for (uint32_t j = 0; j < v->n; j++) {
		const struct select_input *b = &v->in[v->index[j]];
		double d = (double)sat_sub(a->line.theta_ns, b->line.theta_ns);

		if (j == k)
			continue;
		seen += d * d;
		expected +=
		    sigma_ns(a) * sigma_ns(a) + sigma_ns(b) * sigma_ns(b);
	}
	return expected > 0 ? sqrt(seen / expected) : 0;
}

/* How far one survivor is from the others, RFC 5905's selection jitter. */
static double
remoteness(const struct survivors *v, uint32_t k)
{
	int64_t theta_ns = v->in[v->index[k]].line.theta_ns;
	double sum = 0;

	for (uint32_t j = 0; j < v->n; j++) {
		double d =
		    (double)sat_sub(theta_ns, v->in[v->index[j]].line.theta_ns);

		sum += d * d;
	}
	return sum;
}

/* RFC 5905 section 11.2.2, with each line's own standard deviation. */
static void
cluster(struct survivors *v, uint32_t keep, enum select_state *state)
{
	while (v->n > keep) {
		uint32_t worst = 0;

		for (uint32_t k = 1; k < v->n; k++)
			if (remoteness(v, k) > remoteness(v, worst))
				worst = k;
		if (strangeness(v, worst) <= CLUSTER_SIGMAS)
			break;
		state[v->index[worst]] = SELECT_OUTLIER;
		v->n--;
		for (uint32_t k = worst; k < v->n; k++)
			v->index[k] = v->index[k + 1];
	}
}

/* Smaller is better: lower strata first, then the nearer source. */
static int64_t
merit_ns(const struct select_input *in)
{
	return in->stratum * STRATUM_DISTANCE_NS + in->distance_ns;
}

/* The best survivor, or the last one while it is not clearly worse. */
static uint32_t
choose_peer(const struct survivors *v, int32_t last_peer)
{
	uint32_t best = v->index[0];
	const struct select_input *last;

	for (uint32_t k = 1; k < v->n; k++)
		if (merit_ns(&v->in[v->index[k]]) < merit_ns(&v->in[best]))
			best = v->index[k];
	for (uint32_t k = 0; k < v->n; k++) {
		if ((int64_t)v->index[k] != last_peer)
			continue;
		last = &v->in[v->index[k]];
		if (last->stratum <= v->in[best].stratum &&
		    last->distance_ns <=
			2 * v->in[best].distance_ns + PEER_CHANGE_SLACK_NS)
			return v->index[k];
	}
	return best;
}

/* What a line may be off and still be as good as any other, ns^2. */
static double
trust_ns2(const struct select_input *in)
{
	double guard = (double)in->distance_ns / WEIGHT_DISTANCE_PARTS;

	return sigma_ns(in) * sigma_ns(in) + guard * guard;
}

/*
 * The weighted median, counted from base: where half of the weight is, with
 * straight lines between the middles of each, so that it goes smoothly with the
 * weights.
 */
static double
median_ns(const struct survivors *v, int64_t base_ns)
{
	double at[SELECT_MAX], weight[SELECT_MAX], sum = 0, below = 0;
	uint32_t k;

	for (uint32_t n = 0; n < v->n; n++) {
		double d =
		    (double)sat_sub(v->in[v->index[n]].line.theta_ns, base_ns);

		for (k = n; k > 0 && at[k - 1] > d; k--) {
			at[k] = at[k - 1];
			weight[k] = weight[k - 1];
		}
		at[k] = d;
		weight[k] = v->weight[n];
		sum += v->weight[n];
	}
	for (k = 0; k < v->n - 1; k++) {
		double step = (weight[k] + weight[k + 1]) / 2;
		double left = sum / 2 - below - weight[k] / 2;

		if (left <= step)
			return at[k] +
			    real_max(left, 0) / step * (at[k + 1] - at[k]);
		below += weight[k];
	}
	return at[k];
}

/*
 * How much each counts: by what it knows, and less if it is off the others by
 * more than what is usual between sources, though its root distance allows it.
 */
static void
weigh(struct survivors *v)
{
	int64_t base_ns = v->in[v->index[0]].line.theta_ns;
	double middle_ns;

	for (uint32_t k = 0; k < v->n; k++)
		v->weight[k] = 1 / trust_ns2(&v->in[v->index[k]]);
	middle_ns = median_ns(v, base_ns);
	for (uint32_t k = 0; k < v->n; k++) {
		const struct select_input *in = &v->in[v->index[k]];
		double off = (double)sat_sub(in->line.theta_ns, base_ns);
		double more =
		    fabs(off - middle_ns) - WEIGHT_OFF * sqrt(trust_ns2(in));

		if (more > 0)
			v->weight[k] = 1 / (trust_ns2(in) + more * more);
	}
}

static double
slope_weight(const struct select_input *in)
{
	double s = in->line.slope_sigma;

	if (!(s > SLOPE_SIGMA_MIN))
		s = SLOPE_SIGMA_MIN;
	return 1 / (s * s);
}

/*
 * RFC 5905 section 11.2.3: the weighted mean, counted from the peer's line.
 * Returns how far the survivors are from it (RMS).
 */
static double
combine_offset(const struct survivors *v, int64_t base_ns, struct estimate *out)
{
	double sum_w = 0, sum = 0, square = 0, var = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		const struct select_input *in = &v->in[v->index[k]];
		double d = (double)sat_sub(in->line.theta_ns, base_ns);
		double w = v->weight[k], s = sigma_ns(in);

		sum_w += w;
		sum += w * d;
		square += w * d * d;
		var += w * w * s * s;
	}
	sum /= sum_w;
	square = square / sum_w - sum * sum;
	if (!(square > 0))
		square = 0;
	out->theta_ns = sat_add(base_ns, sat_from_double(real_round(sum)));
	out->sigma_ns = sqrt(var / (sum_w * sum_w) + square / v->n);
	return sqrt(square);
}

static void
combine_slope(const struct survivors *v, struct estimate *out)
{
	double sum_w = 0, sum = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		const struct select_input *in = &v->in[v->index[k]];
		double w = slope_weight(in);

		sum_w += w;
		sum += w * in->line.slope;
	}
	out->slope = sum / sum_w;
	out->slope_sigma = sqrt(1 / sum_w);
}

/*
 * A leap second needs a majority of those that agree, outliers included (of the
 * few that are combined one that is wrong may be half), and so does that there
 * is none: where neither has one, nothing changes.
 */
static uint8_t
leap_majority(const struct survivors *v)
{
	uint32_t votes[4] = { 0, 0, 0, 0 };

	for (uint32_t k = 0; k < v->n; k++)
		votes[v->in[v->index[k]].leap & 3]++;
	for (uint8_t leap = 0; leap < LEAP_UNKNOWN; leap++)
		if (2 * votes[leap] > v->n)
			return leap;
	return LEAP_UNKNOWN;
}

static void
fill_output(const struct survivors *v, uint32_t peer, struct select_output *out)
{
	const struct select_input *p = &v->in[peer];
	double spread_ns = combine_offset(v, p->line.theta_ns, &out->line);
	int64_t shift_ns = sat_sub(out->line.theta_ns, p->line.theta_ns);
	int64_t extra_ns = sat_add(sat_from_double(real_ceil(spread_ns)),
	    shift_ns < 0 ? sat_sub(0, shift_ns) : shift_ns);

	combine_slope(v, &out->line);
	out->line.at = p->line.at;
	out->agreed = true;
	out->selected = v->n;
	out->peer = (int32_t)peer;
	out->stratum = (uint8_t)(p->stratum + 1);
	out->root_delay_ns = p->root_delay_ns;
	out->root_dispersion_ns = sat_add(p->root_dispersion_ns, extra_ns);
	out->distance_ns = sat_add(p->distance_ns, extra_ns);
}

void
select_sources(const struct select_input *in, uint32_t n, uint32_t configured,
    uint32_t min_sources, int32_t last_peer, enum select_state *state,
    struct select_output *out)
{
	struct survivors v = { .in = in };
	struct interval shared;
	uint32_t keep;

	memset(out, 0, sizeof(*out));
	out->peer = -1;
	out->stratum = STRATUM_NONE;
	out->leap = LEAP_UNKNOWN;
	gather_voters(&v, n, state);
	out->needed = votes_needed(v.n, configured, min_sources);
	if (v.n == 0 || !intersect(&v, &shared, &out->agreeing))
		return;
	keep_truechimers(&v, &shared, state);
	out->agreeing = v.n;
	if (v.n < out->needed)
		return;
	keep_habitual(&v, out->needed, state);
	out->agreeing = v.n;
	out->leap = leap_majority(&v);
	keep = out->needed > CLUSTER_MIN ? out->needed : CLUSTER_MIN;
	cluster(&v, keep, state);
	weigh(&v);
	for (uint32_t k = 0; k < v.n; k++) {
		state[v.index[k]] = SELECT_SELECTED;
		out->weight[v.index[k]] = v.weight[k];
	}
	fill_output(&v, choose_peer(&v, last_peer), out);
}
