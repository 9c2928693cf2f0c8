/*
 * The addresses of names: asks ntp-resolve, tries its addresses in turn, and
 * replaces the bad ones.
 *
 * A look-up that failed or brought nothing new is repeated after 1, 2, 4 and so
 * on up to 512 seconds, for ever.  While the time is unknown, and no name
 * server has said that the name does not exist, it is repeated 4 seconds after
 * the last question, and after a quarter of an hour 64 seconds.
 *
 * An address with the name of an interface, as in fe80::1%eth0, is looked up
 * too, for the interface's number.  The interface may appear later, or return
 * with another number.  So the look-up is repeated, after 8 seconds at most,
 * while the interface does not exist, and whenever a query could not be sent.
 */
#ifndef POLL_LOOKUP_H
#define POLL_LOOKUP_H

#include "ntp-net/poll/table.h"

#define LOOKUP_WAIT_NS	 (20 * NS_PER_S)   /* maximum time for an answer */
#define BACKOFF_MAX_LOG2 9		   /* 512 s */
#define ADDRS_OLD_NS	 (3600 * NS_PER_S) /* older lists are looked up again */

/* For an address with a scope, which needs no network: up to 8 s. */
#define SCOPED_TRIES_MAX 4

/* Delay after this many failed look-ups. */
int64_t lookup_backoff_ns(uint32_t tries);

#define NAME_WHY_LEN 96

/* Why the last look-up brought no address, as text. */
void lookup_why(const struct entry *e, char why[NAME_WHY_LEN]);

/*
 * Review all entries: replace bad addresses if there are better ones, start
 * missing slots, and note the names to look up.  Call it whenever something may
 * have changed; cheap if nothing has.
 */
void lookup_review(struct table *t, struct mono now);

/*
 * Send the due questions to ntp-resolve, at most one per entry.  Does nothing
 * without a channel to it.  Returns true if a question was not answered in
 * time.
 */
bool lookup_ask(struct table *t, struct channel *resolve, struct mono now);

/*
 * Handle an answer from ntp-resolve.  Ignores one that was not asked for or is
 * late.  Returns -1 if its values are invalid: then the caller must close the
 * channel.
 */
MUST_CHECK int lookup_answer(
    struct table *t, const struct msg_resolved *m, struct mono now);

/* Look up names without an address, or without a good one, at once. */
void lookup_hurry(struct table *t, struct mono now);

/* ntp-resolve was replaced or is gone: repeat the open questions. */
void lookup_restart(struct table *t, struct mono now);

/*
 * The time of the next work for lookup_ask(); INT64_MAX: none.  resolver: true
 * if there is an ntp-resolve to ask.
 */
struct mono lookup_deadline(const struct table *t, bool resolver);

#endif
