/*
 * The grain of timestamps, see grain.h.  Run by ntp-net.  It must never take
 * stamps for coarse that fit by chance.
 */
#include "core/filter/grain.h"

#include "core/saturate.h"

#define NEAR	 UINT64_C(4295) /* 1 us in 2^-32 s, for stamps rounded to it */
#define APART_NS INT64_C(20000) /* far enough from a part to be evidence */
#define FINER	 16		/* true grain: up to this many times finer */
#define EVIDENCE (GRAIN_STAMPS - 2) /* needed of the steps between stamps */

/* Is a fraction of a second nearly a whole multiple of 1/parts? */
static bool
is_whole(uint32_t fraction, uint32_t parts)
{
	uint64_t rest = (uint64_t)fraction * parts & UINT32_MAX;

	return rest <= NEAR * parts || rest >= UINT32_MAX - NEAR * parts;
}

/*
 * By the time that passed on our own line since another stamp, could this one
 * have been between two parts?  If not, it is no evidence.
 */
static bool
is_evidence(
    const struct grain_stamp *s, const struct grain_stamp *from, uint32_t parts)
{
	int64_t part_ns = NS_PER_S / (int64_t)parts;
	int64_t rest_ns = sat_sub(s->raw_ns, from->raw_ns) % part_ns;

	if (rest_ns < 0)
		rest_ns += part_ns;
	return rest_ns > APART_NS && part_ns - rest_ns > APART_NS;
}

/* In order of age, the oldest first. */
static const struct grain_stamp *
stamp_at(const struct grain *g, uint32_t i)
{
	return &g->stamps[(g->next + i) % GRAIN_STAMPS];
}

static bool
all_fit(const struct grain *g, uint32_t parts)
{
	uint32_t evidence = 0;

	for (uint32_t i = 0; i < GRAIN_STAMPS; i++)
		if (!is_whole(g->stamps[i].fraction, parts))
			return false;
	for (uint32_t i = 1; i < GRAIN_STAMPS; i++)
		evidence +=
		    is_evidence(stamp_at(g, i), stamp_at(g, i - 1), parts);
	return evidence >= EVIDENCE;
}

/* The fewest parts, among these and their multiples, that fit; 0 if none do. */
static uint32_t
find(const struct grain *g, uint32_t from, uint32_t most)
{
	if (g->count < GRAIN_STAMPS)
		return 0;
	for (uint32_t parts = from; parts <= most && parts <= GRAIN_PARTS;
	     parts += from)
		if (all_fit(g, parts))
			return parts;
	return 0;
}

int64_t
grain_push(struct grain *g, struct ntp_ts stamp, struct mono at)
{
	uint32_t fraction = (uint32_t)(stamp.v & UINT32_MAX);

	g->stamps[g->next] = (struct grain_stamp){ fraction, at.ns };
	g->next = (g->next + 1) % GRAIN_STAMPS;
	if (g->count < GRAIN_STAMPS)
		g->count++;
	if (g->parts == 0)
		g->parts = find(g, 1, GRAIN_PARTS);
	else if (!is_whole(fraction, g->parts)) {
		g->parts = find(g, g->parts, g->parts * FINER);
		if (g->parts == 0)
			g->count = 0;
	}
	return g->parts == 0 ? 0 : NS_PER_S / (int64_t)g->parts;
}
