/*
 * The user that each program runs as, see users.h.  Run by ntpd before it
 * starts anything.
 */
#include "ntpd/users.h"

#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <cap-ng.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/* Used neither by Debian's adduser nor by systemd for dynamic users. */
#define OWN_UID_FIRST 64720
#define OWN_UID_LAST  64919

/* Does this file have CAP_SYS_TIME, on a mount where exec grants it? */
static bool
file_grants(const char *folder)
{
	char path[PATH_MAX];
	struct statvfs vfs;
	bool grants;
	int fd;

	(void)snprintf(
	    path, sizeof(path), "%s/%s", folder, proc_name(PROC_CLOCK));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	grants = capng_get_caps_fd(fd) == 0 &&
	    capng_have_capability(CAPNG_PERMITTED, CAP_SYS_TIME) &&
	    fstatvfs(fd, &vfs) == 0 && (vfs.f_flag & ST_NOSUID) == 0;
	(void)close(fd); /* only read */
	return grants;
}

struct privileges
privileges_now(const char *helpers)
{
	struct privileges p = { .root = geteuid() == 0 };

	p.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	p.bounded = prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) != 1;
	p.by_file =
	    !p.root && !p.no_new_privs && !p.bounded && file_grants(helpers);
	if (capng_get_caps_process() != 0)
		return p;
	p.change_user = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
	p.chroot = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_CHROOT);
	p.set_clock =
	    !p.by_file && capng_have_capability(CAPNG_PERMITTED, CAP_SYS_TIME);
	return p;
}

const char *
privileges_advice(const struct privileges *p)
{
	if (p->bounded && p->no_new_privs && !p->root)
		return "add SYS_TIME to the capabilities of the container "
		       "(--cap-add SYS_TIME) and leave out no-new-privileges, "
		       "or give the service AmbientCapabilities=CAP_SYS_TIME";
	if (p->bounded)
		return "add SYS_TIME to the capabilities of the container "
		       "(--cap-add SYS_TIME) or service "
		       "(AmbientCapabilities=CAP_SYS_TIME)";
	if (p->no_new_privs && !p->root)
		return "leave out no-new-privileges (Kubernetes: "
		       "allowPrivilegeEscalation), which voids the file "
		       "capability of ntp-clock, or start ntpd as root, or "
		       "with an ambient CAP_SYS_TIME";
	return "start ntpd as root, or with an ambient CAP_SYS_TIME, or give "
	       "the file ntp-clock the capability cap_sys_time+p, see ntpd(8)";
}

int
privileges_reduce(bool keep_sys_time)
{
	static const unsigned int kept[] = { CAP_SETUID, CAP_SETGID,
		CAP_SETPCAP, CAP_SYS_CHROOT, CAP_KILL, CAP_NET_BIND_SERVICE,
		CAP_SYS_TIME };
	bool have[sizeof(kept) / sizeof(kept[0])];
	bool inherited[sizeof(kept) / sizeof(kept[0])];
	bool setpcap;

	if (capng_get_caps_process() != 0)
		return -1;
	setpcap = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		have[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]) &&
		    (keep_sys_time || kept[i] != CAP_SYS_TIME);
		/*
		 * An ordinary user passes CAP_SYS_TIME on as an ambient
		 * capability.
		 */
		inherited[i] = geteuid() != 0 &&
		    (kept[i] == CAP_SYS_TIME ||
			capng_have_capability(CAPNG_INHERITABLE, kept[i]));
	}
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		capng_type_t type = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

		if (!have[i])
			continue;
		if (inherited[i])
			type |= CAPNG_INHERITABLE;
		if (setpcap)
			type |= CAPNG_BOUNDING_SET;
		if (capng_update(CAPNG_ADD, type, kept[i]) != 0)
			return -1;
	}
	return capng_apply(setpcap ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
}

/* Can a program get this user and group, with no other groups? */
static bool
is_there(const struct idspace *space, uint32_t uid, uint32_t gid)
{
	return space->setgroups && idmap_has(&space->uids, uid) &&
	    idmap_has(&space->gids, gid);
}

/* The n-th number to try; 0 is the last. */
static uint32_t
candidate(uint32_t n)
{
	const uint32_t own = OWN_UID_LAST - OWN_UID_FIRST + 1;

	return n < own ? OWN_UID_FIRST + n : OWN_UID_FIRST - 1 - (n - own);
}

/*
 * The next number that no user and no group has: of our own range, or if that
 * is not available, below it, from the highest one down.  *n is the position to
 * continue from, 0 at first.  Returns 0 if there is none.
 */
static uint32_t
free_id(const struct idspace *space, uint32_t *n)
{
	for (uint32_t id = candidate(*n); id != 0; id = candidate(*n)) {
		(*n)++;
		if (is_there(space, id, id) && getpwuid((uid_t)id) == NULL &&
		    getgrgid((gid_t)id) == NULL)
			return id;
	}
	return 0;
}

static int
users_one(struct user_ids ids[PROC_COUNT], uint32_t uid, uint32_t gid)
{
	for (int p = 0; p < PROC_COUNT; p++)
		ids[p] = (struct user_ids){ uid, gid };
	return 0;
}

/* Give each program its own; false: there are too few numbers. */
static bool
users_each(struct user_ids ids[PROC_COUNT], const struct idspace *space)
{
	uint32_t n = 0;

	for (enum proc p = 0; p < PROC_COUNT; p++) {
		const struct passwd *pw;
		uint32_t id;

		if (proc_start(p) == PROC_NO_CHILD) {
			ids[p] = (struct user_ids){ geteuid(), getegid() };
			continue;
		}
		pw = getpwnam(proc_name(p));
		if (pw != NULL && pw->pw_uid != 0 &&
		    is_there(space, pw->pw_uid, pw->pw_gid)) {
			ids[p] = (struct user_ids){ pw->pw_uid, pw->pw_gid };
			continue;
		}
		id = free_id(space, &n);
		if (id == 0)
			return false;
		ids[p] = (struct user_ids){ id, id };
	}
	return true;
}

int
users_choose(struct user_ids ids[PROC_COUNT], const char *user,
    struct privileges *privileges, const struct idspace *space)
{
	const struct passwd *pw;

	if (user != NULL) {
		pw = getpwnam(user);
		if (pw == NULL || pw->pw_uid == 0)
			return -1;
		if (pw->pw_uid != geteuid() &&
		    (!privileges->change_user ||
			!is_there(space, pw->pw_uid, pw->pw_gid)))
			return -1;
		return users_one(ids, pw->pw_uid, pw->pw_gid);
	}
	if (privileges->change_user && users_each(ids, space))
		return 0;
	privileges->few_ids = privileges->change_user;
	privileges->change_user = false;
	return users_one(ids, geteuid(), getegid());
}
