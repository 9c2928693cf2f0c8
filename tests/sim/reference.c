/*
 * The plain client, see reference.h.
 */
#include "tests/sim/reference.h"

#include <math.h>
#include <string.h>

#define FIT_LEAST     3	   /* samples for a line */
#define RUNS_LEAST    8	   /* below this, runs say nothing */
#define DELAY_SCALE   0.7  /* of the mean excess: half of the weight there */
#define DELAY_RATIO   10.0 /* an excess that is more is not taken, ... */
#define DELAY_ALWAYS  3	   /* ... unless that has happened this often */
#define COMBINE_RATIO 3.0  /* to the least distance, to count */
#define RUNS_QUANTILE 2.05 /* 2 % */
#define LEAST_NS      1.0  /* the clocks' resolution */
#define NS	      1e9
#define UNKNOWN_SLOPE 100e-6
#define WANDER	      1e-6 /* what the age of a line adds to its distance */

struct delays {
	double least_ns;
	double excess_ns; /* mean */
};

/* --- the line of one server ----------------------------------------------- */

static double
least_delay_ns(const struct reference_source *s)
{
	double least = s->sample[0].delay_ns;

	for (uint32_t i = 1; i < s->count; i++)
		least = fmin(least, s->sample[i].delay_ns);
	return least;
}

static double
x_of(const struct reference_source *s, uint32_t i)
{
	return (double)(s->sample[i].raw_ns - s->sample[s->count - 1].raw_ns);
}

static double
residual(const struct reference_source *s, uint32_t i)
{
	return s->sample[i].off_ns - s->off_ns - s->slope * x_of(s, i);
}

/* The mean excess of the delays over the least one, in one direction. */
static double
excess_ns(const struct reference_source *s, double least_ns)
{
	double sum = 0;

	for (uint32_t i = 0; i < s->count; i++)
		sum += (s->sample[i].delay_ns - least_ns) / 2;
	return fmax(sum / s->count, LEAST_NS);
}

/* The weight of a sample: less with what its delay exceeds the least by. */
static double
weight(const struct reference_source *s, uint32_t i, const struct delays *d)
{
	double excess = (s->sample[i].delay_ns - d->least_ns) / 2;

	return 1 / pow(1 + excess / (DELAY_SCALE * d->excess_ns), 2);
}

/* Weighted least squares over the samples from `first` on. */
static void
fit(struct reference_source *s, uint32_t first)
{
	double least_ns = least_delay_ns(s), n = s->count - first;
	const struct delays d = { least_ns, excess_ns(s, least_ns) };
	double w = 0, x = 0, y = 0, xx = 0, xy = 0, rr = 0, mean_x, mean_y;

	for (uint32_t i = first; i < s->count; i++) {
		double k = weight(s, i, &d);

		w += k;
		x += k * x_of(s, i);
		y += k * s->sample[i].off_ns;
	}
	mean_x = x / w;
	mean_y = y / w;
	for (uint32_t i = first; i < s->count; i++) {
		double k = weight(s, i, &d), dx = x_of(s, i) - mean_x;

		xx += k * dx * dx;
		xy += k * dx * (s->sample[i].off_ns - mean_y);
	}
	s->slope = xx > 0 ? xy / xx : 0;
	s->off_ns = mean_y - s->slope * mean_x;
	for (uint32_t i = first; i < s->count; i++)
		rr += weight(s, i, &d) * pow(residual(s, i), 2);
	rr = n > 2 ? rr / (n - 2) : 0;
	s->residual_ns = fmax(sqrt(rr), LEAST_NS);
	s->off_sigma_ns =
	    s->residual_ns * sqrt(1 / w + (xx > 0 ? mean_x * mean_x / xx : 0));
	s->slope_sigma = xx > 0 ? s->residual_ns / sqrt(xx) : UNKNOWN_SLOPE;
}

/*
 * Do the residuals change their sign as often as chance would make them?  If
 * not, the line does not hold for all of them (the runs test).
 */
static bool
is_straight(const struct reference_source *s, uint32_t first)
{
	double n = s->count - first, runs = 1;

	if (n < RUNS_LEAST)
		return true;
	for (uint32_t i = first + 1; i < s->count; i++)
		runs += (residual(s, i) > 0) != (residual(s, i - 1) > 0);
	return runs >= n / 2 + 1 - RUNS_QUANTILE * sqrt((n - 1) / 4);
}

static void
forget(struct reference_source *s, uint32_t n)
{
	s->count -= n;
	memmove(s->sample, s->sample + n, s->count * sizeof(s->sample[0]));
}

