/*
 * From sources to one time, see decide.h.  Runs in ntp-net; it must never send
 * a sample that a majority of the sources does not stand behind.
 */
#include "ntp-net/poll/decide.h"

#include <math.h>
#include <string.h>

#include "common/log.h"
#include "core/real.h"
#include "core/saturate.h"
#include "ntp-net/poll/heritage.h"
#include "ntp-net/poll/notice.h"
#include "ntp-net/poll/quorum.h"
#include "ntp-net/poll/refid.h"
#include "ntp-net/poll/say.h"
#include "ntp-net/poll/silent.h"
#include "ntp-net/poll/speed.h"

#define QUIET_GAP_NS	    NS_PER_S
#define SUSPENDED_SIGMA_NS  1e9	 /* the suspended time is known this well, */
#define PAUSED_SIGMA_NS	    1e14 /* and the time of a pause is not */
#define LOCAL_DISPERSION_NS NS_PER_MS
#define SLOPE_HINT_SIGMA    1e-7  /* a new source is not surer than this */
#define STAMPS_SIGMA_NS	    500.0 /* a busy machine stamps packets no better */

/* --- deciding ------------------------------------------------------------- */

static void
make_input(const struct slot *slot, int64_t max_distance_ns, struct mono now,
    struct select_input *in)
{
	const struct source *s = &slot->source;

	memset(in, 0, sizeof(*in));
	in->usable = s->estimator.bank.count >= TRUST_COUNT && s->reach != 0 &&
	    !s->denied && !slot->self && !slot->smeared &&
	    source_estimate(s, now, &in->line);
	in->distance_ns = source_root_distance_ns(s, now);
	in->too_far = in->distance_ns > max_distance_ns;
	in->root_delay_ns = source_total_delay_ns(s);
	in->root_dispersion_ns = source_total_dispersion_ns(s, now);
	in->stratum = s->stratum;
	in->leap = s->leap;
	in->estranged = slot->estranged;
	in->has_habit = habit_departure(
	    &slot->habit, &in->departure_ns, &in->departure_sigma_ns);
	in->departure_sigma_ns =
	    sqrt(in->departure_sigma_ns * in->departure_sigma_ns +
		STAMPS_SIGMA_NS * STAMPS_SIGMA_NS);
}

static enum source_state
unusable_state(const struct slot *slot)
{
	const struct source *s = &slot->source;

	if (slot->self)
		return STATE_SELF;
	if (s->denied)
		return STATE_DENIED;
	if (s->reach != 0 && slot->smeared)
		return STATE_FALSETICKER;
	if (s->reach != 0)
		return STATE_CANDIDATE; /* too few measurements yet */
	/* A stratum of 0 is a kiss, but mostly says that there is no time. */
	if (s->last_reject == VERDICT_UNSYNCED ||
	    s->last_reject == VERDICT_KISS_OTHER)
		return STATE_UNSYNCHRONIZED;
	if (source_unauthenticated(s))
		return STATE_UNAUTHENTICATED;
	return STATE_UNREACHABLE;
}

bool
decide_is_news(const struct slot *s)
{
	return (s->source.denied || s->self || s->source.reach == 0) &&
	    s->state != unusable_state(s);
}

static void
note_state(struct slot *s, enum select_state state)
{
	s->too_far = false;
	switch (state) {
	case SELECT_NOT_USABLE:
		s->state = unusable_state(s);
		break;
	case SELECT_TOO_FAR:
		s->too_far = true;
		s->state = STATE_UNSYNCHRONIZED;
		break;
	case SELECT_ESTRANGED:
		s->estranged = true;
		s->state = STATE_FALSETICKER;
		break;
	case SELECT_FALSETICKER:
		s->state = STATE_FALSETICKER;
		break;
	case SELECT_OUTLIER:
		s->estranged = false;
		s->state = STATE_OUTLIER;
		break;
	case SELECT_CANDIDATE:
		s->state = STATE_CANDIDATE;
		break;
	case SELECT_SELECTED:
		s->estranged = false;
		s->state = STATE_SELECTED;
		break;
	}
	if (s->state != STATE_FALSETICKER)
		s->false_count = 0;
	else
		s->false_count += s->fresh;
}

