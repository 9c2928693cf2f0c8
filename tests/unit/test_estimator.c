/*
 * The estimator, on small simulations of a clock and a network with a fixed
 * seed, and on values that no sane network produces.
 */
#include "core/filter/estimator.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define MS NS_PER_MS

/* A clock, a network, and the estimator. */
struct world {
	uint64_t random;
	int64_t now_s;
	double offset_ns;  /* UTC - raw, from base */
	double slope_ppb;  /* ns/s */
	double wander_ppb; /* per square root of a second */
	double path_ns;	   /* minimum delay, each way */
	double jitter_ns;  /* mean of the exponential part, each way */
	double up, down;   /* factors of it */
	struct estimator e;
};

#define BASE_NS INT64_C(1700000000000000000)

static double
uniform(struct world *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return ((double)(w->random >> 11) + 0.5) / 9007199254740992.0;
}

static double
exponential(struct world *w)
{
	return -log(uniform(w));
}

/* A second passes; a sum of uniforms is Gaussian enough. */
static void
second(struct world *w)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += uniform(w);
	w->now_s++;
	w->offset_ns += w->slope_ppb;
	w->slope_ppb += w->wander_ppb * (sum - 6);
}

static bool
measure(struct world *w)
{
	double out = w->path_ns + w->up * w->jitter_ns * exponential(w);
	double back = w->path_ns + w->down * w->jitter_ns * exponential(w);
	struct measurement m = {
		.at = { w->now_s * NS_PER_S },
		.theta_ns = BASE_NS + llround(w->offset_ns + (out - back) / 2),
		.delay_ns = llround(out + back),
		.dispersion_ns = 100,
	};

	return estimator_update(&w->e, &m);
}

/* The estimate's error now, and its sigma; NaN if there is no estimate. */
static double
error_ns(const struct world *w, double *sigma_ns)
{
	struct estimate out;

	if (sigma_ns != NULL)
		*sigma_ns = NAN;
	if (!estimator_predict(
		&w->e, (struct mono){ w->now_s * NS_PER_S }, &out))
		return 1e300;
	if (sigma_ns != NULL)
		*sigma_ns = out.sigma_ns;
	return (double)(out.theta_ns - BASE_NS) - w->offset_ns;
}

static struct world
world_new(uint64_t seed)
{
	struct world w = {
		.random = seed * UINT64_C(0x9e3779b97f4a7c15),
		.now_s = 1000,
		.offset_ns = 3e9,
		.slope_ppb = 50e3,
		.wander_ppb = 1,
		.path_ns = 1e6,
		.jitter_ns = 100e3,
		.up = 1,
		.down = 1,
	};

	estimator_init(&w.e, 0, 0);
	return w;
}

/* Run for for_s seconds at a poll; RMS of the error, every second. */
static double
run(struct world *w, int64_t for_s, int64_t poll_s)
{
	double sum = 0;

	for (int64_t t = 0; t < for_s; t++) {
		if (t % poll_s == 0)
			(void)measure(w);
		sum += error_ns(w, NULL) * error_ns(w, NULL);
		second(w);
	}
	return sqrt(sum / (double)for_s);
}

/* The burst of a start: four measurements, 2 s apart. */
static void
burst(struct world *w)
{
	for (int i = 0; i < 4; i++) {
		(void)measure(w);
		second(w);
		second(w);
	}
}

static void
test_converged(void)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct world w = world_new(seed);
		struct estimate line;
		double rms;

		burst(&w);
		(void)run(&w, 10000, 64);
		rms = run(&w, 10000, 64);
		OK(rms < 25e3, "seed %d: RMS %.1f us at 64 s", (int)seed,
		    rms / 1e3);
		OK(estimator_predict(
		       &w.e, (struct mono){ w.now_s * NS_PER_S }, &line),
		    "seed %d: there is a line", (int)seed);
		NEAR(line.slope * 1e9, w.slope_ppb, 6 * line.slope_sigma * 1e9,
		    "seed %d: slope within its sigma", (int)seed);
		OK(line.slope_sigma < 0.5e-6, "seed %d: which is %g", (int)seed,
		    line.slope_sigma);
		NEAR(min_delay_ns(&w.e.min_delay), 2.05e6, 0.1e6,
		    "seed %d: floor of the round trip", (int)seed);
	}
}

