/*
 * ntp-resolve: it is given nothing but its channels, and says nothing but what all
 * programs say.  Run by ntpd only.
 */
#include <sys/wait.h>

#include "common/clock.h"
#include "ntpd/children/program.h"

#define LONG_LIFE_NS (10 * NS_PER_S)

static const struct pace_rate anew_rate = { 450 * NS_PER_S, 20 };

/*
 * It ends by itself when it is to read other files than those that it may.  That is
 * no failure, unless it comes too often: then it waits like one.
 */
static bool
ends_well(struct child *c, int status)
{
	int64_t now = clock_read_boot();

	return c->ready && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    now - c->started_ns > LONG_LIFE_NS &&
	    pace_take(&c->anew, &anew_rate, now);
}

const struct program program_RESOLVE = { .ends_well = ends_well };
