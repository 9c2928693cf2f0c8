/*
 * Clients and their rates, see limit.h.  Run by ntp-serve and the tests.  A
 * request touches two cache lines: a set, and the client's record.  It must
 * never take more time for one client than for another, nor more memory.
 */
#include "core/serve/limit.h"

#include <string.h>

#define LIMIT_IS_KNOWN UINT32_C(0x80000000) /* in limit_set.seen */
#define TICK_BITS      30 /* the unit of limit_set.seen: 2^30 ns */
#define FORGET_TICKS   ((uint32_t)(LIMIT_FORGET_NS >> TICK_BITS))
#define IDLE_TICKS     1024 /* just over 1024 s, the usual longest poll */

#define LEAK_MASK    UINT64_C(7)
#define KISS_MASK    UINT64_C(15)
#define KISS_SHIFT   8 /* not the random bits of the leak */
#define VICTIM_SHIFT 12

static const struct siphash_rounds rounds = { 1, 3 };

void
limit_init(struct limit *l, struct siphash_key key,
    struct limit_client *clients, struct limit_set *sets)
{
	*l = (struct limit){ .key = key, .clients = clients, .sets = sets };
}

bool
limit_rate_ok(const struct limit_rate *rate)
{
	if (rate->interval_ns == 0)
		return true;
	return rate->interval_ns >= LIMIT_INTERVAL_MIN &&
	    rate->interval_ns <= LIMIT_INTERVAL_MAX && rate->burst >= 1 &&
	    rate->burst <= LIMIT_BURST_MAX;
}

void
limit_set_rate(struct limit *l, const struct limit_rate *rate)
{
	l->rate = *rate;
}

/* --- the table ------------------------------------------------------------ */

/* The index of a tag in a set, or LIMIT_WAYS. */
static uint32_t
find_tag(const struct limit_set *set, uint32_t tag)
{
	uint32_t way = LIMIT_WAYS;

	for (uint32_t i = 0; i < LIMIT_WAYS; i++)
		way = set->tag[i] == tag ? i : way;
	return way;
}

static bool
is_known(const struct limit_set *set, uint32_t way, uint32_t tick)
{
	uint32_t seen = set->seen[way];

	return (seen & LIMIT_IS_KNOWN) != 0 &&
	    tick - (seen & ~LIMIT_IS_KNOWN) < FORGET_TICKS;
}

/*
 * The client that a new one replaces: of those that are not known, the one that
 * has been away longest, if that is longer than IDLE_TICKS; otherwise a random
 * one.  If the oldest were replaced when more clients take turns than there are
 * places, each would be gone before it came again, and none would ever be
 * known.
 */
static uint32_t
find_victim(const struct limit_set *set, uint32_t tick, uint64_t random)
{
	uint32_t start = (uint32_t)(random >> VICTIM_SHIFT);
	uint32_t victim = 0, longest = IDLE_TICKS;

	for (uint32_t i = 0; i < LIMIT_WAYS; i++) {
		uint32_t way = (start + i) % LIMIT_WAYS;
		uint32_t age = tick - (set->seen[way] & ~LIMIT_IS_KNOWN);

		if (set->tag[way] == 0)
			return way;
		if (is_known(set, way, tick) || age < longest)
			continue;
		victim = way;
		longest = age;
	}
	if (longest > IDLE_TICKS)
		return victim;
	/* At most LIMIT_KEPT are known, unless time went backwards. */
	for (uint32_t i = 0; i < LIMIT_WAYS - 1; i++)
		start += is_known(set, start % LIMIT_WAYS, tick) ? 1 : 0;
	return start % LIMIT_WAYS;
}

/* A client came again: is there room for one more known client? */
static bool
may_keep(const struct limit_set *set, uint32_t tick)
{
	uint32_t known = 0;

	for (uint32_t i = 0; i < LIMIT_WAYS; i++)
		known += is_known(set, i, tick) ? 1 : 0;
	return known < LIMIT_KEPT;
}

static void
replace(struct limit_client *c, const struct limit_address *who, int64_t now_ns)
{
	c->owner++;
	c->prefix = who->prefix;
	c->first_ns = now_ns;
	c->last_ns = now_ns;
	c->full_ns = 0;
	c->kiss_ns = 0;
	c->answered = 0;
	c->dropped = 0;
	c->kisses = 0;
	c->family = (uint8_t)who->family;
	c->owner++;
}

/* Enter a new client in the place of another; returns its index in the set. */
static uint32_t
enter(struct limit_set *set, uint32_t tag, uint32_t tick, uint64_t random)
{
	uint32_t way = find_tag(set, tag);

	/*
	 * Two clients with the same tag (a chance of 2^-31) replace each other.
	 */
	if (way == LIMIT_WAYS)
		way = find_victim(set, tick, random);
	set->tag[way] = tag;
	set->seen[way] = tick;
	return way;
}

