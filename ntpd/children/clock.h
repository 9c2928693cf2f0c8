/* ntp-clock: what it is sent besides its start message. */
#ifndef NTPD_CLOCK_H
#define NTPD_CLOCK_H

struct supervisor;

/* Send it its configuration, the ledger, and what is known of leap seconds. */
void clock_configure(struct supervisor *s);

/*
 * Read the page of its state.  If that is newer than its last message, treat it
 * like one, and save what must be kept.
 */
void clock_look(struct supervisor *s);

/*
 * Save the charge that it waits for, s->kept.charge, and tell it; or try again
 * later.
 */
void clock_keep(struct supervisor *s);

#endif
