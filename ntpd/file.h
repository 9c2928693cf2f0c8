/*
 * Files: what is done with them in more than one place.
 */
#ifndef NTPD_FILE_H
#define NTPD_FILE_H

#include <sys/types.h>

#include <stdbool.h>

#include "common/attr.h"

/* Close after a failure; -1: nothing is open.  Returns -1, and errno stays. */
int file_give_up(int fd);

/*
 * Read a small file as text, its first size - 1 octets.  Returns false if there is
 * none, or nothing in it.
 */
MUST_CHECK bool file_text(const char *path, char *text, size_t size);

/* What a file is, whatever its name: to remove nobody else's. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* Take note of what has this name now; zeros if nothing has. */
void file_note(const char *path, struct file_id *id);

/* Remove the name if it is still that file's. */
void file_remove(const char *path, const struct file_id *id);

/*
 * Write our pid to a new file of that name, in place of an older one.  Returns
 * 0, or -1 with errno.
 */
MUST_CHECK int file_write_pid(const char *path);

#endif
