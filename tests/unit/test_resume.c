/*
 * Pauses of the machine: true ones in a table, and a false server's clock,
 * which the kernel writes to the RTC, against the same code.
 */
#include "core/steer/resume.h"

#include <string.h>

#include "tests/sim/rng.h"
#include "tests/tap.h"

#define S(n)	((n)*NS_PER_S)
#define MS(n)	((n)*NS_PER_MS)
#define UTC	S(INT64_C(1800000000))
#define RAW	S(INT64_C(5000))
#define SYNC_NS S(INT64_C(659)) /* interval: the kernel sets the RTC */
#define LOOK_NS S(INT64_C(16))	/* interval: ntp-clock reads it */
#define LIES	300
#define LIE_NS	S(INT64_C(4 * 86400))
#define DAY_NS	S(INT64_C(86400))
#define BUDGET	S(INT64_C(30))

/* A machine: time since the start, and its clocks. */
struct machine {
	struct resume r;
	double raw_s;
	double true_s;	     /* its host's */
	double slope;	     /* of the host's time against raw time */
	double real_off_s;   /* CLOCK_REALTIME minus start and raw time */
	double rtc_off_s;    /* RTC minus start and host's time */
	int64_t believed_ns; /* all pauses that were believed */
};

static int64_t
ns(double s)
{
	return (int64_t)(s * 1e9);
}

static int64_t
raw_ns(const struct machine *m)
{
	return RAW + ns(m->raw_s);
}

static int64_t
real_ns(const struct machine *m)
{
	return UTC + ns(m->raw_s + m->real_off_s);
}

/* In whole seconds, rounded down. */
static int64_t
rtc_ns(const struct machine *m)
{
	return (UTC + ns(m->true_s + m->rtc_off_s)) / NS_PER_S * NS_PER_S;
}

static void
pass(struct machine *m, double s)
{
	m->raw_s += s;
	m->true_s += s * (1 + m->slope);
}

static int64_t
look(struct machine *m)
{
	int64_t found_ns = resume_look(&m->r, rtc_ns(m), raw_ns(m), real_ns(m));

	m->believed_ns += found_ns;
	return found_ns;
}

/* The kernel sets the RTC to the clock. */
static void
sync_rtc(struct machine *m)
{
	m->rtc_off_s +=
	    (double)(real_ns(m) - UTC) / 1e9 - (m->true_s + m->rtc_off_s);
}

/* --- text ----------------------------------------------------------------- */

