/*
 * A bank of Kalman filters for one source.  Run by ntp-net; whatever a server
 * says, it must never hold a NaN, nor a covariance that is not positive.
 *
 * The state is offset (ns, from an integer base, so that no double holds a
 * whole time of day) and slope (ns/s).  Each member supposes another wander of
 * the frequency (random walk); members are weighted by how well they foretell.
 *
 * The noise of a measurement follows from its round trip: with both directions
 * alike and s the excess over the floor, the error is uniform on +-s/2, which
 * is a variance of s^2/12.  What innovations show beyond that is learned.
 */
#include "estimator.h"

#include <math.h>
#include <string.h>

#include "real.h"
#include "saturate.h"

#define SLOPE_UNKNOWN	   500e-6
#define SLOPE_MAX_PPB	   2e7 /* clocks that are farther off do not exist */
#define SLOPE_MIN_SIGMA	   1e-12
#define SIGMA_START_MIN_NS 100.0
#define NOISE_MIN_NS	   2.0	/* reading a clock cannot be better */
#define VARIANCE_MAX_NS2   1e36 /* 30 years */

/* Wander of each member, ns/s per square root of a second: 1e-10 to 1e-7. */
static const double member_wander[ESTIMATOR_MEMBERS] = { 0.1, 0.316, 1, 3.16,
	10, 31.6, 100 };
/* White frequency noise of all of them, ns per square root of a second. */
#define WHITE_NS 0.3

/* The bank: the least weight (a logarithm). */
#define WEIGHT_LEAST   (-7.0)
#define SURPRISE_LIMIT 30.0 /* of the square of a normalised innovation */

/* Learning the noise that round trips do not explain. */
#define NOISE_GAIN     (1.0 / 32)
#define NOISE_SURPRISE 9.0
#define JITTER_GAIN    (1.0 / 8)

/* Learning the skew, which goes back to 0 in so many measurements. */
#define SKEW_SIGMA  0.2
#define SKEW_MEMORY 4096.0
#define SKEW_SIGMAS 2.0 /* that are nothing yet */
#define SKEW_MAX    0.4999

/* Outliers, against the member that allows most. */
#define GATE_EARLY_COUNT  4
#define GATE_EARLY_SIGMAS 10.0
#define GATE_SIGMAS	  6.0
#define OUTLIERS_RESTART  4

/* A restart leaves the slope less certain, so many times and by this. */
#define RESTART_WIDEN	3.0
#define RESTART_ADD_PPB 1000.0

/* As the clock filter of RFC 5905 section 10. */
#define RECENT_DELAYS 8

/*
 * Round trips in a row far above the floor are a new route: 8 of them by four
 * times the mean excess, 16 by twice, 32 by once.
 */
#define ROUTE_COUNT  8
#define ROUTE_EXCESS 32.0

/* A line with its covariance at a moment: one member, or the mixture. */
struct gauss {
	double offset_ns;
	double slope_ppb;
	double cov[3];
};

static double
clamp(double v, double low, double high)
{
	if (!(v > low))
		return low;
	return v < high ? v : high;
}

static double
square(double v)
{
	return v * v;
}

/* Keep a covariance positive and finite whatever rounding did to it. */
static void
cov_repair(double cov[3])
{
	double limit;

	cov[0] = clamp(cov[0], 1e-6, VARIANCE_MAX_NS2);
	cov[2] = clamp(cov[2], 1e-9, square(SLOPE_MAX_PPB));
	limit = 0.999999 * sqrt(cov[0] * cov[2]);
	cov[1] = clamp(cov[1], -limit, limit);
}

/* Let dt_s pass, either way: the offset follows the slope, both wander. */
static void
advance(struct gauss *g, double wander, double dt_s)
{
	double t = fabs(dt_s), q = square(wander);
	double sign = dt_s < 0 ? -1 : 1;

	g->offset_ns += g->slope_ppb * dt_s;
	g->cov[0] += 2 * dt_s * g->cov[1] + square(dt_s) * g->cov[2] +
	    q * t * t * t / 3 + square(WHITE_NS) * t;
	g->cov[1] += dt_s * g->cov[2] + sign * q * t * t / 2;
	g->cov[2] += q * t;
	cov_repair(g->cov);
}

