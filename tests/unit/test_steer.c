/*
 * The steering law: conversions and their limits, the split into frequency and
 * tick, and a simulated clock that is steered by it.
 */
#include <string.h>

#include "core/steer/steer.h"
#include "tests/tap.h"

static void
test_saturation(void)
{
	IS_I64(sat_add(INT64_MAX, 1), INT64_MAX, "sum stops at the top");
	IS_I64(sat_add(INT64_MIN, -1), INT64_MIN, "sum stops at the bottom");
	IS_I64(sat_add(-5, 7), 2, "sum");
	IS_I64(
	    sat_sub(INT64_MAX, -1), INT64_MAX, "difference stops at the top");
	IS_I64(
	    sat_sub(INT64_MIN, 1), INT64_MIN, "difference stops at the bottom");
	IS_I64(sat_sub(0, INT64_MIN), INT64_MAX, "0 less the least");
	IS_I64(sat_abs(INT64_MIN), INT64_MAX, "size of the least");
	IS_I64(sat_abs(-3), 3, "size");
}

static void
test_utc(void)
{
	static const struct {
		const char *name;
		int64_t at, theta, slope, now, utc;
		bool ok;
	} t[] = {
		{ "no slope", 1000, 500, 0, 3000, 3500, true },
		{ "1000 ppm for a second", 0, 0, SLOPE_MAX, NS_PER_S,
		    NS_PER_S + 999999, true },
		{ "-1000 ppm for a second", 0, 0, -SLOPE_MAX, NS_PER_S,
		    NS_PER_S - 999999, true },
		{ "before the sample", NS_PER_S, 0, SLOPE_MAX, 0, -999999,
		    true },
		{ "1 ppm for a hundred years", 0, 5, 4295,
		    INT64_C(3155760000) * NS_PER_S,
		    INT64_C(3155760000) * NS_PER_S + INT64_C(3155784029513) + 5,
		    true },
		{ "1000 ppm for ever", 0, 0, SLOPE_MAX,
		    INT64_MAX - INT64_MAX / 900, 0, true },
		{ "slope too large", 0, 0, SLOPE_MAX + 1, 5, 0, false },
		{ "slope too small", 0, 0, INT64_MIN, 5, 0, false },
		{ "distance overflows", INT64_MIN, 0, 1, 5, 0, false },
		{ "sum overflows", 0, INT64_MAX, 0, 1, 0, false },
		{ "sum overflows below", 0, INT64_MIN, 0, -1, 0, false },
		{ "drift overflows", 0, 0, SLOPE_MAX, INT64_MAX, 0, false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct line l = { { t[i].at }, t[i].theta, t[i].slope };
		struct wall utc = { 77 };
		bool ok = line_utc(&l, (struct mono){ t[i].now }, &utc);

		OK(ok == t[i].ok, "utc, %s: result", t[i].name);
		if (t[i].utc != 0 || !t[i].ok)
			NEAR(utc.ns - t[i].utc, 0, 1, "utc, %s", t[i].name);
	}
}

static void
test_units(void)
{
	IS_I64(steer_slope_rate(0), 0, "slope 0");
	IS_I64(steer_slope_rate(1024), 15625, "slope 1024 is 15625 units");
	IS_I64(steer_slope_rate(-1024), -15625, "and negative");
	NEAR(steer_slope_rate(SLOPE_MAX), 1000 * STEER_SPPM, 8, "1000 ppm");
	IS_I64(steer_slope_rate(INT64_MAX), steer_slope_rate(SLOPE_MAX),
	    "a slope beyond is cut");
	IS_I64(steer_slope_rate(INT64_MIN), -steer_slope_rate(SLOPE_MAX),
	    "and below");
	IS_I64(steer_rate_ppb(STEER_SPPM), 1000, "1 ppm is 1000 ppb");
	IS_I64(steer_rate_ppb(-STEER_SPPM), -1000, "and negative");
	IS_I64(steer_rate_ppb(33), 1, "rounded to the nearest");
	IS_I64(steer_rate_ppb(INT64_MAX), 200000000, "a rate beyond is cut");
	IS_I64(steer_ppb_rate(0), 0, "0 ppb");
	IS_I64(steer_ppb_rate(1000), STEER_SPPM, "1000 ppb is 1 ppm");
	IS_I64(steer_ppb_rate(-50000), -50 * STEER_SPPM, "and negative");
	IS_I64(steer_ppb_rate(1), 65, "1 ppb is 65.536 units: towards zero");
	IS_I64(
	    steer_ppb_rate(STEER_SLEW_MAX_PPB), 100000 * STEER_SPPM, "10 %%");
	IS_I64(steer_ppb_rate(STEER_SLEW_MAX_PPB + 1), 100000 * STEER_SPPM,
	    "and no more");
	IS_I64(steer_ppb_rate(INT64_MIN), -100000 * STEER_SPPM, "and no less");
	for (int64_t ppb = -500000; ppb <= 500000; ppb += 99991)
		NEAR(steer_rate_ppb(steer_ppb_rate(ppb)), ppb, 1,
		    "%lld ppb there and back", (long long)ppb);
}

static void
test_correction(void)
{
	static const struct {
		const char *name;
		int64_t error, tau, limit_ppb, rate;
	} t[] = {
		{ "nothing", 0, 4, 500000, 0 },
		{ "1000 ns in 1 s is 1 ppm", 1000, 1, 500000, STEER_SPPM },
		{ "backwards", -4000, 4, 500000, -STEER_SPPM },
		{ "limit", NS_PER_S, 4, 500000, 500 * STEER_SPPM },
		{ "limit backwards", -NS_PER_S, 4, 500000, -500 * STEER_SPPM },
		{ "no slew allowed", NS_PER_S, 4, 0, 0 },
		{ "10 %", INT64_MAX, 16, STEER_SLEW_MAX_PPB,
		    100000 * STEER_SPPM },
		{ "limit beyond 10 %", INT64_MIN, 1, INT64_MAX,
		    -100000 * STEER_SPPM },
		{ "negative limit", NS_PER_S, 4, -5, 0 },
		{ "tau 0 counts as 1", 1000, 0, 500000, STEER_SPPM },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		IS_I64(steer_correction(t[i].error, t[i].tau, t[i].limit_ppb),
		    t[i].rate, "correction, %s", t[i].name);
}

static void
test_split(void)
{
	static const struct {
		const char *name;
		int64_t rate, hz, tick, freq;
	} t[] = {
		{ "nothing", 0, 100, 10000, 0 },
		{ "500 ppm need no tick", 500 * STEER_SPPM, 100, 10000,
		    500 * STEER_SPPM },
		{ "a unit more does", 500 * STEER_SPPM + 1, 100, 10005, 1 },
		{ "and below", -500 * STEER_SPPM - 1, 100, 9995, -1 },
		{ "550 ppm", 550 * STEER_SPPM, 100, 10006, -50 * STEER_SPPM },
		{ "10 %", 100000 * STEER_SPPM, 100, 11000, 0 },
		{ "the most", 100500 * STEER_SPPM, 100, 11000,
		    500 * STEER_SPPM },
		{ "cut", 101000 * STEER_SPPM, 100, 11000, 500 * STEER_SPPM },
		{ "cut below", INT64_MIN, 100, 9000, -500 * STEER_SPPM },
		{ "1000 Hz", -1500 * STEER_SPPM, 1000, 998, 500 * STEER_SPPM },
	};
	bool exact = true, small = true;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct steer_setting s = steer_split(t[i].rate, t[i].hz);

		IS_I64(s.tick_us, t[i].tick, "tick, %s", t[i].name);
		IS_I64(s.freq_sppm, t[i].freq, "frequency, %s", t[i].name);
	}
	for (int64_t r = -100500 * STEER_SPPM; r <= 100500 * STEER_SPPM;
	     r += 99991) {
		struct steer_setting s = steer_split(r, 100);

		exact = exact && steer_join(&s, 100) == r;
		small = small && s.tick_us >= 9000 && s.tick_us <= 11000 &&
		    sat_abs(s.freq_sppm) <= STEER_FREQ_MAX;
	}
	OK(exact, "frequency and tick together are exactly the rate");
	OK(small, "and within what the kernel takes");
	IS_I64(steer_join(&(struct steer_setting){ INT64_MIN, INT64_MAX }, 0),
	    steer_join(
		&(struct steer_setting){ INT64_MIN, INT64_MAX }, STEER_HZ_MIN),
	    "a nonsense setting does no harm");
}

static void
test_plan(void)
{
	static const int64_t errors[] = { 0, 9999, 10000, -10000, NS_PER_S,
		INT64_MAX, INT64_MIN };
	bool damped = true, prompt = true;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct steer_view v = { errors[i], 0, NS_PER_S, false };
		struct steer_plan p = steer_plan(&v);

		int64_t size = sat_abs(errors[i]);

		damped = damped && p.wait_ms >= 1000 &&
		    p.tau_s * 1000 >=
			(size < 10000 ? 1 : 2) * p.wait_ms + 1000 &&
		    p.tau_s <= STEER_TAU_MAX_S;
		prompt = prompt && p.tau_s <= 5;
	}
	OK(damped, "tau is longer than the wait, for large errors twice that");
	OK(prompt, "no error lags for long where lines come often");
}

