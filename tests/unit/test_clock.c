/*
 * ntp-clock as a whole, in a world that the test simulates (clock_world.h).
 * With VERBOSE in the environment it prints its events.
 */
#include "tests/unit/clock_world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "core/leap/leap.h"
#include "core/steer/ledger.h"
#include "core/steer/steer.h"
#include "tests/tap.h"

#define SLOPE(ppm) ((int64_t)((ppm)*4294.967296))

static bool
flag(uint32_t f)
{
	return (w.state.flags & f) != 0;
}

/* A flag of the saved ledger. */
static bool
ledger_flag(const struct msg_ledger *m, int64_t f)
{
	struct ledger_kept k;

	memcpy(&k, m, sizeof(k));
	return (k.flags & f) != 0;
}

static void
set_ledger(struct msg_clock_config *m, const struct ledger_kept *k)
{
	memcpy(&m->ledger, k, sizeof(m->ledger));
}

static void
test_startup_step(void)
{
	world(3600.012345, 40);
	play(defaults());
	IS_I64(w.status, 0, "start, hours behind: ends well");
	IS_I64(w.events[EVENT_STEP], 1, "one step");
	IS_I64((int64_t)w.state.steps, 1, "counted");
	OK(strstr(w.last[EVENT_STEP].reason, "3600.0123") != NULL &&
		strstr(w.last[EVENT_STEP].reason, "behind") != NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
	NEAR(w.behind_ns, 0, 1000, "in time at the end");
	IS_I64(w.events[EVENT_LOCKED], 1, "locked");
	OK(flag(CLOCK_STATE_STARTUP_DONE) && flag(CLOCK_STATE_IN_SYNC) &&
		flag(CLOCK_STATE_CONTROLLED) && flag(CLOCK_STATE_HAS_LINE),
	    "the state says so");
	IS_I64(w.tx.status, 0, "the kernel is in sync");
	OK(w.tx.maxerror < 10000 + 4000, "its maxerror is %ld us",
	    w.tx.maxerror);
	NEAR(w.state.freq_ppb, 40000, 100, "frequency");
	IS_I64(w.state.used_ns, 0, "the first step of a boot is free");
	OK(ledger_flag(&w.state.ledger, LEDGER_STARTED), "and remembered");
	IS_I64(w.charges, 1, "which was written down");
	OK(ledger_flag(&w.kept.ledger, LEDGER_STARTED), "before it was made");
	IS_I64(w.tx.constant, 10, "and the kernel remembers it, too");
	OK(w.waits < 60, "few wake-ups in 100 s: %d", w.waits);
}

/* As after an hour: with an anchor. */
static struct msg_clock_config
anchored(int64_t ppm)
{
	struct msg_clock_config m = defaults();

	set_ledger(&m,
	    &(struct ledger_kept){ .flags = LEDGER_STARTED | LEDGER_ANCHORED,
		.anchor_sppm = ppm * STEER_SPPM });
	m.flags = 0;
	return m;
}

/* As after a restart: corrections were made since boot. */
static struct msg_clock_config
restarted(void)
{
	struct msg_clock_config m = defaults();

	set_ledger(&m, &(struct ledger_kept){ .flags = LEDGER_STARTED });
	return m;
}

static void
test_boot(void)
{
	world(0.008, -30);
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "8 ms after a boot: a step");
	world(-0.0009, -30);
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 0, "0.9 ms: none");
}

static void
test_slew(void)
{
	world(0.008, -30);
	play(restarted());
	IS_I64(w.events[EVENT_STEP], 0, "8 ms: no step");
	IS_I64(w.events[EVENT_SLEW], 1, "slewed");
	IS_I64(w.events[EVENT_LOCKED], 1, "locked");
	NEAR(w.behind_ns, 0, 1000, "in time at the end");
	NEAR(w.fastest_ppm, 500, 0.1, "at the limit, not over it");

	world(-9.9, 900);
	w.end_s = 400;
	struct msg_clock_config m = restarted();
	m.step_over_ns = S(10);
	m.slew_limit_ppb = STEER_SLEW_MAX_PPB;
	play(m);
	NEAR(w.behind_ns, 0, 1000, "10 s ahead at 10 %%: in time");
	OK(w.fastest_ppm < 100001, "the tick does not pass the limit: %.1f",
	    w.fastest_ppm);
	NEAR(w.state.used_ns, 9.9e9 + 400e-6 * 400e9, 0.2e9,
	    "it is charged, and so is a clock that is 900 ppm off");
	OK(w.events[EVENT_CHARGED] >= 1 && w.events[EVENT_CHARGED] <= 7,
	    "which is said now and then: %d times", w.events[EVENT_CHARGED]);
	OK(strstr(w.last[EVENT_CHARGED].reason, "charged to the budget") !=
		NULL,
	    "it says: %s", w.last[EVENT_CHARGED].reason);
	OK(flag(CLOCK_STATE_CHARGED), "and the state says so");
}

