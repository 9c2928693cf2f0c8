/*
 * The joint filter: better than the mean of many filters, the same as a single
 * filter with one source, and not moved by sources that are or were wrong.
 */
#include "core/filter/joint.h"

#include <string.h>

#include "core/fmath.h"
#include "tests/tap.h"

#define SOURCES 4
#define POLL_S	64

/* A wandering oscillator, sources, and two ways to estimate it. */
struct world {
	uint64_t random;
	struct mono now;
	double truth_ns, slope; /* UTC - raw, and ns/s */
	double wander;		/* ns/s per square root of a second */
	double off_ns[SOURCES];
	double noise_ns;
	struct estimator filters[SOURCES];
	struct joint_input in[SOURCES];
	struct joint joint;
	struct estimate combined, line;
};

static struct world w;

/* Uniform, variance 1. */
static double
noise(void)
{
	w.random =
	    w.random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((double)(w.random >> 32) / 4294967296.0 - 0.5) * 3.4641016;
}

static void
begin(uint64_t seed)
{
	memset(&w, 0, sizeof(w));
	w.random = seed;
	w.now.ns = 1000 * NS_PER_S;
	w.truth_ns = 5e9;
	w.slope = 1e4;
	w.wander = 1;
	w.noise_ns = 1e5;
	for (int i = 0; i < SOURCES; i++) {
		estimator_init(&w.filters[i], 0, 0);
		w.in[i].part = JOINT_IN;
		w.in[i].weight = 1;
	}
}

/* The mean of the lines of all sources in it, with equal weights. */
static void
combine(void)
{
	double sum = 0, var = 0;
	int64_t base_ns = (int64_t)w.truth_ns;
	int count = 0;

	memset(&w.combined, 0, sizeof(w.combined));
	w.combined.at = w.now;
	for (int i = 0; i < SOURCES; i++) {
		struct joint_input *in = &w.in[i];

		if (!estimator_predict(&w.filters[i], w.now, &in->line) ||
		    in->part != JOINT_IN)
			continue;
		sum += (double)(in->line.theta_ns - base_ns);
		var += in->line.sigma_ns * in->line.sigma_ns;
		count++;
	}
	w.combined.theta_ns = base_ns + (int64_t)(sum / count);
	w.combined.sigma_ns = sqrt(var) / count;
}

/* Source i is queried, and a decision made. */
static void
ask(int i)
{
	struct joint_input *in = &w.in[i];

	struct measurement m = { .at = w.now,
		.theta_ns =
		    (int64_t)(w.truth_ns + w.off_ns[i] + w.noise_ns * noise()),
		.delay_ns = 1000000,
		.dispersion_ns = 100 };

	in->fresh = estimator_update(&w.filters[i], &m);
	in->last = (struct observation){ m.at, m.theta_ns,
		{ .variance = w.noise_ns * w.noise_ns } };
	combine();
	w.line = w.combined;
	(void)joint_update(&w.joint, w.in, SOURCES, &w.filters[0], &w.line);
	in->fresh = false;
}

static void
pass(int seconds)
{
	for (int s = 0; s < seconds; s++) {
		w.slope += w.wander * noise();
		w.truth_ns += w.slope;
		w.now.ns += NS_PER_S;
	}
}

/* All sources in turn, count times; returns the line's RMS error. */
static double
rounds(int count, double *combined_ns)
{
	double sum = 0, sum_combined = 0;

	for (int k = 0; k < count * SOURCES; k++) {
		double e;

		pass(POLL_S / SOURCES);
		ask(k % SOURCES);
		e = (double)w.line.theta_ns - w.truth_ns;
		sum += e * e;
		e = (double)w.combined.theta_ns - w.truth_ns;
		sum_combined += e * e;
	}
	*combined_ns = sqrt(sum_combined / count / SOURCES);
	return sqrt(sum / count / SOURCES);
}

static double
run(int count)
{
	double combined_ns;

	return rounds(count, &combined_ns);
}

static void
test_one(void)
{
	begin(1);
	for (int i = 1; i < SOURCES; i++)
		w.in[i].part = JOINT_OUT;
	for (int k = 0; k < 50; k++) {
		pass(POLL_S);
		ask(0);
	}
	OK(memcmp(&w.line, &w.combined, sizeof(w.line)) == 0,
	    "one source: the line is its own");
	OK(!w.joint.started, "and there is no joint filter");
	w.in[1].part = JOINT_ASIDE;
	ask(0);
	OK(memcmp(&w.line, &w.combined, sizeof(w.line)) == 0,
	    "one that is not combined does not count");
}

static void
test_better(void)
{
	double combined_ns, joint_ns, sigma_ns;

	begin(2);
	(void)run(200);
	joint_ns = rounds(2000, &combined_ns);
	OK(joint_ns < 0.97 * combined_ns,
	    "four in one filter: %.0f ns, the mean of four: %.0f ns", joint_ns,
	    combined_ns);
	sigma_ns = w.line.sigma_ns;
	OK(joint_ns < 1.5 * sigma_ns && joint_ns > 0.5 * sigma_ns,
	    "it knows its own error: %.0f ns", sigma_ns);
}

