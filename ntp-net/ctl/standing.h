/*
 * The state of synchronization, the same in all output: in sync, in holdover,
 * not in sync, or not measured.  Pure.
 */
#ifndef CTL_STANDING_H
#define CTL_STANDING_H

#include "ntp-net/ctl/client.h"

enum standing {
	STANDING_SYNCED,   /* enough sources agree, and have just answered */
	STANDING_HOLDOVER, /* goes on by earlier measurements */
	STANDING_UNSYNCED,
	STANDING_UNMEASURED /* ntp-net does not run, so nothing is measured */
};

/* From a report with a status; uses the clock's state, if it is known. */
enum standing standing_of(const struct report *r);

/* Its name in JSON. */
const char *standing_name(enum standing s);

/* True if the program does not run, but should; *ns: for how long. */
bool standing_is_down(const struct report *r, enum proc p, int64_t *ns);

/* True if it runs, and is neither hung nor stopped. */
bool standing_responds(const struct msg_process *p);

/* When holdover began, the bound of the error, and the reason. */
struct holdover {
	int64_t age_ns;		      /* -1: not known */
	int64_t since_ns;	      /* UTC; 0: not known */
	int64_t bound_ns;	      /* 0: not known */
	char why[REASON_LEN * 4 + 1]; /* escaped */
};
void standing_holdover(const struct report *r, struct holdover *h);

/* Room for the texts below. */
#define STANDING_TEXT (REASON_LEN * 4 + 256)

/*
 * The addresses not listened on yet: "cannot listen on 192.0.2.1 yet"; false if
 * there are none.
 */
bool standing_awaits(const struct report *r, char *text, size_t size);

/*
 * True if in sync: sources agree, and the clock follows them if it is steered
 * at all.  If not, why gives the reason, escaped.
 */
bool standing_in_sync(const struct report *r, char *why, size_t size);

/*
 * True if the daemon does what its configuration asks for: it is in sync, is in
 * holdover, or serves its own time by "local stratum".  how says which, or what
 * is wrong, and which addresses are not listened on yet.
 */
bool standing_serves(const struct report *r, char *how, size_t size);

#endif
