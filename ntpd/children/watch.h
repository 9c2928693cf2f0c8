/*
 * Does a child that has something to do still do it?  A child that reads what
 * it was sent is alive: its loop comes round, and no more is required.  The
 * kernel tells whether it has read, so no answer is needed, and none can be
 * forged.  Pure: alive.c does the rest.
 */
#ifndef NTPD_WATCH_H
#define NTPD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"

/* All zero: there is no cause to look. */
struct watch {
	bool asked;	 /* it was sent something, and has not read it */
	bool stopped;	 /* stopped by a signal, and not continued yet */
	bool silent;	 /* its silence was logged */
	uint32_t looks;	 /* that found it unread, since it was asked */
	int64_t look_ns; /* CLOCK_BOOTTIME of the next one */
};

enum watch_news {
	WATCH_NOTHING,
	WATCH_SILENT, /* it does not respond */
	WATCH_BACK,   /* it responds again */
	WATCH_HUNG    /* it has been silent for too long; end it */
};

/* From now on it has something to read. */
void watch_begin(struct watch *w, int64_t now_ns);

/*
 * Look, if it is time; `unread`: it still has something to read.  Patience is
 * counted in looks, at most one a second, and not in time: a pause of the
 * machine or of ntpd itself is one look, however long it was.
 */
enum watch_news watch_look(
    struct watch *w, enum proc p, bool unread, int64_t now_ns);

/*
 * The number of looks after which it counts as hung: 20, but 40 for
 * ntp-resolve, which may be busy for long with a name whose name servers are
 * silent.  A stopped ntp-resolve is not busy, and gets 20.
 */
uint32_t watch_patience(enum proc p);

/*
 * May `from` report that `of` does not respond?  The report is not believed:
 * ntpd looks for itself.
 */
bool watch_may_hint(enum proc from, enum proc of);

#endif