/* A client that is in the table came again. */
static void
renew(struct limit_set *set, uint32_t way, bool came_again, uint32_t tick)
{
	bool known =
	    is_known(set, way, tick) || (came_again && may_keep(set, tick));

	set->seen[way] = tick | (known ? LIMIT_IS_KNOWN : 0);
}

/* Never 0, which marks a free place. */
static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

void
limit_prefetch(const struct limit *l, struct limit_address *who)
{
	who->hash = siphash_words(l->key, rounds, who->prefix,
	    UINT64_C(9) << 56 | (uint64_t)who->family);
	__builtin_prefetch(&l->sets[(uint32_t)who->hash % LIMIT_SETS], 1);
}

void
limit_prefetch_record(const struct limit *l, const struct limit_address *who)
{
	uint32_t index = (uint32_t)who->hash % LIMIT_SETS;
	uint32_t way = find_tag(&l->sets[index], tag_of(who->hash));

	if (way < LIMIT_WAYS)
		__builtin_prefetch(&l->clients[index * LIMIT_WAYS + way], 1);
}

static uint32_t
tick_of(int64_t now_ns)
{
	return (uint32_t)(now_ns >> TICK_BITS);
}

bool
limit_is_known(
    const struct limit *l, const struct limit_address *who, int64_t now_ns)
{
	const struct limit_set *set =
	    &l->sets[(uint32_t)who->hash % LIMIT_SETS];
	uint32_t way = find_tag(set, tag_of(who->hash));

	return way < LIMIT_WAYS && is_known(set, way, tick_of(now_ns));
}

/* The client's record; a new one if it had none. */
static struct limit_client *
look_up(struct limit *l, const struct limit_address *who, int64_t now_ns,
    uint64_t random)
{
	uint32_t index = (uint32_t)who->hash % LIMIT_SETS;
	uint32_t tag = tag_of(who->hash);
	uint32_t tick = tick_of(now_ns);
	struct limit_set *set = &l->sets[index];
	struct limit_client *c = &l->clients[index * LIMIT_WAYS];
	uint32_t way = find_tag(set, tag);

	if (way < LIMIT_WAYS && c[way].prefix == who->prefix &&
	    c[way].family == (uint8_t)who->family) {
		c += way;
		renew(set, way, now_ns - c->first_ns >= LIMIT_KNOWN_NS, tick);
		c->last_ns = now_ns;
		return c;
	}
	c += enter(set, tag, tick, random);
	replace(c, who, now_ns);
	return c;
}

/* --- the rate ------------------------------------------------------------- */

/* Take one token from the bucket; false if it is empty. */
static bool
take(struct limit_client *c, const struct limit_rate *rate, int64_t now_ns)
{
	int64_t empty_ns = now_ns + rate->interval_ns * (int64_t)rate->burst;
	int64_t full_ns = c->full_ns > now_ns ? c->full_ns : now_ns;

	if (full_ns > empty_ns)
		full_ns = empty_ns; /* it was filled at another rate */
	c->full_ns = full_ns;
	if (full_ns + rate->interval_ns > empty_ns)
		return false;
	c->full_ns += rate->interval_ns;
	return true;
}

static void
note_kiss(struct limit_client *c)
{
	if (c->kisses < UINT16_MAX)
		c->kisses++;
}

static enum limit_verdict
refuse(struct limit_client *c, int64_t now_ns, uint64_t random)
{
	c->dropped++;
	if ((random >> KISS_SHIFT & KISS_MASK) != 0)
		return LIMIT_DROP;
	if (c->kiss_ns != 0 && now_ns - c->kiss_ns < LIMIT_KISS_NS)
		return LIMIT_DROP;
	c->kiss_ns = now_ns;
	note_kiss(c);
	return LIMIT_KISS;
}

enum limit_verdict
limit_judge(struct limit *l, const struct limit_address *who, int64_t now_ns,
    uint64_t random)
{
	struct limit_client *c = look_up(l, who, now_ns, random);
	bool within = l->rate.interval_ns == 0 || take(c, &l->rate, now_ns);

	if (!within && (random & LEAK_MASK) != 0)
		return refuse(c, now_ns, random);
	c->answered++;
	return within ? LIMIT_ANSWER : LIMIT_LEAK;
}

enum limit_verdict
limit_deny(struct limit *l, const struct limit_address *who, int64_t now_ns,
    uint64_t random)
{
	struct limit_client *c = look_up(l, who, now_ns, random);
	bool within = l->rate.interval_ns == 0 || take(c, &l->rate, now_ns);

	c->dropped++;
	if (!within && (random & LEAK_MASK) != 0)
		return LIMIT_DROP;
	note_kiss(c);
	return LIMIT_KISS;
}
