/*
 * From the measurements of one source to a line, see estimator.h.  Run by
 * ntp-net.  The constants were tuned with tests/sim/ESTIMATOR, "The
 * observation".
 *
 * If both directions are alike, and s is the excess of the round trip over its
 * minimum, the error of the offset is uniform from -s/2 to s/2: the noise of a
 * measurement is a box.  If the queues are exponential with means u (up) and d
 * (down), the share of s on the way up is a truncated exponential with the rate
 * 1/u - 1/d: a box with a tilt.  The mean excess gives u + d.  The tilt is
 * learned in steps.  The noise that remains at the minimum is learned, too.
 */
#include "core/filter/estimator.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"

#define SIGMA_START_MIN_NS 100.0
#define NOISE_MIN_NS	   2.0 /* no reading of a clock is better */
#define NOISE_MAX_NS2	   1e36
#define WEIGHT_MEMORY	   0.98

/* Share of the minimum's error that is normal noise at the edges of the box. */
#define MIN_DELAY_BLUR 0.5

/*
 * A round trip EDGE_FAR times the mean excess above the minimum met something
 * that the others did not (another route, reordering).  Then the edges of the
 * box are soft by EDGE_BLUR of the excess; below that, by less, in proportion
 * to the square.
 */
#define EDGE_FAR  8.0
#define EDGE_BLUR 0.5

/* Learning the noise that the round trips do not explain. */
#define LEARN_AFTER    4 /* measurements */
#define NOISE_GAIN     (1.0 / 32)
#define NOISE_SURPRISE 9.0
#define JITTER_GAIN    (1.0 / 8)

/*
 * The steps of the tilt, in either direction, in units of 1 / (u + d).  At the
 * last step one direction is 34 times worse than the other.
 */
#define TILT_STEPS 6
static const double tilt_parts[TILT_STEPS + 1] = { 0, 1, 2, 4, 8, 16, 32 };

/*
 * The step changes if the likelihood of its neighbour is larger by this
 * logarithm.  Sources whose queues stay now in one direction, now in the other,
 * look tilted for a while: TILT_FIRST, for the first step away from no tilt, is
 * larger.  The last two limit what one measurement counts for and against.
 */
#define TILT_FIRST   12.0
#define TILT_NEXT    2.0
#define TILT_FOR     1.0
#define TILT_AGAINST 3.0

/*
 * There is unreported noise if most of the newest measurements are this many
 * times farther from the line through their neighbours than explained.  A jump
 * of the time line, or of its slope, makes no more than two such.
 */
#define SCATTER_LEAST  5 /* of those that have neighbours */
#define SCATTER_SIGMAS 2.0
#define SCATTER_OVER   16.0  /* times less, as a variance */
#define MEDIAN_TO_MEAN 2.198 /* of the square of a normal variable */
#define BOX	       12.0  /* square of a box's width / its variance */

static double
tilt_part(int step)
{
	return step < 0 ? -tilt_parts[-step] : tilt_parts[step];
}

/* Forget how the two directions share the excess. */
static void
tilt_reset(struct estimator *e)
{
	e->tilt = 0;
	e->evidence[0] = e->evidence[1] = 0;
}

void
estimator_init(struct estimator *e, double slope, double slope_sigma)
{
	memset(e, 0, sizeof(*e));
	e->prior_slope = slope;
	e->prior_sigma = slope_sigma;
	filter_bank_init(&e->bank, slope, slope_sigma, WEIGHT_MEMORY);
	min_delay_init(&e->min_delay);
}

/*
 * The factor for the minimum's error.  The minimum of n round trips is above
 * the true one by about the square root of u d / n.  That is nearer than with
 * equal directions, as u d is less than ((u + d) / 2)^2.
 */
static double
nearer(int step)
{
	double square = fmath_square(tilt_part(step));

	return step == 0 ? 1 : 2 * sqrt((sqrt(square + 4) - 2) / square);
}

/*
 * The line is meant for the minimum round trip.  If the minimum has moved, the
 * offsets move by the same share of that as they do of the excess.
 */
static void
min_delay_moved(struct estimator *e)
{
	int64_t now_ns = min_delay_ns(&e->min_delay);
	struct noise unit = { 0.5, 0, 0, 0 };

	noise_tilt(&unit, tilt_part(e->tilt));
	filter_bank_move(
	    &e->bank, unit.mean_ns * (double)sat_sub(now_ns, e->min_delay_ns));
	e->min_delay_ns = now_ns;
	e->far_ns = min_delay_mean_excess_ns(&e->min_delay);
	e->mean_ns = e->far_ns + min_delay_error_ns(&e->min_delay) + 1;
	e->min_delay_error_ns =
	    min_delay_error_ns(&e->min_delay) * nearer(e->tilt);
}

