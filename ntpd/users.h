/*
 * Which user each program runs as, and what ntpd itself may do.
 */
#ifndef NTPD_USERS_H
#define NTPD_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "ntpd/idmap.h"

struct user_ids {
	uint32_t uid;
	uint32_t gid;
};

/* What the kernel lets ntpd do; looked up once, at the start. */
struct powers {
	bool change_user;  /* CAP_SETUID and CAP_SETGID, and to whom */
	bool few_ids;	   /* not for lack of them: see users_choose() */
	bool chroot;	   /* CAP_SYS_CHROOT */
	bool set_clock;	   /* CAP_SYS_TIME */
	bool root;	   /* effective user 0: exec gives capabilities again */
	bool no_new_privs; /* an exec gives nothing that we do not have */
	bool bounded;	   /* CAP_SYS_TIME is not in the bounding set */
	bool by_file;	   /* ntp-clock gets CAP_SYS_TIME from its file */
};

/*
 * Look up the powers of this process, and whether an ordinary user's ntp-clock
 * in the folder of the helpers gets CAP_SYS_TIME from its file: ntpd itself
 * then needs no capability, and set_clock is false.
 */
struct powers powers_now(const char *helpers);

/* What is to be done so that ntp-clock may set the clock, in words. */
const char *powers_advice(const struct powers *p);

/*
 * Keep of all capabilities only those that starting and stopping children and
 * binding sockets need, and CAP_SYS_TIME only if ntp-clock has it from us.  The
 * bounding set goes with them where that is allowed.  Returns 0 or -1.
 */
MUST_CHECK int powers_reduce(bool keep_sys_time);

/*
 * The ids for every child.  Where the user cannot be changed, all get those of
 * this process.  With a user name (--user) all get that user's.  Otherwise
 * each program gets the user of its own name if there is one, and else a uid
 * of its own from 64720 on that no user has; in a user namespace without these,
 * lower ones.  Where it has too few, or groups cannot be given up in it, all get
 * those of this process: powers->change_user is false then, and few_ids true.
 * Returns 0, or -1 where --user names nobody, root, or one that cannot be
 * changed to.
 */
MUST_CHECK int users_choose(struct user_ids ids[PROC_COUNT], const char *user,
    struct powers *powers, const struct idspace *space);

#endif
