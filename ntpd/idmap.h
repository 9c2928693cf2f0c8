/*
 * Which numbers of users and groups there are: in a user namespace
 * (user_namespaces(7)) often fewer than 2^32, at the least one.  A change to
 * another fails with EINVAL.
 */
#ifndef NTPD_IDMAP_H
#define NTPD_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/attr.h"

#define IDMAP_RANGES 340 /* as many as the kernel takes */

struct idmap {
	struct {
		uint32_t first;
		uint32_t count;
	} ranges[IDMAP_RANGES];
	uint32_t count;
};

/*
 * Read the text of /proc/PID/uid_map or gid_map: lines of three numbers, the
 * first inside, the first outside, how many.  Returns 0, or -1 if it is none.
 */
MUST_CHECK int idmap_parse(const char *text, struct idmap *m);

/* Is there such a number? */
bool idmap_has(const struct idmap *m, uint32_t id);

/* Numbers of users and of groups, and whether groups can be given up. */
struct idspace {
	struct idmap uids;
	struct idmap gids;
	bool setgroups;
};

/* Those of this process; where /proc does not tell, all there may be. */
void idspace_read(struct idspace *s);

#endif
