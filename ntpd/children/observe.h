/* ntp-observe: what it is sent besides its start message. */
#ifndef NTPD_OBSERVE_H
#define NTPD_OBSERVE_H

struct supervisor;

/*
 * Send it the counters of each ntp-serve, and the addresses that are not yet
 * listened on.
 */
void observe_tell_counts(struct supervisor *s);
void observe_tell_awaited(struct supervisor *s);

/* Send it the counters of the fast path, if there is one. */
void observe_tell_fast(struct supervisor *s);

#endif
