/*
 * The sockets for operators, see control_socket.h.  Run by ntpd only.  It must
 * not replace anything that somebody else has made, nor admit more users than
 * the configuration does, not even for a moment.
 */
#include "ntpd/sockets/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/ctlpath.h"
#include "common/msg.h"
#include "common/shortage.h"
#include "ntpd/daemon_log.h"

#define SHORTAGE_TRIES	  3
#define SHORTAGE_PAUSE_NS 20000000

static int
make_parent(const char *path)
{
	char dir[CONF_PATH_LEN];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (mkdir(dir, 0755) == -1 && errno != EEXIST)
		return -1;
	return 0;
}

/* Remove a socket that nobody listens on any more. */
static int
clear_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(sun->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* Only a refusal proves that nobody listens; a full queue does not. */
	stale = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 &&
	    errno == ECONNREFUSED;
	(void)close(fd); /* only used to ask */
	if (!stale) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(sun->sun_path);
}

/*
 * Make a listening SOCK_SEQPACKET socket at the path, with this mode and group
 * (-1: unchanged).  The parent folder is made if it is missing.  A socket left
 * over from an earlier run is replaced; one that answers (EADDRINUSE), or
 * anything that is not a socket (EEXIST), is not.  Returns a descriptor or -1.
 */
static int
listen_at(const char *path, mode_t mode, gid_t gid)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path));
	if (make_parent(path) == -1 || clear_stale(&sun) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/*
	 * The socket gets its mode before its name, so it is never open to
	 * others.
	 */
	if (fchmod(fd, mode) == -1)
		return file_give_up(fd);
	mask = umask(0);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	(void)umask(mask); /* cannot fail */
	if (rc == -1)
		return file_give_up(fd);
	if (gid != (gid_t)-1 && lchown(path, (uid_t)-1, gid) == -1)
		return file_give_up(fd);
	/*
	 * This holds for all that connect; an older kernel has no such refusal.
	 */
	(void)msg_refuse_rights(fd);
	if (listen(fd, 16) == -1)
		return file_give_up(fd);
	return fd;
}

/*
 * The same in a folder of our own, in case we may not write to /run, see
 * ctlpath.h; *path becomes its name.
 */
static int
listen_fallback(char path[CONF_PATH_LEN], mode_t mode)
{
	char dir[CTL_FALLBACK_DIR_LEN];
	struct stat st;

	(void)snprintf(dir, sizeof(dir), CTL_FALLBACK_DIR, geteuid());
	(void)snprintf(path, CONF_PATH_LEN, CTL_FALLBACK_PATH, geteuid());
	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return -1;
	if (lstat(dir, &st) == -1)
		return -1;
	/* Anybody could have made something with this name. */
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		errno = EPERM;
		return -1;
	}
	return listen_at(path, mode, (gid_t)-1);
}

/*
 * If an ordinary user cannot write to /run, as in a read-only container, use
 * another place that ntpctl knows; but not instead of a configured path.
 */
static void
open_fallback(struct control_sockets *c, const struct conf *conf, bool no_clock,
    int error)
{
	const char *path = conf->control_socket;
	bool fitting;

	if (error == EADDRINUSE && !no_clock) {
		daemon_log(LOG_LEVEL_ERROR,
		    "another ntpd has the control socket %s: two must not set "
		    "one clock; stop it, or start this one with -x",
		    path);
		exit(1);
	}
	fitting = strcmp(path, CTL_PATH) == 0 &&
	    conf->control_group[0] == '\0' &&
	    (error == EACCES || error == EROFS || error == ENOENT);

	if (fitting)
		c->fd = listen_fallback(c->path, c->mode);
	if (c->fd != -1)
		daemon_log(LOG_LEVEL_INFO,
		    "cannot make the control socket %s: %s: ntpctl finds it as "
		    "%s",
		    path, strerrordesc_np(error), c->path);
	else
		daemon_log(LOG_LEVEL_WARNING,
		    "cannot make the control socket %s: %s: ntpctl will not "
		    "work",
		    path, strerrordesc_np(error));
}

/*
 * The change socket, beside the control socket.  ntpd listens on it itself, and
 * its mode admits only users that ntpd would listen to.
 */
static void
open_change(struct control_sockets *c)
{
	mode_t who = c->gid != (gid_t)-1 ? 0660 : 0600;
	int n = snprintf(c->change_path, sizeof(c->change_path), "%s%s",
	    c->path, CTL_CHANGE_SUFFIX);

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof(c->change_path))
		c->change_fd = listen_at(c->change_path, c->mode & who, c->gid);
	if (c->change_fd == -1) {
		daemon_log(LOG_LEVEL_WARNING,
		    "cannot make the socket for changes %s: %s: ntpctl cannot "
		    "ask for sync and reload",
		    c->change_path, strerrordesc_np(errno));
		return;
	}
	c->change_guarded = msg_refuse_rights(c->change_fd) == 0;
	file_note(c->change_path, &c->change_file);
}

static int
listen_control(const struct control_sockets *c, const char *path)
{
	const struct timespec pause = { .tv_nsec = SHORTAGE_PAUSE_NS };
	int fd = -1;

	for (int i = 0; i < SHORTAGE_TRIES && fd == -1; i++) {
		if (i > 0 && !is_shortage(errno))
			break;
		if (i > 0)
			(void)nanosleep(&pause, NULL); /* shorter is fine */
		fd = listen_at(path, c->mode, c->gid);
	}
	return fd;
}

/*
 * A group that does not exist, or that a directory service does not report yet,
 * admits nobody; root can still look.
 */
static void
find_group(struct control_sockets *c, const struct conf *conf)
{
	const struct group *g;

	c->gid = (gid_t)-1;
	if (conf->control_group[0] == '\0')
		return;
	g = getgrnam(conf->control_group);
	if (g != NULL) {
		c->gid = g->gr_gid;
		return;
	}
	daemon_log(LOG_LEVEL_ERROR,
	    "there is no group %s (%s:%u): only this user may use the control socket until ntpd is restarted",
	    conf->control_group, conf->group_place.file,
	    conf->group_place.line);
	c->mode &= S_IRWXU;
}

void
control_socket_open(
    struct control_sockets *c, const struct conf *conf, bool no_clock)
{
	const char *path = conf->control_socket;

	c->fd = c->change_fd = -1;
	c->mode = conf->control_mode;
	if (path[0] == '\0')
		return;
	find_group(c, conf);
	c->fd = listen_control(c, path);
	(void)snprintf(c->path, sizeof(c->path), "%s", path);
	if (c->fd == -1)
		open_fallback(c, conf, no_clock, errno);
	if (c->fd == -1)
		return;
	file_note(c->path, &c->file);
	open_change(c);
}

void
control_socket_remove(const struct control_sockets *c)
{
	if (c->fd != -1)
		file_remove(c->path, &c->file);
	if (c->change_fd != -1)
		file_remove(c->change_path, &c->change_file);
}