static void
test_restart(void)
{
	struct msg_clock_config m = defaults();

	world(0.0000005, 123.4);
	m.flags = CLOCK_CONFIG_DRIFT_KNOWN;
	m.drift_q32 = SLOPE(123.4);
	w.tx.freq = (long)steer_slope_rate(m.drift_q32);
	w.tx.status = 0;
	play(m);
	IS_I64(w.events[EVENT_STEP] + w.events[EVENT_SLEW], 0,
	    "restart in time: nothing jumps");
	OK(w.fastest_ppm < 1, "nor is it slewed: %.3f ppm", w.fastest_ppm);
	IS_I64(w.tx.status, 0, "still in sync");

	world(0, 123.4);
	w.tx.freq = (long)(123.4 * 65536);
	w.net_ends_s = 0;
	m.flags = 0;
	play(m);
	NEAR(w.behind_ns, 0, 10000, "no drift known: the kernel's is kept");
	world(0, 0);
	w.tx.tick = 11000;
	w.net_ends_s = 0;
	play(m);
	IS_I64(w.tx.tick, 10000, "a tick left by a slew is not");

	world(0, 0);
	w.tx.status = STA_PLL;
	w.tx.maxerror = 20000;
	w.net_ends_s = 0;
	w.end_s = 10;
	play(m);
	IS_I64(
	    w.tx.status, 0, "no sample yet: in sync stays, the PLL does not");
	NEAR((double)w.tx.maxerror, 25000, 100, "nor is the bound touched");
	OK(!flag(CLOCK_STATE_IN_SYNC), "but nothing is claimed");
}

/* Another program sets the clock. */
static double foreign_s;

static void
foreign_step(void)
{
	w.behind_ns += foreign_s * 1e9;
}

static void
test_foreign_step(void)
{
	world(0, 10);
	w.at = foreign_step;
	w.at_s = 40;
	foreign_s = 25;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "a foreign step is stepped back");
	NEAR(w.behind_ns, 0, 1000, "and the clock is in time");
	OK(strstr(w.last[EVENT_STEP].reason, "more than is slewed") != NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
	NEAR(w.state.used_ns, 25.05e9, 0.06e9, "and it is charged");

	world(0, 10);
	w.at = foreign_step;
	w.at_s = 40;
	foreign_s = 500;
	play(defaults());
	IS_I64(w.events[EVENT_FROZEN], 1, "one over the budget freezes");
	IS_I64(w.steps, 0, "and is left");
	OK(strstr(w.state.frozen, "is over what is left of the budget, 30 s") !=
		NULL,
	    "it says: %s", w.state.frozen);
}

static void
liar(void)
{
	w.sample_error_ns = -1200.5e9;
	w.sample_slope_error = 800 * PPM;
}

static void
test_freeze(void)
{
	struct msg_clock_config m = defaults();

	set_ledger(&m,
	    &(struct ledger_kept){
		.flags = LEDGER_KNOWN, .anchor_sppm = 55 * STEER_SPPM });
	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	w.end_s = 200;
	play(m);
	IS_I64(w.events[EVENT_FROZEN], 1, "too large a step: frozen once");
	OK(strstr(w.state.frozen, "over the limit of 1000 s") != NULL,
	    "because: %s", w.state.frozen);
	OK(flag(CLOCK_STATE_FROZEN) && !flag(CLOCK_STATE_IN_SYNC),
	    "the state says so");
	NEAR(w.state.offset_ns, -1200.5e9, 1e9, "the error is still shown");
	IS_I64(w.events[EVENT_SLEW], 0, "it was not slewed before");
	NEAR(w.behind_ns, 0, 20000, "the clock is where it was");
	IS_I64(w.jump_ns, 0, "no step was made");
	IS_I64(w.tx.status, STA_UNSYNC, "the kernel is told");
	IS_I64(w.tx.freq, 55 * STEER_SPPM, "it runs at its anchor");

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	w.end_s = 200;
	play(defaults());
	IS_I64(w.tx.freq, 0, "or at nothing, where none is known");
	NEAR(w.behind_ns, 55e-6 * 160e9, 2e6, "and drifts by its own");

	world(0, 55);
	w.at = liar;
	w.at_s = 700;
	w.end_s = 900;
	play(defaults());
	NEAR(w.tx.freq, 55 * STEER_SPPM, 8,
	    "or at what has been stable for ten minutes");
	NEAR(w.behind_ns, 0, 20000, "and is where it was");

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	m.flags |= CLOCK_CONFIG_STOP_ON_VIOLATION;
	play(m);
	IS_I64(w.events[EVENT_STOP], 1, "or the supervisor is told to stop");
	IS_I64(w.events[EVENT_FROZEN], 0, "instead");
	IS_I64(w.jump_ns, 0, "no step was made");
}