/* The noise of a measurement whose round trip is this far above the minimum. */
static struct noise
path_noise(const struct estimator *e, double excess_ns, int64_t dispersion_ns)
{
	double error_ns = e->min_delay_error_ns;
	/* With few round trips the minimum's error itself is uncertain. */
	double few = sqrt(1 + 5 / fmath_square(min_delay_count(&e->min_delay)));
	double far = fmath_min(1, excess_ns / (EDGE_FAR * e->far_ns + 1));
	double soft = EDGE_BLUR * fmath_square(far);
	struct noise noise = {
		.half_ns = few * (excess_ns + error_ns) / 2,
		.variance = fmath_square((double)dispersion_ns) / 3 +
		    fmath_square(NOISE_MIN_NS) +
		    fmath_square(MIN_DELAY_BLUR * error_ns) +
		    fmath_square(soft * excess_ns) + e->noise_ns2,
	};

	noise_tilt(&noise, tilt_part(e->tilt) / e->mean_ns);
	return noise;
}

/* The first measurement: its sigma is half of the round trip. */
static struct noise
first_noise(const struct estimator *e, const struct measurement *m)
{
	double sigma_ns = fmath_max((double)m->delay_ns / 2,
	    fmath_max((double)m->dispersion_ns, SIGMA_START_MIN_NS));

	return (
	    struct noise){ .variance = fmath_square(sigma_ns) + e->noise_ns2 };
}

/*
 * Learn the noise that is there at the minimum, too, mostly from measurements
 * near the minimum: the others say little about it.
 */
static void
learn_noise(struct estimator *e, double innovation_ns, double predicted,
    double at_min_delay)
{
	double s = predicted + fmath_square(noise_sigma_ns(&e->last.noise));
	double seen =
	    fmath_min(fmath_square(innovation_ns), NOISE_SURPRISE * s);
	double gain = NOISE_GAIN * fmath_square((predicted + at_min_delay) / s);

	e->noise_ns2 =
	    fmath_clamp(e->noise_ns2 + gain * (seen - s), 0, NOISE_MAX_NS2);
	e->jitter_ns = sqrt(fmath_square(e->jitter_ns) * (1 - JITTER_GAIN) +
	    JITTER_GAIN * seen);
}

/* The likelihood of the observation with the tilt of this step. */
static double
tilt_likelihood(
    const struct estimator *e, int step, double innovation_ns, double predicted)
{
	struct noise noise = e->last.noise;
	double seen_ns = innovation_ns + noise.mean_ns;

	noise_tilt(&noise, tilt_part(step) / e->mean_ns);
	return noise_score(&noise, seen_ns - noise.mean_ns, predicted)
	    .log_likelihood;
}

/*
 * Learn the tilt: add up the evidence for the next step in each direction,
 * never below 0 (Page's test, 1954).
 */
static void
learn_tilt(struct estimator *e, double innovation_ns, double predicted)
{
	double now = tilt_likelihood(e, e->tilt, innovation_ns, predicted);
	double enough = e->tilt == 0 ? TILT_FIRST : TILT_NEXT;

	for (int side = 0; side < 2; side++) {
		int step = e->tilt + (side == 0 ? -1 : 1);
		double more;

		if (step < -TILT_STEPS || step > TILT_STEPS)
			continue;
		more = tilt_likelihood(e, step, innovation_ns, predicted) - now;
		e->evidence[side] = fmath_max(0,
		    e->evidence[side] +
			fmath_clamp(more, -TILT_AGAINST, TILT_FOR));
		if (e->evidence[side] <= enough)
			continue;
		tilt_reset(e);
		e->tilt = step;
		return;
	}
}

/*
 * Uses the members' weights after the update, so that a jump of the frequency
 * does not count as noise.
 */
static void
learn(struct estimator *e, const struct measurement *m, int64_t base_ns,
    const struct gauss *predicted)
{
	double innovation_ns =
	    (double)sat_sub(e->last.theta_ns, base_ns) - predicted->offset_ns;
	struct noise at_min_delay = path_noise(e, 0, m->dispersion_ns);

	learn_noise(e, innovation_ns, predicted->cov[0],
	    fmath_square(noise_sigma_ns(&at_min_delay)));
	learn_tilt(e, innovation_ns, predicted->cov[0]);
}

