/*
 * Saved timestamps for interleaved mode.
 */
#include <string.h>

#include "departure.h"
#include "tap.h"

#define SETS	  64
#define SECOND(s) ((uint64_t)(s) << 32)
#define T0	  SECOND(3900000000)

static struct departure_set sets[SETS];

static struct departures
fresh(void)
{
	struct departures il;

	memset(sets, 0, sizeof(sets));
	departure_init(&il, sets, SETS);
	return il;
}

static void
keep(struct departures *il, uint64_t client, uint64_t receive, bool proven)
{
	struct departure a = { .client = client,
		.receive = { receive },
		.transmit = { receive + 1000 },
		.proven = proven };

	departure_keep(il, &a);
}

static bool
takes(struct departures *il, uint64_t client, uint64_t receive)
{
	uint64_t got = departure_take(il, client, (struct ntp_ts){ receive }).v;

	return got == receive + 1000;
}

/* A client of set 3 by number: 31 of the upper bits tell them apart. */
static uint64_t
client(uint64_t n)
{
	return n << 33 | 3;
}

static void
test_once(void)
{
	struct departures il = fresh();
	struct departure late = { .client = client(1),
		.receive = { T0 | 1 },
		.transmit = { (T0 | 1) + SECOND(1) } };

	OK(!takes(&il, client(1), T0 | 1), "nothing is known at first");
	OK(departure_take(&il, client(1), (struct ntp_ts){ 0 }).v == 0,
	    "and least of all by origin 0");
	keep(&il, client(1), T0 | 1, false);
	OK(!takes(&il, client(2), T0 | 1), "not for another client");
	OK(!takes(&il, client(1), T0 | 3), "not by another timestamp");
	OK(takes(&il, client(1), T0 | 1), "for its own client");
	OK(!takes(&il, client(1), T0 | 1), "only once");
	departure_keep(&il, &late);
	OK(departure_take(&il, client(1), late.receive).v == 0,
	    "not one that took a second");
	late.transmit.v = late.receive.v - 1;
	departure_keep(&il, &late);
	OK(departure_take(&il, client(1), late.receive).v == 0,
	    "nor one that left before it came");
	late.transmit.v = late.receive.v + SECOND(1) - 1;
	departure_keep(&il, &late);
	OK(departure_take(&il, client(1), late.receive).v == late.transmit.v,
	    "but one that took a little less");
}

static void
test_replacement(void)
{
	struct departures il = fresh();

	for (uint64_t i = 0; i < DEPARTURE_WAYS + 1; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, false);
	OK(!takes(&il, client(0), T0 | 1), "the oldest makes room");
	for (uint64_t i = 1; i < DEPARTURE_WAYS + 1; i++)
		OK(takes(&il, client(i), (T0 + SECOND(i)) | 1),
		    "client %u is kept", (unsigned int)i);
}

static void
test_flood(void)
{
	struct departures il = fresh();
	uint64_t now = T0;

	keep(&il, client(7), now | 1, true);
	for (uint64_t i = 0; i < 1000000; i++) {
		now += SECOND(1) / 1000;
		keep(&il, client(1000 + i), now | 1, false);
	}
	OK(takes(&il, client(7), T0 | 1),
	    "a million strangers in 1000 s push out nobody who came back");
	keep(&il, client(7), now | 1, true);
	OK(takes(&il, client(7), now | 1), "who is known finds room again");
}

/* Four who have proven themselves, and then strangers. */
static void
test_full(void)
{
	struct departures il = fresh();
	const uint64_t late = T0 + SECOND(1000);

	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, true);
	for (uint64_t i = 0; i < 1000; i++)
		keep(&il, client(1000 + i), (late + i * 2) | 1, false);
	OK(takes(&il, client(1999), (late + 1998) | 1),
	    "a stranger has a place among four that are proven");
	OK(!takes(&il, client(0), T0 | 1), "that of the oldest");
	for (uint64_t i = 1; i < DEPARTURE_WAYS; i++)
		OK(takes(&il, client(i), (T0 + SECOND(i)) | 1),
		    "a thousand strangers have no other: %u is kept",
		    (unsigned int)i);
}

static void
test_proven_ends(void)
{
	struct departures il = fresh();
	const uint64_t late = T0 + SECOND(65536 + 10);

	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, true);
	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		keep(&il, client(9 + i), (late + SECOND(i)) | 1, false);
	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		OK(takes(&il, client(9 + i), (late + SECOND(i)) | 1),
		    "after 18 hours a proven one counts no more than stranger"
		    " %u",
		    (unsigned int)i);
}

static void
test_clock_back(void)
{
	struct departures il = fresh();

	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, false);
	keep(&il, client(9), (T0 - SECOND(1000)) | 1, false);
	OK(takes(&il, client(9), (T0 - SECOND(1000)) | 1),
	    "a clock that went back still keeps the newest answer");
}

static void
test_era(void)
{
	struct departures il = fresh();
	uint64_t before = UINT64_MAX - SECOND(10);

	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++)
		keep(&il, client(i), (before + SECOND(i)) | 1, false);
	keep(&il, client(9), (before + SECOND(20)) | 1, false);
	OK(takes(&il, client(9), (before + SECOND(20)) | 1) &&
		takes(&il, client(1), (before + SECOND(1)) | 1) &&
		!takes(&il, client(0), before | 1),
	    "across the end of an era the oldest is still the oldest");
}

int
main(void)
{
	test_once();
	test_replacement();
	test_flood();
	test_full();
	test_proven_ends();
	test_clock_back();
	test_era();
	return DONE();
}
