/*
 * The files of the C library's resolver: which ones ntp-resolve may read, and
 * whether others have taken their places since.
 */
#ifndef RESOLVE_FILES_H
#define RESOLVE_FILES_H

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

#define FILES_WATCHED 7

/* Which file a path led to; all zero: to none. */
struct file_state {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
};

struct files {
	struct file_state known[FILES_WATCHED];
};

/* For Landlock: the resolver's files, and the folders of libraries. */
extern const char *const files_readable[];

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

#define FILES_NSSWITCH "/etc/nsswitch.conf"

#endif