/* The selected sources' line by their measurements, all in one filter. */
static void
join_lines(struct net *n, const struct voters *v)
{
	struct decision *d = &n->decision;
	struct joint_input parts[SOURCES_MAX] = { 0 };
	int64_t apart_ns;

	d->keyed = false;
	for (uint32_t k = 0; k < v->count; k++) {
		const struct slot *s = &n->table.slots[v->slot_of[k]];
		struct joint_input *p = &parts[v->slot_of[k]];

		p->part = v->state[k] == SELECT_SELECTED ? JOINT_IN
		    : v->state[k] == SELECT_OUTLIER	 ? JOINT_ASIDE
							 : JOINT_OUT;
		d->keyed |= p->part == JOINT_IN &&
		    n->table.entries[s->entry].key_id != 0;
		p->weight = d->now.weight[k];
		p->line = v->in[k].line;
		p->fresh = s->fresh && source_observation(&s->source, &p->last);
	}
	apart_ns = joint_update(&d->joint, parts, SOURCES_MAX,
	    &n->table.slots[v->slot_of[d->now.peer]].source.estimator,
	    &d->now.line);
	d->now.distance_ns = sat_add(d->now.distance_ns, apart_ns);
	d->now.root_dispersion_ns =
	    sat_add(d->now.root_dispersion_ns, apart_ns);
}

/* Select, and a second time if that came to what may not be yet. */
static void
select_voters(struct net *n, struct voters *v, struct mono now)
{
	struct decision *d = &n->decision;
	uint32_t least = quorum_least(n, v);
	int32_t last_peer = -1;

	for (uint32_t k = 0; k < v->count; k++)
		if (d->peer == (int32_t)v->slot_of[k])
			last_peer = (int32_t)k;
	for (bool good = false; !good;) {
		select_sources(v->in, v->count, table_configured(&n->table),
		    least, last_peer, v->state, &d->now);
		good = notice_selected(n, v, now);
	}
	d->peer = d->now.peer < 0 ? -1 : (int32_t)v->slot_of[d->now.peer];
}

/* Run the selection; returns true if a selected source has news. */
static bool
run_selection(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	struct voters v = { .count = 0 };
	bool news = false;

	notice_measurements(n);
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		if (!n->table.slots[i].used)
			continue;
		v.slot_of[v.count] = i;
		make_input(&n->table.slots[i], n->table.config.max_distance_ns,
		    now, &v.in[v.count++]);
	}
	select_voters(n, &v, now);
	if (d->now.agreed) {
		join_lines(n, &v);
		notice_line(n, now);
	}
	d->votes = 0;
	for (uint32_t k = 0; k < v.count; k++) {
		struct slot *s = &n->table.slots[v.slot_of[k]];

		d->votes += v.state[k] != SELECT_NOT_USABLE &&
		    v.state[k] != SELECT_TOO_FAR;
		note_state(s, v.state[k]);
		say_slot(&n->table.entries[s->entry], s);
		news = news || (s->state == STATE_SELECTED && s->fresh);
		s->fresh = s->alarm = false;
	}
	return news;
}

/* The peer's refid, the line, the slope that new sources start with. */
static void
remember_agreement(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;

	d->last = d->now;
	d->last_at = now;
	d->ever_agreed = true;
	d->paused = false;
	if (d->peer >= 0)
		d->refid = refid_of(&n->table.slots[d->peer].addr);
	n->table.slope = d->last.line.slope;
	n->table.slope_sigma =
	    real_max(d->last.line.slope_sigma, SLOPE_HINT_SIGMA);
}

static void
update_synced(struct decision *d, int64_t max_distance_ns, struct mono now)
{
	bool synced = d->ever_agreed && !decide_too_fast(d) &&
	    decide_bound(d, now) <= max_distance_ns;

	say_too_fast(d);
	if (d->synced && !synced && !decide_too_fast(d))
		log_warning("the time is not known any more: "
			    "silent_s=%lld",
		    (long long)((now.ns - d->last_at.ns) / NS_PER_S));
	d->synced = synced;
}