static struct gauss
member_gauss(const struct estimator_member *m)
{
	return (struct gauss){ m->offset_ns, m->slope_ppb,
		{ m->cov[0], m->cov[1], m->cov[2] } };
}

static void
member_set(struct estimator_member *m, const struct gauss *g)
{
	m->offset_ns = g->offset_ns;
	m->slope_ppb = clamp(g->slope_ppb, -SLOPE_MAX_PPB, SLOPE_MAX_PPB);
	memcpy(m->cov, g->cov, sizeof(m->cov));
}

/* The mean and covariance of all members together, dt_s after the state. */
static struct gauss
mixture(const struct estimator *e, double dt_s)
{
	struct gauss parts[ESTIMATOR_MEMBERS] = { 0 }, mix = { 0 };

	for (int k = 0; k < ESTIMATOR_MEMBERS; k++) {
		parts[k] = member_gauss(&e->members[k]);
		advance(&parts[k], member_wander[k], dt_s);
		mix.offset_ns += e->members[k].weight * parts[k].offset_ns;
		mix.slope_ppb += e->members[k].weight * parts[k].slope_ppb;
	}
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++) {
		double w = e->members[k].weight;
		double x = parts[k].offset_ns - mix.offset_ns;
		double f = parts[k].slope_ppb - mix.slope_ppb;

		mix.cov[0] += w * (parts[k].cov[0] + x * x);
		mix.cov[1] += w * (parts[k].cov[1] + x * f);
		mix.cov[2] += w * (parts[k].cov[2] + f * f);
	}
	cov_repair(mix.cov);
	return mix;
}

/* From the logarithms, which are brought back to at most 0 first. */
static void
weights_normalise(struct estimator *e)
{
	double best = e->members[0].log_weight, sum = 0;

	for (int k = 1; k < ESTIMATOR_MEMBERS; k++)
		best = real_max(best, e->members[k].log_weight);
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++) {
		struct estimator_member *m = &e->members[k];

		m->log_weight = clamp(m->log_weight - best, WEIGHT_LEAST, 0);
		m->weight = real_exp(m->log_weight);
		sum += m->weight;
	}
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		e->members[k].weight /= sum;
}

/* All members the same, all equally likely. */
static void
bank_set(struct estimator *e, const struct gauss *g)
{
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++) {
		member_set(&e->members[k], g);
		e->members[k].log_weight = 0;
	}
	weights_normalise(e);
}

void
estimator_init(struct estimator *e, double slope, double slope_sigma)
{
	struct gauss g = { 0 };

	memset(e, 0, sizeof(*e));
	if (!(slope_sigma > 0) || !isfinite(slope)) {
		slope_sigma = SLOPE_UNKNOWN;
		slope = isfinite(slope) ? slope : 0;
	}
	g.slope_ppb = clamp(slope * 1e9, -SLOPE_MAX_PPB, SLOPE_MAX_PPB);
	g.cov[2] = square(real_max(slope_sigma, SLOPE_MIN_SIGMA) * 1e9);
	cov_repair(g.cov);
	bank_set(e, &g);
}

/* The ring's floor over its newest n entries. */
static int64_t
newest_floor_ns(const struct estimator *e, uint32_t n)
{
	int64_t low = INT64_MAX;

	for (uint32_t k = 1; k <= n; k++) {
		uint32_t i =
		    (e->delay_next + ESTIMATOR_DELAYS - k) % ESTIMATOR_DELAYS;

		if (e->delays_ns[i] < low)
			low = e->delays_ns[i];
	}
	return n > 0 ? low : 0;
}

int64_t
estimator_floor_ns(const struct estimator *e)
{
	return newest_floor_ns(e, e->delay_count);
}

int64_t
estimator_recent_floor_ns(const struct estimator *e)
{
	return newest_floor_ns(
	    e, e->delay_count < RECENT_DELAYS ? e->delay_count : RECENT_DELAYS);
}

/* The mean of the round trips in the ring, without the newest `skip`. */
static double
older_mean_ns(const struct estimator *e, uint32_t skip)
{
	double sum = 0;

	for (uint32_t k = skip + 1; k <= e->delay_count; k++) {
		uint32_t i =
		    (e->delay_next + ESTIMATOR_DELAYS - k) % ESTIMATOR_DELAYS;

		sum += (double)e->delays_ns[i];
	}
	return e->delay_count > skip ? sum / (e->delay_count - skip) : 0;
}