static int64_t agreed_ns;

static void
let_go(void)
{
	struct msg_clock_release m = { .step_ns = agreed_ns,
		.margin_ns = NS_PER_S };

	give(w.parent, PROC_NTPD, MSG_CLOCK_RELEASE, &m, -1);
}

static void
test_release(void)
{
	struct msg_clock_config m = defaults();

	world(-5000, 5);
	m.flags = CLOCK_CONFIG_STARTUP | CLOCK_CONFIG_DRIFT_KNOWN;
	strcpy(m.frozen, "a step of 7 s is over the limit of 5 s");
	m.drift_q32 = SLOPE(-7);
	set_ledger(&m,
	    &(struct ledger_kept){
		.flags = LEDGER_KNOWN, .anchor_sppm = -7 * STEER_SPPM });
	w.end_s = 50;
	play(m);
	NEAR(w.behind_ns, -5000e9, 1e6, "frozen from before: no step");
	IS_I64(w.jump_ns, 0, "nor a try");
	OK(!flag(CLOCK_STATE_STARTUP_DONE), "the startup is still to be done");
	NEAR(w.state.freq_ppb, -7000, 1, "it runs at its anchor");
	OK(strcmp(w.state.frozen, m.frozen) == 0, "for the same reason: %s",
	    w.state.frozen);
	IS_I64(w.events[EVENT_FROZEN], 0, "which is no news");

	world(-5000000, 5);
	w.at = let_go;
	w.at_s = 50;
	agreed_ns = -S(5000000);
	play(m);
	IS_I64(w.events[EVENT_RELEASED], 1, "released");
	IS_I64(w.events[EVENT_STEP], 1, "one step");
	OK(strstr(w.last[EVENT_STEP].reason, " s ahead: allowed by an op") !=
		NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
	NEAR(w.behind_ns, 0, 1000, "in time");
	OK(!flag(CLOCK_STATE_FROZEN) && w.state.frozen[0] == '\0',
	    "not frozen");
	IS_I64(w.state.used_ns, 0, "the step is not of the budget");

	world(-5000000, 5);
	w.at = let_go;
	w.at_s = 50;
	agreed_ns = -S(4999990);
	play(m);
	IS_I64(w.events[EVENT_RELEASED], 1, "released for another step");
	IS_I64(w.jump_ns, 0, "that does not count");
	OK(strstr(w.state.frozen, "is over the startup limit") != NULL ||
		strstr(w.state.frozen, "not what an operator agreed to") !=
		    NULL,
	    "it says: %s", w.state.frozen);
}

static void
test_holdover(void)
{
	world(1, 77);
	w.net_ends_s = 100;
	w.end_s = 20000;
	play(defaults());
	IS_I64(w.events[EVENT_HOLDOVER], 1, "holdover is told once");
	OK(flag(CLOCK_STATE_HOLDOVER) && flag(CLOCK_STATE_IN_SYNC),
	    "the state says so");
	NEAR(w.behind_ns, 0, 10000, "the clock goes on along the line");
	NEAR(w.state.error_ns, 19900 * 1000.0, 2e6, "with a growing bound");
	NEAR((double)w.tx.maxerror * 1000, (double)w.state.error_ns, 4e6,
	    "that the kernel knows");

	world(0, 77);
	w.sample_every_s = 1024;
	w.end_s = 5000;
	play(defaults());
	IS_I64(w.events[EVENT_HOLDOVER], 1, "long polls: only at first");
}

static void
test_leap(void)
{
	struct msg_clock_config m = restarted();

	world(0.002, 20);
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(restarted());
	OK(w.leap_done, "a leap second happened");
	IS_I64(w.events[EVENT_LEAP], 1, "it is told");
	IS_I64(w.events[EVENT_STEP], 0, "the kernel did it: no step");
	IS_I64(w.events[EVENT_SLEW], 1, "and no slew but the first");
	NEAR(w.behind_ns, 0, 1000, "in time");
	IS_I64(w.tx.status, 0, "the kernel's leap flag is cleared");
	IS_I64(w.events[EVENT_FROZEN], 0, "not frozen");
	NEAR(w.state.used_ns, 1.05e9, 0.06e9, "it is charged");
	IS_I64(
	    w.state.leap_before_ns, S(INT64_C(1798761600)), "and remembered");
	IS_I64(w.charges, 1, "and was written down");

	world(0.002, 20);
	w.controlled = false;
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(restarted());
	OK(w.leap_done, "a leap second with a clock that is not ours");
	IS_I64(w.events[EVENT_LEAP], 0, "none was inserted into it");
	NEAR(w.state.offset_ns, w.behind_ns, 1e6, "but the line has made it");

	world(0.3, 20);
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	m.step_over_ns = S(10);
	play(m);
	OK(w.leap_done, "a leap second while the clock is out of sync");
	IS_I64(w.events[EVENT_LEAP], 0, "of which the kernel was not told");

	world(0.002, 20);
	w.sample_leap = LEAP_INSERT;
	w.answer_s = -1;
	w.end_s = 110;
	play(restarted());
	OK(w.leap_done, "a leap second that is never written down");
	IS_I64(w.events[EVENT_LEAP], 0, "is never told to the kernel");
	NEAR(w.behind_ns, -1e9, 1e6, "so that the clock is a second ahead");
	IS_I64(w.steps, 0, "for now");
}

/* In September, and one soon after another. */
static void
test_leap_refused(void)
{
	struct msg_clock_config m = restarted();

	m.leaps_ns[3] = S(INT64_C(1790812800));
	world(0.002, 20);
	w.utc_ns = S(INT64_C(1790812700)); /* 2026-09-30 23:58:20 */
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(m);
	IS_I64(w.events[EVENT_LEAP], 1, "in September, with the leap file");
	IS_I64(w.steps, 0, "the kernel makes it");

	world(0.002, 20);
	w.utc_ns = S(INT64_C(1790812700));
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(restarted());
	IS_I64(w.events[EVENT_LEAP], 0, "in September, by servers alone: no");
	IS_I64(w.events[EVENT_STEP], 1, "what they say of UTC is stepped");
	NEAR(w.state.used_ns, 1.05e9, 0.06e9, "at the same price");

	m = restarted();
	m.leap_before_ns = S(INT64_C(1798761600) - 149 * 86400);
	world(0.002, 20);
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(m);
	IS_I64(w.events[EVENT_LEAP], 0, "149 days after another one: no");
	IS_I64(w.state.leap_before_ns, m.leap_before_ns,
	    "which is still the last");
}

static void
lose(void)
{
	w.refuse = true;
}

static void
test_no_control(void)
{
	world(3600, 20);
	w.controlled = false;
	play(defaults());
	IS_I64(w.sets, 0, "without the capability nothing is set");
	NEAR(w.state.offset_ns, 3600e9, 1e7, "but all is measured");
	OK(flag(CLOCK_STATE_HAS_LINE) && !flag(CLOCK_STATE_CONTROLLED),
	    "flags");
	IS_I64(w.events[EVENT_STEP] + w.events[EVENT_SLEW] +
		w.events[EVENT_FROZEN],
	    0, "and nothing is said to be done");

	world(3600, 20);
	w.at = lose;
	w.at_s = 0.5;
	play(defaults());
	IS_I64(w.events[EVENT_FAILED], 1, "the kernel refuses: told once");
	OK(!flag(CLOCK_STATE_CONTROLLED), "and the state says so");
	IS_I64(w.events[EVENT_STEP], 0, "no step is claimed");
	IS_I64((int64_t)w.state.steps, 0, "nor counted");

	world(3600, 20);
	w.controlled = false;
	w.forbid = true;
	play(defaults());
	IS_I64(w.events[EVENT_FAILED], 0, "no control, not even reading: fine");
	IS_I64(w.state.freq_ppb, 0, "the frequency counts as unchanged");
	NEAR(w.state.offset_ns, 3600e9, 1e7, "and all is measured");
}

static void
flood(void)
{
	struct msg_sample bad = { .raw_ns = 1 };

	for (int i = 0; i < 30; i++)
		give(w.net, PROC_NET, MSG_SAMPLE, &bad, -1);
}

static void
test_hostile(void)
{
	world(0.001, 20);
	w.at = flood;
	w.at_s = 33;
	play(defaults());
	IS_I64(w.state.refused, 30, "bad samples are counted");
	IS_I64(w.events[EVENT_REFUSED], 1, "and told once");
	NEAR(w.behind_ns, 0, 1000, "the clock does not mind");
	OK(w.states < 40, "reports are not at the sender's pace: %d", w.states);
}

/* Without a page, every change is sent in a message. */
static void
test_no_page(void)
{
	for (int i = 0; i < 2; i++) {
		world(0.001, 20);
		w.no_page = i != 0;
		w.sample_every_s = 200;
		w.end_s = 1000;
		play(defaults());
		NEAR(w.behind_ns, 0, 1000, "the clock does not mind");
		OK(w.no_page ? w.longest_s <= 48 : w.longest_s >= 100,
		    "page %d: told every %.0f s at least", !w.no_page,
		    w.longest_s);
	}
}

/* ntpd is late, and its queue is full. */
static void
fill_parent(void)
{
	struct channel ch = {
		.fd = PARENT_FD, .self = PROC_CLOCK, .peer = PROC_NTPD
	};
	struct msg_log m = { .level = LOG_LEVEL_DEBUG, .text = "full" };

	while (msg_send(&ch, MSG_LOG, &m, -1) == 0)
		continue;
	liar();
}

/* Important news is sent once there is room, with or without a page. */
static void
test_deaf(void)
{
	for (int i = 0; i < 2; i++) {
		world(0.001, 20);
		w.no_page = i != 0;
		w.deaf_s = 300;
		w.ear_s = 400;
		w.at = fill_parent;
		w.at_s = 300;
		w.end_s = 450;
		play(defaults());
		OK(w.frozen_told_s >= 400 && w.frozen_told_s < 433,
		    "page %d: a freeze while ntpd is late is told, after %.0f s",
		    !w.no_page, w.frozen_told_s);
	}
}

static int flooded_sets, flooded_waits;

static void
flood_more(void)
{
	struct msg_sample m = { .raw_ns =
				    S(INT64_C(1000)) + (int64_t)w.passed_ns,
		.theta_ns = S(INT64_C(1798760500)),
		.sigma_ns = 5000 };

	for (int i = 0; i < 150; i++)
		give(w.net, PROC_NET, MSG_SAMPLE, &m, -1);
	flooded_sets = w.sets;
	flooded_waits = w.waits;
}

/* At most ten samples a second are handled; more delay only the sender. */
static void
test_flood(void)
{
	int64_t taken;

	world(0, 0);
	w.at = flood_more;
	w.at_s = 33;
	w.end_s = 36;
	play(defaults());
	taken = (int64_t)(w.state.samples + w.state.refused);
	OK(taken >= 30 && taken <= 10 + 10 + 30 + 5,
	    "of 150 samples %d are looked at in 3 s", (int)taken);
	OK(w.sets - flooded_sets <= 90 && w.waits - flooded_waits <= 90,
	    "in %d turns, by %d calls", w.waits - flooded_waits,
	    w.sets - flooded_sets);
	world(0, 0);
	w.at = flood_more;
	w.at_s = 33;
	w.end_s = 60;
	play(defaults());
	IS_I64((int64_t)(w.state.samples + w.state.refused), 150 + 4,
	    "all of them in 27 s");
}

static void
suspend(void)
{
	w.suspended_ns = S(1000);
	w.behind_ns = 2e9; /* the RTC's error */
	w.leap_ns += S(1000);
	w.next_sample_s = w.passed_ns / 1e9 + 30;
}

static void
test_suspend(void)
{
	world(0, 0);
	w.at = suspend;
	w.at_s = 33;
	w.end_s = 60;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 0, "after a resume, no sample: no step");
	world(0, 0);
	w.at = suspend;
	w.at_s = 33;
	w.end_s = 120;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "with a new one: a step");
	NEAR(w.state.used_ns, 2.05e9, 0.06e9, "which is charged");
}

