/*
 * Which user each program runs as; run by ntpd before anything is started.
 */
#include "users.h"

#include <sys/types.h>

#include <cap-ng.h>
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

/* Not used by Debian's adduser, nor by systemd for dynamic users. */
#define OWN_UID_FIRST 64720
#define OWN_UID_LAST  64919

struct powers
powers_now(void)
{
	struct powers p = { .root = geteuid() == 0 };

	if (capng_get_caps_process() != 0)
		return p;
	p.change_user = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
	p.chroot = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_CHROOT);
	p.set_clock = capng_have_capability(CAPNG_PERMITTED, CAP_SYS_TIME);
	return p;
}

int
powers_reduce(bool no_clock)
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
		    !(no_clock && kept[i] == CAP_SYS_TIME);
		/* An ordinary user hands CAP_SYS_TIME on as an ambient one. */
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

/* The next uid from *next on that is nobody's. */
static uint32_t
free_uid(uint32_t *next)
{
	while (*next < OWN_UID_LAST && getpwuid((uid_t)*next) != NULL)
		(*next)++;
	return (*next)++;
}

static int
users_one(struct user_ids ids[PROC_COUNT], uint32_t uid, uint32_t gid)
{
	for (int p = 0; p < PROC_COUNT; p++)
		ids[p] = (struct user_ids){ uid, gid };
	return 0;
}

int
users_choose(struct user_ids ids[PROC_COUNT], const char *user,
    const struct powers *powers)
{
	uint32_t next = OWN_UID_FIRST;
	const struct passwd *pw;

	if (user != NULL) {
		pw = getpwnam(user);
		if (pw == NULL || pw->pw_uid == 0 ||
		    (!powers->change_user && pw->pw_uid != geteuid()))
			return -1;
		return users_one(ids, pw->pw_uid, pw->pw_gid);
	}
	if (!powers->change_user)
		return users_one(ids, geteuid(), getegid());
	ids[PROC_NTPD] = (struct user_ids){ geteuid(), getegid() };
	for (int p = PROC_CLOCK; p < PROC_COUNT; p++) {
		pw = getpwnam(proc_name((enum proc)p));
		if (pw != NULL && pw->pw_uid != 0) {
			ids[p] = (struct user_ids){ pw->pw_uid, pw->pw_gid };
		} else {
			uint32_t uid = free_uid(&next);

			ids[p] = (struct user_ids){ uid, uid };
		}
	}
	return 0;
}
