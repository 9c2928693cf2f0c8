/*
 * The simulated machine's clocks, see machine.h.
 */
#include "tests/sim/machine.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/types.h"
#include "tests/sim/arith.h"

#define SCALED_PPM	(1e-6 / 65536)
#define MAXERROR_US	16000000 /* the kernel's NTP_PHASE_LIMIT */
#define MAXERROR_GROWTH 500	 /* us each second */
#define FREQ_MAX	(500 << 16)
#define RTC_SECONDS	659 /* interval at which the kernel sets the RTC */
#define DAY_NS		(86400 * NS_PER_S)
#define SETTABLE_STATUS                                                        \
	(STA_PLL | STA_INS | STA_DEL | STA_UNSYNC | STA_FREQHOLD)

void
machine_init(struct machine *m, const struct scenario *sc, uint64_t seed)
{
	memset(m, 0, sizeof(*m));
	m->model = &sc->oscillator;
	m->wander = sc->oscillator.wander;
	rng_init(&m->walk_rng, seed, 1);
	rng_init(&m->white_rng, seed, 2);
	rng_init(&m->flicker_rng, seed, 3);
	m->freq = m->walk = sc->oscillator.freq;
	m->real_ns = sc->start_ns;
	m->rtc_ns = (int64_t)sc->start_ns;
	m->utc_start_ns = (int64_t)sc->utc_s * NS_PER_S;
	m->tx.tick = TICK_US;
	m->tx.status = STA_UNSYNC;
	m->tx.maxerror = m->tx.esterror = MAXERROR_US;
}

void
machine_pass(struct machine *m, int64_t t_ns)
{
	double passed_ns = (double)(t_ns - m->t_ns);

	m->error_ns += m->freq * passed_ns;
	m->real_ns += m->rate * (passed_ns + m->freq * passed_ns);
	m->t_ns = t_ns;
}

/*
 * Noise with a power of 1/f from seconds to weeks (Voss and McCartney): a sum
 * of values, of which number k is redrawn every 2^k seconds.  Each octave adds
 * equally to the Allan variance at its own time, so that this is flat.
 */
static double
flicker_second(struct machine *m)
{
	int octave = __builtin_ctzll(m->seconds | (UINT64_C(1) << 63));

	if (octave < FLICKER_OCTAVES) {
		double v = m->model->flicker * rng_normal(&m->flicker_rng);

		m->flicker_sum += v - m->flicker[octave];
		m->flicker[octave] = v;
	}
	return m->flicker_sum;
}

