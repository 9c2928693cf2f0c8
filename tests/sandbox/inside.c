/*
 * Attempts inside of a sandbox, see inside.h.
 */
#include "tests/sandbox/inside.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntp-clock/profile.h"
#include "ntp-net/observe/profile.h"
#include "ntp-net/poll/profile.h"
#include "ntp-net/resolve/profile.h"
#include "ntp-net/serve/profile.h"
#include "ntpd/profile.h"

#define TEST_UID 64999
#define NO_ENTRY 101 /* the sandbox could not be entered */

static char chroot_dir[] = "/tmp/sandbox-test-XXXXXX";

const struct sandbox_profile *const inside_profiles[INSIDE_PROFILES] = {
	&clock_profile, &net_profile, &serve_profile, &resolve_profile,
	&observe_profile
};

bool
inside_begin(void)
{
	return mkdtemp(chroot_dir) != NULL && chmod(chroot_dir, 0755) == 0;
}

void
inside_end(void)
{
	(void)rmdir(chroot_dir); /* it is empty, or shows that it was not */
}

int
outcome_of(long rc)
{
	return rc == -1 ? REFUSED : DONE_OK;
}

static int
enter(const struct sandbox_profile *profile, const char **what)
{
	struct sandbox_identity id = { .uid = TEST_UID,
		.gid = TEST_UID,
		.root = chroot_dir,
		.file_bytes =
		    profile == &net_recording_profile ? INSIDE_FILE_BYTES : 0 };
	bool sys_time;

	if (profile == &ntpd_profile)
		return profile_enter(false, what);
	if (geteuid() == 0)
		id.flags = START_DROP_UID | START_CHROOT;
	id.flags |= START_NO_CLOCK;
	return sandbox_enter(profile, &id, &sys_time, what);
}

int
run_inside(const struct sandbox_profile *profile, int (*run)(void))
{
	const char *what = "";
	int status;
	pid_t pid = fork();

	if (pid == -1)
		exit(1);
	if (pid == 0) {
		if (profile != NULL && enter(profile, &what) == -1) {
			printf("# %s: %s: %s\n", profile->name, what,
			    strerror(errno));
			fflush(stdout);
			_exit(NO_ENTRY);
		}
		syscall(SYS_exit_group, run());
	}
	if (waitpid(pid, &status, 0) == -1)
		exit(1);
	return status;
}

bool
as_expected(int status, enum outcome expect)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	bool failed = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;

	switch (expect) {
	case KILLED:
		return killed;
	case FAILS:
		return failed;
	case WORKS:
		return WIFEXITED(status) && WEXITSTATUS(status) == DONE_OK;
	case STOPPED:
		return killed || failed;
	}
	return false;
}

const char *
inside_word(enum outcome expect)
{
	static const char *const words[] = { "is killed", "fails", "works",
		"is stopped" };

	return words[expect];
}
