/*
 * The files of a recording, see recording.h.  Run by ntpd only.  It reads only
 * their first bytes, so as not to write into somebody's file.
 */
#include "ntpd/kept/recording.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/conf.h"
#include "ntpd/file.h"

/* Is an existing file empty, or a recording? */
static bool
is_ours(const char *path, const struct stat *st)
{
	char magic[RECORD_MAGIC_LEN];
	struct stat now;
	bool ours;
	int fd;

	if (st->st_size == 0)
		return true;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return false;
	ours = fstat(fd, &now) == 0 && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino &&
	    read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, RECORD_MAGIC, sizeof(magic)) == 0;
	(void)close(fd); /* only read */
	return ours;
}

static int
open_one(const char *path)
{
	struct stat st;
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
		O_NONBLOCK | O_NOCTTY,
	    0600);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours(path, &st))
		return fd;
	errno = EEXIST;
	return file_give_up(fd);
}

int
recording_open(struct recording *r, const char *path)
{
	char second[CONF_PATH_LEN + 2];

	r->fds[0] = r->fds[1] = -1;
	if (path[0] == '\0')
		return 0;
	r->fds[0] = open_one(path);
	if (r->fds[0] == -1)
		return -1;
	(void)snprintf(second, sizeof(second), "%s.1", path);
	r->fds[1] = open_one(second);
	if (r->fds[1] != -1)
		return 0;
	r->fds[0] = file_give_up(r->fds[0]); /* nothing was written */
	return -1;
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	    (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

void
recording_describe(
    const struct recording *r, int which, int64_t bytes, struct msg_record *m)
{
	struct stat st[RECORD_FILES] = { 0 };
	bool second;

	for (int i = 0; i < RECORD_FILES; i++)
		(void)fstat(r->fds[i], &st[i]); /* fd is open: cannot fail */
	second = is_later(&st[1].st_mtim, &st[0].st_mtim);
	memset(m, 0, sizeof(*m));
	m->used_bytes = (uint64_t)st[which].st_size;
	m->limit_bytes = (uint64_t)bytes / RECORD_FILES;
	m->newer = second == (which == 1);
}
