/*
 * Drops privileges, see sandbox.h.  Linked into every program.  The order of
 * the steps matters most in this file.
 */
#include "common/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cap-ng.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <unistd.h>

#include "common/landlock.h"

#ifdef NO_SANDBOX
bool
sandbox_missing(void)
{
	return true;
}

int
sandbox_hide(void)
{
	return 0; /* a sanitizer inspects its own process */
}

int
sandbox_limit_memory(const struct sandbox_profile *profile)
{
	(void)profile;
	return 0; /* a sanitizer maps much more */
}

int
sandbox_filter(const struct sandbox_profile *profile)
{
	(void)profile;
	return 0;
}

int
sandbox_enter(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time, const char **what)
{
	(void)id;
	*what = NULL;
	*sys_time = profile->keep_sys_time &&
	    (id->flags & START_NO_CLOCK) == 0 &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_TIME);
	return 0;
}
#else

bool
sandbox_missing(void)
{
	return false;
}

/* prctl(2) since Linux 6.3: memory that was writable is never executed */
#define SET_MDWE	 65
#define REFUSE_EXEC_GAIN 1

int
sandbox_hide(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return -1;
	/* Older kernels lack it; the filters protect as well. */
	(void)prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0);
	return setrlimit(RLIMIT_CORE, &none);
}

/* Lower a limit.  Never raise it: that needs a privilege. */
static int
lower_limit(int which, rlim_t to)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)which, &limit) == -1)
		return -1;
	if (to < limit.rlim_max)
		limit.rlim_max = to;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit((__rlimit_resource_t)which, &limit);
}

#define MIB	  (UINT64_C(1) << 20)

/*
 * RLIMIT_DATA does not cover the growth of the stack; it has a limit of its
 * own.
 */
#define STACK_MIB 1

int
sandbox_limit_memory(const struct sandbox_profile *profile)
{
	if (lower_limit(RLIMIT_DATA, profile->data_mib * MIB) == -1)
		return -1;
	return lower_limit(RLIMIT_AS, profile->space_mib * MIB);
}

/*
 * Limit resources that our programs need little or nothing of, whoever started
 * ntpd.
 */
static int
set_limits(
    const struct sandbox_profile *profile, const struct sandbox_identity *id)
{
	const struct {
		int which;
		rlim_t to;
	} limits[] = {
		{ RLIMIT_FSIZE, id->file_bytes },
		{ RLIMIT_NOFILE, profile->max_files },
		{ RLIMIT_STACK, STACK_MIB * MIB },
		{ RLIMIT_NPROC, 0 }, /* the filters forbid new ones too */
		{ RLIMIT_MEMLOCK, 0 }, { RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_SIGPENDING, 8 }, /* a few may end the process */
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (lower_limit(limits[i].which, limits[i].to) == -1)
			return -1;
	return sandbox_limit_memory(profile);
}

static int
enter_root(const struct sandbox_identity *id)
{
	struct stat st;

	if (chroot(id->root) == -1 || chdir("/") == -1)
		return -1;
	if (stat("/", &st) == -1)
		return -1;
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		errno = EPERM; /* others could put files there */
		return -1;
	}
	return 0;
}

static bool
has_bounds(void)
{
	for (unsigned long c = 0; c <= CAP_LAST_CAP; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			return true;
	return false;
}

/*
 * Emptying the bounding set needs CAP_SETPCAP.  A process without it that keeps
 * no capability gets it in a user namespace of its own, and drops everything
 * there.  If no namespace can be made the set stays: no_new_privs and a filter
 * without execve make it useless.
 */
static int
leave_bounds(void)
{
	if (unshare(CLONE_NEWUSER) == -1)
		return 0;
	for (unsigned long c = 0; c < 64; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == -1)
			break; /* past the last one, or forbidden here too */
	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(CAPNG_SELECT_CAPS);
}

/* Change the user and keep CAP_SYS_TIME at most. */
static int
change_identity(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time)
{
	bool want = profile->keep_sys_time &&
	    (id->flags & START_NO_CLOCK) == 0 &&
	    capng_have_capability(CAPNG_PERMITTED, CAP_SYS_TIME);
	bool setpcap = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_select_t which = setpcap ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		return -1;
	capng_clear(CAPNG_SELECT_BOTH);
	if (want &&
	    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		CAP_SYS_TIME) != 0)
		return -1;
	if ((id->flags & START_DROP_UID) != 0) {
		int rc = capng_change_id((int)id->uid, (int)id->gid,
		    CAPNG_DROP_SUPP_GRP |
			(setpcap ? CAPNG_CLEAR_BOUNDING : CAPNG_NO_FLAG));
		if (rc != 0)
			return -1;
	} else if (capng_apply(which) != 0) {
		return -1;
	}
	if (!want && !setpcap && has_bounds() && leave_bounds() != 0)
		return -1;
	*sys_time = want;
	return 0;
}

