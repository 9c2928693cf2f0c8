/*
 * ntp-resolve: it is sent nothing but its channels, and sends only what all
 * programs send.  Run by ntpd only.
 */
#include <sys/wait.h>

#include "common/clock.h"
#include "ntpd/children/program.h"

#define LONG_LIFE_NS (10 * NS_PER_S)

static const struct pace_rate anew_rate = { 450 * NS_PER_S, 20 };

/*
 * It exits by itself when it needs to read other files than its sandbox allows.
 * That is not a failure, unless it happens too often: then the restart is
 * delayed like after a failure.
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
