/*
 * Giving up privileges, see sandbox.h.  Linked into every program; the order
 * of the steps is the point of this file.
 */
#include "sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#ifdef NO_SANDBOX
bool
sandbox_missing(void)
{
	return true;
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

/* Beyond fork and exec, which the filters forbid: belt and braces. */
static int
set_limits(
    const struct sandbox_profile *profile, const struct sandbox_identity *id)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit size = { id->file_bytes, id->file_bytes };
	struct rlimit files = { profile->max_files, profile->max_files };
	struct rlimit now;

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_FSIZE, &size) == -1)
		return -1;
	if (getrlimit(RLIMIT_NOFILE, &now) == -1)
		return -1;
	if (files.rlim_max > now.rlim_max)
		files.rlim_cur = files.rlim_max = now.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &files);
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
		errno = EPERM; /* somebody else could fill it */
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
 * The bounding set can be emptied with CAP_SETPCAP only.  Who lacks that, and
 * has no capability to keep, has it in a user namespace of its own, and there
 * leaves all behind.  Where none can be made the set stays: no_new_privs and a
 * filter without execve make it powerless.
 */
static int
leave_bounds(void)
{
	if (unshare(CLONE_NEWUSER) == -1)
		return 0;
	for (unsigned long c = 0; c < 64; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == -1)
			break; /* beyond the last one, or forbidden here too */
	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(CAPNG_SELECT_CAPS);
}

/* Change to the user and keep at most CAP_SYS_TIME. */
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

/* What was given up must not come back; if it does, nothing here is safe. */
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

static int
landlock_allow(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access =
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	};
	struct stat st;
	int rc;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return errno == ENOENT || errno == EACCES ? 0 : -1;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	rc = (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	(void)close(rule.parent_fd);
	return rc;
}

/* Every right of the first version of Landlock: no file access is left. */
#define LANDLOCK_FS_V1 ((UINT64_C(1) << 13) - 1)

static int
restrict_files(const struct sandbox_profile *profile)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_FS_V1,
	};
	int ruleset, rc = 0;

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr.handled_access_fs), 0);
	/* An older kernel, one with it turned off, a container's filter. */
	if (ruleset == -1)
		return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM
		    ? 0
		    : -1;
	for (size_t i = 0; profile->readable != NULL &&
	     profile->readable[i] != NULL && rc == 0;
	     i++)
		rc = landlock_allow(ruleset, profile->readable[i]);
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	(void)close(ruleset);
	return rc;
}

static bool
is_further_condition(const struct sandbox_rule *r)
{
	return r->check == ARG_AND_EQ || r->check == ARG_AND_MASK;
}

static struct scmp_arg_cmp
condition(const struct sandbox_rule *r)
{
	struct scmp_arg_cmp cmp = { .arg = r->arg, .datum_a = r->value };

	cmp.op = SCMP_CMP_EQ;
	if (r->check == ARG_MASK || r->check == ARG_AND_MASK) {
		cmp.op = SCMP_CMP_MASKED_EQ;
		cmp.datum_a = r->mask;
		cmp.datum_b = r->value;
	}
	return cmp;
}

#define CONDITIONS_MAX 6 /* a call has no more arguments */

/* Add the row r, of n that are left, with the conditions that follow it. */
static int
add_rule(scmp_filter_ctx ctx, const struct sandbox_rule *r, size_t n)
{
	struct scmp_arg_cmp cmp[CONDITIONS_MAX];
	bool alone = r->check == ARG_ANY || r->check == ARG_ERRNO;
	unsigned int count = 0;

	if (alone && n > 1 && is_further_condition(&r[1]))
		return -EINVAL;
	if (r->check == ARG_ANY)
		return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, r->call, 0);
	if (r->check == ARG_ERRNO)
		return seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO((uint16_t)r->value), r->call, 0);
	cmp[count++] = condition(r);
	for (size_t i = 1; i < n && is_further_condition(&r[i]); i++) {
		if (count == CONDITIONS_MAX || r[i].call != r->call)
			return -EINVAL;
		cmp[count++] = condition(&r[i]);
	}
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, r->call, count, cmp);
}

int
sandbox_filter(const struct sandbox_profile *profile)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = 0;

	if (ctx == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < profile->rule_count && rc == 0; i++)
		if (!is_further_condition(&profile->rules[i]))
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
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return -1;
	*what = "resource limits";
	if (set_limits(profile, id) == -1)
		return -1;
	*what = "Landlock";
	if (restrict_files(profile) == -1)
		return -1;
	*what = "system call filter";
	return sandbox_filter(profile);
}
#endif