/* Over many starts: does the error match sigma? */
static void
test_honest_start(void)
{
	static const int counts[] = { 1, 2, 3, 4, 8, 20 };

	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		double sum = 0;
		int far = 0;

		for (uint64_t seed = 1; seed <= 200; seed++) {
			struct world w = world_new(seed);
			double sigma_ns, error;

			for (int i = 0; i < counts[k]; i++) {
				second(&w);
				second(&w);
				(void)measure(&w);
			}
			error = error_ns(&w, &sigma_ns);
			error /= sigma_ns;
			sum += error * error;
			far += fabs(error) > 3;
		}
		OK(sum / 200 < 1.5, "after %d: error/sigma is %.2f (RMS)",
		    counts[k], sqrt(sum / 200));
		OK(far <= 4, "after %d: beyond 3 sigma %d of 200", counts[k],
		    far);
	}
}

static void
test_sigma_gets_small(void)
{
	struct world w = world_new(7);
	double first_ns, third_ns;

	(void)measure(&w);
	(void)error_ns(&w, &first_ns);
	NEAR(first_ns, 1.1e6, 0.3e6, "first: half of the round trip");
	for (int i = 0; i < 2; i++) {
		second(&w);
		second(&w);
		(void)measure(&w);
	}
	(void)error_ns(&w, &third_ns);
	OK(third_ns < first_ns / 2, "third: sigma %.0f us", third_ns / 1e3);
}

static void
test_known_slope(void)
{
	struct world w = world_new(9);
	struct estimate line;

	estimator_init(&w.e, 50e-6, 0.1e-6);
	(void)measure(&w);
	(void)run(&w, 600, 1000);
	OK(fabs(error_ns(&w, NULL)) < 1.5e6,
	    "one measurement and a known "
	    "slope last for ten minutes");
	OK(estimator_predict(&w.e, (struct mono){ w.now_s * NS_PER_S }, &line),
	    "line");
	OK(line.sigma_ns < 2e6, "and it knows that");
}

/* True time steps by 5 ms; how many measurements until it is followed. */
static void
test_step(void)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		struct world w = world_new(11);
		int taken = 0;

		burst(&w);
		(void)run(&w, 10000, 64);
		w.offset_ns += sign * 5e6;
		do {
			(void)run(&w, 64, 64);
			taken++;
		} while (fabs(error_ns(&w, NULL)) > 0.5e6 && taken < 50);
		OK(taken <= 6, "a step of %d ms is followed in %d", sign * 5,
		    taken);
		OK(run(&w, 3000, 64) < 150e3, "and well after that");
	}
}

static void
test_spikes(void)
{
	struct world w = world_new(13);
	double before_ns;

	burst(&w);
	(void)run(&w, 10000, 64);
	before_ns = error_ns(&w, NULL);
	for (int sign = -1; sign <= 1; sign++) {
		w.offset_ns += sign * 20e6;
		OK(measure(&w) == (sign == 0), "%d ms: outlier or not",
		    sign * 20);
		w.offset_ns -= sign * 20e6;
		NEAR(error_ns(&w, NULL), before_ns, 50e3,
		    "%d ms: does not move it", sign * 20);
		second(&w);
	}
	OK(run(&w, 6400, 64) < 30e3, "two on different sides: no restart");
}

/* Both directions become 5 ms longer, then 5 ms shorter again. */
static void
test_route(void)
{
	struct world w = world_new(17);
	double rms;

	burst(&w);
	(void)run(&w, 10000, 64);
	w.path_ns += 5e6;
	rms = run(&w, 64 * 60, 64);
	OK(rms < 60e3, "longer route, the first hour: %.1f us", rms / 1e3);
	NEAR(min_delay_ns(&w.e.min_delay), 12.05e6, 0.1e6,
	    "floor is the new one");
	rms = run(&w, 20000, 64);
	OK(rms < 25e3, "longer route, after that: %.1f us", rms / 1e3);
	w.path_ns -= 5e6;
	rms = run(&w, 64 * 60, 64);
	OK(rms < 40e3, "shorter route: %.1f us", rms / 1e3);
	NEAR(min_delay_ns(&w.e.min_delay), 2.05e6, 0.1e6,
	    "floor is the old one");
}

