/*
 * The filter bank, see filter_bank.h.  Run by ntp-net.  Whatever a server says,
 * the bank must never hold a NaN or a covariance that is not positive.
 *
 * The state is an offset and a slope (ns/s).  The offset is in ns from an
 * integer base, so that no double has to hold a whole time of day.
 */
#include "core/filter/filter_bank.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"

#define SLOPE_UNKNOWN	 500e-6
#define SLOPE_MAX_PPB	 2e7 /* no clock is farther off */
#define SLOPE_MIN_SIGMA	 1e-12
#define VARIANCE_MIN_NS2 1e-6
#define VARIANCE_MAX_NS2 1e36 /* 30 years */
#define HALF_MAX_NS	 1e18
#define TILT_MAX	 1e3

/*
 * Wander of each member, ns/s per square root of a second: 1e-10 to 1e-7. Tuned
 * with tests/sim/ESTIMATOR, "The filters".
 */
static const double member_wander[FILTER_BANK_MEMBERS] = { 0.1, 0.316, 1, 3.16,
	10, 31.6, 100 };
/* White frequency noise of all members, ns per square root of a second. */
#define WHITE_NS 0.3

#define WEIGHT_LEAST (-7.0) /* a logarithm */

/* An outlier is tested against the member that allows the most wander. */
#define GATE_EARLY_COUNT  4
#define GATE_EARLY_SIGMAS 10.0
#define GATE_SIGMAS	  6.0
#define OUTLIERS_RESTART  4

/*
 * An offset known to ENOUGH_NS need not be known better tomorrow than today. No
 * program reads a clock of this machine better than READING_NS.  Both are from
 * tests/sim/ESTIMATOR, "The poll".
 */
#define ENOUGH_NS  470.0
#define READING_NS 150.0

/* A restart widens the slope's sigma by this factor and adds this much. */
#define RESTART_WIDEN	3.0
#define RESTART_ADD_PPB 1000.0

/* Keep a covariance positive and finite in spite of rounding. */
static void
cov_repair(double cov[3])
{
	double limit;

	cov[0] = fmath_clamp(cov[0], VARIANCE_MIN_NS2, VARIANCE_MAX_NS2);
	cov[2] = fmath_clamp(cov[2], 1e-9, fmath_square(SLOPE_MAX_PPB));
	limit = 0.999999 * sqrt(cov[0] * cov[2]);
	cov[1] = fmath_clamp(cov[1], -limit, limit);
}

/*
 * Move the state by dt_s, either way: the offset follows the slope, and both
 * wander.
 */
static void
advance(struct gauss *g, double wander, double dt_s)
{
	double t = fabs(dt_s), q = fmath_square(wander);
	double sign = dt_s < 0 ? -1 : 1;

	g->offset_ns += g->slope_ppb * dt_s;
	g->cov[0] += 2 * dt_s * g->cov[1] + fmath_square(dt_s) * g->cov[2] +
	    q * t * t * t / 3 + fmath_square(WHITE_NS) * t;
	g->cov[1] += dt_s * g->cov[2] + sign * q * t * t / 2;
	g->cov[2] += q * t;
	cov_repair(g->cov);
}

/* The mean and covariance of all members together, dt_s after the state. */
static struct gauss
mixture(const struct filter_bank *b, double dt_s)
{
	struct gauss parts[FILTER_BANK_MEMBERS] = { 0 }, mix = { 0 };

	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		parts[k] = b->members[k].line;
		advance(&parts[k], member_wander[k], dt_s);
		mix.offset_ns += b->members[k].weight * parts[k].offset_ns;
		mix.slope_ppb += b->members[k].weight * parts[k].slope_ppb;
	}
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		double w = b->members[k].weight;
		double x = parts[k].offset_ns - mix.offset_ns;
		double f = parts[k].slope_ppb - mix.slope_ppb;

		mix.cov[0] += w * (parts[k].cov[0] + x * x);
		mix.cov[1] += w * (parts[k].cov[1] + x * f);
		mix.cov[2] += w * (parts[k].cov[2] + f * f);
	}
	cov_repair(mix.cov);
	return mix;
}

/*
 * Compute the weights from the logarithms, after shifting those to at most 0.
 */
