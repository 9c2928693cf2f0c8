/*
 * Whether this machine's oscillator is one to set a clock by.
 */
#ifndef POLL_SPEED_H
#define POLL_SPEED_H

#include "ntp-net/poll/net.h"

/*
 * Judge by the last agreement's line and by what the sources have measured;
 * the result is in n->decision, see decide_too_fast().
 */
void speed_judge(struct net *n);

#endif
