/*
 * ntpd(8) as far as it matters to ntp-clock.  What it takes over from a report,
 * and whether that is written at once, is its own code (state_take()).  The
 * rest is what ntpd/children/clock.c and ntpd/kept/kept.c do: a charge is
 * written before it is answered; other reports are written each hour and at an
 * end in good order; a kill loses what is only in memory.
 */
#include <string.h>

#include "core/types.h"
#include "tests/attack/adv_check.h"
#include "tests/attack/adv_net.h"
#include "tests/attack/adv_run.h"
#include "tests/attack/adv_world.h"

#define SAVE_EVERY_NS	    (3600 * NS_PER_S)
#define SIGMA_WORTH_KEEPING (SLOPE_ONE / 200000)

static struct ntpd *const n = &world.ntpd;

static int64_t
known_ns(const struct state *s)
{
	int64_t earliest_ns = EARLIEST_S * NS_PER_S;

	return s->time_ns > earliest_ns ? s->time_ns : earliest_ns;
}

/* kept_save() */
static void
save(bool force)
{
	int64_t now_ns = world_now_ns();

	if (n->clock_known && n->clock.slope_sigma_q32 > 0 &&
	    n->clock.slope_sigma_q32 < SIGMA_WORTH_KEEPING &&
	    (n->clock.flags & CLOCK_STATE_HAS_LINE) != 0) {
		n->kept.drift_known = true;
		n->kept.drift_q32 = n->clock.slope_q32;
		n->kept.drift_sigma_q32 = n->clock.slope_sigma_q32;
	}
	n->kept.time_ns = known_ns(&n->kept) + now_ns - n->noted_ns;
	n->noted_ns = now_ns;
	if (!force && now_ns - n->saved_ns < SAVE_EVERY_NS)
		return;
	n->saved_ns = now_ns;
	if (world.limits.has_dir)
		n->disk = n->kept;
}

static void
say_to_clock(enum msg_type type, void *msg, size_t length, int fd)
{
	struct msg_header h = { (uint32_t)type, (uint32_t)length };

	memcpy(msg, &h, sizeof(h));
	(void)queue_put(&world.to_clock, msg, length, fd); /* or it is lost */
}

/* clock_configure() */
void
ntpd_configure_clock(void)
{
	struct msg_clock_config m = world.limits.config;

	m.leap_before_ns = n->kept.leap_ns;
	m.drift_q32 = n->kept.drift_q32;
	m.earliest_ns = EARLIEST_S * NS_PER_S;
	m.known_ns = known_ns(&n->kept);
	if (!n->startup_done)
		m.flags |= CLOCK_CONFIG_STARTUP;
	if (n->kept.drift_known)
		m.flags |= CLOCK_CONFIG_DRIFT_KNOWN;
	if (n->slope_known) {
		m.flags |= CLOCK_CONFIG_DRIFT_KNOWN;
		m.drift_q32 = n->slope;
	}
	if (!world.limits.has_dir && !n->clock_known)
		m.flags |= CLOCK_CONFIG_NOTHING_KEPT;
	memcpy(&m.ledger, &n->kept.ledger, sizeof(m.ledger));
	memcpy(m.frozen, n->kept.frozen, sizeof(m.frozen));
	say_to_clock(MSG_CLOCK_CONFIG, &m, sizeof(m), -1);
}

void
ntpd_connect_net(void)
{
	struct msg_peer m = { .peer = PROC_NET };

	world.net_fd = NET_FD + (world.net_fd + 1) % 1000;
	queue_clear(&world.samples);
	net_connected();
	say_to_clock(MSG_PEER, &m, sizeof(m), world.net_fd);
}

void
ntpd_start(void)
{
	world_say("ntpd starts");
	memset(n, 0, offsetof(struct ntpd, disk));
	n->kept = n->disk;
	n->alive = true;
	n->startup_done = n->clock_known = n->slope_known = false;
	n->saved_ns = 0;
	n->noted_ns = n->busy_until_ns = world_now_ns();
	n->clock_due_ns = world_now_ns();
	queue_clear(&world.to_ntpd);
}

void
ntpd_spawn_clock(void)
{
	struct msg_clock_rtc rtc = { .h = { 0, 0 } };

	while (!queue_empty(&world.to_ntpd))
		ntpd_take(); /* the last words of the one before */
	world_say("ntp-clock starts");
	queue_clear(&world.to_clock);
	world.parent_closed = world.configured = false;
	if (world.machine.has_rtc)
		say_to_clock(MSG_CLOCK_RTC, &rtc, sizeof(rtc), RTC_FD);
	ntpd_configure_clock();
	ntpd_connect_net();
}

/* note_clock_state() */
static void
take_state(const struct msg_clock_state *m)
{
	bool changed;

	n->clock = *m;
	n->clock_known = true;
	if ((m->flags & CLOCK_STATE_HAS_LINE) != 0) {
		n->slope_known = true;
		n->slope = m->slope_q32;
	}
	changed =
	    (m->flags & CLOCK_STATE_CONTROLLED) != 0 && state_take(&n->kept, m);
	if ((m->flags & CLOCK_STATE_STARTUP_DONE) != 0)
		n->startup_done = true;
	save(changed);
	check_kept(n->kept.frozen);
}

/* note_charge() */
static void
take_charge(const struct msg_clock_charge *m)
{
	struct msg_clock_charged done = { .number = m->number };

	memcpy(&n->kept.ledger, &m->ledger, sizeof(n->kept.ledger));
	n->kept.leap_ns = m->leap_before_ns;
	save(true);
	if (world.clock_alive)
		say_to_clock(MSG_CLOCK_CHARGED, &done, sizeof(done), -1);
}

void
ntpd_take(void)
{
	int fd;
	const union msg *msg = queue_take(&world.to_ntpd, &fd);

	if (msg == NULL)
		return;
	if (msg->h.type == MSG_CLOCK_STATE)
		take_state(&msg->clock_state);
	else if (msg->h.type == MSG_CLOCK_CHARGE)
		take_charge(&msg->clock_charge);
}

void
ntpd_killed(void)
{
	world_say("ntpd is killed");
	n->alive = false;
	queue_clear(&world.to_ntpd);
	world.parent_closed = true;
	n->back_ns =
	    world_now_ns() + (int64_t)world_spread(&world.rng, 0.05e9, 900e9);
}

/* In good order: children first, which are not heard any more, then the state. */
void
ntpd_stopped(void)
{
	save(true);
	ntpd_killed();
}

/* Its backoff: 20 ms to a second of what worked, or more after a crash loop. */
void
ntpd_clock_gone(void)
{
	int64_t seen_ns = world_now_ns();

	if (n->busy_until_ns > seen_ns)
		seen_ns = n->busy_until_ns;
	n->clock_due_ns = seen_ns +
	    (int64_t)(rng_chance(&world.rng, 0.7)
		    ? world_spread(&world.rng, 0.02e9, 1e9)
		    : world_spread(&world.rng, 1e9, 300e9));
}