/* --- written ahead -------------------------------------------------------- */

static void
test_charge(void)
{
	struct msg_clock_config m = defaults();
	struct ledger_kept k;

	world(5, 10);
	w.answer_s = 4;
	play(restarted());
	IS_I64(w.events[EVENT_STEP], 1, "a step of 5 s");
	OK(w.answered_s > 0 && w.stepped_s >= w.answered_s,
	    "waits until it is written down: %.1f s", w.answered_s);
	memcpy(&k, &w.kept.ledger, sizeof(k));
	NEAR(k.ahead_ns, 5.05e9, 0.06e9, "what was written down covers it");

	world(5, 10);
	w.answer_s = -1;
	w.end_s = 300;
	play(restarted());
	IS_I64(w.charges, 1, "asked once");
	IS_I64(w.steps, 0, "and never answered: no step");
	IS_I64(w.events[EVENT_FROZEN], 0, "nor frozen");
	memcpy(&k, &w.state.ledger, sizeof(k));
	NEAR(k.ahead_ns, 5.05e9, 0.06e9, "no later report takes it back");

	world(3600, 10);
	w.answer_s = -1;
	play(defaults());
	IS_I64(w.steps, 0, "a first step, never answered: none");
	OK(!flag(CLOCK_STATE_STARTUP_DONE), "it is still to be made");
	OK(ledger_flag(&w.state.ledger, LEDGER_STARTED),
	    "but counts as made, whatever is reported");

	/* Killed before it could report the step: the charge is saved. */
	m.ledger = w.kept.ledger;
	world(3600, 10);
	play(m);
	IS_I64(w.steps, 0, "there is no second free start");
	IS_I64(w.events[EVENT_FROZEN], 1, "but a freeze");

	/* A slow write, and an error that grows by 300 ppm meanwhile. */
	world(5, 300);
	w.answer_s = 0.02;
	play(restarted());
	IS_I64(w.events[EVENT_STEP], 1, "an error that grows is stepped");
	OK(w.charges <= 2, "and not written down at each turn: %d", w.charges);
}

