/*
 * Every clock_adjtime(2) of the project, see kernel.h.  Run by ntp-clock.  It
 * must never decide anything.
 */
#include "ntp-clock/kernel.h"

#include <sys/timex.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "core/steer/quality.h"
#include "core/steer/resume.h"

#define NS_PER_US 1000

/* The kernel's time constant, at boot and after a correction (MAXTC). */
#define CONSTANT_BOOT 2
#define CONSTANT_MARK 10

/*
 * The only call in the project that can change the clock.  Some containers
 * forbid even reading it; without control, nothing depends on that.
 */
static void
adjust(struct kernel *k, struct timex *tx)
{
	if (!k->controlled)
		tx->modes = 0;
	if (clock_adjtime(CLOCK_REALTIME, tx) == -1) {
		if (k->controlled)
			log_error("clock_adjtime: %s", strerrordesc_np(errno));
		k->controlled = false;
		return;
	}
	k->setting.freq_sppm = tx->freq;
	k->setting.tick_us = tx->tick;
}

void
kernel_begin(struct kernel *k, struct kernel_quality *q)
{
	struct timex tx = { .maxerror = QUALITY_MAX_US, .status = STA_UNSYNC };
	struct timex no_slew = { .modes = ADJ_OFFSET_SINGLESHOT };
	struct timex no_offset = { .modes = ADJ_STATUS | ADJ_OFFSET };

	k->hz = sysconf(_SC_CLK_TCK);
	k->controlled &= k->hz >= STEER_HZ_MIN && k->hz <= STEER_HZ_MAX;
	k->setting = steer_split(0, k->hz);
	adjust(k, &tx);
	*q = (struct kernel_quality){ .max_error_ns = tx.maxerror * NS_PER_US,
		.est_error_ns = tx.esterror * NS_PER_US,
		.in_sync = (tx.status & STA_UNSYNC) == 0 };
	k->corrected = tx.constant != CONSTANT_BOOT;
	adjust(k, &no_slew);
	/* A pending offset outlives the PLL; only this cancels it. */
	no_offset.status = (tx.status & STA_UNSYNC) | STA_PLL | STA_FREQHOLD;
	adjust(k, &no_offset);
}

/*
 * ADJ_MICRO: a program that calls ntp_gettime(3) cannot see whether the kernel
 * counts in nanoseconds, and expects microseconds.
 */
void
kernel_set(struct kernel *k, int64_t rate_sppm, const struct kernel_quality *q)
{
	struct steer_setting s = steer_split(rate_sppm, k->hz);
	struct timex tx = { .modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_STATUS |
		    ADJ_MAXERROR | ADJ_ESTERROR | ADJ_MICRO |
		    (k->corrected ? ADJ_TIMECONST : 0),
		.freq = s.freq_sppm,
		.tick = s.tick_us,
		.maxerror = quality_us(q->max_error_ns),
		.esterror = quality_us(q->est_error_ns),
		.constant = CONSTANT_MARK,
		.status = (q->in_sync ? 0 : STA_UNSYNC) |
		    (q->leap == LEAP_INSERT ? STA_INS : 0) |
		    (q->leap == LEAP_DELETE ? STA_DEL : 0) };

	adjust(k, &tx);
}

void
kernel_step(struct kernel *k, int64_t by_ns)
{
	/*
	 * With ADJ_NANO tv_usec is in nanoseconds.  The mark is set in the same
	 * call, so that a kill cannot make the next correction the first again.
	 */
	struct timex tx = { .modes = ADJ_SETOFFSET | ADJ_NANO | ADJ_TIMECONST,
		.constant = CONSTANT_MARK,
		.time = { by_ns / NS_PER_S, by_ns % NS_PER_S } };

	if (tx.time.tv_usec < 0) {
		tx.time.tv_sec--;
		tx.time.tv_usec += NS_PER_S;
	}
	k->corrected = true;
	adjust(k, &tx);
}

int64_t
kernel_read_rtc(int fd)
{
	char text[24]; /* longer than any number of seconds */
	ssize_t n = pread(fd, text, sizeof(text), 0);

	return n <= 0 ? -1 : resume_parse(text, (size_t)n);
}