bool
decide_line(const struct net *n, struct mono now, struct estimate *out)
{
	const struct decision *d = &n->decision;

	memset(out, 0, sizeof(*out));
	if (!d->synced)
		return false;
	*out = decide_extrapolate(&d->last.line, now);
	return true;
}

bool
decide_serves(const struct decision *d)
{
	return d->synced && d->last.stratum < STRATUM_NONE;
}

/* UTC by the last line, also where it is too old to be told to others. */
static struct wall
known_utc(const struct decision *d, struct mono now)
{
	struct estimate e = decide_extrapolate(&d->last.line, now);

	return (struct wall){ sat_add(e.theta_ns, now.ns) };
}

bool
decide_quiet(const struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;

	return d->ever_agreed && leap_quiet(&d->leap, known_utc(d, now));
}

/* --- telling -------------------------------------------------------------- */

static enum leap
armed_leap(const struct decision *d)
{
	return d->leap.armed;
}

static void
send_sample(struct net *n)
{
	struct decision *d = &n->decision;
	struct msg_sample m;

	if (n->clock.fd == -1)
		return;
	if (!decide_sample(&d->now, armed_leap(d), &m)) {
		if (!d->said_insane)
			log_error("an estimate that cannot be is not sent");
		d->said_insane = true;
		return;
	}
	d->said_insane = false;
	if (d->too_fast) /* the clock may be stepped, but not be called right */
		m.root_dispersion_ns = SOURCE_DISPERSION_NS;
	if (d->now.agreeing >= QUORUM_MANY || d->keyed)
		m.flags |= SAMPLE_MANY;
	silent_clock(n);
	d->resend =
	    record_send(n->clocks.recorder, &n->clock, MSG_SAMPLE, &m) == -1;
	d->samples += !d->resend;
}

/* Does no measurement come any more to what is served? */
static bool
is_silent(const struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;

	return !d->now.agreed || d->peer < 0 ||
	    source_overdue(&n->table.slots[d->peer].source, now);
}

static void
store_page(struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;
	struct page_time t = { .raw_ns = now.ns };
	struct estimate line;

	if (n->page == NULL)
		return;
	if (!d->ever_agreed &&
	    heritage_keep(n->page, now, n->table.config.max_distance_ns))
		return;
	if (decide_serves(d) && decide_line(n, now, &line)) {
		t.flags = PAGE_SYNCED | (is_silent(n, now) ? PAGE_SILENT : 0);
		t.theta_ns = line.theta_ns;
		t.slope = (int64_t)real_round(line.slope * (double)SLOPE_ONE);
		t.root_delay_ns = d->last.root_delay_ns;
		t.root_dispersion_ns = d->last.root_dispersion_ns +
		    decide_bound(d, now) - d->last.distance_ns;
		t.reference_ns = sat_add(line.theta_ns, d->last_at.ns);
		t.stratum = d->last.stratum;
		t.leap = (uint32_t)armed_leap(d);
		t.refid = d->refid;
	} else if (n->table.config.local_stratum != 0) {
		t.flags = PAGE_LOCAL;
		t.root_dispersion_ns = LOCAL_DISPERSION_NS;
		t.reference_ns = n->clocks.pair.real_ns;
		t.stratum = n->table.config.local_stratum;
		t.refid = LOCAL_REFID;
	}
	leaps_fill_page(n, known_utc(d, now), &t);
	page_store(n->page, &t);
}

static void
tell_ntpd(struct net *n)
{
	struct decision *d = &n->decision;
	struct msg_net_state m = {
		.selected = d->now.agreed ? d->now.selected : 0,
		.sources = table_sources(&n->table),
		.stratum = d->synced ? d->last.stratum : STRATUM_NONE,
	};

	if (d->synced)
		m.flags |= NET_SYNCED;
	if (d->holdover)
		m.flags |= NET_HOLDOVER;
	if (n->table.entry_count == 0)
		m.flags |= NET_NO_SOURCES;
	else if (!d->now.agreed || table_lacks_way(&n->table))
		m.flags |= NET_SEARCHES;
	if (d->gave_up)
		m.flags |= NET_GAVE_UP;
	if (m.flags == d->told.flags && m.selected == d->told.selected &&
	    m.sources == d->told.sources && m.stratum == d->told.stratum)
		return;
	/* A full channel: the next decision tries again. */
	if (record_send(n->clocks.recorder, &n->parent, MSG_NET_STATE, &m) == 0)
		d->told = m;
}