/* Nothing was saved: what was used before is unknown. */
static void
test_nothing_kept(void)
{
	struct msg_clock_config m = defaults();

	m.flags |= CLOCK_CONFIG_NOTHING_KEPT;
	world(3600, 10);
	play(m);
	IS_I64(w.events[EVENT_STEP], 1, "nothing kept, first start since boot");
	IS_I64(w.tx.constant, 10, "the kernel is told");
	world(5, 10);
	w.tx.constant = 10;
	play(m);
	IS_I64(w.steps, 0, "not the first: no step");
	IS_I64(w.events[EVENT_FROZEN], 0, "no freeze");
	OK(w.events[EVENT_SLEW] == 1 && w.behind_ns < 4.97e9, "it is slewed");
	NEAR(w.state.used_ns, 30e9, 1, "all of the budget counts as used");
	world(3600, 10);
	w.tx.constant = 10;
	play(m);
	IS_I64(w.events[EVENT_FROZEN], 1, "an hour freezes");
}

/* --- rates ---------------------------------------------------------------- */

static void
run_away(void)
{
	w.sample_runs = w.sample_slope_error = 900 * PPM;
}

/* The audit's: a line that drifts by 1000 ppm, too slowly for a step. */
static void
test_run_away(void)
{
	world(0, 20);
	w.at = run_away;
	w.at_s = 100;
	w.end_s = 40000;
	play(anchored(20));
	IS_I64(w.events[EVENT_FROZEN], 1, "a line that runs away freezes");
	OK(strstr(w.state.frozen, "a rate of ") != NULL &&
		strstr(w.state.frozen, "ppm is over what is left") != NULL,
	    "it says: %s", w.state.frozen);
	/* 30 s of the budget, and the free 50 ppm until the freeze. */
	OK(-w.behind_ns < 30e9 + 50e-6 * 40000e9 && -w.behind_ns > 30e9,
	    "the clock is %.3f s off", -w.behind_ns / 1e9);
	OK(w.steps <= 1, "by %d steps", w.steps);
	OK(w.tx.freq >= 20 * STEER_SPPM &&
		w.tx.freq <= 20 * STEER_SPPM + STEER_SPPM * 40000 / 86400,
	    "it runs at its anchor now, which has walked by 1 ppm a day");
	IS_I64(w.tx.tick, 10000, "with the nominal tick");
	OK(w.charges <= 700, "it was written down %d times", w.charges);
	OK(w.events[EVENT_CHARGED] > 100 && w.events[EVENT_CHARGED] < 700,
	    "and said %d times", w.events[EVENT_CHARGED]);

	world(0, 20);
	w.at = run_away;
	w.at_s = 100;
	w.end_s = 5000;
	w.answer_s = -1;
	play(anchored(20));
	OK(fabs(w.behind_ns) <= 50e-6 * 4900e9,
	    "nothing written down: no more than is free, %.3f s",
	    -w.behind_ns / 1e9);
	OK(w.fastest_ppm <= 50.1, "at no time: %.1f ppm", w.fastest_ppm);
}

