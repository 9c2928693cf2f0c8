/*
 * From measurements of one source to a line, see estimator.h.  Run by ntp-net.
 *
 * With both directions alike and s the excess of the round trip over its
 * floor, the offset seen is wrong by anything from -s/2 to s/2, all equally
 * likely: the noise of a measurement is a box.  What is known too well or too
 * little of that is learned: the noise that is there at the floor too, and the
 * skew, which is how much of the excess one direction has more than the other.
 */
#include "estimator.h"

#include <math.h>
#include <string.h>

#include "real.h"
#include "saturate.h"

#define SIGMA_START_MIN_NS 100.0
#define NOISE_MIN_NS	   2.0 /* reading a clock cannot be better */
#define NOISE_MAX_NS2	   1e36
#define WEIGHT_MEMORY	   0.98

/* Of what the floor may be wrong by, so much makes the box's edges soft. */
#define FLOOR_SOFT 0.5

/*
 * A round trip that is so many times as far above the floor as they are in the
 * mean came by something that the others did not meet (another route, another
 * order): the box's edges are this part of the excess soft.  What is nearer is
 * trusted more, by the square.
 */
#define EDGE_FAR  8.0
#define EDGE_SOFT 0.5

/* Learning the noise that round trips do not explain. */
#define LEARN_AFTER    4 /* measurements */
#define NOISE_GAIN     (1.0 / 32)
#define NOISE_SURPRISE 9.0
#define JITTER_GAIN    (1.0 / 8)

/* Learning the skew, which goes back to 0 in so many measurements. */
#define SKEW_SIGMA  0.2
#define SKEW_MEMORY 4096.0
#define SKEW_SIGMAS 2.0 /* that are nothing yet */
#define SKEW_MAX    0.4999

/* Nothing is known of how the excess is shared by the two directions. */
static void
skew_reset(struct estimator *e)
{
	e->skew = 0;
	e->skew_variance = real_square(SKEW_SIGMA);
}

/*
 * What is made of the skew: nothing while it may be chance, all of it when it
 * is significant, and a way between the two without a jump.
 */
static double
skew_used(const struct estimator *e)
{
	double sigmas = fabs(e->skew) / sqrt(e->skew_variance);

	return e->skew * real_clamp(sigmas - SKEW_SIGMAS, 0, 1);
}

void
estimator_init(struct estimator *e, double slope, double slope_sigma)
{
	memset(e, 0, sizeof(*e));
	bank_init(&e->bank, slope, slope_sigma, WEIGHT_MEMORY);
	floor_init(&e->floor);
	skew_reset(e);
}

/* The line goes through where the round trip is least: that has changed. */
static void
floor_moved(struct estimator *e)
{
	int64_t now_ns = floor_ns(&e->floor);

	bank_move(
	    &e->bank, skew_used(e) * (double)sat_sub(now_ns, e->floor_ns));
	e->floor_ns = now_ns;
}

/*
 * The noise of a measurement whose round trip is so far above the floor.  If
 * one direction has more of that than the other, less is left open.
 */
static struct noise
path_noise(const struct estimator *e, double excess_ns, int64_t dispersion_ns)
{
	double error_ns = floor_error_ns(&e->floor);
	/* The fewer there are, the more may the floor's error be misjudged. */
	double doubt = sqrt(1 + 5 / real_square(floor_count(&e->floor)));
	double skew = real_max(fabs(skew_used(e)) - sqrt(e->skew_variance), 0);
	double far = real_min(
	    1, excess_ns / (EDGE_FAR * floor_mean_excess_ns(&e->floor) + 1));
	double soft = EDGE_SOFT * real_square(far);

	return (struct noise){
		doubt * (1 - 4 * real_square(skew)) * (excess_ns + error_ns) /
		    2,
		real_square((double)dispersion_ns) / 3 +
		    real_square(NOISE_MIN_NS) +
		    real_square(FLOOR_SOFT * error_ns) +
		    real_square(soft * excess_ns) + e->noise_ns2,
	};
}

/* The first: known no better than by half of the round trip. */
static struct noise
first_noise(const struct measurement *m)
{
	double sigma_ns = real_max((double)m->delay_ns / 2,
	    real_max((double)m->dispersion_ns, SIGMA_START_MIN_NS));

	return (struct noise){ 0, real_square(sigma_ns) };
}

