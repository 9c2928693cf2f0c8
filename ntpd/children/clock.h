/*
 * ntp-clock: what it is told beside its start.
 */
#ifndef NTPD_CLOCK_H
#define NTPD_CLOCK_H

struct supervisor;

/* Its configuration, the ledger, and what is known of leap seconds, anew. */
void clock_configure(struct supervisor *s);

/*
 * Take note of what is on the page of its state, if that is newer, and keep what
 * must be kept of it, as of a message.
 */
void clock_look(struct supervisor *s);

/* Try again to keep the charge that it waits for, and tell it. */
void clock_keep_again(struct supervisor *s);

#endif
