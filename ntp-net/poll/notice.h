/*
 * What nobody foresaw: sources that depart from their habits (core/select/habit.h),
 * and leaps of the raw time line, which all sources show alike (a virtual
 * machine that did not run for a while).
 *
 * Whatever looks like it raises a doubt: all sources are asked a few times, as
 * quickly as is allowed, and only by what they say at that time is it decided
 * who is set aside.  Sources that are asked at different times can not be
 * compared so well, and one that is asked seldom knows least of all.
 */
#ifndef POLL_NOTICE_H
#define POLL_NOTICE_H

#include "ntp-net/poll/net.h"

/* The sources that a selection is made of. */
struct voters {
	struct select_input in[SOURCES_MAX];
	enum select_state state[SOURCES_MAX];
	uint32_t slot_of[SOURCES_MAX];
	uint32_t count;
};

/*
 * Before a decision: new measurements go into the habits; where as many
 * sources as must agree show the same leap, all that is known is shifted.
 */
void notice_measurements(struct net *n);

/*
 * After the selection: is there a doubt, or the end of one?  Returns false if
 * it has set somebody aside for a new departure, but may not yet: select again,
 * those that were not estranged have no habit in v now.
 */
MUST_CHECK bool notice_selected(
    struct net *n, struct voters *v, struct mono now);

/* At its end: the agreed line has leapt, away from sources left behind. */
void notice_line(struct net *n, struct mono now);

#endif