/* Nothing is known of how the excess is shared by the two directions. */
static void
skew_reset(struct estimator *e)
{
	e->skew = 0;
	e->skew_variance = square(SKEW_SIGMA);
}

/*
 * What is made of the skew: nothing while it may be chance, all of it when it
 * is significant, and a way between the two without a jump.
 */
static double
skew_used(const struct estimator *e)
{
	double sigmas = fabs(e->skew) / sqrt(e->skew_variance);

	return e->skew * clamp(sigmas - SKEW_SIGMAS, 0, 1);
}

/* Have the newest n round trips all been far above the floor? */
static bool
is_new_route(const struct estimator *e, uint32_t n)
{
	double floor_ns = (double)estimator_floor_ns(e);
	double mean_ns = older_mean_ns(e, n) - floor_ns;

	return e->delay_count >= 2 * n &&
	    (double)newest_floor_ns(e, n) - floor_ns >
	    ROUTE_EXCESS / n * mean_ns + NOISE_MIN_NS;
}

/* Remember a round trip; forget those of an old route. */
static void
delay_push(struct estimator *e, int64_t delay_ns)
{
	e->delays_ns[e->delay_next] = delay_ns;
	e->delay_next = (e->delay_next + 1) % ESTIMATOR_DELAYS;
	if (e->delay_count < ESTIMATOR_DELAYS)
		e->delay_count++;
	for (uint32_t n = ROUTE_COUNT; n <= 4 * ROUTE_COUNT; n *= 2) {
		if (!is_new_route(e, n))
			continue;
		e->delay_count = n;
		skew_reset(e);
	}
}

/* The line goes through where the round trip is least: that has changed. */
static void
floor_moved(struct estimator *e)
{
	int64_t floor_ns = estimator_floor_ns(e);
	double shift_ns = skew_used(e) * (double)sat_sub(floor_ns, e->floor_ns);

	e->floor_ns = floor_ns;
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		e->members[k].offset_ns += shift_ns;
}

/*
 * What the true floor may be below the least round trip seen.  With two alike
 * exponential directions the least of n is above it by about the mean excess
 * times 0.9 / sqrt(2n); half of the round trip itself stands in for that mean
 * while there are few.
 */
static double
floor_error_ns(const struct estimator *e)
{
	double n = e->delay_count;
	double floor_ns = (double)estimator_floor_ns(e);
	double mean_ns = older_mean_ns(e, 0) - floor_ns;

	mean_ns = mean_ns * n / real_max(n - 1, 1) + floor_ns / 2 / (n * n);
	return 0.64 * mean_ns / sqrt(n);
}

/* Variance of a measurement without the learned part. */
static double
path_variance(
    const struct estimator *e, int64_t delay_ns, int64_t dispersion_ns)
{
	double s_ns = (double)(delay_ns - estimator_floor_ns(e));
	/* The fewer there are, the more may the floor's error be misjudged. */
	double doubt = 1 + 5 / square(e->delay_count);
	double skew = real_max(fabs(skew_used(e)) - sqrt(e->skew_variance), 0);
	double spread = square(1 - 4 * square(skew));

	return doubt * spread * square(s_ns + floor_error_ns(e)) / 12 +
	    square((double)dispersion_ns) / 3 + square(NOISE_MIN_NS);
}

/* Begin at this measurement with what is known of the slope. */
static void
restart(struct estimator *e, const struct measurement *m, double variance,
    const struct gauss *slope)
{
	struct gauss g = { 0, slope->slope_ppb,
		{ variance, 0, slope->cov[2] } };

	cov_repair(g.cov);
	bank_set(e, &g);
	e->at = m->at;
	e->theta_ns = m->theta_ns;
	e->count = 1;
	e->outliers = 0;
	skew_reset(e);
	e->innovation_ns = 0;
	e->expected_ns = sqrt(variance);
}

