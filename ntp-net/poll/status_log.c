/* Logs changes of the sources, see status_log.h.  Run by ntp-net. */
#include "ntp-net/poll/status_log.h"

#include <math.h>

#include "common/log.h"
#include "core/fmath.h"
#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/known.h"
#include "ntp-net/poll/status.h"

#define START_WAIT_NS	(10 * NS_PER_S)
#define REFUSED_ANSWERS 3 /* in a row, approximately */

/* Log a message about a source, with the reason; NULL: no reason. */
static void
say_source(
    const struct entry *e, struct slot *s, const char *what, const char *why)
{
	char text[ADDR_TEXT];

	addr_text(&s->addr, text);
	log_info("source %s: name=%s address=%s port=%u%s%s", what, e->name,
	    text, (unsigned int)e->port,
	    why == NULL ? "" : " reason=", why == NULL ? "" : why);
	s->said_status = s->status;
}

/*
 * True if answers arrive but none is used.  One RATE kiss is enough to log it;
 * other rejected answers must repeat, since anybody may have forged one or two.
 */
static bool
is_refused(const struct source *s)
{
	return s->last_reject == VERDICT_KISS_RATE ||
	    (s->last_reject != VERDICT_USED &&
		s->last_reject != VERDICT_UNSYNCED &&
		s->last_reject != VERDICT_KISS_DENY &&
		s->last_reject != VERDICT_KISS_OTHER &&
		s->unanswered >= REFUSED_ANSWERS);
}

/*
 * Log a refused answer in any state: each reason once, until an answer is used.
 */
static void
say_refused(const struct entry *e, struct slot *s)
{
	enum verdict why = s->source.last_reject;

	if (why == VERDICT_USED)
		s->said_reject = VERDICT_USED;
	if (why == s->said_reject || !is_refused(&s->source))
		return;
	s->said_reject = why;
	if (why == VERDICT_LOOP)
		say_source(e, s, "follows this machine", NULL);
	else
		say_source(e, s, "answers and is not used", verdict_str(why));
	s->said = SAID_BAD;
}

/* True if it has been silent long enough for the log. */
static bool
is_silent(const struct slot *s)
{
	return s->source.unanswered >
	    (s->error != 0 ? SOURCE_BURST - 1 : QUIET_QUERIES);
}

static void
say_silent(const struct entry *e, struct slot *s)
{
	if (s->source.last_reject == VERDICT_USED || s->error != 0)
		say_source(e, s, "does not answer",
		    s->error != 0 ? exchange_error_str(s->error) : NULL);
}

bool
status_log_has_news(const struct slot *s)
{
	if (is_refused(&s->source) && s->source.last_reject != s->said_reject)
		return true;
	return s->status == SLOT_UNREACHABLE && s->said != SAID_BAD &&
	    is_silent(s);
}

void
status_log_source(const struct entry *e, struct slot *s)
{
	say_refused(e, s);
	if (status_alike(s->status, s->said_status) && s->said != SAID_NOTHING)
		return;
	switch (s->status) {
	case SLOT_SELECTED:
		if (s->said != SAID_GOOD)
			say_source(e, s, "is selected", NULL);
		s->said = SAID_GOOD;
		return;
	case SLOT_UNREACHABLE:
		if (!is_silent(s))
			return;
		say_silent(e, s);
		break;
	case SLOT_UNSYNCHRONIZED:
		say_source(e, s, "is not synchronized", NULL);
		break;
	case SLOT_TOO_FAR:
		say_source(e, s, "is too far from its reference", NULL);
		break;
	case SLOT_DENIED:
		say_source(e, s, "denies us its service", NULL);
		break;
	case SLOT_SELF:
		say_source(
		    e, s, "is this machine itself and is left out", NULL);
		break;
	case SLOT_FALSETICKER:
		say_source(e, s, "disagrees with the majority", NULL);
		break;
	case SLOT_SMEARED:
		say_source(e, s, "serves smeared time", NULL);
		break;
	case SLOT_CANDIDATE:
		/* Two against two: it no longer counts as a falseticker. */
		if (s->said == SAID_BAD &&
		    table_state(s->said_status) == STATE_FALSETICKER)
			say_source(
			    e, s, "has no majority against it any more", NULL);
		return;
	case SLOT_UNAUTHENTICATED:
	case SLOT_OUTLIER:
		return;
	}
	s->said = SAID_BAD;
}

/*
 * At the start, missing agreement is no news while not all sources were asked.
 */
static bool
is_too_early(const struct net *n, struct mono now)
{
	const struct decision *d = &n->decision;

	return !d->said_anything && !d->agreement.now.agreed &&
	    (d->agreement.now.votes < d->agreement.now.needed ||
		now.ns - n->table.committed_at.ns < START_WAIT_NS);
}

void
status_log_agreement(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	const struct select_output *o = &d->agreement.now;

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

void
status_log_holdover(struct net *n, struct mono now)
{
	struct decision *d = &n->decision;
	bool is = known_holdover(n);

	if (is == d->holdover)
		return;
	d->holdover = is;
	if (is) {
		d->held_from = d->measured_at;
		log_warning(
		    "holdover: no answers can be used: the time continues from the earlier ones: silent_s=%lld bound_us=%lld",
		    (long long)((now.ns - d->held_from.ns) / NS_PER_S),
		    (long long)(known_bound_ns(d, now) / 1000));
	} else if (d->synced) { /* else status_log_agreement() logged it */
		log_info("holdover is over: the time is measured again: "
			 "lasted_s=%lld",
		    (long long)((now.ns - d->held_from.ns) / NS_PER_S));
	}
}

/* Logged once, and not again while the estimate stays close to the limit. */
void
status_log_too_fast(struct decision *d)
{
	bool now = d->agreement.too_fast;

	if (now && !d->said_too_fast)
		log_warning("this machine's oscillator is off by more than "
			    "1000 ppm: the time is known, but the clock is "
			    "not in sync: ppm=%lld",
		    (long long)fmath_round(d->agreement.wild_slope * 1e6));
	if (now || fabs(d->agreement.last.line.slope) < OSCILLATOR_MAX * 0.9)
		d->said_too_fast = now;
}
