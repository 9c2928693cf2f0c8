/*
 * Listening on other addresses with the same configuration: addresses that
 * interfaces have gained or lost, and addresses that have become free.
 */
#ifndef NTPD_RELISTEN_H
#define NTPD_RELISTEN_H

#include <stdbool.h>

struct supervisor;
struct conf;

/* Listen on the addresses that the configured interfaces have now. */
void relisten_interfaces(struct supervisor *s);

/* Try the awaited addresses again, and listen on those that are free now. */
void relisten_awaited(struct supervisor *s);

/*
 * Does the fast path still fit the addresses to be listened on?  The right to
 * load a program was given up after the start, so a program that does not fit
 * is detached.  Returns false if the fast path is configured but needs a
 * restart.
 */
bool relisten_fast(struct supervisor *s, const struct conf *next);

#endif
