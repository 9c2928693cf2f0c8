/*
 * ntp-observe: what it is told beside its start.
 */
#ifndef NTPD_OBSERVE_H
#define NTPD_OBSERVE_H

struct supervisor;

/* Where each ntp-serve counts, and which addresses cannot be listened on yet. */
void observe_tell_counts(struct supervisor *s);
void observe_tell_awaited(struct supervisor *s);

/* Where the program in the kernel counts, if there is one. */
void observe_tell_fast(struct supervisor *s);

#endif
