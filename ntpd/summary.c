/* The state of synchronization in words, see summary.h.  Run by ntpd only. */
#include "ntpd/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/fastcount.h"
#include "ntpd/children/alive.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"

#define PPB_OF(slope) ((slope)*INT64_C(1000000000) / SLOPE_ONE)

uint32_t
summary_standing(const struct supervisor *s)
{
	if (alive_in_doubt(&s->children, PROC_NET) ||
	    alive_in_doubt(&s->children, PROC_CLOCK))
		return 0;
	return s->heard.net.flags & (NET_SYNCED | NET_HOLDOVER);
}

void
summary_log(const struct supervisor *s)
{
	uint32_t state = summary_standing(s);
	struct fast_counters fast;

	daemon_log(LOG_LEVEL_INFO,
	    "summary: synchronized=%s holdover=%s stratum=%u sources=%u "
	    "selected=%u "
	    "offset_ns=%" PRId64 " frequency_ppb=%" PRId64 " steps=%" PRIu64
	    " samples=%" PRIu64 " frozen=\"%s\"",
	    (state & NET_SYNCED) != 0 ? "yes" : "no",
	    (state & NET_HOLDOVER) != 0 ? "yes" : "no", s->heard.net.stratum,
	    s->heard.net.sources, s->heard.net.selected,
	    s->heard.clock.offset_ns, PPB_OF(s->heard.clock.slope_q32),
	    s->heard.clock.steps, s->heard.clock.samples,
	    s->heard.clock.frozen);
	if (s->fast.counters == NULL)
		return;
	fast = fastcount_sum(s->fast.counters, s->fast.processors);
	daemon_log(LOG_LEVEL_INFO,
	    "fast path: answered=%" PRIu64 " passed=%" PRIu64 " denied=%" PRIu64
	    " limited=%" PRIu64,
	    fast.answered, fast.passed, fast.denied, fast.limited);
}

void
summary_once(const struct supervisor *s)
{
	if (s->ending == ENDING_ONCE_DONE && s->options->no_clock)
		printf("clock not touched: offset %+.6f s\n",
		    (double)s->heard.clock.offset_ns / 1e9);
	else if (s->ending == ENDING_ONCE_DONE)
		printf("clock set: offset %+.6f s now, frequency %+.3f ppm, "
		       "%" PRIu64 " steps\n",
		    (double)s->heard.clock.offset_ns / 1e9,
		    (double)s->heard.clock.slope_q32 / (double)SLOPE_ONE * 1e6,
		    s->heard.clock.steps);
	else if (s->heard.clock.frozen[0] != '\0')
		printf("clock not set: %s\n", s->heard.clock.frozen);
	else if ((s->heard.net.flags & NET_NO_SOURCES) != 0)
		printf("clock not set: no source is configured\n");
	else
		printf("clock not set: no agreement on the time\n");
	if (fflush(stdout) == EOF || ferror(stdout) != 0)
		daemon_log(LOG_LEVEL_ERROR,
		    "cannot write the result to standard output: %s",
		    strerrordesc_np(errno));
}
