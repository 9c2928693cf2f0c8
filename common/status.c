/*
 * The status, see status.h.  Linked into ntp-net, ntp-observe and ntpctl.
 */
#include "common/status.h"

void
status_add_clock(struct msg_status *m, const struct msg_clock_state *c)
{
	m->steps = c->steps;
	m->samples = c->samples;
	if ((c->flags & CLOCK_STATE_CONTROLLED) != 0)
		m->flags |= STATUS_CONTROLLED;
	if ((c->flags & CLOCK_STATE_FROZEN) != 0)
		m->flags |= STATUS_FROZEN;
}

bool
status_ok(const struct msg_status *m)
{
	return m->leap <= LEAP_UNKNOWN && m->awaited <= LISTENS_MAX &&
	    m->awaited_port <= UINT16_MAX && m->since_ns >= 0 &&
	    m->age_ns >= -1 && m->bound_ns >= -1 &&
	    msg_text_ok(m->why, sizeof(m->why));
}
