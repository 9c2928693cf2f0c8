/* The user that each program runs as, and the privileges of ntpd itself. */
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
struct privileges {
	bool change_user;  /* CAP_SETUID and CAP_SETGID, and ids to change to */
	bool few_ids;	   /* too few ids: see users_choose() */
	bool chroot;	   /* CAP_SYS_CHROOT */
	bool set_clock;	   /* CAP_SYS_TIME */
	bool root;	   /* effective user 0: exec restores capabilities */
	bool no_new_privs; /* an exec grants nothing that we do not have */
	bool bounded;	   /* CAP_SYS_TIME is not in the bounding set */
	bool by_file;	   /* ntp-clock gets CAP_SYS_TIME from its file */
};

/*
 * Look up the privileges of this process, and whether the ntp-clock in
 * `helpers` gets CAP_SYS_TIME from its file when an ordinary user starts it.
 * If so, ntpd itself needs no capability, and set_clock is false.
 */
struct privileges privileges_now(const char *helpers);

/* What to do so that ntp-clock may set the clock, in words. */
const char *privileges_advice(const struct privileges *p);

/*
 * Drop all capabilities except those for starting and stopping children and for
 * binding sockets; keep CAP_SYS_TIME only if ntp-clock gets it from us.  Reduce
 * the bounding set likewise, if that is allowed.  Returns 0 or -1.
 */
MUST_CHECK int privileges_reduce(bool keep_sys_time);

/*
 * Choose the ids of every child.  If the user cannot be changed, all get those
 * of this process.  With a user name (--user) all get that user's.  Otherwise
 * each program gets the user of its own name if there is one, and else a uid of
 * its own from 64720 up that no user has; in a user namespace without these,
 * lower ones.  If the namespace has too few numbers, or groups cannot be
 * dropped in it, all get the ids of this process: privileges->change_user is
 * then false and few_ids true.  Returns 0, or -1 if --user names no user, root,
 * or a user that cannot be changed to.
 */
MUST_CHECK int users_choose(struct user_ids ids[PROC_COUNT], const char *user,
    struct privileges *privileges, const struct idspace *space);

#endif
