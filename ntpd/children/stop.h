/*
 * Ending a child.
 */
#ifndef NTPD_STOP_H
#define NTPD_STOP_H

#include "ntpd/children/child.h"

/* End a child; it is started again, if it is wanted. */
void stop_child(struct children *all, int child);

/* End a child that broke the rules: that counts as a crash, see death.h. */
void stop_guilty(struct children *all, int child);

/*
 * A child has closed its channel.  If it has died, that will be seen; one that
 * lives on after a second broke the rules.
 */
void stop_closed(struct children *all, int child);

/* End a child whose sockets have changed; it comes back at once. */
void stop_replace(struct children *all, int child);

/* Ask a child, which is not wanted any more, to end by itself. */
void stop_ask(struct children *all, int child);

#endif