static void
fit_straight(struct reference_source *s)
{
	uint32_t first = 0;

	if (s->count < FIT_LEAST)
		return;
	fit(s, first);
	while (!is_straight(s, first))
		fit(s, ++first);
	forget(s, first);
}

/* --- what comes in --------------------------------------------------------- */

/* Is the delay of this sample too long for it to say anything? */
static bool
is_outlier(const struct reference_source *s, double delay_ns)
{
	return s->count >= RUNS_LEAST &&
	    (delay_ns - least_delay_ns(s)) / 2 > DELAY_RATIO * s->residual_ns;
}

void
reference_take(
    struct reference *r, uint32_t server, const struct reference_exchange *e)
{
	struct reference_source *s = &r->of[server];
	/* UTC - raw of each way; their mean is the offset. */
	int64_t up_ns = e->server_received_ns - e->sent_ns;
	int64_t down_ns = e->server_sent_ns - e->received_ns;
	struct reference_sample *to;

	if (e->sent_ns == s->sent_ns) /* a copy */
		return;
	s->sent_ns = e->sent_ns;
	s->root_ns = e->root_ns;
	if (is_outlier(s, (double)(up_ns - down_ns)) &&
	    s->skipped++ < DELAY_ALWAYS)
		return;
	s->skipped = 0;
	if (s->count == 0)
		s->base_ns = up_ns;
	if (s->count == REFERENCE_SAMPLES)
		forget(s, 1);
	to = &s->sample[s->count++];
	to->raw_ns = e->sent_ns + (e->received_ns - e->sent_ns) / 2;
	to->off_ns = (double)(up_ns - s->base_ns) / 2 +
	    (double)(down_ns - s->base_ns) / 2;
	to->delay_ns = (double)(up_ns - down_ns);
	fit_straight(s);
}

/* --- all servers together -------------------------------------------------- */

static double
age_ns(const struct reference_source *s, int64_t raw_ns)
{
	return (double)(raw_ns - s->sample[s->count - 1].raw_ns);
}

/* UTC - raw by this server, less base_ns. */
static double
offset_ns(const struct reference_source *s, int64_t raw_ns, int64_t base_ns)
{
	return s->off_ns + s->slope * age_ns(s, raw_ns) +
	    (double)(s->base_ns - base_ns);
}

static double
distance_ns(const struct reference_source *s, int64_t raw_ns)
{
	return s->root_ns + least_delay_ns(s) / 2 + s->off_sigma_ns +
	    (s->slope_sigma + WANDER) * age_ns(s, raw_ns);
}

/* Does its interval meet those of more than half of all? */
static bool
agrees(const struct reference *r, uint32_t i, int64_t raw_ns)
{
	const struct reference_source *s = &r->of[i];
	uint32_t all = 0, met = 0;

	for (uint32_t k = 0; k < SCENARIO_SERVERS; k++) {
		const struct reference_source *o = &r->of[k];

		if (o->count < FIT_LEAST)
			continue;
		all++;
		met += fabs(offset_ns(o, raw_ns, s->base_ns) -
			   offset_ns(s, raw_ns, s->base_ns)) <=
		    distance_ns(s, raw_ns) + distance_ns(o, raw_ns);
	}
	return 2 * met > all;
}

void
reference_second(struct reference *r, int64_t raw_ns, int64_t utc_ns)
{
	double least_ns = INFINITY, w = 0, error_ns = 0;
	bool good[SCENARIO_SERVERS];

	for (uint32_t i = 0; i < SCENARIO_SERVERS; i++) {
		good[i] = r->of[i].count >= FIT_LEAST && agrees(r, i, raw_ns);
		if (good[i])
			least_ns =
			    fmin(least_ns, distance_ns(&r->of[i], raw_ns));
	}
	for (uint32_t i = 0; i < SCENARIO_SERVERS; i++) {
		double distance, k;

		if (!good[i])
			continue;
		distance = distance_ns(&r->of[i], raw_ns);
		if (distance > COMBINE_RATIO * least_ns)
			continue;
		k = 1 / (distance * distance);
		w += k;
		error_ns += k * offset_ns(&r->of[i], raw_ns, utc_ns - raw_ns);
	}
	if (!(w > 0))
		return;
	error_ns /= w;
	r->seconds++;
	r->error_square += error_ns * error_ns;
	r->error_max_ns = fmax(r->error_max_ns, fabs(error_ns));
}

double
reference_rms_ns(const struct reference *r)
{
	return r->seconds == 0 ? 0 : sqrt(r->error_square / (double)r->seconds);
}
