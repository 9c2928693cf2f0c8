/*
 * From measurements of one source to a line, see estimator.h.  Run by ntp-net.
 *
 * With both directions alike and s the excess of the round trip over its
 * floor, the offset seen is wrong by anything from -s/2 to s/2, all equally
 * likely: the noise of a measurement is a box.  Where queues are exponential
 * with means u and d, what the way up has of s is a truncated exponential of
 * the rate 1/u - 1/d: a box with a tilt.  The mean round trip gives u + d; the
 * tilt is learned, in steps, and so is the noise that is there at the floor.
 */
#include "core/filter/estimator.h"

#include <math.h>
#include <string.h>

#include "core/real.h"
#include "core/saturate.h"

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

/*
 * The steps of the tilt: each way, in units of 1 / (u + d).  The last one is of
 * a direction that is 34 times worse than the other.
 */
#define TILT_STEPS 6
static const double tilt_parts[TILT_STEPS + 1] = { 0, 1, 2, 4, 8, 16, 32 };

/*
 * A step is taken when its likelihood is so many times larger, logarithms.
 * Sources with queues that stay, now this way, now that way, look tilted for a
 * while: the first step asks for more.  One measurement counts for at most,
 * and against at most.
 */
#define TILT_FIRST   12.0
#define TILT_NEXT    2.0
#define TILT_FOR     1.0
#define TILT_AGAINST 3.0

/*
 * Most of the newest measurements are this many times farther from where their
 * neighbours say than can be explained: there is noise that nobody told of.  A
 * leap of the time line, or of its slope, makes no more than two such.
 */
#define SCATTER_LEAST  5 /* of those that have neighbours */
#define SCATTER_SIGMAS 2.0
#define SCATTER_OVER   16.0  /* times less, as a variance */
#define MEDIAN_TO_MEAN 2.198 /* of the square of what is normal */
#define BOX	       12.0  /* square of a box's width, by its variance */

static double
tilt_part(int step)
{
	return step < 0 ? -tilt_parts[-step] : tilt_parts[step];
}

/* Nothing is known of how the excess is shared by the two directions. */
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
	bank_init(&e->bank, slope, slope_sigma, WEIGHT_MEMORY);
	floor_init(&e->floor);
}

/*
 * The least of n round trips is above the floor by about the root of u d / n:
 * nearer than with two directions alike, as u d / ((u + d) / 2)^2 is less.
 */
static double
nearer(int step)
{
	double square = real_square(tilt_part(step));

	return step == 0 ? 1 : 2 * sqrt((sqrt(square + 4) - 2) / square);
}

/*
 * The line goes through where the round trip is least.  Where that has changed,
 * so much of the change shows in the offsets as of the excess.
 */
static void
floor_moved(struct estimator *e)
{
	int64_t now_ns = floor_ns(&e->floor);
	struct noise unit = { 0.5, 0, 0, 0 };

	noise_tilt(&unit, tilt_part(e->tilt));
	bank_move(
	    &e->bank, unit.mean_ns * (double)sat_sub(now_ns, e->floor_ns));
	e->floor_ns = now_ns;
	e->far_ns = floor_mean_excess_ns(&e->floor);
	e->mean_ns = e->far_ns + floor_error_ns(&e->floor) + 1;
	e->floor_error_ns = floor_error_ns(&e->floor) * nearer(e->tilt);
}

/* The noise of a measurement whose round trip is so far above the floor. */
static struct noise
path_noise(const struct estimator *e, double excess_ns, int64_t dispersion_ns)
{
	double error_ns = e->floor_error_ns;
	/* The fewer there are, the more may the floor's error be misjudged. */
	double doubt = sqrt(1 + 5 / real_square(floor_count(&e->floor)));
	double far = real_min(1, excess_ns / (EDGE_FAR * e->far_ns + 1));
	double soft = EDGE_SOFT * real_square(far);
	struct noise noise = {
		.half_ns = doubt * (excess_ns + error_ns) / 2,
		.variance = real_square((double)dispersion_ns) / 3 +
		    real_square(NOISE_MIN_NS) +
		    real_square(FLOOR_SOFT * error_ns) +
		    real_square(soft * excess_ns) + e->noise_ns2,
	};

	noise_tilt(&noise, tilt_part(e->tilt) / e->mean_ns);
	return noise;
}

/* The first: known no better than by half of the round trip. */
static struct noise
first_noise(const struct estimator *e, const struct measurement *m)
{
	double sigma_ns = real_max((double)m->delay_ns / 2,
	    real_max((double)m->dispersion_ns, SIGMA_START_MIN_NS));

	return (
	    struct noise){ .variance = real_square(sigma_ns) + e->noise_ns2 };
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

/* How likely is what was seen with the tilt of this step? */
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
 * Learn the tilt: a sum of what speaks for the next step to either side, never
 * below 0 (Page's test, 1954).
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
		e->evidence[side] = real_max(0,
		    e->evidence[side] +
			real_clamp(more, -TILT_AGAINST, TILT_FOR));
		if (e->evidence[side] <= enough)
			continue;
		tilt_reset(e);
		e->tilt = step;
		return;
	}
}

/*
 * With the weights that the members have after it: a jump of the frequency is
 * not taken for noise.
 */
