/*
 * Which user numbers the programs get, in user namespaces of all sizes.
 */
#include <string.h>
#include <unistd.h>

#include "ntpd/users.h"
#include "tests/tap.h"

static struct idspace space;
static struct privileges privileges;
static struct user_ids ids[PROC_COUNT];

static const struct {
	const char *text;
	int rc;
	uint32_t count;
} texts[] = {
	{ "         0          0 4294967295\n", 0, 1 },
	{ "0 1000 1\n1 100000 65536\n", 0, 2 },
	{ "0 1000 1", 0, 1 },
	{ "", -1, 0 },
	{ "0 0\n", -1, 0 },
	{ "0 0 1 1\n", -1, 0 },
	{ "a 0 1\n", -1, 0 },
};

static void
test_parse(void)
{
	struct idmap m;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int rc = idmap_parse(texts[i].text, &m);

		OK(rc == texts[i].rc && (rc == -1 || m.count == texts[i].count),
		    "\"%.40s\"", texts[i].text);
	}
	OK(idmap_parse("5 0 2\n9 7 1\n", &m) == 0 && !idmap_has(&m, 4) &&
		idmap_has(&m, 5) && idmap_has(&m, 6) && !idmap_has(&m, 7) &&
		idmap_has(&m, 9) && !idmap_has(&m, 10),
	    "what is in it, and what is not");
	OK(idmap_parse("4294967294 0 1\n", &m) == 0 &&
		idmap_has(&m, 4294967294) && !idmap_has(&m, 0),
	    "the end of all numbers");
}

/* Choose with these numbers of users and groups, as root. */
static int
choose(const char *uids, const char *gids, bool setgroups)
{
	if (!tap_ok(idmap_parse(uids, &space.uids) == 0 &&
		    idmap_parse(gids, &space.gids) == 0,
		"a map of %.30s", uids))
		return -2;
	space.setgroups = setgroups;
	privileges = (struct privileges){ .root = true, .change_user = true };
	memset(ids, 0, sizeof(ids));
	return users_choose(ids, NULL, &privileges, &space);
}

/* All programs that talk to others have an existing user of their own. */
static bool
all_differ(void)
{
	for (int p = PROC_CLOCK; p < PROC_CTL; p++) {
		if (ids[p].uid == 0 || !idmap_has(&space.uids, ids[p].uid) ||
		    !idmap_has(&space.gids, ids[p].gid))
			return false;
		for (int q = PROC_CLOCK; q < p; q++)
			if (ids[q].uid == ids[p].uid)
				return false;
	}
	return true;
}

/* All have ntpd's user, and that is logged. */
static bool
all_alike(void)
{
	for (int p = 0; p < PROC_COUNT; p++)
		if (ids[p].uid != geteuid() || ids[p].gid != getegid())
			return false;
	return privileges.few_ids && !privileges.change_user;
}

static void
test_choose(void)
{
	static const char all[] = "0 0 4294967295\n";

	OK(choose(all, all, true) == 0 && all_differ() && !privileges.few_ids &&
		privileges.change_user && ids[PROC_CLOCK].uid >= 64720,
	    "with all numbers each has a user of its own");
	OK(choose("0 100000 65536\n", "0 100000 65536\n", true) == 0 &&
		all_differ() && ids[PROC_CLOCK].uid >= 64720,
	    "and with those of a container");
	OK(choose("0 100000 1024\n", "0 100000 1024\n", true) == 0 &&
		all_differ() && privileges.change_user,
	    "with 1024 they are among these");
	OK(choose("0 100000 1024\n", "0 100000 512\n", true) == 0 &&
		all_differ(),
	    "with fewer groups than users, too");
	OK(choose("0 1000 1\n", "0 1000 1\n", true) == 0 && all_alike(),
	    "with one number they have it together");
	OK(choose("0 1000 1\n200 5 3\n", all, true) == 0 && all_alike(),
	    "and with too few");
	OK(choose(all, all, false) == 0 && all_alike(),
	    "and where groups cannot be given up");
	privileges = (struct privileges){ .root = true };
	OK(users_choose(ids, NULL, &privileges, &space) == 0 &&
		!privileges.few_ids,
	    "without the capability nothing is said of numbers");
	privileges.change_user = true;
	OK(users_choose(ids, "root", &privileges, &space) == -1 &&
		users_choose(ids, "no-such-user", &privileges, &space) == -1,
	    "root and nobody are no users to run as");
	OK(idmap_parse("0 1000 1\n", &space.uids) == 0 &&
		users_choose(ids, "daemon", &privileges, &space) == -1,
	    "nor is one that has no number here");
	idspace_read(&space);
	OK(idmap_has(&space.uids, geteuid()) &&
		idmap_has(&space.gids, getegid()),
	    "we are among the numbers that there are");
}

int
main(void)
{
	test_parse();
	test_choose();
	return DONE();
}
