/*
 * The joint filter, see joint.h.  Run by ntp-net.  A source that is no longer
 * believed must never go on moving the line.
 *
 * It is an estimator that takes in each measurement minus its source's bias.
 * The biases stand for asymmetric paths and for servers that are off.  Their
 * weighted mean is kept at zero, so that in the long run the joint line goes
 * where the combined line goes.  Without biases, the line would follow
 * whichever of two different sources spoke last.
 */
#include "core/filter/joint.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"

#define BIAS_MEMORY   256.0 /* measurements that a bias is averaged over */
/*
 * The observations of many sources arrive faster, so the bank must remember
 * more of them to tell which wander is right.
 */
#define WANDER_MEMORY 0.999
#define VARIANCE_MIN  1.0 /* ns^2 */
#define APART_SIGMAS  6.0 /* between joint and combined line: restart */
#define VARIANCE_MAX  1e30

static double
variance_limit(double v)
{
	return fmath_clamp(v, VARIANCE_MIN, VARIANCE_MAX);
}

/* The joint line at a moment. */
static struct estimate
line_at(const struct joint *j, struct mono at)
{
	struct estimate e;

	if (!estimate_of_filter_bank(&j->bank, at, &e))
		e.at = at;
	return e;
}

void
joint_stop(struct joint *j)
{
	memset(j, 0, sizeof(*j));
}

void
joint_shift(struct joint *j, int64_t by_ns)
{
	j->bank.theta_ns = sat_add(j->bank.theta_ns, by_ns);
}

/* Start at the combined line, with what one source's filter knows. */
static void
start(
    struct joint *j, const struct estimator *from, const struct estimate *line)
{
	joint_stop(j);
	j->bank = *estimator_filter_bank(from);
	j->bank.memory = WANDER_MEMORY;
	j->bank.outliers = 0;
	joint_shift(j, sat_sub(line->theta_ns, line_at(j, line->at).theta_ns));
	j->started = true;
}

/*
 * Drop the bias of each source that is not combined.  Returns true if a source
 * that was in the filter is no longer believed.
 */
static bool
drop(struct joint *j, const struct joint_input *in, uint32_t n)
{
	bool lost = false;

	for (uint32_t i = 0; i < JOINT_MAX; i++) {
		if (!j->sources[i].joined || (i < n && in[i].part == JOINT_IN))
			continue;
		lost = lost || i >= n || in[i].part == JOINT_OUT;
		j->sources[i].joined = false;
	}
	return lost;
}

static void
join(struct joint *j, const struct joint_input *in, uint32_t n, struct mono now)
{
	int64_t theta_ns = line_at(j, now).theta_ns;

	for (uint32_t i = 0; i < n; i++) {
		struct joint_source *s = &j->sources[i];

		if (in[i].part != JOINT_IN || s->joined)
			continue;
		s->joined = true;
		s->bias_ns = (double)sat_sub(in[i].line.theta_ns, theta_ns);
		s->bias_var =
		    variance_limit(in[i].line.sigma_ns * in[i].line.sigma_ns);
	}
}

/*
 * Take in one observation: a part of its innovation is bias, the rest is the
 * line's.
 */
static void
feed(struct joint *j, struct joint_source *s, const struct joint_input *in)
{
	struct observation o = in->last;
	struct gauss predicted;
	struct estimate e;
	double innovation_ns, total, noise_ns2;
	enum filter_bank_result result;

	if (o.at.ns < j->bank.at.ns) {
		e = line_at(j, o.at);
		o.theta_ns = sat_add(o.theta_ns,
		    sat_sub(line_at(j, j->bank.at).theta_ns, e.theta_ns));
		o.at = j->bank.at;
	}
	e = line_at(j, o.at);
	o.theta_ns =
	    sat_sub(o.theta_ns, fmath_to_int64(fmath_round(s->bias_ns)));
	o.noise.variance = variance_limit(o.noise.variance + s->bias_var);
	innovation_ns = (double)sat_sub(o.theta_ns, e.theta_ns);
	result = filter_bank_update(&j->bank, &o, &predicted);
	if (result != FILTER_BANK_USED && result != FILTER_BANK_RESTARTED)
		return;
	noise_ns2 =
	    variance_limit(noise_sigma_ns(&o.noise) * noise_sigma_ns(&o.noise));
	total = e.sigma_ns * e.sigma_ns + noise_ns2;
	s->bias_ns += s->bias_var / total * innovation_ns;
	s->bias_var *= 1 - s->bias_var / total;
	s->bias_var = variance_limit(s->bias_var * (1 + 1 / BIAS_MEMORY));
}