static void
first(struct estimator *e, const struct measurement *m)
{
	double sigma_ns = real_max((double)m->delay_ns / 2,
	    real_max((double)m->dispersion_ns, SIGMA_START_MIN_NS));
	struct gauss prior = member_gauss(&e->members[0]);

	restart(e, m, square(sigma_ns), &prior);
}

/* Start again, because the line has jumped; the slope is kept but doubted. */
static void
jumped(struct estimator *e, const struct measurement *m, double variance,
    struct gauss *mix)
{
	mix->cov[2] =
	    mix->cov[2] * square(RESTART_WIDEN) + square(RESTART_ADD_PPB);
	restart(e, m, variance, mix);
}

/*
 * Is it so far from what every member expects that it is to be set aside?  The
 * member that allows the most wander decides.
 */
static bool
is_outlier(const struct estimator *e, double dt_s, double innovation_ns,
    double variance)
{
	struct gauss wide = member_gauss(&e->members[ESTIMATOR_MEMBERS - 1]);
	struct gauss mix = mixture(e, dt_s);
	double gate =
	    e->count < GATE_EARLY_COUNT ? GATE_EARLY_SIGMAS : GATE_SIGMAS;

	advance(&wide, member_wander[ESTIMATOR_MEMBERS - 1], dt_s);
	return square(innovation_ns) >
	    square(gate) * (real_max(wide.cov[0], mix.cov[0]) + variance);
}

/* Set one outlier aside; true if it is one too many on the same side. */
static bool
outlier_counts(struct estimator *e, double innovation_ns)
{
	bool above = innovation_ns > 0;

	if (e->outliers > 0 && above != e->outlier_above)
		e->outliers = 0;
	e->outlier_above = above;
	e->outliers++;
	return e->outliers >= OUTLIERS_RESTART || e->count < GATE_EARLY_COUNT;
}

/* One member takes the measurement in; its log-likelihood counts. */
static void
member_update(struct estimator_member *m, double wander, double dt_s,
    double seen_ns, double variance)
{
	struct gauss g = member_gauss(m);
	double s, innovation_ns, kept;

	advance(&g, wander, dt_s);
	s = g.cov[0] + variance;
	innovation_ns = seen_ns - g.offset_ns;
	kept = variance / s;
	g.offset_ns += g.cov[0] / s * innovation_ns;
	g.slope_ppb += g.cov[1] / s * innovation_ns;
	/* Never below what is left where both states are one: stays > 0. */
	g.cov[2] = real_max(g.cov[2] - square(g.cov[1]) / s, g.cov[2] * kept);
	g.cov[0] *= kept;
	g.cov[1] *= kept;
	cov_repair(g.cov);
	member_set(m, &g);
	m->log_weight = m->log_weight * ESTIMATOR_MEMORY -
	    0.5 *
		(real_log(s) +
		    real_min(square(innovation_ns) / s, SURPRISE_LIMIT));
}

/* Members that have lost go on from where all of them together stand. */
static void
losers_follow(struct estimator *e)
{
	struct gauss mix = mixture(e, 0);

	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		if (e->members[k].log_weight <= WEIGHT_LEAST)
			member_set(&e->members[k], &mix);
}

/* Bring the members' offsets back to small numbers. */
static void
rebase(struct estimator *e)
{
	int64_t shift_ns = sat_from_double(real_round(mixture(e, 0).offset_ns));

	e->theta_ns = sat_add(e->theta_ns, shift_ns);
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		e->members[k].offset_ns -= (double)shift_ns;
}

/*
 * Learn the noise that is there at the floor too, most from measurements near
 * the floor: the others tell little of it.
 */
static void
learn_noise(struct estimator *e, double innovation_ns, double predicted,
    double path, double path_at_floor)
{
	double s = predicted + path + e->noise_ns2;
	double at_floor = predicted + path_at_floor + e->noise_ns2;
	double seen = real_min(square(innovation_ns), NOISE_SURPRISE * s);
	double gain = NOISE_GAIN * square(at_floor / s);

	e->noise_ns2 =
	    clamp(e->noise_ns2 + gain * (seen - s), 0, VARIANCE_MAX_NS2);
	e->jitter_ns =
	    sqrt(square(e->jitter_ns) * (1 - JITTER_GAIN) + JITTER_GAIN * seen);
}