/* Take in one measurement whose round trip is already in the minimum. */
static enum filter_bank_result
take(struct estimator *e, const struct measurement *m)
{
	int64_t base_ns = e->bank.theta_ns;
	struct gauss predicted;
	enum filter_bank_result result;

	e->last.at = m->at;
	e->last.noise = e->bank.count == 0
	    ? first_noise(e, m)
	    : path_noise(
		  e, (double)(m->delay_ns - e->min_delay_ns), m->dispersion_ns);
	e->last.theta_ns = sat_sub(
	    m->theta_ns, fmath_to_int64(fmath_round(e->last.noise.mean_ns)));
	result = filter_bank_update(&e->bank, &e->last, &predicted);
	if (result == FILTER_BANK_RESTARTED)
		tilt_reset(e);
	if (result == FILTER_BANK_USED && e->bank.count > LEARN_AFTER)
		learn(e, m, base_ns, &predicted);
	return result;
}

/* --- the newest measurements again ---------------------------------------- */

static void
remember(struct estimator *e, const struct measurement *m)
{
	e->recent[e->recent_next] = *m;
	e->recent_next = (e->recent_next + 1) % ESTIMATOR_RECENT;
	if (e->recent_count < ESTIMATOR_RECENT)
		e->recent_count++;
}

/* In order of age; 0 is the oldest. */
static struct measurement *
recent_at(struct estimator *e, uint32_t i)
{
	return &e->recent[(e->recent_next + ESTIMATOR_RECENT - e->recent_count +
			      i) %
	    ESTIMATOR_RECENT];
}

const struct measurement *
estimator_newest(const struct estimator *e)
{
	if (e->recent_count == 0)
		return NULL;
	return &e->recent[(e->recent_next + ESTIMATOR_RECENT - 1) %
	    ESTIMATOR_RECENT];
}

static void
begin_again(struct estimator *e)
{
	tilt_reset(e);
	filter_bank_init(
	    &e->bank, e->prior_slope, e->prior_sigma, WEIGHT_MEMORY);
	for (uint32_t i = 0; i < e->recent_count; i++)
		(void)take(e, recent_at(e, i)); /* any result is fine */
}

static double
explained(const struct estimator *e, const struct measurement *m)
{
	struct noise noise = path_noise(
	    e, (double)(m->delay_ns - e->min_delay_ns), m->dispersion_ns);

	return fmath_square(noise_sigma_ns(&noise));
}

/*
 * The distance of one measurement from the line through its neighbours, as a
 * variance of one measurement; 0 if its noise explains it.
 */
static double
scatter_at(struct estimator *e, uint32_t i, double sigmas)
{
	const struct measurement *a = recent_at(e, i - 1);
	const struct measurement *m = recent_at(e, i);
	const struct measurement *b = recent_at(e, i + 1);
	double span_ns = (double)sat_sub(b->at.ns, a->at.ns);
	double w = (double)sat_sub(m->at.ns, a->at.ns) / fmath_max(span_ns, 1);
	double apart_ns = (double)sat_sub(m->theta_ns, a->theta_ns) -
	    w * (double)sat_sub(b->theta_ns, a->theta_ns);
	double sum = explained(e, m) + fmath_square(1 - w) * explained(e, a) +
	    fmath_square(w) * explained(e, b);

	if (fmath_square(apart_ns) <= fmath_square(sigmas) * sum)
		return 0;
	return fmath_square(apart_ns) /
	    (1 + fmath_square(1 - w) + fmath_square(w));
}

