/*
 * The plain client that the simulator compares the estimator with: it finds the
 * line of exact exchanges, and is not led astray by delays, jumps or a
 * minority.
 */
#include <math.h>
#include <string.h>

#include "core/types.h"
#include "tests/sim/reference.h"
#include "tests/sim/rng.h"
#include "tests/tap.h"

#define THETA_NS  INT64_C(1700000000000000000) /* UTC - raw at raw time 0 */
#define DRIFT_PPM 20
#define POLL_NS	  (64 * NS_PER_S)
#define BASE_NS	  (5 * NS_PER_MS) /* each way */

static struct reference r;
static struct rng rng;

static int64_t
utc_ns(int64_t raw_ns)
{
	return raw_ns + THETA_NS + raw_ns / NS_PER_MS * DRIFT_PPM;
}

/* An exchange with a server that is off; up and down: excess of each way. */
static void
exchange(uint32_t server, int64_t raw_ns, int64_t off_ns, int64_t up_ns,
    int64_t down_ns)
{
	int64_t there_ns = raw_ns + BASE_NS + up_ns;
	struct reference_exchange e = { .sent_ns = raw_ns,
		.received_ns = there_ns + BASE_NS + down_ns,
		.server_received_ns = utc_ns(there_ns) + off_ns,
		.server_sent_ns = utc_ns(there_ns) + off_ns };

	reference_take(&r, server, &e);
}

/* The error of a second; -1: it knows no time. */
static double
error_ns(int64_t raw_ns)
{
	r.seconds = 0;
	r.error_square = r.error_max_ns = 0;
	reference_second(&r, raw_ns, utc_ns(raw_ns));
	return r.seconds == 0 ? -1 : reference_rms_ns(&r);
}

static void
begin(void)
{
	memset(&r, 0, sizeof(r));
	rng_init(&rng, 1, 1);
}

static int64_t
queue(double mean_ns)
{
	return (int64_t)(mean_ns * rng_exp(&rng));
}

static void
test_line(void)
{
	begin();
	OK(error_ns(0) < 0, "without an exchange it knows nothing");
	exchange(0, POLL_NS, 0, 0, 0);
	exchange(0, 2 * POLL_NS, 0, 0, 0);
	OK(error_ns(2 * POLL_NS) < 0, "nor with two");
	exchange(0, 3 * POLL_NS, 0, 0, 0);
	NEAR(error_ns(3 * POLL_NS), 0, 100, "three exact ones are a line");
	NEAR(error_ns(10 * POLL_NS), 0, 100, "which holds");
	exchange(0, 3 * POLL_NS, 40 * NS_PER_MS, 0, 0);
	NEAR(error_ns(10 * POLL_NS), 0, 100, "a copy of an answer is ignored");
}

static void
test_noise(void)
{
	double sum = 0, rms;

	begin();
	for (int i = 1; i <= 2000; i++) {
		exchange(0, i * POLL_NS, 0, queue(1e6), queue(1e6));
		if (i > 200)
			sum += pow(error_ns(i * POLL_NS), 2);
	}
	rms = sqrt(sum / 1800);
	/* A single offset has a standard deviation of 707 us. */
	OK(rms < 200e3, "of queues of 1 ms each way, %.0f us remain",
	    rms / 1e3);
	exchange(0, 2001 * POLL_NS, 0, NS_PER_S, 0);
	OK(error_ns(2001 * POLL_NS) < 1e6, "one of a second is not taken");
}

static void
test_jump(void)
{
	int i;

	begin();
	for (i = 1; i <= 100; i++)
		exchange(0, i * POLL_NS, 0, queue(1e4), queue(1e4));
	for (; i <= 130; i++)
		exchange(
		    0, i * POLL_NS, 50 * NS_PER_MS, queue(1e4), queue(1e4));
	OK(fabs(error_ns(130 * POLL_NS) - 50e6) < 1e6,
	    "a server that jumps is followed");
}

static void
test_majority(void)
{
	begin();
	for (int i = 1; i <= 40; i++)
		for (uint32_t k = 0; k < 3; k++)
			exchange(k, i * POLL_NS + k * NS_PER_MS,
			    k == 1 ? NS_PER_S : 0, queue(1e5), queue(1e5));
	OK(error_ns(40 * POLL_NS) < 1e6,
	    "one of three that is wrong is left out");
}

int
main(void)
{
	test_line();
	test_noise();
	test_jump();
	test_majority();
	return DONE();
}
