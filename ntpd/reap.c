/*
 * What becomes of a child that has ended.  Run by ntpd only; a program that is
 * still wanted is started again, the later the more often it fails.
 */
#include <sys/wait.h>

#include <time.h>

#include "clock.h"
#include "journal.h"
#include "supervise.h"

#define MS	     INT64_C(1000000)
#define LONG_LIFE_NS (10000 * MS) /* of an ntp-resolve that begins anew */
#define SAID_WAIT_NS (60000 * MS)
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
		    proc_name(child_proc(p)),
		    (long long)(wait_ns / (1000 * MS)));
}

static const struct pace_rate anew_rate = { 450000 * MS, 20 };

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

/* The time of day, however wrong; 0: there is none. */
static int64_t
wall_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return 0; /* not on any Linux */
	return ts.tv_sec * (1000 * MS) + ts.tv_nsec;
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
		c->ended_wall_ns = wall_now();
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
		journal_death(p, pid, status, c->ready);
		plan_restart(s, p, status);
		if (death_at_start(status) && !c->worked &&
		    ++c->no_starts >= NO_START_MAX)
			s->ending = ENDING_FAILED;
	}
}
