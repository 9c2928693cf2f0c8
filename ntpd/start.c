/*
 * The start, see start.h.  Run by ntpd only, before it gives up the privileges
 * of the start.  If something optional fails, logs it and leaves it out.
 */
#include "ntpd/start.h"

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ctlpath.h"
#include "ntpd/children/serve.h"
#include "ntpd/daemon_log.h"
#include "ntpd/kept/known_time.h"
#include "ntpd/kept/lock.h"
#include "ntpd/supervisor.h"

#define CHROOT_DIR CTL_RUN_DIR "/empty"

/* The previous ntpd may be about to end. */
#define LOCK_PATIENCE_NS (3 * NS_PER_S)

/* Does this ntpd set the clock, as far as is known this early? */
static bool
sets_clock(const struct supervisor *s)
{
	return !s->options->no_clock &&
	    (s->children.privileges.set_clock ||
		s->children.privileges.by_file);
}

/* Log why the lock is not ours; exit if another ntpd sets this clock. */
static void
heed_lock(
    enum lock_state state, const char *where, const struct lock_owner *other)
{
	switch (state) {
	case LOCK_HELD:
		break;
	case LOCK_BUSY:
		daemon_log(LOG_LEVEL_ERROR,
		    "another ntpd sets this clock: pid=%d uid=%u: two must not "
		    "set one clock; stop it, or start this one with -x",
		    (int)other->pid, (unsigned int)other->uid);
		exit(1);
	case LOCK_SQUATTED:
		daemon_log(LOG_LEVEL_WARNING,
		    "pid=%d uid=%d has the name %s and cannot set the clock: "
		    "another ntpd may not see this one",
		    (int)other->pid, (int)other->uid, where);
		break;
	case LOCK_NONE:
		daemon_log(LOG_LEVEL_DEBUG, "no lock %s: %s", where,
		    strerrordesc_np(errno));
		break;
	}
}

static void
take_name(struct supervisor *s)
{
	struct lock_owner other = { 0, 0 };

	s->lock_fd = -1;
	if (sets_clock(s))
		heed_lock(lock_take_name(
			      LOCK_NAME, LOCK_PATIENCE_NS, &s->lock_fd, &other),
		    LOCK_NAME, &other);
}

/* The file that it opens stays open as long as the process lives. */
static void
take_file(const struct supervisor *s, const char *folder)
{
	struct lock_owner other = { 0, 0 };
	char path[CONF_PATH_LEN + sizeof(LOCK_FILE) + 1];
	int fd;

	if (!sets_clock(s))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, LOCK_FILE);
	heed_lock(
	    lock_take_file(path, LOCK_PATIENCE_NS, &fd, &other), path, &other);
}

static void
take_run_file(const struct supervisor *s)
{
	if (s->children.privileges.root)
		(void)mkdir(CTL_RUN_DIR, 0755); /* if it does not exist */
	take_file(s, CTL_RUN_DIR);
}

static void
open_fast(struct supervisor *s)
{
	struct fast_gate gate;

	if (fast_gate_init(&gate, &s->conf) == -1)
		err(1, NULL);
	fast_open(&s->fast, &s->conf, &gate);
	fast_gate_clear(&gate); /* the kernel has a copy */
}

/* Not fatal: without the files, run without recording. */
static void
open_record(struct supervisor *s)
{
	const char *path = s->conf.record;

	if (recording_open(&s->recording, path) == 0)
		return;
	daemon_log(LOG_LEVEL_ERROR,
	    "cannot record to %s and %s.1: %s: nothing is recorded", path, path,
	    errno == EEXIST ? "there is a file that is no recording"
			    : strerrordesc_np(errno));
}

/* Without notices ntp-net has to look itself, which wakes it up. */
static void
open_ways(struct supervisor *s)
{
	ways_open(&s->ways);
	if (s->ways.fd == -1)
		daemon_log(LOG_LEVEL_DEBUG,
		    "no notices of the network: %s: checking from time to time",
		    strerrordesc_np(errno));
}

