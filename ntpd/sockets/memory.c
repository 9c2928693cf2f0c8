/*
 * Memory for the children, see memory.h.  Run by ntpd only, which does not
 * trust what they write there.
 */
#include "ntpd/sockets/memory.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ntpd/conf/read_whole.h"
#include "ntpd/file.h"

#define SHARED_FOLDER "/dev/shm"

/*
 * The same without /proc, which is the only way to open a memfd a second time:
 * a file in memory that has a name for a moment.  No seal protects it, but no
 * program that gets it is able to shrink it.
 */
static int
make_file(struct memory *m, off_t bytes)
{
	char path[] = SHARED_FOLDER "/ntpd-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd == -1)
		return -1;
	m->reader = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (unlink(path) == -1 || m->reader == -1 ||
	    ftruncate(fd, bytes) == -1 || fchmod(fd, 0400) == -1) {
		m->reader = file_give_up(m->reader); /* it is empty */
		return file_give_up(fd);
	}
	m->writer = fd;
	return 0;
}

/* Seal the size and the seals, and what `seals` adds. */
static int
seal(int fd, int seals)
{
	return fcntl(
	    fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | seals);
}

int
memory_make(struct memory *m, const char *name, off_t bytes)
{
	char path[40];
	int fd;

	*m = MEMORY_NONE;
	if (access("/proc/self/fd", F_OK) == -1)
		return make_file(m, bytes);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	if (ftruncate(fd, bytes) == -1 || fchmod(fd, 0400) == -1 ||
	    seal(fd, 0) == -1)
		return file_give_up(fd);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	m->reader = open(path, O_RDONLY | O_CLOEXEC);
	if (m->reader == -1)
		return file_give_up(fd);
	m->writer = fd;
	return 0;
}

int
memory_of(const char *name, const void *from, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd != -1 && write_whole(fd, from, size) == 0 &&
	    seal(fd, F_SEAL_WRITE) == 0)
		return fd;
	return file_give_up(fd);
}
