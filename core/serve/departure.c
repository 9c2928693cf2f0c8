/*
 * Saved timestamps of answers, see departure.h.  Used by ntp-serve and the
 * tests; it must never read a clock.
 */
#include "core/serve/departure.h"

#include <string.h>

#define KEEP_PROVEN_S UINT64_C(65536)

#define PROVEN UINT32_C(1) /* in departure_set.client */

/* Odd, with bits all over: the golden ratio. */
#define MIX64 UINT64_C(0x9e3779b97f4a7c15)
#define MIX32 UINT32_C(0x9e3779b1)

_Static_assert(sizeof(struct departure_set) == 64, "one line");

void
departure_init(
    struct departures *il, struct departure_set *sets, uint32_t count)
{
	il->sets = sets;
	il->mask = count - 1;
}

/*
 * One of the sets that a client has; where they lie nobody knows.  Which one is
 * left to chance: to the last digits of the moment at which a request came.
 */
static struct departure_set *
find_set(const struct departures *il, uint64_t client, struct ntp_ts receive)
{
	uint32_t which =
	    (uint32_t)((receive.v * MIX64) >> (64 - DEPARTURE_SPREAD_LOG2));

	return &il->sets[((uint32_t)client ^ which * MIX32) & il->mask];
}

void
departure_expect(
    const struct departures *il, uint64_t client, struct ntp_ts receive)
{
	__builtin_prefetch(find_set(il, client, receive), 1);
}

static uint32_t
tag_of(uint64_t client)
{
	return (uint32_t)(client >> 32) & ~PROVEN;
}

/* Where an answer is kept in its set; -1: it is not. */
static int
find(const struct departure_set *set, uint64_t client, struct ntp_ts receive)
{
	if (receive.v == 0)
		return -1;
	for (int i = 0; i < DEPARTURE_WAYS; i++)
		if (set->receive[i] == receive.v &&
		    (set->client[i] & ~PROVEN) == tag_of(client))
			return i;
	return -1;
}

struct ntp_ts
departure_take(struct departures *il, uint64_t client, struct ntp_ts origin)
{
	struct departure_set *set = find_set(il, client, origin);
	int i = find(set, client, origin);

	if (i == -1)
		return (struct ntp_ts){ 0 };
	set->receive[i] = 0;
	return (struct ntp_ts){ origin.v + set->took[i] };
}

void
departure_correct(struct departures *il, const struct departure *a)
{
	struct departure_set *set = find_set(il, a->client, a->receive);
	uint64_t took = a->transmit.v - a->receive.v;
	int i = find(set, a->client, a->receive);

	if (i == -1)
		return;
	if (took > UINT32_MAX)
		set->receive[i] = 0;
	else
		set->took[i] = (uint32_t)took;
}

/*
 * What an entry is worth, for choosing which is replaced: nothing if it is
 * free, little if it is unproven or has been proven long ago, and among equals
 * the less the older.  The age is exact within the era of its timestamps.
 */
static uint64_t
worth(const struct departure_set *set, int i, uint64_t now)
{
	uint64_t age = now - set->receive[i];
	uint64_t rank = 1;

	if (set->receive[i] == 0)
		return 0;
	if ((age & UINT64_C(1) << 63) != 0)
		age = 0; /* the clock went back */
	if ((set->client[i] & PROVEN) != 0 && age >> 32 < KEEP_PROVEN_S)
		rank = 2;
	/* an age is less than 2^63: without its last bits it fits below */
	return rank << 60 | ((UINT64_C(1) << 55) - 1 - (age >> 8));
}

void
departure_keep(struct departures *il, const struct departure *a)
{
	struct departure_set *set = find_set(il, a->client, a->receive);
	uint64_t took = a->transmit.v - a->receive.v;
	uint64_t least = UINT64_MAX;
	int at = 0;

	if (took > UINT32_MAX)
		return;
	for (int i = 0; i < DEPARTURE_WAYS; i++) {
		uint64_t w = worth(set, i, a->receive.v);

		if (w < least) {
			least = w;
			at = i;
		}
	}
	set->receive[at] = a->receive.v;
	set->took[at] = (uint32_t)took;
	set->client[at] = tag_of(a->client) | (a->proven ? PROVEN : 0);
}
