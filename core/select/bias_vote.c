/*
 * Which sources deviate from their biases, see bias_vote.h.  Run by ntp-net.
 * It must never leave fewer sources than must agree.
 */
#include "core/select/bias_vote.h"

#include "core/fmath.h"
#include "core/saturate.h"
#include "core/select/interval.h"

/*
 * A source is excluded if its deviation +- BIAS_SIGMAS sigma does not overlap
 * the interval that a majority shares.  It is back if +- half of that overlaps
 * the inner half of the interval.
 */
#define BIAS_SIGMAS 3.0

/*
 * The interval of its deviation; a source without a bias is compatible with
 * any.
 */
static struct interval
bias_interval(const struct select_input *in)
{
	double around_ns = BIAS_SIGMAS * in->deviation_sigma_ns;

	if (!in->has_bias)
		return (struct interval){ INT64_MIN, 0, INT64_MAX };
	return (struct interval){ fmath_to_int64(in->deviation_ns - around_ns),
		fmath_to_int64(in->deviation_ns),
		fmath_to_int64(in->deviation_ns + around_ns) };
}

/*
 * The deviation that a majority of the sources share, without those that are
 * excluded already.  Returns false if too few have a bias, or no majority
 * shares one.
 */
static bool
common_deviation(const struct select_input *in, const uint32_t *index,
    uint32_t n, uint32_t needed, struct interval *shared)
{
	struct intervals all = { .n = 0 };
	uint32_t known = 0;

	for (uint32_t k = 0; k < n; k++) {
		const struct select_input *one = &in[index[k]];
		struct interval i = bias_interval(one);

		if (one->deviating)
			continue;
		intervals_add(&all, &i);
		known += one->has_bias;
	}
	return known >= needed && intervals_share(&all, false, shared);
}

/* Does it deviate as the majority does, or is it back there? */
static bool
is_usual(const struct select_input *in, const struct interval *shared)
{
	struct interval own = bias_interval(in);
	int64_t margin_ns;

	if (!in->deviating)
		return interval_touch(&own, shared);
	if (!in->has_bias)
		return false;
	margin_ns = sat_sub(shared->high_ns, shared->low_ns) / 4 -
	    fmath_to_int64(BIAS_SIGMAS / 2 * in->deviation_sigma_ns);
	return own.middle_ns >= sat_add(shared->low_ns, margin_ns) &&
	    own.middle_ns <= sat_sub(shared->high_ns, margin_ns);
}

uint32_t
bias_vote(const struct select_input *in, uint32_t *index, uint32_t n,
    uint32_t needed, enum select_state *state)
{
	uint32_t kept[SELECT_MAX], count = 0;
	struct interval shared;
	bool common = common_deviation(in, index, n, needed, &shared);

	for (uint32_t k = 0; k < n; k++) {
		const struct select_input *one = &in[index[k]];

		if (common ? is_usual(one, &shared) : !one->deviating)
			kept[count++] = index[k];
	}
	if (count < needed)
		return n;
	for (uint32_t k = 0; k < n; k++)
		state[index[k]] = SELECT_DEVIATING;
	for (uint32_t k = 0; k < count; k++) {
		index[k] = kept[k];
		state[kept[k]] = SELECT_CANDIDATE;
	}
	return count;
}