/* --- pauses --------------------------------------------------------------- */

static void
pause_machine(void)
{
	stop_machine(3000);
}

static void
test_pause(void)
{
	world(0, 10);
	w.has_rtc = true;
	w.at = pause_machine;
	w.at_s = 2000;
	w.end_s = 2100;
	play(restarted());
	IS_I64(w.events[EVENT_RESUME], 1, "a pause is found by the RTC");
	IS_I64(w.events[EVENT_STEP], 1, "and followed by a step");
	OK(strstr(w.last[EVENT_STEP].reason, "paused") != NULL, "it says: %s",
	    w.last[EVENT_STEP].reason);
	OK(w.state.used_ns < 2e9, "of the budget it is %lld ns",
	    (long long)w.state.used_ns);
	NEAR(w.behind_ns, 0, 1000, "the clock is in time");

	world(0, 10);
	w.at = pause_machine;
	w.at_s = 2000;
	w.end_s = 2100;
	play(restarted());
	IS_I64(w.events[EVENT_FROZEN], 1, "without an RTC it freezes");

	world(0, 10);
	w.has_rtc = true;
	w.sample_flags = 0;
	w.at = pause_machine;
	w.at_s = 2000;
	w.end_s = 2100;
	play(restarted());
	IS_I64(w.events[EVENT_RESUME], 1, "a pause that few sources speak of");
	IS_I64(w.events[EVENT_FROZEN], 1, "explains nothing");

	world(0, 10);
	w.has_rtc = true;
	w.rtc_ahead_ns = -S(7200);
	w.rtc_sync_s = 1e9;
	w.at = pause_machine;
	w.at_s = 2000;
	w.end_s = 2100;
	struct msg_clock_config m = restarted();
	m.rtc_behind_ns = S(7200);
	play(m);
	IS_I64(w.events[EVENT_STEP], 1, "an RTC of local time is as good");
}

