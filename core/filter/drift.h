/*
 * The uncertainty of a stored drift after a time without measurements.  Used by
 * ntpd, which stores the drift, and by the simulator.  Pure, integers only.
 *
 * A slope and its standard deviation are fractions in units of 2^-32.
 */
#ifndef CORE_DRIFT_H
#define CORE_DRIFT_H

#include "core/types.h"

/*
 * Another boot may mean another board, another host of a virtual machine, or
 * another calibration: at each boot Linux measures the frequency of the
 * processor's counter again, and the results differ by tens of ppm.  No test
 * that works everywhere tells these cases apart, so all get the same sigma.
 */
#define DRIFT_BOOT_SIGMA INT64_C(214748) /* 50 ppm */

/* Within a boot: 0.1 ppm at once, and 1 ppm per hour, as rooms warm up. */
#define DRIFT_AGAIN_SIGMA INT64_C(429)
#define DRIFT_HOUR_SIGMA  INT64_C(4295)
#define DRIFT_HOUR_NS	  (3600 * NS_PER_S)

/* The sigma, >= 0, of a drift that was stored by another boot. */
static inline int64_t
drift_of_other_boot(int64_t sigma)
{
	return sigma > DRIFT_BOOT_SIGMA ? sigma : DRIFT_BOOT_SIGMA;
}

/*
 * The sigma, >= 0, of a drift that was stored by this boot, age_ns ago.  An age
 * below 0 is unknown.  The result is never worse than another boot's.
 */
static inline int64_t
drift_of_this_boot(int64_t sigma, int64_t age_ns)
{
	int64_t hours = age_ns / DRIFT_HOUR_NS;
	int64_t rest_ns = age_ns % DRIFT_HOUR_NS;

	if (sigma >= DRIFT_BOOT_SIGMA)
		return sigma;
	if (age_ns < 0 || hours > DRIFT_BOOT_SIGMA / DRIFT_HOUR_SIGMA)
		return DRIFT_BOOT_SIGMA;
	sigma += DRIFT_AGAIN_SIGMA + hours * DRIFT_HOUR_SIGMA +
	    rest_ns * DRIFT_HOUR_SIGMA / DRIFT_HOUR_NS;
	return sigma < DRIFT_BOOT_SIGMA ? sigma : DRIFT_BOOT_SIGMA;
}

#endif
