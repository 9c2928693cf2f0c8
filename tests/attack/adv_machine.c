/*
 * The adversary's machine, see adv_machine.h.
 */
#include "tests/attack/adv_machine.h"

#include <errno.h>
#include <string.h>

#include "core/types.h"
#include "tests/attack/adv_check.h"

#define MAXERROR_US	16000000 /* the kernel's NTP_PHASE_LIMIT */
#define MAXERROR_GROWTH 500	 /* us each second */
#define FREQ_MAX	(500 << 16)
#define CONSTANT_BOOT	2
#define CONSTANT_MAX	10  /* MAXTC */
#define RTC_SECONDS	659 /* between two times that the kernel sets the RTC */
#define PIECE_LEAST_NS	NS_PER_MS
#define SETTABLE_STATUS                                                        \
	(STA_PLL | STA_INS | STA_DEL | STA_UNSYNC | STA_FREQHOLD)

__extension__ typedef __int128 wide; /* of which rate and time are factors */

void
machine_begin(struct machine *m, int64_t raw_ns, int64_t real_ns)
{
	memset(m, 0, sizeof(*m));
	m->raw_ns = m->rtc_at_ns = raw_ns;
	m->moved_ns = m->rtc_ns = real_ns - raw_ns;
	m->second = real_ns / NS_PER_S;
	m->leap_at_ns = INT64_MAX;
	m->tx.tick = TICK_US;
	m->tx.status = STA_UNSYNC;
	m->tx.constant = CONSTANT_BOOT;
	m->tx.maxerror = m->tx.esterror = MAXERROR_US;
}

int64_t
machine_real_ns(const struct machine *m)
{
	return m->raw_ns + m->moved_ns;
}

static int64_t
rtc_less_raw_ns(const struct machine *m)
{
	return m->rtc_ns +
	    (m->raw_ns - m->rtc_at_ns) / 1000000 * m->rtc_ppb / 1000;
}

int64_t
machine_rtc_s(const struct machine *m)
{
	return (m->raw_ns + rtc_less_raw_ns(m)) / NS_PER_S;
}

static void
move(struct machine *m, int64_t by_ns)
{
	m->moved_ns += by_ns;
	m->second = machine_real_ns(m) / NS_PER_S;
}

/* As the kernel does it: once, until nobody wants it any more. */
static void
leap_second(struct machine *m, int64_t now_ns)
{
	bool insert = (m->tx.status & STA_INS) != 0;
	bool delete = (m->tx.status & STA_DEL) != 0;

	switch (m->time_state) {
	case TIME_OK:
		if (insert || delete) {
			m->time_state = insert ? TIME_INS : TIME_DEL;
			m->leap_at_ns = (now_ns / DAY_NS + 1) * DAY_NS;
		}
		break;
	case TIME_INS:
		if (!insert) {
			m->time_state = TIME_OK;
		} else if (now_ns == m->leap_at_ns) {
			m->time_state = TIME_OOP;
			move(m, -NS_PER_S);
			check_leap(-NS_PER_S, now_ns);
		}
		break;
	case TIME_DEL:
		if (!delete) {
			m->time_state = TIME_OK;
		} else if (now_ns == m->leap_at_ns - NS_PER_S) {
			m->time_state = TIME_WAIT;
			move(m, NS_PER_S);
			check_leap(NS_PER_S, m->leap_at_ns);
		}
		break;
	case TIME_OOP:
		m->time_state = TIME_WAIT;
		break;
	default: /* TIME_WAIT */
		if (!insert && !delete)
			m->time_state = TIME_OK;
		break;
	}
}

/* The kernel's second_overflow(), at the beginning of this second. */
static void
kernel_second(struct machine *m, int64_t now_ns)
{
	m->tx.maxerror += MAXERROR_GROWTH;
	if (m->tx.maxerror > MAXERROR_US) {
		m->tx.maxerror = MAXERROR_US;
		m->tx.status |= STA_UNSYNC;
	}
	leap_second(m, now_ns);
	m->seconds++;
	if (m->seconds % RTC_SECONDS == 0 && (m->tx.status & STA_UNSYNC) == 0) {
		m->rtc_ns = m->moved_ns;
		m->rtc_at_ns = m->raw_ns;
	}
}