static void
choose_users(struct supervisor *s)
{
	struct privileges *privileges = &s->children.privileges;
	struct user_ids ids[PROC_COUNT];
	struct idspace *space = malloc(sizeof(*space));

	if (space == NULL)
		err(1, NULL);
	idspace_read(space);
	if (users_choose(ids, s->options->user, privileges, space) == -1)
		errx(1,
		    "cannot run as user %s: it does not exist, is root, has no "
		    "number in this user namespace, or is not the one that "
		    "ntpd was started as",
		    s->options->user);
	free(space);
	if (privileges->few_ids)
		daemon_log(LOG_LEVEL_WARNING,
		    "this user namespace has too few users, or keeps groups: "
		    "all programs run as this one, if with no capability; map "
		    "more numbers (/proc/self/uid_map) for a user each");
	else if (privileges->root && !privileges->change_user)
		daemon_log(LOG_LEVEL_WARNING,
		    "without CAP_SETUID and CAP_SETGID all programs run as root, though without capabilities: add SETUID and SETGID, or "
		    "start ntpd as an ordinary user");
	children_init(&s->children, ids);
}

/* Can root enter the folder even without any capability? */
static bool
root_enters(const char *folder)
{
	struct stat st;
	mode_t bit = S_IXOTH;

	if (lstat(folder, &st) == -1 || !S_ISDIR(st.st_mode))
		return false;
	if (st.st_uid == 0)
		bit = S_IXUSR;
	else if (st.st_gid == 0)
		bit = S_IXGRP;
	return (st.st_mode & bit) != 0;
}

/*
 * The root folder of the children: empty, owned by root, and not writable by
 * others.  Left "" if it cannot be made.
 */
static void
make_chroot_dir(struct supervisor *s)
{
	struct children *c = &s->children;
	struct stat st;

	c->chroot_dir[0] = '\0';
	if (!c->privileges.chroot || !c->privileges.root)
		return;
	(void)mkdir(CTL_RUN_DIR, 0755); /* checked below */
	(void)mkdir(CHROOT_DIR, 0755);
	if (lstat(CHROOT_DIR, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    root_enters(CTL_RUN_DIR) && root_enters(CHROOT_DIR)) {
		(void)snprintf(
		    c->chroot_dir, sizeof(c->chroot_dir), "%s", CHROOT_DIR);
		return;
	}
	daemon_log(LOG_LEVEL_WARNING,
	    "no empty folder %s for chroot: continuing with the rest of the sandbox",
	    CHROOT_DIR);
}

/* Decide which children to start, from what is configured and open. */
static void
want_children(struct supervisor *s)
{
	struct child *list = s->children.list;

	for (enum proc p = 0; p < PROC_COUNT; p++)
		list[p].wanted = proc_start(p) == PROC_ALWAYS;
	serve_want(s);
	list[PROC_OBSERVE].wanted = s->control.fd != -1;
}

void
start_prepare(struct supervisor *s)
{
	bool no_clock = s->options->no_clock;

	take_name(s);
	take_run_file(s);
	if (listens_begin(&s->listeners, &s->conf) == -1)
		exit(1);
	open_fast(s);
	links_open(&s->links, &s->conf);
	changes_none(&s->changes);
	control_socket_open(&s->control, &s->conf, no_clock);
	kept_open(&s->kept, s->conf.state_directory);
	if (s->kept.dir.fd != -1)
		take_file(s, s->conf.state_directory);
	open_record(s); /* it may be in that directory */
	kept_load(&s->kept);
	open_ways(s);
	view_open(&s->view);
	known_time_check_clock(&s->kept.state);
	choose_users(s);
	(void)leaps_read(&s->leaps, &s->conf); /* there is nobody to tell yet */
	make_chroot_dir(s);
	if (privileges_reduce(s->children.privileges.set_clock && !no_clock) !=
	    0)
		err(1, "cannot give up capabilities");
	want_children(s);
}
