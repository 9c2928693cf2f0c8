/*
 * One time from many sources, see select.h.  Run by ntp-net.  It must never
 * combine a source that the majority does not agree with, and never agree
 * without a majority.
 */
#include "core/select/select.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"
#include "core/select/bias_vote.h"
#include "core/select/interval.h"

#define CLUSTER_MIN 3 /* RFC 5905 section 11.2.2: NMIN */

/*
 * Clustering discards a survivor while its RMS distance from the others is more
 * than CLUSTER_SIGMAS times what their standard deviations explain.
 */
#define CLUSTER_SIGMAS 2.0

/*
 * The error that gives a line its weight is at least its root distance divided
 * by WEIGHT_DISTANCE_PARTS: an asymmetric path does not show in sigma.
 */
#define WEIGHT_DISTANCE_PARTS 16.0

/*
 * A line that is farther from the median than WEIGHT_OFF times its error loses
 * weight in proportion.
 */
#define WEIGHT_OFF 2.0

#define STRATUM_DISTANCE_NS  NS_PER_S /* RFC 5905 section 11.2.3: MAXDIST */
#define PEER_CHANGE_SLACK_NS NS_PER_MS
#define SIGMA_MIN_NS	     1.0
#define SLOPE_SIGMA_MIN	     1e-12

/* The state of select_sources(): indices into in[], best first. */
struct survivors {
	const struct select_input *in;
	uint32_t index[SELECT_MAX];
	double weight[SELECT_MAX]; /* in the combination, 1/ns^2 */
	uint32_t n;
};

/* The interval of the true time, by a source's root distance. */
static struct interval
root_interval(const struct select_input *in)
{
	int64_t at_ns = in->line.theta_ns;

	return (struct interval){ sat_sub(at_ns, in->distance_ns), at_ns,
		sat_add(at_ns, in->distance_ns) };
}

/*
 * RFC 5905 section 11.2.1.  The rule about middles finds nothing if a near
 * source with a narrow interval stands among far ones whose middles lie outside
 * of it, although all of them are right.  Then the majority alone counts.
 */
static bool
intersect(const struct survivors *v, struct interval *shared, uint32_t *most)
{
	struct intervals all = { .n = 0 };

	for (uint32_t k = 0; k < v->n; k++) {
		struct interval i = root_interval(&v->in[v->index[k]]);

		intervals_add(&all, &i);
	}
	*most = intervals_most(&all, &shared->low_ns);
	return intervals_share(&all, true, shared) ||
	    intervals_share(&all, false, shared);
}

/* Collect the sources that have a vote, and set the state of the others. */
static void
gather_voters(struct survivors *v, uint32_t n, enum select_state *state)
{
	v->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (select_votes(&v->in[i])) {
			state[i] = SELECT_CANDIDATE;
			v->index[v->n++] = i;
		} else {
			state[i] = v->in[i].usable ? SELECT_TOO_FAR
						   : SELECT_NOT_USABLE;
		}
	}
}

/* Keep only the voters whose interval overlaps the shared one. */
static void
keep_truechimers(struct survivors *v, const struct interval *shared,
    enum select_state *state)
{
	uint32_t kept = 0;

	for (uint32_t k = 0; k < v->n; k++) {
		uint32_t i = v->index[k];
		struct interval own = root_interval(&v->in[i]);

		if (!interval_touch(&own, shared))
			state[i] = SELECT_FALSETICKER;
		else
			v->index[kept++] = i;
	}
	v->n = kept;
}

static double
sigma_ns(const struct select_input *in)
{
	return fmath_max(in->line.sigma_ns, SIGMA_MIN_NS);
}

/*
 * The distance of a survivor from the others, in units of the expected
 * distance.
 */
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

/* The distance of a survivor from the others: RFC 5905's selection jitter. */
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

/*
 * Clustering, RFC 5905 section 11.2.2, with each line's own standard deviation.
 */
static void
cluster(struct survivors *v, uint32_t keep, enum select_state *state)
{
	while (v->n > keep) {
		uint32_t worst = 0;
		double most = remoteness(v, 0);

		for (uint32_t k = 1; k < v->n; k++) {
			double own = remoteness(v, k);

			if (own > most) {
				most = own;
				worst = k;
			}
		}
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

/* The best survivor, or the last peer unless it is clearly worse. */
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

/* How far off a line may be without losing weight, ns^2. */
static double
trust_ns2(const struct select_input *in)
{
	double guard = (double)in->distance_ns / WEIGHT_DISTANCE_PARTS;

	return sigma_ns(in) * sigma_ns(in) + guard * guard;
}

/*
 * The weighted median, from base_ns: the point with half of the weight on each
 * side, interpolated linearly between the lines' middles, so that it is
 * continuous in the weights.
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
			    fmath_max(left, 0) / step * (at[k + 1] - at[k]);
		below += weight[k];
	}
	return at[k];
}

/*
 * Set the weight of each survivor by its error, and less if it is farther from
 * the others than usual, although its root distance allows it.
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
	double s = fmath_max(in->line.slope_sigma, SLOPE_SIGMA_MIN);

	return 1 / (s * s);
}

/*
 * RFC 5905 section 11.2.3: the weighted mean, from the peer's line.  Returns
 * the RMS distance of the survivors from it.
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
	square = fmath_max(square / sum_w - sum * sum, 0);
	out->theta_ns = sat_add(base_ns, fmath_to_int64(fmath_round(sum)));
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
 * The leap indicator needs a majority of the sources that agree, for a leap
 * second as well as for none; without a majority nothing changes.  Outliers of
 * clustering count, too: of the few that are combined, a wrong one may be half.
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
	int64_t extra_ns =
	    sat_add(fmath_to_int64(fmath_ceil(spread_ns)), sat_abs(shift_ns));

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
select_sources(const struct select_input *in, uint32_t n, uint32_t least,
    int32_t last_peer, enum select_state *state, struct select_output *out)
{
	struct survivors v = { .in = in };
	struct interval shared;
	uint32_t keep;

	memset(out, 0, sizeof(*out));
	out->peer = -1;
	out->stratum = STRATUM_NONE;
	out->leap = LEAP_UNKNOWN;
	gather_voters(&v, n, state);
	out->votes = v.n;
	out->needed = least > v.n / 2 + 1 ? least : v.n / 2 + 1;
	if (v.n == 0 || !intersect(&v, &shared, &out->agreeing))
		return;
	keep_truechimers(&v, &shared, state);
	out->agreeing = v.n;
	if (v.n < out->needed)
		return;
	v.n = bias_vote(in, v.index, v.n, out->needed, state);
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
