/*
 * What becomes of a child that has ended.  Run by ntpd only; a program that is
 * still wanted is started again, the later the more often it fails.
 */
#include <sys/wait.h>

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/journal.h"
#include "ntpd/supervise.h"

#define LONG_LIFE_NS (10 * NS_PER_S) /* of an ntp-resolve that begins anew */
#define SAID_WAIT_NS (60 * NS_PER_S)
#define NO_START_MAX 3 /* times that a program could not be executed */

/* Plan the next start, and say so where it is long. */
static void
plan_restart(struct supervisor *s, int p, int status)
{
	struct child *c = &s->children[p];
	int64_t now = clock_read_boot();
	int64_t wait_ns = death_wait_ns(&c->deaths,
	    death_kind(status, c->guilty), now - c->started_ns, now);

	c->restarts++;
	c->retry_ns = now + wait_ns;
	if (wait_ns > SAID_WAIT_NS)
		journal_about(p, LOG_LEVEL_ERROR,
		    "%s is started again in %lld s, since it failed so often",
		    proc_name(child_proc(p)), (long long)(wait_ns / NS_PER_S));
}

static const struct pace_rate anew_rate = { 450 * NS_PER_S, 20 };

/*
 * ntp-resolve ends by itself when it is to read other files than those that it
 * may.  That is no failure, unless it comes too often: then it waits like one.
 */
static bool
begins_anew(enum proc p, struct child *c, int status)
{
	int64_t life_ns = clock_read_boot() - c->started_ns;

	return p == PROC_RESOLVE && c->ready && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0 && life_ns > LONG_LIFE_NS &&
	    pace_take(&c->anew, &anew_rate, clock_read_boot());
}

/*
 * Others that cannot be executed for the same reason, ", and not NAME, NAME": it
 * need not be said of each.
 */
static void
others_too(struct supervisor *s, int p, int status, char *text, size_t size)
{
	char path[sizeof(s->helpers) + 16];
	const char *before = ", and not ";

	text[0] = '\0';
	for (int o = PROC_CLOCK; o < CHILD_COUNT; o++) {
		const char *name = proc_name(child_proc(o));

		(void)snprintf(path, sizeof(path), "%s/%s", s->helpers, name);
		if (!s->children[o].wanted || s->children[o].ready ||
		    s->children[o].said_no_start == WEXITSTATUS(status) ||
		    access(path, X_OK) == 0 ||
		    errno != death_exec_error(status))
			continue;
		s->children[o].said_no_start = WEXITSTATUS(status);
		if (child_proc(o) == child_proc(p) || o >= PROC_COUNT)
			continue; /* named already */
		(void)strlcat(text, before, size);
		(void)strlcat(text, name, size);
		before = ", ";
	}
}

/* It could not be executed: that is said once for each reason. */
static void
say_no_start(struct supervisor *s, int p, int status)
{
	int error = death_exec_error(status);
	char others[128];

	if (s->children[p].said_no_start == WEXITSTATUS(status))
		return;
	others_too(s, p, status, others, sizeof(others));
	s->children[p].said_no_start = WEXITSTATUS(status);
	if (error != 0)
		journal_about(p, LOG_LEVEL_ERROR, "cannot execute %s/%s%s: %s",
		    s->helpers, proc_name(child_proc(p)), others,
		    strerrordesc_np(error));
	else
		journal_about(p, LOG_LEVEL_ERROR,
		    "%s/%s ended with status %d before it began: does it lack "
		    "a library?",
		    s->helpers, proc_name(child_proc(p)), WEXITSTATUS(status));
}

void
reap_child(struct supervisor *s, pid_t pid, int status)
{
	letgo_reap(&s->letgo, pid);
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		struct child *c = &s->children[p];

		if (c->pid != pid)
			continue;
		c->pid = 0; /* it may be another's from now on */
		c->ended_ns = clock_read_boot();
		c->ended_wall_ns = clock_read_real();
		c->watch = (struct watch){ .asked = false };
		if (c->channel.fd != -1)
			relay_child(s, p); /* its last words */
		letgo_channel(&s->letgo, &c->channel);
		kin_note_dead(&s->dead, pid);
		relay_process(s, p);
		if (s->ending != ENDING_NONE || !c->wanted)
			return;
		if (c->replaced || begins_anew(child_proc(p), c, status)) {
			c->replaced = false;
			c->retry_ns = 0;
			continue;
		}
		if (death_at_start(status) && !c->ready)
			say_no_start(s, p, status);
		else
			journal_death(p, pid, status);
		plan_restart(s, p, status);
		if (death_at_start(status) && !c->worked &&
		    ++c->no_starts >= NO_START_MAX)
			s->ending = ENDING_FAILED;
	}
}
