/* The main loop of ntpd. */
#ifndef NTPD_SUPERVISE_H
#define NTPD_SUPERVISE_H

struct supervisor;

/*
 * Block the signals that supervise() handles, before anything else, so that an
 * early signal waits for it.
 */
void supervise_block_signals(void);

/* Run until told to stop.  Returns the exit status. */
int supervise(struct supervisor *s);

#endif
