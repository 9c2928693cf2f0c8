/*
 * File operations, see file.h.  Run by ntpd only.  It must not remove a file
 * that somebody else has made.
 */
#include "ntpd/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/read_whole.h"

int
file_give_up(int fd)
{
	int saved = errno;

	if (fd != -1)
		(void)close(fd); /* the first error is the one that counts */
	errno = saved;
	return -1;
}

bool
file_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read_whole(fd, text, size - 1);

	(void)file_give_up(fd); /* it was only read */
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

void
file_note(const char *path, struct file_id *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	if (lstat(path, &st) == 0)
		*id = (struct file_id){ st.st_dev, st.st_ino };
}

void
file_remove(const char *path, const struct file_id *id)
{
	struct file_id now;

	file_note(path, &now);
	if (now.ino != 0 && now.ino == id->ino && now.dev == id->dev)
		(void)unlink(path); /* may be forbidden by now */
}

/* Remove the file, since an empty one says less than none; errno is kept. */
static int
drop_file(const char *path)
{
	int saved = errno;

	(void)unlink(path); /* no file, as before */
	errno = saved;
	return -1;
}

int
file_write_pid(const char *path)
{
	int fd;

	if (unlink(path) == -1 && errno != ENOENT)
		return -1;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1)
		return -1;
	if (dprintf(fd, "%d\n", (int)getpid()) < 0) {
		(void)file_give_up(fd);
		return drop_file(path);
	}
	return close(fd);
}