static void
test_parse(void)
{
	static const struct {
		const char *text;
		int64_t want;
	} t[] = {
		{ "1795938490\n", S(INT64_C(1795938490)) },
		{ "0\n", 0 },
		{ "7258118399\n", S(INT64_C(7258118399)) },
		{ "7258118400\n", -1 },
		{ "99999999999999999999999\n", -1 },
		{ "1795938490", -1 },
		{ "1795938490 \n", -1 },
		{ " 1795938490\n", -1 },
		{ "-5\n", -1 },
		{ "\n", -1 },
		{ "", -1 },
		{ "0x12\n", -1 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		IS_I64(resume_parse(t[i].text, strlen(t[i].text)), t[i].want,
		    "RTC, case %d", (int)i);
	IS_I64(resume_parse("12\n", 2), -1, "RTC, not as long as it says");
}

/* --- true pauses ---------------------------------------------------------- */

/* A machine that has run for a while, with a first look taken. */
static struct machine
running(double rtc_off_s, double slope, struct rng *rng)
{
	struct machine m = { .slope = slope, .rtc_off_s = rtc_off_s };

	for (int i = 0; i < 400; i++) {
		/* The clock follows its servers, which have the host's time. */
		m.real_off_s = m.true_s - m.raw_s;
		(void)look(&m);
		pass(&m, 16 + rng_uniform(rng));
	}
	m.real_off_s = m.true_s - m.raw_s;
	(void)look(&m);
	return m;
}

static void
test_pauses(void)
{
	static const struct {
		const char *name;
		double rtc_off_s, slope, pause_s, want_s;
	} t[] = {
		{ "2 s: too short", 0, 0, 2, 0 },
		{ "3 s", 0, 0, 3, 3 },
		{ "10 s", 0, 0, 10, 10 },
		{ "12 h", 0, 0, 43200, 43200 },
		{ "4 s, RTC half a second behind", -0.5, 0, 4, 3.5 },
		{ "a minute, RTC 10 min ahead", 600, 0, 60, 60 },
		{ "3 s, RTC 10 min ahead", 600, 0, 3, 3 },
		{ "a minute, RTC 10 min behind", -600, 0, 60, 60 },
		{ "3 s, RTC 10 min behind", -600, 0, 3, 3 },
		/* A clock that was wrong before could be the cause of these. */
		{ "10 min, RTC 5 min behind", -300, 0, 600, 300 },
		{ "5 min, RTC 5 min behind", -300, 0, 300, 0 },
		{ "a minute, raw time 100 ppm fast", 0, -1e-4, 60, 60 },
		{ "a minute, raw time 300 ppm fast", 0, -3e-4, 60, 60 },
		{ "a minute, raw time 300 ppm slow", 0, 3e-4, 60, 60 },
		{ "10 s, raw time 500 ppm fast", 0, -5e-4, 10, 10 },
	};
	struct rng rng;

	rng_init(&rng, 1, 1);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		double least_s = 1e9, most_s = -1, later_s = 1e9;
		bool once = true;

		for (int k = 0; k < 100; k++) {
			struct machine m =
			    running(t[i].rtc_off_s, t[i].slope, &rng);
			int64_t none = m.believed_ns;
			double s;

			pass(&m, 16 * rng_uniform(&rng));
			m.true_s += t[i].pause_s; /* nothing else moves */
			s = (double)look(&m) / 1e9;
			s += none != 0 ? 1e9 : 0; /* there was none before */
			least_s = fmin(least_s, s);
			most_s = fmax(most_s, s);
			pass(&m, 16);
			if (k % 2 != 0)
				sync_rtc(&m);
			for (int j = 0; j < 50; j++) {
				pass(&m, 16 + rng_uniform(&rng));
				(void)look(&m);
			}
			s = (double)resume_explains(&m.r, raw_ns(&m)) / 1e9;
			later_s = fmin(later_s, s);
			once = once && m.believed_ns <= ns(most_s);
		}
		OK(once, "pause, %s: believed once", t[i].name);
		OK(least_s >= t[i].want_s - 1.01,
		    "pause, %s: found in one look, %.3f s", t[i].name, least_s);
		/* If the RTC is wrong, its fraction of a second is hidden. */
		OK(most_s <= t[i].want_s + (t[i].rtc_off_s != 0 ? 0.5 : 0.01),
		    "pause, %s: and no longer than it was, %.3f s", t[i].name,
		    most_s);
		OK(later_s >= t[i].want_s - 2.3,
		    "pause, %s: still known minutes later, %.3f s", t[i].name,
		    later_s);
	}
}

static void
test_explains(void)
{
	struct machine m = { .raw_s = 0 };

	(void)look(&m);
	m.true_s += 100;
	IS_I64(look(&m), S(100), "a pause of 100 s");
	IS_I64(resume_explains(&m.r, raw_ns(&m)), S(100), "explains as much");
	IS_I64(resume_explains(&m.r, raw_ns(&m) - 1), 0, "not before it was");
	IS_I64(resume_explains(&m.r, raw_ns(&m) + DAY_NS - 1), S(100),
	    "for a day");
	IS_I64(resume_explains(&m.r, raw_ns(&m) + DAY_NS), 0, "but no longer");
	m.real_off_s += 30;
	(void)look(&m);
	IS_I64(resume_explains(&m.r, raw_ns(&m)), S(70),
	    "somebody set the clock on by 30 s: less is left");
	m.real_off_s -= 30;
	(void)look(&m);
	IS_I64(resume_explains(&m.r, raw_ns(&m)), S(70),
	    "and no more if he sets it back");
	m.true_s += 50;
	IS_I64(look(&m), S(50), "a second pause");
	IS_I64(resume_explains(&m.r, raw_ns(&m)), S(120), "is added to it");
	m.real_off_s += 150;
	(void)look(&m);
	IS_I64(resume_explains(&m.r, raw_ns(&m)), 0, "all made up for");
	m.true_s += 50;
	(void)look(&m);
	resume_used(&m.r);
	IS_I64(resume_explains(&m.r, raw_ns(&m)), 0, "it is used once");
}

/* What is not a pause, or cannot be told from one. */
static void
test_set(void)
{
	struct machine m = { .raw_s = 0 };

	IS_I64(look(&m), 0, "the first look tells nothing");
	m.rtc_off_s -= 3600;
	IS_I64(look(&m), 0, "the RTC is set back by an hour: nothing");
	m.rtc_off_s += 1;
	IS_I64(look(&m), 0, "a second is nothing");
	m.rtc_off_s += 3599;
	IS_I64(look(&m), 0, "set to the clock: nothing");
	m.rtc_off_s += 3600;
	IS_I64(look(&m), S(3600), "set on by root: as if it were a pause");
	m = (struct machine){ .real_off_s = -50 };
	(void)look(&m);
	m.true_s += 60;
	IS_I64(look(&m), S(60), "60 s, of a clock that is 50 s behind");
	m = (struct machine){ .real_off_s = 50 };
	(void)look(&m);
	m.true_s += 60;
	IS_I64(look(&m), S(10), "of one that is 50 s ahead: what it lacks");
	m = (struct machine){ .raw_s = 0 };
	(void)look(&m);
	pass(&m, 86400);
	m.real_off_s += 86400 * 60e-6;
	m.rtc_off_s += 86400 * 60e-6;
	IS_I64(look(&m), 0, "a day without a look, raw time 60 ppm slow");
	IS_I64(m.believed_ns, 0, "and the clock with the RTC: nothing");
}

/* --- a liar --------------------------------------------------------------- */

struct liar {
	struct machine m;
	struct rng rng;
	int64_t left_ns;  /* left of the day's budget, */
	double day_s;	  /* the start of that day */
	double sync_s;	  /* next time the kernel sets the RTC */
	double look_s;	  /* next time it is read */
	double slew_most; /* a fraction */
	double slew;
	double wander_s; /* between steps */
};

/* A paid step by the liar; the RTC is read before it. */
static void
lie(struct liar *l)
{
	int64_t by_ns = (int64_t)(rng_uniform(&l->rng) * (double)l->left_ns);

	(void)look(&l->m);
	/* Without any sign of a pause, as there is none. */
	l->left_ns -= by_ns;
	l->m.real_off_s +=
	    (rng_chance(&l->rng, 0.5) ? 1 : -1) * (double)by_ns / 1e9;
	resume_used(&l->m.r);
	l->look_s = l->m.raw_s + 1; /* as ntp-clock does */
}

/* The same, but the kernel sets the RTC between reading and step. */
static void
lie_at_sync(struct liar *l)
{
	double before_s = l->m.rtc_off_s;

	(void)look(&l->m);
	sync_rtc(&l->m);
	l->m.real_off_s +=
	    (rng_chance(&l->rng, 0.5) ? 1 : -1) * (double)l->left_ns / 2e9;
	l->left_ns /= 2;
	resume_used(&l->m.r);
	l->look_s = l->m.raw_s + 1;
	l->sync_s = l->m.raw_s + (before_s < 0 ? 100 : 659);
}

static void
act(struct liar *l)
{
	double next_s = fmin(l->look_s, l->sync_s), wait_s;

	wait_s = fmin(next_s - l->m.raw_s, l->wander_s * rng_exp(&l->rng));
	wait_s = fmax(wait_s, 1e-6);
	pass(&l->m, wait_s);
	l->m.real_off_s += l->slew * wait_s;
	if (l->m.raw_s - l->day_s >= 86400) {
		l->day_s = l->m.raw_s;
		l->left_ns = BUDGET;
	}
	if (l->m.raw_s >= l->look_s) {
		(void)look(&l->m);
		l->look_s = l->m.raw_s + 16 + rng_uniform(&l->rng);
	} else if (l->m.raw_s >= l->sync_s) {
		sync_rtc(&l->m);
		/* An unsynchronized clock is not written to the RTC. */
		l->sync_s =
		    l->m.raw_s + 659 * (double)(1 + rng_below(&l->rng, 4));
	} else if (rng_chance(&l->rng, 0.05)) {
		lie_at_sync(l);
	} else if (rng_chance(&l->rng, 0.5)) {
		lie(l);
	} else {
		l->slew = l->slew_most * (2 * rng_uniform(&l->rng) - 1);
	}
}

static void
test_liar(void)
{
	static const double slews[] = { 5e-4, 1e-3, 0.1 };

	for (int k = 0; k < 3; k++) {
		int64_t believed_ns = 0;
		uint64_t first = 0;

		for (uint64_t seed = 1; seed <= LIES; seed++) {
			struct liar l = { .left_ns = BUDGET,
				.sync_s = 659,
				.slew_most = slews[k],
				.wander_s = seed % 2 == 0 ? 60 : 600 };

			rng_init(&l.rng, seed, 2);
			l.m.slope = (rng_uniform(&l.rng) - 0.5) * 1e-4;
			l.m.rtc_off_s = rng_normal(&l.rng);
			while (l.m.raw_s < (double)LIE_NS / 1e9)
				act(&l);
			if (l.m.believed_ns != 0 && first == 0)
				first = seed;
			believed_ns += l.m.believed_ns;
		}
		IS_I64(believed_ns, 0,
		    "no lie becomes a pause, slews to %.0f ppm (first seed: %d)",
		    slews[k] * 1e6, (int)first);
	}
}

/* --- nonsense ------------------------------------------------------------- */

/* The test is that UBSan reports nothing (make SAN=1). */
static void
test_garbage(void)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1,
		S(5), INT64_MAX - 1, INT64_MAX };
	struct resume r = { .known = false };
	struct rng rng;
	bool sane = true;

	rng_init(&rng, 1, 3);
	for (int i = 0; i < 100000; i++) {
		int64_t v[3];

		for (int k = 0; k < 3; k++)
			v[k] = rng_chance(&rng, 0.7) ? ends[rng_below(&rng, 8)]
						     : (int64_t)rng_bits(&rng);
		sane &= resume_look(&r, v[0], v[1], v[2]) >= 0;
		sane &= resume_explains(&r, v[rng_below(&rng, 3)]) >= 0;
		if (rng_chance(&rng, 0.1))
			resume_used(&r);
	}
	OK(sane, "no time makes less than nothing of a pause");
}

int
main(void)
{
	test_parse();
	test_pauses();
	test_explains();
	test_set();
	test_liar();
	test_garbage();
	return DONE();
}
