/*
 * What is kept in the state directory: it comes back as it was, older files
 * are understood, and damaged ones are not.  And which time is known from it.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "epoch.h"
#include "state.h"
#include "tap.h"

#define KEPT INT64_C(1900000000123456789) /* 2030: after any build */

static struct state_dir dir;

static void
put_file(const char *text)
{
	int fd = openat(dir.fd, "clock", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		OK(0, "the test's own file");
	(void)close(fd); /* only a test's */
}

static void
test_kept(void)
{
	struct state s, back;

	IS_I64(state_load(&dir, &s), 0, "no file: nothing is kept");
	IS_I64(s.time_ns, 0, "no time either");
	s.drift_known = true;
	s.drift_slope = -12345;
	s.drift_slope_sigma = 67;
	s.time_ns = KEPT;
	IS_I64(state_save(&dir, &s), 0, "kept");
	IS_I64(state_load(&dir, &back), 0, "read again");
	OK(back.drift_known, "the drift is known");
	IS_I64(back.drift_slope, -12345, "drift");
	IS_I64(back.drift_slope_sigma, 67, "its sigma");
	IS_I64(back.time_ns, KEPT, "time");
}

static void
test_files(void)
{
	static const struct {
		const char *name, *text;
		int want;
		int64_t time_ns;
	} t[] = {
		{ "version 1",
		    "ntpd-state 1\ndrift 5 6\nbudget 0 0\nboot x\nend\n", 0,
		    0 },
		{ "version 2",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "1900000000123456789\nend\n",
		    0, KEPT },
		{ "version 2 without its time",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\nend\n", -1,
		    0 },
		{ "version 3",
		    "ntpd-state 3\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "1\nend\n",
		    -1, 0 },
		{ "a negative time",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "-1\nend\n",
		    -1, 0 },
		{ "a time after 2199",
		    "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime "
		    "7258118400000000000\nend\n",
		    -1, 0 },
		{ "cut", "ntpd-state 2\ndrift 5 6\nbudget 0 0\nboot x\ntime 19",
		    -1, 0 },
		{ "empty", "", -1, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct state s;

		put_file(t[i].text);
		IS_I64(state_load(&dir, &s), t[i].want, "file, %s", t[i].name);
		IS_I64(s.time_ns, t[i].time_ns, "file, %s: time", t[i].name);
		OK(s.drift_known == (t[i].want == 0), "file, %s: drift",
		    t[i].name);
	}
}

static void
test_known(void)
{
	struct state s = { .time_ns = 0 };
	struct timespec ts = { 0, 0 };
	int64_t built_ns = epoch_known_ns(&s);
	int64_t now_ns;

	OK(built_ns >= epoch_earliest_ns(),
	    "the sources are later than the earliest time");
	s.time_ns = built_ns - 1;
	IS_I64(epoch_known_ns(&s), built_ns, "an older time is not used");
	s.time_ns = KEPT;
	IS_I64(epoch_known_ns(&s), KEPT, "a newer one is");

	(void)clock_gettime(CLOCK_REALTIME, &ts); /* it always exists */
	now_ns = ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
	epoch_note(&s, -now_ns);
	IS_I64(s.time_ns, KEPT, "a time in 1970 is not kept");
	epoch_note(&s, INT64_MAX);
	IS_I64(s.time_ns, KEPT, "nor one at the end of all");
	epoch_note(&s, KEPT - now_ns + 5);
	NEAR((double)(s.time_ns - KEPT), 0, 60e9, "the right one is");
}

int
main(void)
{
	char path[] = "/tmp/ntpd-state.XXXXXX";

	if (mkdtemp(path) == NULL || state_open(&dir, path) == -1)
		return 1;
	test_kept();
	test_files();
	test_known();
	(void)unlinkat(dir.fd, "clock", 0); /* what stays is in /tmp */
	(void)rmdir(path);
	return DONE();
}
