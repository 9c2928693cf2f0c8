/*
 * The files of the C library's resolver that ntp-resolve may read: whether they
 * have been replaced, and what nsswitch.conf says.
 */
#ifndef RESOLVE_FILES_H
#define RESOLVE_FILES_H

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

#include "ntp-net/resolve/profile.h"

/* The file that a path leads to; all zero if there is none. */
struct file_state {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
};

struct files {
	struct file_state known[RESOLVE_FILES];
};

/* Remember the files as they are now. */
void files_note(struct files *f);

/*
 * True if a path now leads to another file, or for the first time to a file.
 * Landlock allows the original files only, so we cannot read the new one.  A
 * changed content counts too, since it may require another sandbox.
 */
bool files_changed(const struct files *f);

/*
 * True if the hosts line of the nsswitch.conf(5) at path names a module that
 * uses a local service: any module that is not known to do without.
 */
bool files_need_local(const char *path);

#endif
