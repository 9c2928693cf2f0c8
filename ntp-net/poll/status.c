/*
 * The status of a source, see status.h.  Run by ntp-net.  Must never report a
 * state that was not decided.
 */
#include "ntp-net/poll/status.h"

bool
status_alike(enum slot_status a, enum slot_status b)
{
	return table_state(a) == table_state(b) &&
	    (a == SLOT_SMEARED) == (b == SLOT_SMEARED);
}

/* The status of a source without a vote. */
static enum slot_status
unusable(const struct slot *slot)
{
	const struct source *s = &slot->source;

	if (slot->self)
		return SLOT_SELF;
	if (s->query == QUERY_DENIED)
		return SLOT_DENIED;
	if (s->reach != 0 && slot->smeared)
		return SLOT_SMEARED;
	if (s->reach != 0)
		return SLOT_CANDIDATE; /* too few measurements yet */
	/*
	 * Stratum 0 is a kiss, but mostly means that the server is not
	 * synchronized.
	 */
	if (s->last_reject == VERDICT_UNSYNCED ||
	    s->last_reject == VERDICT_KISS_OTHER)
		return SLOT_UNSYNCHRONIZED;
	if (source_unauthenticated(s))
		return SLOT_UNAUTHENTICATED;
	return SLOT_UNREACHABLE;
}

bool
status_is_news(const struct slot *s)
{
	return (s->source.query == QUERY_DENIED || s->self ||
		   s->source.reach == 0) &&
	    table_state(s->status) != table_state(unusable(s));
}

static enum slot_status
status_of(const struct slot *s, enum select_state state)
{
	switch (state) {
	case SELECT_NOT_USABLE:
		break;
	case SELECT_TOO_FAR:
		return SLOT_TOO_FAR;
	case SELECT_DEVIATING:
	case SELECT_FALSETICKER:
		return SLOT_FALSETICKER;
	case SELECT_OUTLIER:
		return SLOT_OUTLIER;
	case SELECT_CANDIDATE:
		return SLOT_CANDIDATE;
	case SELECT_SELECTED:
		return SLOT_SELECTED;
	}
	return unusable(s);
}

void
status_decided(struct slot *s, enum select_state state)
{
	s->status = status_of(s, state);
	if (state == SELECT_DEVIATING)
		s->deviating = true;
	if (state == SELECT_OUTLIER || state == SELECT_SELECTED)
		s->deviating = false;
	if (table_state(s->status) != STATE_FALSETICKER)
		s->false_count = 0;
	else
		s->false_count += s->fresh;
}
