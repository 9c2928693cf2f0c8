/*
 * The part of ntpd(8) in the simulator: it makes the channels, sends the
 * configuration of the scenario, and receives messages.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "core/filter/drift.h"
#include "core/steer/ledger.h"
#include "tests/sim/measure.h"
#include "tests/sim/world.h"

#define NTP_PORT	    123
#define DAY_NS		    (86400 * NS_PER_S)
#define FREQUENCY_LIMIT_PPB 50000
#define RELEASE		    (INT64_C(1767225600) * NS_PER_S) /* 2026-01-01 */

static void
say_with(enum program to, enum msg_type type, void *msg, size_t length, int fd)
{
	struct msg_header h = { (uint32_t)type, (uint32_t)length };

	memcpy(msg, &h, sizeof(h));
	if (world_put(world.programs[to].parent, msg, length, fd) == -1)
		errx(1, "the channel to a program is full");
}

static void
say(enum program to, enum msg_type type, void *msg, size_t length)
{
	say_with(to, type, msg, length, -1);
}

/* In units of 2^-32. */
static int64_t
kept_slope(const struct scenario *sc)
{
	return (int64_t)(sc->kept_drift * (double)SLOPE_ONE);
}

/* Its present uncertainty, like what ntpd reads from its state directory. */
static int64_t
kept_sigma(const struct scenario *sc)
{
	int64_t sigma = (int64_t)(sc->kept_sigma * (double)SLOPE_ONE);

	return sc->kept_age_ns > 0
	    ? drift_of_this_boot(sigma, (int64_t)sc->kept_age_ns)
	    : drift_of_other_boot(sigma);
}

/* The limits are ntpd.conf(5)'s defaults. */
static void
configure_clock(const struct scenario *sc, const struct msg_leaps *leaps)
{
	struct msg_clock_config m = { .step_over_ns = (int64_t)sc->step_over_ns,
		.startup_forward_ns = LIMIT_ANY,
		.startup_backward_ns = DAY_NS,
		.limit_ns = 1000 * NS_PER_S,
		.budget_ns = (int64_t)sc->budget_ns,
		.budget_period_ns = DAY_NS,
		.frequency_limit_ppb = FREQUENCY_LIMIT_PPB,
		.resume_limit_ns = 30 * DAY_NS,
		.slew_limit_ppb = (int64_t)(sc->slew_limit * 1e9 + 0.5),
		.earliest_ns = RELEASE,
		.flags = CLOCK_CONFIG_STARTUP };
	struct msg_clock_rtc rtc = { .h = { 0, 0 } };
	struct ledger_kept kept = { .anchor_sppm =
					(int64_t)(sc->kept_anchor * 65536e6),
		.flags = sc->kept_anchor != 0 ? LEDGER_KNOWN : 0 };

	memcpy(&m.ledger, &kept, sizeof(kept));
	if (sc->kept_sigma > 0) {
		m.flags |= CLOCK_CONFIG_DRIFT_KNOWN;
		m.drift_q32 = kept_slope(sc);
	}
	for (uint32_t i = 0; sc->leap_file > 0 && i < leaps->count; i++)
		m.leaps_ns[i] = leaps->at_ns[i];
	if (sc->rtc > 0)
		say_with(PROGRAM_CLOCK, MSG_CLOCK_RTC, &rtc, sizeof(rtc),
		    world_fd(world_object(OBJECT_RTC, PROGRAM_CLOCK)));
	say(PROGRAM_CLOCK, MSG_CLOCK_CONFIG, &m, sizeof(m));
}