/* As in the kernel: once, until the flag is cleared. */
static void
leap_second(struct machine *m)
{
	int64_t now_ns = machine_real_ns(m);
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
		} else if (now_ns >= m->leap_at_ns) {
			m->real_ns -= 1e9;
			m->time_state = TIME_OOP;
		}
		break;
	case TIME_DEL:
		if (!delete) {
			m->time_state = TIME_OK;
		} else if (now_ns >= m->leap_at_ns - NS_PER_S) {
			m->real_ns += 1e9;
			m->time_state = TIME_WAIT;
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

/* The kernel's second_overflow(): grows the bound, applies leap seconds. */
static void
kernel_second(struct machine *m)
{
	m->tx.maxerror += MAXERROR_GROWTH;
	if (m->tx.maxerror > MAXERROR_US) {
		m->tx.maxerror = MAXERROR_US;
		m->tx.status |= STA_UNSYNC;
	}
	leap_second(m);
	if (m->seconds % RTC_SECONDS == 0 && (m->tx.status & STA_UNSYNC) == 0)
		m->rtc_ns = machine_real_ns(m) - machine_utc_ns(m);
}

void
machine_second(struct machine *m)
{
	const struct oscillator_model *o = m->model;

	m->seconds++;
	if (m->wander > 0)
		m->walk += m->wander * rng_normal(&m->walk_rng);
	m->freq = m->walk;
	if (o->white > 0)
		m->freq += o->white * rng_normal(&m->white_rng);
	if (o->flicker > 0)
		m->freq += flicker_second(m);
	if (o->temp > 0)
		m->freq +=
		    o->temp * arith_sin_turns((double)m->seconds / o->temp_s);
	kernel_second(m);
}

int64_t
machine_raw_ns(const struct machine *m)
{
	return RAW_START_NS + m->t_ns + (int64_t)floor(m->error_ns);
}

int64_t
machine_real_ns(const struct machine *m)
{
	return m->utc_start_ns + m->t_ns +
	    (int64_t)floor(m->error_ns + m->real_ns);
}

int64_t
machine_boot_ns(const struct machine *m)
{
	return machine_raw_ns(m) + m->suspended_ns;
}

int64_t
machine_utc_ns(const struct machine *m)
{
	return m->utc_start_ns + m->t_ns + m->leap_ns;
}

int64_t
machine_rtc_s(const struct machine *m)
{
	return (machine_utc_ns(m) + m->rtc_ns) / NS_PER_S;
}

double
machine_error_ns(const struct machine *m)
{
	return m->error_ns + m->real_ns - (double)m->leap_ns;
}

double
machine_gain(const struct machine *m)
{
	return m->freq + m->rate + m->freq * m->rate;
}

int64_t
machine_after_ns(const struct machine *m, int64_t raw_ns)
{
	double ns = (double)raw_ns / (1 + m->freq);

	return m->t_ns + (int64_t)ceil(ns);
}

void
machine_step(struct machine *m, double by_ns)
{
	m->real_ns += by_ns;
}

void
machine_slept(struct machine *m, int64_t for_ns, double error_ns)
{
	m->t_ns += for_ns;
	m->error_ns -= (double)for_ns;
	m->real_ns += (double)for_ns + error_ns;
	m->suspended_ns += for_ns;
}

void
machine_paused(struct machine *m, int64_t for_ns)
{
	m->t_ns += for_ns;
	m->error_ns -= (double)for_ns;
}

static void
set_offset(struct machine *m, const struct timex *tx)
{
	double unit_ns = (tx->modes & ADJ_NANO) != 0 ? 1 : 1e3;

	machine_step(m,
	    (double)tx->time.tv_sec * 1e9 + (double)tx->time.tv_usec * unit_ns);
	m->steps++;
	m->tx.status |= STA_UNSYNC;
	m->leap_at_ns = INT64_MAX; /* it forgets when, not that */
	m->tx.maxerror = m->tx.esterror = MAXERROR_US;
}

static void
set_fields(struct machine *m, const struct timex *tx)
{
	if ((tx->modes & ADJ_SETOFFSET) != 0)
		set_offset(m, tx);
	if ((tx->modes & ADJ_STATUS) != 0)
		m->tx.status = tx->status & SETTABLE_STATUS;
	if ((tx->modes & ADJ_FREQUENCY) != 0)
		m->tx.freq = tx->freq > FREQ_MAX ? FREQ_MAX
		    : tx->freq < -FREQ_MAX	 ? -FREQ_MAX
						 : tx->freq;
	if ((tx->modes & ADJ_TICK) != 0)
		m->tx.tick = tx->tick;
	if ((tx->modes & ADJ_MAXERROR) != 0)
		m->tx.maxerror = tx->maxerror;
	if ((tx->modes & ADJ_ESTERROR) != 0)
		m->tx.esterror = tx->esterror;
	m->rate = (double)m->tx.freq * SCALED_PPM +
	    (double)(m->tx.tick - TICK_US) / TICK_US;
}

int
machine_adjust(struct machine *m, struct timex *tx)
{
	if ((tx->modes & ADJ_TICK) != 0 &&
	    (tx->tick < TICK_US * 9 / 10 || tx->tick > TICK_US * 11 / 10)) {
		errno = EINVAL;
		return -1;
	}
	if (tx->modes != ADJ_OFFSET_SINGLESHOT && tx->modes != 0) {
		m->adjustments++;
		set_fields(m, tx);
	}
	*tx = m->tx;
	return m->time_state;
}
