/*
 * How far the clock is moved, by eyes that share no code with what is tested:
 *
 *	clockwatch [-i MS] [-w SECONDS] FILE
 *
 * Looks every MS (100) at CLOCK_REALTIME less CLOCK_MONOTONIC_RAW, which nobody
 * steers, and writes to FILE what it has seen, at every tenth look and at
 * SIGTERM, in one line of nanoseconds:
 *
 *	NET TOTAL JUMP WORST ELAPSED
 *
 * NET is the whole movement, forward less backward, and TOTAL forward and
 * backward; JUMP the largest between two looks.  WORST is the largest TOTAL of
 * any SECONDS (60) one after the other.
 *
 *	clockwatch -b
 *
 * makes the kernel's clock as it is after a boot, in all but the time: in the
 * test's virtual machine only, which it knows by the kernel's command line.
 */
#include <sys/timex.h>

#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S   INT64_C(1000000000)
#define LOOK_MS	   100
#define TELL_LOOKS 10
#define WINDOW_MAX 36000 /* looks */
#define MARKER	   "ntpd-vm-test"
#define BOOT_CONST 2 /* the kernel's first time constant */

static volatile sig_atomic_t told_to_end;

struct seen {
	int64_t first_raw_ns, raw_ns;
	int64_t first_ns, last_ns; /* the clock less raw time */
	int64_t total_ns, jump_ns, worst_ns;
	int64_t kept_ns[WINDOW_MAX]; /* total_ns of the last looks */
	uint64_t count;
};

static void
on_term(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static int64_t
now_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) == -1)
		err(2, "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Of a few readings the quickest: the others were interrupted. */
static int64_t
difference_ns(int64_t *raw_ns)
{
	int64_t best_ns = INT64_MAX, result_ns = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before_ns = now_ns(CLOCK_MONOTONIC_RAW);
		int64_t real_ns = now_ns(CLOCK_REALTIME);
		int64_t after_ns = now_ns(CLOCK_MONOTONIC_RAW);

		if (after_ns - before_ns >= best_ns)
			continue;
		best_ns = after_ns - before_ns;
		*raw_ns = before_ns + best_ns / 2;
		result_ns = real_ns - *raw_ns;
	}
	return result_ns;
}

static void
look(struct seen *s, uint64_t window)
{
	int64_t here_ns = difference_ns(&s->raw_ns), moved_ns;

	if (s->count == 0) {
		s->first_raw_ns = s->raw_ns;
		s->first_ns = s->last_ns = here_ns;
	}
	moved_ns = here_ns - s->last_ns;
	s->last_ns = here_ns;
	s->total_ns += llabs(moved_ns);
	if (llabs(moved_ns) > llabs(s->jump_ns))
		s->jump_ns = moved_ns;
	/* What was kept a window ago is overwritten just after it was read. */
	moved_ns = s->total_ns -
	    (s->count < window ? 0 : s->kept_ns[s->count % window]);
	if (moved_ns > s->worst_ns)
		s->worst_ns = moved_ns;
	s->kept_ns[s->count % window] = s->total_ns;
	s->count++;
}

static void
tell(const struct seen *s, const char *path)
{
	char new[256];
	FILE *f;

	(void)snprintf(new, sizeof(new), "%s.new", path);
	f = fopen(new, "we");
	if (f == NULL)
		err(2, "%s", new);
	(void)fprintf(f,
	    "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
	    s->last_ns - s->first_ns, s->total_ns, s->jump_ns, s->worst_ns,
	    s->raw_ns - s->first_raw_ns);
	if (fclose(f) != 0 || rename(new, path) == -1)
		err(2, "%s", path);
}

static void
as_after_boot(void)
{
	/* ADJ_NANO: in microseconds the kernel would add 4 to the constant. */
	struct timex nano = { .modes = ADJ_NANO };
	struct timex tx = { .modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_STATUS |
		    ADJ_TIMECONST,
		.tick = 10000,
		.status = STA_UNSYNC | STA_NANO,
		.constant = BOOT_CONST };
	struct timex tai = { .modes = ADJ_TAI };
	struct timex micro = { .modes = ADJ_MICRO };
	char line[4096] = "";
	FILE *f = fopen("/proc/cmdline", "re");

	if (f == NULL || fgets(line, sizeof(line), f) == NULL ||
	    strstr(line, MARKER) == NULL)
		errx(2, "this is not the test's virtual machine");
	(void)fclose(f); /* only read */
	if (adjtimex(&nano) == -1 || adjtimex(&tx) == -1 ||
	    adjtimex(&tai) == -1 || adjtimex(&micro) == -1)
		err(2, "adjtimex");
}

int
main(int argc, char **argv)
{
	static struct seen seen;
	uint64_t window_ms = 60000, window;
	int look_ms = LOOK_MS, c;

	while ((c = getopt(argc, argv, "bi:w:")) != -1) {
		if (c == 'b') {
			as_after_boot();
			return 0;
		}
		if (c == 'i')
			look_ms = atoi(optarg);
		else if (c == 'w')
			window_ms = strtoull(optarg, NULL, 10) * 1000;
		else
			return 2;
	}
	window = look_ms < 1 ? 0 : window_ms / (uint64_t)look_ms;
	if (argc - optind != 1 || window < 1 || window > WINDOW_MAX)
		errx(2, "usage: clockwatch [-i ms] [-w seconds] file | -b");
	if (signal(SIGTERM, on_term) == SIG_ERR)
		err(2, "signal");
	while (told_to_end == 0) {
		look(&seen, window);
		if (seen.count % TELL_LOOKS == 1)
			tell(&seen, argv[optind]);
		(void)poll(NULL, 0, look_ms); /* early or late: raw is read */
	}
	look(&seen, window);
	tell(&seen, argv[optind]);
	return 0;
}