/* One direction is thirty times worse: as good as the other allows. */
static void
test_one_direction_worse(void)
{
	for (int way = 0; way < 2; way++) {
		struct world w = world_new(31);
		double rms;

		w.up = way == 0 ? 0.1 : 3;
		w.down = way == 0 ? 3 : 0.1;
		burst(&w);
		(void)run(&w, 64 * 400, 64);
		OK(way == 0 ? w.e.tilt > 3 : w.e.tilt < -3, "tilt is %d",
		    w.e.tilt);
		rms = run(&w, 64 * 400, 64);
		OK(rms < 10e3, "one direction is worse: %.1f us", rms / 1e3);
		w.up = w.down = 1;
		(void)run(&w, 64 * 400, 64);
		OK(abs(w.e.tilt) <= 1, "alike again: tilt is %d", w.e.tilt);
		rms = run(&w, 64 * 400, 64);
		OK(rms < 25e3, "alike again: %.1f us", rms / 1e3);
	}
}

/* And then a route that is 5 ms longer both ways: no effect. */
static void
test_route_one_direction_worse(void)
{
	struct world w = world_new(37);
	double rms;

	w.up = 0.1;
	w.down = 3;
	burst(&w);
	(void)run(&w, 64 * 800, 64);
	w.path_ns += 5e6;
	rms = run(&w, 64 * 60, 64);
	OK(rms < 30e3, "longer route, one direction worse: %.1f us", rms / 1e3);
	OK(w.e.tilt > 0, "and that is remembered");
}

/* With equal directions, chance makes no lasting tilt. */
static void
test_no_tilt(void)
{
	int steps = 0;

	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct world w = world_new(seed);

		burst(&w);
		for (int i = 0; i < 20; i++) {
			(void)run(&w, 64 * 50, 64);
			steps += w.e.tilt != 0;
		}
	}
	OK(steps <= 10, "both alike: %d of 200 times a tilt", steps);
}

static void
test_frequency_jump(void)
{
	struct world w = world_new(19);
	double rms;

	w.path_ns = 50e3;
	w.jitter_ns = 10e3;
	burst(&w);
	(void)run(&w, 20000, 16);
	w.slope_ppb += 1000;
	rms = run(&w, 10000, 16);
	OK(rms < 5e3, "1 ppm at once: %.2f us after it", rms / 1e3);
}

static void
test_holdover(void)
{
	struct world w = world_new(23);
	double near_ns, far_ns, error;

	burst(&w);
	(void)run(&w, 20000, 64);
	(void)error_ns(&w, &near_ns);
	for (int i = 0; i < 7200; i++)
		second(&w);
	error = error_ns(&w, &far_ns);
	OK(fabs(error) < 4 * far_ns, "two hours without: within 4 sigma");
	OK(far_ns > 5 * near_ns && far_ns < 10e6, "sigma grew to %.0f us",
	    far_ns / 1e3);
}

static void
test_order_and_shift(void)
{
	struct estimator e;
	struct estimate line;
	struct measurement m = {
		.at = { 100 * NS_PER_S }, .theta_ns = BASE_NS, .delay_ns = MS
	};

	estimator_init(&e, 0, 0);
	OK(!estimator_predict(&e, m.at, &line) && line.theta_ns == 0,
	    "nothing before the first");
	IS_I64(min_delay_ns(&e.min_delay), 0, "no floor before the first");
	OK(estimator_update(&e, &m), "first");
	m.at.ns -= 1;
	OK(!estimator_update(&e, &m), "an older one is ignored");
	IS_I64(estimator_count(&e), 1, "and not counted");
	m.at.ns += 1;
	OK(estimator_update(&e, &m), "one at the same moment is not");
	estimator_shift(&e, -NS_PER_S);
	OK(estimator_predict(&e, m.at, &line), "line");
	IS_I64(line.theta_ns, BASE_NS - NS_PER_S, "shifted by a leap second");
	OK(line.sigma_ns < 2e6, "sigma before");
	estimator_loosen(&e, 1e9);
	OK(estimator_predict(&e, m.at, &line), "line");
	NEAR(line.sigma_ns, 1e9, 1e7, "loosened");
}

