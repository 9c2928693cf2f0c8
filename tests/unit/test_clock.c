/*
 * ntp-clock as a whole, in a world that the test plays (clock_world.h).  With
 * VERBOSE in the environment its events are shown.
 */
#include "clock_world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leap.h"
#include "steer.h"
#include "tap.h"

#define SLOPE(ppm) ((int64_t)((ppm)*4294.967296))

static bool
flag(uint32_t f)
{
	return (w.state.flags & f) != 0;
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
	OK(flag(CLOCK_STARTUP_DONE) && flag(CLOCK_IN_SYNC) &&
		flag(CLOCK_CONTROLLED) && flag(CLOCK_HAS_LINE),
	    "the state says so");
	IS_I64(w.tx.status, 0, "the kernel is in sync");
	OK(w.tx.maxerror < 10000 + 4000, "its maxerror is %ld us",
	    w.tx.maxerror);
	NEAR(w.state.freq_ppb, 40000, 100, "frequency");
	IS_I64(w.state.step_sum_ns, 0, "the first step of a boot is free");
	OK(w.state.budget_start_ns != 0, "and remembered");
	OK(w.waits < 60, "few wake-ups in 100 s: %d", w.waits);
}

/* As after a restart: something was corrected since boot. */
static struct msg_clock_config
restarted(void)
{
	struct msg_clock_config m = defaults();

	m.budget_start_ns = 1;
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
	struct msg_clock_config m = defaults();
	m.step_over_ns = S(10);
	m.slew_limit_ppb = STEER_SLEW_MAX_PPB;
	play(m);
	NEAR(w.behind_ns, 0, 1000, "10 s ahead at 10 %%: in time");
	OK(w.fastest_ppm < 100001, "the tick does not pass the limit: %.1f",
	    w.fastest_ppm);
}

static void
test_restart(void)
{
	struct msg_clock_config m = defaults();

	world(0.0000005, 123.4);
	m.flags = CLOCK_DRIFT_KNOWN;
	m.drift_slope = SLOPE(123.4);
	w.tx.freq = (long)steer_slope_rate(m.drift_slope);
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
	OK(!flag(CLOCK_IN_SYNC), "but nothing is claimed");
}

/* Somebody else sets the clock. */
static void
foreign_step(void)
{
	w.behind_ns += 500e9;
}

static void
test_foreign_step(void)
{
	world(0, 10);
	w.at = foreign_step;
	w.at_s = 40;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "a foreign step is stepped back");
	NEAR(w.behind_ns, 0, 1000, "and the clock is in time");
	OK(strstr(w.last[EVENT_STEP].reason, "more than is slewed") != NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
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

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	w.end_s = 200;
	play(m);
	IS_I64(w.events[EVENT_FROZEN], 1, "too large a step: frozen once");
	OK(strstr(w.state.frozen, "over the limit of 1000 s") != NULL,
	    "because: %s", w.state.frozen);
	OK(flag(CLOCK_IS_FROZEN) && !flag(CLOCK_IN_SYNC), "the state says so");
	NEAR(w.state.offset_ns, -1200.5e9, 1e9, "the error is still shown");
	IS_I64(w.events[EVENT_SLEW], 0, "it was not slewed before");
	NEAR(w.behind_ns, 0, 20000, "the clock is where it was");
	IS_I64(w.jump_ns, 0, "no step was made");
	IS_I64(w.tx.status, STA_UNSYNC, "the kernel is told");
	IS_I64(w.tx.freq,
	    steer_slope_rate((int64_t)(55e-6 * (double)STEER_SLOPE_ONE)),
	    "the frequency is held");

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	m.flags |= CLOCK_STOP_ON_VIOLATION;
	play(m);
	IS_I64(w.events[EVENT_STOP], 1, "or the supervisor is told to stop");
	IS_I64(w.events[EVENT_FROZEN], 0, "instead");
	IS_I64(w.jump_ns, 0, "no step was made");
}

static void
let_go(void)
{
	struct msg_clock_release m = { { 0, 0 } };

	give(w.parent, PROC_NTPD, MSG_CLOCK_RELEASE, &m, -1);
}

static void
test_release(void)
{
	struct msg_clock_config m = defaults();

	world(-5000, 5);
	m.flags = CLOCK_FROZEN | CLOCK_STARTUP | CLOCK_DRIFT_KNOWN;
	m.drift_slope = SLOPE(-7);
	w.end_s = 50;
	play(m);
	NEAR(w.behind_ns, -5000e9, 1e6, "frozen from before: no step");
	IS_I64(w.jump_ns, 0, "nor a try");
	OK(!flag(CLOCK_STARTUP_DONE), "the startup is still to be done");
	NEAR(w.state.freq_ppb, -7000, 1, "the drift is held");

	world(-5000000, 5);
	w.at = let_go;
	w.at_s = 50;
	play(m);
	IS_I64(w.events[EVENT_RELEASED], 1, "released");
	IS_I64(w.events[EVENT_STEP], 1, "one step");
	OK(strstr(w.last[EVENT_STEP].reason, " s ahead: allowed by an op") !=
		NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
	NEAR(w.behind_ns, 0, 1000, "in time");
	OK(!flag(CLOCK_IS_FROZEN) && w.state.frozen[0] == '\0', "not frozen");
	NEAR(w.state.step_sum_ns, 5e15, 1e7, "the step is counted");
}

static void
test_holdover(void)
{
	world(1, 77);
	w.net_ends_s = 100;
	w.end_s = 20000;
	play(defaults());
	IS_I64(w.events[EVENT_HOLDOVER], 1, "holdover is told once");
	OK(flag(CLOCK_HOLDOVER) && flag(CLOCK_IN_SYNC), "the state says so");
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
	OK(flag(CLOCK_HAS_LINE) && !flag(CLOCK_CONTROLLED), "flags");
	IS_I64(w.events[EVENT_STEP] + w.events[EVENT_SLEW] +
		w.events[EVENT_FROZEN],
	    0, "and nothing is said to be done");

	world(3600, 20);
	w.at = lose;
	w.at_s = 0.5;
	play(defaults());
	IS_I64(w.events[EVENT_FAILED], 1, "the kernel refuses: told once");
	OK(!flag(CLOCK_CONTROLLED), "and the state says so");
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

static void
suspend(void)
{
	w.suspended_ns = S(1000);
	w.behind_ns = 2e9; /* the RTC was wrong by so much */
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
}

/* A sample that was on its way when the machine went to sleep. */
static void
late_sample(void)
{
	struct msg_sample m = { .raw_ns = w.state.raw_ns,
		.theta_ns = S(INT64_C(1790811700)),
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
	world(0.009, 30);
	w.at = stop_now;
	w.at_s = 5;
	play(restarted());
	IS_I64(w.status, 0, "ntpd is gone: exit 0");
	OK(w.behind_ns > 1e6, "in the middle of a slew");
	NEAR(
	    (double)w.tx.freq / 65536, 30, 0.001, "the base frequency is left");
	IS_I64(w.tx.tick, 10000, "and the nominal tick");
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
		.theta_ns = S(INT64_C(1790811700)),
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
	m.flags = CLOCK_ONCE | CLOCK_STARTUP;
	w.end_s = 2;
	play(m);
	IS_I64(w.events[EVENT_STEP], 1, "once: 200 us are stepped");
	NEAR(w.behind_ns, 0, 1000, "in time at once");
	OK(flag(CLOCK_STARTUP_DONE), "done");
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
	test_no_control();
	test_hostile();
	test_suspend();
	test_late_sample();
	test_bad_parent();
	test_leave();
	test_signals();
	test_early();
	test_once();
	return DONE();
}
