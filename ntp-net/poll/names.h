/*
 * Which addresses stand for a name: asking ntp-resolve, trying the addresses
 * it gives in turn, replacing those that turn out bad.
 *
 * A look-up that failed or brought nothing new is repeated after 1, 2, 4 and
 * so on up to 512 seconds, for ever.  While there is no time at all, and no
 * name server has said that there is no such name, that is 4 seconds after the
 * last question, and after a quarter of an hour 64.
 *
 * An address with the name of an interface, as in fe80::1%eth0, is looked up as
 * well, for its number: the interface may come later, and after it has gone come
 * back under another number.  That is asked again, after 8 seconds at most,
 * while it is not there, and whenever a query could not be sent.
 */
#ifndef POLL_NAMES_H
#define POLL_NAMES_H

#include "ntp-net/poll/table.h"

#define LOOKUP_WAIT_NS	 (20 * NS_PER_S)   /* an answer takes no longer */
#define BACKOFF_MAX_LOG2 9		   /* 512 s */
#define ADDRS_OLD_NS	 (3600 * NS_PER_S) /* better look up anew */

/* Of an address with a scope, which no network is asked for: up to 8 s. */
#define SCOPED_TRIES_MAX 4

/* How long to wait after so many vain tries. */
int64_t names_backoff_ns(uint32_t tries);

#define NAME_WHY_LEN 96

/* Why the last look-up brought no address, in words. */
void names_why(const struct entry *e, char why[NAME_WHY_LEN]);

/*
 * Go through all entries: give up addresses that are bad where there are
 * better ones, start those that are missing, and note which names to look up.
 * To be called whenever something may have changed; cheap if nothing has.
 */
void names_review(struct table *t, struct mono now);

/*
 * Ask ntp-resolve what is due, at most one question for each entry; without a
 * channel to it, nothing happens.  Returns true if a question was not answered
 * in time.
 */
bool names_ask(struct table *t, struct channel *resolve, struct mono now);

/*
 * An answer from ntp-resolve.  One that was not asked for, or came too late,
 * is ignored; returns -1 if its values may not be, and then the channel is to
 * be closed.
 */
MUST_CHECK int names_answer(
    struct table *t, const struct msg_resolved *m, struct mono now);

/* Names that have no address, or no good one, are looked up at once. */
void names_hurry(struct table *t, struct mono now);

/* There is a new ntp-resolve, or none: what was asked is asked again. */
void names_restart(struct table *t, struct mono now);

/*
 * When names_ask() has something to do next; INT64_MAX: never.  resolver: is
 * there somebody to ask?
 */
struct mono names_deadline(const struct table *t, bool resolver);

#endif