/* The median of the variance that this many sigmas do not explain. */
static double
scatter(struct estimator *e, double sigmas)
{
	double sorted[ESTIMATOR_RECENT];
	uint32_t n = 0;

	for (uint32_t i = 1; i + 1 < e->recent_count; i++) {
		double v = scatter_at(e, i, sigmas);
		uint32_t k = n++;

		for (; k > 0 && sorted[k - 1] > v; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = v;
	}
	return n < SCATTER_LEAST ? 0 : sorted[(n - 1) / 2] * MEDIAN_TO_MEAN;
}

void
estimator_doubt(struct estimator *e, int64_t dispersion_ns)
{
	for (uint32_t i = 0; i < e->recent_count; i++) {
		struct measurement *m = recent_at(e, i);

		if (m->dispersion_ns < dispersion_ns)
			m->dispersion_ns = dispersion_ns;
	}
	begin_again(e);
}

/* Learn a scatter; true if there is more noise than was known. */
static bool
learn_scatter(struct estimator *e)
{
	double noise_ns2 =
	    fmath_clamp(scatter(e, SCATTER_SIGMAS), 0, NOISE_MAX_NS2);

	if (!(noise_ns2 > e->noise_ns2))
		return false;
	e->noise_ns2 = noise_ns2;
	e->scattered = true;
	begin_again(e);
	return true;
}

/* Drop the scatter once all of the newest agree far better than that. */
static void
unlearn_scatter(struct estimator *e)
{
	double noise_ns2;

	if (!e->scattered || e->recent_count < ESTIMATOR_RECENT)
		return;
	noise_ns2 = scatter(e, 0);
	if (!(noise_ns2 * SCATTER_OVER < e->noise_ns2))
		return;
	e->noise_ns2 = noise_ns2;
	begin_again(e);
}

int64_t
estimator_scatter_ns(const struct estimator *e)
{
	return e->scattered ? fmath_to_int64(sqrt(BOX * e->noise_ns2)) : 0;
}

/* --- the public functions ------------------------------------------------- */

bool
estimator_update(struct estimator *e, const struct measurement *m)
{
	enum filter_bank_result result;

	if (e->bank.count > 0 && m->at.ns < e->bank.at.ns)
		return false;
	/* Assume that a new route is longer by the same in both directions. */
	if (min_delay_push(&e->min_delay, m->delay_ns))
		e->min_delay_ns = min_delay_ns(&e->min_delay);
	min_delay_moved(e);
	remember(e, m);
	result = take(e, m);
	if (result == FILTER_BANK_OUTLIER || result == FILTER_BANK_RESTARTED)
		return learn_scatter(e) || result == FILTER_BANK_RESTARTED;
	unlearn_scatter(e);
	return result == FILTER_BANK_USED;
}

bool
estimate_of_filter_bank(
    const struct filter_bank *b, struct mono at, struct estimate *out)
{
	struct gauss line = filter_bank_line(b, at);

	memset(out, 0, sizeof(*out));
	if (b->count == 0)
		return false;
	out->at = at;
	out->theta_ns =
	    sat_add(b->theta_ns, fmath_to_int64(fmath_round(line.offset_ns)));
	out->sigma_ns = sqrt(line.cov[0]);
	out->slope = line.slope_ppb / 1e9;
	out->slope_sigma = sqrt(line.cov[2]) / 1e9;
	return true;
}

bool
estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out)
{
	return estimate_of_filter_bank(&e->bank, at, out);
}

struct estimate
estimate_at(const struct estimate *line, struct mono at)
{
	struct estimate e = *line;
	double away_ns = (double)sat_sub(at.ns, line->at.ns);
	double drift_ns = line->slope_sigma * away_ns;

	e.at = at;
	e.theta_ns = sat_add(
	    line->theta_ns, fmath_to_int64(fmath_round(line->slope * away_ns)));
	e.sigma_ns =
	    sqrt(line->sigma_ns * line->sigma_ns + drift_ns * drift_ns);
	return e;
}

uint32_t
estimator_count(const struct estimator *e)
{
	return e->bank.count;
}

struct mono
estimator_at(const struct estimator *e)
{
	return e->bank.at;
}

const struct observation *
estimator_last(const struct estimator *e)
{
	return &e->last;
}

double
estimator_innovation_ns(const struct estimator *e)
{
	return e->bank.innovation_ns;
}

double
estimator_jitter_ns(const struct estimator *e)
{
	return e->jitter_ns;
}

double
estimator_growth(const struct estimator *e, double dt_s)
{
	return filter_bank_growth(&e->bank, dt_s);
}

int64_t
estimator_recent_min_delay_ns(const struct estimator *e)
{
	return min_delay_recent_ns(&e->min_delay);
}

const struct filter_bank *
estimator_filter_bank(const struct estimator *e)
{
	return &e->bank;
}

void
estimator_shift(struct estimator *e, int64_t by_ns)
{
	e->bank.theta_ns = sat_add(e->bank.theta_ns, by_ns);
	for (uint32_t i = 0; i < e->recent_count; i++) {
		struct measurement *m = recent_at(e, i);

		m->theta_ns = sat_add(m->theta_ns, by_ns);
	}
}

void
estimator_loosen(struct estimator *e, double sigma_ns)
{
	filter_bank_loosen(&e->bank, sigma_ns);
	e->recent_count = 0; /* older ones say nothing about scatter now */
}
