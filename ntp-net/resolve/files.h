/*
 * The files of the C library's resolver, which ntp-resolve may read: whether
 * others have taken their places since, and what one of them says.
 */
#ifndef RESOLVE_FILES_H
#define RESOLVE_FILES_H

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

#include "ntp-net/resolve/profile.h"

/* Which file a path led to; all zero: to none. */
struct file_state {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
};

struct files {
	struct file_state known[RESOLVE_FILES];
};

/* Note which files there are now. */
void files_note(struct files *f);

/*
 * True if a path leads to another file than it did, or to a file for the first
 * time: Landlock, which knows the files themselves, does not let us read it.
 * The same file with another content counts as well, since what it says may
 * need another sandbox.
 */
bool files_changed(const struct files *f);

/*
 * True if the hosts line of the nsswitch.conf(5) at path names a module that
 * talks to a service of this machine: any but those that are known not to.
 */
bool files_need_local(const char *path);

#endif
