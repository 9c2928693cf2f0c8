/*
 * Why the time is unknown or not followed, see why.h.  Run by ntp-net.  Must
 * never claim anything untrue about a source: it only reports.
 */
#include "ntp-net/poll/why.h"

#include <stdio.h>

#include "core/fmath.h"
#include "core/saturate.h"
#include "ntp-net/poll/known.h"

const char *
why_seconds(char buf[WHY_SECONDS_LEN], int64_t ns)
{
	double s = (double)ns / NS_PER_S;

	(void)snprintf(buf, WHY_SECONDS_LEN, s < 1000 ? "%.3g s" : "%.0f s", s);
	return buf;
}

/* The nearest of the sources that answer but are too far; NULL: none. */
static const struct slot *
nearest_too_far(const struct net *n)
{
	struct mono now = { n->clocks.pair.raw_ns };
	const struct slot *best = NULL;
	int64_t best_ns = INT64_MAX;

	for (uint32_t i = 0; i < n->table.end; i++) {
		const struct slot *s = &n->table.slots[i];
		int64_t ns;

		if (!s->used || s->status != SLOT_TOO_FAR)
			continue;
		ns = source_root_distance_ns(&s->source, now);
		if (ns <= best_ns) {
			best = s;
			best_ns = ns;
		}
	}
	return best;
}

/* What the sources do that have no vote and are not too far. */
struct voteless {
	uint32_t measured; /* answer, but with too few measurements */
	bool smeared;	   /* answer with smeared time, */
	bool refused;	   /* or with unusable packets */
	bool ever;	   /* do not answer now, but did before */
	bool others;	   /* there is one besides this machine */
};

static struct voteless
count_voteless(const struct net *n)
{
	struct voteless v = { .ever = n->decision.agreement.ever };

	for (uint32_t i = 0; i < n->table.end; i++) {
		const struct slot *slot = &n->table.slots[i];
		const struct source *s = &slot->source;

		v.others |= n->table.entries[i].used &&
		    table_slots_of(&n->table, i) == 0;
		if (!slot->used || slot->self)
			continue;
		v.others = true;
		v.smeared |= s->reach != 0 && slot->smeared;
		v.measured +=
		    s->reach != 0 && !slot->smeared && s->query != QUERY_DENIED;
		v.refused |= s->last_reject != VERDICT_USED && slot->error == 0;
		v.ever |= s->version != 0;
	}
	return v;
}

/*
 * No source has a vote: are there none, or what is wrong with those that
 * answer?
 */
static void
why_no_votes(const struct net *n, char why[REASON_LEN])
{
	struct mono now = { n->clocks.pair.raw_ns };
	const struct slot *far = nearest_too_far(n);
	struct voteless v = count_voteless(n);
	char is[WHY_SECONDS_LEN], most[WHY_SECONDS_LEN];

	if (far != NULL)
		(void)snprintf(why, REASON_LEN,
		    "the nearest source has a root distance of %s, "
		    "the maximum is %s",
		    why_seconds(is, source_root_distance_ns(&far->source, now)),
		    why_seconds(most, n->table.config.max_distance_ns));
	else if (v.measured > 0)
		(void)snprintf(why, REASON_LEN,
		    "%u source%s, but %s no vote before %d measurements",
		    v.measured, v.measured == 1 ? " answers" : "s answer",
		    v.measured == 1 ? "has" : "have", SOURCE_TRUST);
	else
		(void)snprintf(why, REASON_LEN, "%s",
		    v.smeared	    ? "those that answer serve smeared time"
			: v.refused ? "no answer of a source can be used"
			: !v.others ? "each source is this machine itself"
			: !v.ever   ? "no source has answered yet"
			: n->decision.synced ? "no source answers"
					     : "no source answers any more");
}

/* The sources agree, but the time still does not count as known. */
static void
why_useless(const struct net *n, char why[REASON_LEN])
{
	struct mono now = { n->clocks.pair.raw_ns };
	char is[WHY_SECONDS_LEN], most[WHY_SECONDS_LEN];

	(void)snprintf(why, REASON_LEN,
	    "the error may be as large as %s, the maximum distance is %s",
	    why_seconds(is, known_bound_ns(&n->decision, now)),
	    why_seconds(most, n->table.config.max_distance_ns));
}

/* The sources with a vote disagree, or are too few. */
static void
why_no_majority(const struct net *n, char why[REASON_LEN])
{
	const struct select_output *o = &n->decision.agreement.now;

	(void)snprintf(why, REASON_LEN, "%u source%s must agree, %u %s",
	    o->needed, o->needed == 1 ? "" : "s", o->agreeing,
	    o->agreeing == 1 ? "does" : "do");
}

static void
why_unknown(const struct net *n, char why[REASON_LEN])
{
	if (n->table.entry_count == 0)
		(void)snprintf(why, REASON_LEN, "no source is configured");
	else if (n->decision.agreement.too_fast)
		(void)snprintf(why, REASON_LEN,
		    "this machine's oscillator is off by %lld ppm, more than "
		    "1000 ppm",
		    (long long)fmath_round(
			n->decision.agreement.wild_slope * 1e6));
	else if (n->decision.agreement.now.agreed)
		why_useless(n, why);
	else if (n->decision.agreement.paused)
		(void)snprintf(why, REASON_LEN,
		    "the machine was paused: its sources are asked again");
	else if (n->decision.agreement.now.votes == 0)
		why_no_votes(n, why);
	else
		why_no_majority(n, why);
}

/* The time is known, by the sources or from earlier measurements. */
static void
why_holding(const struct net *n, char why[REASON_LEN])
{
	const struct decision *d = &n->decision;

	why[0] = '\0';
	if (!known_holdover(n))
		return;
	if (d->agreement.now.agreed)
		(void)snprintf(why, REASON_LEN,
		    "none that is selected has answered its last %d queries",
		    HOLDOVER_MISSED);
	else if (d->agreement.now.votes == 0)
		why_no_votes(n, why);
	else
		why_no_majority(n, why);
}

/* True if the clock follows the time, or nothing steers it. */
static bool
clock_follows(const struct net *n, int64_t offset_ns, char why[REASON_LEN])
{
	const struct msg_clock_state *c = &n->clock_state;
	int64_t off_ms = offset_ns / NS_PER_MS;

	if ((n->table.config.flags & NET_CLOCK) == 0)
		return true;
	if (!n->clock_known) {
		(void)snprintf(
		    why, REASON_LEN, "the clock process has not reported yet");
		return false;
	}
	if ((c->flags & CLOCK_STATE_CONTROLLED) == 0)
		return true;
	if ((c->flags & CLOCK_STATE_FROZEN) != 0)
		(void)snprintf(
		    why, REASON_LEN, "the clock is frozen: %.100s", c->frozen);
	else if ((c->flags & CLOCK_STATE_HAS_LINE) == 0)
		(void)snprintf(why, REASON_LEN,
		    "the clock process has taken no sample yet");
	else if (sat_abs(offset_ns) >= IN_SYNC_NS)
		(void)snprintf(why, REASON_LEN, "the clock is %lld ms %s",
		    (long long)sat_abs(off_ms),
		    offset_ns > 0 ? "behind" : "ahead");
	else
		return true;
	return false;
}

bool
why_synced(const struct net *n, int64_t offset_ns, char why[REASON_LEN])
{
	if (!n->decision.synced) {
		why_unknown(n, why);
		return false;
	}
	why_holding(n, why);
	return clock_follows(n, offset_ns, why);
}
