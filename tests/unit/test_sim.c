/*
 * The simulator's own parts: its mathematics, its random numbers, its clocks
 * and its scenario files.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/arith.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/rng.h"
#include "tests/sim/scenario.h"
#include "tests/tap.h"

#define DRAWS 400000

static void
test_arith(void)
{
	double log_worst = 0, exp_worst = 0, sin_worst = 0;

	for (double x = 1e-300; x < 1e300; x *= 1.37)
		log_worst = fmax(log_worst,
		    fabs(arith_log(x) - log(x)) / fmax(fabs(log(x)), 1));
	for (double x = -600; x < 600; x += 0.37)
		exp_worst = fmax(exp_worst, fabs(arith_exp(x) / exp(x) - 1));
	for (double x = -3; x < 3; x += 0.0137)
		sin_worst = fmax(
		    sin_worst, fabs(arith_sin_turns(x) - sin(x * 2 * M_PI)));
	NEAR(log_worst, 0, 1e-13, "logarithm");
	NEAR(exp_worst, 0, 1e-12, "exponential");
	NEAR(sin_worst, 0, 1e-13, "sine");
}

/* Mean and variance of n draws, against the expected ones. */
static void
check_moments(const char *name, double (*draw)(struct rng *), double mean,
    double variance)
{
	struct rng r;
	double sum = 0, square = 0;

	rng_init(&r, 1, 1);
	for (int i = 0; i < DRAWS; i++) {
		double v = draw(&r);

		sum += v;
		square += v * v;
	}
	sum /= DRAWS;
	square = square / DRAWS - sum * sum;
	NEAR(sum, mean, 0.01, "%s: mean", name);
	NEAR(square, variance, 0.03, "%s: variance", name);
}

static double
gamma_half(struct rng *r)
{
	return rng_gamma(r, 0.5);
}

static double
gamma_two(struct rng *r)
{
	return rng_gamma(r, 2);
}

static void
test_rng(void)
{
	struct rng a, b;
	bool same = true, differ = false;

	check_moments("uniform", rng_uniform, 0.5, 1.0 / 12);
	check_moments("normal", rng_normal, 0, 1);
	check_moments("exponential", rng_exp, 1, 1);
	check_moments("gamma of 1/2", gamma_half, 0.5, 0.5);
	check_moments("gamma of 2", gamma_two, 2, 2);
	rng_init(&a, 7, 1);
	rng_init(&b, 7, 1);
	for (int i = 0; i < 100; i++)
		same = same && rng_normal(&a) == rng_normal(&b);
	OK(same, "a seed and stream give the same numbers");
	rng_init(&b, 7, 2);
	for (int i = 0; i < 100; i++)
		differ = differ || rng_bits(&a) != rng_bits(&b);
	OK(differ, "another stream gives others");
}

static void
seconds(struct machine *m, int n)
{
	for (int i = 0; i < n; i++) {
		machine_pass(m, m->t_ns + 1000000000);
		machine_second(m);
	}
}

static void
test_machine(void)
{
	static struct scenario sc;
	struct machine m;
	struct timex tx = { .modes = ADJ_FREQUENCY, .freq = -100 * 65536 };

	scenario_init(&sc);
	sc.oscillator.freq = 100e-6;
	sc.start_ns = 5e6;
	machine_init(&m, &sc, 1);
	seconds(&m, 1000);
	NEAR(machine_error_ns(&m), 5e6 + 1e8, 1, "a fast clock gains");
	IS_I64(machine_raw_ns(&m), RAW_START_NS + 1000100000000, "and raw");
	OK(machine_adjust(&m, &tx) >= 0, "frequency");
	seconds(&m, 1000);
	NEAR(machine_error_ns(&m), 1.05e8 - 1e4, 1, "as steered: 1e-8 is left");
	NEAR(machine_gain(&m), -1e-8, 1e-14, "and so it gains");
	tx = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO,
		.time = { .tv_sec = -1, .tv_usec = 900000000 } };
	OK(machine_adjust(&m, &tx) >= 0, "step");
	NEAR(machine_error_ns(&m), 5e6 - 1e4, 1, "by -0.1 s");
	machine_slept(&m, 7000000000, 3e6);
	NEAR(machine_error_ns(&m), 8e6 - 1e4, 1, "sleep: real time goes on");
	IS_I64(
	    machine_raw_ns(&m), RAW_START_NS + 2000200000000, "raw does not");
	IS_I64(m.suspended_ns, 7000000000, "and boot time counts it");
	machine_paused(&m, 2000000000);
	NEAR(machine_error_ns(&m), 8e6 - 2e9 - 1e4, 1, "a pause: nothing does");
}

