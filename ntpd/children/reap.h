/* Children that have ended. */
#ifndef NTPD_REAP_H
#define NTPD_REAP_H

#include <sys/types.h>

struct supervisor;

/*
 * A child has ended, with a status of wait(2): record it and plan its restart.
 */
void reap_child(struct supervisor *s, pid_t pid, int status);

/* Ask all children to end by closing their channels; kill those that do not. */
void reap_all(struct supervisor *s);

#endif
