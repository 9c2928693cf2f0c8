/* Logs changes of the sources and of their agreement, each once. */
#ifndef POLL_STATUS_LOG_H
#define POLL_STATUS_LOG_H

#include "ntp-net/poll/net.h"

/*
 * Call after a decision.  A source often changes between selected, outlier and
 * candidate, so only the first selection after a bad state is logged.
 */
void status_log_source(const struct entry *e, struct slot *s);

/* True if there is news about the source that no decision brought. */
bool status_log_has_news(const struct slot *s);

/*
 * Log the start or loss of agreement.  At the start, while not all sources have
 * been asked, a lack of agreement is not logged.
 */
void status_log_agreement(struct net *n, struct mono now);

/* Log the start or the end of a holdover. */
void status_log_holdover(struct net *n, struct mono now);

/*
 * Log that this machine's oscillator is unusable: its frequency error is too
 * large, see core/select/speed.h.
 */
void status_log_too_fast(struct decision *d);

#endif
