/*
 * Saved transmit timestamps of answers, see xleave.h.  Run by ntp-serve and
 * the tests.  It must never read a clock.
 */
#include "core/serve/xleave.h"

#include <string.h>

#define KEEP_PROVEN_S UINT64_C(65536)

#define PROVEN UINT32_C(1) /* in xleave_set.client */

/* Odd, with well mixed bits: the golden ratio. */
#define MIX64 UINT64_C(0x9e3779b97f4a7c15)
#define MIX32 UINT32_C(0x9e3779b1)

_Static_assert(sizeof(struct xleave_set) == 64, "one line");

void
xleave_init(struct xleave_store *il, struct xleave_set *sets, uint32_t count)
{
	il->sets = sets;
	il->mask = count - 1;
}

/*
 * One of the sets that this client may use; nobody else knows which those are.
 * The choice is random: it depends on the last digits of the receive timestamp.
 */
static struct xleave_set *
find_set(const struct xleave_store *il, uint64_t client, struct ntp_ts receive)
{
	uint32_t which =
	    (uint32_t)((receive.v * MIX64) >> (64 - XLEAVE_SPREAD_LOG2));

	return &il->sets[((uint32_t)client ^ which * MIX32) & il->mask];
}

void
xleave_prefetch(
    const struct xleave_store *il, uint64_t client, struct ntp_ts receive)
{
	__builtin_prefetch(find_set(il, client, receive), 1);
}

static uint32_t
tag_of(uint64_t client)
{
	return (uint32_t)(client >> 32) & ~PROVEN;
}

/* The index of an answer in its set, or -1. */
static int
find(const struct xleave_set *set, uint64_t client, struct ntp_ts receive)
{
	if (receive.v == 0)
		return -1;
	for (int i = 0; i < XLEAVE_WAYS; i++)
		if (set->receive[i] == receive.v &&
		    (set->client[i] & ~PROVEN) == tag_of(client))
			return i;
	return -1;
}

struct ntp_ts
xleave_take(struct xleave_store *il, uint64_t client, struct ntp_ts origin)
{
	struct xleave_set *set = find_set(il, client, origin);
	int i = find(set, client, origin);

	if (i == -1)
		return (struct ntp_ts){ 0 };
	set->receive[i] = 0;
	return (struct ntp_ts){ origin.v + set->took[i] };
}

void
xleave_correct(struct xleave_store *il, const struct xleave_entry *a)
{
	struct xleave_set *set = find_set(il, a->client, a->receive);
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
 * The worth of an entry; the one worth least is replaced.  A free entry is
 * worth nothing.  One that is unproven, or was proven long ago, is worth
 * little.  Among equals, the older is worth less.  The age is exact within the
 * timestamps' era.
 */
static uint64_t
worth(const struct xleave_set *set, int i, uint64_t now)
{
	uint64_t age = now - set->receive[i];
	uint64_t rank = 1;

	if (set->receive[i] == 0)
		return 0;
	if ((age & UINT64_C(1) << 63) != 0)
		age = 0; /* the clock was set back */
	if ((set->client[i] & PROVEN) != 0 && age >> 32 < KEEP_PROVEN_S)
		rank = 2;
	/* an age is below 2^63: without its last 8 bits it fits in 55 */
	return rank << 60 | ((UINT64_C(1) << 55) - 1 - (age >> 8));
}

void
xleave_keep(struct xleave_store *il, const struct xleave_entry *a)
{
	struct xleave_set *set = find_set(il, a->client, a->receive);
	uint64_t took = a->transmit.v - a->receive.v;
	uint64_t least = UINT64_MAX;
	int at = 0;

	if (took > UINT32_MAX)
		return;
	for (int i = 0; i < XLEAVE_WAYS; i++) {
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
