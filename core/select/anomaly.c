/*
 * Anomalies, see anomaly.h.  Run by ntp-net.  One source, or fewer than must
 * agree, must never be able to make a jump of the time line.
 */
#include "core/select/anomaly.h"

#include <math.h>

#include "core/saturate.h"

#define LINE_LEAPS		 5.0  /* standard deviations */
#define SLOPE_SIGMAS		 3.0  /* the same */
#define SLOPE_LEAST		 5e-9 /* stamps of a busy machine; a fraction */
#define WITNESSES_LEAST		 2    /* of a jump: one is never enough */
#define UNCLEAR_SIGMAS		 1.5  /* half of what excludes a source */
#define ROUND_LONGEST		 3 /* times its length if no answer is lost */
#define ROUNDS_MOST		 4
#define INVESTIGATION_GAP_NS	 (64 * NS_PER_S)
#define INVESTIGATION_GAP_MAX_NS (8192 * NS_PER_S)

/*
 * Take the distance of new measurements from the last agreed line into the
 * biases.  Outliers are measurements, too.
 */
static void
note_biases(const struct agreement *a, struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		const struct voter *s = &v->of[k];
		const struct source *from = s->source;
		const struct observation *o = estimator_last(&from->estimator);
		double noise_ns2 =
		    o->noise.half_ns * o->noise.half_ns + o->noise.variance;
		struct estimate line;

		if ((!s->fresh && !s->alarm) || !(noise_ns2 > 0))
			continue;
		line = estimate_at(&a->last.line, from->updated_at);
		bias_take(s->bias, (double)sat_sub(o->theta_ns, line.theta_ns),
		    noise_ns2 + line.sigma_ns * line.sigma_ns,
		    from->updated_at);
	}
}

static void
interrupt_biases(struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++)
		bias_interrupted(v->of[k].bias);
}

/* --- jumps of the time line ----------------------------------------------- */

/*
 * A witness: its answer was an outlier that the path cannot explain, even if
 * all of the delay were in one direction.
 */
static bool
is_witness(const struct voter *v)
{
	const struct source *s = v->source;

	return !v->smeared && s->outlier && s->reach != 0 &&
	    s->query != QUERY_DENIED && sat_abs(s->offset_ns) > s->delay_ns;
}

/* Each of the two may be off by half of its round trip. */
static bool
same_leap(const struct source *a, const struct source *b)
{
	int64_t apart_ns = sat_abs(sat_sub(a->offset_ns, b->offset_ns));

	return apart_ns <= sat_add(a->delay_ns, b->delay_ns) / 2;
}

/* The number of witnesses that saw the same jump as this one. */
static uint32_t
count_witnesses(const struct voters *v, const struct source *of)
{
	uint32_t count = 0;

	for (uint32_t k = 0; k < v->count; k++)
		count +=
		    is_witness(&v->of[k]) && same_leap(of, v->of[k].source);
	return count;
}

/*
 * The witness with the shortest round trip among those that enough others
 * confirm; NULL if there is no jump.
 */
static const struct source *
find_leap(const struct voters *v, uint32_t least)
{
	const struct source *best = NULL;

	if (least < WITNESSES_LEAST)
		least = WITNESSES_LEAST;
	for (uint32_t k = 0; k < v->count; k++) {
		const struct source *s = v->of[k].source;

		if (is_witness(&v->of[k]) &&
		    (best == NULL || s->delay_ns < best->delay_ns) &&
		    count_witnesses(v, s) >= least)
			best = s;
	}
	return best;
}

static int64_t
note_leap(struct agreement *a, struct voters *v)
{
	const struct source *s = find_leap(v, a->last.needed);
	int64_t by_ns;
	double sigma_ns;

	if (s == NULL)
		return 0;
	by_ns = s->offset_ns;
	sigma_ns = (double)s->delay_ns / 2;
	for (uint32_t k = 0; k < v->count; k++)
		source_leapt(v->of[k].source, by_ns, sigma_ns);
	interrupt_biases(v);
	agreement_shift(a, by_ns);
	joint_stop(&a->joint);
	return by_ns;
}

int64_t
anomaly_measurements(struct agreement *a, struct voters *v)
{
	if (!a->ever)
		return 0;
	note_biases(a, v);
	return note_leap(a, v);
}

/* --- investigations ------------------------------------------------------- */

/* Does a source that is believed show something unpredicted? */
static bool
any_alarm(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++)
		if (v->of[k].alarm && !v->in[k].deviating &&
		    v->state[k] != SELECT_NOT_USABLE &&
		    v->state[k] != SELECT_FALSETICKER)
			return true;
	return false;
}

/* Does a source that was believed deviate from its bias? */
static bool
any_deviating(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++)
		if (v->state[k] == SELECT_DEVIATING && !v->in[k].deviating)
			return true;
	return false;
}

