/*
 * Does a child that has something to do still do it?  A child that reads what
 * it was sent lives: its loop comes round, and that is all that is asked.  The
 * kernel says whether it has read, so nothing need be answered, and no answer
 * can be made up.  Pure: alive.c does the rest.
 */
#ifndef NTPD_WATCH_H
#define NTPD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"

/* All zero: there is no cause to look. */
struct watch {
	bool asked;	 /* it was sent something, and has not read it */
	bool stopped;	 /* by a signal, and does not go on yet */
	bool silent;	 /* that it does not respond was said */
	uint32_t looks;	 /* in vain, since it was asked */
	int64_t look_ns; /* CLOCK_BOOTTIME of the next */
};

enum watch_news {
	WATCH_NOTHING,
	WATCH_SILENT, /* it does not respond */
	WATCH_BACK,   /* it does again */
	WATCH_HUNG    /* it has not for long, and is to be ended */
};

/* It has something to read from now on. */
void watch_begin(struct watch *w, int64_t now_ns);

/*
 * Look, if it is time: unread says whether something lies there.  Looks are
 * counted, one a second at most, and not time: a pause of the machine or of
 * ntpd itself is one look, however long it was.
 */
enum watch_news watch_look(
    struct watch *w, enum proc p, bool unread, int64_t now_ns);

/*
 * How many looks in vain are enough: 20, but 40 for ntp-resolve, which may be
 * busy with a name for long where name servers are silent; one that is stopped
 * is not busy.
 */
uint32_t watch_patience(enum proc p);

/*
 * May the one say of the other that it does not respond?  Whoever says so is
 * not believed: ntpd looks for itself.
 */
bool watch_may_hint(enum proc from, enum proc of);

#endif