static uint32_t flags_between;
static int status_between;

static void
look_between(void)
{
	flags_between = w.told_flags;
	status_between = w.tx.status;
}

/* Two samples that come late after it: the time is unknown till then. */
static void
pause_and_wait(void)
{
	stop_machine(3000);
	w.next_sample_s = w.passed_ns / 1e9 + 60;
	w.at = look_between;
	w.at_s = w.passed_ns / 1e9 + 30;
}

static void
test_unknown(void)
{
	world(0, 10);
	w.has_rtc = true;
	w.at = pause_and_wait;
	w.at_s = 2000;
	w.end_s = 2120;
	play(restarted());
	IS_I64(flags_between & (CLOCK_STATE_HAS_LINE | CLOCK_STATE_IN_SYNC), 0,
	    "after a pause nobody is told of a line from before");
	IS_I64(status_between, STA_UNSYNC, "nor does the kernel say so");
	IS_I64(w.events[EVENT_STEP], 1, "a sample of after it is followed");
	OK(flag(CLOCK_STATE_IN_SYNC), "and all is well");
	NEAR(w.behind_ns, 0, 1000, "the clock is in time");
}

static void
step_forward(void)
{
	w.sample_error_ns = 14e9;
}

/* Two steps of a liar, with the kernel's setting of the RTC between them. */
static void
test_no_pause(void)
{
	world(0, 10);
	w.has_rtc = true;
	w.at = step_forward;
	w.at_s = 600;
	w.end_s = 700;
	play(restarted());
	IS_I64(
	    w.events[EVENT_STEP], 1, "a lie of 14 s, and the RTC follows it");
	OK(w.rtc_ahead_ns > S(13), "by %lld ns", (long long)w.rtc_ahead_ns);
	IS_I64(w.events[EVENT_RESUME], 0, "that is no pause");
	NEAR(w.state.used_ns, 14.05e9, 0.06e9, "and is charged");
}

/* A sample that was in flight when the machine went to sleep. */
static void
late_sample(void)
{
	struct msg_sample m = { .raw_ns = w.state.raw_ns,
		.theta_ns = S(INT64_C(1798760500)),
		.sigma_ns = 5000 };

	suspend();
	give(w.net, PROC_NET, MSG_SAMPLE, &m, -1);
}