/*
 * Check that dropped privileges cannot be regained.  If they can, nothing here
 * is safe.
 */
static int
prove_dropped(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool sys_time)
{
	capng_results_t have;

	if ((id->flags & START_DROP_UID) != 0 && id->uid != 0 &&
	    (setuid(0) != -1 || setgid(0) != -1 || seteuid(0) != -1))
		goto bad;
	if (capng_get_caps_process() != 0)
		return -1;
	have = capng_have_capabilities(CAPNG_SELECT_CAPS);
	if (have != (sys_time ? CAPNG_PARTIAL : CAPNG_NONE))
		goto bad;
	for (unsigned int c = 0; c <= CAP_LAST_CAP; c++)
		if (capng_have_capability(CAPNG_PERMITTED, c) &&
		    !(c == CAP_SYS_TIME && profile->keep_sys_time))
			goto bad;
	return 0;
bad:
	errno = EPERM;
	return -1;
}

static struct scmp_arg_cmp
condition(const struct sandbox_rule *r)
{
	return (struct scmp_arg_cmp){ .arg = r->arg,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = r->mask,
		.datum_b = r->value };
}

static uint32_t
action(int result)
{
	if (result == SANDBOX_ALLOW)
		return SCMP_ACT_ALLOW;
	if (result == SANDBOX_KILL)
		return SCMP_ACT_KILL_PROCESS;
	return SCMP_ACT_ERRNO((uint16_t)result);
}

#define CONDITIONS_MAX 6 /* a call has at most 6 arguments */

/*
 * Add row r, with the conditions in the rows that follow it; n rows are left.
 */
static int
add_rule(scmp_filter_ctx ctx, const struct sandbox_rule *r, size_t n)
{
	struct scmp_arg_cmp cmp[CONDITIONS_MAX];
	unsigned int count = 0;

	if (r->mask == 0) {
		if (n > 1 && r[1].further)
			return -EINVAL;
		return seccomp_rule_add(ctx, action(r->result), r->call, 0);
	}
	cmp[count++] = condition(r);
	for (size_t i = 1; i < n && r[i].further; i++) {
		if (count == CONDITIONS_MAX || r[i].call != r->call)
			return -EINVAL;
		cmp[count++] = condition(&r[i]);
	}
	return seccomp_rule_add_array(
	    ctx, action(r->result), r->call, count, cmp);
}

int
sandbox_filter(const struct sandbox_profile *profile)
{
	scmp_filter_ctx ctx = seccomp_init(action(profile->others));
	int rc = 0;

	if (ctx == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < profile->rule_count && rc == 0; i++)
		if (!profile->rules[i].further)
			rc = add_rule(
			    ctx, &profile->rules[i], profile->rule_count - i);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	errno = -rc;
	return rc == 0 ? 0 : -1;
}

int
sandbox_enter(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time, const char **what)
{
	*sys_time = false;
	*what = "chroot";
	if ((id->flags & START_CHROOT) != 0 && !profile->keep_root_dir &&
	    enter_root(id) == -1)
		return -1;
	*what = "change of user and capabilities";
	if (change_identity(profile, id, sys_time) == -1)
		return -1;
	*what = "proof that privileges are gone";
	if (prove_dropped(profile, id, *sys_time) == -1)
		return -1;
	*what = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*what = "not dumpable";
	if (sandbox_hide() == -1)
		return -1;
	/*
	 * ntp-clock is exempt: when its channel closes it first restores its
	 * rate.
	 */
	*what = "the end with ntpd";
	if (!profile->keep_sys_time &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return -1;
	*what = "resource limits";
	if (set_limits(profile, id) == -1)
		return -1;
	*what = "Landlock";
	if (landlock_enter(profile) == -1)
		return -1;
	*what = "system call filter";
	return sandbox_filter(profile);
}
#endif
