/*
 * The addresses that are listened on: a socket for every address and worker.
 */
#ifndef NTPD_LISTENS_H
#define NTPD_LISTENS_H

#include "common/proc.h"
#include "ntpd/conf/conf.h"
#include "ntpd/sockets/await.h"
#include "ntpd/sockets/published.h"

struct listeners {
	/* as conf.listens, for each worker its own */
	int fds[WORKERS_MAX][CONF_LISTEN_MAX];
	uint32_t workers;
	struct awaited awaited; /* addresses that are not listened on yet */
	struct published published;
	bool said_one_family; /* of * */
};

/*
 * Open what a listening configuration needs, a socket for every address and
 * worker, taking over what is the same as in now, the one in force.  Left out of
 * *next are the family of * that the kernel does not have and, into l->awaited,
 * what cannot be listened on for the moment; where an operator has asked for the
 * change, only what was waited for before: then why is not NULL, and has what is
 * wrong, if it was empty.  Returns 0, or -1 with errno after a line of log; nothing
 * is changed then.
 */
MUST_CHECK int listens_open(struct listeners *l, const struct conf *now,
    struct conf *next, char why[REASON_LEN]);

/*
 * The same at the start, when nothing is open yet, for *c itself.  What the
 * machine is short of may be there again in a moment: it is tried again.
 */
MUST_CHECK int listens_begin(struct listeners *l, struct conf *c);

/* How many addresses are listened on, and how many cannot be yet; for the log. */
#define LISTENS_TEXT 80
void listens_text(
    const struct listeners *l, const struct conf *c, char text[LISTENS_TEXT]);

/* Do both listen on the same addresses, in whatever order? */
bool listens_same(const struct conf *a, const struct conf *b);

/* Could one of those that are waited for be listened on now? */
bool listens_any_free(const struct listeners *l, const struct conf *now);

#endif
