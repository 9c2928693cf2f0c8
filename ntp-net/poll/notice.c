/*
 * What nobody foresaw, see notice.h.  Runs in ntp-net; it must never take the
 * word of one source, or of fewer than must agree, for a leap of the time line.
 */
#include "ntp-net/poll/notice.h"

#include <math.h>

#include "common/log.h"
#include "core/saturate.h"
#include "ntp-net/poll/decide.h"

#define LINE_LEAPS	 5.0  /* standard deviations */
#define SLOPE_SIGMAS	 3.0  /* likewise */
#define SLOPE_LEAST	 5e-9 /* what a busy machine's stamps make, likewise */
#define WITNESSES_LEAST	 2    /* of a leap: one is never enough */
#define UNCLEAR_SIGMAS	 1.5  /* half of what is enough to be set aside */
#define ROUND_LONGEST	 3    /* times what it takes if no answer is lost */
#define ROUNDS_MOST	 4
#define DOUBT_GAP_NS	 (64 * NS_PER_S)
#define DOUBT_GAP_MAX_NS (8192 * NS_PER_S)

/*
 * How far are new measurements from the line that was agreed on before?
 * Outliers are measurements, too.
 */
static void
note_habits(struct net *n)
{
	const struct decision *d = &n->decision;

	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		struct slot *s = &n->table.slots[i];
		const struct source *from = &s->source;
		const struct observation *o = &from->estimator.last;
		double noise_ns2 =
		    o->noise.half_ns * o->noise.half_ns + o->noise.variance;
		struct estimate line;

		if (!s->used || (!s->fresh && !s->alarm) || !(noise_ns2 > 0))
			continue;
		line = decide_extrapolate(&d->last.line, from->updated_at);
		habit_take(&s->habit,
		    (double)sat_sub(o->theta_ns, line.theta_ns),
		    noise_ns2 + line.sigma_ns * line.sigma_ns,
		    from->updated_at);
	}
}

/* --- leaps of the time line ----------------------------------------------- */

static int64_t
size_ns(int64_t ns)
{
	return ns < 0 ? sat_sub(0, ns) : ns;
}

/*
 * Its answer was set aside, and the way, even if all of it were in one
 * direction, can not explain that.
 */
static bool
is_witness(const struct slot *slot)
{
	const struct source *s = &slot->source;

	return slot->used && !slot->smeared && s->odd && s->reach != 0 &&
	    !s->denied && size_ns(s->offset_ns) > s->delay_ns;
}

/* Half of each round trip is what the two may be wrong by. */
static bool
same_leap(const struct source *a, const struct source *b)
{
	int64_t apart_ns = size_ns(sat_sub(a->offset_ns, b->offset_ns));

	return apart_ns <= sat_add(a->delay_ns, b->delay_ns) / 2;
}

/* How many witnesses saw the leap that one of them saw. */
static uint32_t
count_witnesses(const struct table *t, const struct source *of)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		count += is_witness(&t->slots[i]) &&
		    same_leap(of, &t->slots[i].source);
	return count;
}

/* The nearest of those that enough others stand by; NULL: there is no leap. */
static const struct source *
find_leap(const struct net *n)
{
	const struct source *best = NULL;
	uint32_t least = n->decision.last.needed;

	if (least < WITNESSES_LEAST)
		least = WITNESSES_LEAST;
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		const struct source *s = &n->table.slots[i].source;

		if (is_witness(&n->table.slots[i]) &&
		    (best == NULL || s->delay_ns < best->delay_ns) &&
		    count_witnesses(&n->table, s) >= least)
			best = s;
	}
	return best;
}

static void
note_leap(struct net *n)
{
	struct decision *d = &n->decision;
	const struct source *s = find_leap(n);
	int64_t by_ns;
	double sigma_ns;

	if (s == NULL)
		return;
	by_ns = s->offset_ns;
	sigma_ns = (double)s->delay_ns / 2;
	log_info("the time line has leapt: us=%lld", (long long)by_ns / 1000);
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		if (n->table.slots[i].used) {
			source_leapt(
			    &n->table.slots[i].source, by_ns, sigma_ns);
			habit_interrupted(&n->table.slots[i].habit);
		}
	joint_stop(&d->joint);
	d->last.line.theta_ns = sat_add(d->last.line.theta_ns, by_ns);
	d->resend = true;
}

void
notice_measurements(struct net *n)
{
	leaps_note_sources(n);
	if (!n->decision.ever_agreed)
		return;
	note_habits(n);
	note_leap(n);
}

/* --- doubts --------------------------------------------------------------- */

/* Somebody who is believed shows what was not foreseen. */
static bool
any_alarm(const struct net *n, const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		const struct slot *s = &n->table.slots[v->slot_of[k]];

		if (s->alarm && !s->estranged &&
		    v->state[k] != SELECT_NOT_USABLE &&
		    v->state[k] != SELECT_FALSETICKER)
			return true;
	}
	return false;
}

/* Who believed is, departs from his habit. */
static bool
any_departure(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++)
		if (v->state[k] == SELECT_ESTRANGED && !v->in[k].estranged)
			return true;
	return false;
}