/* For any input: finite numbers, positive variances. */
static void
test_hostile(void)
{
	static const int64_t thetas[] = { INT64_MIN, INT64_MAX, 0, 1, -1,
		BASE_NS, -BASE_NS };
	static const int64_t steps[] = { 0, 1, 1000, NS_PER_S,
		100000 * NS_PER_S, INT64_MAX / 64 };
	static const int64_t delays[] = { 0, 1, MS, 4 * NS_PER_S, INT64_MAX };
	struct world w = { .random = 12345 };
	struct estimator e;
	int wrong = 0;

	for (int round = 0; round < 200; round++) {
		struct measurement m = { .at = { 0 } };

		estimator_init(&e, round % 3 == 0 ? (double)NAN : 1e3,
		    round % 2 == 0 ? (double)INFINITY : -1);
		for (int i = 0; i < 60; i++) {
			struct estimate line;
			size_t a = (size_t)(uniform(&w) * 7);
			size_t b = (size_t)(uniform(&w) * 6);
			size_t c = (size_t)(uniform(&w) * 5);

			m.theta_ns = thetas[a];
			if (__builtin_add_overflow(m.at.ns, steps[b], &m.at.ns))
				break;
			m.delay_ns = delays[c];
			m.dispersion_ns = delays[4 - c];
			(void)estimator_update(&e, &m);
			wrong += !estimator_predict(&e, m.at, &line);
			wrong += !isfinite(line.sigma_ns) ||
			    !(line.sigma_ns > 0) || !isfinite(line.slope) ||
			    !(line.slope_sigma > 0) ||
			    !isfinite(estimator_jitter_ns(&e));
			wrong += !estimator_predict(
			    &e, (struct mono){ INT64_MIN }, &line);
			wrong += !isfinite(line.sigma_ns);
		}
	}
	IS_I64(wrong, 0, "hostile values: always a finite line");
}

/* After nonsense, it recovers with good input. */
static void
test_recovers(void)
{
	struct world w = world_new(29);

	for (int i = 0; i < 20; i++) {
		w.offset_ns = i % 2 == 0 ? -1e18 : 1e18;
		(void)measure(&w);
		second(&w);
	}
	w.offset_ns = 0;
	(void)run(&w, 20000, 64);
	OK(run(&w, 10000, 64) < 40e3, "sense after nonsense: %.1f us",
	    error_ns(&w, NULL) / 1e3);
}

/* Query n times; the server's stamps are off by up to noise_ns. */
static void
measure_noisy(struct world *w, int n, double noise_ns, int64_t poll_s)
{
	for (int i = 0; i < n; i++) {
		double offset_ns = w->offset_ns;

		w->offset_ns += noise_ns * (uniform(w) - 0.5);
		(void)measure(w);
		w->offset_ns = offset_ns;
		for (int64_t t = 0; t < poll_s; t++)
			second(w);
	}
}

/* A server that claims microseconds, but scatters by milliseconds. */
static void
test_scatter(void)
{
	int bad = 0, wide = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = world_new(seed);
		double sigma_ns = 0, off_ns;

		w.jitter_ns = 10e3;
		w.path_ns = 100e3;
		measure_noisy(&w, 12, 16e6, 16);
		off_ns = error_ns(&w, &sigma_ns);
		bad += !(estimator_count(&w.e) >= 5) ||
		    fabs(off_ns) > 4 * sigma_ns || sigma_ns < 0.3e6;
		wide += estimator_scatter_ns(&w.e) < 4 * MS;
	}
	IS_I64(bad, 0, "noise that nobody told of is learned by 12 answers");
	IS_I64(wide, 0, "and a bound of the error has it");
}

/* One jump of the server's clock is not noise. */
static void
test_no_scatter(void)
{
	struct world w = world_new(7);

	(void)run(&w, 6400, 64);
	OK(estimator_scatter_ns(&w.e) == 0, "nothing scatters");
	w.offset_ns += 50e6;
	(void)run(&w, 6400, 64);
	OK(estimator_scatter_ns(&w.e) == 0, "nor by one leap");
	w.slope_ppb += 50e3;
	(void)run(&w, 6400, 64);
	OK(estimator_scatter_ns(&w.e) == 0, "nor by another frequency");
	NEAR(error_ns(&w, NULL), 0, 200e3, "both are followed");
}

/* Measurements from before the stamps' resolution was known. */
static void
test_doubt(void)
{
	struct world w = world_new(3);
	double before_ns, after_ns;

	burst(&w);
	(void)error_ns(&w, &before_ns);
	estimator_doubt(&w.e, 10 * MS);
	(void)error_ns(&w, &after_ns);
	IS_I64(estimator_count(&w.e), 4, "all count again");
	OK(after_ns > 2e6 && after_ns > 5 * before_ns,
	    "as less than they did: %.0f, not %.0f ns", after_ns, before_ns);
}

int
main(void)
{
	test_converged();
	test_honest_start();
	test_sigma_gets_small();
	test_known_slope();
	test_step();
	test_spikes();
	test_route();
	test_one_direction_worse();
	test_route_one_direction_worse();
	test_no_tilt();
	test_frequency_jump();
	test_holdover();
	test_order_and_shift();
	test_hostile();
	test_recovers();
	test_scatter();
	test_no_scatter();
	test_doubt();
	return DONE();
}