static void
configure_net(const struct scenario *sc)
{
	struct msg_net_config m = { .flags = NET_CLOCK | NET_SERVES,
		.max_distance_ns = 3 * NS_PER_S };
	struct msg_net_commit commit = { .sources = sc->server_count };

	if (sc->kept_sigma > 0) {
		m.flags |= NET_SLOPE_KNOWN;
		m.drift_q32 = kept_slope(sc);
		m.drift_sigma_q32 = kept_sigma(sc);
	}
	say(PROGRAM_NET, MSG_NET_CONFIG, &m, sizeof(m));
	for (uint32_t i = 0; i < sc->server_count; i++) {
		struct msg_net_source src = { .kind = SOURCE_SERVER,
			.port = NTP_PORT,
			.poll_min_log2 = (uint32_t)sc->poll_min,
			.poll_max_log2 = (uint32_t)sc->poll_max,
			.count = 1 };
		uint32_t a = SERVER_NET + 1 + i;

		(void)snprintf(src.name, sizeof(src.name), "%u.%u.%u.%u",
		    a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
		say(PROGRAM_NET, MSG_NET_SOURCE, &src, sizeof(src));
	}
	say(PROGRAM_NET, MSG_NET_COMMIT, &commit, sizeof(commit));
}

/* What ntpd would have read, and checked. */
static struct msg_leaps
read_leaps(const struct scenario *sc)
{
	struct msg_leaps m = { .expiry_ns = INT64_MAX };

	for (uint32_t i = 0; i < sc->event_count && m.count < LEAPS_MAX; i++) {
		const struct script_event *e = &sc->events[i];

		if (world_leap_ns(e) == 0)
			continue;
		m.at_ns[m.count] = world_leap_ns(e);
		m.kind[m.count++] = e->value > 0 ? LEAP_INSERT : LEAP_DELETE;
	}
	return m;
}

/* Give both a channel to each other, and the page of served time. */
static void
introduce(void)
{
	struct object *a = world_object(OBJECT_CHANNEL, PROGRAM_CLOCK);
	struct object *b = world_object(OBJECT_CHANNEL, PROGRAM_NET);
	struct object *page = world_object(OBJECT_PAGE, PROGRAM_NET);
	struct msg_peer to_net = { .peer = PROC_NET };
	struct msg_peer to_clock = { .peer = PROC_CLOCK };
	struct msg_page m;

	a->peer = b;
	b->peer = a;
	say_with(PROGRAM_CLOCK, MSG_PEER, &to_net, sizeof(to_net), world_fd(a));
	say_with(
	    PROGRAM_NET, MSG_PEER, &to_clock, sizeof(to_clock), world_fd(b));
	say_with(PROGRAM_NET, MSG_PAGE, &m, sizeof(m), world_fd(page));
}

void
ntpd_begin(int log_level)
{
	struct msg_leaps leaps;

	for (int p = 0; p < PROGRAMS; p++) {
		struct msg_level level = { .log_level = log_level < 0
			    ? LOG_LEVEL_ERROR
			    : (uint32_t)log_level };
		struct object *o =
		    world_object(OBJECT_CHANNEL, (enum program)p);

		o->peer = NULL;
		world.programs[p].parent = o;
		say((enum program)p, MSG_LEVEL, &level, sizeof(level));
	}
	leaps = read_leaps(world.scenario);
	configure_clock(world.scenario, &leaps);
	introduce();
	configure_net(world.scenario);
	if (world.scenario->leap_file > 0)
		say(PROGRAM_NET, MSG_LEAPS, &leaps, sizeof(leaps));
}

void
ntpd_clock_set(void)
{
	struct msg_clock_set m = { .h = { 0, 0 } };

	say(PROGRAM_CLOCK, MSG_CLOCK_SET, &m, sizeof(m));
}

void
ntpd_hear(const union msg *msg)
{
	double now_s = (double)world.now_ns / 1e9;
	struct msg_clock_charged charged = { .number =
						 msg->clock_charge.number };

	if (msg->h.type == MSG_CLOCK_CHARGE)
		say(PROGRAM_CLOCK, MSG_CLOCK_CHARGED, &charged,
		    sizeof(charged));
	if (msg->h.type == MSG_CLOCK_STATE)
		world.clock_state = msg->clock_state;
	if (msg->h.type == MSG_CLOCK_STATE &&
	    (msg->clock_state.flags & CLOCK_STATE_FROZEN) != 0)
		measure_frozen(&world);
	if (msg->h.type == MSG_NET_STATE)
		world.net_state = msg->net_state;
	if (!world.verbose)
		return;
	if (msg->h.type == MSG_LOG)
		fprintf(stderr, "%.6f s: %s\n", now_s, msg->log.text);
	else if (msg->h.type == MSG_CLOCK_EVENT)
		fprintf(stderr, "%.6f s: clock event %u, %" PRId64 " ns: %s\n",
		    now_s, msg->clock_event.event, msg->clock_event.amount_ns,
		    msg->clock_event.reason);
}
