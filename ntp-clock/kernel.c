/*
 * Telling the kernel, see kernel.h.
 */
#include "kernel.h"

#include <sys/timex.h>

#include <time.h>

#define NS_PER_US    1000
#define ERROR_MAX_US 16000000 /* the kernel's NTP_PHASE_LIMIT */

/* The only call in the project that can change the clock. */
static int
adjust(struct kernel *k, struct timex *tx)
{
	if (!k->controlled)
		tx->modes = 0;
	if (clock_adjtime(CLOCK_REALTIME, tx) == -1)
		return -1;
	k->setting.freq_sppm = tx->freq;
	k->setting.tick_us = tx->tick;
	k->unsync = (tx->status & STA_UNSYNC) != 0;
	return 0;
}

int
kernel_init(struct kernel *k, bool controlled, int64_t hz)
{
	struct timex tx = { .modes = 0 };

	k->controlled = controlled && hz >= STEER_HZ_MIN && hz <= STEER_HZ_MAX;
	k->hz = hz;
	return adjust(k, &tx);
}

int
kernel_clear(struct kernel *k)
{
	int sync = k->unsync ? STA_UNSYNC : 0;
	struct timex tx = { .modes = ADJ_OFFSET_SINGLESHOT };

	if (adjust(k, &tx) == -1)
		return -1;
	/* A pending offset lives on after the PLL: it goes only by this. */
	tx = (struct timex){ .modes = ADJ_STATUS | ADJ_OFFSET,
		.status = sync | STA_PLL | STA_FREQHOLD };
	if (adjust(k, &tx) == -1)
		return -1;
	tx = (struct timex){ .modes = ADJ_STATUS, .status = sync };
	return adjust(k, &tx);
}

/* Rounded up, so that a bound stays a bound. */
static int64_t
error_us(int64_t ns)
{
	if (ns < 0 || ns >= INT64_C(1000) * ERROR_MAX_US)
		return ERROR_MAX_US;
	return (ns + NS_PER_US - 1) / NS_PER_US;
}

/*
 * ADJ_MICRO: a program that calls ntp_gettime(3) cannot see whether the kernel
 * counts in nanoseconds, and expects that it does not.
 */
int
kernel_set(struct kernel *k, int64_t rate_sppm, const struct kernel_quality *q)
{
	struct steer_setting s = steer_split(rate_sppm, k->hz);
	struct timex tx = { .modes = ADJ_FREQUENCY | ADJ_TICK,
		.freq = s.freq_sppm,
		.tick = s.tick_us };

	if (q == NULL)
		return adjust(k, &tx);
	tx.modes |= ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_MICRO;
	tx.maxerror = error_us(q->max_error_ns);
	tx.esterror = error_us(q->est_error_ns);
	tx.status = q->in_sync ? 0 : STA_UNSYNC;
	if (q->leap == LEAP_INSERT)
		tx.status |= STA_INS;
	if (q->leap == LEAP_DELETE)
		tx.status |= STA_DEL;
	return adjust(k, &tx);
}

int
kernel_step(struct kernel *k, int64_t by_ns)
{
	struct timex tx = { .modes = ADJ_SETOFFSET | ADJ_NANO };

	tx.time.tv_sec = by_ns / NS_PER_S;
	tx.time.tv_usec = by_ns % NS_PER_S; /* nanoseconds, by ADJ_NANO */
	if (tx.time.tv_usec < 0) {
		tx.time.tv_sec--;
		tx.time.tv_usec += NS_PER_S;
	}
	return adjust(k, &tx);
}
