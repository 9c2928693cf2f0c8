/* What ntpd saves, see kept.h.  Run by ntpd only. */
#include "ntpd/kept/kept.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "ntpd/daemon_log.h"
#include "ntpd/kept/known_time.h"

#define AGAIN_NS	    (5 * NS_PER_S)
#define SAVE_EVERY_NS	    (3600 * NS_PER_S)
/* A drift with a larger uncertainty is not worth saving: 5 ppm. */
#define SIGMA_WORTH_KEEPING (SLOPE_ONE / 200000)

void
kept_open(struct kept *k, const char *path)
{
	const char *other;
	int error;

	k->path = path;
	if (state_open_volatile(&k->spare, path, &other) == -1)
		k->spare.fd = -1;
	if (state_open(&k->dir, path) == 0)
		return;
	error = errno;
	k->dir = k->spare;
	k->spare.fd = -1;
	if (k->dir.fd != -1)
		daemon_log(LOG_LEVEL_WARNING,
		    "no state directory %s: %s: drift, budget and time are "
		    "kept in %s, until the next boot",
		    path, strerrordesc_np(error), other);
	else
		daemon_log(LOG_LEVEL_WARNING,
		    "no state directory %s: %s: drift, budget and time are not "
		    "kept",
		    path, strerrordesc_np(error));
	k->said_no_state = k->dir.fd == -1;
}

void
kept_load(struct kept *k)
{
	k->lost = state_load_later(&k->dir, &k->spare, &k->state) == -1;
	if (k->lost)
		daemon_log(LOG_LEVEL_WARNING,
		    "ignoring the state saved in %s: %s", k->path,
		    strerrordesc_np(errno));
	k->noted_ns = clock_read_boot();
}

/* Store ntp-clock's drift if it is good enough for the next boot. */
static void
keep_drift(struct state *kept, const struct msg_clock_state *c)
{
	if (c == NULL || c->slope_sigma_q32 <= 0 ||
	    c->slope_sigma_q32 >= SIGMA_WORTH_KEEPING ||
	    (c->flags & CLOCK_STATE_HAS_LINE) == 0 ||
	    (c->flags & CLOCK_STATE_FROZEN) != 0)
		return;
	kept->drift_known = true;
	kept->drift_q32 = c->slope_q32;
	kept->drift_sigma_q32 = c->slope_sigma_q32;
}

bool
kept_save(struct kept *k, const struct msg_clock_state *clock, bool force)
{
	int64_t now = clock_read_boot();
	int error;

	keep_drift(&k->state, clock);
	known_time_passed(&k->state, now - k->noted_ns);
	k->noted_ns = now;
	if (!force && now - k->saved_ns < SAVE_EVERY_NS)
		return true;
	k->saved_ns = now;
	if (state_save(&k->dir, &k->state) == 0)
		return true;
	error = errno;
	if (!k->said_no_state)
		daemon_log(LOG_LEVEL_WARNING,
		    "cannot write to the state directory %s: %s: drift, budget "
		    "and time are kept until the next boot at best",
		    k->path, strerrordesc_np(error));
	k->said_no_state = true;
	return k->spare.fd != -1 && state_save(&k->spare, &k->state) == 0;
}

void
kept_later(struct kept *k)
{
	k->again_ns = clock_read_boot() + AGAIN_NS;
}
