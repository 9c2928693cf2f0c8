/*
 * Saved timestamps for interleaved mode.
 */
#include <string.h>

#include "core/serve/xleave.h"
#include "tests/tap.h"

#define SETS	  32768
#define SPREAD	  (1 << XLEAVE_SPREAD_LOG2)
#define SECOND(s) ((uint64_t)(s) << 32)
#define T0	  SECOND(3900000000)

static struct xleave_set sets[SETS];

static struct xleave_store
fresh(uint32_t count)
{
	struct xleave_store il;

	memset(sets, 0, sizeof(sets));
	xleave_init(&il, sets, count);
	return il;
}

static void
keep(struct xleave_store *il, uint64_t client, uint64_t receive, bool proven)
{
	struct xleave_entry a = { .client = client,
		.receive = { receive },
		.transmit = { receive + 1000 },
		.proven = proven };

	xleave_keep(il, &a);
}

static bool
takes(struct xleave_store *il, uint64_t client, uint64_t receive)
{
	uint64_t got = xleave_take(il, client, (struct ntp_ts){ receive }).v;

	return got == receive + 1000;
}

/* A client by number: it differs in 31 of the upper bits. */
static uint64_t
client(uint64_t n)
{
	return n << 33 | 3;
}

/* Receive timestamps of a busy server, by number: all different. */
static uint64_t
receive(uint64_t n)
{
	uint64_t jitter = (n ^ 0x5bd1e995) * 2862933555777941757u >> 48;

	return (T0 + n * (SECOND(1) / 1000) + jitter) | 1;
}

static unsigned int
sets_used(void)
{
	unsigned int used = 0;

	for (size_t i = 0; i < SETS; i++)
		for (int j = 0; j < XLEAVE_WAYS; j++)
			if (sets[i].receive[j] != 0) {
				used++;
				break;
			}
	return used;
}

static void
test_once(void)
{
	struct xleave_store il = fresh(1);
	struct xleave_entry late = { .client = client(1),
		.receive = { T0 | 1 },
		.transmit = { (T0 | 1) + SECOND(1) } };

	OK(!takes(&il, client(1), T0 | 1), "nothing is known at first");
	OK(xleave_take(&il, client(1), (struct ntp_ts){ 0 }).v == 0,
	    "and least of all by origin 0");
	keep(&il, client(1), T0 | 1, false);
	OK(!takes(&il, client(2), T0 | 1), "not for another client");
	OK(!takes(&il, client(1), T0 | 3), "not by another timestamp");
	OK(takes(&il, client(1), T0 | 1), "for its own client");
	OK(!takes(&il, client(1), T0 | 1), "only once");
	xleave_keep(&il, &late);
	OK(xleave_take(&il, client(1), late.receive).v == 0,
	    "not one that took a second");
	late.transmit.v = late.receive.v - 1;
	xleave_keep(&il, &late);
	OK(xleave_take(&il, client(1), late.receive).v == 0,
	    "nor one that left before it came");
	late.transmit.v = late.receive.v + SECOND(1) - 1;
	xleave_keep(&il, &late);
	OK(xleave_take(&il, client(1), late.receive).v == late.transmit.v,
	    "but one that took a little less");
}

static void
test_replacement(void)
{
	struct xleave_store il = fresh(1);

	for (uint64_t i = 0; i < XLEAVE_WAYS + 1; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, false);
	OK(!takes(&il, client(0), T0 | 1), "the oldest makes room");
	for (uint64_t i = 1; i < XLEAVE_WAYS + 1; i++)
		OK(takes(&il, client(i), (T0 + SECOND(i)) | 1),
		    "client %u is kept", (unsigned int)i);
}

static void
test_flood(void)
{
	struct xleave_store il = fresh(1);
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

/* Four proven clients, and then new ones. */
static void
test_full(void)
{
	struct xleave_store il = fresh(1);
	const uint64_t late = T0 + SECOND(1000);

	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, true);
	for (uint64_t i = 0; i < 1000; i++)
		keep(&il, client(1000 + i), (late + i * 2) | 1, false);
	OK(takes(&il, client(1999), (late + 1998) | 1),
	    "a stranger has a place among four that are proven");
	OK(!takes(&il, client(0), T0 | 1), "that of the oldest");
	for (uint64_t i = 1; i < XLEAVE_WAYS; i++)
		OK(takes(&il, client(i), (T0 + SECOND(i)) | 1),
		    "a thousand strangers have no other: %u is kept",
		    (unsigned int)i);
}

static void
test_proven_ends(void)
{
	struct xleave_store il = fresh(1);
	const uint64_t late = T0 + SECOND(65536 + 10);

	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, true);
	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		keep(&il, client(9 + i), (late + SECOND(i)) | 1, false);
	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		OK(takes(&il, client(9 + i), (late + SECOND(i)) | 1),
		    "after 18 hours a proven one counts no more than stranger"
		    " %u",
		    (unsigned int)i);
}

static void
test_clock_back(void)
{
	struct xleave_store il = fresh(1);

	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		keep(&il, client(i), (T0 + SECOND(i)) | 1, false);
	keep(&il, client(9), (T0 - SECOND(1000)) | 1, false);
	OK(takes(&il, client(9), (T0 - SECOND(1000)) | 1),
	    "a clock that went back still keeps the newest answer");
}

