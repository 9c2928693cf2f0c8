/*
 * ntp-net, broken into: it has a channel to ntp-clock and says there what it
 * likes.  What it may not do is move the clock beyond the limits.
 *
 * Plans; a lie is told by samples, two a second unless something else is said:
 *
 *	slope PPM	a frequency, for ever
 *	ahead US	the clock is always behind by so much
 *	both US		that, and 1000 ppm of slope
 *	saw US		ahead, then back, 15 s each
 *	once MS		a line that is so far ahead, and stays
 *	window		steps where a period of 60 s that begins with the first
 *			one is about to end, and when it has
 *	first S		the first words of each life: so far ahead; once that is
 *			done, or not in 30 s, the life ends
 *	again S		first words so far ahead; right for a quarter of an
 *			hour, in which the kernel sets the RTC by the clock; and
 *			then so far ahead once more, as after a pause
 *	between MS	asks for a step, and ends when it is about to be made
 *	leap KIND	honest, but for a leap second (1 inserted, 2 deleted)
 *	noise		each value of each sample at random
 *	flood		samples as fast as they are taken
 *	breach		what ntp-clock may not be sent
 *	lend		descriptors for ntp-clock
 *	states		messages about itself to ntpd, as fast as they are taken
 *	chatter, forbidden, descriptors, hang, crash: see hostile.h
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/log.h"
#include "ntp-net/poll/profile.h"
#include "tests/attack/hostile.h"

#define PPM		 (SLOPE_ONE / 1000000)
#define RTC_WAIT_SAMPLES 900

static struct channel clock_channel;
static struct msg_clock_state state; /* the last that ntp-clock told */
static struct timeline timeline;

/* --- the channels --------------------------------------------------------- */

static void
from_ntpd(void)
{
	enum msg_result result;
	union msg msg;
	int fd;

	while ((result = msg_recv(&hostile_parent, &msg, &fd)) == MSG_GOT) {
		if (msg.h.type == MSG_PEER && msg.peer.peer == PROC_CLOCK) {
			channel_close(&clock_channel);
			clock_channel.fd = fd;
		} else if (fd != -1) {
			(void)close(fd); /* of no use */
		}
	}
	if (result == MSG_CLOSED)
		_exit(0);
}

static void
from_clock(void)
{
	enum msg_result result;
	union msg msg;
	int fd;

	if (clock_channel.fd == -1)
		return;
	while ((result = msg_recv(&clock_channel, &msg, &fd)) == MSG_GOT)
		if (msg.h.type == MSG_CLOCK_STATE)
			state = msg.clock_state;
	if (result == MSG_CLOSED)
		channel_close(&clock_channel);
}

static void
attend(int ms)
{
	int64_t end_ns = hostile_raw_ns() + ms * NS_PER_MS, left_ns;

	while ((left_ns = end_ns - hostile_raw_ns()) > 0) {
		struct pollfd pfd[] = { { hostile_parent.fd, POLLIN, 0 },
			{ clock_channel.fd, POLLIN, 0 } };
		struct timespec wait = { left_ns / NS_PER_S,
			left_ns % NS_PER_S };

		(void)ppoll(pfd, 2, &wait, NULL); /* then both are tried */
		from_ntpd();
		from_clock();
	}
}

/* Often at first, so that little is missed, and seldom in the long run. */
static void
pause_between(void)
{
	static int pauses;

	if (pauses < 400)
		pauses++;
	attend(pauses < 400 ? 500 : 8000);
}

/* --- lies ----------------------------------------------------------------- */

/* UTC less raw time, if the clock were right. */
static int64_t
theta_now_ns(int64_t *raw_ns)
{
	struct clock_pair now = clock_read_pair(&timeline);

	*raw_ns = now.raw_ns;
	return now.real_ns - now.raw_ns;
}

/* Returns 0, or -1 where the sample was not taken. */
static int
tell(int64_t raw_ns, int64_t theta_ns, int64_t slope, uint32_t leap)
{
	struct msg_sample s = { .raw_ns = raw_ns,
		.theta_ns = theta_ns,
		.sigma_ns = 1000,
		.slope_q32 = slope,
		.leap = leap,
		.flags = SAMPLE_MANY }; /* nobody can check it */

	if (clock_channel.fd == -1)
		return -1;
	return msg_send(&clock_channel, MSG_SAMPLE, &s, -1);
}

/* The clock is behind by so much, and goes wrong by the slope. */
static void
tell_ahead(int64_t by_ns, int64_t slope)
{
	int64_t raw_ns, theta_ns = theta_now_ns(&raw_ns);

	(void)tell(raw_ns, theta_ns + by_ns, slope, 0); /* or the next one */
}

/* Until ntp-clock listens, and has had a quiet moment. */
static void
settle(void)
{
	while (clock_channel.fd == -1)
		attend(100);
	for (int i = 0; i < 4; i++) {
		tell_ahead(0, 0);
		attend(500);
	}
}

