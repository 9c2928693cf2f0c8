/* Ending a child. */
#ifndef NTPD_STOP_H
#define NTPD_STOP_H

#include "ntpd/children/child.h"

/* End a child; it is restarted if it is wanted. */
void stop_child(struct children *all, int child);

/* End a child that broke the rules: that counts as a crash, see death.h. */
void stop_guilty(struct children *all, int child);

/*
 * A child has closed its channel.  If it has died, wait(2) will show it; if it
 * is still alive after a second, it broke the rules.
 */
void stop_closed(struct children *all, int child);

/* End a child whose sockets have changed; it restarts at once. */
void stop_replace(struct children *all, int child);

/* Ask a child that is no longer wanted to end by itself. */
void stop_ask(struct children *all, int child);

#endif
