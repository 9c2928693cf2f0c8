/*
 * From several sources to one time, see decide.h.  Run by ntp-net.  Must never
 * send a sample that a majority of the sources does not support.
 */
#include "ntp-net/poll/decide.h"

#include "common/log.h"
#include "core/fmath.h"
#include "core/leap/smeared.h"
#include "core/saturate.h"
#include "core/select/speed.h"
#include "core/select/vote.h"
#include "ntp-net/poll/known.h"
#include "ntp-net/poll/publish.h"
#include "ntp-net/poll/record/record.h"
#include "ntp-net/poll/refid.h"
#include "ntp-net/poll/status.h"
#include "ntp-net/poll/status_log.h"

#define QUIET_GAP_NS	   NS_PER_S
#define SUSPENDED_SIGMA_NS 1e9	/* suspended time is known this well, */
#define PAUSED_SIGMA_NS	   1e14 /* and the length of a pause is not */
#define SLOPE_HINT_SIGMA   1e-7 /* lower limit for new sources */

/* --- deciding ------------------------------------------------------------- */

/* The sources in the form that the selection needs; v starts empty. */
static void
gather(struct table *t, struct voters *v)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used)
			continue;
		v->of[v->count++] = (struct voter){ .source = &s->source,
			.bias = &s->bias,
			.oscillator = &s->oscillator,
			.place = i,
			.fresh = s->fresh,
			.alarm = s->alarm,
			.self = s->self,
			.deviating = s->deviating,
			.keyed = t->entries[s->entry].key_id != 0,
			.smeared = s->smeared,
			.smear_seen = s->smear_seen };
	}
}

static struct vote_rules
rules(const struct table *t)
{
	return (struct vote_rules){
		.quorum = { t->config.min_sources, table_configured(t),
		    table_awaited(t) },
		.max_distance_ns = t->config.max_distance_ns,
	};
}

/*
 * Take over the selection's states.  Returns true if a selected source has
 * news.
 */
static bool
take_states(struct net *n, const struct voters *v)
{
	bool news = false;

	for (uint32_t k = 0; k < v->count; k++) {
		struct slot *s = &n->table.slots[v->of[k].place];

		s->smeared = v->of[k].smeared;
		s->smear_seen = v->of[k].smear_seen;
		status_decided(s, v->state[k]);
		status_log_source(&n->table.entries[s->entry], s);
		news = news || (s->status == SLOT_SELECTED && s->fresh);
		s->fresh = s->alarm = false;
	}
	return news;
}

/* Let the sources vote.  Returns true if a selected one has news. */
static bool
run_vote(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	struct agreement *a = &d->agreement;
	const struct vote_rules r = rules(&n->table);
	const struct smeared_by by = { &n->leaps.list, &d->leap,
		n->leaps.smear_s };
	struct voters v;
	struct vote_events is;
	bool news;

	v.count = 0; /* the rest is large */
	gather(&n->table, &v);
	smeared_judge(&v, a, &by, now);
	is = vote_decide(a, &v, &r, now);
	if (is.leapt_ns != 0)
		log_info(
		    "all sources have jumped alike: they are followed: us=%lld",
		    (long long)is.leapt_ns / 1000);
	d->resend |= is.leapt_ns != 0;
	if (is.ask)
		table_burst(&n->table, now);
	news = take_states(n, &v);
	speed_judge(a, &v);
	return news;
}

/* Store the peer's reference ID, and the initial slope for new sources. */
static void
remember_agreement(struct net *n)
{
	struct decision *d = &n->decision;
	const struct estimate *line = &d->agreement.last.line;

	if (d->agreement.peer >= 0)
		d->refid = refid_of(&n->table.slots[d->agreement.peer].addr);
	n->table.slope = line->slope;
	n->table.slope_sigma = fmath_max(line->slope_sigma, SLOPE_HINT_SIGMA);
}

static void
update_synced(struct decision *d, int64_t max_distance_ns, struct mono now)
{
	bool synced = d->agreement.ever && !d->agreement.too_fast &&
	    known_bound_ns(d, now) <= max_distance_ns;

	status_log_too_fast(d);
	if (d->synced && !synced && !d->agreement.too_fast)
		log_warning("the time is no longer known: silent_s=%lld",
		    (long long)((now.ns - d->agreement.last_at.ns) / NS_PER_S));
	d->synced = synced;
}

bool
decide_quiet(const struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;

	return d->agreement.ever &&
	    leap_quiet(&d->leap, agreement_utc(&d->agreement, now));
}

/* --- steps ---------------------------------------------------------------- */

static void
begin_anew(struct net *n, struct mono now, double sigma_ns)
{
	table_resumed(&n->table, now, sigma_ns);
	n->decision.wanted = true;
}

static void
check_suspend(struct net *n, struct mono now)
{
	if (n->clocks.suspended_ns == 0)
		return;
	log_info("the machine was suspended: seconds=%lld",
	    (long long)(n->clocks.suspended_ns / NS_PER_S));
	n->clocks.suspended_ns = 0;
	begin_anew(n, now, SUSPENDED_SIGMA_NS);
	joint_stop(&n->decision.agreement.joint);
}

