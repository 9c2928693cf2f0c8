/*
 * A sibling that does not do its part is told to ntpd, which looks whether it
 * lives.  Nothing that is decided here depends on it, and no recording has it.
 */
#ifndef POLL_SILENT_H
#define POLL_SILENT_H

#include "ntp-net/poll/net.h"

/* Before a sample is sent: has ntp-clock read the one before? */
void silent_clock(struct net *n);

/* ntp-resolve has not answered within LOOKUP_WAIT_NS. */
void silent_resolve(struct net *n);

#endif
