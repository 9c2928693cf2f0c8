/*
 * The state of synchronization in words, for the service manager, the log and
 * ntpd -q.
 */
#ifndef NTPD_SUMMARY_H
#define NTPD_SUMMARY_H

#include <stdint.h>

struct supervisor;

/*
 * NET_SYNCED and NET_HOLDOVER as ntp-net reports; 0: ntp-net or ntp-clock is
 * silent.
 */
uint32_t summary_standing(const struct supervisor *s);

/* Write a summary to the log (SIGUSR1). */
void summary_log(const struct supervisor *s);

/* ntpd -q: print what was done, or why nothing was. */
void summary_once(const struct supervisor *s);

#endif