/* Between rare lines there is no needless wake-up. */
static void
test_rest(void)
{
	static const struct {
		const char *name;
		struct steer_view view;
		int64_t wait_ms;
	} t[] = {
		{ "no error", { 0, 1000, 64 * NS_PER_S, false },
		    STEER_REST_MS },
		{ "an eighth of sigma", { -125, 1000, 64 * NS_PER_S, false },
		    STEER_REST_MS },
		{ "more than that", { -126, 1000, 64 * NS_PER_S, false },
		    4000 },
		{ "what reading a clock may be wrong by",
		    { 20, 0, 64 * NS_PER_S, false }, STEER_REST_MS },
		{ "a large error", { 10000, 1000000, 64 * NS_PER_S, false },
		    1000 },
		{ "lines come often", { 0, 1000, 7 * NS_PER_S, false }, 4000 },
		{ "something else is due", { 0, 1000, 64 * NS_PER_S, true },
		    4000 },
		{ "nonsense", { INT64_MIN, INT64_MAX, INT64_MAX, false },
		    1000 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct steer_plan p = steer_plan(&t[i].view);

		IS_I64(p.wait_ms, t[i].wait_ms, "rest: %s", t[i].name);
		OK(p.tau_s * 1000 >= p.wait_ms, "and no change of sign");
	}
}

#define STEADY_NS 10000 /* an error below this is small */

/* A clock with a wrong frequency, steered along a line. */
struct sim {
	double error_ns; /* UTC minus the clock */
	double slope;	 /* of UTC */
	int64_t limit_ppb;
	int64_t sigma_ns; /* of the lines, one every ... */
	int64_t interval_ns;
};

struct outcome {
	double end_ns;
	double worst_ns;   /* overshoot: of the opposite sign */
	double over_limit; /* slew beyond its limit, a fraction */
	double settled_s;  /* first time below 20 us */
};

static struct outcome
run(struct sim sim, double seconds, double late_s)
{
	struct outcome out = { .settled_s = -1 };
	int64_t slope = (int64_t)(sim.slope * (double)SLOPE_ONE);
	double first = sim.error_ns, t = 0;

	while (t < seconds) {
		int64_t e = (int64_t)sim.error_ns;
		struct steer_view v = { e, sim.sigma_ns, sim.interval_ns,
			false };
		struct steer_plan p = steer_plan(&v);
		struct steer_setting s = steer_split(steer_slope_rate(slope) +
			steer_correction(e, p.tau_s, sim.limit_ppb),
		    100);
		double rate =
		    (double)steer_join(&s, 100) / (double)STEER_SPPM / 1e6;
		double wait = (double)p.wait_ms / 1000 + late_s;
		double over =
		    fabs(rate - sim.slope) - (double)sim.limit_ppb / 1e9;

		sim.error_ns += (sim.slope - rate) * wait * 1e9;
		t += wait;
		if (over > out.over_limit)
			out.over_limit = over;
		if (sim.error_ns * first < 0 &&
		    fabs(sim.error_ns) > out.worst_ns)
			out.worst_ns = fabs(sim.error_ns);
		if (out.settled_s < 0 && fabs(sim.error_ns) < 20000)
			out.settled_s = t;
	}
	out.end_ns = sim.error_ns;
	return out;
}

static void
test_simulation(void)
{
	static const struct {
		const char *name;
		struct sim sim;
		double seconds, settled_s;
	} t[] = {
		{ "1 ms", { 1e6, 0, 500000, 0, 0 }, 60, 25 },
		{ "1 ms ahead, raw clock 50 ppm slow",
		    { -1e6, 50e-6, 500000, 0, 0 }, 60, 25 },
		{ "10 ms", { 1e7, -20e-6, 500000, 0, 0 }, 120, 45 },
		{ "a second, tick needed", { 1e9, 480e-6, 100000000, 0, 0 },
		    120, 60 },
		{ "10 s ahead at 10 %", { -1e10, -900e-6, 100000000, 0, 0 },
		    300, 160 },
		{ "1 s at 5000 ppm", { 1e9, 0, 5000000, 0, 0 }, 400, 230 },
		{ "in time", { 500, 33e-6, 500000, 0, 0 }, 60, 5 },
		{ "1 ms, lines are rare",
		    { 1e6, 0, 500000, 100, 64 * NS_PER_S }, 100, 25 },
		{ "5 us, lines are rare",
		    { 5e3, 33e-6, 500000, 100, 64 * NS_PER_S }, 60, 5 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct outcome o = run(t[i].sim, t[i].seconds, 0);
		struct outcome late = run(t[i].sim, t[i].seconds, 0.9);

		OK(o.settled_s >= 0 && o.settled_s <= t[i].settled_s,
		    "%s: settled in %.0f s", t[i].name, o.settled_s);
		NEAR(o.end_ns, 0, 50, "%s: converges", t[i].name);
		NEAR(o.worst_ns, 0, 2, "%s: no overshoot", t[i].name);
		/* By a quarter of a small error, if lines are rare. */
		NEAR(late.worst_ns, 0,
		    t[i].sim.interval_ns == 0 ? 2 : STEADY_NS / 4,
		    "%s: no overshoot when late", t[i].name);
		NEAR(o.over_limit, 0, 3e-10, "%s: slew within its limit",
		    t[i].name);
	}
}

/* No samples come: the clock goes on along the line. */
static void
test_holdover(void)
{
	struct outcome o =
	    run((struct sim){ 1e5, 77.7e-6, 500000, 0, 0 }, 86400, 0);

	NEAR(o.end_ns, 0, 50, "a day of holdover: still on the line");
}

static void
test_aged(void)
{
	IS_I64(line_aged_ns(0, 1000), 0, "a new line is as good as it was");
	IS_I64(line_aged_ns(1000 * NS_PER_S, 0), NS_PER_MS, "1 ppm of 1000 s");
	NEAR(line_aged_ns(1000 * NS_PER_S, 4295) - NS_PER_MS, 3e6, 1e3,
	    "and three times 1 ppm");
	IS_I64(line_aged_ns(-1000 * NS_PER_S, 0), NS_PER_MS, "on both sides");
	OK(line_aged_ns(INT64_MAX, INT64_MAX) > 0 &&
		line_aged_ns(INT64_MIN, INT64_MIN) > 0,
	    "the extremes do not wrap");
}

int
main(void)
{
	test_aged();
	test_saturation();
	test_utc();
	test_units();
	test_correction();
	test_split();
	test_plan();
	test_rest();
	test_simulation();
	test_holdover();
	return DONE();
}