static void
weights_normalise(struct filter_bank *b)
{
	double best = b->members[0].log_weight, sum = 0;

	for (int k = 1; k < FILTER_BANK_MEMBERS; k++)
		best = fmath_max(best, b->members[k].log_weight);
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		struct filter_bank_member *m = &b->members[k];

		m->log_weight =
		    fmath_clamp(m->log_weight - best, WEIGHT_LEAST, 0);
		m->weight = fmath_exp(m->log_weight);
		sum += m->weight;
	}
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
		b->members[k].weight /= sum;
}

/* Make all members the same and equally likely. */
static void
set_all(struct filter_bank *b, const struct gauss *line)
{
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		b->members[k].line = *line;
		b->members[k].log_weight = 0;
	}
	weights_normalise(b);
}

void
filter_bank_init(
    struct filter_bank *b, double slope, double slope_sigma, double memory)
{
	struct gauss g = { 0 };

	memset(b, 0, sizeof(*b));
	b->memory = memory;
	if (!(slope_sigma > 0) || !isfinite(slope)) {
		slope_sigma = SLOPE_UNKNOWN;
		slope = isfinite(slope) ? slope : 0;
	}
	g.slope_ppb = fmath_clamp(slope * 1e9, -SLOPE_MAX_PPB, SLOPE_MAX_PPB);
	g.cov[2] = fmath_square(fmath_max(slope_sigma, SLOPE_MIN_SIGMA) * 1e9);
	cov_repair(g.cov);
	set_all(b, &g);
}

/* Restart at this observation, with what is known of the slope. */
static void
restart(struct filter_bank *b, const struct observation *o,
    const struct gauss *slope)
{
	struct gauss g = { 0, slope->slope_ppb,
		{ fmath_square(noise_sigma_ns(&o->noise)), 0, slope->cov[2] } };

	cov_repair(g.cov);
	set_all(b, &g);
	b->at = o->at;
	b->theta_ns = o->theta_ns;
	b->count = 1;
	b->outliers = 0;
	b->innovation_ns = 0;
}

/*
 * Is the observation so far from every member's prediction that it is an
 * outlier?  The member that allows the most wander decides.
 */
static bool
is_outlier(const struct filter_bank *b, double dt_s, const struct gauss *mix,
    const struct noise *noise)
{
	struct gauss wide = b->members[FILTER_BANK_MEMBERS - 1].line;
	double gate =
	    b->count < GATE_EARLY_COUNT ? GATE_EARLY_SIGMAS : GATE_SIGMAS;

	advance(&wide, member_wander[FILTER_BANK_MEMBERS - 1], dt_s);
	return fmath_square(b->innovation_ns) > fmath_square(gate) *
	    (fmath_max(wide.cov[0], mix->cov[0]) +
		fmath_square(noise_sigma_ns(noise)));
}

/* Count an outlier; true if it is one too many on the same side. */
static bool
outlier_counts(struct filter_bank *b)
{
	bool above = b->innovation_ns > 0;

	if (b->outliers > 0 && above != b->outlier_above)
		b->outliers = 0;
	b->outlier_above = above;
	b->outliers++;
	return b->outliers >= OUTLIERS_RESTART || b->count < GATE_EARLY_COUNT;
}

/*
 * Update one member; its likelihood counts.  The posterior of a normal prior
 * and a box with soft edges is replaced by the normal distribution with the
 * same mean and covariance (assumed density filtering: Maybeck 1982, section
 * 12.7).  Without a box this is the Kalman filter.
 */
static void
member_update(struct filter_bank_member *m, double wander, double dt_s,
    double seen_ns, const struct noise *noise, double memory)
{
	struct gauss *g = &m->line;
	double s, kept;
	struct noise_score score;

	advance(g, wander, dt_s);
	s = g->cov[0] + noise->variance;
	score = noise_score(noise, seen_ns - g->offset_ns, g->cov[0]);
	kept = fmath_clamp(
	    1 - g->cov[0] * score.curvature, noise->variance / s, 1);
	g->offset_ns += g->cov[0] * score.gradient;
	g->slope_ppb = fmath_clamp(g->slope_ppb + g->cov[1] * score.gradient,
	    -SLOPE_MAX_PPB, SLOPE_MAX_PPB);
	/* (1 - kept) / cov[0] is the curvature; the rest stays > 0. */
	g->cov[2] -= fmath_square(g->cov[1]) * (1 - kept) / g->cov[0];
	g->cov[0] *= kept;
	g->cov[1] *= kept;
	cov_repair(g->cov);
	m->log_weight = m->log_weight * memory + score.log_likelihood;
}