static void
pass(struct machine *m, int64_t ns)
{
	wide moved = (wide)m->rate_sppm * ns + m->moved_part;

	m->moved_ns += (int64_t)(moved / SPPM_UNIT);
	m->moved_part = (int64_t)(moved % SPPM_UNIT);
	m->raw_ns += ns;
	check_passed(ns);
	while (m->second < machine_real_ns(m) / NS_PER_S) {
		m->second++;
		kernel_second(m, m->second * NS_PER_S);
	}
}

void
machine_pass(struct machine *m, int64_t until_raw_ns)
{
	const int leap = STA_INS | STA_DEL;

	while (m->raw_ns < until_raw_ns) {
		int64_t ns = until_raw_ns - m->raw_ns;
		int64_t whole_ns = NS_PER_S - machine_real_ns(m) % NS_PER_S;

		/* A leap second is done at its very moment. */
		if ((m->tx.status & leap) != 0 && whole_ns < ns)
			ns = whole_ns > PIECE_LEAST_NS ? whole_ns
						       : PIECE_LEAST_NS;
		if (ns > until_raw_ns - m->raw_ns)
			ns = until_raw_ns - m->raw_ns;
		pass(m, ns);
	}
}

/* The kernel gives to CLOCK_REALTIME what it slept. */
void
machine_suspend(struct machine *m, int64_t for_ns)
{
	m->raw_ns += for_ns;
	m->suspended_ns += for_ns;
	m->second = machine_real_ns(m) / NS_PER_S;
}

void
machine_pause(struct machine *m, int64_t for_ns)
{
	m->rtc_ns += for_ns;
}

static void
set_offset(struct machine *m, const struct timex *tx)
{
	int64_t unit_ns = (tx->modes & ADJ_NANO) != 0 ? 1 : 1000;
	int64_t by_ns = tx->time.tv_sec * NS_PER_S + tx->time.tv_usec * unit_ns;

	check_step(by_ns);
	move(m, by_ns);
	m->tx.status |= STA_UNSYNC;
	m->leap_at_ns = INT64_MAX; /* it forgets when, not that */
	m->tx.maxerror = m->tx.esterror = MAXERROR_US;
}

/* The kernel's process_adj_status(). */
static void
set_status(struct machine *m, int status)
{
	if ((m->tx.status & STA_PLL) != 0 && (status & STA_PLL) == 0) {
		m->time_state = TIME_OK;
		m->leap_at_ns = INT64_MAX;
	}
	m->tx.status = status & SETTABLE_STATUS;
}

static void
set_constant(struct machine *m, long constant)
{
	constant += m->nano ? 0 : 4;
	m->tx.constant = constant < 0 ? 0
	    : constant > CONSTANT_MAX ? CONSTANT_MAX
				      : constant;
}

static void
set_fields(struct machine *m, const struct timex *tx)
{
	if ((tx->modes & ADJ_SETOFFSET) != 0)
		set_offset(m, tx);
	if ((tx->modes & ADJ_STATUS) != 0)
		set_status(m, tx->status);
	if ((tx->modes & ADJ_NANO) != 0)
		m->nano = true;
	if ((tx->modes & ADJ_MICRO) != 0)
		m->nano = false;
	if ((tx->modes & ADJ_FREQUENCY) != 0)
		m->tx.freq = tx->freq > FREQ_MAX ? FREQ_MAX
		    : tx->freq < -FREQ_MAX	 ? -FREQ_MAX
						 : tx->freq;
	if ((tx->modes & ADJ_MAXERROR) != 0)
		m->tx.maxerror = tx->maxerror;
	if ((tx->modes & ADJ_ESTERROR) != 0)
		m->tx.esterror = tx->esterror;
	if ((tx->modes & ADJ_TIMECONST) != 0)
		set_constant(m, tx->constant);
	if ((tx->modes & ADJ_TICK) != 0)
		m->tx.tick = tx->tick;
	m->rate_sppm = m->tx.freq +
	    (m->tx.tick - TICK_US) * (1000000 / TICK_US) * PPM_SPPM;
	if ((tx->modes & ADJ_FREQUENCY) != 0)
		check_set();
}

int
machine_adjust(struct machine *m, struct timex *tx)
{
	if ((tx->modes & ADJ_TICK) != 0 &&
	    (tx->tick < TICK_US * 9 / 10 || tx->tick > TICK_US * 11 / 10)) {
		errno = EINVAL;
		return -1;
	}
	if (tx->modes != ADJ_OFFSET_SINGLESHOT && tx->modes != 0)
		set_fields(m, tx);
	*tx = m->tx;
	return m->time_state;
}
