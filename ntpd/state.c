/*
 * The state directory, see state.h.  Run by ntpd only.
 */
#include "state.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define STATE_FILE "clock"
#define STATE_TEMP "clock.new"
#define STATE_MAX  1024
#define SLOPE_MAX  (SLOPE_ONE / 1000) /* 1000 ppm: no clock is worse */

int
state_open(struct state_dir *dir, const char *path)
{
	dir->failing = false;
	dir->fd = -1;
	if (mkdir(path, 0755) == -1 && errno != EEXIST)
		return -1;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir->fd == -1 ? -1 : 0;
}

/* The kernel's name of this boot. */
static void
boot_id(char *id, size_t size)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f == NULL || fgets(id, (int)size, f) == NULL)
		(void)snprintf(id, size, "unknown");
	id[strcspn(id, "\n")] = '\0';
	if (f != NULL)
		(void)fclose(f); /* only read */
}

/* Version 1 has no time.  Returns the version, or 0. */
static int
scan(struct state *s, const char *text)
{
	int version = 0;
	int n = sscanf(text,
	    "ntpd-state %d\n"
	    "drift %" SCNd64 " %" SCNd64 "\n"
	    "budget %" SCNd64 " %" SCNd64 "\n"
	    "boot %39s\n"
	    "time %" SCNd64 "\n",
	    &version, &s->drift_slope, &s->drift_slope_sigma,
	    &s->budget_used_ns, &s->budget_start_ns, s->boot_id, &s->time_ns);

	if (strstr(text, "\nend\n") == NULL)
		return 0;
	return (version == 1 && n == 6) || (version == 2 && n == 7) ? version
								    : 0;
}

static int
parse(struct state *s, const char *text)
{
	if (scan(s, text) == 0)
		return -1;
	if (s->drift_slope > SLOPE_MAX || s->drift_slope < -SLOPE_MAX ||
	    s->drift_slope_sigma < 0 || s->drift_slope_sigma > SLOPE_MAX ||
	    s->budget_used_ns < 0 || s->budget_start_ns < 0 || s->time_ns < 0 ||
	    s->time_ns >= STATE_TIME_END_NS)
		return -1;
	s->drift_known = s->drift_slope_sigma > 0;
	return 0;
}

int
state_load(const struct state_dir *dir, struct state *s)
{
	char text[STATE_MAX], id[sizeof(s->boot_id)];
	ssize_t n;
	int fd;

	memset(s, 0, sizeof(*s));
	boot_id(s->boot_id, sizeof(s->boot_id));
	memcpy(id, s->boot_id, sizeof(id));
	if (dir->fd == -1)
		return 0;
	fd = openat(dir->fd, STATE_FILE,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd); /* only read */
	if (n < 0)
		return -1;
	text[n] = '\0';
	if (parse(s, text) == -1) {
		memset(s, 0, sizeof(*s));
		memcpy(s->boot_id, id, sizeof(id));
		errno = EBADMSG;
		return -1;
	}
	if (strcmp(s->boot_id, id) != 0 ||
	    s->budget_start_ns > clock_read_boot()) {
		s->budget_used_ns = 0;
		s->budget_start_ns = 0;
		memcpy(s->boot_id, id, sizeof(id));
	}
	return 0;
}

static int
write_whole(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n == -1)
		return -1;
	if ((size_t)n != len) {
		errno = ENOSPC;
		return -1;
	}
	return fsync(fd);
}

int
state_save(const struct state_dir *dir, const struct state *s)
{
	char text[STATE_MAX];
	int fd, n, rc, saved;

	if (dir->fd == -1)
		return 0;
	n = snprintf(text, sizeof(text),
	    "ntpd-state 2\n"
	    "drift %" PRId64 " %" PRId64 "\n"
	    "budget %" PRId64 " %" PRId64 "\n"
	    "boot %s\n"
	    "time %" PRId64 "\n"
	    "end\n",
	    s->drift_slope, s->drift_known ? s->drift_slope_sigma : 0,
	    s->budget_used_ns, s->budget_start_ns, s->boot_id, s->time_ns);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		errno = EOVERFLOW;
		return -1;
	}
	if (unlinkat(dir->fd, STATE_TEMP, 0) == -1 && errno != ENOENT)
		return -1;
	fd = openat(dir->fd, STATE_TEMP,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1)
		return -1;
	rc = write_whole(fd, text, (size_t)n);
	saved = errno;
	if (close(fd) == -1 && rc == 0) {
		rc = -1;
		saved = errno;
	}
	errno = saved;
	if (rc == -1)
		return -1;
	if (renameat(dir->fd, STATE_TEMP, dir->fd, STATE_FILE) == -1)
		return -1;
	return fsync(dir->fd);
}