void
decide_paused(struct net *n, struct mono now)
{
	begin_anew(n, now, PAUSED_SIGMA_NS);
	agreement_paused(&n->decision.agreement, (int64_t)PAUSED_SIGMA_NS, now);
}

static void
check_leap(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	int64_t by_ns;

	if (!d->agreement.ever)
		return;
	by_ns = leap_passed(&d->leap, agreement_utc(&d->agreement, now));
	if (by_ns == 0)
		return;
	log_info("a leap second has passed: seconds=%d", by_ns < 0 ? 1 : -1);
	table_leap(&n->table, by_ns);
	agreement_shift(&d->agreement, by_ns);
	publish_page(n, now);
}

/* ntpd -q: when to give up; INT64_MAX: never. */
static int64_t
once_ns(const struct net *n)
{
	if ((n->table.config.flags & NET_ONCE) == 0 ||
	    n->decision.agreement.ever || n->decision.gave_up)
		return INT64_MAX;
	return n->table.committed_at.ns + ONCE_WAIT_NS;
}

/* The leap file is believed even while no source is. */
static void
note_announced(struct net *n, struct wall utc)
{
	struct decision *d = &n->decision;
	enum leap majority = d->agreement.now.agreed
	    ? (enum leap)d->agreement.now.leap
	    : LEAP_UNKNOWN;

	leaps_say(&n->leaps, utc);
	leap_announce(&d->leap, leap_believed(&n->leaps.list, majority, utc),
	    utc, leap_list_has(&n->leaps.list, utc));
}

static void
decide(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	bool news = run_vote(n, now);

	if (d->agreement.now.agreed)
		remember_agreement(n);
	if (d->agreement.now.agreed && news) {
		d->measured_at = now;
		d->measured_utc = agreement_utc(&d->agreement, now);
	}
	if (d->agreement.ever)
		note_announced(n, agreement_utc(&d->agreement, now));
	status_log_agreement(n, now);
	update_synced(d, n->table.config.max_distance_ns, now);
	status_log_holdover(n, now);
	n->table.unknown = !d->agreement.now.agreed;
	d->gave_up = d->gave_up || now.ns >= once_ns(n);
	if (d->agreement.now.agreed && (news || d->resend))
		publish_sample(n);
	publish_page(n, now);
	publish_state(n);
	record_decision(n->clocks.recorder, n);
}

/* How long until time alone may change something, in ns. */
static int64_t
wait_ns(const struct net *n, struct mono now)
{
	int64_t first_ns = INT64_MAX;

	if (n->page != NULL || !n->decision.agreement.now.agreed ||
	    n->decision.agreement.investigation.open)
		return DECIDE_GAP_NS;
	for (uint32_t i = 0; i < n->table.end; i++) {
		const struct slot *s = &n->table.slots[i];
		int64_t due_ns;

		if (!s->used || s->status != SLOT_SELECTED)
			continue;
		due_ns = source_due(&s->source).ns;
		/* One that is overdue was already taken into account. */
		if (due_ns > now.ns && due_ns < first_ns)
			first_ns = due_ns;
	}
	if (first_ns == INT64_MAX)
		return DECIDE_GAP_NS;
	first_ns = sat_sub(first_ns, now.ns) + 1;
	return first_ns < DECIDE_GAP_MAX_NS ? first_ns : DECIDE_GAP_MAX_NS;
}

void
decide_step(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;

	if (!n->table.committed)
		return;
	check_suspend(n, now);
	check_leap(n, now);
	if (!d->wanted && now.ns < d->next.ns && now.ns < once_ns(n))
		return;
	d->wanted = false;
	if (decide_quiet(n, now)) {
		d->next.ns = now.ns + QUIET_GAP_NS;
		return;
	}
	decide(n, now);
	d->gap_ns = wait_ns(n, now);
	d->next.ns = now.ns + d->gap_ns;
}

/* When an armed leap second happens, in raw time. */
static int64_t
leap_raw_ns(const struct decision *d, struct mono now)
{
	struct wall at = leap_moment(&d->leap);

	if (!d->agreement.ever || at.ns == INT64_MAX)
		return INT64_MAX;
	return sat_add(
	    now.ns, sat_sub(at.ns, agreement_utc(&d->agreement, now).ns));
}

struct mono
decide_deadline(const struct net *n)
{
	const struct decision *d = &n->decision;
	struct mono now = { n->clocks.pair.raw_ns };
	int64_t leap_ns = leap_raw_ns(d, now);
	struct mono at = d->next;

	if (!n->table.committed)
		return (struct mono){ INT64_MAX };
	if (once_ns(n) < at.ns)
		at.ns = once_ns(n);
	if (leap_ns < at.ns)
		at.ns = leap_ns;
	return at;
}

void
decide_again(struct net *n)
{
	n->decision.wanted = true;
	n->decision.resend = true;
}