/*
 * Learn the noise that is there at the floor too, most from measurements near
 * the floor: the others tell little of it.
 */
static void
learn_noise(struct estimator *e, double innovation_ns, double predicted,
    double at_floor)
{
	double s = predicted + real_square(noise_sigma_ns(&e->last.noise));
	double seen = real_min(real_square(innovation_ns), NOISE_SURPRISE * s);
	double gain = NOISE_GAIN * real_square((predicted + at_floor) / s);

	e->noise_ns2 =
	    real_clamp(e->noise_ns2 + gain * (seen - s), 0, NOISE_MAX_NS2);
	e->jitter_ns = sqrt(
	    real_square(e->jitter_ns) * (1 - JITTER_GAIN) + JITTER_GAIN * seen);
}

/* Learn the skew: what innovations have in common with the excess delay. */
static void
learn_skew(struct estimator *e, double innovation_ns, double predicted,
    double excess_ns)
{
	double variance = real_square(noise_sigma_ns(&e->last.noise));
	double cov = e->skew_variance * excess_ns;
	double gain = cov / (cov * excess_ns + predicted + variance);
	double keep = 1 - 1 / SKEW_MEMORY;

	innovation_ns -= (e->skew - skew_used(e)) * excess_ns;
	e->skew = real_clamp(
	    keep * (e->skew + gain * innovation_ns), -SKEW_MAX, SKEW_MAX);
	e->skew_variance = real_square(keep) * (e->skew_variance - gain * cov) +
	    (1 - real_square(keep)) * real_square(SKEW_SIGMA);
}

/*
 * With the weights that the members have after it: a jump of the frequency is
 * not taken for noise.
 */
static void
learn(struct estimator *e, const struct measurement *m, int64_t base_ns,
    const struct gauss *foretold)
{
	double excess_ns = (double)(m->delay_ns - e->floor_ns);
	double innovation_ns =
	    (double)sat_sub(e->last.theta_ns, base_ns) - foretold->offset_ns;
	struct noise at_floor = path_noise(e, 0, m->dispersion_ns);

	learn_noise(e, innovation_ns, foretold->cov[0],
	    real_square(noise_sigma_ns(&at_floor)));
	learn_skew(e, innovation_ns, foretold->cov[0], excess_ns);
}

bool
estimator_update(struct estimator *e, const struct measurement *m)
{
	double excess_ns;
	int64_t base_ns = e->bank.theta_ns;
	struct gauss foretold;
	enum bank_result result;

	if (e->bank.count > 0 && m->at.ns < e->bank.at.ns)
		return false;
	if (floor_push(&e->floor, m->delay_ns))
		skew_reset(e);
	floor_moved(e);
	excess_ns = (double)(m->delay_ns - e->floor_ns);
	e->last = (struct observation){
		.at = m->at,
		.theta_ns = sat_sub(m->theta_ns,
		    sat_from_double(real_round(skew_used(e) * excess_ns))),
		.noise = e->bank.count == 0
		    ? first_noise(m)
		    : path_noise(e, excess_ns, m->dispersion_ns),
	};
	result = bank_update(&e->bank, &e->last, &foretold);
	if (result == BANK_RESTARTED)
		skew_reset(e);
	if (result == BANK_TAKEN && e->bank.count > LEARN_AFTER)
		learn(e, m, base_ns, &foretold);
	return result == BANK_TAKEN || result == BANK_RESTARTED;
}

bool
estimate_of_bank(const struct bank *b, struct mono at, struct estimate *out)
{
	struct gauss line = bank_line(b, at);

	memset(out, 0, sizeof(*out));
	if (b->count == 0)
		return false;
	out->at = at;
	out->theta_ns =
	    sat_add(b->theta_ns, sat_from_double(real_round(line.offset_ns)));
	out->sigma_ns = sqrt(line.cov[0]);
	out->slope = line.slope_ppb / 1e9;
	out->slope_sigma = sqrt(line.cov[2]) / 1e9;
	return true;
}

bool
estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out)
{
	return estimate_of_bank(&e->bank, at, out);
}

void
estimator_shift(struct estimator *e, int64_t by_ns)
{
	e->bank.theta_ns = sat_add(e->bank.theta_ns, by_ns);
}

void
estimator_loosen(struct estimator *e, double sigma_ns)
{
	bank_loosen(&e->bank, sigma_ns);
}
