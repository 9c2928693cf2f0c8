/*
 * Answering ntp-observe: how things stand, and how each source does.  An
 * answer is a series of messages; where the channel is full it goes on when
 * there is room again.
 */
#ifndef POLL_REPORT_H
#define POLL_REPORT_H

#include "ntp-net/poll/net.h"

/* Why a source is not selected, as a sentence; empty where it is. */
void report_why(
    const struct net *n, const struct slot *s, char why[REASON_LEN]);

/* ntp-observe asks; too many questions at once are left unanswered. */
void report_ask(struct report *r, uint32_t id);

/* ntp-observe is gone, and its questions with it. */
void report_forget(struct report *r);

/* Send as much of the answers as the channel takes now. */
void report_step(struct net *n);

/* True while an answer waits for the channel. */
bool report_waiting(const struct report *r);

#endif
