/*
 * Landlock, see landlock.h.  Linked into every program.  The kernel's headers
 * may be older than the kernel, so everything after the first version is
 * declared here.
 */
#include "common/landlock.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of version 6 */
struct ruleset {
	uint64_t files;	  /* since version 1 */
	uint64_t network; /* since version 4 */
	uint64_t scoped;  /* since version 6 */
};

/* struct landlock_net_port_attr */
struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* All file access rights of each version; version 1 has 13. */
#define FILES_1	  ((UINT64_C(1) << 13) - 1)
#define FILES_2	  (UINT64_C(1) << 13) /* links and renames across folders */
#define FILES_3	  (UINT64_C(1) << 14) /* truncate(2) */
#define FILES_5	  (UINT64_C(1) << 15) /* ioctl(2) on devices */
#define BIND_TCP  (UINT64_C(1) << 0)
#define CONN_TCP  (UINT64_C(1) << 1)
#define ABSTRACT  (UINT64_C(1) << 0)
#define SIGNALS	  (UINT64_C(1) << 1)
#define RULE_PORT 2 /* LANDLOCK_RULE_NET_PORT */

int
landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return version < 0 ? 0 : (int)version;
}

/*
 * Everything that this version can forbid; returns the size of the struct that
 * it knows.
 */
static size_t
ruleset_of(struct ruleset *r, int version)
{
	*r = (struct ruleset){ .files = FILES_1 };
	if (version >= 2)
		r->files |= FILES_2;
	if (version >= 3)
		r->files |= FILES_3;
	if (version >= 4)
		r->network = BIND_TCP | CONN_TCP;
	if (version >= 5)
		r->files |= FILES_5;
	if (version >= 6)
		r->scoped = ABSTRACT | SIGNALS;
	if (version >= 6)
		return sizeof(*r);
	return version >= 4 ? offsetof(struct ruleset, scoped)
			    : offsetof(struct ruleset, network);
}

static int
allow_path(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access =
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	};
	struct stat st;
	int rc;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1) /* a missing path needs no rule */
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ||
			errno == ELOOP
		    ? 0
		    : -1;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	rc = (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	(void)close(rule.parent_fd); /* opened with O_PATH only */
	return rc;
}

static int
allow_port(int ruleset, uint16_t port)
{
	struct port_rule rule = { .allowed = CONN_TCP, .port = port };

	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0) == -1)
		return errno == EAFNOSUPPORT ? 0 : -1; /* kernel without IP */
	return 0;
}

static int
allow_all(int ruleset, const struct sandbox_profile *p, bool network)
{
	for (size_t i = 0; p->readable != NULL && p->readable[i] != NULL; i++)
		if (allow_path(ruleset, p->readable[i]) == -1)
			return -1;
	if (network && p->connect_port != 0)
		return allow_port(ruleset, p->connect_port);
	return 0;
}

int
landlock_enter(const struct sandbox_profile *profile)
{
	int version = landlock_version();
	struct ruleset rules;
	size_t size = ruleset_of(&rules, version);
	int ruleset, rc;

	/* An older kernel, Landlock turned off, or a container's filter. */
	if (version == 0)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (ruleset == -1)
		return -1;
	rc = allow_all(ruleset, profile, rules.network != 0);
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	(void)close(ruleset); /* it is in force already */
	return rc;
}
