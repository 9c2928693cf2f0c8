/*
 * What the log says about sources, see say.h.  Runs in ntp-net.
 */
#include "say.h"

#include <math.h>

#include "decide.h"
#include "log.h"
#include "real.h"

#define START_WAIT_NS (10 * NS_PER_S)

static void
say_source(const struct entry *e, struct slot *s, const char *what)
{
	char text[ADDR_TEXT];

	addr_text(&s->addr, text);
	log_info("source %s: name=%s address=%s port=%u", what, e->name, text,
	    (unsigned int)e->port);
	s->said_state = s->state;
	s->said_smeared = s->smeared;
}

void
say_slot(const struct entry *e, struct slot *s)
{
	if (s->state == s->said_state && s->said != SAID_NOTHING &&
	    s->smeared == s->said_smeared)
		return;
	switch (s->state) {
	case STATE_SELECTED:
		if (s->said != SAID_GOOD)
			say_source(e, s, "is selected");
		s->said = SAID_GOOD;
		return;
	case STATE_UNREACHABLE:
		if (s->source.unanswered <= QUIET_QUERIES)
			return;
		say_source(e, s, "does not answer");
		break;
	case STATE_UNSYNCHRONIZED:
		say_source(e, s,
		    s->too_far ? "is too far from its reference"
			       : "is not synchronized");
		break;
	case STATE_DENIED:
		say_source(e, s, "denies us its service");
		break;
	case STATE_FALSETICKER:
		say_source(e, s,
		    s->smeared ? "serves smeared time"
			       : "disagrees with the majority");
		break;
	case STATE_RESOLVING:
	case STATE_UNAUTHENTICATED:
	case STATE_OUTLIER:
	case STATE_CANDIDATE:
		return;
	}
	s->said = SAID_BAD;
}

/* At the start, sources that have not all been asked yet are no news. */
static bool
is_too_early(const struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;

	return !d->said_anything && !d->now.agreed &&
	    (d->votes < d->now.needed ||
		now.ns - n->table.committed_at.ns < START_WAIT_NS);
}

void
say_agreement(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	const struct select_output *o = &d->now;

	if ((d->said_anything && d->said_agreed == o->agreed) ||
	    is_too_early(n, now))
		return;
	d->said_anything = true;
	d->said_agreed = o->agreed;
	if (o->agreed)
		log_info("time agreed: sources=%u needed=%u stratum=%u "
			 "bound_us=%lld",
		    o->selected, o->needed, (unsigned int)o->stratum,
		    (long long)(o->distance_ns / 1000));
	else
		log_warning("no agreement on the time: agree=%u needed=%u",
		    o->agreeing, o->needed);
}

/* The log has it once, and not again while the estimate hovers about it. */
void
say_too_fast(struct decision *d)
{
	bool now = decide_too_fast(d);

	if (now && !d->said_too_fast)
		log_warning("this machine's oscillator is off by more than "
			    "1000 ppm: the time is known, but the clock is "
			    "not in sync: ppm=%lld",
		    (long long)real_round(d->last.line.slope * 1e6));
	if (now || fabs(d->last.line.slope) < DECIDE_SLOPE_MAX * 0.9)
		d->said_too_fast = now;
}