/* Members that have lost continue from the mean of all members. */
static void
losers_follow(struct filter_bank *b)
{
	struct gauss mix = mixture(b, 0);

	for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
		if (b->members[k].log_weight <= WEIGHT_LEAST)
			b->members[k].line = mix;
}

/* Bring the members' offsets back to small numbers. */
static void
rebase(struct filter_bank *b)
{
	int64_t shift_ns = fmath_to_int64(fmath_round(mixture(b, 0).offset_ns));

	b->theta_ns = sat_add(b->theta_ns, shift_ns);
	filter_bank_move(b, -(double)shift_ns);
}

static void
take(struct filter_bank *b, const struct observation *o, double dt_s,
    struct gauss *predicted)
{
	struct filter_bank before = *b;
	double seen_ns = (double)sat_sub(o->theta_ns, b->theta_ns);

	b->at = o->at;
	b->outliers = 0;
	b->count++;
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
		member_update(&b->members[k], member_wander[k], dt_s, seen_ns,
		    &o->noise, b->memory);
	weights_normalise(b);
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
		before.members[k].weight = b->members[k].weight;
	*predicted = mixture(&before, dt_s);
	losers_follow(b);
	rebase(b);
}

enum filter_bank_result
filter_bank_update(struct filter_bank *b, const struct observation *from,
    struct gauss *predicted)
{
	struct observation o = *from;
	double dt_s;
	struct gauss mix;

	memset(predicted, 0, sizeof(*predicted));
	o.noise.half_ns = fmath_clamp(o.noise.half_ns, 0, HALF_MAX_NS);
	o.noise.variance =
	    fmath_clamp(o.noise.variance, VARIANCE_MIN_NS2, VARIANCE_MAX_NS2);
	noise_tilt(&o.noise, fmath_clamp(o.noise.tilt, -TILT_MAX, TILT_MAX));
	if (b->count == 0) {
		restart(b, &o, &b->members[0].line);
		return FILTER_BANK_USED;
	}
	if (o.at.ns < b->at.ns)
		return FILTER_BANK_OLD;
	dt_s = (double)sat_sub(o.at.ns, b->at.ns) / 1e9;
	mix = mixture(b, dt_s);
	b->innovation_ns =
	    (double)sat_sub(o.theta_ns, b->theta_ns) - mix.offset_ns;
	if (!is_outlier(b, dt_s, &mix, &o.noise)) {
		take(b, &o, dt_s, predicted);
		return FILTER_BANK_USED;
	}
	if (!outlier_counts(b))
		return FILTER_BANK_OUTLIER;
	mix.cov[2] = mix.cov[2] * fmath_square(RESTART_WIDEN) +
	    fmath_square(RESTART_ADD_PPB);
	restart(b, &o, &mix);
	return FILTER_BANK_RESTARTED;
}

struct gauss
filter_bank_line(const struct filter_bank *b, struct mono at)
{
	if (b->count == 0)
		return (struct gauss){ 0 };
	return mixture(b, (double)sat_sub(at.ns, b->at.ns) / 1e9);
}

/*
 * Members that have lost keep the minimum weight, so that they can come back
 * when the oscillator changes.  Over an interval, their wander may be nearly
 * the whole growth.  Where the offset is known well enough, such a change may
 * wait for the next query.
 */
double
filter_bank_growth(const struct filter_bank *b, double dt_s)
{
	double here = mixture(b, 0).cov[0], sum = 0, then = 0;

	if (here >= fmath_square(ENOUGH_NS))
		return sqrt(mixture(b, dt_s).cov[0] / here);
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		const struct filter_bank_member *m = &b->members[k];
		double w = fmath_exp(m->log_weight) - fmath_exp(WEIGHT_LEAST);
		struct gauss g = m->line;

		advance(&g, member_wander[k], dt_s);
		sum += w;
		then += w * g.cov[0];
	}
	then = fmath_max(then / sum, here);
	return sqrt(fmath_max(then, fmath_square(READING_NS)) /
	    fmath_max(here, fmath_square(READING_NS)));
}

void
filter_bank_move(struct filter_bank *b, double by_ns)
{
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
		b->members[k].line.offset_ns += by_ns;
}

void
filter_bank_loosen(struct filter_bank *b, double sigma_ns)
{
	double add = fmath_square(fmath_clamp(sigma_ns, 0, 1e18));

	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		b->members[k].line.cov[0] += add;
		cov_repair(b->members[k].line.cov);
	}
}
