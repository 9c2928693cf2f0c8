/*
 * Which user each program runs as, and what ntpd itself may do.
 */
#ifndef NTPD_USERS_H
#define NTPD_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "msg.h"

struct user_ids {
	uint32_t uid;
	uint32_t gid;
};

/* What the kernel lets ntpd do; looked up once, at the start. */
struct powers {
	bool change_user; /* CAP_SETUID and CAP_SETGID */
	bool chroot;	  /* CAP_SYS_CHROOT */
	bool set_clock;	  /* CAP_SYS_TIME */
	bool root;	  /* effective user 0: exec gives capabilities again */
};

/* Look up the powers of this process. */
struct powers powers_now(void);

/*
 * Keep of all capabilities only those that starting and stopping children and
 * binding sockets need; with no_clock not even CAP_SYS_TIME.  The bounding set
 * goes with them where that is allowed.  Returns 0 or -1.
 */
MUST_CHECK int powers_reduce(bool no_clock);

/*
 * The ids for every child.  Where the user cannot be changed, all get those of
 * this process.  With a user name (--user) all get that user's.  Otherwise
 * each program gets the user of its own name if there is one, and else a uid
 * of its own from 64720 on that no user has.  Returns 0, or -1 where --user
 * names nobody, root, or one that cannot be changed to.
 */
MUST_CHECK int users_choose(struct user_ids ids[PROC_COUNT], const char *user,
    const struct powers *powers);

#endif