static void
test_late_sample(void)
{
	world(0, 0);
	w.at = late_sample;
	w.at_s = 33;
	w.end_s = 60;
	play(defaults());
	IS_I64((int64_t)w.state.refused, 1, "a sample of before: refused");
	OK(strstr(w.last[EVENT_REFUSED].reason, "resume") != NULL,
	    "it says: %s", w.last[EVENT_REFUSED].reason);
	IS_I64(w.events[EVENT_STEP], 0, "and no step is made");
}

static void
test_bad_parent(void)
{
	struct msg_clock_config m = defaults();

	world(0, 0);
	m.slew_limit_ppb = -1;
	play(m);
	IS_I64(w.status, 1, "bad limits: exit 1");
	IS_I64(w.sets, 0, "nothing was set");
}

static void
stop_now(void)
{
	(void)close(w.parent);
	w.parent = -1;
}

static void
test_leave(void)
{
	struct msg_clock_config m = restarted();

	world(0.009, 30);
	w.at = stop_now;
	w.at_s = 5;
	play(m);
	IS_I64(w.status, 0, "ntpd is gone: exit 0");
	OK(w.behind_ns > 1e6, "in the middle of a slew");
	IS_I64(w.tx.freq, 0, "nothing that was said in five seconds is left");
	IS_I64(w.tx.tick, 10000, "but the nominal tick");

	set_ledger(&m,
	    &(struct ledger_kept){ .flags = LEDGER_STARTED | LEDGER_KNOWN,
		.anchor_sppm = 30 * STEER_SPPM });
	world(0.009, 30);
	w.at = stop_now;
	w.at_s = 5;
	play(m);
	IS_I64(w.tx.freq, 30 * STEER_SPPM, "or the anchor, if one is known");
	IS_I64(w.tx.tick, 10000, "with the nominal tick");

	world(0, 30);
	w.tx.freq = (long)(7 * STEER_SPPM);
	w.net_ends_s = 0;
	play(restarted());
	IS_I64(w.tx.freq, 7 * STEER_SPPM,
	    "without a sample all is left as it was found");

	/* Two hours later there is an anchor. */
	world(0, 30);
	w.end_s = 7300;
	play(restarted());
	OK(flag(CLOCK_STATE_ANCHORED), "after two hours there is an anchor");
	NEAR(w.state.anchor_ppb, 30000, 2, "of 30 ppm");
	NEAR(w.state.low_ppb, -20000, 2, "from -20 ppm");
	NEAR(w.state.high_ppb, 80000, 2, "to 80 ppm rates are free");
	NEAR(w.tx.freq, 30 * STEER_SPPM, 4, "at the end it runs at that");
}

static void
signals(void)
{
	(void)raise(SIGTERM);
	(void)raise(SIGINT);
	(void)raise(SIGHUP);
}

static void
test_signals(void)
{
	world(0.009, 30);
	w.at = signals;
	w.at_s = 5;
	play(defaults());
	IS_I64(w.status, 0, "signals do not end it, ntpd does");
	NEAR(w.behind_ns, 0, 1000, "after the whole slew");
}

/* Samples that come before the limits are not lost. */
static void
test_early(void)
{
	struct msg_sample m = { .raw_ns = S(1000),
		.theta_ns = S(INT64_C(1798760500)),
		.sigma_ns = 5000 };

	world(0, 0);
	w.early = &m;
	w.net_ends_s = 0.5;
	w.end_s = 20;
	play(defaults());
	IS_I64((int64_t)w.state.samples, 1, "a sample waits for the limits");
}

static void
test_once(void)
{
	struct msg_clock_config m = defaults();

	world(0.0002, 30);
	m.flags = CLOCK_CONFIG_ONCE | CLOCK_CONFIG_STARTUP;
	w.end_s = 2;
	play(m);
	IS_I64(w.events[EVENT_STEP], 1, "once: 200 us are stepped");
	NEAR(w.behind_ns, 0, 1000, "in time at once");
	OK(flag(CLOCK_STATE_STARTUP_DONE), "done");
}

int
main(void)
{
	test_startup_step();
	test_boot();
	test_slew();
	test_restart();
	test_foreign_step();
	test_freeze();
	test_release();
	test_holdover();
	test_leap();
	test_leap_refused();
	test_no_control();
	test_hostile();
	test_no_page();
	test_deaf();
	test_flood();
	test_suspend();
	test_charge();
	test_nothing_kept();
	test_run_away();
	test_pause();
	test_unknown();
	test_no_pause();
	test_late_sample();
	test_bad_parent();
	test_leave();
	test_signals();
	test_early();
	test_once();
	return DONE();
}
