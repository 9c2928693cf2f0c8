/*
 * How things stand, for every view alike: is the machine in sync, in holdover,
 * not in sync, or is nothing measured?  Pure.
 */
#ifndef CTL_STANDING_H
#define CTL_STANDING_H

#include "ntp-net/ctl/client.h"

enum standing {
	STANDING_SYNCED,   /* enough sources agree, and have just answered */
	STANDING_HOLDOVER, /* it goes on by what was measured before */
	STANDING_UNSYNCED,
	STANDING_UNMEASURED /* and ntp-net is not there to measure */
};

/* Of a report with a status; with a clock, if it is known, too. */
enum standing standing_of(const struct report *r);

/* Its name in JSON. */
const char *standing_name(enum standing s);

/* The program does not run, though it should; *ns: for how long. */
bool standing_is_down(const struct report *r, enum proc p, int64_t *ns);

/* It runs, and neither hangs nor is stopped. */
bool standing_responds(const struct msg_process *p);

/* Since when it is in holdover, how wrong the time may be, and the reason. */
struct holdover {
	int64_t age_ns;		      /* -1: not known */
	int64_t since_ns;	      /* UTC; 0: not known */
	int64_t bound_ns;	      /* likewise */
	char why[REASON_LEN * 4 + 1]; /* escaped */
};
void standing_holdover(const struct report *r, struct holdover *h);

/* Room for the texts below. */
#define STANDING_TEXT (REASON_LEN * 4 + 256)

/*
 * The addresses that cannot be listened on yet, "cannot listen on 192.0.2.1 yet";
 * false where there are none.
 */
bool standing_awaits(const struct report *r, char *text, size_t size);

/*
 * True if it is in sync: sources agree, and the clock follows them if it is
 * steered at all.  If not, why says what is the matter, escaped.
 */
bool standing_in_sync(const struct report *r, char *why, size_t size);

/*
 * True if it does what its configuration asks for: it is in sync, goes on in
 * holdover, or serves its own time because of "local stratum".  how says which,
 * or what is the matter, and which addresses cannot be listened on yet.
 */
bool standing_serves(const struct report *r, char *how, size_t size);

#endif