/* Take in all fresh observations, the oldest first. */
static void
feed_all(struct joint *j, const struct joint_input *in, uint32_t n)
{
	bool fed[JOINT_MAX] = { false };

	for (;;) {
		uint32_t next = n;

		for (uint32_t i = 0; i < n; i++)
			if (j->sources[i].joined && in[i].fresh && !fed[i] &&
			    (next == n ||
				in[i].last.at.ns < in[next].last.at.ns))
				next = i;
		if (next == n)
			return;
		fed[next] = true;
		feed(j, &j->sources[next], &in[next]);
	}
}

/* Move the weighted mean of the biases into the line; returns their RMS. */
static double
level(struct joint *j, const struct joint_input *in, uint32_t n)
{
	double sum_w = 0, sum = 0, square = 0;
	int64_t shift_ns;

	for (uint32_t i = 0; i < n; i++) {
		if (!j->sources[i].joined)
			continue;
		sum_w += in[i].weight;
		sum += in[i].weight * j->sources[i].bias_ns;
	}
	shift_ns = fmath_to_int64(fmath_round(sum / sum_w));
	joint_shift(j, shift_ns);
	for (uint32_t i = 0; i < n; i++) {
		struct joint_source *s = &j->sources[i];

		if (!s->joined)
			continue;
		s->bias_ns -= (double)shift_ns;
		square += in[i].weight * s->bias_ns * s->bias_ns;
	}
	return sqrt(square / sum_w);
}

/*
 * The uncertainty of the combined line, from those of its lines.  A bias is a
 * constant, so a source that drifts away from the others pulls the joint line
 * with it, and the combined line less.
 */
static double
combined_sigma_ns(const struct joint_input *in, uint32_t n)
{
	double sum_w = 0, sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		double s = in[i].weight * in[i].line.sigma_ns;

		if (in[i].part != JOINT_IN)
			continue;
		sum_w += in[i].weight;
		sum += s * s;
	}
	return sqrt(sum) / sum_w;
}

static uint32_t
count_in(const struct joint_input *in, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++)
		count += in[i].part == JOINT_IN;
	return count;
}

int64_t
joint_update(struct joint *j, const struct joint_input *in, uint32_t n,
    const struct estimator *from, struct estimate *line)
{
	struct estimate e;
	uint32_t count = count_in(in, n);
	double spread_ns, apart_ns;

	if (count < 2) {
		joint_stop(j);
		return 0;
	}
	if (drop(j, in, n) || !j->started)
		start(j, from, line);
	feed_all(j, in, n);
	if (j->bank.count == 1) /* all have jumped */
		start(j, from, line);
	join(j, in, n, line->at);
	spread_ns = level(j, in, n);
	e = line_at(j, line->at);
	apart_ns = fabs((double)sat_sub(e.theta_ns, line->theta_ns));
	if (apart_ns > APART_SIGMAS * combined_sigma_ns(in, n)) {
		joint_stop(j);
		return 0;
	}
	e.sigma_ns =
	    sqrt(e.sigma_ns * e.sigma_ns + spread_ns * spread_ns / count);
	*line = e;
	return fmath_to_int64(apart_ns);
}
