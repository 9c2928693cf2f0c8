/*
 * The resolution of a server's timestamps: found if it is coarse, and only
 * then.
 */
#include "core/filter/grain.h"

#include <string.h>

#include "core/packet/timestamp.h"
#include "tests/sim/rng.h"
#include "tests/tap.h"

#define BASE_NS	  INT64_C(1800000000123456789)
#define RUNS	  20000
#define DITHER_MS 33

static struct rng rng;

/* Query n times, a bit over 2 s apart; returns the grain found, ns. */
static int64_t
ask(struct grain *g, int n, int64_t tick_ns, int64_t blur_ns, int64_t phase_ns)
{
	static int64_t raw_ns;
	int64_t found_ns = 0;

	for (int i = 0; i < n; i++) {
		int64_t utc_ns, dither_ns = DITHER_MS * NS_PER_MS;

		raw_ns += 2 * NS_PER_S + rng_below(&rng, (uint32_t)dither_ns);
		utc_ns = BASE_NS + raw_ns;
		utc_ns -= (utc_ns - phase_ns) % tick_ns;
		if (blur_ns > 0)
			utc_ns += rng_below(&rng, (uint32_t)blur_ns);
		found_ns =
		    grain_push(g, ntp_ts_from_wall((struct wall){ utc_ns }),
			(struct mono){ raw_ns });
	}
	return found_ns;
}

static void
test_found(void)
{
	static const struct {
		const char *name;
		int64_t tick_ns;
		int64_t blur_ns;
	} t[] = {
		{ "whole seconds", NS_PER_S, 0 },
		{ "tenths", NS_PER_S / 10, 0 },
		{ "64 a second", NS_PER_S / 64, 0 },
		{ "hundredths", NS_PER_S / 100, 0 },
		{ "250 a second", NS_PER_S / 250, 0 },
		{ "milliseconds", NS_PER_MS, 0 },
		{ "hundredths, the bits below a microsecond random",
		    NS_PER_S / 100, 900 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct grain g = { .count = 0 };
		int64_t found_ns = ask(&g, 12, t[i].tick_ns, t[i].blur_ns, 0);

		OK(found_ns >= t[i].tick_ns, "%s: found by the 12th answer",
		    t[i].name);
		found_ns = ask(&g, 50, t[i].tick_ns, t[i].blur_ns, 0);
		IS_I64(found_ns, t[i].tick_ns, "%s: what it is", t[i].name);
		IS_I64(ask(&g, 1, 1, 0, 0), 0, "%s: gone with the first other",
		    t[i].name);
	}
}

/* Chance, or our own regularity, is not taken for a grain. */
static void
test_not_found(void)
{
	struct grain g = { .count = 0 };
	int wrong = 0;

	for (int i = 0; i < RUNS; i++)
		wrong += ask(&g, 1, 1, 0, 0) != 0;
	IS_I64(wrong, 0, "exact stamps have no grain");
	memset(&g, 0, sizeof(g));
	for (int64_t k = 0; k < 100; k++)
		wrong +=
		    grain_push(&g,
			ntp_ts_from_wall((struct wall){
			    BASE_NS / NS_PER_S * NS_PER_S + k * 2 * NS_PER_S }),
			(struct mono){ k * 2 * NS_PER_S }) != 0;
	IS_I64(wrong, 0, "who asks on the second says nothing of the server");
}

int
main(void)
{
	rng_init(&rng, 1, 1);
	test_found();
	test_not_found();
	return DONE();
}
