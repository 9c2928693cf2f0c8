/*
 * Tells ntpd of a sibling process that does not respond; ntpd checks whether it
 * is alive.  No decision here depends on this, and it is not recorded.
 */
#ifndef POLL_SILENT_H
#define POLL_SILENT_H

#include "ntp-net/poll/net.h"

/*
 * Call before a sample is sent: checks whether ntp-clock has read the last one.
 */
void silent_clock(struct net *n);

/* Call when ntp-resolve has not answered within LOOKUP_WAIT_NS. */
void silent_resolve(struct net *n);

#endif
