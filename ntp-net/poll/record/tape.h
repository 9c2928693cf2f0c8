/*
 * The files that a recording goes to.  There are two, and a bound for each:
 * when one is full, the other is emptied and begins with all that is known, so
 * that the newest time is always there, at least half of the bound of it.
 * ntpd has opened them; here they can only be written to.
 *
 * What is recorded waits in memory until the end of a turn of the loop, and
 * then goes out in one write.  Where a file cannot be written, for the disk is
 * full, that is said, and tried again each minute; then it begins anew with all
 * that is known, and a gap.  Everything else goes on.
 *
 * In a replay another object stands in the place of this one: it compares.
 */
#ifndef POLL_TAPE_H
#define POLL_TAPE_H

#include "common/child.h"
#include "ntp-net/poll/net.h"
#include "ntp-net/poll/record/codec.h"

/* Begin, where ntpd has given files; else nothing is recorded, at no cost. */
void tape_open(const struct child_records *records);

/* Is anything to be recorded? */
bool tape_runs(void);

/* Record it. */
void tape_put(const struct item *it);

/* A turn begins: what came before it is written. */
void tape_turn(struct net *n);

#endif