static void
test_leap(void)
{
	static struct scenario sc;
	struct machine m;
	struct timex tx = { .modes = ADJ_STATUS, .status = STA_INS };

	scenario_init(&sc);
	sc.utc_s = 86400 * 3 - 10;
	machine_init(&m, &sc, 1);
	OK(machine_adjust(&m, &tx) == TIME_OK, "a leap second is asked for");
	seconds(&m, 20);
	NEAR(machine_error_ns(&m), -1e9, 1, "it is inserted, once");
	tx = (struct timex){ .modes = ADJ_STATUS, .status = 0 };
	OK(machine_adjust(&m, &tx) == TIME_WAIT, "and waits to be taken back");
	seconds(&m, 1);
	tx.modes = 0;
	OK(machine_adjust(&m, &tx) == TIME_OK, "then all is as before");
}

static void
test_network(void)
{
	static struct scenario sc;
	static struct network n;
	int64_t at[2];
	double sum = 0, lost = 0;

	scenario_init(&sc);
	sc.server_count = 1;
	scenario_init_server(&sc.servers[0]);
	sc.servers[0].up = (struct path_model){
		.base_ns = 1e6, .jitter = JITTER_EXP, .jitter_ns = 1e5
	};
	sc.servers[0].loss = 0.25;
	network_init(&n, &sc, 3);
	for (int i = 0; i < DRAWS; i++) {
		if (network_travel(&n.servers[0], WAY_UP, 1000, at) == 0)
			lost++;
		else
			sum += (double)(at[0] - 1000);
	}
	NEAR(lost / DRAWS, 0.25, 0.005, "loss");
	NEAR(sum / (DRAWS - lost), 1.1e6, 1e3, "mean delay");
}

static int
read_text(struct scenario *sc, const char *text)
{
	char name[] = "/tmp/sim-XXXXXX";
	int fd = mkstemp(name), rc;

	if (fd == -1 ||
	    write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    close(fd) == -1)
		return -2;
	rc = scenario_read(sc, name);
	(void)unlink(name);
	return rc;
}

static void
test_scenario(void)
{
	static struct scenario sc, again;
	static char text[4096];
	FILE *f;

	IS_I64(read_text(&sc,
		   "length 2ks # a comment\nclock freq 1ppm wander 2ppb\n"
		   "server count 3 base 5ms down gamma 0.5 1us\n"
		   "at 100s drift 2 -1ppm\ntarget 6 rms 3us poll 64s\n"),
	    0, "a file is read");
	NEAR(sc.length_s, 2000, 0, "length");
	IS_I64(sc.server_count, 3, "servers");
	NEAR(sc.servers[2].up.base_ns, 5e6, 0, "up");
	OK(sc.servers[2].down.jitter == JITTER_GAMMA, "down");
	OK(sc.servers[2].up.jitter == JITTER_NONE, "and only down");
	NEAR(sc.events[0].value, -1e-6, 1e-20, "event");
	NEAR(sc.from_s, 1000, 0, "the last half is measured");
	f = fmemopen(text, sizeof(text), "w");
	if (f != NULL) {
		scenario_write(&sc, f);
		(void)fclose(f);
	}
	IS_I64(read_text(&again, text), 0, "what is written can be read");
	OK(memcmp(&sc.servers, &again.servers, sizeof(sc.servers)) == 0 &&
		memcmp(&sc.events, &again.events, sizeof(sc.events)) == 0,
	    "and is the same");
	IS_I64(
	    read_text(&sc,
		"length 2ks\nserver up-base 1ms down-base 2ms jitter exp 3us "
		"queue 1us 1 1s\n"),
	    0, "directions, then words for both");
	NEAR(sc.servers[0].up.base_ns, 1e6, 0, "up as it was");
	NEAR(sc.servers[0].down.base_ns, 2e6, 0, "down as it was");
	NEAR(sc.servers[0].down.jitter_ns, 3e3, 0, "both have the jitter");
	NEAR(sc.servers[0].down.queue_ns, 1e3, 0, "and the queue");
	IS_I64(read_text(&sc, "length 2ks\n"), -1, "no server");
	IS_I64(read_text(&sc, "length 2 parsecs\nserver base 1ms\n"), -1,
	    "a unit that is none");
	IS_I64(read_text(&sc, "length 1s\nserver\nat 1s drift 7 1ppm\n"), -1,
	    "a server that is not there");
}

int
main(void)
{
	test_arith();
	test_rng();
	test_machine();
	test_leap();
	test_network();
	test_scenario();
	return DONE();
}
