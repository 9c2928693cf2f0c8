/* The addresses that are listened on: a socket for every address and worker. */
#ifndef NTPD_LISTENS_H
#define NTPD_LISTENS_H

#include "common/proc.h"
#include "ntpd/conf/conf.h"
#include "ntpd/sockets/await.h"
#include "ntpd/sockets/published.h"

struct listeners {
	/* in the order of conf.listens, for each worker */
	int fds[WORKERS_MAX][CONF_LISTEN_MAX];
	uint32_t workers;
	struct awaited awaited; /* addresses that are not listened on yet */
	struct published published;
	bool said_one_family; /* the log line about "listen on *" was written */
};

/*
 * Open what a listening configuration needs, a socket for every address and
 * worker, reusing the sockets of `now`, the configuration in force, for what is
 * the same.  Two kinds of addresses are removed from *next: the family of *
 * that the kernel lacks; and, moved to l->awaited, what cannot be listened on
 * at present.  If an operator asked for the change, why is not NULL; then only
 * addresses that were awaited before may be awaited, and why, if it was empty,
 * gets the error.  Returns 0, or -1 with errno after logging it; nothing is
 * changed then.
 */
MUST_CHECK int listens_open(struct listeners *l, const struct conf *now,
    struct conf *next, char why[REASON_LEN]);

/*
 * The same at the start, when nothing is open yet, for *c itself.  A shortage
 * of the machine may be over in a moment, so it tries again.
 */
MUST_CHECK int listens_begin(struct listeners *l, struct conf *c);

/* The number of addresses listened on, and of those awaited, for the log. */
#define LISTENS_TEXT 80
void listens_text(
    const struct listeners *l, const struct conf *c, char text[LISTENS_TEXT]);

/* Do both listen on the same addresses, in any order? */
bool listens_same(const struct conf *a, const struct conf *b);

/* Could one of the awaited addresses be listened on now? */
bool listens_any_free(const struct listeners *l, const struct conf *now);

#endif