/* Does the clock of a selected source run faster or slower than the others'? */
static bool
any_slope(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		double sum_w = 0, sum = 0;
		double sigma = v->in[k].line.slope_sigma;

		if (v->state[k] != SELECT_SELECTED)
			continue;
		for (uint32_t j = 0; j < v->count; j++) {
			double s = v->in[j].line.slope_sigma;

			if (j == k || v->state[j] != SELECT_SELECTED)
				continue;
			sum_w += 1 / (s * s);
			sum += v->in[j].line.slope / (s * s);
		}
		if (sum_w > 0 &&
		    fabs(v->in[k].line.slope - sum / sum_w) > SLOPE_SIGMAS *
			    sqrt(sigma * sigma + 1 / sum_w +
				SLOPE_LEAST * SLOPE_LEAST))
			return true;
	}
	return false;
}

/* Open an investigation; false if it is too soon after another one. */
static bool
open_investigation(struct investigation *d, struct voters *v, struct mono now)
{
	if (now.ns < d->next.ns)
		return false;
	if (sat_sub(now.ns, d->next.ns) > INVESTIGATION_GAP_MAX_NS)
		d->gap_ns = 0; /* it was quiet for a long time */
	d->open = true;
	d->rounds = 1;
	d->since = now;
	interrupt_biases(v);
	return true;
}

/* How long the queries of one round take with the slowest source, ns. */
static int64_t
round_ns(const struct voters *v)
{
	int64_t longest_ns = 0;

	for (uint32_t k = 0; k < v->count; k++) {
		int64_t own_ns = (((SOURCE_BURST - 1) * NS_PER_S)
				     << v->of[k].source->poll.rate_limit_log2) +
		    (SOURCE_BURST - 1) * SOURCE_DITHER_NS;

		if (own_ns > longest_ns)
			longest_ns = own_ns;
	}
	return longest_ns;
}

/*
 * Have all sources that matter answered often enough since the round began, or
 * had enough time for it?
 */
static bool
is_ripe(const struct investigation *d, const struct voters *v, struct mono now)
{
	int64_t passed_ns = sat_sub(now.ns, d->since.ns);
	int64_t least_ns = round_ns(v);

	if (passed_ns >= ROUND_LONGEST * least_ns)
		return true;
	for (uint32_t k = 0; k < v->count; k++) {
		const struct source *s = v->of[k].source;

		/*
		 * One that has jumped has no vote for a while, but will have.
		 */
		if (s->reach != 0 && s->query != QUERY_DENIED &&
		    !v->in[k].deviating &&
		    (!v->in[k].usable || !v->in[k].has_bias))
			return false;
	}
	return passed_ns >= least_ns;
}

/* Do two sources deviate in different ways, but not yet beyond doubt? */
static bool
is_unclear(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		const struct select_input *a = &v->in[k];

		for (uint32_t j = 0; j < k; j++) {
			const struct select_input *b = &v->in[j];

			if (a->has_bias && b->has_bias && !a->deviating &&
			    !b->deviating &&
			    fabs(a->deviation_ns - b->deviation_ns) >
				UNCLEAR_SIGMAS *
				    (a->deviation_sigma_ns +
					b->deviation_sigma_ns))
				return true;
		}
	}
	return false;
}

static void
close_investigation(struct investigation *d, bool for_nothing, struct mono now)
{
	d->open = false;
	d->gap_ns =
	    sat_clamp(for_nothing ? 4 * d->gap_ns : INVESTIGATION_GAP_NS,
		INVESTIGATION_GAP_NS, INVESTIGATION_GAP_MAX_NS);
	d->next.ns = sat_add(now.ns, d->gap_ns);
}

/*
 * A round is over.  Returns true if the result is unclear and another round
 * begins; otherwise the investigation ends.
 */
static bool
next_round(struct investigation *d, const struct voters *v, bool deviation,
    struct mono now)
{
	if (deviation || !is_unclear(v) || d->rounds >= ROUNDS_MOST) {
		close_investigation(d, !deviation, now);
		return false;
	}
	d->rounds++;
	d->since = now;
	return true;
}

struct anomaly
anomaly_selected(struct agreement *a, struct voters *v, struct mono now)
{
	struct investigation *d = &a->investigation;
	struct anomaly is = { false, false };
	bool deviation = any_deviating(v);

	if (d->open && is_ripe(d, v, now)) {
		is.ask = next_round(d, v, deviation, now);
		return is;
	}
	if (!d->open && (deviation || any_alarm(v) || any_slope(v)))
		is.ask = open_investigation(d, v, now);
	for (uint32_t k = 0; k < v->count && deviation; k++)
		v->in[k].has_bias = v->in[k].has_bias && v->in[k].deviating;
	is.again = deviation;
	return is;
}

void
anomaly_line(const struct agreement *a, struct voters *v, struct mono now)
{
	struct estimate old = estimate_at(&a->last.line, now);
	double by_ns = (double)sat_sub(a->now.line.theta_ns, old.theta_ns);
	double sigma_ns = sqrt(old.sigma_ns * old.sigma_ns +
	    a->now.line.sigma_ns * a->now.line.sigma_ns);

	if (!a->ever || fabs(by_ns) <= LINE_LEAPS * sigma_ns)
		return;
	for (uint32_t k = 0; k < v->count; k++)
		bias_line_moved(v->of[k].bias, by_ns);
}