/* Learn the skew: what innovations have in common with the excess delay. */
static void
learn_skew(struct estimator *e, double innovation_ns, double predicted,
    double variance, double s_ns)
{
	double cov = e->skew_variance * s_ns;
	double gain = cov / (cov * s_ns + predicted + variance);
	double keep = 1 - 1 / SKEW_MEMORY;

	innovation_ns -= (e->skew - skew_used(e)) * s_ns;
	e->skew =
	    clamp(keep * (e->skew + gain * innovation_ns), -SKEW_MAX, SKEW_MAX);
	e->skew_variance = square(keep) * (e->skew_variance - gain * cov) +
	    (1 - square(keep)) * square(SKEW_SIGMA);
}

static void
take(struct estimator *e, const struct measurement *m, double dt_s,
    double innovation_ns, double seen_ns)
{
	double path = path_variance(e, m->delay_ns, m->dispersion_ns);
	double at_floor =
	    path_variance(e, estimator_floor_ns(e), m->dispersion_ns);
	double variance = path + e->noise_ns2;
	double s_ns = (double)(m->delay_ns - e->floor_ns);
	struct estimator before = *e;
	struct gauss foretold;

	e->innovation_ns = innovation_ns;
	e->expected_ns = sqrt(variance);
	e->at = m->at;
	e->outliers = 0;
	e->count++;
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		member_update(
		    &e->members[k], member_wander[k], dt_s, seen_ns, variance);
	weights_normalise(e);
	/* With the new weights: a jump of frequency is not taken for noise. */
	for (int k = 0; k < ESTIMATOR_MEMBERS; k++)
		before.members[k].weight = e->members[k].weight;
	foretold = mixture(&before, dt_s);
	if (e->count > GATE_EARLY_COUNT) {
		double surprise_ns = seen_ns - foretold.offset_ns;

		learn_noise(e, surprise_ns, foretold.cov[0], path, at_floor);
		learn_skew(e, surprise_ns, foretold.cov[0], variance, s_ns);
	}
	losers_follow(e);
	rebase(e);
}

bool
estimator_update(struct estimator *e, const struct measurement *m)
{
	double dt_s, seen_ns, innovation_ns, variance;
	struct gauss mix;

	if (e->count > 0 && m->at.ns < e->at.ns)
		return false;
	delay_push(e, m->delay_ns);
	floor_moved(e);
	if (e->count == 0) {
		first(e, m);
		return true;
	}
	dt_s = (double)sat_sub(m->at.ns, e->at.ns) / 1e9;
	seen_ns = (double)sat_sub(m->theta_ns, e->theta_ns) -
	    skew_used(e) * (double)(m->delay_ns - e->floor_ns);
	mix = mixture(e, dt_s);
	innovation_ns = seen_ns - mix.offset_ns;
	variance =
	    path_variance(e, m->delay_ns, m->dispersion_ns) + e->noise_ns2;
	if (is_outlier(e, dt_s, innovation_ns, variance)) {
		e->innovation_ns = innovation_ns;
		if (!outlier_counts(e, innovation_ns))
			return false;
		jumped(e, m, variance, &mix);
		return true;
	}
	take(e, m, dt_s, innovation_ns, seen_ns);
	return true;
}

bool
estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out)
{
	struct gauss mix;

	memset(out, 0, sizeof(*out));
	if (e->count == 0)
		return false;
	mix = mixture(e, (double)sat_sub(at.ns, e->at.ns) / 1e9);
	out->at = at;
	out->theta_ns =
	    sat_add(e->theta_ns, sat_from_double(real_round(mix.offset_ns)));
	out->sigma_ns = sqrt(mix.cov[0]);
	out->slope = mix.slope_ppb / 1e9;
	out->slope_sigma = sqrt(mix.cov[2]) / 1e9;
	return true;
}

void
estimator_shift(struct estimator *e, int64_t by_ns)
{
	e->theta_ns = sat_add(e->theta_ns, by_ns);
}

void
estimator_loosen(struct estimator *e, double sigma_ns)
{
	double add = square(clamp(sigma_ns, 0, 1e18));

	for (int k = 0; k < ESTIMATOR_MEMBERS; k++) {
		e->members[k].cov[0] += add;
		cov_repair(e->members[k].cov);
	}
}
