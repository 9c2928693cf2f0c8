/*
 * Which user and group numbers exist.  In a user namespace (user_namespaces(7))
 * there are often fewer than 2^32, and at the least one.  Changing to a number
 * that does not exist fails with EINVAL.
 */
#ifndef NTPD_IDMAP_H
#define NTPD_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/attr.h"

#define IDMAP_RANGES 340 /* the kernel's maximum */

struct idmap {
	struct {
		uint32_t first;
		uint32_t count;
	} ranges[IDMAP_RANGES];
	uint32_t count;
};

/*
 * Parse the text of /proc/PID/uid_map or gid_map: lines of three numbers, which
 * are the first inside, the first outside, and the count.  Returns 0, or -1 if
 * the text is not a valid map.
 */
MUST_CHECK int idmap_parse(const char *text, struct idmap *m);

/* Does this number exist? */
bool idmap_has(const struct idmap *m, uint32_t id);

/*
 * The user numbers, the group numbers, and whether supplementary groups can be
 * dropped.
 */
struct idspace {
	struct idmap uids;
	struct idmap gids;
	bool setgroups;
};

/*
 * Those of this process.  If /proc cannot be read, all numbers count as
 * present.
 */
void idspace_read(struct idspace *s);

#endif
