/*
 * How it stands, in words: for the service manager, the log and ntpd -q.
 */
#ifndef NTPD_SUMMARY_H
#define NTPD_SUMMARY_H

#include <stdint.h>

struct supervisor;

/* NET_SYNCED and NET_HOLDOVER as ntp-net says; 0: it or ntp-clock is silent. */
uint32_t summary_standing(const struct supervisor *s);

/* A summary in the log: SIGUSR1. */
void summary_log(const struct supervisor *s);

/* ntpd -q: print what was done, or why not. */
void summary_once(const struct supervisor *s);

#endif
