/*
 * The noise of a measurement, see noise.h.  Run by ntp-net.  It must never
 * return a likelihood that is not a number.
 */
#include "core/filter/noise.h"

#include <math.h>

#include "core/fmath.h"

#define SURPRISE_LIMIT 30.0 /* of the square of a normalised innovation */

/*
 * Farther than this from the box, use the tail of a normal density at its edge.
 */
#define TAIL_SIGMAS 50.0
/* If the box is this small against the normal part, all is normal. */
#define BOX_LEAST   1e-3
/* A tilt of more than TILT_SIGMAS / sigma makes no difference any more. */
#define TILT_SIGMAS 30.0
/* Half a box times its tilt: below this, use the first term of a series. */
#define TILT_LEAST  1e-2
/* And below this there is no tilt at all. */
#define TILT_NONE   1e-6
#define LOG_2_PI    1.8378770664093453
#define SQRT_2_PI   2.5066282746310002

/* Langevin's function, coth x - 1/x: the mean of exp(x y), y from -1 to 1. */
static double
langevin(double x)
{
	double e;

	if (x < TILT_LEAST)
		return x / 3;
	e = fmath_exp(-2 * x);
	return (1 + e) / (1 - e) - 1 / x;
}

void
noise_tilt(struct noise *noise, double tilt)
{
	double mean_ns = noise->half_ns * langevin(noise->half_ns * fabs(tilt));

	noise->tilt = tilt;
	noise->mean_ns = tilt > 0 ? -mean_ns : mean_ns;
}

/*
 * The variance in a box is half^2 / 3; with a tilt, what Langevin leaves of it.
 */
double
noise_sigma_ns(const struct noise *noise)
{
	double half = noise->half_ns, x = half * fabs(noise->tilt), l;

	if (!(x > TILT_LEAST))
		return sqrt(fmath_square(half) / 3 + noise->variance);
	l = fabs(noise->mean_ns) / half;
	return sqrt(fmath_square(half) * fmath_max(1 - 2 * l / x - l * l, 0) +
	    noise->variance);
}

/* The score if all of the error is normal, with this variance. */
static struct noise_score
score_normal(double innovation_ns, double variance)
{
	return (struct noise_score){
		-0.5 *
		    (LOG_2_PI + fmath_log(variance) +
			fmath_min(fmath_square(innovation_ns) / variance,
			    SURPRISE_LIMIT)),
		innovation_ns / variance,
		1 / variance,
	};
}

/*
 * A box of half_ns to both sides, whose edges are normal with sigma_ns.  The
 * likelihood is the area of the normal density from low to high, which are 2
 * half_ns apart.  All is in units of the density at whichever of low and 0 is
 * nearer, so that nothing vanishes far out; *unit is minus twice the logarithm
 * of that density.
 */
static struct noise_score
box_area(double innovation_ns, double half_ns, double sigma_ns, double *unit)
{
	double low = (fabs(innovation_ns) - half_ns) / sigma_ns;
	double high = (fabs(innovation_ns) + half_ns) / sigma_ns;
	double at_low, at_high, area, slope;

	*unit = fmath_square(fmath_max(low, 0));
	at_low = fmath_exp((*unit - fmath_square(low)) / 2);
	at_high = fmath_exp((*unit - fmath_square(high)) / 2);
	area =
	    low < 0 ? SQRT_2_PI - at_low * fmath_mills(-low) : fmath_mills(low);
	area -= at_high * fmath_mills(high);
	slope = (at_low - at_high) / area;
	return (struct noise_score){
		fmath_log(area / (2 * half_ns)) - 0.5 * LOG_2_PI,
		(innovation_ns < 0 ? -slope : slope) / sigma_ns,
		fmath_max(fmath_square(slope) -
			(low * at_low - high * at_high) / area,
		    0) /
		    fmath_square(sigma_ns),
	};
}

static struct noise_score
score_box(double innovation_ns, double half_ns, double sigma_ns)
{
	double beyond_ns = fabs(innovation_ns) - half_ns, unit;
	struct noise_score score;

	if (beyond_ns > TAIL_SIGMAS * sigma_ns)
		return score_normal(innovation_ns < 0 ? -beyond_ns : beyond_ns,
		    fmath_square(sigma_ns));
	score = box_area(innovation_ns, half_ns, sigma_ns, &unit);
	score.log_likelihood -= fmath_min(unit, SURPRISE_LIMIT) / 2;
	return score;
}

/*
 * The same with a tilt.  exp(-k x) times a normal density is another normal
 * density, k sigma_ns^2 farther down.  The tilted box has the density 1 / (2
 * half_ns) times at most 2 k half_ns / (1 - exp(-2 k half_ns)), at -half_ns.
 */
static struct noise_score
score_tilted(double innovation_ns, double sigma_ns, const struct noise *noise)
{
	double half_ns = noise->half_ns, sign = noise->tilt < 0 ? -1 : 1;
	double k = fmath_min(fabs(noise->tilt), TILT_SIGMAS / sigma_ns);
	double seen_ns = sign * (innovation_ns + noise->mean_ns);
	double span = 2 * k * half_ns, unit, least;
	struct noise_score score;

	if (span < TILT_NONE ||
	    fabs(seen_ns) - half_ns > TAIL_SIGMAS * sigma_ns)
		return score_box(
		    innovation_ns + noise->mean_ns, half_ns, sigma_ns);
	score = box_area(
	    seen_ns - k * fmath_square(sigma_ns), half_ns, sigma_ns, &unit);
	score.log_likelihood += fmath_log(span / (1 - fmath_exp(-span))) -
	    k * (seen_ns + half_ns) + fmath_square(k * sigma_ns) / 2 - unit / 2;
	least = -0.5 * (LOG_2_PI + SURPRISE_LIMIT) - fmath_log(2 * half_ns);
	score.log_likelihood = fmath_max(score.log_likelihood, least);
	score.gradient = sign * (score.gradient + k);
	return score;
}

struct noise_score
noise_score(const struct noise *noise, double innovation_ns, double variance)
{
	double s = noise->variance + variance, sigma_ns = sqrt(s);

	if (!(noise->half_ns > BOX_LEAST * sigma_ns))
		return score_normal(
		    innovation_ns, s + fmath_square(noise->half_ns) / 3);
	if (noise->tilt == 0)
		return score_box(innovation_ns, noise->half_ns, sigma_ns);
	return score_tilted(innovation_ns, sigma_ns, noise);
}