/* The clock of one who is believed runs faster or slower than the others'. */
static bool
any_slope(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		double sum_w = 0, sum = 0;
		double sigma = v->in[k].line.slope_sigma;

		for (uint32_t j = 0; j < v->count; j++) {
			double s = v->in[j].line.slope_sigma;

			if (j == k || v->state[j] != SELECT_SELECTED)
				continue;
			sum_w += 1 / (s * s);
			sum += v->in[j].line.slope / (s * s);
		}
		if (v->state[k] == SELECT_SELECTED && sum_w > 0 &&
		    fabs(v->in[k].line.slope - sum / sum_w) > SLOPE_SIGMAS *
			    sqrt(sigma * sigma + 1 / sum_w +
				SLOPE_LEAST * SLOPE_LEAST))
			return true;
	}
	return false;
}

static void
open_doubt(struct net *n, struct mono now)
{
	struct doubt *d = &n->decision.doubt;

	if (now.ns < d->next.ns)
		return;
	if (sat_sub(now.ns, d->next.ns) > DOUBT_GAP_MAX_NS)
		d->gap_ns = 0; /* it was quiet for long */
	d->open = true;
	d->rounds = 1;
	d->since = now;
	table_rush(&n->table, now);
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		habit_interrupted(&n->table.slots[i].habit);
}

/* So long do the questions of a round take, with the slowest of all. */
static int64_t
round_ns(const struct net *n, const struct voters *v)
{
	int64_t longest_ns = 0;

	for (uint32_t k = 0; k < v->count; k++) {
		const struct slot *s = &n->table.slots[v->slot_of[k]];
		int64_t own_ns = (((SOURCE_BURST - 1) * NS_PER_S)
				     << s->source.poll.floor_log2) +
		    (SOURCE_BURST - 1) * SOURCE_DITHER_NS;

		if (own_ns > longest_ns)
			longest_ns = own_ns;
	}
	return longest_ns;
}

/* Have all that matter answered often enough since then, or had their time? */
static bool
is_ripe(const struct net *n, const struct voters *v, struct mono now)
{
	int64_t passed_ns = sat_sub(now.ns, n->decision.doubt.since.ns);
	int64_t least_ns = round_ns(n, v);

	if (passed_ns >= ROUND_LONGEST * least_ns)
		return true;
	for (uint32_t k = 0; k < v->count; k++) {
		const struct slot *s = &n->table.slots[v->slot_of[k]];

		/* One that has leapt has no vote for a while, but will. */
		if (s->source.reach != 0 && !s->source.denied &&
		    !s->estranged && (!v->in[k].usable || !v->in[k].has_habit))
			return false;
	}
	return passed_ns >= least_ns;
}

/* Two have departed in different ways, but not so that it is beyond doubt. */
static bool
is_unclear(const struct voters *v)
{
	for (uint32_t k = 0; k < v->count; k++) {
		const struct select_input *a = &v->in[k];

		for (uint32_t j = 0; j < k; j++) {
			const struct select_input *b = &v->in[j];

			if (a->has_habit && b->has_habit && !a->estranged &&
			    !b->estranged &&
			    fabs(a->departure_ns - b->departure_ns) >
				UNCLEAR_SIGMAS *
				    (a->departure_sigma_ns +
					b->departure_sigma_ns))
				return true;
		}
	}
	return false;
}

static void
close_doubt(struct doubt *d, bool for_nothing, struct mono now)
{
	d->open = false;
	d->gap_ns = for_nothing ? 4 * d->gap_ns : DOUBT_GAP_NS;
	if (d->gap_ns < DOUBT_GAP_NS)
		d->gap_ns = DOUBT_GAP_NS;
	if (d->gap_ns > DOUBT_GAP_MAX_NS)
		d->gap_ns = DOUBT_GAP_MAX_NS;
	d->next.ns = sat_add(now.ns, d->gap_ns);
}

/* All have been asked: is it clear now, or are they asked again? */
static void
end_round(
    struct net *n, const struct voters *v, bool departure, struct mono now)
{
	struct doubt *d = &n->decision.doubt;
	bool unclear = is_unclear(v);

	if (departure || !unclear || d->rounds >= ROUNDS_MOST) {
		close_doubt(d, !departure, now);
		return;
	}
	d->rounds++;
	d->since = now;
	table_rush(&n->table, now);
}

bool
notice_selected(struct net *n, struct voters *v, struct mono now)
{
	struct doubt *d = &n->decision.doubt;
	bool departure = any_departure(v);

	if (d->open && is_ripe(n, v, now)) {
		end_round(n, v, departure, now);
		return true;
	}
	if (!d->open && (departure || any_alarm(n, v) || any_slope(v)))
		open_doubt(n, now);
	for (uint32_t k = 0; k < v->count && departure; k++)
		v->in[k].has_habit = v->in[k].has_habit && v->in[k].estranged;
	return !departure;
}

void
notice_line(struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;
	struct estimate old = decide_extrapolate(&d->last.line, now);
	double by_ns = (double)sat_sub(d->now.line.theta_ns, old.theta_ns);
	double sigma_ns = sqrt(old.sigma_ns * old.sigma_ns +
	    d->now.line.sigma_ns * d->now.line.sigma_ns);

	if (!d->ever_agreed || fabs(by_ns) <= LINE_LEAPS * sigma_ns)
		return;
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		habit_line_moved(&n->table.slots[i].habit, by_ns);
}