/* --- steps ---------------------------------------------------------------- */

static void
begin_anew(struct net *n, struct mono now, double sigma_ns)
{
	table_resumed(&n->table, now, sigma_ns);
	joint_stop(&n->decision.joint);
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
}

void
decide_paused(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;

	begin_anew(n, now, PAUSED_SIGMA_NS);
	d->paused = d->ever_agreed;
	d->resumed_at = now;
	/* Nor is the line: nobody is told that it is known by that. */
	d->last.distance_ns =
	    sat_add(d->last.distance_ns, (int64_t)PAUSED_SIGMA_NS);
}

static void
check_leap(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	int64_t by_ns;

	if (!d->ever_agreed)
		return;
	by_ns = leap_passed(&d->leap, known_utc(d, now));
	if (by_ns == 0)
		return;
	log_info("a leap second has passed: seconds=%d", by_ns < 0 ? 1 : -1);
	table_leap(&n->table, by_ns);
	joint_shift(&d->joint, by_ns);
	d->last.line.theta_ns = sat_add(d->last.line.theta_ns, by_ns);
	store_page(n, now);
}

/* ntpd -q: when to give up; INT64_MAX where nothing is to be given up. */
static int64_t
once_ns(const struct net *n)
{
	if ((n->table.config.flags & NET_ONCE) == 0 ||
	    n->decision.ever_agreed || n->decision.gave_up)
		return INT64_MAX;
	return n->table.committed_at.ns + ONCE_WAIT_NS;
}

/* A file is believed while no source is, too. */
static void
note_announced(struct net *n, struct wall utc)
{
	struct decision *d = &n->decision;
	enum leap majority =
	    d->now.agreed ? (enum leap)d->now.leap : LEAP_UNKNOWN;

	leaps_say(&n->leaps, utc);
	leap_announce(&d->leap, leaps_announced(&n->leaps, majority, utc), utc,
	    leaps_listed(&n->leaps, utc));
}

static void
decide(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	bool news = run_selection(n, now);

	if (d->now.agreed)
		remember_agreement(n, now);
	if (d->now.agreed && news) {
		d->measured_at = now;
		d->measured_utc = known_utc(d, now);
	}
	if (d->ever_agreed)
		note_announced(n, known_utc(d, now));
	say_agreement(n, now);
	speed_judge(n);
	update_synced(d, n->table.config.max_distance_ns, now);
	say_holdover(n, now);
	n->table.unknown = !d->now.agreed;
	d->gave_up = d->gave_up || now.ns >= once_ns(n);
	if (d->now.agreed && (news || d->resend))
		send_sample(n);
	store_page(n, now);
	tell_ntpd(n);
	record_decision(n->clocks.recorder, n);
}

/* Until time alone may change something. */
static int64_t
wait_ns(const struct net *n, struct mono now)
{
	int64_t first_ns = INT64_MAX;

	if (n->page != NULL || !n->decision.now.agreed ||
	    n->decision.doubt.open)
		return DECIDE_GAP_NS;
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		const struct slot *s = &n->table.slots[i];
		int64_t due_ns = source_due(&s->source).ns;

		/* Of one that is overdue it is known by now. */
		if (s->used && s->state == STATE_SELECTED && due_ns > now.ns &&
		    due_ns < first_ns)
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

/* The moment of an armed leap second on the raw time line. */
static int64_t
leap_raw_ns(const struct decision *d, struct mono now)
{
	if (!d->ever_agreed || armed_leap(d) == LEAP_NONE)
		return INT64_MAX;
	return sat_add(now.ns,
	    sat_sub(
		d->leap.when.ns - (armed_leap(d) == LEAP_DELETE ? NS_PER_S : 0),
		known_utc(d, now).ns));
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
