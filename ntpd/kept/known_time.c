/*
 * The time that is known before any source has been asked, see known_time.h.  A
 * machine without a battery for its clock starts in 1970; the first correction
 * may bring it to the time known here, whatever the limits.  Run by ntpd only.
 */
#include "ntpd/kept/known_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/clock.h"
#include "core/types.h"
#include "ntpd/daemon_log.h"
#include "ntpd/kept/release.h"

_Static_assert(RELEASE_EPOCH <= UTC_LAST_NS / NS_PER_S,
    "the time of the sources is one that can be");

int64_t
known_time_ns(const struct state *s)
{
	int64_t built_ns = RELEASE_EPOCH * NS_PER_S;

	return s->time_ns > built_ns ? s->time_ns : built_ns;
}

static void
write_time(char text[32], int64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, 32, "%" PRId64 " ns", ns);
}

void
known_time_check_clock(const struct state *s)
{
	int64_t now_ns = clock_read_real(), known_ns = known_time_ns(s);
	char now[32], known[32];

	if (now_ns >= known_ns && now_ns <= UTC_LAST_NS)
		return;
	write_time(now, now_ns);
	write_time(known, known_ns);
	if (now_ns > UTC_LAST_NS) {
		daemon_log(LOG_LEVEL_WARNING,
		    "the clock shows %s, which is impossible: for the first correction, the limits count from %s",
		    now, known);
		return;
	}
	daemon_log(LOG_LEVEL_WARNING,
	    "the clock shows %s, which is before %s, %s: up to then the first correction has no limit",
	    now, known,
	    known_ns == s->time_ns ? "the time kept in the state directory"
				   : "the time of this program's sources");
}

void
known_time_passed(struct state *s, int64_t passed_ns)
{
	int64_t utc_ns;

	if (passed_ns > 0 &&
	    !__builtin_add_overflow(known_time_ns(s), passed_ns, &utc_ns) &&
	    utc_ns < UTC_LAST_NS)
		s->time_ns = utc_ns;
}
