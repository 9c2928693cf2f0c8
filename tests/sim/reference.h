/*
 * A plain client to compare the estimator with: robust regression over the last
 * exchanges of each server, and a weighted mean of those that agree.  It sees
 * the exchanges that ntp-net makes, so the two differ by the estimate alone.
 * It steers no clock: its error is that of its estimate of UTC.
 *
 * The method is that of chrony 4, as its documentation describes it
 * (chronyd(8), chronyc(1) sourcestats, chrony.conf(5) maxdelaydevratio,
 * combinelimit), in our own code.
 */
#ifndef SIM_REFERENCE_H
#define SIM_REFERENCE_H

#include <stdint.h>

#include "tests/sim/scenario.h"

#define REFERENCE_SAMPLES 64

struct reference_sample {
	int64_t raw_ns; /* the middle of the exchange */
	double off_ns;	/* UTC - raw, less the server's base */
	double delay_ns;
};

/* One server. */
struct reference_source {
	uint32_t count;	  /* samples, the oldest first */
	uint32_t skipped; /* outliers in a row */
	int64_t sent_ns;  /* raw time of the last query that was answered */
	int64_t base_ns;  /* UTC - raw of the first sample */
	double root_ns;	  /* its root delay / 2 + root dispersion */
	struct reference_sample sample[REFERENCE_SAMPLES];
	/* The line, at the last sample. */
	double off_ns; /* from base_ns */
	double slope;  /* a fraction */
	double off_sigma_ns;
	double slope_sigma;
	double residual_ns; /* standard deviation of the residuals; 0: none */
};

struct reference {
	struct reference_source of[SCENARIO_SERVERS];
	/* Errors in the measured window. */
	uint64_t seconds;
	double error_square;
	double error_max_ns;
};

/* An exchange: raw times of the query and the answer, UTC of the server's. */
struct reference_exchange {
	int64_t sent_ns;
	int64_t received_ns;
	int64_t server_received_ns;
	int64_t server_sent_ns;
	double root_ns;
};

/* The answer of a server has come. */
void reference_take(
    struct reference *r, uint32_t server, const struct reference_exchange *e);

/*
 * Its error at a second of the measured window: raw_ns is raw time, utc_ns is
 * UTC, as only the simulator knows it.  Nothing counts before the first line.
 */
void reference_second(struct reference *r, int64_t raw_ns, int64_t utc_ns);

/* The root mean square of these errors, ns; 0 without any. */
double reference_rms_ns(const struct reference *r);

#endif
