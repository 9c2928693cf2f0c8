/*
 * Answering ntp-observe: how things stand, and how each source does.  An
 * answer is a series of messages; where the channel is full it goes on when
 * there is room again.
 */
#ifndef POLL_REPORT_H
#define POLL_REPORT_H

#include "net.h"

#define IN_SYNC_NS (128 * NS_PER_MS) /* a clock farther off is not in sync */

/*
 * Synchronized, as people are told?  Without a clock process, and where it may
 * not set the clock, it is enough that the time is known.  Else the clock must
 * follow it: neither frozen, nor without a line, nor off by IN_SYNC_NS or more.
 * why gets a sentence if it is not, and is empty if it is, but that it may say
 * that the sources are silent.
 */
bool report_synced(
    const struct net *n, int64_t offset_ns, char why[REASON_LEN]);

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