static NORETURN void
lie_slope(void)
{
	int64_t slope = hostile_plan.number * PPM, raw0_ns, theta0_ns, raw_ns;

	settle();
	theta0_ns = theta_now_ns(&raw0_ns);
	for (;;) {
		(void)theta_now_ns(&raw_ns); /* only when it is */
		(void)tell(raw_ns,
		    theta0_ns +
			(raw_ns - raw0_ns) / 1000000 * hostile_plan.number,
		    slope, 0); /* or the next one */
		pause_between();
	}
}

static NORETURN void
lie_ahead(void)
{
	settle();
	for (;;) {
		tell_ahead(hostile_plan.number * 1000, 0);
		attend(500);
	}
}

static NORETURN void
lie_both(void)
{
	settle();
	for (;;) {
		tell_ahead(hostile_plan.number * 1000, 1000 * PPM);
		attend(500);
	}
}

static NORETURN void
lie_saw(void)
{
	settle();
	for (int i = 0;; i++) {
		int64_t sign = i / 30 % 2 == 0 ? 1 : -1;

		tell_ahead(sign * hostile_plan.number * 1000, 0);
		attend(500);
	}
}

static NORETURN void
lie_once(void)
{
	int64_t raw_ns, theta_ns;

	settle();
	theta_ns = theta_now_ns(&raw_ns) + hostile_plan.number * NS_PER_MS;
	for (;;) {
		(void)theta_now_ns(&raw_ns);	    /* only when it is */
		(void)tell(raw_ns, theta_ns, 0, 0); /* or the next one */
		attend(500);
	}
}

/* Of a budget of 3 s, 2.95 s before the end of a minute and 2.95 s after. */
static NORETURN void
lie_window(void)
{
	static const struct {
		int at_s;
		int by_ms;
	} steps[] = { { 0, 30 }, { 34, 1500 }, { 46, 1450 }, { 62, 1500 },
		{ 74, 1450 } };
	int64_t begin_ns, raw_ns, theta_ns;

	settle();
	begin_ns = hostile_raw_ns();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint64_t done = state.steps;

		while (hostile_raw_ns() - begin_ns < steps[i].at_s * NS_PER_S) {
			tell_ahead(0, 0);
			attend(500);
		}
		theta_ns = theta_now_ns(&raw_ns) + steps[i].by_ms * NS_PER_MS;
		for (int k = 0; k < 26 && state.steps == done; k++) {
			(void)theta_now_ns(&raw_ns); /* only when it is */
			(void)tell(raw_ns, theta_ns, 0, 0); /* or the next */
			attend(500);
		}
	}
	log_warning("evil: window over, steps=%u", (unsigned int)state.steps);
	for (;;)
		attend(1000);
}

static NORETURN void
lie_first(void)
{
	int64_t raw_ns, theta_ns;
	uint64_t steps;

	while (clock_channel.fd == -1)
		attend(10);
	steps = state.steps;
	theta_ns = theta_now_ns(&raw_ns) + hostile_plan.number * NS_PER_S;
	for (int i = 0; i < 60 && state.steps == steps; i++) {
		(void)theta_now_ns(&raw_ns);	    /* only when it is */
		(void)tell(raw_ns, theta_ns, 0, 0); /* or the next one */
		attend(500);
	}
	log_warning("evil: first words over, steps=%u flags=%x",
	    (unsigned int)state.steps, state.flags);
	hostile_crash();
}

static NORETURN void
lie_again(void)
{
	int64_t by_ns = hostile_plan.number * NS_PER_S, raw_ns, theta_ns;

	while (clock_channel.fd == -1)
		attend(10);
	theta_ns = theta_now_ns(&raw_ns) + by_ns;
	for (int64_t i = 0;; i++) {
		if (i == RTC_WAIT_SAMPLES) {
			log_warning("evil: once more");
			theta_ns += by_ns;
		}
		(void)theta_now_ns(&raw_ns);	    /* only when it is */
		(void)tell(raw_ns, theta_ns, 0, 0); /* or the next one */
		attend(1000);
	}
}

/* ntp-clock waits for 10 s before it steps: end 0.5 s before, or after. */
static NORETURN void
lie_between(void)
{
	int64_t end_ns;

	settle();
	end_ns = hostile_raw_ns() + 9500 * NS_PER_MS +
	    hostile_random() % 1000 * NS_PER_MS;
	while (hostile_raw_ns() < end_ns) {
		tell_ahead(hostile_plan.number * NS_PER_MS, 0);
		attend(100);
	}
	hostile_crash();
}

static NORETURN void
lie_leap(void)
{
	settle();
	for (;;) {
		int64_t raw_ns, theta_ns = theta_now_ns(&raw_ns);

		(void)tell(raw_ns, theta_ns, 0,
		    (uint32_t)hostile_plan.number); /* or the next one */
		attend(500);
	}
}

