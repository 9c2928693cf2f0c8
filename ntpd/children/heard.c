/* The latest reports, see heard.h.  Run by ntpd only. */
#include "ntpd/children/heard.h"

#include <stddef.h>

const struct msg_clock_state *
heard_clock(const struct heard *h)
{
	return h->clock_known ? &h->clock : NULL;
}

void
heard_clock_state(struct heard *h, const struct msg_clock_state *m)
{
	h->clock = *m;
	h->clock_known = true;
	if ((m->flags & CLOCK_STATE_HAS_LINE) != 0) {
		h->slope_known = true;
		h->slope_q32 = m->slope_q32;
		h->slope_sigma_q32 = m->slope_sigma_q32;
	}
	if ((m->flags & CLOCK_STATE_STARTUP_DONE) != 0)
		h->startup_done = true;
}

bool
heard_slope(const struct heard *h, const struct state *saved, int64_t *slope,
    int64_t *sigma)
{
	bool known = h->slope_known || saved->drift_known;

	*slope = h->slope_known ? h->slope_q32 : known ? saved->drift_q32 : 0;
	*sigma = h->slope_known ? h->slope_sigma_q32
	    : known		? saved->drift_sigma_q32
				: 0;
	return known;
}

void
heard_event(struct heard *h, const struct msg_clock_event *m)
{
	h->events[h->event_count++ % EVENTS_KEPT] = *m;
}