static void
test_era(void)
{
	struct xleave_store il = fresh(1);
	uint64_t before = UINT64_MAX - SECOND(10);

	for (uint64_t i = 0; i < XLEAVE_WAYS; i++)
		keep(&il, client(i), (before + SECOND(i)) | 1, false);
	keep(&il, client(9), (before + SECOND(20)) | 1, false);
	OK(takes(&il, client(9), (before + SECOND(20)) | 1) &&
		takes(&il, client(1), (before + SECOND(1)) | 1) &&
		!takes(&il, client(0), before | 1),
	    "across the end of an era the oldest is still the oldest");
}

/* Corrected when it is known better. */
static void
test_correct(void)
{
	struct xleave_store il = fresh(1);
	struct xleave_entry a = { .client = client(1),
		.receive = { T0 | 1 },
		.transmit = { (T0 | 1) + SECOND(1) / 10 } };

	xleave_correct(&il, &a);
	OK(xleave_take(&il, client(1), a.receive).v == 0,
	    "what is not kept is not there when it is corrected");
	keep(&il, client(1), T0 | 1, false);
	a.client = client(2);
	xleave_correct(&il, &a);
	OK(takes(&il, client(1), T0 | 1), "another client's is left alone");
	keep(&il, client(1), T0 | 1, false);
	a.client = client(1);
	xleave_correct(&il, &a);
	OK(xleave_take(&il, client(1), a.receive).v == a.transmit.v,
	    "it left when it is known to have left");
	xleave_correct(&il, &a);
	OK(xleave_take(&il, client(1), a.receive).v == 0,
	    "after it was told it stays forgotten");
	keep(&il, client(1), T0 | 1, false);
	a.transmit.v = a.receive.v + SECOND(1);
	xleave_correct(&il, &a);
	OK(xleave_take(&il, client(1), a.receive).v == 0,
	    "not one that turns out to have taken a second");
	keep(&il, client(1), T0 | 1, false);
	a.transmit.v = a.receive.v - 1;
	xleave_correct(&il, &a);
	OK(xleave_take(&il, client(1), a.receive).v == 0,
	    "nor to have left before it came");
}

static void
test_correct_rank(void)
{
	struct xleave_store il = fresh(1);
	struct xleave_entry a = {
		.client = client(1), .receive = { 0 }, .transmit = { 1000 }
	};

	xleave_correct(&il, &a);
	OK(sets_used() == 0, "no timestamp 0 finds a place that is free");
	a = (struct xleave_entry){ .client = client(1),
		.receive = { T0 | 1 },
		.transmit = { (T0 | 1) + 4000 } };
	keep(&il, client(1), T0 | 1, true);
	xleave_correct(&il, &a);
	for (uint64_t i = 0; i < 1000; i++)
		keep(&il, client(1000 + i), receive(i), false);
	OK(xleave_take(&il, client(1), a.receive).v == a.transmit.v,
	    "one that is proven is so when it is corrected");
}

/* Many clients with one address. */
static void
test_crowd(void)
{
	struct xleave_store il = fresh(SETS);
	unsigned int kept = 0;

	for (uint64_t i = 0; i < SPREAD / 2; i++)
		keep(&il, client(1), receive(i), true);
	for (uint64_t i = 0; i < SPREAD / 2; i++)
		kept += takes(&il, client(1), receive(i));
	IS_I64(kept, SPREAD / 2, "%d answers to one address are all kept",
	    SPREAD / 2);
	for (uint64_t i = 0; i < 100 * SPREAD; i++)
		keep(&il, client(1), receive(i), true);
	IS_I64(
	    sets_used(), SPREAD, "however many there are, in %d sets", SPREAD);
	kept = 0;
	for (uint64_t i = 99 * SPREAD; i < 100 * SPREAD; i++)
		kept += takes(&il, client(1), receive(i));
	OK(kept > SPREAD * 99 / 100, "and mostly the last: %u of %d", kept,
	    SPREAD);
}

/* A client that asks in the mode but never returns, and the others. */
static void
test_greedy(void)
{
	struct xleave_store il = fresh(SETS);
	unsigned int kept = 0;

	for (uint64_t i = 0; i < SETS; i++)
		keep(&il, client(i) ^ i, receive(i), true);
	for (uint64_t i = 0; i < 1000000; i++)
		keep(&il, client(SETS) ^ 77, receive(SETS + i), true);
	for (uint64_t i = 0; i < SETS; i++)
		kept += takes(&il, client(i) ^ i, receive(i));
	OK(kept >= SETS / 100 * 95,
	    "who has one address pushes out few of the others: %u of %d stay",
	    kept, SETS);
}

/* A flood from forged addresses, over the whole table. */
static void
test_storm(void)
{
	struct xleave_store il = fresh(SETS);
	unsigned int kept = 0;

	for (uint64_t i = 0; i < 1000; i++)
		keep(&il, client(i) ^ (i * 31 & UINT32_MAX), receive(i), true);
	for (uint64_t i = 0; i < 2000000; i++)
		keep(&il, client(1000 + i) ^ (i * 2654435761u & UINT32_MAX),
		    receive(1000 + i), false);
	for (uint64_t i = 0; i < 1000; i++)
		kept +=
		    takes(&il, client(i) ^ (i * 31 & UINT32_MAX), receive(i));
	IS_I64(kept, 1000, "two million strangers push out nobody's");
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
	test_correct();
	test_correct_rank();
	test_crowd();
	test_greedy();
	test_storm();
	return DONE();
}