static void
test_biases(void)
{
	double same_ns, mean_ns;

	begin(3);
	(void)run(200);
	same_ns = run(500);
	begin(3);
	w.off_ns[0] = 2e6;
	w.off_ns[1] = -3e6;
	w.off_ns[2] = 1e6;
	(void)run(200);
	NEAR(run(500), same_ns, 0.1 * same_ns,
	    "sources that differ do not pull the line about");
	NEAR(w.joint.sources[1].bias_ns, -3e6, 3 * w.noise_ns,
	    "what each is off by is known");
	mean_ns = 0;
	for (int i = 0; i < SOURCES; i++)
		mean_ns += w.joint.sources[i].bias_ns / SOURCES;
	NEAR(mean_ns, 0, 1, "and is nothing in the mean");
	w.in[1].part = JOINT_ASIDE;
	pass(POLL_S);
	ask(0);
	NEAR((double)w.line.theta_ns - w.truth_ns, 1e6, 5 * w.noise_ns,
	    "one put aside does not count in the mean");
	OK(w.joint.bank.count > 2000, "the filter goes on without it");
	w.in[1].part = JOINT_IN;
	pass(POLL_S);
	ask(0);
	NEAR((double)w.line.theta_ns - w.truth_ns, 0, 5 * w.noise_ns,
	    "and counts again when it is back");
}

/* One of four drifts, and is detected. */
static void
test_falseticker(void)
{
	double combined_ns, joint_ns;

	begin(4);
	(void)run(200);
	for (int k = 0; k < 50; k++) {
		w.off_ns[3] += POLL_S * 100.0;
		(void)run(1);
		if (fabs((double)(w.line.theta_ns - w.combined.theta_ns)) >
		    6 * w.combined.sigma_ns)
			break;
	}
	OK(fabs((double)(w.line.theta_ns - w.combined.theta_ns)) <=
		6 * w.combined.sigma_ns,
	    "a source that drifts does not part joint and combined line");
	w.in[3].part = JOINT_OUT;
	ask(3);
	NEAR((double)(w.line.theta_ns - w.combined.theta_ns), 0, 2,
	    "with a falseticker out, all begins at the combined line");
	joint_ns = rounds(100, &combined_ns);
	OK(joint_ns < 1.5 * combined_ns && joint_ns < 0.3 * w.noise_ns,
	    "nothing of it is left: %.0f ns, combined %.0f ns", joint_ns,
	    combined_ns);
}

static void
test_order(void)
{
	uint32_t before;

	begin(5);
	(void)run(100);
	before = w.joint.bank.count;
	pass(POLL_S);
	ask(0);
	w.in[1].last = (struct observation){ { w.now.ns - NS_PER_S },
		(int64_t)(w.truth_ns - w.slope), { .variance = 1e10 } };
	w.in[1].fresh = true;
	w.line = w.combined;
	(void)joint_update(&w.joint, w.in, SOURCES, &w.filters[0], &w.line);
	IS_I64(w.joint.bank.count, before + 2,
	    "an answer that is late by a second still counts");
	NEAR((double)w.line.theta_ns - w.truth_ns, 0, 3 * w.noise_ns,
	    "as what it was at its time");
}

static void
test_shift(void)
{
	int64_t before_ns;

	begin(6);
	(void)run(100);
	before_ns = w.line.theta_ns;
	joint_shift(&w.joint, NS_PER_S);
	for (int i = 0; i < SOURCES; i++)
		estimator_shift(&w.filters[i], NS_PER_S);
	w.truth_ns += 1e9;
	combine();
	w.line = w.combined;
	(void)joint_update(&w.joint, w.in, SOURCES, &w.filters[0], &w.line);
	IS_I64(w.line.theta_ns, before_ns + NS_PER_S,
	    "a leap second shifts the line");
	w.combined.theta_ns += NS_PER_S;
	w.line = w.combined;
	(void)joint_update(&w.joint, w.in, SOURCES, &w.filters[0], &w.line);
	IS_I64(w.line.theta_ns, w.combined.theta_ns,
	    "if the combined line is far away, it holds");
	OK(!w.joint.started, "and the joint filter starts again");
	(void)joint_update(&w.joint, w.in, SOURCES - 1, &w.filters[0], &w.line);
	(void)joint_update(&w.joint, w.in, 0, &w.filters[0], &w.line);
	OK(!w.joint.started, "without sources there is none");
}

static const double extremes[] = { 0, 1e-300, 1, 1e18, 1e36, 1e300,
	(double)INFINITY };

static void
test_hostile(void)
{
	const int64_t times[] = { INT64_MIN, -1, 0, 1, INT64_MAX };
	const size_t n = sizeof(extremes) / sizeof(extremes[0]);
	bool finite = true;

	begin(7);
	(void)run(10);
	for (size_t k = 0; k < 20000; k++) {
		struct joint_input *in = &w.in[k % SOURCES];

		w.random = w.random * UINT64_C(6364136223846793005) + k;
		in->line.theta_ns = times[(w.random >> 40) % 5];
		in->line.sigma_ns = extremes[(w.random >> 44) % n];
		in->last.theta_ns = times[(w.random >> 48) % 5];
		in->last.at.ns = times[(w.random >> 52) % 5];
		in->last.noise.variance = extremes[(w.random >> 56) % n];
		in->last.noise.half_ns = extremes[(w.random >> 60) % n];
		in->fresh = true;
		w.line = w.combined;
		w.line.theta_ns = times[(w.random >> 36) % 5];
		(void)joint_update(
		    &w.joint, w.in, SOURCES, &w.filters[0], &w.line);
		finite = finite && isfinite(w.line.sigma_ns) &&
		    isfinite(w.line.slope) && w.line.sigma_ns >= 0;
		for (int i = 0; i < SOURCES; i++)
			finite = finite &&
			    isfinite(w.joint.sources[i].bias_ns) &&
			    isfinite(w.joint.sources[i].bias_var);
	}
	OK(finite, "whatever sources say, the line consists of numbers");
}

int
main(void)
{
	test_one();
	test_better();
	test_biases();
	test_falseticker();
	test_order();
	test_shift();
	test_hostile();
	return DONE();
}
