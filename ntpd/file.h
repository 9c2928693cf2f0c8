/* File operations that several parts of ntpd need. */
#ifndef NTPD_FILE_H
#define NTPD_FILE_H

#include <sys/types.h>

#include <stdbool.h>

#include "common/attr.h"

/*
 * Close fd after a failure (-1: nothing is open).  Returns -1; errno is kept.
 */
int file_give_up(int fd);

/*
 * Read the first size - 1 octets of a small file as text.  Returns false if
 * there is no such file, or if it is empty.
 */
MUST_CHECK bool file_text(const char *path, char *text, size_t size);

/*
 * Identity of a file, independent of its name, so that ntpd never removes
 * somebody else's file.
 */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* Store the identity of the file at path; zeros if there is none. */
void file_note(const char *path, struct file_id *id);

/* Remove the name if it still refers to that file. */
void file_remove(const char *path, const struct file_id *id);

/*
 * Write our pid to a new file at path, replacing an older one.  Returns 0, or
 * -1 with errno.
 */
MUST_CHECK int file_write_pid(const char *path);

#endif
