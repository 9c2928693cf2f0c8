/*
 * What the log says about sources and their agreement: what is news, once.
 */
#ifndef POLL_SAY_H
#define POLL_SAY_H

#include "ntp-net/poll/net.h"

/*
 * After a decision.  Between selected, outlier and candidate a source goes to
 * and fro; only the first selection after something bad is worth a line.
 */
void say_slot(const struct entry *e, struct slot *s);

/* Is there something to say of it that does not come from a decision? */
bool say_has_news(const struct slot *s);

/* At the start, sources that have not all been asked yet are no news. */
void say_agreement(struct net *n, struct mono now);

/* Holdover begins, or is over. */
void say_holdover(struct net *n, struct mono now);

/* That this machine's oscillator is no clock, see decide_too_fast(). */
void say_too_fast(struct decision *d);

#endif