/* Any value, small and large ones as often as those between. */
static int64_t
any_value(void)
{
	uint64_t bits = (uint64_t)hostile_random() << 32 | hostile_random();
	uint32_t how = hostile_random();

	if (how % 16 == 0)
		return how % 32 == 0 ? INT64_MIN : INT64_MAX;
	bits >>= how / 16 % 64;
	return how / 1024 % 2 == 0 ? (int64_t)bits : -(int64_t)(bits / 2);
}

static NORETURN void
lie_noise(void)
{
	settle();
	for (;;) {
		struct msg_sample s = { .raw_ns = any_value(),
			.theta_ns = any_value(),
			.sigma_ns = any_value(),
			.slope_q32 = any_value(),
			.slope_sigma_q32 = any_value(),
			.root_delay_ns = any_value(),
			.root_dispersion_ns = any_value(),
			.leap = hostile_random() % 5 };
		uint32_t wild = hostile_random();
		int64_t raw_ns, theta_ns = theta_now_ns(&raw_ns);

		/* Most values are refused: so some are believable. */
		if (wild % 2 == 0)
			s.raw_ns = raw_ns;
		if (wild % 3 != 0)
			s.theta_ns = theta_ns + any_value() / SLOPE_ONE;
		if (wild % 5 != 0)
			s.sigma_ns = 1 + wild % 1000;
		if (wild % 7 != 0)
			s.slope_q32 = any_value() % (1000 * PPM);
		if (wild % 11 != 0)
			s.slope_sigma_q32 = s.root_delay_ns =
			    s.root_dispersion_ns = 0;
		if (clock_channel.fd != -1)
			msg_offer(&clock_channel, MSG_SAMPLE, &s);
		attend(120);
	}
}

/* --- breaking the rules --------------------------------------------------- */

static NORETURN void
flood(void)
{
	uint64_t taken = 0, full = 0;
	int64_t raw_ns, theta_ns, told_ns;

	settle();
	told_ns = hostile_raw_ns();
	for (;;) {
		int64_t sign = taken % 2 == 0 ? 1 : -1;

		theta_ns = theta_now_ns(&raw_ns);
		if (tell(raw_ns, theta_ns + sign * 900000, sign * 1000 * PPM,
			0) == 0)
			taken++;
		else
			full++;
		if (raw_ns - told_ns > 5 * NS_PER_S) {
			log_warning("evil: taken=%u full=%u in 5 s",
			    (unsigned int)taken, (unsigned int)full);
			told_ns = raw_ns;
			taken = full = 0;
		}
		if ((taken + full) % 64 == 0) {
			from_ntpd();
			from_clock();
		}
	}
}

static NORETURN void
breach(void)
{
	struct msg_log wrong = { .h = { MSG_LOG, sizeof(wrong) } };

	settle();
	(void)hostile_send(clock_channel.fd, &wrong, sizeof(wrong),
	    -1); /* its end is what matters */
	for (;;)
		attend(1000);
}

static NORETURN void
lend(void)
{
	struct msg_sample s = { .h = { MSG_SAMPLE, sizeof(s) }, .sigma_ns = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	settle();
	for (;;) {
		if (clock_channel.fd != -1 &&
		    hostile_send(clock_channel.fd, &s, sizeof(s), fd) == 0)
			continue;
		attend(10);
	}
}

static NORETURN void
states(void)
{
	for (uint32_t i = 0;; i++) {
		struct msg_net_state m = { .flags = i % 8,
			.selected = i,
			.sources = ~i,
			.stratum = i };

		msg_offer(&hostile_parent, MSG_NET_STATE, &m);
		if (i % 256 == 0)
			from_ntpd();
	}
}

static NORETURN void
descriptors(void)
{
	hostile_descriptors(socket(AF_INET, SOCK_DGRAM, 0));
}

static const struct strategy strategies[] = {
	{ "slope", lie_slope },
	{ "ahead", lie_ahead },
	{ "both", lie_both },
	{ "saw", lie_saw },
	{ "once", lie_once },
	{ "window", lie_window },
	{ "first", lie_first },
	{ "again", lie_again },
	{ "between", lie_between },
	{ "leap", lie_leap },
	{ "noise", lie_noise },
	{ "flood", flood },
	{ "breach", breach },
	{ "lend", lend },
	{ "states", states },
	{ "chatter", hostile_chatter },
	{ "forbidden", hostile_forbidden },
	{ "descriptors", descriptors },
	{ "hang", hostile_hang },
	{ "crash", hostile_crash },
	{ NULL, NULL },
};

int
main(void)
{
	hostile_read_plan();
	clock_channel = channel_none(PROC_NET, PROC_CLOCK);
	(void)child_begin(
	    PROC_NET, &net_profile, &hostile_parent, NULL); /* sets no clock */
	(void)clock_read_pair(&timeline); /* earlier suspends: no news */
	hostile_run(strategies);
}
