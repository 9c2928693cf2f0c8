/*
 * Tells others what was decided, see publish.h.  Run by ntp-net.  Must never
 * make a number better than it is.
 */
#include "ntp-net/poll/publish.h"

#include <math.h>
#include <string.h>

#include "common/log.h"
#include "core/fmath.h"
#include "core/line.h"
#include "core/select/quorum.h"
#include "ntp-net/poll/handover.h"
#include "ntp-net/poll/record/record.h"
#include "ntp-net/poll/silent.h"

#define SLOPE_SANE                                                             \
	0.021 /* a fraction; core/filter/filter_bank.c allows no more */
#define SIGMA_SANE_NS	    1e12
#define LOCAL_DISPERSION_NS NS_PER_MS

/* True if v is a number, and within the limit. */
static bool
is_sane(double v, double limit)
{
	return isfinite(v) && fabs(v) <= limit;
}

bool
publish_make_sample(const struct select_output *o, enum leap leap,
    bool too_fast, struct msg_sample *m)
{
	const struct estimate *e = &o->line;

	memset(m, 0, sizeof(*m));
	if (!is_sane(e->sigma_ns, SIGMA_SANE_NS) || e->sigma_ns < 0 ||
	    !is_sane(e->slope, SLOPE_SANE) ||
	    !is_sane(e->slope_sigma, SLOPE_SANE) || e->slope_sigma < 0 ||
	    o->root_delay_ns < 0 || o->root_dispersion_ns < 0)
		return false;
	m->raw_ns = e->at.ns;
	m->theta_ns = e->theta_ns;
	m->sigma_ns = (int64_t)fmath_ceil(e->sigma_ns);
	if (m->sigma_ns < 1)
		m->sigma_ns = 1;
	m->slope_q32 =
	    known_slope(fmath_clamp(e->slope, -OSCILLATOR_MAX, OSCILLATOR_MAX));
	m->slope_sigma_q32 =
	    sat_clamp(known_slope_sigma(e->slope_sigma), 1, SLOPE_MAX);
	m->root_delay_ns = o->root_delay_ns;
	m->root_dispersion_ns =
	    too_fast ? SOURCE_DISPERSION_NS : o->root_dispersion_ns;
	m->leap = (uint32_t)leap;
	return true;
}

void
publish_sample(struct net *n)
{
	struct decision *d = &n->decision;
	const struct agreement *a = &d->agreement;
	struct msg_sample m;

	if (n->clock.fd == -1)
		return;
	if (!publish_make_sample(&a->now, d->leap.armed, a->too_fast, &m)) {
		if (!d->said_insane)
			log_error(
			    "estimate out of range: not sent to ntp-clock");
		d->said_insane = true;
		return;
	}
	d->said_insane = false;
	if (a->now.agreeing >= QUORUM_MANY || a->keyed)
		m.flags |= SAMPLE_MANY;
	silent_clock(n);
	d->resend =
	    record_send(n->clocks.recorder, &n->clock, MSG_SAMPLE, &m) == -1;
	d->samples += !d->resend;
}

/* True if no measurements arrive any more for the time that is served. */
static bool
is_silent(const struct net *n, struct mono now)
{
	const struct agreement *a = &n->decision.agreement;

	return !a->now.agreed || a->peer < 0 ||
	    source_overdue(&n->table.slots[a->peer].source, now);
}

void
publish_page(struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;
	const struct agreement *a = &d->agreement;
	struct page_time t = { .raw_ns = now.ns };
	struct estimate line;

	if (n->page == NULL)
		return;
	if (!a->ever &&
	    handover_keep(n->page, now, n->table.config.max_distance_ns))
		return;
	if (known_serves(d) && known_line(n, now, &line)) {
		t.flags = PAGE_SYNCED | (is_silent(n, now) ? PAGE_SILENT : 0);
		t.theta_ns = line.theta_ns;
		t.slope_q32 = known_slope(line.slope);
		t.root_delay_ns = a->last.root_delay_ns;
		t.root_dispersion_ns =
		    known_dispersion_ns(d, known_bound_ns(d, now));
		t.reference_ns = sat_add(line.theta_ns, a->last_at.ns);
		t.stratum = a->last.stratum;
		t.leap = (uint32_t)d->leap.armed;
		t.refid = d->refid;
	} else if (n->table.config.local_stratum != 0) {
		t.flags = PAGE_LOCAL;
		t.root_dispersion_ns = LOCAL_DISPERSION_NS;
		t.reference_ns = n->clocks.pair.real_ns;
		t.stratum = n->table.config.local_stratum;
		t.refid = LOCAL_REFID;
	}
	leaps_fill_page(&n->leaps, &d->leap, agreement_utc(a, now), &t);
	page_store(n->page, &t);
}

void
publish_state(struct net *n)
{
	struct decision *d = &n->decision;
	const struct agreement *a = &d->agreement;
	struct msg_net_state m = {
		.selected = a->now.agreed ? a->now.selected : 0,
		.sources = table_sources(&n->table),
		.stratum = d->synced ? a->last.stratum : STRATUM_NONE,
	};

	if (d->synced)
		m.flags |= NET_SYNCED;
	if (d->holdover)
		m.flags |= NET_HOLDOVER;
	if (n->table.entry_count == 0)
		m.flags |= NET_NO_SOURCES;
	else if (!a->now.agreed || table_lacks_way(&n->table))
		m.flags |= NET_SEARCHES;
	if (d->gave_up)
		m.flags |= NET_GAVE_UP;
	if (m.flags == d->told.flags && m.selected == d->told.selected &&
	    m.sources == d->told.sources && m.stratum == d->told.stratum)
		return;
	/* If the channel is full, the next decision tries again. */
	if (record_send(n->clocks.recorder, &n->parent, MSG_NET_STATE, &m) == 0)
		d->told = m;
}
