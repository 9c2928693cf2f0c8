/*
 * Answers ntp-observe's questions about the overall state and each source.  An
 * answer is a series of messages; when the channel is full, it continues once
 * there is room.
 */
#ifndef POLL_REPORT_H
#define POLL_REPORT_H

#include "ntp-net/poll/net.h"

/* Why a source is not selected, as a sentence; empty if it is selected. */
void report_why(
    const struct net *n, const struct slot *s, char why[REASON_LEN]);

/*
 * Queue a question of ntp-observe; ignored if ASKS_MAX questions are pending.
 */
void report_ask(struct report *r, uint32_t id);

/* ntp-observe is gone: drop its questions. */
void report_forget(struct report *r);

/* Send as many of the answers as the channel accepts now. */
void report_step(struct net *n);

/* True if an answer is waiting for room in the channel. */
bool report_waiting(const struct report *r);

#endif
