/*
 * The main loop of ntpd.
 */
#ifndef NTPD_SUPERVISE_H
#define NTPD_SUPERVISE_H

struct supervisor;

/*
 * Block the signals that supervise() handles, from the first moment on: one
 * that comes early waits for it.
 */
void supervise_block_signals(void);

/* Run until told to stop.  Returns the exit status. */
int supervise(struct supervisor *s);

#endif