static void
learn(struct estimator *e, const struct measurement *m, int64_t base_ns,
    const struct gauss *foretold)
{
	double innovation_ns =
	    (double)sat_sub(e->last.theta_ns, base_ns) - foretold->offset_ns;
	struct noise at_floor = path_noise(e, 0, m->dispersion_ns);

	learn_noise(e, innovation_ns, foretold->cov[0],
	    real_square(noise_sigma_ns(&at_floor)));
	learn_tilt(e, innovation_ns, foretold->cov[0]);
}

/* Take in one measurement whose round trip is known to the floor. */
static enum bank_result
take(struct estimator *e, const struct measurement *m)
{
	int64_t base_ns = e->bank.theta_ns;
	struct gauss foretold;
	enum bank_result result;

	e->last.at = m->at;
	e->last.noise = e->bank.count == 0
	    ? first_noise(e, m)
	    : path_noise(
		  e, (double)(m->delay_ns - e->floor_ns), m->dispersion_ns);
	e->last.theta_ns = sat_sub(
	    m->theta_ns, real_to_int64(real_round(e->last.noise.mean_ns)));
	result = bank_update(&e->bank, &e->last, &foretold);
	if (result == BANK_RESTARTED)
		tilt_reset(e);
	if (result == BANK_TAKEN && e->bank.count > LEARN_AFTER)
		learn(e, m, base_ns, &foretold);
	return result;
}

/* --- the newest ones once more -------------------------------------------- */

static void
remember(struct estimator *e, const struct measurement *m)
{
	e->recent[e->recent_next] = *m;
	e->recent_next = (e->recent_next + 1) % ESTIMATOR_RECENT;
	if (e->recent_count < ESTIMATOR_RECENT)
		e->recent_count++;
}

/* From the oldest, 0, on. */
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
	bank_init(&e->bank, e->prior_slope, e->prior_sigma, WEIGHT_MEMORY);
	for (uint32_t i = 0; i < e->recent_count; i++)
		(void)take(e, recent_at(e, i)); /* as it comes */
}

static double
explained(const struct estimator *e, const struct measurement *m)
{
	struct noise noise = path_noise(
	    e, (double)(m->delay_ns - e->floor_ns), m->dispersion_ns);

	return real_square(noise_sigma_ns(&noise));
}

/*
 * How far is one from the line through its neighbours?  As the variance of one
 * measurement; 0 where that is explained.
 */
static double
scatter_at(struct estimator *e, uint32_t i, double sigmas)
{
	const struct measurement *a = recent_at(e, i - 1);
	const struct measurement *m = recent_at(e, i);
	const struct measurement *b = recent_at(e, i + 1);
	double span_ns = (double)sat_sub(b->at.ns, a->at.ns);
	double w = (double)sat_sub(m->at.ns, a->at.ns) / real_max(span_ns, 1);
	double apart_ns = (double)sat_sub(m->theta_ns, a->theta_ns) -
	    w * (double)sat_sub(b->theta_ns, a->theta_ns);
	double sum = explained(e, m) + real_square(1 - w) * explained(e, a) +
	    real_square(w) * explained(e, b);

	if (real_square(apart_ns) <= real_square(sigmas) * sum)
		return 0;
	return real_square(apart_ns) /
	    (1 + real_square(1 - w) + real_square(w));
}

/* The median of what is not explained by so many sigmas, as a variance. */
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

/* Returns true if there is more noise than was known. */
static bool
learn_scatter(struct estimator *e)
{
	double noise_ns2 =
	    real_clamp(scatter(e, SCATTER_SIGMAS), 0, NOISE_MAX_NS2);

	if (!(noise_ns2 > e->noise_ns2))
		return false;
	e->noise_ns2 = noise_ns2;
	e->scattered = true;
	begin_again(e);
	return true;
}

/* It is over: all of the newest agree far better than that. */
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
	return e->scattered ? real_to_int64(sqrt(BOX * e->noise_ns2)) : 0;
}

/* --- what others see ------------------------------------------------------ */

bool
estimator_update(struct estimator *e, const struct measurement *m)
{
	enum bank_result result;

	if (e->bank.count > 0 && m->at.ns < e->bank.at.ns)
		return false;
	/* A new route is taken to be longer by the same both ways. */
	if (floor_push(&e->floor, m->delay_ns))
		e->floor_ns = floor_ns(&e->floor);
	floor_moved(e);
	remember(e, m);
	result = take(e, m);
	if (result == BANK_OUTLIER || result == BANK_RESTARTED)
		return learn_scatter(e) || result == BANK_RESTARTED;
	unlearn_scatter(e);
	return result == BANK_TAKEN;
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
	    sat_add(b->theta_ns, real_to_int64(real_round(line.offset_ns)));
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

struct estimate
estimate_at(const struct estimate *line, struct mono at)
{
	struct estimate e = *line;
	double away_ns = (double)sat_sub(at.ns, line->at.ns);
	double drift_ns = line->slope_sigma * away_ns;

	e.at = at;
	e.theta_ns = sat_add(
	    line->theta_ns, real_to_int64(real_round(line->slope * away_ns)));
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
	return bank_growth(&e->bank, dt_s);
}

int64_t
estimator_recent_floor_ns(const struct estimator *e)
{
	return floor_recent_ns(&e->floor);
}

const struct bank *
estimator_bank(const struct estimator *e)
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
	bank_loosen(&e->bank, sigma_ns);
	e->recent_count = 0; /* what was before says nothing of scatter now */
}
